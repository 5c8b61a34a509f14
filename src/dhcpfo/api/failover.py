"""The failover functions of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ..limits import MAX_DWORD

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ipaddress import IPv4Address

    from ..enums import AddressStatus, RelationshipFlags
    from ..models import (
        ClientSearch,
        FailoverClient,
        Page,
        Relationship,
        RelationshipValues,
        ScopeStatistics,
        SystemTime,
    )

__all__ = ["WHOLE", "FailoverApi"]

WHOLE = MAX_DWORD
"""A preferred maximum that asks for everything at once."""


class FailoverApi(Protocol):
    """Failover relationships, their scopes and their clients."""

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

    def add_failover_scopes(self, name: str, scopes: Sequence[IPv4Address]) -> None:
        """DhcpV4FailoverAddScopeToRelationship ([MS-DHCPM] 3.2.4.95): ``scopes`` are those to add."""
        ...

    def remove_failover_scopes(self, name: str, scopes: Sequence[IPv4Address]) -> None:
        """DhcpV4FailoverDeleteScopeFromRelationship ([MS-DHCPM] 3.2.4.96): ``scopes`` are those to take out."""
        ...

    def get_scope_relationship(self, scope: IPv4Address) -> Relationship:
        """DhcpV4FailoverGetScopeRelationship ([MS-DHCPM] 3.2.4.97)."""
        ...

    def get_scope_statistics(self, scope: IPv4Address) -> ScopeStatistics:
        """DhcpV4FailoverGetScopeStatistics ([MS-DHCPM] 3.2.4.98)."""
        ...

    def get_failover_client(self, search: ClientSearch) -> FailoverClient:
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
