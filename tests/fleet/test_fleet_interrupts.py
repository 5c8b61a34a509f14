"""Ctrl-C and errors while results are collected: each pair gets exactly one result, and nothing hangs."""

import signal
import sys
import threading
import weakref
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from fleets import Hanging, fleet, settled

import dhcpfo.fleet.fleet_run
import dhcpfo.fleet.turns
import dhcpfo.fleet.work
from dhcpfo.fleet import Answer, ApplyJob, Audit, Operation, run
from dhcpfo.simulator import Lab

RUNNER = dhcpfo.fleet.fleet_run.__file__
FILES = RUNNER, dhcpfo.fleet.turns.__file__, dhcpfo.fleet.work.__file__
TAKEN = "        return result\n"
"""Before this line of `FleetRun.__next__` no signal is looked for: there is no call since the line before."""


@pytest.fixture(autouse=True)
def python_s_handler():
    """Let Ctrl-C raise, even where it is ignored: in programs that a shell starts in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press():
    """Press Ctrl-C from another thread; a wait of the main thread ends."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)


@dataclass(frozen=True)
class Nothing:
    """A job that makes no call."""

    name = "nothing"
    time_limit = timedelta(seconds=60)

    def do(self, pair, progress):
        return Answer(outcome="unchanged")


@dataclass(frozen=True)
class Reads(Nothing):
    """The same, so that pairs are laid out for threads that have done theirs."""

    reads_only = True


class At:
    """Presses Ctrl-C before the n-th line of a run that the main thread comes to, once or twice."""

    def __init__(self, number, times=1):
        self.left = number
        self.times = times
        self.source = Path(RUNNER).read_text("utf-8").splitlines(keepends=True)

    def __call__(self, frame, event, argument):
        if frame.f_code.co_filename not in FILES or frame.f_code.co_name == "__del__":
            return None
        if event == "line":
            self.left -= 1
            taken = frame.f_code.co_name == "__next__" and self.source[frame.f_lineno - 1] == TAKEN
            if self.left <= 0 and not taken:
                sys.settrace(None)
                for _ in range(self.times):
                    signal.raise_signal(signal.SIGINT)
        return self


def collected(running, at):
    """Return the names of the pairs with results, and how often Ctrl-C or an error came through."""
    names, times = [], 0
    sys.settrace(at)
    try:
        while True:
            try:
                for result in running:
                    names.append(result.pair)
            except KeyboardInterrupt:
                times += 1
            else:
                return names, times
    finally:
        sys.settrace(None)


def mixed(ref):
    """Return a job that reads, and for one pair another one, after which nothing may be laid out."""
    return Nothing() if ref.name == "p2" else Reads()


@pytest.fixture(params=[Nothing(), Reads(), mixed], ids=["pairs in turn", "pairs laid out", "mixed"])
def some(request):
    """Return pairs and a job: two that take turns and another, or more than may be under way."""
    lab = Lab()
    hub = isinstance(request.param, Nothing) and not isinstance(request.param, Reads)
    return (fleet(lab, 1) + fleet(lab, 2, hub=True, first=1) if hub else fleet(lab, 4)), request.param


def test_ctrl_c_at_each_line_loses_no_result(some):
    refs, job = some
    number, came = 0, 0
    while True:
        number += 1
        at = At(number)
        names, times = collected(run(refs, job, pairs_at_once=2, on_event=lambda event: None), at)
        assert sorted(names) == [ref.name for ref in refs], number
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        came += times
        if at.left > 0:
            break
    assert number > 100
    assert came == number - 1


def test_ctrl_c_twice_at_each_line_loses_no_result(some):
    """The second one is raised at once, for what may hang: a pair whose result it took is unknown."""
    refs, job = some
    number, events = 0, []
    while True:
        number += 1
        at = At(number, 2)
        events.clear()
        names, times = collected(run(refs, job, pairs_at_once=2, on_event=events.append), at)
        assert sorted(names) == [ref.name for ref in refs], number
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert len({event.pair for event in events if event.what == "end"}) >= len(refs) - 1, number
        if at.left > 0:
            break
        assert times >= 1
    assert number > 100


def test_ctrl_c_ends_a_wait_and_the_pairs_under_way_go_back():
    lab = Lab()
    refs = fleet(lab, 3)
    seen = threading.Event()
    lab.before("b0", "set_relationship", lambda: press() or seen.wait(20))
    running = run(refs, ApplyJob(Operation.of("update", "r0", percentage=60)), pairs_at_once=1)
    with pytest.raises(KeyboardInterrupt):
        next(running)
    seen.set()
    found = {result.pair: result for result in running}
    assert found["p0"].outcome == "failed"
    assert "interrupted" in found["p0"].error["text"]
    assert {found[name].error["kind"] for name in ("p1", "p2")} == {"cancelled"}


def test_a_run_that_nobody_holds_is_gone_at_once():
    running = run(fleet(Lab(), 1), Nothing())
    next(running)
    gone = weakref.ref(running)
    del running
    assert gone() is None


def test_abandoning_waits_for_nothing():
    lab = Lab()
    refs = fleet(lab, 3)
    hanging = Hanging(lab, "a1")
    running = run(refs, Audit(), pairs_at_once=2)
    assert next(running).pair == "p0"
    settled(hanging.begun.is_set)
    running.abandon()
    found = {result.pair: result for result in running}
    assert (found["p1"].outcome, found["p1"].error["kind"], found["p1"].exit) == ("abandoned", "interrupted", 6)
    assert found["p2"].outcome in ("unchanged", "unknown", "abandoned")
    hanging.release.set()


def test_abandoning_ends_a_wait():
    lab = Lab()
    refs = fleet(lab, 1)
    hanging = Hanging(lab, "a0")
    running = run(refs, Audit())

    def handler(number, frame):
        running.abandon()

    before = signal.signal(signal.SIGINT, handler)
    lab.before("b0", None, lambda: hanging.begun.wait(20) and press())
    try:
        [result] = running
    finally:
        signal.signal(signal.SIGINT, before)
    assert result.outcome == "abandoned"
    hanging.release.set()


def test_an_error_of_who_listens_loses_no_result():
    lab = Lab()
    refs = fleet(lab, 3)
    for number in range(1, 8):
        left = [number]

        def listen(event, left=left):
            left[0] -= 1
            if left[0] == 0:
                raise OSError(28, "No space left on device")

        running, names, errors = run(refs, Audit(), pairs_at_once=2, on_event=listen), [], 0
        while len(names) < 3:
            try:
                for result in running:
                    names.append(result.pair)
            except OSError:
                errors += 1
        assert (sorted(names), errors) == (["p0", "p1", "p2"], min(number, 1) if left[0] <= 0 else 0)


def test_an_error_of_the_callers_job_loses_no_result():
    lab = Lab()
    refs = fleet(lab, 4, hub=True)

    def job_of(ref):
        if ref.name == "p1":
            raise LookupError(ref.name)
        return Audit()

    running = run(refs, job_of)
    with pytest.raises(LookupError):
        next(running)
    found = {result.pair: result for result in running}
    assert found.pop("p0").outcome == "unchanged"
    assert {name: result.error["kind"] for name, result in found.items()} == dict.fromkeys(
        ("p1", "p2", "p3"), "cancelled"
    )
