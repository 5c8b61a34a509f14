"""Failover relationships, and what a server answers about their scopes, clients and clock."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from ipaddress import IPv4Address
from typing import Any

from ..enums import (
    ClientType,
    DhcidState,
    DnsFlags,
    FailoverMode,
    FailoverState,
    LeaseState,
    QuarantineStatus,
    RelationshipFlags,
    ServerType,
)
from .addresses import Addresses, AddressLike, to_address, to_addresses
from .clients import HostInfo, unique_client_id
from .secret import Secret

__all__ = ["FailoverClient", "Relationship", "RelationshipValues", "ScopeStatistics", "SystemTime"]

DEFAULT_PERCENTAGE = {FailoverMode.LOAD_BALANCE: 50, FailoverMode.HOT_STANDBY: 5}


def _pascal(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


@dataclass(frozen=True, slots=True, kw_only=True, init=False)
class Relationship:
    """A failover relationship as one server holds it (DHCP_FAILOVER_RELATIONSHIP).

    Each of the two servers keeps its own copy; all but ``server_type`` and the states should be equal. A model says
    what a server answered or is to be told; it checks no limits, `Server` does.

    Attributes:
        name: The key on each server; at most 126 UTF-16 units.
        primary_server: The primary's address, the same on both servers.
        secondary_server: The secondary's address, the same on both servers.
        primary_server_name: The primary's host name, or None.
        secondary_server_name: The secondary's host name, or None.
        mode: Load balance or hot standby.
        server_type: The role of the server that holds this copy.
        state: Where that server stands in the protocol; ignored when creating.
        previous_state: Where it stood before; ignored when creating.
        mclt: Maximum client lead time, whole seconds; 1 hour unless given.
        state_switch_interval: How long in COMMUNICATION_INTERRUPTED before PARTNER_DOWN by itself, whole seconds;
            None (the default) is never.
        percentage: 0 to 100. In load balance the primary's share of the clients (50 unless given); in hot standby
            the part of the free addresses that is kept for the standby (5 unless given).
        scopes: The scopes in it, as an immutable sequence of `IPv4Address`.
        shared_secret: The secret for message authentication, or None for no authentication. Shown nowhere; pickle
            carries it.
    """

    name: str
    primary_server: IPv4Address
    secondary_server: IPv4Address
    primary_server_name: str | None
    secondary_server_name: str | None
    mode: FailoverMode
    server_type: ServerType
    state: FailoverState
    previous_state: FailoverState
    mclt: timedelta
    state_switch_interval: timedelta | None
    percentage: int
    scopes: Addresses
    shared_secret: Secret | None = field(repr=False)

    def __init__(
        self,
        *,
        name: str,
        primary_server: AddressLike,
        secondary_server: AddressLike,
        scopes: Iterable[AddressLike] = (),
        primary_server_name: str | None = None,
        secondary_server_name: str | None = None,
        mode: FailoverMode = FailoverMode.LOAD_BALANCE,
        server_type: ServerType = ServerType.PRIMARY,
        state: FailoverState = FailoverState.NO_STATE,
        previous_state: FailoverState = FailoverState.NO_STATE,
        mclt: timedelta = timedelta(hours=1),
        state_switch_interval: timedelta | None = None,
        percentage: int | None = None,
        shared_secret: str | Secret | None = None,
    ) -> None:
        fill = object.__setattr__
        fill(self, "name", name)
        fill(self, "primary_server", to_address(primary_server, "primary_server"))
        fill(self, "secondary_server", to_address(secondary_server, "secondary_server"))
        fill(self, "primary_server_name", primary_server_name)
        fill(self, "secondary_server_name", secondary_server_name)
        fill(self, "mode", mode)
        fill(self, "server_type", server_type)
        fill(self, "state", state)
        fill(self, "previous_state", previous_state)
        fill(self, "mclt", mclt)
        fill(self, "state_switch_interval", state_switch_interval)
        fill(self, "percentage", DEFAULT_PERCENTAGE.get(mode, 0) if percentage is None else percentage)
        fill(self, "scopes", to_addresses(scopes, "scopes"))
        fill(self, "shared_secret", None if shared_secret is None else Secret(shared_secret))

    @property
    def load_balance_percent(self) -> int | None:
        """The primary's share of the clients in load balance; None in hot standby."""
        return self.percentage if self.mode == FailoverMode.LOAD_BALANCE else None

    @property
    def reserve_percent(self) -> int | None:
        """The part of the free addresses kept for the standby; None in load balance."""
        return self.percentage if self.mode == FailoverMode.HOT_STANDBY else None

    @property
    def partner_server(self) -> IPv4Address:
        """The address of the other server, as seen from the one that was asked."""
        return self.secondary_server if self.server_type == ServerType.PRIMARY else self.primary_server

    @property
    def partner_server_name(self) -> str | None:
        """The host name of the other server, as seen from the one that was asked."""
        return self.secondary_server_name if self.server_type == ServerType.PRIMARY else self.primary_server_name

    @property
    def authenticated(self) -> bool:
        """Whether messages between the servers are authenticated with a shared secret."""
        return self.shared_secret is not None

    def to_dict(self, *, powershell: bool = False) -> dict[str, Any]:
        """Return JSON-ready values; the secret is left out, ``authenticated`` says whether there is one.

        Args:
            powershell: Use the property names and values that Get-DhcpServerv4Failover shows: percentage and role
                as seen from the server asked, times as ``[d.]hh:mm:ss``.
        """
        return self._to_powershell() if powershell else self._to_dict()

    def _to_dict(self) -> dict[str, Any]:
        interval = self.state_switch_interval
        return {
            "name": self.name,
            "primary_server": str(self.primary_server),
            "secondary_server": str(self.secondary_server),
            "primary_server_name": self.primary_server_name,
            "secondary_server_name": self.secondary_server_name,
            "mode": self.mode.name,
            "server_type": self.server_type.name,
            "state": self.state.name,
            "previous_state": self.previous_state.name,
            "mclt": int(self.mclt.total_seconds()),
            "state_switch_interval": None if interval is None else int(interval.total_seconds()),
            "percentage": self.percentage,
            "scopes": [str(scope) for scope in self.scopes],
            "authenticated": self.authenticated,
        }

    def _to_powershell(self) -> dict[str, Any]:
        primary = self.server_type == ServerType.PRIMARY
        share, reserve = self.load_balance_percent, self.reserve_percent
        role = None
        if reserve is not None:
            role = "Active" if primary else "Standby"
        return {
            "Name": self.name,
            "PartnerServer": self.partner_server_name or str(self.partner_server),
            "Mode": _pascal(self.mode.name),
            "ServerRole": role,
            "LoadBalancePercent": share if share is None or primary else 100 - share,
            "ReservePercent": reserve,
            "ScopeId": [str(scope) for scope in self.scopes],
            "MaxClientLeadTime": _timespan(self.mclt),
            "AutoStateTransition": self.state_switch_interval is not None,
            "StateSwitchInterval": (
                None if self.state_switch_interval is None else _timespan(self.state_switch_interval)
            ),
            "State": _pascal(self.state.name),
            "EnableAuth": self.authenticated,
        }


def _timespan(time: timedelta) -> str:
    """Format as .NET's TimeSpan does: ``01:00:00``, ``2.01:00:00``."""
    minutes, seconds = divmod(time.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return (f"{time.days}." if time.days else "") + f"{hours:02}:{minutes:02}:{seconds:02}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationshipValues:
    """The values of a DhcpV4FailoverSetRelationship call; a server looks only at those that its flags name.

    Attributes:
        mclt: Maximum client lead time, whole seconds.
        state_switch_interval: Whole seconds; None is never.
        state: The state to enter; PARTNER_DOWN is the documented use.
        previous_state: The state to note as the one before.
        mode: Load balance or hot standby.
        percentage: 0 to 100, as in `Relationship`.
        shared_secret: The new secret; None turns authentication off.
    """

    mclt: timedelta = timedelta(0)
    state_switch_interval: timedelta | None = None
    state: FailoverState = FailoverState.NO_STATE
    previous_state: FailoverState = FailoverState.NO_STATE
    mode: FailoverMode = FailoverMode.LOAD_BALANCE
    percentage: int = 0
    shared_secret: str | Secret | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.shared_secret is not None:
            object.__setattr__(self, "shared_secret", Secret(self.shared_secret))


FLAG_OF_VALUE = {entry.name: RelationshipFlags[entry.name.upper()] for entry in fields(RelationshipValues)}
"""The flag under which each field of `RelationshipValues` travels."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class FailoverClient:
    """A client's lease and what the two servers told each other of it (DHCPV4_FAILOVER_CLIENT_INFO).

    Times are in UTC. Those kept as Unix seconds are None where the server answered 0; the end of a lease that never
    began may be shown as the year 1601, the beginning of FILETIME.

    Attributes:
        address: The leased address.
        subnet_mask: Its mask.
        client_id: The client's bytes as the server answered them, normally the unique ID (see `hardware_address`).
        name: Host name of the client, or None.
        comment: Description, or None.
        lease_expires: End of the lease; None is infinite. A time after the year 9999 is `datetime.max`.
        owner: The server that gave the lease.
        client_type: What kind of client it is.
        address_state: The state byte; see `lease_state`, `dhcid_state`, `dns_flags`.
        quarantine_status: Network Access Protection status.
        probation_ends: End of probation; None is never.
        quarantine_capable: Whether the client takes part in Network Access Protection.
        potential_expiration_sent: Potential expiration time sent to the partner.
        potential_expiration_acknowledged: Potential expiration time that the partner acknowledged.
        potential_expiration_received: Potential expiration time received from the partner.
        start_time: When the lease entered its present state.
        last_transaction: When the client last talked to the server.
        last_binding_update: When the partner last sent an update.
        binding_status: Reserved; as answered.
        policy_name: The policy that gave the address, or None.
        flags: Reserved; as answered.
    """

    address: IPv4Address
    subnet_mask: IPv4Address
    client_id: bytes
    name: str | None = None
    comment: str | None = None
    lease_expires: datetime | None = None
    owner: HostInfo
    client_type: ClientType = ClientType.DHCP
    address_state: int = LeaseState.ACTIVE
    quarantine_status: QuarantineStatus = QuarantineStatus.NO_QUARANTINE
    probation_ends: datetime | None = None
    quarantine_capable: bool = False
    potential_expiration_sent: datetime | None = None
    potential_expiration_acknowledged: datetime | None = None
    potential_expiration_received: datetime | None = None
    start_time: datetime | None = None
    last_transaction: datetime | None = None
    last_binding_update: datetime | None = None
    binding_status: int = 0
    policy_name: str | None = None
    flags: int = 0

    @property
    def scope(self) -> IPv4Address:
        """The scope that the address lies in by its mask."""
        return IPv4Address(int(self.address) & int(self.subnet_mask))

    @property
    def hardware_address(self) -> bytes:
        """The client identifier, usually the MAC address: ``client_id`` without the prefix of the unique ID."""
        prefix = unique_client_id(self.scope, b"")
        return self.client_id.removeprefix(prefix)

    @property
    def lease_state(self) -> LeaseState:
        """Bits 0 and 1 of ``address_state``."""
        return LeaseState(self.address_state & 0x03)

    @property
    def dhcid_state(self) -> DhcidState:
        """Bits 2 and 3 of ``address_state``."""
        return DhcidState(self.address_state >> 2 & 0x03)

    @property
    def dns_flags(self) -> DnsFlags:
        """Bits 4 to 7 of ``address_state``."""
        return DnsFlags(self.address_state & 0xF0)

    def to_dict(self, *, powershell: bool = False) -> dict[str, Any]:
        """Return JSON-ready values: ISO 8601 times, hexadecimal bytes with dashes.

        Args:
            powershell: Use the property names of Get-DhcpServerv4Lease, which shows fewer.
        """
        if powershell:
            return self._to_powershell()
        values = {entry.name: _plain(getattr(self, entry.name)) for entry in fields(self)}
        values["hardware_address"] = _plain(self.hardware_address)
        values["lease_state"] = self.lease_state.name
        return values

    def _to_powershell(self) -> dict[str, Any]:
        return {
            "IPAddress": str(self.address),
            "ScopeId": str(self.scope),
            "ClientId": _plain(self.hardware_address),
            "HostName": self.name,
            "Description": self.comment,
            "LeaseExpiryTime": _plain(self.lease_expires),
            "AddressState": self.lease_state.name.capitalize(),
            "ClientType": self.client_type.name.capitalize(),
            "NapCapable": self.quarantine_capable,
            "PolicyName": self.policy_name,
            "ServerIP": str(self.owner.address),
        }


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case bytes():
            return value.hex("-")
        case IPv4Address():
            return str(value)
        case HostInfo():
            return {entry.name: _plain(getattr(value, entry.name)) for entry in fields(value)}
        case ClientType() | QuarantineStatus():
            return value.name
    return value
