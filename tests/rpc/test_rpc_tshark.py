"""tshark decrypts what the client and the server sent each other: a second reader of every byte."""

import shutil
import struct
import subprocess

import pytest
from rpc_network import USER, Backend

from dhcpfo._wire import encode_request
from dhcpfo.models import DhcpClass
from dhcpfo.rpc import Credentials
from dhcpfo.rpc import server as server_module

PASSWORD = "Swordfish-1"  # tshark takes ASCII
SERVER_PORT, CLIENT_PORT = 49152, 50000
CLASS = DhcpClass(name="Phones", data=b"phones")

pytestmark = pytest.mark.skipif(
    shutil.which("tshark") is None, reason="tshark is not installed: apt-get install tshark"
)


def pcap(record):
    """A capture file with made-up IP and TCP headers."""
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0x40000, 101)
    sequence = [1, 1]
    for number, (way, payload) in enumerate(record):
        for at in range(0, len(payload), 32768):
            part = payload[at : at + 32768]
            ports = (CLIENT_PORT, SERVER_PORT) if way == 0 else (SERVER_PORT, CLIENT_PORT)
            tcp = struct.pack(">HHIIBBHHH", *ports, sequence[way], sequence[1 - way], 0x50, 0x18, 65535, 0, 0)
            sequence[way] += len(part)
            hosts = (b"\x7f\0\0\1", b"\x7f\0\0\2")
            ip = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(part), number, 0, 64, 6, 0)
            ip += hosts[way] + hosts[1 - way]
            frame = ip + tcp + part
            data += struct.pack("<IIII", number, 0, len(frame), len(frame)) + frame
    return data


def decrypted(path):
    """The decrypted stub of each request and response."""
    done = subprocess.run(
        [
            "tshark", "-r", str(path), "-d", f"tcp.port=={SERVER_PORT},dcerpc", "-o", f"ntlmssp.nt_password:{PASSWORD}",
            "-Y", "dcerpc.pkt_type == 0 || dcerpc.pkt_type == 2", "-T", "fields", "-e", "dcerpc.decrypted_stub_data",
        ],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return [bytes.fromhex(line.replace(":", "")) for line in done.stdout.split()]


def test_tshark_decrypts_every_stub(network, tmp_path, monkeypatch):
    """NTLM without SPNEGO: tshark 4.0 does not start the keys again after SPNEGO's signatures."""
    pytest.importorskip("spnego", reason="pyspnego is not installed; logging on needs it")
    proxy = network.proxy(network.serve(Backend(), accounts={USER: PASSWORD}).port)
    stubs = []
    real = server_module.encode_response

    def kept(*arguments, reserve):
        stub = real(*arguments, reserve=reserve)
        stubs.append(bytes(stub[reserve:]))
        return stub

    monkeypatch.setattr(server_module, "encode_response", kept)
    api = network.client(proxy.port, credentials=Credentials(USER, PASSWORD, mechanism="ntlm"))
    api.get_class(CLASS)
    api.create_class(CLASS)
    requests = [bytes(encode_request(method, (CLASS,))) for method in ("get_class", "create_class")]
    capture = tmp_path / "session.pcap"
    capture.write_bytes(pcap(proxy.record))
    found = decrypted(capture)
    assert len(found) == 6  # with the call that proves the logon to the client
    for stub in requests + stubs:
        assert any(each.startswith(stub) for each in found)
