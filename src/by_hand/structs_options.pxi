# Converters of options: a model has the type of its data once and the values in a tuple, C has a type in each element.

cdef object read_element(const c.DHCP_OPTION_DATA_ELEMENT *raw):
    """The value of an element; of an unknown type, the bytes of the union."""
    if raw.OptionType == 0:
        return raw.Element.ByteOption
    if raw.OptionType == 1:
        return raw.Element.WordOption
    if raw.OptionType == 2:
        return raw.Element.DWordOption
    if raw.OptionType == 3:
        return <unsigned long long>raw.Element.DWordDWordOption.DWord1 << 32 | raw.Element.DWordDWordOption.DWord2
    if raw.OptionType == 4:
        return address(raw.Element.IpAddressOption)
    if raw.OptionType == 5 or raw.OptionType == 8:
        return "" if raw.Element.StringDataOption == NULL else utf16.decode(raw.Element.StringDataOption)
    if raw.OptionType == 6 or raw.OptionType == 7:
        return binary(&raw.Element.BinaryDataOption)
    return octets(<const c.BYTE *>&raw.Element, sizeof(raw.Element))


cdef int fill_element(c.DHCP_OPTION_DATA_ELEMENT *raw, object kind, object value, Arena *arena) except -1:
    """Bytes of an unknown type are refused: they may hold a pointer of another process."""
    cdef unsigned long long both
    raw.OptionType = number(kind, "type")
    if raw.OptionType == 0:
        raw.Element.ByteOption = <c.BYTE>number(value, "values", 0xFF)
    elif raw.OptionType == 1:
        raw.Element.WordOption = <c.WORD>number(value, "values", 0xFFFF)
    elif raw.OptionType == 2:
        raw.Element.DWordOption = number(value, "values")
    elif raw.OptionType == 3:
        both = number64(value, "values")
        raw.Element.DWordDWordOption.DWord1 = <c.DWORD>(both >> 32)
        raw.Element.DWordDWordOption.DWord2 = <c.DWORD>(both & 0xFFFFFFFF)
    elif raw.OptionType == 4:
        raw.Element.IpAddressOption = ip(value, "values")
    elif raw.OptionType == 5 or raw.OptionType == 8:
        raw.Element.StringDataOption = put_text(arena, value, "values")
    elif raw.OptionType == 6 or raw.OptionType == 7:
        put_binary(arena, &raw.Element.BinaryDataOption, value, "values")
    else:
        raise unknown_tag(OptionType, kind, "type")
    return 0


cdef int read_values(const c.DHCP_OPTION_DATA *raw, _Maker maker, object model, Py_ssize_t slot) except -1:
    """Set the slots for the type and the values. An element of another type than the first one keeps its type."""
    cdef c.DWORD i, kind
    cdef list values = []
    if raw.Elements == NULL or raw.NumElements == 0:
        maker.set(model, slot, None)
        maker.set(model, slot + 1, ())
        return 0
    kind = raw.Elements[0].OptionType
    for i in range(raw.NumElements):
        value = read_element(&raw.Elements[i])
        if raw.Elements[i].OptionType != kind:
            element = make_OptionElement.new()
            make_OptionElement.set(element, 0, members_OptionType.of(raw.Elements[i].OptionType))
            make_OptionElement.set(element, 1, value)
            value = element
        values.append(value)
    maker.set(model, slot, members_OptionType.of(kind))
    maker.set(model, slot + 1, tuple(values))
    return 0


cdef int fill_values(c.DHCP_OPTION_DATA *raw, object kind, object values, Arena *arena) except -1:
    cdef tuple items = tuple(values)  # a list could grow meanwhile
    cdef Py_ssize_t i, length = len(items)
    raw.NumElements = <c.DWORD>length
    raw.Elements = NULL
    if length:
        raw.Elements = <c.LPDHCP_OPTION_DATA_ELEMENT>take(arena, length * sizeof(c.DHCP_OPTION_DATA_ELEMENT))
    for i in range(length):
        value = items[i]
        if isinstance(value, OptionElement):
            fill_element(&raw.Elements[i], value.type, value.value, arena)
        else:
            fill_element(&raw.Elements[i], kind, value, arena)
    return 0


cdef object read_DHCP_OPTION_DATA(const c.DHCP_OPTION_DATA *raw):
    model = make_OptionData.new()
    read_values(raw, make_OptionData, model, 0)
    return model


cdef int fill_DHCP_OPTION_DATA(c.DHCP_OPTION_DATA *raw, object model, Arena *arena) except -1:
    return fill_values(raw, model.type, model.values, arena)


cdef object read_DHCP_OPTION(const c.DHCP_OPTION *raw):
    cdef _Maker maker = make_OptionDefinition
    model = maker.new()
    maker.set(model, 0, raw.OptionID)
    maker.set(model, 1, utf16.decode(raw.OptionName))
    maker.set(model, 2, utf16.decode(raw.OptionComment))
    read_values(&raw.DefaultValue, maker, model, 3)
    maker.set(model, 5, raw.OptionType != 0)
    maker.set(model, 6, None)
    maker.set(model, 7, None)
    return model


cdef int fill_DHCP_OPTION(c.DHCP_OPTION *raw, object model, Arena *arena) except -1:
    raw.OptionID = number(model.id, "id")
    raw.OptionName = put_text(arena, model.name, "name")
    raw.OptionComment = put_text(arena, model.description, "description")
    fill_values(&raw.DefaultValue, model.type, model.default, arena)
    raw.OptionType = 1 if model.multivalued else 0
    return 0


cdef object read_DHCP_OPTION_VALUE(const c.DHCP_OPTION_VALUE *raw):
    cdef _Maker maker = make_OptionValue
    model = maker.new()
    maker.set(model, 0, raw.OptionID)
    read_values(&raw.Value, maker, model, 1)
    maker.set(model, 3, None)
    maker.set(model, 4, None)
    maker.set(model, 5, None)
    return model


cdef int fill_DHCP_OPTION_VALUE(c.DHCP_OPTION_VALUE *raw, object model, Arena *arena) except -1:
    raw.OptionID = number(model.id, "id")
    return fill_values(&raw.Value, model.type, model.values, arena)


cdef object read_DHCP_OPTION_SCOPE_INFO(const c.DHCP_OPTION_SCOPE_INFO *raw):
    model = make_OptionLevel.new()
    scope = reservation = None
    if raw.ScopeType == 2:
        scope = address(raw.ScopeInfo.SubnetScopeInfo)
    elif raw.ScopeType == 3:
        scope = address(raw.ScopeInfo.ReservedScopeInfo.ReservedIpSubnetAddress)
        reservation = address(raw.ScopeInfo.ReservedScopeInfo.ReservedIpAddress)
    make_OptionLevel.set(model, 0, members_OptionLevelType.of(raw.ScopeType))
    make_OptionLevel.set(model, 1, scope)
    make_OptionLevel.set(model, 2, reservation)
    return model


cdef int fill_DHCP_OPTION_SCOPE_INFO(c.DHCP_OPTION_SCOPE_INFO *raw, object model, Arena *arena) except -1:
    raw.ScopeType = number(model.type, "type")
    if raw.ScopeType == 2:
        raw.ScopeInfo.SubnetScopeInfo = ip(model.scope, "scope")
    elif raw.ScopeType == 3:
        raw.ScopeInfo.ReservedScopeInfo.ReservedIpSubnetAddress = ip(model.scope, "scope")
        raw.ScopeInfo.ReservedScopeInfo.ReservedIpAddress = ip(model.reservation, "reservation")
    return 0
