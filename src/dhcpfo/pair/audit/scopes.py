"""Checkers of scopes: membership, who serves, configuration, and what servers have beside their scopes."""

from collections.abc import Iterator
from typing import Any

from ...models.names import upper_case
from ...scope import diff
from ...scope.change import shown
from ..parts import Side
from .finding import Finding
from .registry import checker
from .seen import PairSeen

__all__ = ["check_configurations", "check_members", "check_servers", "check_serving"]

SEVERITY = {"comment": "note", "name": "note", "superscope": "warning", "offer_delay": "warning"}
"""How bad a difference is, by the first word of its path; others are errors."""


@checker("members", needs="relationships")
def check_members(seen: PairSeen) -> Iterator[Finding]:
    """Both copies of a relationship have the same scopes."""
    for name, copies in seen.pairs():
        if len(copies) < 2:
            continue
        one, other = (frozenset(copies[side].scopes) for side in Side)
        for scope in sorted(one ^ other):
            has = Side.PRIMARY if scope in one else Side.SECONDARY
            yield Finding(
                code="member-one-side",
                severity="error",
                relationship=name,
                scope=scope,
                values={has: "in it", has.other: "not in it"},
                repair=f'adopt("{name}", like="{has}") or add_scopes',
            )


@checker("serving", needs="scopes")
def check_serving(seen: PairSeen) -> Iterator[Finding]:
    """Each scope is served by the pair, or by one server."""
    for scope in seen.scopes():
        held = {side: one if one and seen.is_ours(one) else None for side, one in seen.held(scope).items()}
        found = {side: server.scopes[scope] for side, server in seen.sides.items() if scope in server.scopes}
        if len(found) < 2:
            continue  # not read; there is a finding for that
        name = next((one.name for one in held.values() if one is not None), None)
        missing = [side for side, properties in found.items() if properties is None]
        if missing:
            yield Finding(
                code="scope-missing",
                severity="error",
                relationship=name,
                scope=scope,
                values={side: "missing" if side in missing else "has it" for side in Side},
                repair=None if name is None else f'adopt("{name}", like="{missing[0].other}")',
            )
            continue
        enabled = {side: properties is not None and properties.enabled for side, properties in found.items()}
        values = {side: "enabled" if enabled[side] else "disabled" for side in Side}
        if name is None and all(enabled.values()):
            yield Finding(
                code="both-serve",
                severity="critical",
                scope=scope,
                values=values,
                text="both servers give out its addresses, without failover",
                repair="disable it on one server, or create a relationship with it",
            )
        elif name is None and any(enabled.values()):
            yield Finding(
                code="orphan-copy",
                severity="warning",
                scope=scope,
                values=values,
                text="a disabled copy in no relationship",
                repair="delete the copy if nobody needs it",
            )
        elif name is not None and None in held.values() and all(enabled.values()):
            yield Finding(
                code="both-serve",
                severity="critical",
                relationship=name,
                scope=scope,
                values=values,
                text="enabled on both servers, in failover on one: addresses are given out twice",
                repair=f'adopt("{name}", like=...)',
            )
        elif name is not None and len(set(enabled.values())) == 2:
            yield Finding(
                code="scope-enabled-differs",
                severity="error",
                relationship=name,
                scope=scope,
                values=values,
                repair=f'replicate(..., scopes=["{scope}"])',
            )


@checker("configurations", needs="full")
def check_configurations(seen: PairSeen) -> Iterator[Finding]:
    """The two copies of a failover scope have the same configuration."""
    one, other = seen.sides[Side.PRIMARY].configs, seen.sides[Side.SECONDARY].configs
    for scope in seen.scopes():
        here, there = one.get(scope), other.get(scope)
        holder = seen.holders[Side.PRIMARY].get(scope) or seen.holders[Side.SECONDARY].get(scope)
        if here is None or there is None or holder is None or not seen.is_ours(holder) or here == there:
            continue
        for change in diff(here, there):
            if change.kind != "unread" and change.path[0] != "state":
                yield Finding(
                    code="config-differs",
                    severity=SEVERITY.get(str(change.path[0]), "error"),
                    relationship=holder.name,
                    scope=scope,
                    element=change.label,
                    values={Side.PRIMARY: shown(change.old), Side.SECONDARY: shown(change.new)},
                    repair=f'replicate(..., scopes=["{scope}"])',
                )


@checker("servers", needs="full")
def check_servers(seen: PairSeen) -> Iterator[Finding]:
    """What applies to all scopes of a server is the same. It is shown, and never replicated."""
    one, other = (seen.sides[side] for side in Side)
    for name in sorted(one.settings.keys() & other.settings.keys()):
        here, there = one.settings[name], other.settings[name]
        if _form(here) != _form(there):
            yield Finding(
                code="server-differs",
                severity="warning",
                element=name,
                values={Side.PRIMARY: _summary(here), Side.SECONDARY: _summary(there)},
            )
    if one.overview is None or other.overview is None:
        return
    used = {
        (key.vendor_class or "", key.id)
        for server in (one, other)
        for config in server.configs.values()
        for options in (config.options, *config.reservation_options.values(), *config.policy_options.values())
        for key in options
    }
    for part in ("classes", "definitions"):
        values = [getattr(server.overview, part) for server in (one, other)]
        if not all(isinstance(value, tuple) for value in values):
            continue
        here, there = ({_key(part, entry): entry for entry in value} for value in values)
        for key in sorted(here.keys() | there.keys()):
            if here.get(key) == there.get(key):
                continue
            conflicting = key in here and key in there
            is_used = part == "definitions" and (key[0], key[2]) in used
            yield Finding(
                code="server-differs",
                severity="error" if conflicting and is_used else "warning",
                element=f"{'class' if part == 'classes' else 'definition'} {' '.join(map(str, filter(None, key)))}",
                values={
                    side: "none" if key not in entries else str(_value(part, entries[key]))
                    for side, entries in ((Side.PRIMARY, here), (Side.SECONDARY, there))
                },
            )


def _key(part: str, entry: Any) -> tuple[Any, ...]:
    if part == "classes":
        return upper_case(entry.name or ""), "vendor" if entry.is_vendor else "user"
    return entry.vendor_class or "", entry.user_class or "", entry.id


def _value(part: str, entry: Any) -> Any:
    return entry.data.hex("-") if part == "classes" else f"{entry.name} {entry.type}"


def _form(value: Any) -> Any:
    return sorted(map(repr, value)) if isinstance(value, list | tuple) else value


def _summary(value: Any) -> str:
    return f"{len(value)} of them" if isinstance(value, list | tuple) else shown(value)
