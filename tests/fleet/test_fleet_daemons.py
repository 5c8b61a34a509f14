"""The pool of daemon threads behaves like the standard library's, except that the exit does not wait for it."""

import contextlib
import gc
import os
import subprocess
import sys
import threading
import weakref
from concurrent.futures import CancelledError, wait

import pytest

from dhcpfo.fleet import DaemonExecutor
from dhcpfo.pair import threads


def test_results_and_errors_arrive():
    with DaemonExecutor(2) as pool:
        assert list(pool.map(pow, [2, 3], [3, 2])) == [8, 9]
        with pytest.raises(ZeroDivisionError):
            pool.submit(divmod, 1, 0).result()


def test_no_more_threads_than_needed_and_no_more_than_allowed():
    with DaemonExecutor(8) as pool:
        for _ in range(5):
            pool.submit(int).result()
        assert len({pool.submit(threading.get_ident).result() for _ in range(5)}) == 1
    barrier = threading.Barrier(3)
    with DaemonExecutor(3) as pool:
        assert len({future.result() for future in [pool.submit(barrier.wait, 10) for _ in range(6)]}) == 3
        assert len(pool._pool.threads) == 3


def test_a_call_that_hangs_keeps_no_other_from_beginning():
    """An idle thread must not be counted twice: the next call would wait behind the one that hangs."""
    release = threading.Event()
    pool = DaemonExecutor(4)
    first = [pool.submit(int) for _ in range(3)]
    wait(first)
    hanging = [pool.submit(release.wait) for _ in range(3)]
    assert pool.submit(int).result(10) == 0
    release.set()
    assert all(future.result(10) for future in hanging)
    pool.shutdown()


def test_waiting_calls_can_be_cancelled():
    release = threading.Event()
    pool = DaemonExecutor(1)
    running, waiting = pool.submit(release.wait), pool.submit(int)
    pool.shutdown(wait=False, cancel_futures=True)
    with pytest.raises(CancelledError):
        waiting.result(10)
    release.set()
    assert running.result(10)
    with pytest.raises(RuntimeError):
        pool.submit(int)
    pool.shutdown()


def test_a_call_that_was_cancelled_while_waiting_is_not_made():
    release, made = threading.Event(), []
    with DaemonExecutor(1) as pool:
        pool.submit(release.wait)
        waiting = pool.submit(made.append, 1)
        assert waiting.cancel()
        release.set()
        assert pool.submit(len, made).result() == 0


def test_an_idle_thread_holds_neither_arguments_nor_results():
    class Thing:
        pass

    with DaemonExecutor(1) as pool:
        thing = Thing()
        seen = weakref.ref(thing)
        assert pool.submit(lambda given: given, thing).result() is thing
        pool.submit(int).result()
        del thing
        gc.collect()
        assert seen() is None


def test_the_threads_of_a_forgotten_pool_end():
    pool = DaemonExecutor(1)
    pool.submit(int).result()
    (thread,) = pool._pool.threads
    del pool
    gc.collect()
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.parametrize("most", [0, -1, 10**6, "4"])
def test_the_number_of_threads_is_checked(most):
    with pytest.raises((ValueError, TypeError), match="max_workers"):
        DaemonExecutor(most)


EXIT = """
import threading
from dhcpfo.fleet import DaemonExecutor
begun = threading.Event()
def hang():
    begun.set()
    threading.Event().wait()
pool = DaemonExecutor(2)
pool.submit(hang)
begun.wait()
print("end", flush=True)
"""


def test_the_exit_does_not_wait_for_a_call_that_hangs():
    done = subprocess.run([sys.executable, "-c", EXIT], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")


def ident_in_a_thread():
    """The thread that a job gets, once it is idle again."""
    found, ended = [], threading.Event()

    def job():
        found.append(threading.current_thread())
        ended.set()

    threads.begin(job, "dhcpfo-test")
    assert ended.wait(10)
    while found[0].name == "dhcpfo-test":  # a moment: it is on its way back
        threading.Event().wait(0.001)
    return found[0]


@pytest.fixture
def no_idle_threads(monkeypatch):
    monkeypatch.setattr(threads, "_of_process", {})


@pytest.mark.usefixtures("no_idle_threads")
def test_a_thread_is_used_again_and_is_a_daemon():
    first, second = ident_in_a_thread(), ident_in_a_thread()
    assert first is second
    assert first.daemon


@pytest.mark.usefixtures("no_idle_threads")
def test_a_job_never_waits_for_a_thread_that_hangs():
    release, ended = threading.Event(), threading.Event()
    ident_in_a_thread()
    threads.begin(release.wait, "dhcpfo-test-hangs")
    threads.begin(ended.set, "dhcpfo-test")
    assert ended.wait(10)
    release.set()


@pytest.mark.usefixtures("no_idle_threads")
def test_an_idle_thread_ends_after_a_while(monkeypatch):
    monkeypatch.setattr(threads, "IDLE", 0.01)
    thread = ident_in_a_thread()
    thread.join(10)
    assert not thread.is_alive()
    assert ident_in_a_thread() is not thread


@pytest.mark.usefixtures("no_idle_threads")
def test_jobs_that_come_while_threads_end_are_all_done(monkeypatch):
    """A thread is taken at the moment at which it stops waiting: the job must not be lost."""
    monkeypatch.setattr(threads, "IDLE", 1e-6)
    for _ in range(300):
        ended = threading.Event()
        threads.begin(ended.set, "dhcpfo-test")
        assert ended.wait(10)


@pytest.mark.usefixtures("no_idle_threads")
def test_a_thread_that_was_taken_for_a_job_and_gets_none_ends(monkeypatch):
    """Ctrl-C has hit who took it."""
    monkeypatch.setattr(threads, "IDLE", 0.1)
    helper, done = None, threading.Event()
    while helper is None:
        thread = ident_in_a_thread()
        with contextlib.suppress(IndexError):  # a moment: it is on its way back
            helper = threads._idle().pop()
    thread.join(10)
    assert not thread.is_alive()
    assert not helper.take(done.set, "dhcpfo-test")
    threads._idle().append(helper)
    threads.begin(done.set, "dhcpfo-test")
    assert done.wait(10)


@pytest.mark.usefixtures("no_idle_threads")
def test_an_idle_thread_holds_no_job():
    class Job:
        def __call__(self):
            ended.set()

    ended, job = threading.Event(), Job()
    seen = weakref.ref(job)
    threads.begin(job, "dhcpfo-test")
    assert ended.wait(10)
    del job
    ident_in_a_thread()
    gc.collect()
    assert seen() is None


FORK = """
import os, sys, threading
from dhcpfo.pair.threads import begin
def do():
    ended = threading.Event()
    begin(ended.set, "dhcpfo-test")
    return ended.wait(10)
assert do()
child = os.fork()
if not child:
    os._exit(0 if do() else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_forked_process_starts_its_own_threads():
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORK], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
