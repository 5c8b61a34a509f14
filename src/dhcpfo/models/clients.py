"""The records of clients: their leases, how they are looked up, and what all records share."""

from datetime import datetime
from ipaddress import IPv4Address
from typing import ClassVar

from ..enums import ClientType, DhcidState, DnsFlags, FilterStatus, LeaseState, QuarantineStatus, SearchType
from ..limits import FILETIME_EPOCH
from .base import Model, model

__all__ = ["Client", "ClientRecord", "ClientSearch", "ClientValues", "HostInfo", "unique_client_id"]

UNIQUE_ID_MARK = b"\x01"


def unique_client_id(scope: IPv4Address, client_id: bytes) -> bytes:
    """Return the *unique ID* under which a server keeps a client: scope, the byte 1, client identifier.

    Args:
        scope: The client's scope.
        client_id: The client identifier: the MAC address, or the payload of option 61.
    """
    return scope.packed[::-1] + UNIQUE_ID_MARK + client_id


@model
class ClientSearch(Model):
    """The key by which a call looks up a client (DHCP_SEARCH_INFO).

    Attributes:
        type: The kind of key.
        value: An address, a client's unique ID (`unique_client_id`), or a client's name.
    """

    type: SearchType
    value: IPv4Address | bytes | str

    @property
    def _subject(self) -> IPv4Address | bytes | str:
        return self.value

    @property
    def address(self) -> IPv4Address | None:
        """The address, if that is the key."""
        return self.value if isinstance(self.value, IPv4Address) else None


@model
class HostInfo(Model):
    """The DHCP server named in a client's record (DHCP_HOST_INFO).

    Attributes:
        address: Its address. It is unproved whether a real server returns it in the byte order of other addresses.
        netbios_name: Its NetBIOS name, or None.
        host_name: Its host name; not used according to [MS-DHCPM].
    """

    address: IPv4Address
    netbios_name: str | None = None
    host_name: str | None = None


class ClientRecord(Model):
    """What every record of a client tells beyond its fields."""

    __slots__ = ()

    address: IPv4Address
    subnet_mask: IPv4Address
    client_id: bytes
    owner: HostInfo
    address_state: int

    @property
    def _subject(self) -> IPv4Address:
        return self.address

    @property
    def _owner_address(self) -> IPv4Address:
        return self.owner.address

    @property
    def scope(self) -> IPv4Address:
        """The scope of the address, according to its mask."""
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


@model
class Client(ClientRecord):
    """A client's record on one server: its lease, or the address that is reserved for it (DHCP_CLIENT_INFO_PB).

    Times are in UTC.

    Attributes:
        address: The leased address.
        subnet_mask: Its mask.
        client_id: The client's bytes as the server answered them, normally the unique ID (see `hardware_address`).
        name: Host name of the client, or None.
        comment: Description, or None.
        lease_expires: End of the lease; None is infinite. A reservation without a lease has the year 1601, the
            beginning of FILETIME (see `has_lease`). A time after the year 9999 is `datetime.max`.
        owner: The server that gave the lease.
        client_type: What kind of client it is.
        address_state: The state byte; see `lease_state`, `dhcid_state`, `dns_flags`.
        quarantine_status: Network Access Protection status.
        probation_ends: End of probation; None is never.
        quarantine_capable: Whether the client takes part in Network Access Protection.
        filter_status: The link-layer filters that match the client.
        policy_name: The policy that gave the address, or None.
    """

    address: IPv4Address
    subnet_mask: IPv4Address
    client_id: bytes
    name: str | None = None
    comment: str | None = None
    lease_expires: datetime | None = None
    owner: HostInfo = HostInfo(address=IPv4Address(0))
    client_type: ClientType = ClientType.DHCP
    address_state: int = LeaseState.ACTIVE
    quarantine_status: QuarantineStatus = QuarantineStatus.NO_QUARANTINE
    probation_ends: datetime | None = None
    quarantine_capable: bool = False
    filter_status: FilterStatus = FilterStatus.NONE
    policy_name: str | None = None

    _also: ClassVar = ("hardware_address", "lease_state", "has_lease")
    _powershell: ClassVar = {
        "IPAddress": "address",
        "ScopeId": "scope",
        "ClientId": "hardware_address",
        "HostName": "name",
        "Description": "comment",
        "LeaseExpiryTime": "lease_expires",
        "AddressState": "_shown_state",
        "ClientType": "client_type",
        "NapCapable": "quarantine_capable",
        "PolicyName": "policy_name",
        "ServerIP": "_owner_address",
    }

    @property
    def _shown_state(self) -> LeaseState | str:
        if not self.has_lease:
            return "InactiveReservation"
        if self.client_type == ClientType.RESERVATION and self.lease_state == LeaseState.ACTIVE:
            return "ActiveReservation"
        return self.lease_state

    @property
    def has_lease(self) -> bool:
        """Whether a lease was ever given; False for the record of a reservation that no client has used."""
        return self.lease_expires is None or self.lease_expires > FILETIME_EPOCH


@model
class ClientValues(Model):
    """The values of a DhcpSetClientInfoV4 call (DHCP_CLIENT_INFO_V4).

    Attributes:
        address: The address whose record is changed.
        subnet_mask: Servers ignore it.
        client_id: The client identifier without the prefix of the unique ID.
        name: The new host name; None leaves it as it is.
        comment: The new description; None leaves it as it is.
        lease_expires: The new end of the lease; None is infinite.
        owner: The server that gave the lease; its names are ignored.
        client_type: What kind of client it is.
    """

    address: IPv4Address
    subnet_mask: IPv4Address
    client_id: bytes
    name: str | None = None
    comment: str | None = None
    lease_expires: datetime | None = None
    owner: HostInfo
    client_type: ClientType = ClientType.DHCP

    @property
    def _subject(self) -> IPv4Address:
        return self.address
