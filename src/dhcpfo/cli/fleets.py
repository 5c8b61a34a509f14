"""Many pairs at once: `dhcpfo.fleet.run` for the pairs that the options name, until Ctrl-C."""

import contextlib
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar, cast

from ..fleet import Answer, FleetRun, Job, PairRef, PairResult, ServerRef, failed_pairs
from ..fleet import run as run_fleet
from ..pair import Event, FailoverPair
from . import exits
from .planned import not_awaited, record_failure
from .problems import Problem
from .run import GRACE, TIME_LIMIT, Run
from .targets import Target

__all__ = ["Call", "each", "patiently", "to_do"]

Value = TypeVar("Value")

WAITING = "dhcpfo: interrupted: waiting for the pairs under way, which go back; Ctrl-C again does not wait for them"


@dataclass(slots=True)
class Call:
    """A job that calls a function, and keeps its error as it is, to be explained.

    Attributes:
        target: The pair.
        function: Gets the pair, with calls that are counted and limited.
        name: The job's name in a log.
        outcome: Returns the outcome of what the function returned.
        error: What the function raised.
    """

    target: Target
    function: Callable[[Target], Any]
    name: str
    outcome: Callable[[Any], Any] | None = None
    error: Exception | None = None
    time_limit: timedelta = timedelta(seconds=TIME_LIMIT)

    def do(self, pair: FailoverPair, progress: Callable[[Event], None]) -> Answer:
        """See `dhcpfo.fleet.Job`."""
        try:
            value = self.function(Target(self.target.name, pair))
        except Exception as error:
            self.error = error
            raise
        return Answer(outcome=self.outcome(value) if self.outcome is not None else "unchanged", data=(value,))

    def ref(self, lab: str | None) -> PairRef:
        """Return the pair for a run."""
        names = self.target.pair.names
        one, other = ServerRef(names.primary, lab), ServerRef(names.secondary, lab)
        return PairRef(self.target.name, one, other, opener=lambda ref: self.target.pair)


def each(
    run: Run,
    targets: Sequence[Target],
    function: Callable[[Target], Value],
    *,
    job: str = "look",
    outcome: Callable[[Value], Any] | None = None,
    partly: bool = False,
) -> Iterator[tuple[Target, Value]]:
    """Call a function for many pairs at once with `dhcpfo.fleet.run`; yield what it returned in their order.

    Its errors are recorded, with the pair's name, and so are pairs that take too long; those are left out.

    Args:
        run: The run of the command.
        targets: The pairs.
        function: The function. Only calls of the pair that it gets end with the time limit.
        job: What the log of ``--log`` calls it.
        outcome: Returns the outcome for the log of what the function returned; ``"unchanged"`` by default.
        partly: Whether to end as usual after Ctrl-C, with what was read until then. Otherwise `KeyboardInterrupt` is
            raised at the end.
    """
    calls = {target.name: Call(target, function, job, outcome) for target in targets}
    limit = run.options.time_limit or timedelta(seconds=TIME_LIMIT)
    running = run_fleet(
        [call.ref(run.options.lab) for call in calls.values()],
        lambda ref: cast("Job", calls[ref.name]),
        pairs_at_once=run.options.parallel,
        time_limit=limit + timedelta(seconds=GRACE),
        on_event=run.log,
    )
    found: dict[str, PairResult] = {}
    waiting = deque(targets)
    for result in patiently(run, running, wait=False):
        found[result.pair] = result
        while waiting and waiting[0].name in found:
            target = waiting.popleft()
            ended, call = found.pop(target.name), calls[target.name]
            if ended.data is not None:
                yield target, ended.data[0]
            elif isinstance(call.error, ImportError):  # the same for all
                raise call.error
            elif call.error is not None and ended.outcome != "abandoned":
                run.problem(call.error, pair=target.name)
            else:
                record_failure(run, ended, silent=not_awaited(ended))
    if run.interrupted and not partly:
        raise KeyboardInterrupt


def patiently(run: Run, running: FleetRun, *, wait: bool) -> Iterator[PairResult]:
    """Yield the results of all pairs; Ctrl-C begins no more of them, and is an exit code at the end.

    It only sets a flag: an exception could come where the caller has a result in its hands.

    Args:
        run: The run of the command.
        running: The pairs.
        wait: Whether the pairs under way are waited for after Ctrl-C, because they go back. Pressed again, it ends
            that, too; pressed a third time, it raises `KeyboardInterrupt`.
    """
    pressed = 0

    def press(number: int, frame: Any) -> None:
        nonlocal pressed
        pressed += 1
        run.interrupted = True
        if pressed > 2:
            raise KeyboardInterrupt
        if wait and pressed == 1:
            running.cancel()
            if run.out.format in ("table", "csv"):
                tell_at_once(WAITING)
        else:
            running.abandon()

    main = threading.current_thread() is threading.main_thread()
    replaced = main and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    unread = 0
    try:
        if replaced:
            signal.signal(signal.SIGINT, press)
        for result in running:
            unread += not_awaited(result)
            yield result
    finally:
        running.close()
        if replaced:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if pressed:
            rest = f"; {unread} {'pair is' if unread == 1 else 'pairs are'} unknown or not begun" if unread else ""
            under = "changes that were under way are undone, unless a line above says otherwise"
            run.problem(Problem(f"interrupted: {under}{rest}" if wait else f"interrupted{rest}", exits.INTERRUPTED))


def tell_at_once(text: str) -> None:
    """Print a line on the error output in a signal handler, which may have interrupted another line there."""
    with contextlib.suppress(OSError):  # also of a stream without a file
        os.write(sys.stderr.fileno(), f"\n{text}\n".encode("ascii"))


def to_do(run: Run, names: Sequence[str]) -> list[str]:
    """Return the names of the pairs that ``--only-failed`` leaves of those that were chosen.

    Raises:
        Problem: The log has failed pairs, and none of them was chosen.
    """
    path = run.options.only_failed
    if path is None:
        return list(names)
    failed = failed_pairs(path)
    chosen = [name for name in names if name in failed]
    others = [name for name in failed if name not in names]
    if not failed:
        run.say(f"{path}: no pair failed")
    elif not chosen:
        raise Problem(f"{path}: none of the pairs that failed is among those chosen: {', '.join(others[:5])}")
    elif others:
        run.warn(f"{path}: failed, and not among the pairs chosen: {', '.join(others)}")
    return chosen
