"""Reads in the background: one for each pair at a time, shared, and never waited for."""

import threading
from datetime import timedelta

import pytest

from dhcpfo.serve.jobs import MOST_WAITING, Busy, Jobs


class Gate:
    """A job that runs until it is opened, and counts."""

    def __init__(self):
        self.begun = threading.Semaphore(0)
        self.opened = threading.Event()
        self.lock = threading.Lock()
        self.runs = self.now = self.most = 0

    def __call__(self):
        with self.lock:
            self.runs += 1
            self.now += 1
            self.most = max(self.most, self.now)
        self.begun.release()
        self.opened.wait(30)
        with self.lock:
            self.now -= 1
        return self.runs


@pytest.fixture
def gate():
    gate = Gate()
    yield gate
    gate.opened.set()


def test_who_asks_for_the_same_gets_the_same(gate):
    jobs = Jobs()
    outcomes = {id(jobs.ask("pair", "look", gate)) for _ in range(50)}
    gate.opened.set()
    assert len(outcomes) == 1
    assert jobs.ask("pair", "look", gate, keep=60).future.result(30) == 1
    assert jobs.ask("pair", "look", gate, keep=60).future.result(30) == 1
    assert jobs.ask("pair", "look", gate).future.result(30) == 2


def test_a_result_from_before_a_change_is_not_used(gate):
    jobs = Jobs()
    gate.opened.set()
    first = jobs.ask("pair", "look", gate, keep=60)
    first.future.result(30)
    assert jobs.ask("pair", "look", gate, keep=60, since=first.begun) is first
    again = jobs.ask("pair", "look", gate, keep=60, since=first.ended + 1)
    assert again.future.result(30) == 2


def test_one_job_of_a_pair_runs_at_a_time(gate):
    jobs = Jobs()
    outcomes = [jobs.ask("pair", number, gate) for number in range(8)]
    assert gate.begun.acquire(timeout=30)
    assert jobs.running_since("pair") is not None
    gate.opened.set()
    for outcome in outcomes:
        outcome.future.result(30)
    assert gate.most == 1
    assert jobs.unended() == 0


def test_a_hung_pair_delays_no_other(gate):
    jobs = Jobs()
    jobs.ask("hung", "look", gate)
    assert gate.begun.acquire(timeout=30)
    assert jobs.ask("other", "look", lambda: "fine").future.result(30) == "fine"
    assert not jobs.ask("hung", "look", gate).future.done()


def test_hung_pairs_do_not_use_up_the_limit(gate, monkeypatch):
    jobs = Jobs(at_once=2)
    for pair in range(2):
        jobs.ask(pair, "look", gate)
        assert gate.begun.acquire(timeout=30)
    waiting = jobs.ask("other", "look", lambda: "fine")
    assert waiting.begun is None  # two run
    monkeypatch.setattr("dhcpfo.serve.jobs.SLOW", 0.0)
    assert jobs.ask("other", "look", lambda: "fine") is waiting
    assert waiting.future.result(30) == "fine"


def test_no_more_than_the_limit_run_at_once(gate):
    jobs = Jobs(at_once=3)
    outcomes = [jobs.ask(pair, "look", gate) for pair in range(20)]
    for _ in range(3):
        assert gate.begun.acquire(timeout=30)
    gate.opened.set()
    for outcome in outcomes:
        outcome.future.result(30)
    assert gate.most <= 3


def test_errors_reach_who_asked():
    jobs = Jobs()

    def fail():
        raise KeyError("x")

    with pytest.raises(KeyError):
        jobs.ask("pair", "look", fail).future.result(30)
    assert jobs.ask("pair", "other", lambda: 1).future.result(30) == 1


def test_too_much_is_refused(gate):
    jobs = Jobs()
    jobs.ask("pair", "first", gate)
    assert gate.begun.acquire(timeout=30)
    for number in range(MOST_WAITING):
        jobs.ask("pair", number, gate)
    with pytest.raises(Busy):
        jobs.ask("pair", "one more", gate)


def test_results_are_forgotten():
    jobs = Jobs()
    for number in range(500):
        jobs.ask("pair", number, lambda: bytes(1000)).future.result(30)
    assert len(jobs._lines["pair"].outcomes) < 100


def test_the_page_does_not_wait_for_a_dead_server(browse, pairs, lab):
    """The overview comes at once; the living half of the pair is read on."""
    with browse(pairs, lab=lab, interval=timedelta(microseconds=1)) as page:
        page.fleet()
        lab.set_delay("dhcp2", timedelta(seconds=3))
        first = page.read("fleet")
        found = page.read("fleet")
        while found["pairs"][0]["servers"][0]["read"] == first["pairs"][0]["servers"][0]["read"]:
            found = page.read("fleet")  # it ends: dhcp1 is read although dhcp2 hangs
        assert found["pairs"][0]["relationships"][0]["copies"][1]["state"] == "NORMAL"  # as last known
        answer = page.client.get("/api/pairs/0/audit", headers={"x-dhcpfo-key": page.key})
        assert (answer.status_code, answer.json()) == (202, {"pending": True})


def test_browsers_share_what_is_read(browse, pairs, lab):
    with browse(pairs, lab=lab, interval=timedelta(seconds=60)) as page:
        first = page.fleet()
        for _ in range(20):
            again = page.fleet()
        reads = [[server["read"] for server in row["servers"]] for row in first["pairs"]]
        assert reads == [[server["read"] for server in row["servers"]] for row in again["pairs"]]


def test_a_job_waits_for_a_thread(gate, monkeypatch):
    start, lacking = threading.Thread.start, [True]

    def begin(thread):
        if lacking:
            raise RuntimeError("can't start new thread")
        start(thread)

    jobs = Jobs()
    running = jobs.ask("other", "look", gate)
    assert gate.begun.acquire(timeout=10)
    monkeypatch.setattr(threading.Thread, "start", begin)
    waiting = jobs.ask("pair", "look", gate)
    gate.opened.set()
    assert running.future.result(10) == 1
    assert (jobs.running_since("pair"), waiting.future.done()) == (None, False)
    lacking.clear()
    assert jobs.ask("pair", "look", gate) is waiting
    assert waiting.future.result(10) == 2
