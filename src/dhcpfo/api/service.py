"""The functions of the API that are about the DHCP Server service itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..enums import AttributeId, ConfigFields
    from ..models import AuditLog, Binding, ServerAttribute, ServerConfig, ServerCounters, ServerVersion

__all__ = ["ServiceApi"]


class ServiceApi(Protocol):
    """The DHCP Server service: version, attributes, bindings, configuration, counters, audit log, backups."""

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

    def get_bindings(self) -> tuple[Binding, ...]:
        """DhcpGetServerBindingInfo ([MS-DHCPM] 3.2.4.41)."""
        ...

    def get_config(self) -> ServerConfig:
        """DhcpServerGetConfigVQ ([MS-DHCPM] 3.1.4.43)."""
        ...

    def set_config(self, fields: ConfigFields, values: ServerConfig) -> None:
        """DhcpServerSetConfigVQ ([MS-DHCPM] 3.1.4.42): takes the ``values`` that ``fields`` name."""
        ...

    def get_counters(self) -> ServerCounters:
        """DhcpGetMibInfoV5 ([MS-DHCPM] 3.2.4.82)."""
        ...

    def get_audit_log(self) -> AuditLog:
        """DhcpAuditLogGetParams ([MS-DHCPM] 3.2.4.34)."""
        ...

    def set_audit_log(self, directory: str, disk_check_interval: int, max_size: int, min_disk_space: int) -> None:
        """DhcpAuditLogSetParams ([MS-DHCPM] 3.2.4.33)."""
        ...

    def backup_database(self, path: str) -> None:
        """DhcpServerBackupDatabase ([MS-DHCPM] 3.2.4.45)."""
        ...
