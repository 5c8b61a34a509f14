"""The loop that carries out a plan, and takes it back when a step fails."""

import contextlib
import enum
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from ..errors import (
    DhcpError,
    ErrorCode,
    InvalidAnswerError,
    NotNormalError,
    OutcomeUnknownError,
    ServerUnavailableError,
)
from ..models import Secret
from .back import go_back
from .daemons import DaemonExecutor
from .errors import Cancelled, Conflict, Left, PairError
from .kinds import KINDS, Reading, text_of
from .lanes import lanes_of
from .parts import SecretRef, Side, Undo
from .plan import Plan, Step
from .planning import closing_look, closing_notes, why_not_normal
from .progress import Event, Interrupt, Result

if TYPE_CHECKING:
    from .pair import FailoverPair

__all__ = ["Run"]

NOT_DONE = frozenset({1727, 1753})
"""Codes after which a server certainly did nothing."""

TRIES = 3
"""How often a call is sent when it is not known whether the server carried it out."""

BUSY_LIMIT = 180.0
"""Seconds that one step waits for a relationship that is not NORMAL or is synchronizing."""

LONGEST_WAIT = 10.0
UNDO_PAUSE = 5.0
"""Seconds between two tries to undo a step on a server that cannot be reached."""

JOIN_DISABLED = (
    "scopes are enabled there, and the server may take only disabled ones: join_disabled=True disables them for the "
    "moment in which they join, and enables them all afterwards"
)

SLICE = 0.5
"""Seconds after which a wait looks whether it was cancelled."""


class How(enum.Enum):
    """How a step ended."""

    DONE = "done"
    ALREADY = "already"
    FAILED = "failed"


@dataclass(slots=True)
class Record:
    """A step that was begun."""

    step: Step
    number: int
    how: How = How.FAILED
    uncertain: bool = False
    """A call of it was lost: the server may still carry it out."""
    sent: bool = False

    @property
    def refused(self) -> bool:
        """Whether the server refused it: probably nothing was done."""
        return self.how is How.FAILED and not self.uncertain


@dataclass(slots=True)
class Eye:
    """What a thread has read: the object that it looks at, and what it wrote since then."""

    readings: Mapping[Side, Reading]
    object: Any = None
    written: set[Any] = field(default_factory=set)


class Run:
    """Carries out one plan.

    Args:
        pair: The servers, the clock, and the look at both at the end.
        plan: What to do.
        secrets: The texts of the plan's secrets.
        progress: Is told what happens.
        deadline: When no further step begins.
        on_error: ``"undo"`` or ``"stop"``.
        interrupt: Counts Ctrl-C.
    """

    def __init__(
        self,
        pair: "FailoverPair",
        plan: Plan,
        secrets: Mapping[SecretRef, Secret],
        *,
        progress: Callable[[Event], None] | None,
        deadline: timedelta | None,
        on_error: Literal["undo", "stop"],
        interrupt: Interrupt,
    ) -> None:
        self.pair = pair
        self.plan = plan
        self.clock = pair.clock
        self.progress = progress
        self.until = None if deadline is None else self.clock.monotonic() + deadline.total_seconds()
        self.on_error = on_error
        self.interrupt = interrupt
        self.secrets = secrets
        self.records: list[Record] = []
        self.failed: tuple[BaseException, Record] | None = None
        self._lock = threading.RLock()
        self._eyes = threading.local()
        self._created: set[Any] = set()

    def go(self) -> Result:
        """Carry out all steps, then compare both servers.

        Raises:
            PairError: A step failed, or the servers differ at the end.
        """
        for lanes in lanes_of(self.plan.steps):
            if len(lanes) == 1 or self.pair.calls_at_once == 1:
                for lane in lanes:
                    self.carry_out(lane)
            else:
                with DaemonExecutor(min(self.pair.calls_at_once, len(lanes)), "dhcpfo-write") as pool:
                    list(pool.map(self.carry_out, lanes))
            if self.failed is not None:
                self.fail(*self.failed)
        self.close()
        return Result(
            self.plan,
            tuple(record.step for record in self.records if record.how is How.DONE),
            tuple(record.step for record in self.records if record.how is How.ALREADY),
            tuple(record.step for record in self.records if record.uncertain),
            closing_notes(self.pair, self.plan),
        )

    def carry_out(self, lane: Iterable[tuple[int, Step]]) -> None:
        """Carry out the steps of a lane, until one fails in this lane or in another one."""
        for number, step in lane:
            if self.failed is not None:
                return
            record = Record(step, number)
            self.records.append(record)
            try:
                self.tell("step", number, step)
                self.stop_if_cancelled()
                self.do(record)
                self.tell(record.how.value, number, step)
            except Exception as error:  # noqa: BLE001  also of ``progress``, or a fault of this package: go back, too
                with self._lock:
                    self.failed = self.failed or (error, record)

    # One step

    def do(self, record: Record) -> None:
        """Carry out one step: read, compare, write, and find out what happened."""
        step = record.step
        kind = KINDS[step.about.kind]
        if kind.look and not self.trusted(step):
            now = self.look(step)
            if kind.same(step.about, now, step.after):
                record.how = How.ALREADY
                return
            if not kind.same(step.about, now, step.before):
                raise conflict(step, now, self.plan)
        self.write(record, step.before, step.after, raising=True)
        record.how = How.DONE
        if step.about.kind == "scope" and step.before is None:
            self._created.add((step.side, step.about.scope))
        self.eye.written.add((step.side, step.about))

    @property
    def eye(self) -> "Eye":
        """What this thread has read."""
        if not hasattr(self._eyes, "eye"):
            self._eyes.eye = Eye({side: Reading(self.pair.server(side), self.secrets) for side in Side})
        found: Eye = self._eyes.eye
        return found

    def trusted(self, step: Step) -> bool:
        """Whether nobody can have changed it: it is in a disabled scope that this run created."""
        return step.undo is Undo.WITH_PARENT and (step.side, step.about.scope) in self._created

    def look(self, step: Step, *, fresh: bool = False) -> Any:
        """Return the value that the server shows now; a lost answer is asked for again."""
        kind, eye = KINDS[step.about.kind], self.eye
        reading = eye.readings[step.side]
        key = (step.side, kind.shares(step.about))
        if fresh or key != eye.object or (step.side, step.about) in eye.written:
            reading.forget()
            eye.object = key
            eye.written.clear()
        for attempt in range(TRIES):
            try:
                return kind.read(reading, step)
            except OutcomeUnknownError:
                if attempt == TRIES - 1:
                    raise
        raise AssertionError

    def write(self, record: Record, old: Any, new: Any, *, raising: bool) -> None:
        """Send a change until it is known to be done.

        Args:
            record: The step; it is marked if the outcome of a call was unknown.
            old: The value before.
            new: The value to write.
            raising: Whether Ctrl-C and the deadline end a wait.
        """
        step = record.step
        kind, reading = KINDS[step.about.kind], self.eye.readings[step.side]
        tries, waited, pause = 0, 0.0, 1.0
        while True:
            try:
                record.sent = True
                kind.write(reading, step, old, new)
                return
            except NotNormalError as error:
                reason = why_not_normal(self.pair, self.plan.relationship or step.about.name)
                if waited >= BUSY_LIMIT or reason is not None:
                    if reason is not None:
                        error.add_note(reason)
                    raise
                self.tell("waiting", 0, step, str(error))
                self.wait(pause, raising)
                waited, pause = waited + pause, min(pause * 2, LONGEST_WAIT)
            except DhcpError as error:
                if error.winerror in kind.settled_codes(step.about):
                    now = self.look(step, fresh=True)
                    if kind.same(step.about, now, new):
                        return
                    raise
                if not is_unknown(error):
                    if wants_disabled(error, step, self.plan):
                        error.add_note(JOIN_DISABLED)
                    raise
                record.uncertain = True
                tries += 1
                self.tell("uncertain", 0, step, str(error))
                if kind.look:
                    now = self.look(step, fresh=True)
                    if kind.same(step.about, now, new):
                        return
                    if kind.partly(step.about, now, old, new):
                        old = now
                    elif not kind.same(step.about, now, old):
                        raise conflict(step, now, self.plan) from error
                if tries == TRIES:
                    raise

    # Waiting

    def stop_if_cancelled(self) -> None:
        """End the operation if the user or the deadline says so."""
        if self.interrupt.count:
            raise Cancelled("interrupted")
        if self.until is not None and self.clock.monotonic() >= self.until:
            raise Cancelled("the deadline has passed")

    def wait(self, seconds: float, raising: bool = True) -> None:
        """Wait, in slices."""
        while seconds > 0:
            if raising:
                self.stop_if_cancelled()
            elif self.interrupt.count > 1:
                return
            self.clock.sleep(min(seconds, SLICE))
            seconds -= SLICE

    def tell(self, what: str, number: int = 0, step: Step | None = None, text: str = "") -> None:
        """Report progress."""
        if self.progress is None:
            return
        event = Event(what, number, len(self.plan.steps), step, text)
        with self._lock:
            if self.failed is None:
                self.progress(event)
                return
            with contextlib.suppress(Exception):  # nothing keeps the run from going back
                self.progress(event)

    # Failing

    def fail(self, cause: BaseException, record: Record) -> None:
        """Go back, unless the pivot has been passed, and raise a `PairError`."""
        begun = [one for one in self.records if one.how is How.DONE or one.sent]
        passed = any(one.step.pivot and (one.how is How.DONE or one.uncertain) for one in begun)
        numbers = {one.number for one in self.records}
        remaining = tuple(step for number, step in enumerate(self.plan.steps, 1) if number not in numbers)
        done: tuple[Step, ...] = ()
        undone: tuple[Step, ...] = ()
        left: list[Left] = []
        as_before = False
        if passed or self.on_error == "stop":
            done = tuple(one.step for one in self.records if one.how is How.DONE)
            left = self.what_stays(begun)
        else:
            undone, left, as_before = go_back(self, begun)
        raise PairError(
            operation=self.plan.operation,
            relationship=self.plan.relationship,
            pair=self.plan.pair,
            failed=record.step,
            number=record.number,
            total=len(self.plan.steps),
            cause=cause,
            done=done,
            undone=undone,
            left=tuple(left),
            remaining=remaining,
            as_before=as_before,
            again="run the same operation again: it does what is left"
            if passed or left or self.on_error == "stop"
            else "",
        ) from cause

    def what_stays(self, begun: list[Record]) -> list[Left]:
        """Return what is not certain about the steps that stay."""
        left = []
        for one in begun:
            if one.uncertain:
                left.append(lost(one))
            elif one.how is not How.DONE and KINDS[one.step.about.kind].look:
                try:
                    now = self.look(one.step, fresh=True)
                except DhcpError as error:
                    left.append(Left(one.step, f"it failed, and could not be read: {error}", may_arrive=True))
                    continue
                if not KINDS[one.step.about.kind].same(one.step.about, now, one.step.before):
                    left.append(Left(one.step, f"it failed, and is {text_of(now)} now"))
        return left

    def close(self) -> None:
        """Compare both servers with what was asked; whatever differs was changed by others meanwhile."""
        if not self.plan.steps:
            return
        self.tell("closing")
        cause: BaseException
        try:
            differences = closing_look(self.pair, self.plan, self.secrets)
            if not differences:
                return
            cause = Conflict(f"at the end, the servers differ from what was asked: {'; '.join(differences)}")
        except (DhcpError, Conflict) as error:
            cause = error
        raise PairError(
            operation=self.plan.operation,
            relationship=self.plan.relationship,
            pair=self.plan.pair,
            failed=None,
            number=len(self.plan.steps),
            total=len(self.plan.steps),
            cause=cause,
            done=tuple(record.step for record in self.records if record.how is How.DONE),
            left=tuple(lost(record) for record in self.records if record.uncertain),
            again="run the same operation again: it does what is left",
        ) from cause


def is_unknown(error: DhcpError) -> bool:
    """Return whether the server may have carried out the call."""
    if error.winerror in NOT_DONE:
        return False
    return isinstance(error, OutcomeUnknownError | InvalidAnswerError | ServerUnavailableError)


def wants_disabled(error: DhcpError, step: Step, plan: Plan) -> bool:
    """Return whether a server may have refused scopes because they are enabled, and disabling them was not allowed."""
    joins = step.about.kind == "members" or (step.about.kind == "relationship" and step.before is None)
    if error.winerror != ErrorCode.ERROR_INVALID_PARAMETER or not joins:
        return False
    if dict(plan.request.arguments).get("join_disabled") is not False:
        return False
    return any(other.about.kind == "scope-state" and other.side is not step.side for other in plan.steps)


def lost(record: Record) -> Left:
    """Return what is to be said about a step of which a call was lost."""
    return Left(record.step, "the outcome of a call is unknown; the server may still carry it out", may_arrive=True)


def conflict(step: Step, now: Any, plan: Plan) -> Conflict:
    """Return the error of a step that met something else than the plan saw."""
    return Conflict(
        f"{step.about} on {plan.pair[step.side]} was changed by somebody else: expected {text_of(step.before)}, "
        f"found {text_of(now)}",
        side=step.side,
        expected=step.before,
        found=now,
    )
