"""Enumerations: the numbers of the Windows SDK's header, and open to numbers that are not in it."""

import copy
import inspect
import json
import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dhcpfo import AddressStatus, FailoverMode, FailoverState, RelationshipFlags, ServerType, enums
from dhcpfo.enums import (
    ApiProtocols,
    AttributeId,
    ClientType,
    Comparator,
    ConditionType,
    ConfigFields,
    DhcidState,
    DnsFlags,
    ElementType,
    FilterList,
    FilterStatus,
    ForceFlag,
    LeaseState,
    LogicOperator,
    OpenIntEnum,
    OptionLevelType,
    OptionType,
    PolicyFields,
    PropertyId,
    PropertyType,
    QuarantineStatus,
    RangeType,
    ScopeState,
    SearchType,
)

NUMBERS = {
    FailoverMode: {"LOAD_BALANCE": 0, "HOT_STANDBY": 1},
    ServerType: {"PRIMARY": 0, "SECONDARY": 1},
    FailoverState: {
        "NO_STATE": 0,
        "INIT": 1,
        "STARTUP": 2,
        "NORMAL": 3,
        "COMMUNICATION_INTERRUPTED": 4,
        "PARTNER_DOWN": 5,
        "POTENTIAL_CONFLICT": 6,
        "CONFLICT_DONE": 7,
        "RESOLUTION_INTERRUPTED": 8,
        "RECOVER": 9,
        "RECOVER_WAIT": 10,
        "RECOVER_DONE": 11,
        "PAUSED": 12,
        "SHUTDOWN": 13,
    },
    RelationshipFlags: {
        "MCLT": 0x01,
        "STATE_SWITCH_INTERVAL": 0x02,
        "STATE": 0x04,
        "PERCENTAGE": 0x08,
        "MODE": 0x10,
        "PREVIOUS_STATE": 0x20,
        "SHARED_SECRET": 0x40,
    },
    AddressStatus: {"PRIMARY": 0, "SECONDARY": 1, "EXCLUDED": 2, "RESERVED": 3},
    FilterList: {"DENY": 0, "ALLOW": 1},
    FilterStatus: {"NONE": 1, "FULL_ALLOW": 2, "FULL_DENY": 4, "WILDCARD_ALLOW": 8, "WILDCARD_DENY": 0x10},
    SearchType: {"ADDRESS": 0, "CLIENT_ID": 1, "NAME": 2},
    ClientType: {"UNSPECIFIED": 0, "DHCP": 1, "BOOTP": 2, "BOTH": 3, "RESERVATION": 4, "NONE": 0x64},
    LeaseState: {"OFFERED": 0, "ACTIVE": 1, "DECLINED": 2, "DOOMED": 3},
    DhcidState: {"NO_DHCID": 0, "WITHOUT_CLIENT_ID": 1, "WITH_CLIENT_ID": 2, "WITH_DUID": 3},
    DnsFlags: {"CLEANUP": 0x10, "UPDATE_BOTH": 0x20, "UPDATE_PENDING": 0x40, "EXPIRED_NOT_CLEANED": 0x80},
    QuarantineStatus: {
        "NO_QUARANTINE": 0,
        "RESTRICTED_ACCESS": 1,
        "DROP_PACKET": 2,
        "PROBATION": 3,
        "EXEMPT": 4,
        "DEFAULT_SETTING": 5,
        "NO_INFORMATION": 6,
    },
    AttributeId: {
        "IS_ROGUE": 1,
        "IS_DYNAMIC_BOOTP": 2,
        "IS_PART_OF_DIRECTORY": 3,
        "IS_BINDING_AWARE": 4,
        "IS_ADMINISTRATOR": 5,
        "RESTORE_STATUS": 6,
    },
    ElementType: {
        "RANGES": 0,
        "SECONDARY_HOSTS": 1,
        "RESERVATIONS": 2,
        "EXCLUSIONS": 3,
        "USED_CLUSTERS": 4,
        "DHCP_RANGES": 5,
        "DHCP_BOOTP_RANGES": 6,
        "BOOTP_RANGES": 7,
    },
    RangeType: {"UNSPECIFIED": 0, "DHCP": 5, "BOTH": 6, "BOOTP": 7},
    ConditionType: {"MAC_ADDRESS": 0, "OPTION": 1, "SUB_OPTION": 2, "FQDN": 3, "FQDN_SINGLE_LABEL": 4},
    Comparator: {
        "EQUAL": 0,
        "NOT_EQUAL": 1,
        "BEGINS_WITH": 2,
        "NOT_BEGINS_WITH": 3,
        "ENDS_WITH": 4,
        "NOT_ENDS_WITH": 5,
    },
    LogicOperator: {"OR": 0, "AND": 1},
    PropertyId: {"POLICY_DNS_SUFFIX": 0, "CLIENT_ADDRESS_STATE_EX": 1},
    PropertyType: {"BYTE": 0, "WORD": 1, "DWORD": 2, "STRING": 3, "BINARY": 4},
    PolicyFields: {
        "NAME": 0x01,
        "ORDER": 0x02,
        "CONDITIONS": 0x04,
        "RANGES": 0x08,
        "DESCRIPTION": 0x10,
        "ENABLED": 0x20,
        "DNS_SUFFIX": 0x40,
    },
    ApiProtocols: {"TCP": 1, "NAMED_PIPE": 2, "LPC": 4},
    ConfigFields: {
        "API_PROTOCOLS": 0x1,
        "DATABASE_NAME": 0x2,
        "DATABASE_PATH": 0x4,
        "BACKUP_PATH": 0x8,
        "BACKUP_INTERVAL": 0x10,
        "DATABASE_LOGGING": 0x20,
        "RESTORE": 0x40,
        "CLEANUP_INTERVAL": 0x80,
        "DEBUG_FLAGS": 0x100,
        "CONFLICT_DETECTION": 0x200,
        "BOOT_TABLE": 0x400,
        "AUDIT_LOG": 0x800,
        "NAP_ENABLED": 0x1000,
        "NAP_UNREACHABLE_ACTION": 0x2000,
    },
    ScopeState: {"ENABLED": 0, "DISABLED": 1, "ENABLED_SWITCHED": 2, "DISABLED_SWITCHED": 3},
    ForceFlag: {"FULL_FORCE": 0, "NO_FORCE": 1, "FAILOVER_FORCE": 2},
    OptionType: {
        "BYTE": 0,
        "WORD": 1,
        "DWORD": 2,
        "DWORD_DWORD": 3,
        "IP_ADDRESS": 4,
        "STRING": 5,
        "BINARY": 6,
        "ENCAPSULATED": 7,
        "IPV6_ADDRESS": 8,
    },
    OptionLevelType: {"DEFAULT": 0, "SERVER": 1, "SCOPE": 2, "RESERVATION": 3, "MULTICAST_SCOPE": 4},
}
OPEN = [kind for kind in NUMBERS if issubclass(kind, OpenIntEnum)]


@pytest.mark.parametrize("kind", NUMBERS, ids=lambda kind: kind.__name__)
def test_numbers(kind):
    assert {name: int(member) for name, member in kind.__members__.items()} == NUMBERS[kind]


def test_every_public_enumeration_is_listed_here():
    assert {kind.__name__ for kind in NUMBERS} == set(enums.__all__) - {"OpenIntEnum"}


@pytest.mark.parametrize("kind", NUMBERS, ids=lambda kind: kind.__name__)
def test_every_member_is_documented(kind):
    text = inspect.getdoc(kind)
    assert [name for name in kind.__members__ if not re.search(rf"^    {name}: \S.*", text, re.MULTILINE)] == []


@pytest.mark.parametrize("kind", NUMBERS, ids=lambda kind: kind.__name__)
def test_members_print_as_names_and_count_as_numbers(kind):
    for name, member in kind.__members__.items():
        for text in (str(member), f"{member}", "%s" % member, f"{member:>30}".strip(), "{}".format(member)):  # noqa: UP031, UP032
            assert text == name
        assert (int(member), f"{member:d}", "%d" % member, json.loads(json.dumps(member))) == (  # noqa: UP031
            member.value,
            str(member.value),
            str(member.value),
            member.value,
        )
        assert member == member.value
        assert f"{member:#06x}" == f"{member.value:#06x}"


def test_what_has_no_name_prints_as_it_is():
    assert (str(FailoverState(77)), f"{FailoverState(77):<12}|") == ("UNKNOWN_77", "UNKNOWN_77  |")
    both = RelationshipFlags.MCLT | RelationshipFlags.MODE
    assert (str(both), str(RelationshipFlags(0)), str(DnsFlags(0x110))) == ("MCLT|MODE", "0", "CLEANUP|256")


@given(st.sampled_from(OPEN), st.integers(0x65, 0xFFFFFFFF))
def test_an_unknown_number_is_a_member_that_survives_everything(kind, number):
    member = kind(number)
    assert (member, member.value, member.name) == (number, number, f"UNKNOWN_{number}")
    assert isinstance(member, kind)
    assert repr(member) == f"<{kind.__name__}.UNKNOWN_{number}: {number}>"
    for twin in (pickle.loads(pickle.dumps(member)), copy.copy(member), copy.deepcopy(member), kind(number)):
        assert (twin, twin.name, type(twin), hash(twin)) == (member, member.name, kind, hash(member))


@pytest.mark.parametrize("kind", OPEN, ids=lambda kind: kind.__name__)
def test_unknown_numbers_leave_no_trace(kind):
    before = list(kind)
    kind(0x12345678)
    assert list(kind) == before
    assert len(kind._value2member_map_) == len(before)


@pytest.mark.parametrize("wrong", ["NORMAL", None, 1.5])
def test_only_numbers_are_open(wrong):
    with pytest.raises(ValueError, match="is not a valid FailoverState"):
        FailoverState(wrong)


@pytest.mark.parametrize("kind", [RelationshipFlags, DnsFlags])
def test_unknown_flags_are_kept(kind):
    both = kind(0x10 | 0x8000)
    assert int(both) == 0x8010
    assert kind(0x10) in both
    assert pickle.loads(pickle.dumps(both)) == both
