"""What the functions for options and classes do, on every backend."""

from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

import pytest
from worlds import SCOPE, World, add_policy

from dhcpfo import Server
from dhcpfo.enums import OptionLevelType, OptionType
from dhcpfo.errors import DhcpError
from dhcpfo.models import DhcpClass, OptionDefinition, OptionElement, OptionLevel, OptionValue

AT_SERVER, AT_SCOPE = OptionLevel(OptionLevelType.SERVER), OptionLevel(OptionLevelType.SCOPE, SCOPE)
RESERVED = SCOPE + 50
AT_RESERVATION = OptionLevel(OptionLevelType.RESERVATION, SCOPE, RESERVED)
ROUTER = OptionValue(3, OptionType.IP_ADDRESS, "10.0.0.1")
NAME = OptionValue(15, OptionType.STRING, "lab.test")
KIOSK = DhcpClass(name="Kiosk", data=b"kiosk")
PHONES = DhcpClass(name="Phones", data=b"phones", is_vendor=True)


@pytest.fixture
def server(world: World) -> Server:
    """A server with a reservation and a class of each kind."""
    world.lab.reserve(SCOPE, RESERVED, b"\x02\0\0\0\0\x01", servers=["dhcp1"])
    found = Server(world.api("dhcp1"))
    found.create_class(KIOSK)
    found.create_class(PHONES)
    return found


def code_of(call: Any, *arguments: Any, **keywords: Any) -> int:
    with pytest.raises(DhcpError) as refused:
        call(*arguments, **keywords)
    return refused.value.winerror or 0


VALUES = [
    OptionValue(19, OptionType.BYTE, [1]),
    OptionValue(25, OptionType.WORD, [68, 1500]),
    OptionValue(58, OptionType.DWORD, [0xFFFFFFFF]),
    OptionValue(24, OptionType.DWORD_DWORD, [0x0102030405060708]),
    OptionValue(6, OptionType.IP_ADDRESS, ["10.0.1.5", "10.0.1.6"]),
    OptionValue(15, OptionType.STRING, ["lab.tést"]),
    OptionValue(14, OptionType.STRING, [""]),
    OptionValue(43, OptionType.BINARY, [b"\x01\x00\xff"]),
    OptionValue(121, OptionType.ENCAPSULATED, [b""]),
    OptionValue(12, OptionType.IPV6_ADDRESS, ["fe80::1"]),
    OptionValue(3, OptionType.IP_ADDRESS, ["10.0.0.1", OptionElement(OptionType.STRING, "x")]),
]


@pytest.mark.parametrize("level", [{}, {"scope": SCOPE}, {"scope": SCOPE, "reservation": RESERVED}], ids=str)
def test_values_of_every_type_read_back_equal(server: Server, level: dict[str, Any]) -> None:
    before = server.option_values(**level)
    server.set_option_values(VALUES, **level)
    expected = sorted([*before, *VALUES], key=lambda value: value.key)
    assert server.option_values(**level) == expected
    assert list(server.iter_option_values(**level)) == expected
    assert [server.get_option_value(value.id, **level) for value in VALUES] == VALUES


def test_each_level_has_its_own_values(server: Server) -> None:
    levels: list[dict[str, Any]] = [{}, {"scope": SCOPE}, {"scope": SCOPE, "reservation": RESERVED}]
    for number, level in enumerate(levels):
        server.set_option_value(3, f"10.0.0.{number}", **level)
    assert [server.get_option_value(3, **level).value for level in levels] == [
        IPv4Address(f"10.0.0.{number}") for number in range(3)
    ]
    server.delete_option_value(3, scope=SCOPE)
    assert code_of(server.get_option_value, 3, scope=SCOPE) == 2
    assert code_of(server.delete_option_value, 3, scope=SCOPE) == 20010
    assert server.get_option_value(3).values == (IPv4Address("10.0.0.0"),)
    assert server.get_option_value(3, scope=SCOPE, reservation=RESERVED).values == (IPv4Address("10.0.0.2"),)


def test_all_classes_are_read_in_one_call_two_entries_for_each_pair(server: Server) -> None:
    server.create_option_definition(
        OptionDefinition(id=1, name="Firmware", type=OptionType.STRING, default="", vendor_class="Phones")
    )
    server.set_option_value(3, "10.0.0.1")
    server.set_option_value(3, "10.0.0.2", user_class="kiosk")
    server.set_option_value(1, "v1", vendor_class="Phones")
    server.set_option_value(1, "v2", vendor_class="Phones", user_class="Kiosk")
    groups = server.api.get_all_option_values(AT_SERVER)
    shown = [(group.vendor_class, group.is_vendor, [value.value for value in group.values]) for group in groups]
    first, second = IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2")
    assert shown == [
        (None, False, [first]),
        (None, True, []),
        (None, False, [second]),
        (None, True, []),
        ("Phones", False, []),
        ("Phones", True, ["v1"]),
        ("Phones", False, []),
        ("Phones", True, ["v2"]),
    ]
    assert [(value.key, value.value) for value in server.option_values()] == [
        (("", "", 3), first),
        (("", "kiosk", 3), second),
        (("Phones", "", 1), "v1"),
        (("Phones", "Kiosk", 1), "v2"),
    ]
    assert [value.value for value in server.iter_option_values(vendor_class="Phones")] == ["v1"]


def test_a_level_without_values_has_an_empty_answer(server: Server) -> None:
    assert server.api.get_all_option_values(AT_SERVER) == ()
    assert server.option_values() == []
    page = server.api.enum_option_values(AT_SERVER, 0, None, None)
    assert (page.items, page.status) == ((), 259)


def test_option_81_needs_no_definition(server: Server, world: World) -> None:
    add_policy(world.lab, "dhcp1", "P1", SCOPE)
    assert code_of(server.get_option_definition, 81) == 20010
    levels: list[dict[str, Any]] = [{}, {"scope": SCOPE}, {"scope": SCOPE, "reservation": RESERVED}]
    for level in [*levels, {"scope": SCOPE, "policy": "P1"}]:
        server.set_option_value(81, 0x17, **level)
        assert server.get_option_value(81, **level).value == 0x17
    assert code_of(server.set_option_value, 81, 1, type=OptionType.DWORD, vendor_class="Phones") == 20010


def test_a_list_of_values_stops_at_the_first_that_is_refused(server: Server, world: World) -> None:
    values = (ROUTER, NAME, OptionValue(250, OptionType.BYTE, [1]), OptionValue(6, OptionType.IP_ADDRESS, "10.0.0.9"))
    assert code_of(server.set_option_values, values) == 20010
    assert server.option_values() == [ROUTER, NAME]
    server.api.set_option_values(AT_SERVER, 8, "Nobody", None, ())  # nothing to set, nothing to check


def test_the_default_level_is_the_default_of_the_definition(server: Server) -> None:
    default = OptionLevel(OptionLevelType.DEFAULT)
    server.api.set_option_value(6, default, 0, None, None, VALUES[4].data)
    assert server.get_option_definition(6).default == VALUES[4].values
    assert server.api.get_option_value(6, default, 0, None, None) == VALUES[4]
    assert code_of(server.api.get_option_value, 250, default, 0, None, None) == 20010


RESERVATIONS = {
    "no scope": (IPv4Address("172.16.0.1"), SCOPE, 2, 20018),
    "not reserved": (SCOPE + 51, SCOPE, 20018, 20018),
    "another scope": (RESERVED, IPv4Address("10.1.0.0"), 20005, 20005),
}


@pytest.mark.parametrize(("address", "scope", "code", "code_of_all"), RESERVATIONS.values(), ids=RESERVATIONS)
def test_levels_of_reservations_that_do_not_exist(
    server: Server, address: IPv4Address, scope: IPv4Address, code: int, code_of_all: int
) -> None:
    level = OptionLevel(OptionLevelType.RESERVATION, scope, address)
    assert code_of(server.api.set_option_value, 3, level, 0, None, None, ROUTER.data) == code
    assert code_of(server.api.get_option_value, 3, level, 0, None, None) == code
    assert code_of(server.api.get_all_option_values, level) == code_of_all


def test_there_are_no_multicast_scopes(server: Server) -> None:
    level = OptionLevel(OptionLevelType.MULTICAST_SCOPE)
    assert code_of(server.api.set_option_value, 3, level, 0, None, None, ROUTER.data) == 2
    assert code_of(server.api.get_all_option_values, level) == 20005


@pytest.mark.parametrize("scope", [None, SCOPE], ids=["server", "scope"])
def test_values_of_policies(server: Server, world: World, scope: IPv4Address | None) -> None:
    """They need no definition, and are apart from those of the level itself."""
    for policy in ("P1", "P2"):
        add_policy(world.lab, "dhcp1", policy, scope)
    values = [
        OptionValue(250, OptionType.BYTE, [7], policy="P1"),
        OptionValue(1, OptionType.STRING, "v", vendor_class="Phones", policy="P1"),
        OptionValue(3, OptionType.IP_ADDRESS, "10.0.0.3", policy="P2"),
    ]
    before = server.option_values(scope=scope)
    server.set_option_values(values, scope=scope)
    assert server.policy_option_values(scope=scope) == values
    assert server.option_values(scope=scope) == before
    assert server.get_option_value(250, scope=scope, policy="p1").values == (7,)
    assert [group.is_vendor for group in server.api.get_all_policy_option_values(_level(scope))] == [False, True] * 3
    server.set_option_value(250, 8, type=OptionType.BYTE, scope=scope, policy="P1")
    assert server.get_option_value(250, scope=scope, policy="P1").value == 8
    server.delete_option_value(250, scope=scope, policy="P1")
    assert server.policy_option_values(scope=scope) == values[1:]


def _level(scope: IPv4Address | None) -> OptionLevel:
    return AT_SERVER if scope is None else AT_SCOPE


def test_a_policy_with_a_dns_condition_may_have_options_51_and_81(server: Server, world: World) -> None:
    add_policy(world.lab, "dhcp1", "Dns", SCOPE, dns=True)
    for option in (51, 81):
        server.set_option_value(option, 5, type=OptionType.DWORD, scope=SCOPE, policy="Dns")
    assert code_of(server.set_option_value, 3, "10.0.0.1", scope=SCOPE, policy="Dns") == 20136


# Definitions


def test_a_server_starts_with_the_standard_definitions(server: Server) -> None:
    found = {definition.key: definition for definition in server.option_definitions()}
    lease, router = found["", "", 51], found["", "", 3]
    assert (lease.name, lease.type, lease.multivalued) == ("Lease", OptionType.DWORD, False)
    assert (router.type, router.multivalued, router.default) == (OptionType.IP_ADDRESS, True, (IPv4Address(0),))
    numbers = {key.id for key in found if not key.vendor_class}
    assert not numbers & {50, *range(52, 58), 60, 61, 62, 63, 77, 81, 82}
    for vendor in ("Microsoft Options", "Microsoft Windows 2000 Options"):
        assert [found[vendor, "", number].type for number in (1, 2, 3)] == [OptionType.DWORD] * 3


def test_a_definition_is_created_changed_and_deleted(server: Server) -> None:
    made = OptionDefinition(
        id=3,
        name="Ring tone",
        type=OptionType.STRING,
        default=["bell"],
        description="for phones",
        vendor_class="Phones",
        user_class="Kiosk",
    )
    server.create_option_definition(made)
    classes = {"vendor_class": "Phones", "user_class": "Kiosk"}
    assert server.get_option_definition(3, **classes) == made
    changed = made.replace(name="Volume", type=OptionType.BYTE, default=[5], multivalued=True, description=None)
    server.set_option_definition(changed)
    assert list(server.iter_option_definitions(**classes)) == [changed]
    assert changed in server.option_definitions()
    server.set_option_value(3, 9, type=OptionType.BYTE, **classes)
    server.delete_option_definition(3, **classes)
    assert list(server.iter_option_definitions(**classes)) == []
    assert server.get_option_value(3, **classes).value == 9  # values stay
    assert code_of(server.set_option_value, 3, 8, type=OptionType.BYTE, **classes) == 20010


def test_a_standard_definition_can_be_deleted_and_comes_back(server: Server) -> None:
    before = server.get_option_definition(3)
    server.delete_option_definition(3)
    assert code_of(server.get_option_definition, 3) == 20010
    server.create_option_definition(before)
    assert server.get_option_definition(3) == before


def test_pages_of_definitions_and_values(server: Server) -> None:
    """Definitions and classes end with 0, values with 259 and data."""
    server.set_option_values(VALUES)
    api = server.api
    pages = {
        "definitions": (lambda resume, most: api.enum_options(0, None, None, resume, most), 0),
        "values": (lambda resume, most: api.enum_option_values(AT_SERVER, 0, None, None, resume, most), 259),
        "classes": (lambda resume, most: api.enum_classes(resume, most), 0),
    }
    for name, (call, last) in pages.items():
        whole = call(0, 0xFFFFFFFF)
        assert (whole.status, whole.remaining) == (last, 0), name
        items, handle, status = [], 0, 234
        while status == 234:
            page = call(handle, 200)
            assert page.remaining == len(whole.items) - len(items) - len(page.items)
            items += page.items
            handle, status = page.resume, page.status
        assert (tuple(items), status) == (whole.items, last), name
        assert (call(handle, 200).items, call(handle, 200).status) == ((), 259)
        assert call(0, 0).status == 234


# Classes


def test_a_server_starts_with_the_built_in_classes(server: Server) -> None:
    data = {found.data: found.is_vendor for found in server.classes()}
    built_in = {b"RRAS.Microsoft": False, b"BOOTP.Microsoft": False, b"MSFT Quarantine": False}
    assert data == built_in | {b"MSFT 5.0": True, b"MSFT 98": True, b"MSFT": True, b"kiosk": False, b"phones": True}


def test_a_class_is_found_by_name_or_data(server: Server) -> None:
    assert (
        server.get_class("KIOSK") == server.get_class(data="kiosk") == server.get_class("Kiosk", data=b"kiosk") == KIOSK
    )
    server.set_class(KIOSK.replace(data=b"\x00\x01", description="lobby"))
    assert server.get_class("kiosk") == DhcpClass(name="Kiosk", data=b"\x00\x01", description="lobby")


def test_a_deleted_class_takes_everything_with_it(server: Server, world: World) -> None:
    add_policy(world.lab, "dhcp1", "P1", SCOPE)
    for vendor_class, user_class in (("Phones", None), (None, "Kiosk"), (None, None)):
        definition = OptionDefinition(
            id=200, name="X", type=OptionType.BYTE, default=0, vendor_class=vendor_class, user_class=user_class
        )
        server.create_option_definition(definition)
        value = OptionValue(200, OptionType.BYTE, [1], vendor_class=vendor_class, user_class=user_class)
        for level in ({}, {"scope": SCOPE}, {"scope": SCOPE, "reservation": RESERVED}):
            server.set_option_values([value], **level)
    server.set_option_value(200, 1, type=OptionType.BYTE, scope=SCOPE, policy="P1", vendor_class="Phones")
    server.delete_class("phones")
    server.delete_class("kiosk")
    left = [(found.vendor_class, found.user_class) for found in server.option_definitions() if found.id == 200]
    assert left == [(None, None)]
    for level in ({}, {"scope": SCOPE}, {"scope": SCOPE, "reservation": RESERVED}):
        assert [value.key for value in server.option_values(**level) if value.id == 200] == [("", "", 200)]
    assert server.policy_option_values(scope=SCOPE) == []


# Option 51


def test_leases_last_as_option_51_says(server: Server, world: World) -> None:
    """That of the scope, else that of the server, else the default in the definition."""

    def lease(number: int) -> timedelta:
        client = world.lab.lease(SCOPE, bytes([2, 0, 0, 0, 1, number]), server="dhcp1")
        assert client is not None
        assert client.lease_expires is not None
        return client.lease_expires - world.lab.now

    assert server.get_option_value(51, scope=SCOPE).value == 8 * 86400
    server.set_option_value(51, 600, scope=SCOPE)
    assert lease(1) == timedelta(minutes=10)
    server.delete_option_value(51, scope=SCOPE)
    assert lease(2) == timedelta(days=1)
    server.set_option_value(51, 1200)
    assert lease(3) == timedelta(minutes=20)
    server.set_option_definition(server.get_option_definition(51).replace(default=[1800]))
    server.delete_option_value(51)
    assert lease(4) == timedelta(minutes=30)
