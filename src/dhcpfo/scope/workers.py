"""Calls to one server in parallel."""

import threading
from collections.abc import Callable, Iterable
from queue import SimpleQueue

__all__ = ["Workers", "carry_out"]

Job = Callable[["Workers"], None]

WAIT = 0.1
"""Seconds between two looks for Ctrl-C, which does not end a wait for a lock on Windows."""


class Workers:
    """A queue of jobs and the threads that do them. A job may add more.

    The threads are daemons: a call that does not return keeps no program from ending.
    """

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._open = 0
        self._error: BaseException | None = None
        self._done = threading.Event()
        for job in jobs:
            self.add(job)

    def add(self, job: Job) -> None:
        """Add a job. Only a job may do so once the work has begun."""
        with self._lock:
            self._open += 1
        self._queue.put(job)

    def run(self, count: int) -> None:
        """Do all jobs with ``count`` threads, or fewer if the system has no more; an error of a job ends the work."""
        if not self._open:
            return
        begun = 0
        try:
            for _ in range(count):
                try:
                    threading.Thread(target=self._work, daemon=True, name="dhcpfo-read").start()
                except RuntimeError:
                    break
                begun += 1
            if not begun:
                self.run_alone()
                return
            while not self._done.wait(WAIT):
                pass
        except BaseException as error:  # Ctrl-C: calls that have begun go on, and no other begins
            self._error = error
            raise
        finally:
            for _ in range(begun):
                self._queue.put(None)
        if self._error is not None:
            raise self._error

    def run_alone(self) -> None:
        """Do all jobs without another thread."""
        while not self._queue.empty():
            job = self._queue.get()
            assert job is not None
            job(self)

    def _work(self) -> None:
        while (job := self._queue.get()) is not None:
            try:
                if self._error is None:
                    job(self)
            except BaseException as error:  # noqa: BLE001  raised by the caller's thread
                self._error = error
            with self._lock:
                self._open -= 1
                if not self._open:
                    self._done.set()


def carry_out(jobs: Iterable[Job], calls_at_once: int) -> None:
    """Do jobs, and those that they add.

    Args:
        jobs: The jobs.
        calls_at_once: How many are done at the same time; 1 starts no thread.
    """
    workers = Workers(jobs)
    if calls_at_once > 1:
        workers.run(calls_at_once)
    else:
        workers.run_alone()
