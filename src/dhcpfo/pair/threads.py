"""Daemon threads that are used again: for a short job, starting a thread costs more than the job."""

import os
import threading
import time
from collections import deque
from collections.abc import Callable

__all__ = ["begin"]

IDLE = 5.0
"""Seconds after which a thread that has nothing to do ends."""

SOON = 0.01
"""Seconds in which a thread that has done its job is ready for another one."""


class _Helper:
    """A thread that does a job, and then waits for the next one.

    Args:
        job: The first job.
        name: The thread's name while it does the job.
    """

    def __init__(self, job: Callable[[], object], name: str) -> None:
        self._job: Callable[[], object] | None = job
        self._name = name
        self._wake = threading.Lock()
        self._wake.acquire()
        self._over = False  # whether it ends after the job that it may have got at the last moment
        threading.Thread(target=self._run, daemon=True, name=name).start()

    def take(self, job: Callable[[], object], name: str) -> bool:
        """Do another job. Only the one caller that took this helper from the idle ones may do so.

        Returns:
            Whether the job is done: False if the thread has ended, because the job came too late.
        """
        self._job, self._name = job, name
        self._wake.release()
        return not (self._over and self._wake.acquire(blocking=False))

    def _run(self) -> None:
        thread = threading.current_thread()
        while True:
            job, self._job = self._job, None
            assert job is not None
            thread.name = self._name
            job()
            del job  # an idle thread holds nothing
            if self._over:
                return
            thread.name = "dhcpfo-idle"
            idle = _idle()
            idle.append(self)
            if not self._wake.acquire(timeout=IDLE):
                try:
                    idle.remove(self)
                except ValueError:  # taken at this moment; but Ctrl-C may have hit who did so
                    if self._wake.acquire(timeout=IDLE):
                        continue
                    self._over = True
                    if self._wake.acquire(blocking=False):
                        continue
                return


_of_process: dict[int, deque[_Helper]] = {}


def _idle() -> deque[_Helper]:
    """Return the idle threads of this process: after a fork, those of the parent do not exist."""
    return _of_process.setdefault(os.getpid(), deque())


def begin(job: Callable[[], object], name: str) -> None:
    """Do a job in a daemon thread, which the end of the program does not wait for.

    Args:
        job: The job. It handles its errors itself.
        name: The thread's name meanwhile.

    Raises:
        RuntimeError: No thread can be started, and none is idle.
    """
    idle = _idle()
    taken = False
    while not taken:
        try:
            helper = idle.pop()
        except IndexError:
            try:
                _Helper(job, name)
            except RuntimeError:
                time.sleep(SOON)
                if not idle:
                    raise
                helper = idle.pop()
            else:
                return
        taken = helper.take(job, name)
