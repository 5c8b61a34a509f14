"""Scopes and superscopes."""

from ipaddress import IPv4Address, IPv4Network
from typing import ClassVar

from ..enums import ScopeState
from .addresses import Addresses
from .base import Model, model
from .clients import HostInfo

__all__ = ["Scope", "Superscope", "SuperscopeEntry"]

NO_HOST = HostInfo(address=IPv4Address(0))
QUARANTINE_ON = 1
SERVING = frozenset({ScopeState.ENABLED, ScopeState.ENABLED_SWITCHED})


@model
class Scope(Model):
    """The properties of a scope (DHCP_SUBNET_INFO_VQ, Get-DhcpServerv4Scope).

    Its range, exclusions, reservations, options, policies and clients are read with other methods. Two scopes are the
    same one if they have the same ``scope_id``.

    Attributes:
        scope_id: The scope's network address, which identifies it on a server.
        subnet_mask: The subnet mask.
        name: Name for administrators, or None.
        comment: Description, or None.
        state: Whether the server leases addresses of the scope.
        primary_host: Not used: servers return 127.0.0.1, and ignore it in a change.
        quarantine: Bit 0 turns on Network Access Protection. Windows Server 2016 and later refuse it.
    """

    scope_id: IPv4Address
    subnet_mask: IPv4Address
    name: str | None = None
    comment: str | None = None
    primary_host: HostInfo = NO_HOST
    state: ScopeState = ScopeState.ENABLED
    quarantine: int = 0

    _also: ClassVar = ("enabled",)
    _powershell: ClassVar = {
        "ScopeId": "scope_id",
        "SubnetMask": "subnet_mask",
        "Name": "name",
        "State": "_shown_state",
        "Description": "comment",
        "NapEnable": "nap_enabled",
    }

    @property
    def _shown_state(self) -> str:
        return "Active" if self.enabled else "InActive"

    @property
    def enabled(self) -> bool:
        """Whether the server leases addresses of the scope."""
        return self.state in SERVING

    @property
    def nap_enabled(self) -> bool:
        """Whether Network Access Protection is on."""
        return bool(self.quarantine & QUARANTINE_ON)

    @property
    def network(self) -> IPv4Network:
        """The scope's network.

        Raises:
            ValueError: The subnet mask is not a valid one; a server does not check it.
        """
        return IPv4Network((self.scope_id, str(self.subnet_mask)))


@model
class SuperscopeEntry(Model):
    """A scope of a server and the superscope that it is in (DHCP_SUPER_SCOPE_TABLE_ENTRY).

    Attributes:
        scope_id: The scope.
        number: The number of its superscope; 0 is none.
        name: The name of its superscope, or None.
    """

    scope_id: IPv4Address
    number: int = 0
    name: str | None = None


@model
class Superscope(Model):
    """A superscope: scopes that share one physical network (Get-DhcpServerv4Superscope).

    Attributes:
        name: The superscope's name, which identifies it on a server; servers ignore case.
        scopes: Its scopes.
    """

    name: str
    scopes: Addresses

    _powershell: ClassVar = {"SuperscopeName": "name", "ScopeId": "scopes"}
