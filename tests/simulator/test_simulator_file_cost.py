"""What a lab in a file costs, counted in rows, statements and lines: the same at any number of clients and servers."""

import os
import random
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from dhcpfo import FailoverClient
from dhcpfo.models import unique_client_id
from dhcpfo.simulator import Lab
from dhcpfo.simulator.store import FileStore
from labs import lines

SCOPE = IPv4Address("10.0.0.0")


def filled(path: Path, clients: int) -> Lab:
    """A pair in NORMAL with clients, of which both servers have the records."""
    lab = Lab.open(path)
    lab.add_pair("pair", scopes=[f"{SCOPE}/16"], direct=True)
    first = lab.lease(SCOPE, b"first")
    assert first is not None
    records = [one(first, number) for number in range(clients)]
    for server in lab.servers:
        with lab._changing(server) as (_, host, _now):
            for record in records:
                host.scopes[SCOPE].clients[record.address] = record
    return lab


def one(first: FailoverClient, number: int) -> FailoverClient:
    client = unique_client_id(SCOPE, b"client" + number.to_bytes(3))
    return replace(first, address=SCOPE + 300 + number, client_id=client, name=f"client{number}")


@contextmanager
def written(lab: Lab) -> Iterator[list[str]]:
    """The statements that write, with their values."""
    store = lab._transactions.store
    assert isinstance(store, FileStore)
    found: list[str] = []

    def note(text: str) -> None:
        if re.match(r"\s*(INSERT|UPDATE|DELETE)", text):
            found.append(" ".join(text.split()))

    store._file.connection.set_trace_callback(note)
    yield found
    store._file.connection.set_trace_callback(None)


CHANGES: dict[str, Callable[[Lab], object]] = {
    "renew": lambda lab: lab.lease(SCOPE, b"client" + bytes(3)),
    "new lease": lambda lab: lab.lease(SCOPE, b"another"),
    "release": lambda lab: lab.release("dhcp1", SCOPE + 301),
    "set": lambda lab: lab.connect("dhcp1", direct=True).set_relationship("pair", percentage=70),
    "option": lambda lab: lab.connect("dhcp1", direct=True).set_option_value(15, "lab.test", scope=SCOPE),
    "reserve": lambda lab: lab.reserve(SCOPE, SCOPE + 200, b"reserved"),
    "exclude": lambda lab: lab.exclude(SCOPE, SCOPE + 100),
    "fault": lambda lab: lab.fail("dhcp1", None, 5),
    "cut": lambda lab: lab.cut("dhcp1", "dhcp2"),
    "advance": lambda lab: lab.advance(timedelta(seconds=1)),
}


def test_a_change_writes_the_same_at_any_number_of_clients(tmp_path: Path) -> None:
    counts: list[dict[str, tuple[int, int]]] = []
    for clients in (20, 3000):
        lab = filled(tmp_path / str(clients), clients)
        counts.append({})
        for name, change in CHANGES.items():
            with written(lab) as statements:
                change(lab)
            counts[-1][name] = len(statements), sum(map(len, statements))
        lab.close()
    for name, (statements, size) in counts[0].items():
        assert 2 <= statements <= 12, name
        assert counts[1][name][0] == statements, name
        assert abs(counts[1][name][1] - size) < size / 5 + 100, name


@pytest.mark.skipif(sys.gettrace() is not None, reason="a debugger or coverage uses the trace function")
def test_reading_costs_the_same_at_any_number_of_clients(tmp_path: Path) -> None:
    """Opening, a call, and taking over what another process has changed."""
    counts: list[dict[str, int]] = []
    for clients in (20, 3000):
        path = tmp_path / str(clients)
        lab = filled(path, clients)
        other = Lab.open(path)
        other.release("dhcp1", SCOPE + 302)
        uses: dict[str, Callable[[], object]] = {
            "open": lambda path=path: Lab.open(path),  # type: ignore[misc]
            "first call": lambda path=path: Lab.open(path).connect("dhcp1", direct=True).get_relationship("pair"),  # type: ignore[misc]
            "take over": lambda other=other: other.release("dhcp1", SCOPE + 301),  # type: ignore[misc]
        }
        counts.append({})
        for name, use in uses.items():
            lab.lease(SCOPE, b"client" + bytes(3))
            counts[-1][name] = lines(use)
    for name, few in counts[0].items():
        assert counts[1][name] < few * 1.2, name


@pytest.mark.skipif(sys.gettrace() is not None, reason="a debugger or coverage uses the trace function")
def test_a_call_costs_the_same_with_many_servers(tmp_path: Path) -> None:
    counts: list[dict[str, tuple[int, int]]] = []
    for pairs in (2, 12):
        lab = Lab.open(tmp_path / str(pairs))
        for number in range(pairs):
            lab.add_pair(
                f"p{number}", primary=f"a{number}", secondary=f"b{number}", scopes=[f"{SCOPE}/28"], direct=True
            )
        server = lab.connect("a0", direct=True)
        uses: dict[str, Callable[[], object]] = {
            "get": partial(server.get_relationship, "p0"),
            "set": partial(server.set_relationship, "p0", percentage=60),
            "lease": partial(lab.lease, SCOPE, b"client", server="a0"),
            "stop": partial(lab.stop, "b0"),
            "start": partial(lab.start, "b0"),
            "advance": partial(lab.advance, timedelta(seconds=1)),
        }
        counts.append({})
        for name, use in uses.items():
            with written(lab) as statements:
                run = lines(use)
            counts[-1][name] = run, len(statements)
    for name, (few, statements) in counts[0].items():
        assert counts[1][name][0] < few * 1.2, name
        assert counts[1][name][1] == statements, name


WORKER = """
    import random, sys
    from dhcpfo.errors import DhcpError
    from dhcpfo.simulator import Lab

    lab, rng = Lab.open(sys.argv[1]), random.Random(int(sys.argv[2]))
    servers = [lab.connect(name, direct=True) for name in lab.servers]
    print("ready", flush=True)
    while True:
        number = rng.randrange(250)
        try:
            match rng.randrange(8):
                case 0: rng.choice(servers).set_relationship("pair", percentage=number % 100)
                case 1: rng.choice(servers).set_option_value(15, f"lab{number}.test", scope="10.0.0.0")
                case 2: rng.choice(servers).delete_option_value(15, scope="10.0.0.0")
                case 3: lab.exclude("10.0.0.0", f"10.0.2.{number}")
                case 4: lab.reserve("10.0.0.0", f"10.0.3.{number}", bytes([number]))
                case 5: lab.add_scope(f"10.1.{number}.0/24")
                case 6: lab.remove_scope(f"10.1.{number}.0")
                case 7: lab.lease("10.0.0.0", bytes([number, number]))
        except DhcpError:
            pass
"""


@pytest.mark.parametrize("seed", range(2))
def test_kills_while_two_processes_write(tmp_path: Path, seed: int) -> None:
    """What the others have in memory is what the file holds, and they go on."""
    path = tmp_path / "lab.sqlite"
    lab = Lab.open(path)
    lab.add_pair("pair", scopes=["10.0.0.0/16"], shared_secret="correct horse", direct=True)
    rng = random.Random(seed)
    command = [sys.executable, "-c", textwrap.dedent(WORKER), str(path)]
    for round_ in range(2):
        workers = [subprocess.Popen([*command, str(rng.random())[2:]], stdout=subprocess.PIPE) for _ in range(2)]
        for worker in workers:
            assert worker.stdout is not None
            assert worker.stdout.readline().strip() == b"ready"
        time.sleep(rng.uniform(0.02, 0.2))
        for worker in workers:
            worker.kill()
            lab.lease(SCOPE, bytes([round_]))
        for worker in workers:
            assert worker.wait() == (-signal.SIGKILL if os.name == "posix" else 1)
            assert worker.stdout is not None
            worker.stdout.close()
        assert Lab.open(path).to_dict(secrets=True) == lab.to_dict(secrets=True)
        records = [{one.client_id: one.address for one in lab.clients(name, SCOPE)} for name in lab.servers]
        assert records[0] == records[1]
    with sqlite3.connect(path) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    file.close()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no file modes")
def test_the_log_has_the_permissions_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "lab.sqlite"
    before = os.umask(0)
    try:
        lab = Lab.open(path)
        lab.add_pair("pair", shared_secret="correct horse", direct=True)
        modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes == {"lab.sqlite": 0o600, "lab.sqlite-wal": 0o600, "lab.sqlite-shm": 0o600}
    lab.close()
    assert [entry.name for entry in tmp_path.iterdir()] == ["lab.sqlite"]


def test_a_file_of_a_newer_version(tmp_path: Path) -> None:
    path = tmp_path / "lab.sqlite"
    lab = Lab.open(path)
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA user_version = 3")
    file.close()
    for use in (lambda: lab.servers, lambda: Lab.open(path)):
        with pytest.raises(ValueError, match=r"lab\.sqlite holds a lab of format 3, from a newer version of dhcpfo"):
            use()


def test_deletions_are_forgotten_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has looked last before that reads everything."""
    monkeypatch.setattr("dhcpfo.simulator.store.schema.FORGETTING", 8)
    path = tmp_path / "lab.sqlite"
    lab, other = Lab.open(path), Lab.open(path)
    lab.add_server("dhcp1", "192.0.2.1")
    lab.add_scope("10.9.0.0/24")
    assert other.scopes("dhcp1") == (IPv4Address("10.9.0.0"),)
    lab.remove_scope("10.9.0.0")
    for number in range(30):
        lab.add_scope("10.1.0.0/24", last=f"10.1.0.{number + 1}")
        lab.remove_scope("10.1.0.0")
    with sqlite3.connect(path) as file:
        assert file.execute("SELECT count(*) FROM deleted").fetchone()[0] <= 16
    file.close()
    assert other.scopes("dhcp1") == ()
    assert other.to_dict() == lab.to_dict()
