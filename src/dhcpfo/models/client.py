"""A client's lease in a failover scope, and how it is looked up."""

from dataclasses import dataclass, fields
from datetime import datetime
from ipaddress import IPv4Address
from typing import Any

from ..enums import ClientType, DhcidState, DnsFlags, LeaseState, QuarantineStatus, SearchType

__all__ = ["ClientSearch", "FailoverClient", "HostInfo", "unique_client_id"]

UNIQUE_ID_MARK = b"\x01"


def unique_client_id(scope: IPv4Address, client_id: bytes) -> bytes:
    """Return the *unique ID* under which a server keeps a client: scope, the byte 1, client identifier.

    Args:
        scope: The client's scope.
        client_id: The client identifier: the MAC address, or the payload of option 61.
    """
    return scope.packed[::-1] + UNIQUE_ID_MARK + client_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSearch:
    """What DhcpV4FailoverGetClientInfo is to look for (DHCP_SEARCH_INFO).

    Attributes:
        type: Which kind of key ``value`` is.
        value: An address, a client's unique ID (`unique_client_id`), or a client's name.
    """

    type: SearchType
    value: IPv4Address | bytes | str

    @property
    def address(self) -> IPv4Address | None:
        """The address looked for, when it is one: what an error message can say."""
        return self.value if isinstance(self.value, IPv4Address) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostInfo:
    """A DHCP server as a client's record names it (DHCP_HOST_INFO).

    Attributes:
        address: Its address. Whether a real server answers it in the byte order of the other addresses is unproved.
        netbios_name: Its NetBIOS name, or None.
        host_name: Its host name; [MS-DHCPM] says that it is not used.
    """

    address: IPv4Address
    netbios_name: str | None = None
    host_name: str | None = None


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
