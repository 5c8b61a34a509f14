"""How jobs end: each pair gets exactly one result that is true, whatever the job does and whatever lacks."""

import contextlib
import gc
import random
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from fleets import Hanging, fleet, opener, settled

from dhcpfo.fleet import Answer, ApplyJob, Audit, DaemonExecutor, Look, Operation, PairRef, run
from dhcpfo.fleet.gate import Gate, GateClosed, _Gated
from dhcpfo.fleet.work import Doing, Task, pack
from dhcpfo.simulator import Lab

SHORT = timedelta(milliseconds=300)


@dataclass(frozen=True)
class Does:
    """A job that calls a function with the pair."""

    function: Any
    name: ClassVar[str] = "does"
    time_limit: ClassVar[timedelta] = timedelta(seconds=60)

    def do(self, pair, progress):
        return self.function(pair)


def results_of(refs, job, **options):
    return {result.pair: result for result in run(refs, job, **options)}


class Unspeakable(Exception):
    def __str__(self):
        raise ValueError("no text")


def raising(pair):
    raise Unspeakable


@pytest.mark.parametrize(
    ("function", "kind"),
    [(lambda pair: None, "TypeError"), (lambda pair: {"outcome": "changed"}, "TypeError"), (raising, "Unspeakable")],
    ids=["nothing", "a dict", "an error without a text"],
)
def test_a_job_that_breaks_the_rules_has_failed(function, kind):
    lost = timedelta(seconds=1)  # the run would wait as long
    for found in results_of(fleet(Lab(), 2), Does(function), lost_after=lost).values():
        assert (found.outcome, found.error["kind"]) == ("failed", kind)
        assert found.error["text"]


def test_what_a_failed_job_had_read_is_gone_with_it():
    """An error holds the frames that it came through, and with them a whole configuration."""
    refs = fleet(Lab(), 3)
    seen = []

    def fail(pair):
        seen.append(weakref.ref(pair))
        raise LookupError("what the pair holds")

    gc.disable()
    try:
        assert {result.outcome for result in run(refs, Does(fail))} == {"failed"}
        settled(lambda: not any(ref() for ref in seen))
    finally:
        gc.enable()
    assert len(seen) == 3


def test_what_was_not_asked_for_is_gone_with_its_run():
    refs = fleet(Lab(), 8)
    seen, begun = [], threading.Semaphore(0)

    class Data:
        pass

    def read(pair):
        data = Data()
        seen.append(weakref.ref(data))
        begun.release()
        return Answer(outcome="unchanged", data=data)

    gc.disable()
    try:
        for end in (lambda running: running.close(), lambda running: None):
            running = run(refs, Does(read), on_event=lambda event: None)
            result = next(running)
            for _ in refs:
                begun.acquire(timeout=10)
            end(running)
            del running, result
        settled(lambda: not any(ref() for ref in seen))
    finally:
        gc.enable()
    assert len(seen) == 16


def test_an_answer_without_a_call_that_was_refused_is_none():
    """A job may lose the error of a thread that it began."""
    refs = fleet(Lab(), 1)

    def late(pair):
        pair.primary.relationships()
        time.sleep(0.3)
        with contextlib.suppress(GateClosed):
            pair.secondary.relationships()
        return Answer(outcome="unchanged")

    found = results_of(refs, Does(late), time_limit=timedelta(milliseconds=200))["p0"]
    assert (found.outcome, found.calls) == ("abandoned", 1)


def test_no_call_follows_the_result():
    lab = Lab()
    refs = fleet(lab, 1)
    pairs = []
    found = results_of(refs, Does(lambda pair: pairs.append(pair) or Answer(outcome="unchanged")))["p0"]
    assert found.outcome == "unchanged"
    with pytest.raises(GateClosed):
        pairs[0].primary.relationships()


def test_calls_of_many_threads_are_counted():
    gate = Gate(8, 60.0)

    class Api:
        server = "a"

        def get_version(self):
            return None

    def call():
        for _ in range(2000):
            pair.get_version()

    pair = _Gated(Api(), gate, "a")
    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert gate.calls == 8000
    assert gate.pending() == []


def test_a_server_is_silent_by_the_name_of_the_fleet():
    """What opens a pair may know its servers by other names."""
    lab = Lab()
    refs = fleet(lab, 2, hub=True)
    aliases = [
        PairRef.of(f"alias{number},central", ref.name, opener=lambda _, ref=ref: opener(lab)(ref))
        for number, ref in enumerate(refs)
    ]
    hanging = Hanging(lab, "hub")
    found = results_of(aliases, Audit(), time_limit=SHORT)
    hanging.release.set()
    assert (found["p0"].outcome, found["p0"].silent) == ("abandoned", ("central",))
    assert (found["p1"].outcome, found["p1"].error["kind"]) == ("unknown", "silent")


# Giving up


def test_abandoning_says_what_was_under_way_and_lets_no_call_follow():
    lab = Lab()
    refs = fleet(lab, 1)
    hanging = Hanging(lab, "a0", "set_relationship")
    running = run(refs, ApplyJob(Operation.of("update", "r0", percentage=40)))
    calls = []

    def abandon():
        hanging.begun.wait(10)
        running.abandon()

    threading.Thread(target=abandon).start()
    (found,) = running
    for server in ("a0", "b0"):
        lab.before(server, None, lambda server=server: calls.append(server), every=True)
    hanging.release.set()
    assert (found.outcome, found.error["kind"]) == ("abandoned", "interrupted")
    assert found.error["text"].startswith("interrupted; what was under way is unknown")
    assert "DhcpV4FailoverSetRelationship on a0 has not returned; its outcome is unknown" in found.error["text"]
    assert [(call["server"], call["changes"]) for call in found.error["calls"]] == [("a0", True)]
    assert len(found.error["done"]) == 1
    assert found.calls > 2
    settled(lambda: not any(thread.name == "dhcpfo-p0" for thread in threading.enumerate()))
    assert calls == []


def test_a_consumer_that_is_slow_gets_true_results():
    """The limits hold while nobody waits for a result, and what took longer is not said to be well."""
    lab = Lab()
    refs = fleet(lab, 3)
    hanging = Hanging(lab, "b1")
    lab.set_delay("a2", timedelta(milliseconds=150))
    running = run(refs, Audit("full"), time_limit=SHORT, per_server=1)
    assert next(running).pair == "p0"
    time.sleep(0.7)
    found = {result.pair: result for result in running}
    hanging.release.set()
    assert {result.outcome for result in found.values()} == {"abandoned"}
    assert found["p1"].silent == ("b1",)
    assert [call["server"] for call in found["p1"].error["calls"]] == ["b1"]
    assert found["p2"].calls <= 3


@pytest.mark.parametrize("limit", [timedelta(microseconds=1), timedelta(days=10_000), timedelta.max])
@pytest.mark.parametrize("pool", [None, DaemonExecutor], ids=["threads", "executor"])
def test_time_limits_may_be_tiny_or_huge(limit, pool):
    lab = Lab()
    refs = fleet(lab, 3)
    executor = None if pool is None else pool(3)
    found = results_of(refs, Audit(), time_limit=limit, lost_after=limit, executor=executor)
    tiny = limit < timedelta(days=1)
    assert {result.outcome for result in found.values()} <= ({"abandoned"} if tiny else {"unchanged"})
    assert len(found) == 3
    if tiny:
        assert {result.calls for result in found.values()} == {0}


def test_a_job_that_ends_at_its_time_limit_has_one_result():
    lab = Lab()
    (ref,) = fleet(lab, 1)
    outcomes = set()
    for number in range(60):
        task = Task("n", ref, Does(lambda pair: time.sleep(0.002) or Answer(outcome="unchanged")), 8, 0.001)
        settlings: list[Any] = []
        doing = Doing(task, settlings.append)
        doing.start()
        if number % 2:
            doing.give_up("interrupted", "interrupted")
        while not settlings:
            doing.look()
        first = doing.result
        outcomes.add(first.outcome)
        doing.look()
        doing.give_up("interrupted", "interrupted")
        assert doing.result is first
        assert settlings == [doing]
    assert outcomes <= {"unchanged", "abandoned"}


# Threads lack


@pytest.fixture
def few_threads(monkeypatch):
    """Let only some threads run besides those that there are, which may end; as a limit of the system does."""
    start = threading.Thread.start
    most = [0]
    running, refused = [], []

    def begin(thread):
        if sum(one.is_alive() for one in running) >= most[0]:
            refused.append(thread.name)
            raise RuntimeError("can't start new thread")
        start(thread)
        running.append(thread)

    monkeypatch.setattr(threading.Thread, "start", begin)
    monkeypatch.setattr("dhcpfo.pair.threads._of_process", {})

    def allow(more):
        most[0] = more
        running.clear()
        return refused

    return allow


def test_a_pair_waits_for_a_thread(few_threads):
    lab = Lab()
    refs = fleet(lab, 12) + fleet(lab, 3, hub=True, first=12)
    slow = Does(lambda pair: time.sleep(0.01) or Answer(outcome="unchanged", data=pair.primary.relationships()))
    refused = few_threads(3)
    found = results_of(refs, slow)
    assert refused
    assert len(found) == 15
    assert {result.outcome for result in found.values()} == {"unchanged"}, found


def test_without_any_thread_each_pair_has_its_result(few_threads):
    refs = fleet(Lab(), 3, hub=True)
    few_threads(0)
    found = results_of(refs, Audit())
    assert {(result.outcome, result.error["kind"]) for result in found.values()} == {("unknown", "lost")}
    assert "can't start new thread" in found["p0"].error["text"]


@pytest.mark.parametrize("more", [1, 2, 3, 4])
def test_jobs_do_with_few_threads(few_threads, more):
    lab = Lab()
    refs = fleet(lab, 4)
    refused = few_threads(more)
    found = results_of(refs, lambda ref: ApplyJob(Operation.of("update", f"r{ref.name[1:]}", percentage=40)))
    assert {result.outcome for result in found.values()} == {"changed"}, found
    found = results_of(refs, Audit("full"))
    assert {result.outcome for result in found.values()} == {"unchanged"}, found
    found = results_of(refs, Look())
    assert {result.outcome for result in found.values()} <= {"unchanged", "unknown"}, found
    assert refused
    found = results_of(refs, Look(), pairs_at_once=1)
    outcomes = {result.outcome for result in found.values()}
    if more > 2:  # one for the pair, and one for each server
        assert outcomes == {"unchanged"}, found
    if more == 1:
        assert outcomes == {"unknown"}, found
        assert found["p0"].error["text"].startswith("a0: ")
        assert "can't start new thread" in found["p0"].error["text"]


def test_a_pool_does_with_few_threads(few_threads):
    refused = few_threads(1)
    pool = DaemonExecutor(4)
    release = threading.Event()
    futures = [pool.submit(release.wait, 10) for _ in range(3)]
    release.set()
    assert [future.result(10) for future in futures] == [True] * 3
    pool.shutdown()
    assert refused
    few_threads(0)
    with DaemonExecutor(4) as pool:
        assert list(pool.map(abs, [-1, 2])) == [1, 2]


# What cannot be packed


class Odd:
    def __reduce__(self):
        raise ValueError("not at all")


def test_whatever_cannot_be_packed_is_a_type_error():
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for value in (Odd(), lambda: None, threading.Lock(), deep):
        with pytest.raises(TypeError, match=r"must be picklable|cannot pickle"):
            pack(value)
    while deep:
        deep = deep.pop()


# What the caller passes


def test_a_stop_iteration_of_the_caller_does_not_end_the_loop():
    """It would look like a run that is done."""
    refs = fleet(Lab(), 2)
    running = run(refs, lambda ref: next(job for job in () if job))
    with pytest.raises(RuntimeError, match="the job or on_event raised StopIteration"):
        next(running)
    assert {result.error["kind"] for result in running} == {"cancelled"}
    running = run(refs, Audit(), on_event=lambda event: next(iter(())))
    names, ended = [], False
    while not ended:
        with contextlib.suppress(RuntimeError):
            for result in running:
                names.append(result.pair)
            ended = True
    assert sorted(names) == ["p0", "p1"]


def test_pairs_that_wait_in_a_pool_are_not_begun_after_a_cancel():
    lab = Lab()
    refs = fleet(lab, 4)
    hanging = Hanging(lab, "a0")
    with ThreadPoolExecutor(1) as pool:
        running = run(refs, Audit(), executor=pool)
        threading.Thread(target=lambda: hanging.begun.wait(10) and (running.cancel(), hanging.release.set())).start()
        found = {result.pair: result for result in running}
    assert found.pop("p0").outcome == "unchanged"
    assert {(result.outcome, result.error["kind"]) for result in found.values()} == {("unknown", "cancelled")}


# All of that at random


@dataclass(frozen=True)
class Erratic:
    """Reads both servers at its own pace, and may fail."""

    random: random.Random
    time_limit: timedelta
    name: ClassVar[str] = "erratic"

    def do(self, pair, progress):
        pair.primary.relationships()
        time.sleep(self.random.choice([0, 0, 0.001, 0.003]))
        pair.secondary.relationships()
        if self.random.random() < 0.05:
            raise LookupError("a fault of the job")
        return Answer(outcome="unchanged")


@dataclass(frozen=True)
class ErraticReading(Erratic):
    """The same, so that pairs are laid out for threads that have done theirs."""

    reads_only: ClassVar[bool] = True


@pytest.mark.parametrize("seed", range(8))
def test_runs_that_end_in_any_way_yield_one_result_for_each_pair(seed):
    chance, lab = random.Random(seed), Lab()
    refs = fleet(lab, 4) + fleet(lab, 3, hub=True, first=4)
    for server in ("a0", "b3", "hub"):
        lab.before(server, None, lambda: time.sleep(chance.choice([0, 0, 0, 0.01])), every=True)

    def listen(event):
        if chance.random() < 0.01:
            raise OSError(28, "No space left on device")

    def job_of(ref):
        if chance.random() < 0.01:
            raise OSError(2, "No such file or directory")
        kind = chance.choice([Erratic, ErraticReading, ErraticReading])
        return kind(chance, timedelta(seconds=chance.choice([0.002, 0.004, 60])))

    for _ in range(25):
        with ThreadPoolExecutor(2) as pool:
            executor = chance.choice([None, None, pool])
            running = run(refs, job_of, executor=executor, on_event=listen, pairs_at_once=chance.choice([1, 3, 32]))
            end = chance.choice([None, None, running.cancel, running.abandon])
            if end is not None:
                threading.Timer(chance.random() * 0.01, end).start()
            results, ended = [], False
            while not ended:
                with contextlib.suppress(OSError):
                    for result in running:
                        results.append(result)
                    ended = True
            assert sorted(result.pair for result in results) == [ref.name for ref in refs]
            assert all(result.calls == 2 for result in results if result.outcome == "unchanged")
            assert all(result.outcome == "abandoned" for result in results if result.silent)
            assert list(running) == []
