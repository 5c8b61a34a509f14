# Converters that the generator does not write, because the model and the structure differ in shape.

cdef object read_DHCP_ATTRIB(const c.DHCP_ATTRIB *raw):
    """An attribute of another type than a truth value reads as a number."""
    model = make_ServerAttribute.new()
    make_ServerAttribute.set(model, 0, members_AttributeId.of(raw.DhcpAttribId))
    make_ServerAttribute.set(model, 1, raw.DhcpAttribBool != 0 if raw.DhcpAttribType == 1 else raw.DhcpAttribUlong)
    return model


cdef int fill_DHCP_ATTRIB(c.DHCP_ATTRIB *raw, object model, Arena *arena) except -1:
    raw.DhcpAttribId = number(model.id, "id")
    raw.DhcpAttribType = 1 if isinstance(model.value, bool) else 2
    raw.DhcpAttribUlong = number(model.value, "value")
    return 0
