"""Logons by NTLM and SPNEGO over the loopback, with pyspnego as the client."""

import json
import logging
import re
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from struct import pack, unpack_from
from time import sleep
from traceback import TracebackException

import pytest
from rpc_network import ACCOUNTS, PASSWORD, USER, Backend

from dhcpfo.errors import AccessDeniedError, ServerUnavailableError
from dhcpfo.models import DhcpClass, Secret
from dhcpfo.rpc import Account, Credentials, RpcApi
from dhcpfo.rpc import attempts as attempts_module
from dhcpfo.rpc import pdu as wire
from dhcpfo.rpc.acceptor import Logons
from dhcpfo.rpc.connection import LogonError
from dhcpfo.rpc.fallback import watch
from dhcpfo.rpc.ntlm import NtlmAcceptor, NtlmProtection, nt_hash
from dhcpfo.rpc.spnego import NTLM_OID, SpnegoAcceptor, has_mic, parse

CLASS = DhcpClass(name="Phones", data=b"phones")
VECTORS = Path(__file__).parent / "vectors"


@pytest.fixture(params=["ntlm", "negotiate"])
def mechanism(request):
    pytest.importorskip("spnego", reason="pyspnego is not installed; logging on needs it")
    return request.param


def client(network, listening, user=USER, password=PASSWORD, **options):
    return network.client(listening.port, credentials=Credentials(user, password, **options))


@pytest.mark.parametrize("user", [USER, "lab\\ALICE", "bob", "OTHER\\bob"])
def test_a_logon_and_calls(network, mechanism, user):
    backend = Backend()
    listening = network.serve(backend, accounts=ACCOUNTS | {"Bob": PASSWORD})
    api = client(network, listening, user, mechanism=mechanism)
    for _ in range(3):
        api.create_class(CLASS)
    assert len(api.get_class(DhcpClass(name="long", data=b"x")).description) == 20_000
    assert backend.changes == 3


@pytest.mark.parametrize(
    ("user", "password"),
    [(USER, "sword-fish"), (USER, ""), ("LAB\\eve", PASSWORD), ("OTHER\\alice", PASSWORD), (USER, PASSWORD.swapcase())],
    ids=["password", "no password", "user", "domain", "case"],
)
def test_40_a_refused_logon_is_access_denied(network, mechanism, user, password):
    backend = Backend()
    listening = network.serve(backend, accounts=ACCOUNTS)
    for _ in range(2):
        with pytest.raises(AccessDeniedError, match="refused the logon") as caught:
            client(network, listening, user, password, mechanism=mechanism).create_class(CLASS)
        assert caught.value.winerror == 5
        assert password == "" or password not in str(caught.value)
    assert backend.calls == []


def test_40_a_server_without_the_mechanism_says_so(network):
    pytest.importorskip("spnego", reason="pyspnego is not installed; logging on needs it")
    listening = network.serve(insecure=True)
    with pytest.raises(AccessDeniedError) as caught:
        client(network, listening, mechanism="ntlm").get_class(CLASS)
    assert caught.value.winerror == 1747


def test_40_a_client_without_a_logon_is_refused(network):
    backend = Backend()
    with pytest.raises(AccessDeniedError):
        network.client(network.serve(backend, accounts=ACCOUNTS).port).get_class(CLASS)
    assert backend.calls == []


def test_rights_belong_to_accounts(network, mechanism):
    backend = Backend()
    accounts = {USER: Account(PASSWORD, "read"), "LAB\\root": PASSWORD}
    listening = network.serve(backend, accounts=accounts)
    reader = client(network, listening, mechanism=mechanism)
    assert reader.get_class(CLASS).data == b"data"
    with pytest.raises(AccessDeniedError) as caught:
        reader.create_class(CLASS)
    assert caught.value.winerror == 5
    client(network, listening, "LAB\\root", mechanism=mechanism).create_class(CLASS)
    assert backend.changes == 1


@pytest.mark.parametrize(
    ("given", "host", "chosen"),
    [
        (Credentials(), "dhcp1.example.com", "kerberos"),
        (Credentials(), "192.0.2.1", "kerberos"),
        (Credentials("alice", "x"), "dhcp1.example.com", "kerberos"),
        (Credentials("alice", "x"), "192.0.2.1", "negotiate"),
        (Credentials("alice", "x"), "2001:db8::1", "negotiate"),
        (Credentials("alice", "x"), "dhcp1", "negotiate"),
        (Credentials("alice", "x", ntlm=False), "192.0.2.1", "kerberos"),
        (Credentials("alice", "x", ntlm=True), "dhcp1.example.com", "negotiate"),
        (Credentials("alice", "x", ntlm=False, mechanism="negotiate"), "dhcp1", "kerberos"),
        (Credentials("alice", "x", mechanism="ntlm"), "dhcp1.example.com", "ntlm"),
    ],
    ids=str,
)
def test_43_ntlm_is_used_only_where_it_is_allowed(given, host, chosen):
    assert given.choose(host) == chosen


def test_43_no_ntlm_token_leaves_without_permission(network):
    """Whether gssapi is installed or not, and although the server offers nothing else."""
    listening = network.serve(accounts=ACCOUNTS)
    proxy = network.proxy(listening.port)
    api = network.client(proxy.port, credentials=Credentials(USER, PASSWORD, ntlm=False), connect_timeout=3)
    with pytest.raises((AccessDeniedError, ImportError)):
        api.get_class(CLASS)
    assert proxy.passed[0] == 0


@pytest.mark.parametrize(
    ("arguments", "options", "error"),
    [
        ((None, "x"), {}, "user must be given with a password"),
        (("alice", "x"), {"mechanism": "basic"}, "mechanism must be one of kerberos, negotiate, ntlm, got 'basic'"),
        (("alice", "x"), {"mechanism": "ntlm", "ntlm": False}, "mechanism must not be 'ntlm' with ntlm=False"),
        *([] if sys.platform == "win32" else [(("alice",), {"ntlm": True}, "password must be given for NTLM")]),
    ],  # Windows knows the password of its user
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_credentials_that_contradict_themselves_are_refused(arguments, options, error):
    with pytest.raises(ValueError, match=error):
        Credentials(*arguments, **options)
    with pytest.raises(TypeError, match="password must be str, bytes or Secret, not int"):
        Credentials("alice", 5)


@pytest.mark.parametrize("wrong", [Secret("sword-\0fish"), Secret("sword-\udcff-fish")], ids=["NUL", "surrogate"])
def test_text_that_cannot_be_sent_is_refused_without_showing_it(wrong):
    with pytest.raises(ValueError, match="password must be text without NUL that UTF-8 can hold") as caught:
        Credentials("alice", wrong)
    shown = "".join(TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "sword-" not in shown.partition("security.py")[2]
    with pytest.raises(ValueError, match="user must be text without NUL that UTF-8 can hold, got 'sword-"):
        Credentials(wrong.reveal(), "x")


def test_44_nothing_shows_secrets_or_tokens(network, mechanism, caplog):
    """Neither the log of a whole session at DEBUG, nor the text of any object."""
    caplog.set_level(logging.DEBUG)
    listening = network.serve(accounts={USER: "sword-fish"})
    proxy = network.proxy(listening.port)
    credentials = Credentials(USER, "sword-fish", mechanism=mechanism)
    api = network.client(proxy.port, credentials=credentials)
    api.get_class(CLASS)
    with pytest.raises(AccessDeniedError) as caught:
        client(network, listening, USER, "cat-fish", mechanism=mechanism).get_class(CLASS)
    shown = [repr(api), repr(listening), repr(credentials), str(vars(api)), str(vars(listening)), str(caught.value)]
    text = "\n".join([caplog.text, *shown])
    assert "logged on to 127.0.0.1 by" in text
    assert USER in text
    for secret in ("sword-fish", "cat-fish", "NTLMSSP", "TlRMTVNTUA", b"NTLMSSP".hex(), "Phones"):
        assert secret not in text
    assert nt_hash("sword-fish").hex() not in text


# The server's side of NTLM, with a recorded client


def recorded(name):
    session = json.loads((VECTORS / f"session_{name}.json").read_text("utf-8"))
    tokens = []
    for each in session["pdus"][:3]:
        data = bytes.fromhex(each["pdu"])
        tokens.append(wire.parse_trailer(data, wire.parse_header(data)).token)
    return session, tokens


def acceptor_after(tokens, password=None, user="alice"):
    """An acceptor that sent the recorded challenge."""

    def lookup(name, domain):
        return nt_hash(password) if (name, domain) == (user, "ORACLE") else None

    acceptor = NtlmAcceptor(lookup, "oracle")
    acceptor.step(tokens[0])
    acceptor._challenge, acceptor._nonce = tokens[1], tokens[1][24:32]
    return acceptor


@pytest.mark.parametrize("name", ["ntlm_privacy"])
def test_a_recorded_logon_is_accepted_and_its_calls_are_opened(name):
    session, tokens = recorded(name)
    acceptor = acceptor_after(tokens, session["credentials"]["password"])
    assert acceptor.step(tokens[2]) is None
    assert acceptor.complete
    assert acceptor.user == "ORACLE\\alice"
    assert acceptor._key.hex() == session["exported_session_key"]
    protection = acceptor.protection(wire.PRIVACY, signs_headers=False)
    stubs = {call["call_id"]: call["request_stub"] for call in session["calls"]}
    opened = 0
    for each in session["pdus"]:
        if each["type"] != "request":
            continue
        data = bytearray.fromhex(each["pdu"])
        header = wire.parse_header(data)
        trailer = wire.parse_trailer(data, header)
        protection.open(data, 24, trailer.start)
        stub = data[24 : trailer.start - trailer.padding].hex()
        assert stub == stubs[header.call]
        opened += 1
    assert opened == len(session["calls"])


def test_a_recorded_spnego_logon_is_accepted():
    session, tokens = recorded("spnego_ntlm_privacy")

    class Recorded(NtlmAcceptor):
        def step(self, token):
            if self._challenge:
                return super().step(token)
            super().step(token)
            self._challenge = parse(tokens[1]).inner
            self._nonce = self._challenge[24:32]
            return self._challenge

    password = nt_hash(session["credentials"]["password"])
    acceptor = SpnegoAcceptor({NTLM_OID: lambda: Recorded(lambda user, domain: password, "oracle", wire.SPNEGO)})
    assert parse(acceptor.step(tokens[0])).inner == parse(tokens[1]).inner
    assert has_mic(tokens[2])
    answer = acceptor.step(tokens[2])
    assert acceptor.complete
    recorded_answer = bytes.fromhex(session["pdus"][3]["pdu"])
    assert parse(answer).mic == parse(wire.parse_trailer(recorded_answer, wire.parse_header(recorded_answer)).token).mic
    data = bytearray.fromhex(session["pdus"][4]["pdu"])
    trailer = wire.parse_trailer(data, wire.parse_header(data))
    acceptor.protection(wire.PRIVACY, signs_headers=False).open(data, 24, trailer.start)
    assert data[24 : trailer.start - trailer.padding].hex() == session["calls"][0]["request_stub"]


def test_41_every_changed_byte_of_a_recorded_logon_is_refused():
    session, tokens = recorded("ntlm_privacy")
    unchecked = 0
    for at in range(len(tokens[2])):
        changed = bytearray(tokens[2])
        changed[at] ^= 0x55
        acceptor = acceptor_after(tokens, session["credentials"]["password"])
        try:
            acceptor.step(bytes(changed))
        except LogonError:
            assert not acceptor.complete
        else:
            unchecked += 1
    # The recorded client sent no signature of the messages. Without it nothing covers the workstation's name, the LM
    # answer, the version, the lengths that nobody reads, and flags that do not matter.
    assert unchecked < 150


def field(at, length, start):
    def change(token):
        token[at : at + 8] = pack("<HHI", length, length, start)

    return change


def flags(token):
    token[60:64] = pack("<I", unpack_from("<I", token, 60)[0] & ~0x40000000)


def no_end(token):
    length, _, start = unpack_from("<HHI", token, 20)
    token[start + length - 8 : start + length] = b"\xff" * 8


@pytest.mark.parametrize(
    "change",
    [
        field(20, 0, 0),
        field(20, 24, 64),
        field(20, 60000, 64),
        field(28, 7, 100),
        field(36, 0, 0),
        field(36, 5, 100),
        field(36, 10, 0),
        field(52, 15, 100),
        field(52, 16, 0xFFFFFFF8),
        flags,
        no_end,
    ],
    ids=lambda change: change.__name__,
)
def test_41_malformed_authenticate_messages_are_refused(change):
    session, tokens = recorded("ntlm_privacy")
    token = bytearray(tokens[2])
    change(token)
    with pytest.raises(LogonError):
        acceptor_after(tokens, session["credentials"]["password"]).step(bytes(token))


def test_41_cut_messages_are_refused():
    session, tokens = recorded("ntlm_privacy")
    for length in range(len(tokens[2])):
        with pytest.raises(LogonError):
            acceptor_after(tokens, session["credentials"]["password"]).step(tokens[2][:length])
    for length in range(16):
        with pytest.raises(LogonError):
            NtlmAcceptor(lambda user, domain: None, "dhcp1").step(tokens[0][:length])


def test_41_a_client_has_one_try_on_a_connection():
    _, tokens = recorded("ntlm_privacy")
    acceptor = acceptor_after(tokens, "wrong")
    with pytest.raises(LogonError, match="wrong password"):
        acceptor.step(tokens[2])
    with pytest.raises(LogonError, match="is over"):
        acceptor.step(tokens[2])


def test_41_weaker_offers_are_refused():
    _, tokens = recorded("ntlm_privacy")
    offered = unpack_from("<I", tokens[0], 12)[0]
    for bit in (0x1, 0x10, 0x20, 0x200, 0x80000, 0x20000000, 0x40000000):
        weaker = tokens[0][:12] + pack("<I", offered & ~bit) + tokens[0][16:]
        with pytest.raises(LogonError, match="does not offer"):
            NtlmAcceptor(lambda user, domain: None, "dhcp1").step(weaker)


def wrap(tag, content):
    return (
        bytes((tag,)) + (bytes((len(content),)) if len(content) < 128 else b"\x82" + pack(">H", len(content))) + content
    )


def first_token(mechanisms, extra=b""):
    inner = wrap(0x30, wrap(0xA0, wrap(0x30, b"".join(mechanisms))) + extra)
    return wrap(0x60, bytes.fromhex("06062b0601050502") + wrap(0xA0, inner))


@pytest.mark.parametrize(
    "token",
    [
        b"",
        b"\x60\x80\x00\x00",
        b"\xa1\x84\xff\xff\xff\xff",
        b"\xa1\x05\x30\x03",
        b"\xa1" + b"\x30" * 100,
        first_token([NTLM_OID] * 65),
        first_token([b"\x04\x01x"]),
        first_token([NTLM_OID], wrap(0xA2, b"\x05\x00")),
        first_token([NTLM_OID], wrap(0xA0, b"")),
        first_token([NTLM_OID]) + b"\0",
        wrap(0x60, bytes.fromhex("06062b0601050503") + wrap(0xA0, b"")),
        b"NTLMSSP\0" + bytes(40),
    ],
    ids=[
        "empty",
        "indefinite",
        "long",
        "cut",
        "deep",
        "65 mechanisms",
        "no OID",
        "no octets",
        "twice",
        "more",
        "other",
        "raw",
    ],
)
def test_42_malformed_spnego_tokens_are_refused(token):
    with pytest.raises(LogonError):
        parse(token)


def test_42_a_mechanism_that_the_server_does_not_take_is_refused():
    with pytest.raises(LogonError, match="no mechanism"):
        SpnegoAcceptor({}).step(first_token([NTLM_OID]))


def test_42_a_list_that_was_changed_must_be_signed():
    """An attacker may have put another mechanism first."""
    session, tokens = recorded("ntlm_privacy")
    other = b"\x06\x03\x2a\x03\x04"
    acceptor = SpnegoAcceptor({NTLM_OID: lambda: acceptor_after(tokens, session["credentials"]["password"])})
    assert parse(acceptor.step(first_token([other, NTLM_OID]))).inner == b""

    def response(inner):
        return wrap(0xA1, wrap(0x30, wrap(0xA2, wrap(0x04, inner))))

    with pytest.raises(LogonError, match="did not sign the list"):
        acceptor.step(response(tokens[2]))


def test_integrity_signs_and_does_not_encrypt():
    ends = [
        NtlmProtection(bytes(16), client=end, type=wire.NTLM, level=wire.INTEGRITY, number=0) for end in (True, False)
    ]
    pdu = bytearray(bytes(24) + b"a clear stub.   " + bytes(8) + bytes(16))
    ends[0].protect(pdu, 24, 40)
    assert pdu[24:40] == b"a clear stub.   "
    ends[1].open(pdu, 24, 40)
    with pytest.raises(wire.ProtocolError, match="signature"):
        ends[1].open(pdu, 24, 40)


def test_what_is_missing_is_said_with_the_line_to_install(network, monkeypatch):
    import builtins

    real = builtins.__import__

    def without(name, *arguments, **keywords):
        if name.split(".")[0] in ("spnego", "gssapi"):
            raise ImportError(f"No module named {name!r}")
        return real(name, *arguments, **keywords)

    listening = network.serve(accounts=ACCOUNTS)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"pip install 'dhcpfo\[rpc\]'"):
        client(network, listening, mechanism="ntlm").get_class(CLASS)
    extra = "rpc" if sys.platform == "win32" else "kerberos"  # Windows has Kerberos
    with pytest.raises(ImportError, match=rf"pip install 'dhcpfo\[{extra}\]'"):
        RpcApi("dhcp1.example.com", address="127.0.0.1", port=listening.port).get_class(CLASS)


def test_packages_for_logons_are_imported_on_first_use():
    """Loopbacks without authentication do without them, and importing them takes a quarter of a second."""
    program = (
        "import sys, dhcpfo.rpc.client, dhcpfo.rpc.server, dhcpfo.rpc.acceptor\n"
        "print(sorted({'spnego', 'gssapi', 'krb5', 'cryptography'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("password", [PASSWORD, "sword-fish"])
def test_why_kerberos_was_not_used_is_said(network, caplog, password):
    """In the error, and in the log where NTLM went well. pyspnego logs it beside tokens, which stay out."""
    pytest.importorskip("spnego", reason="pyspnego is not installed; logging on needs it")
    caplog.set_level(logging.DEBUG)
    listening = network.serve(accounts={"alice@NOWHERE.TEST": PASSWORD})
    api = client(network, listening, "alice@NOWHERE.TEST", password, mechanism="negotiate")
    text = r"Kerberos was not used: (Cannot find KDC for realm \"NOWHERE.TEST\"|the package gssapi is not installed)"
    if password == PASSWORD:
        api.get_class(CLASS)
    else:
        with pytest.raises(AccessDeniedError, match="refused the logon by ntlm.*" + text):
            api.get_class(CLASS)
    assert bool(re.search("logged on to 127.0.0.1 by ntlm; " + text, caplog.text)) == (password == PASSWORD)
    assert "TlRMTVNTUA" not in caplog.text
    assert "SPNEGO step" not in caplog.text


def test_who_asks_for_pyspnegos_debug_log_gets_it(caplog):
    pytest.importorskip("spnego", reason="pyspnego is not installed; logging on needs it")
    caplog.set_level(logging.DEBUG, "spnego")
    causes = watch()
    assert watch() is causes
    causes.debug("Failed to create context for SPNEGO protocol %s: %s", "kerberos", "x")
    assert "protocol kerberos: x" in caplog.text
    assert (causes.take(), causes.take()) == ("x", "")


def test_a_wrong_password_is_tried_three_times_only(network, mechanism):
    """Whatever the number of calls, threads and servers: domains lock an account after some more."""
    listening = [network.serve(accounts=ACCOUNTS) for _ in range(3)]
    credentials = Credentials(USER, "sword-fish", mechanism=mechanism)
    clients = [network.client(each.port, credentials=credentials) for each in listening]
    told = []

    def work():
        for api in clients:
            with pytest.raises(AccessDeniedError) as caught:
                api.get_class(CLASS)
            told.append(str(caught.value))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(failures for each in listening for failures in each._failures.values()) == 3
    assert sum("refused the logon" in text for text in told) == 3
    assert sum("the password was refused 3 times; it is not tried again for 30 seconds" in text for text in told) == 15


def test_a_wrong_password_is_tried_three_times_only_where_servers_are_slow(network, mechanism, monkeypatch):
    """Those that wait for a logon go on after a while, but no more of them than may be refused."""
    monkeypatch.setattr(attempts_module, "PATIENCE", 0.0)
    listening = network.serve(accounts=ACCOUNTS)
    credentials = Credentials(USER, "sword-fish", mechanism=mechanism)
    told = []

    def work():
        with pytest.raises(AccessDeniedError) as caught:
            network.client(listening.port, credentials=credentials).get_class(CLASS)
        told.append(str(caught.value))

    in_threads(12, work)
    tried = sum(listening._failures.values())
    assert 1 <= tried <= 3
    assert sum("refused the logon" in text for text in told) == tried
    assert sum("so that the account is not locked" in text for text in told) == 12 - tried


def test_a_server_that_ends_the_connection_may_have_counted_the_password(network, mechanism):
    listening = network.serve(accounts={"LAB\\bob": PASSWORD})
    measuring = network.proxy(listening.port)
    with pytest.raises(AccessDeniedError):
        client(network, measuring, mechanism=mechanism).get_class(CLASS)
    proxy = network.proxy(listening.port, up=measuring.passed[0] - 1, cuts=10)
    api = client(network, proxy, mechanism=mechanism)
    with pytest.raises(ServerUnavailableError, match="the server ended the logon"):
        api.get_class(CLASS)  # it tries again
    with pytest.raises(AccessDeniedError, match="the password was refused 3 times"):
        api.get_class(CLASS)
    assert len(api._credentials._attempts._refused) == 3
    assert proxy.connections in (3, 4)  # the server may not have seen the last one


class Hanging(Backend):
    """Does not answer the call by which a client proves its logon."""

    def __init__(self):
        super().__init__()
        self.release = threading.Event()

    def get_system_time(self):
        self.release.wait(10)
        return super().get_system_time()


def test_logons_wait_for_those_that_hang(network, monkeypatch):
    """They may be refused yet."""
    pytest.importorskip("spnego", reason="pyspnego is not installed; logging on needs it")
    monkeypatch.setattr(attempts_module, "PATIENCE", 0.0)
    credentials = Credentials(USER, PASSWORD, mechanism="ntlm")
    answering = network.client(network.serve(accounts=ACCOUNTS).port, credentials=credentials, connect_timeout=0.2)
    backend = Hanging()
    hanging = network.client(network.serve(backend, accounts=ACCOUNTS).port, credentials=credentials)
    threads = [threading.Thread(target=hanging.get_class, args=(CLASS,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(1000):
        if credentials._attempts._trying.used == 3:
            break
        sleep(0.01)
    with pytest.raises(ServerUnavailableError, match="other logons with the same password have not ended"):
        answering.get_class(CLASS)
    backend.release.set()
    assert answering.get_class(CLASS).name == "Phones"
    for thread in threads:
        thread.join()


def test_servers_that_hang_before_they_see_the_password_hold_nobody_up(network, mechanism):
    credentials = Credentials(USER, PASSWORD, mechanism=mechanism)
    port = network.serve(accounts=ACCOUNTS).port
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hanging = network.client(silent.getsockname()[1], credentials=credentials, timeout=0.3)

        def hang():
            with pytest.raises(ServerUnavailableError):
                hanging.get_class(CLASS)

        threads = [threading.Thread(target=hang) for _ in range(5)]
        for thread in threads:
            thread.start()
        held = [silent.accept()[0] for _ in threads]
        assert all(sock.recv(1) for sock in held)
        assert network.client(port, credentials=credentials).get_class(CLASS).name == "Phones"
        assert credentials._attempts._trying.used == 0
        for thread in threads:
            thread.join()
        for sock in held:
            sock.close()


def in_threads(count, work):
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_password_that_was_refused_is_tried_again_later(network, mechanism, monkeypatch):
    listening = network.serve(accounts={"LAB\\bob": PASSWORD})
    api = client(network, listening, mechanism=mechanism)
    monkeypatch.setattr(attempts_module, "MOST", 1)
    for error in ("refused the logon", "is not tried again"):
        with pytest.raises(AccessDeniedError, match=error):
            api.get_class(CLASS)
    monkeypatch.setattr(attempts_module, "PAUSE", 0)
    listening._logons = Logons(ACCOUNTS, None, "dhcp1")
    listening._policy = replace(listening._policy, acceptor=listening._logons.acceptor)
    api.create_class(CLASS)


def test_a_password_that_was_accepted_is_not_held_back(network, mechanism):
    """A server that refuses it afterwards has another reason."""
    accepting, refusing = network.serve(accounts=ACCOUNTS), network.serve(accounts={"LAB\\bob": PASSWORD})
    credentials = Credentials(USER, PASSWORD, mechanism=mechanism)
    network.client(accepting.port, credentials=credentials).get_class(CLASS)
    for _ in range(4):
        with pytest.raises(AccessDeniedError, match="refused the logon"):
            network.client(refusing.port, credentials=credentials).get_class(CLASS)


def test_a_logon_that_hangs_does_not_hold_others_up(network, mechanism, monkeypatch):
    monkeypatch.setattr(attempts_module, "PATIENCE", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        credentials = Credentials(USER, PASSWORD, mechanism=mechanism)
        hanging = network.client(silent.getsockname()[1], credentials=credentials, timeout=20)
        answering = network.client(network.serve(accounts=ACCOUNTS).port, credentials=credentials)

        def hang():
            with pytest.raises(ServerUnavailableError):
                hanging.get_class(CLASS)

        thread = threading.Thread(target=hang)
        thread.start()
        with silent.accept()[0] as held:
            assert held.recv(1)
            assert answering.get_class(CLASS).name == "Phones"
        with silent.accept()[0]:  # it tries again
            pass
        thread.join()
