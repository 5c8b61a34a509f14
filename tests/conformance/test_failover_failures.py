"""What goes wrong outside the rules, on every route: planted codes, lost answers, servers that are away."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from worlds import NAME, OTHER, SCOPE, RelationshipFlags, World, relationship, replace

from dhcpfo.api import FUNCTIONS, ManagementApi
from dhcpfo.enums import SearchType
from dhcpfo.errors import DhcpError, ErrorCode, ServerUnavailableError
from dhcpfo.models import ClientSearch, RelationshipValues
from examples import ARGUMENTS

MAC = bytes.fromhex("00155d010203")

CALLS: dict[str, Callable[[ManagementApi], object]] = {
    "create_relationship": lambda api: api.create_relationship(relationship(name="new", scopes=[OTHER])),
    "set_relationship": lambda api: api.set_relationship(
        NAME, RelationshipFlags.PERCENTAGE, RelationshipValues(percentage=60)
    ),
    "delete_relationship": lambda api: api.delete_relationship(NAME),
    "get_relationship": lambda api: api.get_relationship(NAME),
    "enum_relationships": lambda api: api.enum_relationships(),
    "add_failover_scopes": lambda api: api.add_failover_scopes(NAME, [OTHER]),
    "remove_failover_scopes": lambda api: api.remove_failover_scopes(NAME, [SCOPE]),
    "get_scope_relationship": lambda api: api.get_scope_relationship(SCOPE),
    "get_scope_statistics": lambda api: api.get_scope_statistics(SCOPE),
    "get_failover_client": lambda api: api.get_failover_client(ClientSearch(type=SearchType.NAME, value="host")),
    "get_system_time": lambda api: api.get_system_time(),
    "get_address_status": lambda api: api.get_address_status(SCOPE + 1),
    "trigger_address_allocation": lambda api: api.trigger_address_allocation(NAME),
    "get_version": lambda api: api.get_version(),
    "query_attributes": lambda api: api.query_attributes(ARGUMENTS["query_attributes"][0]),
}

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
    world.lab.lease(SCOPE, MAC, name="host")
    return world


def test_every_function_has_a_call() -> None:
    assert CALLS.keys() == FUNCTIONS.keys()


@pytest.mark.parametrize("code", BY_INJECTION, ids=lambda code: f"injected-{int(code)}")
@pytest.mark.parametrize(
    "function", ["create_relationship", "enum_relationships", "add_failover_scopes", "get_failover_client"]
)
def test_a_code_that_no_rule_yields(paired: World, function: str, code: int) -> None:
    paired.lab.fail("dhcp1", function, code)
    with pytest.raises(DhcpError) as failed:
        CALLS[function](paired.api("dhcp1"))
    assert (failed.value.winerror, failed.value.function) == (code, FUNCTIONS[function].name)
    CALLS[function](paired.api("dhcp1"))


@pytest.mark.parametrize("function", CALLS)
def test_a_call_that_is_dropped_before_it_is_carried_out(paired: World, function: str) -> None:
    before = snapshot(paired)
    paired.lab.drop("dhcp1", function, carried_out=False)
    with pytest.raises(ServerUnavailableError) as lost:
        CALLS[function](paired.api("dhcp1"))
    assert lost.value.winerror == 1726
    assert snapshot(paired) == before


@pytest.mark.parametrize("function", CALLS)
def test_a_call_whose_answer_is_lost(paired: World, function: str) -> None:
    """It leaves exactly what the undisturbed call leaves."""
    start = paired.lab.to_dict(secrets=True)
    paired.lab.drop("dhcp1", function, carried_out=True)
    with pytest.raises(ServerUnavailableError) as lost:
        CALLS[function](paired.api("dhcp1"))
    assert lost.value.winerror == 1726
    undisturbed = type(paired.lab).from_dict(start)
    CALLS[function](undisturbed.connect("dhcp1", direct=True).api)
    assert snapshot(paired) == snapshot(replace(paired, lab=undisturbed))


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


@pytest.mark.parametrize("function", CALLS)
@pytest.mark.parametrize(("away", "code"), [("stop", 1753), ("power_off", 1722)])
def test_a_server_that_is_away(paired: World, function: str, away: str, code: int) -> None:
    before = snapshot(paired)["endpoints"][0]["relationship"]
    getattr(paired.lab, away)("dhcp1")
    with pytest.raises(ServerUnavailableError) as failed:
        CALLS[function](paired.api("dhcp1"))
    assert failed.value.winerror == code
    assert snapshot(paired)["endpoints"][0]["relationship"] == before
    paired.lab.start("dhcp1")
    assert paired.api("dhcp1").get_relationship(NAME).name == NAME


def test_a_closed_lab_cannot_be_reached(world: World) -> None:
    api = world.api("dhcp1")
    world.lab.close()
    with pytest.raises(ServerUnavailableError) as failed:
        api.get_system_time()
    assert failed.value.winerror == 1722


def test_a_slow_server_answers_all_the_same(paired: World) -> None:
    paired.lab.set_delay("dhcp1", timedelta(milliseconds=1))
    assert paired.api("dhcp1").get_relationship(NAME).name == NAME
