"""One connection to a server: a socket and the protocol on it."""

import os
import socket
from collections.abc import Callable
from errno import EINTR
from functools import partial
from time import monotonic
from typing import Any

from .._wire import Unusual, decode_response, encode_request
from ..logs import INFO, Log
from . import endpoint
from . import pdu as wire
from .attempts import Attempts, TooLate
from .client_connection import NO_CALL, ClientConnection, Logon
from .connection import CALL_HEADER, Answer, Event, Fault, LogonError, Ready, Refused
from .pdu import ProtocolError
from .sockets import KernelTimeout, connect, pass_on
from .status import LOST_CONTEXTS, SPOILED, UNKNOWN_AFTER, fault_code

__all__ = ["CallError", "Session", "ask_mapper", "open_session"]

log = Log("dhcpfo.rpc")

INTERFACES = (wire.DHCPSRV2, wire.DHCPSRV)
"""The interfaces of the API, in the order in which they are bound."""

PROBE = 99, bytes(4)
"""A call that needs no right and changes nothing: DhcpV4FailoverGetSystemTime of `DHCPSRV2`."""

CHUNK = 65536


class CallError(Exception):
    """A call could not be carried over the connection.

    Attributes:
        code: The Windows code that stands for it.
        sent: Whether the whole request may have reached the server, and so may have been carried out.
        lost: Whether the connection broke; otherwise the server refused the call.
    """

    def __init__(self, text: str, code: int, *, sent: bool, lost: bool) -> None:
        super().__init__(text)
        self.code = code
        self.sent = sent
        self.lost = lost


class Session:
    """A connection over TCP. One thread at a time uses it.

    Args:
        sock: The connected socket.
        connection: The protocol.
    """

    def __init__(self, sock: socket.socket, connection: ClientConnection) -> None:
        self._socket = sock
        self._limit = KernelTimeout(sock)
        self._connection = connection
        self.used = monotonic()
        """When the last call ended."""
        self.era: object = None
        """For whoever keeps it: what it was made for."""

    @property
    def usable(self) -> bool:
        """Whether another call can be made."""
        connection = self._connection
        return not connection.closed and not connection.shut_down and connection._waiting == NO_CALL

    def close(self) -> None:
        """Close the connection."""
        self._connection.closed = True
        try:
            self._socket.close()
        except OSError as error:
            pass_on(error)

    def is_alive(self) -> bool:
        """Look whether the server has closed the connection, without waiting."""
        try:
            data = self._limit.receive_now(CHUNK)
        except (BlockingIOError, InterruptedError):
            return True
        except OSError as error:
            pass_on(error)
            return False
        self._connection.receive(data)  # a shutdown, if anything
        return bool(data) and self.usable

    def begin(self, outgoing: bytes, deadline: float, attempts: Attempts | None = None) -> None:
        """Bind the interfaces and log on.

        Args:
            outgoing: The first bytes, from the start of the protocol.
            deadline: When that must have ended, on the clock of `time.monotonic`.
            attempts: The logons with the same password.
        """
        connection = self._connection
        try:
            if not connection.proved and monotonic() >= deadline:
                text = "the logon was not ready in time: does the domain controller answer, and the DNS?"
                raise CallError(text, 1722, sent=False, lost=False)
            self._send(outgoing, deadline)
            events = connection.receive(self._receive(deadline))
            if attempts is not None and connection.shows_password:
                attempts.run(deadline, partial(self._go_through, events, deadline, attempts))
            else:
                self._go_through(events, deadline, None)
        except CallError as error:
            error.sent = False  # whatever broke, no call of the caller's had been sent
            raise

    def _go_through(self, events: list[Event], deadline: float, attempts: Attempts | None) -> None:
        """Do what follows the server's first answer."""
        connection = self._connection
        try:
            while True:
                outgoing = connection.outgoing()
                if any(isinstance(event, Ready) for event in events):
                    break
                for event in events:
                    if isinstance(event, Refused):
                        raise CallError(event.text, event.code, sent=False, lost=False)
                self._send(outgoing, deadline)
                events = connection.receive(self._receive(deadline))
            if outgoing:
                self._send(outgoing, deadline)
            if not connection.proved:
                self._prove(deadline)
        except CallError as error:
            if error.code == 1726 and connection.shows_password:
                error.args = (f"the server ended the logon: {error}",)
            raise
        if attempts is not None:
            attempts.accept()

    def _prove(self, deadline: float) -> None:
        """Make the server show that it accepted the logon: it answers that only with the first call."""
        try:
            self.call(0, *PROBE, deadline)
        except CallError as error:
            if error.lost or not self._connection.proved:
                raise

    def call(
        self, interface: int, opnum: int, stub: bytes | bytearray, deadline: float, *, reserve: bool = False
    ) -> tuple[bytes | bytearray, int, int]:
        """Call an operation.

        Args:
            interface: The interface's position in `INTERFACES`.
            opnum: The number of the operation.
            stub: The encoded arguments.
            deadline: When the answer must be there, on the clock of `time.monotonic`.
            reserve: Whether CALL_HEADER bytes for the header are in front of them; the `bytearray` becomes the PDU.

        Returns:
            A buffer, and where the stub of the answer in it begins and ends.

        Raises:
            CallError: No answer came.
        """
        connection = self._connection
        code = connection.codes[interface]
        if code:
            raise CallError("the server does not offer the interface", code, sent=False, lost=False)
        try:
            _, request = connection.request(interface, opnum, stub, reserve=reserve)
            self._send(request, deadline)
            return self._await(b"", deadline)
        except ProtocolError as error:
            raise CallError(str(error), error.code, sent=False, lost=True) from None  # it could not be sealed
        finally:
            self._end()

    def ask(
        self, method: str, arguments: tuple[Any, ...], server: str, interface: int, opnum: int, deadline: float
    ) -> Any:
        """Call a method of the API and return its answer, without Python in between unless something is unusual.

        Args:
            method: The method.
            arguments: Its arguments.
            server: The server's name, for errors.
            interface: The interface's position in `INTERFACES`.
            opnum: The number of the operation.
            deadline: When the answer must be there, on the clock of `time.monotonic`.

        Raises:
            CallError: No answer came.
            DhcpError: The server answered so, or the arguments cannot be sent.
            TypeError, ValueError: The arguments cannot be sent.
        """
        connection = self._connection
        if not connection.can_carry or connection.codes[interface]:
            return self._ask(method, arguments, server, interface, opnum, deadline)
        try:
            self._until(deadline)
            answer = connection.exchange(method, arguments, server, interface, opnum, self._socket.fileno())
            if type(answer) is not Unusual:
                return answer
            if answer.begun:
                stub, start, stop = self._go_on(answer, deadline)
                return decode_response(method, stub, arguments, server, start, stop)
        finally:
            self._end()
        return self._ask(method, arguments, server, interface, opnum, deadline)

    def _ask(
        self, method: str, arguments: tuple[Any, ...], server: str, interface: int, opnum: int, deadline: float
    ) -> Any:
        stub = encode_request(method, arguments, server, reserve=CALL_HEADER)
        answer, start, stop = self.call(interface, opnum, stub, deadline, reserve=True)
        return decode_response(method, answer, arguments, server, start, stop)

    def _end(self) -> None:
        if self._connection._waiting != NO_CALL:  # also after KeyboardInterrupt
            self.close()  # a late answer would be taken for the next one
        self.used = monotonic()

    def _until(self, deadline: float) -> None:
        try:
            self._limit.until(deadline)
        except OSError as error:
            raise _not_sent(error) from None

    def _go_on(self, left: Unusual, deadline: float) -> tuple[bytes | bytearray, int, int]:
        """Go on with a call where `Channel.exchange` left it."""
        if left.refused:
            raise CallError(left.refused, 1825, sent=left.forged, lost=not left.forged)
        error = None if left.error in (0, EINTR) else OSError(left.error, os.strerror(left.error))
        if left.unsent:
            if error is not None:
                raise _not_sent(error)
            self._send(left.unsent, deadline)
        elif error is not None:
            raise _not_received(error)
        elif not left.data and left.error != EINTR:
            raise _hung_up()
        return self._await(left.data, deadline)

    def _await(self, data: bytes, deadline: float) -> tuple[bytes | bytearray, int, int]:
        """Wait for the answer to the open call, of which some bytes may have arrived."""
        while True:
            for event in self._connection.receive(data):
                if isinstance(event, Answer):
                    return event.stub, 0, len(event.stub)
                if isinstance(event, Fault):
                    self._connection.shut_down |= event.status in SPOILED
                    raise _fault(event)
                if isinstance(event, Refused):
                    raise CallError(event.text, event.code, sent=event.code != 5, lost=False)
            data = self._receive(deadline)

    def _send(self, data: bytes | bytearray, deadline: float) -> None:
        """Send all of it; the error says that nothing was carried out, because the request was not whole."""
        try:
            self._limit.until(deadline)
            sent = self._socket.send(data)
            while sent < len(data):
                self._limit.until(deadline)
                sent += self._socket.send(memoryview(data)[sent:])
        except OSError as error:
            raise _not_sent(error) from None

    def _receive(self, deadline: float) -> bytes:
        try:
            self._limit.until(deadline)
            data = self._socket.recv(CHUNK)
        except OSError as error:
            raise _not_received(error) from None
        if not data:
            raise _hung_up()
        return data


def _not_sent(error: OSError) -> CallError:
    pass_on(error)
    if isinstance(error, TimeoutError | BlockingIOError):
        return CallError("the request could not be sent in time", 1722, sent=False, lost=True)
    return CallError(f"the connection broke: {error.strerror or error}", 1722, sent=False, lost=True)


def _not_received(error: OSError) -> CallError:
    pass_on(error)
    if isinstance(error, TimeoutError | BlockingIOError):
        return CallError("the server did not answer in time", 1460, sent=True, lost=True)
    return CallError(f"the connection broke: {error.strerror or error}", 1726, sent=True, lost=True)


def _hung_up() -> CallError:
    return CallError("the server closed the connection", 1726, sent=True, lost=True)


def _fault(event: Fault) -> CallError:
    code = fault_code(event.status)
    text = f"fault 0x{event.status:08x}"
    if not event.trusted:
        return CallError(f"{text} without a verifier on a protected connection", code, sent=True, lost=True)
    lost = event.status in LOST_CONTEXTS
    unknown = event.executed and (lost or code in UNKNOWN_AFTER)
    if code == 1726 and not event.executed:
        code = 1727
    return CallError(text, code, sent=unknown, lost=lost)


def open_session(
    address: str,
    port: int,
    deadline: float,
    make_logon: Callable[[], Logon] | None,
    interfaces: tuple[bytes, ...] = INTERFACES,
    attempts: Attempts | None = None,
    *,
    asks_kerberos: bool = True,
) -> Session:
    """Connect, bind and log on.

    Args:
        address: The address or name to connect to.
        port: The TCP port.
        deadline: When that must have ended, on the clock of `time.monotonic`.
        make_logon: Makes the logon; None for a connection without authentication.
        interfaces: The interfaces to bind.
        attempts: The logons with the same password.
        asks_kerberos: Whether making the logon may show the password to a domain controller.

    Raises:
        CallError: It failed; nothing was sent that could change anything.
    """
    try:
        sock = connect(address, port, deadline)
    except ConnectionRefusedError:
        raise CallError("the host refused the connection", 1753, sent=False, lost=False) from None
    except (socket.gaierror, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "a label is empty, longer than 63 bytes or not allowed"
        raise CallError(f"the name could not be resolved: {why}", 1722, sent=False, lost=False) from None
    except OSError as error:
        pass_on(error)
        text = "the host did not answer in time" if isinstance(error, TimeoutError) else str(error.strerror or error)
        raise CallError(text, 1722, sent=False, lost=False) from None

    def prepare() -> tuple[Logon | None, ClientConnection, bytes]:
        logon = None if make_logon is None else make_logon()
        connection = ClientConnection(interfaces, logon)
        outgoing = connection.start()
        if attempts is not None and logon is not None and logon.mechanism == "kerberos":
            attempts.accept()  # the domain controller gave a ticket for it
        return logon, connection, outgoing

    ready = False
    try:
        counts = attempts if asks_kerberos else None
        logon, connection, outgoing = prepare() if counts is None else counts.run(deadline, prepare)
        session = Session(sock, connection)
        session.begin(outgoing, deadline, attempts)
        if logon is not None and log.wants(INFO):
            why = logon.why_not_kerberos and f"; Kerberos was not used: {logon.why_not_kerberos}"
            log.logger.info("logged on to %s by %s%s", address, logon.mechanism, why)
        ready = True
        return session
    except LogonError as error:
        raise CallError(str(error), 5, sent=False, lost=False) from None
    except TooLate as error:
        raise CallError(f"the logon was not ready in time: {error}", 1722, sent=False, lost=False) from None
    except CallError as error:
        if error.code in (1460, 1726):  # nothing was sent, so nothing is unknown
            error.code = 1722
        raise
    finally:
        if not ready:
            sock.close()


def ask_mapper(address: str, port: int, deadline: float) -> int:
    """Ask a host's endpoint mapper for the port of the DHCP service.

    Args:
        address: The address or name of the host.
        port: The mapper's port.
        deadline: When the answer must be there, on the clock of `time.monotonic`.

    Raises:
        CallError: The service is not registered, or the mapper cannot be reached.
    """
    try:
        session = open_session(address, port, deadline, None, (wire.MAPPER,))
    except CallError as error:
        if error.code == 1753:
            error.code = 1722  # it is the host that does not answer
        raise
    try:
        data, start, stop = session.call(0, endpoint.OPNUM, endpoint.encode_request(wire.DHCPSRV2), deadline)
        found = endpoint.decode_answer(data[start:stop])
    except ProtocolError as error:
        raise CallError(str(error), error.code, sent=False, lost=False) from None
    except CallError as error:
        error.sent = False
        if error.code in (1460, 1726):
            error.code = 1722
        raise
    finally:
        session.close()
    if found is None:
        raise CallError("the DHCP service is not running", 1753, sent=False, lost=False)
    return found
