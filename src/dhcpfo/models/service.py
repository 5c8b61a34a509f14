"""The DHCP Server service: its version, attributes, bindings, configuration, counters and audit log."""

from datetime import datetime, timedelta
from ipaddress import IPv4Address

from ..enums import ApiProtocols, AttributeId
from .base import Model, Ordered, model

__all__ = [
    "AuditLog",
    "AuthorizedServer",
    "Binding",
    "ScopeCounters",
    "ServerAttribute",
    "ServerConfig",
    "ServerCounters",
    "ServerVersion",
]

FIXED = 0x1


@model(kw_only=False)
class ServerVersion(Ordered):
    """The version of a DHCP server, which is that of its Windows (DhcpGetVersion, Get-DhcpServerVersion).

    Versions compare, so ``version >= ServerVersion(6, 2)`` tells whether a server can do failover.

    Attributes:
        major: Major version number: 6 for Windows Server 2012 and 2012 R2, 10 for later ones.
        minor: Minor version number: 2 for Windows Server 2012, 3 for 2012 R2, 0 for later ones.
    """

    major: int
    minor: int

    _powershell = {"MajorVersion": "major", "MinorVersion": "minor"}

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


@model(kw_only=False)
class ServerAttribute(Model):
    """One attribute of a DHCP server (DHCP_ATTRIB).

    Attributes:
        id: Which attribute it is.
        value: True or False, or a number for `AttributeId.RESTORE_STATUS`.
    """

    id: AttributeId
    value: bool | int


@model
class Binding(Model):
    """A network interface of the server, and whether the service uses it (DHCP_BIND_ELEMENT, Get-DhcpServerv4Binding).

    The two addresses are as the server returned them. Whether real servers swap their bytes is not proved yet, so
    compare them with an address that you know before you rely on them.

    Attributes:
        address: The interface's first address.
        subnet: The subnet of that address.
        bound: Whether the service answers clients on this interface.
        description: The interface's description, or None.
        interface_id: The bytes that identify the interface.
        flags: Bit 0: whether the service uses the interface cannot be changed.
    """

    flags: int = 0
    bound: bool
    address: IPv4Address
    subnet: IPv4Address
    description: str | None = None
    interface_id: bytes = b""

    _also = ("fixed",)
    _powershell = {"InterfaceDescription": "description", "IPAddress": "address", "BindingState": "bound"}

    @property
    def fixed(self) -> bool:
        """Whether it cannot be changed if the service uses the interface."""
        return bool(self.flags & FIXED)


@model
class ServerConfig(Model):
    """The configuration of the service (DHCP_SERVER_CONFIG_INFO_VQ, Get-DhcpServerDatabase, Get-DhcpServerSetting).

    Paths are those of the server's own disk.

    Attributes:
        api_protocols: The protocols over which the service accepts calls of this API.
        database_name: File name of the database, or None.
        database_path: Folder of the database, or None.
        backup_path: Folder of the automatic backups, or None.
        backup_interval: Time between two automatic backups, whole minutes.
        database_logging: Whether changes of the database are logged; 0 is no, all other numbers are yes.
        restore: Whether the database is restored from the backup when the service starts; 0 is no.
        cleanup_interval: Time between two clean-ups of the database, whole minutes.
        debug_flags: What the service logs for debugging; undocumented.
        conflict_detection_attempts: How often the server pings an address before it offers it, 0 to 5.
        boot_table: Table of boot files for BOOTP clients, as bytes in UTF-16.
        audit_log: Whether the service writes an audit log; see `AuditLog`.
        nap_enabled: Whether Network Access Protection is on. Always false from Windows Server 2016 on.
        nap_unreachable_action: What happens if its policy server cannot be reached.
    """

    api_protocols: ApiProtocols = ApiProtocols(0)
    database_name: str | None = None
    database_path: str | None = None
    backup_path: str | None = None
    backup_interval: timedelta = timedelta(0)
    database_logging: int = 0
    restore: int = 0
    cleanup_interval: timedelta = timedelta(0)
    debug_flags: int = 0
    conflict_detection_attempts: int = 0
    boot_table: bytes = b""
    audit_log: bool = False
    nap_enabled: bool = False
    nap_unreachable_action: int = 0

    _powershell = {
        "FileName": "_file_name",
        "BackupPath": "backup_path",
        "BackupInterval": "_backup_minutes",
        "CleanupInterval": "_cleanup_minutes",
        "LoggingEnabled": "_logging",
        "RestoreFromBackup": "_restoring",
        "ConflictDetectionAttempts": "conflict_detection_attempts",
        "NapEnabled": "nap_enabled",
    }

    @property
    def _file_name(self) -> str:
        return "\\".join(part.rstrip("\\") for part in (self.database_path, self.database_name) if part)

    @property
    def _backup_minutes(self) -> int:
        return self.backup_interval // timedelta(minutes=1)

    @property
    def _cleanup_minutes(self) -> int:
        return self.cleanup_interval // timedelta(minutes=1)

    @property
    def _logging(self) -> bool:
        return self.database_logging != 0

    @property
    def _restoring(self) -> bool:
        return self.restore != 0


@model
class AuthorizedServer(Model):
    """A DHCP server that Active Directory lists (DHCPDS_SERVER, Get-DhcpServerInDC).

    Attributes:
        name: Its DNS name.
        address: Its address.
    """

    name: str
    address: IPv4Address

    _nullable = ("name",)
    _powershell = {"DnsName": "name", "IPAddress": "address"}


@model
class ScopeCounters(Model):
    """The addresses of a scope, as the server counts them (SCOPE_MIB_INFO_V5, Get-DhcpServerv4ScopeStatistics).

    Attributes:
        scope_id: The scope.
        addresses_in_use: Addresses in use.
        addresses_free: Free addresses.
        pending_offers: Addresses that were offered to clients that have not requested them yet.
    """

    scope_id: IPv4Address
    addresses_in_use: int
    addresses_free: int
    pending_offers: int

    _also = ("percentage_in_use",)
    _powershell = {
        "ScopeId": "scope_id",
        "AddressesFree": "addresses_free",
        "AddressesInUse": "addresses_in_use",
        "PendingOffers": "pending_offers",
        "PercentageInUse": "percentage_in_use",
    }

    @property
    def percentage_in_use(self) -> float:
        """The share of the addresses that is in use, 0 to 100; 0 for a scope without addresses."""
        total = self.addresses_in_use + self.addresses_free
        return 100 * self.addresses_in_use / total if total else 0.0


@model
class ServerCounters(Model):
    """What a server has counted since it started (DHCP_MIB_INFO_V5, Get-DhcpServerv4Statistics).

    Attributes:
        discovers: DHCPDISCOVER messages received.
        offers: DHCPOFFER messages sent.
        requests: DHCPREQUEST messages received.
        acks: DHCPACK messages sent.
        naks: DHCPNAK messages sent.
        declines: DHCPDECLINE messages received.
        releases: DHCPRELEASE messages received.
        start_time: When the service started; None if the server returned no time.
        delayed_offers: Offers that were sent with a delay.
        scopes_with_delayed_offers: Scopes with a delay of offers.
        scopes: The addresses of each scope.
    """

    discovers: int
    offers: int
    requests: int
    acks: int
    naks: int
    declines: int
    releases: int
    start_time: datetime | None
    delayed_offers: int
    scopes_with_delayed_offers: int
    scopes: tuple[ScopeCounters, ...]

    _powershell = {
        "ServerStartTime": "start_time",
        "TotalScopes": "_total_scopes",
        "ScopesWithDelayConfigured": "scopes_with_delayed_offers",
        "TotalAddresses": "_total_addresses",
        "AddressesInUse": "_in_use",
        "AddressesAvailable": "_free",
        "Discovers": "discovers",
        "Offers": "offers",
        "PendingOffers": "_pending",
        "DelayedOffers": "delayed_offers",
        "Requests": "requests",
        "Acks": "acks",
        "Naks": "naks",
        "Declines": "declines",
        "Releases": "releases",
    }

    @property
    def _total_scopes(self) -> int:
        return len(self.scopes)

    @property
    def _total_addresses(self) -> int:
        return self._in_use + self._free

    @property
    def _in_use(self) -> int:
        return sum(scope.addresses_in_use for scope in self.scopes)

    @property
    def _free(self) -> int:
        return sum(scope.addresses_free for scope in self.scopes)

    @property
    def _pending(self) -> int:
        return sum(scope.pending_offers for scope in self.scopes)


@model
class AuditLog(Model):
    """The settings of the audit log (DhcpAuditLogGetParams, Get-DhcpServerAuditLog).

    `ServerConfig.audit_log` says whether the service writes it.

    Attributes:
        directory: Folder of the log files on the server's disk.
        disk_check_interval: After how many events the service checks the free space of the disk.
        max_size: The size of all log files together, in megabytes.
        min_disk_space: The free space below which the service stops writing, in megabytes.
    """

    directory: str | None
    disk_check_interval: int
    max_size: int
    min_disk_space: int

    _powershell = {
        "Path": "directory",
        "DiskCheckInterval": "disk_check_interval",
        "MaxMBFileSize": "max_size",
        "MinMBDiskSpace": "min_disk_space",
    }
