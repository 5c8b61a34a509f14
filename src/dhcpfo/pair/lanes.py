"""Which steps of a plan may be carried out at the same time: those that fill different new scopes."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from .parts import Undo

if TYPE_CHECKING:
    from .plan import Step

__all__ = ["lanes_of"]

Lane = list[tuple[int, "Step"]]


def lanes_of(steps: Sequence["Step"]) -> Iterator[list[Lane]]:
    """Yield groups of lanes, one after the other; the lanes of a group do not depend on each other.

    A lane is a list of steps with their numbers. Steps that make and fill new, disabled scopes are a lane for each
    scope; every other step is a group with one lane.
    """
    waiting: dict[Any, Lane] = {}
    for number, step in enumerate(steps, 1):
        key = (step.side, step.about.scope)
        makes = step.about.kind == "scope" and step.before is None
        if makes or (step.undo is Undo.WITH_PARENT and key in waiting):
            waiting.setdefault(key, []).append((number, step))
            continue
        if waiting:
            yield list(waiting.values())
            waiting = {}
        yield [[(number, step)]]
    if waiting:
        yield list(waiting.values())
