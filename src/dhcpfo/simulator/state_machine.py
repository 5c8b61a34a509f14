"""The failover protocol between two servers, as seen through the states of a relationship ([MS-DHCPF], FSM_STATE).

The arrows between the states are in `figure7`. Nothing here waits. Every timer is a time derived from the state of the
lab, so a saved lab carries on where it stopped, and `run` steps through what is due in the order in which it is due.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial

from ..enums import FailoverState, ServerType
from .figure7 import (
    CONFLICT,
    CONFLICT_DONE,
    INTERRUPTED,
    NORMAL,
    PARTNER_DOWN,
    RECOVER,
    RECOVER_DONE,
    RECOVER_WAIT,
    STARTUP,
    next_state,
    state_after_loss,
    state_after_start,
)
from .leases import clean_up, exchange, hold_of, next_clean_up
from .network import Reach, find_obstacle, in_contact, partner
from .state import Endpoint, Host, LabState, Power, Transition
from .switches import Timers

__all__ = ["change_state", "re_integrating", "redistribute", "refresh", "run", "settle", "start", "stop"]

Action = Callable[[datetime], object]
Side = tuple[Host, Endpoint]

INTEGRATING = frozenset({STARTUP, RECOVER, RECOVER_WAIT, RECOVER_DONE, CONFLICT, CONFLICT_DONE})


def run(lab: LabState, until: datetime) -> None:
    """Run all events due up to a time, in order; `refresh` must have been called after the last change."""
    while (event := _next_event(lab, until)) is not None:
        host, time, act = event
        act(time)
        _refresh(lab, time, lab.agenda.concerned(lab, [host.name]))
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
        host, time, act = event
        now = max(now, time)
        act(now)
        _refresh(lab, now, lab.agenda.concerned(lab, [host.name]))
    return now


def refresh(lab: LabState, now: datetime) -> None:
    """Update contact, attempts and the agenda after a change: to be called after every change.

    It looks only at the servers that the transaction has touched, and at their partners.
    """
    if lab.touched is None or not lab.agenda.known:
        lab.agenda.forget()
        _refresh(lab, now, lab.hosts.values())
        lab.agenda.known = True
    elif lab.touched:
        _refresh(lab, now, lab.agenda.concerned(lab, lab.touched))


def _refresh(lab: LabState, now: datetime, hosts: Iterable[Host]) -> None:
    for host in hosts:
        if host.power is Power.RUNNING:
            for end in host.endpoints:
                _refresh_endpoint(lab, host, end, now)
    for host in hosts:
        due = next_clean_up(lab, host) if host.power is Power.RUNNING else None
        if due is not None and due < now:
            host.cleaned = now  # the records came after that clean-up
            due = next_clean_up(lab, host)
        lab.agenda.set(lab, host, _next_due(lab, host, due))


def _refresh_endpoint(lab: LabState, host: Host, end: Endpoint, now: datetime) -> None:
    obstacle = find_obstacle(lab, host, end)
    counterpart = partner(lab, host, end)
    if end.contact_since is not None:
        if obstacle is None:
            if end.silent_since is not None and counterpart is not None and counterpart[1].contact_since is not None:
                # The connection held: what could not be sent meanwhile arrives now.
                end.silent_since = counterpart[1].silent_since = None
                exchange(lab, (host, end), counterpart, now)
            end.silent_since = None
        elif obstacle.reach is Reach.CLOSED:
            _lose_contact(end, now, obstacle.text)
        elif end.silent_since is None:
            end.silent_since = now
    connected = end.contact_since is not None and counterpart is not None
    waits = obstacle is not None or counterpart is None or end.role != ServerType.PRIMARY  # only the primary connects
    if waits or (connected and counterpart is not None and counterpart[1].contact_since is not None):
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
    host.service.started = now
    for end in host.endpoints:
        end.alone_since = now
        if end.state != STARTUP:
            change_state(end, STARTUP, now, "the service started")
        end.entered = now


def stop(host: Host, power: Power, now: datetime) -> None:
    """Stop a server's service or power off its host; calls that it has not carried out yet are lost."""
    host.power = power
    host.late = ()
    for end in host.endpoints:
        if end.contact_since is not None:
            end.parted = now
        end.contact_since = end.silent_since = end.attempt = None


def re_integrating(lab: LabState, host: Host, end: Endpoint, now: datetime) -> bool:
    """Return whether a copy and its counterpart are in contact, and on the way back to NORMAL or taking in scopes."""
    side = in_contact(lab, host, end)
    if side is None:
        return False
    added = (one.scopes_added for one in (end, side[1]) if one.scopes_added is not None)
    fresh = any(now < time + lab.timers.integration for time in added)
    return fresh or bool({end.state, side[1].state} & INTEGRATING)


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
            scope.divide(its.relationship, scope.free(now + primary.clock_offset, hold_of(lab, primary, its)))
            if copy is not None and subnet in theirs.relationship.scopes:
                copy.backup = scope.backup
    its.redistributed = now
    return True


def _next_event(lab: LabState, until: datetime) -> tuple[Host, datetime, Action] | None:
    """Return the first event up to a time: its server, when, and what to do."""
    if not lab.agenda.known:
        lab.agenda.forget()
        for host in lab.hosts.values():
            lab.agenda.set(lab, host, _next_due(lab, host, next_clean_up(lab, host)))
        lab.agenda.known = True
    if lab.agenda.changed:
        for host in lab.agenda.concerned(lab, lab.agenda.changed):
            lab.agenda.set(lab, host, _next_due(lab, host, next_clean_up(lab, host)))
        lab.agenda.changed.clear()
    while (name := lab.agenda.first(until)) is not None:
        host = lab.hosts[name]
        event = _first_event(lab, host, until)
        if event is not None:
            return host, *event
        lab.agenda.set(lab, host, _next_due(lab, host, next_clean_up(lab, host)))
    return None


def _first_event(lab: LabState, host: Host, until: datetime) -> tuple[datetime, Action] | None:
    clean_up_due = next_clean_up(lab, host) if host.power is Power.RUNNING else None
    events = list(_timers(lab, host))
    if clean_up_due is not None:
        events.append((clean_up_due, partial(clean_up, lab, host)))
    timers = sorted((event for event in events if event[0] <= until), key=lambda event: event[0])
    limit = timers[0][0] if timers else until
    for end, due in _redistributions(lab, host):
        if due <= limit:
            # Of the redistributions before the server's next event only the last has an effect.
            time = due + (limit - due) // lab.timers.rebalance * lab.timers.rebalance
            return time, partial(redistribute, lab, host, end)
    return timers[0] if timers else None


def _next_due(lab: LabState, host: Host, clean_up_due: datetime | None) -> datetime | None:
    """Return when the next event of a server is due, or None."""
    if host.power is not Power.RUNNING:
        return None
    times = [time for time, _ in _timers(lab, host)]
    times += [due for _, due in _redistributions(lab, host)]
    if clean_up_due is not None:
        times.append(clean_up_due)
    return min(times, default=None)


def _redistributions(lab: LabState, host: Host) -> Iterator[tuple[Endpoint, datetime]]:
    """Yield the relationships of which a server redistributes the addresses, and when next."""
    if host.power is not Power.RUNNING:
        return
    for end in host.endpoints:
        if end.role == ServerType.PRIMARY and end.state == NORMAL and end.redistributed is not None:
            side = in_contact(lab, host, end)
            if side is not None and side[1].state == NORMAL:
                yield end, end.redistributed + lab.timers.rebalance


def _timers(lab: LabState, host: Host) -> Iterator[tuple[datetime, Action]]:
    """Yield the events of the relationships of a server, besides redistributions, and its late calls."""
    if host.power is not Power.RUNNING:
        return
    for late in host.late:
        if late.due is not None and lab.carry_out is not None:
            yield late.due, partial(lab.carry_out, lab, host, late)
    for end in host.endpoints:
        side = partner(lab, host, end)
        if end.silent_since is not None:
            time = end.silent_since + lab.timers.receive
            yield time, partial(_lose_contact, end, cause="no message from the partner")
        if end.attempt is not None and side is not None:
            yield end.attempt, partial(_connect, lab, (host, end), side)
        if end.state == RECOVER_WAIT:
            begun = end.entered
            if not lab.switches.whole_recover_wait and end.parted is not None:
                begun = min(end.parted, begun)
            time = max(begun + end.relationship.mclt, end.entered, end.configured)
            yield time, partial(change_state, end, RECOVER_DONE, cause="the MCLT has passed")
        if end.contact_since is None:
            yield from _timers_without_contact(lab.timers, end)
        elif end.role == ServerType.PRIMARY and side is not None and in_contact(lab, host, end):
            other = side[1]
            if (_next_state(lab, end, other), _next_state(lab, other, end)) != (end.state, other.state):
                latest = max(end.entered, other.entered, end.contact_since, other.contact_since or end.contact_since)
                yield latest + lab.timers.exchange, partial(_step, lab, (host, end), side)


def _timers_without_contact(timers: Timers, end: Endpoint) -> Iterator[tuple[datetime, Action]]:
    interval = end.relationship.state_switch_interval
    since = max(end.entered, end.alone_since)
    if end.state == STARTUP:
        resumed = state_after_start(end.relationship.previous_state)
        yield since + timers.startup, partial(change_state, end, resumed, cause="the startup timer ran out")
    elif end.state == INTERRUPTED and interval is not None:
        time = max(since, end.interval_set or since) + interval
        yield time, partial(change_state, end, PARTNER_DOWN, cause="the state switch interval has passed")
    elif (lost := state_after_loss(end.state)) != end.state:  # set by a call, or it would have been left before
        yield since + timers.receive, partial(change_state, end, lost, cause="no message from the partner")


def _lose_contact(end: Endpoint, now: datetime, cause: str) -> None:
    end.contact_since = end.silent_since = None
    end.alone_since = end.parted = now
    if (lost := state_after_loss(end.state)) != end.state:
        change_state(end, lost, now, cause)


def _connect(lab: LabState, one: Side, other: Side, now: datetime) -> None:
    for _, end in (one, other):
        if end.contact_since is not None:  # the partner came back before its silence was noticed
            _lose_contact(end, now, "the partner connected again")
        end.contact_since, end.attempt = now, None
    exchange(lab, one, other, now)


def _step(lab: LabState, one: Side, other: Side, now: datetime) -> None:
    """Exchange the two states, and let each server react to the other's."""
    (_, here), (_, there) = one, other
    reactions = [
        (here, _next_state(lab, here, there), there.state),
        (there, _next_state(lab, there, here), here.state),
    ]
    for end, state, partner_state in reactions:
        if end.state != state:
            change_state(end, state, now, f"in contact, the partner was {partner_state.name}")
    redistribute(lab, *one, now)


def _next_state(lab: LabState, end: Endpoint, partner: Endpoint) -> FailoverState:
    """Return the state that follows when a server learns its partner's state."""
    recreated = lab.switches.recreated_half_waits and partner.established
    return next_state(
        end.role,
        end.state,
        end.relationship.previous_state,
        partner.state,
        partner.relationship.previous_state,
        established=end.established or recreated,
    )
