# A pattern keeps its bytes inside the structure; the model has them as `bytes`, which know their length.

cdef enum:
    PATTERN_BYTES = 255


cdef object read_DHCP_ADDR_PATTERN(const c.DHCP_ADDR_PATTERN *raw):
    cdef _Maker maker = make_FilterPattern
    model = maker.new()
    maker.set(model, 0, raw.MatchHWType != 0)
    maker.set(model, 1, raw.HWType)
    maker.set(model, 2, raw.IsWildcard != 0)
    maker.set(model, 3, octets(raw.Pattern, raw.Length))
    return model


cdef int fill_DHCP_ADDR_PATTERN(c.DHCP_ADDR_PATTERN *raw, object model, Arena *arena) except -1:
    """Bytes behind the pattern become 0, because a server may compare all 255."""
    cdef object data = model.octets
    cdef Py_ssize_t length
    if not isinstance(data, bytes):
        raise TypeError(f"octets must be bytes, not {type(data).__name__}")
    length = PyBytes_Size(data)  # not len: a subclass may answer another length
    if length > PATTERN_BYTES:
        raise ValueError(f"octets must have at most {PATTERN_BYTES} bytes, got {length}")
    memset(raw, 0, sizeof(c.DHCP_ADDR_PATTERN))
    raw.MatchHWType = 1 if model.match_hardware_type else 0
    raw.HWType = <c.BYTE>number(model.hardware_type, "hardware_type", 0xFF)
    raw.IsWildcard = 1 if model.wildcard else 0
    raw.Length = <c.BYTE>length
    memcpy(raw.Pattern, PyBytes_AsString(data), length)
    return 0
