"""The functions of the API that are about the DHCP Server service itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..enums import AttributeId
    from ..models import ServerAttribute, ServerVersion

__all__ = ["ServiceApi"]


class ServiceApi(Protocol):
    """The version and attributes of the DHCP Server service."""

    def get_version(self) -> ServerVersion:
        """DhcpGetVersion ([MS-DHCPM] 3.1.4.29)."""
        ...

    def query_attributes(self, ids: Sequence[AttributeId]) -> tuple[ServerAttribute, ...]:
        """DhcpServerQueryAttributes ([MS-DHCPM] 3.2.4.36): return the attributes that the server knows.

        A server that knows only some of the ``ids`` returns code 50 together with the values of those. That is a
        result, not an error: the attributes returned tell which ones are missing. A server that knows none of them
        returns code 50 without values, which is an error.
        """
        ...
