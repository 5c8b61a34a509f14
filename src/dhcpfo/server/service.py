"""The service methods of `Server`: version and attributes of the DHCP Server service."""

from .. import arguments
from ..enums import AttributeId
from ..models import ServerVersion
from .connection import Connection

__all__ = ["ServiceMethods"]


class ServiceMethods(Connection):
    """The DHCP Server service itself."""

    __slots__ = ()

    def get_version(self) -> ServerVersion:
        """Return the server's version, which is that of its Windows.

        Failover needs version 6.2 (Windows Server 2012) or later. Every caller may use this method, so it also shows
        whether the server can be reached.

        Wraps DhcpGetVersion ([MS-DHCPM] 3.1.4.29).
        """
        return self._api.get_version()

    def get_attributes(self, *ids: AttributeId) -> dict[AttributeId, bool | int]:
        """Return attributes of the server, such as whether the caller may change it.

        Attributes that the server does not know are left out, so use `dict.get` for those that you are not sure of.

        Args:
            *ids: The attributes to return; all by default.

        Raises:
            NotSupportedError: The server knows none of these attributes (50).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpServerQueryAttributes ([MS-DHCPM] 3.2.4.36).
        """
        checked = tuple([arguments.member("ids", id_, AttributeId) for id_ in ids or AttributeId])
        return {attribute.id: attribute.value for attribute in self._api.query_attributes(checked)}
