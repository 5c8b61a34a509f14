"""Kerberos, alone and inside SPNEGO, with MIT's KDC: tickets and passwords, and what makes a logon fail."""

import importlib.util
import logging
import pickle
import sys
import time
from base64 import b64encode
from traceback import TracebackException

import pytest
import rpc_realm
from rpc_network import PASSWORD, USER, Backend
from rpc_realm import HOST, Realm

from dhcpfo._wire import KerberosSeal
from dhcpfo.errors import AccessDeniedError
from dhcpfo.models import DhcpClass
from dhcpfo.rpc import Account, Credentials, RpcApi
from dhcpfo.rpc import pdu as wire
from dhcpfo.rpc.client_connection import ClientConnection
from dhcpfo.rpc.pdu import ProtocolError

CLASS = DhcpClass(name="Phones", data=b"phones")
LONG = DhcpClass(name="long", data=b"phones")

pytestmark = [
    pytest.mark.skipif(bool(rpc_realm.MISSING), reason=rpc_realm.WHY_NOT),
    pytest.mark.skipif(
        importlib.util.find_spec("gssapi") is None,
        reason="gssapi is not installed: pip install 'dhcpfo[kerberos]', after apt-get install libkrb5-dev",
    ),
]


@pytest.fixture
def listening(network, realm):
    accounts = {rpc_realm.USER: Account(), USER: PASSWORD}
    return network.serve(Backend(), accounts=accounts, keytab=realm.keytab)


def client(listening, host=HOST, user=None, password=None, **options):
    credentials = Credentials(user, password, **options)
    return RpcApi(host, address="127.0.0.1", port=listening.port, credentials=credentials)


def calls(api):
    with api:
        for _ in range(3):
            assert api.get_class(CLASS).name == "Phones"
        assert len(api.get_class(LONG).description) == 20_000
        api.create_class(DhcpClass(name="x" * 10_000, data=b"phones"))


@pytest.mark.parametrize("mechanism", [None, "kerberos", "negotiate"])
def test_a_logon_with_a_ticket(realm, listening, mechanism, caplog):
    caplog.set_level("INFO")
    realm.log_on()
    calls(client(listening, mechanism=mechanism))
    assert "by kerberos" in caplog.text


@pytest.mark.parametrize("mechanism", ["kerberos", "negotiate"])
def test_a_logon_with_a_password(realm, listening, mechanism):
    realm.log_off()
    calls(client(listening, user=rpc_realm.USER, password=rpc_realm.PASSWORD, mechanism=mechanism))


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"host": "nowhere.lab.test", "user": rpc_realm.USER, "password": rpc_realm.PASSWORD}, "name that the server"),
        ({"user": rpc_realm.USER, "password": "wrong"}, "the password is wrong"),
        ({"user": "eve@LAB.TEST", "password": "wrong"}, "the user does not exist"),
        ({}, "run kinit"),
        ({"host": "192.0.2.1"}, "address|run kinit"),
    ],
    ids=["another name", "password", "user", "no ticket", "an address"],
)
def test_40_a_logon_that_cannot_begin_says_what_helps(realm, network, listening, given, error):
    realm.log_off()
    with pytest.raises(AccessDeniedError, match=error):
        client(listening, **given).get_class(CLASS)


@pytest.mark.parametrize("logs", [True, False], ids=["", "without logging"])
def test_a_password_that_kerberos_refuses_is_not_tried_by_ntlm(realm, network, monkeypatch, logs):
    """Otherwise one logon would count as two of those after which an account is locked."""
    realm.log_off()
    if not logs:
        monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)
    listening = network.serve(Backend(), accounts={rpc_realm.USER: PASSWORD})
    with client(listening, user=rpc_realm.USER, password=PASSWORD, mechanism="negotiate") as api:
        for error in (*3 * ("the password is wrong; mechanism='ntlm' is for users of",), "was refused 3 times"):
            with pytest.raises(AccessDeniedError, match=error):
                api.get_class(CLASS)
    with client(listening, user=rpc_realm.USER, password=PASSWORD, mechanism="ntlm") as api:
        assert api.get_class(CLASS).name == "Phones"


def test_40_a_ticket_for_another_server_is_refused(realm, listening):
    with pytest.raises(AccessDeniedError):
        client(listening, "other.lab.test", rpc_realm.USER, rpc_realm.PASSWORD).get_class(CLASS)


def test_40_a_user_without_an_account_is_refused(realm, network):
    listening = network.serve(Backend(), accounts={USER: PASSWORD}, keytab=realm.keytab)
    api = client(listening, user=rpc_realm.USER, password=rpc_realm.PASSWORD)
    with api, pytest.raises(AccessDeniedError):
        api.get_class(CLASS)


def test_40_an_expired_ticket_says_so(realm, listening):
    """A connection that is open already goes on."""
    realm.log_on("-l", "1s")
    with client(listening) as api:
        assert api.get_class(CLASS).name == "Phones"
        time.sleep(2.1)
        assert api.get_class(CLASS).name == "Phones"
    for mechanism in ("kerberos", "negotiate"):
        with pytest.raises(AccessDeniedError, match=r"Ticket expired.*: run kinit again"):
            client(listening, mechanism=mechanism).get_class(CLASS)


@pytest.fixture(params=["+10m", "-10m"])
def other_clock(request):
    if rpc_realm.FAKETIME is None:
        pytest.skip("libfaketime is not installed: apt-get install faketime")
    return request.param


@pytest.mark.parametrize("adjusts", [True, False], ids=["the server refuses", "the client refuses"])
def test_40_a_clock_that_is_off_says_so(network, tmp_path, monkeypatch, other_clock, adjusts):
    """MIT's client takes over the domain's clock unless it is told not to. Then the server sees the difference."""
    realm = Realm(tmp_path, clock=other_clock, more="" if adjusts else "kdc_timesync = 0")
    try:
        for name, value in realm.environment.items():
            monkeypatch.setenv(name, value)
        listening = network.serve(Backend(), accounts={rpc_realm.USER: Account()}, keytab=realm.keytab)
        error = (
            "kerberos .*: the clock of one of the two" if adjusts else "Clock skew too great .*: set the clock of this"
        )
        with pytest.raises(AccessDeniedError, match=error):
            client(listening, user=rpc_realm.USER, password=rpc_realm.PASSWORD).get_class(CLASS)
    finally:
        realm.close()


def test_a_service_logs_on_with_a_keytab(realm, listening, monkeypatch):
    """Without kinit: Kerberos gets a ticket itself, and another one when it has expired."""
    realm.log_off()
    monkeypatch.setenv("KRB5_CLIENT_KTNAME", str(realm.make_keytab()))
    calls(client(listening))


def spellings(data):
    """How a log may show some bytes: in hexadecimal, in base64 from any byte on, or as Python does."""
    return [data.hex(), repr(data)[2:-1], *(b64encode(data[at : at + 24]).decode() for at in range(3))]


@pytest.mark.parametrize("mechanism", ["kerberos", "negotiate"])
def test_44_nothing_shows_passwords_or_tickets(realm, network, listening, mechanism, caplog):
    """Neither the log of a session at DEBUG, nor a traceback with the values of variables, nor any object."""
    caplog.set_level(logging.DEBUG)
    realm.log_off()
    proxy = network.proxy(listening.port)
    shown = []
    for password in (rpc_realm.PASSWORD, "cat-fish"):
        credentials = Credentials(rpc_realm.USER, password, mechanism=mechanism)
        with RpcApi(HOST, address="127.0.0.1", port=proxy.port, credentials=credentials) as api:
            try:
                api.get_class(CLASS)
            except AccessDeniedError as error:
                inside = error.__traceback__.tb_next
                whole = TracebackException(type(error), error, inside, capture_locals=True)
                shown.append("".join(whole.format()))
            shown += [repr(api), vars(api), credentials]
    assert len(shown) == 7
    text = "\n".join([caplog.text, *map(str, shown)])
    bind = next(data for way, data in proxy.record if way == 0)
    for secret in (rpc_realm.PASSWORD, "cat-fish", *spellings(bind[-200:-100])):
        assert secret not in text


def test_negotiate_falls_back_to_ntlm_only_with_permission(realm, listening, caplog):
    caplog.set_level("INFO")
    calls(client(listening, "192.0.2.1", USER, PASSWORD))
    assert "by ntlm" in caplog.text
    with pytest.raises(AccessDeniedError):
        client(listening, "192.0.2.1", USER, PASSWORD, ntlm=False).get_class(CLASS)


class Unusable:
    """What `KerberosSeal` says where gssapi uses another library than MIT's."""

    @staticmethod
    def is_usable(extension):
        return False


@pytest.fixture(params=["in place", "by gssapi"])
def ends(realm, request, monkeypatch):
    from dhcpfo.rpc import kerberos
    from dhcpfo.rpc.kerberos import KerberosAcceptor, KerberosLogon, KerberosProtection

    if request.param == "by gssapi":
        monkeypatch.setattr(kerberos, "KerberosSeal", Unusable)
    elif sys.platform != "linux":
        pytest.skip("PDUs are protected in place on Linux only")
    realm.log_on()
    logon, acceptor = KerberosLogon(HOST, None, None), KerberosAcceptor(realm.keytab)
    token = logon.step(None)
    while token:
        answer = acceptor.step(token)
        token = logon.step(answer) if answer else None
    assert logon.complete
    assert acceptor.complete
    assert acceptor.user == rpc_realm.USER
    made = logon.protection(), acceptor.protection(wire.PRIVACY, signs_headers=True)
    for each in made:
        assert isinstance(each, KerberosProtection)
        assert each.is_in_place == (request.param == "in place")
    return made


STUB = b"the stub of a call".ljust(32)


def sealed(protection):
    pdu = bytearray(wire.pack_header(wire.Type.REQUEST, 3, 64 + protection.size, protection.size, 5) + bytes(8) + STUB)
    pdu += wire.pack_trailer(wire.Trailer(wire.KERBEROS, wire.PRIVACY, 14, 0, b"")) + bytes(protection.size)
    protection.protect(pdu, 24, 56)
    return pdu


def test_a_sealed_pdu_hides_its_stub_and_is_opened(ends):
    pdu = sealed(ends[0])
    assert b"stub" not in pdu
    ends[1].open(pdu, 24, 56)
    assert pdu[24:56] == STUB


@pytest.mark.parametrize("at", [3, 12, 20, 22, 24, 55, 57, 60, 64, -1])
def test_10_every_part_of_a_pdu_is_protected(ends, at):
    pdu = sealed(ends[0])
    pdu[at] ^= 1
    with pytest.raises(ProtocolError) as caught:
        ends[1].open(pdu, 24, 56)
    assert caught.value.code == 1825


@pytest.mark.parametrize("change", [lambda pdu: pdu + bytes(16), lambda pdu: pdu[:-16], lambda pdu: pdu[:-60]])
def test_09_a_token_of_another_length_is_refused(ends, change):
    with pytest.raises(ProtocolError) as caught:
        ends[1].open(change(sealed(ends[0])), 24, 56)
    assert caught.value.code == 1825


def test_11_a_replayed_pdu_is_refused(ends):
    pdu = sealed(ends[0])
    ends[1].open(bytearray(pdu), 24, 56)
    with pytest.raises(ProtocolError):
        ends[1].open(pdu, 24, 56)


def test_12_the_server_must_sign_headers(ends, realm):
    from dhcpfo.rpc.kerberos import KerberosLogon

    logon = KerberosLogon(HOST, None, None)
    assert logon.needs_header_signing()
    connection = ClientConnection((wire.DHCPSRV2,), logon)
    header = wire.parse_header(connection.start())
    assert header.flags & wire.HEADER_SIGNING


@pytest.mark.parametrize("ends", ["in place"], indirect=True)
def test_a_context_that_is_taken_over_is_checked(ends):
    from gssapi.raw import ext_dce

    assert KerberosSeal.is_usable(ext_dce.__file__)
    assert not KerberosSeal.is_usable(sys.executable)
    for exported in (b"", b"\0", b"\xff" * 200):
        with pytest.raises(ValueError, match="cannot be imported"):
            KerberosSeal(exported, ext_dce.__file__, 60, True)
    exported = bytes(range(200))
    with pytest.raises(ValueError, match="cannot be imported"):
        KerberosSeal(exported, ext_dce.__file__, 60, True)
    assert exported == bytes(200)  # a session key would be in it
    with pytest.raises(ValueError, match="size must be positive, got 0"):
        KerberosSeal(b"", ext_dce.__file__, 0, True)
    with pytest.raises(ValueError, match="another library than MIT's"):
        KerberosSeal(b"", sys.executable, 60, True)


@pytest.mark.parametrize("ends", ["in place"], indirect=True)
@pytest.mark.parametrize(("start", "stop"), [(-1, 32), (33, 32), (24, 33), (24, 1000), (24, 2**62)])
def test_places_outside_a_pdu_are_refused(ends, start, stop):
    seal = ends[0].sealing
    pdu = bytearray(40 + ends[0].size)
    with pytest.raises(ValueError, match=f"the data from {start} to {stop}"):
        seal.seal(pdu, start, stop)
    with pytest.raises(ValueError, match=r"the data from|the signature"):
        seal.unseal(pdu, start, stop)
    for call in (seal.seal, seal.unseal):
        with pytest.raises(BufferError):
            call(bytes(pdu), 24, 32)
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(seal)


def test_a_wrong_password_is_tried_three_times_only(realm, listening):
    realm.log_off()
    credentials = Credentials(rpc_realm.USER, "wrong")
    errors = []
    for _ in range(5):
        api = RpcApi(HOST, address="127.0.0.1", port=listening.port, credentials=credentials)
        with api, pytest.raises(AccessDeniedError) as caught:
            api.get_class(CLASS)
        errors.append(str(caught.value))
    assert ["the password is wrong" in error for error in errors] == [True] * 3 + [False] * 2
    assert ["is not tried again" in error for error in errors] == [False] * 3 + [True] * 2
