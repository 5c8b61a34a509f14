"""What a client makes of each refusal and fault of a server: the code, the class, and whether it tries again."""

from contextlib import suppress

import pytest
from rpc_listening import Listening
from rpc_peers import INTERFACES, policy

from dhcpfo._wire import encode_response
from dhcpfo.errors import (
    AccessDeniedError,
    DhcpError,
    InvalidParameterError,
    NotSupportedError,
    OutcomeUnknownError,
    ServerUnavailableError,
)
from dhcpfo.models import DhcpClass
from dhcpfo.rpc import client as client_module
from dhcpfo.rpc import pdu as wire
from dhcpfo.rpc.connection import Request
from dhcpfo.rpc.server_connection import ServerConnection

CLASS = DhcpClass(name="Phones", data=b"phones")
ANSWERS = {
    0x1B: bytes(encode_response("get_class", CLASS, (CLASS,))),
    0x18: bytes(encode_response("create_class", None, (CLASS,))),
}


class Refusing(Listening):
    """A server that refuses every bind, or a number of calls, in one way.

    Attributes:
        bind: Makes the answer to a bind from its header.
        fault: The status of the fault to calls, and whether they may have been carried out.
        times: How many calls are refused.
    """

    def __init__(self, *, bind=None, fault=None, times=100):
        self.bind, self.fault, self.times = bind, fault, times
        self.calls = 0
        super().__init__()

    def _serve(self, sock):
        connection = ServerConnection(policy())
        with suppress(OSError), sock:
            while data := sock.recv(65536):
                events = connection.receive(data)
                outgoing = connection.outgoing()
                if outgoing:
                    sock.sendall(outgoing if self.bind is None else self.bind(wire.parse_header(data)))
                for event in events:
                    if not isinstance(event, Request):
                        continue
                    self.calls += 1
                    if self.calls <= self.times:
                        status, executed = self.fault
                        sock.sendall(connection.fault(event.call, status, executed=executed))
                    else:
                        sock.sendall(connection.answer(event.call, ANSWERS[event.opnum]))


def nak(reason):
    return lambda header: wire.pack_nak(header.call, reason)


def rejecting(result, reason):
    results = (wire.Result(result, reason, bytes(20)),) * len(INTERFACES)
    return lambda header: wire.pack_bind_ack(header.call, wire.BindAck(5840, 5840, 1, b"1\0", results), None)


@pytest.fixture
def no_pauses(monkeypatch):
    monkeypatch.setattr(client_module, "PAUSES", (0.0, 0.0))


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize(
    ("bind", "code", "error", "text", "connections"),
    [
        (nak(0), 5, AccessDeniedError, "refused the logon", 1),
        (nak(1), 1723, ServerUnavailableError, "too busy", 3),
        (nak(2), 1723, ServerUnavailableError, "too many connections", 3),
        (nak(4), 1728, ServerUnavailableError, "version 5.0", 1),
        (nak(8), 1747, AccessDeniedError, "this kind of authentication", 1),
        (nak(9), 5, AccessDeniedError, "refused the logon", 1),
        (nak(99), 1723, ServerUnavailableError, "too many connections", 3),
        (rejecting(2, 1), 1717, NotSupportedError, "does not offer the interface", 1),
        (rejecting(2, 2), 1730, NotSupportedError, "does not offer the interface", 1),
        (rejecting(2, 3), 1723, ServerUnavailableError, "too busy", 3),
        (rejecting(1, 0), 5, AccessDeniedError, "allows nobody", 1),
        (rejecting(2, 77), 1730, NotSupportedError, "does not offer the interface", 1),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else "",
)
def test_a_refused_bind(network, bind, code, error, text, connections):
    for method in ("get_class", "create_class"):
        with Refusing(bind=bind) as server:
            with pytest.raises(error, match=text) as caught:
                getattr(network.client(server.port), method)(CLASS)
            assert caught.value.winerror == code
            assert not isinstance(caught.value, OutcomeUnknownError)
            assert (server.connections, server.calls) == (connections, 0)


FAULTS = [
    (0x00000005, 5, AccessDeniedError),
    (0x000006F7, 1783, InvalidParameterError),
    (0x1C00001B, 1130, DhcpError),
    (0x1C010002, 1745, NotSupportedError),
    (0x1C010003, 1717, NotSupportedError),
    (0x1C01000B, 1728, ServerUnavailableError),
    (0x00001234, 0x1234, DhcpError),
]


@pytest.mark.parametrize("executed", [False, True], ids=["", "executed"])
@pytest.mark.parametrize(
    ("status", "code", "error"), FAULTS, ids=lambda value: hex(value) if type(value) is int else ""
)
def test_a_fault_that_is_an_answer(network, status, code, error, executed):
    """It is told at once, and the connection goes on."""
    with Refusing(fault=(status, executed), times=2) as server:
        api = network.client(server.port)
        for method in ("get_class", "create_class"):
            with pytest.raises(error) as caught:
                getattr(api, method)(CLASS)
            assert caught.value.winerror == code
            assert f"{status:08x}" in str(caught.value)
            assert not isinstance(caught.value, OutcomeUnknownError)
        assert api.get_class(CLASS) == CLASS
        assert (server.connections, server.calls) == (1, 3)


@pytest.mark.parametrize("method", ["get_class", "create_class"])
def test_a_fault_because_of_the_protection(network, method):
    """The logon was accepted, so it is not about rights; nothing is repeated, and the connection is not used again."""
    with Refusing(fault=(0x721, False), times=1) as server:
        api = network.client(server.port)
        with pytest.raises(ServerUnavailableError, match="00000721") as caught:
            getattr(api, method)(CLASS)
        assert type(caught.value) is ServerUnavailableError
        assert caught.value.winerror == 1825
        assert server.calls == 1
        assert api.get_class(CLASS) == CLASS
        assert server.connections == 2


@pytest.mark.parametrize("method", ["get_class", "create_class"])
@pytest.mark.parametrize(
    ("status", "code"), [(0x6D8, 1726), (0x1C000012, 1726), (0x1C00000D, 1818), (0x99999999, 1726), (0, 1726)], ids=hex
)
def test_a_fault_after_which_nothing_is_known(network, method, status, code):
    """Unless the server says that it did not begin."""
    with Refusing(fault=(status, True)) as server, pytest.raises(OutcomeUnknownError) as caught:
        getattr(network.client(server.port), method)(CLASS)
    assert (caught.value.winerror, server.calls) == (code, 1)
    with Refusing(fault=(status, False)) as server, pytest.raises(DhcpError) as caught:
        getattr(network.client(server.port), method)(CLASS)
    assert server.calls == 1
    assert caught.value.winerror == (1727 if code == 1726 else code)


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize(("executed", "method", "calls"), [
    (False, "get_class", 3),
    (False, "create_class", 3),
    (True, "get_class", 3),
    (True, "create_class", 1),
])  # fmt: skip
def test_a_busy_server_is_asked_again_unless_it_may_have_begun(network, executed, method, calls):
    with Refusing(fault=(0x1C010014, executed)) as server, pytest.raises(ServerUnavailableError) as caught:
        getattr(network.client(server.port), method)(CLASS)
    assert server.calls == calls
    assert isinstance(caught.value, OutcomeUnknownError) == executed


@pytest.mark.parametrize("status", [0x1C00001A, 0x1C00001C], ids=hex)
@pytest.mark.parametrize(("executed", "method", "ends"), [
    (False, "get_class", True),
    (False, "create_class", True),
    (True, "get_class", True),
    (True, "create_class", False),
])  # fmt: skip
def test_a_server_that_forgot_the_connection(network, status, executed, method, ends):
    """The call is made on another one, if that cannot do anything twice."""
    with Refusing(fault=(status, executed), times=1) as server:
        api = network.client(server.port)
        if ends:
            getattr(api, method)(CLASS)
        else:
            with pytest.raises(OutcomeUnknownError):
                getattr(api, method)(CLASS)
        assert api.get_class(CLASS) == CLASS
        assert server.connections == 2


def test_a_service_that_ended_since_the_mapper_was_asked(network):
    listening = network.serve(mapper_port=0)
    gone = network.serve()
    gone.close()
    listening._listener.ports[0] = gone.port
    with pytest.raises(ServerUnavailableError, match="the DHCP service is not running: its port is closed") as caught:
        network.client(None, mapper_port=listening.mapper_port).get_class(CLASS)
    assert caught.value.winerror == 1753
