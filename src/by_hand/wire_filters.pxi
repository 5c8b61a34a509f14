# The enumeration whose handle is a structure, in place both ways.

cdef int ask_enum_filters(tuple given, Arena *arena, Writer *it) except -1:
    cdef c.DHCP_ADDR_PATTERN c_resume
    (filter_list, resume, preferred_maximum) = given
    memset(&c_resume, 0, sizeof(c_resume))
    if resume is not None:
        fill_DHCP_ADDR_PATTERN(&c_resume, resume, arena)
    store_word(it, 0)
    store_DHCP_ADDR_PATTERN(it, &c_resume)
    store_4(it, number(preferred_maximum, "preferred_maximum"))
    store_enum(it, number(filter_list, "filter_list"))
    return 0


cdef tuple asked_enum_filters(Reader *it):
    cdef c.DHCP_ADDR_PATTERN c_resume
    cdef c.DWORD maximum, filter_list
    memset(&c_resume, 0, sizeof(c_resume))
    load_unique_text(it)
    load_DHCP_ADDR_PATTERN(it, &c_resume)
    maximum = load_4(it)
    filter_list = load_enum(it)
    request_ends(it)
    # A zeroed structure is the start; every filter matches a hardware type.
    start = None if c_resume.MatchHWType == 0 and c_resume.Length == 0 else read_DHCP_ADDR_PATTERN(&c_resume)
    return (members_FilterList.of(filter_list), start, maximum)


cdef int answer_enum_filters(object found, tuple given, Arena *arena, Writer *it) except -1:
    cdef c.DHCP_ADDR_PATTERN next_resume
    cdef c.DHCP_FILTER_ENUM_INFO made
    cdef tuple items = tuple(found.items)  # a list could grow meanwhile
    memset(&next_resume, 0, sizeof(next_resume))
    memset(&made, 0, sizeof(made))
    if found.resume is not None:
        fill_DHCP_ADDR_PATTERN(&next_resume, found.resume, arena)
    if items:
        fill_DHCP_FILTER_ENUM_INFO(&made, items, arena)
    store_DHCP_ADDR_PATTERN(it, &next_resume)
    store_referent(it, &made if items else NULL)
    if items:
        store_DHCP_FILTER_ENUM_INFO(it, &made)
        store_behind_DHCP_FILTER_ENUM_INFO(it, &made)
    store_4(it, <c.DWORD>len(items))
    store_4(it, number(found.remaining, "remaining"))
    store_4(it, number(found.status, "status"))
    return 0


cdef object answered_enum_filters(Reader *it, tuple given, object server):
    """An entry of a list does not say in which list it is: the call did."""
    cdef c.DHCP_ADDR_PATTERN next_resume
    cdef c.DHCP_FILTER_ENUM_INFO *answer = NULL
    cdef c.DWORD code, read, total
    memset(&next_resume, 0, sizeof(next_resume))
    load_DHCP_ADDR_PATTERN(it, &next_resume)
    if load_referent(it) != NULL:
        answer = load_new_DHCP_FILTER_ENUM_INFO(it)
    read = load_4(it)
    total = load_4(it)
    code = load_4(it)
    response_ends(it, "DhcpEnumFilterV4", server)
    if code != 0 and code != 234 and code != 259:
        failed(code, "DhcpEnumFilterV4", server, {})
    items = () if answer == NULL else read_DHCP_FILTER_ENUM_INFO(answer)
    if given:
        for item in items:
            make_Filter.set(item, 2, given[0])
    resume = read_DHCP_ADDR_PATTERN(&next_resume)
    return whole_page(items, read, resume, total, code, "DhcpEnumFilterV4", server)
