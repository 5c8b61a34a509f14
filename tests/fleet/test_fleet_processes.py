"""Runs in other processes: what may travel, whose credentials are used, a worker that dies, two runs on one lab."""

import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from fleet_workers import InTurn, Leak, Process
from fleets import fleet, opener

from dhcpfo import Secret
from dhcpfo.fleet import ApplyJob, Audit, Operation, PairRef, PlanJob, run
from dhcpfo.fleet.work import Task, pack, work
from dhcpfo.simulator import Lab

HERE = str(Path(__file__).parent)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "fleet.lab"


@pytest.fixture(scope="module")
def pool():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([HERE, os.environ.get("PYTHONPATH", "")]))
        with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
            list(pool.map(abs, range(4)))
            yield pool


def update(ref):
    return ApplyJob(Operation.of("update", f"r{ref.name[1:]}", percentage=40))


def test_other_processes_plan_apply_and_audit(path, pool):
    lab = Lab.open(path)
    refs = fleet(lab, 6, lab_path=path)
    results = list(run(refs, Audit("full"), executor=pool))
    assert {result.outcome for result in results} == {"unchanged"}
    assert all(result.calls > 10 for result in results)
    plans = list(run(refs, lambda ref: PlanJob(update(ref).wanted), executor=pool))
    assert {result.outcome for result in plans} == {"drift"}
    assert {result.outcome for result in run(refs, update, executor=pool)} == {"changed"}
    assert {result.outcome for result in run(refs, update)} == {"unchanged"}


def test_pairs_that_share_a_server_take_turns_in_all_processes(path, tmp_path, pool):
    refs = fleet(Lab.open(path), 8, hub=True, lab_path=path)
    results = list(run(refs, InTurn(folder=str(tmp_path)), executor=pool))
    assert {result.outcome for result in results} == {"unchanged"}, [result.error for result in results]


@pytest.mark.parametrize("given", [Secret("hunter2"), [Secret("hunter2")]], ids=["secret", "inside"])
def test_a_job_with_a_secret_is_not_sent(path, pool, given):
    (ref,) = fleet(Lab.open(path), 1, lab_path=path)
    with pytest.raises(TypeError, match="a Secret must not be sent to another process") as caught:
        list(run([ref], Process(given), executor=pool))
    assert "hunter2" not in str(caught.value)


def test_a_job_with_a_server_a_plan_or_a_closure_is_not_sent(path, pool):
    lab = Lab.open(path)
    (ref,) = fleet(lab, 1, lab_path=path)
    pair = ref.connect()
    plan = pair.plan.update("r0", percentage=40)
    for given in (pair, pair.primary, plan, plan.steps[0]):
        with pytest.raises(TypeError, match=f"a {type(given).__name__} must not be sent to another process"):
            list(run([ref], Process(given), executor=pool))
    with pytest.raises(TypeError, match="must be picklable"):
        list(run([PairRef("p", ref.primary, ref.secondary, opener=opener(lab))], Process(), executor=pool))


def test_a_secret_does_not_come_back(path, pool):
    (ref,) = fleet(Lab.open(path), 1, lab_path=path)
    (result,) = run([ref], Leak(), executor=pool)
    assert (result.outcome, result.error["kind"]) == ("failed", "TypeError")
    assert "a Secret must not be sent" in result.error["text"]
    assert "hunter2" not in str(result.to_dict())


def test_the_worker_connects_by_its_own_means(path, monkeypatch):
    """A pair says where to look, and the worker's environment decides: as for tickets and users."""
    fleet(Lab.open(path), 1, lab_path=path)
    ref = PairRef.of("a0,b0", "p0", opener="fleet_workers:by_environment")
    assert next(run([ref], Audit())).error["kind"] == "KeyError"  # this process does not know it
    monkeypatch.setenv("PYTHONPATH", HERE)
    monkeypatch.setenv("DHCPFO_TEST_WORKER", str(path))
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        pool.submit(abs, 1).result()
        monkeypatch.delenv("DHCPFO_TEST_WORKER")
        assert next(run([ref], Audit(), executor=pool)).outcome == "unchanged"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals between processes")
def test_pairs_of_a_worker_that_died_are_unknown(path, monkeypatch):
    refs = fleet(Lab.open(path), 2, lab_path=path)
    dying = PairRef("d", refs[0].primary, refs[0].secondary, opener="fleet_workers:always_dying")
    monkeypatch.setenv("PYTHONPATH", HERE)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        (result,) = run([dying], Audit(), executor=pool)
        assert (result.outcome, result.error["kind"], result.exit) == ("unknown", "lost", 6)
        after = list(run(refs, Audit(), executor=pool))  # this pool is broken for good
    assert {result.outcome for result in after} == {"unknown"}


TWO = """
import sys
from dhcpfo.fleet import ApplyJob, Operation, PairRef, run
from dhcpfo.fleet.work import Task, pack, work
path, percentage, first, last = sys.argv[1], *map(int, sys.argv[2:])
refs = [PairRef.of(f"a{n},b{n}", f"r{n}", lab=path) for n in range(first, last)]
job = lambda ref: ApplyJob(Operation.of("update", ref.name, percentage=percentage))
print(sorted({result.outcome for result in run(refs, job)}))
"""


def test_two_processes_on_one_lab_file_lose_nothing(path):
    lab = Lab.open(path)
    fleet(lab, 16, lab_path=path)
    command = [sys.executable, "-c", TWO, str(path)]
    runs = [
        subprocess.Popen([*command, percent, first, last], stdout=subprocess.PIPE, text=True)
        for percent, first, last in (("30", "0", "8"), ("70", "8", "16"))
    ]
    assert [one.communicate(timeout=120)[0] for one in runs] == ["['changed']\n"] * 2
    found = {n: lab.connect(f"{side}{n}").get_relationship(f"r{n}").percentage for n in range(16) for side in "ab"}
    assert found == {n: 30 if n < 8 else 70 for n in range(16)}
    assert {result.outcome for result in run(fleet_refs(path, 16), Audit("full"))} == {"unchanged"}


def fleet_refs(path, count):
    return [PairRef.of(f"a{number},b{number}", f"p{number}", lab=path) for number in range(count)]


def test_what_is_sent_back_does_not_grow_with_the_configuration():
    """Scopes are compared on the worker and dropped there: 46 GB would come back from a large fleet."""
    sizes = []
    for scopes in (2, 40):
        lab = Lab()
        lab.add_pair("r", scopes=[f"10.9.{number}.0/24" for number in range(scopes)], direct=True)
        for server in ("dhcp1", "dhcp2"):
            for number in range(scopes):
                lab.connect(server, direct=True).add_reservation(f"10.9.{number}.0", f"10.9.{number}.7", b"\1" * 6)
        lab.connect("dhcp2", direct=True).set_relationship("r", percentage=70)
        ref = PairRef.of(
            "dhcp1,dhcp2", "p", opener=lambda ref, lab=lab: lab.connect_pair("dhcp1", "dhcp2", direct=True)
        )
        result = work(Task("n", ref, Audit("full"), 8, 60.0))
        assert [finding.code for finding in result.findings] == ["percentage-differs"]
        assert result.calls > 10 * scopes
        sizes.append(len(pack(result)))
    assert sizes[1] < 3000
    assert sizes[1] - sizes[0] < 100
