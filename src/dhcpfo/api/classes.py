"""The functions of the API for classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..models import DhcpClass, Page

from .failover import WHOLE

__all__ = ["ClassesApi"]


class ClassesApi(Protocol):
    """User and vendor classes."""

    def enum_classes(self, resume: int = 0, preferred_maximum: int = WHOLE) -> Page[DhcpClass]:
        """DhcpEnumClasses ([MS-DHCPM] 3.2.4.29): one page; the maximum is a budget of bytes."""
        ...

    def get_class(self, info: DhcpClass) -> DhcpClass:
        """DhcpGetClassInfo ([MS-DHCPM] 3.2.4.28): finds a class by the name or the data of ``info``."""
        ...

    def create_class(self, info: DhcpClass) -> None:
        """DhcpCreateClass ([MS-DHCPM] 3.2.4.25)."""
        ...

    def modify_class(self, info: DhcpClass) -> None:
        """DhcpModifyClass ([MS-DHCPM] 3.2.4.26): replaces data and description of the class of that name."""
        ...

    def delete_class(self, name: str) -> None:
        """DhcpDeleteClass ([MS-DHCPM] 3.2.4.27)."""
        ...
