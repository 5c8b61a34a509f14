"""`RpcServer`: any `dhcpfo.api.ManagementApi` as a server on a TCP port."""

import os
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from errno import EINTR
from logging import getLogger
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from .._wire import Unusual, decode_request, encode_failure, encode_response
from ..api import CHANGES, FUNCTIONS, ManagementApi
from ..errors import DhcpError
from ..models import Secret
from . import endpoint
from . import pdu as wire
from .acceptor import Account, Logons
from .connection import CALL_HEADER, Ready, Refused, Request
from .listener import Listener
from .server_connection import Policy, ServerConnection
from .sockets import LONGEST, NO_WAIT, KernelTimeout, forget_in_children, is_loopback, keep_alive, send_within
from .status import ACCESS_DENIED, BAD_STUB, CALL_FAILED, UNKNOWN_OPERATION

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["Account", "Limits", "RpcServer"]

log = getLogger("dhcpfo.rpc")

METHODS = {(wire.INTERFACES[function.interface], function.opnum): method for method, function in FUNCTIONS.items()}
"""The method behind each operation."""

UNUSABLE_REQUEST, UNSIGNED = 1783, 1825
CHUNK = 65536
HEAD_START = 0.5
"""Seconds to log on that each client has, however many others want its place."""
FREE_FAILURES, PENALTY = 5, 1.0
"""Failed logons of an address after which each further one is answered late, and the seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a server allows its clients.

    Attributes:
        connections: Connections at a time. A further one takes the place of one that does not log on, or is told that
            the server is busy.
        bind_timeout: Seconds from the connection to the end of the logon. Who does not log on, which the endpoint
            mapper does not ask for, is disconnected then.
        idle_timeout: Seconds without a whole request.
        transfer_timeout: Seconds that a request or an answer may take on its way.
        max_request: Bytes of a request.
        max_contexts: Interfaces bound on one connection.
        max_token: Bytes of one token of a logon.
        max_legs: Tokens of a logon.
    """

    connections: int = 64
    bind_timeout: float = 10.0
    idle_timeout: float = 300.0
    transfer_timeout: float = 60.0
    max_request: int = 4 * 1024 * 1024
    max_contexts: int = 16
    max_token: int = 64 * 1024
    max_legs: int = 8

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be positive, got {getattr(self, name)}")


@dataclass(eq=False, slots=True)
class _Client:
    """A connection and its thread."""

    sock: socket.socket
    address: str
    connection: ServerConnection
    limit: KernelTimeout
    since: float = field(default_factory=monotonic)
    gone: bool = False
    may: dict[str, bool] = field(default_factory=dict)


class RpcServer:
    r"""A server of the management API on a TCP port, for labs, tests and trusted networks.

    It listens until `close`, or until the end of a ``with`` block. Each connection has a thread. Calls are made one at
    a time, unless the backend says ``thread_safe``.

    Args:
        api: What answers the calls.
        host: The address to listen on.
        port: The port to listen on; 0 takes a free one.
        accounts: For each user, ``DOMAIN\user``, ``user`` or ``user@REALM``, a password or an `Account`. Without any,
            everybody whom the keytab proves may do anything.
        keytab: The file with the server's Kerberos keys.
        mapper_port: A port on which an endpoint mapper answers, 135 for real clients. None leaves it out.
        insecure: Take calls without a logon and encryption; on the loopback only.
        unsigned_headers: Take Kerberos also from clients that leave the headers of calls unsigned, like impacket's.
            Somebody between such a client and the server can change which operation a call asks for.
        name: The name that NTLM tells its clients; None is that of the backend.
        limits: What clients are allowed.
        grace: Seconds that `close` waits for calls.

    Raises:
        ImportError: Kerberos is asked for, and gssapi is not installed.
        OSError: The port cannot be used.
        ValueError: Nobody could log on, or ``insecure`` is not allowed on this address.
    """

    def __init__(
        self,
        api: ManagementApi,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        accounts: Mapping[str, "Account | str | Secret"] | None = None,
        keytab: "str | PathLike[str] | None" = None,
        mapper_port: int | None = None,
        insecure: bool = False,
        unsigned_headers: bool = False,
        name: str | None = None,
        limits: Limits | None = None,
        grace: float = 2.0,
    ) -> None:
        if insecure and not is_loopback(host):
            raise ValueError(f"insecure=True is for the loopback only, got {host}")
        if not insecure and not accounts and keytab is None:
            raise ValueError("accounts or keytab must be given, or insecure=True")
        self._api = api
        self._host = host
        self._insecure = insecure
        self._limits = limits or Limits()
        self._grace = min(grace, LONGEST)
        called = name or api.server or "dhcp"
        self._logons = Logons(accounts or {}, keytab, called, unsigned_headers=unsigned_headers)
        self._calls = None if getattr(api, "thread_safe", False) else threading.Lock()
        self._lock = threading.Condition()
        self._clients: set[_Client] = set()
        self._failures: dict[str, int] = {}
        self._closing = False
        ports = [port] if mapper_port is None else [port, mapper_port]
        self._listener = Listener(host, ports, self._welcome)
        self._policy = Policy(
            interfaces={
                wire.DHCPSRV2: not insecure,
                wire.DHCPSRV: not insecure,
                wire.MGMT: False,
                wire.MAPPER: False,
            },
            acceptor=self._logons.acceptor,
            max_request=self._limits.max_request,
            max_contexts=self._limits.max_contexts,
            max_token=self._limits.max_token,
            max_legs=self._limits.max_legs,
            port=self.port,
        )
        self._listener.start()
        forget_in_children(self)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._listener.ports[0]

    @property
    def mapper_port(self) -> int | None:
        """The port of its endpoint mapper; None if it has none."""
        return self._listener.ports[1] if len(self._listener.ports) > 1 else None

    @property
    def host(self) -> str:
        """The address that it listens on."""
        return self._host

    def __enter__(self) -> "RpcServer":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<RpcServer {self._host}:{self.port}>"

    def close(self) -> None:
        """Stop: take no more connections, let calls end, and close all connections."""
        self._closing = True
        self._listener.close()
        with self._lock:
            clients = set(self._clients)
        for client in clients:
            client.connection.stopping = True
            if not client.connection.busy:
                with suppress(OSError):
                    client.sock.send(client.connection.shutdown(), NO_WAIT)
                _hang_up(client.sock)
        with self._lock:
            self._lock.wait_for(lambda: not self._clients, self._grace)
            clients = set(self._clients)
        for client in clients:
            _hang_up(client.sock)

    def forget(self) -> None:
        """Be closed in a forked child; the parent goes on serving."""
        self._closing = True
        for client in self._clients:
            client.connection.closed = True
        self._lock = threading.Condition()
        self._clients = set()

    # Connections

    def _welcome(self, sock: socket.socket, address: str) -> bool:
        """Take a new connection; return False if there are too many."""
        client = _Client(sock, address, ServerConnection(self._policy), KernelTimeout(sock))
        with self._lock:
            if self._closing or (len(self._clients) >= self._limits.connections and not self._make_room()):
                return False
            self._clients.add(client)
        try:
            threading.Thread(target=self._serve, args=(client,), name=f"dhcpfo-rpc-{address}", daemon=True).start()
        except BaseException:
            with self._lock:
                self._clients.discard(client)
            raise
        return True

    def _make_room(self) -> bool:
        """Disconnect the client that has been there for longest without having logged on, if it had time for that."""
        waiting = [client for client in self._clients if not client.gone and not self._is_at_work(client)]
        first = min(waiting, key=lambda client: client.since, default=None)
        if first is None or monotonic() - first.since < HEAD_START:
            return False
        first.gone = True
        _hang_up(first.sock)
        return True

    def _is_at_work(self, client: _Client) -> bool:
        """Whether a client has logged on."""
        return bool(client.connection.user) or (self._insecure and client.connection.bound)

    def _serve(self, client: _Client) -> None:
        try:
            with client.sock as sock:
                sock.settimeout(min(self._limits.bind_timeout, LONGEST))
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                keep_alive(sock)
                self._talk(client)
        except OSError:
            pass  # the client is gone
        except Exception:
            log.exception("a connection from %s ended", client.address)
        finally:
            with self._lock:
                self._clients.discard(client)
                self._lock.notify_all()

    def _talk(self, client: _Client) -> None:
        sock, connection, limits, limit = client.sock, client.connection, self._limits, client.limit
        deadline = monotonic() + limits.bind_timeout
        begun = False  # whether a part of a request has arrived
        quick = False  # whether a request has just ended, after the logon
        while not connection.closed:
            rest = deadline - monotonic()
            if rest <= 0:
                return
            limit.set(rest)
            if quick and connection.can_carry:
                left = connection.serve(sock.fileno(), self._api, self._calls, connection.operations)
                deadline = monotonic() + limits.idle_timeout
                data, done = left.data, self._go_on(client, left)
            else:
                data, done = sock.recv(CHUNK), False
            if not data and not done:
                return
            connection.busy = True
            if data:
                done = self._take(client, data)
            quick = False
            if self._is_at_work(client):  # before that, the first limit holds
                if done:
                    deadline, begun, quick = monotonic() + limits.idle_timeout, False, True
                elif not begun and not connection.between:
                    deadline, begun = monotonic() + limits.transfer_timeout, True
            connection.busy = False
            if self._closing:
                self._send(client, connection.shutdown())
                return
        # A reset, which is what unread bytes cause, could overtake the last answer.
        with suppress(OSError):
            sock.shutdown(socket.SHUT_WR)
            limit.set(PENALTY)
            for _ in range(8):
                if not sock.recv(CHUNK):
                    return

    def _take(self, client: _Client, data: bytes) -> bool:
        """Do what a client's bytes ask for; return whether a request was among them, or the end of the logon."""
        connection, done = client.connection, False
        for event in connection.receive(data):
            if isinstance(event, Request):
                self._send(client, self._answer(client, event))
                done = True
            elif isinstance(event, Ready):
                done = True
                self._failures.pop(client.address, None)
            elif isinstance(event, Refused):
                self._refused(client, event)
        outgoing = connection.outgoing()
        if outgoing:
            self._send(client, outgoing)
        return done

    def _send(self, client: _Client, data: bytes | bytearray) -> None:
        send_within(client.sock, client.limit, data, self._limits.transfer_timeout)

    def _go_on(self, client: _Client, left: Unusual) -> bool:
        """Go on where `Channel.serve` left it; return whether the client is still there and got an answer."""
        connection = client.connection
        if left.refused:
            self._refused(client, Refused(left.refused, UNSIGNED))
            return True
        if left.error not in (0, EINTR):
            raise OSError(left.error, os.strerror(left.error))
        if left.unsent:
            self._send(client, left.unsent)
            return True
        if left.request is None:
            return left.error == EINTR or connection.stopping
        request = connection.take_over(*left.request)
        if request is None:
            answer: bytes | bytearray = connection.outgoing()
        elif left.failed is not None:
            log.error("%s failed", METHODS[request.interface, request.opnum], exc_info=left.failed)
            answer = connection.fault(request.call, CALL_FAILED, executed=True)
        elif left.answer is not None:
            answer = connection.answer(request.call, left.answer)
        else:
            answer = self._answer(client, request)
        self._send(client, answer)
        return True

    def _refused(self, client: _Client, event: Refused) -> None:
        log.info("a connection from %s was refused: %s", client.address, event.text)
        if event.code == ACCESS_DENIED:
            with self._lock:
                if len(self._failures) > CHUNK:
                    self._failures.clear()
                failures = self._failures[client.address] = self._failures.get(client.address, 0) + 1
            if failures > FREE_FAILURES:
                sleep(PENALTY)

    # Calls

    def _answer(self, client: _Client, request: Request) -> bytes | bytearray:
        """Carry out a call and return the PDUs of the answer."""
        connection, call = client.connection, request.call
        if request.interface == wire.MAPPER:
            ports = {wire.DHCPSRV: self.port, wire.DHCPSRV2: self.port}
            answer = endpoint.answer_map(request.stub, ports) if request.opnum == endpoint.OPNUM else None
            if answer is not None:
                return connection.answer(call, answer)
            return connection.fault(call, BAD_STUB if request.opnum == endpoint.OPNUM else UNKNOWN_OPERATION)
        method = METHODS.get((request.interface, request.opnum))
        if method is None:
            return connection.fault(call, UNKNOWN_OPERATION)
        try:
            arguments = decode_request(method, request.stub)
        except DhcpError as error:
            if error.winerror == UNUSABLE_REQUEST:
                return connection.fault(call, BAD_STUB)
            return _failure(connection, call, method, error.winerror)
        finally:
            if isinstance(request.stub, bytearray):
                request.stub[:] = bytes(len(request.stub))
        allowed = client.may.get(method)
        if allowed is None:
            allowed = client.may[method] = self._may_call(connection.user, method)
        if not allowed:
            return _failure(connection, call, method, ACCESS_DENIED)
        connection.allow(request.opnum, method)
        return self._carry_out(connection, call, method, arguments)

    def _may_call(self, user: str, method: str) -> bool:
        if self._insecure and not user:
            return True
        rights = self._logons.rights(user)
        return rights == "admin" or (rights == "read" and method not in CHANGES)

    def _carry_out(
        self, connection: ServerConnection, call: int, method: str, arguments: tuple[Any, ...]
    ) -> bytes | bytearray:
        try:
            try:
                call_api, lock = getattr(self._api, method), self._calls
                if lock is None:
                    answer = call_api(*arguments)
                else:
                    with lock:
                        answer = call_api(*arguments)
                stub = encode_response(method, answer, arguments, reserve=CALL_HEADER)
            except DhcpError as error:
                return _failure(connection, call, method, error.winerror)
        except Exception:
            log.exception("%s failed", method)
            return connection.fault(call, CALL_FAILED, executed=True)
        return connection.answer(call, stub, reserve=True)


def _failure(connection: ServerConnection, call: int, method: str, code: int) -> bytes | bytearray:
    """Return the PDU of an answer that is only a code."""
    return connection.answer(call, encode_failure(method, code, reserve=CALL_HEADER), reserve=True)


def _hang_up(sock: socket.socket) -> None:
    """Send nothing more, and let the other thread's receive end."""
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
