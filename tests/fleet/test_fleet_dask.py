"""Each trap of Dask, with a real cluster of processes on this machine."""

import contextlib
import os
import warnings
from datetime import timedelta
from pathlib import Path

import pytest
from fleet_workers import InTurn, Process
from fleets import fleet

from dhcpfo import Secret
from dhcpfo.fleet import ApplyJob, Audit, Operation, PairRef, PlanJob, run
from dhcpfo.simulator import Lab

distributed = pytest.importorskip("distributed", reason="distributed is not installed: pip install dhcpfo[fleet]")

pytestmark = pytest.mark.filterwarnings("ignore")  # Dask's own

HERE = str(Path(__file__).parent)
SETTINGS = {
    "distributed.worker.daemon": True,
    "distributed.scheduler.allowed-failures": 1,
    "distributed.comm.timeouts.connect": "10s",
    "distributed.admin.log-format": "%(message)s",
    "distributed.logging.distributed": "critical",
}


@pytest.fixture(scope="module")
def client():
    import dask

    with contextlib.ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("PYTHONPATH", os.pathsep.join([HERE, os.environ.get("PYTHONPATH", "")]))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(dask.config.set(SETTINGS))
        cluster = stack.enter_context(
            distributed.LocalCluster(
                n_workers=2, threads_per_worker=4, processes=True, host="127.0.0.1", dashboard_address=None
            )
        )
        yield stack.enter_context(distributed.Client(cluster))


@pytest.fixture
def executor(client):
    return client.get_executor(pure=False, retries=0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "fleet.lab"


def update(ref, percentage=40):
    return ApplyJob(Operation.of("update", f"r{ref.name[1:]}", percentage=percentage))


def percentages(lab, number):
    return [lab.connect(f"{side}{number}").get_relationship(f"r{number}").percentage for side in "ab"]


def test_a_fleet_is_planned_applied_and_audited_on_several_workers(client, executor, path):
    lab = Lab.open(path)
    refs = fleet(lab, 8, lab_path=path)
    workers = {result.data for result in run(refs, Process(), executor=executor)}
    assert os.getpid() not in workers
    assert len(workers) == 2
    assert {result.outcome for result in run(refs, update, executor=executor)} == {"changed"}
    assert percentages(lab, 7) == [40, 40]
    assert {result.outcome for result in run(refs, Audit("full"), executor=executor)} == {"unchanged"}


def test_an_equal_job_is_done_again(client, path):
    """Dask takes calls for pure unless told otherwise, and answers an equal one with the answer it has."""
    (ref,) = fleet(Lab.open(path), 1, lab_path=path)
    pure = client.get_executor()
    job = PlanJob(update(ref).wanted)
    outcomes = [
        result.outcome for one in (job, update(ref), job, update(ref)) for result in run([ref], one, executor=pure)
    ]
    assert outcomes == ["drift", "changed", "unchanged", "unchanged"]


def test_the_trap_of_pure_calls_is_real(client, path, tmp_path):
    """The test above would fail without the nonce: an equal submission returns the first answer without running."""
    from concurrent.futures import wait

    from dhcpfo.fleet.work import Task, pack, work_packed

    (ref,) = fleet(Lab.open(path), 1, lab_path=path)
    pure = client.get_executor()
    plan, apply = (pack(Task("the same", ref, job, 8, 30.0)) for job in (PlanJob(update(ref).wanted), update(ref)))
    first = pure.submit(work_packed, plan)
    wait([first, pure.submit(work_packed, apply)])
    assert pure.submit(work_packed, plan).result() == first.result()


def test_another_worker_does_the_rest_when_one_dies(client, executor, path):
    """The scheduler runs the job of a dead worker again: it plans again, within the steps that were approved.

    Of the five writes of a new relationship, a worker dies before two. Each of them is in test_fleet_digests.py.
    """
    lab = Lab.open(path)
    for at, ref in zip((2, 4), fleet(lab, 2, lab_path=path), strict=True):
        scope = f"10.77.{at}.0"
        server = lab.connect(ref.primary.name)
        server.create_scope(f"{scope}/24", name="new")
        server.add_range(scope, f"10.77.{at}.1", f"10.77.{at}.200")
        wanted = Operation.of("create", "new", scopes=[scope])
        (plan,) = run([ref], PlanJob(wanted), executor=executor)
        assert len(plan.plan["steps"]) == 5
        order = Path(f"{path}.die")
        order.write_text(str(at))
        job = ApplyJob(wanted, frozenset(plan.plan["digests"]))
        dying = PairRef(ref.name, ref.primary, ref.secondary, opener="fleet_workers:dying")
        (result,) = run([dying], job, executor=executor, time_limit=timedelta(seconds=30))
        assert not order.exists(), "no worker died"
        assert (result.outcome, len(result.plan["steps"])) == ("changed", 6 - at), result.error
        assert next(run([ref], PlanJob(wanted), executor=executor)).outcome == "unchanged"
        (audit,) = run([ref], Audit("full"), executor=executor)
        assert [finding.code for finding in audit.findings] == ["recovering"]  # the new relationship is not yet NORMAL


def test_a_pair_that_kills_its_workers_is_unknown_and_others_can_go_on(client, executor, path):
    """Dask also gives up on what else these workers were doing; a second run does that."""
    refs = fleet(Lab.open(path), 4, lab_path=path)
    bad = PairRef("bad", refs[0].primary, refs[0].secondary, opener="fleet_workers:always_dying")
    found = {result.pair: result for result in run([bad, *refs[1:]], Audit(), executor=executor)}
    assert (found["bad"].outcome, found["bad"].error["kind"]) == ("unknown", "lost")
    assert "KilledWorker" in found["bad"].error["text"]
    assert {found[ref.name].outcome for ref in refs[1:]} <= {"unchanged", "unknown"}
    client.wait_for_workers(2, timeout=30)
    assert {result.outcome for result in run(refs, Audit(), executor=executor)} == {"unchanged"}


def test_pairs_that_share_a_server_take_turns_on_all_workers(client, executor, path, tmp_path):
    client.wait_for_workers(2, timeout=30)
    refs = fleet(Lab.open(path), 8, hub=True, lab_path=path)
    results = list(run(refs, InTurn(folder=str(tmp_path)), executor=executor))
    assert {result.outcome for result in results} == {"unchanged"}, [result.error for result in results]


def test_a_call_that_hangs_holds_no_worker_and_a_write_that_hangs_is_unknown(client, executor, path):
    client.wait_for_workers(2, timeout=30)
    lab = Lab.open(path)
    refs = fleet(lab, 12, lab_path=path)
    for number in range(9):  # more than there are threads, with the next one
        lab.set_delay(f"b{number}", timedelta(seconds=60))
    lab.add_server("c0", "192.0.2.250")
    refs[9] = PairRef("p9", refs[9].primary, refs[9].secondary, opener="fleet_workers:hanging_write")
    refs.append(PairRef.of("c0,b9", "shared", lab=path))
    jobs = {"p9": update(refs[9])}
    running = run(refs, lambda ref: jobs.get(ref.name, Audit()), executor=executor, time_limit=timedelta(seconds=1))
    found = {result.pair: result for result in running}
    assert {found[f"p{number}"].outcome for number in range(10)} == {"abandoned"}
    assert [found[f"p{number}"].outcome for number in (10, 11)] == ["unchanged", "unchanged"]
    assert found["p0"].silent == ("b0",)
    (call,) = found["p9"].error["calls"]
    assert (call["server"], call["function"], call["changes"]) == ("b9", "DhcpV4FailoverSetRelationship", True)
    assert "its outcome is unknown" in found["p9"].error["text"]
    assert found["p9"].exit == 6
    assert (found["shared"].outcome, found["shared"].error["kind"]) == ("unknown", "silent")
    assert percentages(lab, 9) == [50, 50]  # the step after the one that hangs was not done


def test_no_secret_is_sent(client, executor, path):
    """Dask would pickle it with cloudpickle, closures too, and keep it in its scheduler."""
    (ref,) = fleet(Lab.open(path), 1, lab_path=path)
    with pytest.raises(TypeError, match="a Secret must not be sent"):
        list(run([ref], Process(Secret("hunter2")), executor=executor))
    text = "hunter2"
    hidden = PairRef("p", ref.primary, ref.secondary, opener=lambda ref: text)
    with pytest.raises(TypeError, match="must be picklable"):
        list(run([hidden], Process(), executor=executor))


def test_workers_that_are_gone_are_noticed(client, path):
    """A job that no worker takes never ends by itself."""
    refs = fleet(Lab.open(path), 5, lab_path=path)
    nowhere = client.get_executor(pure=False, retries=0, workers=["tcp://127.0.0.1:1"])
    results = list(run(refs, Audit(), executor=nowhere, pairs_at_once=3, lost_after=timedelta(seconds=1)))
    assert len(results) == 5
    assert {result.exit for result in results} == {6}
    assert {result.error["kind"] for result in results} == {"lost"}
