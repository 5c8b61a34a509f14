"""What runs on a worker: one job for one pair, with a time limit, and every error turned into a result."""

import io
import pickle
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from ..models import Secret
from ..pair import Cancelled, Event, FailoverPair, Plan, Step
from ..pair.threads import begin
from ..server import Server
from .gate import Gate, GateClosed
from .jobs import Answer, Job, Outcome
from .results import PairResult, cancelled, describe, outcome_of
from .servers import PairRef

__all__ = ["Doing", "Stop", "Task", "pack", "work", "work_packed"]

Tell = Callable[[str, Event], None]

FOR_STEPS = 2 / 3
"""The part of the time limit after which no step of an operation begins, so that it can go back in the rest."""

GRACE = 1.0
"""Seconds that calls under way get to return after the time limit, before they count as hanging."""


class Stop:
    """A flag that a signal handler may set at any time, which could wait for itself in a `threading.Event`."""

    def __init__(self) -> None:
        self._set = False

    def set(self) -> None:
        """Let no further step begin."""
        self._set = True

    def is_set(self) -> bool:
        """Whether no further step may begin."""
        return self._set


@dataclass(frozen=True, slots=True)
class Task:
    """A job for a pair, as it is sent to a worker.

    Attributes:
        nonce: Different in each task: an executor that remembers answers by their arguments must not find this one.
        ref: The pair.
        job: What to do.
        per_server: The most calls at the same time to each server.
        seconds: The time limit.
    """

    nonce: str
    ref: PairRef
    job: Job
    per_server: int
    seconds: float


class _Pickler(pickle.Pickler):
    """Refuses what must stay in its process."""

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, Secret | Server | FailoverPair | Plan | Step):
            kind = type(value).__name__
            raise TypeError(f"a {kind} must not be sent to another process: pass what the worker can make it from")
        return NotImplemented


def pack(value: Any) -> bytes:
    """Return a task or a result as bytes.

    Raises:
        TypeError: It holds a secret, a server, a plan or a step, or cannot be pickled.
    """
    stream = io.BytesIO()
    try:
        _Pickler(stream, 5).dump(value)
    except TypeError:
        raise
    except Exception as error:  # noqa: BLE001  of any class in it
        raise TypeError(f"a job must be picklable: {error}") from None
    return stream.getvalue()


def work_packed(task: bytes) -> bytes:
    """Do a packed task in another process; return the packed result."""
    given: Task = pickle.loads(task)  # noqa: S301  made by `pack` of the process that runs the fleet
    result = work(given)
    try:
        return pack(result)
    except TypeError as error:
        said = {"kind": "TypeError", "text": f"the result cannot be sent back: {error}"}
        return pack(PairResult(pair=given.ref.name, outcome="failed", error=said, calls=result.calls))


def work(task: Task, tell: Tell | None = None, stop: Stop | None = None) -> PairResult:
    """Do a task, and wait for it; the arguments are those of `Doing`. It does not begin after a stop."""
    if stop is not None and stop.is_set():
        return cancelled(task.ref.name, begun=False)
    ended: SimpleQueue[Doing] = SimpleQueue()
    doing = Doing(task, ended.put, tell, stop)
    doing.start()
    while doing.result is None:
        with suppress(Empty):
            ended.get(timeout=max(0.0, min(doing.due - monotonic(), threading.TIMEOUT_MAX)))
        doing.look()
    return doing.result


class Doing:
    """A task on its way.

    The job runs in a daemon thread, because a call of a DLL cannot be cancelled: after the time limit the pair gets no
    more calls, and the thread is left to itself. Otherwise the thread goes on with a task that is laid out, which saves
    the time until somebody else gives it one.

    Args:
        task: The task.
        ended: Is called with this object when there is a result, by the thread that made it. Ctrl-C at any instruction
            must not leave a lock taken, as it could in a `concurrent.futures.Future`.
        tell: Is told what an operation does.
        stop: When it is set, no step of an operation begins, and the operation goes back.
        ahead: The tasks that are laid out.

    Attributes:
        result: The result, when the job has ended or is given up.
        following: What the thread went on with, from before there was the result; set it to None when it was seen, or
            this object holds that one.
        gate: What the pair's calls go through.
        due: When to call `look` next at the earliest, on `time.monotonic`.
    """

    def __init__(
        self,
        task: Task,
        ended: Callable[["Doing"], object],
        tell: Tell | None = None,
        stop: Stop | None = None,
        ahead: deque["Doing"] | None = None,
    ) -> None:
        self.result: PairResult | None = None
        self.following: Doing | None = None
        self.gate = Gate(task.per_server, task.seconds)
        self._grace = min(GRACE, task.seconds)
        self.due = self.gate.until() + self._grace
        self._task = task
        self._ended: Callable[[Doing], object] | None = ended
        self._tell = tell
        self._stop = stop
        self._ahead = ahead
        self._steps: list[str] = []
        self._settling = threading.Lock()

    def start(self) -> None:
        """Begin, in a thread.

        Raises:
            RuntimeError: No thread can be started.
        """
        begin(partial(_work_through, [self]), self._name)

    @property
    def _name(self) -> str:
        return f"dhcpfo-{self._task.ref.name}"

    def look(self) -> None:
        """Give up if the time limit is over and the calls under way have not returned some time after."""
        self.due = self.gate.until() + self._grace
        if self.gate.begun is not None and monotonic() >= self.due:
            self.give_up()

    def call_off(self) -> bool:
        """See to it that the task never begins; return False if it has begun."""
        with self._settling:
            if self.gate.begun is not None or self._ended is None:
                return False
            self._ended = self._tell = self._ahead = None
            return True

    def give_up(self, kind: str = "abandoned", why: str | None = None) -> None:
        """Let no further call pass, and hand over what is known now, unless the job has ended.

        Args:
            kind: The kind of the result's error.
            why: Its text; by default, that the time limit has passed.
        """
        self.gate.close()
        self._settle(self._abandoned(kind, why), None)

    def _settle(self, result: PairResult, ahead: deque["Doing"] | None) -> "Doing | None":
        """Hand over the result, if it is the first one, and return what to go on with.

        Hold nothing then that could hold this object.
        """
        with self._settling:
            if self._ended is None:
                return None
            following = None
            if ahead and not (self._stop is not None and self._stop.is_set()):
                with suppress(IndexError):
                    following = ahead.popleft()
            self.result, self.following = result, following
            ended, self._ended, self._tell, self._ahead = self._ended, None, None, None
            ended(self)
            return following

    def _do(self) -> "Doing | None":
        """Connect, do the job, and return what to go on with.

        It keeps no error: that would keep what the job has read.
        """
        with self._settling:
            if self._ended is None:  # it was called off, or given up
                return None
            self.gate.begin()
        ref = self._task.ref
        try:
            pair = ref.connect(calls_at_once=self._task.per_server)
            gated = self.gate.put_before(pair, (ref.primary.name, ref.secondary.name))
            result = self._answered(self._task.job.do(gated, self._progress))
        except GateClosed:
            result = self._abandoned()
        except BaseException as error:  # noqa: BLE001  a result in any case
            result = self._made(outcome_of(error), error=describe(error))
        self.gate.close()
        return self._settle(result, self._ahead)

    def _progress(self, event: Event) -> None:
        """Pass on an event of an operation, and keep which steps are done."""
        if event.what == "done" and event.step is not None:
            self._steps.append(str(event.step))
        tell = self._tell
        if tell is not None and not self.gate.closed:
            tell(self._task.ref.name, event)
        if event.what == "step" and monotonic() >= self.gate.until(FOR_STEPS):
            raise Cancelled("the time limit has passed")
        if event.what == "step" and self._stop is not None and self._stop.is_set():
            raise Cancelled("interrupted")

    def _made(self, outcome: Outcome, **more: Any) -> PairResult:
        gate = self.gate
        return PairResult(pair=self._task.ref.name, outcome=outcome, calls=gate.calls, seconds=gate.seconds, **more)

    def _answered(self, answer: Answer) -> PairResult:
        """Return the result of a job that has ended."""
        if self.gate.closed:  # a call was refused, and the job has not passed that on
            return self._abandoned()
        if not isinstance(answer, Answer):
            raise TypeError(f"a job must return an Answer, not {type(answer).__name__}")
        return self._made(
            answer.outcome, findings=answer.findings, plan=answer.plan, data=answer.data, error=answer.error
        )

    def _abandoned(self, kind: str = "abandoned", why: str | None = None) -> PairResult:
        """Return the result of a job that gets no more calls, as it is now."""
        now, pending = monotonic(), self.gate.pending()
        calls = [
            {
                "server": call.server,
                "function": call.function,
                "changes": call.changes,
                "seconds": round(now - call.since, 1),
            }
            for call in pending
        ]
        parts = [why or f"abandoned after {self.gate.limit:g} s"]
        for call in pending[:3]:
            what = "its outcome is unknown" if call.changes else "it reads only"
            parts.append(f"{call.function} on {call.server} has not returned; {what}")
        if self._steps:
            done = "1 step was" if len(self._steps) == 1 else f"{len(self._steps)} steps were"
            parts.append(f"{done} done: run it again to do the rest")
        error = {"kind": kind, "text": "; ".join(parts), "calls": calls, "done": list(self._steps)}
        return self._made("abandoned", error=error, silent=tuple(dict.fromkeys(call.server for call in pending)))


def _work_through(tasks: list[Doing]) -> None:
    """Do the first task, and those that the thread goes on with; hold none that is done."""
    doing: Doing | None = tasks.pop()
    while doing is not None:
        threading.current_thread().name = doing._name
        doing = doing._do()
