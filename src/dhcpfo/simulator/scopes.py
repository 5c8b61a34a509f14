"""A scope on one server: its range, exclusions, reservations and clients, and which server owns its free addresses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network

from ..enums import AddressStatus, ClientType, FailoverMode, RangeType, ServerType
from ..limits import MAX_DWORD
from ..models import AddressRange, Relationship, ScopeStatistics
from .clients import ClientTable, Hold
from .journal import Recorded, keyed
from .runs import Run, common, contain, count, highest, merge, subtract
from .tables.options import OptionTable
from .tables.policies import PolicyTable
from .tables.scopes import ScopeProperties

__all__ = ["RangeType", "Scope", "Span"]


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive addresses.

    Attributes:
        first: The lowest.
        last: The highest.
    """

    first: IPv4Address
    last: IPv4Address

    def __contains__(self, other: object) -> bool:
        """Return whether an address, or all of another span, lies within."""
        if isinstance(other, Span):
            return self.first <= other.first and other.last <= self.last
        return isinstance(other, IPv4Address) and self.first <= other <= self.last


@dataclass(slots=True, kw_only=True)
class Scope(Recorded):
    """A scope on one server.

    Attributes:
        network: The scope's subnet; its network address is the scope's id.
        properties: Its name, state and the like.
        range: The one range that a scope can have, or None.
        range_type: The clients that the range serves.
        max_bootp: How many BOOTP clients may have an address of the range.
        exclusions: Addresses that are never given out.
        reservations: The client identifier that each reserved address is kept for.
        reservation_types: Which protocol the client of each reserved address may use.
        clients: The records of the clients. A released one stays until its address is given out again, so that the
            partner can still learn of the release.
        lease_time: How long a lease lasts unless failover shortens it.
        backup: In a relationship, the addresses that the secondary owns while they are free, as ascending runs of
            numbers; all others are the primary's. The primary moves some when it redistributes, and tells the
            secondary. An address that is given to a client is the primary's when it is free again.
        options: Its option values, and those of its reservations and policies.
        policies: Its policies.
    """

    network: IPv4Network
    properties: ScopeProperties = field(default_factory=ScopeProperties)
    range: Span | None = None
    range_type: RangeType = RangeType.DHCP
    max_bootp: int = MAX_DWORD
    exclusions: tuple[Span, ...] = field(default=(), metadata=keyed(lambda span: f"{span.first}-{span.last}"))
    reservations: Mapping[IPv4Address, bytes] = field(default_factory=dict)
    reservation_types: Mapping[IPv4Address, ClientType] = field(default_factory=dict)
    clients: ClientTable = field(default_factory=ClientTable)
    lease_time: timedelta = timedelta(days=8)
    backup: tuple[Run, ...] = ()
    options: OptionTable = field(default_factory=OptionTable)
    policies: PolicyTable = field(default_factory=PolicyTable)

    def leasable(
        self, *, within: Iterable[AddressRange] | None = None, without: Iterable[AddressRange] = ()
    ) -> list[Run]:
        """Return the addresses that a client without a reservation can get.

        They are the range without exclusions and reservations.

        Args:
            within: Only addresses of these ranges; None is all.
            without: No addresses of these ranges.
        """
        if self.range is None:
            return []
        whole = [(int(self.range.first), int(self.range.last))]
        if within is not None:
            whole = sorted((int(span.start), int(span.end)) for span in within)
        holes = [(int(span.first), int(span.last)) for span in self.exclusions]
        holes += [(int(span.start), int(span.end)) for span in without]
        holes += [(int(address), int(address)) for address in self.reservations]
        return list(subtract(whole, holes))

    def free(self, now: datetime, hold: Hold) -> list[Run]:
        """Return the leasable addresses that do not count as in use; arguments as for `clients.Hold`."""
        return list(subtract(self.leasable(), self.clients.used(now, hold)))

    def part_of(self, role: ServerType, runs: Iterable[Run]) -> list[Run]:
        """Return what belongs to the server of that role, of ascending ``runs`` of free addresses."""
        return list((common if role == ServerType.SECONDARY else subtract)(runs, self.backup))

    def divide(self, relationship: Relationship, free: list[Run]) -> None:
        """Move as many of the ``free`` addresses to the other server as it takes to give each its part.

        The secondary gets what the percentage leaves it in load balance, and the percentage itself in hot standby;
        fractions are the primary's.
        """
        percent = min(relationship.percentage, 100)
        if relationship.mode != FailoverMode.HOT_STANDBY:
            percent = 100 - percent
        wanted, kept = count(free) * percent // 100, list(common(free, self.backup))
        if count(kept) < wanted:
            kept += highest(list(subtract(free, self.backup)), wanted - count(kept))
        else:
            kept = list(highest(kept, wanted))
        self.backup = merge(kept)

    def gave(self, address: IPv4Address) -> None:
        """Note that a server has given an address to a client."""
        if contain(self.backup, int(address)):
            self.backup = tuple(subtract(self.backup, [(int(address), int(address))]))

    def statistics(self, role: ServerType, server: IPv4Address, now: datetime, hold: Hold) -> ScopeStatistics:
        """Count the leasable addresses.

        The sums hold: total = free + in use, and either is this server's part and the partner's part together. A
        free address counts for its owner, one in use for the server that gave it.
        """
        leasable, free_runs = self.leasable(), self.free(now, hold)
        taken = list(subtract(leasable, free_runs))
        total, free = count(leasable), count(free_runs)
        here = self.clients.count_owned(server, taken)
        own = count(self.part_of(role, free_runs))
        return ScopeStatistics(
            addresses_total=total,
            addresses_free=free,
            addresses_in_use=total - free,
            addresses_free_on_this_server=own,
            addresses_free_on_partner_server=free - own,
            addresses_in_use_on_this_server=here,
            addresses_in_use_on_partner_server=total - free - here,
        )

    def status(self, address: IPv4Address, relationship: Relationship, now: datetime, hold: Hold) -> AddressStatus:
        """Return which server owns an address of the scope; an address outside the range counts as excluded."""
        if address in self.reservations:
            return AddressStatus.RESERVED
        if self.range is None or address not in self.range or any(address in span for span in self.exclusions):
            return AddressStatus.EXCLUDED
        record = self.clients.get(address)
        client = record if record is not None and hold.counts(record, now) else None
        if client is not None and client.owner.address == relationship.primary_server:
            return AddressStatus.PRIMARY
        if client is not None and client.owner.address == relationship.secondary_server:
            return AddressStatus.SECONDARY
        return AddressStatus.SECONDARY if contain(self.backup, int(address)) else AddressStatus.PRIMARY
