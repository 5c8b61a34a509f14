"""What a run says about each pair."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..errors import DhcpError, DhcpsapiMissingError
from ..pair import Finding, NotReached, PairError, Refused
from .jobs import Outcome

__all__ = ["EXIT", "FAILED", "FleetEvent", "PairResult", "cancelled", "describe", "lost", "outcome_of", "worst_exit"]

EXIT: dict[str, int] = {
    "unchanged": 0,
    "changed": 0,
    "drift": 2,
    "refused": 4,
    "failed": 1,
    "unknown": 6,
    "abandoned": 6,
}
"""Exit codes by outcome; ``"failed"`` is 5 if something is left, and 3 if nothing was sent."""

USAGE, LEFT = 3, 5
ORDER = (0, 2, 4, 1, USAGE, 6, LEFT)
"""Exit codes, the worst last."""

NOT_PLANNED = frozenset({"FileError", "ValueError", "Conflict"})
"""The kinds of errors that say that what was asked does not fit the servers; nothing was sent to change them."""

FAILED = frozenset({"refused", "failed", "unknown", "abandoned"})
"""Outcomes of pairs that have to be tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairResult:
    """What a run found or did in one pair: plain data without secrets, which can be pickled.

    Attributes:
        pair: The pair's name in the fleet.
        outcome: ``"unchanged"``: as it should be. ``"changed"``: changed as wanted. ``"drift"``: there is something to
            do, or an audit found something. ``"refused"``: by a guard, or the steps are not the approved ones; nothing
            was sent. ``"failed"``: an error. ``"unknown"``: a server could not be read, the worker was lost, or the
            pair was not begun. ``"abandoned"``: the time limit passed, `FleetRun.abandon` was called, or the workers
            are gone; what was under way then is unknown.
        findings: What an audit found.
        plan: The plan as JSON-ready values.
        data: What a look returned.
        error: Why it is not well, as JSON-ready values: ``kind``, ``text`` and, where there are such, ``code``,
            ``name``, ``function``, ``server``, ``guards``, ``left`` (whether a change is left) and ``calls`` (those
            that had not returned).
        calls: How many calls were made.
        seconds: How long it took.
        silent: The names, as in the fleet, of servers that had not returned from a call when the pair was abandoned.
    """

    pair: str
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    plan: dict[str, Any] | None = None
    data: Any = None
    error: dict[str, Any] | None = None
    calls: int = 0
    seconds: float = 0.0
    silent: tuple[str, ...] = ()

    @property
    def exit(self) -> int:
        """The exit code of the command line for this pair alone."""
        error = self.error or {}
        if self.outcome == "failed" and error.get("left"):
            return LEFT
        if self.outcome == "failed" and error.get("kind") in NOT_PLANNED:
            return USAGE
        return EXIT[self.outcome]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values; ``data`` is left out unless it has a `to_dict` itself."""
        said: dict[str, Any] = {
            "pair": self.pair,
            "outcome": self.outcome,
            "findings": [finding.to_dict() for finding in self.findings],
            "plan": self.plan,
            "error": self.error,
            "calls": self.calls,
            "seconds": round(self.seconds, 3),
        }
        if hasattr(self.data, "to_dict"):
            said["data"] = self.data.to_dict()
        return said


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetEvent:
    """Progress of a run.

    Attributes:
        what: ``"begin"`` and ``"end"`` of a pair, or ``"step"``: the events of operations, from threads only. In a log
            also ``"wait"``: the pair's turn comes later.
        time: When, by this machine's clock.
        pair: The pair's name.
        job: The job's name.
        step: What a step does, as text, for ``"step"``.
        state: How it goes, as `dhcpfo.pair.Event.what`, for ``"step"``.
        result: The result, for ``"end"``.
    """

    what: str
    time: datetime
    pair: str
    job: str
    step: str | None = None
    state: str | None = None
    result: PairResult | None = None


def worst_exit(results: Iterable[PairResult]) -> int:
    """Return the exit code of a run: that of the worst pair."""
    return max((result.exit for result in results), key=ORDER.index, default=0)


def outcome_of(error: BaseException) -> Outcome:
    """Return the outcome of a job that an error ended."""
    if isinstance(error, Refused):
        return "refused"
    return "unknown" if isinstance(error, DhcpError | DhcpsapiMissingError) else "failed"


def describe(error: BaseException) -> dict[str, Any]:
    """Return an error as JSON-ready values."""
    kind = type(error).__name__
    try:
        text = str(error)
    except Exception:  # noqa: BLE001  of the caller's error class
        text = ""
    said: dict[str, Any] = {"kind": kind, "text": text or kind}
    cause = error.cause if isinstance(error, PairError) else error
    if isinstance(cause, DhcpError):
        said |= {"code": cause.winerror, "name": cause.code_name, "function": cause.function, "server": cause.server}
    if isinstance(error, Refused):
        said["guards"] = list(error.guards)
    if isinstance(error, PairError):
        said["left"] = bool(error.left or error.done)
        said["done"] = [str(step) for step in error.done]
        said["remaining"] = len(error.remaining)
    if isinstance(error, NotReached):
        said["left"] = True
    return said


def lost(pair: str, error: BaseException) -> PairResult:
    """Return the result of a pair that the executor lost."""
    text = f"the worker was lost: {type(error).__name__}: {error}"
    return PairResult(pair=pair, outcome="unknown", error={"kind": "lost", "text": text})


def cancelled(pair: str, *, begun: bool) -> PairResult:
    """Return the result of a pair that was handed over when the run was cancelled."""
    text = "the run was cancelled; what was under way is unknown" if begun else "not begun: the run was cancelled"
    return PairResult(pair=pair, outcome="unknown", error={"kind": "cancelled", "text": text})
