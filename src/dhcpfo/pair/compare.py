"""Comparing the two copies of a relationship."""

from .look import Look
from .parts import Side

__all__ = ["copy_differences"]


def copy_differences(look: Look, name: str) -> list[str]:
    """Return how the two copies of a relationship differ from each other, in words."""
    halves = {side: look.half(side, name) for side in Side}
    one, other = halves[Side.PRIMARY], halves[Side.SECONDARY]
    if one is None and other is None:
        return []
    for side, half in halves.items():
        if half is None:
            return [f"{look.pair.names[side]} has no relationship {name}"]
    assert one is not None
    assert other is not None
    found = [
        f"{what} is {getattr(one, what)} on {look.pair.names.primary} and {getattr(other, what)} on "
        f"{look.pair.names.secondary}"
        for what in ("mode", "percentage", "mclt", "state_switch_interval", "primary_server", "secondary_server")
        if getattr(one, what) != getattr(other, what)
    ]
    if one.role == other.role:
        found.append(f"both copies have the role {one.role.name}")
    if apart := sorted(one.scopes ^ other.scopes):
        found.append(f"only one copy has {', '.join(map(str, apart))}")
    if one.secret is not None and other.secret is not None and one.secret != other.secret:
        found.append("the shared secrets differ")
    return found
