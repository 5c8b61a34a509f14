"""Calls a second over the network, client and server in two processes on one core.

``python benchmarks/wire.py [--json FILE] [--rounds N] [--calls N]``. Both ends decode to models: Get of a relationship
of 30 scopes, and Enum of 31 relationships of 30 scopes. Beside them are impacket and Samba's C client, which only carry
the bytes, where they are installed. Rates over the loopback depend on whether cores sleep, so that both processes are
pinned to one, a bare exchange of as many bytes is measured beside them, and only figures of one run may be compared.
The microseconds of CPU of both ends give the last column: the rate on a core that has nothing else to do. The last
rows are the ciphers and signatures alone, as this package calls them: with NTLM, RC4 and MD5 over every byte at both
ends. Below are the ratios of the last column, and what they would be with the ciphers and a bare exchange alone: for
the 11 KB of an Enum no client can do more while both ends share a core.
"""

import argparse
import importlib.util
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dhcpfo import Relationship
from dhcpfo.models import Page
from dhcpfo.rpc import Credentials, RpcApi, RpcServer

USER, PASSWORD = "LAB\\alice", "Swordfish-1"
TESTS = Path(__file__).resolve().parent.parent / "tests" / "rpc"
SYSTEM_PYTHON = "/usr/bin/python3"
GET_REQUEST, GET_BYTES, ENUM_BYTES = 80, 500, 11_000

SAMBA = """
import sys, time
from samba import credentials
from samba.dcerpc import base, mgmt
from samba.param import LoadParm
port, mode, opnum, stub, count, password, user, domain, realm = sys.argv[1:]
lp = LoadParm()
who = credentials.Credentials()
who.guess(lp); who.set_username(user); who.set_password(password); who.set_domain(domain)
if realm:
    who.set_realm(realm)
who.set_kerberos_state(credentials.MUST_USE_KERBEROS if realm else credentials.DONT_USE_KERBEROS)
binding = f"ncacn_ip_tcp:127.0.0.1[{port},{mode}]"
first = mgmt.mgmt(binding, lp, who)
open_ = base.ClientConnection(binding, ("5b821720-f63b-11d0-aad2-00c04fc324db", 1), lp, who, basis_connection=first)
stub = bytes.fromhex(stub)
for _ in range(20): open_.request(int(opnum), stub)
print("ready", flush=True); input()
begin, cpu = time.perf_counter(), time.process_time()
for _ in range(int(count)): open_.request(int(opnum), stub)
print(int(count) / (time.perf_counter() - begin), (time.process_time() - cpu) / int(count) * 1e6)
"""

IMPACKET = """
import sys, time
from impacket.dcerpc.v5 import transport
from impacket.uuid import uuidtup_to_bin
port, mode, opnum, stub, count, password, user, domain, realm = sys.argv[1:]
rpc = transport.DCERPCTransportFactory(f"ncacn_ip_tcp:127.0.0.1[{port}]")
rpc.set_credentials(user, password, domain)
dce = rpc.get_dce_rpc()
dce.set_auth_level(6)
dce.connect()
dce.bind(uuidtup_to_bin(("5b821720-f63b-11d0-aad2-00c04fc324db", "1.0")))
stub = bytes.fromhex(stub)
def call():
    dce.call(int(opnum), stub); dce.recv()
for _ in range(5): call()
print("ready", flush=True); input()
begin, cpu = time.perf_counter(), time.process_time()
for _ in range(int(count)): call()
print(int(count) / (time.perf_counter() - begin), (time.process_time() - cpu) / int(count) * 1e6)
"""


def relationship(number: int) -> Relationship:
    """Return a relationship of 30 scopes."""
    return Relationship(
        name=f"relationship-{number:02}",
        primary_server="192.0.2.1",
        secondary_server="192.0.2.2",
        primary_server_name="dhcp1.example.com",
        secondary_server_name="dhcp2.example.com",
        scopes=[f"10.{number}.{scope}.0" for scope in range(30)],
    )


class Backend:
    """31 relationships of 30 scopes in memory."""

    server = "dhcp1"
    thread_safe = True

    def __init__(self) -> None:
        self._all = [relationship(number) for number in range(31)]
        self._page = Page(tuple(self._all), 0, 0, 0)

    def get_system_time(self) -> Any:
        """Answer the call with which a client proves its logon."""
        from dhcpfo import SystemTime
        from dhcpfo.limits import UNIX_EPOCH

        return SystemTime(time=UNIX_EPOCH, max_allowed_difference=None)

    def get_relationship(self, name: str) -> Relationship:
        """Return one; a name with "slow" in it takes 20 ms."""
        if "slow" in name:
            time.sleep(0.02)
        return self._all[0]

    def enum_relationships(self, resume: int = 0, preferred_maximum: int = 0) -> Page[Relationship]:
        """Return all."""
        return self._page


def serve(keytab: str) -> None:
    """Be the server: print the ports, answer a bare exchange too, and end with standard input."""
    backend: Any = Backend()
    plain = RpcServer(backend, insecure=True)
    safe = RpcServer(backend, accounts={USER: PASSWORD, "alice@LAB.TEST": "unused"}, keytab=keytab or None)
    bare = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=echo, args=(bare,), daemon=True).start()
    print(json.dumps([plain.port, safe.port, bare.getsockname()[1]]), flush=True)
    for line in sys.stdin:
        if line.strip() == "cpu":
            print(own_cpu(), flush=True)


def echo(listening: socket.socket) -> None:
    """Answer each 100 bytes with 500."""
    while True:
        sock = listening.accept()[0]
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while sock.recv(65536):
            sock.sendall(bytes(GET_BYTES))
        sock.close()


class Server:
    """The process of the server."""

    def __init__(self, keytab: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--serve", keytab], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.plain, self.safe, self.bare = json.loads(self._process.stdout.readline())

    def cpu(self) -> float:
        """Return the seconds of CPU that it has used."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("cpu\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


def own_cpu() -> float:
    """Return the seconds of CPU that this process has used."""
    import resource  # not at the top: --help works on Windows too

    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measure(call: Callable[[], object], count: int, server: Server) -> dict[str, float]:
    """Return calls a second, and microseconds of CPU of each end."""
    for _ in range(20):
        call()
    server_cpu, client_cpu, begin = server.cpu(), own_cpu(), time.perf_counter()
    for _ in range(count):
        call()
    end = time.perf_counter()
    return {
        "rate": count / (end - begin),
        "client_us": (own_cpu() - client_cpu) / count * 1e6,
        "server_us": (server.cpu() - server_cpu) / count * 1e6,
    }


def ping(server: Server, count: int) -> dict[str, float]:
    """Measure a bare exchange of as many bytes as a Get has."""
    with socket.create_connection(("127.0.0.1", server.bare)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def call() -> None:
            sock.sendall(bytes(100))
            while len(sock.recv(65536)) != GET_BYTES:
                pass

        return measure(call, count, server)


def foreign(program: str, python: str, order: list[str], server: Server) -> dict[str, float] | None:
    """Measure the client of others; None if it is not installed."""
    process = subprocess.Popen(
        [python, "-c", program, *order],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    if process.stdout.readline() != "ready\n":
        process.communicate()
        return None
    before = server.cpu()
    rate, client = process.communicate("go\n")[0].split()
    used = server.cpu() - before
    return {"rate": float(rate), "client_us": float(client), "server_us": used / int(order[4]) * 1e6}


def floors(realm: Any) -> dict[str, dict[str, float]]:
    """Return what the ciphers alone cost: nobody's client can be faster on a core that both ends share."""
    from dhcpfo.rpc.ntlm import NtlmProtection

    ends = [NtlmProtection(bytes(16), client=client, type=10, level=6, number=0) for client in (False, True)]
    pairs: dict[str, tuple[Any, Any]] = {"NTLM": (ends[0], ends[1])}
    if realm:
        pairs["Kerberos"] = kerberos_ends(realm)
    found = {}
    for what, answer in (("Get", GET_BYTES), ("Enum", ENUM_BYTES)):
        for kind, (server, client) in pairs.items():
            used = []
            for sender, receiver, size in ((client, server, GET_REQUEST), (server, client, answer)):
                pieces = [min(5744, size - at) // 16 * 16 for at in range(0, size, 5744)]
                used.append([cipher(sender, receiver, piece) for piece in pieces])
            found[f"{what}, {kind}, ciphers alone"] = {
                # Each end seals what it sends and opens what it receives.
                "client_us": sum(sealed for sealed, _ in used[0]) + sum(opened for _, opened in used[1]),
                "server_us": sum(opened for _, opened in used[0]) + sum(sealed for sealed, _ in used[1]),
            }
    return found


def cipher(sender: Any, receiver: Any, size: int, count: int = 1000) -> tuple[float, float]:
    """Return the microseconds that it takes to seal a stub, and to open it."""
    stop = 24 + size
    pdus = [bytearray(stop + 8 + sender.size) for _ in range(count)]
    begin = time.process_time()
    for pdu in pdus:
        sender.protect(pdu, 24, stop)
    middle = time.process_time()
    for pdu in pdus:
        receiver.open(pdu, 24, stop)
    return (middle - begin) / count * 1e6, (time.process_time() - middle) / count * 1e6


def kerberos_ends(realm: Any) -> tuple[Any, Any]:
    """Return the server's and the client's protection after a logon."""
    from rpc_realm import HOST

    from dhcpfo.rpc.kerberos import KerberosAcceptor, KerberosLogon

    logon, acceptor = KerberosLogon(HOST, None, None), KerberosAcceptor(realm.keytab)
    token = logon.step(None)
    while token:
        answer = acceptor.step(token)
        token = logon.step(answer) if answer else None
    return acceptor.protection(6, signs_headers=True), logon.protection()


def in_parallel(server: Server, connections: int, seconds: float = 2.0) -> float:
    """Return calls a second through a pool, when each takes 20 ms, as a part of the ideal."""
    api = RpcApi("dhcp1", address="127.0.0.1", port=server.plain, insecure=True, max_connections=connections)
    end, done, lock = time.monotonic() + seconds, 0, threading.Lock()

    def work() -> None:
        nonlocal done
        while time.monotonic() < end:
            api.get_relationship("slow")
            with lock:
                done += 1

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    api.close()
    return done / seconds / (connections * 50)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=3000)
    parser.add_argument("--serve", metavar="KEYTAB", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve is not None:
        serve(options.serve)
        return
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # its children inherit it
    with tempfile.TemporaryDirectory() as folder:
        run(options, Path(folder))


def run(options: argparse.Namespace, folder: Path) -> None:
    """Measure all in turns, and print the best rate of the rounds, and the CPU of the round that took least."""
    realm = make_realm(folder)
    server = Server(str(realm.keytab) if realm else "")
    figures: dict[str, dict[str, float]] = {}
    work = workloads(server, options.calls, realm)
    for _ in range(options.rounds):
        for name, once in work:
            found = once()
            if found is None:
                continue
            best = figures.setdefault(name, found)
            rate = max(best["rate"], found["rate"])
            if found["client_us"] + found["server_us"] < best["client_us"] + best["server_us"]:
                best = found
            figures[name] = best | {"rate": rate}
    figures["32 connections of 20 ms, part of the ideal"] = {"rate": in_parallel(server, 32)}
    server.close()
    figures |= floors(realm)
    if realm:
        realm.close()
    print(f"{'':44} {'calls/s':>9} {'client us':>10} {'server us':>10} {'alone':>9}")
    for name, found in figures.items():
        cpu = ""
        if "client_us" in found:
            found["alone"] = 1e6 / (found["client_us"] + found["server_us"])
            cpu = f" {found['client_us']:10.1f} {found['server_us']:10.1f} {found['alone']:9.0f}"
        rate = f"{found['rate']:9.2f}" if "rate" in found else f"{'':9}"
        print(f"{name:44} {rate}{cpu}")
    for line in ratios(figures):
        print(line)
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=1), "utf-8")


def ratios(figures: dict[str, dict[str, float]]) -> list[str]:
    """Return how the rates by CPU compare with those of others, and with what the ciphers allow."""
    lines = []
    for kind in ("NTLM", "Kerberos"):
        for what in ("Get", "Enum"):
            ours = figures.get(f"{what}, {kind}")
            for name in ("Samba's client", "impacket"):
                other = figures.get(f"{what}, {kind}, {name}")
                if ours and other:
                    least = (figures[f"{what}, {kind}, ciphers alone"], figures["bare exchange"])
                    most = 1 / sum(1 / each["alone"] for each in least) / other["alone"]
                    ratio = ours["alone"] / other["alone"]
                    lines.append(f"{what}, {kind}: {ratio:.2f} x {name}, of {most:.2f} x that are possible")
    return lines


def make_realm(folder: Path) -> Any:
    """Return a Kerberos realm, or None where that is not installed."""
    sys.path.insert(0, str(TESTS))
    import rpc_realm

    if rpc_realm.MISSING or importlib.util.find_spec("gssapi") is None:
        print("no Kerberos:", rpc_realm.WHY_NOT if rpc_realm.MISSING else "gssapi is not installed")
        return None
    realm = rpc_realm.Realm(folder)
    os.environ.update(realm.environment)
    realm.log_on()
    return realm


def workloads(server: Server, calls: int, realm: Any) -> list[tuple[str, Callable[[], dict[str, float] | None]]]:
    """Return what is measured, by name."""
    from dhcpfo._wire import encode_request

    kinds: dict[str, Any] = {
        "no authentication": RpcApi("dhcp1", address="127.0.0.1", port=server.plain, insecure=True)
    }
    if importlib.util.find_spec("spnego") is not None:
        given = Credentials(USER, PASSWORD, mechanism="ntlm")
        kinds["NTLM"] = RpcApi("dhcp1", address="127.0.0.1", port=server.safe, credentials=given)
    if realm:
        kinds["Kerberos"] = RpcApi("dhcp1.lab.test", address="127.0.0.1", port=server.safe)
    name = "relationship-00"
    found: list[tuple[str, Callable[[], dict[str, float] | None]]] = [("bare exchange", lambda: ping(server, calls))]
    for kind, api in kinds.items():
        found.append((f"Get, {kind}", lambda api=api: measure(lambda: api.get_relationship(name), calls, server)))
        found.append((f"Enum, {kind}", lambda api=api: measure(lambda: api.enum_relationships(), calls // 4, server)))
    stubs = {
        "Get": ("92", encode_request("get_relationship", (name,)).hex()),
        "Enum": ("93", encode_request("enum_relationships", (0, 0xFFFFFFFF)).hex()),
    }
    for what, (opnum, stub) in stubs.items():
        order = [str(server.safe), "seal,ntlm", opnum, stub, str(calls), PASSWORD, "alice", "LAB", ""]
        few = [*order[:4], str(max(calls // 20, 20)), *order[5:]]
        found.append(
            (f"{what}, NTLM, Samba's client", lambda order=order: foreign(SAMBA, SYSTEM_PYTHON, order, server))
        )
        found.append((f"{what}, NTLM, impacket", lambda few=few: foreign(IMPACKET, sys.executable, few, server)))
    if realm:
        import rpc_realm

        mode = f"seal,krb5,target_hostname={rpc_realm.HOST}"
        for what, (opnum, stub) in stubs.items():
            order = [str(server.safe), mode, opnum, stub, str(calls), rpc_realm.PASSWORD, "alice", "LAB", "LAB.TEST"]
            found.append(
                (f"{what}, Kerberos, Samba's client", lambda order=order: foreign(SAMBA, SYSTEM_PYTHON, order, server))
            )
    return found


if __name__ == "__main__":
    main()
