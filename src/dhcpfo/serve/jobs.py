"""Reads that run in the background: at most one for each pair, and one result for everybody who asks for the same.

A call to a dead server cannot be cancelled, so nobody waits for one: a request gets the result if it is there in time,
and otherwise "not yet". Threads are daemons, so exit does not wait for them either.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Busy", "Jobs", "Outcome"]

MOST_WAITING = 16
"""Jobs of one pair that wait for their turn."""

MOST_KEPT = 32
"""Results that are kept for one pair."""

SLOW = 3.0
"""Seconds after which a running job does not keep other pairs from starting theirs."""


class Busy(Exception):  # noqa: N818  read as a word
    """Too much is waiting for this pair."""


@dataclass(slots=True)
class Outcome:
    """A job, and its result as soon as there is one.

    Attributes:
        future: Has the result, or the exception.
        begun: When the job began, in seconds of `time.monotonic`; None while it waits.
        ended: When it ended; None before.
        at: When it ended, in seconds since 1970.
    """

    future: "Future[Any]" = field(default_factory=Future)
    begun: float | None = None
    ended: float | None = None
    at: float | None = None

    def is_old(self, ended: float, begun: float) -> bool:
        """Return whether it ended before a time, or was begun before another one and has ended."""
        return self.ended is not None and self.begun is not None and (self.ended < ended or self.begun < begun)


@dataclass(slots=True)
class _Line:
    """What waits and runs for one pair."""

    waiting: "deque[tuple[Hashable, Callable[[], Any]]]" = field(default_factory=deque)
    outcomes: dict[Hashable, Outcome] = field(default_factory=dict)
    last: dict[Hashable, Outcome] = field(default_factory=dict)
    running: Outcome | None = None


class Jobs:
    """Runs jobs: those of one pair one after the other, those of different pairs at once.

    Args:
        at_once: The most pairs to work for at the same time. Jobs that take longer than three seconds do not count.
    """

    def __init__(self, at_once: int = 32) -> None:
        self._at_once = at_once
        self._lock = threading.Lock()
        self._lines: dict[Hashable, _Line] = {}

    def ask(
        self, pair: Hashable, key: Hashable, job: Callable[[], Any], *, keep: float = 0.0, since: float = 0.0
    ) -> Outcome:
        """Return the outcome of a job, which begins soon unless the same runs, waits, or ended recently.

        Args:
            pair: The pair that it reads.
            key: What it is: jobs with one key give one result.
            job: What to do.
            keep: For how many seconds after its end a result is used again.
            since: A time of `time.monotonic`. A result that was begun before that is not used again.

        Raises:
            Busy: Too many jobs wait for this pair.
        """
        with self._lock:
            line = self._lines.setdefault(pair, _Line())
            known = line.outcomes.get(key)
            if known is None or known.is_old(time.monotonic() - keep, since):
                if len(line.waiting) >= MOST_WAITING:
                    raise Busy("too much is waiting for this pair: try again later")
                known = line.outcomes[key] = Outcome()
                line.waiting.append((key, job))
                self._forget(line)
            self._start()
            return known

    def forget(self, pair: Hashable, unwanted: Callable[[Hashable], bool]) -> None:
        """Forget results that nobody needs any more; what waits or runs is not touched.

        Args:
            pair: The pair.
            unwanted: Tells for a key whether its result can go.
        """
        with self._lock:
            line = self._lines.get(pair, _Line())
            for key in [key for key, one in line.outcomes.items() if one.ended is not None and unwanted(key)]:
                del line.outcomes[key]
                line.last.pop(key, None)

    def last(self, pair: Hashable, key: Hashable) -> Outcome | None:
        """Return the last outcome of a job that ended, or None."""
        with self._lock:
            line = self._lines.get(pair)
            return line.last.get(key) if line else None

    def running_since(self, pair: Hashable) -> float | None:
        """Return when the job that runs for a pair began, or None."""
        with self._lock:
            line = self._lines.get(pair)
            return line.running.begun if line and line.running else None

    def unended(self) -> int:
        """Return how many jobs run that take long: calls to servers that do not answer."""
        with self._lock:
            return sum(line.running is not None for line in self._lines.values())

    def _forget(self, line: _Line) -> None:
        ended = [key for key, outcome in line.outcomes.items() if outcome.ended is not None]
        for key in ended[: max(0, len(line.outcomes) - MOST_KEPT)]:
            del line.outcomes[key]
            line.last.pop(key, None)

    def _start(self) -> None:
        now = time.monotonic()
        begun = [line.running.begun for line in self._lines.values() if line.running]
        free = self._at_once - sum(1 for since in begun if since is not None and now - since < SLOW)
        for pair, line in self._lines.items():
            if free <= 0:
                return
            if line.running is None and line.waiting:
                key, job = line.waiting[0]
                outcome = line.outcomes[key]
                thread = threading.Thread(target=self._work, args=(line, key, job, outcome), daemon=True)
                thread.name = f"dhcpfo-serve-{pair}"
                try:
                    thread.start()
                except RuntimeError:  # the system has no more threads: the next who asks, or the next end, tries again
                    return
                line.waiting.popleft()
                line.running = outcome
                outcome.begun = now
                free -= 1

    def _work(self, line: _Line, key: Hashable, job: Callable[[], Any], outcome: Outcome) -> None:
        result, error = None, None
        try:
            result = job()
        except BaseException as caught:  # noqa: BLE001  whoever asked gets it
            error = caught
        with self._lock:
            outcome.ended, outcome.at = time.monotonic(), time.time()
            line.running = None
            line.last[key] = outcome
            self._start()
        if error is None:
            outcome.future.set_result(result)
        else:
            outcome.future.set_exception(error)
