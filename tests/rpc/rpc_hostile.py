"""A server that answers every call with changed bytes, over a real connection, and a client that asks with such.

``python tests/rpc/rpc_hostile.py`` changes every place of all of them. What the tests do is a part of that.
"""

import argparse
import collections
import random
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1])]

from rpc_listening import Listening
from rpc_peers import INTERFACES, policy

from dhcpfo._wire import encode_request, encode_response
from dhcpfo.api import CHANGES, FUNCTIONS
from dhcpfo.errors import DhcpError, OutcomeUnknownError
from dhcpfo.rpc import RpcApi, RpcServer
from dhcpfo.rpc.client_connection import NO_CALL, ClientConnection
from dhcpfo.rpc.connection import Request
from dhcpfo.rpc.server_connection import ServerConnection
from examples import EXAMPLES

NUMBERS = (0, 1, 2, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x20000, 0x3FFFFFFF, 0x40000000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
BYTES = (0, 1, 0x7F, 0xFF)


class HostileServer(Listening):
    """Answers each call with the same bytes.

    Attributes:
        stub: What every call is answered with.
        bind_change: Changes the answer to a bind: a place and a byte.
        change: Changes the PDU of an answer: a place and a byte. The connection ends behind it.
        calls: How many calls arrived.
        connections: How many connections there were.
    """

    def __init__(self):
        self.stub = b""
        self.bind_change = self.change = None
        self.calls = 0
        self._open = set()
        super().__init__()

    def __exit__(self, *error):
        super().__exit__(*error)
        for sock in list(self._open):
            sock.close()

    def _serve(self, sock):
        self._open.add(sock)
        connection = ServerConnection(policy())
        with suppress(OSError), sock:
            while data := sock.recv(65536):
                events = connection.receive(data)
                if outgoing := connection.outgoing():
                    sock.sendall(replaced(outgoing, self.bind_change))
                    if self.bind_change is not None:
                        sock.settimeout(0.1)  # the client may wait for more
                for event in events:
                    if isinstance(event, Request):
                        self.calls += 1
                        sock.sendall(replaced(connection.answer(event.call, self.stub), self.change))
                        if self.change is not None:
                            sock.shutdown(socket.SHUT_WR)
        self._open.discard(sock)


def replaced(data, change):
    """The same bytes with another one at one place."""
    if change is None:
        return bytes(data)
    made = bytearray(data)
    made[change[0] % len(made)] = change[1]
    return bytes(made)


def answer_of(method):
    """The right answer to a call."""
    example = EXAMPLES[method]
    return bytes(encode_response(method, example.answer, example.arguments))


def changed_numbers(stub):
    """The stub with another number at each place, of four and of two bytes, and with cuts and more bytes."""
    for at in range(0, len(stub) // 4 * 4, 4):
        here = int.from_bytes(stub[at : at + 4], "little")
        for number in {*NUMBERS, (here + 1) & 0xFFFFFFFF, (here - 1) & 0xFFFFFFFF, len(stub)} - {here}:
            yield stub[:at] + number.to_bytes(4, "little") + stub[at + 4 :]
        for place in (at, at + 2):
            yield stub[:place] + b"\xff\x7f" + stub[place + 2 :]
    for at in range(len(stub)):
        yield stub[:at]
    for more in (b"\0", bytes(4), b"\xff" * 8):
        yield stub + more


class Broken(Exception):
    """The client did what it must not do."""


def call(api, server, method):
    """Make a call; return what came of it: ``"taken"`` or the name of an error of this package."""
    before = server.calls
    try:
        getattr(api, method)(*EXAMPLES[method].arguments)
        told = "taken"
    except DhcpError as error:
        told = type(error).__name__
        if isinstance(error, OutcomeUnknownError) and method in CHANGES and server.calls == before:
            raise Broken(f"{method}: nothing arrived, but its outcome is unknown") from error
    if method in CHANGES and server.calls > before + 1:
        raise Broken(f"{method}: a change was sent {server.calls - before} times")
    if api._places.used:
        raise Broken(f"{method}: a connection is lost")
    return told


def client(server):
    """A client of the server that soon gives up."""
    return RpcApi("dhcp1", address="127.0.0.1", port=server.port, insecure=True, timeout=5)


def change_stubs(count, seed):
    """Answer calls with changed stubs: that many, or all if it is None. Return what came of them."""
    source, seen = random.Random(seed), collections.Counter()
    methods = sorted(FUNCTIONS.keys() & EXAMPLES.keys())
    each = None if count is None else max(count // len(methods), 1)
    with HostileServer() as server, client(server) as api:
        for method in methods:
            stub = answer_of(method)
            made = list(changed_numbers(stub))
            server.stub = stub
            assert call(api, server, method) == "taken", method
            for server.stub in made if each is None else source.sample(made, min(each, len(made))):
                try:
                    seen[call(api, server, method)] += 1
                except Exception as error:
                    error.add_note(f"{method}: {server.stub.hex()}")
                    raise
        if server.connections != 1:
            raise Broken("a connection was closed because of a stub")
    return seen


def change_pdus(methods, *, bind, values=BYTES):
    """Change each byte of the PDU of an answer, or of that to a bind. Return what came of the calls."""
    seen = collections.Counter()
    with HostileServer() as server:
        for method in methods:
            server.stub = answer_of(method)
            for at in range(100 if bind else len(server.stub) + 24):
                for byte in values:
                    if bind:
                        server.bind_change = (at, byte)
                    else:
                        server.change = (at, byte)
                    with client(server) as api:
                        try:
                            seen[call(api, server, method)] += 1
                        except Exception as error:
                            error.add_note(f"{method}, byte {at} is {byte}")
                            raise
            server.bind_change = server.change = None
    return seen


class Answering:
    """Answers every call as its example does."""

    server = "dhcp1"
    thread_safe = True

    def __getattr__(self, method):
        if method not in EXAMPLES:
            raise AttributeError(method)
        return lambda *_: EXAMPLES[method].answer


class HostileClient:
    """Sends requests to a server, and connects again where that ends the connection."""

    def __init__(self, port):
        self._port = port
        self._connect()

    def _connect(self):
        self._socket = socket.create_connection(("127.0.0.1", self._port), 10)
        self._connection = ClientConnection(INTERFACES)
        self._socket.sendall(self._connection.start())
        self._connection.receive(self._socket.recv(65536))

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._socket.close()

    def send(self, method, stub, change=None):
        """Send a request; return the name of what came."""
        function = FUNCTIONS[method]
        interface = 0 if function.interface == "dhcpsrv2" else 1
        self._connection._waiting = NO_CALL
        data = self._connection.request(interface, function.opnum, stub)[1]
        try:
            self._socket.sendall(replaced(data, change))
            if change is not None:
                self._socket.shutdown(socket.SHUT_WR)
            while True:
                data = self._socket.recv(65536)
                if not data:
                    break
                for event in self._connection.receive(data):
                    if change is not None:
                        self._again()
                    return type(event).__name__
        except ConnectionError:
            pass
        self._again()
        return "closed"

    def _again(self):
        self._socket.close()
        self._connect()


def request_of(method):
    """The right request for a call."""
    return bytes(encode_request(method, EXAMPLES[method].arguments, "dhcp1"))


def change_requests(count, seed):
    """Send changed requests to a server, like `change_stubs`."""
    source, seen = random.Random(seed), collections.Counter()
    methods = sorted(FUNCTIONS.keys() & EXAMPLES.keys())
    each = None if count is None else max(count // len(methods), 1)
    with RpcServer(Answering(), insecure=True) as server, HostileClient(server.port) as hostile:
        for method in methods:
            stub = request_of(method)
            made = list(changed_numbers(stub))
            made = made if each is None else source.sample(made, min(each, len(made)))
            for sent in (stub, *made, stub):
                came = hostile.send(method, sent)
                if came == "closed" or (sent is stub and came != "Answer"):
                    raise Broken(f"{method}: {came} after {sent.hex()}")
                seen[came] += 1
    return seen


def change_request_pdus(method, values=BYTES):
    """Change each byte of the PDU of a request."""
    seen = collections.Counter()
    stub = request_of(method)
    with RpcServer(Answering(), insecure=True) as server, HostileClient(server.port) as hostile:
        for at in range(24 + len(stub)):
            for byte in values:
                hostile.send(method, stub)  # the next one takes the quick path
                seen[hostile.send(method, stub, (at, byte))] += 1
    return seen


def main():
    """Change everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, help="changed stubs; all if it is left out")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    began = time.monotonic()
    print("stubs", dict(change_stubs(chosen.count, chosen.seed)))
    print("requests", dict(change_requests(chosen.count, chosen.seed)))
    print("PDUs of requests", dict(change_request_pdus("get_relationship")))
    for bind in (False, True) if chosen.count is None else (False,):  # the client waits for some binds
        print("binds" if bind else "PDUs", dict(change_pdus(["get_relationship", "create_relationship"], bind=bind)))
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
