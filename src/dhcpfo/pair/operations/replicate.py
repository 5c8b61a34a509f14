"""Make scopes of one server equal to those of the other, and a half equal to the other half."""

from dataclasses import replace
from ipaddress import IPv4Address

from ...enums import FailoverState, ServerType
from ...models.names import upper_case
from ...scope import ScopeConfig, Writes, scope_writes, server_writes
from ..compare import copy_differences
from ..copying import copy_scopes, disable, enable_like, steps_of
from ..errors import Conflict
from ..half import Half, same_name
from ..invariant import ENABLED
from ..look import Draft, Look
from ..parts import About, Side
from ..plan import Request, Step
from .create import add_members

__all__ = ["plan_adopt", "plan_replicate"]


def plan_replicate(look: Look, request: Request) -> Draft:
    """Write what differs, scope by scope, in an order that no rule of a server rejects; the state last of all."""
    source: Side = request["source"]
    draft = Draft()
    for name in _names(look, request["names"]):
        for difference in copy_differences(look, name):
            draft.note("halves-differ", f"relationship {name}: {difference}")
    scopes = _members(look, draft, request["names"], request["scopes"])
    _replicate(look, draft, source, scopes, request["delete"])
    return draft


def _names(look: Look, names: tuple[str, ...] | None) -> list[str]:
    """Return the relationships that are meant: all that one of the servers has, by default."""
    if names is not None:
        return list(names)
    found = {upper_case(one.name): one.name for side in Side for one in look.relationships(side)}
    return sorted(found.values())


def _members(
    look: Look, draft: Draft, names: tuple[str, ...] | None, scopes: tuple[IPv4Address, ...] | None
) -> list[IPv4Address]:
    """Return the scopes that are in one relationship on both servers, and note the others."""
    held = {
        side: {scope: one.name for one in look.relationships(side) for scope in one.scopes if _named(one.name, names)}
        for side in Side
    }
    for name in names or ():
        for side in Side:
            if look.copy(side, name) is None:
                raise Conflict(f"{look.pair.names[side]} has no relationship {name}", side=side)
    wanted = set(held[Side.PRIMARY]) | set(held[Side.SECONDARY])
    if scopes is not None:
        for scope in scopes:
            if scope not in wanted:
                raise Conflict(f"scope {scope} is not in {'these relationships' if names else 'a relationship'}")
        wanted &= set(scopes)
    both = [
        scope
        for scope in sorted(wanted)
        if same_name(held[Side.PRIMARY].get(scope, ""), held[Side.SECONDARY].get(scope, ""))
    ]
    if apart := sorted(wanted - set(both)):
        draft.note(
            "member-one-side", f"not in the relationship on both servers, left alone: {', '.join(map(str, apart))}"
        )
    return both


def _named(name: str, names: tuple[str, ...] | None) -> bool:
    return names is None or any(same_name(name, one) for one in names)


def _replicate(look: Look, draft: Draft, source: Side, scopes: list[IPv4Address], delete: tuple[str, ...]) -> None:
    target = source.other
    where = look.pair.names[target]
    found = look.configs(scopes)
    changed: dict[IPv4Address, ScopeConfig] = {}
    writes: list[Step] = []
    conflicts: list[str] = []
    for scope in scopes:
        config, old = found[source][scope], found[target][scope]
        if config is None or old is None:
            lacking = look.pair.names[source if config is None else target]
            raise Conflict(f"scope {scope} does not exist on {lacking}, although it is in a relationship there")
        if config == old:
            continue
        made = scope_writes(old, config, delete=delete)
        changed[scope] = config
        writes += steps_of(made, target)
        conflicts += map(str, made.conflicts)
        for change in made.left:
            draft.note("left-alone", f"scope {scope} on {where}: {change} (name its kind in delete= to remove it)")
    if changed:
        needed: Writes = server_writes(look.overview(source), look.overview(target), changed.values())
        conflicts += map(str, needed.conflicts)
        draft.steps += steps_of(needed, target)
    if conflicts:
        raise Conflict(f"{where} cannot get the configuration: {'; '.join(conflicts[:5])}", side=target)
    draft.steps += writes


def plan_adopt(look: Look, request: Request) -> Draft:
    """Make the other half equal to one: create it or set its values, then membership, then the scopes."""
    like: Side = request["like"]
    other = like.other
    draft = Draft()
    right, wrong = look.half(like), look.half(other)
    if right is None:
        raise Conflict(f"{look.pair.names[like]} has no relationship {look.name}", side=like)
    if wrong is not None and wrong.role == right.role:
        raise Conflict(
            f"both copies of {look.name} have the role {right.role.name}: delete one, then adopt the other", side=other
        )
    role = ServerType.SECONDARY if right.role == ServerType.PRIMARY else ServerType.PRIMARY
    wanted = replace(right, role=role)
    scopes = sorted(right.scopes)
    if wrong is None and not scopes:
        raise Conflict(
            f"{look.pair.names[like]} has no scope in {look.name}, and a half cannot be created without one: delete it",
            side=like,
        )
    if wrong is None:
        _state_note(look, draft, like)
        _copies(look, draft, like, scopes)
        draft.steps.append(Step(side=other, about=About("relationship", right.name), after=wanted))
    else:
        _set_values(look, draft, other, wrong, wanted)
        extra = sorted(wrong.scopes - right.scopes)
        shells = look.shells(extra, [other])[other]
        draft.steps += [
            disable(scope, shell.state, other)
            for scope in extra
            if (shell := shells[scope]) is not None and shell.state in ENABLED
        ]
        if extra:
            draft.note("kept-disabled", f"scopes that only it had stay, disabled: {', '.join(map(str, extra))}")
            draft.steps.append(
                Step(
                    side=other,
                    about=About("members", wrong.name, key=tuple(extra)),
                    before=frozenset(extra),
                    after=frozenset(),
                )
            )
        missing = [scope for scope in scopes if scope not in wrong.scopes]
        _copies(look, draft, like, missing)
        add_members(look, draft, other, missing, {like: right.scopes, other: wrong.scopes})
        _replicate(look, draft, like, [scope for scope in scopes if scope in wrong.scopes], ())
    if wrong is None or set(scopes) - wrong.scopes:
        enable_like(look, draft, like, [scope for scope in scopes if wrong is None or scope not in wrong.scopes])
    return draft


def _copies(look: Look, draft: Draft, source: Side, scopes: list[IPv4Address]) -> None:
    """Copy scopes; what the target has beyond the source stays."""
    copy_scopes(look, draft, source, scopes, "merge")


def _set_values(look: Look, draft: Draft, side: Side, wrong: Half, wanted: Half) -> None:
    for what in ("primary_server", "secondary_server"):
        if getattr(wrong, what) != getattr(wanted, what):
            raise Conflict(
                f"the addresses differ, and cannot be set: {what} is {getattr(wrong, what)} on "
                f"{look.pair.names[side]}, not {getattr(wanted, what)}. Delete that half, then adopt",
                side=side,
            )
    secret = wanted.secret if wanted.secret is not None else wrong.secret  # a server may not show it
    after = replace(wanted, name=wrong.name, scopes=wrong.scopes, secret=secret)
    if after != wrong:
        draft.steps.append(Step(side=side, about=About("relationship", wrong.name), before=wrong, after=after))


def _state_note(look: Look, draft: Draft, like: Side) -> None:
    copy = look.copy(like)
    if copy is not None and copy.state == FailoverState.PARTNER_DOWN:
        draft.note("partner-down", f"{look.pair.names[like]} stays PARTNER_DOWN until the new half has recovered")
