"""What an audit reads of both servers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

from ...errors import DhcpError, ScopeNotFoundError
from ...models import Relationship, Scope, SystemTime
from ...models.names import upper_case
from ...scope import ScopeConfig, ServerOverview, Unread, read_scopes, read_server
from ..addresses import is_partner
from ..look import Unknown, gather
from ..parts import PairId, Side
from .finding import Findings

if TYPE_CHECKING:
    from ...server import Server
    from ..pair import FailoverPair

__all__ = ["DEPTHS", "PairSeen", "ServerSeen", "look_at"]

DEPTHS = ("relationships", "scopes", "full")
"""How deep an audit looks; each contains the one before."""


@dataclass(slots=True)
class ServerSeen:
    """One server at one moment.

    Attributes:
        error: Why nothing could be read, or None.
        relationships: Its relationships, by name in upper case.
        clock: Its clock; None if it could not be read.
        ids: The ids of its scopes, from the depth "scopes" on.
        superscopes: The superscope of each scope that is in one.
        scopes: The properties of scopes: None where a scope does not exist.
        configs: Whole configurations, at the depth "full".
        overview: Definitions and classes, at the depth "full".
        settings: Settings of the whole server by their name, at the depth "full".
        unread: What could not be read, and why.
    """

    error: DhcpError | None = None
    relationships: dict[str, Relationship] = field(default_factory=dict)
    clock: SystemTime | None = None
    ids: frozenset[IPv4Address] = frozenset()
    superscopes: dict[IPv4Address, str] = field(default_factory=dict)
    scopes: dict[IPv4Address, Scope | None] = field(default_factory=dict)
    configs: dict[IPv4Address, ScopeConfig] = field(default_factory=dict)
    overview: ServerOverview | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    unread: list[tuple[str, IPv4Address | None, DhcpError]] = field(default_factory=list)

    def holder(self, scope: IPv4Address) -> Relationship | None:
        """Return the relationship that a scope is in, or None."""
        return next((one for one in self.relationships.values() if scope in one.scopes), None)

    def take(self, part: str, found: Any) -> bool:
        """Note a part that could not be read; return whether it was."""
        if isinstance(found, Unknown | Unread):
            self.unread.append((part, None, found.error))
            return False
        return True


@dataclass(slots=True)
class PairSeen:
    """Both servers at one moment.

    Attributes:
        names: Their names.
        depth: How deep the look was.
        sides: What each shows.
        holders: For each side, the relationship of each scope that is in one.
        before: What an earlier audit found, or None.
        foreign: The relationships that one of them has with a third server, by name in upper case.
    """

    names: PairId
    depth: str
    sides: dict[Side, ServerSeen]
    holders: dict[Side, dict[IPv4Address, Relationship]] = field(default_factory=dict)
    before: Findings | None = None
    foreign: frozenset[str] = frozenset()

    @property
    def complete(self) -> bool:
        """Whether both servers could be read."""
        return all(seen.error is None for seen in self.sides.values())

    @property
    def time(self) -> datetime | None:
        """When that was, by the primary's clock or else by the secondary's."""
        return next((seen.clock.time for seen in self.sides.values() if seen.clock is not None), None)

    def pairs(self) -> Iterator[tuple[str, dict[Side, Relationship]]]:
        """Yield the name of each relationship between the two and its copies by side."""
        keys = dict.fromkeys(key for seen in self.sides.values() for key in seen.relationships)
        keys = dict.fromkeys(key for key in keys if key not in self.foreign)
        for key in sorted(keys):
            copies = {side: seen.relationships[key] for side, seen in self.sides.items() if key in seen.relationships}
            yield next(iter(copies.values())).name, copies

    def held(self, scope: IPv4Address) -> dict[Side, Relationship | None]:
        """Return the relationship that a scope is in on each side."""
        return {side: self.holders[side].get(scope) for side in Side}

    def is_ours(self, relationship: Relationship) -> bool:
        """Return whether a relationship is one between the two servers."""
        return upper_case(relationship.name) not in self.foreign

    def scopes(self) -> list[IPv4Address]:
        """Return the scopes that are in a relationship between the two, or on both servers."""
        members = {scope for held in self.holders.values() for scope, one in held.items() if self.is_ours(one)}
        return sorted(members | (self.sides[Side.PRIMARY].ids & self.sides[Side.SECONDARY].ids))


def look_at(pair: "FailoverPair", depth: str, before: Findings | None = None) -> PairSeen:
    """Read both servers at once; keep what an earlier audit found beside it."""
    at_once = pair.calls_at_once
    read = {"relationships": _relationships, "scopes": _scopes, "full": _full}[depth]
    found = gather({side: partial(read, pair.server(side), at_once) for side in Side}, 2 if at_once > 1 else 1)
    sides = {side: ServerSeen(error=seen.error) if isinstance(seen, Unknown) else seen for side, seen in found.items()}
    holders = {
        side: {scope: one for one in seen.relationships.values() for scope in one.scopes}
        for side, seen in sides.items()
    }
    seen = PairSeen(pair.names, depth, sides, holders, before, _foreign(pair, sides))
    if depth != "relationships":
        jobs = {
            side: partial(_read_scopes, pair.server(side), sides[side], seen.scopes(), at_once, depth == "full")
            for side in Side
            if sides[side].error is None
        }
        gather(jobs, 2 if at_once > 1 else 1)
    return seen


def _foreign(pair: "FailoverPair", sides: dict[Side, ServerSeen]) -> frozenset[str]:
    """Return the relationships that one of the servers has alone, and whose partner is a third server."""
    if any(seen.error is not None for seen in sides.values()):
        return frozenset()
    found = set()
    for side, seen in sides.items():
        alone = {key: one for key, one in seen.relationships.items() if key not in sides[side.other].relationships}
        known: dict[IPv4Address, bool] = {}
        for key, one in alone.items():
            if one.partner_server not in known:
                known[one.partner_server] = is_partner(pair, side.other, one.partner_server)
            if not known[one.partner_server]:
                found.add(key)
    return frozenset(found)


def _by_name(relationships: Any) -> dict[str, Relationship]:
    return {upper_case(one.name): one for one in relationships}


def _relationships(server: "Server", at_once: int) -> ServerSeen:
    calls: dict[str, Callable[[], Any]] = {"relationships": server.relationships, "clock": server.get_system_time}
    found = gather(calls, min(2, at_once))
    return _first(found)


def _first(found: dict[str, Any]) -> ServerSeen:
    relationships = found["relationships"]
    if isinstance(relationships, Unknown):
        return ServerSeen(error=relationships.error)
    seen = ServerSeen(relationships=_by_name(relationships))
    if seen.take("clock", found["clock"]):
        seen.clock = found["clock"]
    return seen


def _scopes(server: "Server", at_once: int) -> ServerSeen:
    calls: dict[str, Callable[[], Any]] = {
        "relationships": server.relationships,
        "clock": server.get_system_time,
        "scopes": server.scopes,
        "superscopes": server.superscopes,
    }
    found: dict[str, Any] = gather(calls, at_once)
    seen = _first(found)
    if seen.error is None:
        if seen.take("scopes", found["scopes"]):
            seen.ids = frozenset(found["scopes"])
        if seen.take("superscopes", found["superscopes"]):
            seen.superscopes = {scope: group.name for group in found["superscopes"] for scope in group.scopes}
    return seen


def _full(server: "Server", at_once: int) -> ServerSeen:
    overview = read_server(server, calls_at_once=at_once)
    if isinstance(overview.relationships, Unread):
        return ServerSeen(error=overview.relationships.error)
    seen = ServerSeen(relationships=_by_name(overview.relationships), overview=overview)
    if not isinstance(overview.clock, Unread):
        seen.clock = overview.clock
    if seen.take("scopes", overview.scopes):
        seen.ids = frozenset(overview.scopes)  # type: ignore[arg-type]
    if seen.take("superscopes", overview.superscopes):
        seen.superscopes = dict(overview.superscopes)  # type: ignore[arg-type]
    for part in ("definitions", "classes", "clock"):
        seen.take(part, getattr(overview, part))
    settings: dict[str, Callable[[], Any]] = {
        "option values": server.option_values,
        "policies": server.policies,
        "filters": server.filters,
        "filter lists": server.get_filter_lists,
        "conflict detection": lambda: server.get_config().conflict_detection_attempts,
    }
    for name, value in gather(settings, at_once).items():
        if seen.take(name, value):
            seen.settings[name] = value
    return seen


def _read_scopes(server: "Server", seen: ServerSeen, scopes: list[IPv4Address], at_once: int, whole: bool) -> None:
    if whole:
        for scope, config in read_scopes(server, scopes, seen.overview, calls_at_once=at_once).items():
            if isinstance(config, Unread):
                seen.unread.append(("scope", scope, config.error))
                continue
            seen.scopes[scope] = None if config is None else config.properties
            if config is not None:
                seen.configs[scope] = config
                seen.unread += [(part.part, scope, part.error) for part in config.unread]
        return

    def read(scope: IPv4Address) -> Scope | None:
        try:
            return server.get_scope(scope)
        except ScopeNotFoundError:
            return None

    for scope, found in gather({scope: partial(read, scope) for scope in scopes}, at_once).items():
        if isinstance(found, Unknown):
            seen.unread.append(("scope", scope, found.error))
        else:
            seen.scopes[scope] = found
