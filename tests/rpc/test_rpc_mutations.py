"""Recorded sessions with changed, cut, repeated and swapped bytes: both ends take whatever arrives."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rpc_peers import INTERFACES, KnownAcceptor, KnownLogon, bound, policy, refusals

from dhcpfo.rpc import pdu as wire
from dhcpfo.rpc.acceptor import Logons
from dhcpfo.rpc.client_connection import ClientConnection
from dhcpfo.rpc.connection import Answer, Fault, Ready, Request
from dhcpfo.rpc.server_connection import ServerConnection

VECTORS = Path(__file__).parent / "vectors"
SESSIONS = {
    path.stem: [bytes.fromhex(each["pdu"]) for each in json.loads(path.read_text("utf-8"))["pdus"]]
    for path in sorted(VECTORS.glob("session_*.json"))
}
LOGONS = Logons({"ORACLE\\alice": "swordfish"}, None, "oracle")


def of(name, direction):
    types = {wire.Type.BIND, wire.Type.REQUEST, wire.Type.ALTER_CONTEXT, wire.Type.AUTH3}
    return [each for each in SESSIONS[name] if (wire.parse_header(each).type in types) == (direction == "up")]


@st.composite
def mutated(draw, direction):
    """The PDUs of a recorded session with a few changes."""
    pdus = list(of(draw(st.sampled_from(sorted(SESSIONS))), direction))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(pdus) - 1))
        data = bytearray(pdus[at])
        what = draw(st.sampled_from(["byte", "length", "cut", "repeat", "swap", "insert"]))
        place = draw(st.integers(0, max(len(data) - 1, 0)))
        if what == "byte" and data:
            data[place] = draw(st.integers(0, 255))
        elif what == "length" and len(data) > 12:
            data[8 + 2 * draw(st.integers(0, 1))] = draw(st.integers(0, 255))
        elif what == "cut":
            del data[place:]
        elif what == "repeat":
            pdus.insert(at, bytes(data))
        elif what == "swap":
            pdus[at], pdus[0] = pdus[0], pdus[at]
            continue
        else:
            data[place:place] = draw(st.binary(max_size=8))
        pdus[at] = bytes(data)
    return pdus


KINDS = (Answer, Fault, Ready, Request)


def feed(connection, pdus, size):
    """Feed all of it; everything that happens is an event."""
    data = b"".join(pdus)
    for at in range(0, len(data), size):
        events = connection.receive(data[at : at + size])
        assert all(isinstance(event, KINDS) for event in events[:-1])
        assert bool(refusals(events)) <= connection.closed
        connection.outgoing()
        for event in events:
            if isinstance(event, Request) and not connection.closed:
                connection.fault(event.call, 0x6F7)


@settings(max_examples=250)
@given(mutated("up"), st.integers(1, 3000), st.sampled_from([LOGONS.acceptor, KnownAcceptor]))
def test_45_a_server_takes_mutated_sessions(pdus, size, acceptor):
    feed(ServerConnection(policy(acceptor=acceptor)), pdus, size)


@settings(max_examples=250)
@given(mutated("down"), st.integers(1, 3000), st.sampled_from([None, wire.NTLM, wire.SPNEGO]), st.booleans())
def test_45_a_client_takes_mutated_sessions(pdus, size, kind, ready):
    if ready:
        client, _ = bound(kind)
        client.request(0, 92, b"stub")
    else:
        client = ClientConnection(INTERFACES[:1], None if kind is None else KnownLogon(kind))
        client.start()
    feed(client, pdus, size)


@pytest.mark.parametrize("name", SESSIONS)
@pytest.mark.parametrize("size", [1, 13, 100_000])
def test_20_a_server_reads_recorded_sessions_in_any_pieces(name, size):
    """Up to the logon, and after it the calls of those that are not encrypted."""
    server = ServerConnection(policy(acceptor=LOGONS.acceptor))
    pdus = of(name, "up")
    if name == "session_noauth":
        seen = []
        for each in pdus:
            for at in range(0, len(each), size):
                events = server.receive(each[at : at + size])
                seen += [event for event in events if isinstance(event, Request)]
                for event in events:
                    if isinstance(event, Request):
                        server.answer(event.call, bytes(4))
        assert [event.opnum for event in seen] == [
            int.from_bytes(each[22:24], "little") for each in pdus if wire.parse_header(each).type is wire.Type.REQUEST
        ]
    else:
        feed(server, pdus[:1], size)
        assert not server.closed
        assert not server.bound
