"""A scope on one server: its range, what is taken out of it, its clients, and whose the free addresses are."""

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network

from ..enums import AddressStatus, FailoverMode, LeaseState, ServerType
from ..models import FailoverClient, Relationship, ScopeStatistics

__all__ = ["RangeType", "Scope", "Span"]

Run = tuple[int, int]
"""Consecutive addresses as numbers, first and last."""


class RangeType(enum.IntEnum):
    """Whom a scope's range serves (the values are those of DHCP_SUBNET_ELEMENT_TYPE)."""

    DHCP = 5
    BOTH = 6
    BOOTP = 7


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
        """Whether an address, or all of another span, lies within."""
        if isinstance(other, Span):
            return self.first <= other.first and other.last <= self.last
        return isinstance(other, IPv4Address) and self.first <= other <= self.last


def _without(runs: Iterable[Run], holes: Iterable[Run]) -> Iterator[Run]:
    """Yield what is left of ascending ``runs`` when ``holes`` are cut out."""
    cuts = sorted(holes)
    for first, last in runs:
        for hole_first, hole_last in cuts:
            if hole_last < first:
                continue
            if hole_first > last:
                break
            if hole_first > first:
                yield first, hole_first - 1
            first = hole_last + 1
        if first <= last:
            yield first, last


def _count(runs: Iterable[Run]) -> int:
    return sum(last - first + 1 for first, last in runs)


@dataclass(slots=True, kw_only=True)
class Scope:
    """A scope on one server.

    Attributes:
        network: The scope's subnet; its network address is the scope's id.
        range: The one range that a scope can have, or None.
        range_type: Whom the range serves.
        exclusions: Addresses that are never given out.
        reservations: The client identifier that an address is kept for.
        clients: The records of the clients; a released one stays until its address is given out again, so that the
            release can be told to a partner.
        lease_time: How long a lease lasts where failover does not shorten it.
        boundary: In a relationship, the number of the first address whose owner, while it is free, is the secondary;
            those below are the primary's. The primary moves it when it redistributes, and tells the secondary.
    """

    network: IPv4Network
    range: Span | None = None
    range_type: RangeType = RangeType.DHCP
    exclusions: list[Span] = field(default_factory=list)
    reservations: dict[IPv4Address, bytes] = field(default_factory=dict)
    clients: dict[IPv4Address, FailoverClient] = field(default_factory=dict)
    lease_time: timedelta = timedelta(days=8)
    boundary: int = 0

    def leasable(self) -> list[Run]:
        """The addresses that any client can get: the range without exclusions and reservations."""
        if self.range is None:
            return []
        holes = [(int(span.first), int(span.last)) for span in self.exclusions]
        holes += [(int(address), int(address)) for address in self.reservations]
        return list(_without([(int(self.range.first), int(self.range.last))], holes))

    def in_use(self, now: datetime, grace: timedelta | None = None) -> dict[int, FailoverClient]:
        """Return the records whose address cannot be given to another client.

        Args:
            now: The server's time.
            grace: How much longer than it knows of a server must assume a lease to last, since a partner that it
                cannot ask may have renewed it: the MCLT without contact, None with contact or without failover.
        """
        return {int(address): client for address, client in self.clients.items() if _in_use(client, now, grace)}

    def free(self, now: datetime, grace: timedelta | None = None) -> list[Run]:
        """The leasable addresses that no client has; arguments as for `in_use`."""
        return list(_without(self.leasable(), [(number, number) for number in self.in_use(now, grace)]))

    def free_of(self, role: ServerType, now: datetime, grace: timedelta | None = None) -> list[Run]:
        """The free addresses that belong to the server of that role."""
        end = 1 << 32
        others = (self.boundary, end) if role == ServerType.PRIMARY else (0, self.boundary - 1)
        return list(_without(self.free(now, grace), [others]))

    def divide(self, relationship: Relationship, free: list[Run]) -> None:
        """Set the boundary so that each server owns its part of the ``free`` addresses.

        The secondary gets what the percentage leaves it in load balance, and the percentage itself in hot standby;
        fractions are the primary's.
        """
        total = _count(free)
        percent = min(relationship.percentage, 100)
        if relationship.mode != FailoverMode.HOT_STANDBY:
            percent = 100 - percent
        wanted = total * percent // 100
        self.boundary = int(self.range.last) + 1 if self.range is not None else 0
        for first, last in reversed(free):
            if wanted <= 0:
                break
            self.boundary = max(first, last + 1 - wanted)
            wanted -= last + 1 - first

    def statistics(
        self, role: ServerType, server: IPv4Address, now: datetime, grace: timedelta | None
    ) -> ScopeStatistics:
        """Count the leasable addresses.

        The sums hold: total = free + in use, and either is this server's part and the partner's part together. A
        free address counts for its owner, one in use for the server that gave it.
        """
        leasable = self.leasable()
        taken = [
            client
            for number, client in self.in_use(now, grace).items()
            if any(first <= number <= last for first, last in leasable)
        ]
        here = sum(client.owner.address == server for client in taken)
        free = _count(self.free(now, grace))
        own = _count(self.free_of(role, now, grace))
        return ScopeStatistics(
            addresses_total=_count(leasable),
            addresses_free=free,
            addresses_in_use=len(taken),
            addresses_free_on_this_server=own,
            addresses_free_on_partner_server=free - own,
            addresses_in_use_on_this_server=here,
            addresses_in_use_on_partner_server=len(taken) - here,
        )

    def status(
        self, address: IPv4Address, relationship: Relationship, now: datetime, grace: timedelta | None
    ) -> AddressStatus:
        """Say whose an address of the scope is; one outside the range is nobody's and counts as excluded."""
        if address in self.reservations:
            return AddressStatus.RESERVED
        if self.range is None or address not in self.range or any(address in span for span in self.exclusions):
            return AddressStatus.EXCLUDED
        client = self.in_use(now, grace).get(int(address))
        if client is not None and client.owner.address == relationship.primary_server:
            return AddressStatus.PRIMARY
        if client is not None and client.owner.address == relationship.secondary_server:
            return AddressStatus.SECONDARY
        return AddressStatus.PRIMARY if int(address) < self.boundary else AddressStatus.SECONDARY


def _in_use(client: FailoverClient, now: datetime, grace: timedelta | None) -> bool:
    if client.lease_state == LeaseState.DOOMED:
        return False
    if client.lease_expires is None:
        return True
    if grace is None:
        return now < client.lease_expires
    # The partner may have renewed it up to an MCLT after the latest time that both have spoken of.
    spoken = (client.potential_expiration_received, client.potential_expiration_acknowledged)
    known = max([client.lease_expires, *filter(None, spoken)])
    return now - grace < known  # not known + grace: the known time can be the last there is
