"""Calls to several servers at once, in threads that do not keep the program from ending."""

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

__all__ = ["together"]

Key = TypeVar("Key", bound=Hashable)
TURN = 0.2
"""The longest wait at a time, in seconds: on Windows, Ctrl-C does not end a wait."""


class _Crew(threading.Thread):
    """A thread that does calls of one server until none is left.

    Args:
        jobs: The calls that are left; several threads take from it.
        results: Where the results go.
    """

    def __init__(self, jobs: deque[tuple[Any, Callable[[], Any]]], results: dict[Any, Any]) -> None:
        super().__init__(name="dhcpfo-read", daemon=True)
        self._jobs = jobs
        self._results = results
        self.crash: BaseException | None = None

    def run(self) -> None:
        while self._jobs:
            try:
                key, call = self._jobs.popleft()
            except IndexError:  # another thread was quicker
                return
            try:
                self._results[key] = attempt(call)
            except BaseException as error:  # noqa: BLE001  raised again by the thread that waits
                self.crash = error
                return


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
        The result of each call, or the `OSError` that it raised. Calls that were abandoned are not there.
    """
    results: dict[Key, Any] = {}
    if at_once == 1 and deadline is None:
        for jobs in groups.values():
            results.update({key: attempt(call) for key, call in jobs.items()})
        return results
    queues = [deque(jobs.items()) for jobs in groups.values()]
    crews = [_Crew(queue, results) for queue in queues for _ in range(min(at_once, len(queue)))]
    for crew in crews:
        crew.start()
    for crew in crews:
        while crew.is_alive() and (deadline is None or time.monotonic() < deadline):
            crew.join(TURN if deadline is None else max(0.0, min(TURN, deadline - time.monotonic())))
    for queue in queues:
        queue.clear()
    for crew in crews:
        if crew.crash is not None:
            raise crew.crash
    return dict(results)
