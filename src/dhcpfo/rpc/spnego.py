"""SPNEGO: its tokens, and the server's side of a negotiation."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from .connection import LogonError, Protection

__all__ = ["KERBEROS_OIDS", "NTLM_OID", "SpnegoAcceptor", "has_mic", "parse"]

SPNEGO_OID = bytes.fromhex("06062b0601050502")
NTLM_OID = bytes.fromhex("060a2b06010401823702020a")
KERBEROS_OIDS = (bytes.fromhex("06092a864886f712010202"), bytes.fromhex("06092a864882f712010202"))
"""Kerberos, and the number that Microsoft's clients list first and that means the same."""

MOST_MECHANISMS = 64
SEQUENCE, OCTETS, OID, ENUMERATED = 0x30, 0x04, 0x06, 0x0A
COMPLETED, INCOMPLETE, REJECT, REQUEST_MIC = 0, 1, 2, 3


class Token(NamedTuple):
    """What a SPNEGO token holds.

    Attributes:
        list: The list of mechanisms, in the bytes that a signature covers; empty except in a first token.
        mechanisms: The mechanisms in it.
        inner: The token of the mechanism.
        mic: The signature of the list.
    """

    list: bytes = b""
    mechanisms: tuple[bytes, ...] = ()
    inner: bytes = b""
    mic: bytes = b""


def _element(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Return the tag of an element of DER, and where its content begins and ends."""
    if at + 2 > end:
        raise LogonError("the SPNEGO token is cut")
    tag, length = data[at], data[at + 1]
    at += 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= 3 or at + count > end:
            raise LogonError("the SPNEGO token has a length that is not valid")
        length = int.from_bytes(data[at : at + count], "big")
        at += count
    if at + length > end:
        raise LogonError("the SPNEGO token is cut")
    return tag, at, at + length


def _inside(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """Return where the content of an element with this tag begins and ends; it must be the only one."""
    found, start, stop = _element(data, at, end)
    if found != tag or stop != end:
        raise LogonError("the SPNEGO token is malformed")
    return start, stop


def _fields(data: bytes, at: int, end: int) -> dict[int, tuple[int, int]]:
    at, end = _inside(data, at, end, SEQUENCE)
    fields: dict[int, tuple[int, int]] = {}
    while at < end:
        tag, start, at = _element(data, at, end)
        if not 0xA0 <= tag <= 0xA3 or tag in fields:
            raise LogonError("the SPNEGO token is malformed")
        fields[tag] = (start, at)
    return fields


def _octets(data: bytes, place: tuple[int, int] | None) -> bytes:
    if place is None:
        return b""
    start, stop = _inside(data, *place, OCTETS)
    return data[start:stop]


def parse(data: bytes) -> Token:
    """Return what a client's or a server's token holds.

    Raises:
        LogonError: It is malformed.
    """
    if data[:1] != b"\x60":
        fields = _fields(data, *_inside(data, 0, len(data), 0xA1))
        return Token(inner=_octets(data, fields.get(0xA2)), mic=_octets(data, fields.get(0xA3)))
    at, end = _inside(data, 0, len(data), 0x60)
    if data[at : at + len(SPNEGO_OID)] != SPNEGO_OID:
        raise LogonError("the token is not one of SPNEGO")
    fields = _fields(data, *_inside(data, at + len(SPNEGO_OID), end, 0xA0))
    if 0xA0 not in fields:
        raise LogonError("the SPNEGO token has no list of mechanisms")
    list_start, list_stop = fields[0xA0]
    at, end = _inside(data, list_start, list_stop, SEQUENCE)
    mechanisms = []
    while at < end:
        tag, _, stop = _element(data, at, end)
        mechanisms.append(data[at:stop])
        if tag != OID or len(mechanisms) > MOST_MECHANISMS:
            raise LogonError("the SPNEGO token's list of mechanisms is malformed")
        at = stop
    inner, mic = _octets(data, fields.get(0xA2)), _octets(data, fields.get(0xA3))
    return Token(data[list_start:list_stop], tuple(mechanisms), inner, mic)


def has_mic(data: bytes | None) -> bool:
    """Whether a token holds a signature of the list of mechanisms."""
    return bool(data) and bool(parse(data or b"").mic)


def _wrap(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + content


def pack(state: int, mechanism: bytes = b"", inner: bytes = b"", mic: bytes = b"") -> bytes:
    """Return a server's token."""
    content = _wrap(0xA0, _wrap(ENUMERATED, bytes((state,))))
    if mechanism:
        content += _wrap(0xA1, mechanism)
    if inner:
        content += _wrap(0xA2, _wrap(OCTETS, inner))
    if mic:
        content += _wrap(0xA3, _wrap(OCTETS, mic))
    return _wrap(0xA1, _wrap(SEQUENCE, content))


class Mechanism(Protocol):
    """A mechanism that SPNEGO can choose."""

    complete: bool

    @property
    def user(self) -> str:
        """Who logged on."""
        ...

    def step(self, token: bytes) -> bytes | None:
        """Take the client's token and return the next one to send."""
        ...

    def check_mic(self, data: bytes, mic: bytes) -> None:
        """Check the client's signature."""
        ...

    def mic(self, data: bytes) -> bytes:
        """Return the server's signature."""
        ...

    def protection(self, level: int, *, signs_headers: bool) -> Protection:
        """Return the protection of the connection."""
        ...


class SpnegoAcceptor:
    """The server's side of a negotiation.

    Args:
        mechanisms: For each mechanism that the server takes, what makes its acceptor.
    """

    def __init__(self, mechanisms: Mapping[bytes, Callable[[], Mechanism]]) -> None:
        self.complete = False
        self._mechanisms = mechanisms
        self._inner: Mechanism | None = None
        self._list = b""
        self._needs_mic = False
        self._announce = b""

    @property
    def user(self) -> str:
        """Who logged on."""
        return self._inner.user if self._inner is not None else ""

    def step(self, token: bytes) -> bytes | None:
        """Take the client's token and return the next one to send."""
        received = parse(token)
        inner = self._inner
        if inner is None:
            chosen = next((oid for oid in received.mechanisms if oid in self._mechanisms), None)
            if chosen is None:
                raise LogonError("the client offers no mechanism that the server takes")
            self._list = received.list
            self._inner = inner = self._mechanisms[chosen]()
            self._announce = chosen
            if chosen != received.mechanisms[0]:
                self._needs_mic = True
                return pack(REQUEST_MIC, chosen)
        elif received.mechanisms:
            raise LogonError("the client began the negotiation again")
        answer = b""
        if received.inner or not inner.complete:
            answer = inner.step(received.inner) or b""
        announced, self._announce = self._announce, b""
        if not inner.complete:
            return pack(INCOMPLETE, announced, answer)
        if received.mic:
            inner.check_mic(self._list, received.mic)
            self.complete = True
            return pack(COMPLETED, announced, answer, inner.mic(self._list))
        if self._needs_mic:
            raise LogonError("the client did not sign the list of mechanisms")
        self.complete = True
        return pack(COMPLETED, announced, answer)

    def protection(self, level: int, *, signs_headers: bool) -> Protection:
        """Return the protection of the connection."""
        assert self._inner is not None
        return self._inner.protection(level, signs_headers=signs_headers)
