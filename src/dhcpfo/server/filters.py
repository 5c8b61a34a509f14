"""The methods of `Server` for link-layer filters: the allow list and the deny list."""

from .. import arguments
from ..enums import FilterList
from ..limits import MAX_BYTE
from ..models import Filter, FilterLists, FilterPattern
from ..models.filters import ETHERNET
from ..models.page import NO_MORE_WITH_LAST_PAGE
from .connection import Connection

__all__ = ["FiltersMethods"]

MAC_BYTES = 6
PAGE_BYTES = 65536
"""The largest page that servers send."""


class FiltersMethods(Connection):
    """Link-layer filters, which hold for all scopes of the server."""

    __slots__ = ()

    def filters(self, *, filter_list: FilterList | None = None) -> list[Filter]:
        """Return the filters, those of the deny list first. They are in force only if their list is enforced.

        The result is complete, or an error is raised.

        Args:
            filter_list: Return only the filters of this list; None is both, one after the other.

        Raises:
            InvalidAnswerError: The server does not end the list, or announces filters and does not send them.
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpEnumFilterV4 ([MS-DHCPM] 3.2.4.87).
        """
        wanted = FilterList if filter_list is None else [arguments.member("filter_list", filter_list, FilterList)]
        return [
            entry
            for one in wanted
            for entry in self._follow(
                self._api.enum_filters, NO_MORE_WITH_LAST_PAGE, one, start=None, maximum=PAGE_BYTES
            )
        ]

    def create_filter(self, entry: Filter, *, overwrite: bool = False) -> None:
        """Add a filter to the allow list or the deny list.

        Args:
            entry: The filter. Its pattern is six bytes of an Ethernet address, or one to five bytes of a wildcard, or
                another hardware type that the server is not to filter (a wildcard without bytes in the allow list).
            overwrite: Replace a filter with the same pattern, which may be in the other list.

        Raises:
            ValueError: The pattern is none of these.
            AlreadyExistsError: A list has a filter with this pattern (20093), or the hardware type is exempt (20101).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpAddFilterV4 ([MS-DHCPM] 3.2.4.83).
        """
        if not isinstance(entry, Filter):
            raise arguments.wrong_type("entry", entry, "Filter")
        _check(entry.pattern)
        arguments.member("filter_list", entry.filter_list, FilterList)
        if entry.pattern.hardware_type != ETHERNET and entry.filter_list != FilterList.ALLOW:
            raise ValueError(f"filter_list must be ALLOW for a hardware type other than 1, got {entry.filter_list}")
        arguments.any_text("comment", entry.comment)
        self._api.create_filter(entry, _truth("overwrite", overwrite))

    def delete_filter(self, pattern: FilterPattern | str) -> None:
        """Take a filter out of the list that it is in.

        Args:
            pattern: The filter's pattern, or its text, such as ``00-1C-25-80-A0-43`` or ``00-1C-25-*``.

        Raises:
            NotFoundError: No list has a filter with this pattern (20095), or the hardware type is not exempt (20102).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpDeleteFilterV4 ([MS-DHCPM] 3.2.4.84).
        """
        self._api.delete_filter(_check(FilterPattern.parse(pattern) if isinstance(pattern, str) else pattern))

    def get_filter_lists(self) -> FilterLists:
        """Return which of the two lists the server enforces.

        Raises:
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpGetFilterV4 ([MS-DHCPM] 3.2.4.86).
        """
        return self._api.get_filter_lists()

    def set_filter_lists(self, *, allow: bool, deny: bool) -> None:
        """Set which of the two lists the server enforces. Both are set in one call.

        Args:
            allow: Serve only the addresses in the allow list. With an empty list no client is served.
            deny: Do not serve the addresses in the deny list, even if the allow list has them, too.

        Raises:
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpSetFilterV4 ([MS-DHCPM] 3.2.4.85).
        """
        self._api.set_filter_lists(FilterLists(allow=_truth("allow", allow), deny=_truth("deny", deny)))


def _check(pattern: FilterPattern) -> FilterPattern:
    """Check a pattern by the rules that servers have."""
    if not isinstance(pattern, FilterPattern):
        raise arguments.wrong_type("pattern", pattern, "FilterPattern or str")
    arguments.number("hardware_type", pattern.hardware_type, MAX_BYTE)
    count = len(pattern.octets)
    if not pattern.match_hardware_type:
        raise ValueError("match_hardware_type must be True")
    if pattern.hardware_type != ETHERNET:
        if count or not pattern.wildcard:
            raise ValueError("pattern must be a wildcard without octets for a hardware type other than 1")
    elif pattern.wildcard and not 0 < count < MAC_BYTES:
        raise ValueError(f"octets must have 1 to {MAC_BYTES - 1} bytes in a wildcard, got {count}")
    elif not pattern.wildcard and count != MAC_BYTES:
        raise ValueError(f"octets must have {MAC_BYTES} bytes, got {count}; or set wildcard=True")
    return pattern


def _truth(argument: str, value: bool) -> bool:
    if not isinstance(value, bool):
        raise arguments.wrong_type(argument, value, "bool")
    return value
