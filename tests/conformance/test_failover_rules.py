"""Every rule of the functions, on every backend.

A case is named after its rule: function, then the number of the check in that function's section of [MS-DHCPM]. Each
refusal is tested twice: alone, and together with all later rules of its function broken too, which shows the order.
"""

from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

import pytest
from worlds import (
    BOOTP,
    DHCP1,
    MISSING,
    NAME,
    OTHER,
    SCOPE,
    THIRD,
    FailoverState,
    RelationshipFlags,
    RelationshipValues,
    Rights,
    World,
    relationship,
)

from dhcpfo.api import ManagementApi
from dhcpfo.enums import FailoverMode, SearchType, ServerType
from dhcpfo.errors import DhcpError
from dhcpfo.models import ClientSearch

Broken = frozenset[int]
Call = Callable[[World, Broken], object]

REFUSALS = {
    "create": {1: 5, 2: 87, 3: 20005, 4: 87, 5: 20125, 6: 20128, 7: 20113, 8: 20114},
    "set": {1: 87, 2: 5, 3: 20115},
    "delete": {2: 5, 3: 20115},
    "get": {2: 5, 3: 20115},
    "enum": {2: 5, 4: 259},
    "add": {1: 87, 2: 5, 3: 20005, 4: 87, 5: 2, 6: 20113, 7: 20115, 8: 20120},
    "remove": {1: 87, 2: 5, 3: 20005, 4: 87, 5: 2, 6: 20115, 7: 20116},
    "scope-relationship": {1: 87, 2: 5, 3: 20116},
    "statistics": {1: 87, 2: 5, 3: 2},
    "client": {3: 5, 4: 20013},
    "trigger": {1: 5, 3: 20115, 4: 20117},
    "address-status": {1: 5, 2: 87, 3: 20116},
}
"""The code of each check that can fail by what a caller says."""

AT_THE_C_LEVEL = {"delete": {1}, "get": {1}, "enum": {1}, "client": {1, 2}, "trigger": {2}, "time": {1}}
"""The checks that are about NULL pointers alone: the tests of the C functions have them."""

EFFECTS = {
    "create": {9},
    "set": {4},
    "delete": {4},
    "get": {4},
    "enum": {3, 5, 6},
    "add": {9},
    "remove": {8},
    "scope-relationship": {4},
    "statistics": {4},
    "client": {5},
    "time": {2, 3},
    "trigger": {5},
    "address-status": {4},
}
"""What a call does when no check fails: test_failover_effects.py has these."""

LAST_RULE = {
    "create": 9,
    "set": 4,
    "delete": 4,
    "get": 4,
    "enum": 6,
    "add": 9,
    "remove": 8,
    "scope-relationship": 4,
    "statistics": 4,
    "client": 5,
    "time": 3,
    "trigger": 5,
    "address-status": 4,
}


def caller(world: World, broken: Broken, access: int, needs: Rights) -> ManagementApi:
    """Connect to dhcp1 with just enough rights, or where the access rule is to be broken, just too few."""
    too_few = Rights.USER if needs is Rights.ADMINISTRATOR else Rights.NONE
    return world.api("dhcp1", too_few if access in broken else needs)


def create(world: World, broken: Broken) -> object:
    if 7 in broken:
        world.api("dhcp1").create_relationship(relationship(name="holder", scopes=[OTHER]))
    if 8 in broken:
        world.api("dhcp1").create_relationship(relationship(scopes=[THIRD]))
    if 6 in broken:
        world.fill(31 - len({7, 8} & broken))
    scopes = [OTHER if 7 in broken else SCOPE, *[BOOTP] * (4 in broken), *[MISSING] * (3 in broken)]
    wanted = relationship(
        name="n" * 127 if 5 in broken else NAME,
        percentage=101 if 2 in broken else 50,
        scopes=scopes,
    )
    return caller(world, broken, 1, Rights.ADMINISTRATOR).create_relationship(wanted)


def set_(world: World, broken: Broken) -> object:
    world.pair()
    values = RelationshipValues(percentage=101 if 1 in broken else 60)
    api = caller(world, broken, 2, Rights.ADMINISTRATOR)
    return api.set_relationship("nobody" if 3 in broken else NAME, RelationshipFlags.PERCENTAGE, values)


def delete(world: World, broken: Broken) -> object:
    world.pair()
    return caller(world, broken, 2, Rights.ADMINISTRATOR).delete_relationship("nobody" if 3 in broken else NAME)


def get(world: World, broken: Broken) -> object:
    world.pair()
    return caller(world, broken, 2, Rights.USER).get_relationship("nobody" if 3 in broken else NAME)


def enum_(world: World, broken: Broken) -> object:
    world.pair()
    return caller(world, broken, 2, Rights.USER).enum_relationships(1 if 4 in broken else 0)


def scopes_to_change(broken: Broken, scope: IPv4Address) -> list[IPv4Address]:
    if 1 in broken:
        return []
    return [scope, *[BOOTP] * (4 in broken), *[MISSING] * (3 in broken)]


def add(world: World, broken: Broken) -> object:
    if 5 not in broken:
        if 8 in broken:
            world.pair()
        else:
            world.normal()
    api = caller(world, broken, 2, Rights.ADMINISTRATOR)
    scopes = scopes_to_change(broken, SCOPE if 6 in broken else OTHER)
    return api.add_failover_scopes("nobody" if 7 in broken else NAME, scopes)


def remove(world: World, broken: Broken) -> object:
    if 5 not in broken:
        world.normal()
    api = caller(world, broken, 2, Rights.ADMINISTRATOR)
    scopes = scopes_to_change(broken, OTHER if 7 in broken else SCOPE)
    return api.remove_failover_scopes("nobody" if 6 in broken else NAME, scopes)


def scope_argument(broken: Broken, wrong: IPv4Address) -> IPv4Address:
    if 1 in broken:
        return IPv4Address(0)
    return wrong if 3 in broken else SCOPE


def scope_relationship(world: World, broken: Broken) -> object:
    world.pair()
    return caller(world, broken, 2, Rights.USER).get_scope_relationship(scope_argument(broken, OTHER))


def statistics(world: World, broken: Broken) -> object:
    world.pair()
    return caller(world, broken, 2, Rights.USER).get_scope_statistics(scope_argument(broken, OTHER))


def client(world: World, broken: Broken) -> object:
    world.lab.lease(SCOPE, b"\x02\0\0\0\0\x01", name="host")
    name = "nobody" if 4 in broken else "host"
    return caller(world, broken, 3, Rights.USER).get_failover_client(ClientSearch(type=SearchType.NAME, value=name))


def trigger(world: World, broken: Broken) -> object:
    role = ServerType.SECONDARY if 4 in broken else ServerType.PRIMARY
    world.api("dhcp1").create_relationship(relationship(server_type=role))
    api = caller(world, broken, 1, Rights.ADMINISTRATOR)
    return api.trigger_address_allocation("nobody" if 3 in broken else NAME)


def address_status(world: World, broken: Broken) -> object:
    world.pair()
    network = MISSING if 2 in broken else OTHER if 3 in broken else SCOPE
    return caller(world, broken, 1, Rights.USER).get_address_status(network + 10)


CALLS: dict[str, Call] = {
    "create": create,
    "set": set_,
    "delete": delete,
    "get": get,
    "enum": enum_,
    "add": add,
    "remove": remove,
    "scope-relationship": scope_relationship,
    "statistics": statistics,
    "client": client,
    "trigger": trigger,
    "address-status": address_status,
}

RULES = [(function, rule, code) for function, rules in REFUSALS.items() for rule, code in rules.items()]
RULE_IDS = [f"{function}-{rule}" for function, rule, _ in RULES]


def code_of(call: Call, world: World, broken: Broken) -> int:
    try:
        answer: Any = call(world, broken)
    except DhcpError as error:
        return error.winerror
    return getattr(answer, "status", 0)


@pytest.mark.parametrize("function", CALLS)
def test_nothing_broken_is_accepted(world: World, function: str) -> None:
    assert code_of(CALLS[function], world, frozenset()) == 0


@pytest.mark.parametrize(("function", "rule", "code"), RULES, ids=RULE_IDS)
def test_a_rule_alone(world: World, function: str, rule: int, code: int) -> None:
    assert code_of(CALLS[function], world, frozenset({rule})) == code


@pytest.mark.parametrize(("function", "rule", "code"), RULES, ids=RULE_IDS)
def test_a_rule_before_all_later_ones(world: World, function: str, rule: int, code: int) -> None:
    later = frozenset(other for other in REFUSALS[function] if other >= rule)
    assert code_of(CALLS[function], world, later) == code


def test_every_rule_is_covered() -> None:
    for function, last in LAST_RULE.items():
        covered = REFUSALS.get(function, {}).keys() | AT_THE_C_LEVEL.get(function, set()) | EFFECTS[function]
        assert covered == set(range(1, last + 1)), function


# The other ways to break the rules that name several

INCOMPLETE = {
    "create-2-primary_server": {"primary_server": "0.0.0.0"},
    "create-2-secondary_server": {"secondary_server": "0.0.0.0"},
    "create-2-scopes": {"scopes": []},
    "create-2-percentage": {"percentage": 255},
    "create-2-mode": {"mode": FailoverMode(2)},
    "create-2-server_type": {"server_type": ServerType(2)},
}


@pytest.mark.parametrize("changes", INCOMPLETE.values(), ids=INCOMPLETE)
def test_incomplete_relationships_are_refused(world: World, changes: dict[str, Any]) -> None:
    with pytest.raises(DhcpError) as refused:
        world.api("dhcp1").create_relationship(relationship(**changes))
    assert refused.value.winerror == 87
    assert refused.value.relationship == NAME


BAD_VALUES = {
    "set-1-no-flag": (RelationshipFlags(0), RelationshipValues()),
    "set-1-unknown-flag": (RelationshipFlags(0x81), RelationshipValues()),
    "set-1-percentage": (RelationshipFlags.PERCENTAGE, RelationshipValues(percentage=101)),
    "set-1-mode": (RelationshipFlags.MODE, RelationshipValues(mode=FailoverMode(2))),
}


@pytest.mark.parametrize(("flags", "values"), BAD_VALUES.values(), ids=BAD_VALUES)
def test_bad_values_are_refused(world: World, flags: RelationshipFlags, values: RelationshipValues) -> None:
    world.pair()
    with pytest.raises(DhcpError) as refused:
        world.api("dhcp1").set_relationship(NAME, flags, values)
    assert refused.value.winerror == 87


def test_add_1_more_than_400_scopes(world: World) -> None:
    world.normal()
    too_many = [MISSING + number * 256 for number in range(401)]
    with pytest.raises(DhcpError) as refused:
        world.api("dhcp1", Rights.NONE).add_failover_scopes(NAME, too_many)
    assert refused.value.winerror == 20130
    with pytest.raises(DhcpError) as refused:
        world.api("dhcp1").add_failover_scopes(NAME, too_many[:400])
    assert refused.value.winerror == 20005


@pytest.mark.parametrize("function", ["add_failover_scopes", "remove_failover_scopes"], ids=["add-8", "remove-7"])
def test_a_server_that_is_re_integrating_is_busy(world: World, function: str) -> None:
    """dhcp1 is NORMAL again a moment before dhcp2, which it has just told the last leases."""
    world.normal()
    world.lab.power_off("dhcp2")
    world.lab.advance(world.lab.timers.receive)
    api = world.api("dhcp1")
    api.set_relationship(NAME, RelationshipFlags.STATE, RelationshipValues(state=FailoverState.PARTNER_DOWN))
    world.lab.start("dhcp2")
    while api.get_relationship(NAME).state != FailoverState.NORMAL:
        world.lab.advance(world.lab.timers.exchange)
    assert world.api("dhcp2").get_relationship(NAME).state == FailoverState.RECOVER_DONE
    scopes = [OTHER] if function == "add_failover_scopes" else [SCOPE]
    with pytest.raises(DhcpError) as refused:
        getattr(api, function)(NAME, scopes)
    assert refused.value.winerror == 20133
    assert refused.value.retryable
    assert (refused.value.relationship, refused.value.scope) == (NAME, scopes[0])
    world.lab.advance(world.lab.timers.exchange)
    getattr(api, function)(NAME, scopes)


@pytest.mark.parametrize("rule", ["client-4-address", "client-4-client_id"])
def test_other_searches_that_find_nobody(world: World, rule: str) -> None:
    search = ClientSearch(type=SearchType.ADDRESS, value=SCOPE + 9)
    if rule.endswith("client_id"):
        search = ClientSearch(type=SearchType.CLIENT_ID, value=b"\x01\x02")
    with pytest.raises(DhcpError) as refused:
        world.api("dhcp1").get_failover_client(search)
    assert refused.value.winerror == 20013
    assert refused.value.address == search.address


def test_what_an_error_is_about(world: World) -> None:
    world.pair()
    api = world.api("dhcp1")
    with pytest.raises(DhcpError) as refused:
        api.get_scope_statistics(OTHER)
    error = refused.value
    assert (error.function, error.server) == ("DhcpV4FailoverGetScopeStatistics", "dhcp1")
    assert (error.relationship, error.scope, error.address) == (None, OTHER, None)
    with pytest.raises(DhcpError) as refused:
        api.get_address_status(DHCP1)
    assert (refused.value.scope, refused.value.address) == (None, DHCP1)
    with pytest.raises(DhcpError) as refused:
        api.remove_failover_scopes("nobody", [SCOPE, OTHER])
    assert (refused.value.relationship, refused.value.scope) == ("nobody", None)
