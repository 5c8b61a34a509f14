"""The plan of one pair, and the digests by which an approved plan is found again."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Literal

from ...pair import Event, Plan, Result, Step
from ...pair.parts import fields_of
from ..digests import digests_of
from .wanted import Wanted
from .weigh import Measure

__all__ = ["PairPlan", "kind_of"]


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
        """A digest of each change, the same however much of the plan is done."""
        return digests_of(self.plan.steps)

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
        said = self.plan.to_dict(arguments=False)
        return {
            **said,
            "name": self.wanted.name,
            "digests": list(digests_of(self.plan.steps, said["steps"])),
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
