"""PDUs: what is packed is parsed again, and nothing but the protocol's own exception comes out of any bytes."""

import ast
import contextlib
import importlib.util
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rpc_peers import INTERFACES, KnownLogon, policy

from dhcpfo.rpc import endpoint
from dhcpfo.rpc import pdu as wire
from dhcpfo.rpc.client_connection import ClientConnection
from dhcpfo.rpc.connection import LogonError
from dhcpfo.rpc.ntlm import NtlmAcceptor
from dhcpfo.rpc.pdu import ProtocolError, Type
from dhcpfo.rpc.server_connection import ServerConnection
from dhcpfo.rpc.spnego import parse
from dhcpfo.rpc.verification import cut_verification

words = st.integers(0, 0xFFFF)
syntaxes = st.binary(min_size=20, max_size=20)
contexts = st.builds(wire.Context, words, syntaxes, st.lists(syntaxes, min_size=1, max_size=4).map(tuple))
binds = st.builds(
    wire.Bind, words, words, st.integers(0, 0xFFFFFFFF), st.lists(contexts, min_size=1, max_size=5).map(tuple)
)
results = st.builds(wire.Result, words, words, syntaxes)
addresses = st.binary(max_size=20).map(lambda text: text + b"\0") | st.just(b"")
acks = st.builds(
    wire.BindAck, words, words, st.integers(0, 0xFFFFFFFF), addresses, st.lists(results, max_size=5).map(tuple)
)
trailers = st.none() | st.builds(
    wire.Trailer, st.sampled_from([9, 10, 16]), st.sampled_from([2, 5, 6]), st.just(0), st.integers(0, 0xFFFFFFFF),
    st.binary(min_size=1, max_size=100), st.just(0),
)  # fmt: skip


def check_trailer(data, header, trailer):
    found = wire.parse_trailer(data, header)
    if trailer is None:
        assert found is None
    else:
        assert found._replace(padding=0, start=0) == trailer


@given(binds, trailers, st.booleans())
def test_a_bind_is_parsed_as_it_was_packed(bind, trailer, alter):
    data = wire.pack_bind(7, bind, trailer, alter=alter, header_signing=True)
    header = wire.parse_header(data)
    assert header == (
        Type.ALTER_CONTEXT if alter else Type.BIND, 7, len(data), len(trailer.token) if trailer else 0, 7
    )  # fmt: skip
    assert wire.parse_bind(data, header) == bind
    check_trailer(data, header, trailer)


@given(acks, trailers, st.booleans())
def test_a_bind_ack_is_parsed_as_it_was_packed(ack, trailer, alter):
    data = wire.pack_bind_ack(7, ack, trailer, alter=alter)
    header = wire.parse_header(data)
    assert header.type is (Type.ALTER_CONTEXT_RESPONSE if alter else Type.BIND_ACK)
    assert wire.parse_bind_ack(data, header) == ack
    check_trailer(data, header, trailer)


def test_a_fault_a_nak_and_an_auth3_are_parsed_as_they_were_packed():
    assert wire.parse_fault(wire.pack_fault(3, 0x1C010002)) == 0x1C010002
    nak = wire.pack_nak(3, 8)
    assert wire.parse_nak(nak, wire.parse_header(nak)) == 8
    auth3 = wire.pack_auth3(3, wire.Trailer(10, 6, 0, 5, b"token"))
    assert wire.parse_trailer(auth3, wire.parse_header(auth3)).token == b"token"


def test_a_bind_of_one_interface_has_these_bytes():
    bind = wire.Bind(5840, 5840, 0, (wire.Context(0, wire.DHCPSRV2, (wire.NDR20,)),))
    assert wire.pack_bind(1, bind).hex(" ", 4) == (
        "05000b03 10000000 48000000 01000000 d016d016 00000000 01000000 00000100 2017825b 3bf6d011 aad200c0 4fc324db "
        "01000000 045d888a eb1cc911 9fe80800 2b104860 02000000"
    )


@settings(max_examples=300)
@given(st.binary(min_size=16, max_size=200), st.sampled_from(list(Type)), st.booleans())
def test_45_parsers_raise_only_their_own_exception(data, kind, sound):
    if sound:
        data = wire.pack_header(kind, data[3], len(data), data[10] % 40, 1) + data[16:]
    try:
        header = wire.parse_header(data)
    except ProtocolError:
        return
    if len(data) < header.length:
        return
    for parser in (wire.parse_bind, wire.parse_bind_ack, wire.parse_trailer):
        with contextlib.suppress(ProtocolError):
            parser(data, header)


@given(st.binary(max_size=300))
def test_45_the_mapper_takes_any_bytes(data):
    assert endpoint.answer_map(data, {wire.DHCPSRV2: 1}) is None or data
    with contextlib.suppress(ProtocolError):
        endpoint.decode_answer(data)


@given(st.binary(max_size=200), st.sampled_from([b"", b"\x60", b"\xa1"]))
def test_45_spnego_takes_any_bytes(data, start):
    with contextlib.suppress(LogonError):
        parse(start + data)


@given(st.binary(max_size=300), st.integers(0, 3))
def test_45_ntlm_takes_any_bytes(data, kind):
    acceptor = NtlmAcceptor(lambda user, domain: None, "dhcp1")
    with contextlib.suppress(LogonError):
        acceptor.step(b"NTLMSSP\0" + bytes((kind, 0, 0, 0)) + data)
    assert not acceptor.complete


@given(st.binary(max_size=100), st.binary(max_size=60))
def test_45_the_verification_trailer_takes_any_bytes(before, after):
    stub = before + bytes(-len(before) % 4) + bytes.fromhex("8ae3137102f43671") + after
    header = wire.Header(Type.REQUEST, 3, 100, 0, 1)
    cut_verification(stub, header.call, 0, 92, wire.DHCPSRV2)


@given(st.binary(max_size=400), st.integers(1, 50), st.sampled_from([None, 9, 10]))
def test_45_connections_raise_nothing_whatever_they_receive(data, size, kind):
    client = ClientConnection(INTERFACES, None if kind is None else KnownLogon(kind))
    client.start()
    for connection in (client, ServerConnection(policy())):
        for at in range(0, len(data), size):
            connection.receive(data[at : at + size])


CORE = ("client_connection", "connection", "endpoint", "ntlm", "pdu", "server_connection", "spnego", "verification")


@pytest.mark.parametrize("module", CORE)
def test_the_core_uses_no_socket_and_no_thread(module):
    """So that a client with another kind of sockets needs no second implementation of the protocol."""
    path = Path(importlib.util.find_spec(f"dhcpfo.rpc.{module}").origin)
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module)
    assert not names & {"asyncio", "select", "selectors", "session", "socket", "sockets", "ssl", "threading"}
