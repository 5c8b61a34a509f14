"""What clients and servers do with sockets."""

import socket
import struct
import sys
from contextlib import suppress
from ipaddress import ip_address
from time import monotonic

__all__ = ["KernelTimeout", "is_loopback", "keep_alive"]

SLACK = 0.02
"""Seconds by which a time limit may be missed, so that it need not be set for every call."""


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
        if abs(seconds - self._set) < SLACK and self._set > SLACK:
            return
        self._set = seconds
        if sys.platform == "win32":
            self._socket.settimeout(seconds)
            return
        self._socket.settimeout(None)
        micro = max(int(seconds * 1_000_000), 1000)
        limit = struct.pack("@ll", micro // 1_000_000, micro % 1_000_000)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)

    def forget(self) -> None:
        """Set it again next time: the socket was made non-blocking meanwhile."""
        self._set = 0.0


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
