"""``dhcpfo lab``: labs in files."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from dhcpfo.simulator import Lab

EXPORTS = Path(__file__).resolve().parents[1] / "simulator" / "exports"


@pytest.fixture
def new(tmp_path):
    """The path of a file that does not exist."""
    return str(tmp_path / "new.lab")


@pytest.fixture
def lab_run(run):
    """Run ``dhcpfo lab ...``."""
    return lambda *arguments: run("lab", *arguments, on_lab=False)


def test_init_makes_three_pairs_of_which_one_is_in_trouble(lab_run, new):
    answer = lab_run("init", new)
    assert answer.code == 0
    assert answer.lines[0] == f"{new}: made, with 6 servers and 3 relationships"
    shown = lab_run("show", new)
    assert [line.split()[0] for line in shown.lines[2:8]] == [
        f"{site}-dhcp{n}" for site in ("hq", "plant", "b17") for n in "12"
    ]
    assert "cut: b17-dhcp1 - b17-dhcp2" in shown.lines[0]
    assert shown.out.count("COMMUNICATION_INTERRUPTED") == 2
    assert shown.out.count("in contact with") == 4


def test_init_makes_the_pairs_that_are_named(lab_run, new):
    scopes = ["--scope", "10.1.0.0/24", "--scope", "10.1.1.0/24"]
    answer = lab_run("init", new, "--pair", "a,b", *scopes, "--pair", "c,d", "--json")
    assert answer.json["results"][0] | {"now": ""} == {
        "file": new,
        "now": "",
        "servers": ["a", "b", "c", "d"],
        "relationships": ["a-b", "c-d"],
    }
    with Lab.open(new) as lab:
        assert [str(scope) for name in "abd" for scope in lab.scopes(name)] == ["10.1.0.0", "10.1.1.0"] * 2 + [
            "10.2.0.0"
        ]
        assert lab.now == Lab.open(new).now  # it stands still


def test_init_without_servers_and_with_a_clock_that_runs(lab_run, new):
    assert lab_run("init", new, "--empty", "--rate", "3600").code == 0
    with Lab.open(new) as lab:
        first = lab.now
        time.sleep(0.02)
        assert lab.servers == ()
        assert lab.now - first > timedelta(seconds=30)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--scope", "10.0.0.0/24"], "--scope needs --pair A,B"),
        (["--empty", "--pair", "a,b"], "--empty cannot go with --pair or --scope"),
        (["--pair", "a"], "--pair must name two servers as A,B, got a"),
        (["--pair", "a,a"], "secondary must not be the primary server"),
        (["--pair", "a,b", "--scope", "10.0.0.0"], "10.0.0.0"),
        (["--rate", "-1"], "rate must not be negative"),
    ],
)
def test_init_refuses_what_cannot_be(lab_run, new, arguments, text):
    answer = lab_run("init", new, *arguments)
    assert answer.code == 3
    assert text in answer.err
    assert not Path(new).exists()


def test_init_and_snapshot_leave_a_file_that_exists(lab_run, run, path):
    before = Path(path).read_bytes()
    assert lab_run("init", path).code == 3
    answer = run("lab", "snapshot", path)
    assert answer.code == 3
    assert f"{path} exists already" in answer.err
    assert Path(path).read_bytes() == before


@pytest.mark.parametrize(
    "command",
    [["show"], ["advance", "5m"], ["cut", "a", "b"], ["mend"], ["stop", "a"], ["start", "a"], ["explain", "r"]],
)
def test_a_lab_that_does_not_exist_is_not_made(lab_run, new, command):
    answer = lab_run(command[0], new, *command[1:])
    assert answer.code == 3
    assert answer.err == f"dhcpfo: {new}: no such lab\n   try: dhcpfo lab init {new}\n"
    assert not Path(new).exists()


@pytest.mark.parametrize(
    "command",
    [
        ["relationship", "list"],
        ["scope", "list"],
        ["time"],
        ["audit"],
        ["check"],
        ["watch", "--times", "1"],
        ["report", "--html", "page.html"],
        ["lab", "show"],
        ["lab", "advance", "5m"],
    ],
    ids=" ".join,
)
def test_an_empty_file_is_not_taken_for_a_lab(run, new, tmp_path, monkeypatch, command):
    """Looking must not write to it: it may be what another program has begun, or a slip of the pen."""
    monkeypatch.chdir(tmp_path)
    Path(new).touch()
    given = [*command[:2], new, *command[2:]] if command[0] == "lab" else [*command, "--lab", new]
    answer = run(*given, on_lab=False)
    assert answer.code == 3
    assert f"{new} is empty; it holds no lab" in answer.out + answer.err
    assert Path(new).read_bytes() == b""
    assert {file.name for file in tmp_path.iterdir()} <= {"a.lab", "a.lab-shm", "a.lab-wal", Path(new).name}


def test_a_file_of_something_else_is_left_alone(lab_run, tmp_path):
    other = tmp_path / "notes.txt"
    other.write_text("my notes")
    answer = lab_run("show", other)
    assert answer.code == 3
    assert other.read_text() == "my notes"


def test_a_cable_is_cut_and_mended(lab_run, lab, path):
    assert lab_run("cut", path, "dhcp1", "dhcp2").code == 0
    advanced = lab_run("advance", path, "5m")
    assert [line.split()[2:5] for line in advanced.lines[2:]] == [
        [server, "hq-branch", "COMMUNICATION_INTERRUPTED"] for server in ("dhcp1", "dhcp2")
    ]
    assert "the link between dhcp1 and dhcp2 is cut" in lab_run("explain", path, "hq-branch").out
    assert lab_run("advance", path, "settle").code == 2
    assert lab_run("mend", path).code == 0
    settled = lab_run("advance", path, "settle", "--json").json["results"][0]
    assert settled["transitions"][-1]["state"] == "NORMAL"
    assert lab.connect("dhcp1").get_relationship("hq-branch").state.name == "NORMAL"


def test_a_server_is_stopped_powered_off_and_started(lab_run, lab, path):
    for options, power in ([], "stopped"), (["--power"], "off"):
        assert lab_run("stop", path, "dhcp2", *options).code == 0
        assert lab_run("show", path, "--json").json["results"][0]["servers"][1]["power"] == power
        assert lab_run("start", path, "dhcp2").code == 0
        assert lab_run("show", path, "--json").json["results"][0]["servers"][1]["power"] == "running"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["stop", "dhcp9"], "the lab has no server dhcp9; it has dhcp1, dhcp2"),
        (["cut", "dhcp1", "x"], "the lab has no server x"),
        (["mend", "dhcp1"], "name both servers, or none"),
        (["advance", "soon"], "TIME must be a time such as 90s, 45m or 1h30m, got soon"),
        (["advance", "99999999d"], "the clock of a lab ends at"),
        (["explain", "hq"], "no server has a relationship hq"),
    ],
)
def test_a_wrong_name_is_said(lab_run, path, arguments, text):
    answer = lab_run(arguments[0], path, *arguments[1:])
    assert answer.code == 3
    assert text in answer.err


def test_exports_and_dumps_are_loaded(lab_run, new):
    first = lab_run("load", new, EXPORTS / "office.xml", "dhcp1")
    assert first.out.startswith("Export-DhcpServer -> dhcp1: ")
    second = lab_run("load", new, EXPORTS / "branch.txt", "--json")
    found = second.json["results"][0]
    assert found["source"] == "netsh dhcp server dump"
    assert second.code == (2 if found["unread"] else 0)
    with Lab.open(new) as lab:
        assert len(lab.servers) == 2


def test_a_file_that_is_no_export_makes_no_lab(lab_run, new, tmp_path):
    (tmp_path / "x.xml").write_text("<html/>")
    assert lab_run("load", new, tmp_path / "x.xml", "dhcp1").code == 3
    assert lab_run("load", new, tmp_path / "missing.xml", "dhcp1").code == 3
    assert lab_run("load", new, EXPORTS / "office.xml", "dhcp1", "--time-zone", "Middle/Earth").code == 3
    assert not Path(new).exists()


def test_a_snapshot_of_a_pair(run, lab_run, lab, new):
    lab.lease("10.0.1.0", "00-15-5d-01-02-03", name="pc")
    answer = run("lab", "snapshot", new, "--pair", "dhcp1,dhcp2")
    assert answer.code == 0
    assert "dhcp1: 1 relationship, 3 scopes, 0 reservations, 1 lease" in answer.out
    assert "left out on dhcp2: the shared secret of hq-branch: secrets are not copied" in answer.out
    assert lab_run("stop", new, "dhcp1").code == 0
    assert lab.connect("dhcp1").get_version() is not None  # the original goes on
    with Lab.open(new) as copy:
        assert [client.name for client in copy.clients("dhcp2", "10.0.1.0")] == ["pc"]


def test_a_snapshot_says_what_it_could_not_read(run, lab, new):
    lab.fail("dhcp2", "enum_filters", 5)
    answer = run("lab", "snapshot", new, "--no-leases", "--json")
    assert answer.code == 6
    assert answer.json["results"][0]["unread"][0]["error"]["code"] == 5
    lab.power_off("dhcp2")
    other = f"{new}2"
    assert run("lab", "snapshot", other).code == 6
    assert not Path(other).exists()


LOOP = """
import sys
from dhcpfo.cli import main
path, server, count = sys.argv[1:]
print("ready", flush=True)
for number in range(int(count)):
    command = ["stop", path, server] if number % 2 == 0 else ["start", path, server]
    for each in (command, ["advance", path, "1s"]):
        assert main(["lab", *each, "--quiet"]) == 0
    print(number, flush=True)
"""


def start(path, server, count):
    command = [sys.executable, "-c", LOOP, path, server, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUTF8": "1"})


def test_two_programs_on_one_file_lose_nothing(lab, path):
    before = lab.now
    workers = [start(path, server, 7) for server in ("dhcp1", "dhcp2")]
    for worker in workers:
        worker.communicate(timeout=120)
        assert worker.returncode == 0
    assert lab.now - before == timedelta(seconds=14)
    states = {row["server"]: row["power"] for row in lab.overview()["servers"]}
    assert states == {"dhcp1": "stopped", "dhcp2": "stopped"}


@pytest.mark.parametrize("seed", range(3))
def test_a_kill_in_a_write_loses_nothing(lab, path, seed):
    before = lab.now
    worker = start(path, "dhcp1", 100_000)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    time.sleep(0.3 + random.Random(seed).uniform(0, 0.3))
    worker.kill()
    done = len(worker.stdout.read().split())
    worker.stdout.close()
    assert worker.wait() == (-signal.SIGKILL if os.name == "posix" else 1)
    with Lab.open(path) as again:
        passed = (again.now - before).total_seconds()
        assert passed - done in (0, 1)
        again.advance(timedelta(seconds=1))
        assert {row["state"] for row in again.overview()["relationships"]}
