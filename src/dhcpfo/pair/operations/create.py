"""Create a relationship on both servers, and add scopes to one."""

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Address

from ...enums import ServerType
from ...limits import MAX_ADDED_SCOPES
from ..addresses import server_addresses, server_name
from ..copying import copy_scopes, disable, enable_all, enable_like, planned_states
from ..errors import Conflict
from ..half import VALUES, Half
from ..invariant import ENABLED
from ..look import Draft, Look
from ..parts import About, Side
from ..plan import Request, Step

__all__ = ["add_members", "plan_add", "plan_create"]


def plan_create(look: Look, request: Request) -> Draft:
    """Copy the scopes, disabled; create the secondary's half, then the primary's; enable the copies last.

    The secondary's half alone gives out nothing, because its scopes are disabled. The argument ``primary`` of the
    request is the side of the primary, if it is not the first server of the pair.
    """
    draft = Draft()
    scopes: tuple[IPv4Address, ...] = tuple(sorted(request["scopes"]))
    join_disabled: bool = request["join_disabled"]
    source: Side = dict(request.arguments).get("primary", Side.PRIMARY)
    copy_scopes(look, draft, source, scopes, request["on_existing"])
    first = frozenset(scopes[:MAX_ADDED_SCOPES])
    halves = {side: look.half(side) for side in Side}
    addresses = _addresses(look, halves, source)
    wanted = Half(
        name=look.name,
        role=ServerType.PRIMARY,
        primary_server=addresses[Side.PRIMARY],
        secondary_server=addresses[Side.SECONDARY],
        primary_server_name=server_name(look.pair, source),
        secondary_server_name=server_name(look.pair, source.other),
        mode=request["mode"],
        percentage=request["percentage"],
        mclt=request["mclt"],
        state_switch_interval=request["state_switch_interval"] or None,
        scopes=first,
        secret=request["secret"],
    )
    members = {}
    for side in (source.other, source):
        role = ServerType.PRIMARY if side is source else ServerType.SECONDARY
        half, mine = halves[side], replace(wanted, role=role)
        if half is not None:
            _check_half(look, side, half, mine, frozenset(scopes))
            members[side] = half.scopes
            continue
        members[side] = first
        create = Step(side=side, about=About("relationship", look.name), after=mine)
        _join(look, draft, create, first, disabled=join_disabled and side is source)
    add_members(look, draft, source.other, scopes, members, join_disabled=join_disabled)
    _enable(look, draft, source, scopes, everything=join_disabled)
    return draft


def _join(look: Look, draft: Draft, step: Step, scopes: Iterable[IPv4Address], *, disabled: bool) -> None:
    """Plan a step that takes scopes into a relationship, disabled for its time if wanted.

    That all are enabled afterwards is what the caller asked for, so a run that is killed between needs no memory.
    """
    wanted = tuple(sorted(scopes))
    if disabled:
        states = planned_states(look, draft, step.side, wanted)
        draft.steps += [disable(scope, state, step.side) for scope, state in states.items() if state in ENABLED]
    draft.steps.append(step)
    if disabled:
        enable_all(look, draft, step.side, wanted)


def _enable(look: Look, draft: Draft, source: Side, scopes: tuple[IPv4Address, ...], *, everything: bool) -> None:
    """Plan to enable the copies: those that the source has enabled, or everything on both sides."""
    if not everything:
        enable_like(look, draft, source, scopes)
        return
    found = look.configs(scopes, [source])[source]
    if idle := [str(scope) for scope, config in found.items() if config is not None and config.state not in ENABLED]:
        draft.note("enables", f"disabled on {look.pair.names[source]} now, and enabled at the end: {', '.join(idle)}")
    enable_all(look, draft, source, scopes)
    enable_all(look, draft, source.other, scopes)


def _addresses(look: Look, halves: dict[Side, Half | None], source: Side) -> dict[Side, IPv4Address]:
    """Return the addresses of the relationship's primary and secondary: as the halves have them, or the servers'."""
    for half in halves.values():
        if half is not None:
            return {Side.PRIMARY: half.primary_server, Side.SECONDARY: half.secondary_server}
    found = server_addresses(look.pair)
    return {Side.PRIMARY: found[source], Side.SECONDARY: found[source.other]}


def _check_half(look: Look, side: Side, half: Half, wanted: Half, scopes: frozenset[IPv4Address]) -> None:
    """Refuse a half that is not one that a run of the same operation left."""
    where = look.pair.names[side]
    names = ("role", "primary_server", "secondary_server", *VALUES)
    apart = [
        f"{name} is {getattr(half, name)}, not {getattr(wanted, name)}"
        for name in names
        if getattr(half, name) != getattr(wanted, name)
    ]
    if half.secret is not None and half.secret != wanted.secret:
        apart.append("it has another shared secret")
    if more := half.scopes - scopes:
        apart.append(f"it has {', '.join(map(str, sorted(more)))}, too")
    if apart:
        raise Conflict(
            f"{where} has a relationship {half.name} already: {'; '.join(apart)}. Use adopt or delete", side=side
        )


def add_members(
    look: Look,
    draft: Draft,
    first: Side,
    scopes: Iterable[IPv4Address],
    members: dict[Side, frozenset[IPv4Address]],
    *,
    join_disabled: bool = False,
) -> None:
    """Plan to add what is missing in each half, at most 400 scopes at a time, on one side first.

    A call with one scope that is in already fails whole, so what is in is left out. With ``join_disabled``, those of
    the other side are disabled for the time of the call.
    """
    ordered = sorted(scopes)
    lacking = [scope for scope in ordered if any(scope not in members[side] for side in Side)]
    for start in range(0, len(lacking), MAX_ADDED_SCOPES):
        for side in (first, first.other):
            chunk = tuple(s for s in lacking[start : start + MAX_ADDED_SCOPES] if s not in members[side])
            if chunk:
                about = About("members", look.name, key=chunk)
                add = Step(side=side, about=about, before=frozenset(), after=frozenset(chunk))
                _join(look, draft, add, chunk, disabled=join_disabled and side is not first)


def plan_add(look: Look, request: Request) -> Draft:
    """Copy the scopes, disabled; add them on the secondary, then on the primary; enable the copies last."""
    draft = Draft()
    scopes: tuple[IPv4Address, ...] = tuple(sorted(request["scopes"]))
    source = look.of_role(ServerType.PRIMARY)
    halves = {side: look.half(side) for side in Side}
    for side, half in halves.items():
        if half is None:
            raise Conflict(f"{look.pair.names[side]} has no relationship {look.name}", side=side)
    copy_scopes(look, draft, source, scopes, request["on_existing"])
    members = {side: half.scopes for side, half in halves.items() if half is not None}
    add_members(look, draft, source.other, scopes, members, join_disabled=request["join_disabled"])
    _enable(look, draft, source, scopes, everything=request["join_disabled"])
    return draft
