"""The rules of the functions for link-layer filters, on every route."""

from typing import Any

import pytest
from worlds import SCOPE, Rights, World, replace

from dhcpfo.enums import FilterList
from dhcpfo.errors import DhcpError
from dhcpfo.models import Filter, FilterLists, FilterPattern, Page

MAC = bytes.fromhex("0a1b2c3d4e5f")
EXACT = FilterPattern(octets=MAC)
WILDCARD = FilterPattern(octets=MAC[:3], wildcard=True)
TOKEN_RING = FilterPattern(wildcard=True, hardware_type=6)
NOWHERE = FilterPattern(octets=b"\xff" * 6)

ILLEGAL = {
    "no hardware type": FilterPattern(octets=MAC, match_hardware_type=False),
    "five bytes": FilterPattern(octets=MAC[:5]),
    "seven bytes": FilterPattern(octets=MAC + b"\0"),
    "a wildcard of none": FilterPattern(wildcard=True),
    "a wildcard of six": FilterPattern(octets=MAC, wildcard=True),
    "bytes of another type": FilterPattern(octets=MAC, hardware_type=6),
    "a wildcard of another type": FilterPattern(octets=MAC[:3], wildcard=True, hardware_type=6),
}


def entry(
    pattern: FilterPattern = EXACT, filter_list: FilterList = FilterList.DENY, comment: str | None = "k"
) -> Filter:
    return Filter(pattern=pattern, filter_list=filter_list, comment=comment)


def filters(world: World, filter_list: FilterList) -> list[Filter]:
    return list(world.api("dhcp1").enum_filters(filter_list).items)


def code_of(call: Any, *arguments: Any) -> int:
    try:
        call(*arguments)
    except DhcpError as error:
        return error.winerror
    return 0


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("create_filter", (entry(ILLEGAL["five bytes"]), False)),
        ("delete_filter", (ILLEGAL["five bytes"],)),
        ("set_filter_lists", (FilterLists(allow=True, deny=True),)),
    ],
)
def test_a_change_needs_an_administrator(world: World, function: str, arguments: tuple[Any, ...]) -> None:
    assert code_of(getattr(world.api("dhcp1", rights=Rights.USER), function), *arguments) == 5


@pytest.mark.parametrize(("function", "arguments"), [("enum_filters", (FilterList.DENY,)), ("get_filter_lists", ())])
def test_reading_needs_a_user(world: World, function: str, arguments: tuple[Any, ...]) -> None:
    assert code_of(getattr(world.api("dhcp1", rights=Rights.NONE), function), *arguments) == 5
    code = code_of(getattr(world.api("dhcp1", rights=Rights.USER), function), *arguments)
    assert code == 0


@pytest.mark.parametrize("what", ILLEGAL)
def test_a_pattern_that_is_none(world: World, what: str) -> None:
    api = world.api("dhcp1")
    assert code_of(api.create_filter, entry(ILLEGAL[what], FilterList.ALLOW), True) == 87
    assert code_of(api.delete_filter, ILLEGAL[what]) == 87
    assert filters(world, FilterList.ALLOW) == []


def test_another_hardware_type_is_exempt_in_the_allow_list_only(world: World) -> None:
    api = world.api("dhcp1")
    assert code_of(api.create_filter, entry(TOKEN_RING, FilterList.DENY), True) == 87
    api.create_filter(entry(TOKEN_RING, FilterList.ALLOW), False)
    assert code_of(api.create_filter, entry(TOKEN_RING, FilterList.ALLOW), False) == 20101
    assert code_of(api.create_filter, entry(TOKEN_RING, FilterList.ALLOW), True) == 0
    assert filters(world, FilterList.ALLOW) == [entry(TOKEN_RING, FilterList.ALLOW)]
    api.delete_filter(TOKEN_RING)
    assert code_of(api.delete_filter, TOKEN_RING) == 20102


@pytest.mark.parametrize("pattern", [EXACT, WILDCARD], ids=str)
def test_a_pattern_is_in_one_list_only(world: World, pattern: FilterPattern) -> None:
    api = world.api("dhcp1")
    api.create_filter(entry(pattern), False)
    for filter_list in FilterList:
        assert code_of(api.create_filter, entry(pattern, filter_list), False) == 20093
    moved = entry(pattern, FilterList.ALLOW, "moved")
    api.create_filter(moved, True)
    assert (filters(world, FilterList.DENY), filters(world, FilterList.ALLOW)) == ([], [moved])
    assert code_of(api.delete_filter, NOWHERE) == 20095
    api.delete_filter(pattern)
    assert filters(world, FilterList.ALLOW) == []
    assert code_of(api.delete_filter, pattern) == 20095


def test_a_wildcard_and_an_address_are_two_filters(world: World) -> None:
    api = world.api("dhcp1")
    made = [entry(WILDCARD, comment=None), entry(EXACT, comment="")]
    for one in made:
        api.create_filter(one, False)
    assert filters(world, FilterList.DENY) == made


@pytest.mark.parametrize("unknown", [2, 0xFFFFFFFF])
def test_an_unknown_list(world: World, route: str, unknown: int) -> None:
    api = world.api("dhcp1")
    if route == "wire" and unknown > 0x7FFF:  # enumerations have 16 bits in the protocol
        with pytest.raises(ValueError, match="must be between 0 and 32767, got 4294967295"):
            api.enum_filters(FilterList(unknown))
        return
    assert code_of(api.enum_filters, FilterList(unknown)) == 87
    assert code_of(api.create_filter, entry(EXACT, FilterList(unknown)), False) == 87


@pytest.mark.parametrize("allow", [True, False])
@pytest.mark.parametrize("deny", [True, False])
def test_the_lists_are_enforced_as_set(world: World, allow: bool, deny: bool) -> None:
    api = world.api("dhcp1")
    assert api.get_filter_lists() == FilterLists(allow=False, deny=False)
    api.set_filter_lists(FilterLists(allow=allow, deny=deny))
    assert api.get_filter_lists() == FilterLists(allow=allow, deny=deny)
    assert world.api("dhcp2").get_filter_lists() == FilterLists(allow=False, deny=False)


# The enumeration


def fill(world: World, count: int) -> list[Filter]:
    """Put that many filters into the deny list, and one into the other."""
    api = world.api("dhcp1")
    made = [entry(FilterPattern(octets=MAC[:5] + bytes([number])), comment=f"{number:03}") for number in range(count)]
    for one in reversed(made):
        api.create_filter(one, False)
    api.create_filter(entry(WILDCARD, FilterList.ALLOW), False)
    return made


def test_an_empty_list(world: World) -> None:
    page = world.api("dhcp1").enum_filters(FilterList.ALLOW)
    assert (page.items, page.remaining, page.status) == ((), 0, 259)


@pytest.mark.parametrize("maximum", [0, 1, 1024, 65536, 0xFFFFFFFF])
def test_pages_have_a_budget_of_bytes(world: World, maximum: int) -> None:
    """An entry takes 280 bytes and 8 of its comment. The last page comes with 259."""
    made = fill(world, 7)
    api, handle, found, pages = world.api("dhcp1"), None, [], 0
    while True:
        page = api.enum_filters(FilterList.DENY, handle, maximum)
        found += page.items
        pages += 1
        assert page.resume == page.items[-1].pattern
        if page.status != 234:
            break
        assert (len(page.items), page.remaining) == (3, 7 - len(found))
        handle = page.resume
    assert (found, page.status, page.remaining) == (made, 259, 0)
    assert pages == (3 if maximum <= 1024 else 1)


def test_a_handle_of_a_filter_that_has_gone(world: World) -> None:
    made = fill(world, 4)
    api = world.api("dhcp1")
    world.lab.limit_page("dhcp1", 2)
    handle = api.enum_filters(FilterList.DENY).resume
    api.delete_filter(handle)
    assert api.enum_filters(FilterList.DENY, handle) == Page(tuple(made[2:]), made[-1].pattern, 0, 259)


def test_behind_the_last_one(world: World) -> None:
    made = fill(world, 2)
    page = world.api("dhcp1").enum_filters(FilterList.DENY, made[-1].pattern)
    assert (page.items, page.status) == ((), 259)


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5])
def test_every_byte_of_a_pattern_counts(world: World, length: int) -> None:
    pattern = FilterPattern(octets=bytes(length), wildcard=True)
    world.api("dhcp1").create_filter(entry(pattern), False)
    assert [one.pattern for one in filters(world, FilterList.DENY)] == [pattern]


# What filters do


@pytest.mark.parametrize(
    ("allow", "deny", "served"),
    [
        (False, False, {"allowed", "denied", "both", "neither"}),
        (True, False, {"allowed", "both"}),
        (False, True, {"allowed", "neither"}),
        (True, True, {"allowed"}),
    ],
)
def test_clients_are_served_as_the_lists_say(world: World, allow: bool, deny: bool, served: set[str]) -> None:
    api = world.api("dhcp1")
    macs = {
        name: bytes([2, 0, 0, 0, number, 0]) for number, name in enumerate(("allowed", "denied", "both", "neither"))
    }
    api.create_filter(entry(FilterPattern(octets=macs["allowed"]), FilterList.ALLOW), False)
    api.create_filter(entry(FilterPattern(octets=macs["denied"]), FilterList.DENY), False)
    api.create_filter(entry(FilterPattern(octets=macs["both"]), FilterList.DENY), False)
    api.create_filter(entry(FilterPattern(octets=macs["both"][:5], wildcard=True), FilterList.ALLOW), False)
    api.set_filter_lists(FilterLists(allow=allow, deny=deny))
    found = {name for name, mac in macs.items() if world.lab.lease(SCOPE, mac, server="dhcp1") is not None}
    assert found == served


def test_filters_are_saved(world: World) -> None:
    made = fill(world, 3)
    world.api("dhcp1").set_filter_lists(FilterLists(allow=True, deny=False))
    again = replace(world, lab=type(world.lab).from_dict(world.lab.to_dict(secrets=True)))
    api = again.lab.connect("dhcp1", direct=True).api
    assert list(api.enum_filters(FilterList.DENY).items) == made
    assert api.get_filter_lists() == FilterLists(allow=True, deny=False)
