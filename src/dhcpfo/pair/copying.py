"""Copies of scopes on the other server: which steps make them, and which that are there may be taken."""

from collections.abc import Iterable
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from ..enums import ScopeState
from ..limits import FILETIME_EPOCH
from ..models import Reservation
from ..scope import ScopeConfig, Writes, scope_writes, server_writes
from ..scope.write import About as ScopeAbout
from ..server import Server
from .errors import Conflict, Refused
from .invariant import ENABLED
from .parts import About, Side, Undo
from .plan import Step

if TYPE_CHECKING:
    from .look import Draft, Look

__all__ = [
    "copy_scopes",
    "disable",
    "disabled",
    "enable_all",
    "enable_like",
    "has_leases",
    "is_unnamed",
    "planned_states",
    "setting",
    "steps_of",
]


def setting(about: ScopeAbout) -> About:
    """Return the `About` of a step for one of `dhcpfo.scope`."""
    return About(about.kind, scope=about.scope, key=about)


def steps_of(writes: Writes, side: Side) -> list[Step]:
    """Return the steps for writes of `dhcpfo.scope`."""
    return [
        Step(side=side, about=setting(write.about), before=write.before, after=write.after, undo=Undo(write.undo))
        for write in writes
    ]


def disabled(state: ScopeState) -> ScopeState:
    """Return the disabled form of a state."""
    return ScopeState.DISABLED_SWITCHED if state == ScopeState.ENABLED_SWITCHED else ScopeState.DISABLED


def disable(scope: IPv4Address, state: ScopeState, side: Side) -> Step:
    """Return the step that disables a scope."""
    return _set_state(scope, state, disabled(state), side)


def _set_state(scope: IPv4Address, before: ScopeState, after: ScopeState, side: Side) -> Step:
    return Step(side=side, about=About("scope-state", scope=scope), before=before, after=after)


def enabled(state: ScopeState) -> ScopeState:
    """Return the enabled form of a state."""
    return ScopeState.ENABLED_SWITCHED if state == ScopeState.DISABLED_SWITCHED else ScopeState.ENABLED


def planned_states(
    look: "Look", draft: "Draft", side: Side, scopes: Iterable[IPv4Address]
) -> dict[IPv4Address, ScopeState]:
    """Return the states that scopes have on a side after the steps of a draft; new ones are disabled."""
    planned = {
        step.about.scope: step.after for step in draft.steps if step.about.kind == "scope-state" and step.side is side
    }
    found = look.configs(scopes, [side])[side]
    return {
        scope: planned.get(scope, ScopeState.DISABLED if config is None else config.state)
        for scope, config in found.items()
    }


def copy_scopes(look: "Look", draft: "Draft", source: Side, scopes: Iterable[IPv4Address], on_existing: str) -> None:
    """Plan copies of scopes on the other side, disabled; scopes that are in the relationship there are compared only.

    Args:
        look: What both servers show.
        draft: Gets the steps.
        source: The side to copy from.
        scopes: The scopes.
        on_existing: As for `FailoverPair.create`, or ``"merge"``: write what differs, remove nothing.

    Raises:
        Conflict: A scope does not exist at the source, is in another relationship, or needs a class or definition that
            the target has differently.
        Refused: The target has a scope that ``on_existing`` does not allow.
    """
    target, names = source.other, look.pair.names
    wanted = list(scopes)
    found = look.configs(wanted)
    sources: dict[IPv4Address, ScopeConfig] = {}
    for scope in wanted:
        config = found[source][scope]
        if config is None:
            raise Conflict(f"{names[source]} has no scope {scope}", side=source)
        sources[scope] = config
        for side in Side:
            holder, mine = look.holder(side, scope), look.copy(side)
            if holder is not None and (mine is None or holder != mine.name):
                raise Conflict(f"scope {scope} is in relationship {holder} on {names[side]}", side=side)
    needed = server_writes(look.overview(source), look.overview(target), sources.values())
    _no_conflicts(needed, look, target)
    stops: list[Step] = []
    copies: list[Step] = []
    for scope, config in sources.items():
        old = found[target][scope]
        member = look.holder(target, scope) is not None
        writes = scope_writes(old, config, delete="all" if on_existing == "overwrite" else (), enable=False)
        if old is not None:
            if member and on_existing not in ("overwrite", "merge"):
                if writes or writes.left or writes.conflicts:
                    draft.note("differs", f"scope {scope} differs on {names[target]}: replicate it")
                writes = Writes()
            elif on_existing not in ("overwrite", "merge"):
                _check_existing(look, target, old, writes, on_existing)
            if old.state in ENABLED and not (member and look.holder(source, scope) is not None):
                stops.append(disable(scope, old.state, target))
                writes = scope_writes(
                    old.replace(state=disabled(old.state)),
                    config,
                    delete="all" if on_existing == "overwrite" else (),
                    enable=False,
                )
        _no_conflicts(writes, look, target)
        copies += steps_of(writes, target)
    draft.steps += [*stops, *steps_of(needed, target), *copies]


def _no_conflicts(writes: Writes, look: "Look", target: Side) -> None:
    if writes.conflicts:
        shown = "; ".join(map(str, writes.conflicts[:5]))
        raise Conflict(f"{look.pair.names[target]} cannot get the scopes: {shown}", side=target)


def _check_existing(look: "Look", target: Side, old: ScopeConfig, writes: Writes, on_existing: str) -> None:
    """Refuse a scope of the target that holds something else than the source's."""
    where, scope = look.pair.names[target], old.scope_id
    more = 'on_existing="overwrite" makes it equal'
    if writes.left:
        raise Refused(f"{where} has scope {scope} with more than the source's: {writes.left[0]}; {more}")
    for write in writes:
        if not is_addition(write.before, write.after):
            raise Refused(f"{where} has scope {scope} with other values: {write}; {more}")
    if on_existing == "refuse" and old.state in ENABLED:
        raise Refused(f'{where} has scope {scope}, enabled; on_existing="complete" disables it first')
    if on_existing == "refuse" and has_leases(look.pair.server(target), scope):
        raise Refused(f'{where} has scope {scope} with leases; on_existing="complete" takes it all the same')


def is_addition(before: object, after: object) -> bool:
    """Return whether a write only adds to what is there, or replaces a value that a new scope has."""
    if before is None or before == () or not before:
        return True
    if before is True and after is False:  # policies are enforced in a new scope
        return True
    if isinstance(before, Reservation) and isinstance(after, Reservation):  # of a run that ended between two calls
        return is_unnamed(before) and after.replace(name=before.name, description=before.description) == before
    if isinstance(before, tuple) and isinstance(after, tuple):
        if set(before) <= set(after):
            return True
        return sorted(map(str, before)) == sorted(map(str, after))  # the order of policies that are being created
    return False


def is_unnamed(entry: Reservation) -> bool:
    """Return whether a reservation has neither a name nor a description: a server gets them with a second call."""
    return not (entry.name or entry.description)


def has_leases(server: Server, scope: IPv4Address) -> bool:
    """Return whether a server has leased an address of a scope; a reservation alone does not count."""
    clients = server.iter_clients(scope)
    return any(client.lease_expires is None or client.lease_expires > FILETIME_EPOCH for client in clients)


def enable_like(look: "Look", draft: "Draft", source: Side, scopes: Iterable[IPv4Address]) -> None:
    """Plan to enable the copies of scopes that are enabled at the source, last of all."""
    wanted = tuple(scopes)
    if not wanted:
        return
    at_source = planned_states(look, draft, source, wanted)
    for scope, state in planned_states(look, draft, source.other, wanted).items():
        if at_source[scope] in ENABLED and state not in ENABLED:
            draft.steps.append(_set_state(scope, state, at_source[scope], source.other))


def enable_all(look: "Look", draft: "Draft", side: Side, scopes: Iterable[IPv4Address]) -> None:
    """Plan to enable scopes on a side."""
    for scope, state in planned_states(look, draft, side, scopes).items():
        if state not in ENABLED:
            draft.steps.append(_set_state(scope, state, enabled(state), side))
