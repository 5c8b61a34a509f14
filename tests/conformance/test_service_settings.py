"""Configuration, counters, audit log, bindings and backups: each rule of [MS-DHCPM], by each route."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

import pytest
from worlds import BOOTP, DHCP1, OTHER, SCOPE, THIRD, Rights, World

from dhcpfo.enums import ApiProtocols, ConfigFields
from dhcpfo.errors import DhcpError
from dhcpfo.models import AuditLog, Binding, ScopeCounters, ServerConfig

DENIED, INVALID, BAD_NAME, OVERFLOW, NO_NAP = 5, 87, 123, 534, 20138
F = ConfigFields
HOUR = timedelta(hours=1)


def code(call, *arguments):
    """The code that a call answers; 0 for success."""
    try:
        call(*arguments)
    except DhcpError as error:
        return error.winerror
    return 0


@pytest.fixture
def api(world: World):
    return world.api("dhcp1")


READS = ["get_bindings", "get_config", "get_counters", "get_audit_log"]


@pytest.mark.parametrize("method", READS)
def test_reading_needs_a_user(world, method):
    assert code(getattr(world.api("dhcp1", Rights.USER), method)) == 0
    assert code(getattr(world.api("dhcp1", Rights.NONE), method)) == DENIED


@pytest.mark.parametrize("rights", [Rights.USER, Rights.NONE])
def test_changing_needs_an_administrator(world, rights):
    api = world.api("dhcp1", rights)
    assert code(api.set_config, F.AUDIT_LOG, ServerConfig()) == DENIED
    assert code(api.set_config, F.CONFLICT_DETECTION, ServerConfig(conflict_detection_attempts=6)) == DENIED
    assert code(api.set_audit_log, "C:\\", 1, 2, 3) == DENIED
    assert code(api.backup_database, "C:\\backup") == DENIED


def test_bindings(api):
    (found,) = api.get_bindings()
    assert isinstance(found, Binding)
    assert (found.address, found.subnet, found.bound, found.fixed) == (DHCP1, IPv4Address("192.0.2.0"), True, False)


REFUSED = {
    "no protocol": (F.API_PROTOCOLS, {"api_protocols": ApiProtocols(0)}, INVALID),
    "no database": (F.DATABASE_NAME, {"database_name": None}, INVALID),
    "an empty folder": (F.DATABASE_PATH, {"database_path": ""}, INVALID),
    "no backup folder": (F.BACKUP_PATH, {"backup_path": None}, INVALID),
    "a folder that ANSI does not have": (F.BACKUP_PATH, {"backup_path": "C:\\\u5099"}, BAD_NAME),
    "no backup interval": (F.BACKUP_INTERVAL, {"backup_interval": timedelta(0)}, INVALID),
    "a long backup interval": (F.BACKUP_INTERVAL, {"backup_interval": timedelta(minutes=71583)}, OVERFLOW),
    "no clean-up interval": (F.CLEANUP_INTERVAL, {"cleanup_interval": timedelta(0)}, INVALID),
    "a long clean-up interval": (F.CLEANUP_INTERVAL, {"cleanup_interval": timedelta(minutes=71583)}, OVERFLOW),
    "six pings": (F.CONFLICT_DETECTION, {"conflict_detection_attempts": 6}, INVALID),
    "a long boot table": (F.BOOT_TABLE, {"boot_table": b"\0" * 0x100002}, INVALID),
    "NAP": (F.NAP_ENABLED, {"nap_enabled": True}, NO_NAP),
    "the action of NAP": (F.NAP_UNREACHABLE_ACTION, {"nap_unreachable_action": 1}, NO_NAP),
}


class TestConfig:
    @pytest.mark.parametrize(("field", "values", "answer"), REFUSED.values(), ids=REFUSED)
    def test_a_refusal(self, api, field, values, answer):
        before = api.get_config()
        assert code(api.set_config, field | F.AUDIT_LOG, ServerConfig(**values)) == answer
        assert api.get_config() == before

    ACCEPTED = (
        (F.API_PROTOCOLS, "api_protocols", ApiProtocols.TCP),
        (F.DATABASE_NAME, "database_name", "other.mdb"),
        (F.DATABASE_PATH, "database_path", "D:\\dhcp"),
        (F.BACKUP_PATH, "backup_path", "E:\\b\u00e4ckup"),
        (F.BACKUP_INTERVAL, "backup_interval", timedelta(minutes=71582)),
        (F.DATABASE_LOGGING, "database_logging", 0),
        (F.RESTORE, "restore", 1),
        (F.CLEANUP_INTERVAL, "cleanup_interval", 2 * HOUR),
        (F.DEBUG_FLAGS, "debug_flags", 0xF0),
        (F.CONFLICT_DETECTION, "conflict_detection_attempts", 5),
        (F.BOOT_TABLE, "boot_table", b"a\0"),
        (F.AUDIT_LOG, "audit_log", False),
    )

    @pytest.mark.parametrize(("field", "name", "value"), ACCEPTED, ids=lambda value: getattr(value, "name", ""))
    def test_a_field_alone(self, api, field, name, value):
        """The other values of the structure are ignored."""
        before = api.get_config()
        everything = ServerConfig(**{key: new for _, key, new in self.ACCEPTED})
        api.set_config(field, everything)
        assert api.get_config() == replace(before, **{name: value})

    def test_no_field_and_unknown_ones(self, api):
        before = api.get_config()
        assert code(api.set_config, F(0), ServerConfig()) == code(api.set_config, F(0x4000), ServerConfig()) == 0
        assert api.get_config() == before

    def test_nap_on_an_older_server(self, world, api):
        world.lab.set_version("dhcp1", 6, 3)
        api.set_config(F.NAP_ENABLED, ServerConfig(nap_enabled=True))
        assert api.get_config().nap_enabled is True

    def test_each_server_has_its_own(self, world, api):
        api.set_config(F.CONFLICT_DETECTION, ServerConfig(conflict_detection_attempts=3))
        assert world.api("dhcp2").get_config().conflict_detection_attempts == 0


def test_audit_log(world, api):
    assert world.api("dhcp2").get_audit_log() == api.get_audit_log()
    api.set_audit_log("D:\\logs", 51, 71, 21)
    assert api.get_audit_log() == AuditLog(directory="D:\\logs", disk_check_interval=51, max_size=71, min_disk_space=21)
    assert world.api("dhcp2").get_audit_log() != api.get_audit_log()


def test_counters_of_every_scope(world, api):
    world.lab.lease(SCOPE, bytes.fromhex("0a1b2c3d4e5f"))
    found = api.get_counters()
    assert [entry.scope_id for entry in found.scopes] == [SCOPE, OTHER, THIRD, BOOTP]
    assert found.scopes[0] == ScopeCounters(scope_id=SCOPE, addresses_in_use=1, addresses_free=253, pending_offers=0)
    assert found.scopes[1] == ScopeCounters(scope_id=OTHER, addresses_in_use=0, addresses_free=254, pending_offers=0)
    assert found.start_time == datetime(2026, 1, 1, tzinfo=UTC)
    world.lab.stop("dhcp1")
    world.lab.advance(HOUR)
    world.lab.start("dhcp1")
    assert api.get_counters().start_time == datetime(2026, 1, 1, 1, tzinfo=UTC)


def test_counters_of_an_older_server(world, api):
    world.lab.set_version("dhcp1", 6, 0)
    assert code(api.get_counters) == 1745


def test_backup(api):
    assert code(api.backup_database, "C:\\backup") == 0
    assert code(api.backup_database, "") == INVALID
    assert code(api.backup_database, "C:\\\u5099") == BAD_NAME
