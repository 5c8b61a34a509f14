"""NativeApi over literal bytes of scopes and their elements: what is read from each offset, and what is written there.

The bytes on both sides were typed by hand from the documented layouts, never taken from tools/abi.
"""

import ctypes
import struct
from datetime import timedelta
from ipaddress import IPv4Address

import pytest

from dhcpfo.enums import ClientType, ElementType, ForceFlag, RangeType, ScopeState
from dhcpfo.errors import InvalidAnswerError
from dhcpfo.models import AddressRange, HostInfo, Page, Reservation, Scope, ScopeElement, ScopeRange, SuperscopeEntry
from foreign import library, native_api

pytestmark = pytest.mark.abi

WIDE = struct.calcsize("P") == 8
GIVEN = b"\xff" * (8 if WIDE else 4)  # stands in the record for a pointer that is not NULL
NULL = bytes(len(GIVEN))
PAD4 = bytes(4) if WIDE else b""
SCOPE = IPv4Address("10.0.1.0")
SCOPE_BYTES = b"\x00\x01\x00\x0a"


class Provider:
    """The provider of literal bytes, and the API over it."""

    def __init__(self):
        self.library = library("literal_scopes")
        self.library.seen_bytes.restype = ctypes.c_void_p
        self.library.forget()
        self.api = native_api(self.library, "srv")

    @property
    def seen(self):
        """What the last call gave, after the server's name."""
        it = self.library
        everything = [ctypes.string_at(it.seen_bytes(index), it.seen_size(index)) for index in range(it.seen_count())]
        assert everything.pop(0) == b"s\0r\0v\0\0\0"
        return everything


@pytest.fixture
def provider():
    it = Provider()
    before = it.library.live_blocks()
    yield it
    assert it.library.live_blocks() == before


def wide(text):
    return text.encode("utf-16-le") + b"\0\0"


def dword(value):
    return value.to_bytes(4, "little")


INFO = Scope(
    scope_id=SCOPE,
    subnet_mask="255.255.255.128",
    name="né",
    comment="c2",
    primary_host=HostInfo(address="127.0.0.1", netbios_name="o3", host_name="o4"),
    state=ScopeState.DISABLED_SWITCHED,
    quarantine=0x80000005,
)


def test_enumerate_scopes(provider):
    page = provider.api.enum_scopes(0x11121314, 0x21222324)
    found = (IPv4Address("10.0.1.101"), IPv4Address("10.0.1.103"))
    assert page == Page(found, resume=0x01020304, remaining=0x0A0B0C0D, status=0)
    assert provider.seen == [dword(0x11121314), dword(0x21222324)]


def test_get_scope(provider):
    assert provider.api.get_scope(SCOPE) == INFO
    assert provider.seen == [SCOPE_BYTES]


@pytest.mark.parametrize("method", ["create_scope", "set_scope"])
def test_write_scope(provider, method):
    getattr(provider.api, method)(SCOPE, INFO)
    numbers = b"\x03\0\0\0\x05\0\0\x80" + bytes(8) + (b"" if WIDE else bytes(4)) + bytes(16)
    assert provider.seen == [
        SCOPE_BYTES,
        SCOPE_BYTES + b"\x80\xff\xff\xff" + GIVEN * 2 + b"\x01\0\0\x7f" + PAD4 + GIVEN * 2 + numbers,
        wide("né"),
        wide("c2"),
        wide("o3"),
        wide("o4"),
    ]


def test_write_scope_with_nothing_optional(provider):
    provider.api.set_scope(SCOPE, Scope(scope_id="1.2.3.4", subnet_mask="5.6.7.8"))
    end = bytes(4) + PAD4 + NULL * 2 + bytes(16 if WIDE else 20) + bytes(16)
    assert provider.seen[1] == b"\x04\x03\x02\x01\x08\x07\x06\x05" + NULL * 2 + end


def test_delete_scope(provider):
    provider.api.delete_scope(SCOPE, ForceFlag(0x80000002))
    assert provider.seen == [SCOPE_BYTES, dword(0x80000002)]


def test_delay(provider):
    assert provider.api.get_scope_delay(SCOPE) == timedelta(milliseconds=0xFC18)
    assert provider.seen == [SCOPE_BYTES]


def test_set_delay(provider):
    provider.api.set_scope_delay(SCOPE, timedelta(milliseconds=0xFEDC))
    assert provider.seen == [SCOPE_BYTES, b"\xdc\xfe"]


@pytest.mark.parametrize("delay", [timedelta(milliseconds=65536), timedelta(-1), timedelta(microseconds=1500)])
def test_a_delay_that_c_cannot_hold(provider, delay):
    with pytest.raises(ValueError, match="delay must be "):
        provider.api.set_scope_delay(SCOPE, delay)


def test_superscopes(provider):
    assert provider.api.get_superscope_table() == (
        SuperscopeEntry(scope_id="10.0.2.0", number=7, name="né"),
        SuperscopeEntry(scope_id="10.0.3.0", number=0, name=None),
    )


@pytest.mark.parametrize(("name", "move"), [("né", True), (None, False)])
def test_set_superscope(provider, name, move):
    provider.api.set_superscope(SCOPE, name, move)
    assert provider.seen == [SCOPE_BYTES, b"" if name is None else wide(name), dword(int(move))]


def test_delete_superscope(provider):
    provider.api.delete_superscope("né")
    assert provider.seen == [bytes(4), wide("né")]


RANGE = ScopeRange(start="10.0.1.10", end="10.0.1.200", type=RangeType.BOTH, bootp_allocated=2, max_bootp=0xFFFFFFFE)
RESERVED = Reservation(address="10.0.1.50", client_id=b"\x0a\x00\x0b", type=ClientType.BOOTP)


def test_enumerate_elements(provider):
    """A range, an exclusion, a reservation, NULL, a host, and two types that nobody reads."""
    page = provider.api.enum_elements(SCOPE, ElementType(0x31323334), 0x11121314, 0x21222324)
    assert page.items == (
        ScopeElement(type=ElementType.DHCP_BOOTP_RANGES, value=RANGE),
        ScopeElement(type=ElementType.EXCLUSIONS, value=AddressRange("10.0.1.20", "10.0.1.30")),
        ScopeElement(type=ElementType.RESERVATIONS, value=RESERVED),
        ScopeElement(type=ElementType.RANGES, value=None),
        ScopeElement(type=ElementType.SECONDARY_HOSTS, value=HostInfo(address="8.7.6.5")),
        ScopeElement(type=ElementType.USED_CLUSTERS, value=None),
        ScopeElement(type=ElementType(9), value=None),
    )
    assert (page.resume, page.remaining, page.status) == (7, 0, 234)
    assert provider.seen == [SCOPE_BYTES, dword(0x31323334), dword(0x11121314), dword(0x21222324)]


RANGE_BYTES = b"\x0a\x01\0\x0a\xc8\x01\0\x0a\x02\0\0\0\xfe\xff\xff\xff"
GIVES = {
    **{
        f"range of kind {kind}": (
            ScopeElement(type=ElementType(kind), value=RANGE),
            [dword(kind) + PAD4 + GIVEN, RANGE_BYTES],
        )
        for kind in (0, 5, 6, 7)
    },
    "exclusion": (
        ScopeElement(type=ElementType.EXCLUSIONS, value=AddressRange("10.0.1.20", "10.0.1.30")),
        [dword(3) + PAD4 + GIVEN, b"\x14\x01\0\x0a\x1e\x01\0\x0a"],
    ),
    "reservation": (
        ScopeElement(type=ElementType.RESERVATIONS, value=RESERVED),
        [
            dword(2) + PAD4 + GIVEN,
            b"\x32\x01\0\x0a" + PAD4 + GIVEN + b"\x02" + bytes(7 if WIDE else 3),
            b"\x03\0\0\0" + PAD4 + GIVEN,
            b"\x0a\x00\x0b",
        ],
    ),
}


@pytest.mark.parametrize(("element", "given"), GIVES.values(), ids=GIVES)
def test_add_and_remove(provider, element, given):
    provider.api.add_element(SCOPE, element)
    assert provider.seen == [SCOPE_BYTES, *given]
    provider.library.forget()
    provider.api.remove_element(SCOPE, element, ForceFlag.FAILOVER_FORCE)
    assert provider.seen == [SCOPE_BYTES, *given, dword(2)]


@pytest.mark.parametrize("kind", [4, 9])
def test_an_element_that_cannot_be_sent(provider, kind):
    with pytest.raises(ValueError, match="type must be one of RANGES, "):
        provider.api.add_element(SCOPE, ScopeElement(type=ElementType(kind), value=RANGE))


def test_enumerate_reservations(provider):
    page = provider.api.enum_reservations(SCOPE, 0x11121314, 0x21222324)
    expected = Reservation(
        address="10.0.1.50",
        client_id=b"\x0a\x00\x0b",
        name="né",
        description="c2",
        type=ClientType.DHCP,
        has_options=True,
    )
    assert page == Page((expected,), resume=5, remaining=3, status=234)
    assert provider.seen == [SCOPE_BYTES, dword(0x11121314), dword(0x21222324)]


def test_free_addresses(provider):
    """Code 20126 comes with the addresses that there are."""
    found = provider.api.get_free_addresses(SCOPE, IPv4Address("10.0.1.9"), IPv4Address("10.0.1.99"), 0x01020304)
    assert found == (IPv4Address("10.0.1.101"), IPv4Address("10.0.1.103"))
    assert provider.seen == [SCOPE_BYTES, b"\x09\x01\0\x0a", b"\x63\x01\0\x0a", dword(0x01020304)]


def test_errors_name_the_reservation():
    api = native_api(library("puppet"))
    library("puppet").start_over()
    with pytest.raises(InvalidAnswerError, match=r"DhcpGetSubnetInfoVQ, server dhcp1, scope 10\.0\.1\.0"):
        api.get_scope(SCOPE)
