"""Runs in threads: results, order, limits, and what happens to pairs that hang."""

import functools
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import pytest
from fleets import Hanging, fleet, opener, settled

from dhcpfo import Secret
from dhcpfo.fleet import Answer, ApplyJob, Audit, Look, Operation, PairRef, PlanJob, ServerRef, run, worst_exit
from dhcpfo.simulator import Lab, Rights

SHORT = timedelta(milliseconds=300)


def results_of(refs, job, **options):
    return {result.pair: result for result in run(refs, job, **options)}


def update(number, percentage=40):
    return Operation.of("update", f"r{number}", percentage=percentage)


def updates(ref):
    return PlanJob(update(ref.name[1:]))


def applies(ref):
    return ApplyJob(update(ref.name[1:]))


def percentages(lab, number):
    return [lab.connect(f"{side}{number}", direct=True).get_relationship(f"r{number}").percentage for side in "ab"]


# What becomes of a pair


def test_each_pair_gets_its_result():
    lab = Lab()
    refs = fleet(lab, 5)
    audits = results_of(refs, Audit("full"))
    assert sorted(audits) == ["p0", "p1", "p2", "p3", "p4"]
    assert {result.outcome for result in audits.values()} == {"unchanged"}
    assert all(result.calls > 10 and result.seconds > 0 for result in audits.values())
    plans = results_of(refs, updates)
    assert {result.outcome for result in plans.values()} == {"drift"}
    assert all(len(result.plan["steps"]) == 2 for result in plans.values())
    assert percentages(lab, 0) == [50, 50]
    applied = results_of(refs, applies)
    assert {result.outcome for result in applied.values()} == {"changed"}
    assert percentages(lab, 4) == [40, 40]
    assert {result.outcome for result in results_of(refs, applies).values()} == {"unchanged"}


def test_what_an_audit_finds_is_drift():
    lab = Lab()
    refs = fleet(lab, 2)
    lab.connect("a1", direct=True).set_relationship("r1", percentage=70)
    found = results_of(refs, Audit())
    assert [found[name].outcome for name in ("p0", "p1")] == ["unchanged", "drift"]
    assert [finding.code for finding in found["p1"].findings] == ["percentage-differs"]
    assert worst_exit(found.values()) == 2


def test_a_look_returns_what_both_servers_show():
    lab = Lab()
    refs = fleet(lab, 3)
    lab.cut("a1", "b1")
    lab.advance(timedelta(minutes=5))
    lab.power_off("b2")
    found = results_of(refs, Look())
    assert [found[f"p{number}"].outcome for number in range(3)] == ["unchanged", "drift", "unknown"]
    assert found["p2"].data.relationships[0].name == "r2"
    assert found["p2"].error["text"].startswith("b2: ")
    assert found["p0"].to_dict()["data"]["pair"] == "a0,b0"


@pytest.mark.parametrize("job", [Audit(), PlanJob(update(0)), ApplyJob(update(0))], ids=lambda job: job.name)
def test_a_server_that_cannot_be_read_is_unknown(job):
    lab = Lab()
    refs = fleet(lab, 1)
    lab.power_off("b0")
    found = results_of(refs, job)["p0"]
    assert (found.outcome, found.exit) == ("unknown", 6)
    if job.name != "audit":
        assert found.error["code"] == 1722
        assert found.error["server"] == "b0"


def test_a_reader_without_rights_is_unknown():
    lab = Lab()
    (ref,) = fleet(lab, 1)

    def open_(ref):
        pair = opener(lab)(ref)
        denied = lab.connect("b0", rights=Rights.NONE, direct=True)
        return type(pair)(pair.primary, denied, clock=pair.clock)

    found = results_of([PairRef(ref.name, ref.primary, ref.secondary, opener=open_)], Audit("full"))["p0"]
    assert found.outcome == "unknown"
    assert "unknown" in {finding.severity for finding in found.findings}


def test_a_guard_refuses():
    lab = Lab()
    refs = fleet(lab, 1)
    delete = Operation.of("delete", "r0", keep="a0")
    found = results_of(refs, ApplyJob(delete))["p0"]
    assert (found.outcome, found.exit, found.error["guards"]) == ("refused", 4, ["delete-scopes"])
    allowed = results_of(refs, ApplyJob(delete, allow=frozenset({"delete-scopes"})))["p0"]
    assert allowed.outcome == "changed"


def test_a_failed_operation_says_what_is_left():
    lab = Lab()
    refs = fleet(lab, 2)
    lab.fail("a0", "set_relationship", 5)
    lab.fail("a1", "set_relationship", 5)
    lab.fail("b1", "set_relationship", 5, call=2, every=True)
    found = results_of(refs, applies)
    assert [(found[name].outcome, found[name].exit) for name in ("p0", "p1")] == [("failed", 1), ("failed", 5)]
    assert found["p0"].error["code"] == 5
    assert "both servers are as before" in found["p0"].error["text"]
    assert worst_exit(found.values()) == 5


def test_other_errors_are_results_too():
    lab = Lab()
    (ref,) = fleet(lab, 1)
    lost = PairRef.of("a0,nobody", "lost", opener=opener(lab))
    wrong = PairRef.of("c0,d0", "wrong", opener="no_such_module:function")
    found = results_of([ref, lost, wrong], Audit())
    assert [found[name].outcome for name in ("p0", "lost", "wrong")] == ["unchanged", "failed", "failed"]
    assert "nobody" in found["lost"].error["text"]
    assert found["wrong"].error["kind"] == "ModuleNotFoundError"


def test_the_worst_exit_code_wins():
    lab = Lab()
    found = results_of(fleet(lab, 1), Audit())["p0"]
    by_code = {code: type(found)(pair="p", outcome=outcome) for outcome, code in OUTCOMES.items()}
    by_code[5] = type(found)(pair="p", outcome="failed", error={"left": True})
    for better, worse in zip((0, 2, 4, 1, 6), (2, 4, 1, 6, 5), strict=True):
        assert worst_exit([by_code[worse], by_code[better]]) == worse
        assert worst_exit([by_code[better], by_code[worse]]) == worse
    assert worst_exit([]) == 0


OUTCOMES = {"changed": 0, "drift": 2, "refused": 4, "failed": 1, "abandoned": 6}


# Approved steps


def test_only_approved_steps_are_done():
    lab = Lab()
    refs = fleet(lab, 1)
    approved = frozenset(results_of(refs, updates)["p0"].plan["digests"])
    assert len(approved) == 2
    lab.connect("a0", direct=True).set_relationship("r0", percentage=45)
    lab.connect("b0", direct=True).set_relationship("r0", percentage=45)
    moved = results_of(refs, ApplyJob(update(0), approved))["p0"]
    assert (moved.outcome, moved.error["kind"], moved.exit) == ("refused", "moved", 4)
    assert percentages(lab, 0) == [45, 45]


def test_a_part_of_the_approved_steps_is_done():
    lab = Lab()
    refs = fleet(lab, 1)
    approved = frozenset(results_of(refs, updates)["p0"].plan["digests"])
    lab.connect("b0", direct=True).set_relationship("r0", percentage=40)  # as a run that was killed half-way
    done = results_of(refs, ApplyJob(update(0), approved))["p0"]
    assert (done.outcome, len(done.plan["steps"])) == ("changed", 1)
    assert percentages(lab, 0) == [40, 40]


# Limits


@dataclass(frozen=True)
class Meet:
    """Waits for others, and notes how many work at the same time."""

    name: ClassVar[str] = "meet"
    time_limit: ClassVar[timedelta] = timedelta(seconds=60)
    busy: ClassVar[dict[str, int]] = {}
    most: ClassVar[dict[str, int]] = {}
    lock: ClassVar[threading.Lock] = threading.Lock()

    def do(self, pair, progress):
        names = [pair.names.primary, pair.names.secondary, "all"]
        with self.lock:
            for name in names:
                self.busy[name] = self.busy.get(name, 0) + 1
                self.most[name] = max(self.most.get(name, 0), self.busy[name])
        pair.primary.relationships()
        threading.Event().wait(0.02)
        with self.lock:
            for name in names:
                self.busy[name] -= 1
        return Answer(outcome="unchanged")


@pytest.fixture
def meet():
    Meet.busy.clear()
    Meet.most.clear()
    return Meet()


def test_pairs_that_share_a_server_take_turns(meet):
    lab = Lab()
    refs = fleet(lab, 5, hub=True) + fleet(lab, 5, first=5)
    assert len(results_of(refs, meet)) == 10
    assert max(count for name, count in meet.most.items() if name != "all") == 1
    assert meet.most["all"] > 1


def test_no_more_pairs_at_once_than_wanted(meet):
    lab = Lab()
    assert len(results_of(fleet(lab, 9), meet, pairs_at_once=3)) == 9
    assert meet.most["all"] <= 3


@dataclass(frozen=True)
class Flood:
    """Sends many calls at once to one server."""

    name: ClassVar[str] = "flood"
    time_limit: ClassVar[timedelta] = timedelta(seconds=60)

    def do(self, pair, progress):
        threads = [threading.Thread(target=pair.primary.relationships) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return Answer(outcome="unchanged")


def test_no_more_calls_to_a_server_than_wanted():
    lab = Lab()
    refs = fleet(lab, 1)
    busy, most, lock = [0], [0], threading.Lock()

    def count():
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        threading.Event().wait(0.01)
        with lock:
            busy[0] -= 1

    lab.before("a0", None, count, every=True)
    assert results_of(refs, Flood(), per_server=3)["p0"].calls == 12
    assert most[0] == 3


# Hanging calls


def test_a_pair_that_hangs_is_abandoned_and_delays_nobody():
    lab = Lab()
    refs = fleet(lab, 12)
    hanging = Hanging(lab, "b0", "enum_relationships")
    found, order = {}, []
    for result in run(refs, Audit(), time_limit=timedelta(seconds=1), pairs_at_once=4):
        found[result.pair] = result
        order.append(result.pair)
    assert order[-1] == "p0"
    assert {found[name].outcome for name in order[:-1]} == {"unchanged"}
    lost = found["p0"]
    assert (lost.outcome, lost.exit, lost.silent) == ("abandoned", 6, ("b0",))
    assert [(call["server"], call["changes"]) for call in lost.error["calls"]] == [("b0", False)]
    hanging.release.set()


def test_an_abandoned_pair_gets_no_more_calls():
    lab = Lab()
    refs = fleet(lab, 1)
    hanging = Hanging(lab, "b0", "set_relationship")
    lost = results_of(refs, applies, time_limit=SHORT)["p0"]
    assert lost.outcome == "abandoned"
    assert [(call["function"], call["changes"]) for call in lost.error["calls"]] == [
        ("DhcpV4FailoverSetRelationship", True)
    ]
    assert "its outcome is unknown" in lost.error["text"]
    calls = []
    for server in ("a0", "b0"):
        lab.before(server, None, functools.partial(calls.append, server), every=True)
    hanging.release.set()
    settled(lambda: not any(thread.name == "dhcpfo-p0" for thread in threading.enumerate()))
    assert calls == []
    assert percentages(lab, 0)[0] == 50  # the first server was not reached: no step after the one that hung


def test_what_was_done_before_is_listed():
    lab = Lab()
    refs = fleet(lab, 1)
    hanging = Hanging(lab, "a0", "set_relationship")
    lost = results_of(refs, applies, time_limit=SHORT)["p0"]
    assert len(lost.error["done"]) == 1
    assert lost.error["text"].endswith("; 1 step was done: run it again to do the rest")
    hanging.release.set()
    settled(lambda: not any(thread.name == "dhcpfo-p0" for thread in threading.enumerate()))
    assert results_of(refs, applies)["p0"].outcome in ("changed", "unchanged")
    assert percentages(lab, 0) == [40, 40]


def test_other_pairs_of_a_server_that_hangs_are_unknown_at_once():
    lab = Lab()
    refs = fleet(lab, 4, hub=True) + fleet(lab, 1, first=4)
    hanging = Hanging(lab, "hub")
    found = results_of(refs, Audit(), time_limit=SHORT)
    assert found["p0"].outcome == "abandoned"
    assert {found[f"p{number}"].outcome for number in range(1, 4)} == {"unknown"}
    assert found["p3"].error["text"] == "not tried: hub has not returned from a call of pair p0"
    assert found["p4"].outcome == "unchanged"
    assert hanging.calls <= 2
    hanging.release.set()


def test_a_slow_pair_is_not_taken_for_one_that_hangs():
    """Its next calls are refused, and the server may serve other pairs."""
    lab = Lab()
    refs = fleet(lab, 2, hub=True)
    lab.set_delay("a0", timedelta(milliseconds=60))
    found = results_of(refs, Audit("full"), time_limit=timedelta(milliseconds=200), per_server=1)
    assert (found["p0"].outcome, found["p0"].silent) == ("abandoned", ())
    assert found["p1"].outcome != "unknown"


def test_the_time_limit_grows_with_the_calls(monkeypatch):
    lab = Lab()
    refs = fleet(lab, 1)
    monkeypatch.setattr("dhcpfo.fleet.gate.CALLS", 5)
    lab.set_delay("a0", timedelta(milliseconds=30))
    found = results_of(refs, Audit("full"), time_limit=timedelta(milliseconds=200), per_server=1)
    assert found["p0"].outcome == "unchanged"
    assert found["p0"].seconds > 0.2


def test_an_operation_out_of_time_goes_back():
    lab = Lab()
    refs = fleet(lab, 1)
    lab.before("b0", "set_relationship", lambda: threading.Event().wait(0.8))
    found = results_of(refs, applies, time_limit=timedelta(seconds=1))["p0"]
    assert found.outcome == "failed"
    assert "the time limit has passed" in found.error["text"]
    assert percentages(lab, 0) == [50, 50]


EXIT = """
import threading
from datetime import timedelta
from dhcpfo.fleet import Audit, PairRef, run
from dhcpfo.simulator import Lab
lab = Lab()
lab.add_pair("r", direct=True)
lab.before("dhcp2", None, lambda: threading.Event().wait(), every=True)
ref = PairRef.of("dhcp1,dhcp2", opener=lambda ref: lab.connect_pair("dhcp1", "dhcp2", direct=True))
for depth in ("relationships", "full"):
    print([result.outcome for result in run([ref], Audit(depth), time_limit=timedelta(seconds=0.3))], flush=True)
"""


def test_the_exit_does_not_wait_for_calls_that_hang():
    done = subprocess.run([sys.executable, "-c", EXIT], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "['abandoned']\n['abandoned']\n", "")


# Ending early


def test_cancelled_runs_begin_nothing_more_and_go_back():
    lab = Lab()
    refs = fleet(lab, 3)
    running = run(refs, applies, pairs_at_once=1)
    lab.before("b0", "set_relationship", running.cancel)
    found = {result.pair: result for result in running}
    assert found["p0"].outcome == "failed"
    assert "interrupted" in found["p0"].error["text"]
    assert percentages(lab, 0) == [50, 50]
    assert {found[name].error["kind"] for name in ("p1", "p2")} == {"cancelled"}
    assert {found[name].exit for name in ("p1", "p2")} == {6}


def test_leaving_a_run_waits_for_nothing():
    lab = Lab()
    refs = fleet(lab, 3)
    hanging = Hanging(lab, "a2")
    with run(refs, Audit(), pairs_at_once=3) as running:
        assert next(running).outcome == "unchanged"
    assert list(running) == []
    hanging.release.set()


# Arguments


def test_nothing_happens_before_the_first_result_is_asked_for():
    lab = Lab()
    refs = fleet(lab, 1)
    run(refs, applies)
    assert percentages(lab, 0) == [50, 50]
    assert list(run([], Audit())) == []


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"per_server": 0}, "per_server must be between 1 and 256, got 0"),
        ({"pairs_at_once": 0}, "pairs_at_once must be between 1 and 10000, got 0"),
        ({"time_limit": timedelta(0)}, "time_limit must be positive"),
        ({"lost_after": timedelta(-1)}, "lost_after must be positive"),
    ],
)
def test_arguments_are_checked_before_anything_begins(options, text):
    with pytest.raises(ValueError, match=text):
        run([PairRef.of("a,b")], Audit(), **options)


def test_pairs_need_different_names():
    with pytest.raises(ValueError, match="two pairs with the name 'a,b'"):
        run([PairRef.of("a,b"), PairRef.of("a,b")], Audit())
    with pytest.raises(TypeError, match="fleet must hold PairRef, not str"):
        run(["a,b"], Audit())


@pytest.mark.parametrize("servers", ["a", "a,", "a,b,c", "a,A", ""])
def test_a_pair_consists_of_two_servers(servers):
    with pytest.raises(ValueError, match=r"two different names|must not be empty"):
        PairRef.of(servers)


def test_references_hold_no_secret():
    assert not {"password", "credentials", "secret"} & {*ServerRef.__slots__, *PairRef.__slots__}
    assert "hunter2" not in repr(Operation.of("rotate_secret", "r", Secret("hunter2")))
