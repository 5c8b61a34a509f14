"""`RpcApi`: the management API of a server, called over the network."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from time import monotonic, sleep
from typing import Any, Self

from .._wire import NoPlace, Places, decode_response, encode_request
from ..api import CHANGES, FUNCTIONS
from ..errors import DhcpError, ErrorCode, InvalidParameterError, OutcomeUnknownError, ServerUnavailableError, from_code
from .connection import CALL_HEADER
from .methods import Methods
from .security import Credentials, can_be_sent, make_logon
from .session import CallError, Session, ask_mapper, open_session
from .sockets import LONGEST, forget_in_children, is_loopback

__all__ = ["RpcApi"]

MAPPER_PORT = 135
IDLE = 60.0
"""Seconds after which an unused connection is closed."""
TRUSTED = 1.0
"""Seconds during which an unused connection is not looked at before a read, which can be repeated."""
PAUSES = (0.1, 0.2, 0.4)
"""Seconds to wait before each repetition of a call that the server was too busy for."""
LEAST = 0.05
"""Seconds that must be left for a call to be repeated. With less, the error would only say that time is up."""
TOO_BUSY, UNUSABLE_REQUEST, BROKEN_PROTECTION = 1723, 1783, 1825
UNASKED = object()
"""What stands for the answer to a call that was not made."""

CALLS = {
    method: (0 if function.interface == "dhcpsrv2" else 1, function.opnum, method in CHANGES)
    for method, function in FUNCTIONS.items()
}
"""For each method its interface's position among those that are bound, its opnum, and whether it changes anything."""

Reopen = Callable[[], tuple[Callable[..., Any], tuple[Any, ...]]]


class RpcApi(Methods):
    """The management API of a server over the network: MS-DHCPM over TCP, encrypted.

    Threads may share it: each call takes a connection from a pool. A forked child starts with an empty pool.

    Args:
        server: The server's name, to which Kerberos binds the logon.
        address: The address to connect to; None resolves the name. It may also be that of a tunnel.
        port: The service's TCP port; None asks the endpoint mapper.
        credentials: Who calls; None is the user with the Kerberos tickets of this process.
        insecure: Do without a logon and encryption; on the loopback only.
        connect_timeout: Seconds until a connection must be ready.
        timeout: Seconds that a call may take as a whole.
        max_connections: The most connections at a time.
        mapper_port: The TCP port of the endpoint mapper.
        reopen: Makes the same `Server` in another process.

    Raises:
        ValueError: Options that contradict each other or are outside their limits.
    """

    thread_safe = True

    def __init__(
        self,
        server: str,
        *,
        address: str | None = None,
        port: int | None = None,
        credentials: Credentials | None = None,
        insecure: bool = False,
        connect_timeout: float = 5.0,
        timeout: float = 60.0,
        max_connections: int = 8,
        mapper_port: int = MAPPER_PORT,
        reopen: Reopen | None = None,
    ) -> None:
        for name, host in (("server", server), ("address", address)):
            if host is not None and not can_be_sent(host):  # behind a NUL the system reads no further
                raise ValueError(f"{name} must be text without NUL that UTF-8 can hold, got {host!a}")
        if insecure and not is_loopback(address or server):
            raise ValueError(f"insecure=True is for the loopback only, got {address or server}")
        if insecure and credentials is not None:
            raise ValueError("credentials must not be given with insecure=True")
        for name, seconds in (("connect_timeout", connect_timeout), ("timeout", timeout)):
            if not seconds > 0:
                raise ValueError(f"{name} must be positive, got {seconds}")
        for name, number in (("port", port), ("mapper_port", mapper_port)):
            if number is not None and not 0 < number < 1 << 16:
                raise ValueError(f"{name} must be between 1 and 65535, got {number}")
        if max_connections < 1:
            raise ValueError(f"max_connections must be at least 1, got {max_connections}")
        self._server = server
        self._address = address or server
        self._fixed_port = port
        self._mapper_port = mapper_port
        self._port = port
        self._credentials = credentials or Credentials()
        self._insecure = insecure
        self._connect_timeout = min(connect_timeout, LONGEST)
        self._timeout = min(timeout, LONGEST)
        self._max_connections = max_connections
        self._reopen = reopen
        self._begin()
        forget_in_children(self)

    def _begin(self) -> None:
        """Start without connections: at first, and in a forked child, whose parent goes on using them."""
        self._places = Places(self._max_connections)
        self._idle: list[Session] = []  # the last one used is the last
        self._era = object()  # until `close`

    @property
    def server(self) -> str:
        """The server as it was named."""
        return self._server

    def close(self) -> None:
        """Close the connections, those in use as soon as their calls have ended. A later call opens a new one."""
        self._era = object()
        idle, self._idle = self._idle, []
        _close_all(idle)

    def forget(self) -> None:
        """Begin without connections in a forked child."""
        self._begin()

    def reopen(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """Return what makes a `Server` with the same connection in another process.

        Raises:
            TypeError: The credentials hold a password, which is never pickled.
        """
        if self._credentials.has_password:
            raise TypeError(
                "a connection with a password cannot be pickled: use Kerberos tickets, or connect in each process"
            )
        if self._reopen is None:
            raise TypeError("this RpcApi cannot be opened again; connect with dhcpfo.connect")
        return self._reopen()

    def __reduce__(self) -> tuple[Any, ...]:
        if self._credentials.has_password:
            raise TypeError("cannot pickle an RpcApi with a password")
        options = {
            "address": self._address,
            "port": self._fixed_port,
            "credentials": None if self._insecure else self._credentials,
            "insecure": self._insecure,
            "connect_timeout": self._connect_timeout,
            "timeout": self._timeout,
            "max_connections": self._max_connections,
            "mapper_port": self._mapper_port,
        }
        return _open, (self._server, options)

    def __repr__(self) -> str:
        return f"<RpcApi {self._server}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # Connections. All of this runs in a place, and is correct wherever it is interrupted: a connection that nobody
    # refers to any more is closed by the interpreter.

    def _take(self, deadline: float, *, checked: bool) -> Session:
        """Return a connection that no other thread uses.

        Args:
            deadline: When it must be there.
            checked: Look whether the server closed it meanwhile, even if it was used a moment ago.
        """
        idle = self._idle
        while idle:
            try:
                session = idle.pop()
            except IndexError:  # another thread took it
                break
            unused = monotonic() - session.used
            if unused <= (0 if checked else TRUSTED) or (unused <= IDLE and session.is_alive()):
                return session
            session.close()
        return self._connect(deadline)

    def _use(self, session: Session, work: Callable[..., Any], *arguments: Any) -> Any:
        """Use a connection, and keep it for other calls unless this one is interrupted."""
        try:
            answer = work(*arguments)
        except (CallError, DhcpError, TypeError, ValueError):
            self._keep(session)
            raise
        except BaseException:
            session.close()
            raise
        self._keep(session)
        return answer

    def _keep(self, session: Session) -> None:
        """Keep a connection for other calls, or close it if it cannot be used any more."""
        if session.era is not self._era or not session.usable:
            session.close()
            return
        idle = self._idle
        idle.append(session)
        if session.era is not self._era:  # close() may not have seen it
            _close_all(idle)
            return
        try:
            while session.used - idle[0].used > IDLE:
                idle.pop(0).close()
        except IndexError:  # other threads took them
            pass

    def _connect(self, deadline: float) -> Session:
        deadline = min(deadline, monotonic() + self._connect_timeout)
        era = self._era
        port, asked = self._port, False
        if port is None:
            port, asked = ask_mapper(self._address, self._mapper_port, deadline), True
        logon = None if self._insecure else lambda: make_logon(self._credentials, self._server)
        asks_kerberos = self._credentials.choose(self._server) != "ntlm"
        open_here = partial(open_session, attempts=self._credentials._attempts, asks_kerberos=asks_kerberos)
        try:
            session = open_here(self._address, port, deadline, logon)
        except CallError as error:
            if error.code != 1753 or self._fixed_port is not None:
                if error.code == 1753:
                    error.code = 1722
                raise
            self._port = None
            if asked:
                error.args = ("the DHCP service is not running: its port is closed",)
                raise
            # The service was restarted, which gave it another port.
            port = ask_mapper(self._address, self._mapper_port, deadline)
            session = open_here(self._address, port, deadline, logon)
        self._port = port
        session.era = era
        return session

    # Calls

    def _call(self, method: str, arguments: tuple[Any, ...]) -> Any:
        """Make a call, and repeat it where that cannot do anything twice."""
        deadline = monotonic() + self._timeout
        problem = None
        if self._idle:
            try:
                answer = self._places.hold(0.0, self._ask, method, arguments, deadline)
                if answer is not UNASKED:
                    return answer
            except CallError as error:
                problem = error
            except NoPlace:
                pass
        return self._call_again(method, arguments, deadline, problem)

    def _ask(self, method: str, arguments: tuple[Any, ...], deadline: float) -> Any:
        """Make a call on the connection that was used last; return UNASKED if it does not exist any more."""
        interface, opnum, changes = CALLS[method]
        try:
            session = self._idle.pop()
        except IndexError:  # another thread took it
            return UNASKED
        unused = monotonic() - session.used
        if (unused <= TRUSTED and not changes) or (unused <= IDLE and session.is_alive()):
            return self._use(session, session.ask, method, arguments, self._server, interface, opnum, deadline)
        session.close()
        return UNASKED

    def _call_again(self, method: str, arguments: tuple[Any, ...], deadline: float, problem: CallError | None) -> Any:
        """Make a call for which no connection was ready, or repeat one after a problem."""
        changes = CALLS[method][2]
        pauses: Iterator[float] | None = None
        repeated = False
        while True:
            if problem is None:
                stub = encode_request(method, arguments, self._server, reserve=CALL_HEADER)
                try:
                    answer, start, stop = self._places.hold(deadline, self._try, method, stub, deadline)
                    break
                except NoPlace:
                    problem = CallError("all connections are in use", 1722, sent=False, lost=False)
                except CallError as error:
                    problem = error
            once = problem.sent and changes  # what could be carried out twice
            if problem.code == TOO_BUSY and not problem.lost and not once:
                pauses = iter(PAUSES) if pauses is None else pauses
                pause = next(pauses, None)
                if pause is not None and monotonic() + pause < deadline:
                    sleep(pause)
                    problem = None
                    continue
            if problem.lost and not once and not repeated and monotonic() + LEAST < deadline:
                repeated = True
                problem = None
                continue
            raise self._error(problem, method)
        return decode_response(method, answer, arguments, self._server, start, stop)

    def _error(self, problem: CallError, method: str) -> DhcpError:
        """Return the error for a call that has no answer."""
        about: dict[str, Any] = {"outcome_unknown": problem.sent, "detail": str(problem)}
        error = from_code(problem.code, FUNCTIONS[method].name, self._server, **about)
        if problem.sent and method in CHANGES and not isinstance(error, OutcomeUnknownError):
            # What a fault that nobody signed says about a change is not believed.
            error = from_code(ErrorCode.RPC_S_CALL_FAILED, FUNCTIONS[method].name, self._server, **about)
        if problem.code == UNUSABLE_REQUEST and not problem.sent:  # of answers it is another error
            error = InvalidParameterError(problem.code, FUNCTIONS[method].name, self._server, detail=str(problem))
        if problem.code == BROKEN_PROTECTION and not problem.sent:
            # The DLL may mean the logon by it, so alone it is an AccessDeniedError. Here the logon went well before.
            error = ServerUnavailableError(problem.code, FUNCTIONS[method].name, self._server, detail=str(problem))
        return error

    def _try(self, method: str, stub: bytearray, deadline: float) -> tuple[bytes | bytearray, int, int]:
        interface, opnum, changes = CALLS[method]
        session = self._take(deadline, checked=changes)
        call = partial(session.call, reserve=True)
        answer: tuple[bytes | bytearray, int, int] = self._use(session, call, interface, opnum, stub, deadline)
        return answer


def _close_all(sessions: list[Session]) -> None:
    while sessions:
        with suppress(IndexError):  # another thread took it
            sessions.pop().close()


def _open(server: str, options: dict[str, Any]) -> RpcApi:
    return RpcApi(server, **options)
