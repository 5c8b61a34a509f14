"""The pool of daemon threads behaves like the standard library's, except that the exit does not wait for it."""

import gc
import subprocess
import sys
import threading
import weakref
from concurrent.futures import CancelledError, wait

import pytest

from dhcpfo.fleet import DaemonExecutor


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
