"""Ranges, exclusions, reservations and free addresses: each rule of [MS-DHCPM], in the order of its checks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

import pytest
from worlds import BOOTP, MISSING, SCOPE, Rights, World

from dhcpfo.enums import ClientType, ElementType, ForceFlag, OptionLevelType, OptionType, RangeType, SearchType
from dhcpfo.errors import DhcpError
from dhcpfo.models import (
    AddressRange,
    ClientSearch,
    HostInfo,
    OptionData,
    OptionLevel,
    Page,
    Reservation,
    ScopeElement,
    ScopeRange,
    unique_client_id,
)

NEW = IPv4Address("10.20.0.0")
MAC, OTHER_MAC = bytes.fromhex("00155d000001"), bytes.fromhex("00155d000002")
DENIED, INVALID, MISSING_SCOPE = 5, 87, 20005
NO_FORCE, FULL_FORCE = ForceFlag.NO_FORCE, ForceFlag.FULL_FORCE
NO_LEASE = datetime(1601, 1, 1, tzinfo=UTC)


def code(call, *arguments):
    """The code that a call answers; 0 for success."""
    try:
        call(*arguments)
    except DhcpError as error:
        return error.winerror
    return 0


def scope_range(first, last, kind=RangeType.DHCP, max_bootp=0xFFFFFFFF):
    value = ScopeRange(start=SCOPE + first, end=SCOPE + last, type=kind, max_bootp=max_bootp)
    return ScopeElement(type=ElementType(int(kind)), value=value)


def exclusion(first, last):
    return ScopeElement(type=ElementType.EXCLUSIONS, value=AddressRange(SCOPE + first, SCOPE + last))


def reservation(host, client_id=MAC, kind=ClientType.BOTH):
    value = Reservation(address=SCOPE + host, client_id=client_id, type=kind)
    return ScopeElement(type=ElementType.RESERVATIONS, value=value)


@pytest.fixture
def api(world: World):
    return world.api("dhcp1")


@pytest.fixture
def user(world: World):
    return world.api("dhcp1", Rights.USER)


@pytest.fixture
def nobody(world: World):
    return world.api("dhcp1", Rights.NONE)


@pytest.fixture
def small(world: World, api):
    """The first scope with a range of ten addresses."""
    api.remove_element(SCOPE, scope_range(1, 254), NO_FORCE)
    api.add_element(SCOPE, scope_range(11, 20))
    return api


def ranges(api, scope=SCOPE):
    return [element.value for element in api.enum_elements(scope, ElementType.DHCP_BOOTP_RANGES).items]


class TestEnumerate:
    @pytest.mark.parametrize("kind", [ElementType.RANGES, ElementType.DHCP_BOOTP_RANGES])
    def test_ranges_of_every_kind(self, user, kind):
        assert user.enum_elements(SCOPE, kind) == Page((scope_range(1, 254),), 1, 0, 0)
        (found,) = user.enum_elements(BOOTP, kind).items
        assert (found.type, found.value.type) == (ElementType.BOOTP_RANGES, RangeType.BOOTP)

    @pytest.mark.parametrize(
        ("kind", "expected"),
        [
            (ElementType.SECONDARY_HOSTS, 50),
            (ElementType.USED_CLUSTERS, INVALID),
            (ElementType.DHCP_RANGES, INVALID),
            (ElementType.BOOTP_RANGES, INVALID),
            (ElementType(99), INVALID),
        ],
    )
    def test_other_kinds(self, user, nobody, kind, expected):
        assert code(user.enum_elements, MISSING, kind) == expected
        assert code(nobody.enum_elements, MISSING, kind) == DENIED

    @pytest.mark.parametrize("kind", [ElementType.RANGES, ElementType.EXCLUSIONS, ElementType.RESERVATIONS])
    def test_a_missing_scope(self, user, kind):
        assert code(user.enum_elements, MISSING, kind) == MISSING_SCOPE

    @pytest.mark.parametrize(("by_the_letter", "status"), [(False, 259), (True, 0)])
    def test_nothing_there(self, world, user, by_the_letter, status):
        world.lab.switches = replace(world.lab.switches, empty_lists_have_no_more_items=not by_the_letter)
        assert user.enum_elements(SCOPE, ElementType.EXCLUSIONS) == Page((), 0, 0, status)

    def test_pages(self, api):
        every = tuple(exclusion(host, host + 1) for host in (20, 10, 30))
        for element in every:
            api.add_element(SCOPE, element)
        assert api.enum_elements(SCOPE, ElementType.EXCLUSIONS) == Page(every, 3, 0, 0)
        page = api.enum_elements(SCOPE, ElementType.EXCLUSIONS, 0, 48)
        assert page == Page(every[:2], 2, 1, 234)
        assert api.enum_elements(SCOPE, ElementType.EXCLUSIONS, 2, 48) == Page(every[2:], 3, 0, 0)
        assert api.enum_elements(SCOPE, ElementType.EXCLUSIONS, 3) == Page((), 3, 0, 259)

    def test_a_budget_of_zero(self, api):
        api.add_element(SCOPE, exclusion(10, 10))
        assert api.enum_elements(SCOPE, ElementType.RANGES, 0, 0).status == 259
        assert api.enum_elements(SCOPE, ElementType.EXCLUSIONS, 0, 0).status == 234

    def test_reservations(self, api):
        for host, kind in ((30, ClientType.DHCP), (20, ClientType.BOOTP)):
            api.add_element(SCOPE, reservation(host, bytes([1, 2, host]), kind))
        expected = (
            reservation(20, b"\x01\x02\x14", ClientType.BOOTP),
            reservation(30, b"\x01\x02\x1e", ClientType.DHCP),
        )
        assert api.enum_elements(SCOPE, ElementType.RESERVATIONS) == Page(expected, 2, 0, 0)


class TestAddAndRemove:
    @pytest.mark.parametrize(
        ("element", "expected"),
        [
            (ScopeElement(type=ElementType.SECONDARY_HOSTS, value=HostInfo(address="192.0.2.1")), 120),
            (ScopeElement(type=ElementType.SECONDARY_HOSTS, value=None), 120),
            (ScopeElement(type=ElementType.USED_CLUSTERS, value=None), INVALID),
            (ScopeElement(type=ElementType.DHCP_RANGES, value=None), INVALID),
            (ScopeElement(type=ElementType.EXCLUSIONS, value=None), INVALID),
            (ScopeElement(type=ElementType.RESERVATIONS, value=None), INVALID),
        ],
    )
    def test_elements_that_are_refused(self, api, user, element, expected):
        assert code(api.add_element, SCOPE, element) == expected
        assert code(api.remove_element, SCOPE, element, FULL_FORCE) == expected
        assert code(api.add_element, MISSING, element) == MISSING_SCOPE
        assert code(api.remove_element, MISSING, element, FULL_FORCE) == MISSING_SCOPE
        assert code(user.add_element, MISSING, element) == DENIED
        assert code(user.remove_element, MISSING, element, FULL_FORCE) == DENIED


class TestRange:
    def test_a_first_one(self, api):
        api.create_scope(NEW, replace(api.get_scope(SCOPE), scope_id=NEW))
        assert ranges(api, NEW) == []
        value = ScopeRange(start=NEW + 5, end=NEW + 9, type=RangeType.BOTH, max_bootp=3)
        api.add_element(NEW, ScopeElement(type=ElementType.DHCP_BOOTP_RANGES, value=value))
        assert ranges(api, NEW) == [value]

    @pytest.mark.parametrize("kind", [RangeType.UNSPECIFIED, RangeType.DHCP, RangeType.BOOTP])
    def test_only_a_range_for_both_keeps_the_limit(self, small, kind):
        small.add_element(SCOPE, scope_range(11, 20, kind, max_bootp=7))
        assert ranges(small) == [scope_range(11, 20, kind).value]

    def test_it_grows_and_shrinks(self, small):
        assert code(small.add_element, SCOPE, scope_range(5, 30)) == 0
        assert code(small.add_element, SCOPE, scope_range(25, 30)) == 0
        assert ranges(small) == [scope_range(25, 30).value]

    @pytest.mark.parametrize(("first", "last"), [(21, 30), (15, 25), (20, 11)])
    def test_ranges_that_are_refused(self, small, first, last):
        assert code(small.add_element, SCOPE, scope_range(first, last)) == 20023
        assert ranges(small) == [scope_range(11, 20).value]

    @pytest.mark.parametrize(("checked", "expected"), [(True, 20023), (False, 0)])
    def test_one_outside_the_scope(self, world, small, checked, expected):
        world.lab.switches = replace(world.lab.switches, ranges_lie_in_scope=checked)
        assert code(small.add_element, SCOPE, scope_range(11, 300)) == expected

    @pytest.mark.parametrize("kind", [RangeType.BOTH, RangeType.BOOTP])
    def test_failover_needs_dhcp(self, world, api, kind):
        world.normal()
        assert code(api.add_element, SCOPE, scope_range(1, 254, kind)) == 20129
        assert code(api.add_element, SCOPE, scope_range(254, 1, kind)) == 20129

    def test_clients_of_the_other_kind(self, world, small):
        world.lab.lease(SCOPE, MAC, server="dhcp1")
        assert code(small.add_element, SCOPE, scope_range(11, 20, RangeType.BOTH)) == 0
        assert code(small.add_element, SCOPE, scope_range(11, 20, RangeType.BOOTP)) == 20049
        assert code(small.add_element, SCOPE, scope_range(11, 20, RangeType.DHCP)) == 0

    def test_a_client_gets_an_address_of_it(self, world, small):
        small.add_element(SCOPE, scope_range(18, 20))
        assert world.lab.lease(SCOPE, MAC, server="dhcp1").address == SCOPE + 18

    def test_without_one_nobody_gets_an_address(self, world, api):
        api.remove_element(SCOPE, scope_range(1, 254), NO_FORCE)
        assert world.lab.lease(SCOPE, MAC, server="dhcp1") is None

    @pytest.mark.parametrize(("force", "expected"), [(NO_FORCE, 20007), (FULL_FORCE, 0)])
    def test_removing_it_with_a_client_inside(self, world, small, force, expected):
        world.lab.lease(SCOPE, MAC, server="dhcp1")
        assert code(small.remove_element, SCOPE, scope_range(11, 20), force) == expected
        assert len(ranges(small)) == bool(expected)

    @pytest.mark.parametrize(("first", "last"), [(11, 19), (12, 20), (1, 254)])
    def test_removing_another_one(self, small, first, last):
        assert code(small.remove_element, SCOPE, scope_range(first, last), FULL_FORCE) == 20023

    @pytest.mark.parametrize(("stays", "expected"), [(True, 20132), (False, 0)])
    def test_removing_that_of_a_failover_scope(self, world, api, stays, expected):
        world.normal()
        world.lab.switches = replace(world.lab.switches, failover_range_stays=stays)
        assert code(api.remove_element, SCOPE, scope_range(1, 254), FULL_FORCE) == expected


class TestExclusions:
    def test_the_same_one_twice_and_overlaps(self, api):
        every = (exclusion(10, 19), exclusion(10, 19), exclusion(15, 30))
        for element in every:
            assert code(api.add_element, SCOPE, element) == 0
        assert api.enum_elements(SCOPE, ElementType.EXCLUSIONS).items == every
        api.remove_element(SCOPE, exclusion(10, 19), NO_FORCE)
        assert api.enum_elements(SCOPE, ElementType.EXCLUSIONS).items == every[1:]

    def test_outside_the_range(self, small):
        assert code(small.add_element, SCOPE, exclusion(200, 210)) == 0

    def test_backwards(self, api):
        assert code(api.add_element, SCOPE, exclusion(30, 20)) == 20023

    def test_removing(self, api):
        api.add_element(SCOPE, exclusion(10, 19))
        assert code(api.remove_element, SCOPE, exclusion(9, 19), NO_FORCE) == 20007
        assert code(api.remove_element, SCOPE, exclusion(10, 18), NO_FORCE) == INVALID
        assert code(api.remove_element, SCOPE, exclusion(12, 19), NO_FORCE) == INVALID
        assert code(api.remove_element, SCOPE, exclusion(10, 19), NO_FORCE) == 0

    def test_nobody_gets_an_excluded_address(self, world, small):
        small.add_element(SCOPE, exclusion(11, 13))
        assert world.lab.lease(SCOPE, MAC, server="dhcp1").address == SCOPE + 14


def record(api, host):
    return api.get_failover_client(ClientSearch(type=SearchType.ADDRESS, value=SCOPE + host))


class TestReservations:
    def test_the_record_of_the_client(self, api):
        api.add_element(SCOPE, reservation(50))
        found = record(api, 50)
        assert (found.client_id, found.client_type) == (unique_client_id(SCOPE, MAC), ClientType.NONE)
        assert (found.name, found.comment, found.lease_expires) == (None, None, NO_LEASE)
        assert found.owner == HostInfo(address="255.255.255.255", netbios_name="DHCP1")

    def test_a_client_with_a_lease_keeps_its_record(self, world, api):
        before = world.lab.lease(SCOPE, MAC, name="pc", server="dhcp1")
        api.add_element(SCOPE, reservation(50))
        assert code(record, api, 50) == 20013
        assert record(api, int(before.address) - int(SCOPE)) == before
        (found,) = api.enum_reservations(SCOPE).items
        assert found.name == "pc"
        assert world.lab.lease(SCOPE, MAC, server="dhcp1").address == SCOPE + 50

    def test_outside_the_range(self, small):
        assert code(small.add_element, SCOPE, reservation(21)) == 20018
        small.add_element(SCOPE, reservation(20))
        small.add_element(SCOPE, scope_range(11, 15))
        assert code(small.add_element, SCOPE, reservation(20)) == 20022

    def test_an_excluded_address(self, api):
        api.add_element(SCOPE, exclusion(50, 50))
        assert code(api.add_element, SCOPE, reservation(50)) == 0

    def test_address_and_client_are_reserved_once(self, api):
        api.add_element(SCOPE, reservation(50))
        assert code(api.add_element, SCOPE, reservation(50, OTHER_MAC)) == 20022
        assert code(api.add_element, SCOPE, reservation(51)) == 20022
        assert code(api.add_element, SCOPE, reservation(51, OTHER_MAC)) == 0

    def test_a_long_identifier(self, api):
        api.add_element(SCOPE, reservation(50, bytes(range(250))))
        assert api.enum_elements(SCOPE, ElementType.RESERVATIONS).items[0].value.client_id == bytes(range(250))

    def test_removing_one_that_was_never_used(self, api):
        api.add_element(SCOPE, reservation(50))
        api.remove_element(SCOPE, reservation(50), NO_FORCE)
        assert code(record, api, 50) == 20013
        assert code(api.add_element, SCOPE, reservation(50, OTHER_MAC)) == 0

    def test_one_that_is_never_used_is_not_cleaned_up(self, world, api):
        api.add_element(SCOPE, reservation(50))
        before = record(api, 50)
        world.lab.advance(timedelta(days=40))
        assert record(api, 50) == before

    def test_removing_one_that_is_used(self, world, api):
        api.add_element(SCOPE, reservation(50))
        world.lab.lease(SCOPE, MAC, server="dhcp1")
        api.remove_element(SCOPE, reservation(50), NO_FORCE)
        assert record(api, 50).lease_expires == world.lab.now + timedelta(days=8)
        assert world.lab.lease(SCOPE, MAC, server="dhcp1").address == SCOPE + 50

    def test_removing_what_is_not_reserved_removes_the_lease(self, world, api):
        host = int(world.lab.lease(SCOPE, MAC, server="dhcp1").address) - int(SCOPE)
        assert code(api.remove_element, SCOPE, reservation(host), NO_FORCE) == 0
        assert code(record, api, host) == 20013
        assert code(api.remove_element, SCOPE, reservation(host), NO_FORCE) == 20013

    def test_enumerate_with_names(self, world, api, user):
        world.lab.reserve(SCOPE, SCOPE + 60, OTHER_MAC, name="printer")
        api.add_element(SCOPE, reservation(50, kind=ClientType.BOOTP))
        expected = (
            Reservation(address=SCOPE + 50, client_id=unique_client_id(SCOPE, MAC), type=ClientType.BOOTP),
            Reservation(address=SCOPE + 60, client_id=unique_client_id(SCOPE, OTHER_MAC), name="printer"),
        )
        assert user.enum_reservations(SCOPE) == Page(expected, 2, 0, 0)
        assert api.enum_reservations(SCOPE, 0, 1) == Page(expected[:1], 1, 1, 234)
        assert api.enum_reservations(SCOPE, 1, 1) == Page(expected[1:], 2, 0, 0)

    def test_its_option_values_show_and_go_with_it(self, api):
        api.add_element(SCOPE, reservation(50))
        api.add_element(SCOPE, reservation(51, OTHER_MAC))
        level = OptionLevel(OptionLevelType.RESERVATION, SCOPE, SCOPE + 51)
        api.set_option_value(15, level, 0, None, None, OptionData(OptionType.STRING, ["lab.test"]))
        assert [found.has_options for found in api.enum_reservations(SCOPE).items] == [False, True]
        api.remove_element(SCOPE, reservation(51, OTHER_MAC), NO_FORCE)
        api.add_element(SCOPE, reservation(51, OTHER_MAC))
        assert [found.has_options for found in api.enum_reservations(SCOPE).items] == [False, False]

    def test_enumeration_errors(self, world, user, nobody):
        assert user.enum_reservations(SCOPE) == Page((), 0, 0, 259)
        assert code(user.enum_reservations, MISSING) == MISSING_SCOPE
        assert code(nobody.enum_reservations, MISSING) == DENIED
        assert code(nobody.enum_reservations, IPv4Address(0)) == INVALID
        world.lab.set_version("dhcp1", 6, 1)
        assert code(user.enum_reservations, SCOPE) == 1745
        assert code(user.get_free_addresses, SCOPE, IPv4Address(0), IPv4Address(0), 1) == 1745


ANY = IPv4Address(0)


class TestFreeAddresses:
    def test_from_the_start_of_the_range(self, user, small):
        assert user.get_free_addresses(SCOPE, ANY, ANY, 2) == (SCOPE + 11, SCOPE + 12)

    def test_excluded_leased_and_reserved_ones_are_skipped(self, world, small):
        small.add_element(SCOPE, exclusion(11, 12))
        small.add_element(SCOPE, reservation(13, OTHER_MAC))
        assert world.lab.lease(SCOPE, MAC, server="dhcp1").address == SCOPE + 14
        assert small.get_free_addresses(SCOPE, ANY, ANY, 1) == (SCOPE + 15,)

    def test_fewer_than_asked_for(self, small):
        """Code 20126, and still the addresses."""
        every = tuple(SCOPE + host for host in range(11, 21))
        assert small.get_free_addresses(SCOPE, ANY, ANY, 11) == every
        assert small.get_free_addresses(SCOPE, ANY, ANY, 10) == every
        small.add_element(SCOPE, exclusion(11, 20))
        assert small.get_free_addresses(SCOPE, ANY, ANY, 1) == ()

    def test_released_ones_come_last(self, world, small):
        address = world.lab.lease(SCOPE, MAC, server="dhcp1").address
        world.lab.release("dhcp1", address)
        found = small.get_free_addresses(SCOPE, ANY, ANY, 10)
        assert found == (*(SCOPE + host for host in range(12, 21)), SCOPE + 11)

    def test_between_two_addresses(self, small):
        assert small.get_free_addresses(SCOPE, SCOPE + 15, SCOPE + 16, 2) == (SCOPE + 15, SCOPE + 16)
        assert small.get_free_addresses(SCOPE, SCOPE + 19, ANY, 5) == (SCOPE + 19, SCOPE + 20)
        assert small.get_free_addresses(SCOPE, ANY, SCOPE + 12, 5) == (SCOPE + 11, SCOPE + 12)

    @pytest.mark.parametrize(
        ("scope", "start", "end", "count"),
        [
            (ANY, ANY, ANY, 1),
            (SCOPE, ANY, ANY, 1025),
            (SCOPE, SCOPE + 15, SCOPE + 14, 1),
            (SCOPE, SCOPE + 15, SCOPE + 16, 3),
        ],
    )
    def test_arguments_are_checked_first(self, nobody, scope, start, end, count):
        assert code(nobody.get_free_addresses, scope, start, end, count) == INVALID

    def test_then_rights_then_the_scope(self, nobody, small):
        assert code(nobody.get_free_addresses, MISSING, ANY, ANY, 1) == DENIED
        assert code(small.get_free_addresses, MISSING, ANY, ANY, 1) == INVALID
        assert code(small.get_free_addresses, SCOPE, SCOPE + 10, ANY, 1) == INVALID
        assert code(small.get_free_addresses, SCOPE, ANY, SCOPE + 21, 1) == INVALID
        assert code(small.get_free_addresses, SCOPE, ANY, MISSING, 1) == INVALID

    def test_a_scope_without_a_range(self, api):
        api.remove_element(SCOPE, scope_range(1, 254), NO_FORCE)
        assert code(api.get_free_addresses, SCOPE, ANY, ANY, 1) == 2
