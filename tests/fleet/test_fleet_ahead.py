"""When pairs begin: of jobs that change something when the next result is asked for, of others a few before."""

import gc
import threading
import time
import weakref
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from fleets import Hanging, fleet, settled

import dhcpfo.fleet.work
from dhcpfo.fleet import Answer, Audit, DaemonExecutor, Look, PlanJob, run
from dhcpfo.fleet.fleet_run import MOST_AHEAD
from dhcpfo.simulator import Lab


@dataclass(frozen=True)
class Changes:
    """A job that calls a function with the pair."""

    function: Any
    name: ClassVar[str] = "changes"
    time_limit: ClassVar[timedelta] = timedelta(seconds=60)

    def do(self, pair, progress):
        return Answer(outcome="unchanged", data=self.function(pair))


@dataclass(frozen=True)
class Reads(Changes):
    """The same, with the promise to change nothing."""

    reads_only: ClassVar[bool] = True


class Begun:
    """Keeps which pairs have begun and where, and how many are under way."""

    def __init__(self, seconds=0.0, more=0.0):
        self.pairs = []
        self.threads = set()
        self.most = self._now = 0
        self._lock = threading.Lock()
        self._seconds = seconds
        self._more = more

    def __call__(self, pair):
        with self._lock:
            self.pairs.append(pair.primary.name)
            self.threads.add(threading.get_ident())
            self._now += 1
            self.most = max(self.most, self._now)
            more = self._more * (len(self.pairs) % 5)
        time.sleep(self._seconds + more)
        with self._lock:
            self._now -= 1
        return threading.current_thread().name


def test_what_reads_only_says_so():
    assert all(job.reads_only for job in (Audit, Look, PlanJob))


@pytest.mark.parametrize(("hub", "at_once"), [(False, 1), (False, 3), (True, 3)], ids=["one", "apart", "in turn"])
def test_a_change_begins_when_the_next_result_is_asked_for(hub, at_once):
    made, begun = [], Begun()
    refs = fleet(Lab(), 6, hub=hub)
    running = run(refs, lambda ref: made.append(ref) or Changes(begun), pairs_at_once=at_once)
    for count in range(1, 7):
        next(running)
        time.sleep(0.03)
        under_way = min(count if hub else count + at_once - 1, 6)
        assert (len(made), len(begun.pairs)) == (under_way, under_way)
    assert list(running) == []


@pytest.mark.parametrize(("at_once", "ahead"), [(1, 0), (2, 1), (8, MOST_AHEAD)])
def test_reading_begins_ahead_only_as_much_as_may_be_under_way(at_once, ahead):
    made, begun, release = [], Begun(), threading.Event()

    def read(pair):
        if pair.primary.name == "a0":  # its thread goes on with what is laid out
            settled(lambda: len(made) == at_once + ahead)
        begun(pair)
        if pair.primary.name != "a0":
            release.wait(20)

    running = run(fleet(Lab(), 12), lambda ref: made.append(ref.name) or Reads(read), pairs_at_once=at_once)
    assert next(running).pair == "p0"
    settled(lambda: len(begun.pairs) == at_once + (ahead > 0))
    time.sleep(0.02)
    assert (len(made), len(begun.pairs)) == (at_once + ahead, at_once + (ahead > 0))
    release.set()
    assert len(list(running)) == 11


@pytest.mark.parametrize("kind", [Changes, Reads])
@pytest.mark.parametrize("pool", [None, DaemonExecutor], ids=["threads", "executor"])
def test_a_group_that_reads_does_not_wait_until_the_next_result_is_asked_for(kind, pool):
    begun = Begun()
    executor = None if pool is None else pool(4)
    running = run(fleet(Lab(), 5, hub=True), kind(begun), pairs_at_once=4, executor=executor)
    for count in range(1, 6):
        next(running)
        time.sleep(0.03)
        assert len(begun.pairs) == min(count + (kind is Reads), 5)
    assert list(running) == []


def test_a_change_in_a_group_that_reads_begins_when_it_is_asked_for():
    begun = Begun()
    running = run(fleet(Lab(), 3, hub=True), lambda ref: (Changes if ref.name == "p1" else Reads)(begun))
    next(running)
    time.sleep(0.03)
    assert begun.pairs == ["a0"]
    assert len(list(running)) == 2


def test_threads_go_on_with_the_next_pair_and_bear_its_name():
    begun, events = Begun(0.005), []
    refs = fleet(Lab(), 40)
    results = list(run(refs, Reads(begun), pairs_at_once=4, on_event=events.append))
    assert begun.most == 4
    assert len(begun.threads) <= 8
    assert all(result.data == f"dhcpfo-{result.pair}" for result in results)
    told = Counter(event.what for event in events)
    assert told == {"begin": 40, "end": 40}
    for ref in refs:
        assert [event.what for event in events if event.pair == ref.name] == ["begin", "end"]
    under_way = most = 0
    for event in events:
        under_way += 1 if event.what == "begin" else -1
        most = max(most, under_way)
    assert most <= 4


def test_a_long_group_does_not_wait_for_what_is_laid_out(monkeypatch):
    monkeypatch.setattr("dhcpfo.fleet.fleet_run.MOST_AHEAD", 7)
    for _ in range(3):  # a busy machine delays one or the other
        lab, begun = Lab(), Begun(0.01)
        chain = fleet(lab, 6, hub=True)
        list(run(fleet(lab, 90, first=6) + chain, Reads(begun), pairs_at_once=8))
        last = max(begun.pairs.index(ref.primary.name) for ref in chain)
        if last < 66:
            break
    assert last < 66  # eight at a time, of which one is of the group, make 48; behind what is laid out, 70 to 90


def test_the_time_limit_begins_with_the_pair():
    limit = timedelta(seconds=1)
    results = list(run(fleet(Lab(), 6), Reads(Begun(0.55)), pairs_at_once=2, time_limit=limit))
    assert {result.outcome for result in results} == {"unchanged"}
    assert all(0.5 < result.seconds < limit.total_seconds() for result in results)


def test_what_is_laid_out_is_not_begun_after_a_cancel():
    begun, release = threading.Semaphore(0), threading.Event()
    running = run(fleet(Lab(), 8), Reads(lambda pair: begun.release() or release.wait(20)), pairs_at_once=2)
    taken = threading.Thread(target=lambda: (begun.acquire(), begun.acquire(), running.cancel(), release.set()))
    taken.start()
    found = {result.pair: result for result in running}
    taken.join()
    assert Counter(result.outcome for result in found.values()) == {"unchanged": 2, "unknown": 6}
    others = [result.error for result in found.values() if result.error]
    assert {error["text"] for error in others} == {"not begun: the run was cancelled"}


def test_what_is_laid_out_is_not_begun_after_abandoning():
    lab = Lab()
    refs = fleet(lab, 8)
    hanging = [Hanging(lab, f"a{number}") for number in range(2)]
    running = run(refs, Reads(lambda pair: pair.primary.relationships() and None), pairs_at_once=2)
    threading.Thread(target=lambda: [one.begun.wait(20) for one in hanging] and running.abandon()).start()
    found = {result.pair: result for result in running}
    assert Counter(result.outcome for result in found.values()) == {"abandoned": 2, "unknown": 6}
    for one in hanging:
        one.release.set()


def test_what_is_laid_out_is_not_begun_when_the_workers_count_as_gone():
    lab = Lab()
    refs = fleet(lab, 8)
    hanging = [Hanging(lab, f"a{number}") for number in range(3)]
    lost = timedelta(milliseconds=200)
    running = run(refs, Reads(lambda pair: pair.primary.relationships() and None), pairs_at_once=3, lost_after=lost)
    found = {result.pair: result for result in running}
    for one in hanging:
        one.release.set()
    assert {found[name].outcome for name in ("p0", "p1", "p2")} == {"abandoned"}
    assert {found[f"p{number}"].error["text"][:35] for number in range(3, 8)} == {"not begun: no worker has completed "}


@pytest.mark.parametrize("count", [3, 8])
def test_pairs_go_on_while_others_wait_for_a_server_that_hangs(monkeypatch, count):
    monkeypatch.setattr("dhcpfo.fleet.fleet_run.PATIENCE", 0.2)
    lab = Lab()
    refs = fleet(lab, count)
    hanging = [Hanging(lab, f"a{number}") for number in range(2)]
    running = run(refs, Reads(lambda pair: pair.primary.relationships() and None), pairs_at_once=2)
    assert {next(running).pair for _ in range(count - 2)} == {ref.name for ref in refs[2:]}
    for one in hanging:
        one.release.set()
    assert len(list(running)) == 2


def test_a_change_among_what_reads_begins_when_it_is_asked_for():
    made, begun = [], Begun()

    def job_of(ref):
        made.append(ref.name)
        return Changes(begun) if ref.name in ("p2", "p3", "p6") else Reads(Begun())

    running = run(fleet(Lab(), 8), job_of, pairs_at_once=2)
    next(running)
    time.sleep(0.05)
    assert begun.pairs == []
    assert len(list(running)) == 7
    assert sorted(begun.pairs) == ["a2", "a3", "a6"]
    assert made == [f"p{number}" for number in range(8)]


def test_a_run_holds_no_results_that_it_has_handed_over():
    class Data:
        pass

    held, most, oldest = [], 0, 0

    def read(pair):
        data = Data()
        time.sleep(0.002)
        held.append(weakref.ref(data))
        return data

    gc.disable()
    try:
        for number, _ in enumerate(run(fleet(Lab(), 60), Reads(read), pairs_at_once=4)):
            most = max(most, sum(ref() is not None for ref in held))
            if number > 30:  # each thread has gone on since
                oldest += sum(ref() is not None for ref in held[:8])
    finally:
        gc.enable()
    assert len(held) == 60
    assert oldest == 0
    assert most <= 3 * (4 + MOST_AHEAD)


def test_no_more_pairs_go_on_than_wanted_when_servers_that_hung_have_answered(monkeypatch):
    """Other pairs had begun in the place of those."""
    monkeypatch.setattr("dhcpfo.fleet.fleet_run.PATIENCE", 0.1)
    monkeypatch.setattr("dhcpfo.fleet.fleet_run.MOST_AHEAD", 7)  # enough for all that end at the same time
    lab, begun = Lab(), Begun(0.005, 0.002)
    refs = fleet(lab, 120)
    hanging = [Hanging(lab, f"a{number}") for number in range(2)]
    running = run(refs, Reads(lambda pair: pair.primary.relationships() and begun(pair)), pairs_at_once=8)
    names = {next(running).pair for _ in range(20)}
    time.sleep(0.2)
    names |= {next(running).pair for _ in range(20)}
    for one in hanging:
        one.release.set()
        time.sleep(0.004)
    monkeypatch.setattr("dhcpfo.fleet.fleet_run.PATIENCE", 5.0)
    while not {"p0", "p1"} <= names:
        names.add(next(running).pair)
    names |= {next(running).pair for _ in range(10)}  # began before
    begun.most = 0
    assert len(names) + len(list(running)) == 120
    assert 0 < begun.most <= 8


def test_a_server_that_hung_gives_no_place_when_it_has_answered(monkeypatch):
    monkeypatch.setattr("dhcpfo.fleet.fleet_run.PATIENCE", 0.1)
    lab, begun, release = Lab(), Begun(), threading.Event()
    refs = fleet(lab, 8)
    hanging = [Hanging(lab, f"a{number}") for number in range(2)]

    def read(pair):
        if pair.primary.name in ("a0", "a1"):
            return pair.primary.relationships() and None
        return begun(pair) and release.wait(20)

    running = run(refs, Reads(read), pairs_at_once=2)
    threading.Thread(target=lambda: settled(lambda: len(begun.pairs) == 2) or hanging[0].release.set()).start()
    assert next(running).pair == "p0"
    time.sleep(0.05)
    assert len(begun.pairs) == 2
    hanging[1].release.set()
    release.set()
    assert len(list(running)) == 7


def test_a_group_does_not_go_on_while_too_many_are_under_way(monkeypatch):
    """Those that hung go on, and others have begun in their place."""
    monkeypatch.setattr("dhcpfo.fleet.fleet_run.PATIENCE", 0.1)
    lab, begun = Lab(), Begun()
    refs = fleet(lab, 2, hub=True) + fleet(lab, 5, first=2)
    hanging = [Hanging(lab, f"b{number}") for number in (2, 3)]
    release = [threading.Event(), threading.Event()]

    def read(pair):
        if pair.primary.name in ("a2", "a3"):
            pair.secondary.relationships()
        begun(pair)
        release[pair.primary.name != "a0"].wait(20)

    def goes_on():
        settled(lambda: len(begun.pairs) == 3)
        for one in hanging:
            one.release.set()
        settled(lambda: len(begun.pairs) == 5)
        release[0].set()

    threading.Thread(target=goes_on).start()
    running = run(refs, Reads(read), pairs_at_once=3)
    assert next(running).pair == "p0"
    time.sleep(0.05)
    assert sorted(begun.pairs) == ["a0", "a2", "a3", "a4", "a5"]
    release[1].set()
    assert len(list(running)) == 6


def test_a_time_limit_does_not_end_what_is_laid_out(monkeypatch):
    monkeypatch.setattr("dhcpfo.fleet.work.monotonic", lambda: time.monotonic() + 1)  # a long time between two looks
    begun, tiny, long = Begun(0.1), timedelta(milliseconds=20), timedelta(seconds=60)
    refs = fleet(Lab(), 8)
    assert len(list(run(refs, Reads(begun), pairs_at_once=3, time_limit=tiny, lost_after=long))) == 8
    settled(lambda: sorted(begun.pairs) == [ref.primary.name for ref in refs])


def test_each_pair_begins_before_it_ends_for_who_listens():
    """Also one that is given up before it was seen that a thread has gone on with it."""
    lab, begun, events = Lab(), Begun(), []
    release = {f"a{number}": threading.Event() for number in range(6)}
    release["a0"].set()
    running = run(
        fleet(lab, 2, hub=True) + fleet(lab, 4, first=2),
        Reads(lambda pair: begun(pair) and release[pair.primary.name].wait(20)),
        pairs_at_once=3,
        on_event=events.append,
    )
    assert next(running).pair == "p0"
    threading.Thread(target=lambda: settled(lambda: "a1" in begun.pairs) or release["a2"].set()).start()
    assert next(running).pair == "p2"
    settled(lambda: "a4" in begun.pairs)
    assert ("begin", "p4") in [(event.what, event.pair) for event in events]
    release["a1"].set()
    settled(lambda: "a5" in begun.pairs)
    running.abandon()
    assert len(list(running)) == 4
    for ref in release.values():
        ref.set()
    for name in ("p0", "p1", "p2", "p3", "p4", "p5"):
        assert [event.what for event in events if event.pair == name] == ["begin", "end"]


def test_a_change_that_gets_no_thread_begins_when_it_is_asked_for(monkeypatch):
    begin, left, begun = dhcpfo.fleet.work.begin, [1], Begun(0.05)

    def begin_once(job, name):
        left[0] -= 1
        if left[0] < 0:
            raise RuntimeError("can't start new thread")
        begin(job, name)

    monkeypatch.setattr("dhcpfo.fleet.work.begin", begin_once)
    running = run(fleet(Lab(), 3), Changes(begun), pairs_at_once=2)
    assert next(running).outcome == "unchanged"
    time.sleep(0.05)
    assert len(begun.pairs) == 1
    left[0] = 3
    assert {result.outcome for result in running} == {"unchanged"}


@pytest.mark.parametrize("kind", [Changes, Reads])
def test_a_pair_that_no_thread_has_begun_yet_is_not_begun_after_an_error(monkeypatch, kind):
    handed, begun = [], Begun()

    def listen(event):
        if event.what == "begin":
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("dhcpfo.fleet.work.begin", lambda job, name: handed.append(job))
    running = run(fleet(Lab(), 5), kind(begun), pairs_at_once=2, on_event=listen)
    for _ in range(2):
        with pytest.raises(OSError, match="No space left"):
            next(running)
    found = list(running)
    for job in handed:
        job()
    assert len(handed) == 2
    assert begun.pairs == []
    assert [result.error["text"] for result in found] == ["not begun: the run was cancelled"] * 5


def test_what_is_laid_out_is_gone_with_its_run():
    made, begun, release = {}, Begun(), threading.Event()

    def read(pair):
        begun(pair)
        if pair.primary.name == "a0":  # its thread goes on with p3
            settled(lambda: "p4" in made)
        else:
            release.wait(20)

    def job_of(ref):
        job = Reads(read)
        made[ref.name] = weakref.ref(job)
        return job

    gc.disable()
    try:
        running = run(fleet(Lab(), 8), job_of, pairs_at_once=3, on_event=lambda event: None)
        assert next(running).pair == "p0"
        settled(lambda: len(begun.pairs) == 4)
        gone = weakref.ref(running)
        del running
        assert gone() is None
        settled(lambda: [name for name, job in made.items() if job() is not None] == ["p1", "p2", "p3"])
        release.set()
        settled(lambda: not any(job() for job in made.values()))
    finally:
        gc.enable()
    assert sorted(made) == ["p0", "p1", "p2", "p3", "p4"]
    assert sorted(begun.pairs) == ["a0", "a1", "a2", "a3"]
