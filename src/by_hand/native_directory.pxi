# The servers that are authorized in the directory: calls that name no server.

cdef object _directory_lock = threading.Lock()
cdef int _directory_ready = 0
cdef object _authorized_server = None  # failover does without


def enum_servers(functions=None):
    """DhcpEnumServers: ask Active Directory which DHCP servers it lists.

    Args:
        functions: A capsule with another provider's table of the same functions; None is the linked DLL.

    Raises:
        ImportError: ``functions`` is None and no Dhcpsapi is linked on this platform.
        DhcpError: The directory cannot be reached, or it refuses.
    """
    global _directory_ready, _authorized_server
    cdef const c.dhcpsapi_functions *f = &_linked
    cdef c.LPDHCPDS_SERVERS answer = NULL
    cdef c.LPDHCPDS_SERVER found
    cdef c.DWORD code, i
    if functions is not None:
        f = <const c.dhcpsapi_functions *>PyCapsule_GetPointer(functions, "dhcpfo.dhcpsapi_functions")
    elif not LINKED:
        raise ImportError("Dhcpsapi is not linked on this platform")
    if f.size != sizeof(c.dhcpsapi_functions):
        raise ValueError("functions: the table was made for another version of this package")
    with _directory_lock:
        if _authorized_server is None:
            from dhcpfo.models import AuthorizedServer

            _authorized_server = AuthorizedServer
        # Once in a process, as Microsoft's documentation says.
        if functions is not None or not _directory_ready:
            with nogil:
                code = f.DhcpDsInit()
            if code:
                raise from_code(code, "DhcpDsInit", None)
            _directory_ready = functions is None or _directory_ready
    try:
        with nogil:
            code = f.DhcpEnumServers(0, NULL, &answer, NULL, NULL)
        if code:
            raise from_code(code, "DhcpEnumServers", None)
        if answer == NULL or (answer.NumElements and answer.Servers == NULL):
            raise InvalidAnswerError(
                ErrorCode.ERROR_INVALID_DATA, "DhcpEnumServers", None,
                detail="the directory reported success but returned no data",
            )
        servers = []
        for i in range(answer.NumElements):
            found = &answer.Servers[i]
            servers.append(
                _authorized_server(name=utf16.decode(found.ServerName), address=IPv4Address(found.ServerAddress))
            )
        return tuple(servers)
    finally:
        # The answer is one block: no rule says more, and other programs free no more.
        if answer != NULL:
            f.DhcpRpcFreeMemory(answer)
