"""Kerberos, alone and inside SPNEGO, with MIT's KDC: tickets and passwords, and what makes a logon fail."""

import importlib.util

import pytest
import rpc_realm
from rpc_network import PASSWORD, USER, Backend
from rpc_realm import HOST, Realm

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


@pytest.fixture(scope="module")
def realm(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        realm = Realm(tmp_path_factory.mktemp("realm"))
        for name, value in realm.environment.items():
            patch.setenv(name, value)
        yield realm
        realm.close()


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


def test_40_a_ticket_for_another_server_is_refused(realm, listening):
    with pytest.raises(AccessDeniedError):
        client(listening, "other.lab.test", rpc_realm.USER, rpc_realm.PASSWORD).get_class(CLASS)


def test_40_a_user_without_an_account_is_refused(realm, network):
    listening = network.serve(Backend(), accounts={USER: PASSWORD}, keytab=realm.keytab)
    api = client(listening, user=rpc_realm.USER, password=rpc_realm.PASSWORD)
    with api, pytest.raises(AccessDeniedError):
        api.get_class(CLASS)


def test_negotiate_falls_back_to_ntlm_only_with_permission(realm, listening, caplog):
    caplog.set_level("INFO")
    calls(client(listening, "192.0.2.1", USER, PASSWORD))
    assert "by ntlm" in caplog.text
    with pytest.raises(AccessDeniedError):
        client(listening, "192.0.2.1", USER, PASSWORD, ntlm=False).get_class(CLASS)


@pytest.fixture
def ends(realm):
    from dhcpfo.rpc.kerberos import KerberosAcceptor, KerberosLogon, KerberosProtection

    realm.log_on()
    logon, acceptor = KerberosLogon(HOST, None, None), KerberosAcceptor(realm.keytab)
    token = logon.step(None)
    while token:
        answer = acceptor.step(token)
        token = logon.step(answer) if answer else None
    assert logon.complete
    assert acceptor.complete
    assert acceptor.user == rpc_realm.USER
    assert isinstance(acceptor.protection(wire.PRIVACY), KerberosProtection)
    return logon.protection(), acceptor.protection(wire.PRIVACY)


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
