"""The differences of the two copies of a relationship, in words."""

from collections.abc import Callable

from .copies import Difference, differences
from .half import VALUES
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
    found = {difference.what: difference for difference in differences(one, other)}
    return [text(found[what], look) for what, text in TEXTS.items() if what in found]


def _values(difference: Difference, look: Look) -> str:
    here, there = look.pair.names.primary, look.pair.names.secondary
    return f"{difference.what} is {difference.primary} on {here} and {difference.secondary} on {there}"


def _scopes(difference: Difference, look: Look) -> str:
    return f"only one copy has {', '.join(map(str, sorted(difference.primary + difference.secondary)))}"


TEXTS: dict[str, Callable[[Difference, Look], str]] = {
    **dict.fromkeys((*VALUES, "primary_server", "secondary_server"), _values),
    "role": lambda difference, look: f"both copies have the role {difference.primary.name}",
    "scopes": _scopes,
    "shared_secret": lambda difference, look: "the shared secrets differ",
}
"""What is said of a difference, in this order. Servers take names in any case, and need not show their secrets."""
