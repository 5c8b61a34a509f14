"""The registry of checkers. A checker is a function that looks at both servers and yields findings."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .finding import Finding
from .seen import DEPTHS, PairSeen

__all__ = ["CHECKERS", "Checker", "checker", "run"]

Check = Callable[[PairSeen], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Checker:
    """A checker.

    Attributes:
        name: What it is about.
        needs: The depth that it needs: "relationships", "scopes" or "full".
        check: The function.
    """

    name: str
    needs: str
    check: Check


CHECKERS: dict[str, Checker] = {}
"""All checkers by name. Add your own with `checker`."""


def checker(name: str, *, needs: str) -> Callable[[Check], Check]:
    """Return a decorator that adds a checker to `CHECKERS`. It is called only if both servers could be read.

    Args:
        name: What it is about.
        needs: The depth that it needs: "relationships", "scopes" or "full".

    Example:
        >>> @checker("naming", needs="relationships")
        ... def check_names(seen):
        ...     for name, copies in seen.pairs():
        ...         if not name.islower():
        ...             yield Finding(code="name-not-lower", severity="note", relationship=name)
    """
    if needs not in DEPTHS:
        raise ValueError(f"needs must be one of {', '.join(DEPTHS)}, got {needs!r}")

    def register(check: Check) -> Check:
        CHECKERS[name] = Checker(name, needs, check)
        return check

    return register


def run(seen: PairSeen) -> list[Finding]:
    """Return what the checkers find that the depth allows."""
    found = []
    for side, server in seen.sides.items():
        where = seen.names[side]
        if server.error is not None:
            text = f"{where} could not be read: {server.error}"
            found.append(Finding(code="unreachable", severity="unknown", text=text))
        for part, scope, error in server.unread:
            text = f"on {where}: {error}"
            found.append(Finding(code="unread", severity="unknown", scope=scope, element=part, text=text))
    if seen.complete:
        for one in CHECKERS.values():
            if DEPTHS.index(one.needs) <= DEPTHS.index(seen.depth):
                found += one.check(seen)
    return found
