"""tshark decrypts what the client and the server sent each other: a second reader of every byte."""

import shutil
import struct
import subprocess

import pytest
import rpc_realm
from rpc_network import USER, Backend
from rpc_peers import split

from dhcpfo._wire import encode_request, encode_response
from dhcpfo.models import DhcpClass
from dhcpfo.rpc import Account, Credentials

PASSWORD = "Swordfish-1"  # tshark takes ASCII
SERVER_PORT, CLIENT_PORT = 49152, 50000
CLASS = DhcpClass(name="Phones", data=b"phones")
LONG = DhcpClass(name="long", data=b"phones")

pytestmark = pytest.mark.skipif(
    shutil.which("tshark") is None, reason="tshark is not installed: apt-get install tshark"
)


def joined(record):
    """What went one way before something went the other."""
    parts = []
    for way, data in record:
        if parts and parts[-1][0] == way:
            parts[-1] = (way, parts[-1][1] + data)
        else:
            parts.append((way, data))
    return parts


def pcap(record):
    """A capture file with made-up IP and TCP headers."""
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0x40000, 101)
    sequence = [1, 1]
    for number, (way, payload) in enumerate(joined(record)):
        for part in split(payload):  # tshark loses NTLM's keys where several are in one
            ports = (CLIENT_PORT, SERVER_PORT) if way == 0 else (SERVER_PORT, CLIENT_PORT)
            tcp = struct.pack(">HHIIBBHHH", *ports, sequence[way], sequence[1 - way], 0x50, 0x18, 65535, 0, 0)
            sequence[way] += len(part)
            hosts = (b"\x7f\0\0\1", b"\x7f\0\0\2")
            ip = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(part), number, 0, 64, 6, 0)
            ip += hosts[way] + hosts[1 - way]
            frame = ip + tcp + part
            data += struct.pack("<IIII", number, 0, len(frame), len(frame)) + frame
    return data


def decrypted(path, *keys):
    """The decrypted stub of each request and response."""
    done = subprocess.run(
        [
            "tshark", "-r", str(path), "-d", f"tcp.port=={SERVER_PORT},dcerpc", *keys,
            "-Y", "dcerpc.pkt_type == 0 || dcerpc.pkt_type == 2", "-T", "fields", "-e", "dcerpc.decrypted_stub_data",
        ],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return [bytes.fromhex(line.replace(":", "")) for line in done.stdout.replace(",", " ").split()]


def check(api, proxy, path, *keys, more=0):
    """Make calls; tshark must decrypt both ends' stubs, and as many more of the logon."""
    requests, answers = [], []
    with api:
        for method, argument in (("get_class", CLASS), ("create_class", CLASS), ("get_class", LONG)):
            requests.append(bytes(encode_request(method, (argument,))))
            answers.append(bytes(encode_response(method, getattr(api, method)(argument))))
    path.write_bytes(pcap(proxy.record))
    found = decrypted(path, *keys)
    assert len(found) >= 6 + more
    for stub in requests + answers[:-1]:
        assert any(each.startswith(stub) for each in found)
    assert len(answers[-1]) > 40_000  # in fragments
    assert answers[-1] in b"".join(found)


def test_tshark_decrypts_every_stub(network, tmp_path):
    """NTLM without SPNEGO: tshark 4.0 does not start the keys again after SPNEGO's signatures."""
    pytest.importorskip("spnego", reason="pyspnego is not installed; logging on needs it")
    proxy = network.proxy(network.serve(Backend(), accounts={USER: PASSWORD}).port)
    api = network.client(proxy.port, credentials=Credentials(USER, PASSWORD, mechanism="ntlm"))
    check(api, proxy, tmp_path / "session.pcap", "-o", f"ntlmssp.nt_password:{PASSWORD}", more=2)


@pytest.mark.skipif(bool(rpc_realm.MISSING), reason=rpc_realm.WHY_NOT)
@pytest.mark.parametrize("mechanism", ["kerberos", "negotiate"])
def test_tshark_decrypts_every_stub_of_kerberos(network, tmp_path, realm, mechanism):
    """With the server's keys. "negotiate" is Kerberos inside SPNEGO."""
    pytest.importorskip("gssapi", reason="gssapi is not installed: pip install 'dhcpfo[kerberos]'")
    realm.log_on()
    listening = network.serve(Backend(), accounts={rpc_realm.USER: Account()}, keytab=realm.keytab)
    proxy = network.proxy(listening.port)
    api = network.client(proxy.port, rpc_realm.HOST, credentials=Credentials(mechanism=mechanism))
    keys = ("-K", str(realm.keytab), "-o", "kerberos.decrypt:TRUE")
    check(api, proxy, tmp_path / "session.pcap", *keys)
