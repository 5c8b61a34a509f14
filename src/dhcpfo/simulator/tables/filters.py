"""The table of link-layer filters."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ...enums import FilterList, FilterStatus
from ...models import Filter, FilterPattern
from ...models.filters import ETHERNET
from ..journal import Recorded, keyed

__all__ = ["FilterTable"]

Key = tuple[int, bytes, bool]

STATUS = {
    (FilterList.ALLOW, False): FilterStatus.FULL_ALLOW,
    (FilterList.DENY, False): FilterStatus.FULL_DENY,
    (FilterList.ALLOW, True): FilterStatus.WILDCARD_ALLOW,
    (FilterList.DENY, True): FilterStatus.WILDCARD_DENY,
}


def _key(pattern: FilterPattern) -> Key:
    return pattern.hardware_type, pattern.octets, pattern.wildcard


def _row_key(row: Filter) -> str:
    """Return the key of a filter as a text; the texts have the order of the keys."""
    hardware_type, octets, wildcard = _key(row.pattern)
    return f"{hardware_type:03} {octets.hex()} {int(wildcard)}"


@dataclass(slots=True, kw_only=True)
class FilterTable(Recorded):
    """The filters of a server, by pattern: a pattern is in one list only.

    Attributes:
        rows: The filters, the oldest first.
        allow: Whether the allow list is enforced.
        deny: Whether the deny list is enforced.
    """

    rows: tuple[Filter, ...] = field(default=(), metadata=keyed(_row_key, is_sorted=True))
    allow: bool = False
    deny: bool = False

    def get(self, pattern: FilterPattern) -> Filter | None:
        """Return the filter with this pattern, or None."""
        return next((row for row in self.rows if _key(row.pattern) == _key(pattern)), None)

    def put(self, row: Filter) -> None:
        """Add a filter, in the place of one with the same pattern."""
        if self.get(row.pattern) is None:
            self.rows = (*self.rows, row)
        else:
            self.rows = tuple(row if _key(other.pattern) == _key(row.pattern) else other for other in self.rows)

    def delete(self, pattern: FilterPattern) -> None:
        """Delete the filter with this pattern."""
        self.rows = tuple(row for row in self.rows if _key(row.pattern) != _key(pattern))

    def scan(self, filter_list: FilterList, after: FilterPattern | None, *, by_pattern: bool) -> Iterator[Filter]:
        """Yield the filters of a list, from the one behind a pattern on.

        Args:
            filter_list: The list.
            after: The pattern; None is the beginning.
            by_pattern: Whether their order is that of the hardware types and then of the bytes, or of their age.
        """
        rows = sorted(self.rows, key=lambda row: _key(row.pattern)) if by_pattern else list(self.rows)
        if after is not None and by_pattern:
            rows = [row for row in rows if _key(row.pattern) > _key(after)]
        elif after is not None:
            places = [place for place, row in enumerate(rows) if _key(row.pattern) == _key(after)]
            rows = rows[places[0] + 1 :] if places else []
        yield from (row for row in rows if row.filter_list == filter_list)

    def status(self, address: bytes) -> FilterStatus:
        """Return which filters match a link-layer address."""
        found = FilterStatus(0)
        for row in self.rows:
            pattern = row.pattern
            if pattern.hardware_type != ETHERNET:
                continue
            if address == pattern.octets or (pattern.wildcard and address.startswith(pattern.octets)):
                found |= STATUS[row.filter_list, pattern.wildcard]
        return found or FilterStatus.NONE

    def admits(self, address: bytes, *, deny_wins: bool) -> bool:
        """Return whether a client with this address is served.

        Args:
            address: The address.
            deny_wins: Whether it is refused if both lists are enforced and both match.
        """
        if not self.allow and not self.deny:
            return True
        status = self.status(address)
        allowed = bool(status & (FilterStatus.FULL_ALLOW | FilterStatus.WILDCARD_ALLOW))
        denied = bool(status & (FilterStatus.FULL_DENY | FilterStatus.WILDCARD_DENY))
        if self.deny and denied and (deny_wins or not self.allow or not allowed):
            return False
        return not self.allow or allowed
