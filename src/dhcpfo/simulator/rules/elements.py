"""The rules of the element functions."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from ipaddress import IPv4Address
from itertools import chain, islice

from ...api import WHOLE
from ...enums import ClientType, ElementType, ForceFlag, LeaseState, RangeType
from ...errors import ErrorCode
from ...limits import FILETIME_EPOCH, MAX_DWORD, MAX_FREE_ADDRESSES
from ...models import (
    AddressRange,
    FailoverClient,
    HostInfo,
    Page,
    Reservation,
    ScopeElement,
    ScopeRange,
    unique_client_id,
)
from ..scopes import Scope, Span
from ..state import Host
from ..tables.elements import Elements, RangeRow, ReservationRow
from ..transaction import Call, Rules, exclusive
from .pages import page_of, text_bytes

__all__ = ["ElementsRules", "place_reservation"]

RANGES = frozenset(
    {ElementType.RANGES, ElementType.DHCP_RANGES, ElementType.DHCP_BOOTP_RANGES, ElementType.BOOTP_RANGES}
)
DHCP_ONLY = frozenset({RangeType.UNSPECIFIED, RangeType.DHCP})
WITHOUT_LIMIT = MAX_DWORD
NO_OWNER = IPv4Address("255.255.255.255")

ELEMENT_BYTES, RANGE_BYTES, EXCLUSION_BYTES, RESERVATION_BYTES, ID_BYTES = 16, 16, 8, 24, 16
"""The structures of an element on a 64-bit machine."""
INFO_BYTES = 48 + 8
"""An enumerated reservation and the pointer to it."""


class ElementsRules(Rules):
    """Offers `dhcpfo.api.ElementsApi`."""

    @exclusive
    def enum_elements(
        self, scope: IPv4Address, element_type: ElementType, resume: int = 0, preferred_maximum: int = WHOLE
    ) -> Page[ScopeElement]:
        """DhcpEnumSubnetElementsV5 ([MS-DHCPM] 3.2.4.39): the handle is an index, the maximum a budget of bytes."""
        with self._call("enum_elements", scope=scope) as call:
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            call.refuse(element_type == ElementType.SECONDARY_HOSTS, ErrorCode.ERROR_NOT_SUPPORTED)  # 2
            known = (
                ElementType.RANGES,
                ElementType.DHCP_BOOTP_RANGES,
                ElementType.EXCLUSIONS,
                ElementType.RESERVATIONS,
            )
            call.refuse(element_type not in known, ErrorCode.ERROR_INVALID_PARAMETER)  # 3
            rows = Elements(_need(call, scope))  # 4
            entries = list(_shown(rows, element_type))
            empty = ErrorCode.ERROR_NO_MORE_ITEMS
            if not entries and not resume and not call.lab.switches.empty_lists_have_no_more_items:
                empty = ErrorCode.ERROR_SUCCESS
            if preferred_maximum == 0 and entries[resume:]:  # 5
                of_ranges = element_type in RANGES
                status = ErrorCode.ERROR_NO_MORE_ITEMS if of_ranges else ErrorCode.ERROR_MORE_DATA
                return Page((), resume, len(entries) - resume, int(status))
            return page_of(call, entries, resume, preferred_maximum, _element_bytes, empty=empty)  # 6

    @exclusive
    def add_element(self, scope: IPv4Address, element: ScopeElement) -> None:
        """DhcpAddSubnetElementV5 ([MS-DHCPM] 3.2.4.38)."""
        with self._call("add_element", scope=scope, address=element.address) as call:
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            found = _need(call, scope)  # 2
            call.refuse(element.type == ElementType.SECONDARY_HOSTS, ErrorCode.ERROR_CALL_NOT_IMPLEMENTED)  # 3
            call.refuse(element.type == ElementType.USED_CLUSTERS, ErrorCode.ERROR_INVALID_PARAMETER)  # 4
            match element.value:
                case ScopeRange() if element.type in RANGES:
                    _add_range(call, found, element.value, RangeType(int(element.type)))
                case AddressRange() if element.type == ElementType.EXCLUSIONS:
                    span = Span(element.value.start, element.value.end)
                    call.refuse(span.last < span.first, ErrorCode.ERROR_DHCP_INVALID_RANGE)  # 10
                    again = span in found.exclusions and not call.lab.switches.exclusions_can_repeat
                    call.refuse(again, ErrorCode.ERROR_DHCP_INVALID_RANGE)
                    Elements(found).put_exclusion(span)  # 12: without a check of overlaps
                case Reservation() if element.type == ElementType.RESERVATIONS:
                    _add_reservation(call, found, element.value)
                case _:
                    raise call.error(ErrorCode.ERROR_INVALID_PARAMETER)  # 5

    @exclusive
    def remove_element(self, scope: IPv4Address, element: ScopeElement, force: ForceFlag) -> None:
        """DhcpRemoveSubnetElementV5 ([MS-DHCPM] 3.2.4.40)."""
        with self._call("remove_element", scope=scope, address=element.address) as call:
            call.refuse(not call.rights.write, ErrorCode.ERROR_ACCESS_DENIED)  # 1
            found = _need(call, scope)  # 2
            call.refuse(element.type == ElementType.SECONDARY_HOSTS, ErrorCode.ERROR_CALL_NOT_IMPLEMENTED)
            call.refuse(element.type == ElementType.USED_CLUSTERS, ErrorCode.ERROR_INVALID_PARAMETER)
            match element.value:
                case ScopeRange() if element.type in RANGES:
                    _remove_range(call, found, Span(element.value.start, element.value.end), force)
                case AddressRange() if element.type == ElementType.EXCLUSIONS:
                    _remove_exclusion(call, found, Span(element.value.start, element.value.end))
                case Reservation() if element.type == ElementType.RESERVATIONS:
                    _remove_reservation(call, found, element.value.address)
                case _:
                    raise call.error(ErrorCode.ERROR_INVALID_PARAMETER)

    @exclusive
    def enum_reservations(
        self, scope: IPv4Address, resume: int = 0, preferred_maximum: int = WHOLE
    ) -> Page[Reservation]:
        """DhcpV4EnumSubnetReservations ([MS-DHCPM] 3.2.4.120): the handle is an index, the maximum counts bytes."""
        with self._call("enum_reservations", scope=scope) as call:
            call.refuse(int(scope) == 0, ErrorCode.ERROR_INVALID_PARAMETER)  # 1
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            found = _need(call, scope)  # 3
            with_options = found.options.reservations()
            rows = Elements(found).reservations()
            entries = [_with_client(found, row, row.address in with_options) for row in rows]
            return page_of(call, entries, resume, preferred_maximum, _reservation_bytes)  # 4, 5

    @exclusive
    def get_free_addresses(
        self, scope: IPv4Address, start: IPv4Address, end: IPv4Address, count: int
    ) -> tuple[IPv4Address, ...]:
        """DhcpV4GetFreeIPAddress ([MS-DHCPM] 3.2.4.121): addresses without a record come before released ones."""
        with self._call("get_free_addresses", scope=scope) as call:
            given = int(start) != 0 and int(end) != 0
            wrong = int(scope) == 0 or count > MAX_FREE_ADDRESSES
            wrong |= given and (start > end or int(end) - int(start) + 1 < count)
            call.refuse(wrong, ErrorCode.ERROR_INVALID_PARAMETER)  # 1
            call.refuse(not call.rights.read, ErrorCode.ERROR_ACCESS_DENIED)  # 2
            found = call.need(call.host.scopes.get(scope), ErrorCode.ERROR_INVALID_PARAMETER)  # 3
            row = call.need(Elements(found).range, ErrorCode.ERROR_FILE_NOT_FOUND)  # 4
            for address in (start, end):
                outside = address not in found.network or address not in row.span
                call.refuse(int(address) != 0 and outside, ErrorCode.ERROR_INVALID_PARAMETER)  # 5, 6
            span = Span(start if int(start) else row.span.first, end if int(end) else row.span.last)
            return tuple(islice(_free(found, span), count))  # 7, 8


def place_reservation(
    host: Host, scope: Scope, row: ReservationRow, name: str | None = None, description: str | None = None
) -> None:
    """Add a reservation, and a record of its client unless there is one."""
    Elements(scope).put_reservation(row)
    client_id = unique_client_id(scope.network.network_address, row.client_id)
    if scope.clients.of_client(client_id):
        return
    scope.clients[row.address] = FailoverClient(
        address=row.address,
        subnet_mask=scope.network.netmask,
        client_id=client_id,
        name=name,
        comment=description,
        lease_expires=FILETIME_EPOCH,  # it has no lease yet
        owner=HostInfo(address=NO_OWNER, netbios_name=host.name.partition(".")[0].upper()),
        client_type=ClientType.NONE,
    )


def _need(call: Call, scope: IPv4Address) -> Scope:
    return call.need(call.host.scopes.get(scope), ErrorCode.ERROR_DHCP_SUBNET_NOT_PRESENT)


def _shown(rows: Elements, element_type: ElementType) -> Iterator[ScopeElement]:
    """Yield the elements that an enumeration of the type answers."""
    if element_type == ElementType.EXCLUSIONS:
        for span in rows.exclusions:
            yield ScopeElement(type=element_type, value=AddressRange(span.first, span.last))
    elif element_type == ElementType.RESERVATIONS:
        for row in rows.reservations():
            value = Reservation(address=row.address, client_id=row.client_id, type=row.type)
            yield ScopeElement(type=element_type, value=value)
    elif rows.range is not None:
        kept = rows.range
        found = ScopeRange(start=kept.span.first, end=kept.span.last, type=kept.type, max_bootp=kept.max_bootp)
        yield ScopeElement(type=ElementType(int(kept.type)), value=found)


def _element_bytes(element: ScopeElement) -> int:
    if isinstance(element.value, Reservation):
        return ELEMENT_BYTES + RESERVATION_BYTES + ID_BYTES + len(element.value.client_id)
    return ELEMENT_BYTES + (EXCLUSION_BYTES if element.type == ElementType.EXCLUSIONS else RANGE_BYTES)


def _reservation_bytes(reservation: Reservation) -> int:
    texts = text_bytes(reservation.name) + text_bytes(reservation.description)
    return INFO_BYTES + len(reservation.client_id) + texts


def _with_client(scope: Scope, row: ReservationRow, has_options: bool) -> Reservation:
    """Return a reservation with what the record of its client knows."""
    client_id = unique_client_id(scope.network.network_address, row.client_id)
    record = next(iter(scope.clients.of_client(client_id)), None)
    return Reservation(
        address=row.address,
        client_id=client_id,
        name=record.name if record is not None else None,
        description=record.comment if record is not None else None,
        type=row.type,
        has_options=has_options,
    )


def _add_range(call: Call, scope: Scope, value: ScopeRange, kind: RangeType) -> None:
    rows, span = Elements(scope), Span(value.start, value.end)
    related = call.host.endpoint_of_scope(scope.network.network_address) is not None
    call.refuse(related and kind not in DHCP_ONLY, ErrorCode.ERROR_DHCP_FO_IPRANGE_TYPE_CONV_ILLEGAL)  # 6
    old = rows.range
    if old is not None and old.type != kind:
        other = {RangeType.BOOTP: ClientType.DHCP, RangeType.BOTH: None}.get(kind, ClientType.BOOTP)
        blocked = any(client.client_type == other for client in scope.clients.values())
        call.refuse(blocked, ErrorCode.ERROR_DHCP_IPRANGE_CONV_ILLEGAL)  # 7
    by_letter = call.lab.switches.policy_ranges_by_letter and kind != RangeType.UNSPECIFIED
    kept = [] if by_letter else scope.policies.ranges()
    cut = any(one.start not in span or one.end not in span for one in kept)
    call.refuse(cut, ErrorCode.ERROR_SCOPE_RANGE_POLICY_RANGE_CONFLICT)  # 8
    limit = value.max_bootp if kind == RangeType.BOTH else WITHOUT_LIMIT
    row = RangeRow(span=span, type=kind, max_bootp=limit)
    if row == old:
        return  # 9
    call.refuse(span.last < span.first, ErrorCode.ERROR_DHCP_INVALID_RANGE)  # 10
    outside = call.lab.switches.ranges_lie_in_scope and not (span.first in scope.network and span.last in scope.network)
    call.refuse(outside, ErrorCode.ERROR_DHCP_INVALID_RANGE)
    apart = old is not None and span not in old.span and old.span not in span
    call.refuse(apart, ErrorCode.ERROR_DHCP_INVALID_RANGE)  # 11
    if related and not call.lab.switches.failover_range_can_change:
        call.refuse(True, ErrorCode.ERROR_DHCP_FO_RANGE_PART_OF_REL)
    rows.put_range(row)


def _add_reservation(call: Call, scope: Scope, value: Reservation) -> None:
    rows = Elements(scope)
    reserved = rows.reservation(value.address) is not None
    outside = rows.range is None or value.address not in rows.range.span
    call.refuse(outside and not reserved, ErrorCode.ERROR_DHCP_NOT_RESERVED_CLIENT)  # 13
    taken = reserved or rows.is_reserved_for(value.client_id)
    call.refuse(taken, ErrorCode.ERROR_DHCP_RESERVEDIP_EXITS)  # 13
    row = ReservationRow(address=value.address, client_id=value.client_id, type=value.type)
    place_reservation(call.host, scope, row)


def _remove_range(call: Call, scope: Scope, span: Span, force: ForceFlag) -> None:
    rows = Elements(scope)
    related = call.host.endpoint_of_scope(scope.network.network_address) is not None
    if call.lab.switches.failover_range_stays:
        call.refuse(related, ErrorCode.ERROR_DHCP_FO_RANGE_PART_OF_REL)
    call.refuse(bool(scope.policies.ranges()), ErrorCode.ERROR_SCOPE_RANGE_POLICY_RANGE_CONFLICT)
    unknown = rows.range is None or rows.range.span != span
    call.refuse(unknown, ErrorCode.ERROR_DHCP_INVALID_RANGE)
    used = force == ForceFlag.NO_FORCE and any(address in span for address in scope.clients)
    call.refuse(used, ErrorCode.ERROR_DHCP_ELEMENT_CANT_REMOVE)
    rows.delete_range()


def _remove_exclusion(call: Call, scope: Scope, span: Span) -> None:
    rows = Elements(scope)
    elsewhere = not any(span.first in other for other in rows.exclusions)
    call.refuse(elsewhere, ErrorCode.ERROR_DHCP_ELEMENT_CANT_REMOVE)
    call.refuse(span not in rows.exclusions, ErrorCode.ERROR_INVALID_PARAMETER)
    rows.delete_exclusion(span)


def _remove_reservation(call: Call, scope: Scope, address: IPv4Address) -> None:
    """Remove a reservation; its client keeps a normal lease. Without a reservation, remove the lease."""
    rows = Elements(scope)
    row = rows.reservation(address)
    if row is None:
        call.need(scope.clients.get(address), ErrorCode.ERROR_DHCP_JET_ERROR)
        del scope.clients[address]
        return
    client_id = unique_client_id(scope.network.network_address, row.client_id)
    records = scope.clients.of_client(client_id)
    call.refuse(not records, ErrorCode.ERROR_DHCP_JET_ERROR)
    rows.delete_reservation(address)
    scope.options.delete_reservation(address)
    for record in records:
        if record.lease_expires == FILETIME_EPOCH:
            del scope.clients[record.address]
        elif record.address == address:
            ends = call.local_time.replace(microsecond=0) + scope.lease_time
            scope.clients[address] = replace(record, lease_expires=ends, client_type=ClientType.DHCP)


def _free(scope: Scope, span: Span) -> Iterator[IPv4Address]:
    """Yield the addresses without a record, then those of released leases; excluded ones are not free."""

    def every() -> Iterable[IPv4Address]:
        numbers = range(int(span.first), int(span.last) + 1)
        return (address for address in map(IPv4Address, numbers) if not _excluded(scope, address))

    def released(address: IPv4Address) -> bool:
        return address in scope.clients and scope.clients[address].lease_state == LeaseState.DOOMED

    return chain((one for one in every() if one not in scope.clients), filter(released, every()))


def _excluded(scope: Scope, address: IPv4Address) -> bool:
    return any(address in span for span in scope.exclusions)
