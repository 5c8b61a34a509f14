"""The rules of the functions for link-layer filters."""

from ...api import WHOLE
from ...enums import FilterList
from ...errors import ErrorCode
from ...models import Filter, FilterLists, FilterPattern, Page
from ...models.filters import ETHERNET
from ..transaction import Call, Rules, exclusive
from .budget import fitting, text_bytes

__all__ = ["FiltersRules"]

RECORD_BYTES = 280
"""What an enumerated filter counts as, besides its comment: the structure on a 64-bit machine."""

MAC_BYTES = 6


class FiltersRules(Rules):
    """Offers `dhcpfo.api.FiltersApi`."""

    @exclusive
    def enum_filters(
        self, filter_list: FilterList, resume: FilterPattern | None = None, preferred_maximum: int = WHOLE
    ) -> Page[Filter]:
        """DhcpEnumFilterV4 ([MS-DHCPM] 3.2.4.87)."""
        with self._call("enum_filters") as call:
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            call.refuse(filter_list not in list(FilterList), ErrorCode.ERROR_INVALID_PARAMETER)  # 2
            by_pattern = call.lab.switches.filters_by_address
            rest = list(call.host.filters.scan(filter_list, resume, by_pattern=by_pattern))
            if not rest:
                return Page((), resume or FilterPattern(), 0, int(ErrorCode.ERROR_NO_MORE_ITEMS))  # 3
            sizes = (RECORD_BYTES + text_bytes(entry.comment) for entry in rest)
            count = fitting(call, sizes, preferred_maximum)  # 4
            status = ErrorCode.ERROR_NO_MORE_ITEMS if count == len(rest) else ErrorCode.ERROR_MORE_DATA
            last = rest[count - 1].pattern if count else resume or FilterPattern()
            return Page(tuple(rest[:count]), last, len(rest) - count, int(status))  # 5

    @exclusive
    def create_filter(self, entry: Filter, overwrite: bool) -> None:
        """DhcpAddFilterV4 ([MS-DHCPM] 3.2.4.83)."""
        with self._call("create_filter") as call:
            table, pattern = call.host.filters, entry.pattern
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            call.refuse(_illegal(pattern), ErrorCode.ERROR_INVALID_PARAMETER)  # 2
            call.refuse(entry.filter_list not in list(FilterList), ErrorCode.ERROR_INVALID_PARAMETER)  # 2
            exempt = pattern.hardware_type != ETHERNET
            call.refuse(exempt and entry.filter_list != FilterList.ALLOW, ErrorCode.ERROR_INVALID_PARAMETER)  # 2
            there = table.get(pattern) is not None and not overwrite
            call.refuse(there and exempt, ErrorCode.ERROR_DHCP_HARDWARE_ADDRESS_TYPE_ALREADY_EXEMPT)  # 3
            call.refuse(there, ErrorCode.ERROR_DHCP_LINKLAYER_ADDRESS_EXISTS)  # 3
            if call.lab.switches.filters_conflict_with_reservations:
                call.refuse(_is_reserved(call, pattern), ErrorCode.ERROR_DHCP_LINKLAYER_ADDRESS_RESERVATION_EXISTS)
            table.put(entry)  # 4

    @exclusive
    def delete_filter(self, pattern: FilterPattern) -> None:
        """DhcpDeleteFilterV4 ([MS-DHCPM] 3.2.4.84)."""
        with self._call("delete_filter") as call:
            table, missing = call.host.filters, call.host.filters.get(pattern) is None
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            call.refuse(_illegal(pattern), ErrorCode.ERROR_INVALID_PARAMETER)  # 2
            exempt = pattern.hardware_type != ETHERNET
            call.refuse(missing and exempt, ErrorCode.ERROR_DHCP_UNDEFINED_HARDWARE_ADDRESS_TYPE)  # 3
            call.refuse(missing, ErrorCode.ERROR_DHCP_LINKLAYER_ADDRESS_DOES_NOT_EXIST)  # 3
            table.delete(pattern)  # 4

    @exclusive
    def set_filter_lists(self, lists: FilterLists) -> None:
        """DhcpSetFilterV4 ([MS-DHCPM] 3.2.4.85)."""
        with self._call("set_filter_lists") as call:
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            call.host.filters.allow, call.host.filters.deny = lists.allow, lists.deny  # 2

    @exclusive
    def get_filter_lists(self) -> FilterLists:
        """DhcpGetFilterV4 ([MS-DHCPM] 3.2.4.86)."""
        with self._call("get_filter_lists") as call:
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            return FilterLists(allow=call.host.filters.allow, deny=call.host.filters.deny)  # 2


def _is_reserved(call: Call, pattern: FilterPattern) -> bool:
    """Whether a scope reserves an address for a client that the pattern matches."""
    clients = (client for scope in call.host.scopes.values() for client in scope.reservations.values())
    return any(
        client == pattern.octets or (pattern.wildcard and client.startswith(pattern.octets)) for client in clients
    )


def _illegal(pattern: FilterPattern) -> bool:
    """Whether a pattern is neither an Ethernet address, nor a wildcard for some, nor another hardware type."""
    if not pattern.match_hardware_type:
        return True
    if pattern.hardware_type != ETHERNET:
        return not pattern.wildcard or bool(pattern.octets)
    return not 0 < len(pattern.octets) < MAC_BYTES if pattern.wildcard else len(pattern.octets) != MAC_BYTES
