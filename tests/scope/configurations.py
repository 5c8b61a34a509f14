"""Configurations of scopes that a server can have, for hypothesis; and servers to write them to."""

from datetime import timedelta
from ipaddress import IPv4Address

from hypothesis import strategies as st

from dhcpfo.enums import ClientType, Comparator, LogicOperator, OptionType, RangeType, ScopeState
from dhcpfo.models import (
    AddressRange,
    DhcpClass,
    OptionDefinition,
    OptionValue,
    Policy,
    PolicyAttribute,
    PolicyCondition,
    PolicyGroup,
    Reservation,
    ScopeRange,
)
from dhcpfo.scope import ScopeConfig
from dhcpfo.simulator import Lab

NETWORK = "10.0.1.0/24"
SCOPE = IPv4Address("10.0.1.0")
USER_CLASSES = {"Kiosk": b"kiosk", "Staff": b"staff"}
VENDOR_CLASSES = {"Cisco Phones": b"cisco-phone", "Printers": b"printer"}
VENDOR_OPTIONS = {1: OptionType.IP_ADDRESS, 66: OptionType.STRING, 200: OptionType.BINARY}


def lab_of(*names):
    """A lab of servers that have the classes and definitions of the configurations."""
    lab = Lab()
    for number, name in enumerate(names, 1):
        lab.add_server(name, f"192.0.2.{number}")
        furnish(lab.connect(name, direct=True))
    return lab


def furnish(server):
    for name, data in USER_CLASSES.items():
        server.create_class(DhcpClass(name=name, data=data))
    for name, data in VENDOR_CLASSES.items():
        server.create_class(DhcpClass(name=name, data=data, is_vendor=True))
        for number, type_ in VENDOR_OPTIONS.items():
            default = {OptionType.IP_ADDRESS: "0.0.0.0", OptionType.STRING: "", OptionType.BINARY: b""}[type_]
            server.create_option_definition(
                OptionDefinition(id=number, name=f"{name} {number}", type=type_, default=default, vendor_class=name)
            )


def address(number):
    return IPv4Address(int(SCOPE) + number)


def span(first, last):
    return AddressRange(address(first), address(last))


names = st.one_of(st.none(), st.sampled_from(["Branch 17", "Straße", "x" * 30, "a 'b' \"c\"", "Ω"]))
octets = st.binary(min_size=1, max_size=8)
states = st.sampled_from(list(ScopeState))


@st.composite
def spans(draw, first=1, last=254):
    start = draw(st.integers(first, last))
    return start, draw(st.integers(start, last))


ADDRESSES = st.integers(0, 0xFFFFFFFF).map(IPv4Address)
DATA = {
    3: (OptionType.IP_ADDRESS, ADDRESSES, 3),
    6: (OptionType.IP_ADDRESS, ADDRESSES, 3),
    15: (OptionType.STRING, st.sampled_from(["example.com", "a.example", ""]), 1),
    23: (OptionType.BYTE, st.integers(0, 255), 1),
    43: (OptionType.BINARY, st.binary(max_size=12), 1),
    51: (OptionType.DWORD, st.sampled_from([3600, 86400, 0xFFFFFFFF]), 1),
    81: (OptionType.DWORD, st.integers(0, 255), 1),
}


@st.composite
def option_values(draw, numbers=tuple(DATA), user_classes=(None, *USER_CLASSES), vendor=True):
    found = []
    for user_class in draw(st.lists(st.sampled_from(user_classes), unique=True, max_size=2)):
        for number in draw(st.lists(st.sampled_from(numbers), unique=True, max_size=4)):
            kind, items, most = DATA[number]
            values = draw(st.lists(items, min_size=1, max_size=most))
            if draw(st.integers(0, 9)) == 0:  # servers do not compare the type with the definition's
                kind, values = OptionType.BINARY, [b"\x01\x02"]
            found.append(OptionValue(number, kind, values, user_class=user_class))
    for vendor_class in draw(st.lists(st.sampled_from([*VENDOR_CLASSES]), unique=True, max_size=1 if vendor else 0)):
        for number in draw(st.lists(st.sampled_from([*VENDOR_OPTIONS]), unique=True, max_size=2)):
            kind = VENDOR_OPTIONS[number]
            value = draw({4: ADDRESSES, 5: st.text("abc", max_size=4), 6: st.binary(max_size=4)}[int(kind)])
            found.append(OptionValue(number, kind, [value], vendor_class=vendor_class))
    return found


def condition(attribute, value, comparator=Comparator.EQUAL):
    return PolicyCondition.of(attribute, comparator, value)


PLAIN = [
    condition(PolicyAttribute.MAC_ADDRESS, b"\x00\x15\x5d", Comparator.BEGINS_WITH),
    condition(PolicyAttribute.MAC_ADDRESS, b"\x00\x15\x5d\x01\x02\x03"),
    PolicyGroup(
        LogicOperator.OR,
        (
            condition(PolicyAttribute.VENDOR_CLASS, "cisco-phone"),
            PolicyGroup(
                LogicOperator.AND,
                (
                    condition(PolicyAttribute.CLIENT_ID, b"\x01\x02"),
                    condition(PolicyAttribute.CLIENT_ID, b"\x03", Comparator.BEGINS_WITH),
                ),
            ),
        ),
    ),
    PolicyGroup(
        LogicOperator.AND,
        (
            condition(PolicyAttribute.USER_CLASS, "kiosk"),
            condition(PolicyAttribute.USER_CLASS, "staff", Comparator.BEGINS_WITH),
        ),
    ),
]
DNS = [condition(PolicyAttribute.FQDN, "example.com", Comparator.ENDS_WITH)]


@st.composite
def policies(draw, whole):
    """Policies with ranges inside ``whole`` that do not overlap, and their option values."""
    wanted = draw(st.lists(st.sampled_from(["Phones", "Printers", "kiosks", "Guests"]), unique=True, max_size=4))
    made, options = [], {}
    free = whole[0] if whole else 255
    for place, name in enumerate(draw(st.permutations(wanted)), 1):
        dns = draw(st.integers(0, 3)) == 0
        ranges = []
        if not dns and whole and free < whole[1] and draw(st.booleans()):
            end = draw(st.integers(free, whole[1]))
            ranges, free = [span(free, end)], end + 1
        policy = Policy.build(
            name,
            draw(st.sampled_from(DNS if dns else PLAIN)),
            scope=SCOPE,
            order=place,
            ranges=ranges,
            description=draw(names),
            enabled=draw(st.booleans()),
            dns_suffix=draw(st.sampled_from([None, "phones.example"])),
        )
        made.append(policy)
        options[name] = draw(option_values((51, 81) if dns else tuple(DATA), (None,), vendor=not dns))
    return made, options


CLIENTS = [b"one", b"two", b"3", b"\x00\x15\x5d\x00\x00\x01", b"five"]


@st.composite
def configs(draw):
    """A configuration that a server can have."""
    whole = draw(st.one_of(st.none(), spans()))
    found = None
    if whole is not None:
        kind = draw(st.sampled_from([RangeType.DHCP, RangeType.DHCP, RangeType.BOTH, RangeType.BOOTP]))
        limit = draw(st.sampled_from([0xFFFFFFFF, 5])) if kind == RangeType.BOTH else 0xFFFFFFFF
        found = ScopeRange(start=address(whole[0]), end=address(whole[1]), type=kind, max_bootp=limit)
    reservations, of_reservations = [], {}
    if whole is not None:
        # A range may have become smaller after an address was reserved.
        inside = st.integers(*whole) if draw(st.booleans()) else st.integers(1, 254)
        numbers = draw(st.lists(inside, unique=True, max_size=4))
        clients = draw(st.permutations(CLIENTS))
        for number, client in zip(numbers, clients, strict=False):
            reservations.append(
                Reservation(
                    address=address(number),
                    client_id=client,
                    name=draw(names),
                    description=draw(names),
                    type=draw(st.sampled_from([ClientType.BOTH, ClientType.DHCP, ClientType.BOOTP])),
                )
            )
            of_reservations[address(number)] = draw(option_values())
    made, of_policies = draw(policies(whole))
    return ScopeConfig(
        network=NETWORK,
        name=draw(names),
        comment=draw(names),
        state=draw(states),
        range=found,
        exclusions=[span(*one) for one in draw(st.lists(spans(), max_size=4))],
        reservations=reservations,
        options=draw(option_values()),
        reservation_options=of_reservations,
        policies=made,
        policy_options=of_policies,
        policies_enforced=draw(st.booleans()),
        offer_delay=timedelta(milliseconds=draw(st.sampled_from([0, 10, 1000]))),
        superscope=draw(st.sampled_from([None, "Campus", "Büro"])),
    )
