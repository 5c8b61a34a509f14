"""Change the values of a relationship on both servers."""

from dataclasses import replace
from typing import Any

from ...enums import ServerType
from ..errors import Conflict
from ..look import Draft, Look
from ..parts import About
from ..plan import Request, Step

__all__ = ["plan"]


def plan(look: Look, request: Request) -> Draft:
    """Set the secondary, then the primary: one call each, with all values that differ."""
    values: dict[str, Any] = dict(request.arguments)
    draft = Draft()
    secondary = look.of_role(ServerType.SECONDARY)
    for side in (secondary, secondary.other):
        half = look.half(side)
        if half is None:
            raise Conflict(f"{look.pair.names[side]} has no relationship {look.name}", side=side)
        wanted = replace(half, **values)
        if wanted != half:
            draft.steps.append(Step(side=side, about=About("relationship", half.name), before=half, after=wanted))
    return draft
