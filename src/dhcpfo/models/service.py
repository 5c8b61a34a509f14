"""The DHCP Server service: its version and attributes."""

from dataclasses import dataclass
from typing import Any

from ..enums import AttributeId

__all__ = ["ServerAttribute", "ServerVersion"]


@dataclass(frozen=True, slots=True, order=True)
class ServerVersion:
    """The version of a DHCP server, which is that of its Windows (DhcpGetVersion).

    Versions compare, so ``version >= ServerVersion(6, 2)`` tells whether a server can do failover.

    Attributes:
        major: Major version number: 6 for Windows Server 2012 and 2012 R2, 10 for later ones.
        minor: Minor version number: 2 for Windows Server 2012, 3 for 2012 R2, 0 for later ones.
    """

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"

    def to_dict(self, *, powershell: bool = False) -> dict[str, Any]:
        """Return JSON-ready values.

        Args:
            powershell: Use the property names of Get-DhcpServerVersion.
        """
        if powershell:
            return {"MajorVersion": self.major, "MinorVersion": self.minor}
        return {"major": self.major, "minor": self.minor}


@dataclass(frozen=True, slots=True)
class ServerAttribute:
    """One attribute of a DHCP server (DHCP_ATTRIB).

    Attributes:
        id: Which attribute it is.
        value: True or False, or a number for `AttributeId.RESTORE_STATUS`.
    """

    id: AttributeId
    value: bool | int

    def to_dict(self, *, powershell: bool = False) -> dict[str, Any]:
        """Return JSON-ready values. No cmdlet shows them, so both forms are the same."""
        return {"id": self.id.name, "value": self.value}
