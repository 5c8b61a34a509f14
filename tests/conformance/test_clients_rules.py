"""The rules of the functions for clients, on every route.

Each refusal is tested alone, and together with all later rules of its function broken too, which shows the order.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import Any

import pytest
from worlds import DHCP1, MISSING, OTHER, SCOPE, THIRD, Rights, World, replace

from dhcpfo import FailoverClient, HostInfo
from dhcpfo.enums import ClientType, FilterList, FilterStatus, LeaseState, QuarantineStatus, SearchType
from dhcpfo.errors import DhcpError
from dhcpfo.models import (
    Client,
    ClientSearch,
    ClientValues,
    Filter,
    FilterPattern,
    Page,
    unique_client_id,
)

MAC = bytes.fromhex("0a1b2c3d4e5f")
MASK = IPv4Address("255.255.255.0")
NEVER_USED = datetime(1601, 1, 1, tzinfo=UTC)
END = datetime(2030, 5, 6, 7, 8, 9, tzinfo=UTC)
WHOLE = 0xFFFFFFFF

Broken = frozenset[int]


def address(last: int, scope: IPv4Address = SCOPE) -> IPv4Address:
    return scope + last


def by_address(value: IPv4Address) -> ClientSearch:
    return ClientSearch(type=SearchType.ADDRESS, value=value)


def client(**changes: Any) -> Client:
    values: dict[str, Any] = {
        "address": address(50),
        "subnet_mask": MASK,
        "client_id": MAC,
        "name": "printer",
        "comment": "second floor",
        "lease_expires": END,
        "client_type": ClientType.DHCP,
        "address_state": LeaseState.ACTIVE,
        "policy_name": "printers",
    }
    return Client(**values | changes)


def values_of(record: Client, **changes: Any) -> ClientValues:
    """The values that leave a record as it is."""
    kept = {name: getattr(record, name) for name in ClientValues._names} | {"client_id": record.hardware_address}
    return ClientValues(**kept | changes)


# Refusals: the function, and its rules with their codes.

REFUSALS = {
    "enum": {1: 5, 2: 20013},
    "get": {3: 5, 4: 20016},
    "create": {1: 5, 2: 87, 3: 87, 4: 20005, 5: 20014},
    "set": {1: 5, 2: 87, 3: 87},
    "delete": {2: 5, 3: 20013},
}


def rights(broken: Broken, rule: int) -> Rights:
    return Rights.NONE if rule in broken else Rights.ADMINISTRATOR


def enum(world: World, broken: Broken) -> object:
    world.api("dhcp1").create_client(client())
    handle = int(address(51 if 2 in broken else 50))
    return world.api("dhcp1", rights=rights(broken, 1)).enum_clients(SCOPE, handle, WHOLE)


def get(world: World, broken: Broken) -> object:
    world.api("dhcp1").create_client(client())
    return world.api("dhcp1", rights=rights(broken, 3)).get_client(by_address(address(51 if 4 in broken else 50)))


def create(world: World, broken: Broken) -> object:
    if 5 in broken:
        world.api("dhcp1").create_client(client())
    new = client(
        client_id=b"" if 2 in broken else MAC,
        address_state=LeaseState.OFFERED if 3 in broken else LeaseState.ACTIVE,
        address=MISSING + 50 if 4 in broken else address(50),
    )
    return world.api("dhcp1", rights=Rights.USER if 1 in broken else Rights.ADMINISTRATOR).create_client(new)


def set_(world: World, broken: Broken) -> object:
    world.api("dhcp1").create_client(client())
    record = world.api("dhcp1").get_client(by_address(address(50)))
    values = values_of(record, client_id=b"" if 2 in broken else MAC, address=address(51 if 3 in broken else 50))
    return world.api("dhcp1", rights=Rights.USER if 1 in broken else Rights.ADMINISTRATOR).set_client(values)


def delete(world: World, broken: Broken) -> object:
    world.api("dhcp1").create_client(client())
    search = by_address(address(51 if 3 in broken else 50))
    return world.api("dhcp1", rights=Rights.USER if 2 in broken else Rights.ADMINISTRATOR).delete_client(search)


CALLS: dict[str, Callable[[World, Broken], object]] = {
    "enum": enum,
    "get": get,
    "create": create,
    "set": set_,
    "delete": delete,
}
CASES = [(function, rule) for function, rules in REFUSALS.items() for rule in rules]


@pytest.mark.parametrize(("function", "rule"), CASES)
@pytest.mark.parametrize("others", ["alone", "with all later ones"])
def test_a_refusal(world: World, function: str, rule: int, others: str) -> None:
    later = {other for other in REFUSALS[function] if other > rule}
    with pytest.raises(DhcpError) as refused:
        CALLS[function](world, frozenset({rule} | (later if others != "alone" else set())))
    assert refused.value.winerror == REFUSALS[function][rule]


@pytest.mark.parametrize("function", REFUSALS)
def test_nothing_is_refused_without_a_reason(world: World, function: str) -> None:
    CALLS[function](world, frozenset())


# Effects


def test_a_created_record_is_read_back(world: World) -> None:
    api = world.api("dhcp1")
    api.create_client(client(owner=HostInfo(address=IPv4Address("198.51.100.7")), filter_status=FilterStatus.FULL_DENY))
    expected = client(
        client_id=unique_client_id(SCOPE, MAC),
        owner=HostInfo(address=DHCP1, netbios_name="DHCP1"),
        filter_status=FilterStatus.NONE,
    )
    assert api.get_client(by_address(address(50))) == expected
    assert api.enum_clients(SCOPE) == Page((expected,), 0, 1, 0)
    assert expected.hardware_address == MAC


@pytest.mark.parametrize(("version", "stored"), [((6, 3), True), ((10, 0), False)])
def test_quarantine_is_stored_before_2016_only(world: World, version: tuple[int, int], stored: bool) -> None:
    world.lab.set_version("dhcp1", *version)
    new = client(quarantine_status=QuarantineStatus.EXEMPT, probation_ends=END, quarantine_capable=True)
    world.api("dhcp1").create_client(new)
    found = world.api("dhcp1").get_client(by_address(new.address))
    kept = (found.quarantine_status, found.probation_ends, found.quarantine_capable)
    assert kept == ((QuarantineStatus.EXEMPT, END, True) if stored else (QuarantineStatus.NO_QUARANTINE, None, False))


@pytest.mark.parametrize("same", ["address", "client"])
def test_an_address_and_a_client_are_taken(world: World, same: str) -> None:
    api = world.api("dhcp1")
    api.create_client(client())
    second = client(client_id=b"another") if same == "address" else client(address=address(51))
    with pytest.raises(DhcpError) as refused:
        api.create_client(second)
    assert refused.value.winerror == 20014
    api.create_client(client(address=address(50, OTHER)))  # in another scope, the client may have a second record


@pytest.mark.parametrize("state", [LeaseState.ACTIVE, LeaseState.DECLINED])
def test_a_created_record_occupies_its_address(world: World, state: LeaseState) -> None:
    world.lab.exclude(SCOPE, address(51), address(254))
    world.lab.exclude(SCOPE, address(1), address(49))
    world.api("dhcp1").create_client(client(address_state=state))
    assert world.lab.lease(SCOPE, b"another client", server="dhcp1") is None


def test_set_changes_what_it_says(world: World) -> None:
    api = world.api("dhcp1")
    api.create_client(client(address_state=LeaseState.DECLINED))
    later = END + timedelta(days=1)
    api.set_client(
        ClientValues(
            address=address(50),
            subnet_mask=IPv4Address("255.0.0.0"),
            client_id=b"new id",
            name="plotter",
            comment="",
            lease_expires=later,
            owner=HostInfo(address=IPv4Address("192.0.2.9"), netbios_name="ignored"),
            client_type=ClientType.BOOTP,
        )
    )
    assert api.get_client(by_address(address(50))) == client(
        client_id=unique_client_id(SCOPE, b"new id"),
        name="plotter",
        comment="",
        lease_expires=later,
        owner=HostInfo(address=IPv4Address("192.0.2.9"), netbios_name="DHCP1"),
        address_state=LeaseState.ACTIVE,
    )
    found = api.get_client(ClientSearch(type=SearchType.CLIENT_ID, value=unique_client_id(SCOPE, b"new id")))
    assert found.address == address(50)


def test_set_without_name_and_comment_leaves_them(world: World) -> None:
    api = world.api("dhcp1")
    api.create_client(client())
    record = api.get_client(by_address(address(50)))
    api.set_client(values_of(record, name=None, comment=None, lease_expires=None))
    assert api.get_client(by_address(address(50))) == record.replace(lease_expires=None)


@pytest.mark.parametrize("key", ["address", "unique ID", "name"])
def test_a_client_is_found_and_deleted_by_each_key(world: World, key: str) -> None:
    api = world.api("dhcp1")
    for last, scope in ((60, OTHER), (50, SCOPE), (70, THIRD)):
        api.create_client(client(address=address(last, scope)))
    search = {
        "address": by_address(address(50)),
        "unique ID": ClientSearch(type=SearchType.CLIENT_ID, value=unique_client_id(SCOPE, MAC)),
        "name": ClientSearch(type=SearchType.NAME, value="PRINTER"),
    }[key]
    assert api.get_client(search).address == address(50)  # of several with a name, the one with the lowest address
    api.delete_client(search)
    assert [record.address for record in api.enum_clients(IPv4Address(0)).items] == [
        address(60, OTHER),
        address(70, THIRD),
    ]


def test_the_record_of_a_reservation_is_not_deleted(world: World) -> None:
    world.lab.reserve(SCOPE, address(50), MAC)
    with pytest.raises(DhcpError) as refused:
        world.api("dhcp1").delete_client(by_address(address(50)))
    assert refused.value.winerror == 20019
    world.api("dhcp1").get_client(by_address(address(50)))


def test_a_deleted_address_is_free_again(world: World) -> None:
    lease = world.lab.lease(SCOPE, MAC, server="dhcp1")
    assert lease is not None
    world.api("dhcp1").delete_client(by_address(lease.address))
    again = world.lab.lease(SCOPE, b"another", server="dhcp1")
    assert again is not None
    assert again.address == lease.address


def test_a_lease_shows_as_the_failover_functions_show_it(world: World) -> None:
    lease = world.lab.lease(SCOPE, MAC, name="pc", server="dhcp1")
    assert isinstance(lease, FailoverClient)
    found = world.api("dhcp1").get_client(by_address(lease.address))
    common = [name for name in Client._names if name in FailoverClient._names]
    assert [getattr(found, name) for name in common] == [getattr(lease, name) for name in common]


def test_each_record_tells_which_filters_match_it(world: World) -> None:
    api = world.api("dhcp1")
    for octets, filter_list in (
        (MAC, FilterList.ALLOW),
        (MAC[:3], FilterList.DENY),
        (MAC[:2], FilterList.ALLOW),
        (b"\x01", FilterList.ALLOW),
    ):
        pattern = FilterPattern(octets=octets, wildcard=len(octets) < 6)
        api.create_filter(Filter(pattern=pattern, filter_list=filter_list), False)
    api.create_client(client())
    assert api.get_client(by_address(address(50))).filter_status == (
        FilterStatus.FULL_ALLOW | FilterStatus.WILDCARD_DENY | FilterStatus.WILDCARD_ALLOW
    )


# The enumeration


def many(world: World, count: int) -> list[IPv4Address]:
    """Create that many clients, the highest address first."""
    api, made = world.api("dhcp1"), []
    for last in range(count, 0, -1):
        api.create_client(client(address=address(last), client_id=b"id %03d" % last, name=f"host-{last:03}"))
        made.append(address(last))
    return sorted(made)


def test_an_enumeration_is_by_address(world: World) -> None:
    addresses = many(world, 20)
    page = world.api("dhcp1").enum_clients(SCOPE)
    assert ([record.address for record in page.items], page.resume, page.status) == (addresses, 0, 0)


@pytest.mark.parametrize("maximum", [0, 1, 1024, 65536, 65537, WHOLE])
def test_pages_have_a_budget_of_bytes(world: World, maximum: int) -> None:
    """An entry takes 112 bytes, 11 of its ID, 18 of its name, 26 of its comment, 18 of its policy, 12 of its owner."""
    addresses = many(world, 20)
    api = world.api("dhcp1")
    found, handle, pages = [], 0, 0
    while True:
        page = api.enum_clients(SCOPE, handle, maximum)
        found += [record.address for record in page.items]
        pages += 1
        if page.status != 234:
            break
        assert (len(page.items), page.remaining) == (5, 0x7FFFFFFF)
        assert page.resume == int(page.items[-1].address)
        handle = page.resume
    assert (found, page.status, page.resume) == (addresses, 0, 0)
    assert pages == (4 if maximum <= 1024 else 1)


@pytest.mark.parametrize("scope", [OTHER, MISSING, IPv4Address(0)])
def test_no_clients(world: World, scope: IPv4Address) -> None:
    """A scope that does not exist is like one without clients."""
    if int(scope):
        world.api("dhcp1").create_client(client())
    assert world.api("dhcp1").enum_clients(scope) == Page((), 0, 0, 259)


def test_all_scopes_by_address(world: World) -> None:
    api = world.api("dhcp1")
    wanted = [address(9), address(3, OTHER), address(7, OTHER), address(1, THIRD)]
    for number, one in enumerate(reversed(wanted)):
        api.create_client(client(address=one, client_id=b"client %d" % number))
    found, handle = [], 0
    for _ in wanted:
        world.lab.limit_page("dhcp1", 1)
        page = api.enum_clients(IPv4Address(0), handle)
        found += [record.address for record in page.items]
        handle = page.resume
    assert (found, page.status) == (wanted, 0)


def test_a_handle_of_a_vanished_client(world: World) -> None:
    many(world, 3)
    api = world.api("dhcp1")
    world.lab.limit_page("dhcp1", 2)
    handle = api.enum_clients(SCOPE).resume
    api.delete_client(by_address(address(2)))
    with pytest.raises(DhcpError) as refused:
        api.enum_clients(SCOPE, handle)
    assert refused.value.winerror == 20013


def test_one_entry_comes_even_if_it_is_larger_than_the_budget(world: World) -> None:
    api = world.api("dhcp1")
    api.create_client(client(name="n" * 2000))
    assert len(api.enum_clients(SCOPE, 0, 1024).items) == 1
    world.lab.switches = replace(world.lab.switches, at_least_one_entry=False)
    assert api.enum_clients(SCOPE, 0, 1024) == Page((), 0, 0x7FFFFFFF, 234)


def test_a_partial_page_of_nothing(world: World) -> None:
    many(world, 2)
    world.lab.limit_page("dhcp1", 0)
    page = world.api("dhcp1").enum_clients(SCOPE)
    assert (page.items, page.resume, page.status) == ((), 0, 234)


def test_a_reservation_without_a_lease(world: World) -> None:
    lease = world.lab.lease(SCOPE, MAC, server="dhcp1")
    assert lease is not None
    world.lab.put_client("dhcp1", lease.replace(lease_expires=NEVER_USED))
    (record,) = world.api("dhcp1").enum_clients(SCOPE).items
    assert (record.lease_expires, record.has_lease) == (NEVER_USED, False)
    assert record.to_dict(powershell=True)["AddressState"] == "InactiveReservation"
