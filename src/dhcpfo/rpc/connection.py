"""What both ends of a connection share: cutting the stream into PDUs, fragments, and the protection of PDUs.

A connection takes the bytes that arrived and gives events and the bytes to send. It touches no socket itself, so that
synchronous, threaded and asynchronous programs can use the same one. A connection is used by one thread at a time.
"""

from struct import Struct
from typing import NamedTuple, Protocol, TypeAlias

from .._wire import Channel
from ..limits import MAX_WORD
from . import pdu as wire
from .pdu import ProtocolError, Type

__all__ = ["Answer", "Connection", "Event", "Fault", "LogonError", "Protection", "Ready", "Refused", "Request"]

_body = Struct("<IHH")
_context_and_opnum = Struct("<HH")
_call_header = Struct("<8sHHIIHH")

CALL_HEADER = 24
"""Bytes before the stub of a request or an answer."""

WHOLE_REQUEST, WHOLE_RESPONSE = (
    bytes((5, 0, kind, wire.WHOLE)) + wire.REPRESENTATION for kind in (Type.REQUEST, Type.RESPONSE)
)
"""How a call or an answer of one fragment begins."""

LEAST_FRAGMENT = 1024
"""The shortest longest fragment of a peer with which it makes sense to talk."""


class LogonError(Exception):
    """A logon failed. The text says why and never holds a token or a password."""


class Protection(Protocol):
    """Seals and opens the PDUs of one connection, in the order in which they are on the wire.

    Attributes:
        type: SPNEGO, NTLM or KERBEROS.
        level: INTEGRITY or PRIVACY.
        size: The length of a token.
        fixed_size: Whether the peer's tokens must have that length.
    """

    type: int
    level: int
    size: int
    fixed_size: bool

    def protect(self, pdu: bytearray, start: int, stop: int) -> None:
        """Seal ``pdu[start:stop]`` in place, and write the token over the last ``size`` bytes."""
        ...

    def open(self, pdu: bytearray, start: int, stop: int) -> None:
        """Open ``pdu[start:stop]`` in place.

        Raises:
            ProtocolError: The token does not match the PDU.
        """
        ...


class Ready(NamedTuple):
    """The connection takes calls."""


class Answer(NamedTuple):
    """The answer to a call."""

    call: int
    stub: bytes | bytearray


class Fault(NamedTuple):
    """A call failed.

    Attributes:
        call: The number of the call.
        status: Why, as a number of DCE/RPC or Windows.
        executed: False if the server says that it did not begin to execute the call.
        trusted: Whether the connection's protection, if it has one, covers this.
    """

    call: int
    status: int
    executed: bool
    trusted: bool


class Request(NamedTuple):
    """A call of a client."""

    call: int
    interface: bytes
    opnum: int
    stub: bytes | bytearray


class Refused(NamedTuple):
    """The peer refused the connection or broke the protocol: always the last event.

    Attributes:
        text: What happened.
        code: The Windows code that stands for it.
    """

    text: str
    code: int


Event: TypeAlias = Ready | Answer | Fault | Request | Refused


class Connection(Channel):
    """Base of `ClientConnection` and `ServerConnection`.

    As a `Channel` it can also carry whole calls over a socket, and leaves to `receive` what is unusual about them.

    Args:
        max_message: The longest reassembled stub that is taken, in bytes.

    Attributes:
        closed: Whether it is over; nothing can be sent or received any more.
    """

    def __init__(self, max_message: int) -> None:
        self._max_message = max_message
        self._received = bytearray()
        self._sending = bytearray()
        self._protection: Protection | None = None
        self._max_receive = self._max_transmit = wire.MAX_FRAGMENT
        self._security_context = 0
        self._trailers: tuple[bytes, ...] = ()
        self._endings: tuple[bytes, ...] = ()
        self._room = wire.MAX_FRAGMENT
        self._parts = bytearray()
        self._assembling: tuple[int, int, int] | None = None
        self._was_empty = False

    def outgoing(self) -> bytes:
        """Return what must be sent now, apart from calls and answers; empty if nothing."""
        data = bytes(self._sending)
        self._sending.clear()
        return data

    def receive(self, data: bytes) -> list[Event]:
        """Take bytes from the peer and return what they mean.

        It raises nothing because of what a peer sent: the event `Refused` ends the connection.
        """
        events: list[Event] = []
        if self.closed:
            return events
        received = self._received
        received += data
        try:
            while not self.closed and len(received) >= wire.HEADER:
                header = wire.parse_header(received, MAX_WORD)
                if header.type in (Type.REQUEST, Type.RESPONSE, Type.FAULT) and header.length > self._max_receive:
                    raise ProtocolError(f"the fragment has {header.length} bytes, more than {self._max_receive}")
                if len(received) < header.length:
                    break
                if len(received) == header.length:  # nearly always
                    self._received = bytearray()
                    pdu, received = received, self._received
                else:
                    pdu = received[: header.length]
                    del received[: header.length]
                self._handle(header, pdu, events)
        except ProtocolError as error:
            self._close(events, str(error), error.code)
        except LogonError as error:
            self._close(events, str(error), 5)
        self.between = not self._received and self._assembling is None
        return events

    def _take_calls(self) -> None:
        """Let calls be carried from now on, if the protection can do it in place."""
        protection = self._protection
        sealing = getattr(protection, "sealing", None)
        if protection is not None and sealing is None:
            return
        token, private, trailer = 0, False, b""
        if protection is not None:
            token, private, trailer = protection.size, protection.level == wire.PRIVACY, self._trailers[0]
        self._arrange(sealing, trailer, token, private, self._room, self._max_receive, self._max_message)

    def _handle(self, header: wire.Header, pdu: bytearray, events: list[Event]) -> None:
        raise NotImplementedError

    def _close(self, events: list[Event], text: str, code: int) -> None:
        self.closed = True
        self._received = bytearray()
        events.append(Refused(text, code))

    def _limit_fragments(self, peer_transmits: int, peer_receives: int) -> None:
        """Agree on the longest fragments, from what the peer offers."""
        if min(peer_transmits, peer_receives) < LEAST_FRAGMENT:
            raise ProtocolError(f"the peer's fragments are shorter than {LEAST_FRAGMENT} bytes")
        self._max_transmit = min(wire.MAX_FRAGMENT, peer_receives)
        self._protect(self._protection)

    def _seal(
        self, kind: Type, call: int, context: int, last: int, stub: bytes | bytearray, *, reserve: bool = False
    ) -> bytes | bytearray:
        """Return the PDUs that carry a stub.

        Args:
            kind: REQUEST or RESPONSE.
            call: The number of the call.
            context: The presentation context.
            last: What follows it: the opnum of a request.
            stub: The stub.
            reserve: Whether the stub is a `bytearray` that begins with CALL_HEADER bytes for the header; it becomes
                the PDU.
        """
        room = self._room
        if reserve and len(stub) - CALL_HEADER <= room:
            return self._seal_here(kind, call, context, last, stub)  # nearly always
        if reserve:
            stub = stub[CALL_HEADER:]
        if len(stub) <= room:
            return self._seal_fragment(kind, call, _body.pack(len(stub), context, last), stub, wire.WHOLE)
        whole = bytearray()
        for at in range(0, len(stub), room):
            first = wire.FIRST if at == 0 else 0
            final = wire.LAST if at + room >= len(stub) else 0
            body = _body.pack(len(stub) - at, context, last)
            whole += self._seal_fragment(kind, call, body, stub[at : at + room], first | final)
        return whole

    def _protect(self, protection: Protection | None) -> None:
        """Protect all PDUs from now on; called when fragments are agreed on."""
        self._protection = protection
        room = self._max_transmit - CALL_HEADER
        if protection is not None:
            room -= wire.TRAILER + protection.size
            trailer = wire.Trailer(protection.type, protection.level, 0, self._security_context, b"")
            self._trailers = tuple(wire.pack_trailer(trailer._replace(padding=padding)) for padding in range(16))
            self._endings = tuple(
                bytes(padding) + packed + bytes(protection.size) for padding, packed in enumerate(self._trailers)
            )
        self._room = room - room % 16

    def _seal_here(self, kind: Type, call: int, context: int, last: int, pdu: bytes | bytearray) -> bytearray:
        """Make the PDU of a stub that has room for the header in front of it."""
        assert isinstance(pdu, bytearray)
        size = len(pdu) - CALL_HEADER
        protection = self._protection
        token = stop = 0
        if protection is not None:
            padding = -size % 16
            stop = CALL_HEADER + size + padding
            token = protection.size
            pdu += self._endings[padding]
        beginning = WHOLE_REQUEST if kind is Type.REQUEST else WHOLE_RESPONSE
        _call_header.pack_into(pdu, 0, beginning, len(pdu), token, call, size, context, last)
        if protection is not None:
            protection.protect(pdu, CALL_HEADER, stop)
        return pdu

    def _seal_fragment(
        self, kind: Type, call: int, body: bytes, stub: bytes | bytearray, flags: int
    ) -> bytes | bytearray:
        protection = self._protection
        start = wire.HEADER + len(body)
        stop = start + len(stub)
        if protection is None:
            return wire.pack_header(kind, flags, stop, 0, call) + body + stub
        padding = -len(stub) % 16
        stop += padding
        length = stop + wire.TRAILER + protection.size
        pdu = bytearray(wire.pack_header(kind, flags, length, protection.size, call))
        pdu += body
        pdu += stub
        trailer = wire.Trailer(protection.type, protection.level, padding, self._security_context, b"")
        pdu += bytes(padding) + wire.pack_trailer(trailer) + bytes(protection.size)
        protection.protect(pdu, start, stop)
        return pdu

    def _open(self, header: wire.Header, pdu: bytearray, start: int) -> bytearray:
        """Return the stub of a PDU that begins at ``start``; check and remove the protection."""
        protection = self._protection
        if protection is None:
            if header.token_length:
                raise ProtocolError("the PDU has a verifier, but the connection is not protected")
            return pdu[start:]
        trailer = wire.parse_trailer(pdu, header)
        if trailer is None:
            raise ProtocolError("the PDU has no verifier, but the connection is protected")
        expected = (protection.type, protection.level, self._security_context)
        if (trailer.type, trailer.level, trailer.context) != expected:
            raise ProtocolError("the PDU's verifier belongs to another security context")
        if header.token_length != protection.size and protection.fixed_size:
            raise ProtocolError(f"the PDU's token has {header.token_length} bytes, not {protection.size}")
        stop = trailer.start - trailer.padding
        if stop < start:
            raise ProtocolError("the PDU's padding is longer than its stub")
        protection.open(pdu, start, trailer.start)
        return pdu[start:stop]

    def _assemble(self, header: wire.Header, key: int, context: int, stub: bytearray) -> bytes | bytearray | None:
        """Add a fragment to its call; return the whole stub after the last one.

        Args:
            header: The fragment's header.
            key: What must be the same in all fragments, besides the call and the context: a request's opnum.
            context: The presentation context.
            stub: The fragment's part of the stub.
        """
        what = (header.call, context, key)
        if header.flags & wire.FIRST:
            if self._assembling is not None:
                raise ProtocolError("a call begins within another one")
            if header.flags & wire.LAST:
                if len(stub) > self._max_message:
                    raise ProtocolError(f"the stub is longer than {self._max_message} bytes")
                return stub
            self._assembling, self._parts, self._was_empty = what, bytearray(), False
        elif self._assembling is None:
            raise ProtocolError("a call does not begin with its first fragment")
        elif self._assembling != what:
            raise ProtocolError("a fragment belongs to another call, context or operation than the first one")
        if not stub and not header.flags & wire.LAST:
            if self._was_empty:
                raise ProtocolError("two fragments in a row are empty")
            self._was_empty = True
        else:
            self._was_empty = False
        if len(self._parts) + len(stub) > self._max_message:
            raise ProtocolError(f"the stub is longer than {self._max_message} bytes")
        self._parts += stub
        if not header.flags & wire.LAST:
            return None
        whole, self._parts, self._assembling = self._parts, bytearray(), None
        return whole


def context_and_opnum(pdu: bytearray) -> tuple[int, int]:
    """Return the presentation context and the opnum of a request; of a response, the context and its counters."""
    context, opnum = _context_and_opnum.unpack_from(pdu, 20)
    return context, opnum
