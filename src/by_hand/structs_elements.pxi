# Converters of an element: a union of pointers, in which a range's model has the type of the element.

from dhcpfo.enums import RangeType
from dhcpfo.models import ScopeRange

cdef _Maker make_ScopeRange = _Maker(ScopeRange, "start", "end", "type", "bootp_allocated", "max_bootp")


cdef object read_range(const c.DHCP_BOOTP_IP_RANGE *raw, c.DWORD kind):
    model = make_ScopeRange.new()
    make_ScopeRange.set(model, 0, address(raw.StartAddress))
    make_ScopeRange.set(model, 1, address(raw.EndAddress))
    make_ScopeRange.set(model, 2, RangeType(kind))
    make_ScopeRange.set(model, 3, raw.BootpAllocated)
    make_ScopeRange.set(model, 4, raw.MaxBootpAllowed)
    return model


cdef object read_reserved(const c.DHCP_IP_RESERVATION_V4 *raw):
    model = make_Reservation.new()
    make_Reservation.set(model, 0, address(raw.ReservedIpAddress))
    make_Reservation.set(model, 1, b"" if raw.ReservedForClient == NULL else binary(raw.ReservedForClient))
    make_Reservation.set(model, 2, None)
    make_Reservation.set(model, 3, None)
    make_Reservation.set(model, 4, members_ClientType.of(raw.bAllowedClientTypes))
    make_Reservation.set(model, 5, False)
    return model


cdef object read_DHCP_SUBNET_ELEMENT_DATA_V5(const c.DHCP_SUBNET_ELEMENT_DATA_V5 *raw):
    """A value that is NULL, or of a type that nobody asks for, reads as None."""
    cdef object value = None
    cdef c.DWORD kind = raw.ElementType
    model = make_ScopeElement.new()
    make_ScopeElement.set(model, 0, members_ElementType.of(kind))
    if kind in (0, 5, 6, 7) and raw.Element.IpRange != NULL:
        value = read_range(raw.Element.IpRange, kind)
    elif kind == 1 and raw.Element.SecondaryHost != NULL:
        value = read_DHCP_HOST_INFO(raw.Element.SecondaryHost)
    elif kind == 2 and raw.Element.ReservedIp != NULL:
        value = read_reserved(raw.Element.ReservedIp)
    elif kind == 3 and raw.Element.ExcludeIpRange != NULL:
        value = read_DHCP_IP_RANGE(raw.Element.ExcludeIpRange)
    make_ScopeElement.set(model, 1, value)
    return model


cdef int fill_DHCP_SUBNET_ELEMENT_DATA_V5(
    c.DHCP_SUBNET_ELEMENT_DATA_V5 *raw, object model, Arena *arena
) except -1:
    cdef object value = model.value
    cdef c.DHCP_BOOTP_IP_RANGE *range_
    cdef c.DHCP_IP_RESERVATION_V4 *reserved
    raw.ElementType = number(model.type, "type")
    if value is None:
        return 0
    if raw.ElementType in (0, 5, 6, 7):
        range_ = <c.DHCP_BOOTP_IP_RANGE *>take(arena, sizeof(c.DHCP_BOOTP_IP_RANGE))
        range_.StartAddress = ip(value.start, "start")
        range_.EndAddress = ip(value.end, "end")
        range_.BootpAllocated = number(value.bootp_allocated, "bootp_allocated")
        range_.MaxBootpAllowed = number(value.max_bootp, "max_bootp")
        raw.Element.IpRange = range_
    elif raw.ElementType == 1:
        raw.Element.SecondaryHost = <c.LPDHCP_HOST_INFO>take(arena, sizeof(c.DHCP_HOST_INFO))
        fill_DHCP_HOST_INFO(raw.Element.SecondaryHost, value, arena)
    elif raw.ElementType == 2:
        reserved = <c.DHCP_IP_RESERVATION_V4 *>take(arena, sizeof(c.DHCP_IP_RESERVATION_V4))
        reserved.ReservedIpAddress = ip(value.address, "address")
        reserved.ReservedForClient = <c.DHCP_BINARY_DATA *>take(arena, sizeof(c.DHCP_BINARY_DATA))
        put_binary(arena, reserved.ReservedForClient, value.client_id, "client_id")
        reserved.bAllowedClientTypes = <c.BYTE>number(value.type, "type", 0xFF)
        raw.Element.ReservedIp = reserved
    elif raw.ElementType == 3:
        raw.Element.ExcludeIpRange = <c.LPDHCP_IP_RANGE>take(arena, sizeof(c.DHCP_IP_RANGE))
        fill_DHCP_IP_RANGE(raw.Element.ExcludeIpRange, value, arena)
    else:
        raise unknown_tag(ElementType, model.type, "type")
    return 0
