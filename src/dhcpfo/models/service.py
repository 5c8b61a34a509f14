"""The DHCP Server service: its version and attributes."""

from ..enums import AttributeId
from .base import Model, Ordered, model

__all__ = ["ServerAttribute", "ServerVersion"]


@model(kw_only=False)
class ServerVersion(Ordered):
    """The version of a DHCP server, which is that of its Windows (DhcpGetVersion, Get-DhcpServerVersion).

    Versions compare, so ``version >= ServerVersion(6, 2)`` tells whether a server can do failover.

    Attributes:
        major: Major version number: 6 for Windows Server 2012 and 2012 R2, 10 for later ones.
        minor: Minor version number: 2 for Windows Server 2012, 3 for 2012 R2, 0 for later ones.
    """

    major: int
    minor: int

    _powershell = {"MajorVersion": "major", "MinorVersion": "minor"}

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


@model(kw_only=False)
class ServerAttribute(Model):
    """One attribute of a DHCP server (DHCP_ATTRIB).

    Attributes:
        id: Which attribute it is.
        value: True or False, or a number for `AttributeId.RESTORE_STATUS`.
    """

    id: AttributeId
    value: bool | int
