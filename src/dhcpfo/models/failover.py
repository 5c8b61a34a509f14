"""Failover relationships, and the answers about their scopes, clients and clock."""

from collections.abc import Iterable
from dataclasses import field, fields
from datetime import datetime, timedelta
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, Self

from ..enums import (
    ClientType,
    FailoverMode,
    FailoverState,
    LeaseState,
    QuarantineStatus,
    RelationshipFlags,
    ServerType,
)
from .addresses import Addresses, AddressLike
from .base import Model, fill, model
from .clients import ClientRecord, HostInfo
from .convert import pascal, timespan
from .secret import Secret, hide

__all__ = ["FailoverClient", "Relationship", "RelationshipValues", "ScopeStatistics", "SystemTime"]

if TYPE_CHECKING:
    from typing import TypedDict, Unpack

    class RelationshipChanges(TypedDict, total=False):
        """The arguments of `Relationship.replace`; each has the meaning of the field."""

        name: str
        primary_server: AddressLike
        secondary_server: AddressLike
        primary_server_name: str | None
        secondary_server_name: str | None
        mode: FailoverMode
        server_type: ServerType
        state: FailoverState
        previous_state: FailoverState
        mclt: timedelta
        state_switch_interval: timedelta | None
        percentage: int
        scopes: Iterable[AddressLike]
        shared_secret: str | bytes | Secret | None


DEFAULT_PERCENTAGE = {FailoverMode.LOAD_BALANCE: 50, FailoverMode.HOT_STANDBY: 5}


@model
class Relationship(Model):
    """A failover relationship as one server holds it (DHCP_FAILOVER_RELATIONSHIP).

    Each of the two servers keeps its own copy; all but ``server_type`` and the states should be equal. The
    constructor checks types and converts addresses; `Server` checks limits before it sends anything.

    Attributes:
        name: The key on each server; at most 126 UTF-16 units.
        primary_server: The primary's address, the same on both servers.
        secondary_server: The secondary's address, the same on both servers.
        primary_server_name: The primary's host name, or None.
        secondary_server_name: The secondary's host name, or None.
        mode: Load balance or hot standby.
        server_type: The role of the server that holds this copy.
        state: State of that server in the failover protocol; ignored when creating.
        previous_state: The state before that; ignored when creating.
        mclt: Maximum client lead time, whole seconds; 1 hour by default.
        state_switch_interval: Time in COMMUNICATION_INTERRUPTED after which the server enters PARTNER_DOWN by
            itself, whole seconds; None (the default) means never.
        percentage: 0 to 100. In load balance, the primary's share of the clients (default 50); in hot standby, the
            part of the free addresses that is reserved for the standby (default 5).
        scopes: The scopes of the relationship, an immutable sequence of `IPv4Address`.
        shared_secret: The secret for message authentication, or None for no authentication. It is never shown, but
            pickled (see `Secret`).
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

    _also = ("authenticated",)
    _nullable = ("name",)

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
        shared_secret: str | bytes | Secret | None = None,
    ) -> None:
        shared_secret = hide(shared_secret)  # type: ignore[assignment]  # first: no traceback may show the text
        if percentage is None:
            percentage = DEFAULT_PERCENTAGE.get(mode, 0) if isinstance(mode, FailoverMode) else 0
        fill(
            self,
            (
                name,
                primary_server,
                secondary_server,
                primary_server_name,
                secondary_server_name,
                mode,
                server_type,
                state,
                previous_state,
                mclt,
                state_switch_interval,
                percentage,
                scopes,
                shared_secret,
            ),
        )

    def replace(self, /, **changes: "Unpack[RelationshipChanges]") -> Self:  # type: ignore[override]
        """Return a copy with changed fields.

        `dataclasses.replace` does the same, but type checkers then want ``scopes`` as `Addresses`, and if a value is
        refused, its frame in the traceback holds the arguments, a clear secret among them.

        Args:
            **changes: New values, by the names and types of the constructor's arguments.

        Raises:
            TypeError: A value has a wrong type, or a name is unknown.
            ValueError: An address is not valid.
        """
        return self._replaced(changes)

    @property
    def load_balance_percent(self) -> int | None:
        """The primary's share of the clients in load balance; None in hot standby."""
        return self.percentage if self.mode == FailoverMode.LOAD_BALANCE else None

    @property
    def reserve_percent(self) -> int | None:
        """The part of the free addresses reserved for the standby; None in load balance."""
        return self.percentage if self.mode == FailoverMode.HOT_STANDBY else None

    @property
    def partner_server(self) -> IPv4Address:
        """The address of the other server, as seen from the one that holds this copy."""
        return self.secondary_server if self.server_type == ServerType.PRIMARY else self.primary_server

    @property
    def partner_server_name(self) -> str | None:
        """The host name of the other server, as seen from the one that holds this copy."""
        return self.secondary_server_name if self.server_type == ServerType.PRIMARY else self.primary_server_name

    @property
    def authenticated(self) -> bool:
        """Whether messages between the servers are authenticated with a shared secret."""
        return self.shared_secret is not None

    def to_dict(self, *, powershell: bool = False) -> dict[str, Any]:
        """Return JSON-ready values; the secret is left out, ``authenticated`` says whether there is one.

        Args:
            powershell: Use the property names and values that Get-DhcpServerv4Failover shows: percentage and role
                as seen from the server that holds this copy, times as ``[d.]hh:mm:ss``.
        """
        return self._to_powershell() if powershell else Model.to_dict(self)

    def _to_powershell(self) -> dict[str, Any]:
        primary = self.server_type == ServerType.PRIMARY
        share, reserve = self.load_balance_percent, self.reserve_percent
        role = None
        if reserve is not None:
            role = "Active" if primary else "Standby"
        return {
            "Name": self.name,
            "PartnerServer": self.partner_server_name or str(self.partner_server),
            "Mode": pascal(self.mode.name),
            "ServerRole": role,
            "LoadBalancePercent": share if share is None or primary else 100 - share,
            "ReservePercent": reserve,
            "ScopeId": [str(scope) for scope in self.scopes],
            "MaxClientLeadTime": timespan(self.mclt),
            "AutoStateTransition": self.state_switch_interval is not None,
            "StateSwitchInterval": (
                None if self.state_switch_interval is None else timespan(self.state_switch_interval)
            ),
            "State": pascal(self.state.name),
            "EnableAuth": self.authenticated,
        }


@model
class RelationshipValues(Model):
    """The values of a DhcpV4FailoverSetRelationship call; a server reads only those that the flags name.

    Attributes:
        mclt: Maximum client lead time, whole seconds.
        state_switch_interval: Whole seconds; None means never.
        state: The state to enter; PARTNER_DOWN is the documented use.
        previous_state: The previous state to record.
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
    shared_secret: Secret | None = field(default=None, repr=False)


FLAG_OF_VALUE = {entry.name: RelationshipFlags[entry.name.upper()] for entry in fields(RelationshipValues)}
"""The flag for each field of `RelationshipValues`."""


@model
class ScopeStatistics(Model):
    """Address counts of a failover scope as one server sees them (DHCP_FAILOVER_STATISTICS).

    Attributes:
        addresses_total: Leasable addresses of the scope.
        addresses_free: Free addresses of both servers together.
        addresses_in_use: Addresses in use at both servers together.
        addresses_free_on_this_server: Free addresses that this server may lease.
        addresses_free_on_partner_server: Free addresses that its partner may lease.
        addresses_in_use_on_this_server: Addresses leased by this server.
        addresses_in_use_on_partner_server: Addresses leased by its partner.
    """

    addresses_total: int
    addresses_free: int
    addresses_in_use: int
    addresses_free_on_this_server: int
    addresses_free_on_partner_server: int
    addresses_in_use_on_this_server: int
    addresses_in_use_on_partner_server: int

    _powershell = {
        "AddressesTotal": "addresses_total",
        "AddressesFree": "addresses_free",
        "AddressesInUse": "addresses_in_use",
        "AddressesFreeOnThisServer": "addresses_free_on_this_server",
        "AddressesFreeOnPartnerServer": "addresses_free_on_partner_server",
        "AddressesInUseOnThisServer": "addresses_in_use_on_this_server",
        "AddressesInUseOnPartnerServer": "addresses_in_use_on_partner_server",
    }


@model
class SystemTime(Model):
    """The clock of one server (DhcpV4FailoverGetSystemTime).

    Attributes:
        time: The server's clock, to the second, in UTC.
        max_allowed_difference: Maximum difference between the partners' clocks. The API names no unit; dhcpfo
            assumes seconds. None if the answer came over the network, where it is not sent.
    """

    time: datetime
    max_allowed_difference: timedelta | None


@model
class FailoverClient(ClientRecord):
    """A client's lease, with the failover times exchanged with the partner (DHCPV4_FAILOVER_CLIENT_INFO).

    Times are in UTC. Those that the API counts in Unix seconds are None if the server returned 0. The end of a lease
    that never began may be in the year 1601, where FILETIME starts.

    Attributes:
        address: The leased address.
        subnet_mask: Its mask.
        client_id: The client's bytes as the server returned them, normally the unique ID (see `hardware_address`).
        name: Host name of the client, or None.
        comment: Description, or None.
        lease_expires: End of the lease; None means that it does not end. After the year 9999: `datetime.max`.
        owner: The server that granted the lease.
        client_type: Protocol of the client.
        address_state: The state byte; see `lease_state`, `dhcid_state`, `dns_flags`.
        quarantine_status: Network Access Protection status.
        probation_ends: End of probation; None means never.
        quarantine_capable: Whether the client takes part in Network Access Protection.
        potential_expiration_sent: Potential expiration time sent to the partner.
        potential_expiration_acknowledged: Potential expiration time that the partner acknowledged.
        potential_expiration_received: Potential expiration time received from the partner.
        start_time: When the lease entered its current state.
        last_transaction: When the client last contacted the server.
        last_binding_update: When the partner last sent an update.
        binding_status: Reserved; as the server returned it.
        policy_name: The policy by which the address was leased, or None.
        flags: Reserved; as the server returned it.
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

    _also = ("hardware_address", "lease_state")
    _powershell = {
        "IPAddress": "address",
        "ScopeId": "scope",
        "ClientId": "hardware_address",
        "HostName": "name",
        "Description": "comment",
        "LeaseExpiryTime": "lease_expires",
        "AddressState": "lease_state",
        "ClientType": "client_type",
        "NapCapable": "quarantine_capable",
        "PolicyName": "policy_name",
        "ServerIP": "_owner_address",
    }
