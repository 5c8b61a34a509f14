"""The range of a scope and the ranges of its policies: the one cannot leave out the other (20112)."""

from dataclasses import replace

import pytest
from worlds import SCOPE, World

from dhcpfo.enums import ElementType, ForceFlag, RangeType
from dhcpfo.errors import DhcpError
from dhcpfo.models import AddressRange, Policy, PolicyAttribute, PolicyCondition, ScopeElement, ScopeRange

CONFLICT = 20112


@pytest.fixture
def api(world: World):
    """A server with a scope of which a policy has the addresses 50 to 60."""
    api = world.api("dhcp1")
    condition = PolicyCondition.of(PolicyAttribute.MAC_ADDRESS, value="00-1c-25-00-00-01")
    span = AddressRange(SCOPE + 50, SCOPE + 60)
    api.create_policy(Policy.build("P1", condition, scope=SCOPE, ranges=[span]))
    return api


def scope_range(first, last, kind=RangeType.DHCP):
    value = ScopeRange(start=SCOPE + first, end=SCOPE + last, type=kind)
    return ScopeElement(type=ElementType(int(kind)), value=value)


def code(call, *arguments):
    """The code that a call answers; 0 for success."""
    try:
        call(*arguments)
    except DhcpError as error:
        return error.winerror
    return 0


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [(50, 60, 0), (1, 60, 0), (51, 60, CONFLICT), (50, 59, CONFLICT), (1, 49, CONFLICT), (61, 254, CONFLICT)],
)
@pytest.mark.parametrize("kind", [RangeType.UNSPECIFIED, RangeType.DHCP, RangeType.BOTH])
def test_the_range_contains_those_of_policies(api, first, last, expected, kind) -> None:
    assert code(api.add_element, SCOPE, scope_range(first, last, kind)) == expected


@pytest.mark.parametrize(("kind", "expected"), [(RangeType.UNSPECIFIED, CONFLICT), (RangeType.DHCP, 0)])
def test_by_the_letter_only_a_range_without_a_type_does(world: World, api, kind, expected) -> None:
    world.lab.switches = replace(world.lab.switches, policy_ranges_by_letter=True)
    assert code(api.add_element, SCOPE, scope_range(1, 49, kind)) == expected


def test_the_conflict_comes_before_a_reversed_range_and_one_apart(api) -> None:
    assert code(api.add_element, SCOPE, scope_range(49, 1)) == CONFLICT
    api.remove_policy_range("P1", SCOPE, AddressRange(SCOPE + 50, SCOPE + 60))
    assert code(api.add_element, SCOPE, scope_range(49, 1)) == 20023


def test_the_range_stays_while_a_policy_has_a_part_of_it(api) -> None:
    for first, last in ((1, 254), (2, 3)):  # before the check that there is such a range
        assert code(api.remove_element, SCOPE, scope_range(first, last), ForceFlag.FULL_FORCE) == CONFLICT
    api.delete_policy("P1", SCOPE)
    assert code(api.remove_element, SCOPE, scope_range(1, 254), ForceFlag.FULL_FORCE) == 0


def test_the_lab_refuses_it_too(world: World, api) -> None:
    assert code(world.lab.set_range, SCOPE, SCOPE + 1, SCOPE + 49) == CONFLICT
    assert code(world.lab.set_range, SCOPE, SCOPE + 50, SCOPE + 60) == 0
