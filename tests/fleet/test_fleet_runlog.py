"""Run logs: one line for each event, no secrets, and the pairs to try again."""

import json
import os
from datetime import datetime, timedelta

import pytest
from fleets import Hanging, fleet

from dhcpfo.fleet import ApplyJob, Audit, Operation, RunLog, failed_pairs, run
from dhcpfo.simulator import Lab

MARKER = "correct horse battery"


def lines_of(path):
    return [json.loads(line) for line in path.read_text("ascii").splitlines()]


def test_each_event_is_a_line(tmp_path):
    lab = Lab()
    refs = fleet(lab, 2)
    path = tmp_path / "run.jsonl"
    with RunLog(path) as log:
        for _ in run(refs[:1], lambda ref: ApplyJob(Operation.of("update", "r0", percentage=40)), on_event=log):
            pass
    told = lines_of(path)
    assert [line["event"] for line in told if line["event"] != "step"] == ["begin", "end"]
    assert {line["pair"] for line in told} == {"p0"}
    assert all(datetime.fromisoformat(line["time"]).tzinfo is not None for line in told)
    steps = [(line["state"], line["step"]) for line in told if line["event"] == "step" and line["state"] == "done"]
    assert steps == [("done", "relationship r0: percentage 50 → 40")] * 2
    assert told[-1].items() >= {"outcome": "changed", "exit": 0, "job": "apply"}.items()


def test_the_failed_pairs_are_those_to_try_again(tmp_path):
    lab = Lab()
    refs = fleet(lab, 5)
    path = tmp_path / "run.jsonl"
    lab.power_off("b1")
    lab.fail("a2", "set_relationship", 5)
    hanging = Hanging(lab, "a3")

    def job(ref):
        return ApplyJob(Operation.of("update", f"r{ref.name[1:]}", percentage=40))

    with RunLog(path) as log:
        results = list(run(refs, job, on_event=log, time_limit=timedelta(seconds=0.5)))
    assert sorted(failed_pairs(path)) == ["p1", "p2", "p3"]
    assert lines_of(path)[-1]["error"]["calls"][0]["server"] == "a3"
    hanging.release.set()
    lab.clear_faults("a3")
    lab.start("b1")
    lab.settle(timedelta(days=1))
    again = [ref for ref in refs if ref.name in failed_pairs(path)]
    with RunLog(path) as log:
        results = list(run(again, job, on_event=log))
    assert sorted(result.pair for result in results) == ["p1", "p2", "p3"]
    assert failed_pairs(path) == []


def test_pairs_without_an_end_were_killed(tmp_path):
    path = tmp_path / "run.jsonl"
    begun = '{"time": "2026-01-01T00:00:00+00:00", "event": "begin", "pair": "%s", "job": "apply"}\n'
    ended = '{"event": "end", "pair": "%s", "outcome": "changed"}\n'
    path.write_text(begun % "a" + begun % "b" + ended % "a" + begun % "c" + (ended % "c")[:20], "utf-8")
    assert failed_pairs(path) == ["b", "c"]


def events(path, *told):
    """Write events as EVENT/JOB or end/JOB/OUTCOME of a pair, and return whether it has to be tried again."""
    with path.open("a", encoding="utf-8") as log:
        for text in told:
            event, job, *outcome = text.split("/")
            log.write(json.dumps({"event": event, "pair": "p", "job": job, "outcome": "".join(outcome)}) + "\n")
    return failed_pairs(path) == ["p"]


def test_a_plan_does_not_mend_an_apply_that_failed(tmp_path):
    path = tmp_path / "run.jsonl"
    assert events(path, "begin/plan")
    assert not events(path, "end/plan/drift")
    assert events(path, "wait/apply")  # killed before its turn
    assert events(path, "begin/plan", "end/plan/drift")
    assert events(path, "wait/apply", "begin/apply", "end/apply/failed")
    assert events(path, "begin/audit", "end/audit/unchanged")
    assert events(path, "end//unknown")  # Ctrl-C before its turn
    assert not events(path, "begin/apply", "end/apply/changed")
    assert events(path, "end/apply/refused")
    assert not events(path, "begin/plan", "end/plan/unchanged")


@pytest.mark.parametrize("text", ["pairs:\n  a: 1\n", "[1, 2]\n", "\x00\xff\n", '{"event": 1}\n' + "[" * 100_000])
def test_other_files_are_no_run_logs(tmp_path, text):
    path = tmp_path / "run.jsonl"
    path.write_bytes(text.encode("utf-8"))
    with pytest.raises(ValueError, match="is not a run log"):
        failed_pairs(path)
    path.write_text("")
    assert failed_pairs(path) == []


def test_a_line_is_written_with_one_write(tmp_path, monkeypatch):
    lab = Lab()
    refs = fleet(lab, 3)
    written = []
    write = os.write
    with RunLog(tmp_path / "run.jsonl") as log:
        monkeypatch.setattr(
            "dhcpfo.fleet.runlog.os.write", lambda file, data: written.append(data) or write(file, data)
        )
        assert len(list(run(refs, Audit(), on_event=log))) == 3
        monkeypatch.undo()
    assert len(written) == 6
    assert all(data.endswith(b"\n") and data.count(b"\n") == 1 for data in written)


def test_a_run_log_holds_no_secret(tmp_path):
    lab = Lab()
    (ref,) = fleet(lab, 1)
    path = tmp_path / "run.jsonl"
    results = []
    with RunLog(path) as log:
        for secret in (MARKER, MARKER + "2"):
            job = ApplyJob(Operation.of("rotate_secret", "r0", secret), allow=frozenset({"rotate-short-interval"}))
            results += run([ref], job, on_event=log)
        lab.fail("a0", "set_relationship", 5)
        results += run([ref], ApplyJob(Operation.of("rotate_secret", "r0", MARKER + "3")), on_event=log)
    assert [result.outcome for result in results] == ["changed", "changed", "failed"]
    assert MARKER not in path.read_text("utf-8")
    assert MARKER not in json.dumps([result.to_dict() for result in results])
    assert MARKER not in repr(results)
