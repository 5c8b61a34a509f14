"""The rules of the service functions."""

from collections.abc import Sequence
from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

from ...enums import AttributeId, ConfigFields
from ...errors import ErrorCode
from ...limits import MAX_INTERVAL, MAX_PING_ATTEMPTS
from ...models import AuditLog, Binding, ScopeCounters, ServerAttribute, ServerConfig, ServerCounters, ServerVersion
from ..leases import hold_of
from ..runs import count
from ..transaction import Call, Rules, exclusive

__all__ = ["ServiceRules"]

MAX_BOOT_TABLE = 0x100000
WITHOUT_NAP = ServerVersion(10, 0)
MASK = 0xFFFFFF00
"""Mask of the one network that a simulated server has."""


class ServiceRules(Rules):
    """Offers `dhcpfo.api.ServiceApi`."""

    @exclusive
    def get_version(self) -> ServerVersion:
        """DhcpGetVersion ([MS-DHCPM] 3.1.4.29), which anybody may call."""
        with self._call("get_version") as call:
            # 1 is about NULL
            return call.host.version  # 2

    @exclusive
    def query_attributes(self, ids: Sequence[AttributeId]) -> tuple[ServerAttribute, ...]:
        """DhcpServerQueryAttributes ([MS-DHCPM] 3.2.4.36)."""
        with self._call("query_attributes") as call:
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            call.refuse(not ids, ErrorCode.ERROR_INVALID_PARAMETER)  # 2
            values: dict[AttributeId, bool | int] = {
                AttributeId.IS_ROGUE: False,
                AttributeId.IS_DYNAMIC_BOOTP: True,
                AttributeId.IS_PART_OF_DIRECTORY: False,
                AttributeId.IS_BINDING_AWARE: True,
                AttributeId.IS_ADMINISTRATOR: call.rights.write,
                AttributeId.RESTORE_STATUS: 0,
            }
            known = [ServerAttribute(entry, values[entry]) for entry in ids if entry in values]
            call.refuse(not known, ErrorCode.ERROR_NOT_SUPPORTED)  # 3
            return tuple(known)  # 4

    @exclusive
    def get_bindings(self) -> tuple[Binding, ...]:
        """DhcpGetServerBindingInfo ([MS-DHCPM] 3.2.4.41): a simulated server has one interface."""
        with self._call("get_bindings") as call:
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            # 2 is about the flags
            address = call.host.address
            subnet = IPv4Address(int(address) & MASK)
            found = Binding(
                bound=True, address=address, subnet=subnet, description="Ethernet", interface_id=address.packed
            )
            return (found,)  # 3

    @exclusive
    def get_config(self) -> ServerConfig:
        """DhcpServerGetConfigVQ ([MS-DHCPM] 3.1.4.43)."""
        with self._call("get_config") as call:
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            return call.host.service.config  # 2

    @exclusive
    def set_config(self, fields: ConfigFields, values: ServerConfig) -> None:
        """DhcpServerSetConfigVQ ([MS-DHCPM] 3.1.4.42): unknown fields are ignored."""
        with self._call("set_config") as call:
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            changes: dict[str, Any] = {}
            for field, name in FIELDS.items():
                if field & fields:
                    _check_config(call, field, getattr(values, name))  # 2 to 9
                    changes[name] = getattr(values, name)
            if changes:
                call.host.service.config = call.host.service.config.replace(**changes)  # 10

    @exclusive
    def get_counters(self) -> ServerCounters:
        """DhcpGetMibInfoV5 ([MS-DHCPM] 3.2.4.82): simulated servers do not count messages."""
        with self._call("get_counters") as call:
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            return ServerCounters(
                discovers=0,
                offers=0,
                requests=0,
                acks=0,
                naks=0,
                declines=0,
                releases=0,
                start_time=call.host.service.started,
                delayed_offers=0,
                scopes_with_delayed_offers=sum(bool(scope.properties.delay) for scope in call.host.scopes.values()),
                scopes=tuple(_counters(call, scope) for scope in sorted(call.host.scopes)),
            )  # 2

    @exclusive
    def get_audit_log(self) -> AuditLog:
        """DhcpAuditLogGetParams ([MS-DHCPM] 3.2.4.34)."""
        with self._call("get_audit_log") as call:
            # 1 is about the flags
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            return call.host.service.audit_log  # 3

    @exclusive
    def set_audit_log(self, directory: str, disk_check_interval: int, max_size: int, min_disk_space: int) -> None:
        """DhcpAuditLogSetParams ([MS-DHCPM] 3.2.4.33)."""
        with self._call("set_audit_log") as call:
            call.refuse(directory is None, ErrorCode.ERROR_INVALID_PARAMETER)  # 1
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            call.host.service.audit_log = AuditLog(
                directory=directory,
                disk_check_interval=disk_check_interval,
                max_size=max_size,
                min_disk_space=min_disk_space,
            )  # 3

    @exclusive
    def backup_database(self, path: str) -> None:
        """DhcpServerBackupDatabase ([MS-DHCPM] 3.2.4.45): the lab remembers the path and writes nothing."""
        with self._call("backup_database") as call:
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            call.refuse(not path, ErrorCode.ERROR_INVALID_PARAMETER)  # 2
            call.refuse(not _fits_code_page(path), ErrorCode.ERROR_INVALID_NAME)  # 3
            call.host.service.backups = (*call.host.service.backups, path)  # 4


FIELDS = {
    ConfigFields.API_PROTOCOLS: "api_protocols",
    ConfigFields.DATABASE_NAME: "database_name",
    ConfigFields.DATABASE_PATH: "database_path",
    ConfigFields.BACKUP_PATH: "backup_path",
    ConfigFields.BACKUP_INTERVAL: "backup_interval",
    ConfigFields.DATABASE_LOGGING: "database_logging",
    ConfigFields.RESTORE: "restore",
    ConfigFields.CLEANUP_INTERVAL: "cleanup_interval",
    ConfigFields.DEBUG_FLAGS: "debug_flags",
    ConfigFields.CONFLICT_DETECTION: "conflict_detection_attempts",
    ConfigFields.BOOT_TABLE: "boot_table",
    ConfigFields.AUDIT_LOG: "audit_log",
    ConfigFields.NAP_ENABLED: "nap_enabled",
    ConfigFields.NAP_UNREACHABLE_ACTION: "nap_unreachable_action",
}
"""The attribute of each field, in the order in which [MS-DHCPM] checks them."""


def _check_config(call: Call, field: ConfigFields, value: Any) -> None:
    """Check one new value of the configuration."""
    invalid = ErrorCode.ERROR_INVALID_PARAMETER
    match field:
        case ConfigFields.API_PROTOCOLS:
            call.refuse(value == 0, invalid)
        case ConfigFields.DATABASE_NAME | ConfigFields.DATABASE_PATH | ConfigFields.BACKUP_PATH:
            call.refuse(not value, invalid)
            call.refuse(not _fits_code_page(value), ErrorCode.ERROR_INVALID_NAME)
        case ConfigFields.BACKUP_INTERVAL | ConfigFields.CLEANUP_INTERVAL:
            call.refuse(value == timedelta(0), invalid)
            call.refuse(value > MAX_INTERVAL, ErrorCode.ERROR_ARITHMETIC_OVERFLOW)
        case ConfigFields.CONFLICT_DETECTION:
            call.refuse(value > MAX_PING_ATTEMPTS, invalid)
        case ConfigFields.BOOT_TABLE:
            call.refuse(len(value) > MAX_BOOT_TABLE, invalid)
        case ConfigFields.NAP_ENABLED | ConfigFields.NAP_UNREACHABLE_ACTION:
            call.refuse(call.host.version >= WITHOUT_NAP, ErrorCode.ERROR_DHCP_NAP_NOT_SUPPORTED)


def _fits_code_page(path: str) -> bool:
    """Return whether Windows can convert a path to the code page of Western European systems."""
    try:
        path.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _counters(call: Call, key: IPv4Address) -> ScopeCounters:
    scope = call.host.scopes[key]
    hold = hold_of(call.lab, call.host, call.host.endpoint_of_scope(key))
    return ScopeCounters(
        scope_id=key,
        addresses_in_use=count(scope.clients.used(call.local_time, hold)),
        addresses_free=count(scope.free(call.local_time, hold)),
        pending_offers=0,
    )
