"""The functions of the API for clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .failover import WHOLE

if TYPE_CHECKING:
    from ipaddress import IPv4Address

    from ..models import Client, ClientSearch, ClientValues, Page

__all__ = ["ClientsApi"]


class ClientsApi(Protocol):
    """The records of clients."""

    def enum_clients(self, scope: IPv4Address, resume: int = 0, preferred_maximum: int = WHOLE) -> Page[Client]:
        """DhcpV4EnumSubnetClients ([MS-DHCPM] 3.2.4.116): one page, by address; scope 0.0.0.0 is all scopes.

        The handle is the last address that was answered, as a number. If its record has vanished, the answer is 20013.
        The maximum is a budget of 1024 to 65536 bytes, or `WHOLE`.
        """
        ...

    def get_client(self, search: ClientSearch) -> Client:
        """DhcpV4GetClientInfo ([MS-DHCPM] 3.2.4.124)."""
        ...

    def create_client(self, client: Client) -> None:
        """DhcpV4CreateClientInfo ([MS-DHCPM] 3.2.4.123): its ``client_id`` is the client identifier alone."""
        ...

    def set_client(self, values: ClientValues) -> None:
        """DhcpSetClientInfoV4 ([MS-DHCPM] 3.1.4.34)."""
        ...

    def delete_client(self, search: ClientSearch) -> None:
        """DhcpDeleteClientInfo ([MS-DHCPM] 3.1.4.20): deletes one client that matches."""
        ...
