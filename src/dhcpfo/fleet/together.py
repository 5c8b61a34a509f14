"""Calls to several servers at once, in threads that do not keep the program from ending."""

import errno
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import Any, TypeVar

from ..pair.threads import begin

__all__ = ["together"]

Key = TypeVar("Key", bound=Hashable)
TURN = 0.2
"""The longest wait at a time, in seconds: on Windows, Ctrl-C does not end a wait."""


class _Calls:
    """Calls under way, in several threads.

    Args:
        threads: How many threads there will be at most.
    """

    def __init__(self, threads: int) -> None:
        self.results: dict[Any, Any] = {}
        self._crash: BaseException | None = None
        self._threads = threads
        self._lock = threading.Lock()
        self._ended = threading.Lock()
        self._ended.acquire()

    def begin(self, jobs: deque[tuple[Any, Callable[[], Any]]], at_once: int) -> None:
        """Begin threads for the calls of one server, or fail the calls if none can be started."""
        most = min(at_once, len(jobs))
        for number in range(most):
            try:
                begin(partial(self.work, jobs), "dhcpfo-read")
            except RuntimeError as error:  # the system has no more
                if number == 0:
                    lacking = OSError(errno.EAGAIN, str(error))
                    self.results |= {key: lacking for key, _ in jobs}
                    jobs.clear()
                self._end(most - number)
                break

    def work(self, jobs: deque[tuple[Any, Callable[[], Any]]]) -> None:
        """Do the calls of one server until none is left. Several threads take from the same queue."""
        try:
            while jobs:
                try:
                    key, call = jobs.popleft()
                except IndexError:  # another thread was quicker
                    break
                self.results[key] = attempt(call)
        except BaseException as error:  # noqa: BLE001  raised again by the thread that waits
            self._crash = error
        self._end(1)

    def _end(self, threads: int) -> None:
        """Note that threads have ended, or do not exist."""
        with self._lock:
            self._threads -= threads
            last = not self._threads
        if last:
            self._ended.release()

    def wait(self, deadline: float | None) -> None:
        """Wait until all threads have ended, or until the deadline.

        Raises:
            BaseException: What a call raised that is not an `OSError`.
        """
        while True:
            left = TURN if deadline is None else min(TURN, deadline - time.monotonic())
            if left <= 0 or self._ended.acquire(timeout=left):
                break
        if self._crash is not None:
            raise self._crash


def attempt(call: Callable[[], Any]) -> Any:
    """Return the result of a call, or the `OSError` that it raised; every `dhcpfo.DhcpError` is one."""
    try:
        return call()
    except OSError as error:
        return error


def together(
    groups: Mapping[Any, Mapping[Key, Callable[[], Any]]], at_once: int, deadline: float | None = None
) -> dict[Key, Any]:
    """Make calls and wait for them.

    Args:
        groups: The calls, in groups that do not wait for each other: one for each server.
        at_once: The most calls of a group at the same time. With 1 and without a deadline, all calls are made one
            after the other by the calling thread.
        deadline: The time of `time.monotonic` at which to stop waiting. The threads of calls that have not returned
            by then are left to themselves; calls that have not begun are not made.

    Returns:
        The result of each call, or the `OSError` that it raised. Calls that were abandoned are not there. If the system
        has no more threads, fewer calls are made at the same time; a group without any gets an `OSError` for each call.
    """
    if at_once == 1 and deadline is None:
        return {key: attempt(call) for jobs in groups.values() for key, call in jobs.items()}
    queues = [deque(jobs.items()) for jobs in groups.values()]
    threads = sum(min(at_once, len(queue)) for queue in queues)
    if not threads:
        return {}
    calls = _Calls(threads)
    try:
        for queue in queues:
            calls.begin(queue, at_once)
        calls.wait(deadline)
    finally:
        for queue in queues:
            queue.clear()
    return dict(calls.results)
