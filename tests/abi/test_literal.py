"""NativeApi over literal bytes: what is read from each offset, and what is written there.

The bytes on both sides were typed by hand from the documented layouts, never taken from tools/abi: an encoder and
a decoder of one hand would agree with each other when two fields are swapped.
"""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

import pytest

from dhcpfo import (
    AddressStatus,
    FailoverClient,
    FailoverMode,
    FailoverState,
    HostInfo,
    Relationship,
    RelationshipFlags,
    ScopeStatistics,
    ServerType,
    SystemTime,
)
from dhcpfo.enums import AttributeId, ClientType, QuarantineStatus, SearchType
from dhcpfo.models import Addresses, ClientSearch, Page, RelationshipValues, ServerAttribute, ServerVersion
from literal import GIVEN, NULL, PAD4, WIDE, provided

pytestmark = pytest.mark.abi

HQ = Relationship(
    name="hq-é",
    primary_server="192.0.2.1",
    secondary_server="192.0.2.9",
    primary_server_name="p1",
    secondary_server_name="\ufeffs2",
    mode=FailoverMode.HOT_STANDBY,
    server_type=ServerType.PRIMARY,
    state=FailoverState.COMMUNICATION_INTERRUPTED,
    previous_state=FailoverState.NORMAL,
    mclt=timedelta(seconds=3601),
    state_switch_interval=timedelta(seconds=601),
    percentage=55,
    scopes=["10.1.2.0", "10.3.4.0", "172.16.5.0"],
    shared_secret="s€\U0001f600",
)
ODD = Relationship(
    name="",
    primary_server="255.255.255.254",
    secondary_server="0.0.0.2",
    mode=FailoverMode(0x21),
    server_type=ServerType(0x22),
    state=FailoverState(0x23),
    previous_state=FailoverState(0x80000024),
    mclt=timedelta(seconds=0xFFFFFFFE),
    percentage=200,
)


@pytest.fixture
def witness():
    yield from provided("literal")


def test_relationship(witness):
    assert witness.api.get_relationship("é\U0001f600") == HQ
    assert witness.seen == [b"\xe9\x00\x3d\xd8\x00\xde\x00\x00"]


def test_relationship_of_nulls_and_unknown_values(witness):
    assert witness.api.get_scope_relationship(IPv4Address("10.1.2.4")) == ODD
    assert witness.seen == [b"\x04\x02\x01\x0a"]


def test_every_field_differs():
    """No two fields have the same value, so a swap of two of them shows."""
    values = [getattr(HQ, name) for name in Relationship.__slots__ if name != "scopes"]
    assert len(set(values)) == len(values)


def test_enumeration(witness):
    page = witness.api.enum_relationships(0x11121314, 0x21222324)
    assert page == Page((ODD, HQ), resume=0x01020304, remaining=0x0A0B0C0D, status=234)
    assert witness.seen == [b"\x14\x13\x12\x11", b"\x24\x23\x22\x21"]


def test_statistics(witness):
    assert witness.api.get_scope_statistics(IPv4Address("10.1.2.5")) == ScopeStatistics(
        addresses_total=0x1001,
        addresses_free=0x2002,
        addresses_in_use=0x3003,
        addresses_free_on_partner_server=0x4004,
        addresses_free_on_this_server=0x5005,
        addresses_in_use_on_partner_server=0x6006,
        addresses_in_use_on_this_server=0x80007007,
    )
    assert witness.seen == [b"\x05\x02\x01\x0a"]


def seconds(number):
    return datetime.fromtimestamp(number, UTC)


CLIENT = FailoverClient(
    address=IPv4Address("10.0.1.77"),
    subnet_mask=IPv4Address("255.255.254.0"),
    client_id=b"\x0a\x00\x0b\x00\x0c",
    name="c1",
    comment="c2",
    # FILETIME counts tenths of microseconds from 1601, which is 11644473600 seconds before 1970.
    lease_expires=seconds(0x01DC357C44331680 // 10**7 - 11644473600)
    + timedelta(microseconds=0x01DC357C44331680 % 10**7 // 10),
    owner=HostInfo(address=IPv4Address("8.7.6.5"), netbios_name="o3", host_name="o4"),
    client_type=ClientType.NONE,
    address_state=0x29,
    quarantine_status=QuarantineStatus.EXEMPT,
    probation_ends=seconds(0),
    quarantine_capable=True,
    potential_expiration_sent=seconds(0x60000011),
    potential_expiration_acknowledged=seconds(0x60000012),
    potential_expiration_received=seconds(0x60000013),
    start_time=seconds(0x60000014),
    last_transaction=seconds(0x60000015),
    last_binding_update=seconds(0xF0000016),
    binding_status=0xF0000017,
    policy_name="p5",
    flags=0x81,
)

SEARCHES = [
    (
        ClientSearch(type=SearchType.ADDRESS, value=IPv4Address("10.0.1.77")),
        [b"\x00\0\0\0" + PAD4 + b"\x4d\x01\x00\x0a" + bytes(12 if WIDE else 4)],
    ),
    (
        ClientSearch(type=SearchType.CLIENT_ID, value=b"\x01\x00\x02"),
        [b"\x01\x00\x02", b"\x01\0\0\0" + PAD4 + b"\x03\0\0\0" + PAD4 + GIVEN],
    ),
    (
        ClientSearch(type=SearchType.NAME, value="pc"),
        [b"p\0c\0\0\0", b"\x02\0\0\0" + PAD4 + GIVEN + NULL],
    ),
]


@pytest.mark.parametrize(("search", "given"), SEARCHES, ids=["address", "client_id", "name"])
def test_client(witness, search, given):
    assert witness.api.get_failover_client(search) == CLIENT
    assert sorted(witness.seen) == sorted(given)


def test_system_time(witness):
    expected = SystemTime(time=seconds(0xF1020304), max_allowed_difference=timedelta(seconds=61))
    assert witness.api.get_system_time() == expected
    assert witness.seen == []


def test_address_status(witness):
    assert witness.api.get_address_status(IPv4Address("1.2.3.4")) is AddressStatus.RESERVED
    assert witness.seen == [b"\x04\x03\x02\x01"]


def numbers(relationship_numbers: bytes, pointers: list[bytes], percentage: bytes, secret: bytes) -> bytes:
    return relationship_numbers + b"".join(pointers) + percentage + bytes(7 if WIDE else 3) + secret


HQ_NUMBERS = bytes.fromhex("010200c0 090200c0 01000000 00000000 04000000 03000000 110e0000 59020000")
HQ_TEXTS = ["hq-é", "p1", "\ufeffs2", "s€\U0001f600"]
HQ_SCOPES = b"\x00\x02\x01\x0a\x00\x04\x03\x0a\x00\x05\x10\xac"


def wide(text):
    return text.encode("utf-16-le") + b"\0\0"


def test_create(witness):
    witness.api.create_relationship(HQ)
    assert witness.seen == [
        numbers(HQ_NUMBERS, [GIVEN] * 4, b"\x37", GIVEN),
        *map(wide, HQ_TEXTS),
        b"\x03\0\0\0",
        HQ_SCOPES,
    ]


def test_create_with_nothing_optional(witness):
    witness.api.create_relationship(ODD)
    odd = bytes.fromhex("feffffff 02000000 21000000 22000000 23000000 24000080 feffffff ffffffff")
    assert witness.seen == [
        numbers(odd, [GIVEN, NULL, NULL, GIVEN], b"\xc8", NULL),
        b"\0\0",
        b"",
        b"",
        b"",
        b"\0\0\0\0",
        b"",
    ]


def test_set(witness):
    values = RelationshipValues(
        mclt=HQ.mclt,
        state_switch_interval=HQ.state_switch_interval,
        state=HQ.state,
        previous_state=HQ.previous_state,
        mode=HQ.mode,
        percentage=HQ.percentage,
        shared_secret=HQ.shared_secret,
    )
    witness.api.set_relationship("hq-é", RelationshipFlags(0x8000007F), values)
    assert witness.seen == [
        b"\x7f\0\0\x80",
        numbers(bytes(8) + HQ_NUMBERS[8:12] + bytes(4) + HQ_NUMBERS[16:], [GIVEN, NULL, NULL, NULL], b"\x37", GIVEN),
        wide("hq-é"),
        b"",
        b"",
        wide("s€\U0001f600"),
    ]


@pytest.mark.parametrize("method", ["add_failover_scopes", "remove_failover_scopes"])
def test_scopes(witness, method):
    getattr(witness.api, method)("hq-é", HQ.scopes)
    assert witness.seen == [
        numbers(bytes(32), [GIVEN, NULL, NULL, GIVEN], b"\0", NULL),
        wide("hq-é"),
        b"",
        b"",
        b"",
        b"\x03\0\0\0",
        HQ_SCOPES,
    ]


@pytest.mark.parametrize("method", ["delete_relationship", "trigger_address_allocation"])
def test_name_alone(witness, method):
    getattr(witness.api, method)("a\udc00b")
    assert witness.seen == [b"a\0\x00\xdcb\0\0\0"]


def test_no_name_is_null(witness):
    witness.api.delete_relationship(None)
    assert witness.seen == [b""]


def test_a_list_of_addresses_will_do(witness):
    witness.api.add_failover_scopes("a", [IPv4Address("10.1.2.0")])
    assert witness.seen[-2:] == [b"\x01\0\0\0", b"\x00\x02\x01\x0a"]


def test_addresses_are_as_made_in_the_ordinary_way(witness):
    """The extension fills an IPv4Address through its slot; it must be the same as any other."""
    ours, theirs = witness.api.get_relationship("a").scopes, Addresses(["10.1.2.0", "10.3.4.0", "172.16.5.0"])
    for mine, other in zip(ours, theirs, strict=True):
        assert (type(mine), repr(mine), hash(mine), mine.packed, mine) == (
            type(other),
            repr(other),
            hash(other),
            other.packed,
            other,
        )


def test_version(witness):
    assert witness.api.get_version() == ServerVersion(0xF1020304, 63)
    assert witness.seen == []


def test_attributes(witness):
    """The values of the ids that the server knows, although it answers 50."""
    ids = (AttributeId.IS_ADMINISTRATOR, AttributeId.RESTORE_STATUS, AttributeId(0x102A))
    assert witness.api.query_attributes(ids) == (
        ServerAttribute(AttributeId.IS_ADMINISTRATOR, True),
        ServerAttribute(AttributeId.RESTORE_STATUS, 0x80004E2D),
        ServerAttribute(AttributeId(0x2A), False),
    )
    assert witness.seen == [
        b"\x00\x00\x00\x00",
        b"\x03\x00\x00\x00",
        b"\x05\x00\x00\x00\x06\x00\x00\x00\x2a\x10\x00\x00",
    ]
