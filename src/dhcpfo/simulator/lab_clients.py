"""The part of `Lab` that is about clients."""

from ..arguments import class_data, optional_text
from ..arguments import client_id as checked_client_id
from ..errors import ErrorCode, from_code
from ..models import AddressLike, FailoverClient, to_address
from ..models.convert import to_bytes, wrong_type
from .clients import check_record
from .lab_base import LabBase, check_instance, find_host
from .leases import lease, release
from .matching import Request, RequestKind
from .transaction import exclusive

__all__ = ["LabClients"]


class LabClients(LabBase):
    """DHCP clients and their records."""

    @exclusive
    def lease(
        self,
        scope: AddressLike,
        client_id: bytes | str,
        *,
        name: str | None = None,
        server: AddressLike | None = None,
        vendor_class: bytes | str | None = None,
        user_class: bytes | str | None = None,
        relay_agent: bytes | None = None,
        request: RequestKind | str | None = None,
    ) -> FailoverClient | None:
        """Request an address for a client, or renew its lease.

        Which server answers follows from the relationship's mode, percentage and state. In NORMAL it is the server that
        the client's hash selects (load balance; the other one if that one has no free address) or the primary (hot
        standby), otherwise any server that may answer. A server gives out its own free addresses only; after an MCLT in
        PARTNER_DOWN the partner's, too. The policies and link-layer filters of the server apply.

        Args:
            scope: The scope that the client is in.
            client_id: The client identifier, 1 to 250 bytes, as bytes or as ``00-15-5d-01-02-03``. It stands for the
                hardware address, too.
            name: The client's host name, also its DNS name for the conditions of policies.
            server: The only server that the client reaches; all by default.
            vendor_class: The data of the client's vendor class (option 60), as bytes or ASCII text.
            user_class: The data of the client's user class (option 77), as bytes or ASCII text.
            relay_agent: The sub-options that a relay adds (option 82).
            request: What the client asks for: an address (``"discover"``), a longer lease of the server that gave it
                (``"renew"``), or of any server (``"rebind"``). By default a client with a lease asks all servers for a
                longer one, and takes any address if that fails.

        Returns:
            The client's record on the server that answered, or None if no server did.

        Raises:
            ScopeNotFoundError: No server has such a scope, or not the one that the client reaches (20005).
        """
        subnet, client = to_address(scope, "scope"), checked_client_id(client_id, in_scope=True)
        optional_text("name", name)
        kind = None if request is None else _kind(request)
        sent = Request(
            client_id=client,
            name=name,
            vendor_class=None if vendor_class is None else class_data(vendor_class, "vendor_class"),
            user_class=None if user_class is None else class_data(user_class, "user_class"),
            relay_agent=None if relay_agent is None else to_bytes(relay_agent, "relay_agent"),
            kind=kind,
        )
        with self._transactions.begin(whole=False) as state:
            only = None if server is None else find_host(state, server)
            if not any(subnet in host.scopes for host in state.hosts.values() if only in (None, host)):
                name_of_server = None if only is None else only.name
                raise from_code(
                    ErrorCode.ERROR_DHCP_SUBNET_NOT_PRESENT, "DhcpGetSubnetInfo", name_of_server, scope=subnet
                )
            return lease(state, subnet, sent, only, state.clock.read())

    @exclusive
    def release(self, server: AddressLike, address: AddressLike) -> None:
        """Release a client's lease on a server; the partner is informed.

        Raises:
            ClientNotFoundError: No client has the address on this server (20013).
        """
        where = to_address(address)
        with self._changing(server) as (state, host, now):
            scope = host.scope_of_address(where)
            if scope is None or where not in scope.clients:
                raise from_code(ErrorCode.ERROR_DHCP_JET_ERROR, "DhcpDeleteClientInfo", host.name, address=where)
            release(state, host, scope, where, now)

    @exclusive
    def put_client(self, server: AddressLike, client: FailoverClient) -> None:
        """Put a client's record into a server's database, with all its fields.

        Each field is checked by itself, but not whether the fields fit together.

        Raises:
            TypeError: A field has the wrong type.
            ValueError: The API's structure cannot hold the value of a field, such as a time without a time zone.
            ScopeNotFoundError: No scope of the server contains the address (20005).
        """
        check_record(check_instance("client", client, FailoverClient))
        with self._changing(server) as (_, host, _now):
            scope = host.scope_of_address(client.address)
            missing = ErrorCode.ERROR_DHCP_SUBNET_NOT_PRESENT
            if scope is None:
                raise from_code(missing, "DhcpCreateClientInfo", host.name, address=client.address)
            scope.clients[client.address] = client

    @exclusive
    def clients(self, server: AddressLike, scope: AddressLike) -> tuple[FailoverClient, ...]:
        """Return the records of a scope's clients on a server, by address.

        Raises:
            ScopeNotFoundError: The server has no such scope (20005).
        """
        with self._on_scopes(scope, [server], "DhcpEnumSubnetClients") as (chosen, _):
            clients = chosen[0][1].clients
            return tuple(clients[address] for address in sorted(clients))


def _kind(request: RequestKind | str) -> RequestKind:
    if not isinstance(request, str):
        raise wrong_type("request", request, "str")
    if request not in list(RequestKind):
        raise ValueError(f"request must be one of {', '.join(RequestKind)}, got {request!r}")
    return RequestKind(request)
