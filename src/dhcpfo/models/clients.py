"""The key for looking up a client, and the parts that all client records share."""

from ipaddress import IPv4Address

from ..enums import SearchType
from .base import Model, model

__all__ = ["ClientSearch", "HostInfo", "unique_client_id"]

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
    """The key that DhcpV4FailoverGetClientInfo looks up (DHCP_SEARCH_INFO).

    Attributes:
        type: The kind of key.
        value: An address, a client's unique ID (`unique_client_id`), or a client's name.
    """

    type: SearchType
    value: IPv4Address | bytes | str

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
