"""What a server keeps about its service."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ...enums import ApiProtocols
from ...models import AuditLog, ServerConfig
from ..journal import Recorded

__all__ = ["ServiceTable"]

FOLDER = "C:\\Windows\\system32\\dhcp"


def _new_config() -> ServerConfig:
    return ServerConfig(
        api_protocols=ApiProtocols.TCP | ApiProtocols.NAMED_PIPE | ApiProtocols.LPC,
        database_name="dhcp.mdb",
        database_path=FOLDER,
        backup_path=f"{FOLDER}\\backup",
        backup_interval=timedelta(minutes=60),
        database_logging=1,
        cleanup_interval=timedelta(minutes=60),
        audit_log=True,
    )


def _new_audit_log() -> AuditLog:
    return AuditLog(directory=FOLDER, disk_check_interval=50, max_size=70, min_disk_space=20)


@dataclass(slots=True, kw_only=True)
class ServiceTable(Recorded):
    """The settings of the service.

    Attributes:
        config: Its configuration.
        audit_log: The settings of its audit log.
        backups: The folders that backups were written to, the last one at the end.
        started: When it was last started.
    """

    config: ServerConfig = field(default_factory=_new_config)
    audit_log: AuditLog = field(default_factory=_new_audit_log)
    backups: tuple[str, ...] = ()
    started: datetime | None = None
