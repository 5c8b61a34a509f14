"""NativeApi over literal bytes of the service; see test_literal.py."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from dhcpfo.enums import ApiProtocols, ConfigFields
from dhcpfo.models import AuditLog, Binding, ScopeCounters, ServerConfig, ServerCounters, to_address
from literal import GIVEN, NULL, PAD4, Witness, provided

pytestmark = pytest.mark.abi

CONFIG = ServerConfig(
    api_protocols=ApiProtocols(0x80000005),
    database_name="a",
    database_path="b",
    backup_path="c",
    backup_interval=timedelta(minutes=61),
    database_logging=2,
    restore=3,
    cleanup_interval=timedelta(minutes=62),
    debug_flags=0xF0000004,
    conflict_detection_attempts=6,
    boot_table=b"a\0\0\0",
    audit_log=True,
    nap_unreachable_action=0x80000007,
)


@pytest.fixture
def witness() -> Iterator[Witness]:
    yield from provided("literal_service")


def test_config(witness: Witness) -> None:
    assert witness.api.get_config() == CONFIG


def test_set_config(witness: Witness) -> None:
    """Without a boot table, its pointer is NULL."""
    witness.api.set_config(ConfigFields(0x80002FFF), CONFIG.replace(boot_table=b""))
    numbers = bytes.fromhex("3d000000 02000000 03000000 3e000000 040000f0 06000000 00000000")
    rest = bytes.fromhex("01000000 00000000 07000080 00000000")
    assert witness.seen == [
        b"\xff\x2f\0\x80",
        b"\5\0\0\x80" + PAD4 + GIVEN * 3 + numbers + PAD4 + NULL + rest,
        b"a\0\0\0",
        b"b\0\0\0",
        b"c\0\0\0",
    ]


def test_bindings(witness: Witness) -> None:
    found = Binding(
        flags=0x80000005,
        bound=True,
        address=to_address("192.0.2.1"),
        subnet=to_address("192.0.2.0"),
        description="a",
        interface_id=b"\x01\x00\xff",
    )
    assert witness.api.get_bindings() == (found,)
    assert witness.seen == [b"\0\0\0\0"]


def test_counters(witness: Witness) -> None:
    scope = ScopeCounters(
        scope_id=to_address("10.0.1.0"), addresses_in_use=30, addresses_free=70, pending_offers=0x80000005
    )
    assert witness.api.get_counters() == ServerCounters(
        discovers=0x80000001,
        offers=2,
        requests=3,
        acks=4,
        naks=5,
        declines=6,
        releases=7,
        start_time=datetime(1970, 1, 1, tzinfo=UTC),
        delayed_offers=8,
        scopes_with_delayed_offers=9,
        scopes=[scope],
    )


def test_audit_log(witness: Witness) -> None:
    found = AuditLog(directory="a", disk_check_interval=0xF1020304, max_size=2, min_disk_space=3)
    assert witness.api.get_audit_log() == found
    assert witness.seen == [b"\0\0\0\0"]


def test_set_audit_log(witness: Witness) -> None:
    witness.api.set_audit_log("é", 0xF1020304, 2, 3)
    assert witness.seen == [b"\0\0\0\0", b"\xe9\0\0\0", b"\4\3\2\xf1", b"\2\0\0\0", b"\3\0\0\0"]


def test_backup(witness: Witness) -> None:
    witness.api.backup_database("é\\b")
    assert witness.seen == [b"\xe9\0\\\0b\0\0\0"]
