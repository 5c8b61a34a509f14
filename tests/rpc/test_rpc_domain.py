"""`RpcApi`'s connections against the server of a domain by Samba: its endpoint mapper, and its accounts' interface."""

import importlib.util
from time import monotonic

import pytest
import rpc_domain
from rpc_domain import Domain

from dhcpfo.rpc import Credentials, endpoint, session
from dhcpfo.rpc import pdu as wire
from dhcpfo.rpc.security import make_logon
from dhcpfo.rpc.session import CallError, ask_mapper, open_session

ACCOUNTS = bytes.fromhex("785734123412cdabef000123456789ac01000000")  # SAMR
CONNECT = 57, bytes.fromhex("0000000000000002")  # SamrConnect2, for any right
ANSWER = 24

pytestmark = [
    pytest.mark.skipif(bool(rpc_domain.why_not()), reason=f"no domain by Samba: {rpc_domain.why_not()}"),
    pytest.mark.skipif(importlib.util.find_spec("spnego") is None, reason="pyspnego is not installed"),
    pytest.mark.skipif(importlib.util.find_spec("gssapi") is None, reason="gssapi is not installed"),
]


def soon():
    return monotonic() + 20


@pytest.fixture(scope="module")
def domain(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        domain = Domain(tmp_path_factory.mktemp("ad"))
        patch.setenv("KRB5_CONFIG", str(domain.configuration))
        patch.setattr(session, "PROBE", CONNECT)  # this server has no DHCP service
        yield domain
        domain.close()


@pytest.fixture
def port(domain):
    asking = open_session("127.0.0.1", rpc_domain.MAPPER, soon(), None, (wire.MAPPER,))
    try:
        data, start, stop = asking.call(0, endpoint.OPNUM, endpoint.encode_request(ACCOUNTS), soon())
        return endpoint.decode_answer(data[start:stop])
    finally:
        asking.close()


def connect(port, credentials):
    make = None if credentials is None else lambda: make_logon(credentials, rpc_domain.HOST)
    return open_session("127.0.0.1", port, soon(), make, (ACCOUNTS,))


NTLM, KERBEROS = "ADLAB\\administrator", "administrator@ADLAB.TEST"


@pytest.mark.parametrize(
    ("user", "mechanism", "used"),
    [
        (NTLM, "ntlm", "by ntlm"),
        (NTLM, "negotiate", "by ntlm"),
        (KERBEROS, "kerberos", "by kerberos"),
        (KERBEROS, "negotiate", "by kerberos"),
        (None, None, ""),
    ],
)
def test_calls_after_every_logon(port, user, mechanism, used, caplog):
    caplog.set_level("INFO")
    given = None if user is None else Credentials(user, rpc_domain.PASSWORD, mechanism=mechanism)
    open_ = connect(port, given)
    for _ in range(3):
        data, start, stop = open_.call(0, *CONNECT, soon())
        assert stop - start == ANSWER
        assert data[stop - 4 : stop] == bytes(4)
    assert used in caplog.text
    with pytest.raises(CallError) as caught:
        open_.call(0, 400, bytes(4), soon())
    assert caught.value.code == 1745
    open_.close()


@pytest.mark.parametrize(
    ("user", "mechanism"),
    [(NTLM, "ntlm"), (NTLM, "negotiate"), ("ADLAB\\eve", "negotiate"), (KERBEROS, "kerberos")],
)
def test_40_a_wrong_password_is_access_denied(port, user, mechanism):
    with pytest.raises(CallError) as caught:
        connect(port, Credentials(user, "wrong", mechanism=mechanism))
    assert caught.value.code == 5
    assert not caught.value.sent


@pytest.mark.parametrize(
    ("user", "mechanism"),
    [("ADLAB\\bob", "ntlm"), ("bob@ADLAB.TEST", "kerberos"), ("bob@ADLAB.TEST", "negotiate"), ("bob", "negotiate")],
)
def test_a_wrong_password_counts_once(domain, port, user, mechanism):
    """Not by Kerberos and then by NTLM: accounts are locked after some more."""
    before = domain.wrong_passwords()
    with pytest.raises(CallError):
        connect(port, Credentials(user, "wrong", mechanism=mechanism))
    assert domain.wrong_passwords() == before + 1


def test_a_service_that_is_not_registered(domain):
    with pytest.raises(CallError) as caught:
        ask_mapper("127.0.0.1", rpc_domain.MAPPER, soon())
    assert caught.value.code == 1753


def test_an_unknown_interface(port):
    with pytest.raises(CallError) as caught:
        open_session("127.0.0.1", port, soon(), None)
    assert caught.value.code == 1717
