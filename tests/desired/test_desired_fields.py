"""An export says everything that a pair has: what a file cannot say is a comment.

Each field of what servers have is changed, one after the other; the export must not stay the same. A field that is new
has no value here and fails, so nobody forgets it.
"""

from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network

import pytest

from dhcpfo.enums import (
    ClientType,
    FailoverMode,
    FilterList,
    LogicOperator,
    OptionType,
    PropertyId,
    PropertyType,
    RangeType,
    ScopeState,
    ServerType,
)
from dhcpfo.fleet.desired.export import relationship_lines
from dhcpfo.fleet.desired.export_level import level_lines
from dhcpfo.fleet.desired.export_policies import Shared
from dhcpfo.fleet.desired.export_scope import scope_lines
from dhcpfo.fleet.desired.export_server import server_lines
from dhcpfo.models import (
    AddressRange,
    DhcpClass,
    Filter,
    FilterLists,
    FilterPattern,
    OptionDefinition,
    OptionValue,
    Policy,
    PolicyAttribute,
    PolicyCondition,
    PolicyGroup,
    Relationship,
    Reservation,
    ScopeRange,
)
from dhcpfo.models.policies import Property
from dhcpfo.scope import ScopeConfig, ServerOverview
from dhcpfo.scope.frozen import EMPTY
from dhcpfo.scope.server_level import ServerLevel

DEFINITIONS = (
    OptionDefinition(id=3, name="Router", type=OptionType.IP_ADDRESS, default=("0.0.0.0",), multivalued=True),
    OptionDefinition(id=15, name="Name", type=OptionType.STRING, default=("",)),
)
KNOWN = Shared({}, DEFINITIONS)


def condition(text):
    return PolicyCondition.of(PolicyAttribute.MAC_ADDRESS, value=text)


def a(text):
    return IPv4Address(text)


ROUTER = OptionValue(3, OptionType.IP_ADDRESS, (a("10.0.1.1"),))
NAME = OptionValue(15, OptionType.STRING, ("example.com",))
CONDITIONS = tuple(map(condition, ("00-11-22-33-44-55", "00-11-22-33-44-66")))
POLICY = Policy.build("P", PolicyGroup(LogicOperator.OR, CONDITIONS))
RANGE = ScopeRange(start=a("10.0.1.1"), end=a("10.0.1.254"), type=RangeType.BOTH, max_bootp=5)
RESERVATION = Reservation(address=a("10.0.1.50"), client_id=b"\1\2")
SCOPE = ScopeConfig(
    network="10.0.1.0/24",
    range=RANGE,
    reservations=[RESERVATION],
    options=[ROUTER],
    reservation_options={a("10.0.1.50"): [NAME]},
    policies=[POLICY],
    policy_options={"P": [ROUTER]},
)
FILTER = Filter(pattern=FilterPattern(octets=b"\0\1\2\3\4\5"), filter_list=FilterList.ALLOW)
LEVEL = ServerLevel(options=[ROUTER], policies=[POLICY], policy_options={"P": {NAME.key: NAME}}, filters=[FILTER])
CLASS = DhcpClass(name="C", data=b"c")
DEFINITION = OptionDefinition(id=240, name="D", type=OptionType.BYTE, default=(0,))
RELATED = Relationship(
    name="r",
    primary_server="192.0.2.1",
    secondary_server="192.0.2.2",
    mode=FailoverMode.LOAD_BALANCE,
    server_type=ServerType.PRIMARY,
    percentage=50,
    scopes=["10.0.1.0"],
)

NO_FIELD = object()
"""The value of a field that is not for a file; the reason is beside it."""

FIELDS = {
    SCOPE: {
        "network": IPv4Network("10.0.1.0/25"),
        "name": "n",
        "comment": "c",
        "state": ScopeState.ENABLED_SWITCHED,
        "range": None,
        "exclusions": (AddressRange(a("10.0.1.5"), a("10.0.1.6")),),
        "reservations": {a("10.0.1.50"): RESERVATION.replace(client_id=b"\3")},
        "options": {},
        "reservation_options": {},
        "policies": (POLICY.replace(enabled=False),),
        "policy_options": {},
        "policies_enforced": False,
        "offer_delay": timedelta(milliseconds=7),
        "superscope": "s",
        "quarantine": 1,
        "unread": NO_FIELD,  # an error: nothing is exported
    },
    RANGE: {
        "start": a("10.0.1.2"),
        "end": a("10.0.1.253"),
        "type": RangeType.BOOTP,
        "bootp_allocated": NO_FIELD,  # what clients have now
        "max_bootp": 0xFFFFFFFF,
    },
    RESERVATION: {
        "address": a("10.0.1.51"),
        "client_id": b"",
        "name": "n",
        "description": "d",
        "type": ClientType.UNSPECIFIED,
        "has_options": NO_FIELD,  # the options themselves are there
    },
    ROUTER: {
        "id": 15,
        "type": OptionType.STRING,
        "values": (a("10.0.1.2"),),
        "vendor_class": "V",
        "user_class": "U",
        "policy": NO_FIELD,  # says where the value is
    },
    POLICY: {
        "name": "Q",
        "scope": NO_FIELD,  # says where the policy is
        "order": NO_FIELD,  # the order of the lines
        "conditions": POLICY.conditions[:1],
        "expressions": Policy.build("P", PolicyGroup(LogicOperator.AND, CONDITIONS)).expressions,
        "ranges": (AddressRange(a("10.0.1.5"), a("10.0.1.6")),),
        "description": "d",
        "enabled": False,
        "properties": (Property(PropertyId(77), PropertyType.DWORD, 7),),
    },
    LEVEL: {
        "options": {},
        "policies": (POLICY.replace(enabled=False),),
        "policy_options": {},
        "policies_enforced": False,
        "filters": (FILTER.replace(filter_list=FilterList.DENY),),
        "filter_lists": FilterLists(allow=True, deny=False),
        "conflict_detection_attempts": 2,
    },
    FILTER: {
        "pattern": FilterPattern(octets=b"\0\1"),
        "filter_list": FilterList.DENY,
        "comment": "c",
    },
    FILTER.pattern: {
        "octets": b"\0\1\2\3\4\6",
        "wildcard": True,
        "hardware_type": 6,
        "match_hardware_type": False,
    },
    LEVEL.filter_lists: {"allow": True, "deny": True},
    CLASS: {
        "name": "D",
        "data": b"\0",
        "is_vendor": True,
        "description": "d",
        "flags": NO_FIELD,  # undocumented; 0
    },
    DEFINITION: {
        "id": 241,
        "name": "E",
        "type": OptionType.WORD,
        "default": (7,),
        "multivalued": True,
        "description": "d",
        "vendor_class": "V",
        "user_class": "U",
    },
    RELATED: {
        "name": "s",
        "primary_server": NO_FIELD,  # addresses and names are those of the two servers
        "secondary_server": NO_FIELD,
        "primary_server_name": NO_FIELD,
        "secondary_server_name": NO_FIELD,
        "mode": FailoverMode.HOT_STANDBY,
        "server_type": ServerType.SECONDARY,
        "state": NO_FIELD,  # what happens now
        "previous_state": NO_FIELD,
        "mclt": timedelta(hours=2),
        "state_switch_interval": timedelta(minutes=45),
        "percentage": 60,
        "scopes": ["10.0.2.0"],
        "shared_secret": "marker",
    },
}
"""Another value of each field."""


def changed(value, name, other):
    if value is RESERVATION and name == "address":
        entry = RESERVATION.replace(address=other)
        return SCOPE.replace(reservations=[entry], reservation_options={other: [NAME]})
    if value is ROUTER and name == "type":
        return SCOPE.replace(options=[OptionValue(3, other, ("10.0.1.1",))])  # the same text
    new = value.replace(**{name: other})
    places = {
        RANGE: lambda: SCOPE.replace(range=new),
        RESERVATION: lambda: SCOPE.replace(reservations=[new]),
        ROUTER: lambda: SCOPE.replace(options=[new]),
        POLICY: lambda: SCOPE.replace(policies=[new], policy_options={new.name: [ROUTER]}),
        FILTER: lambda: LEVEL.replace(filters=[new]),
        FILTER.pattern: lambda: LEVEL.replace(filters=[FILTER.replace(pattern=new)]),
        LEVEL.filter_lists: lambda: LEVEL.replace(filter_lists=new),
    }
    return places.get(value, lambda: new)()


def overview(classes=(CLASS,), definitions=(DEFINITION,)):
    return ServerOverview(
        relationships=(),
        scopes=(),
        superscopes=EMPTY,
        attributes=EMPTY,
        clock=None,
        classes=classes,
        definitions=definitions,
    )


def said(value, other=None):
    """Return the lines for what two servers have."""
    match value:
        case ScopeConfig():
            return list(scope_lines(value, other or value, KNOWN))
        case ServerLevel():
            return list(level_lines(value, other or value, KNOWN))
        case DhcpClass():
            return list(server_lines(overview(classes=(value,)), overview(classes=(other or value,))))
        case OptionDefinition():
            return list(server_lines(overview(definitions=(value,)), overview(definitions=(other or value,))))
    return list(relationship_lines(value, other or value, "dhcp2"))


OF_PAIRS = ((RELATED, "name"), (RELATED, "server_type"))
"""What two copies that belong together do not have alike, or always have otherwise."""

CASES = [(value, name) for value, fields in FIELDS.items() for name, other in fields.items() if other is not NO_FIELD]


@pytest.mark.parametrize("value", FIELDS, ids=lambda one: type(one).__name__)
def test_each_field_has_a_value_here(value):
    assert list(FIELDS[value]) == list(value._names)


@pytest.mark.parametrize(("value", "name"), CASES, ids=lambda one: one if isinstance(one, str) else type(one).__name__)
def test_an_export_says_each_field(value, name):
    whole = SCOPE if value in (RANGE, RESERVATION, ROUTER, POLICY) else value
    whole = LEVEL if value in (FILTER, FILTER.pattern, LEVEL.filter_lists) else whole
    new = changed(value, name, FIELDS[value][name])
    assert said(new) != said(whole)
    if not isinstance(whole, ScopeConfig) and (value, name) not in OF_PAIRS:  # scopes have one line for all of it
        assert any("#" in line for line in said(whole, new)), "what the two servers do not have alike is a comment"
