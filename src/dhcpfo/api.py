"""The one protocol of the house: the DHCP Server Management API of one server, one method per API function.

Everything either offers it (the simulator), carries it over a border (the C ABI), or uses it (`dhcpfo.server`).
Methods take what their function looks at and raise `dhcpfo.errors.DhcpError`; they check nothing that the server can
check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ipaddress import IPv4Address

    from .enums import AddressStatus, RelationshipFlags
    from .models import (
        ClientSearch,
        FailoverClient,
        Page,
        Relationship,
        RelationshipValues,
        ScopeStatistics,
        SystemTime,
    )

__all__ = ["CHANGES", "FUNCTIONS", "WHOLE", "ManagementApi"]

WHOLE = 0xFFFFFFFF
"""A preferred maximum that asks for everything at once."""

FUNCTIONS = {
    "create_relationship": "DhcpV4FailoverCreateRelationship",
    "set_relationship": "DhcpV4FailoverSetRelationship",
    "delete_relationship": "DhcpV4FailoverDeleteRelationship",
    "get_relationship": "DhcpV4FailoverGetRelationship",
    "enum_relationships": "DhcpV4FailoverEnumRelationship",
    "add_scopes": "DhcpV4FailoverAddScopeToRelationship",
    "remove_scopes": "DhcpV4FailoverDeleteScopeFromRelationship",
    "get_scope_relationship": "DhcpV4FailoverGetScopeRelationship",
    "get_scope_statistics": "DhcpV4FailoverGetScopeStatistics",
    "get_client": "DhcpV4FailoverGetClientInfo",
    "get_system_time": "DhcpV4FailoverGetSystemTime",
    "get_address_status": "DhcpV4FailoverGetAddressStatus",
    "trigger_address_allocation": "DhcpV4FailoverTriggerAddrAllocation",
}
"""The API function behind each method."""

CHANGES = frozenset(
    {
        "create_relationship",
        "set_relationship",
        "delete_relationship",
        "add_scopes",
        "remove_scopes",
        "trigger_address_allocation",
    }
)
"""The methods that change something on the server."""


class ManagementApi(Protocol):
    """The DHCP Server Management API of one server."""

    @property
    def server(self) -> str | None:
        """The server as people name it; None for this machine."""
        ...

    def create_relationship(self, relationship: Relationship) -> None:
        """DhcpV4FailoverCreateRelationship ([MS-DHCPM] 3.2.4.90)."""
        ...

    def set_relationship(self, name: str, flags: RelationshipFlags, values: RelationshipValues) -> None:
        """DhcpV4FailoverSetRelationship ([MS-DHCPM] 3.2.4.91): takes the ``values`` that ``flags`` name."""
        ...

    def delete_relationship(self, name: str) -> None:
        """DhcpV4FailoverDeleteRelationship ([MS-DHCPM] 3.2.4.92)."""
        ...

    def get_relationship(self, name: str) -> Relationship:
        """DhcpV4FailoverGetRelationship ([MS-DHCPM] 3.2.4.93)."""
        ...

    def enum_relationships(self, resume: int = 0, preferred_maximum: int = WHOLE) -> Page[Relationship]:
        """DhcpV4FailoverEnumRelationship ([MS-DHCPM] 3.2.4.94): one page; the maximum is a budget of bytes."""
        ...

    def add_scopes(self, name: str, scopes: Sequence[IPv4Address]) -> None:
        """DhcpV4FailoverAddScopeToRelationship ([MS-DHCPM] 3.2.4.95): ``scopes`` are those to add."""
        ...

    def remove_scopes(self, name: str, scopes: Sequence[IPv4Address]) -> None:
        """DhcpV4FailoverDeleteScopeFromRelationship ([MS-DHCPM] 3.2.4.96): ``scopes`` are those to take out."""
        ...

    def get_scope_relationship(self, scope: IPv4Address) -> Relationship:
        """DhcpV4FailoverGetScopeRelationship ([MS-DHCPM] 3.2.4.97)."""
        ...

    def get_scope_statistics(self, scope: IPv4Address) -> ScopeStatistics:
        """DhcpV4FailoverGetScopeStatistics ([MS-DHCPM] 3.2.4.98)."""
        ...

    def get_client(self, search: ClientSearch) -> FailoverClient:
        """DhcpV4FailoverGetClientInfo ([MS-DHCPM] 3.2.4.99)."""
        ...

    def get_system_time(self) -> SystemTime:
        """DhcpV4FailoverGetSystemTime ([MS-DHCPM] 3.2.4.100)."""
        ...

    def get_address_status(self, address: IPv4Address) -> AddressStatus:
        """DhcpV4FailoverGetAddressStatus ([MS-DHCPM] 3.2.4.126)."""
        ...

    def trigger_address_allocation(self, name: str) -> None:
        """DhcpV4FailoverTriggerAddrAllocation ([MS-DHCPM] 3.2.4.101)."""
        ...

    def close(self) -> None:
        """Release what the connection holds; nothing for the DLL."""
        ...
