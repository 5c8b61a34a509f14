"""Calls that are carried in C have the outcome that the connection gives them, whatever arrives and in which pieces.

Both are asked the same over a pair of datagram sockets: each datagram is what one `recv` answers, an empty one the end.
"""

import ctypes
import errno
import os
import signal
import socket
import sys
import threading
import time
from contextlib import contextmanager, suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rpc_network import Backend
from rpc_peers import bound, sealed_fault, split

from allocator import WatchedAllocator
from dhcpfo._wire import Channel, _Sealing, encode_failure, encode_request, encode_response
from dhcpfo.api import FUNCTIONS
from dhcpfo.errors import DhcpError, from_code
from dhcpfo.models import DhcpClass
from dhcpfo.rpc import RpcServer
from dhcpfo.rpc import pdu as wire
from dhcpfo.rpc import session as session_module
from dhcpfo.rpc.client import CALLS
from dhcpfo.rpc.client_connection import ClientConnection
from dhcpfo.rpc.pdu import Type
from dhcpfo.rpc.server import Limits, _Client
from dhcpfo.rpc.server_connection import ServerConnection
from dhcpfo.rpc.session import CallError, Session
from dhcpfo.rpc.sockets import KernelTimeout

pytestmark = pytest.mark.abi  # also under the sanitizers
each_protection = pytest.mark.parametrize("kind", [None, wire.NTLM, wire.SPNEGO], ids=["plain", "ntlm", "spnego"])
plain_and_protected = pytest.mark.parametrize("kind", [None, wire.NTLM], ids=["plain", "ntlm"])
METHOD, CLASS = "get_class", DhcpClass(name="Phones", data=b"phones")
PLACE, OPNUM, _ = CALLS[METHOD]
ANSWER = DhcpClass(name="Phones", data=b"data", description="words " * 30)
KINDS = st.sampled_from([None, wire.NTLM, wire.SPNEGO])


class SlowClient(ClientConnection):
    """A client that carries nothing itself."""

    can_carry = False


class SlowServer(ServerConnection):
    """A server that carries nothing itself."""

    can_carry = False


def pair():
    """Two sockets, between which what is sent at once arrives at once."""
    sockets = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    for each in sockets:
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            each.setsockopt(socket.SOL_SOCKET, option, 1 << 18)
    return sockets


def stub_of(answer):
    return encode_response(METHOD, answer) if isinstance(answer, DhcpClass) else encode_failure(METHOD, answer)


def served(kind, answers, room=None, offset=0):
    """What a server sends for each call: an answer, a code or a fault."""
    client, server = bound(kind)
    if room:
        server._room = room
    sent = []
    for answer in answers:
        call, request = client.request(PLACE, OPNUM, encode_request(METHOD, (CLASS,)))
        server.receive(bytes(request))
        if isinstance(answer, tuple):
            sent.append(bytes(sealed_fault(server, call, *answer)))
        else:
            server._open_call = call + offset
            sent.append(bytes(server.answer(call + offset, stub_of(answer))))
        client._waiting = -1
    return sent


def asked(kind, chunks, calls, slow):
    """Make calls to a peer that has sent all of its bytes already; return everything that one can see of it."""
    client, _ = bound(kind)
    if slow:
        client.__class__ = SlowClient
    sock, peer = pair()
    seen = []
    with sock, peer:
        for chunk in chunks:
            peer.send(chunk)
        session = Session(sock, client)
        for _ in range(calls):
            if not session.usable:
                break
            try:
                seen.append(session.ask(METHOD, (CLASS,), "dhcp1", PLACE, OPNUM, time.monotonic() + 5))
            except CallError as error:
                seen.append((str(error), error.code, error.sent, error.lost))
            except DhcpError as error:
                seen.append((type(error), str(error)))
            state = client.closed or (client._proved, client.between)
            seen.append((client._call, client._waiting, state, session.usable))
            seen.append(peer.recv(1 << 16))
        session.close()
    return seen


def alike(kind, chunks, calls=1):
    chunks = [chunk for chunk in chunks if chunk] + [b""]
    quick = asked(kind, chunks, calls, slow=False)
    assert quick == asked(kind, chunks, calls, slow=True)
    return quick


def test_calls_are_carried():
    """Otherwise the other tests here would compare the connection with itself."""
    for kind in (None, wire.NTLM, wire.SPNEGO):
        client, server = bound(kind)
        assert client.can_carry
        assert server.can_carry
    assert not SlowClient(()).can_carry
    assert not ClientConnection(()).can_carry


@each_protection
def test_answers_in_one_piece(kind):
    seen = alike(kind, served(kind, [ANSWER, 20013, (0x6F7, False), ANSWER]), calls=4)
    assert seen[0] == ANSWER
    assert "20013" in seen[3][1]
    assert len(seen) == 12


@each_protection
def test_answers_in_fragments(kind):
    long = DhcpClass(name="long", data=b"1", description="x" * 20_000)
    seen = alike(kind, served(kind, [long, ANSWER]), calls=2)
    assert (seen[0], seen[3]) == (long, ANSWER)
    alike(kind, served(kind, [ANSWER, ANSWER], room=16), calls=2)


@plain_and_protected
def test_answers_cut_anywhere(kind):
    (answer,) = served(kind, [ANSWER], room=160)
    for at in range(1, len(answer)):
        assert alike(kind, [answer[:at], answer[at:]])[0] == ANSWER
        assert alike(kind, [answer[:at]])[0][1] == 1726


@plain_and_protected
def test_answers_with_any_byte_changed(kind):
    (answer,) = served(kind, [ANSWER])
    for at in range(len(answer)):
        changed = bytearray(answer)
        changed[at] ^= 1 << at % 8
        alike(kind, [bytes(changed)])


@each_protection
def test_answers_to_another_call(kind):
    for offset in (-1, 1, 1 << 31):
        seen = alike(kind, served(kind, [ANSWER], offset=offset))
        assert "which is not open" in seen[0][0]


@each_protection
def test_what_follows_an_answer(kind):
    first, second = served(kind, [ANSWER, ANSWER])
    alike(kind, [first + second], calls=2)
    alike(kind, [first + second[:30], second[30:]], calls=2)
    assert alike(kind, [first + wire.pack_shutdown()], calls=2)[1][-1] is False
    assert alike(kind, [wire.pack_shutdown() + first], calls=2)[0] == ANSWER


@st.composite
def troubles(draw):
    """What a peer sends, in pieces: its answers with a few changes."""
    kind = draw(KINDS)
    answer = st.sampled_from([ANSWER, 5, 20013, (0x6F7, False), (0x1C010003, True)])
    sent = served(kind, draw(st.lists(answer, min_size=1, max_size=3)), room=draw(st.sampled_from([None, 16, 160])))
    pdus = [part for each in sent for part in split(each)]
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(pdus) - 1))
        data = bytearray(pdus[at])
        what = draw(st.sampled_from(["byte", "header", "cut", "repeat", "swap", "insert", "type", "unsigned"]))
        place = draw(st.integers(0, max(len(data) - 1, 0)))
        if what == "byte" and data:
            data[place] = draw(st.integers(0, 255))
        elif what == "header" and len(data) > 24:
            data[draw(st.sampled_from([2, 3, 8, 9, 10, 12, 16, 20, 22, 23]))] = draw(st.integers(0, 255))
        elif what == "cut":
            del data[place:]
        elif what == "repeat":
            pdus.insert(at, bytes(data))
        elif what == "swap":
            pdus[at], pdus[0] = pdus[0], pdus[at]
            continue
        elif what == "type":
            data = bytearray(wire.pack_header(draw(st.sampled_from(list(Type))), 3, 40, 0, draw(st.integers(0, 9))))
            data += bytes(24)
        elif what == "unsigned":
            data = bytearray(wire.pack_fault(draw(st.integers(1, 5)), 5))
        else:
            data[place:place] = draw(st.binary(max_size=8))
        pdus[at] = bytes(data)
    whole = b"".join(pdus)
    cuts = sorted(draw(st.lists(st.integers(0, len(whole)), max_size=3)))
    return kind, [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]


@settings(max_examples=300, deadline=None)
@given(troubles())
def test_both_ways_of_a_client_are_alike(trouble):
    alike(*trouble, calls=3)


@each_protection
def test_arguments_that_cannot_be_sent_leave_the_connection_as_it_was(kind):
    client, _ = bound(kind)
    sock, peer = pair()
    with sock, peer:
        session = Session(sock, client)
        before = client._call
        for arguments, error in (((5,), AttributeError), ((), TypeError)):
            with pytest.raises(error):
                session.ask(METHOD, arguments, "dhcp1", PLACE, OPNUM, time.monotonic() + 5)
        assert session.usable
        assert (client._call, client.can_carry) == (before, True)
        peer.send(served(kind, [ANSWER])[0])
        assert session.ask(METHOD, (CLASS,), "dhcp1", PLACE, OPNUM, time.monotonic() + 5) == ANSWER


def test_numbers_of_calls_end():
    """NTLM's numbers end with them, and would begin again with the same keys."""
    for slow in (False, True):
        client, _ = bound(None)
        client._call = 0xFFFFFFFD
        if slow:
            client.__class__ = SlowClient
        sock, peer = pair()
        with sock, peer:
            session = Session(sock, client)
            for number in (0xFFFFFFFE, 0xFFFFFFFF):
                assert session.usable
                peer.send(b"".join(served(None, [ANSWER], offset=number - 2)))
                assert session.ask(METHOD, (CLASS,), "dhcp1", PLACE, OPNUM, time.monotonic() + 5) == ANSWER
            assert not session.usable


def test_a_deadline_ends_a_call():
    client, _ = bound(wire.NTLM)
    sock, peer = pair()
    with sock, peer:
        session = Session(sock, client)
        with pytest.raises(CallError, match="did not answer in time"):
            session.ask(METHOD, (CLASS,), "dhcp1", PLACE, OPNUM, time.monotonic() + 0.05)
        assert not session.usable
        assert sock.fileno() == -1


class Interrupted(Exception):
    pass


@contextmanager
def alarm(handler, seconds):
    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_signal_ends_a_call_or_not():
    """As Ctrl-C does: what its handler raises ends the call and the connection; without that the call goes on."""
    sock, peer = pair()

    def end(*_):
        raise Interrupted

    def answer(*_):
        peer.send(served(wire.NTLM, [ANSWER])[0])

    session = Session(sock, bound(wire.NTLM)[0])
    with sock, peer:
        with alarm(answer, 0.05):
            assert session.ask(METHOD, (CLASS,), "dhcp1", PLACE, OPNUM, time.monotonic() + 5) == ANSWER
        assert session.usable
        with alarm(end, 0.05), pytest.raises(Interrupted):
            session.ask(METHOD, (CLASS,), "dhcp1", PLACE, OPNUM, time.monotonic() + 5)
        assert not session.usable


@pytest.mark.parametrize("slow", [False, True], ids=["carried", "slow"])
def test_a_call_that_is_interrupted_at_its_very_end(monkeypatch, slow):
    """A second Ctrl-C may come while the connection is being closed; then too nobody may use it."""
    client, _ = bound(wire.NTLM)
    if slow:
        client.__class__ = SlowClient
    sock, peer = pair()
    with sock, peer:
        session = Session(sock, client)

        def end():
            monkeypatch.undo()
            raise Interrupted

        monkeypatch.setattr(session_module, "monotonic", end)
        with pytest.raises(Interrupted):
            session.ask(METHOD, (CLASS,), "dhcp1", PLACE, OPNUM, time.monotonic() + 0.05)
        assert not session.usable


@pytest.mark.parametrize("slow", [False, True], ids=["carried", "slow"])
def test_a_call_that_cannot_be_sealed_was_not_sent(monkeypatch, slow):
    """So that it is made again on another connection: the tickets of this one may have run out."""
    client, _ = bound(wire.NTLM)
    text = "a PDU could not be sealed"

    def refuse(*_):
        raise wire.ProtocolError(text, 1825)

    if slow:
        client.__class__ = SlowClient
        monkeypatch.setattr(client._protection, "protect", refuse)
    else:
        client._arrange(_Sealing(), client._trailers[0], 16, True, client._room, 5840, 1 << 20)
    sock, peer = pair()
    with sock, peer:
        session = Session(sock, client)
        with pytest.raises(CallError, match=text) as caught:
            session.ask(METHOD, (CLASS,), "dhcp1", PLACE, OPNUM, time.monotonic() + 5)
        assert (caught.value.code, caught.value.sent, caught.value.lost) == (1825, False, True)
        assert not session.usable
        peer.setblocking(False)
        with pytest.raises(BlockingIOError):
            peer.recv(1)


@pytest.mark.parametrize("slow", [False, True], ids=["carried", "slow"])
def test_a_closed_socket_is_not_mistaken_for_another(slow):
    """A forked child closes its copies of the sockets, and the system uses their numbers again."""
    client, _ = bound(None)
    if slow:
        client.__class__ = SlowClient
    sock, peer = pair()
    with sock, peer:
        session = Session(sock, client)
        number = sock.fileno()
        sock.close()
        one, other = pair()
        with one, other:
            assert number in (one.fileno(), other.fileno())
            with pytest.raises(CallError, match="Bad file descriptor") as caught:
                session.ask(METHOD, (CLASS,), "dhcp1", PLACE, OPNUM, time.monotonic() + 5)
            assert (caught.value.sent, caught.value.lost) == (False, True)
            for each in (one, other):
                each.setblocking(False)
                with pytest.raises(BlockingIOError):
                    each.recv(1)


def test_a_connection_that_breaks_while_a_call_is_sent():
    client, _ = bound(wire.NTLM)
    sock, peer = pair()
    with sock:
        peer.close()
        with pytest.raises(CallError, match=r"the connection broke") as caught:
            Session(sock, client).ask(METHOD, (CLASS,), "dhcp1", PLACE, OPNUM, time.monotonic() + 5)
        assert (caught.value.sent, caught.value.lost) == (False, True)


def test_a_request_longer_than_the_room_is_sent_by_the_connection():
    long = DhcpClass(name="long", data=b"1", description="x" * 40_000)
    client, server = bound(wire.NTLM)
    sock, peer = socket.socketpair()
    seen = []

    def answer():
        while not seen:
            seen.extend(server.receive(peer.recv(1 << 16)))
        peer.sendall(server.answer(seen[0].call, encode_response("create_class", None)))

    with sock, peer:
        thread = threading.Thread(target=answer)
        thread.start()
        place, opnum, _ = CALLS["create_class"]
        session = Session(sock, client)
        assert session.ask("create_class", (long,), "dhcp1", place, opnum, time.monotonic() + 5) is None
        thread.join()
    assert bytes(seen[0].stub) == encode_request("create_class", (long,))


# The server's end


@pytest.fixture(scope="module")
def servers():
    """A server without a lock, and one with."""
    backends = Backend(), Backend()
    backends[1].thread_safe = False
    made = [RpcServer(each, insecure=True, limits=Limits(idle_timeout=5)) for each in backends]
    yield list(zip(made, backends, strict=True))
    for each in made:
        each.close()


def told(server, backend, kind, chunks, slow):
    """Let a server talk to a client that has sent all of its bytes; return everything that one can see of it."""
    _, connection = bound(kind)
    if slow:
        connection.__class__ = SlowServer
    connection._group = 7
    sock, peer = pair()
    backend.calls.clear()
    with sock, peer:
        for chunk in chunks:
            peer.send(chunk)
        client = _Client(sock, "192.0.2.1", connection, KernelTimeout(sock), may=dict.fromkeys(FUNCTIONS, True))
        connection.receive(b"")
        try:
            server._talk(client)
        except OSError as error:
            end = errno.errorcode[error.errno]
        else:
            end = "over"
        answers = []
        peer.setblocking(False)
        while True:
            try:
                answers.append(peer.recv(1 << 18))
            except BlockingIOError:
                break
    return answers, end, list(backend.calls), connection.closed, connection.closed or connection.between


def requested(kind, names, room=None):
    """What a client sends for some calls."""
    client, _ = bound(kind)
    if room:
        client._room = room
    sent = []
    for name in names:
        sent.append(bytes(client.request(PLACE, OPNUM, encode_request(METHOD, (DhcpClass(name=name, data=b"1"),)))[1]))
        client._waiting = -1
    return sent


def told_alike(server, kind, chunks):
    chunks = [chunk for chunk in chunks if chunk] + [b""]
    quick = told(*server, kind, chunks, slow=False)
    assert quick == told(*server, kind, chunks, slow=True)
    return quick


@each_protection
@pytest.mark.parametrize("which", [0, 1], ids=["free", "locked"])
def test_a_server_answers(servers, kind, which, caplog):
    sent = requested(kind, ["a", "b", "long", "c"])
    answers, end, calls, _, _ = told_alike(servers[which], kind, sent)
    assert (len(answers), end, calls) == (4, "over", [METHOD] * 4)
    backend = servers[which][1]
    for error in (from_code(20013, "DhcpGetClassInfo", "dhcp1"), RuntimeError("broken"), SystemError("also")):
        backend.error = error
        try:
            assert len(told_alike(servers[which], kind, sent)[0]) == 4
        finally:
            backend.error = None
    assert caplog.text.count("get_class failed") == 16


@plain_and_protected
def test_requests_cut_anywhere(servers, kind):
    first, second, third = requested(kind, ["a", "b", "c"], room=64)
    for at in range(1, len(third)):
        assert len(told_alike(servers[0], kind, [first, second, third[:at], third[at:]])[0]) == 3


@plain_and_protected
def test_requests_with_any_byte_changed(servers, kind):
    first, second, third = requested(kind, ["a", "b", "c"])
    for at in range(len(third)):
        changed = bytearray(third)
        changed[at] ^= 1 << at % 8
        told_alike(servers[0], kind, [first, second, bytes(changed)])


@each_protection
def test_requests_with_a_trailer_and_after_another_bind(servers, kind):
    client, _ = bound(kind)
    stub = bytes(encode_request(METHOD, (CLASS,)))
    stub += bytes(-len(stub) % 4)
    magic = bytes.fromhex("8ae3137102f43671")
    good = (
        magic
        + (0x4002).to_bytes(2, "little")
        + (40).to_bytes(2, "little")
        + wire.INTERFACES[FUNCTIONS[METHOD].interface]
        + wire.NDR20
    )
    sent = []
    for trailer in (b"", b"", good, good[:-1] + b"x", magic, b""):
        sent.append(bytes(client.request(PLACE, OPNUM, stub + trailer)[1]))
        client._waiting = -1
    told_alike(servers[0], kind, sent)
    alter = wire.pack_bind(99, client._bind(), None, alter=True)
    told_alike(servers[0], kind, [sent[0], sent[1], alter, *sent[2:]])
    moved = wire.Bind(5840, 5840, 0, (wire.Context(PLACE, wire.MGMT, (wire.NDR20,)),))
    told_alike(servers[0], kind, [sent[0], sent[1], wire.pack_bind(99, moved, None, alter=True), sent[2]])


@st.composite
def odd_requests(draw):
    kind = draw(KINDS)
    names = draw(st.lists(st.sampled_from(["a", "b", "long"]), min_size=2, max_size=4))
    pdus = requested(kind, names, room=draw(st.sampled_from([None, 32])))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(1, len(pdus) - 1))
        data = bytearray(pdus[at])
        what = draw(st.sampled_from(["byte", "header", "cut", "repeat", "insert", "type"]))
        place = draw(st.integers(0, max(len(data) - 1, 0)))
        if what == "byte" and data:
            data[place] = draw(st.integers(0, 255))
        elif what == "header" and len(data) > 24:
            data[draw(st.sampled_from([2, 3, 8, 9, 10, 12, 16, 20, 22, 23]))] = draw(st.integers(0, 255))
        elif what == "cut":
            del data[place:]
        elif what == "repeat":
            pdus.insert(at, bytes(data))
        elif what == "type":
            data = bytearray(wire.pack_header(draw(st.sampled_from(list(Type))), 3, 40, 0, draw(st.integers(0, 9))))
            data += bytes(24)
        else:
            data[place:place] = draw(st.binary(max_size=8))
        pdus[at] = bytes(data)
    whole = b"".join(pdus)
    cuts = {len(pdus[0]), *draw(st.lists(st.integers(0, len(whole)), max_size=4))}
    cuts = sorted(cut for cut in cuts if 0 < cut < len(whole))
    return kind, [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]


@settings(max_examples=200, deadline=None)
@given(odd_requests())
def test_both_ways_of_a_server_are_alike(servers, odd):
    told_alike(servers[0], *odd)


def test_a_call_that_forks_answers_in_the_parent_only(servers):
    server, backend = servers[0]
    _, connection = bound(None)
    sock, peer = pair()
    with sock, peer:
        for chunk in [*requested(None, ["a", "b"]), b""]:
            peer.send(chunk)
        client = _Client(sock, "192.0.2.1", connection, KernelTimeout(sock), may=dict.fromkeys(FUNCTIONS, True))
        children = []

        class Forking:
            def get_class(self, info):
                child = os.fork()
                if not child:
                    connection.closed = True  # as `RpcServer.forget` does
                else:
                    children.append(child)
                return backend.get_class(info)

        connection.operations[PLACE << 16 | OPNUM] = METHOD
        parent = os.getpid()
        left = connection.serve(sock.fileno(), Forking(), None, connection.operations)
        if os.getpid() != parent:
            os._exit(0 if left.request is None and not left.data and not left.unsent else 1)
        assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0]
        assert len({peer.recv(1 << 16) for _ in range(2)}) == 2
        peer.setblocking(False)
        with pytest.raises(BlockingIOError):
            peer.recv(1)
    assert client.connection is connection
    assert server.port


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"trailer": b"1234567"}, "trailer must have 8 bytes, got 7"),
        ({"room": 24}, "room must be a multiple of 16 up to 65536, got 24"),
        ({"room": 0}, "room must be a multiple of 16 up to 65536, got 0"),
        ({"token": 70_000}, "a fragment must have at most 65535 bytes, got a token of 70000"),
    ],
)
def test_a_channel_takes_no_frames_that_do_not_fit(changes, text):
    from dhcpfo._wire import Seal

    given = {"trailer": bytes(8), "token": 16, "room": 5808} | changes
    with pytest.raises(ValueError, match=text):
        Channel()._arrange(Seal(bytes(16), True), given["trailer"], given["token"], True, given["room"], 5840, 1 << 20)


# Memory


def exchanged(client, sock):
    return client.exchange(METHOD, (CLASS,), "dhcp1", PLACE, OPNUM, sock.fileno())


@plain_and_protected
def test_carried_calls_leave_nothing(kind):
    client, server = bound(kind)
    answers, requests = served(kind, [ANSWER, 20013] * 200), requested(kind, ["a"] * 400)
    api, operations = Backend(), {PLACE << 16 | OPNUM: METHOD}
    sock, peer = pair()
    with sock, peer:

        def repeat(times):
            for _ in range(times):
                peer.send(answers.pop(0))
                with suppress(DhcpError):
                    exchanged(client, sock)
                peer.recv(1 << 16)
                for each in (requests.pop(0), b""):
                    peer.send(each)
                server.serve(sock.fileno(), api, None, operations)
                peer.recv(1 << 16)
            api.calls.clear()

        repeat(200)
        before = sys.getallocatedblocks()
        repeat(200)
        assert sys.getallocatedblocks() - before < 50


@pytest.mark.parametrize("end", ["client", "server"])
def test_what_was_decrypted_does_not_stay_in_released_memory(end):
    """Also what was between the fragments before the stub was put together."""
    name = "a text that is looked for " * 40
    needle = "t is looked".encode("utf-16-le")
    client, server = bound(wire.NTLM)
    sock, peer = pair()
    (answer,) = served(wire.NTLM, [DhcpClass(name=name, data=b"1")], room=160)
    asking, _ = bound(wire.NTLM)
    asking._room = 160
    request = asking.request(PLACE, OPNUM, encode_request(METHOD, (DhcpClass(name=name, data=b"1"),)))[1]
    with sock, peer:
        for each in (answer,) if end == "client" else (bytes(request), b""):
            peer.send(each)
        with WatchedAllocator() as allocator:
            allocator.library.look_for(needle, len(needle))
            if end == "client":
                assert exchanged(client, sock).name == name
            else:
                server.serve(sock.fileno(), Answering(), None, {PLACE << 16 | OPNUM: METHOD})
            del client, server
            found, seen = allocator.library.found_count(), allocator.library.seen_count()
            allocator.library.look_for(None, 0)
    assert seen > 0
    assert found == 0


class Answering:
    def get_class(self, info):
        return ANSWER


@plain_and_protected
@pytest.mark.parametrize("end", ["client", "server"])
def test_each_allocation_of_a_carried_call_may_fail(monkeypatch, kind, end):
    """A call that was begun stays open then, so that the connection is closed; the server's is a fault."""
    monkeypatch.setattr(sys, "unraisablehook", lambda it: None)
    api, operations = Answering(), {PLACE << 16 | OPNUM: METHOD}
    (answer,), (request,) = served(kind, [ANSWER]), requested(kind, ["a"])
    outcomes, failed, number = set(), True, ctypes.c_long(0)
    with WatchedAllocator() as allocator:
        while failed:
            client, server = bound(kind)
            sock, peer = pair()
            with sock, peer:
                for each in (answer,) if end == "client" else (request, b""):
                    peer.send(each)
                number.value += 1
                try:
                    allocator.library.fail(number)
                    if end == "client":
                        found = exchanged(client, sock)
                    else:
                        found = server.serve(sock.fileno(), api, None, operations)
                except MemoryError:
                    found = MemoryError
                finally:
                    allocator.calm()
                    failed = bool(allocator.library.failed_count())
                outcomes.add("out of memory" if found is MemoryError else type(found).__name__)
                if end == "client" and found is not MemoryError:
                    assert (found, client.can_carry) == (ANSWER, True)
    assert outcomes == {"out of memory", "DhcpClass" if end == "client" else "Unusual"}
