"""What stands in the way of a new relationship: everything at once, before anything is sent."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

from ..enums import AttributeId, RangeType
from ..errors import DhcpError
from ..limits import MAX_RELATIONSHIPS
from ..models import Relationship, Scope, ServerVersion, SystemTime
from ..models.names import upper_case
from ..scope import ScopeConfig, ServerOverview, Unread, diff, read_scopes, read_server, server_writes
from .addresses import candidates
from .audit import Finding, Findings
from .copying import has_leases
from .look import Unknown, gather
from .parts import Side, shown_duration

if TYPE_CHECKING:
    from .pair import FailoverPair

__all__ = ["preflight"]

FIRST_VERSION = ServerVersion(6, 2)


@dataclass(slots=True)
class _Server:
    """What one server answers."""

    overview: ServerOverview
    version: Any
    addresses: Any
    clock: Any
    begun: float
    ended: float
    configs: dict[IPv4Address, ScopeConfig | Unread | None]
    leases: dict[IPv4Address, Any]
    """Whether a server that will get copies has leased addresses of a scope that it has already."""
    below: dict[IPv4Address, Any]
    """The scope with the next lower id, for each that it does not have: only that one can contain it."""

    def relationships(self) -> tuple[Relationship, ...]:
        found = self.overview.relationships
        return () if isinstance(found, Unread) else found


def _read(pair: "FailoverPair", side: Side, scopes: tuple[IPv4Address, ...]) -> _Server:
    server = pair.server(side)
    begun = pair.clock.monotonic()
    clock = gather({"clock": server.get_system_time}, 1)["clock"]
    ended = pair.clock.monotonic()
    overview = read_server(server, calls_at_once=pair.calls_at_once)
    calls: dict[str, Callable[[], Any]] = {
        "version": server.get_version,
        "addresses": partial(candidates, pair, side),
    }
    more = gather(calls, pair.calls_at_once)
    configs = read_scopes(server, scopes, overview, calls_at_once=pair.calls_at_once)
    leases: dict[IPv4Address, Any] = {}
    below: dict[IPv4Address, Any] = {}
    if side is Side.SECONDARY:
        has = [scope for scope, config in configs.items() if isinstance(config, ScopeConfig)]
        leases = gather({scope: partial(has_leases, server, scope) for scope in has}, pair.calls_at_once)
        ids = () if isinstance(overview.scopes, Unread) else overview.scopes
        lower = {
            scope: max((other for other in ids if other < scope), default=None)
            for scope, config in configs.items()
            if config is None
        }
        jobs = {scope: partial(server.get_scope, other) for scope, other in lower.items() if other is not None}
        below = gather(jobs, pair.calls_at_once)
    return _Server(overview, more["version"], more["addresses"], clock, begun, ended, configs, leases, below)


def preflight(pair: "FailoverPair", name: str, scopes: tuple[IPv4Address, ...]) -> Findings:
    """Return all findings; see `FailoverPair.preflight`."""
    found = gather({side: partial(_read, pair, side, scopes) for side in Side}, 2 if pair.calls_at_once > 1 else 1)
    servers = {side: one for side, one in found.items() if not isinstance(one, Unknown)}
    findings: list[Finding] = []
    for side in Side:
        if side in servers:
            findings += _about_server(pair, side, servers[side], name)
        else:
            error = found[side]
            assert isinstance(error, Unknown)
            findings.append(_unknown("unreachable", pair, side, error.error))
    if len(servers) == 2 and not any(isinstance(one.overview.relationships, Unread) for one in servers.values()):
        findings += _about_clocks(servers)
        findings += _about_addresses(pair, servers)
        findings += _about_scopes(pair, servers, scopes)
    return Findings(findings, pair.names)


def _unknown(code: str, pair: "FailoverPair", side: Side, error: DhcpError) -> Finding:
    return Finding(code=code, severity="error", text=f"{pair.names[side]}: {error}")


def _about_server(pair: "FailoverPair", side: Side, server: _Server, name: str) -> Iterator[Finding]:
    overview, where = server.overview, pair.names[side]
    if isinstance(server.version, ServerVersion) and server.version < FIRST_VERSION:
        text = f"{where} is too old: failover needs {FIRST_VERSION} (Windows Server 2012)"
        yield Finding(code="version", severity="error", values={side: str(server.version)}, text=text)
        return
    if isinstance(overview.relationships, Unread):
        yield _unknown("unreachable", pair, side, overview.relationships.error)
        return
    if isinstance(overview.attributes, Unread):
        text = f"{where}: {overview.attributes.error}"
        yield Finding(code="rights-unknown", severity="unknown", text=text)
    elif overview.attributes.get(AttributeId.IS_ADMINISTRATOR) is False:
        text = f"the caller may not change {where}"
        yield Finding(
            code="not-administrator",
            severity="error",
            values={side: False},
            text=text,
            repair="join DHCP Administrators",
        )
    names = [one.name for one in server.relationships() if upper_case(one.name) == upper_case(name)]
    if names:
        yield Finding(
            code="name-taken",
            severity="error",
            relationship=names[0],
            values={side: "has it"},
            repair=f'adopt("{name}", ...) or delete',
        )
    if len(server.relationships()) >= MAX_RELATIONSHIPS:
        yield Finding(
            code="limit", severity="error", values={side: len(server.relationships())}, text="no room for another one"
        )


def _about_clocks(servers: dict[Side, _Server]) -> Iterator[Finding]:
    one, other = servers[Side.PRIMARY], servers[Side.SECONDARY]
    if not isinstance(one.clock, SystemTime) or not isinstance(other.clock, SystemTime):
        yield Finding(code="clock-unknown", severity="unknown", text="a clock could not be read")
        return
    allowed = [clock.max_allowed_difference for clock in (one.clock, other.clock) if clock.max_allowed_difference]
    if not allowed:
        return
    read_apart = timedelta(seconds=(one.begun + one.ended - other.begun - other.ended) / 2)
    apart = abs(one.clock.time - other.clock.time - read_apart)
    doubt = timedelta(seconds=1 + (one.ended - one.begun + other.ended - other.begun) / 2)  # whole seconds are read
    shown, most = shown_duration(apart), shown_duration(min(allowed))
    if apart - doubt > min(allowed):
        severity, text = "error", f"{shown} apart, {most} is allowed"
    elif apart + doubt > min(allowed):
        severity, text = "unknown", f"{shown} apart, give or take {shown_duration(doubt)}, and {most} is allowed"
    else:
        return
    values = {side: server.clock.time.isoformat() for side, server in servers.items()}
    yield Finding(code="clock-skew", severity=severity, values=values, text=text, repair="set the clocks")


def _about_addresses(pair: "FailoverPair", servers: dict[Side, _Server]) -> Iterator[Finding]:
    used: dict[Side, IPv4Address] = {}
    for side, server in servers.items():
        given, shown = pair.address(side), server.addresses
        if isinstance(shown, Unknown):
            yield Finding(code="address-unknown", severity="unknown", text=f"{pair.names[side]}: {shown.error}")
            continue
        if given is None and len(shown) != 1:
            text = f"{pair.names[side]} has {', '.join(map(str, shown)) or 'no address'}: pass {side}_address"
            yield Finding(code="address-open", severity="error", text=text)
            continue
        address = given if given is not None else shown[0]
        used[side] = address
        if address.is_loopback:
            yield Finding(code="address-loopback", severity="error", values={side: str(address)})
        elif address not in shown:
            text = f"{pair.names[side]} answers clients on {', '.join(map(str, shown)) or 'no address'}"
            yield Finding(code="address-not-bound", severity="warning", values={side: str(address)}, text=text)
    if len(set(used.values())) < len(used):
        yield Finding(code="address-same", severity="error", values=dict(used), text="both have the same address")


def _about_scopes(
    pair: "FailoverPair", servers: dict[Side, _Server], scopes: tuple[IPv4Address, ...]
) -> Iterator[Finding]:
    sources: list[ScopeConfig] = []
    for scope in scopes:
        for side, server in servers.items():
            config = server.configs[scope]
            holder = next((one.name for one in server.relationships() if scope in one.scopes), None)
            if holder is not None:
                yield Finding(
                    code="scope-taken",
                    severity="error",
                    relationship=holder,
                    scope=scope,
                    values={side: "in this relationship"},
                )
            if isinstance(config, Unread):
                yield Finding(
                    code="unread", severity="unknown", scope=scope, text=f"{pair.names[side]}: {config.error}"
                )
        source, copy = servers[Side.PRIMARY].configs[scope], servers[Side.SECONDARY].configs[scope]
        if source is None:
            yield Finding(
                code="scope-missing",
                severity="error",
                scope=scope,
                values={Side.PRIMARY: "missing"},
                repair="create it",
            )
        if not isinstance(source, ScopeConfig):
            continue
        sources.append(source)
        if source.range is not None and source.range.type == RangeType.BOOTP:
            yield Finding(code="bootp-only", severity="error", scope=scope, text="failover does not serve BOOTP")
        if isinstance(copy, ScopeConfig):
            yield from _about_copy(pair, source, copy)
            if servers[Side.SECONDARY].leases[scope] is True:
                yield Finding(
                    code="scope-leases",
                    severity="warning",
                    scope=scope,
                    values={Side.SECONDARY: "has leases"},
                    text="the other server has leased addresses of its copy",
                    repair='on_existing="complete"',
                )
        elif copy is None:
            others = servers[Side.SECONDARY].overview.scopes
            inside = [other for other in (() if isinstance(others, Unread) else others) if other in source.network]
            lower = servers[Side.SECONDARY].below.get(scope)
            if isinstance(lower, Scope) and scope in lower.network:
                inside.insert(0, lower.network.network_address)
            if inside:
                yield Finding(
                    code="scope-overlaps",
                    severity="error",
                    scope=scope,
                    values={Side.SECONDARY: ", ".join(map(str, inside))},
                    text="the other server has another scope that overlaps",
                )
    try:
        needed = server_writes(servers[Side.PRIMARY].overview, servers[Side.SECONDARY].overview, sources)
    except ValueError as error:
        yield Finding(code="unread", severity="unknown", element="classes and definitions", text=str(error))
        return
    for conflict in needed.conflicts:
        yield Finding(code="definition-differs", severity="error", element=str(conflict.about), text=conflict.why)


def _about_copy(pair: "FailoverPair", source: ScopeConfig, copy: ScopeConfig) -> Iterator[Finding]:
    where = pair.names.secondary
    apart = [change for change in diff(source, copy) if change.path != ("state",)]
    if any(change.kind != "remove" for change in apart):
        yield Finding(
            code="scope-differs",
            severity="warning",
            scope=source.scope_id,
            text=f"{where} has it with other values: {apart[0]}",
            repair='on_existing="overwrite"',
        )
    elif copy.enabled:
        yield Finding(
            code="scope-enabled",
            severity="warning",
            scope=source.scope_id,
            text=f"{where} has it, enabled",
            repair='on_existing="complete"',
        )
