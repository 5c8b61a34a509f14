"""A small ctypes client of the loopback's C functions that knows the ABI from its documentation alone.

Sizes and offsets were typed by hand, 64-bit first; the order of the functions is that of the table in
dhcpsapi_abi.h. Everything is bytes.
"""

import ctypes
import re
import struct
from pathlib import Path

from dhcpfo import _loopback

WORD = struct.calcsize("P")
PAD4 = bytes(WORD - 4)
NULL = bytes(WORD)
FUNCTION = getattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE)

HEADER = (Path(__file__).resolve().parents[1] / "include" / "dhcpsapi_abi.h").read_text(encoding="utf-8")
ORDER = re.findall(r"\(DHCPSAPI_CALL \*(\w+)\)", HEADER)
"""The functions in the order of the table."""

CREATE, SET, DELETE, GET, ENUM, ADD, REMOVE, GET_SCOPE, STATISTICS, CLIENT, TIME, STATUS, TRIGGER = map(
    ORDER.index,
    (
        "DhcpV4FailoverCreateRelationship",
        "DhcpV4FailoverSetRelationship",
        "DhcpV4FailoverDeleteRelationship",
        "DhcpV4FailoverGetRelationship",
        "DhcpV4FailoverEnumRelationship",
        "DhcpV4FailoverAddScopeToRelationship",
        "DhcpV4FailoverDeleteScopeFromRelationship",
        "DhcpV4FailoverGetScopeRelationship",
        "DhcpV4FailoverGetScopeStatistics",
        "DhcpV4FailoverGetClientInfo",
        "DhcpV4FailoverGetSystemTime",
        "DhcpV4FailoverGetAddressStatus",
        "DhcpV4FailoverTriggerAddrAllocation",
    ),
)
VERSION, ATTRIBUTES, FREE = map(ORDER.index, ("DhcpGetVersion", "DhcpServerQueryAttributes", "DhcpRpcFreeMemory"))


def on(bits64, bits32):
    """The one of two offsets that holds on this platform."""
    return bits64 if WORD == 8 else bits32


class Relation:
    """Offsets in DHCP_FAILOVER_RELATIONSHIP."""

    SIZE = on(80, 56)
    NAME = 32
    PRIMARY_NAME = on(40, 36)
    SECONDARY_NAME = on(48, 40)
    SCOPES = on(56, 44)
    PERCENTAGE = on(64, 48)
    SECRET = on(72, 52)


COUNTED_POINTER = on(8, 4)  # in an array of addresses, of relationships, and in binary data
SEARCH_VALUE = on(8, 4)
SEARCH_SIZE = on(24, 12)
CLIENT_SIZE = on(136, 100)


class Client:
    """Calls the functions, keeps the arguments alive, and frees every answer block by block."""

    def __init__(self, name="witness"):
        self.kept = []
        self.server = self.text(name)
        size = ctypes.c_size_t.from_address(_loopback.functions_address()).value
        self.table = ctypes.string_at(_loopback.functions_address(), size)

    def keep(self, content: bytes) -> int:
        buffer = ctypes.create_string_buffer(content, max(len(content), 1))
        self.kept.append(buffer)
        return ctypes.addressof(buffer)

    def text(self, text: str) -> int:
        return self.keep(text.encode("utf-16-le", "surrogatepass") + b"\0\0")

    def counted(self, content: bytes, size: int) -> bytes:
        """A count and a pointer, as arrays and binary data have them."""
        return struct.pack("I", len(content) // size) + PAD4 + struct.pack("P", self.keep(content))

    def relationship(self, numbers: bytes, name: int, primary: int, secondary: int, scopes: int, percentage, secret):
        pointers = struct.pack("PPPP", name, primary, secondary, scopes)
        return self.keep(numbers + pointers + bytes([percentage]) + bytes(WORD - 1) + struct.pack("P", secret))

    def call(self, function: int, *arguments) -> int:
        (address,) = struct.unpack_from("P", self.table, (1 + function) * WORD)
        kinds = [ctypes.c_uint32 if isinstance(it, Number) else ctypes.c_void_p for it in arguments]
        prototype = FUNCTION(ctypes.c_uint32, ctypes.c_void_p, *kinds)
        return prototype(address)(self.server, *arguments)

    def free(self, pointer: int) -> None:
        (address,) = struct.unpack_from("P", self.table, (1 + FREE) * WORD)
        FUNCTION(None, ctypes.c_void_p)(address)(pointer)

    def out(self) -> int:
        """A pointer to fill, which holds garbage first."""
        return self.keep(b"\xaa" * WORD)

    def take(self, pointer: int, size: int) -> bytes:
        """The bytes of an answered block, which is freed."""
        content = ctypes.string_at(pointer, size)
        self.free(pointer)
        return content

    def take_text(self, pointer: int) -> str | None:
        if not pointer:
            return None
        length = 0
        while ctypes.string_at(pointer + length, 2) != b"\0\0":
            length += 2
        return self.take(pointer, length).decode("utf-16-le", "surrogatepass")

    def take_relationship(self, content: bytes):
        """What one structure holds: its 32 bytes of numbers, texts, scopes, percentage."""
        at = Relation
        scopes = b""
        if pointer_at(content, at.SCOPES):
            array = self.take(pointer_at(content, at.SCOPES), on(16, 8))
            (count,) = struct.unpack_from("I", array)
            scopes = self.take(pointer_at(array, COUNTED_POINTER), 4 * count)
        texts = [
            self.take_text(pointer_at(content, offset))
            for offset in (at.NAME, at.PRIMARY_NAME, at.SECONDARY_NAME, at.SECRET)
        ]
        return content[:32].hex(" ", 4), texts, scopes, content[at.PERCENTAGE]


class Number(int):
    """An argument that C takes by value."""


def pointer_at(content, offset=0):
    return struct.unpack_from("P", content, offset)[0]


def memory(address, size):
    return ctypes.string_at(address, size)


def searched(client, search_type, value):
    """Search bytes with a value of the union behind the type."""
    return client.keep((struct.pack("I", search_type) + PAD4 + value).ljust(SEARCH_SIZE, b"\xaa"))
