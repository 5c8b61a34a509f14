"""The elements of a scope: its range, exclusions and reservations."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address
from typing import ClassVar

from ..enums import ClientType, ElementType, RangeType
from ..limits import MAX_DWORD
from .base import Model, Ordered, model
from .clients import HostInfo, unique_client_id

__all__ = ["AddressRange", "Reservation", "ScopeElement", "ScopeRange", "with_bare_ids"]


@model(kw_only=False)
class AddressRange(Ordered):
    """Consecutive addresses, such as an exclusion (DHCP_IP_RANGE, Get-DhcpServerv4ExclusionRange).

    A scope may have several exclusions that overlap, or the same one twice.

    Attributes:
        start: The first address.
        end: The last address.
    """

    start: IPv4Address
    end: IPv4Address

    _powershell: ClassVar = {"StartRange": "start", "EndRange": "end"}

    def __contains__(self, address: object) -> bool:
        """Return whether an address is in the range."""
        return isinstance(address, IPv4Address) and self.start <= address <= self.end

    def __str__(self) -> str:
        return f"{self.start} - {self.end}"


@model
class ScopeRange(Model):
    """The range that a scope leases addresses from (DHCP_BOOTP_IP_RANGE). A scope has one at most.

    Attributes:
        start: The first address.
        end: The last address.
        type: The kind of clients that it serves.
        bootp_allocated: How many BOOTP clients have an address of the range.
        max_bootp: How many BOOTP clients may have one; 0xFFFFFFFF means unlimited.
    """

    start: IPv4Address
    end: IPv4Address
    type: RangeType = RangeType.DHCP
    bootp_allocated: int = 0
    max_bootp: int = MAX_DWORD

    _powershell: ClassVar = {
        "StartRange": "start",
        "EndRange": "end",
        "Type": "type",
        "MaxBootpClients": "max_bootp",
    }

    def __contains__(self, address: object) -> bool:
        """Return whether an address is in the range."""
        return isinstance(address, IPv4Address) and self.start <= address <= self.end


@model
class Reservation(Model):
    """An address that is kept for one client (DHCP_IP_RESERVATION_INFO, Get-DhcpServerv4Reservation).

    Two reservations of a scope are the same one if they have the same ``address``. A client has one reservation in a
    scope at most.

    Attributes:
        address: The reserved address.
        client_id: The client identifier, usually the MAC address. `dhcpfo.Server.reservations` returns it without the
            prefix under which the server keeps it.
        name: Name of the client, or None.
        description: Description, or None.
        type: Which protocol the client may use: ``DHCP``, ``BOOTP`` or ``BOTH``.
        has_options: Whether the reservation has option values.
    """

    address: IPv4Address
    client_id: bytes
    name: str | None = None
    description: str | None = None
    type: ClientType = ClientType.BOTH
    has_options: bool = False

    _powershell: ClassVar = {
        "IPAddress": "address",
        "ClientId": "client_id",
        "Name": "name",
        "Description": "description",
        "Type": "type",
    }


def with_bare_ids(reservations: Iterable[Reservation], scope: IPv4Address) -> Iterator[Reservation]:
    """Yield reservations with the bare client identifier.

    A server answers the identifier with the prefix of a unique ID or without, so a prefix is removed only if it names
    the scope.

    Args:
        reservations: The reservations as a server answered them.
        scope: The scope that they are in.
    """
    prefix = unique_client_id(scope, b"")
    length = len(prefix)
    new, puts = object.__new__, [Reservation.__dict__[name].__set__ for name in Reservation._names]
    put_address, put_id, put_name, put_description, put_type, put_options = puts
    for entry in reservations:
        client_id = entry.client_id
        if len(client_id) <= length or not client_id.startswith(prefix):
            yield entry
            continue
        # Not `replace`, which would check all values again: there may be many reservations.
        bare = new(Reservation)
        put_address(bare, entry.address)
        put_id(bare, client_id[length:])
        put_name(bare, entry.name)
        put_description(bare, entry.description)
        put_type(bare, entry.type)
        put_options(bare, entry.has_options)
        yield bare


@model
class ScopeElement(Model):
    """An element of a scope as the API passes it (DHCP_SUBNET_ELEMENT_DATA_V5).

    Attributes:
        type: What the element is.
        value: The range, exclusion, reservation or host. None if the server returned nothing, or an unknown type.
    """

    type: ElementType
    value: AddressRange | ScopeRange | Reservation | HostInfo | None

    @property
    def address(self) -> IPv4Address | None:
        """The address that it is about, if it is about one."""
        return self.value.address if isinstance(self.value, Reservation) else None
