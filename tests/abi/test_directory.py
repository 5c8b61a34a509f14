"""The servers in the directory: a call without a server, compared with bytes typed by hand, in both directions."""

import ctypes
import struct
import sys
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address
from typing import Any

import pytest

from allocator import WatchedAllocator
from dhcpfo import _dhcpsapi, _loopback
from dhcpfo.errors import DhcpError, InvalidAnswerError, from_code
from dhcpfo.models import AuthorizedServer
from foreign import CAPSULE_NAME, capsule
from witness import FUNCTION, NULL, ORDER, PAD4, WORD, on

pytestmark = pytest.mark.abi

INIT, ENUM, FREE = map(ORDER.index, ("DhcpDsInit", "DhcpEnumServers", "DhcpRpcFreeMemory"))
SERVER_SIZE, NAME, ADDRESS, LOCATION = on(48, 28), on(8, 4), on(16, 8), on(32, 20)
LISTED = [("dhcp1.example.com", IPv4Address("192.0.2.1")), ("Zürich 𝄞", IPv4Address("203.0.113.254"))]


class Directory:
    """A provider that answers the bytes of a test, and counts what is freed."""

    def __init__(self) -> None:
        self.code = self.init_code = 0
        self.root: int | None = None
        self.freed: list[int] = []
        self.asked: list[tuple[Any, ...]] = []
        self.kept: list[Any] = []
        dword, pointer = ctypes.c_uint32, ctypes.c_void_p
        self._callbacks = {
            INIT: FUNCTION(dword)(lambda: self.init_code),
            ENUM: FUNCTION(dword, dword, pointer, ctypes.POINTER(pointer), pointer, pointer)(self._enumerate),
            FREE: FUNCTION(None, pointer)(self.freed.append),
        }
        self.table = (ctypes.c_void_p * (1 + len(ORDER)))()
        self.table[0] = ctypes.sizeof(self.table)
        for place, callback in self._callbacks.items():
            self.table[1 + place] = ctypes.cast(callback, ctypes.c_void_p)
        self.functions = capsule(ctypes.addressof(self.table), CAPSULE_NAME, None)

    def _enumerate(self, flags: int, id_info: Any, servers: Any, callback: Any, data: Any) -> int:
        self.asked.append((flags, id_info, callback, data))
        servers[0] = self.root
        return self.code

    def keep(self, content: bytes) -> int:
        buffer = ctypes.create_string_buffer(content, max(len(content), 1))
        self.kept.append(buffer)
        return ctypes.addressof(buffer)

    def server(self, name: str | None, address: str) -> bytes:
        text = NULL if name is None else struct.pack("P", self.keep(name.encode("utf-16-le") + b"\0\0"))
        location = struct.pack("P", self.keep(b"d\0s\0\0\0"))
        fields = b"\1\0\0\0" + PAD4 + text + IPv4Address(address).packed[::-1] + b"\2\0\0\0\3\0\0\0"
        return fields.ljust(LOCATION, b"\xaa") + location + b"\4\0\0\0" + PAD4

    def answer(self, *servers: bytes, count: int | None = None, array: bool = True) -> None:
        assert all(len(server) == SERVER_SIZE for server in servers)
        pointer = struct.pack("P", self.keep(b"".join(servers))) if array else NULL
        numbers = struct.pack("II", 0x80000009, len(servers) if count is None else count)
        self.root = self.keep(numbers + pointer)

    def ask(self) -> list[tuple[str | None, str]]:
        return [(server.name, str(server.address)) for server in _dhcpsapi.enum_servers(self.functions)]


@pytest.fixture
def directory() -> Directory:
    return Directory()


def test_servers_are_read(directory: Directory) -> None:
    directory.answer(
        directory.server("dhcp1.example.com", "192.0.2.1"),
        directory.server("Zürich 𝄞", "203.0.113.254"),
        directory.server("", "0.0.0.0"),
        directory.server(None, "255.255.255.255"),
    )
    assert directory.ask() == [
        ("dhcp1.example.com", "192.0.2.1"),
        ("Zürich 𝄞", "203.0.113.254"),
        ("", "0.0.0.0"),
        (None, "255.255.255.255"),
    ]
    assert directory.asked == [(0, None, None, None)]
    assert directory.freed == [directory.root]  # the root only: the answer is one block


@pytest.mark.parametrize("array", [True, False])
def test_an_empty_list(directory: Directory, array: bool) -> None:
    directory.answer(array=array)
    assert directory.ask() == []
    assert directory.freed == [directory.root]


def test_an_answer_that_makes_no_sense(directory: Directory) -> None:
    with pytest.raises(InvalidAnswerError) as nothing:
        directory.ask()
    assert nothing.value.function == "DhcpEnumServers"
    assert directory.freed == []
    directory.answer(count=0xFFFFFFFF, array=False)
    with pytest.raises(InvalidAnswerError):
        directory.ask()
    assert directory.freed == [directory.root]


@pytest.mark.parametrize("with_answer", [False, True])
def test_a_directory_that_refuses(directory: Directory, with_answer: bool) -> None:
    if with_answer:
        directory.answer(directory.server("dhcp1", "192.0.2.1"))
    directory.code = 20070
    with pytest.raises(DhcpError) as refused:
        directory.ask()
    assert (refused.value.winerror, refused.value.function, refused.value.server) == (20070, "DhcpEnumServers", None)
    assert directory.freed == ([directory.root] if with_answer else [])


def test_a_directory_that_cannot_be_prepared(directory: Directory) -> None:
    directory.init_code = 8
    with pytest.raises(DhcpError) as refused:
        directory.ask()
    assert (refused.value.winerror, refused.value.function, directory.asked) == (8, "DhcpDsInit", [])


def test_a_table_of_another_version(directory: Directory) -> None:
    directory.table[0] = ctypes.sizeof(directory.table) - WORD
    with pytest.raises(ValueError, match="another version"):
        directory.ask()


# The provider's side


@pytest.fixture
def listed() -> Iterator[Callable[[Any], None]]:
    yield _loopback.set_directory
    _loopback.set_directory(None)


def call_loopback(flags: int = 0, out: bool = True) -> tuple[int, int]:
    """Call DhcpEnumServers of the loopback; return its code and the pointer that it answered."""
    address = (ctypes.c_void_p * (1 + len(ORDER))).from_address(_loopback.functions_address())[1 + ENUM]
    pointer = ctypes.c_void_p()
    kinds = (ctypes.c_uint32, *[ctypes.c_void_p] * 4)
    place = ctypes.addressof(pointer) if out else None
    assert address is not None
    return FUNCTION(ctypes.c_uint32, *kinds)(address)(flags, None, place, None, None), pointer.value or 0


def free(pointer: int) -> None:
    address = (ctypes.c_void_p * (1 + len(ORDER))).from_address(_loopback.functions_address())[1 + FREE]
    assert address is not None
    FUNCTION(None, ctypes.c_void_p)(address)(pointer)


def test_the_loopback_answers_one_block(listed: Callable[[Any], None]) -> None:
    listed(lambda: LISTED)
    before = _loopback.live_blocks()
    code, root = call_loopback()
    assert code == 0
    assert _loopback.live_blocks() == before + 1
    flags, count, array = struct.unpack("IIP", ctypes.string_at(root, 8 + WORD))
    assert (flags, count) == (0, 2)
    for index, (name, address) in enumerate(LISTED):
        content = ctypes.string_at(array + index * SERVER_SIZE, SERVER_SIZE)
        (text,) = struct.unpack_from("P", content, NAME)
        assert ctypes.string_at(text, 2 * len(name.encode("utf-16-le")) // 2 + 2) == name.encode("utf-16-le") + b"\0\0"
        assert content[ADDRESS : ADDRESS + 4] == address.packed[::-1]
        assert content[LOCATION : LOCATION + WORD] == NULL
    free(root)
    assert _loopback.live_blocks() == before


def test_what_the_loopback_refuses(listed: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch) -> None:
    assert call_loopback() == (20070, 0)
    listed(lambda: LISTED)
    assert call_loopback(flags=1)[0] == call_loopback(out=False)[0] == 87
    seen: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda event: seen.append(event.exc_type))
    listed(lambda: [("no address", None)])
    assert call_loopback()[0] == 1726
    assert seen == [TypeError]

    def refuse() -> Any:
        raise from_code(5, "DhcpEnumServers", None)

    listed(refuse)
    assert call_loopback()[0] == 5


def test_both_ends_agree(listed: Callable[[Any], None]) -> None:
    before = _loopback.live_blocks()
    for count in (0, 1, 2, 300):
        listed(lambda: (LISTED * 150)[:count])  # noqa: B023  called at once
        found = _dhcpsapi.enum_servers(_loopback.functions())
        assert found == tuple(AuthorizedServer(name=name, address=address) for name, address in (LISTED * 150)[:count])
    assert (_loopback.live_blocks(), _loopback.bad_frees()) == (before, 0)


def test_no_failed_allocation_leaves_a_block(listed: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "unraisablehook", lambda event: None)
    listed(lambda: LISTED)
    functions, before, failed = _loopback.functions(), _loopback.live_blocks(), True
    _dhcpsapi.enum_servers(functions)  # imports what it needs
    with WatchedAllocator() as allocator:
        number = ctypes.c_long(0)
        while failed:
            number.value += 1
            try:
                allocator.library.fail(number)
                _dhcpsapi.enum_servers(functions)
            except (MemoryError, DhcpError):
                pass
            finally:
                allocator.calm()
                failed = bool(allocator.library.failed_count())
            assert _loopback.live_blocks() == before
    assert number.value > 10
