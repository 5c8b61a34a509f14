"""Policies and link-layer filters decide which clients a simulated server serves, and with what."""

from datetime import timedelta
from typing import Any

import pytest

from dhcpfo import Server
from dhcpfo.enums import Comparator, FilterList, LogicOperator
from dhcpfo.errors import DhcpError
from dhcpfo.models import AddressRange, Filter, FilterPattern, Policy, PolicyAttribute, PolicyCondition, PolicyGroup
from dhcpfo.simulator import Lab, Switches
from labs import SCOPE

MAC, OTHER_MAC = bytes.fromhex("001c25000001"), bytes.fromhex("00155d000002")
EQUAL, NOT_EQUAL, BEGINS, ENDS = (
    Comparator.EQUAL,
    Comparator.NOT_EQUAL,
    Comparator.BEGINS_WITH,
    Comparator.ENDS_WITH,
)
Attribute = PolicyAttribute


@pytest.fixture
def server(lab: Lab) -> Server:
    lab.add_server("dhcp1", "192.0.2.1")
    lab.add_scope("10.0.0.0/24")
    return lab.connect("dhcp1", direct=True)


def condition(attribute: Attribute, value: bytes | str = b"", comparator: Comparator = EQUAL) -> PolicyCondition:
    return PolicyCondition.of(attribute, comparator, value)


def add(
    server: Server, name: str, tree: PolicyCondition | PolicyGroup, first: int = 0, last: int = 0, **more: Any
) -> None:
    ranges = [AddressRange(SCOPE + first, SCOPE + last)] if first else []
    server.create_policy(Policy.build(name, tree, **{"scope": SCOPE, "ranges": ranges} | more))


def host_of(lab: Lab, client_id: bytes, **sent: Any) -> int | None:
    """The last part of the address that a client gets."""
    record = lab.lease(SCOPE, client_id, **sent)
    return None if record is None else int(record.address) - int(SCOPE)


SENT = {
    "name": "Printer.Example.com",
    "vendor_class": "MSFT 5.0",
    "user_class": b"kiosk",
    "relay_agent": bytes.fromhex("0104aabbccdd 0203010203 0601ff"),
}

HOLDS = [
    (Attribute.MAC_ADDRESS, MAC, EQUAL, True),
    (Attribute.MAC_ADDRESS, MAC[:3], BEGINS, True),
    (Attribute.MAC_ADDRESS, MAC[3:], ENDS, True),
    (Attribute.MAC_ADDRESS, OTHER_MAC, EQUAL, False),
    (Attribute.MAC_ADDRESS, OTHER_MAC, NOT_EQUAL, True),
    (Attribute.MAC_ADDRESS, MAC[:3], Comparator.NOT_BEGINS_WITH, False),
    (Attribute.MAC_ADDRESS, MAC[3:], Comparator.NOT_ENDS_WITH, False),
    (Attribute.CLIENT_ID, MAC, EQUAL, True),
    (Attribute.VENDOR_CLASS, "MSFT 5.0", EQUAL, True),
    (Attribute.VENDOR_CLASS, "MSFT", BEGINS, True),
    (Attribute.VENDOR_CLASS, "MSFT", EQUAL, False),
    (Attribute.USER_CLASS, "kiosk", EQUAL, True),
    (Attribute.USER_CLASS, "desk", NOT_EQUAL, True),
    (Attribute.RELAY_AGENT, SENT["relay_agent"], EQUAL, True),
    (Attribute.CIRCUIT_ID, "aabbccdd", EQUAL, True),
    (Attribute.REMOTE_ID, "0102", BEGINS, True),
    (Attribute.SUBSCRIBER_ID, "ff", EQUAL, True),
    (Attribute.SUBSCRIBER_ID, "fe", EQUAL, False),
]


@pytest.mark.parametrize(("attribute", "value", "comparator", "holds"), HOLDS)
def test_a_condition(lab: Lab, server: Server, attribute: Any, value: Any, comparator: Any, holds: bool) -> None:
    add(server, "P", condition(attribute, value, comparator), 50, 60)
    assert host_of(lab, MAC, **SENT) == (50 if holds else 1)
    assert lab.clients("dhcp1", SCOPE)[0].policy_name == ("P" if holds else None)


@pytest.mark.parametrize(
    ("attribute", "value", "comparator", "holds"),
    [
        (Attribute.FQDN, "printer.EXAMPLE.com", EQUAL, True),
        (Attribute.FQDN, ".example.com", ENDS, True),
        (Attribute.FQDN, "other", BEGINS, False),
        (Attribute.FQDN_SINGLE_LABEL, "", EQUAL, False),
        (Attribute.FQDN_SINGLE_LABEL, "", NOT_EQUAL, True),
    ],
)
def test_a_condition_on_the_dns_name(
    lab: Lab, server: Server, attribute: Any, value: str, comparator: Any, holds: bool
) -> None:
    add(server, "P", condition(attribute, value, comparator))
    server.set_option_value(51, 3600, scope=SCOPE, policy="P")
    record = lab.lease(SCOPE, MAC, **SENT)
    assert record is not None
    assert record.lease_expires is not None
    assert record.lease_expires - lab.now == (timedelta(hours=1) if holds else timedelta(days=8))
    assert record.policy_name == ("P" if holds else None)


@pytest.mark.parametrize("attribute", [Attribute.VENDOR_CLASS, Attribute.USER_CLASS, Attribute.CIRCUIT_ID])
@pytest.mark.parametrize("differs", [True, False])
def test_absent_values_differ(lab: Lab, server: Server, attribute: Any, differs: bool) -> None:
    lab.switches = Switches(absent_values_differ=differs)
    value = b"x" if attribute is Attribute.CIRCUIT_ID else "x"
    add(server, "is", condition(attribute, value), 50, 60)
    assert host_of(lab, MAC) == 1
    add(server, "is not", condition(attribute, value, NOT_EQUAL), 70, 80)
    assert host_of(lab, OTHER_MAC) == (70 if differs else 2)


@pytest.mark.parametrize(("operator", "expected"), [(LogicOperator.OR, 50), (LogicOperator.AND, 1)])
def test_conditions_are_joined(lab: Lab, server: Server, operator: LogicOperator, expected: int) -> None:
    inner = PolicyGroup(LogicOperator.AND, (condition(Attribute.USER_CLASS, "kiosk"),))
    tree = PolicyGroup(operator, (condition(Attribute.MAC_ADDRESS, OTHER_MAC), inner))
    add(server, "P", tree, 50, 60)
    assert host_of(lab, MAC, **SENT) == expected
    assert host_of(lab, OTHER_MAC, **SENT) == (50 if expected == 1 else 51)


def test_policies_are_tried_in_their_order(lab: Lab, server: Server) -> None:
    begins, whole = condition(Attribute.MAC_ADDRESS, MAC[:3], BEGINS), condition(Attribute.MAC_ADDRESS, MAC)
    add(server, "many", begins, 50, 50)
    add(server, "one", whole, 60, 60)
    assert host_of(lab, MAC[:3] + b"abc") == 50
    assert host_of(lab, MAC) == 60  # the range of the first is used up
    assert host_of(lab, MAC[:3] + b"def") is None
    assert [record.policy_name for record in lab.clients("dhcp1", SCOPE)] == ["many", "one"]


def test_policy_clients_stay(lab: Lab, server: Server) -> None:
    add(server, "P", condition(Attribute.MAC_ADDRESS, MAC[:3], BEGINS), 50, 50)
    assert host_of(lab, MAC) == 50
    for stay, expected in ((True, None), (False, 1)):
        lab.switches = Switches(policy_clients_stay=stay)
        assert host_of(lab, MAC[:3] + b"abc") == expected


def test_policy_ranges_kept(lab: Lab, server: Server) -> None:
    add(server, "P", condition(Attribute.MAC_ADDRESS, MAC), 1, 9)
    for kept, expected in ((True, 10), (False, 1)):
        lab.switches = Switches(policy_ranges_kept=kept)
        assert host_of(lab, bytes([kept, 5])) == expected


def test_a_policy_that_does_not_apply(lab: Lab, server: Server) -> None:
    add(server, "P", condition(Attribute.MAC_ADDRESS, MAC), 1, 9, enabled=False)
    assert host_of(lab, OTHER_MAC) == 1
    server.set_policy("P", enabled=True, scope=SCOPE)
    server.set_policy_enforcement(scope=SCOPE, enabled=False)
    assert host_of(lab, b"\x02\x03") == 2
    server.set_policy_enforcement(scope=SCOPE, enabled=True)
    assert host_of(lab, b"\x04\x05") == 10
    assert host_of(lab, MAC) == 3


def test_the_lease_time_of_a_policy(lab: Lab, server: Server) -> None:
    vendor = condition(Attribute.VENDOR_CLASS, "MSFT 5.0")
    add(server, "of the server", vendor, scope=None)
    server.set_option_value(51, 60, policy="of the server")
    assert length(lab, vendor_class="MSFT 5.0") == timedelta(minutes=1)
    add(server, "of the scope", vendor)
    assert length(lab, vendor_class="MSFT 5.0") == timedelta(minutes=1)  # the first that has the option
    server.set_option_value(51, 120, scope=SCOPE, policy="of the scope")
    assert length(lab, vendor_class="MSFT 5.0") == timedelta(minutes=2)
    assert length(lab) == timedelta(days=8)


def length(lab: Lab, **sent: Any) -> timedelta:
    record = lab.lease(SCOPE, MAC, **sent)
    assert record is not None
    assert record.lease_expires is not None
    return record.lease_expires - lab.now


def test_a_reservation_comes_before_policies(lab: Lab, server: Server) -> None:
    add(server, "P", condition(Attribute.MAC_ADDRESS, MAC), 50, 60)
    server.add_reservation(SCOPE, SCOPE + 99, MAC)
    assert host_of(lab, MAC) == 99


def test_each_partner_gives_out_its_part_of_a_policy_range(lab: Lab) -> None:
    dhcp1, dhcp2 = lab.add_pair("pair", scopes=["10.0.0.0/24"], direct=True)
    for one in (dhcp1, dhcp2):
        add(one, "P", condition(Attribute.MAC_ADDRESS, MAC[:3], BEGINS), 120, 135)
    clients = [MAC[:3] + bytes([0, 0, number]) for number in range(16)]
    hosts = [host_of(lab, client) for client in clients]
    assert sorted(host or 0 for host in hosts) == list(range(120, 136))
    assert {record.owner.address for record in lab.clients("dhcp1", SCOPE)} == {
        dhcp1.get_relationship("pair").primary_server,
        dhcp1.get_relationship("pair").secondary_server,
    }
    assert host_of(lab, MAC[:3] + b"xyz") is None


# Filters


@pytest.mark.parametrize(
    ("allow", "deny", "wins", "expected"),
    [
        (False, False, True, 1),
        (True, False, True, 1),
        (False, True, True, None),
        (True, True, True, None),
        (True, True, False, 1),
    ],
)
def test_deny_filters_win(lab: Lab, server: Server, allow: bool, deny: bool, wins: bool, expected: int | None) -> None:
    lab.switches = Switches(deny_filters_win=wins)
    server.create_filter(Filter(pattern=FilterPattern(octets=MAC), filter_list=FilterList.ALLOW))
    server.create_filter(Filter(pattern=FilterPattern(octets=MAC[:3], wildcard=True), filter_list=FilterList.DENY))
    server.set_filter_lists(allow=allow, deny=deny)
    assert host_of(lab, MAC) == expected
    assert host_of(lab, MAC[:3] + b"abc") == (None if allow or deny else 2)


@pytest.mark.parametrize("binds", [True, False])
def test_filters_bind_reserved_clients(lab: Lab, server: Server, binds: bool) -> None:
    lab.switches = Switches(filters_bind_reserved_clients=binds)
    server.add_reservation(SCOPE, SCOPE + 99, MAC)
    server.create_filter(Filter(pattern=FilterPattern(octets=MAC), filter_list=FilterList.DENY))
    server.set_filter_lists(allow=False, deny=True)
    assert host_of(lab, MAC) == (None if binds else 99)


@pytest.mark.parametrize("conflict", [True, False])
def test_filters_conflict_with_reservations(lab: Lab, server: Server, conflict: bool) -> None:
    lab.switches = Switches(filters_conflict_with_reservations=conflict)
    server.add_reservation(SCOPE, SCOPE + 99, MAC)
    codes = []
    for pattern in (
        FilterPattern(octets=MAC),
        FilterPattern(octets=MAC[:2], wildcard=True),
        FilterPattern(octets=OTHER_MAC),
    ):
        try:
            server.create_filter(Filter(pattern=pattern, filter_list=FilterList.DENY))
            codes.append(0)
        except DhcpError as error:
            codes.append(error.winerror)
    assert codes == ([20094, 20094, 0] if conflict else [0, 0, 0])


@pytest.mark.parametrize("by_address", [True, False])
def test_filters_by_address(lab: Lab, server: Server, by_address: bool) -> None:
    lab.switches = Switches(filters_by_address=by_address)
    patterns = [FilterPattern(octets=bytes([number]) * 6) for number in (3, 1, 2)]
    for pattern in patterns:
        server.create_filter(Filter(pattern=pattern, filter_list=FilterList.DENY))
    server.create_filter(Filter(pattern=patterns[1], filter_list=FilterList.DENY, comment="new"), overwrite=True)
    lab.limit_page("dhcp1", 1, every=True)
    listed = [entry.pattern for entry in server.filters(filter_list=FilterList.DENY)]
    assert listed == ([patterns[1], patterns[2], patterns[0]] if by_address else patterns)
