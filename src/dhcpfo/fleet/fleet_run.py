"""`FleetRun`: one job for each pair of a fleet, many at the same time."""

import pickle
import sys
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any, Self, TypeAlias

from ..pair import Event
from ..pair.daemons import DaemonExecutor
from .interrupts import Interrupts
from .jobs import Job
from .results import FleetEvent, PairResult, cancelled, lost
from .servers import PairRef
from .turns import JobOf, Turn, Turns
from .work import Doing, Stop, work, work_packed

__all__ = ["MOST_AT_ONCE", "FleetRun", "OnEvent"]

OnEvent = Callable[[FleetEvent], object]
UnderWay: TypeAlias = Doing | Future[Any]
"""A job in a thread of this process, or in an executor."""

INFINITE = float("inf")
MOST_AT_ONCE = 10_000
MOST_AHEAD = 2
"""The most pairs that are laid out for threads that will have done theirs."""

LOST = 30
"""Time limits of a pair after which, with no result of any pair, the workers count as gone."""

PATIENCE = 5.0
"""Seconds after which a pair that only waits for a server does not keep another one from its turn."""

POLL = 0.1 if sys.platform == "win32" else 1.0
"""Seconds between two looks for Ctrl-C, which does not end a wait for a lock on Windows, nor one that just begins."""


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
        self._executor = executor
        self._here = executor is None or isinstance(executor, DaemonExecutor | ThreadPoolExecutor)
        self._pairs_at_once = pairs_at_once
        self._lost_after = lost_after
        self._on_event = on_event
        self._owed = {pair.name: pair for pair in pairs}
        self._turns = Turns(pairs, job, per_server, time_limit, packs=not self._here)
        self._open: dict[UnderWay, Turn] = {}
        self._ahead: deque[Doing] = deque()
        self._most_ahead = min(MOST_AHEAD, pairs_at_once - 1) if executor is None else 0
        weakref.finalize(self, self._ahead.clear).atexit = False  # nothing more begins for a run that nobody holds
        self._due = INFINITE
        self._longest = 0.0
        self._stuck = 0
        self._look_again = 0.0
        self._ready: deque[PairResult] = deque()
        self._arrived: SimpleQueue[UnderWay | FleetEvent | None] = SimpleQueue()
        self._teller = None if on_event is None else partial(_tell_step, self._arrived.put)
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
            self._take_back()
            for one, turn in list(self._open.items()):
                if isinstance(one, Doing) and one.call_off():  # perhaps no thread has it
                    del self._open[one]
                    self._turns.take_back(turn)
                else:
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
                self._give_up("interrupted", "interrupted")
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
        self._turns.clear()
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
        while going and not self._ready and (self._turns or self._ahead) and self._has_place():
            if self._begun() >= self._pairs_at_once:  # those that hang will have returned: nobody must go on then
                self._take_back()
            first = bool(self._turns) and len(self._ahead) <= self._most_ahead  # a long group must not wait
            going = self._begin() if first else self._begin_laid_out()
        most = self._most_ahead if self._begun() <= self._pairs_at_once else 0
        while going and not self._ready and self._turns and self._turns.reading and len(self._ahead) < most:
            going = self._begin(reads=True, lay_out=True)

    def _begun(self) -> int:
        """Return how many pairs are under way at the most: threads take what is laid out at any moment."""
        return len(self._open) - len(self._ahead)

    def _has_place(self) -> bool:
        """Whether another pair may begin: those that only wait for a server that does not answer do not count."""
        begun = self._begun()
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

    def _begin(self, *, reads: bool = False, lay_out: bool = False) -> bool:
        """Begin the next pair; one that need not be tried gets its result at once.

        Args:
            reads: Begin it only if its job only reads.
            lay_out: Leave it to a thread that will have done its own.

        Returns:
            Whether others can begin, too: False if the system has no more threads, or if the job does not only read.
        """
        pair, group = self._turns.pop()
        reason = self._reason_not_to_try(pair)
        if reason is not None:
            self._turns.put_back(group)
            self._finish(pair, None, PairResult(pair=pair.name, outcome="unknown", error=reason))
            return True
        turn = self._turns.prepare(pair, group, reads=reads)
        if turn is None:
            return False
        if not self._open:
            self._last = monotonic()
        self._longest = max(self._longest, turn.task.seconds)
        if self._executor is not None:
            self._submit(self._executor, turn)
            return True
        goes_on = None if group else self._ahead
        doing = Doing(turn.task, self._arrived.put, self._teller, self._stop, goes_on)
        self._open[doing] = turn
        self._due = min(self._due, doing.due)
        if not lay_out:
            return self._start(doing)
        if group:
            self._ahead.appendleft(doing)
        else:
            self._ahead.append(doing)
        return True

    def _submit(self, executor: Executor, turn: Turn) -> None:
        """Begin a pair in an executor."""
        one: Future[Any]
        try:
            if turn.packed is not None:
                one = executor.submit(work_packed, turn.packed)
            else:
                one = executor.submit(work, turn.task, self._teller, self._stop)
        except Exception as error:  # noqa: BLE001  of the executor: it is broken, or was shut down
            self._lose(turn, error)
            return
        self._open[one] = turn
        self._tell_begin(turn)
        self._await(one)

    def _start(self, doing: Doing) -> bool:
        """Begin a pair in a thread; return False if the system has no more threads."""
        turn = self._open[doing]
        try:
            doing.start()
        except RuntimeError as error:
            del self._open[doing]
            if self._begun():  # when one of those has ended, there is a thread
                self._turns.take_back(turn)
                return False
            self._lose(turn, error)
            return True
        self._tell_begin(turn)
        return True

    def _lose(self, turn: Turn, error: BaseException) -> None:
        self._turns.put_back(turn.group)
        self._finish(turn.task.ref, turn.task.job, lost(turn.task.ref.name, error))

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
            self._turns.take_back(turn)

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
            look = min(POLL, PATIENCE / 5) if self._turns or self._ahead else POLL
            try:
                arrived = self._arrived.get(timeout=max(0.0, min(left, look, self._due - now)))
            except Empty:
                if (self._turns or self._ahead) and self._has_place():
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
                self._go_on(self._complete(arrived))
            elif arrived is not None:  # it was given up before
                continue
            return

    def _look_at_limits(self) -> None:
        """Give up the pairs whose time is over, in threads of this process."""
        doings = self._doings()
        for doing in doings:
            doing.look()
        self._due = min((doing.due for doing in doings), default=INFINITE)

    def _complete(self, one: UnderWay) -> deque[PairRef]:
        """Take the result of a pair; return those whose turn comes next."""
        turn = self._open.pop(one)
        pair = turn.task.ref
        self._tell_begin(turn)
        try:
            answer: Any = one.result if isinstance(one, Doing) else one.result()
            result = answer if isinstance(answer, PairResult) else pickle.loads(answer)  # noqa: S301  by our worker
        except CancelledError as error:
            result = cancelled(pair.name, begun=not self._here) if self._stop.is_set() else lost(pair.name, error)
        except BaseException as error:  # noqa: BLE001  of the executor: the worker died
            result = lost(pair.name, error)
        silent = {name.casefold() for name in result.silent}
        self._silent |= {server.key: pair.name for server in pair.servers if server.name.casefold() in silent}
        self._finish(pair, turn.task.job, result)
        if isinstance(one, Doing) and one.following is not None:
            following, one.following = self._open.get(one.following), None
            if following is not None:
                self._tell_begin(following)
        self._turns.put_back(turn.group)
        return turn.group

    def _go_on(self, group: deque[PairRef]) -> None:
        """Begin the next pair of a group at once if it only reads: it need not wait until the result is looked at."""
        if group and self._turns.reading and self._begun() < self._pairs_at_once:
            self._begin(reads=True)

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
            self._finish(
                turn.task.ref, turn.task.job, PairResult(pair=turn.task.ref.name, outcome="abandoned", error=error)
            )
            self._turns.put_back(turn.group)

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

    def _tell_begin(self, turn: Turn) -> None:
        if not turn.told:
            turn.told = True
            self._tell("begin", turn.task.ref.name, turn.task.job.name)

    def _tell_all(self) -> None:
        """Call `on_event`, which may raise: only between other things, where no result can be lost."""
        while self._events and self._on_event is not None:
            self._on_event(self._events.popleft())


def _tell_step(put: Callable[[FleetEvent], None], pair: str, event: Event) -> None:
    """Pass on an event of an operation; called by the worker's thread, which must not hold the run."""
    step = None if event.step is None else str(event.step)
    put(FleetEvent(what="step", time=datetime.now(UTC), pair=pair, job="", step=step or event.text, state=event.what))
