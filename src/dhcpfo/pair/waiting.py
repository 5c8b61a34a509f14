"""Waiting for a state, and saying early why it cannot come."""

from datetime import timedelta
from typing import TYPE_CHECKING

from ..enums import FailoverState
from ..errors import DhcpError
from ..models import SystemTime
from ..models.convert import wrong_type
from .errors import NotReached
from .half import same_name
from .look import Look, gather
from .parts import Side, shown_duration
from .progress import Event

if TYPE_CHECKING:
    from collections.abc import Callable

    from .pair import FailoverPair

__all__ = ["duration", "reason", "wait_until"]

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0

ENDS_ONLY_BY_HAND = frozenset({FailoverState.PAUSED, FailoverState.SHUTDOWN})
PATIENCE = 30.0
"""Seconds for which states that usually pass, such as a secret that was set on one side a moment ago, do not count."""


def duration(argument: str, value: timedelta, *, positive: bool = False) -> timedelta:
    """Check a time to wait.

    Raises:
        TypeError: It is not a timedelta.
        ValueError: It is negative, or zero where it has to be positive.
    """
    if not isinstance(value, timedelta):
        raise wrong_type(argument, value, "timedelta")
    if value < timedelta(0) or (positive and not value):
        raise ValueError(f"{argument} must be {'positive' if positive else 'at least 0'}, got {value}")
    return value


def reason(look: Look) -> str | None:
    """Return why the copies of a relationship cannot become NORMAL by themselves, or None.

    A side that cannot be read does not count: it may come back.
    """
    names = look.pair.names
    if any(look.error(side) is not None for side in Side):
        return None
    copies = {side: look.copy(side) for side in Side}
    missing = [side for side, copy in copies.items() if copy is None]
    if missing:
        verb = "has" if len(missing) == 1 else "have"
        return f"{' and '.join(names[side] for side in missing)} {verb} no relationship {look.name}"
    one, other = copies[Side.PRIMARY], copies[Side.SECONDARY]
    assert one is not None
    assert other is not None
    if one.server_type == other.server_type:
        return f"both copies have the role {one.server_type.name}"
    if not same_name(one.name, other.name):
        return f"the names differ: {one.name} and {other.name}"
    for what in ("primary_server", "secondary_server"):
        if getattr(one, what) != getattr(other, what):
            return (
                f"the addresses differ: {what} is {getattr(one, what)} on {names.primary} and {getattr(other, what)} "
                f"on {names.secondary}"
            )
    if (one.shared_secret is None) != (other.shared_secret is None):
        with_one = names.primary if one.shared_secret is not None else names.secondary
        return f"the secrets differ: only {with_one} has one"
    if one.shared_secret != other.shared_secret:
        return "the secrets differ"
    for side, copy in copies.items():
        if copy is not None and copy.state in ENDS_ONLY_BY_HAND:
            return f"{names[side]} is {copy.state.name}, which only another set_relationship or a restart ends"
    return _clock_reason(look)


def _clock_reason(look: Look) -> str | None:
    clocks = gather({side: look.pair.server(side).get_system_time for side in Side}, 2)
    shown = [clock for clock in clocks.values() if isinstance(clock, SystemTime)]
    if len(shown) < 2:
        return None
    apart = abs(shown[0].time - shown[1].time)
    known = [clock.max_allowed_difference for clock in shown if clock.max_allowed_difference is not None]
    most = max(known, default=timedelta(seconds=60))  # the protocol's, where answers do not say it
    if apart > most + timedelta(seconds=2):
        return f"the clocks are {shown_duration(apart)} apart, and {shown_duration(most)} is allowed"
    return None


def _states(pair: "FailoverPair", name: str) -> tuple[Look, dict[Side, FailoverState | None]]:
    look = Look(pair, name, {})
    states: dict[Side, FailoverState | None] = {}
    for side in Side:
        copy = None if look.error(side) is not None else look.copy(side)
        states[side] = None if copy is None else copy.state
    return look, states


def wait_until(
    pair: "FailoverPair",
    name: str,
    state: FailoverState,
    *,
    timeout: timedelta,
    poll: timedelta,
    progress: "Callable[[Event], None] | None" = None,
) -> dict[Side, FailoverState]:
    """Wait until both copies of a relationship are in a state; see `FailoverPair.wait_until`."""
    duration("timeout", timeout)
    duration("poll", poll, positive=True)
    begun = pair.clock.monotonic()
    pause = min(FIRST_PAUSE, poll.total_seconds())
    last: dict[Side, FailoverState | None] | None = None
    why: str | None = None
    since_reason: float | None = None
    while True:
        look, states = _states(pair, name)
        now = pair.clock.monotonic()
        if states != last:
            last = states
            if progress is not None:
                progress(Event("states", text=_text(pair, states, look)))
        if all(found == state for found in states.values()):
            return dict.fromkeys(Side, state)
        found = _why_not(look, states, state)
        since_reason = None if found is None else (since_reason if found == why else now)
        why = found
        if why is not None and since_reason is not None and now - since_reason >= PATIENCE:
            raise NotReached(f"{name} cannot become {state.name}: {why} ({_text(pair, states)})", states, why)
        if now - begun >= timeout.total_seconds():
            so_far = f"{name} is not {state.name} after {shown_duration(timeout)}"
            text = f"{so_far}: {_text(pair, states, look)}{_errors(look)}"
            raise NotReached(text, states, why)
        pair.clock.sleep(min(pause, max(0.0, timeout.total_seconds() - (now - begun))) or 0.001)
        pause = min(pause * 2, poll.total_seconds(), LONGEST_PAUSE)


def _why_not(look: Look, states: dict[Side, FailoverState | None], state: FailoverState) -> str | None:
    if state != FailoverState.NORMAL:
        return None
    found = reason(look)
    if found is not None:
        return found
    for side in Side:
        here, there = states[side], states[side.other]
        living = (FailoverState.NORMAL, FailoverState.COMMUNICATION_INTERRUPTED)
        if here == FailoverState.PARTNER_DOWN and there in living:
            return (
                f"{look.pair.names[side]} is PARTNER_DOWN while {look.pair.names[side.other]} is {there.name}: the "
                f"servers do not hear each other (TCP port 647)"
            )
        if here == FailoverState.RECOVER_WAIT:
            return None
    return None


def _text(pair: "FailoverPair", states: dict[Side, FailoverState | None], look: Look | None = None) -> str:
    shown = []
    for side, state in states.items():
        text = f"{pair.names[side]} {'unknown' if state is None else state.name}"
        copy = None if look is None or state is None else look.copy(side)
        if copy is not None and state == FailoverState.RECOVER_WAIT:
            text += f" (for {shown_duration(copy.mclt)} at most, the MCLT)"
        shown.append(text)
    return ", ".join(shown)


def _errors(look: Look) -> str:
    errors: list[DhcpError] = [error for side in Side if (error := look.error(side)) is not None]
    return "".join(f"; {error}" for error in errors)
