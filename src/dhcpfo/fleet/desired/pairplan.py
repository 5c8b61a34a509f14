"""The plan of one pair, and the digests by which an approved plan is found again."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Literal

from ...pair import Event, Plan, Result, Step
from ...pair.copying import is_unnamed
from ...pair.parts import fields_of
from ...pair.plan import canonical_digest
from .wanted import Wanted
from .weigh import Measure

__all__ = ["PairPlan", "changes_of", "kind_of"]


@dataclass(frozen=True, slots=True)
class PairPlan:
    """The plan of a pair, and how much of what there is it changes. It is true if there is something to do.

    Attributes:
        wanted: The pair.
        plan: The plan.
        measures: What is deleted and changed, for the limits of a run.
        on_error: What becomes of a change that fails.
    """

    wanted: Wanted
    plan: Plan
    measures: tuple[Measure, ...] = ()
    on_error: Literal["undo", "stop"] = "undo"

    def __bool__(self) -> bool:
        return bool(self.plan)

    @property
    def digests(self) -> tuple[str, ...]:
        """A digest of each change, the same however much of the plan is done; see `changes_of`."""
        return self._digests([step.to_dict() for step in self.plan.steps])

    def _digests(self, said: list[dict[str, Any]]) -> tuple[str, ...]:
        steps = zip(self.plan.steps, said, strict=True)
        return tuple(dict.fromkeys(digest for step, one in steps for digest in changes_of(step, one)))

    @property
    def guards(self) -> tuple[str, ...]:
        """The names of the guards that must be lifted."""
        return self.plan.guards

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values, without secrets."""
        marks = [
            {
                "server": self.plan.pair[step.side],
                "text": str(step),
                "undo": step.undo.value,
                "guard": step.guard,
                "kind": kind_of(step),
            }
            for step in self.plan.steps
        ]
        said = self.plan.to_dict()
        del said["arguments"]
        return {
            **said,
            "name": self.wanted.name,
            "digests": list(self._digests(said["steps"])),
            "guards": list(self.guards),
            "changes": marks,
            "measures": [fields_of(one) for one in self.measures],
        }

    def apply(self, *, allow: Collection[str] = (), progress: Callable[[Event], None] | None = None) -> Result:
        """Carry it out; see `Plan.apply`."""
        return self.plan.apply(allow=allow, progress=progress, on_error=self.on_error)


def kind_of(step: Step) -> str:
    """Return whether a step creates, changes or deletes: what people count."""
    if step.before is None or step.before == ():
        return "create"
    return "delete" if step.after is None or step.after == () else "change"


def changes_of(step: Step, said: dict[str, Any] | None = None) -> list[str]:
    """Return the digests of a step: one, or one for each scope of a membership.

    How a step would be undone, and that it is the last for which that is possible, is left out: both depend on what is
    done already. So is the value before of a step that may be the rest of one, which a kill ended between two calls. So
    the steps that are left after a kill have the digests that they had before.

    Args:
        step: The step.
        said: Its dictionary, if there is one already.
    """
    said = {name: value for name, value in (said or step.to_dict()).items() if name not in ("undo", "pivot")}
    if _is_rest(step):
        said["before"] = None
    if step.about.kind != "members":
        return [_digest(said)]
    added = step.after - step.before
    return [
        _digest({"side": said["side"], "relationship": step.about.name, "scope": str(scope), "in": bool(added)})
        for scope in sorted(step.after ^ step.before)
    ]


def _is_rest(step: Step) -> bool:
    """Whether a step may be the rest of another: the order of policies, or the name of a reservation."""
    if step.about.kind == "reservation" and step.before is not None and step.after is not None:
        same = (step.before.client_id, step.before.type) == (step.after.client_id, step.after.type)
        return same and is_unnamed(step.before)
    return step.about.kind == "policy-order"


def _digest(said: Any) -> str:
    return canonical_digest(_bare(said))


def _bare(said: Any) -> Any:
    """Return values with None for empty texts: a server does not tell the two apart."""
    if isinstance(said, dict):
        return {key: _bare(value) for key, value in said.items()}
    if isinstance(said, list):
        return [_bare(value) for value in said]
    return None if said == "" else said
