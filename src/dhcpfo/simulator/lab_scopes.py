"""The part of `Lab` that is about scopes."""

from collections.abc import Iterable
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network

from ..arguments import client_id as checked_client_id
from ..arguments import member, optional_text, seconds
from ..enums import OptionType
from ..errors import ErrorCode
from ..models import AddressLike, to_address
from ..models.convert import wrong_type
from ..models.standard_options import LEASE
from .lab_base import LabBase, refuse
from .rules.elements import place_reservation
from .scopes import RangeType, Scope, Span
from .tables.elements import ReservationRow
from .tables.options import StoredValue, pack
from .transaction import exclusive

__all__ = ["LabScopes", "check_network"]


class LabScopes(LabBase):
    """Scopes with their ranges, exclusions and reservations."""

    @exclusive
    def add_scope(
        self,
        network: IPv4Network | str,
        *,
        servers: Iterable[AddressLike] | None = None,
        first: AddressLike | None = None,
        last: AddressLike | None = None,
        range_type: RangeType = RangeType.DHCP,
        lease_time: timedelta = timedelta(days=8),
    ) -> IPv4Address:
        """Create a scope with one range.

        Args:
            network: The subnet, such as ``"10.0.0.0/24"``.
            servers: The servers to change; all by default.
            first: The range's first address; the first host of the subnet by default.
            last: The range's last address; the last host of the subnet by default.
            range_type: The clients that the range serves.
            lease_time: How long a lease lasts; 0xFFFFFFFF seconds is without end.

        Returns:
            The scope's id.

        Raises:
            AlreadyExistsError: A scope of a server overlaps (20052).
        """
        subnet = check_network(network)
        span = _span(subnet[1] if first is None else first, subnet[-2] if last is None else last)
        _check_inside(span, subnet)
        member("range_type", range_type, RangeType)
        seconds("lease_time", lease_time)
        with self._on_servers(servers) as (_, hosts):
            for host in hosts:
                overlaps = any(scope.network.overlaps(subnet) for scope in host.scopes.values())
                refuse(overlaps, ErrorCode.ERROR_DHCP_SUBNET_EXISTS, "DhcpCreateSubnet", host, subnet.network_address)
            for host in hosts:
                new = Scope(network=subnet, range=span, range_type=range_type, lease_time=lease_time)
                new.options.put(
                    StoredValue(
                        number=LEASE, data=pack(OptionType.DWORD, [lease_time.days * 86400 + lease_time.seconds])
                    )
                )
                host.scopes = {**host.scopes, subnet.network_address: new}
        return subnet.network_address

    @exclusive
    def remove_scope(
        self, scope: AddressLike, *, servers: Iterable[AddressLike] | None = None, force: bool = False
    ) -> None:
        """Delete a scope (DhcpDeleteSubnet).

        Args:
            scope: The scope's id.
            servers: The servers to change; all by default.
            force: Delete it even while clients have leases.

        Raises:
            ScopeNotFoundError: A server has no such scope (20005).
            ScopeInRelationshipError: The scope is in a relationship (20113), with or without ``force``.
            DhcpError: Clients have leases (20007).
        """
        with self._on_scopes(scope, servers, "DhcpDeleteSubnet") as (chosen, about):
            for host, copy in chosen:
                related = host.endpoint_of_scope(copy.network.network_address) is not None
                refuse(related, ErrorCode.ERROR_DHCP_FO_SCOPE_ALREADY_IN_RELATIONSHIP, *about(host))
                leased = bool(copy.clients) and not force
                refuse(leased, ErrorCode.ERROR_DHCP_ELEMENT_CANT_REMOVE, *about(host))
            for host, copy in chosen:
                host.scopes = {key: other for key, other in host.scopes.items() if other is not copy}

    @exclusive
    def set_range(
        self,
        scope: AddressLike,
        first: AddressLike,
        last: AddressLike,
        *,
        range_type: RangeType = RangeType.DHCP,
        servers: Iterable[AddressLike] | None = None,
    ) -> None:
        """Replace the range of a scope (DhcpAddSubnetElementV5); a scope has one range.

        Raises:
            ScopeNotFoundError: A server has no such scope (20005).
            NotSupportedError: The scope is in a relationship and the range would serve BOOTP (20129).
            DhcpError: The new range and the old one do not contain each other (20023), or the new one does not contain
                the ranges of the scope's policies (20112).
        """
        span = _span(first, last)
        member("range_type", range_type, RangeType)
        with self._on_scopes(scope, servers, "DhcpAddSubnetElementV5") as (chosen, about):
            for host, copy in chosen:
                _check_inside(span, copy.network)
                related = host.endpoint_of_scope(copy.network.network_address) is not None
                bootp = related and range_type is not RangeType.DHCP
                refuse(bootp, ErrorCode.ERROR_DHCP_FO_IPRANGE_TYPE_CONV_ILLEGAL, *about(host))
                ranges = copy.policies.ranges()
                cut = any(one.start not in span or one.end not in span for one in ranges)
                refuse(cut, ErrorCode.ERROR_SCOPE_RANGE_POLICY_RANGE_CONFLICT, *about(host))
                separate = copy.range is not None and span not in copy.range and copy.range not in span
                refuse(separate, ErrorCode.ERROR_DHCP_INVALID_RANGE, *about(host))
            for _, copy in chosen:
                copy.range, copy.range_type = span, range_type

    @exclusive
    def exclude(
        self,
        scope: AddressLike,
        first: AddressLike,
        last: AddressLike | None = None,
        *,
        servers: Iterable[AddressLike] | None = None,
    ) -> None:
        """Exclude addresses of a scope, so that no server gives them out.

        Raises:
            ScopeNotFoundError: A server has no such scope (20005).
        """
        span = _span(first, first if last is None else last)
        with self._on_scopes(scope, servers, "DhcpAddSubnetElementV5") as (chosen, _):
            for _, copy in chosen:
                _check_inside(span, copy.network)
            for _, copy in chosen:
                copy.exclusions = (*copy.exclusions, span)

    @exclusive
    def reserve(
        self,
        scope: AddressLike,
        address: AddressLike,
        client_id: bytes | str,
        *,
        name: str | None = None,
        description: str | None = None,
        servers: Iterable[AddressLike] | None = None,
    ) -> None:
        """Reserve an address for one client, and add a record of the client.

        Args:
            scope: The scope's id.
            address: The address, in the scope's range.
            client_id: The client identifier, 1 to 250 bytes, as bytes or as ``00-15-5d-01-02-03``.
            name: The client's name.
            description: Description.
            servers: The servers to change; all by default.

        Raises:
            ScopeNotFoundError: A server has no such scope (20005).
            DhcpError: The address is outside the range (20018), or it or the client has a reservation (20022).
        """
        where, client = to_address(address), checked_client_id(client_id, in_scope=True)
        optional_text("name", name)
        optional_text("description", description)
        with self._on_scopes(scope, servers, "DhcpAddSubnetElementV5") as (chosen, about):
            for host, copy in chosen:
                outside = copy.range is None or where not in copy.range
                refuse(outside, ErrorCode.ERROR_DHCP_NOT_RESERVED_CLIENT, *about(host))
                taken = where in copy.reservations or client in copy.reservations.values()
                refuse(taken, ErrorCode.ERROR_DHCP_RESERVEDIP_EXITS, *about(host))
            for host, copy in chosen:
                place_reservation(host, copy, ReservationRow(address=where, client_id=client), name, description)

    @exclusive
    def scopes(self, server: AddressLike) -> tuple[IPv4Address, ...]:
        """Return the ids of a server's scopes."""
        with self._changing(server) as (_, host, _now):
            return tuple(host.scopes)


def check_network(network: IPv4Network | str) -> IPv4Network:
    """Return the subnet of a scope, which must have addresses for hosts."""
    if not isinstance(network, IPv4Network | str):
        raise wrong_type("network", network, "IPv4Network or str")
    subnet = IPv4Network(network)
    if subnet.prefixlen > 30:
        raise ValueError(f"network must be /30 or wider, got {subnet}")
    return subnet


def _span(first: AddressLike, last: AddressLike) -> Span:
    span = Span(to_address(first, "first"), to_address(last, "last"))
    if span.last < span.first:
        raise ValueError(f"last must not be below first, got {first} to {last}")
    return span


def _check_inside(span: Span, network: IPv4Network) -> None:
    for argument, address in (("first", span.first), ("last", span.last)):
        if address not in network:
            raise ValueError(f"{argument} must be in the scope's network {network}, got {address}")
