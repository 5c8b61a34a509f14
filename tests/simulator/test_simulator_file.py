"""A lab kept in a file: shared by processes, and whole after a kill at any moment."""

import os
import pickle
import random
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from dhcpfo import FailoverState, Relationship, Server, ServerType
from dhcpfo.errors import DhcpError, ServerUnavailableError
from dhcpfo.simulator import Clock, Lab, Rights
from dhcpfo.simulator.store import FileStore

SCOPE = IPv4Address("10.0.0.0")

WORKER = """
    import sys
    from dhcpfo.simulator import Lab

    path, worker, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    lab = Lab.open(path)
    print("ready", flush=True)
    for number in range(count):
        record = lab.lease("10.0.0.0", bytes([worker, number % 256, number // 256]), name=f"{worker}-{number}")
        print(record.address if record else None, flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lab.sqlite"


@pytest.fixture
def stored(path: Path) -> Lab:
    """A lab in a file, with a relationship in NORMAL."""
    lab = Lab.open(path)
    for number in (1, 2):
        lab.add_server(f"dhcp{number}", f"192.0.2.{number}")
    lab.add_scope("10.0.0.0/16")
    for name, role in (("dhcp2", ServerType.SECONDARY), ("dhcp1", ServerType.PRIMARY)):
        lab.connect(name, direct=True).create_relationship(
            Relationship(
                name="pair",
                primary_server="192.0.2.1",
                secondary_server="192.0.2.2",
                server_type=role,
                scopes=[SCOPE],
                shared_secret="correct horse battery",
            )
        )
    lab.settle()
    return lab


@contextmanager
def statements(lab: Lab) -> Iterator[list[str]]:
    """What SQLite is told to do."""
    store = lab._transactions.store
    assert isinstance(store, FileStore)
    done: list[str] = []
    store._file.connection.set_trace_callback(lambda text: done.append(text.strip()))
    yield done
    store._file.connection.set_trace_callback(None)


def start_worker(path: Path, worker: int, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", textwrap.dedent(WORKER), str(path), str(worker), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})


def test_what_one_lab_does_another_sees(stored: Lab, path: Path) -> None:
    other = Lab.open(path)
    assert other.to_dict(secrets=True) == stored.to_dict(secrets=True)
    stored.advance(timedelta(days=1))
    other.connect("dhcp2", direct=True).set_relationship("pair", percentage=77)
    assert other.now == stored.now
    assert stored.connect("dhcp2", direct=True).get_relationship("pair").percentage == 77


def test_secrets_survive_in_the_file_which_is_the_owners(stored: Lab, path: Path) -> None:
    held = Lab.open(path).connect("dhcp1", direct=True).get_relationship("pair")
    assert held.shared_secret == "correct horse battery"
    assert held.state is FailoverState.NORMAL
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_settings_belong_to_the_file(path: Path) -> None:
    first = Lab.open(path, clock=Clock.scaled(0.5))
    later = Lab.open(path, clock=Clock.by_hand())
    assert first.to_dict()["clock"] == later.to_dict()["clock"]


def test_a_lost_answer_is_kept_and_a_mistake_is_not(stored: Lab, path: Path) -> None:
    stored.drop("dhcp1", "delete_relationship", carried_out=True)
    server = stored.connect("dhcp1", direct=True)
    with pytest.raises(ServerUnavailableError):
        server.delete_relationship("pair")
    before = Lab.open(path).to_dict()
    assert before["hosts"]["dhcp1"]["endpoints"] == []
    with pytest.raises(TypeError):
        stored.advance("an hour")  # type: ignore[arg-type]
    assert Lab.open(path).to_dict() == stored.to_dict() == before


def test_a_server_pickles(stored: Lab, route: str) -> None:
    server = stored.connect("dhcp1", rights=Rights.USER, direct=route == "direct")
    copy: Server = pickle.loads(pickle.dumps(server))
    assert type(copy.api) is type(server.api)
    assert copy.get_relationship("pair") == server.get_relationship("pair")
    assert copy.name == "dhcp1"
    with pytest.raises(DhcpError) as refused:
        copy.delete_relationship("pair")
    assert refused.value.winerror == 5


def test_threads_share_a_file(stored: Lab, path: Path) -> None:
    def work(worker: int) -> None:
        lab = Lab.open(path) if worker % 2 else stored
        for number in range(5):
            assert lab.lease(SCOPE, bytes([worker, number])) is not None

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert len(stored.clients("dhcp1", SCOPE)) == 40


def test_two_processes_at_once(stored: Lab, path: Path) -> None:
    """Nothing that either did is lost, and no address is given twice."""
    workers = [start_worker(path, worker, 40) for worker in (1, 2)]
    given = []
    for worker in workers:
        output, _ = worker.communicate(timeout=120)
        assert worker.returncode == 0
        given += output.split()[1:]
    assert len(given) == len(set(given)) == 80
    for name in ("dhcp1", "dhcp2"):
        assert {str(record.address) for record in stored.clients(name, SCOPE)} == set(given)


@pytest.mark.parametrize("seed", range(6))
def test_a_kill_at_any_moment_leaves_a_whole_state(stored: Lab, path: Path, seed: int) -> None:
    """All that was reported is there, at most one change more, and both servers agree."""
    worker = start_worker(path, 1, 100_000)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    time.sleep(random.Random(seed).uniform(0, 0.25))
    worker.kill()
    reported = worker.stdout.read().split()
    worker.stdout.close()
    assert worker.wait() == (-signal.SIGKILL if os.name == "posix" else 1)
    lab = Lab.open(path)
    records = [{str(record.address): record.name for record in lab.clients(name, SCOPE)} for name in ("dhcp1", "dhcp2")]
    assert records[0] == records[1]
    assert len(records[0]) - len(reported) in (0, 1)
    assert set(reported) <= records[0].keys()
    assert lab.lease(SCOPE, b"\x09") is not None
    with sqlite3.connect(path) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    file.close()


def test_a_killed_first_opening_leaves_a_usable_file(path: Path) -> None:
    """The file can be there and empty."""
    path.touch()
    lab = Lab.open(path)
    lab.add_server("dhcp1", "192.0.2.1")
    assert Lab.open(path).servers == ("dhcp1",)


def test_reading_writes_nothing(stored: Lab, path: Path) -> None:
    """Except for events that became due, and faults that a reading call uses up."""
    server = stored.connect("dhcp1", direct=True)
    before = path.stat().st_mtime_ns, path.read_bytes()
    server.get_relationship("pair")
    server.get_system_time()
    assert (stored.servers, stored.now) == (("dhcp1", "dhcp2"), Lab.open(path).now)
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before
    stored.fail("dhcp1", "get_relationship", 13)
    for lab in (stored, Lab.open(path)):
        if lab is stored:
            with pytest.raises(DhcpError):
                server.get_relationship("pair")
        assert lab.connect("dhcp1", direct=True).get_relationship("pair").name == "pair"


def test_a_call_without_delay_is_one_transaction(stored: Lab) -> None:
    server = stored.connect("dhcp1", direct=True)
    with statements(stored) as done:
        server.get_relationship("pair")
    assert [statement for statement in done if "BEGIN" in statement] == ["BEGIN IMMEDIATE"]
    assert not [statement for statement in done if re.match("INSERT|UPDATE|DELETE", statement)]


def change_row(path: Path, statement: str, *values: object) -> None:
    """Do something to a file that no lab does."""
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(statement, values)


def assert_refused(path: Path, call: Callable[[], object], *hidden: str) -> None:
    """A call refuses what the file holds, by its name, and shows nothing of it in the error or what hangs on it."""
    with pytest.raises(ValueError, match="holds no lab that this version can read") as refused:
        call()
    error: BaseException | None = refused.value
    assert str(path) in str(error)
    assert error is not None
    assert error.__cause__ is None
    assert isinstance(error.__context__, sqlite3.DatabaseError | None)
    shown = [repr(error), repr(vars(error))]
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if "dhcpfo" in frame.f_code.co_filename:
            shown += map(repr, frame.f_locals.values())
    for text in hidden:
        assert not [part for part in shown if text in part]


def test_an_empty_file_becomes_a_lab_only_if_that_is_wanted(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Lab.open(path, create=False)
    path.touch()
    with pytest.raises(ValueError, match="is empty; it holds no lab"):
        Lab.open(path, create=False)
    assert path.read_bytes() == b""
    Lab.open(path).close()
    Lab.open(path, create=False).close()


def test_a_file_of_something_else_is_refused(path: Path) -> None:
    path.write_bytes(b"not a lab" * 1000)
    assert_refused(path, lambda: Lab.open(path))
    assert path.read_bytes() == b"not a lab" * 1000


@pytest.mark.parametrize("table", ["song (title TEXT)", "lab (only INTEGER PRIMARY KEY, state TEXT)"])
def test_the_database_of_something_else_is_refused_and_left_alone(path: Path, table: str) -> None:
    change_row(path, f"CREATE TABLE {table}")
    before = path.read_bytes()
    assert_refused(path, lambda: Lab.open(path))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE object SET doc = substr(doc, 1, length(doc) - 9)",
        "UPDATE object SET doc = replace(doc, '\"name\"', '\"x\"') WHERE kind = 'hosts'",
        'UPDATE object SET doc = replace(doc, \'"percentage":50\', \'"percentage":"much"\')',
        "UPDATE object SET doc = 'null' WHERE kind = 'scopes'",
        "UPDATE object SET kind = 'nothing' WHERE kind = 'endpoints'",
        "UPDATE object SET kind = 'name.x' WHERE kind = 'endpoints'",
        "UPDATE object SET server = 9 WHERE kind = 'scopes' AND server = 1",
        "UPDATE object SET key = 'x' WHERE kind = 'scopes'",
        "DELETE FROM object WHERE kind = 'lab'",
        "DELETE FROM state",
        "DROP TABLE object",
        "PRAGMA user_version = 1",
        "PRAGMA application_id = 1",
    ],
)
def test_a_damaged_file_is_refused_without_showing_it(stored: Lab, path: Path, change: str) -> None:
    server = stored.connect("dhcp1", direct=True)
    change_row(path, change)
    secret = "correct horse battery"
    for call in (lambda: Lab.open(path), lambda: stored.servers, lambda: server.get_relationship("pair")):
        assert_refused(path, call, secret)


@pytest.mark.skipif(os.name != "posix", reason="Windows does not delete a file that is open")
def test_a_file_that_vanished_stays_away(stored: Lab, path: Path) -> None:
    """SQLite alone would create it again, readable by everybody."""
    server = stored.connect("dhcp1", direct=True)
    kept = pickle.dumps(server)
    path.unlink()
    for call in (lambda: server.get_relationship("pair"), lambda: pickle.loads(kept), lambda: stored.now):
        with pytest.raises(FileNotFoundError) as gone:
            call()
        assert gone.value.filename == str(path)
    assert not path.exists()


def test_a_file_in_no_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        Lab.open(tmp_path / "nowhere" / "lab.sqlite")


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="folder permissions do not apply to root or on Windows"
)
def test_a_folder_that_cannot_be_written(stored: Lab, path: Path) -> None:
    """SQLite keeps its journal beside the file."""
    path.parent.chmod(0o500)
    try:
        with pytest.raises(OSError, match=re.escape(str(path))):
            stored.advance(timedelta(seconds=1))
        with pytest.raises(PermissionError):
            Lab.open(path.parent / "other")
    finally:
        path.parent.chmod(0o700)


def test_any_name_is_the_name_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a b#c%41&é;=+.sqlite"
    Lab.open(path).add_server("dhcp1", "192.0.2.1")
    assert Lab.open(path).servers == ("dhcp1",)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
