"""What the odd servers of the tests have in common."""

import socket
import threading
from contextlib import suppress


class Listening:
    """A port on the loopback; `_serve` gets each connection in a thread. A subclass sets its attributes first.

    Attributes:
        port: The port.
        connections: How many connections there were.
    """

    def __init__(self):
        self.connections = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self):
        with suppress(OSError):
            while True:
                sock = self._listening.accept()[0]
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connections += 1
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()
