"""Servers, clients and troubles on the loopback."""

import socket
import threading
import time
from contextlib import ExitStack, suppress
from functools import partial

from rpc_listening import Listening

from dhcpfo import Server
from dhcpfo.api import CHANGES, FUNCTIONS
from dhcpfo.errors import ServerUnavailableError
from dhcpfo.limits import UNIX_EPOCH
from dhcpfo.models import DhcpClass, SystemTime
from dhcpfo.rpc import RpcApi, RpcServer

USER, PASSWORD = "LAB\\alice", "P\u00e4ssw0rd!"
ACCOUNTS = {USER: PASSWORD}


class Backend:
    """A `ManagementApi` of a few methods that counts its calls and may be slow or fail."""

    server = "dhcp1"
    thread_safe = True

    def __init__(self):
        self.calls = []
        self.created = []
        self.delay = 0.0
        self.error = None
        self.entered = threading.Event()

    def _count(self, method):
        self.calls.append(method)
        self.entered.set()
        time.sleep(self.delay)
        if self.error is not None:
            raise self.error

    def get_class(self, info):
        self._count("get_class")
        return DhcpClass(name=info.name, data=b"data", description="x" * (20_000 if info.name == "long" else 3))

    def get_system_time(self):
        return SystemTime(time=UNIX_EPOCH, max_allowed_difference=None)  # with which a client proves its logon

    def create_class(self, info):
        self.created.append(info.name)
        self._count("create_class")

    def close(self):
        pass

    @property
    def changes(self):
        return sum(method in CHANGES for method in self.calls)


class Proxy(Listening):
    """Stands between a client and a server on the loopback, and cuts connections.

    Args:
        port: The server's port.
        up: Bytes to the server after which the first connection is cut; None is never.
        down: Bytes to the client after which it is cut.
        cuts: How many connections are cut.
        reset: Cut with a reset instead of an orderly end.
        whole: How many answers pass before the bytes of the others come one at a time; None is all.

    Attributes:
        connections: How many there were.
        passed: The bytes to the server and to the client.
        record: What passed, in order: 0 and bytes to the server, or 1 and bytes to the client.
    """

    def __init__(self, port, *, up=None, down=None, cuts=1, reset=False, whole=None):
        self._target = port
        self._whole = whole
        self._limits = (up, down)
        self._cuts = cuts
        self._reset = reset
        self._open = []
        self.passed = [0, 0]
        self.record = []
        super().__init__()

    def __exit__(self, *error):
        super().__exit__(*error)
        for sock in self._open:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def cut(self):
        """Break all connections that are open."""
        while self._open:
            with suppress(OSError):
                self._open.pop().shutdown(socket.SHUT_RDWR)

    def _accept(self):
        while True:
            try:
                client = self._listening.accept()[0]
            except OSError:
                return
            self.connections += 1
            limits = self._limits if self.connections <= self._cuts else (None, None)
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:  # it ended meanwhile
                client.close()
                continue
            self._open += [client, server]
            for way, pair in enumerate(((client, server), (server, client))):
                threading.Thread(target=self._copy, args=(*pair, way, limits[way]), daemon=True).start()

    def _copy(self, source, target, way, left):
        with suppress(OSError):
            while True:
                data = source.recv(65536)
                if left is not None:
                    data, left = data[:left], left - len(data[:left])
                self.passed[way] += len(data)
                self.record.append((way, data))
                if way and self._whole is not None and sum(done for done, _ in self.record) > self._whole:
                    for byte in data:
                        target.sendall(bytes((byte,)))
                        time.sleep(0.05)
                elif data:
                    target.sendall(data)
                if not data or left == 0:
                    break
        for sock in (source, target):
            with suppress(OSError):
                if self._reset:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()


class Lossy:
    """Passes calls to a server of a lab; when that loses a call or cannot be reached, all connections break.

    Attributes:
        cut: Breaks them.
    """

    thread_safe = True

    def __init__(self, api):
        self.server = api.server
        self.cut = None
        for method in FUNCTIONS:
            setattr(self, method, partial(self._carry, getattr(api, method)))

    def _carry(self, call, *arguments):
        try:
            return call(*arguments)
        except ServerUnavailableError:
            self.cut()
            raise

    def close(self):
        pass


class Network:
    """Makes servers and clients, and ends them with the test."""

    def __init__(self):
        self._stack = ExitStack()

    def close(self):
        self._stack.close()

    def serve(self, api=None, **options):
        if not options.get("accounts") and not options.get("keytab"):
            options.setdefault("insecure", True)
        return self._stack.enter_context(RpcServer(api or Backend(), **options))

    def client(self, port, name="dhcp1", **options):
        if "credentials" not in options:
            options.setdefault("insecure", True)
        return self._stack.enter_context(RpcApi(name, address="127.0.0.1", port=port, **options))

    def proxy(self, port, **options):
        return self._stack.enter_context(Proxy(port, **options))

    def lossy(self, lab, name):
        """Connect to a server of a lab over connections that break when the lab loses a call."""
        api = Lossy(lab.connect(name, direct=True).api)
        proxy = self.proxy(self.serve(api).port)
        api.cut = proxy.cut
        return Server(self.client(proxy.port, name))

    def connect(self, port):
        return self._stack.enter_context(socket.create_connection(("127.0.0.1", port), 10))
