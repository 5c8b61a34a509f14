# The functions whose handle or answer is a structure of the caller.

cdef c.DWORD do_enum_filters(
    c.LPWSTR server, c.LPDHCP_ADDR_PATTERN resume, c.DWORD maximum, c.DWORD c_filter_list,
    c.LPDHCP_FILTER_ENUM_INFO *answer, c.LPDWORD read, c.LPDWORD total
) except? FAILED:
    cdef Arena memory
    cdef Arena *arena = &memory
    cdef c.LPDHCP_FILTER_ENUM_INFO made = NULL
    cdef c.DHCP_ADDR_PATTERN next_resume
    cdef c.DWORD status, remaining
    if resume == NULL or answer == NULL or read == NULL or total == NULL:
        return INVALID_PARAMETER
    filter_list = members_FilterList.of(c_filter_list)
    # A zeroed structure is the start; every filter matches a hardware type.
    start = None if resume.MatchHWType == 0 and resume.Length == 0 else read_DHCP_ADDR_PATTERN(resume)
    found = api_of(server).enum_filters(filter_list, start, maximum)
    open_arena(arena)
    try:
        items = tuple(found.items)  # a list could grow meanwhile
        status = number(found.status, "status")
        remaining = number(found.remaining, "remaining")
        memset(&next_resume, 0, sizeof(next_resume))
        if found.resume is not None:
            fill_DHCP_ADDR_PATTERN(&next_resume, found.resume, arena)
        if items:
            made = <c.LPDHCP_FILTER_ENUM_INFO>take(arena, sizeof(c.DHCP_FILTER_ENUM_INFO))
            fill_DHCP_FILTER_ENUM_INFO(made, items, arena)
        answer[0] = made
        read[0] = <c.DWORD>len(items)
        total[0] = remaining
        memcpy(resume, &next_resume, sizeof(next_resume))
        keep(arena)
        return status
    finally:
        close_arena(arena)


ctypedef c.DWORD (*C_enum_filters)(
    c.LPWSTR server, c.LPDHCP_ADDR_PATTERN resume, c.DWORD maximum, c.DWORD c_filter_list,
    c.LPDHCP_FILTER_ENUM_INFO *answer, c.LPDWORD read, c.LPDWORD total
) noexcept


cdef c.DWORD __stdcall c_enum_filters(
    c.LPWSTR server, c.LPDHCP_ADDR_PATTERN resume, c.DWORD maximum, c.DWORD c_filter_list,
    c.LPDHCP_FILTER_ENUM_INFO *answer, c.LPDWORD read, c.LPDWORD total
) noexcept with gil:
    return finish(
        (<C_enum_filters>do_enum_filters)(server, resume, maximum, c_filter_list, answer, read, total), server
    )


cdef c.DWORD do_get_filter_lists(c.LPWSTR server, c.LPDHCP_FILTER_GLOBAL_INFO answer) except? FAILED:
    cdef c.DHCP_FILTER_GLOBAL_INFO made
    if answer == NULL:
        return INVALID_PARAMETER
    fill_DHCP_FILTER_GLOBAL_INFO(&made, api_of(server).get_filter_lists(), NULL)
    memcpy(answer, &made, sizeof(made))
    return 0


ctypedef c.DWORD (*C_get_filter_lists)(c.LPWSTR server, c.LPDHCP_FILTER_GLOBAL_INFO answer) noexcept


cdef c.DWORD __stdcall c_get_filter_lists(c.LPWSTR server, c.LPDHCP_FILTER_GLOBAL_INFO answer) noexcept with gil:
    return finish((<C_get_filter_lists>do_get_filter_lists)(server, answer), server)
