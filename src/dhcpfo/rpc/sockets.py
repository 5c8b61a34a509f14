"""What clients and servers do with sockets."""

import errno
import os
import selectors
import socket
import struct
import sys
from contextlib import suppress
from functools import cache
from ipaddress import ip_address
from time import monotonic
from typing import Any, Protocol
from weakref import WeakSet

__all__ = [
    "LONGEST",
    "NO_WAIT",
    "KernelTimeout",
    "close_in_children",
    "connect",
    "forget_in_children",
    "is_loopback",
    "keep_alive",
    "pass_on",
    "send_within",
]

SLACK = 0.02
"""Seconds by which a time limit may be missed, so that it need not be set for every call."""
HEAD_START = 0.25
"""Seconds after which the next address of a host is tried, too."""
NO_WAIT = getattr(socket, "MSG_DONTWAIT", 0)
"""Makes one operation on a socket not wait; 0 where the system does not have that."""
LONGEST = 1_000_000.0
"""The most seconds that anything waits, eleven days: no system call counts less far."""
UNDERWAY = (0, errno.EINPROGRESS, errno.EWOULDBLOCK)


class KernelTimeout:
    """Limits how long operations on a socket wait.

    The limits of `socket.settimeout` cost a second system call for each operation; those of the system do not.

    Args:
        sock: The connected socket.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._set = 0.0

    def until(self, deadline: float) -> None:
        """Let the next operation wait until a time of `time.monotonic`.

        Raises:
            TimeoutError: It is over.
        """
        seconds = deadline - monotonic()
        if seconds <= 0:
            raise too_late()
        if not -SLACK < seconds - self._set < SLACK or self._set <= SLACK:  # else the limit is as good as the right one
            self.set(seconds)

    def set(self, seconds: float) -> None:
        """Let the next operations wait that long; they raise TimeoutError or BlockingIOError after it."""
        seconds = min(seconds, LONGEST)
        if abs(seconds - self._set) < SLACK and self._set > SLACK:
            return
        self._set = 0.0  # unknown, until it is set
        if sys.platform == "win32":
            self._socket.settimeout(seconds)
            self._set = seconds
            return
        self._socket.settimeout(None)
        micro = max(int(seconds * 1_000_000), 1000)
        limit = struct.pack("@ll", micro // 1_000_000, micro % 1_000_000)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        self._set = seconds

    def receive_now(self, most: int) -> bytes:
        """Receive what has arrived, without waiting.

        Raises:
            BlockingIOError: Nothing has arrived.
        """
        if sys.platform != "win32" and self._set > SLACK:
            return self._socket.recv(most, socket.MSG_DONTWAIT)
        self._set = 0.0  # set it again next time
        self._socket.settimeout(0)
        return self._socket.recv(most)


def send_within(sock: socket.socket, limit: KernelTimeout, data: bytes | bytearray, seconds: float) -> None:
    """Send all of it, within that many seconds as a whole.

    Raises:
        TimeoutError: The other end did not take it in time.
    """
    if not NO_WAIT:
        limit.set(seconds)
    try:
        sent = sock.send(data, NO_WAIT)  # nearly always all of it
    except BlockingIOError:
        sent = 0
    if sent == len(data):
        return
    deadline = monotonic() + seconds
    rest = memoryview(data)[sent:]
    while rest:
        limit.until(deadline)
        try:
            rest = rest[sock.send(rest) :]
        except BlockingIOError:
            raise too_late() from None


def connect(address: str, port: int, deadline: float) -> socket.socket:
    """Connect to the first address of a host that answers; each has a head start before the next one.

    Args:
        address: The address or name.
        port: The TCP port.
        deadline: When that must have ended, on the clock of `time.monotonic`. Looking up the name cannot be limited.

    Raises:
        OSError: None of them can be connected to. A `ConnectionRefusedError` if all refused.
    """
    # A text loads the codec for names in other scripts, which takes longer than all else here.
    plain = address.isascii() and all(0 < len(label) < 64 for label in address.split("."))
    waiting = socket.getaddrinfo(address.encode() if plain else address, port, type=socket.SOCK_STREAM)
    problems: list[OSError] = []
    opened: list[socket.socket] = []
    turn = 0.0
    try:
        with selectors.DefaultSelector() as selector:
            while waiting or selector.get_map():
                now = monotonic()
                if now >= deadline:
                    raise too_late()
                if waiting and (now >= turn or not selector.get_map()):
                    turn = now + HEAD_START
                    try:
                        family, kind, protocol, _, place = waiting.pop(0)
                        _begin(family, kind, protocol, place, opened)
                    except OSError as error:  # the system does not have the family, or no descriptor is free
                        pass_on(error)
                        problems.append(error)
                        continue
                    selector.register(opened[-1], selectors.EVENT_WRITE)
                until = min(deadline, turn) if waiting else deadline
                for key, _ in selector.select(max(until - monotonic(), 0)):
                    sock: socket.socket = key.fileobj  # type: ignore[assignment]
                    selector.unregister(sock)
                    code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    if not code:
                        sock.setblocking(True)
                        opened.remove(sock)
                        return sock
                    problems.append(_problem(code))
                    turn = 0.0
        raise min(problems, key=lambda problem: isinstance(problem, ConnectionRefusedError))
    finally:
        for each in opened:
            each.close()


def _begin(family: int, kind: int, protocol: int, place: tuple[Any, ...], opened: list[socket.socket]) -> None:
    """Begin to connect a socket to an address, and add it to those that are open."""
    sock = socket.socket(family, kind, protocol)
    opened.append(sock)
    close_in_children(sock)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    keep_alive(sock)
    sock.setblocking(False)
    code = sock.connect_ex(place)
    if code not in UNDERWAY:
        raise _problem(code)


def pass_on(error: OSError) -> None:
    """Raise an error that the system did not give: the handler of a signal raised it, and means the caller."""
    if error.errno is None and sys.platform != "win32":  # where sockets leave it out, and no handler comes between
        raise error


def too_late() -> TimeoutError:
    """Return the error for a time limit, with a number: only what the handler of a signal raises has none."""
    return TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))


def _problem(code: int) -> OSError:
    kind = ConnectionRefusedError if code == errno.ECONNREFUSED else OSError
    return kind(code, os.strerror(code))


class Forgetful(Protocol):
    """What uses sockets, and has no use for those of its parent in a forked child."""

    def forget(self) -> None:
        """Begin without connections; they go on in the parent."""
        ...


_sockets: "WeakSet[socket.socket]" = WeakSet()
_users: "WeakSet[Forgetful]" = WeakSet()


def close_in_children(sock: socket.socket) -> None:
    """Close the copy of a socket in each forked child: it would keep the connection open when the parent closes it."""
    _watch_forks()
    _sockets.add(sock)


def forget_in_children(user: Forgetful) -> None:
    """Call ``user.forget()`` in each forked child, before anything else runs there."""
    _watch_forks()
    _users.add(user)


def _forget() -> None:
    for sock in list(_sockets):
        with suppress(OSError):
            sock.close()
    for user in list(_users):
        with suppress(Exception):
            user.forget()


@cache
def _watch_forks() -> None:
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_forget)


def keep_alive(sock: socket.socket) -> None:
    """Let the system notice within two minutes that the other host is gone."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, seconds in (("TCP_KEEPIDLE", 60), ("TCP_KEEPALIVE", 60), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        option = getattr(socket, name, None)
        if option is not None:
            try:
                sock.setsockopt(socket.IPPROTO_TCP, option, seconds)
            except OSError as error:
                pass_on(error)


def is_loopback(address: str) -> bool:
    """Whether an address or name is of this machine alone."""
    try:
        return address == "localhost" or ip_address(address).is_loopback
    except ValueError:
        return False
