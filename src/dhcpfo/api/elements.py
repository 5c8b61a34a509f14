"""The functions of the API for elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .failover import WHOLE

if TYPE_CHECKING:
    from ipaddress import IPv4Address

    from ..enums import ElementType, ForceFlag
    from ..models import Page, Reservation, ScopeElement

__all__ = ["ElementsApi"]


class ElementsApi(Protocol):
    """Ranges, exclusions and reservations of scopes."""

    def enum_elements(
        self, scope: IPv4Address, element_type: ElementType, resume: int = 0, preferred_maximum: int = WHOLE
    ) -> Page[ScopeElement]:
        """DhcpEnumSubnetElementsV5 ([MS-DHCPM] 3.2.4.39): one page; the maximum is a budget of bytes."""
        ...

    def add_element(self, scope: IPv4Address, element: ScopeElement) -> None:
        """DhcpAddSubnetElementV5 ([MS-DHCPM] 3.2.4.38)."""
        ...

    def remove_element(self, scope: IPv4Address, element: ScopeElement, force: ForceFlag) -> None:
        """DhcpRemoveSubnetElementV5 ([MS-DHCPM] 3.2.4.40)."""
        ...

    def enum_reservations(
        self, scope: IPv4Address, resume: int = 0, preferred_maximum: int = WHOLE
    ) -> Page[Reservation]:
        """DhcpV4EnumSubnetReservations ([MS-DHCPM] 3.2.4.120): one page; the maximum is a budget of bytes."""
        ...

    def get_free_addresses(
        self, scope: IPv4Address, start: IPv4Address, end: IPv4Address, count: int
    ) -> tuple[IPv4Address, ...]:
        """DhcpV4GetFreeIPAddress ([MS-DHCPM] 3.2.4.121): 0.0.0.0 stands for the start or the end of the range.

        A server that has fewer free addresses returns code 20126 together with those. That is a result, not an error.
        """
        ...
