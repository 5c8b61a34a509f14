"""The loopback's C functions: the bytes of every field of every answer, and what bytes become on the other side."""

import ctypes
import struct
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

import pytest

from dhcpfo import (
    AddressStatus,
    FailoverMode,
    FailoverState,
    HostInfo,
    Relationship,
    RelationshipFlags,
    ScopeStatistics,
    ServerType,
    SystemTime,
    _loopback,
)
from dhcpfo.enums import ClientType, QuarantineStatus, SearchType
from dhcpfo.errors import from_code
from dhcpfo.models import ClientSearch, FailoverClient, Page, RelationshipValues
from recording import RecordingApi
from witness import (
    ADD,
    CLIENT,
    CLIENT_SIZE,
    COUNTED_POINTER,
    CREATE,
    DELETE,
    ENUM,
    GET,
    GET_SCOPE,
    NULL,
    REMOVE,
    SET,
    STATISTICS,
    STATUS,
    TIME,
    TRIGGER,
    WORD,
    Client,
    Number,
    Relation,
    memory,
    on,
    pointer_at,
    searched,
)

pytestmark = pytest.mark.abi

RELATIONSHIP = Relationship(
    name="hq\ufeff\udc00",
    primary_server="192.0.2.1",
    secondary_server="192.0.2.9",
    primary_server_name="primary",
    secondary_server_name="\U0001f600",
    mode=FailoverMode.HOT_STANDBY,
    server_type=ServerType.PRIMARY,
    state=FailoverState.PARTNER_DOWN,
    previous_state=FailoverState.COMMUNICATION_INTERRUPTED,
    mclt=timedelta(seconds=3601),
    state_switch_interval=timedelta(seconds=601),
    percentage=55,
    scopes=["10.1.2.0", "10.3.4.0"],
    shared_secret="sécret",
)
NUMBERS = "010200c0 090200c0 01000000 00000000 05000000 04000000 110e0000 59020000"
TEXTS = ["hq\ufeff\udc00", "primary", "\U0001f600", "sécret"]
SCOPES = b"\x00\x02\x01\x0a\x00\x04\x03\x0a"

PLAIN = Relationship(
    name="", primary_server="0.0.0.7", secondary_server="0.0.0.8", mode=FailoverMode(9), percentage=200
)
PLAIN_NUMBERS = "07000000 08000000 09000000 00000000 00000000 00000000 100e0000 ffffffff"


@pytest.fixture
def client():
    return Client()


@pytest.fixture
def served():
    """Serve an API that records; what it answers is set in the test."""
    api = RecordingApi("witness")
    with _loopback.serve(api, "witness"):
        yield api


def answer(api, **answers):
    api._answers |= answers


def test_get(client, served):
    answer(served, get_relationship=RELATIONSHIP)
    out = client.out()
    assert client.call(GET, client.text("hq"), out) == 0
    content = client.take(pointer_at(memory(out, WORD)), Relation.SIZE)
    assert client.take_relationship(content) == (NUMBERS, TEXTS, SCOPES, 55)
    assert served.calls == [("get_relationship", ("hq",))]


def test_get_by_scope_what_is_none_is_null(client, served):
    answer(served, get_scope_relationship=PLAIN)
    out = client.out()
    assert client.call(GET_SCOPE, Number(0x0A010203), out) == 0
    content = client.take(pointer_at(memory(out, WORD)), Relation.SIZE)
    assert client.take_relationship(content) == (PLAIN_NUMBERS, ["", None, None, None], b"", 200)
    assert served.calls == [("get_scope_relationship", (IPv4Address("10.1.2.3"),))]


def test_enumerate(client, served):
    answer(served, enum_relationships=Page((RELATIONSHIP, PLAIN), 0x01020304, 0x05060708, 234))
    resume, out, read, total = client.keep(b"\x11\x12\x13\x14"), client.out(), client.out(), client.out()
    assert client.call(ENUM, resume, Number(0x21222324), out, read, total) == 234
    assert [memory(it, 4) for it in (resume, read, total)] == [b"\x04\x03\x02\x01", b"\x02\0\0\0", b"\x08\x07\x06\x05"]
    array = client.take(pointer_at(memory(out, WORD)), on(16, 8))
    assert array[:4] == b"\x02\0\0\0"
    elements = client.take(pointer_at(array, COUNTED_POINTER), 2 * Relation.SIZE)
    assert client.take_relationship(elements[: Relation.SIZE]) == (NUMBERS, TEXTS, SCOPES, 55)
    assert client.take_relationship(elements[Relation.SIZE :])[0] == PLAIN_NUMBERS
    assert served.calls == [("enum_relationships", (0x14131211, 0x21222324))]


def test_enumerate_nothing(client, served):
    answer(served, enum_relationships=Page((), 0, 0, 259))
    out, read, total = client.out(), client.out(), client.out()
    assert client.call(ENUM, None, Number(1), out, read, total) == 259
    assert memory(out, WORD) == NULL
    assert [memory(it, 4) for it in (read, total)] == [bytes(4), bytes(4)]
    assert served.calls == [("enum_relationships", (0, 1))]


def test_statistics(client, served):
    answer(
        served,
        get_scope_statistics=ScopeStatistics(
            addresses_total=0x1001,
            addresses_free=0x2002,
            addresses_in_use=0x3003,
            addresses_free_on_partner_server=0x4004,
            addresses_free_on_this_server=0x5005,
            addresses_in_use_on_partner_server=0x6006,
            addresses_in_use_on_this_server=0x80007007,
        ),
    )
    out = client.out()
    assert client.call(STATISTICS, Number(0x0A010203), out) == 0
    content = client.take(pointer_at(memory(out, WORD)), 28)
    assert content.hex(" ", 4) == "01100000 02200000 03300000 04400000 05500000 06600000 07700080"
    assert served.calls == [("get_scope_statistics", (IPv4Address("10.1.2.3"),))]


def moment(number):
    return datetime.fromtimestamp(number, UTC)


LEASED = FailoverClient(
    address=IPv4Address("10.0.1.77"),
    subnet_mask=IPv4Address("255.255.254.0"),
    client_id=b"\x0a\x00\x0b",
    name="c1",
    comment="c2",
    lease_expires=None,
    owner=HostInfo(address=IPv4Address("8.7.6.5"), netbios_name="o3", host_name="o4"),
    client_type=ClientType.NONE,
    address_state=0x29,
    quarantine_status=QuarantineStatus.EXEMPT,
    probation_ends=moment(0),
    quarantine_capable=True,
    potential_expiration_sent=moment(0x60000011),
    potential_expiration_acknowledged=moment(0x60000012),
    potential_expiration_received=moment(0x60000013),
    start_time=moment(0x60000014),
    last_transaction=moment(0x60000015),
    last_binding_update=moment(0xF0000016),
    binding_status=0xF0000017,
    policy_name="p5",
    flags=0x81,
)
CLIENT_NUMBERS = [
    (0, "4d01000a 00feffff 03000000"),
    (on(40, 24), "ffffffff ffffff7f 05060708"),  # never; the owner's address
    (on(72, 44), "6429"),
    (on(76, 48), "04000000 00803ed5 deb19d01 01000000 11000060 12000060 13000060 14000060 15000060 160000f0 170000f0"),
    (on(128, 96), "81"),
]
CLIENT_TEXTS = [
    (on(24, 16), "c1"),
    (on(32, 20), "c2"),
    (on(56, 36), "o3"),
    (on(64, 40), "o4"),
    (on(120, 92), "p5"),
]


@pytest.mark.parametrize(
    ("search_type", "value", "search"),
    [
        (0, b"\x4d\x01\x00\x0a", ClientSearch(type=SearchType.ADDRESS, value=IPv4Address("10.0.1.77"))),
        (1, b"\x01\0\x02\0", ClientSearch(type=SearchType.CLIENT_ID, value=b"\x01\0\x02\0")),
        (2, "n\ud800", ClientSearch(type=SearchType.NAME, value="n\ud800")),
    ],
)
def test_client(client, served, search_type, value, search):
    answer(served, get_failover_client=LEASED)
    if search_type == 1:
        value = client.counted(value, 1)
    elif search_type == 2:
        value = struct.pack("P", client.text(value))
    out = client.out()
    assert client.call(CLIENT, searched(client, search_type, value), out) == 0
    content = client.take(pointer_at(memory(out, WORD)), CLIENT_SIZE)
    for offset, expected in CLIENT_NUMBERS:
        numbers = bytes.fromhex(expected)
        assert content[offset : offset + len(numbers)].hex(" ", 4) == numbers.hex(" ", 4), offset
    assert client.take(pointer_at(content, on(16, 12)), 3) == b"\x0a\x00\x0b"
    assert [client.take_text(pointer_at(content, offset)) for offset, _ in CLIENT_TEXTS] == [
        text for _, text in CLIENT_TEXTS
    ]
    assert served.calls == [("get_failover_client", (search,))]


def test_system_time(client, served):
    answer(served, get_system_time=SystemTime(time=moment(0xF1020304), max_allowed_difference=timedelta(seconds=61)))
    time, delta = client.out(), client.out()
    assert client.call(TIME, time, delta) == 0
    assert [memory(it, 4) for it in (time, delta)] == [b"\x04\x03\x02\xf1", b"\x3d\0\0\0"]
    assert client.call(TIME, time, None) == 0


def test_address_status(client, served):
    answer(served, get_address_status=AddressStatus.RESERVED)
    status = client.out()
    assert client.call(STATUS, Number(0x0A010203), status) == 0
    assert memory(status, 4) == b"\x03\0\0\0"
    assert served.calls == [("get_address_status", (IPv4Address("10.1.2.3"),))]


def given(client, texts=TEXTS, scopes=SCOPES, numbers=NUMBERS):
    """A relationship as a C caller would pass it."""
    name, primary, secondary, secret = (text and client.text(text) for text in texts)
    array = client.keep(client.counted(scopes, 4))
    return client.relationship(bytes.fromhex(numbers), name, primary, secondary, array, 55, secret)


def test_create(client, served):
    assert client.call(CREATE, given(client)) == 0
    assert served.calls == [("create_relationship", (RELATIONSHIP,))]


def test_set(client, served):
    assert client.call(SET, Number(0xC000007F), given(client)) == 0
    values = RelationshipValues(
        mclt=timedelta(seconds=3601),
        state_switch_interval=timedelta(seconds=601),
        state=FailoverState.PARTNER_DOWN,
        previous_state=FailoverState.COMMUNICATION_INTERRUPTED,
        mode=FailoverMode.HOT_STANDBY,
        percentage=55,
        shared_secret="sécret",
    )
    assert served.calls == [("set_relationship", ("hq\ufeff\udc00", RelationshipFlags(0xC000007F), values))]


@pytest.mark.parametrize(("function", "method"), [(ADD, "add_failover_scopes"), (REMOVE, "remove_failover_scopes")])
def test_scopes(client, served, function, method):
    assert client.call(function, given(client)) == 0
    assert served.calls == [(method, ("hq\ufeff\udc00", (IPv4Address("10.1.2.0"), IPv4Address("10.3.4.0"))))]


@pytest.mark.parametrize(
    ("function", "method"), [(DELETE, "delete_relationship"), (TRIGGER, "trigger_address_allocation")]
)
def test_name_alone(client, served, function, method):
    assert client.call(function, client.text("hq\udc00")) == 0
    assert served.calls == [(method, ("hq\udc00",))]


def test_the_null_server_is_this_machine(served):
    client = Client()
    client.server = None
    with _loopback.serve(served, None):
        assert client.call(DELETE, client.text("a")) == 0
    assert client.call(DELETE, client.text("a")) == 1722
    assert served.calls == [("delete_relationship", ("a",))]


def test_an_error_leaves_nothing_behind(client, served):
    answer(served, get_relationship=from_code(20115, "", None), get_failover_client=from_code(20013, "", None))
    out = client.keep(NULL)
    assert client.call(GET, client.text("a"), out) == 20115
    assert client.call(CLIENT, searched(client, 0, b"\1\2\3\4"), out) == 20013
    assert memory(out, WORD) == NULL


def test_the_secret_of_an_answer_stands_in_its_block_once(client, served):
    """Who frees the block wipes the text up to its end; nothing of it may stand behind that."""
    secret = "secret-of-some-length-" * 4
    plain = Relationship(name="a", primary_server="1.1.1.1", secondary_server="2.2.2.2", shared_secret=secret)
    answer(served, get_relationship=plain)
    out = client.out()
    assert client.call(GET, client.text("a"), out) == 0
    content = client.take(pointer_at(memory(out, WORD)), Relation.SIZE)
    pointer = pointer_at(content, Relation.SECRET)
    size = 4 * (len(secret) + 1)  # the loopback asks for 4 bytes a character
    block = ctypes.string_at(pointer, size)
    try:
        assert block[: 2 * len(secret)].decode("utf-16-le") == secret
        assert not any(block[2 * len(secret) :])
    finally:
        client.take_relationship(content)


FOREIGN_FREE = """
import ctypes, struct
from dhcpfo import _loopback
word = struct.calcsize("P")
size = ctypes.c_size_t.from_address(_loopback.functions_address()).value
table = ctypes.string_at(_loopback.functions_address(), size)
free = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(struct.unpack_from("P", table, size - word)[0])
memory = ctypes.create_string_buffer(64)
free(ctypes.addressof(memory) + 32)
free(None)
print(_loopback.bad_frees(), _loopback.live_blocks())
"""


def test_a_free_of_what_is_no_block_is_noticed():
    """In a separate process, because it would fail any test in this one."""
    done = subprocess.run([sys.executable, "-c", FOREIGN_FREE], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["1", "0"]


def test_order_of_bytes_is_this_machines():
    """All literal bytes above are little-endian, as Windows is everywhere."""
    assert sys.byteorder == "little"
