"""Going back over the steps of a failed operation."""

from typing import TYPE_CHECKING, Any

from ..enums import ScopeState
from ..errors import DhcpError, ServerUnavailableError
from ..models import Scope
from .errors import Left
from .invariant import ENABLED
from .kinds import KINDS, text_of
from .parts import About, Side, Undo
from .plan import Step

if TYPE_CHECKING:
    from .engine import Record, Run

__all__ = ["go_back"]

MAY_ARRIVE = "read back as before, but the server may still carry out the call whose answer was lost"


def go_back(run: "Run", records: "list[Record]") -> tuple[tuple[Step, ...], list[Left], bool]:
    """Undo the steps of a run, the newest first, where the server still shows what they wrote.

    Returns:
        The steps that are undone, what is left, and whether both servers were read and are as before.
    """
    back = _Back(run, records)
    for record in reversed(records):
        back.undo(record)
    back.check()
    left = back.differences()
    return tuple(back.undone), left, not left


class _Back:
    def __init__(self, run: "Run", records: "list[Record]") -> None:
        self.run = run
        self.records = records
        self.undone: list[Step] = []
        self.left: list[Left] = []
        self.was_before = False
        self._was_read = False
        self._away: dict[Side, DhcpError] = {}
        self._with_parent: dict[Any, list[Record]] = {}
        self._apart: set[Any] = set()
        """Scopes whose membership on a server could not be undone."""
        self._serving: set[Any] = set()
        """Scopes that a server may serve, because it could not be undone that they are enabled there."""
        self._stuck: frozenset[Any] = frozenset()
        """These, and the others that joined or left a relationship in one call with them."""

    def undo(self, record: "Record") -> None:
        """Undo one step, or list it."""
        step = record.step
        if step.undo is Undo.WITH_PARENT:
            self._with_parent.setdefault((step.side, step.about.scope), []).append(record)
            return
        if self.run.interrupt.count > 1:
            self.leave(record, "undoing was interrupted")
            return
        if step.about.scope in self._apart and _is_enabled(step.before) and not _is_enabled(step.after):
            self.leave(record, "it stays disabled, because its membership in the relationship could not be undone")
            return
        if _joining(step) & self._stuck or (step.about.kind == "scope-state" and step.about.scope in self._stuck):
            shown = ", ".join(map(str, sorted(self._serving)))
            self.leave(record, f"it stays, because a server may serve its part of {shown}, which could not be undone")
            return
        try:
            self.attempt(record)
        except Exception as error:  # noqa: BLE001  also a fault of this package: the other steps are undone
            if record.refused and not self._was_read:
                self.leave(record, f"it failed, and could not be read: {error}", unread=True)
            else:
                self.leave(record, str(error))

    def attempt(self, record: "Record") -> None:
        """Undo one step; a server that cannot be reached is tried two more times, once."""
        step, run = record.step, self.run
        self._was_read = False
        if step.side in self._away:
            raise self._away[step.side]
        for pause in (5.0, 5.0, None):
            try:
                problem = self.restore(record)
                break
            except ServerUnavailableError as error:
                if pause is None:
                    self._away[step.side] = error
                    raise
                run.wait(pause, raising=False)
        if problem is not None:
            self.leave(record, problem)
        elif not (self.was_before and record.refused):  # it was refused, and did nothing
            self.settle(record)

    def restore(self, record: "Record") -> str | None:
        """Write the value before, if the server shows what the step wrote; return why not."""
        step, kind = record.step, KINDS[record.step.about.kind]
        if not kind.look:
            return "it cannot be undone"
        now = self.run.look(step, fresh=True)
        self._was_read = True
        if kind.same(step.about, now, step.before):
            self.was_before = True
            return None
        self.was_before = False
        if step.undo is Undo.IMPOSSIBLE:
            return "it cannot be undone"
        if kind.same(step.about, now, step.after):
            now = step.after
        elif not kind.partly(step.about, now, step.before, step.after):
            return f"changed by somebody else meanwhile: it is {text_of(now)}"
        self.run.write(record, now, step.before, raising=False)
        return None

    def settle(self, record: "Record") -> None:
        """Note a step as undone, with the elements of a scope that went with it."""
        step = record.step
        members = self._with_parent.pop((step.side, step.about.scope), []) if step.about.kind == "scope" else []
        for one in (*members, record):
            self.undone.append(one.step)
            if one.uncertain:
                self.left.append(Left(one.step, MAY_ARRIVE, may_arrive=True))

    def leave(self, record: "Record", why: str, *, unread: bool = False) -> None:
        """List a step, with the elements of the scope that it created.

        Args:
            record: The step.
            why: Why it is listed.
            unread: Whether it is not known if it did anything.
        """
        step = record.step
        members = self._with_parent.pop((step.side, step.about.scope), []) if step.about.kind == "scope" else []
        self._apart |= _joining(step)
        if _is_enabled(step.after) and not _is_enabled(step.before):
            self._serving.add(step.about.scope)
            together = (_joining(one.step) for one in self.records)
            self._stuck = frozenset(self._serving).union(*(scopes for scopes in together if scopes & self._serving))
        for one in (record, *members):
            self.left.append(Left(one.step, why, may_arrive=one.uncertain or unread))
            self.run.tell("left", 0, one.step, why)

    def differences(self) -> list[Left]:
        """Return what is left, without steps that a later one took back, such as disabling what is enabled last."""
        before: dict[Any, Any] = {}
        for record in self.records:
            before.setdefault((record.step.side, record.step.about), record.step.before)
        now: dict[Any, Any] = {}
        for one in self.left:  # the newest comes first
            now.setdefault((one.step.side, one.step.about), one.step.after)
        doubtful = {(one.step.side, one.step.about) for one in self.left if one.may_arrive}
        undone = {(step.side, step.about) for step in self.undone}
        back = {key for key, value in now.items() if value == before.get(key, value)} - doubtful - undone
        return [one for one in self.left if (one.step.side, one.step.about) not in back]

    def check(self) -> None:
        """Read once more what was undone: "as before" is said only of what was seen."""
        for members in self._with_parent.values():  # the scope was not created by this run
            for record in members:
                self.left.append(Left(record.step, "it cannot be undone", may_arrive=record.uncertain))
        first = {(step.side, step.about): step for step in self.undone if step.undo is not Undo.WITH_PARENT}
        created = {
            (step.side, step.about.scope)
            for step in first.values()
            if step.about.kind == "scope" and step.before is None
        }
        for step in first.values():  # of several about one thing, the oldest comes last
            kind = KINDS[step.about.kind]
            try:
                now = self.run.look(step, fresh=True)
            except DhcpError as error:
                self.left.append(Left(step, f"undone, but it could not be checked: {error}"))
                continue
            expected = step.before
            if (step.side, step.about.scope) in created and step.about.kind == "scope-state":
                expected = None  # it went with the scope
            state = first.get((step.side, About("scope-state", scope=step.about.scope)))
            if isinstance(expected, Scope) and state is not None:  # another step has it
                expected = expected.replace(state=state.before)
            if not kind.same_again(step.about, now, expected):
                self.left.append(Left(step, f"undone, but it is {text_of(now)} now"))


def _joining(step: Step) -> frozenset[Any]:
    """Return the scopes that a step takes into a relationship or out of it."""
    if step.about.kind == "members":
        return frozenset(step.about.key)
    if step.about.kind == "relationship" and (step.before is None or step.after is None):
        scopes: frozenset[Any] = (step.before or step.after).scopes
        return scopes
    return frozenset()


def _is_enabled(value: Any) -> bool:
    """Whether the value of a step, a scope or its state, is that of an enabled one."""
    state = getattr(value, "state", value)
    return isinstance(state, ScopeState) and state in ENABLED
