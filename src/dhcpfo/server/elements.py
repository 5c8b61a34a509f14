"""The element methods of `Server`: the range, exclusions and reservations of a scope, and its free addresses."""

from collections.abc import Iterator
from ipaddress import IPv4Address

from .. import arguments
from ..enums import ClientType, ElementType, ForceFlag, RangeType, SearchType
from ..errors import DhcpError, ErrorCode
from ..limits import MAX_DWORD, MAX_FREE_ADDRESSES
from ..models import (
    AddressLike,
    AddressRange,
    ClientSearch,
    ClientValues,
    Reservation,
    ScopeElement,
    ScopeRange,
)
from ..models.elements import with_bare_ids
from ..models.page import SUCCESS_WITH_LAST_PAGE
from .connection import Connection
from .unchanged import UNCHANGED, Unchanged

__all__ = ["ElementsMethods"]

UNSET = IPv4Address(0)


class ElementsMethods(Connection):
    """Ranges, exclusions and reservations of scopes."""

    __slots__ = ()

    def ranges(self, scope: AddressLike) -> list[ScopeRange]:
        """Return the range that a scope leases addresses from. A scope has one range, or none yet.

        Args:
            scope: The scope's network address.

        Raises:
            ScopeNotFoundError: The scope does not exist on this server (20005).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpEnumSubnetElementsV5 ([MS-DHCPM] 3.2.4.39).
        """
        found = self._elements(scope, ElementType.DHCP_BOOTP_RANGES)
        return [element.value for element in found if isinstance(element.value, ScopeRange)]

    def add_range(
        self,
        scope: AddressLike,
        start: AddressLike,
        end: AddressLike,
        *,
        type: RangeType = RangeType.DHCP,  # noqa: A002
        max_bootp: int = MAX_DWORD,
    ) -> None:
        """Give a scope its range, or replace the range that it has.

        A new range must contain the old one or lie within it. To move a range, first extend it over both. Leases and
        reservations outside the new range stay.

        Args:
            scope: The scope's network address.
            start: The first address.
            end: The last address.
            type: The kind of clients that the range serves. Failover needs ``DHCP``.
            max_bootp: How many BOOTP clients may have an address. Servers use it with ``BOTH`` only.

        Raises:
            ScopeNotFoundError: The scope does not exist on this server (20005).
            NotSupportedError: The scope is in failover, and the range would serve BOOTP (20129).
            DhcpError: The new range and the old one do not contain each other (20023), clients of another kind have
                addresses (20049), or the range of a policy would lie outside (20112).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpAddSubnetElementV5 ([MS-DHCPM] 3.2.4.38).
        """
        value = self._range(start, end, type, arguments.number("max_bootp", max_bootp, MAX_DWORD))
        self._api.add_element(
            arguments.address("scope", scope), ScopeElement(type=ElementType(int(value.type)), value=value)
        )

    def remove_range(
        self, scope: AddressLike, start: AddressLike, end: AddressLike, *, force: ForceFlag = ForceFlag.NO_FORCE
    ) -> None:
        """Remove the range of a scope.

        Args:
            scope: The scope's network address.
            start: The first address of the range.
            end: The last address of the range.
            force: ``NO_FORCE`` refuses while clients have addresses of the range.

        Raises:
            ScopeNotFoundError: The scope does not exist on this server (20005).
            ScopeInRelationshipError: The scope is in failover (20132).
            DhcpError: The scope has no such range (20023), clients have addresses of it (20007), or a policy of the
                scope has a range (20112).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpRemoveSubnetElementV5 ([MS-DHCPM] 3.2.4.40).
        """
        self._api.remove_element(
            arguments.address("scope", scope),
            ScopeElement(type=ElementType.RANGES, value=self._range(start, end, RangeType.UNSPECIFIED, MAX_DWORD)),
            arguments.member("force", force, ForceFlag),
        )

    def exclusions(self, scope: AddressLike) -> list[AddressRange]:
        """Return the addresses of a scope that the server does not give out, as ranges. They may overlap.

        Args:
            scope: The scope's network address.

        Raises:
            ScopeNotFoundError: The scope does not exist on this server (20005).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpEnumSubnetElementsV5 ([MS-DHCPM] 3.2.4.39).
        """
        found = self._elements(scope, ElementType.EXCLUSIONS)
        return [element.value for element in found if isinstance(element.value, AddressRange)]

    def add_exclusion(self, scope: AddressLike, start: AddressLike, end: AddressLike | None = None) -> None:
        """Exclude addresses of a scope, so that the server does not give them out.

        Servers do not check whether it overlaps another exclusion, and store the same one twice.

        Args:
            scope: The scope's network address.
            start: The first address.
            end: The last address; one address is excluded if you omit it.

        Raises:
            ScopeNotFoundError: The scope does not exist on this server (20005).
            DhcpError: ``end`` is below ``start`` (20023).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpAddSubnetElementV5 ([MS-DHCPM] 3.2.4.38).
        """
        self._api.add_element(arguments.address("scope", scope), self._exclusion(start, end))

    def remove_exclusion(self, scope: AddressLike, start: AddressLike, end: AddressLike | None = None) -> None:
        """Remove an exclusion. Both addresses must be those of an exclusion that `exclusions` returns.

        Args:
            scope: The scope's network address.
            start: The first address.
            end: The last address; ``start`` if you omit it.

        Raises:
            ScopeNotFoundError: The scope does not exist on this server (20005).
            InvalidParameterError: ``start`` is excluded, but not by an exclusion with these addresses (87).
            DhcpError: ``start`` is not excluded (20007).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpRemoveSubnetElementV5 ([MS-DHCPM] 3.2.4.40).
        """
        self._api.remove_element(arguments.address("scope", scope), self._exclusion(start, end), ForceFlag.NO_FORCE)

    def reservations(self, scope: AddressLike) -> list[Reservation]:
        """Return all reservations of a scope, with their names and descriptions, ascending by address.

        Args:
            scope: The scope's network address.

        Raises:
            ScopeNotFoundError: The scope does not exist on this server (20005).
            NotSupportedError: The server is older than Windows Server 2012 (1745).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpV4EnumSubnetReservations ([MS-DHCPM] 3.2.4.120).
        """
        return list(self.iter_reservations(scope))

    def iter_reservations(self, scope: AddressLike) -> Iterator[Reservation]:
        """Return an iterator over the reservations of a scope. It keeps one page at a time in memory.

        Args:
            scope: The scope's network address.

        Raises:
            ScopeNotFoundError: The scope does not exist on this server (20005).
            NotSupportedError: The server is older than Windows Server 2012 (1745).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpV4EnumSubnetReservations ([MS-DHCPM] 3.2.4.120).
        """
        checked = arguments.address("scope", scope)
        found = self._follow(self._api.enum_reservations, SUCCESS_WITH_LAST_PAGE, checked)
        return with_bare_ids(found, checked)

    def add_reservation(
        self,
        scope: AddressLike,
        address: AddressLike,
        client_id: bytes | str,
        *,
        type: ClientType = ClientType.BOTH,  # noqa: A002
        name: str | None = None,
        description: str | None = None,
    ) -> None:
        """Reserve an address for a client. For failover, reserve it on both servers.

        The server keeps the name and the description in the record of the client, so they take two more calls. If one
        of those fails, the address is reserved all the same; `set_reservation` sets them later.

        Args:
            scope: The scope's network address.
            address: The address, in the range of the scope. It may be excluded.
            client_id: The client identifier, usually the MAC address, as bytes or hexadecimal text.
            type: Which protocol the client may use: ``DHCP``, ``BOOTP`` or ``BOTH``.
            name: The client's name. If the client has a record already, None leaves the name in it.
            description: Description; None as for ``name``.

        Raises:
            ScopeNotFoundError: The scope does not exist on this server (20005).
            DhcpError: The address is outside the range of the scope (20018), or the address or the client has a
                reservation (20022).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpAddSubnetElementV5 ([MS-DHCPM] 3.2.4.38).
        """
        subnet, element = arguments.address("scope", scope), self._reservation(address, client_id, type)
        arguments.optional_text("name", name)
        arguments.optional_text("description", description)
        self._api.add_element(subnet, element)
        if name is not None or description is not None:
            unique = arguments.unique_id(client_id, subnet)
            self._describe(ClientSearch(type=SearchType.CLIENT_ID, value=unique), name, description)

    def set_reservation(
        self,
        address: AddressLike,
        *,
        name: str | Unchanged | None = UNCHANGED,
        description: str | Unchanged | None = UNCHANGED,
    ) -> None:
        """Change the name or the description of a reservation. Only the values that you pass change.

        The server keeps them in the record of the client, and sets the end of the lease with them. So this method reads
        the record first: it makes two calls, and a renewal between the two loses its time. It does not check that the
        address is reserved; for any other address it changes the record of the lease.

        Args:
            address: The reserved address.
            name: New name; None removes it.
            description: New description; None removes it.

        Raises:
            ClientNotFoundError: The address has no record (20016). A client with a lease of another address gets the
                record of its reserved address when it renews.
            NotSupportedError: The server is older than Windows Server 2012 (1745).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpSetClientInfoV4 ([MS-DHCPM] 3.1.4.34).
        """
        if isinstance(name, Unchanged) and isinstance(description, Unchanged):
            raise ValueError("nothing to change: pass at least one of name, description")
        search = ClientSearch(type=SearchType.ADDRESS, value=arguments.address("address", address))
        texts = [
            None if isinstance(value, Unchanged) else arguments.optional_text(argument, value) or ""
            for argument, value in (("name", name), ("description", description))
        ]
        self._describe(search, *texts)

    def _describe(self, search: ClientSearch, name: str | None, description: str | None) -> None:
        """Set the name and the description of a client; None leaves one as it is, "" removes it."""
        record = self._api.get_client(search)
        values = ClientValues(
            address=record.address,
            subnet_mask=record.subnet_mask,
            client_id=record.hardware_address,
            name=name,
            comment=description,
            lease_expires=record.lease_expires,
            owner=record.owner,
            client_type=record.client_type,
        )
        self._api.set_client(values)

    def remove_reservation(self, scope: AddressLike, address: AddressLike, client_id: bytes | str) -> None:
        """Remove a reservation with its option values. A client that uses the address keeps it as a normal lease.

        Args:
            scope: The scope's network address.
            address: The reserved address. If it is not reserved, the server deletes the lease of the address instead.
            client_id: The client identifier that it is reserved for.

        Raises:
            ScopeNotFoundError: The scope does not exist on this server (20005).
            ClientNotFoundError: The address has neither a reservation nor a lease (20013).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpRemoveSubnetElementV5 ([MS-DHCPM] 3.2.4.40).
        """
        element = self._reservation(address, client_id, ClientType.BOTH)
        self._api.remove_element(arguments.address("scope", scope), element, ForceFlag.NO_FORCE)

    def free_addresses(
        self,
        scope: AddressLike,
        *,
        count: int = 1,
        start: AddressLike | None = None,
        end: AddressLike | None = None,
    ) -> list[IPv4Address]:
        """Return addresses of a scope that nobody uses: neither excluded nor reserved nor leased.

        Nothing is reserved by this: the server may lease the addresses in the next moment.

        Args:
            scope: The scope's network address.
            count: How many to return, 1 to 1024. The result is shorter if the scope has fewer.
            start: The first address to look at; the start of the range by default.
            end: The last address to look at; the end of the range by default.

        Raises:
            InvalidParameterError: The scope does not exist, or ``start`` and ``end`` are not in its range (87).
            NotFoundError: The scope has no range (2).
            NotSupportedError: The server is older than Windows Server 2012 (1745).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpV4GetFreeIPAddress ([MS-DHCPM] 3.2.4.121).
        """
        first = UNSET if start is None else arguments.address("start", start)
        last = UNSET if end is None else arguments.address("end", end)
        wanted = arguments.number("count", count, MAX_FREE_ADDRESSES, least=1)
        try:
            return list(self._api.get_free_addresses(arguments.address("scope", scope), first, last, wanted))
        except DhcpError as error:
            if error.winerror == ErrorCode.ERROR_DHCP_REACHED_END_OF_SELECTION:  # and no list: there is none
                return []
            raise

    def _elements(self, scope: AddressLike, kind: ElementType) -> Iterator[ScopeElement]:
        return self._follow(self._api.enum_elements, SUCCESS_WITH_LAST_PAGE, arguments.address("scope", scope), kind)

    @staticmethod
    def _range(start: AddressLike, end: AddressLike, kind: RangeType, max_bootp: int) -> ScopeRange:
        first, last = arguments.span(start, end)
        return ScopeRange(start=first, end=last, type=arguments.member("type", kind, RangeType), max_bootp=max_bootp)

    @staticmethod
    def _exclusion(start: AddressLike, end: AddressLike | None) -> ScopeElement:
        first, last = arguments.span(start, start if end is None else end)
        return ScopeElement(type=ElementType.EXCLUSIONS, value=AddressRange(first, last))

    @staticmethod
    def _reservation(address: AddressLike, client_id: bytes | str, kind: ClientType) -> ScopeElement:
        value = Reservation(
            address=arguments.address("address", address),
            client_id=arguments.client_id(client_id, in_scope=True),
            type=arguments.member("type", kind, ClientType),
        )
        return ScopeElement(type=ElementType.RESERVATIONS, value=value)
