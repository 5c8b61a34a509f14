"""The server's end of a connection, without a socket."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from secrets import randbits
from typing import Protocol

from . import pdu as wire
from .connection import Connection, Event, LogonError, Protection, Ready, Request, context_and_opnum
from .pdu import NDR20, ProtocolError, Type
from .status import ACCESS_DENIED, UNKNOWN_CONTEXT
from .verification import cut_verification

__all__ = ["Acceptor", "Policy", "ServerConnection"]


ALTERS_PER_CONTEXT = 4
"""How often a client may send an ALTER_CONTEXT for each presentation context that it may have."""


class Acceptor(Protocol):
    """The server's side of one logon.

    Attributes:
        complete: Whether the logon succeeded.
    """

    complete: bool

    @property
    def user(self) -> str:
        """Who logged on, once it is complete."""
        ...

    def step(self, token: bytes) -> bytes | None:
        """Take the client's token and return the next one to send.

        Raises:
            LogonError: The logon failed.
        """
        ...

    def protection(self, level: int, *, signs_headers: bool) -> Protection:
        """Return the protection of the connection, once the logon is complete.

        Args:
            level: INTEGRITY or PRIVACY.
            signs_headers: Whether the client signs headers, too.

        Raises:
            LogonError: The server does not take such a client.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a server allows on each connection.

    Attributes:
        interfaces: The interfaces that are offered, and whether their calls need a logon and encryption.
        acceptor: Returns the acceptor for a type and level of authentication, or None if there is none.
        max_request: The longest request, in bytes.
        max_contexts: The most presentation contexts of a connection.
        max_token: The longest token, in bytes.
        max_legs: The most tokens of a logon.
        port: The port that the client is told.
    """

    interfaces: Mapping[bytes, bool]
    acceptor: Callable[[int, int], Acceptor | None]
    max_request: int = 4 * 1024 * 1024
    max_contexts: int = 16
    max_token: int = 64 * 1024
    max_legs: int = 8
    port: int = 0


class ServerConnection(Connection):
    """The server's end of a connection.

    Args:
        policy: What the server allows.

    Attributes:
        user: Who logged on; empty before that and without authentication.
        bound: Whether the client has bound and, if it wants to, logged on.
        operations: The methods that the client may call, by their context times 65536 plus their opnum, for
            `Channel.serve`; see `allow`. A change of the contexts removes them.
    """

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy.max_request)
        self._policy = policy
        self._guarded = any(policy.interfaces.values())
        self._contexts: dict[int, bytes] = {}
        self._acceptor: Acceptor | None = None
        self._bound = self._signs_headers = False
        self._type = wire.NO_AUTHENTICATION
        self._level = 0
        self._legs = self._alters = 0
        self._refused = False
        self.operations: dict[int, str] = {}
        self._open_call: int | None = None
        self._open_context = 0
        self._group = 0
        self.user = ""

    @property
    def bound(self) -> bool:
        """Whether the client has bound and, if it wants to, logged on."""
        return self._bound and (self._acceptor is None or self._acceptor.complete)

    def answer(self, call: int, stub: bytes | bytearray, *, reserve: bool = False) -> bytes | bytearray:
        """Return the PDUs that answer a call.

        Args:
            call: The number of the call.
            stub: The encoded answer.
            reserve: Whether CALL_HEADER bytes for the header are in front of it; the `bytearray` becomes the PDU.
        """
        self._end(call)
        return self._seal(Type.RESPONSE, call, self._open_context, 0, stub, reserve=reserve)

    def take_over(self, call: int, context: int, opnum: int, stub: bytes | bytearray) -> Request | None:
        """Take an opened request from `Channel.serve`; return None if `outgoing` answers it."""
        self._open_context = context
        return self._begin_call(call, context, opnum, stub)

    def allow(self, opnum: int, method: str) -> None:
        """Let `Channel.serve` carry out further requests like the open one."""
        self.operations[self._open_context << 16 | opnum] = method

    def fault(self, call: int, status: int, *, executed: bool = False) -> bytes:
        """Return the PDU that says that a call failed.

        Args:
            call: The number of the call.
            status: Why; see `dhcpfo.rpc.status`.
            executed: Whether the call may have been carried out.
        """
        self._end(call)
        return self._fault(call, status, executed=executed)

    def shutdown(self) -> bytes:
        """Return the PDU that asks the client to make no more calls."""
        return wire.pack_shutdown()

    def _end(self, call: int) -> None:
        if call != self._open_call:
            raise RuntimeError(f"call {call} is not open")
        self._open_call = None

    def _fault(self, call: int, status: int, *, executed: bool = False) -> bytes:
        # Without a verifier, as Windows and Samba send it: impacket and Samba's client do not count one here.
        return wire.pack_fault(call, status, context=self._open_context, executed=executed)

    def _handle(self, header: wire.Header, pdu: bytearray, events: list[Event]) -> None:
        kind = header.type
        if kind is Type.REQUEST and self._bound:
            self._handle_request(header, pdu, events)
        elif kind is Type.BIND and not self._bound:
            self._handle_bind(header, pdu, events)
        elif kind is Type.ALTER_CONTEXT and self._bound:
            self._handle_alter(header, pdu, events)
        elif kind is Type.AUTH3 and self._bound:
            self._handle_auth3(header, pdu, events)
        elif kind is Type.ORPHANED and self._bound:
            if self._assembling is not None and self._assembling[0] == header.call:
                self._assembling = None
        elif kind is not Type.CANCEL or not self._bound:
            raise ProtocolError(f"the client sent a {kind.name} PDU at the wrong time")

    # Binding and logon

    def _refuse(self, header: wire.Header, reason: int, text: str, events: list[Event], code: int = 5) -> None:
        self._sending += wire.pack_nak(header.call, reason)
        self._close(events, text, code)

    def _handle_bind(self, header: wire.Header, pdu: bytearray, events: list[Event]) -> None:
        bind = wire.parse_bind(pdu, header)
        if len(bind.contexts) > self._policy.max_contexts:
            self._refuse(header, wire.NAK_LIMIT, "too many presentation contexts", events, 1723)
            return
        self._limit_fragments(bind.max_transmit, bind.max_receive)
        trailer = wire.parse_trailer(pdu, header)
        answer = None
        if trailer is not None:
            self._acceptor = self._policy.acceptor(trailer.type, trailer.level)
            if self._acceptor is None or trailer.level < wire.CONNECT:
                self._refuse(header, wire.NAK_AUTHENTICATION_TYPE, "unknown authentication", events, 1747)
                return
            self._type, self._level, self._security_context = trailer.type, trailer.level, trailer.context
            try:
                answer = self._step(trailer)
            except LogonError as error:
                self._refuse(header, wire.NAK_LOGON_FAILED, str(error), events)
                return
        self._bound = True
        self._signs_headers = bool(header.flags & wire.HEADER_SIGNING)
        self._group = bind.group or randbits(31) or 1
        self._acknowledge(header, bind, answer, events)

    def _handle_alter(self, header: wire.Header, pdu: bytearray, events: list[Event]) -> None:
        bind = wire.parse_bind(pdu, header)
        added = {context.id for context in bind.contexts} - self._contexts.keys()
        if len(self._contexts) + len(added) > self._policy.max_contexts:
            raise ProtocolError("the client offers too many presentation contexts")
        self._alters += 1
        if self._alters > ALTERS_PER_CONTEXT * self._policy.max_contexts + self._policy.max_legs:
            raise ProtocolError("the client changes its presentation contexts too often")
        trailer = wire.parse_trailer(pdu, header)
        answer = None
        if trailer is not None:
            if self._acceptor is None or trailer.context != self._security_context or trailer.type != self._type:
                self._sending += wire.pack_fault(header.call, ACCESS_DENIED)
                self._close(events, "the client asks for a second security context", 5)
                return
            # Samba's client repeats its last token when it adds an interface.
            if not self._acceptor.complete:
                try:
                    answer = self._step(trailer)
                except LogonError as error:
                    self._sending += wire.pack_fault(header.call, ACCESS_DENIED)
                    self._close(events, str(error), 5)
                    return
        self._acknowledge(header, bind, answer, events, alter=True)

    def _handle_auth3(self, header: wire.Header, pdu: bytearray, events: list[Event]) -> None:
        trailer = wire.parse_trailer(pdu, header)
        acceptor = self._acceptor
        if trailer is None or acceptor is None or acceptor.complete or self._refused:
            raise ProtocolError("the client sent an AUTH3 PDU at the wrong time")
        try:
            self._step(trailer)
        except LogonError:
            # An AUTH3 has no answer. A client that sees the connection close now takes it for a broken one.
            self._refused = True
            return
        if not acceptor.complete:
            self._refused = True
        else:
            self._begin(events)

    def _step(self, trailer: wire.Trailer) -> bytes | None:
        acceptor = self._acceptor
        assert acceptor is not None
        self._legs += 1
        if self._legs > self._policy.max_legs:
            raise LogonError(f"the logon takes more than {self._policy.max_legs} legs")
        if len(trailer.token) > self._policy.max_token:
            raise LogonError(f"the token is longer than {self._policy.max_token} bytes")
        if (trailer.type, trailer.level, trailer.context) != (self._type, self._level, self._security_context):
            raise ProtocolError("the client changed the kind or the level of authentication during the logon")
        return acceptor.step(trailer.token)

    def _acknowledge(
        self,
        header: wire.Header,
        bind: wire.Bind,
        token: bytes | None,
        events: list[Event],
        *,
        alter: bool = False,
    ) -> None:
        results = tuple(self._result(context) for context in bind.contexts)
        address = b"" if alter else b"%d\0" % self._policy.port
        ack = wire.BindAck(wire.MAX_FRAGMENT, wire.MAX_FRAGMENT, self._group, address, results)
        trailer = wire.Trailer(self._type, self._level, 0, self._security_context, token) if token else None
        signing = bool(header.flags & wire.HEADER_SIGNING) and self._acceptor is not None
        self._sending += wire.pack_bind_ack(header.call, ack, trailer, alter=alter, header_signing=signing)
        if not alter and self._acceptor is None:
            self._take_calls()
            events.append(Ready())
        elif self._acceptor is not None and self._acceptor.complete and not self.user:
            self._begin(events)

    def _result(self, context: wire.Context) -> wire.Result:
        if context.syntaxes[0].startswith(wire.BIND_TIME_FEATURES):
            return wire.Result(wire.NEGOTIATE_ACK, 0, bytes(20))
        if context.interface not in self._policy.interfaces:
            return wire.Result(wire.PROVIDER_REJECTION, wire.UNKNOWN_INTERFACE, bytes(20))
        if NDR20 not in context.syntaxes:
            return wire.Result(wire.PROVIDER_REJECTION, wire.UNKNOWN_SYNTAX, bytes(20))
        self._contexts[context.id] = context.interface
        self.operations.clear()
        return wire.Result(wire.ACCEPTED, 0, NDR20)

    def _begin(self, events: list[Event]) -> None:
        """Protect the connection after the logon."""
        acceptor = self._acceptor
        assert acceptor is not None
        self.user = acceptor.user
        if self._level != wire.CONNECT:
            self._protect(acceptor.protection(self._level, signs_headers=self._signs_headers))
        self._take_calls()
        events.append(Ready())

    # Calls

    def _handle_request(self, header: wire.Header, pdu: bytearray, events: list[Event]) -> None:
        if self._open_call is not None:
            raise ProtocolError("the client began a call while another one was open")
        context, opnum = context_and_opnum(pdu)
        self._open_context = context
        if not self.bound:
            self._sending += self._fault(header.call, ACCESS_DENIED)
            self._close(events, "the logon failed" if self._refused else "a call before the logon", 5)
            return
        if self._protection is None and self._guarded and header.flags & wire.WHOLE != wire.WHOLE:
            raise ProtocolError("a request in fragments, for which there is room only after the logon")
        start = 24
        if header.flags & wire.OBJECT:
            start += 16
            if header.length < start:
                raise ProtocolError("the request ends within its object")
        stub = self._open(header, pdu, start)
        whole = self._assemble(header, opnum, context, stub)
        if whole is None:
            return
        event = self._begin_call(header.call, context, opnum, whole)
        if event is not None:
            events.append(event)

    def _begin_call(self, call: int, context: int, opnum: int, stub: bytes | bytearray) -> Request | None:
        """Return the event of a whole request; None if it is answered by a fault."""
        interface = self._contexts.get(context)
        if interface is None:
            self._sending += self._fault(call, UNKNOWN_CONTEXT)
            return None
        if self._policy.interfaces[interface] and (self._protection is None or self._level != wire.PRIVACY):
            self._sending += self._fault(call, ACCESS_DENIED)
            return None
        checked = cut_verification(stub, call, context, opnum, interface)
        if checked is None:
            self._sending += self._fault(call, ACCESS_DENIED)
            return None
        self._open_call = call
        return Request(call, interface, opnum, checked)
