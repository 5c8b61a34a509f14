"""The clients of others against `RpcServer`: impacket, and Samba's with its C runtime."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import rpc_realm
from rpc_network import PASSWORD, USER

from dhcpfo._wire import decode_response, encode_request
from dhcpfo.api import FUNCTIONS
from dhcpfo.errors import DhcpError
from dhcpfo.rpc import Account
from examples import ARGUMENTS
from recording import RecordingApi

FOLDER = Path(__file__).parent
INTERFACES = {
    "dhcpsrv": "6bffd098-a112-3610-9833-46c3f874532d",
    "dhcpsrv2": "5b821720-f63b-11d0-aad2-00c04fc324db",
}
UNKNOWN = [INTERFACES["dhcpsrv2"], 500, "00000000"]
SYSTEM_PYTHON = "/usr/bin/python3"


def has_samba():
    if not Path(SYSTEM_PYTHON).exists():
        return False
    command = [SYSTEM_PYTHON, "-c", "import samba.dcerpc.mgmt"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


needs_impacket = pytest.mark.skipif(
    importlib.util.find_spec("impacket") is None, reason="impacket is not installed: pip install impacket"
)
needs_samba = pytest.mark.skipif(
    not has_samba(), reason="Samba's Python client is not installed: apt-get install python3-samba samba-common-bin"
)
needs_realm = pytest.mark.skipif(
    bool(rpc_realm.MISSING) or importlib.util.find_spec("gssapi") is None,
    reason="krb5kdc or gssapi is not installed: apt-get install krb5-kdc krb5-admin-server krb5-user libkrb5-dev",
)


def run(program, order, **environment):
    python = SYSTEM_PYTHON if "samba" in program else sys.executable
    domain, user = USER.split("\\")
    order = {"user": user, "domain": domain, "password": PASSWORD} | order
    done = subprocess.run(
        [python, str(FOLDER / program)],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | environment,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def outcome(call):
    try:
        return call()
    except DhcpError as error:
        return str(error)


def calls():
    """A call of every function, by its example."""
    return [
        [INTERFACES[function.interface], function.opnum, encode_request(method, ARGUMENTS[method]).hex()]
        for method, function in FUNCTIONS.items()
    ]


def check(network, listening, api, program, mode, **more):
    """Make all calls with a foreign client, and compare the answers with those of our own client."""
    environment = more.pop("environment", {})
    order = {"port": listening.port, "mode": mode, "calls": [*calls(), UNKNOWN, *calls()[:1]]} | more
    answers = run(program, order, **environment)
    asked = list(api.calls)
    own = network.client(network.serve(api).port)
    for (method, _), answer in zip(FUNCTIONS.items(), answers, strict=False):
        arguments = ARGUMENTS[method]
        expected = outcome(lambda: getattr(own, method)(*arguments))  # noqa: B023  called at once
        assert not answer.startswith("error"), (method, answer)
        assert outcome(lambda: decode_response(method, bytes.fromhex(answer), arguments, "dhcp1")) == expected  # noqa: B023
    assert [method for method, _ in asked] == [*FUNCTIONS, next(iter(FUNCTIONS))]
    assert asked[:-1] == api.calls[len(asked) :]
    assert answers[-2].startswith("error")
    assert answers[-1] == answers[0]


@needs_impacket
@pytest.mark.parametrize("mode", ["none", "seal"])
def test_impacket_makes_every_call(network, mode):
    api = RecordingApi()
    listening = network.serve(api, accounts=None if mode == "none" else {USER: PASSWORD})
    check(network, listening, api, "rpc_impacket_client.py", mode)


KERBEROS = {"user": "alice", "password": rpc_realm.PASSWORD}


@needs_impacket
@needs_realm
def test_impacket_makes_every_call_by_kerberos(network, realm):
    """With a ticket that MIT's programs got, because it does not understand MIT's KDC itself."""
    realm.log_on()
    realm.get_ticket()
    api = RecordingApi()
    accounts = {rpc_realm.USER: Account()}
    listening = network.serve(api, accounts=accounts, keytab=realm.keytab, unsigned_headers=True)
    more = KERBEROS | {"domain": rpc_realm.REALM, "host": rpc_realm.HOST}
    more["environment"] = {"KRB5CCNAME": str(realm.folder / "tickets")}
    check(network, listening, api, "rpc_impacket_client.py", "kerberos", **more)
    strict = network.serve(api, accounts=accounts, keytab=realm.keytab)
    api.calls.clear()
    order = {"port": strict.port, "mode": "kerberos", "calls": calls()[:1]} | more
    assert order.pop("environment")
    answers = run("rpc_impacket_client.py", order, **more["environment"])
    assert answers[0].startswith("error")
    assert api.calls == []


@needs_impacket
def test_impacket_finds_the_port(network):
    listening = network.serve(mapper_port=0)
    order = {"port": listening.mapper_port, "mode": "map", "interfaces": [INTERFACES["dhcpsrv2"]]}
    assert run("rpc_impacket_client.py", order) == [f"ncacn_ip_tcp:127.0.0.1[{listening.port}]"]


@needs_impacket
@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"user": "eve"}, {"mode": "sign"}], ids=str)
def test_impacket_is_refused(network, wrong):
    api = RecordingApi()
    listening = network.serve(api, accounts={USER: PASSWORD})
    answers = run("rpc_impacket_client.py", {"port": listening.port, "mode": "seal", "calls": calls()[:1]} | wrong)
    assert "access_denied" in answers[0]
    assert api.calls == []


@needs_samba
@pytest.mark.parametrize("mode", ["seal,ntlm", "seal,spnego"])
def test_sambas_client_makes_every_call(network, mode):
    api = RecordingApi()
    check(network, network.serve(api, accounts={USER: PASSWORD}), api, "rpc_samba_client.py", mode)


@needs_samba
@pytest.mark.parametrize("mode", ["seal,ntlm", "seal,spnego", "sign,ntlm"])
def test_sambas_client_is_refused(network, mode):
    api = RecordingApi()
    listening = network.serve(api, accounts={USER: PASSWORD})
    password = PASSWORD if mode == "sign,ntlm" else "wrong"
    answers = run(
        "rpc_samba_client.py", {"port": listening.port, "mode": mode, "password": password, "calls": calls()[:1]}
    )
    assert answers[0].startswith("error")
    assert api.calls == []


@needs_samba
@needs_realm
@pytest.mark.parametrize("mode", ["seal,krb5", "seal,spnego"])
def test_sambas_client_makes_every_call_by_kerberos(network, realm, mode):
    api = RecordingApi()
    listening = network.serve(api, accounts={rpc_realm.USER: Account()}, keytab=realm.keytab)
    mode = f"{mode},target_hostname={rpc_realm.HOST}"
    more = KERBEROS | {"domain": "LAB", "realm": rpc_realm.REALM}
    check(network, listening, api, "rpc_samba_client.py", mode, **more)
