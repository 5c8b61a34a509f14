"""The thread that accepts connections."""

import errno
import os
import selectors
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from logging import getLogger
from time import monotonic, sleep

from ..limits import MAX_WORD
from . import pdu as wire
from .sockets import close_in_children

__all__ = ["Listener"]

log = getLogger("dhcpfo.rpc")

BACKLOG = 128
MOST_TURNED_AWAY = 64
FULL = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
PAUSE = 0.1
"""Seconds to wait where the system cannot give another connection; it stays in the queue."""
PATIENCE = 1.0
"""Seconds that a connection over the limit may take to send its bind."""


class Listener:
    """Accepts connections on one or more ports, and turns those away that are too many.

    Args:
        host: The address.
        ports: The ports; 0 takes a free one.
        welcome: Takes a connection and the client's address; returns False if there are too many.
    """

    def __init__(self, host: str, ports: Sequence[int], welcome: Callable[[socket.socket, str], bool]) -> None:
        self._welcome = welcome
        self._selector = selectors.DefaultSelector()
        self._turned_away: dict[socket.socket, float] = {}
        self._wake, self._woken = socket.socketpair()
        close_in_children(self._wake)
        close_in_children(self._woken)
        self._selector.register(self._woken, selectors.EVENT_READ, "stop")
        self._sockets: list[socket.socket] = []
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            for port in ports:
                sock = socket.socket(family, socket.SOCK_STREAM)
                self._sockets.append(sock)
                close_in_children(sock)
                if os.name != "nt":  # there it would let other programs take the port
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sock.bind((host, port))
                sock.listen(BACKLOG)
                sock.setblocking(False)
                self._selector.register(sock, selectors.EVENT_READ, "accept")
        except BaseException:
            self._close_sockets()
            raise
        self.ports = [int(sock.getsockname()[1]) for sock in self._sockets]
        self._thread = threading.Thread(target=self._run, name="dhcpfo-rpc-listener", daemon=True)

    def start(self) -> None:
        """Begin to accept."""
        self._thread.start()

    def close(self) -> None:
        """Stop, and wait until the thread has ended."""
        with suppress(OSError):
            self._wake.send(b"x")
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def _close_sockets(self) -> None:
        for sock in (*self._sockets, *self._turned_away, self._wake, self._woken):
            sock.close()
        self._selector.close()

    def _run(self) -> None:
        try:
            while True:
                for key, _ in self._selector.select(PATIENCE if self._turned_away else None):
                    if key.data == "stop":
                        return
                    sock: socket.socket = key.fileobj  # type: ignore[assignment]
                    if key.data == "accept":
                        self._accept(sock)
                    else:
                        self._turn_away(sock)
                for sock, end in list(self._turned_away.items()):
                    if monotonic() > end:
                        self._drop(sock)
        finally:
            self._close_sockets()

    def _accept(self, listening: socket.socket) -> None:
        try:
            sock, address = listening.accept()
        except OSError as error:  # gone already, or no descriptor is free
            if error.errno in FULL:
                sleep(PAUSE)
            return
        try:
            close_in_children(sock)
            sock.setblocking(True)
            if self._welcome(sock, str(address[0])):
                return
        except Exception:
            log.exception("a connection could not be taken")
            sock.close()
            return
        if len(self._turned_away) >= MOST_TURNED_AWAY:
            self._drop(next(iter(self._turned_away)))
        sock.setblocking(False)
        self._turned_away[sock] = monotonic() + PATIENCE
        self._selector.register(sock, selectors.EVENT_READ, "turn away")

    def _turn_away(self, sock: socket.socket) -> None:
        """Answer a bind with "too many connections"."""
        with suppress(OSError, wire.ProtocolError):
            data = sock.recv(wire.MAX_FRAGMENT)
            if len(data) >= wire.HEADER:
                call = wire.parse_header(data, MAX_WORD).call
                sock.send(wire.pack_nak(call, wire.NAK_LIMIT))
        self._drop(sock)

    def _drop(self, sock: socket.socket) -> None:
        del self._turned_away[sock]
        self._selector.unregister(sock)
        sock.close()
