# A function that answers a text beside numbers.

cdef c.DWORD do_get_audit_log(
    c.LPWSTR server, c.DWORD reserved, c.LPWSTR *directory, c.LPDWORD interval, c.LPDWORD max_size, c.LPDWORD min_space
) except? FAILED:
    cdef Arena memory
    cdef Arena *arena = &memory
    if reserved != 0 or directory == NULL or interval == NULL or max_size == NULL or min_space == NULL:
        return INVALID_PARAMETER
    found = api_of(server).get_audit_log()
    open_arena(arena)
    try:
        interval[0] = number(found.disk_check_interval, "disk_check_interval")
        max_size[0] = number(found.max_size, "max_size")
        min_space[0] = number(found.min_disk_space, "min_disk_space")
        # Last, so that a caller who gets an error has nothing to free.
        directory[0] = put_text(arena, found.directory, "directory")
        keep(arena)
        return 0
    finally:
        close_arena(arena)


ctypedef c.DWORD (*C_get_audit_log)(
    c.LPWSTR server, c.DWORD reserved, c.LPWSTR *directory, c.LPDWORD interval, c.LPDWORD max_size, c.LPDWORD min_space
) noexcept


cdef c.DWORD __stdcall c_get_audit_log(
    c.LPWSTR server, c.DWORD reserved, c.LPWSTR *directory, c.LPDWORD interval, c.LPDWORD max_size, c.LPDWORD min_space
) noexcept with gil:
    cdef c.DWORD code
    code = (<C_get_audit_log>do_get_audit_log)(server, reserved, directory, interval, max_size, min_space)
    return finish(code, server)
