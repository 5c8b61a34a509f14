"""The elements of a scope as rows: the range, exclusions, reservations."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from ...enums import ClientType, RangeType
from ...limits import MAX_DWORD
from ..scopes import Scope, Span

__all__ = ["Elements", "RangeRow", "ReservationRow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeRow:
    """The range of a scope.

    Attributes:
        span: Its addresses.
        type: The clients that it serves.
        max_bootp: How many BOOTP clients may have an address.
    """

    span: Span
    type: RangeType = RangeType.DHCP
    max_bootp: int = MAX_DWORD


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationRow:
    """A reservation; its key is the address.

    Attributes:
        address: The reserved address.
        client_id: The client identifier.
        type: Which protocol the client may use.
    """

    address: IPv4Address
    client_id: bytes
    type: ClientType = ClientType.BOTH


class Elements:
    """The rows of one scope, in the order of enumeration: exclusions by age, reservations by address.

    Args:
        scope: The scope that keeps them.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    @property
    def range(self) -> RangeRow | None:
        """The one range that a scope can have."""
        scope = self._scope
        if scope.range is None:
            return None
        return RangeRow(span=scope.range, type=scope.range_type, max_bootp=scope.max_bootp)

    def put_range(self, row: RangeRow) -> None:
        """Set the range."""
        self._scope.range, self._scope.range_type, self._scope.max_bootp = row.span, row.type, row.max_bootp

    def delete_range(self) -> None:
        """Delete the range."""
        self._scope.range = None

    @property
    def exclusions(self) -> tuple[Span, ...]:
        """All exclusions; the same one may be there twice."""
        return self._scope.exclusions

    def put_exclusion(self, span: Span) -> None:
        """Add an exclusion."""
        self._scope.exclusions = (*self._scope.exclusions, span)

    def delete_exclusion(self, span: Span) -> None:
        """Delete one exclusion with exactly these addresses."""
        rest = list(self._scope.exclusions)
        rest.remove(span)
        self._scope.exclusions = tuple(rest)

    def reservations(self) -> Iterator[ReservationRow]:
        """Yield all reservations."""
        for address in sorted(self._scope.reservations):
            row = self.reservation(address)
            assert row is not None
            yield row

    def reservation(self, address: IPv4Address) -> ReservationRow | None:
        """Return the reservation of an address, or None."""
        client_id = self._scope.reservations.get(address)
        if client_id is None:
            return None
        kind = self._scope.reservation_types.get(address, ClientType.BOTH)
        return ReservationRow(address=address, client_id=client_id, type=kind)

    def is_reserved_for(self, client_id: bytes) -> bool:
        """Return whether the client has a reservation."""
        return client_id in self._scope.reservations.values()

    def put_reservation(self, row: ReservationRow) -> None:
        """Add or replace the reservation of an address."""
        self._scope.reservations = {**self._scope.reservations, row.address: row.client_id}
        self._scope.reservation_types = {**self._scope.reservation_types, row.address: row.type}

    def delete_reservation(self, address: IPv4Address) -> None:
        """Delete the reservation of an address."""
        scope = self._scope
        scope.reservations = {key: value for key, value in scope.reservations.items() if key != address}
        scope.reservation_types = {key: value for key, value in scope.reservation_types.items() if key != address}
