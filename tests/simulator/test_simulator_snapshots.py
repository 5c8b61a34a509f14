"""Snapshots of a lab: kept, gone back to, whole after a fork or a kill."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from dhcpfo.simulator import Clock, Lab

SCOPE = IPv4Address("10.0.0.0")


@pytest.fixture(params=["memory", "file"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    """A pair in NORMAL with a client, in memory and in a file."""
    lab = Lab() if request.param == "memory" else Lab.open(tmp_path / "lab.sqlite")
    lab.add_pair("pair", shared_secret="correct horse", direct=True)
    lab.lease(SCOPE, b"first")
    yield lab
    lab.close()


def rehearse(lab: Lab) -> None:
    lab.power_off("dhcp1")
    lab.fail("dhcp2", "get_relationship", 5)
    lab.advance(timedelta(days=40))
    lab.lease(SCOPE, b"second")
    lab.connect("dhcp2", direct=True).delete_relationship("pair")
    lab.remove_scope(SCOPE, servers=["dhcp2"], force=True)
    lab.add_scope("10.7.0.0/24")


def test_a_rehearsal_is_undone(kept: Lab) -> None:
    before = kept.to_dict(secrets=True)
    kept.snapshot()
    for _ in range(2):
        rehearse(kept)
        assert kept.to_dict(secrets=True) != before
        kept.restore()
        assert kept.to_dict(secrets=True) == before
        assert len(kept.clients("dhcp2", SCOPE)) == 1
    kept.lease(SCOPE, b"third")
    kept.advance(timedelta(days=1))
    assert kept.connect("dhcp1", direct=True).get_relationship("pair").state.name == "NORMAL"


def test_snapshots_have_names(kept: Lab) -> None:
    assert kept.snapshots == ()
    kept.snapshot("empty")
    kept.lease(SCOPE, b"second")
    kept.snapshot("two \ud800")
    kept.snapshot("again")
    kept.lease(SCOPE, b"third")
    kept.snapshot("empty")
    assert kept.snapshots == ("two \ud800", "again", "empty")
    kept.restore("two \ud800")
    assert len(kept.clients("dhcp1", SCOPE)) == 2
    kept.restore("empty")
    assert len(kept.clients("dhcp1", SCOPE)) == 3
    kept.delete_snapshot("again")
    for use in (kept.restore, kept.delete_snapshot):
        with pytest.raises(ValueError, match=r"no snapshot 'again'; it has 'two .ud800', 'empty'"):
            use("again")
    with pytest.raises(ValueError, match="name must not be empty"):
        kept.snapshot("")
    assert kept.snapshots == ("two \ud800", "empty")


def test_without_a_snapshot(kept: Lab) -> None:
    with pytest.raises(ValueError, match="no snapshot 'snapshot'; it has none"):
        kept.restore()


def test_a_clock_that_runs_goes_on() -> None:
    lab = Lab(clock=Clock.real())
    before = lab.now
    lab.snapshot()
    lab.restore()
    assert lab.now >= before


def test_another_process_goes_back_too(tmp_path: Path) -> None:
    path = tmp_path / "lab.sqlite"
    lab, other = Lab.open(path), Lab.open(path)
    lab.add_pair("pair", direct=True)
    lab.snapshot()
    other.lease(SCOPE, b"second")
    rehearse(lab)
    other.restore()
    assert lab.to_dict(secrets=True) == other.to_dict(secrets=True) == Lab.open(path).to_dict(secrets=True)
    assert lab.clients("dhcp1", SCOPE) == ()
    other.lease(SCOPE, b"second")
    assert len(lab.clients("dhcp1", SCOPE)) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_fork_has_the_snapshots(kept: Lab) -> None:
    """A child's copy of a lab in memory is its own; a lab in a file is shared."""
    kept.snapshot()
    rehearse(kept)
    child = os.fork()
    if not child:
        try:
            kept.restore()
            os._exit(0 if len(kept.clients("dhcp1", SCOPE)) == 1 else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert (len(kept.connect("dhcp2", direct=True).relationships()) == 1) is kept.in_file
    kept.restore()
    assert len(kept.connect("dhcp2", direct=True).relationships()) == 1


WORKER = """
    import sys
    from dhcpfo.simulator import Lab

    lab = Lab.open(sys.argv[1])
    print("ready", flush=True)
    while True:
        lab.snapshot("other")
        lab.restore("full")
        lab.restore("start")
        lab.delete_snapshot("other")
"""


@pytest.mark.parametrize("seed", range(4))
def test_a_kill_leaves_one_state_or_the_other(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "lab.sqlite"
    lab = Lab.open(path)
    lab.add_pair("pair", scopes=["10.0.0.0/16"], direct=True)
    lab.snapshot("start")
    for number in range(300):
        lab.lease(SCOPE, number.to_bytes(2))
    lab.snapshot("full")
    command = [sys.executable, "-c", textwrap.dedent(WORKER), str(path)]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    time.sleep(random.Random(seed).uniform(0.01, 0.15))
    worker.kill()
    worker.stdout.close()
    assert worker.wait() == (-signal.SIGKILL if os.name == "posix" else 1)
    counts = [len(one.clients(name, SCOPE)) for one in (lab, Lab.open(path)) for name in lab.servers]
    assert counts in ([0] * 4, [300] * 4)
    assert set(lab.snapshots) - {"other"} == {"start", "full"}
    lab.restore("full")
    assert len(Lab.open(path).clients("dhcp2", SCOPE)) == 300
    with sqlite3.connect(path) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    file.close()
