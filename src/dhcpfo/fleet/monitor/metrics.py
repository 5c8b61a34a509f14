"""Metrics of pairs for Prometheus: over HTTP, or as a file for node_exporter. Needs prometheus-client."""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import start_http_server, write_to_textfile
from prometheus_client.registry import Collector

from ...enums import FailoverState
from ...models import ScopeStatistics
from ...pair.copies import COMPARED
from ..look import Copy, PairLook, ServerLook, TwoServers
from ..reading import Reading

__all__ = ["Exporter", "families"]

STATES = tuple(FailoverState)
WHAT = (*COMPARED, "missing")

GAUGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "dhcpfo_up": ("Whether the server's relationships could be read.", ("server",)),
    "dhcpfo_scrape_duration_seconds": ("How long reading the server took.", ("server",)),
    "dhcpfo_relationship_state": (
        "1 for the state of the server, 0 for the others.",
        ("server", "relationship", "state"),
    ),
    "dhcpfo_relationship_info": (
        "Always 1; the labels describe the server's copy.",
        ("server", "relationship", "partner", "role", "mode", "authenticated"),
    ),
    "dhcpfo_relationship_scopes": ("Scopes in the relationship.", ("server", "relationship")),
    "dhcpfo_relationship_percentage_ratio": (
        "The primary's share of the clients, or the standby's reserve, 0 to 1.",
        ("server", "relationship"),
    ),
    "dhcpfo_relationship_mclt_seconds": ("Maximum client lead time.", ("server", "relationship")),
    "dhcpfo_relationship_switch_interval_seconds": (
        "Time after which the server enters PARTNER_DOWN by itself; absent if never.",
        ("server", "relationship"),
    ),
    "dhcpfo_relationship_differs": (
        "1 if the two copies differ in this; absent if one could not be read.",
        ("pair", "relationship", "what"),
    ),
    "dhcpfo_scope_addresses": ("Addresses of the scope on the server.", ("server", "scope", "status")),
    "dhcpfo_failover_scope_addresses": (
        "Addresses of a failover scope by owner, as the server counts them.",
        ("server", "scope", "owner", "status"),
    ),
    "dhcpfo_failover_scope_read_timestamp_seconds": (
        "When dhcpfo_failover_scope_addresses was read, in Unix time.",
        ("server", "scope"),
    ),
    "dhcpfo_clock_offset_seconds": ("How far the server's clock is ahead of this machine's.", ("server",)),
    "dhcpfo_clock_offset_max_seconds": ("How far the clocks of two partners may be apart.", ("server",)),
    "dhcpfo_clock_difference_seconds": ("How far the first server's clock is ahead of the second's.", ("pair",)),
}
"""The gauges with their help texts and labels."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Addresses of a failover scope, and when they were read, in Unix time."""

    statistics: ScopeStatistics
    time: float


def families(
    looks: Iterable[PairLook],
    counted: Mapping[tuple[str, IPv4Address], Counted] | None = None,
    errors: Mapping[str, int] | None = None,
) -> Iterator[Metric]:
    """Return the metrics of pairs.

    A server that could not be read has ``dhcpfo_up 0`` and nothing else: old values must not look like new ones.

    Args:
        looks: The pairs.
        counted: Addresses of failover scopes by server and scope.
        errors: How often each code was seen so far.
    """
    samples: dict[str, dict[tuple[str, ...], float]] = {name: {} for name in GAUGES}
    seen = list(looks)
    servers: dict[str, ServerLook] = {}
    for server in (server for look in seen for server in look.servers.values()):
        if server.name.casefold() not in servers or (server.up and not servers[server.name.casefold()].up):
            servers[server.name.casefold()] = server
    for server in servers.values():
        _server(samples, server)
    for look in seen:
        _pair(samples, look)
    for (name, scope), one in (counted or {}).items():
        if (at := servers.get(name.casefold())) is not None and at.up:
            _counted(samples, at.name, str(scope), one)
    for name, values in samples.items():
        text, labels = GAUGES[name]
        family = GaugeMetricFamily(name, text, labels=labels)
        for of, value in values.items():
            family.add_metric(of, value)
        yield family
    total = CounterMetricFamily("dhcpfo_scrape_errors", "Failed calls since the start, by code.", labels=["code"])
    for code, count in sorted((errors or {}).items()):
        total.add_metric([code], count)
    yield total


Samples = dict[str, dict[tuple[str, ...], float]]


def _server(samples: Samples, server: ServerLook) -> None:
    name = _label(server.name)
    samples["dhcpfo_up"][name,] = float(server.up)
    if not server.up:
        return
    samples["dhcpfo_scrape_duration_seconds"][name,] = server.seconds
    if server.offset is not None:
        samples["dhcpfo_clock_offset_seconds"][name,] = server.offset.total_seconds()
    if server.clock is not None and server.clock.max_allowed_difference is not None:
        samples["dhcpfo_clock_offset_max_seconds"][name,] = server.clock.max_allowed_difference.total_seconds()
    for scope, counters in (server.counters or {}).items():
        for status, value in (
            ("free", counters.addresses_free),
            ("used", counters.addresses_in_use),
            ("pending", counters.pending_offers),
        ):
            samples["dhcpfo_scope_addresses"][name, str(scope), status] = value


def _pair(samples: Samples, look: PairLook) -> None:
    difference = look.clock_difference
    if difference is not None and all(server.up for server in look.servers.values()):
        samples["dhcpfo_clock_difference_seconds"][_label(look.name),] = difference.total_seconds()
    for one in look.relationships:
        for side, copy in one.copies.items():
            _copy(samples, _label(look.servers[side].name), copy)
        if not one.unread:
            found = {difference.what for difference in one.differences}
            for what in WHAT:
                samples["dhcpfo_relationship_differs"][_label(look.name), _label(one.name), what] = what in found


def _copy(samples: Samples, server: str, copy: Copy) -> None:
    name = _label(copy.name)
    states = dict.fromkeys(STATES, 0.0) | {copy.state: 1.0}
    for state, value in states.items():
        known = state in STATES
        samples["dhcpfo_relationship_state"][server, name, state.name.lower() if known else state.name] = value
    described = (_label(copy.partner), copy.role.name.lower(), copy.mode.name.lower(), str(copy.authenticated).lower())
    samples["dhcpfo_relationship_info"][server, name, *described] = 1
    samples["dhcpfo_relationship_scopes"][server, name] = len(copy.scopes)
    samples["dhcpfo_relationship_percentage_ratio"][server, name] = copy.percentage / 100
    samples["dhcpfo_relationship_mclt_seconds"][server, name] = copy.mclt.total_seconds()
    if copy.state_switch_interval is not None:
        interval = copy.state_switch_interval.total_seconds()
        samples["dhcpfo_relationship_switch_interval_seconds"][server, name] = interval


def _counted(samples: Samples, server: str, scope: str, one: Counted) -> None:
    name, statistics = _label(server), one.statistics
    samples["dhcpfo_failover_scope_read_timestamp_seconds"][name, scope] = one.time
    for owner, status, value in (
        ("this", "free", statistics.addresses_free_on_this_server),
        ("this", "used", statistics.addresses_in_use_on_this_server),
        ("partner", "free", statistics.addresses_free_on_partner_server),
        ("partner", "used", statistics.addresses_in_use_on_partner_server),
    ):
        samples["dhcpfo_failover_scope_addresses"][name, scope, owner, status] = value


def _label(text: str) -> str:
    """Return a text that UTF-8 can hold and that controls no terminal; the text format itself escapes new lines."""
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


class Exporter(Collector):
    """Reads pairs each time the metrics are asked for.

    Args:
        pairs: The pairs by name.
        at_once: The most pairs at the same time.
        time_limit: The time for each pair; what did not answer by then is down. Below the scrape timeout, which is
            10 s by default.
        scopes: The most failover scopes of each pair that are read each time, one call to each server for each; 0 for
            none. With more scopes than that, each time reads the next ones.

    Attributes:
        registry: The registry of prometheus-client with these metrics and no others.
        down: The servers that could not be read the last time.
    """

    def __init__(
        self,
        pairs: Mapping[str, TwoServers],
        *,
        at_once: int = 32,
        time_limit: timedelta = timedelta(seconds=8),
        scopes: int = 0,
    ) -> None:
        self._names = tuple(pairs)
        self._reading = Reading(pairs, at_once=at_once, time_limit=time_limit)
        self._most = scopes
        self._lock = threading.Lock()
        self._rounds: dict[str, list[IPv4Address]] = {}
        self._counted: dict[tuple[str, IPv4Address], Counted] = {}
        self._errors: Counter[str] = Counter()
        self.down: tuple[str, ...] = ()
        self.registry = CollectorRegistry(auto_describe=False)
        self.registry.register(self)

    def describe(self) -> Iterable[Metric]:
        """Return nothing: a description would read all servers."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Read all pairs and return their metrics. Scrapes at the same time wait for each other."""
        with self._lock:
            if self._most and (new := [name for name in self._names if name not in self._rounds]):
                for look in self._reading.once(only=new):
                    self._learn(look)
            turns = {name: self._rounds.get(name, [])[: self._most] for name in self._names} if self._most else {}
            options = {name: {"statistics": True, "scopes": turns.get(name, ())} for name in self._names}
            looks = self._reading.once(options)
            self._errors.update(_code(error.code, error.name) for look in looks for error in look.errors)
            servers = [server for look in looks for server in look.servers.values()]
            up = {server.name for server in servers if server.up}
            self.down = tuple(dict.fromkeys(server.name for server in servers if server.name not in up))
            for look in looks if self._most else ():
                self._keep(look, turns[look.name])
            found = list(families(looks, self._counted, self._errors))
        yield from found

    def _learn(self, look: PairLook) -> None:
        """Note the scopes of a pair; those that were not read for longest are first."""
        if not any(server.up for server in look.servers.values()):
            return
        now: set[IPv4Address] = set()
        for one in look.relationships:
            now |= set.intersection(*(set(copy.scopes) for copy in one.copies.values()))
        known = self._rounds.get(look.name, [])
        self._rounds[look.name] = sorted(now - set(known)) + [scope for scope in known if scope in now]

    def _keep(self, look: PairLook, turn: Sequence[IPv4Address]) -> None:
        """Keep what was read of the scopes whose turn it was, and forget what is not known any more."""
        known = self._rounds.get(look.name, [])
        self._rounds[look.name] = [*known[len(turn) :], *turn]
        self._learn(look)
        now = set(self._rounds[look.name])
        for server in look.servers.values():
            for scope in {*known, *turn}:
                if not server.up or scope not in now or (scope in turn and scope not in server.statistics):
                    self._counted.pop((server.name, scope), None)
            for scope, statistics in server.statistics.items():
                self._counted[server.name, scope] = Counted(statistics, look.time.timestamp())

    def text(self) -> str:
        """Return the metrics in Prometheus' text format."""
        return generate_latest(self.registry).decode("utf-8")

    def write(self, path: str | Path) -> None:
        """Write the metrics for node_exporter's textfile collector: into a file beside it, which is then renamed.

        Args:
            path: The file; its name must end in ``.prom``.

        Raises:
            ValueError: It does not.
            OSError: The file cannot be written.
        """
        if Path(path).suffix != ".prom":
            raise ValueError(f"the file's name must end in .prom, got {path}")
        write_to_textfile(str(path), self.registry)

    def listen(self, host: str = "127.0.0.1", port: int = 9647) -> Any:
        """Answer HTTP requests in a thread; each reads the servers.

        Args:
            host: The address to listen on.
            port: The port; 0 takes a free one.

        Returns:
            The server; it has ``server_port`` and ``shutdown()``.
        """
        server, _ = start_http_server(port, addr=host, registry=self.registry)
        return server


def _code(code: int | None, name: str) -> str:
    return name if code is None else str(code)
