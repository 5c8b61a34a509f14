"""The methods of `Server` for clients: the records of leases."""

from collections.abc import Iterator
from ipaddress import IPv4Address
from itertools import chain
from operator import attrgetter
from typing import Any

from .. import arguments
from ..api import WHOLE
from ..enums import LeaseState, SearchType
from ..errors import DhcpError, ErrorCode
from ..limits import MAX_BYTE
from ..models import AddressLike, Client, ClientSearch, ClientValues, Page
from ..models.page import SUCCESS_WITH_LAST_PAGE
from .connection import Connection

__all__ = ["ClientsMethods", "client_search"]

ALL_SCOPES = IPv4Address(0)

PAGE_BYTES = 65536
"""The largest page that servers send unless they are asked for everything."""

_ADDRESS = attrgetter("address")

MOST_RESTARTS = 100
"""How often in a row an enumeration may lose its place before a single new client arrives."""


class ClientsMethods(Connection):
    """Clients and their leases."""

    __slots__ = ()

    def clients(self, scope: AddressLike | None = None, *, state: LeaseState | None = None) -> list[Client]:
        """Return the clients of a scope: leases, reservations, declined addresses.

        The server is asked for all of them at once. The list is complete, or an error is raised. For large scopes see
        `iter_clients`, which keeps one page in memory.

        Args:
            scope: The scope's network address; None is all scopes. A scope that the server does not have looks like one
                without clients.
            state: Return only the clients in this state. The server sends all of them anyway.

        Raises:
            DhcpError: The server's database failed (20013).
            InvalidAnswerError: The server does not end the list, or announces clients and does not send them.
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpV4EnumSubnetClients ([MS-DHCPM] 3.2.4.116).
        """
        return list(self._clients(scope, state, WHOLE))

    def iter_clients(self, scope: AddressLike | None = None, *, state: LeaseState | None = None) -> Iterator[Client]:
        """Yield the clients of a scope, in the server's order, which is by address; takes a page of 64 KB at a time.

        Clients that come and go meanwhile may or may not be among them. None is yielded twice.

        Args:
            scope: As for `clients`.
            state: As for `clients`.

        Raises:
            DhcpError: As for `clients`.
            InvalidAnswerError: As for `clients`.
            AccessDeniedError: As for `clients`.

        Wraps DhcpV4EnumSubnetClients ([MS-DHCPM] 3.2.4.116).
        """
        return self._clients(scope, state, PAGE_BYTES)

    def get_client(
        self,
        *,
        address: AddressLike | None = None,
        client_id: bytes | str | None = None,
        name: str | None = None,
        scope: AddressLike | None = None,
    ) -> Client:
        """Return a client's record. Finds clients of all scopes.

        Pass exactly one of ``address``, ``client_id`` and ``name``. `get_failover_client` also returns the times that
        the two servers of a relationship exchanged.

        Args:
            address: The leased address.
            client_id: The client identifier, usually the MAC address, as bytes or hexadecimal text, together with
                ``scope``. Without ``scope`` it must be the *unique ID* under which the server keeps the client, as in
                `Client.client_id`.
            name: The client's host name. If several clients have it, the one with the lowest address is returned.
            scope: The network address of the client's scope. Only valid together with ``client_id``.

        Raises:
            ClientNotFoundError: The server does not know the client (20016).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpV4GetClientInfo ([MS-DHCPM] 3.2.4.124).
        """
        return self._api.get_client(client_search(address, client_id, name, scope))

    def create_client(self, client: Client) -> None:
        """Put a client's record into the server's database, as if it had leased the address.

        In failover, leases reach the partner by themselves: do not create them there.

        Args:
            client: The record. Its state must not be OFFERED. ``client_id`` may be the client identifier or the unique
                ID of a record that was read. Servers set ``owner`` and ``filter_status`` themselves.

        Raises:
            AlreadyExistsError: The address has a record, or the client has one in that scope (20014).
            ScopeNotFoundError: No scope of the server contains the address (20005).
            InvalidParameterError: The state is OFFERED (87).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpV4CreateClientInfo ([MS-DHCPM] 3.2.4.123).
        """
        checked = _checked(client)
        arguments.any_text("policy_name", checked.policy_name)
        arguments.number("address_state", checked.address_state, MAX_BYTE)
        self._api.create_client(checked)

    def set_client(self, client: Client) -> None:
        """Change the record of an address: name, description, end of the lease, owner and client identifier.

        Read the record first and change what you want to change::

            client = server.get_client(address="10.0.1.50")
            server.set_client(client.replace(comment="second floor"))

        All other fields are ignored. The record becomes ACTIVE.

        Args:
            client: The record as it is to be. A ``name`` or ``comment`` of None leaves the old one; "" clears it.

        Raises:
            InvalidParameterError: No client has the address (87).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpSetClientInfoV4 ([MS-DHCPM] 3.1.4.34).
        """
        checked = _checked(client)
        values = {name: getattr(checked, name) for name in ClientValues._names}
        self._api.set_client(ClientValues(**values))

    def delete_client(self, address: AddressLike) -> None:
        """Delete the record of an address; the address is free again. The client is not told.

        Args:
            address: The leased address. A reserved one is refused: remove the reservation first.

        Raises:
            ClientNotFoundError: No client has the address (20013).
            DhcpError: The address is reserved (20019).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpDeleteClientInfo ([MS-DHCPM] 3.1.4.20).
        """
        self._api.delete_client(ClientSearch(type=SearchType.ADDRESS, value=arguments.address("address", address)))

    def _clients(self, scope: AddressLike | None, state: LeaseState | None, maximum: int) -> Iterator[Client]:
        """Check the arguments, then return an iterator over the clients."""
        subnet = ALL_SCOPES if scope is None else arguments.address("scope", scope)
        every = chain.from_iterable(self._client_pages(subnet, maximum))
        if state is None:
            return every
        wanted = arguments.member("state", state, LeaseState)
        return (client for client in every if client.lease_state == wanted)

    def _client_pages(self, scope: IPv4Address, maximum: int) -> Iterator[tuple[Client, ...]]:
        """Yield the clients of each page; none twice.

        The handle of a page is the last client's address. If that client is deleted before the next call, the server
        answers 20013. Then the enumeration goes on from an earlier handle, and leaves out what it has yielded. That
        takes clients in the order of their addresses; from a server with another order, the error stays.
        """
        handles: list[Any] = [0]

        def enum_clients(scope: IPv4Address, handle: Any, maximum: int) -> Page[Client]:
            page = self._api.enum_clients(scope, handle, maximum)
            if page.status == ErrorCode.ERROR_MORE_DATA:
                handles.append(page.resume)
            return page

        last, by_address = -1, True
        restarts, back = 0, 1
        while True:
            try:
                for page in self._pages(
                    enum_clients, SUCCESS_WITH_LAST_PAGE, scope, start=handles[-1], maximum=maximum
                ):
                    numbers = [last, *map(int, map(_ADDRESS, page))] if len(handles) > 1 else []
                    clients = page
                    if restarts:
                        clients = tuple([client for client in page if int(client.address) > last])
                    elif numbers != sorted(numbers):
                        by_address = False
                    if clients:
                        last, restarts, back = max(last, *numbers) if numbers else last, 0, 1
                        yield clients
                return
            except DhcpError as error:
                restarts += 1
                lost = error.winerror == ErrorCode.ERROR_DHCP_JET_ERROR and len(handles) > 1
                if not lost or not by_address or restarts > MOST_RESTARTS:
                    raise
                # One page back, then two more, then four more: a few calls reach the beginning, which always works.
                del handles[max(1, len(handles) - back) :]
                back *= 2


def client_search(
    address: AddressLike | None, client_id: bytes | str | None, name: str | None, scope: AddressLike | None
) -> ClientSearch:
    """Check the keys by which a client can be found, and return the search."""
    if (address is not None) + (client_id is not None) + (name is not None) != 1:
        raise ValueError("pass exactly one of address, client_id and name")
    if scope is not None and client_id is None:
        raise ValueError("scope is only valid together with client_id")
    if address is not None:
        return ClientSearch(type=SearchType.ADDRESS, value=arguments.address("address", address))
    if client_id is not None:
        checked = None if scope is None else arguments.address("scope", scope)
        return ClientSearch(type=SearchType.CLIENT_ID, value=arguments.unique_id(client_id, checked))
    assert name is not None
    return ClientSearch(type=SearchType.NAME, value=arguments.text("name", name))


def _checked(client: Client) -> Client:
    """Check what is sent of a record in any case, and take the scope off its client identifier."""
    if not isinstance(client, Client):
        raise arguments.wrong_type("client", client, "Client")
    bare = arguments.client_id(client.hardware_address, in_scope=True)
    arguments.any_text("name", client.name)
    arguments.any_text("comment", client.comment)
    arguments.number("client_type", client.client_type, MAX_BYTE)
    return client if bare == client.client_id else client.replace(client_id=bare)
