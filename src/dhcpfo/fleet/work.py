"""What runs on a worker: one job for one pair, with a time limit, and every error turned into a result."""

import io
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

from ..models import Secret
from ..pair import Cancelled, Event, FailoverPair, Plan, Step
from ..pair.threads import begin
from ..server import Server
from .gate import Gate, GateClosed, Pending
from .jobs import Answer, Job
from .results import PairResult, describe, outcome_of
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
    except (pickle.PicklingError, AttributeError) as error:
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
    """Do a task, and wait for it; the arguments are those of `Doing`."""
    doing = Doing(task, tell, stop)
    while True:
        with suppress(TimeoutError):
            return doing.future.result(max(0.0, min(doing.due - monotonic(), threading.TIMEOUT_MAX)))
        doing.look()


class Doing:
    """A task on its way.

    The job runs in a daemon thread, because a call of a DLL cannot be cancelled: after the time limit the pair gets no
    more calls, and the thread is left to itself.

    Args:
        task: The task.
        tell: Is told what an operation does.
        stop: When it is set, no step of an operation begins, and the operation goes back.

    Attributes:
        future: Gets the result, when the job has ended or `look` gives up.
        gate: What the pair's calls go through.
        due: When to call `look` next, on `time.monotonic`.
    """

    def __init__(self, task: Task, tell: Tell | None = None, stop: Stop | None = None) -> None:
        self.future: Future[PairResult] = Future()
        self.future.set_running_or_notify_cancel()
        self.gate = Gate(task.per_server, task.seconds)
        self.due = self.gate.until()
        self._task = task
        self._tell = tell
        self._stop = stop
        self._answer: Answer | None = None
        self._error: BaseException | None = None
        self._steps: list[str] = []
        self._closed = False
        self._settled = threading.Lock()
        begin(self._run, f"dhcpfo-{task.ref.name}")

    def look(self) -> None:
        """Close the gate if the time limit is over, and give up if the calls have not returned some time after."""
        now = monotonic()
        if now < self.due:
            return
        if self._closed:
            self._settle()
        elif now < self.gate.until():
            self.due = self.gate.until()
        else:
            self.gate.close()
            self._closed = True
            self.due = now + min(GRACE, self._task.seconds)

    def _settle(self) -> None:
        """Hand over the result, once."""
        if self._settled.acquire(blocking=False):
            self.future.set_result(self._result())

    def _run(self) -> None:
        """Connect and do the job, in its thread."""
        try:
            pair = self.gate.put_before(self._task.ref.connect(calls_at_once=self._task.per_server))
            self._answer = self._task.job.do(pair, self._progress)
        except BaseException as error:  # noqa: BLE001  a result in any case
            self._error = error
        self._settle()

    def _progress(self, event: Event) -> None:
        """Pass on an event of an operation, and keep which steps are done."""
        if event.what == "done" and event.step is not None:
            self._steps.append(str(event.step))
        if self._tell is not None and not self.gate.closed:
            self._tell(self._task.ref.name, event)
        if event.what == "step" and monotonic() >= self.gate.until(FOR_STEPS):
            raise Cancelled("the time limit has passed")
        if event.what == "step" and self._stop is not None and self._stop.is_set():
            raise Cancelled("interrupted")

    def _result(self) -> PairResult:
        """Return the result as it is now."""
        common: dict[str, Any] = {
            "pair": self._task.ref.name,
            "calls": self.gate.calls,
            "seconds": monotonic() - self.gate.begun,
        }
        error = self._error
        if self._answer is not None:
            answer = self._answer
            return PairResult(
                outcome=answer.outcome,
                findings=answer.findings,
                plan=answer.plan,
                data=answer.data,
                error=answer.error,
                **common,
            )
        if error is None or isinstance(error, GateClosed):
            pending = self.gate.pending() if error is None else []
            silent = tuple(dict.fromkeys(call.server for call in pending))
            return PairResult(outcome="abandoned", error=self._abandoned(pending), silent=silent, **common)
        return PairResult(outcome=outcome_of(error), error=describe(error), **common)

    def _abandoned(self, pending: list[Pending]) -> dict[str, Any]:
        now = monotonic()
        calls = [
            {
                "server": call.server,
                "function": call.function,
                "changes": call.changes,
                "seconds": round(now - call.since, 1),
            }
            for call in pending
        ]
        parts = [f"abandoned after {now - self.gate.begun:.0f} s"]
        for call in pending[:3]:
            what = "its outcome is unknown" if call.changes else "it reads only"
            parts.append(f"{call.function} on {call.server} has not returned; {what}")
        if self._steps:
            parts.append(f"{len(self._steps)} steps were done: run it again to do the rest")
        return {"kind": "abandoned", "text": "; ".join(parts), "calls": calls, "done": list(self._steps)}
