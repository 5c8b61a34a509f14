"""The service methods of `Server`: the DHCP Server service itself."""

from datetime import timedelta
from typing import Any

from .. import arguments
from ..enums import AttributeId, ConfigFields
from ..limits import MAX_DWORD, MAX_PING_ATTEMPTS
from ..models import AuditLog, Binding, ServerConfig, ServerCounters, ServerVersion
from .connection import Connection
from .unchanged import UNCHANGED, Unchanged

__all__ = ["ServiceMethods"]


class ServiceMethods(Connection):
    """The DHCP Server service itself."""

    __slots__ = ()

    def get_version(self) -> ServerVersion:
        """Return the server's version, which is that of its Windows.

        Failover needs version 6.2 (Windows Server 2012) or later. Every caller may use this method, so it also shows
        whether the server can be reached.

        Wraps DhcpGetVersion ([MS-DHCPM] 3.1.4.29).
        """
        return self._api.get_version()

    def get_attributes(self, *ids: AttributeId) -> dict[AttributeId, bool | int]:
        """Return attributes of the server, such as whether the caller may change it.

        Attributes that the server does not know are left out, so use `dict.get` for those that you are not sure of.

        Args:
            *ids: The attributes to return; all by default.

        Raises:
            NotSupportedError: The server knows none of these attributes (50).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpServerQueryAttributes ([MS-DHCPM] 3.2.4.36).
        """
        checked = tuple([arguments.member("ids", id_, AttributeId) for id_ in ids or AttributeId])
        return {attribute.id: attribute.value for attribute in self._api.query_attributes(checked)}

    def bindings(self) -> list[Binding]:
        """Return the network interfaces with a static address, and whether the service answers clients on them.

        Raises:
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpGetServerBindingInfo ([MS-DHCPM] 3.2.4.41).
        """
        return list(self._api.get_bindings())

    def get_config(self) -> ServerConfig:
        """Return the configuration of the service.

        Raises:
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpServerGetConfigVQ ([MS-DHCPM] 3.1.4.43).
        """
        return self._api.get_config()

    def set_config(
        self,
        *,
        conflict_detection_attempts: int | Unchanged = UNCHANGED,
        audit_log: bool | Unchanged = UNCHANGED,
        backup_path: str | Unchanged = UNCHANGED,
        backup_interval: timedelta | Unchanged = UNCHANGED,
        cleanup_interval: timedelta | Unchanged = UNCHANGED,
        database_logging: bool | Unchanged = UNCHANGED,
    ) -> None:
        """Change the configuration of the service, on this server only. Values that you do not pass stay as they are.

        The values of the two servers of a relationship are independent, so repeat the call on the partner. The backend
        (`api`) can also change the database's name and folder, and the other fields of `ConfigFields`.

        Args:
            conflict_detection_attempts: How often the server pings an address before it offers it: 0 to 5.
            audit_log: Whether the service writes an audit log.
            backup_path: Folder of the automatic backups, on the server's disk. The server creates it.
            backup_interval: Time between two automatic backups, whole minutes, at most 71,582.
            cleanup_interval: Time between two clean-ups of the database, whole minutes, at most 71,582.
            database_logging: Whether changes of the database are logged. Needs a restart of the service.

        Raises:
            ValueError: Nothing to change is passed, or a value cannot be sent.
            InvalidParameterError: The server does not accept a value (87).
            DhcpError: The path is not valid on the server (123).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpServerSetConfigVQ ([MS-DHCPM] 3.1.4.42).
        """
        values: dict[str, Any] = {}
        fields = ConfigFields(0)
        if not isinstance(conflict_detection_attempts, Unchanged):
            values["conflict_detection_attempts"] = arguments.number(
                "conflict_detection_attempts", conflict_detection_attempts, MAX_PING_ATTEMPTS
            )
            fields |= ConfigFields.CONFLICT_DETECTION
        if not isinstance(audit_log, Unchanged):
            values["audit_log"] = arguments.truth("audit_log", audit_log)
            fields |= ConfigFields.AUDIT_LOG
        if not isinstance(backup_path, Unchanged):
            values["backup_path"] = arguments.text("backup_path", backup_path)
            fields |= ConfigFields.BACKUP_PATH
        if not isinstance(backup_interval, Unchanged):
            values["backup_interval"] = arguments.minutes("backup_interval", backup_interval)
            fields |= ConfigFields.BACKUP_INTERVAL
        if not isinstance(cleanup_interval, Unchanged):
            values["cleanup_interval"] = arguments.minutes("cleanup_interval", cleanup_interval)
            fields |= ConfigFields.CLEANUP_INTERVAL
        if not isinstance(database_logging, Unchanged):
            values["database_logging"] = int(arguments.truth("database_logging", database_logging))
            fields |= ConfigFields.DATABASE_LOGGING
        if not fields:
            raise ValueError(
                "nothing to change: pass at least one of conflict_detection_attempts, audit_log, backup_path, "
                "backup_interval, cleanup_interval, database_logging"
            )
        self._api.set_config(fields, ServerConfig(**values))

    def get_counters(self) -> ServerCounters:
        """Return what the server has counted since it started, with the addresses of every scope, in one call.

        Raises:
            NotSupportedError: The server is older than Windows Server 2008 R2 (1745).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpGetMibInfoV5 ([MS-DHCPM] 3.2.4.82).
        """
        return self._api.get_counters()

    def get_audit_log(self) -> AuditLog:
        """Return the settings of the audit log. `ServerConfig.audit_log` says whether it is on.

        Raises:
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpAuditLogGetParams ([MS-DHCPM] 3.2.4.34).
        """
        return self._api.get_audit_log()

    def set_audit_log(
        self,
        *,
        directory: str | Unchanged = UNCHANGED,
        disk_check_interval: int | Unchanged = UNCHANGED,
        max_size: int | Unchanged = UNCHANGED,
        min_disk_space: int | Unchanged = UNCHANGED,
    ) -> None:
        """Change the settings of the audit log, on this server only. They apply after a restart of the service.

        The server can only replace all settings at once, so this method reads them first: it makes two calls. A change
        that somebody else makes between the two is lost.

        Args:
            directory: Folder of the log files, on the server's disk.
            disk_check_interval: After how many events the service checks the free space of the disk.
            max_size: The size of all log files together, in megabytes.
            min_disk_space: The free space below which the service stops writing, in megabytes.

        Raises:
            ValueError: Nothing to change is passed, or a value cannot be sent.
            InvalidParameterError: The server does not accept a value (87).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpAuditLogSetParams ([MS-DHCPM] 3.2.4.33).
        """
        changes: dict[str, Any] = {}
        if not isinstance(directory, Unchanged):
            changes["directory"] = arguments.text("directory", directory)
        numbers = {
            "disk_check_interval": disk_check_interval,
            "max_size": max_size,
            "min_disk_space": min_disk_space,
        }
        for key, value in numbers.items():
            if not isinstance(value, Unchanged):
                changes[key] = arguments.number(key, value, MAX_DWORD)
        if not changes:
            names = ", ".join(["directory", *numbers])
            raise ValueError(f"nothing to change: pass at least one of {names}")
        log = self._api.get_audit_log().replace(**changes)
        self._api.set_audit_log(log.directory or "", log.disk_check_interval, log.max_size, log.min_disk_space)

    def backup_database(self, path: str) -> None:
        """Write a backup of the server's whole database: configuration, leases and failover relationships.

        Args:
            path: An absolute path on the server's own disk. The server creates the folder. On a network share, the
                account of the service must be allowed to write there.

        Raises:
            InvalidParameterError: The server does not accept the path (87).
            DhcpError: The path is not valid on the server (123), or the database cannot be written (20013).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpServerBackupDatabase ([MS-DHCPM] 3.2.4.45).
        """
        self._api.backup_database(arguments.text("path", path))
