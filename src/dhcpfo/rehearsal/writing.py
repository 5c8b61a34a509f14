"""Writes what was read from a server into a lab."""

from collections.abc import Callable
from typing import Any

from ..enums import ConfigFields
from ..errors import DhcpError
from ..models import Client, FailoverClient, OptionDefinition, OptionValue, Relationship
from ..models.names import upper_case
from ..scope import Unread, apply_write, scope_writes
from ..server import Server
from ..simulator import Lab
from .reading import ServerParts

__all__ = ["Writer"]

COMMON = tuple(name for name in Client._names if name in FailoverClient._names)

CONFIG = {
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
}
"""The fields of the service's configuration that a lab can have; Network Access Protection is not simulated."""


class Writer:
    """Writes into one server of a lab. What the lab refuses is noted in `refused`, and the rest is written.

    Args:
        lab: The lab.
        parts: What was read.
    """

    def __init__(self, lab: Lab, parts: ServerParts) -> None:
        self.lab = lab
        self.parts = parts
        self.name = parts.name
        self.server: Server = lab.connect(parts.name, direct=True)
        self.refused: list[tuple[str, str]] = []

    def attempt(self, what: str, write: Callable[..., object], *values: Any, **options: Any) -> None:
        """Write one thing, or note why that was not possible."""
        try:
            write(*values, **options)
        except (DhcpError, ValueError, TypeError) as error:
            self.refused.append((what, str(error)))

    def write_configuration(self) -> None:
        """Write everything but leases and relationships."""
        attempt, server, values = self.attempt, self.server, self.parts.values
        self._classes_and_definitions()
        for value in server.option_values():
            attempt(f"option {value.id}", server.delete_option_value, **_key(value))
        for value in values.get("options", ()):
            attempt(f"option {value.id}", server.set_option_values, [value])
        for place, policy in enumerate(values.get("policies", ()), 1):
            attempt(f"policy {policy.name}", server.create_policy, policy.replace(order=place))
        for value in values.get("policy options", ()):
            attempt(f"option {value.id} of policy {value.policy}", server.set_option_values, [value])
        if (enforced := values.get("policies enforced")) is not None:
            attempt("whether policies are enforced", server.set_policy_enforcement, enabled=enforced)
        for entry in values.get("filters", ()):
            attempt(f"filter {entry.pattern}", server.create_filter, entry)
        if (lists := values.get("filter lists")) is not None:
            attempt("the filter lists", server.set_filter_lists, allow=lists.allow, deny=lists.deny)
        for config in self.parts.scopes:
            for write in scope_writes(None, config):
                attempt(str(write.about), apply_write, server, write)
        self._service()

    def _classes_and_definitions(self) -> None:
        attempt, server, overview = self.attempt, self.server, self.parts.overview
        if not isinstance(overview.classes, Unread) and not isinstance(overview.definitions, Unread):
            # A server has its built-in classes and options in its own language.
            wanted = {upper_case(entry.name or ""): entry for entry in overview.classes}
            keys = {definition.key for definition in overview.definitions}
            for definition in server.option_definitions():
                if definition.key not in keys:
                    attempt(f"option {definition.id}", server.delete_option_definition, **_key(definition))
            for entry in server.classes():
                if wanted.get(upper_case(entry.name or "")) != entry:
                    attempt(f"class {entry.name}", server.delete_class, entry.name or "")
        if not isinstance(overview.classes, Unread):
            present = set(server.classes())
            for entry in overview.classes:
                if entry not in present:
                    attempt(f"class {entry.name}", server.create_class, entry)
        if not isinstance(overview.definitions, Unread):
            known = {definition.key: definition for definition in server.option_definitions()}
            for definition in overview.definitions:
                old = known.get(definition.key)
                if old != definition:
                    define = server.create_option_definition if old is None else server.set_option_definition
                    attempt(f"the definition of option {definition.id}", define, definition)

    def _service(self) -> None:
        values, api = self.parts.values, self.server.api
        if (config := values.get("config")) is not None:
            for field, name in CONFIG.items():
                if getattr(api.get_config(), name) != getattr(config, name):
                    self.attempt(f"the service's {name}", api.set_config, field, config)
        log = values.get("audit log")
        if log is not None and log != api.get_audit_log():
            numbers = log.disk_check_interval, log.max_size, log.min_disk_space
            self.attempt("the settings of the audit log", api.set_audit_log, log.directory or "", *numbers)

    def write_leases(self) -> None:
        """Write the records of clients."""
        for client in self.parts.clients:
            record = self.parts.failover_clients.get(client.address) or _with_times(client)
            self.attempt(f"the lease of {client.address}", self.lab.put_client, self.name, record)

    def write_relationship(self, relationship: Relationship) -> None:
        """Write a copy of a relationship, without its secret."""
        bare = relationship.replace(shared_secret=None)
        self.attempt(f"relationship {bare.name}", self.lab.put_relationship, self.name, bare)

    def write_version(self) -> None:
        """Write the version; last, because an old one cannot be asked for everything."""
        version = self.parts.values.get("version")
        if version is not None:
            self.attempt("the version", self.lab.set_version, self.name, version.major, version.minor)


def _key(value: OptionDefinition | OptionValue) -> dict[str, Any]:
    return {"id": value.id, "vendor_class": value.vendor_class, "user_class": value.user_class}


def _with_times(client: Client) -> FailoverClient:
    """Return a record that lacks the times which only a call for each lease would tell."""
    return FailoverClient(**{name: getattr(client, name) for name in COMMON})
