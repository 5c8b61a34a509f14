"""Peers that are slow, dead, gone, or in another process."""

import os
import pickle
import socket
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from rpc_network import ACCOUNTS, PASSWORD, USER, Backend
from rpc_peers import INTERFACES, KnownLogon, bound, pdu, policy, refusals

from dhcpfo._wire import encode_request
from dhcpfo.errors import DhcpError, OutcomeUnknownError, ServerUnavailableError
from dhcpfo.models import DhcpClass
from dhcpfo.rpc import Credentials, RpcApi
from dhcpfo.rpc import client as client_module
from dhcpfo.rpc import pdu as wire
from dhcpfo.rpc import server as server_module
from dhcpfo.rpc.client_connection import NO_CALL, ClientConnection
from dhcpfo.rpc.server import Limits
from dhcpfo.rpc.server_connection import ServerConnection

CLASS = DhcpClass(name="Phones", data=b"phones")
LONG = DhcpClass(name="long", data=b"x")
GET_CLASS = 27


def opened(network, port):
    """A socket and the protocol on it, after the bind."""
    sock = network.connect(port)
    client = ClientConnection(INTERFACES)
    sock.sendall(client.start())
    client.receive(sock.recv(65536))
    return sock, client


class Big(Backend):
    """Its answers have 6 MB, more than what is on its way between two sockets."""

    def get_class(self, info):
        return (
            super().get_class(info) if info != LONG else DhcpClass(name="long", data=b"x", description="x" * 3_000_000)
        )


def ask_for_much(network, listening):
    """A socket on which such an answer begins to arrive."""
    sock, client = opened(network, listening.port)
    sock.sendall(client.request(0, GET_CLASS, bytes(encode_request("get_class", (LONG,), "dhcp1")))[1])
    assert len(sock.recv(1000)) == 1000
    return sock


def ended(sock, send, pause=0.03):
    """Whether a server ends a connection to which something is sent again and again."""
    sock.settimeout(0)
    for _ in range(100):
        time.sleep(pause)
        try:
            sock.sendall(send())
            if not sock.recv(65536):
                return True
        except BlockingIOError:
            continue
        except OSError:
            return True
    return False


def dripping(data):
    """The bytes of some data, one at a time."""
    rest = iter(data)
    return lambda: bytes((next(rest),))


@pytest.mark.parametrize("reads", [0, 1000], ids=["never", "slowly"])
def test_22_a_client_that_does_not_read_loses_its_place(network, reads):
    listening = network.serve(Big(), limits=Limits(connections=1, transfer_timeout=0.2))
    sock = ask_for_much(network, listening)
    for _ in range(1000):
        if not listening._clients:
            break
        time.sleep(0.01)
        sock.recv(reads)
    assert network.client(listening.port, timeout=10).get_class(CLASS).name == "Phones"


def test_22_a_client_that_asks_again_and_again_and_does_not_read_loses_its_place(network):
    backend = Backend()
    listening = network.serve(backend, limits=Limits(connections=1, transfer_timeout=0.2))
    sock, client = opened(network, listening.port)
    (peer,) = listening._clients
    while listening._clients:
        if not peer.connection.busy and len(backend.calls) == client._call - 1:  # it took the last answer
            client._waiting = NO_CALL
            sock.sendall(client.request(0, GET_CLASS, bytes(encode_request("get_class", (LONG,), "dhcp1")))[1])
            assert len(backend.calls) < 5000
        time.sleep(0.0001)
    assert network.client(listening.port, timeout=10).get_class(CLASS).name == "Phones"
    assert len(backend.calls) > 10


def test_closing_a_server_does_not_wait_for_a_client_that_does_not_read(network):
    listening = network.serve(Big(), grace=0.1)
    ask_for_much(network, listening)
    listening.close()
    for _ in range(1000):
        if not listening._clients:
            return
        time.sleep(0.01)
    pytest.fail("a thread goes on sending")


def test_22_a_request_that_takes_too_long_loses_its_place(network):
    listening = network.serve(limits=Limits(transfer_timeout=0.2))
    sock, client = opened(network, listening.port)
    assert ended(sock, dripping(client.request(0, GET_CLASS, bytes(400))[1]))


def test_messages_without_a_request_do_not_keep_a_place(network):
    listening = network.serve(limits=Limits(idle_timeout=0.3))
    sock, _ = opened(network, listening.port)
    assert ended(sock, lambda: pdu(wire.Type.CANCEL))


def test_who_does_not_log_on_does_not_keep_a_place(network):
    """Although each call is answered by a fault. The endpoint mapper is asked like that."""
    listening = network.serve(accounts=ACCOUNTS, limits=Limits(bind_timeout=0.3))
    sock, client = opened(network, listening.port)

    def request():
        client._waiting = NO_CALL
        return client.request(0, GET_CLASS, bytes(4))[1]

    assert ended(sock, request)


def test_who_does_not_log_on_gives_way_to_others(network, monkeypatch):
    """The one that has been there for longest; never one that has logged on."""
    pytest.importorskip("spnego", reason="pyspnego is not installed; logging on needs it")
    monkeypatch.setattr(server_module, "HEAD_START", 0.05)
    listening = network.serve(accounts=ACCOUNTS, limits=Limits(connections=3))
    credentials = Credentials(USER, PASSWORD, mechanism="ntlm")
    first = network.client(listening.port, credentials=credentials)
    first.get_class(CLASS)
    silent = [network.connect(listening.port), opened(network, listening.port)[0]]
    second = network.client(listening.port, credentials=credentials)
    assert second.get_class(CLASS).name == "Phones"
    assert silent[0].recv(1) == b""
    third = network.client(listening.port, credentials=credentials)
    assert third.get_class(CLASS).name == "Phones"
    assert silent[1].recv(1) == b""
    with pytest.raises(ServerUnavailableError, match="too many connections"):
        network.client(listening.port, credentials=credentials).get_class(CLASS)
    assert first.get_class(CLASS).name == "Phones"
    assert len(listening._clients) == 3


def test_a_storm_of_interfaces_ends_the_connection():
    """What a client may have is 16; Samba's clients add one at a time."""
    _, server = bound()
    context = wire.Context(3, wire.MGMT, (wire.NDR20,))
    alter = wire.pack_bind(5, wire.Bind(5840, 5840, 0, (context,)), alter=True)
    for _ in range(16):
        assert not refusals(server.receive(alter))
    unknown = wire.Context(3, bytes(20), (wire.NDR20,) * 255)
    refused = wire.pack_bind(5, wire.Bind(5840, 5840, 0, (unknown,)), alter=True)
    (event,) = refusals([event for _ in range(100) for event in server.receive(refused)])
    assert "too often" in event.text
    assert server._contexts.keys() == {0, 1, 3}
    assert len(server.outgoing()) < 10_000


def test_no_room_for_long_requests_before_a_logon():
    """The endpoint mapper, which needs no logon, is asked in a single fragment."""
    for protected in (True, False):
        client, server = ClientConnection(INTERFACES), ServerConnection(policy(protected))
        server.receive(client.start())
        client.receive(server.outgoing())
        _, data = client.request(0, GET_CLASS, bytes(100_000))
        refused = refusals(server.receive(data))
        assert bool(refused) == protected
        assert len(server._parts) == 0
        if refused:
            assert "room only after the logon" in refused[0].text


def dead():
    """A port that does not answer: its queue is full."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(0)
    waiting = []
    for _ in range(4):
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex(listening.getsockname())
        waiting.append(sock)
    return listening, waiting


def named(monkeypatch, *places):
    """Let the name dhcp1.test stand for these addresses and ports."""
    ask = socket.getaddrinfo

    def answer(host, *arguments, **options):
        if host != b"dhcp1.test":
            return ask(host, *arguments, **options)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in places]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


if sys.platform == "linux":  # elsewhere a full queue is a refusal

    def test_a_name_one_address_of_which_is_dead(network, monkeypatch):
        listening, waiting = dead()
        port = network.serve().port
        named(monkeypatch, listening.getsockname(), ("127.0.0.1", port))
        with RpcApi("dhcp1", address="dhcp1.test", port=port) as api:
            api._insecure = True
            assert api.get_class(CLASS).name == "Phones"
        for sock in (listening, *waiting):
            sock.close()

    @pytest.mark.parametrize("change", [True, False])
    def test_a_time_limit_shorter_than_that_of_connecting(network, change):
        listening, waiting = dead()
        api = network.client(listening.getsockname()[1], timeout=0.2, connect_timeout=30)
        with pytest.raises(ServerUnavailableError, match="did not answer in time") as caught:
            api.create_class(CLASS) if change else api.get_class(CLASS)
        assert not isinstance(caught.value, OutcomeUnknownError)
        for sock in (listening, *waiting):
            sock.close()


def test_a_name_all_addresses_of_which_refuse(network, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = taken.getsockname()
    named(monkeypatch, place, place)
    with (
        RpcApi("dhcp1", address="dhcp1.test", port=5) as api,
        pytest.raises(ServerUnavailableError) as e,
    ):
        api.get_class(CLASS)
    assert "the host refused the connection" in str(e.value)


@pytest.mark.parametrize("name", ["a..b", "x" * 64 + ".test", ""])
def test_a_name_that_cannot_be_one(name):
    with RpcApi(name, port=5) as api, pytest.raises(DhcpError) as caught:
        api.get_class(CLASS)
    assert caught.value.winerror in (5, 1722)


@pytest.mark.parametrize("option", ["port", "mapper_port"])
@pytest.mark.parametrize("number", [0, -1, 65536])
def test_a_port_that_cannot_be_one(option, number):
    with pytest.raises(ValueError, match=f"{option} must be between 1 and 65535, got {number}"):
        RpcApi("dhcp1", **{option: number})


def test_a_logon_that_takes_longer_than_connecting_may(network, monkeypatch):
    class Slow(KnownLogon):
        def step(self, token):
            time.sleep(0.15)
            return super().step(token)

    monkeypatch.setattr(client_module, "make_logon", lambda credentials, server: Slow())
    api = network.client(network.serve().port, credentials=Credentials("alice", "x"), connect_timeout=0.1)
    with pytest.raises(ServerUnavailableError, match="the logon was not ready in time: does the domain controller"):
        api.get_class(CLASS)


def test_closing_during_a_call_closes_its_connection_after_it(network):
    backend = Backend()
    backend.delay = 0.2
    proxy = network.proxy(network.serve(backend).port)
    api = network.client(proxy.port)
    answers = []
    thread = threading.Thread(target=lambda: answers.append(api.get_class(CLASS)))
    thread.start()
    backend.entered.wait(10)
    api.close()
    thread.join()
    assert answers[0].name == "Phones"
    assert api._idle == []
    assert api._places.used == 0
    backend.delay = 0
    assert api.get_class(CLASS).name == "Phones"
    assert proxy.connections == 2


def test_a_server_that_comes_and_goes_in_the_middle_of_everything(network):
    """Threads read and change; what is told as done was done, and nothing is done twice."""
    backend = Backend()
    listening = network.serve(backend, grace=0.0)
    port = listening.port
    api = network.client(port, timeout=5)
    told = {"done": 0, "not": 0, "unknown": 0}
    stop, lock = threading.Event(), threading.Lock()

    def work():
        while not stop.is_set():
            try:
                api.create_class(CLASS)
                end = "done"
            except OutcomeUnknownError:
                end = "unknown"
            except ServerUnavailableError:
                end = "not"
            with lock:
                told[end] += 1
            with suppress(ServerUnavailableError):
                assert api.get_class(CLASS).name == "Phones"

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        stop.wait(0.05)
        listening.close()
        listening = network.serve(backend, port=port, grace=0.0)
    stop.set()
    for thread in threads:
        thread.join()
    assert told["done"] <= backend.changes <= told["done"] + told["unknown"]
    assert told["done"] > 0
    assert api._places.used == 0


def run(script):
    folder = Path(__file__).parent
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_fork_during_calls_keeps_nothing_of_the_parent():
    """The child can call at once, and no connection or port stays open because of it."""
    done = run("""
        import os, socket, stat, sys, threading, time, warnings
        warnings.simplefilter("ignore")
        from rpc_network import Backend, Proxy
        from dhcpfo.models import DhcpClass
        from dhcpfo.rpc import RpcApi, RpcServer
        one = DhcpClass(name="one", data=b"x")
        has_list = os.path.isdir("/proc/self/fd")
        def is_socket(fd):
            try:
                return stat.S_ISSOCK(os.fstat(fd).st_mode)
            except OSError:
                return False
        backend = Backend()
        server = RpcServer(backend, insecure=True)
        gone = RpcServer(backend, insecure=True)
        api = RpcApi("dhcp1", address="127.0.0.1", port=server.port, insecure=True, max_connections=4)
        backend.delay = 0.1
        stop = threading.Event()
        def work():
            while not stop.is_set():
                api.get_class(one)
        threads = [threading.Thread(target=work, daemon=True) for _ in range(4)]
        for thread in threads:
            thread.start()
        while api._places.used < 4 or len(server._clients) < 4:
            time.sleep(0.01)
        backend.delay = 0
        for _ in range(5):
            child = os.fork()
            if child == 0:
                held = [fd for fd in map(int, os.listdir("/proc/self/fd")) if is_socket(fd)] if has_list else []
                for fd in held:
                    print("held:", socket.socket(fileno=fd), file=sys.stderr, flush=True)
                others = [threading.Thread(target=api.get_class, args=(one,)) for _ in range(3)]
                for thread in others: thread.start()
                for thread in others: thread.join()
                server.close()
                gone.close()
                os._exit(len(held))
            assert os.waitpid(child, 0)[1] == 0, "the child holds sockets of its parent"
            while len(server._clients) > 4:
                time.sleep(0.001)  # a socket that is being closed is nobody's
        stop.set()
        for thread in threads:
            thread.join()
        assert api.get_class(one).name == "one"
        print("fine")
    """)
    assert done.stdout == "fine\n", done.stderr


def test_a_program_may_end_with_everything_open():
    done = run("""
        import threading
        from rpc_network import Backend
        from dhcpfo.models import DhcpClass
        from dhcpfo.rpc import RpcApi, RpcServer
        backend = Backend()
        server = RpcServer(backend, insecure=True)
        api = RpcApi("dhcp1", address="127.0.0.1", port=server.port, insecure=True)
        one = DhcpClass(name="one", data=b"x")
        api.get_class(one)
        backend.delay = 5
        threading.Thread(target=api.get_class, args=(one,), daemon=True).start()
        backend.entered.wait()
        print("fine")
    """)
    assert (done.stdout, done.stderr, done.returncode) == ("fine\n", "", 0)


def test_the_system_looks_whether_the_other_host_is_still_there(network):
    """Otherwise a host that lost its power would hold its connections for ever, and a call of ours its thread."""
    listening = network.serve()
    api = network.client(listening.port)
    api.get_class(CLASS)
    (session,), (peer,) = api._idle, listening._clients
    for sock in (session._socket, peer.sock):
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        if sys.platform == "linux":
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 60


def test_a_pickle_of_one_in_use_has_no_connection(network):
    api = network.client(network.serve().port)
    api.get_class(CLASS)
    copy = pickle.loads(pickle.dumps(api))
    assert not copy._idle
    assert copy._places.used == 0
