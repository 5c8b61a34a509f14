"""The check of every plan: no state between two steps lets both servers lease the same addresses.

A scope that is enabled on both servers and in failover on one of them is dangerous: the one gives out what it takes for
its share, the other gives out everything.
"""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address
from typing import Any

from ..enums import ScopeState
from .parts import Side
from .plan import Step

__all__ = ["Serving", "dangers"]

ENABLED = frozenset({ScopeState.ENABLED, ScopeState.ENABLED_SWITCHED})


class Serving:
    """Which scopes each server has enabled, and which it has in failover.

    Args:
        enabled: The scopes that are enabled, by side.
        members: The scopes that are in the relationship, by side.
    """

    def __init__(
        self, enabled: Mapping[Side, Iterable[IPv4Address]], members: Mapping[Side, Iterable[IPv4Address]]
    ) -> None:
        self.enabled = {side: set(enabled.get(side, ())) for side in Side}
        self.members = {side: set(members.get(side, ())) for side in Side}

    def dangerous(self) -> frozenset[IPv4Address]:
        """Return the scopes that are enabled on both servers and in failover on one of them."""
        one, other = self.members.values()
        return frozenset(set.intersection(*self.enabled.values()) & (one ^ other))

    def take(self, step: Step) -> None:
        """Change as a step does."""
        enabled, members = self.enabled[step.side], self.members[step.side]
        scope = step.about.scope
        match step.about.kind:
            case "relationship":
                members -= _scopes(step.before)
                members |= _scopes(step.after)
            case "members":
                members -= step.before
                members |= step.after
            case "scope" | "scope-state":
                state = getattr(step.after, "state", step.after)
                if scope is not None and state is not None:
                    (enabled.add if state in ENABLED else enabled.discard)(scope)
                elif scope is not None:
                    enabled.discard(scope)


def _scopes(half: Any) -> frozenset[IPv4Address]:
    return frozenset() if half is None else half.scopes


def dangers(serving: Serving, steps: Iterable[Step]) -> dict[int, frozenset[IPv4Address]]:
    """Return the scopes that become dangerous after a step, by the step's number from 1 on.

    What was dangerous before the plan does not count.
    """
    before = serving.dangerous()
    found = {}
    for number, step in enumerate(steps, 1):
        serving.take(step)
        if new := serving.dangerous() - before:
            found[number] = new
    return found
