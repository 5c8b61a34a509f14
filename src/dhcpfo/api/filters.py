"""The functions of the API for filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .failover import WHOLE

if TYPE_CHECKING:
    from ..enums import FilterList
    from ..models import Filter, FilterLists, FilterPattern, Page

__all__ = ["FiltersApi"]


class FiltersApi(Protocol):
    """Link-layer filters."""

    def enum_filters(
        self, filter_list: FilterList, resume: FilterPattern | None = None, preferred_maximum: int = WHOLE
    ) -> Page[Filter]:
        """DhcpEnumFilterV4 ([MS-DHCPM] 3.2.4.87): one page of a list.

        The handle is the last pattern that was answered, and None at the beginning. The maximum is a budget of 1024 to
        65536 bytes.
        """
        ...

    def create_filter(self, entry: Filter, overwrite: bool) -> None:
        """DhcpAddFilterV4 ([MS-DHCPM] 3.2.4.83)."""
        ...

    def delete_filter(self, pattern: FilterPattern) -> None:
        """DhcpDeleteFilterV4 ([MS-DHCPM] 3.2.4.84): takes a filter out of the list that it is in."""
        ...

    def set_filter_lists(self, lists: FilterLists) -> None:
        """DhcpSetFilterV4 ([MS-DHCPM] 3.2.4.85)."""
        ...

    def get_filter_lists(self) -> FilterLists:
        """DhcpGetFilterV4 ([MS-DHCPM] 3.2.4.86)."""
        ...
