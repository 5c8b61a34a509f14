"""Copies servers into a lab."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address
from typing import Any

from ..arguments import number
from ..enums import FailoverState, ServerType
from ..models import Relationship
from ..models.convert import wrong_type
from ..models.names import upper_case
from ..scope import Unread
from ..server import Server
from ..simulator import Clock, Lab
from .reading import Progress, ServerParts, read_parts
from .writing import Writer

__all__ = ["Copy", "Omission", "copy_servers"]

FIRST_ADDRESS = IPv4Address("192.0.2.1")
MOST_CALLS_AT_ONCE = 256
SEPARATED = frozenset(
    {FailoverState.COMMUNICATION_INTERRUPTED, FailoverState.PARTNER_DOWN, FailoverState.RESOLUTION_INTERRUPTED}
)
"""States in which the servers do not hear each other."""


@dataclass(frozen=True, slots=True)
class Omission:
    """Something that a copy does not have.

    Attributes:
        server: The server.
        what: What is missing, in words.
        why: The reason, in words.
        error: The error, if it could not be read; otherwise None.
    """

    server: str
    what: str
    why: str
    error: Unread | None = None

    def __str__(self) -> str:
        return f"{self.server}: {self.what}: {self.why}"

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        error = None if self.error is None else self.error.to_dict()
        return {"server": self.server, "what": self.what, "why": self.why, "error": error}


@dataclass(frozen=True, slots=True)
class Copy:
    """A lab with copies of servers. ``str()`` says what was copied and what was left out.

    Attributes:
        lab: The lab, in memory; its clock starts at the time of the first server and is advanced by hand.
        servers: The names of the servers.
        counts: For each server, how many relationships, scopes, reservations and leases it has in the lab.
        left_out: What was left out on purpose or refused by the lab.
        unread: What could not be read.
        cut: The servers between which the lab's network is cut, because they do not hear each other.
    """

    lab: Lab
    servers: tuple[str, ...]
    counts: dict[str, dict[str, int]]
    left_out: tuple[Omission, ...]
    unread: tuple[Omission, ...]
    cut: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        lines = [f"{server}: {_counted(counts)}" for server, counts in self.counts.items()]
        lines += [f"left out on {omission}" for omission in self.left_out]
        lines += [f"not read from {omission}" for omission in self.unread]
        lines += [
            f"{one} and {other} do not hear each other: their network is cut in the lab, too" for one, other in self.cut
        ]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values, without the lab."""
        return {
            "servers": self.counts,
            "left_out": [omission.to_dict() for omission in self.left_out],
            "unread": [omission.to_dict() for omission in self.unread],
            "cut": [list(ends) for ends in self.cut],
        }


def copy_servers(
    servers: Sequence[Server],
    *,
    leases: bool = True,
    lease_times: bool = True,
    calls_at_once: int = 8,
    progress: Progress | None = None,
) -> Copy:
    """Copy servers, usually the two of a pair, into a new lab.

    Scopes with everything in them, classes, options, policies, filters, the service's settings, leases and the
    relationships in their present states are read from the copy as from the original. Shared secrets are left out on
    both sides, so the partners understand each other. Addresses of servers come from their relationships.

    Nothing is changed on the servers. If the list of scopes or relationships of one cannot be read, nothing is copied;
    other parts that cannot be read are listed in `Copy.unread`.

    Args:
        servers: The servers; each name once.
        leases: Copy the records of clients, too.
        lease_times: Also read the failover times of each lease in a relationship, which is a call for each.
        calls_at_once: How many calls each server gets at the same time.
        progress: Gets the server, what is read next, and how many there are.

    Raises:
        ValueError: No server is given, or two have the same name.
        DhcpError: A server cannot be read.

    Example:
        >>> copy = copy_servers([dhcp1, dhcp2])
        >>> copy.lab.save("rehearsal.lab")
    """
    for server in servers:
        if not isinstance(server, Server):
            raise wrong_type("servers", server, "Server")
    count = number("calls_at_once", calls_at_once, MOST_CALLS_AT_ONCE, 1)
    names = [upper_case(server.name or "") for server in servers]
    if not names or len(set(names)) < len(names):
        raise ValueError("servers must be at least one, and each only once")
    tell = progress or _tell_nobody
    read = [
        read_parts(server, leases=leases, lease_times=lease_times, calls_at_once=count, progress=tell)
        for server in servers
    ]
    return _Copier(read, leases=leases, lease_times=lease_times).copy()


def _tell_nobody(server: str, what: str, number: int) -> None:
    pass


class _Copier:
    def __init__(self, read: list[ServerParts], *, leases: bool, lease_times: bool) -> None:
        self.read = read
        self.leases = leases
        self.lease_times = lease_times
        self.left_out: list[Omission] = []

    def copy(self) -> Copy:
        times = [parts.overview.clock.time for parts in self.read if not isinstance(parts.overview.clock, Unread)]
        lab = Lab(clock=Clock.by_hand(times[0]) if times else None)
        addresses = _addresses(self.read)
        for parts in self.read:
            lab.add_server(parts.name, addresses[parts.name])
            self._set_clock(lab, parts, times)
        writers = [Writer(lab, parts) for parts in self.read]
        for writer in writers:
            writer.write_configuration()
            writer.write_leases()
        cut = self._cut(lab, addresses)
        for writer, parts in zip(writers, self.read, strict=True):
            for relationship in _relationships(parts):
                writer.write_relationship(relationship)
                self._note_relationship(parts, relationship, addresses)
            writer.write_version()
            self.left_out += [Omission(parts.name, what, why) for what, why in writer.refused]
            self._note_leases(parts)
        unread = [
            Omission(parts.name, each.part, str(each.error), each) for parts in self.read for each in parts.unread
        ]
        counts = {parts.name: _counts(lab, parts) for parts in self.read}
        return Copy(lab, tuple(addresses), counts, tuple(self.left_out), tuple(unread), cut)

    def _set_clock(self, lab: Lab, parts: ServerParts, times: list[datetime]) -> None:
        clock = parts.overview.clock
        if not isinstance(clock, Unread) and clock.time != times[0]:
            lab.set_clock_offset(parts.name, clock.time - times[0])

    def _cut(self, lab: Lab, addresses: dict[str, IPv4Address]) -> tuple[tuple[str, str], ...]:
        names = {address: name for name, address in addresses.items()}
        apart = {
            tuple(sorted((parts.name, names[relationship.partner_server])))
            for parts in self.read
            for relationship in _relationships(parts)
            if relationship.state in SEPARATED and names.get(relationship.partner_server, parts.name) != parts.name
        }
        for one, other in sorted(apart):
            lab.cut(one, other)
        return tuple((one, other) for one, other in sorted(apart))

    def _note_relationship(
        self, parts: ServerParts, relationship: Relationship, addresses: dict[str, IPv4Address]
    ) -> None:
        if relationship.authenticated:
            what = f"the shared secret of {relationship.name}"
            self.left_out.append(Omission(parts.name, what, "secrets are not copied"))
        if relationship.partner_server not in addresses.values():
            partner = relationship.partner_server_name or relationship.partner_server
            self.left_out.append(
                Omission(parts.name, f"the partner {partner} of {relationship.name}", "it was not asked")
            )

    def _note_leases(self, parts: ServerParts) -> None:
        if not self.leases:
            self.left_out.append(Omission(parts.name, "leases", "as asked"))
        elif not self.lease_times and parts.clients:
            self.left_out.append(Omission(parts.name, "the failover times of leases", "as asked"))


def _relationships(parts: ServerParts) -> tuple[Relationship, ...]:
    found = parts.overview.relationships
    assert not isinstance(found, Unread)
    return found


def _addresses(read: list[ServerParts]) -> dict[str, IPv4Address]:
    """Return the address of each server: the one that its relationships name, or a free one."""
    found: dict[str, IPv4Address] = {}
    for parts in read:
        for relationship in _relationships(parts):
            primary = relationship.server_type == ServerType.PRIMARY
            own = relationship.primary_server if primary else relationship.secondary_server
            if own not in found.values():
                found.setdefault(parts.name, own)
    partners = {relationship.partner_server for parts in read for relationship in _relationships(parts)}
    free = FIRST_ADDRESS
    for parts in read:
        if parts.name not in found:
            while free in found.values() or free in partners:
                free += 1
            found[parts.name] = free
    return {parts.name: found[parts.name] for parts in read}


def _counts(lab: Lab, parts: ServerParts) -> dict[str, int]:
    server = lab.connect(parts.name, direct=True)
    counts: Counter[str] = Counter()
    for config in parts.scopes:
        counts["reservations"] += len(config.reservations)
    return {
        "relationships": len(server.relationships()),
        "scopes": len(server.scopes()),
        "reservations": counts["reservations"],
        "leases": sum(client.has_lease for client in parts.clients),
    }


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name if count != 1 else name.removesuffix('s')}" for name, count in counts.items())
