"""The examples of the service beyond its version and attributes; `examples` has those of all families."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import Any

from dhcpfo.enums import ApiProtocols, ConfigFields
from dhcpfo.models import AuditLog, AuthorizedServer, Binding, ScopeCounters, ServerConfig, ServerCounters

BINDING = Binding(
    flags=5,
    bound=True,
    address=IPv4Address("192.0.2.1"),
    subnet=IPv4Address("192.0.2.0"),
    description="Ethernet 2",
    interface_id=bytes.fromhex("0f1e2d3c"),
)
CONFIG = ServerConfig(
    api_protocols=ApiProtocols.TCP | ApiProtocols.LPC,
    database_name="dhcp.mdb",
    database_path="D:\\dhcp",
    backup_path="E:\\backup",
    backup_interval=timedelta(minutes=61),
    database_logging=2,
    restore=3,
    cleanup_interval=timedelta(minutes=62),
    debug_flags=4,
    conflict_detection_attempts=6,
    boot_table="a,b".encode("utf-16-le"),
    audit_log=False,
    nap_enabled=True,
    nap_unreachable_action=7,
)
CHANGES: dict[str, Any] = {
    "conflict_detection_attempts": 2,
    "audit_log": True,
    "backup_path": "F:\\backup",
    "backup_interval": timedelta(minutes=90),
    "cleanup_interval": timedelta(minutes=120),
    "database_logging": True,
}
"""One value for each keyword of `Server.set_config`."""

CHANGED_FIELDS = (
    ConfigFields.CONFLICT_DETECTION
    | ConfigFields.AUDIT_LOG
    | ConfigFields.BACKUP_PATH
    | ConfigFields.BACKUP_INTERVAL
    | ConfigFields.CLEANUP_INTERVAL
    | ConfigFields.DATABASE_LOGGING
)
SCOPE_COUNTERS = ScopeCounters(
    scope_id=IPv4Address("10.0.1.0"), addresses_in_use=30, addresses_free=70, pending_offers=5
)
COUNTERS = ServerCounters(
    discovers=101,
    offers=102,
    requests=103,
    acks=104,
    naks=105,
    declines=106,
    releases=107,
    start_time=datetime(2026, 5, 4, 12, 12, tzinfo=UTC),
    delayed_offers=108,
    scopes_with_delayed_offers=109,
    scopes=(SCOPE_COUNTERS,),
)
AUDIT_LOG = AuditLog(directory="C:\\logs", disk_check_interval=50, max_size=70, min_disk_space=20)

AUTHORIZED = AuthorizedServer(name="dhcp7.example.com", address="192.0.2.7")

MODELS = (AUTHORIZED, BINDING, CONFIG, SCOPE_COUNTERS, COUNTERS, AUDIT_LOG)

CALLS: dict[str, dict[str, Any]] = {
    "get_bindings": {"arguments": (), "answer": (BINDING,), "method": "bindings", "result": [BINDING]},
    "get_config": {"arguments": (), "answer": CONFIG, "method": "get_config", "result": CONFIG},
    "set_config": {
        "arguments": (CHANGED_FIELDS, ServerConfig(**CHANGES | {"database_logging": 1})),
        "answer": None,
        "method": "set_config",
        "keywords": CHANGES,
    },
    "get_counters": {"arguments": (), "answer": COUNTERS, "method": "get_counters", "result": COUNTERS},
    "get_audit_log": {"arguments": (), "answer": AUDIT_LOG, "method": "get_audit_log", "result": AUDIT_LOG},
    "set_audit_log": {
        "arguments": ("D:\\logs", 51, 71, 21),
        "answer": None,
        "method": "set_audit_log",
        "keywords": {"directory": "D:\\logs", "disk_check_interval": 51, "max_size": 71, "min_disk_space": 21},
        "before": (("get_audit_log", ()),),
    },
    "backup_database": {
        "arguments": ("E:\\before the change",),
        "answer": None,
        "method": "backup_database",
        "given": ("E:\\before the change",),
    },
}
