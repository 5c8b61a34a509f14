"""Checkers of relationships: their two copies, states, clocks and limits."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from ...enums import FailoverState
from ...limits import MAX_RELATIONSHIPS
from ...models import Relationship
from ..copies import differences
from ..parts import Side, shown_duration
from .finding import Finding
from .registry import checker
from .seen import PairSeen

__all__ = ["check_clocks", "check_copies", "check_limits", "check_states", "check_values"]

CODES = {
    "mode": "mode-differs",
    "percentage": "percentage-differs",
    "mclt": "mclt-differs",
    "state_switch_interval": "interval-differs",
}
ALIVE = frozenset({FailoverState.NORMAL, FailoverState.COMMUNICATION_INTERRUPTED})
RECOVERING = frozenset(
    {FailoverState.STARTUP, FailoverState.RECOVER, FailoverState.RECOVER_WAIT, FailoverState.RECOVER_DONE}
)
RECOVERY_SLACK = timedelta(minutes=10)
"""How much longer than an MCLT a recovery may take before it counts as stuck."""

STATE_CODES = ("recovering", "stuck-recover")
NEAR_LIMIT = MAX_RELATIONSHIPS - 3


def both(copies: dict[Side, Relationship], value: str) -> dict[Side, Any]:
    """Return one value of both copies."""
    return {side: getattr(copy, value) for side, copy in copies.items()}


@checker("copies", needs="relationships")
def check_copies(seen: PairSeen) -> Iterator[Finding]:
    """Both servers have a copy, and the two fit each other."""
    for name, copies in seen.pairs():
        if len(copies) == 1:
            (side,) = copies
            yield Finding(
                code="half-relationship",
                severity="error",
                relationship=name,
                values={side: "has it", side.other: "does not"},
                repair=f'adopt("{name}", like="{side}") or delete',
            )
            continue
        one, other = copies[Side.PRIMARY], copies[Side.SECONDARY]
        found = {difference.what for difference in differences(one, other)}
        if "role" in found:
            yield Finding(
                code="role-clash",
                severity="error",
                relationship=name,
                values=both(copies, "server_type"),
                repair="delete one of them, then adopt the other",
            )
        for which in ("primary_server", "secondary_server"):
            if which in found:
                yield Finding(
                    code="servers-differ",
                    severity="error",
                    relationship=name,
                    element=which,
                    values=both(copies, which),
                    repair="delete one of them, then adopt the other",
                )
        if "name" in found:
            yield Finding(code="name-case-differs", severity="warning", relationship=name, values=both(copies, "name"))
        if not one.scopes and not other.scopes:
            yield Finding(code="empty-relationship", severity="warning", relationship=name, text="it has no scope")


@checker("values", needs="relationships")
def check_values(seen: PairSeen) -> Iterator[Finding]:
    """Both copies have the same values and the same secret."""
    for name, copies in seen.pairs():
        if len(copies) < 2:
            continue
        found = {difference.what for difference in differences(copies[Side.PRIMARY], copies[Side.SECONDARY])}
        for value, code in CODES.items():
            if value in found:
                yield Finding(
                    code=code,
                    severity="error",
                    relationship=name,
                    values=both(copies, value),
                    repair=f'adopt("{name}", like=...) or update',
                )
        if "authenticated" in found:
            yield Finding(
                code="auth-differs",
                severity="error",
                relationship=name,
                values=both(copies, "authenticated"),
                text="only one has a shared secret",
                repair=f'rotate_secret("{name}", ...)',
            )
        elif "shared_secret" in found:
            yield Finding(
                code="secret-differs", severity="error", relationship=name, repair=f'rotate_secret("{name}", ...)'
            )


@checker("states", needs="relationships")
def check_states(seen: PairSeen) -> Iterator[Finding]:
    """Both copies are NORMAL, or on the way there."""
    for name, copies in seen.pairs():
        states = both(copies, "state")
        if all(state == FailoverState.NORMAL for state in states.values()) and len(copies) == 2:
            continue
        for side, state in states.items():
            if state == FailoverState.PARTNER_DOWN and states.get(side.other) in ALIVE:
                yield Finding(
                    code="state-mismatch",
                    severity="error",
                    relationship=name,
                    values=states,
                    text="PARTNER_DOWN, but the partner is alive: they do not hear each other (TCP port 647)",
                )
                break
        else:
            recovering = any(state in RECOVERING for state in states.values())
            since = _same_since(seen, name, states)
            most = max(copy.mclt for copy in copies.values()) + RECOVERY_SLACK
            if recovering and since is not None and since > most:
                yield Finding(
                    code="stuck-recover",
                    severity="error",
                    relationship=name,
                    values=states,
                    text=f"the same states as {since} ago, and recovering takes the MCLT and a few minutes",
                    repair=None if len(copies) < 2 else f'wait_until("{name}") says what keeps it from NORMAL',
                )
                continue
            yield Finding(
                code="recovering" if recovering else "not-normal",
                severity="warning" if recovering else "error",
                relationship=name,
                values=states,
                repair=None if len(copies) < 2 else f'wait_until("{name}") says what keeps it from NORMAL',
            )


def _same_since(seen: PairSeen, name: str, states: dict[Side, FailoverState]) -> timedelta | None:
    """Return how long before an earlier audit found the same states, or None if it did not: a look has no duration."""
    if seen.before is None or seen.before.time is None or seen.time is None:
        return None
    for finding in seen.before:
        if finding.relationship == name and finding.code in STATE_CODES and dict(finding.values) == states:
            return seen.time - seen.before.time
    return None


@checker("clocks", needs="relationships")
def check_clocks(seen: PairSeen) -> Iterator[Finding]:
    """The clocks are as close as the servers want them."""
    clocks = {side: server.clock for side, server in seen.sides.items()}
    one, other = clocks[Side.PRIMARY], clocks[Side.SECONDARY]
    if one is None or other is None:
        return
    most = max(one.max_allowed_difference or timedelta(0), other.max_allowed_difference or timedelta(0))
    apart = abs(one.time - other.time)
    if most and apart > most / 2:
        yield Finding(
            code="clock-skew",
            severity="error" if apart > most else "warning",
            values={Side.PRIMARY: one.time.isoformat(), Side.SECONDARY: other.time.isoformat()},
            text=f"{shown_duration(apart)} apart, {shown_duration(most)} is allowed",
            repair="set the clocks",
        )


@checker("limits", needs="relationships")
def check_limits(seen: PairSeen) -> Iterator[Finding]:
    """No server is near the largest number of relationships."""
    for side, server in seen.sides.items():
        count = len(server.relationships)
        if count >= NEAR_LIMIT:
            yield Finding(
                code="near-limit",
                severity="warning",
                values={side: count},
                text=f"of at most {MAX_RELATIONSHIPS} relationships",
            )
