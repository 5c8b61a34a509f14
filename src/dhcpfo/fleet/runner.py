"""`run`: one job for each pair of a fleet, many at the same time."""

import pickle
import sys
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any, Self, TypeAlias, cast

from ..arguments import number
from ..models.convert import to_timedelta
from ..pair import Event
from ..pair.daemons import DaemonExecutor
from .groups import groups_of
from .interrupts import Interrupts
from .jobs import Job
from .results import FleetEvent, PairResult, cancelled, lost
from .servers import PairRef
from .work import Doing, Stop, Task, pack, work, work_packed

__all__ = ["FleetRun", "run"]

JobOf: TypeAlias = Job | Callable[[PairRef], Job]
OnEvent = Callable[[FleetEvent], object]
UnderWay: TypeAlias = Doing | Future[Any]
"""A job in a thread of this process, or in an executor."""

INFINITE = float("inf")
MOST_AT_ONCE = 10_000
MOST_PER_SERVER = 256
MOST_AHEAD = 2
"""The most pairs that are laid out for threads that will have done theirs."""

INTERRUPTED = "interrupted"
LOST = 30
"""Time limits of a pair after which, with no result of any pair, the workers count as gone."""

PATIENCE = 5.0
"""Seconds after which a pair that only waits for a server does not keep another one from its turn."""

POLL = 0.1 if sys.platform == "win32" else 1.0
"""Seconds between two looks for Ctrl-C, which does not end a wait for a lock on Windows, nor one that just begins."""


def run(
    fleet: Iterable[PairRef],
    job: JobOf,
    *,
    executor: Executor | None = None,
    per_server: int = 8,
    pairs_at_once: int = 32,
    time_limit: timedelta | None = None,
    lost_after: timedelta | None = None,
    on_event: OnEvent | None = None,
) -> "FleetRun":
    """Do a job for each pair of a fleet; yield the results as the pairs complete.

    Pairs that share a server take turns, so the limit for each server holds wherever the workers are. A pair that
    exceeds its time limit is abandoned: it gets no more calls, and its result says what had not returned. A server that
    has not returned from a call then gets no more calls in this run, and other pairs with it are *unknown*. No other
    pair waits for it, and neither does the end of the program.

    Args:
        fleet: The pairs; their names differ.
        job: The job, or a function that returns the job for a pair; it is called here when the pair's turn comes, or
            shortly before.
        executor: Where to work; threads of this process by default. Other processes and machines get the job pickled,
            and connect with their own credentials. For Dask pass ``client.get_executor(pure=False, retries=0)``.
        per_server: The most calls at the same time to each server.
        pairs_at_once: The most pairs at the same time; an executor needs as many workers to do so many. In threads of
            this process, a pair that only waits for a server, for 5 s and longer, does not count.
        time_limit: How long a pair may take, and again for each 1,000 calls; by default what the job says.
        lost_after: When the workers count as gone if none has completed a pair for so long: all pairs under way are
            *abandoned* then, and the others *unknown*. By default 30 time limits.
        on_event: Called in this thread, while it waits for a result, with a `FleetEvent`.

    Returns:
        An iterator. Nothing begins before the first result is asked for, and nothing more before the next one is; only
        of jobs that read, a few begin. `FleetRun.cancel` ends it early, and so does an error or Ctrl-C that `next`
        raises. No result is lost then: going on iterating yields one for each pair.

    Raises:
        ValueError: Two pairs have the same name.
        TypeError: The job cannot be sent to other processes; raised when the pair's turn comes.
    """
    pairs = list(fleet)
    names: set[str] = set()
    for pair in pairs:
        if not isinstance(pair, PairRef):
            raise TypeError(f"fleet must hold PairRef, not {type(pair).__name__}")
        if pair.name in names:
            raise ValueError(f"fleet has two pairs with the name {pair.name!r}")
        names.add(pair.name)
    limits = [
        None if limit is None else to_timedelta(limit, name)
        for name, limit in (("time_limit", time_limit), ("lost_after", lost_after))
    ]
    for name, limit in zip(("time_limit", "lost_after"), limits, strict=True):
        if limit is not None and limit <= timedelta(0):
            raise ValueError(f"{name} must be positive, got {limit}")
    return FleetRun(
        pairs,
        job,
        executor,
        number("per_server", per_server, MOST_PER_SERVER, 1),
        number("pairs_at_once", pairs_at_once, MOST_AT_ONCE, 1),
        limits[0],
        limits[1],
        on_event,
    )


@dataclass(slots=True)
class _Turn:
    """A pair whose turn it is.

    Attributes:
        pair: The pair.
        job: The job.
        group: The pairs whose turn comes after this one.
    """

    pair: PairRef
    job: Job
    group: deque[PairRef]


class FleetRun(Iterator[PairResult]):
    """A run of a fleet: an iterator over the results. Made by `run`."""

    def __init__(
        self,
        pairs: list[PairRef],
        job: JobOf,
        executor: Executor | None,
        per_server: int,
        pairs_at_once: int,
        time_limit: timedelta | None,
        lost_after: timedelta | None,
        on_event: OnEvent | None,
    ) -> None:
        self._job = job
        self._executor = executor
        self._here = executor is None or isinstance(executor, DaemonExecutor | ThreadPoolExecutor)
        self._per_server = per_server
        self._pairs_at_once = pairs_at_once
        self._time_limit = time_limit
        self._lost_after = lost_after
        self._on_event = on_event
        self._nonce = uuid.uuid4().hex
        self._owed = {pair.name: pair for pair in pairs}
        self._waiting = deque(map(deque, groups_of(pairs)))
        self._made: dict[str, Job] = {}
        self._reads = False
        self._open: dict[UnderWay, _Turn] = {}
        self._ahead: deque[Doing] = deque()
        self._most_ahead = min(MOST_AHEAD, pairs_at_once - 1) if executor is None else 0
        self._due = INFINITE
        self._longest = 0.0
        self._stuck = 0
        self._look_again = 0.0
        self._ready: deque[PairResult] = deque()
        self._arrived: SimpleQueue[UnderWay | FleetEvent | None] = SimpleQueue()
        self._events: deque[FleetEvent] = deque()
        self._interrupts = Interrupts(partial(self._arrived.put, None))
        self._silent: dict[tuple[str, str], str] = {}
        self._lost: str | None = None
        self._last = monotonic()
        self._stop = Stop()
        self._abandoned = False
        self._torn = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> PairResult:
        try:
            with self._interrupts:
                ended = self._advance()
            self._interrupts.raise_noted()
        except BaseException as error:
            self._torn = True
            self._cancel_open()
            if isinstance(error, StopIteration):  # it would end the caller's loop
                raise RuntimeError("the job or on_event raised StopIteration") from error
            raise
        if ended:
            self.close()
            raise StopIteration
        # Nothing is called from here on: Python looks for Ctrl-C at calls, and this result could be lost.
        result = self._ready[0]
        del self._ready[0], self._owed[result.pair]
        return result

    def _advance(self) -> bool:
        """Go on until a result is ready, or Ctrl-C is noted; return True if there is nothing more."""
        if self._torn:  # by a second Ctrl-C, at any instruction: a pair that has completed may not have been noticed
            for one in list(self._open):
                if isinstance(one, Doing) and one.gate.begun is None and one not in self._ahead:  # may never begin
                    one.give_up(INTERRUPTED, f"{INTERRUPTED}; what was under way is unknown")
                self._await(one)
            self._torn = False
        while True:
            self._tell_all()
            if self._ready or self._interrupts.noted:
                return False
            self._fill()
            if self._ready:
                continue
            self._tell_all()
            if not self._open:
                if not self._owed:
                    return True
                self._pay()
            elif self._abandoned:
                self._give_up(INTERRUPTED, INTERRUPTED)
            else:
                self._wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def cancel(self) -> None:
        """Begin no further pair and, in threads, no further step: operations under way go back.

        Go on iterating for the results of the pairs under way; those that were not begun are *unknown*. Signal handlers
        and other threads may call it.
        """
        self._stop.set()

    def abandon(self) -> None:
        """Cancel, and wait for nothing: the pairs under way are *abandoned*, and what they did is unknown.

        In threads of this process they get no more calls, and their results list those that had not returned.
        Go on iterating for the results, which come at once. Signal handlers and other threads may call it.
        """
        self._abandoned = True
        self._stop.set()
        self._arrived.put(None)

    def close(self) -> None:
        """Give up: cancel, and wait for nothing; nobody gets the results of pairs under way."""
        self.cancel()
        self._owed.clear()
        self._waiting.clear()
        self._ready.clear()
        self._events.clear()
        self._cancel_open()
        self._ahead.clear()
        self._open.clear()

    def _cancel_open(self) -> None:
        self._stop.set()
        for one in list(self._open):
            if not isinstance(one, Doing):
                one.cancel()

    # Beginning

    def _fill(self) -> None:
        """Begin pairs until there are enough, and lay some out for the threads that will have done theirs."""
        if self._stop.is_set():
            self._take_back()
        going = True
        while going and not self._ready and (self._waiting or self._ahead) and self._has_place():
            if self._waiting and len(self._ahead) <= self._most_ahead:  # a long group must not wait
                going = self._begin(self._waiting.popleft())
            else:
                going = self._begin_laid_out()
        while going and not self._ready and self._waiting and self._reads and len(self._ahead) < self._most_ahead:
            going = self._begin(self._waiting.popleft(), lay_out=True)

    def _has_place(self) -> bool:
        """Whether another pair may begin: those that only wait for a server that does not answer do not count."""
        begun = len(self._open) - len(self._ahead)
        if begun < self._pairs_at_once:
            return True
        now = monotonic()
        if self._executor is None and now >= self._look_again:
            self._look_again = now + PATIENCE / 5
            self._stuck = sum(doing.gate.waits(PATIENCE) for doing in self._doings())
        return begun < min(self._pairs_at_once + self._stuck, MOST_AT_ONCE)

    def _doings(self) -> list[Doing]:
        """Return the jobs in threads of this process."""
        return [one for one in self._open if isinstance(one, Doing)]

    def _begin(self, group: deque[PairRef], *, lay_out: bool = False) -> bool:
        """Begin the next pair of a group; pairs that need not be tried get their results at once.

        Args:
            group: The group.
            lay_out: Leave the pair to a thread that will have done its own, if the job only reads.

        Returns:
            Whether others can begin, too: False if the system has no more threads, or if the job does not only read.
        """
        while group:
            pair = group.popleft()
            reason = self._reason_not_to_try(pair)
            if reason is not None:
                self._finish(pair, None, PairResult(pair=pair.name, outcome="unknown", error=reason))
                continue
            try:
                job = self._made.pop(pair.name, None) or self._job_of(pair)
                self._reads = getattr(job, "reads_only", False)
                if lay_out and not self._reads:
                    self._made[pair.name] = job
                    self._put_back(group, pair)
                    return False
                limit = self._time_limit or job.time_limit
                task = Task(f"{self._nonce} {pair.name}", pair, job, self._per_server, limit.total_seconds())
                packed = None if self._here else pack(task)
            except BaseException:  # of the caller's job; when it goes on, this pair was not begun
                self._put_back(group, pair)
                raise
            if not self._open:
                self._last = monotonic()
            self._longest = max(self._longest, task.seconds)
            turn = _Turn(pair, job, group)
            if self._executor is not None:
                if self._submit(self._executor, task, turn, packed):
                    return True
                continue
            goes_on = None if group else self._ahead
            doing = Doing(task, self._arrived.put, self._teller(), self._stop, goes_on)
            self._open[doing] = turn
            self._due = min(self._due, doing.due)
            if not lay_out:
                return self._start(doing)
            if group:
                self._ahead.appendleft(doing)
            else:
                self._ahead.append(doing)
            return True
        return True

    def _job_of(self, pair: PairRef) -> Job:
        return cast("Job", self._job if hasattr(self._job, "do") else self._job(pair))

    def _submit(self, executor: Executor, task: Task, turn: _Turn, packed: bytes | None) -> bool:
        """Begin a pair in an executor; return False if it cannot be."""
        one: Future[Any]
        try:
            if packed is not None:
                one = executor.submit(work_packed, packed)
            else:
                one = executor.submit(work, task, self._teller(), self._stop)
        except Exception as error:  # noqa: BLE001  of the executor: it is broken, or was shut down
            self._finish(turn.pair, turn.job, lost(turn.pair.name, error))
            return False
        self._open[one] = turn
        self._tell("begin", turn.pair.name, turn.job.name)
        self._await(one)
        return True

    def _start(self, doing: Doing) -> bool:
        """Begin a pair in a thread; return False if the system has no more threads."""
        turn = self._open[doing]
        try:
            doing.start()
        except RuntimeError as error:
            if len(self._open) > len(self._ahead) + 1:  # one of those goes on with it
                self._ahead.appendleft(doing)
                return False
            del self._open[doing]
            self._finish(turn.pair, turn.job, lost(turn.pair.name, error))
            self._put_back(turn.group)
            return True
        self._tell("begin", turn.pair.name, turn.job.name)
        return True

    def _begin_laid_out(self) -> bool:
        """Begin a pair that is laid out, if no thread takes it now; return as `_start`."""
        try:
            doing = self._ahead.popleft()
        except IndexError:
            return True
        return self._start(doing)

    def _take_back(self) -> None:
        """Take back what is laid out."""
        while True:
            try:
                turn = self._open.pop(self._ahead.pop())
            except IndexError:
                return
            self._put_back(turn.group, turn.pair)

    def _put_back(self, group: deque[PairRef], *pairs: PairRef) -> None:
        """Let a group have its turn next, with a pair that was taken from it."""
        group.extendleft(pairs)
        if group:
            self._waiting.appendleft(group)

    def _await(self, one: UnderWay) -> None:
        """See to it that a job arrives when it has ended, once or more often."""
        if not isinstance(one, Doing):
            one.add_done_callback(self._arrived.put)
        elif one.result is not None:
            self._arrived.put(one)

    def _reason_not_to_try(self, pair: PairRef) -> dict[str, Any] | None:
        if self._stop.is_set():
            return {"kind": "cancelled", "text": "not begun: the run was cancelled"}
        if self._lost is not None:
            return {"kind": "lost", "text": f"not begun: {self._lost}"}
        for server in pair.servers:
            other = self._silent.get(server.key)
            if other is not None:
                text = f"not tried: {server.name} has not returned from a call of pair {other}"
                return {"kind": "silent", "text": text, "server": server.name}
        return None

    # Ending

    def _wait(self) -> None:
        """Wait until a pair has completed, the workers count as gone, or somebody has called."""
        silence = self._longest * LOST if self._lost_after is None else self._lost_after.total_seconds()
        while True:
            now = monotonic()
            if now >= self._due:
                self._look_at_limits()
            left = self._last + silence - now
            look = min(POLL, PATIENCE / 5) if self._waiting and self._executor is None else POLL
            try:
                arrived = self._arrived.get(timeout=max(0.0, min(left, look, self._due - now)))
            except Empty:
                if (self._waiting or self._ahead) and self._has_place():
                    return
                if left <= 0:
                    self._lost = f"no worker has completed a pair for {silence:g} s"
                    self._give_up("lost", self._lost)
                    return
                continue
            if isinstance(arrived, FleetEvent):
                self._events.append(arrived)
            elif arrived in self._open:
                self._last = monotonic()
                self._complete(arrived)
            elif arrived is not None:  # it was given up before
                continue
            return

    def _look_at_limits(self) -> None:
        """Give up the pairs whose time is over, in threads of this process."""
        doings = self._doings()
        for doing in doings:
            doing.look()
        self._due = min((doing.due for doing in doings), default=INFINITE)

    def _complete(self, one: UnderWay) -> None:
        turn = self._open.pop(one)
        pair = turn.pair
        try:
            answer: Any = one.result if isinstance(one, Doing) else one.result()
            result = answer if isinstance(answer, PairResult) else pickle.loads(answer)  # noqa: S301  by our worker
        except CancelledError as error:
            result = cancelled(pair.name, begun=not self._here) if self._stop.is_set() else lost(pair.name, error)
        except BaseException as error:  # noqa: BLE001  of the executor: the worker died
            result = lost(pair.name, error)
        silent = {name.casefold() for name in result.silent}
        self._silent |= {server.key: pair.name for server in pair.servers if server.name.casefold() in silent}
        self._finish(pair, turn.job, result)
        if isinstance(one, Doing) and one.following is not None:
            following, one.following = self._open.get(one.following), None
            if following is not None:
                self._tell("begin", following.pair.name, following.job.name)
        self._put_back(turn.group)

    def _give_up(self, kind: str, why: str) -> None:
        """Take all pairs under way as lost."""
        text = f"{why}; what was under way is unknown"
        self._take_back()
        for one, turn in list(self._open.items()):
            if isinstance(one, Doing):
                one.give_up(kind, text)
            if isinstance(one, Doing) or one.done():
                self._complete(one)
                continue
            one.cancel()
            del self._open[one]
            error = {"kind": kind, "text": text}
            self._finish(turn.pair, turn.job, PairResult(pair=turn.pair.name, outcome="abandoned", error=error))
            self._put_back(turn.group)

    def _pay(self) -> None:
        """Give a result to the pairs that a second Ctrl-C has taken it from."""
        error = {"kind": "interrupted", "text": "interrupted; what was under way is unknown"}
        for pair in self._owed.values():
            self._finish(pair, None, PairResult(pair=pair.name, outcome="unknown", error=error))

    def _finish(self, pair: PairRef, job: Job | None, result: PairResult) -> None:
        self._ready.append(result)
        if self._stuck:
            self._look_again = 0.0
        self._tell("end", pair.name, "" if job is None else job.name, result=result)

    # Events

    def _tell(self, what: str, pair: str, job: str, **more: Any) -> None:
        if self._on_event is not None:
            self._events.append(FleetEvent(what=what, time=datetime.now(UTC), pair=pair, job=job, **more))

    def _tell_all(self) -> None:
        """Call `on_event`, which may raise: only between other things, where no result can be lost."""
        while self._events and self._on_event is not None:
            self._on_event(self._events.popleft())

    def _teller(self) -> Callable[[str, Event], None] | None:
        return self._step if self._on_event is not None else None

    def _step(self, pair: str, event: Event) -> None:
        """Pass on an event of an operation; called by the worker's thread."""
        step = None if event.step is None else str(event.step)
        told = FleetEvent(
            what="step", time=datetime.now(UTC), pair=pair, job="", step=step or event.text, state=event.what
        )
        self._arrived.put(told)
