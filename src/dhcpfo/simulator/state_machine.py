"""The failover protocol between two servers, as seen through the states of a relationship ([MS-DHCPF], FSM_STATE).

Nothing here waits. Every timer is a time derived from the state of the lab, so a saved lab carries on where it stopped,
and `run` steps through what is due in the order in which it is due.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from ..enums import FailoverState, ServerType
from .leases import exchange
from .network import Reach, find_obstacle, in_contact, partner
from .state import Endpoint, Host, LabState, Power, Transition
from .switches import Timers

__all__ = ["change_state", "re_integrating", "redistribute", "refresh", "run", "settle", "start", "stop"]

Action = Callable[[datetime], object]
Side = tuple[Host, Endpoint]

# FSM_STATE, in words short enough for the tables below.
NO_STATE, INIT, STARTUP = FailoverState.NO_STATE, FailoverState.INIT, FailoverState.STARTUP
NORMAL, INTERRUPTED = FailoverState.NORMAL, FailoverState.COMMUNICATION_INTERRUPTED
PARTNER_DOWN, PAUSED, SHUTDOWN = FailoverState.PARTNER_DOWN, FailoverState.PAUSED, FailoverState.SHUTDOWN
CONFLICT, CONFLICT_DONE = FailoverState.POTENTIAL_CONFLICT, FailoverState.CONFLICT_DONE
RESOLUTION_INTERRUPTED, RECOVER = FailoverState.RESOLUTION_INTERRUPTED, FailoverState.RECOVER
RECOVER_WAIT, RECOVER_DONE = FailoverState.RECOVER_WAIT, FailoverState.RECOVER_DONE

CONTACT_LOST: Mapping[FailoverState, FailoverState] = {
    NORMAL: INTERRUPTED,
    CONFLICT: RESOLUTION_INTERRUPTED,
    CONFLICT_DONE: INTERRUPTED,
}
"""The state that follows when contact is lost; states not listed stay."""

RESUMED: Mapping[FailoverState, FailoverState] = {
    PARTNER_DOWN: PARTNER_DOWN,
    CONFLICT: RESOLUTION_INTERRUPTED,
    RESOLUTION_INTERRUPTED: RESOLUTION_INTERRUPTED,
    RECOVER: RECOVER,
    RECOVER_WAIT: RECOVER,
    RECOVER_DONE: RECOVER_DONE,
}
"""The state after STARTUP without contact, by the previous state; any other leads to COMMUNICATION_INTERRUPTED."""

CONTACT: Mapping[FailoverState, Mapping[FailoverState, FailoverState]] = {
    NORMAL: {
        PARTNER_DOWN: CONFLICT,
        CONFLICT: CONFLICT,
        RESOLUTION_INTERRUPTED: CONFLICT,
        RECOVER: INTERRUPTED,
        RECOVER_WAIT: INTERRUPTED,
        PAUSED: INTERRUPTED,
        SHUTDOWN: PARTNER_DOWN,
    },
    INTERRUPTED: {
        NORMAL: NORMAL,
        INTERRUPTED: NORMAL,
        RECOVER_DONE: NORMAL,
        PARTNER_DOWN: CONFLICT,
        CONFLICT: CONFLICT,
        RESOLUTION_INTERRUPTED: CONFLICT,
        CONFLICT_DONE: CONFLICT,
        SHUTDOWN: PARTNER_DOWN,
    },
    PARTNER_DOWN: {
        RECOVER_DONE: NORMAL,
        NORMAL: CONFLICT,
        INTERRUPTED: CONFLICT,
        PARTNER_DOWN: CONFLICT,
        CONFLICT: CONFLICT,
        RESOLUTION_INTERRUPTED: CONFLICT,
        CONFLICT_DONE: CONFLICT,
    },
    RECOVER_DONE: {
        NORMAL: NORMAL,
        RECOVER_DONE: NORMAL,
        CONFLICT: CONFLICT,
        RESOLUTION_INTERRUPTED: CONFLICT,
        CONFLICT_DONE: CONFLICT,
    },
}
"""The next state while in contact, by the own state and the partner's. States stay for pairs not listed."""

CONTACT_BY_ROLE: Mapping[tuple[ServerType, FailoverState], Mapping[FailoverState, FailoverState]] = {
    (ServerType.PRIMARY, CONFLICT): {CONFLICT: CONFLICT_DONE},
    (ServerType.SECONDARY, CONFLICT): {CONFLICT_DONE: NORMAL},
    (ServerType.PRIMARY, CONFLICT_DONE): {NORMAL: NORMAL},
    (ServerType.SECONDARY, CONFLICT_DONE): {NORMAL: NORMAL, CONFLICT: CONFLICT, CONFLICT_DONE: CONFLICT},
}
"""The same where the role matters: the primary settles a conflict first."""

INTEGRATING = frozenset({STARTUP, RECOVER, RECOVER_WAIT, RECOVER_DONE, CONFLICT, CONFLICT_DONE})


def run(lab: LabState, until: datetime) -> None:
    """Run all events due up to a time, in order; `refresh` must have been called after the last change."""
    while (event := _next_event(lab, until)) is not None:
        time, act = event
        act(time)
        refresh(lab, time)
        lab.changed = True


def settle(lab: LabState, now: datetime, limit: datetime, name: str | None = None) -> datetime:
    """Run events, one after the other, until every relationship of a running server is NORMAL.

    Args:
        lab: The lab.
        now: The lab's time.
        limit: The last time to try.
        name: The only relationship to wait for; None is all.

    Returns:
        When that was, or ``limit`` if they are not NORMAL by then.
    """
    while any(end.state != NORMAL for _, end in lab.running() if name in (None, end.relationship.name)):
        event = _next_event(lab, limit)
        if event is None:
            return limit
        now = max(now, event[0])
        event[1](now)
        refresh(lab, now)
    return now


def refresh(lab: LabState, now: datetime) -> None:
    """Update contact and attempts after a change in the network: to be called after every change."""
    for host, end in lab.running():
        obstacle = find_obstacle(lab, host, end)
        counterpart = partner(lab, host, end)
        if end.contact_since is not None:
            if obstacle is None:
                end.silent_since = None
            elif obstacle.reach is Reach.CLOSED:
                _lose_contact(end, now, obstacle.text)
            elif end.silent_since is None:
                end.silent_since = now
        connected = end.contact_since is not None and counterpart is not None
        if obstacle is not None or counterpart is None or (connected and counterpart[1].contact_since is not None):
            end.attempt = None
        elif end.attempt is None:
            tries = -((end.alone_since - now) // lab.timers.reconnect)  # rounded up
            end.attempt = end.alone_since + tries * lab.timers.reconnect


def change_state(end: Endpoint, state: FailoverState, now: datetime, cause: str) -> None:
    """Enter a state and note the one before."""
    before = end.state
    end.remember(Transition(time=now, before=before, state=state, cause=cause))
    end.relationship = replace(end.relationship, state=state, previous_state=before)
    end.entered = now
    end.established = end.established or state == NORMAL


def start(host: Host, now: datetime) -> None:
    """Start a server: each copy begins in STARTUP, and its previous state is the one it was in before."""
    host.power = Power.RUNNING
    for end in host.endpoints:
        end.alone_since = now
        if end.state != STARTUP:
            change_state(end, STARTUP, now, "the service started")
        end.entered = now


def stop(host: Host, power: Power) -> None:
    """Stop a server's service or power off its host."""
    host.power = power
    for end in host.endpoints:
        end.contact_since = end.silent_since = end.attempt = None


def re_integrating(lab: LabState, host: Host, end: Endpoint) -> bool:
    """Return whether a copy and its counterpart are in contact and on the way back to NORMAL."""
    side = in_contact(lab, host, end)
    return side is not None and bool({end.state, side[1].state} & INTEGRATING)


def redistribute(lab: LabState, host: Host, end: Endpoint, now: datetime) -> bool:
    """Redistribute the free addresses of all scopes by the primary's percentage, on both servers.

    Returns:
        Whether it was done: only if both are in contact and NORMAL, since both must agree.
    """
    side = in_contact(lab, host, end)
    if side is None or {end.state, side[1].state} != {NORMAL}:
        return False
    (primary, its), (secondary, theirs) = sorted([(host, end), side], key=lambda side: side[1].role)
    for subnet in its.relationship.scopes:
        scope, copy = primary.scopes.get(subnet), secondary.scopes.get(subnet)
        if scope is not None:
            scope.divide(its.relationship, scope.free(now + primary.clock_offset))
            if copy is not None and subnet in theirs.relationship.scopes:
                copy.boundary = scope.boundary
    its.redistributed = now
    return True


def _next_event(lab: LabState, until: datetime) -> tuple[datetime, Action] | None:
    events = sorted((event for event in _timers(lab) if event[0] <= until), key=lambda event: event[0])
    limit = events[0][0] if events else until
    for host, end in lab.running():
        # Of the redistributions before the next event only the last has an effect.
        if end.role != ServerType.PRIMARY or end.state != NORMAL or end.redistributed is None:
            continue
        passed = (limit - end.redistributed) // lab.timers.rebalance
        side = in_contact(lab, host, end) if passed > 0 else None
        if side is not None and side[1].state == NORMAL:
            return end.redistributed + passed * lab.timers.rebalance, partial(redistribute, lab, host, end)
    return events[0] if events else None


def _timers(lab: LabState) -> Iterator[tuple[datetime, Action]]:
    for host, end in lab.running():
        side = partner(lab, host, end)
        if end.silent_since is not None:
            time = end.silent_since + lab.timers.receive
            yield time, partial(_lose_contact, end, cause="no message from the partner")
        if end.attempt is not None and side is not None:
            yield end.attempt, partial(_connect, (host, end), side)
        if end.state == RECOVER_WAIT:
            time = max(end.entered + end.relationship.mclt, end.configured)
            yield time, partial(change_state, end, RECOVER_DONE, cause="the MCLT has passed")
        if end.contact_since is None:
            yield from _timers_without_contact(lab.timers, end)
        elif end.role == ServerType.PRIMARY and side is not None and in_contact(lab, host, end):
            other = side[1]
            if (_next_state(end, other), _next_state(other, end)) != (end.state, other.state):
                latest = max(end.entered, other.entered, end.contact_since, other.contact_since or end.contact_since)
                yield latest + lab.timers.exchange, partial(_step, lab, (host, end), side)


def _timers_without_contact(timers: Timers, end: Endpoint) -> Iterator[tuple[datetime, Action]]:
    interval = end.relationship.state_switch_interval
    since = max(end.entered, end.alone_since)
    if end.state == STARTUP:
        resumed = RESUMED.get(end.relationship.previous_state, INTERRUPTED)
        yield since + timers.startup, partial(change_state, end, resumed, cause="the startup timer ran out")
    elif end.state == INTERRUPTED and interval is not None:
        time = max(since + interval, end.configured)
        yield time, partial(change_state, end, PARTNER_DOWN, cause="the state switch interval has passed")
    elif end.state in CONTACT_LOST:  # set by a call, or it would have been left with the contact
        lost = CONTACT_LOST[end.state]
        yield since + timers.receive, partial(change_state, end, lost, cause="no message from the partner")


def _lose_contact(end: Endpoint, now: datetime, cause: str) -> None:
    end.contact_since = end.silent_since = None
    end.alone_since = now
    if end.state in CONTACT_LOST:
        change_state(end, CONTACT_LOST[end.state], now, cause)


def _connect(one: Side, other: Side, now: datetime) -> None:
    for _, end in (one, other):
        if end.contact_since is not None:  # the partner came back before its silence was noticed
            _lose_contact(end, now, "the partner connected again")
        end.contact_since, end.attempt = now, None
    exchange(one, other, now)


def _step(lab: LabState, one: Side, other: Side, now: datetime) -> None:
    """Exchange the two states, and let each server react to the other's."""
    (_, here), (_, there) = one, other
    reactions = [(here, _next_state(here, there), there.state), (there, _next_state(there, here), here.state)]
    for end, state, partner_state in reactions:
        if end.state != state:
            change_state(end, state, now, f"in contact, the partner was {partner_state.name}")
    redistribute(lab, *one, now)


def _next_state(end: Endpoint, partner: Endpoint) -> FailoverState:
    """Return the state that follows when a server learns its partner's state."""
    state, theirs = end.state, partner.state
    if state == STARTUP:
        previous = end.relationship.previous_state
        resumed = RESUMED.get(previous, INTERRUPTED)
        if theirs == STARTUP:
            theirs = RESUMED.get(partner.relationship.previous_state, INTERRUPTED)
        missed = resumed == INTERRUPTED and theirs == PARTNER_DOWN
        return RECOVER if previous in (NO_STATE, INIT) or missed else resumed
    if state == RECOVER:
        # Its earlier leases may run for an MCLT; a server new to the relationship has given none in it.
        return RECOVER_WAIT if end.established else RECOVER_DONE
    if state == RESOLUTION_INTERRUPTED:
        return CONFLICT
    if state in (NO_STATE, INIT) or state not in list(FailoverState):
        return RECOVER
    table = CONTACT_BY_ROLE.get((end.role, state)) or CONTACT.get(state, {})
    return table.get(theirs, state)
