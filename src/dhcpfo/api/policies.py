"""The functions of the API for policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .failover import WHOLE

if TYPE_CHECKING:
    from ipaddress import IPv4Address

    from ..enums import PolicyFields
    from ..models import AddressRange, Page, Policy

__all__ = ["PoliciesApi"]


class PoliciesApi(Protocol):
    """Policies of the server (``scope`` is None) and of scopes."""

    def enum_policies(self, scope: IPv4Address | None, resume: int = 0, preferred_maximum: int = WHOLE) -> Page[Policy]:
        """DhcpV4EnumPoliciesEx ([MS-DHCPM] 3.2.4.130): one page; the maximum counts policies."""
        ...

    def get_policy(self, name: str, scope: IPv4Address | None) -> Policy:
        """DhcpV4GetPolicyEx ([MS-DHCPM] 3.2.4.128)."""
        ...

    def create_policy(self, policy: Policy) -> None:
        """DhcpV4CreatePolicyEx ([MS-DHCPM] 3.2.4.127)."""
        ...

    def set_policy(self, name: str, scope: IPv4Address | None, fields: PolicyFields, values: Policy) -> None:
        """DhcpV4SetPolicyEx ([MS-DHCPM] 3.2.4.129): takes the ``values`` that ``fields`` name."""
        ...

    def delete_policy(self, name: str, scope: IPv4Address | None) -> None:
        """DhcpV4DeletePolicy ([MS-DHCPM] 3.2.4.112)."""
        ...

    def get_policy_enforcement(self, scope: IPv4Address | None) -> bool:
        """DhcpV4QueryPolicyEnforcement ([MS-DHCPM] 3.2.4.107)."""
        ...

    def set_policy_enforcement(self, scope: IPv4Address | None, enabled: bool) -> None:
        """DhcpV4SetPolicyEnforcement ([MS-DHCPM] 3.2.4.108)."""
        ...

    def add_policy_range(self, name: str, scope: IPv4Address, span: AddressRange) -> None:
        """DhcpV4AddPolicyRange ([MS-DHCPM] 3.2.4.114)."""
        ...

    def remove_policy_range(self, name: str, scope: IPv4Address, span: AddressRange) -> None:
        """DhcpV4RemovePolicyRange ([MS-DHCPM] 3.2.4.115)."""
        ...
