"""The client's end of a connection, without a socket."""

from collections.abc import Sequence
from typing import Protocol

from ..limits import MAX_DWORD
from . import pdu as wire
from .connection import Answer, Connection, Event, Fault, LogonError, Protection, Ready, context_and_opnum
from .pdu import ProtocolError, Type
from .status import NAKS, REFUSED_LOGONS, REJECTIONS, fault_code, rejection

__all__ = ["ClientConnection", "Logon"]

MOST_LEGS = 8
MAX_ANSWER = 16 * 1024 * 1024
ACCESS_DENIED = 5
NO_CALL, LAST_CALL = -1, MAX_DWORD


class Logon(Protocol):
    """A client's logon by one mechanism.

    Attributes:
        type: SPNEGO, NTLM or KERBEROS.
        level: INTEGRITY or PRIVACY.
        mechanism: ``"kerberos"`` or ``"ntlm"``: what is used, also inside SPNEGO; ``"negotiate"`` before that is known.
        complete: Whether the mechanism needs no further token.
    """

    type: int
    level: int

    @property
    def mechanism(self) -> str:
        """What is used: ``"kerberos"``, ``"ntlm"``, or ``"negotiate"`` before that is known."""
        ...

    @property
    def complete(self) -> bool:
        """Whether the mechanism needs no further token."""
        ...

    @property
    def why_not_kerberos(self) -> str:
        """Why NTLM is used where Kerberos was wanted; empty if that is not so."""
        ...

    def step(self, token: bytes | None) -> bytes | None:
        """Take the server's token, None at first, and return the next one to send.

        Raises:
            LogonError: The logon failed.
        """
        ...

    def protection(self) -> Protection:
        """Return the protection of the connection, once the logon is complete."""
        ...

    def needs_header_signing(self) -> bool:
        """Whether the server must have agreed to sign headers: the mechanism leaves them out otherwise."""
        ...


class ClientConnection(Connection):
    """The client's end of a connection.

    Args:
        interfaces: The interfaces to bind, each with its version.
        logon: Logs on; None for a connection without authentication.
        max_answer: The longest answer that is taken, in bytes.
    """

    def __init__(
        self, interfaces: Sequence[bytes], logon: Logon | None = None, *, max_answer: int = MAX_ANSWER
    ) -> None:
        super().__init__(max_answer)
        self._interfaces = tuple(interfaces)
        self._logon = logon
        self._state = "NEW"
        self._proved = logon is None
        self._legs = 0
        self._signs_headers = False
        self.codes: tuple[int, ...] = ()
        """For each interface 0, or the Windows code for which the server rejected it."""

    @property
    def proved(self) -> bool:
        """Whether the server has shown that it accepted the logon."""
        return self._proved

    @property
    def shows_password(self) -> bool:
        """Whether what is sent now, or was sent, lets the server check a password. By Kerberos that never happens."""
        return not self._proved and self._legs > 0 and self._logon is not None and self._logon.mechanism != "kerberos"

    @property
    def is_waiting(self) -> bool:
        """Whether a call is open."""
        return self._waiting != NO_CALL

    def start(self) -> bytes:
        """Return the first bytes to send."""
        self._state = "BINDING"
        self._call += 1
        trailer = self._next_token(None)
        return wire.pack_bind(self._call, self._bind(), trailer, header_signing=self._logon is not None)

    def request(
        self, interface: int, opnum: int, stub: bytes | bytearray, *, reserve: bool = False
    ) -> tuple[int, bytes | bytearray]:
        """Begin a call; return its number and the bytes to send.

        Args:
            interface: The position of the interface in the list that the connection was made with.
            opnum: The number of the operation.
            stub: The encoded arguments.
            reserve: Whether CALL_HEADER bytes for the header are in front of them; the `bytearray` becomes the PDU.

        Raises:
            RuntimeError: The connection is not ready, or another call is open.
        """
        if self._state != "READY" or self.closed or self.is_waiting:
            raise RuntimeError("the connection is not ready for a call")
        self.shut_down |= self._call >= LAST_CALL - 1
        self._call += 1
        self._waiting = self._call
        return self._call, self._seal(Type.REQUEST, self._call, interface, opnum, stub, reserve=reserve)

    def _bind(self) -> wire.Bind:
        contexts = (wire.Context(at, interface, (wire.NDR20,)) for at, interface in enumerate(self._interfaces))
        return wire.Bind(wire.MAX_FRAGMENT, wire.MAX_FRAGMENT, 0, tuple(contexts))

    def _next_token(self, received: bytes | None) -> wire.Trailer | None:
        if self._logon is None:
            return None
        token = self._logon.step(received)
        if not token:
            return None
        return wire.Trailer(self._logon.type, self._logon.level, 0, self._security_context, token)

    def _handle(self, header: wire.Header, pdu: bytearray, events: list[Event]) -> None:
        kind, state = header.type, self._state
        if kind is Type.RESPONSE and state == "READY":
            self._handle_response(header, pdu, events)
        elif kind is Type.FAULT and state != "NEW":
            self._handle_fault(header, pdu, events)
        elif kind is Type.BIND_ACK and state == "BINDING":
            self._check_call(header)
            self._handle_bind_ack(header, pdu, events)
        elif kind is Type.ALTER_CONTEXT_RESPONSE and state == "AUTHENTICATING":
            self._check_call(header)
            wire.parse_bind_ack(pdu, header)
            trailer = self._check_trailer(header, pdu)
            self._go_on(self._next_token(trailer.token) if trailer is not None else None, events)
        elif kind is Type.BIND_NAK and state == "BINDING":
            self._check_call(header)
            reason = wire.parse_nak(pdu, header)
            code, text = NAKS.get(reason, NAKS[0] if self._logon is not None else NAKS[wire.NAK_LIMIT])
            if code == ACCESS_DENIED:
                self._refused(events, f"bind_nak, reason {reason}")
            else:
                self._close(events, f"{text} (bind_nak, reason {reason})", code)
        elif kind is Type.SHUTDOWN:
            self.shut_down = True
        else:
            raise ProtocolError(f"the server sent a {kind.name} PDU at the wrong time")

    def _refused(self, events: list[Event], how: str, code: int = ACCESS_DENIED) -> None:
        """End a connection that the server did not want to begin."""
        text = f"the server refused the logon ({how})"
        if code == ACCESS_DENIED and self._logon is not None:
            mechanism = self._logon.mechanism
            reason = REFUSED_LOGONS.get(mechanism) or "; or ".join(REFUSED_LOGONS.values())
            text = f"the server refused the logon by {mechanism} ({how}): {reason}"
            if self._logon.why_not_kerberos:
                text += f". Kerberos was not used: {self._logon.why_not_kerberos}"
        self._close(events, text, code)

    def _check_call(self, header: wire.Header) -> None:
        if header.call != self._call:
            raise ProtocolError(f"the server answered call {header.call}, not {self._call}")
        if header.flags & wire.WHOLE != wire.WHOLE:
            raise ProtocolError("the server's answer to a bind is in fragments")

    def _check_trailer(self, header: wire.Header, pdu: bytearray) -> wire.Trailer | None:
        """Return the trailer of an answer during the logon, if it belongs to the logon."""
        trailer = wire.parse_trailer(pdu, header)
        if trailer is None:
            return None
        logon = self._logon
        if logon is None:
            raise ProtocolError("the server sent a token, but the connection is not protected")
        if (trailer.type, trailer.level, trailer.context) != (logon.type, logon.level, self._security_context):
            raise ProtocolError("the server answered with another kind or level of authentication")
        return trailer

    def _handle_bind_ack(self, header: wire.Header, pdu: bytearray, events: list[Event]) -> None:
        ack = wire.parse_bind_ack(pdu, header)
        if len(ack.results) != len(self._interfaces):
            raise ProtocolError(f"the server answered {len(ack.results)} contexts, not {len(self._interfaces)}")
        self._limit_fragments(ack.max_transmit, ack.max_receive)
        self.codes = tuple(
            0
            if (result.result, result.syntax) == (wire.ACCEPTED, wire.NDR20)
            else REJECTIONS.get((result.result, result.reason), 1730)
            for result in ack.results
        )
        if 0 not in self.codes:
            self._close(events, rejection(self.codes[0]), self.codes[0])
            return
        self._signs_headers = bool(header.flags & wire.HEADER_SIGNING)
        trailer = self._check_trailer(header, pdu)
        if self._logon is None:
            self._ready(events)
        elif trailer is None:
            raise ProtocolError("the server answered without authentication")
        else:
            self._go_on(self._next_token(trailer.token), events)

    def _go_on(self, trailer: wire.Trailer | None, events: list[Event]) -> None:
        """Send the next token of the logon, or begin to take calls."""
        logon = self._logon
        assert logon is not None
        self._legs += 1
        if self._legs > MOST_LEGS:
            raise ProtocolError(f"the logon takes more than {MOST_LEGS} legs")
        if trailer is None:
            if not logon.complete:
                raise LogonError("the server ended the logon before it was complete")
            self._proved = True
            self._ready(events)
            return
        self._call += 1
        if logon.type == wire.NTLM:
            self._sending += wire.pack_auth3(self._call, trailer)
            self._ready(events)
        else:
            self._state = "AUTHENTICATING"
            self._sending += wire.pack_bind(self._call, self._bind(), trailer, alter=True, header_signing=True)

    def _ready(self, events: list[Event]) -> None:
        if self._logon is not None:
            if not self._logon.complete:
                raise LogonError("the server ended the logon before it was complete")
            if self._logon.needs_header_signing() and not self._signs_headers:
                raise ProtocolError("the server does not sign headers, without which calls could be changed")
            self._protect(self._logon.protection())
        self._state = "READY"
        self._take_calls()
        events.append(Ready())

    def _handle_response(self, header: wire.Header, pdu: bytearray, events: list[Event]) -> None:
        if header.call != self._waiting:
            raise ProtocolError(f"the server answered call {header.call}, which is not open")
        stub = self._open(header, pdu, 24)
        self._proved = True
        whole = self._assemble(header, 0, context_and_opnum(pdu)[0], stub)
        if whole is not None:
            self._waiting = NO_CALL
            events.append(Answer(header.call, whole))

    def _handle_fault(self, header: wire.Header, pdu: bytearray, events: list[Event]) -> None:
        if self._state != "READY":
            status = wire.parse_fault(pdu)
            self._refused(events, f"fault 0x{status:08x}", fault_code(status, logon=True))
            return
        if header.call != self._waiting:
            raise ProtocolError(f"the server answered call {header.call}, which is not open")
        trusted = self._protection is None or bool(header.token_length)
        if trusted:
            self._open(header, pdu, 32)
            proved, self._proved = self._proved, True
        else:
            proved = self._proved
        status = wire.parse_fault(pdu)
        self._waiting, self._assembling = NO_CALL, None
        if not trusted and not proved:
            self._refused(events, f"fault 0x{status:08x}", fault_code(status, logon=True))
            return
        events.append(Fault(header.call, status, not header.flags & wire.DID_NOT_EXECUTE, trusted))
        if not trusted:
            self._close(events, "a fault without a verifier on a protected connection", 1728)
