"""How a client is looked up, and the parts that all client records share."""

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


@model
class HostInfo(Model):
    """A DHCP server as a client's record names it (DHCP_HOST_INFO).

    Attributes:
        address: Its address. Whether a real server answers it in the byte order of the other addresses is unproved.
        netbios_name: Its NetBIOS name, or None.
        host_name: Its host name; [MS-DHCPM] says that it is not used.
    """

    address: IPv4Address
    netbios_name: str | None = None
    host_name: str | None = None
