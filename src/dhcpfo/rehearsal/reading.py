"""Reads everything of a server that a lab can hold."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from ipaddress import IPv4Address
from typing import Any

from ..errors import DhcpError
from ..models import Client, FailoverClient
from ..scope import ScopeConfig, ServerOverview, Unread, read_scopes, read_server
from ..scope.workers import Workers, carry_out
from ..server import Server

__all__ = ["ServerParts", "read_parts"]

Progress = Callable[[str, str, int], None]
"""Gets the server, what is read, and how many there are."""


@dataclass(slots=True)
class ServerParts:
    """What was read from a server.

    Attributes:
        name: The server's name, as passed when connecting.
        overview: Its relationships, classes, definitions and clock.
        scopes: The configurations of the scopes that could be read.
        values: The parts in `PARTS`, by their names.
        clients: The records of its clients.
        failover_clients: The records with failover times, of clients in failover scopes.
        unread: What could not be read.
    """

    name: str
    overview: ServerOverview
    scopes: list[ScopeConfig] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    clients: list[Client] = field(default_factory=list)
    failover_clients: dict[IPv4Address, FailoverClient] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)


PARTS: dict[str, Callable[[Server], Any]] = {
    "options": lambda server: server.option_values(),
    "policies": lambda server: server.policies(),
    "policy options": lambda server: server.policy_option_values(),
    "policies enforced": lambda server: server.get_policy_enforcement(),
    "filters": lambda server: server.filters(),
    "filter lists": lambda server: server.get_filter_lists(),
    "config": lambda server: server.get_config(),
    "audit log": lambda server: server.get_audit_log(),
    "version": lambda server: server.get_version(),
}
"""What a server has besides its overview, its scopes and its clients."""


def read_parts(
    server: Server, *, leases: bool, lease_times: bool, calls_at_once: int, progress: Progress
) -> ServerParts:
    """Read everything of a server.

    Args:
        server: The server.
        leases: Whether to read the records of clients.
        lease_times: Whether to read the failover times of each lease, too: a call for each.
        calls_at_once: How many calls the server gets at the same time.
        progress: Told what is read next.

    Raises:
        DhcpError: The relationships or the scopes could not be read.
    """
    name = server.name or "localhost"
    overview = read_server(server, calls_at_once=calls_at_once)
    for needed in (overview.relationships, overview.scopes):
        if isinstance(needed, Unread):
            raise needed.error
    parts = ServerParts(name, overview, unread=list(overview.unread))
    _read_values(server, parts, calls_at_once)
    _read_scopes(server, parts, calls_at_once, progress)
    if leases:
        _read_clients(server, parts, calls_at_once if lease_times else 0, progress)
    return parts


def _read_values(server: Server, parts: ServerParts, calls_at_once: int) -> None:
    def job(part: str, workers: Workers) -> None:
        try:
            parts.values[part] = PARTS[part](server)
        except DhcpError as error:
            parts.unread.append(Unread(part, error))

    carry_out([partial(job, part) for part in PARTS], calls_at_once)


def _read_scopes(server: Server, parts: ServerParts, calls_at_once: int, progress: Progress) -> None:
    ids = parts.overview.scopes
    assert not isinstance(ids, Unread)
    progress(parts.name, "scopes", len(ids))
    for scope, found in read_scopes(server, ids, parts.overview, calls_at_once=calls_at_once).items():
        if isinstance(found, Unread):
            parts.unread.append(Unread(f"scope {scope}", found.error))
        elif found is not None:
            parts.unread += [Unread(f"{one.part} of scope {scope}", one.error) for one in found.unread]
            parts.scopes.append(found.replace(unread=()))


def _read_clients(server: Server, parts: ServerParts, calls_at_once: int, progress: Progress) -> None:
    try:
        parts.clients = server.clients()
    except DhcpError as error:
        parts.unread.append(Unread("clients", error))
        return
    wanted = [client.address for client in _in_failover(parts)] if calls_at_once else []
    progress(parts.name, "leases", len(parts.clients))
    gone: list[DhcpError] = []

    def job(address: IPv4Address, workers: Workers) -> None:
        try:
            parts.failover_clients[address] = server.get_failover_client(address=address)
        except DhcpError as error:  # the lease has ended since, or the call failed: the record itself was read
            gone.append(error)

    carry_out([partial(job, address) for address in wanted], calls_at_once or 1)
    if gone:
        parts.unread.append(Unread(f"failover times of {len(gone)} leases", gone[-1]))


def _in_failover(parts: ServerParts) -> Iterable[Client]:
    relationships = parts.overview.relationships
    assert not isinstance(relationships, Unread)
    members = {scope for relationship in relationships for scope in relationship.scopes}
    return [client for client in parts.clients if client.scope in members]
