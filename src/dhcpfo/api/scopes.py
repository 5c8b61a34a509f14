"""The functions of the API for scopes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .failover import WHOLE

if TYPE_CHECKING:
    from datetime import timedelta
    from ipaddress import IPv4Address

    from ..enums import ForceFlag
    from ..models import Page, Scope, SuperscopeEntry

__all__ = ["ScopesApi"]


class ScopesApi(Protocol):
    """Scopes and superscopes."""

    def enum_scopes(self, resume: int = 0, preferred_maximum: int = WHOLE) -> Page[IPv4Address]:
        """DhcpEnumSubnets ([MS-DHCPM] 3.1.4.4): one page; the maximum counts scopes."""
        ...

    def get_scope(self, scope: IPv4Address) -> Scope:
        """DhcpGetSubnetInfoVQ ([MS-DHCPM] 3.1.4.50)."""
        ...

    def create_scope(self, scope: IPv4Address, info: Scope) -> None:
        """DhcpCreateSubnetVQ ([MS-DHCPM] 3.1.4.49): both arguments name the scope, and must name the same one."""
        ...

    def set_scope(self, scope: IPv4Address, info: Scope) -> None:
        """DhcpSetSubnetInfoVQ ([MS-DHCPM] 3.1.4.51): ``info`` replaces all properties."""
        ...

    def delete_scope(self, scope: IPv4Address, force: ForceFlag) -> None:
        """DhcpDeleteSubnet ([MS-DHCPM] 3.1.4.8)."""
        ...

    def get_scope_delay(self, scope: IPv4Address) -> timedelta:
        """DhcpGetSubnetDelayOffer ([MS-DHCPM] 3.2.4.81)."""
        ...

    def set_scope_delay(self, scope: IPv4Address, delay: timedelta) -> None:
        """DhcpSetSubnetDelayOffer ([MS-DHCPM] 3.2.4.80)."""
        ...

    def get_superscope_table(self) -> tuple[SuperscopeEntry, ...]:
        """DhcpGetSuperScopeInfoV4 ([MS-DHCPM] 3.1.4.38): one entry for each scope of the server."""
        ...

    def set_superscope(self, scope: IPv4Address, name: str | None, move: bool) -> None:
        """DhcpSetSuperScopeV4 ([MS-DHCPM] 3.1.4.37): None takes the scope out of its superscope."""
        ...

    def delete_superscope(self, name: str) -> None:
        """DhcpDeleteSuperScopeV4 ([MS-DHCPM] 3.1.4.39)."""
        ...
