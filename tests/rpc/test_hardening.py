"""What a malformed or hostile peer sends ends the connection, and never a program. The numbers are those of the list
in the design of the protocol."""

import re
import struct

import pytest
from rpc_peers import (
    INTERFACES,
    STUB,
    KnownLogon,
    answers,
    bound,
    changed,
    ends,
    feed,
    pdu,
    policy,
    refusals,
    requests,
    sealed_fault,
    split,
)

from dhcpfo.rpc import pdu as wire
from dhcpfo.rpc.client_connection import ClientConnection
from dhcpfo.rpc.connection import Fault, Ready
from dhcpfo.rpc.pdu import Type
from dhcpfo.rpc.server_connection import ServerConnection
from dhcpfo.rpc.status import fault_code

each_protection = pytest.mark.parametrize("kind", [None, wire.NTLM, wire.SPNEGO], ids=["plain", "ntlm", "spnego"])
each_end = pytest.mark.parametrize("end", ["client", "server"])


def call(client, server, stub=STUB, opnum=92):
    """Make a call up to the server; return its number."""
    number, data = client.request(0, opnum, stub)
    (request,) = requests(server.receive(data))
    assert (request.call, request.opnum, request.interface) == (number, opnum, wire.DHCPSRV2)
    assert bytes(request.stub) == stub
    return number


def refuse(connection, data):
    """The bytes must end the connection and give nothing else."""
    events = connection.receive(data)
    assert events == refusals(events)
    assert len(events) == 1
    assert connection.closed
    assert connection.receive(b"more") == []
    return events[0]


@pytest.fixture
def prepared(kind):
    """Ends after the logon, an open call, and the bytes of a request and an answer that were not delivered yet."""
    client, server = bound(kind)
    number = call(client, server)
    return client, server, bytes(server.answer(number, STUB))


def one_of(end, kind=None):
    """An end after the logon, and a PDU that it would accept."""
    client, server = bound(kind)
    if end == "server":
        return server, bytes(client.request(0, 92, STUB)[1])
    number = call(client, server)
    return client, bytes(server.answer(number, STUB))


@each_protection
@pytest.mark.parametrize("size", [0, 1, 16, 5000, 5783, 5784, 5808, 5816, 5817, 12000, 100_000])
def test_calls_of_any_size_pass(kind, size):
    client, server = bound(kind)
    stub = bytes(number % 251 for number in range(size))
    for _ in range(3):
        number = call(client, server, stub)
        data = server.answer(number, stub)
        assert all(len(part) <= 5840 for part in split(data))
        (answer,) = answers(client.receive(data))
        assert answer.call == number
        assert bytes(answer.stub) == stub


@each_end
def test_01_another_version_is_refused(end):
    for at, value in ((0, 4), (1, 1)):
        connection, data = one_of(end)
        assert "version" in refuse(connection, changed(data, at, value)).text


@each_end
def test_02_another_data_representation_is_refused(end):
    for value in (b"\x00\x00\x00\x00", b"\x10\x00\x00\x01", b"\x11\x00\x00\x00"):
        connection, data = one_of(end)
        assert "representation" in refuse(connection, changed(data, 4, value)).text


@each_end
@pytest.mark.parametrize("length", [0, 15, 16, 23, 5841, 65535])
def test_03_lengths_outside_the_limits_are_refused(end, length):
    connection, data = one_of(end)
    assert "bytes" in refuse(connection, changed(data, 8, struct.pack("<H", length))).text


@each_end
def test_04_a_token_that_does_not_fit_is_refused(end):
    connection, data = one_of(end, wire.NTLM)
    assert "bytes" in refuse(connection, changed(data, 10, struct.pack("<H", len(data) - 24 - 7))).text


@each_end
def test_05_padding_longer_than_the_stub_is_refused(end):
    connection, data = one_of(end, wire.NTLM)
    assert "padding" in refuse(connection, changed(data, len(data) - 22, 255)).text


@each_end
def test_06_another_security_context_is_refused(end):
    for at, value in ((24, 9), (23, 5), (20, 1)):  # type, level, number
        connection, data = one_of(end, wire.NTLM)
        assert "security context" in refuse(connection, changed(data, len(data) - at, value)).text


@each_end
def test_07_no_verifier_on_a_protected_connection_is_refused(end):
    connection, _ = one_of(end, wire.NTLM)
    _, plain = one_of(end)
    number = 3 if end == "client" else 4
    assert "no verifier" in refuse(connection, changed(plain, 12, number)).text


@each_end
def test_08_a_verifier_on_an_unprotected_connection_is_refused(end):
    connection, _ = one_of(end)
    _, protected = one_of(end, wire.NTLM)
    number = 2 if end == "client" else 3
    assert "not protected" in refuse(connection, changed(protected, 12, number)).text


@each_end
def test_09_a_token_of_another_length_is_refused(end):
    connection, data = one_of(end, wire.NTLM)
    longer = changed(changed(data, 8, struct.pack("<H", len(data) + 4)), 10, 20) + bytes(4)
    assert "token has 20 bytes" in refuse(connection, longer).text


@each_end
@pytest.mark.parametrize("kind", [wire.NTLM, wire.SPNEGO])
def test_10_every_changed_bit_is_refused(end, kind):
    _, data = one_of(end, kind)
    for at in range(len(data)):
        if at in (8, 9):  # the length: then the connection waits for more, or finds the rest malformed
            continue
        for bit in (0, 7):
            connection, fresh = one_of(end, kind)
            events = connection.receive(changed(fresh, at, fresh[at] ^ 1 << bit))
            assert not answers(events)
            assert not requests(events)
            assert connection.closed


def test_11_replayed_swapped_and_missing_pdus_are_refused():
    client, server = bound(wire.NTLM)
    number, first = client.request(0, 92, STUB)
    first = bytes(first)
    server.receive(first)
    answer = bytes(server.answer(number, STUB))
    client.receive(answer)
    assert refuse(server, first).code == 1825
    client.request(0, 92, STUB)
    assert refuse(client, changed(answer, 12, number + 1)).code == 1825

    client, server = bound(wire.NTLM)
    parts = split(client.request(0, 92, bytes(12000))[1])
    assert refuse(server, parts[0] + parts[2] + parts[1]).code == 1825
    client, server = bound(wire.NTLM)
    parts = split(client.request(0, 92, bytes(12000))[1])
    assert refuse(server, parts[0] + parts[2]).code == 1825


def ack_for(client_kind=wire.NTLM, header_signing=True, trailer=None, results=2):
    """A client that is binding, and a server's answer to it."""
    client = ClientConnection(INTERFACES, KnownLogon(client_kind, header_signing=True))
    client.start()
    accepted = (wire.Result(0, 0, wire.NDR20),) * results
    ack = wire.BindAck(5840, 5840, 1, b"135\0", accepted)
    return client, wire.pack_bind_ack(1, ack, trailer, header_signing=header_signing)


@pytest.mark.parametrize(
    "trailer",
    [
        None,
        wire.Trailer(wire.SPNEGO, wire.PRIVACY, 0, 0, b"challenge"),
        wire.Trailer(wire.NTLM, wire.INTEGRITY, 0, 0, b"challenge"),
        wire.Trailer(wire.NTLM, wire.PRIVACY, 0, 1, b"challenge"),
    ],
    ids=["no token", "another type", "a lower level", "another number"],
)
def test_12_a_downgrade_is_refused(trailer):
    client, ack = ack_for(trailer=trailer)
    assert refuse(client, ack).code == 1728
    assert not client.outgoing()


def test_12_a_server_that_does_not_sign_headers_is_refused():
    good = wire.Trailer(wire.NTLM, wire.PRIVACY, 0, 0, b"challenge")
    client, ack = ack_for(trailer=good, header_signing=False)
    assert "sign headers" in refuse(client, ack).text
    client, ack = ack_for(trailer=good)
    assert client.receive(ack) == [Ready()]


def test_12_fewer_or_more_answers_than_interfaces_are_refused():
    for count in (0, 1, 3):
        client, ack = ack_for(trailer=wire.Trailer(wire.NTLM, 6, 0, 0, b"challenge"), results=count)
        assert "contexts" in refuse(client, ack).text


@each_protection
def test_13_an_answer_to_another_call_is_refused(kind, prepared):
    client, _, answer = prepared
    assert "not open" in refuse(client, changed(answer, 12, 77)).text


@each_protection
def test_13_an_answer_without_a_call_is_refused(kind, prepared):
    client, _, answer = prepared
    assert len(answers(client.receive(answer))) == 1
    assert "not open" in refuse(client, answer).text


def test_14_an_answer_during_the_bind_is_refused():
    _, _, answer = bound(), None, pdu(Type.RESPONSE, bytes(12), call=1)
    client, _ = ends()
    client.start()
    assert "wrong time" in refuse(client, answer).text


def fragment(flags, *, call=2, opnum=92, context=0, stub=b"stub"):
    return pdu(Type.REQUEST, struct.pack("<IHH", len(stub), context, opnum) + stub, call=call, flags=flags)


@pytest.mark.parametrize(
    "second",
    [
        fragment(wire.FIRST),
        fragment(wire.LAST, opnum=91),
        fragment(wire.LAST, context=1),
        fragment(wire.LAST, call=3),
        fragment(wire.WHOLE, call=3),
    ],
    ids=["first twice", "another opnum", "another context", "another call", "a whole call"],
)
def test_15_fragments_of_another_call_are_refused(second):
    _, server = bound()
    assert server.receive(fragment(wire.FIRST)) == []
    refuse(server, second)


def test_15_a_call_that_does_not_begin_is_refused():
    for flags in (0, wire.LAST):
        _, server = bound()
        assert "first fragment" in refuse(server, fragment(flags)).text


def test_15_an_orphaned_call_is_forgotten():
    _, server = bound()
    server.receive(fragment(wire.FIRST))
    assert server.receive(pdu(Type.ORPHANED, call=2)) == []
    assert len(requests(server.receive(fragment(wire.WHOLE, call=3)))) == 1


def test_16_an_answer_over_the_limit_is_refused():
    for size, whole in ((900, True), (20_000, False)):
        client = ClientConnection(INTERFACES, max_answer=800 if whole else 10_000)
        server = ServerConnection(policy())
        server.receive(client.start())
        client.receive(server.outgoing())
        number = call(client, server)
        assert "longer than" in refuse(client, server.answer(number, bytes(size))).text


def test_16_a_request_over_the_limit_is_refused():
    client, server = bound(max_request=10_000)
    assert "longer than" in refuse(server, client.request(0, 92, bytes(10_001))[1]).text


def test_17_empty_fragments_without_end_are_refused():
    _, server = bound()
    assert server.receive(fragment(wire.FIRST) + fragment(0, stub=b"")) == []
    assert server.receive(fragment(0)) == []
    assert "empty" in refuse(server, fragment(0, stub=b"") * 2).text


BIND_HEAD = struct.pack("<HHI", 5840, 5840, 0)


@pytest.mark.parametrize(
    "body",
    [
        BIND_HEAD + bytes(4),
        BIND_HEAD + b"\x01\0\0\0" + bytes(2) + b"\0\0" + wire.DHCPSRV2,
        BIND_HEAD + b"\x01\0\0\0" + bytes(2) + b"\xff\0" + wire.DHCPSRV2 + wire.NDR20,
        BIND_HEAD + b"\xff\0\0\0" + bytes(2) + b"\x01\0" + wire.DHCPSRV2 + wire.NDR20,
        BIND_HEAD + b"\x02\0\0\0" + bytes(2) + b"\x01\0" + wire.DHCPSRV2 + wire.NDR20,
    ],
    ids=["0 contexts", "0 syntaxes", "255 syntaxes", "255 contexts", "a context too few"],
)
def test_18_binds_with_wrong_counts_are_refused(body):
    refuse(ServerConnection(policy()), pdu(Type.BIND, body))


def test_18_too_many_contexts_are_told_so():
    server = ServerConnection(policy())
    context = bytes(2) + b"\x01\0" + wire.DHCPSRV2 + wire.NDR20
    refuse(server, pdu(Type.BIND, BIND_HEAD + b"\x11\0\0\0" + context * 17))
    nak = server.outgoing()
    assert wire.parse_nak(nak, wire.parse_header(nak)) == wire.NAK_LIMIT


@pytest.mark.parametrize(
    "address",
    [b"\x04\x00" + b"1357", struct.pack("<H", 65535) + b"135\0"],
    ids=["no NUL", "65535 bytes"],
)
def test_19_a_secondary_address_that_does_not_fit_is_refused(address):
    client, _ = ends()
    client.start()
    body = BIND_HEAD + address + bytes(2) + b"\x02\0\0\0" + (bytes(4) + wire.NDR20) * 2
    assert "address" in refuse(client, pdu(Type.BIND_ACK, body)).text


@each_protection
@pytest.mark.parametrize("size", [1, 7])
def test_20_a_session_works_in_any_pieces(kind, size):
    client, server = ends(kind)
    to_server = client.start()
    while to_server:
        feed(server, to_server, size)
        feed(client, server.outgoing(), size)
        to_server = client.outgoing()
    for stub in (STUB, bytes(6000)):
        number, data = client.request(0, 92, stub)
        (request,) = requests(feed(server, data, size))
        assert bytes(request.stub) == stub
        (answer,) = answers(feed(client, server.answer(number, stub), size))
        assert bytes(answer.stub) == stub


def test_20_bytes_after_a_pdu_are_the_next_one():
    client, server = bound()
    number, data = client.request(0, 92, STUB)
    server.receive(bytes(data) + b"\x05")
    answer = server.answer(number, STUB)
    events = client.receive(bytes(answer) + pdu(Type.SHUTDOWN, call=0))
    assert len(answers(events)) == 1
    assert client.shut_down


def test_21_a_request_before_the_logon_is_a_fault():
    client, server = ends(wire.NTLM)
    server.receive(client.start())
    server.outgoing()
    assert "before the logon" in refuse(server, fragment(wire.WHOLE)).text
    fault = server.outgoing()
    assert wire.parse_header(fault).flags & wire.DID_NOT_EXECUTE
    assert wire.parse_fault(fault) == 5


AUTH3 = wire.pack_auth3(2, wire.Trailer(wire.NTLM, wire.PRIVACY, 0, 0, b"authenticate"))


def test_21_auth3_at_the_wrong_time_is_refused():
    _, server = bound(wire.NTLM)
    assert "AUTH3" in refuse(server, AUTH3).text
    assert "AUTH3" in refuse(ServerConnection(policy()), AUTH3).text
    _, server = bound()
    assert "AUTH3" in refuse(server, AUTH3).text


def test_21_a_second_bind_is_refused():
    client, server = bound()
    assert "BIND" in refuse(server, ends()[0].start()).text
    assert client.start()


def test_21_a_request_before_the_bind_is_refused():
    assert "REQUEST" in refuse(ServerConnection(policy()), fragment(wire.WHOLE)).text


def test_21_a_second_call_while_one_is_open_is_refused():
    _, server = bound()
    server.receive(fragment(wire.WHOLE))
    assert "another one was open" in refuse(server, fragment(wire.WHOLE, call=3)).text


@each_protection
def test_24_a_fault_with_status_0_is_not_success(kind):
    client, server = bound(kind)
    number = call(client, server)
    (fault,) = client.receive(sealed_fault(server, number, 0, True))
    assert fault == Fault(number, 0, executed=True, trusted=True)
    assert fault_code(0) == 1726
    assert fault_code(0, logon=True) == 5


@each_protection
def test_a_fault_says_whether_the_call_was_carried_out(kind):
    client, server = bound(kind)
    for executed in (False, True):
        number = call(client, server)
        assert client.receive(sealed_fault(server, number, 0x6F7, executed)) == [Fault(number, 0x6F7, executed, True)]


def test_a_fault_without_a_verifier_is_not_trusted():
    client, server = bound(wire.SPNEGO)
    number = call(client, server)
    fault, *rest = client.receive(wire.pack_fault(number, 0x1C010002))
    assert fault == Fault(number, 0x1C010002, executed=False, trusted=False)
    assert refusals(rest)
    assert client.closed


def test_the_first_fault_after_an_ntlm_logon_is_its_refusal():
    client, server = ends(wire.NTLM)
    server.receive(client.start())
    client.receive(server.outgoing())
    number, _ = client.request(0, 99, bytes(4))
    assert refuse(client, wire.pack_fault(number, 5)).code == 5


@pytest.mark.parametrize(
    ("mechanism", "advice"),
    [("ntlm", "password may be wrong"), ("kerberos", "clock"), ("negotiate", "clock .*; or .* password")],
)
def test_a_refused_logon_says_what_to_look_at(mechanism, advice):
    logon = KnownLogon(wire.SPNEGO)
    logon.mechanism = mechanism
    client = ClientConnection(INTERFACES, logon)
    client.start()
    refused = refuse(client, wire.pack_nak(1, wire.NAK_LOGON_FAILED))
    assert refused.code == 5
    assert re.search(rf"by {mechanism} \(bind_nak, reason 9\): .*{advice}", refused.text)


def test_a_refused_auth3_is_told_with_the_first_call():
    client, server = ends(wire.NTLM)
    server.receive(client.start())
    server.outgoing()
    assert server.receive(wire.pack_auth3(2, wire.Trailer(wire.NTLM, wire.PRIVACY, 0, 0, b"wrong"))) == []
    assert not server.bound
    refuse(server, fragment(wire.WHOLE))
    assert wire.parse_fault(server.outgoing()) == 5


def test_calls_below_encryption_are_faults():
    client = ClientConnection((wire.DHCPSRV2, wire.MGMT))
    server = ServerConnection(policy(protected=True))
    server.receive(client.start())
    assert client.receive(server.outgoing()) == [Ready()]
    number, data = client.request(0, 92, STUB)
    assert server.receive(data) == []
    assert client.receive(server.outgoing()) == [Fault(number, 5, executed=False, trusted=True)]
    _, data = client.request(1, 0, STUB)
    assert len(requests(server.receive(data))) == 1


def test_unknown_interfaces_syntaxes_and_features_have_their_own_answers():
    other = bytes(20)
    features = wire.BIND_TIME_FEATURES + b"\x03" + bytes(11)
    offered = [
        (other, (wire.NDR20,)),
        (wire.DHCPSRV2, (other,)),
        (wire.DHCPSRV2, (features,)),
        (wire.MGMT, (wire.NDR20,)),
    ]
    contexts = tuple(wire.Context(at, interface, syntaxes) for at, (interface, syntaxes) in enumerate(offered))
    server = ServerConnection(policy())
    server.receive(wire.pack_bind(1, wire.Bind(5840, 5840, 0, contexts)))
    ack = server.outgoing()
    found = wire.parse_bind_ack(ack, wire.parse_header(ack)).results
    assert [(result.result, result.reason) for result in found] == [(2, 1), (2, 2), (3, 0), (0, 0)]


def test_an_unknown_context_is_a_fault():
    _, server = bound()
    assert server.receive(fragment(wire.WHOLE, context=9)) == []
    assert wire.parse_fault(server.outgoing()) == 0x1C00001C


def test_a_repeated_token_of_a_finished_logon_is_ignored():
    """Samba's client sends its last one again when it adds an interface."""
    _, server = bound(wire.NTLM)
    bind = wire.Bind(5840, 5840, 0, (wire.Context(5, wire.MGMT, (wire.NDR20,)),))
    again = wire.Trailer(wire.NTLM, wire.PRIVACY, 0, 0, b"authenticate")
    assert server.receive(wire.pack_bind(9, bind, again, alter=True)) == []
    answer = server.outgoing()
    header = wire.parse_header(answer)
    assert header.type is Type.ALTER_CONTEXT_RESPONSE
    assert header.token_length == 0
    assert refuse(server, wire.pack_bind(10, bind, again._replace(context=1), alter=True)).code == 5


def test_an_object_in_a_request_is_skipped():
    _, server = bound()
    body = struct.pack("<IHH", 4, 0, 92) + bytes(16) + b"stub"
    (request,) = requests(server.receive(pdu(Type.REQUEST, body, call=2, flags=wire.WHOLE | wire.OBJECT)))
    assert bytes(request.stub) == b"stub"
    _, server = bound()
    assert "object" in refuse(server, pdu(Type.REQUEST, body[:20], call=2, flags=wire.WHOLE | wire.OBJECT)).text


TRAILER = bytes.fromhex("8ae3137102f43671")


def commands(call=2, context=0, opnum=92, interface=wire.DHCPSRV2):
    header = struct.pack("<BBBB4sIHH", 0, 0, 0, 0, wire.REPRESENTATION, call, context, opnum)
    return (
        struct.pack("<HHI", 1, 4, 1)
        + struct.pack("<HH", 2, 40) + interface + wire.NDR20
        + struct.pack("<HH", 0x4003, 16) + header
    )  # fmt: skip


def test_a_verification_trailer_is_cut_off():
    _, server = bound()
    (request,) = requests(server.receive(fragment(wire.WHOLE, stub=b"stub" + TRAILER + commands())))
    assert bytes(request.stub) == b"stub"


@pytest.mark.parametrize(
    "wrong",
    [{"call": 3}, {"context": 1}, {"opnum": 91}, {"interface": wire.DHCPSRV}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_verification_trailer_that_contradicts_the_pdu_is_a_fault(wrong):
    _, server = bound()
    assert server.receive(fragment(wire.WHOLE, stub=b"stub" + TRAILER + commands(**wrong))) == []
    assert wire.parse_fault(server.outgoing()) == 5


def test_the_magic_number_of_a_trailer_may_be_part_of_a_stub():
    for stub in (TRAILER + b"stub", b"stub" + TRAILER, b"x" + TRAILER + commands()):
        _, server = bound()
        (request,) = requests(server.receive(fragment(wire.WHOLE, stub=stub)))
        assert bytes(request.stub) == stub
