# The servers that are authorized in the directory: a call that names no server, so each thread has its own directory.

def set_directory(answer):
    """Choose what answers this thread's calls for the servers in the directory.

    Args:
        answer: A callable that returns pairs of a name and an `ipaddress.IPv4Address`, or raises a `DhcpError`. With
            None there is no directory (20070), as at first.
    """
    _pending.__dict__["directory"] = answer


cdef c.DWORD do_enum_servers(c.DWORD flags, c.LPDHCPDS_SERVERS *servers) except? FAILED:
    cdef Arena memory
    cdef Arena *arena = &memory
    cdef c.LPDHCPDS_SERVERS made
    cdef char *place
    cdef size_t size
    cdef const char *text
    cdef Py_ssize_t i
    if flags != 0 or servers == NULL:
        return INVALID_PARAMETER
    answer = _pending.__dict__.get("directory")
    if answer is None:
        return NO_DIRECTORY
    found = tuple(answer())
    texts = []
    # One block for everything, as its caller frees nothing else.
    size = sizeof(c.DHCPDS_SERVERS) + len(found) * sizeof(c.DHCPDS_SERVER)
    for name, _ in found:
        encoded = name.encode("utf-16-le", "surrogatepass") + b"\0\0"
        texts.append(encoded)
        size += len(encoded)
    open_arena(arena)
    try:
        made = <c.LPDHCPDS_SERVERS>take(arena, size)
        made.NumElements = <c.DWORD>len(found)
        made.Servers = <c.LPDHCPDS_SERVER>(made + 1)
        place = <char *>(made.Servers + made.NumElements)
        for i in range(len(found)):
            made.Servers[i].ServerAddress = number(int(found[i][1]), "address")
            made.Servers[i].ServerName = <c.LPWSTR>place
            text = texts[i]
            memcpy(place, text, len(texts[i]))
            place += len(texts[i])
        servers[0] = made
        keep(arena)
        return 0
    finally:
        close_arena(arena)


ctypedef c.DWORD (*C_enum_servers)(c.DWORD flags, c.LPDHCPDS_SERVERS *servers) noexcept


cdef c.DWORD __stdcall c_enum_servers(
    c.DWORD flags, c.PVOID id_info, c.LPDHCPDS_SERVERS *servers, c.PVOID callback, c.PVOID data
) noexcept with gil:
    cdef c.DWORD code
    code = (<C_enum_servers>do_enum_servers)(flags, servers)
    return finish(code, NULL)


cdef c.DWORD __stdcall c_ds_init() noexcept nogil:
    return 0


_table.DhcpDsInit = c_ds_init
_table.DhcpEnumServers = c_enum_servers
