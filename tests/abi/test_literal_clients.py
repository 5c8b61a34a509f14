"""The structures for clients over literal bytes, typed by hand from the documented layouts."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

import pytest

from dhcpfo import HostInfo
from dhcpfo.enums import ClientType, FilterStatus, QuarantineStatus, SearchType
from dhcpfo.models import Client, ClientSearch, ClientValues, Page
from literal import GIVEN, NULL, PAD4, WIDE, provided

pytestmark = pytest.mark.abi

FULL = Client(
    address=IPv4Address("10.0.1.77"),
    subnet_mask=IPv4Address("255.255.254.0"),
    client_id=b"\x0a\x00\x0b\x00\x0c",
    name="c1",
    comment="c2",
    lease_expires=datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=0x01DC357C4433167E // 10),
    owner=HostInfo(address=IPv4Address("8.7.6.5"), netbios_name="o3", host_name="o4"),
    client_type=ClientType.NONE,
    address_state=0x29,
    quarantine_status=QuarantineStatus.EXEMPT,
    probation_ends=datetime(1970, 1, 1, tzinfo=UTC),
    quarantine_capable=True,
    filter_status=FilterStatus.FULL_ALLOW | FilterStatus.WILDCARD_DENY,
    policy_name="p5",
)
ODD = Client(
    address=IPv4Address("255.255.255.254"),
    subnet_mask=IPv4Address("0.0.0.0"),
    client_id=b"",
    lease_expires=None,
    owner=HostInfo(address=IPv4Address("0.0.0.0")),
    client_type=ClientType(5),
    address_state=0xFF,
    quarantine_status=QuarantineStatus(0x80000021),
    probation_ends=datetime(1601, 1, 1, tzinfo=UTC),
    filter_status=FilterStatus(0x80000100),
)

ADDRESS_AND_MASK = bytes([77, 1, 0, 10, 0, 254, 255, 255])
EXPIRES = bytes.fromhex("7e1633447c35dc01")
OWNER = bytes([5, 6, 7, 8]) + PAD4
EPOCH = bytes.fromhex("00803ed5deb19d01")
COMMON = ADDRESS_AND_MASK + b"\x05\0\0\0" + PAD4 + GIVEN * 3 + EXPIRES + OWNER + GIVEN * 2
TEXTS = [text.encode("utf-16-le") + b"\0\0" for text in ("c1", "c2", "o3", "o4", "p5")]


@pytest.fixture
def witness():
    yield from provided("literal_clients")


def test_a_page_of_clients(witness):
    """The third pointer is NULL: nothing is announced for it."""
    page = witness.api.enum_clients(IPv4Address("10.0.1.2"), 0x01020304, 0x05060708)
    assert page == Page((FULL, ODD), 0x0A00014D, 0x7FFFFFFF, 234)
    assert witness.seen == [bytes([2, 1, 0, 10]), bytes([4, 3, 2, 1]), bytes([8, 7, 6, 5])]


@pytest.mark.parametrize(
    ("search", "seen"),
    [
        (
            ClientSearch(type=SearchType.ADDRESS, value=IPv4Address("10.0.1.77")),
            [b"\0\0\0\0" + PAD4 + bytes([77, 1, 0, 10]) + bytes(12 if WIDE else 4)],
        ),
        (
            ClientSearch(type=SearchType.CLIENT_ID, value=b"\x01\x00\x02"),
            [b"\x01\0\0\0" + PAD4 + b"\x03\0\0\0" + PAD4 + GIVEN, b"\x01\x00\x02"],
        ),
        (
            ClientSearch(type=SearchType.NAME, value="pc"),
            [b"\x02\0\0\0" + PAD4 + GIVEN + NULL, b"p\0c\0\0\0"],
        ),
    ],
    ids=["address", "client ID", "name"],
)
def test_searches(witness, search, seen):
    assert witness.api.get_client(search) == FULL
    assert witness.seen == seen
    witness.library.forget()
    witness.api.delete_client(search)
    assert witness.seen == seen


def test_a_created_record(witness):
    witness.api.create_client(FULL)
    tail = b"\x64\x29\0\0" + b"\x04\0\0\0" + EPOCH + b"\x01\0\0\0" + b"\x12\0\0\0" + GIVEN
    assert witness.seen == [COMMON + tail, FULL.client_id, *TEXTS]


def test_a_created_record_of_nulls(witness):
    witness.api.create_client(ODD.replace(client_id=b"i"))
    head = b"\xfe\xff\xff\xff" + bytes(4) + b"\x01\0\0\0" + PAD4 + GIVEN + NULL * 2 + b"\xff" * 7 + b"\x7f"
    tail = bytes(4) + PAD4 + NULL * 2 + b"\x05\xff\0\0\x21\0\0\x80" + bytes(8) + bytes(4) + b"\0\x01\0\x80" + NULL
    assert witness.seen == [head + tail, b"i", b"", b"", b"", b"", b""]


def test_values_to_set(witness):
    witness.api.set_client(ClientValues(**{name: getattr(FULL, name) for name in ClientValues._names}))
    assert witness.seen == [COMMON + b"\x64\0\0\0" + PAD4, FULL.client_id, *TEXTS[:4]]


def test_every_field_differs():
    values = [getattr(FULL, name) for name in Client.__slots__ if name != "quarantine_capable"]
    assert len(set(map(repr, values))) == len(values)
