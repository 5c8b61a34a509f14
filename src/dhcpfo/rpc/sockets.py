"""What clients and servers do with sockets."""

import errno
import os
import selectors
import socket
import struct
import sys
from contextlib import ExitStack, suppress
from functools import cache
from ipaddress import ip_address
from time import monotonic
from typing import Protocol
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
            raise TimeoutError
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
            raise TimeoutError from None


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
    turn = 0.0
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        while waiting or selector.get_map():
            now = monotonic()
            if now >= deadline:
                raise TimeoutError
            if waiting and (now >= turn or not selector.get_map()):
                family, kind, protocol, _, place = waiting.pop(0)
                turn = now + HEAD_START
                try:
                    sock = stack.enter_context(socket.socket(family, kind, protocol))
                    close_in_children(sock)
                    sock.setblocking(False)
                    code = sock.connect_ex(place)
                except OSError as error:  # the system does not have the family, or no descriptor is free
                    problems.append(error)
                    continue
                if code not in UNDERWAY:
                    problems.append(_problem(code))
                    continue
                selector.register(sock, selectors.EVENT_WRITE)
            until = min(deadline, turn) if waiting else deadline
            for key, _ in selector.select(max(until - monotonic(), 0)):
                selector.unregister(key.fileobj)
                sock = key.fileobj  # type: ignore[assignment]
                code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if not code:
                    sock.setblocking(True)
                    found = socket.socket(sock.family, sock.type, sock.proto, sock.detach())
                    close_in_children(found)
                    return found
                problems.append(_problem(code))
                turn = 0.0
    raise min(problems, key=lambda problem: isinstance(problem, ConnectionRefusedError))


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
            with suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, option, seconds)


def is_loopback(address: str) -> bool:
    """Whether an address or name is of this machine alone."""
    try:
        return address == "localhost" or ip_address(address).is_loopback
    except ValueError:
        return False
