"""What goes wrong outside the rules, on every backend: planted codes, lost answers, servers that are away."""

from datetime import timedelta
from typing import Any

import pytest
from worlds import NAME, World, call_example, prepare_example, replace

from dhcpfo.api import FUNCTIONS
from dhcpfo.errors import DhcpError, ErrorCode, ServerUnavailableError

BY_INJECTION = [
    ErrorCode.ERROR_NOT_ENOUGH_MEMORY,
    ErrorCode.RPC_S_PROCNUM_OUT_OF_RANGE,
    ErrorCode.ERROR_DHCP_INVALID_DHCP_CLIENT,
    ErrorCode.ERROR_DHCP_FO_NOT_SUPPORTED,
    ErrorCode.ERROR_DHCP_FO_TIME_OUT_OF_SYNC,
    ErrorCode.ERROR_DHCP_NO_ADMIN_PERMISSION,
    ErrorCode.ERROR_DHCP_SERVER_NOT_REACHABLE,
    ErrorCode.ERROR_DHCP_SERVER_NOT_RUNNING,
    ErrorCode.ERROR_DHCP_SERVER_NAME_NOT_RESOLVED,
    ErrorCode.ERROR_DHCP_REACHED_END_OF_SELECTION,
    ErrorCode.ERROR_DHCP_FO_ADDSCOPE_LEASES_NOT_SYNCED,
    ErrorCode.ERROR_DHCP_FO_BOOT_NOT_SUPPORTED,
    ErrorCode.ERROR_DHCP_FO_RANGE_PART_OF_REL,
    ErrorCode.ERROR_DHCP_FO_FEATURE_NOT_SUPPORTED,
    54321,
]
"""Codes that are documented, or may come, and that no rule of these functions yields by default."""


def snapshot(world: World) -> dict[str, Any]:
    return world.lab.to_dict(secrets=True)["hosts"]["dhcp1"] | {"faults": None}


@pytest.fixture
def paired(world: World) -> World:
    world.normal()
    return world


@pytest.mark.parametrize("code", BY_INJECTION, ids=lambda code: f"injected-{int(code)}")
@pytest.mark.parametrize(
    "function",
    ["create_relationship", "enum_relationships", "add_failover_scopes", "get_failover_client", "get_version"],
)
def test_a_code_that_no_rule_yields(world: World, function: str, code: int) -> None:
    prepare_example(world, function)
    world.lab.fail("dhcp1", function, code)
    with pytest.raises(DhcpError) as failed:
        call_example(world.api("dhcp1"), function)
    assert (failed.value.winerror, failed.value.function) == (code, FUNCTIONS[function].name)
    call_example(world.api("dhcp1"), function)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_call_that_is_dropped_before_it_is_carried_out(world: World, function: str) -> None:
    prepare_example(world, function)
    before = snapshot(world)
    world.lab.drop("dhcp1", function, carried_out=False)
    with pytest.raises(ServerUnavailableError) as lost:
        call_example(world.api("dhcp1"), function)
    assert lost.value.winerror == 1726
    assert snapshot(world) == before


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_call_with_a_lost_answer(world: World, function: str) -> None:
    """It leaves exactly what the undisturbed call leaves."""
    prepare_example(world, function)
    start = world.lab.to_dict(secrets=True)
    world.lab.drop("dhcp1", function, carried_out=True)
    with pytest.raises(ServerUnavailableError) as lost:
        call_example(world.api("dhcp1"), function)
    assert lost.value.winerror == 1726
    undisturbed = type(world.lab).from_dict(start)
    call_example(undisturbed.connect("dhcp1", direct=True).api, function)
    assert snapshot(world) == snapshot(replace(world, lab=undisturbed))


def test_a_lost_refusal_is_lost_too(paired: World) -> None:
    paired.lab.drop("dhcp1", "delete_relationship", carried_out=True)
    with pytest.raises(ServerUnavailableError):
        paired.api("dhcp1").delete_relationship("nobody")


def test_a_fault_waits_for_its_call(paired: World) -> None:
    paired.lab.fail("dhcp1", "get_relationship", 5, call=3)
    paired.lab.fail("dhcp1", None, 8, call=2)
    api = paired.api("dhcp1")
    codes = []
    for _ in range(4):
        try:
            api.get_relationship(NAME)
            codes.append(0)
        except DhcpError as error:
            codes.append(error.winerror)
    assert codes == [0, 8, 5, 0]


def test_faults_can_be_taken_back(paired: World) -> None:
    paired.lab.fail("dhcp1", None, 5)
    paired.lab.clear_faults("dhcp1")
    paired.api("dhcp1").get_relationship(NAME)


@pytest.mark.parametrize("items", [0, 1, 2])
def test_a_partial_page_is_continued(world: World, items: int) -> None:
    world.fill(3)
    world.lab.limit_page("dhcp1", items)
    page = world.api("dhcp1").enum_relationships()
    assert (len(page.items), page.resume, page.remaining, page.status) == (items, items, 3 - items, 234)
    rest = world.api("dhcp1").enum_relationships(page.resume)
    assert (len(rest.items), rest.status) == (3 - items, 0)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(("away", "code"), [("stop", 1753), ("power_off", 1722)])
def test_a_server_that_is_away(world: World, function: str, away: str, code: int) -> None:
    prepare_example(world, function)
    before = [end["relationship"] for end in snapshot(world)["endpoints"]]
    getattr(world.lab, away)("dhcp1")
    with pytest.raises(ServerUnavailableError) as failed:
        call_example(world.api("dhcp1"), function)
    assert failed.value.winerror == code
    assert [end["relationship"] for end in snapshot(world)["endpoints"]] == before
    world.lab.start("dhcp1")
    call_example(world.api("dhcp1"), "get_version")


def test_a_closed_lab_cannot_be_reached(world: World) -> None:
    api = world.api("dhcp1")
    world.lab.close()
    with pytest.raises(ServerUnavailableError) as failed:
        api.get_system_time()
    assert failed.value.winerror == 1722


def test_a_slow_server_answers_all_the_same(paired: World) -> None:
    paired.lab.set_delay("dhcp1", timedelta(milliseconds=1))
    assert paired.api("dhcp1").get_relationship(NAME).name == NAME
