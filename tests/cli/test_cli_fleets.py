"""Many pairs at once: servers that hang, Ctrl-C, the log of a run and ``--only-failed``."""

import json
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest

from dhcpfo.cli.targets import Targets
from dhcpfo.fleet.servers import lab_at
from dhcpfo.simulator import Lab

NAMES = ("p1", "p2", "p3")


@pytest.fixture
def fleet(tmp_path, monkeypatch):
    """Three pairs in a lab and in a file, with a percentage to change in each; the file's command lines take them."""
    monkeypatch.chdir(tmp_path)
    pairs = []
    with Lab.open(tmp_path / "fleet.lab") as lab:
        for at, name in enumerate(NAMES, 1):
            lab.add_pair(f"r{at}", scopes=[f"10.{at}.0.0/24"], primary=f"a{at}", secondary=f"b{at}", percentage=50)
            relationship = f"r{at}: {{percent: 60, scopes: [10.{at}.0.0]}}"
            pairs.append(f"  {name}: {{servers: [a{at}, b{at}], relationships: {{{relationship}}}}}\n")
        (tmp_path / "fleet.yaml").write_text("version: 1\npairs:\n" + "".join(pairs), "utf-8")
        yield lab


@pytest.fixture(autouse=True)
def python_s_handler():
    """Let Ctrl-C raise, even where it is ignored: in programs that a shell starts in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def calls_have_ended():
    """Wait for the calls that a command has left to themselves: what they hold would count as a leak."""
    yield
    end = time.monotonic() + 20
    while any(thread.name.startswith(("dhcpfo-p", "dhcpfo-read")) for thread in threading.enumerate()):
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def go(run, fleet):
    """Run a command on the fleet."""

    def go(command, *options, **more):
        named = ("fleet.yaml",) if command[0] in ("plan", "apply") else ("-f", "fleet.yaml")
        return run(*command, *named, *options, "--lab", "fleet.lab", on_lab=False, **more)

    return go


@pytest.fixture
def held(fleet, monkeypatch, calls_have_ended):
    """Make all commands use the lab of this test; what hangs in it is released at the end."""
    monkeypatch.setattr(Targets, "lab", fleet)
    release = threading.Event()
    yield release
    release.set()


def press():
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)


def presses(release):
    """Return a hook that presses Ctrl-C and hangs."""
    return lambda: press() or release.wait(60)


HANGS = """
import sys, threading
from dhcpfo.cli import main
from dhcpfo.cli.targets import Targets
from dhcpfo.simulator import Lab

lab = Targets.lab = Lab.open("fleet.lab")
lab.before("b2", None, lambda: threading.Event().wait(), every=True)
sys.exit(main(["audit", "-f", "fleet.yaml", "--lab", "fleet.lab", "--pair", "b2,a3", "--time-limit", "1s", "--json"]))
"""


def test_a_server_that_hangs_is_unknown_and_the_exit_does_not_wait(fleet):
    ended = subprocess.run([sys.executable, "-c", HANGS], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 6, ended.stderr
    told = json.loads(ended.stdout)
    one, other = sorted(told["unknown"], key=lambda one: one["kind"])
    assert {one["pair"], other["pair"]} == {"p2", "b2,a3"}
    assert (one["kind"], one["exit"], other["kind"], other["exit"]) == ("abandoned", 6, "silent", 6)
    assert {call["server"] for call in one["calls"]} == {"b2"}
    assert "has not returned; it reads only" in one["message"]
    assert other["message"] == f"not tried: b2 has not returned from a call of pair {one['pair']}"


def test_a_pair_that_is_named_twice_is_taken_once(go, run, path, tmp_path):
    twice = run("relationship", "list", "--pair", "dhcp1,dhcp2", "--pair", "dhcp1,dhcp2", "--json")
    assert [one["pair"] for one in twice.json["results"]] == ["dhcp1,dhcp2"]
    (tmp_path / "fleet.yaml").write_text("version: 1\npairs: {'a1,b1': {servers: [a2, b2]}}\n", "utf-8")
    other = go(("audit",), "--pair", "a1,b1")
    assert (other.code, other.err) == (3, "dhcpfo: two pairs have the name a1,b1\n")


# Ctrl-C


def test_ctrl_c_keeps_what_an_audit_has_found(go, fleet, held):
    fleet.connect("a1").set_relationship("r1", percentage=70)
    fleet.before("b2", None, presses(held))
    answer = go(("audit",), "--parallel", "1")
    assert answer.code == 130
    assert "percentage-differs" in answer.out
    assert answer.err.splitlines() == ["dhcpfo: interrupted; 2 pairs are unknown or not begun"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_keeps_what_a_list_has_read(go, fleet, held):
    fleet.before("b2", None, presses(held))
    answer = go(("relationship", "list"), "--parallel", "1", "--json")
    assert answer.code == 130
    assert [one["pair"] for one in answer.json["results"]] == ["p1"]
    assert {one["pair"]: one["kind"] for one in answer.json["unknown"]} == {"p2": "interrupted", "p3": "cancelled"}


def test_ctrl_c_writes_no_report_of_half_a_fleet(go, fleet, held, tmp_path):
    fleet.before("b2", None, presses(held))
    assert go(("report",), "--html", "fleet.html").code == 130
    assert not (tmp_path / "fleet.html").exists()


def test_ctrl_c_in_a_plan_shows_what_was_planned_and_keeps_no_file(go, fleet, tmp_path):
    release = threading.Event()
    lab_at("fleet.lab").before("b2", None, presses(release))
    answer = go(("plan",), "-v", "-o", "plan.json", "--parallel", "1")
    release.set()
    assert answer.code == 130
    assert "percentage 50 → 60" in answer.out
    assert not (tmp_path / "plan.json").exists()


def test_ctrl_c_twice_in_an_apply_waits_for_nothing(go, fleet):
    release = threading.Event()

    def twice():
        press()
        threading.Timer(0.2, press).start()
        release.wait(60)

    lab_at("fleet.lab").before("b2", "set_relationship", twice)
    answer = go(("apply",), "--yes", "--parallel", "1", "--log", "last.jsonl", "--json")
    release.set()
    assert answer.code == 5
    assert [one["pair"] for one in answer.json["results"] if one.get("outcome") == "changed"] == ["p1"]
    kinds = {one["pair"]: one["kind"] for one in answer.json["unknown"]}
    assert kinds == {"p2": "interrupted", "p3": "cancelled"}
    assert failed("last.jsonl") == ["p2", "p3"]


TWICE = """
import sys, threading
from signal import SIGINT, default_int_handler, raise_signal, signal
from dhcpfo.cli import main
from dhcpfo.fleet.servers import lab_at

def press():
    try:
        from signal import pthread_kill
    except ImportError:
        raise_signal(SIGINT)
    else:
        pthread_kill(threading.main_thread().ident, SIGINT)

def twice():
    press()
    threading.Timer(0.3, press).start()
    threading.Event().wait()

signal(SIGINT, default_int_handler)
lab_at("fleet.lab").before("b2", "set_relationship", twice)
sys.exit(main(["apply", "fleet.yaml", "--lab", "fleet.lab", "--yes", "--parallel", "1"]))
"""


def test_ctrl_c_in_an_apply_says_that_it_waits(fleet):
    ended = subprocess.run([sys.executable, "-c", TWICE], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 5, ended.stderr
    assert [line for line in ended.stderr.splitlines() if line] == [
        "dhcpfo: interrupted: waiting for the pairs under way, which go back; Ctrl-C again does not wait for them",
        "dhcpfo: p2: interrupted; what was under way is unknown; "
        "DhcpV4FailoverSetRelationship on b2 has not returned; its outcome is unknown",
        "dhcpfo: interrupted: changes that were under way are undone, unless a line above says otherwise; "
        "2 pairs are unknown or not begun",
    ]
    assert ended.stdout.splitlines()[-1] == "Applied: 1 pair of 3 as the file says."


# The log


def failed(path):
    from dhcpfo.fleet import failed_pairs

    return failed_pairs(path)


def test_only_failed_pairs_are_audited_again(go, fleet):
    log = ("--log", "last.jsonl", "--only-failed", "last.jsonl")
    fleet.power_off("b2")
    assert go(("audit",), "--log", "last.jsonl").code == 6
    assert failed("last.jsonl") == ["p2"]
    again = go(("audit",), *log, "--json")
    assert {one["pair"] for one in again.json["results"]} == {"p2"}
    fleet.start("b2")
    fleet.settle(timedelta(days=1))
    assert go(("audit",), *log).code == 0
    assert go(("audit",), *log).lines == ["last.jsonl: no pair failed"]


def test_only_failed_pairs_are_applied_again(go, fleet):
    log = ("--log", "last.jsonl", "--only-failed", "last.jsonl")
    lab_at("fleet.lab").fail("a2", "set_relationship", 5)
    first = go(("apply",), "--yes", "--log", "last.jsonl")
    assert first.code != 0
    assert failed("last.jsonl") == ["p2"]
    planned = go(("plan",), "--json", *log)
    assert [one["pair"] for one in planned.json["results"]] == ["p2"]
    assert failed("last.jsonl") == ["p2"]  # a plan mends nothing
    lab_at("fleet.lab").clear_faults("a2")
    assert go(("apply",), "--yes", *log).lines[-1] == "Applied: 1 pair of 1 as the file says."
    assert failed("last.jsonl") == []
    assert go(("apply",), "--yes", *log).code == 0


def test_a_pair_that_a_guard_stops_has_failed(go, fleet, tmp_path):
    text = (tmp_path / "fleet.yaml").read_text("utf-8")
    (tmp_path / "fleet.yaml").write_text(text.replace("scopes: [10.2.0.0]", "scopes: {only: true, list: []}"), "utf-8")
    assert go(("apply",), "--yes", "--log", "last.jsonl").code == 4
    assert failed("last.jsonl") == ["p2"]


def test_the_log_and_only_failed_need_logs(go, fleet, tmp_path):
    before = (tmp_path / "fleet.yaml").read_bytes()
    for command in (("audit",), ("plan",), ("apply",)):
        for option in ("--log", "--only-failed"):
            assert go(command, option, "fleet.yaml").code == 3
        assert go(command, "--only-failed", "missing.jsonl").code == 3
    assert (tmp_path / "fleet.yaml").read_bytes() == before
    (tmp_path / "other.jsonl").write_text('{"event": "begin", "pair": "elsewhere", "job": "audit"}\n', "utf-8")
    answer = go(("audit",), "--only-failed", "other.jsonl")
    assert (answer.code, "none of the pairs that failed is among those chosen: elsewhere" in answer.err) == (3, True)
    with (tmp_path / "other.jsonl").open("a") as log:
        log.write('{"event": "begin", "pair": "p1", "job": "audit"}\n')
    assert "not among the pairs chosen: elsewhere" in go(("audit",), "--only-failed", "other.jsonl").err
