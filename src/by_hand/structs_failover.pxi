# Records of clients name the same few servers over and over: a cache of the last ones made, as for addresses.

cdef enum:
    HOSTS = 16
    HOST_NAME = 32

ctypedef struct RecentHost:
    PyObject *value
    c.DWORD address
    c.WCHAR netbios_name[HOST_NAME]

cdef RecentHost _recent_hosts[HOSTS]


cdef inline bint same_text(const c.WCHAR *one, const c.WCHAR *other) noexcept:
    while one[0] == other[0]:
        if one[0] == 0:
            return True
        one += 1
        other += 1
    return False


cdef object read_DHCP_HOST_INFO(const c.DHCP_HOST_INFO *raw):
    cdef _Maker maker = make_HostInfo
    cdef RecentHost *entry = &_recent_hosts[(raw.IpAddress * <c.DWORD>2654435761) >> 28]
    cdef bint short = raw.HostName == NULL and raw.NetBiosName != NULL
    if short and entry.value != NULL and entry.address == raw.IpAddress:
        if same_text(raw.NetBiosName, entry.netbios_name):
            return <object>entry.value
    model = maker.new()
    maker.set(model, 0, address(raw.IpAddress))
    maker.set(model, 1, utf16.decode(raw.NetBiosName))
    maker.set(model, 2, utf16.decode(raw.HostName))
    if short and DHCPFO_ONE_THREAD_AT_A_TIME:
        remember_host(entry, raw, model)
    return model


cdef int remember_host(RecentHost *entry, const c.DHCP_HOST_INFO *raw, object model) except -1:
    cdef PyObject *old
    cdef int i
    for i in range(HOST_NAME):
        if raw.NetBiosName[i] == 0:
            break
    else:
        return 0  # too long to compare with
    old = entry.value
    entry.value = NULL
    memcpy(entry.netbios_name, raw.NetBiosName, (i + 1) * sizeof(c.WCHAR))
    entry.address = raw.IpAddress
    Py_INCREF(model)
    entry.value = <PyObject *>model
    Py_XDECREF(old)
    return 0


cdef int fill_DHCP_HOST_INFO(c.DHCP_HOST_INFO *raw, object model, Arena *arena) except -1:
    raw.IpAddress = ip(model.address, "address")
    raw.NetBiosName = put_text(arena, model.netbios_name, "netbios_name")
    raw.HostName = put_text(arena, model.host_name, "host_name")
    return 0
