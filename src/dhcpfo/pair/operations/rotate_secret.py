"""Change the shared secret on both servers."""

from dataclasses import replace
from datetime import timedelta

from ...enums import ServerType
from ..errors import Conflict
from ..look import Draft, Look
from ..parts import About, SecretRef, Undo
from ..plan import Request, Step

__all__ = ["plan"]

SHORTEST_INTERVAL = timedelta(minutes=5)
GUARD = "rotate-short-interval"


def plan(look: Look, request: Request) -> Draft:
    """Set the secondary, then the primary. Between the two they lose contact, and for up to a minute afterwards."""
    new: SecretRef | None = request["new"]
    old: SecretRef | None = request["old"]
    draft = Draft()
    secondary = look.of_role(ServerType.SECONDARY)
    for side in (secondary, secondary.other):
        half = look.half(side)
        if half is None:
            raise Conflict(f"{look.pair.names[side]} has no relationship {look.name}", side=side)
        if half.secret == new:
            continue
        before = half if half.secret is not None or old is None else replace(half, secret=old)
        # A server that shows none has none, or does not show it: then nobody can restore it.
        restorable = before.secret is not None
        interval = half.state_switch_interval
        short = interval is not None and interval < SHORTEST_INTERVAL
        draft.steps.append(
            Step(
                side=side,
                about=About("relationship", half.name),
                before=before,
                after=replace(half, secret=new),
                undo=Undo.RESTORES if restorable else Undo.IMPOSSIBLE,
                pivot=not restorable and not draft.steps,
                guard=GUARD if short else None,
            )
        )
    if draft.steps:
        draft.note("contact-lost", "the servers lose contact until a minute after the second change")
    return draft
