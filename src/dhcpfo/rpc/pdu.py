"""The PDUs of connection-oriented DCE/RPC 5.0: packing and parsing, without state.

Everything is little-endian. Parsers take one whole PDU and raise `ProtocolError`, and nothing else, if it is malformed.
"""

from enum import IntEnum
from struct import Struct, error, pack, unpack_from
from typing import NamedTuple

__all__ = [
    "BIND_TIME_FEATURES",
    "DHCPSRV",
    "DHCPSRV2",
    "MAPPER",
    "MGMT",
    "NDR20",
    "Bind",
    "BindAck",
    "Context",
    "Header",
    "ProtocolError",
    "Result",
    "Trailer",
    "Type",
    "pack_auth3",
    "pack_bind",
    "pack_bind_ack",
    "pack_fault",
    "pack_header",
    "pack_nak",
    "parse_bind",
    "parse_bind_ack",
    "parse_fault",
    "parse_header",
    "parse_nak",
    "parse_trailer",
]

DHCPSRV = bytes.fromhex("98d0ff6b12a11036983346c3f874532d01000000")
DHCPSRV2 = bytes.fromhex("2017825b3bf6d011aad200c04fc324db01000000")
MAPPER = bytes.fromhex("0883afe11f5dc91191a408002b14a0fa03000000")
MGMT = bytes.fromhex("80bda8af8a7dc911bef408002b10298901000000")
NDR20 = bytes.fromhex("045d888aeb1cc9119fe808002b10486002000000")
BIND_TIME_FEATURES = bytes.fromhex("2c1cb76c12984045")
"""The first bytes of the transfer syntax that asks for features; its bits follow."""

INTERFACES = {"dhcpsrv": DHCPSRV, "dhcpsrv2": DHCPSRV2}
"""The interfaces of the API, by the names in `dhcpfo.api.FUNCTIONS`."""

REPRESENTATION = b"\x10\x00\x00\x00"
"""Little-endian integers, ASCII, IEEE floating point."""

MAX_FRAGMENT = 5840
"""The longest fragment that both ends take."""

HEADER, TRAILER = 16, 8

FIRST, LAST, HEADER_SIGNING, MULTIPLEXING = 0x01, 0x02, 0x04, 0x10
DID_NOT_EXECUTE, MAYBE, OBJECT = 0x20, 0x40, 0x80
WHOLE = FIRST | LAST

NO_AUTHENTICATION, SPNEGO, NTLM, KERBEROS = 0, 9, 10, 16
CONNECT, INTEGRITY, PRIVACY = 2, 5, 6

ACCEPTED, PROVIDER_REJECTION, NEGOTIATE_ACK = 0, 2, 3
UNKNOWN_INTERFACE, UNKNOWN_SYNTAX = 1, 2
NAK_LIMIT, NAK_VERSION, NAK_AUTHENTICATION_TYPE, NAK_LOGON_FAILED = 2, 4, 8, 9


class ProtocolError(Exception):
    """The peer broke the protocol, or a check of a signature failed. The connection cannot be used any more.

    Attributes:
        code: The Windows code that stands for it.
    """

    def __init__(self, text: str, code: int = 1728) -> None:
        super().__init__(text)
        self.code = code


class Type(IntEnum):
    """The types of PDUs."""

    REQUEST = 0
    RESPONSE = 2
    FAULT = 3
    BIND = 11
    BIND_ACK = 12
    BIND_NAK = 13
    ALTER_CONTEXT = 14
    ALTER_CONTEXT_RESPONSE = 15
    AUTH3 = 16
    SHUTDOWN = 17
    CANCEL = 18
    ORPHANED = 19


LEAST = {
    Type.REQUEST: 24,
    Type.RESPONSE: 24,
    Type.FAULT: 32,
    Type.BIND: 28,
    Type.BIND_ACK: 32,
    Type.BIND_NAK: 18,
    Type.ALTER_CONTEXT: 28,
    Type.ALTER_CONTEXT_RESPONSE: 32,
    Type.AUTH3: 16,
    Type.SHUTDOWN: 16,
    Type.CANCEL: 16,
    Type.ORPHANED: 16,
}
"""The shortest possible PDU of each type."""


class Header(NamedTuple):
    """The common header of a PDU."""

    type: Type
    flags: int
    length: int
    token_length: int
    call: int


class Trailer(NamedTuple):
    """What stands before the token at the end of a PDU, and the token.

    Attributes:
        type: SPNEGO, NTLM or KERBEROS.
        level: CONNECT, INTEGRITY or PRIVACY.
        padding: The bytes of padding before the trailer.
        context: The number that the client chose for the security context.
        token: What the security mechanism wrote.
        start: Where the trailer begins in the PDU.
    """

    type: int
    level: int
    padding: int
    context: int
    token: bytes
    start: int = 0


class Context(NamedTuple):
    """A presentation context that a client offers."""

    id: int
    interface: bytes
    syntaxes: tuple[bytes, ...]


class Result(NamedTuple):
    """A server's answer to one presentation context."""

    result: int
    reason: int
    syntax: bytes


class Bind(NamedTuple):
    """The body of a bind or alter_context PDU."""

    max_transmit: int
    max_receive: int
    group: int
    contexts: tuple[Context, ...]


class BindAck(NamedTuple):
    """The body of a bind_ack or alter_context_resp PDU."""

    max_transmit: int
    max_receive: int
    group: int
    address: bytes
    results: tuple[Result, ...]


_header = Struct("<BBBB4sHHI")
_trailer = Struct("<BBBBI")


def parse_header(data: bytes | bytearray, longest: int = MAX_FRAGMENT) -> Header:
    """Return the header of a PDU.

    Args:
        data: At least the first 16 bytes.
        longest: The longest PDU that is allowed.
    """
    major, minor, kind, flags, representation, length, token_length, call = _header.unpack_from(data)
    if (major, minor) != (5, 0):
        raise ProtocolError(f"the PDU has version {major}.{minor}, not 5.0")
    if representation != REPRESENTATION:
        raise ProtocolError(f"the PDU has data representation {representation.hex()}, not {REPRESENTATION.hex()}")
    least = LEAST.get(kind)
    if least is None:
        raise ProtocolError(f"the PDU has the unknown type {kind}")
    if token_length:
        least += TRAILER + token_length
    if not least <= length <= longest:
        raise ProtocolError(f"the PDU has {length} bytes, not {least} to {longest}")
    return Header(Type(kind), flags, length, token_length, call)


def pack_header(kind: Type, flags: int, length: int, token_length: int, call: int) -> bytes:
    """Return the 16 bytes that begin every PDU."""
    return _header.pack(5, 0, kind, flags, REPRESENTATION, length, token_length, call)


def parse_trailer(data: bytes | bytearray, header: Header) -> Trailer | None:
    """Return the trailer and the token of a PDU, or None if it has none."""
    if not header.token_length:
        return None
    start = header.length - header.token_length - TRAILER
    kind, level, padding, _, context = _trailer.unpack_from(data, start)
    if padding > start - LEAST[header.type]:
        raise ProtocolError(f"the PDU claims {padding} bytes of padding, more than it has")
    return Trailer(kind, level, padding, context, bytes(data[start + TRAILER : header.length]), start)


def pack_trailer(trailer: Trailer) -> bytes:
    """Return the trailer without its token."""
    return _trailer.pack(trailer.type, trailer.level, trailer.padding, 0, trailer.context)


def _finish(kind: Type, call: int, body: bytes, trailer: Trailer | None, flags: int = WHOLE) -> bytes:
    """Return a PDU, with a trailer that is not sealed."""
    token_length = 0
    if trailer is not None:
        padding = -len(body) % 4
        body += bytes(padding) + pack_trailer(trailer._replace(padding=padding)) + trailer.token
        token_length = len(trailer.token)
    return pack_header(kind, flags, HEADER + len(body), token_length, call) + body


def pack_bind(
    call: int, bind: Bind, trailer: Trailer | None = None, *, alter: bool = False, header_signing: bool = False
) -> bytes:
    """Return a bind PDU, or an alter_context PDU."""
    body = pack("<HHIBxH", bind.max_transmit, bind.max_receive, bind.group, len(bind.contexts), 0)
    for context in bind.contexts:
        body += pack("<HBx", context.id, len(context.syntaxes)) + context.interface + b"".join(context.syntaxes)
    flags = WHOLE | HEADER_SIGNING if header_signing else WHOLE
    return _finish(Type.ALTER_CONTEXT if alter else Type.BIND, call, body, trailer, flags)


def pack_bind_ack(
    call: int, ack: BindAck, trailer: Trailer | None = None, *, alter: bool = False, header_signing: bool = False
) -> bytes:
    """Return a bind_ack PDU, or an alter_context_resp PDU."""
    body = pack("<HHIH", ack.max_transmit, ack.max_receive, ack.group, len(ack.address)) + ack.address
    body += bytes(-len(body) % 4) + pack("<BxH", len(ack.results), 0)
    for result in ack.results:
        body += pack("<HH", result.result, result.reason) + result.syntax
    flags = WHOLE | HEADER_SIGNING if header_signing else WHOLE
    return _finish(Type.ALTER_CONTEXT_RESPONSE if alter else Type.BIND_ACK, call, body, trailer, flags)


def pack_nak(call: int, reason: int) -> bytes:
    """Return a bind_nak PDU; it says that only version 5.0 is spoken."""
    return _finish(Type.BIND_NAK, call, pack("<HBBB", reason, 1, 5, 0), None)


def pack_auth3(call: int, trailer: Trailer) -> bytes:
    """Return an auth3 PDU."""
    return _finish(Type.AUTH3, call, bytes(4), trailer)


def pack_fault(call: int, status: int, *, context: int = 0, executed: bool = False) -> bytes:
    """Return a fault PDU without a verifier."""
    flags = WHOLE if executed else WHOLE | DID_NOT_EXECUTE
    return _finish(Type.FAULT, call, pack("<IHBBII", 32, context, 0, 0, status, 0), None, flags)


def pack_shutdown() -> bytes:
    """Return a shutdown PDU."""
    return _finish(Type.SHUTDOWN, 0, b"", None)


def _body(data: bytes | bytearray, header: Header) -> bytes:
    """Return the body of an unprotected PDU without its padding and trailer."""
    trailer = parse_trailer(data, header)
    return bytes(data[HEADER : header.length if trailer is None else trailer.start - trailer.padding])


def parse_bind(data: bytes | bytearray, header: Header) -> Bind:
    """Return the body of a bind or alter_context PDU."""
    body = _body(data, header)
    try:
        max_transmit, max_receive, group, count = unpack_from("<HHIB", body)
        at = 12
        contexts = []
        for _ in range(count):
            number, syntaxes = unpack_from("<HB", body, at)
            end = at + 24 + 20 * syntaxes
            if not syntaxes or end > len(body):
                raise ProtocolError("a presentation context has no transfer syntax, or ends after the PDU")
            parts = tuple(body[place : place + 20] for place in range(at + 4, end, 20))
            contexts.append(Context(number, parts[0], parts[1:]))
            at = end
    except error:
        raise ProtocolError("the presentation contexts end after the PDU") from None
    if not contexts:
        raise ProtocolError("the PDU offers no presentation context")
    return Bind(max_transmit, max_receive, group, tuple(contexts))


def parse_bind_ack(data: bytes | bytearray, header: Header) -> BindAck:
    """Return the body of a bind_ack or alter_context_resp PDU."""
    body = _body(data, header)
    try:
        max_transmit, max_receive, group, length = unpack_from("<HHIH", body)
        address = body[10 : 10 + length]
        if len(address) < length or (address and address[-1]):
            raise ProtocolError("the secondary address is cut, or has no NUL at its end")
        at = 10 + length
        at += -at % 4
        (count,) = unpack_from("<B", body, at)
        results = tuple(Result(*unpack_from("<HH20s", body, at + 4 + 24 * number)) for number in range(count))
    except error:
        raise ProtocolError("the answers to the presentation contexts end after the PDU") from None
    return BindAck(max_transmit, max_receive, group, address, results)


def parse_nak(data: bytes | bytearray, header: Header) -> int:
    """Return the reason of a bind_nak PDU."""
    (reason,) = unpack_from("<H", data, HEADER)
    return int(reason)


def parse_fault(data: bytes | bytearray) -> int:
    """Return the status of a fault PDU."""
    (status,) = unpack_from("<I", data, 24)
    return int(status)
