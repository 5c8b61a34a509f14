"""What a server allows its clients, and how it stops."""

import errno
import logging
import math
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from rpc_network import Backend
from rpc_peers import INTERFACES, bound, pdu

from dhcpfo.errors import AccessDeniedError, DhcpError, OutcomeUnknownError
from dhcpfo.models import DhcpClass
from dhcpfo.rpc import RpcServer
from dhcpfo.rpc import listener as listener_module
from dhcpfo.rpc import pdu as wire
from dhcpfo.rpc import server as server_module
from dhcpfo.rpc.client import RpcApi
from dhcpfo.rpc.client_connection import ClientConnection
from dhcpfo.rpc.server import Limits
from dhcpfo.simulator import Lab, Rights

CLASS = DhcpClass(name="Phones", data=b"phones")


def everything(sock):
    """All that a server sends until it closes."""
    sock.settimeout(10)
    data = b""
    try:
        while part := sock.recv(65536):
            data += part
    except ConnectionResetError:
        pass
    return data


def test_22_a_client_that_sends_too_slowly_is_cut_off(network):
    listening = network.serve(limits=Limits(bind_timeout=0.3))
    sock = network.connect(listening.port)
    stop = threading.Event()

    def drip():
        for byte in bound()[0].start():
            if stop.wait(0.05):
                return
            try:
                sock.send(bytes((byte,)))
            except OSError:
                return

    thread = threading.Thread(target=drip)
    thread.start()
    assert everything(sock) == b""
    stop.set()
    thread.join()


@pytest.mark.parametrize("seconds", [math.inf, 1e300, 1e10])
def test_limits_may_be_longer_than_the_system_can_count(seconds):
    limits = Limits(bind_timeout=seconds, idle_timeout=seconds, transfer_timeout=seconds)
    with RpcServer(Backend(), insecure=True, limits=limits, grace=seconds) as listening:
        api = RpcApi(
            "127.0.0.1",
            port=listening.port,
            insecure=True,
            timeout=seconds,
            connect_timeout=seconds,
            max_connections=1,
        )
        for _ in range(2):
            assert api.get_class(CLASS).name == CLASS.name
        with ThreadPoolExecutor(4) as threads:
            assert len(list(threads.map(api.get_class, [CLASS] * 8))) == 8
        api.close()


def test_22_a_client_that_says_nothing_is_cut_off(network):
    listening = network.serve(limits=Limits(bind_timeout=0.2, idle_timeout=0.2))
    assert everything(network.connect(listening.port)) == b""
    sock = network.connect(listening.port)
    sock.sendall(ClientConnection(INTERFACES).start())
    data = everything(sock)
    assert wire.parse_header(data).type is wire.Type.BIND_ACK
    assert len(data) == wire.parse_header(data).length


@pytest.fixture
def thousands():
    """As many connections as the test needs."""
    try:
        import resource
    except ImportError:  # Windows has no limit
        yield 4000
        return
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = before[1] if before[1] != resource.RLIM_INFINITY else 10_000
    if most < 6000:
        pytest.skip(f"a process may have {most} descriptors; the test needs 6000")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], 6000), before[1]))
    yield 4000
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_23_4000_connections_do_not_starve_the_64(network, thousands):
    """A third of them says nothing, a third sends half a bind, a third a whole one."""
    backend = Backend()
    listening = network.serve(backend)
    clients = [network.client(listening.port) for _ in range(Limits().connections)]
    for client in clients:
        client.get_class(CLASS)
    bind = ClientConnection(INTERFACES).start()
    crowd = []
    for number in range(thousands):
        sock = network.connect(listening.port)
        with suppress(OSError):  # turned away already
            sock.sendall((b"", bind[:20], bind)[number % 3])
        crowd.append(sock)
        if number % 20 == 0:
            clients[number // 20 % len(clients)].create_class(CLASS)
    assert backend.changes == thousands // 20
    assert sum(thread.name.startswith("dhcpfo-rpc-127") for thread in threading.enumerate()) == len(clients)
    refused = network.connect(listening.port)
    refused.sendall(bind)
    nak = everything(refused)
    assert wire.parse_header(nak).type is wire.Type.BIND_NAK
    assert wire.parse_nak(nak, wire.parse_header(nak)) == wire.NAK_LIMIT
    for sock in crowd:
        sock.close()
    clients.pop().close()
    network.client(listening.port, timeout=10).create_class(CLASS)
    assert backend.changes == thousands // 20 + 1


def test_a_place_is_free_again_after_each_client(network):
    listening = network.serve(limits=Limits(connections=2))
    for _ in range(20):
        with network.client(listening.port, timeout=10) as client:
            client.get_class(CLASS)


def test_a_place_is_free_again_where_no_thread_could_be_started(network, monkeypatch, caplog):
    listening = network.serve(limits=Limits(connections=1))
    start = threading.Thread.start

    def full(thread):
        if thread.name.startswith("dhcpfo-rpc-127"):
            raise RuntimeError("can't start new thread")
        start(thread)

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", full)
        assert everything(network.connect(listening.port)) == b""
    assert "could not be taken" in caplog.text
    network.client(listening.port).get_class(CLASS)


def test_a_server_without_free_descriptors_waits(network, monkeypatch):
    """The connection stays in the queue: asking again at once would keep a core busy."""
    pauses = []
    monkeypatch.setattr(listener_module, "sleep", pauses.append)

    class Full:
        def accept(self):
            raise OSError(errno.EMFILE, "Too many open files")

    network.serve()._listener._accept(Full())
    assert pauses == [listener_module.PAUSE]


def test_closing_tells_idle_clients(network):
    listening = network.serve()
    sock = network.connect(listening.port)
    sock.sendall(ClientConnection(INTERFACES).start())
    assert sock.recv(65536)
    listening.close()
    (header,) = [wire.parse_header(everything(sock))]
    assert header.type is wire.Type.SHUTDOWN


def test_closing_waits_for_calls(network):
    backend = Backend()
    backend.delay = 0.2
    listening = network.serve(backend)
    client = network.client(listening.port)
    thread = threading.Thread(target=listening.close)
    backend.entered.clear()
    threading.Thread(target=lambda: backend.entered.wait(5) and thread.start()).start()
    assert client.get_class(CLASS).name == "Phones"
    thread.join()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", listening.port))


def test_closing_waits_no_longer_than_its_grace(network):
    backend = Backend()
    release = threading.Event()
    backend.create_class = lambda info: (backend.entered.set(), release.wait(10))
    listening = network.serve(backend, grace=0.1)
    client = network.client(listening.port)
    closer = threading.Thread(target=lambda: backend.entered.wait(5) and listening.close())
    closer.start()
    with pytest.raises(OutcomeUnknownError):
        client.create_class(CLASS)
    release.set()
    closer.join()


def test_closing_twice_does_nothing(network):
    listening = network.serve()
    listening.close()
    listening.close()


def test_calls_of_a_backend_without_thread_safety_are_made_one_at_a_time(network):
    class Narrow(Backend):
        thread_safe = False
        inside = 0

        def get_class(self, info):
            type(self).inside += 1
            answer = super().get_class(info)
            assert self.inside == 1
            type(self).inside -= 1
            return answer

    backend = Narrow()
    backend.delay = 0.02
    client = network.client(network.serve(backend).port)
    threads = [threading.Thread(target=client.get_class, args=(CLASS,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(backend.calls) == 6


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({}, "accounts or keytab must be given, or insecure=True"),
        ({"insecure": True, "host": "0.0.0.0"}, "insecure=True is for the loopback only, got 0.0.0.0"),
    ],
    ids=["nobody", "everybody"],
)
def test_a_server_for_nobody_or_for_everybody_is_refused(options, error):
    with pytest.raises(ValueError, match=error):
        RpcServer(Backend(), **options)


@pytest.mark.parametrize("name", Limits.__slots__)
def test_a_limit_of_nothing_is_refused(name):
    for value in (0, -1, float("nan")):
        with pytest.raises(ValueError, match=f"{name} must be positive, got {value}"):
            Limits(**{name: value})


def test_a_lab_for_everybody_on_the_network_is_refused(lab):
    lab.add_server("dhcp1", "192.0.2.1")
    with pytest.raises(ValueError, match="loopback only"):
        lab.listen("dhcp1", host="0.0.0.0")
    with pytest.raises(ValueError, match="the lab has no server dhcp2"):
        lab.listen("dhcp2")


def test_a_port_that_is_taken_is_an_os_error(network):
    taken = network.serve()
    with pytest.raises(OSError) as caught:  # noqa: PT011  its text is the system's
        network.serve(port=taken.port)
    assert caught.value.errno in (errno.EADDRINUSE, errno.EACCES, 10013, 10048)


def test_a_lab_decides_about_rights(network):
    with Lab() as lab:
        lab.add_server("dhcp1", "192.0.2.1")
        api = lab.connect("dhcp1", rights=Rights.USER, direct=True).api
        client = network.client(network.serve(api).port)
        with pytest.raises(AccessDeniedError):
            client.create_class(CLASS)


def test_an_unknown_operation_is_a_fault(network):
    listening = network.serve()
    sock = network.connect(listening.port)
    client = ClientConnection((wire.DHCPSRV2, wire.MGMT))
    sock.sendall(client.start())
    client.receive(sock.recv(65536))
    for interface, opnum in ((0, 500), (1, 0)):
        number, data = client.request(interface, opnum, bytes(4))
        sock.sendall(data)
        (fault,) = client.receive(sock.recv(65536))
        assert (fault.call, fault.status, fault.executed) == (number, 0x1C010002, False)


def test_a_stub_that_cannot_be_decoded_is_a_fault(network):
    backend = Backend()
    sock = network.connect(network.serve(backend).port)
    client = ClientConnection((wire.DHCPSRV2,))
    sock.sendall(client.start())
    client.receive(sock.recv(65536))
    _, data = client.request(0, 27, b"\1\0")
    sock.sendall(data)
    (fault,) = client.receive(sock.recv(65536))
    assert (fault.status, fault.executed) == (0x6F7, False)
    assert backend.calls == []


def test_a_client_that_breaks_the_protocol_is_logged_and_closed(network, caplog):
    caplog.set_level(logging.INFO)
    listening = network.serve()
    sock = network.connect(listening.port)
    sock.sendall(pdu(wire.Type.REQUEST, bytes(20)))
    assert everything(sock) == b""
    assert "REQUEST PDU at the wrong time" in caplog.text


def test_a_fault_of_the_backend_stays_on_the_server(network, caplog):
    backend = Backend()
    backend.error = RuntimeError("swordfish")
    client = network.client(network.serve(backend).port)
    with pytest.raises(DhcpError) as caught:
        client.get_class(CLASS)
    assert "swordfish" not in str(caught.value)
    assert "swordfish" in caplog.text


def test_many_failed_logons_from_one_address_are_answered_late(network, monkeypatch):
    """Five are free; those of others and a success in between do not count."""
    pauses = []
    monkeypatch.setattr(server_module, "sleep", pauses.append)
    listening = network.serve(accounts={"LAB\\alice": "x"})
    wrong = wire.Trailer(wire.NTLM, wire.PRIVACY, 0, 0, b"NTLMSSP\0\1")
    context = wire.Context(0, wire.DHCPSRV2, (wire.NDR20,))
    bind = wire.pack_bind(1, wire.Bind(5840, 5840, 0, (context,)), wrong)
    for _ in range(8):
        sock = network.connect(listening.port)
        sock.sendall(bind)
        nak = everything(sock)
        assert wire.parse_nak(nak, wire.parse_header(nak)) == wire.NAK_LOGON_FAILED
    assert pauses == [server_module.PENALTY] * 3
