"""Address counts of one scope, and the clock of one server."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

__all__ = ["ScopeStatistics", "SystemTime"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeStatistics:
    """Address counts of a failover scope as one server sees them (DHCP_FAILOVER_STATISTICS).

    Attributes:
        addresses_total: Leasable addresses of the scope.
        addresses_free: Free addresses of both servers together.
        addresses_in_use: Addresses in use at both servers together.
        addresses_free_on_this_server: Free addresses that the server asked may give out.
        addresses_free_on_partner_server: Free addresses that its partner may give out.
        addresses_in_use_on_this_server: Addresses given out by the server asked.
        addresses_in_use_on_partner_server: Addresses given out by its partner.
    """

    addresses_total: int
    addresses_free: int
    addresses_in_use: int
    addresses_free_on_this_server: int
    addresses_free_on_partner_server: int
    addresses_in_use_on_this_server: int
    addresses_in_use_on_partner_server: int

    def to_dict(self, *, powershell: bool = False) -> dict[str, Any]:
        """Return JSON-ready values.

        Args:
            powershell: Use the property names of Get-DhcpServerv4ScopeStatistics -Failover.
        """
        values: dict[str, Any] = asdict(self)
        if powershell:
            return {"".join(word.capitalize() for word in key.split("_")): value for key, value in values.items()}
        return values


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemTime:
    """The clock of one server (DhcpV4FailoverGetSystemTime).

    Attributes:
        time: The server's clock, to the second, in UTC.
        max_allowed_difference: By how much the partners' clocks may differ. The API names no unit; read as seconds.
    """

    time: datetime
    max_allowed_difference: timedelta

    def to_dict(self, *, powershell: bool = False) -> dict[str, Any]:
        """Return JSON-ready values: ISO 8601 text and seconds. No cmdlet shows these, so both forms are one."""
        return {
            "time": self.time.isoformat(),
            "max_allowed_difference": int(self.max_allowed_difference.total_seconds()),
        }
