"""The table of link-layer filters."""

from collections.abc import Iterator
from dataclasses import dataclass

from ...enums import FilterList, FilterStatus
from ...models import Filter, FilterPattern
from ...models.filters import ETHERNET
from ..journal import Recorded

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


@dataclass(slots=True, kw_only=True)
class FilterTable(Recorded):
    """The filters of a server, by pattern: a pattern is in one list only.

    Attributes:
        rows: The filters, in the order of their patterns.
        allow: Whether the allow list is enforced.
        deny: Whether the deny list is enforced.
    """

    rows: tuple[Filter, ...] = ()
    allow: bool = False
    deny: bool = False

    def get(self, pattern: FilterPattern) -> Filter | None:
        """Return the filter with this pattern, or None."""
        return next((row for row in self.rows if _key(row.pattern) == _key(pattern)), None)

    def put(self, row: Filter) -> None:
        """Add a filter, in the place of one with the same pattern."""
        others = [other for other in self.rows if _key(other.pattern) != _key(row.pattern)]
        self.rows = tuple(sorted([*others, row], key=lambda row: _key(row.pattern)))

    def delete(self, pattern: FilterPattern) -> None:
        """Delete the filter with this pattern."""
        self.rows = tuple(row for row in self.rows if _key(row.pattern) != _key(pattern))

    def scan(self, filter_list: FilterList, after: FilterPattern | None) -> Iterator[Filter]:
        """Yield the filters of a list, from the one behind a pattern on."""
        for row in self.rows:
            if row.filter_list == filter_list and (after is None or _key(row.pattern) > _key(after)):
                yield row

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

    def admits(self, address: bytes) -> bool:
        """Return whether a client with this address is served."""
        if not self.allow and not self.deny:
            return True
        status = self.status(address)
        if self.deny and status & (FilterStatus.FULL_DENY | FilterStatus.WILDCARD_DENY):
            return False
        return not self.allow or bool(status & (FilterStatus.FULL_ALLOW | FilterStatus.WILDCARD_ALLOW))
