# The functions whose handle or answer is a structure of the caller.

cdef class _FiltersByHand(_Connection):

    def enum_filters(self, filter_list, resume=None, preferred_maximum=0xFFFFFFFF):
        """DhcpEnumFilterV4 ([MS-DHCPM] 3.2.4.87)."""
        cdef c.DHCP_ADDR_PATTERN c_resume
        cdef c.DWORD c_filter_list = number(filter_list, "filter_list")
        cdef c.DWORD c_maximum = number(preferred_maximum, "preferred_maximum")
        cdef c.LPDHCP_FILTER_ENUM_INFO answer = NULL
        cdef c.DWORD read = 0
        cdef c.DWORD total = 0
        cdef c.DWORD code
        memset(&c_resume, 0, sizeof(c_resume))
        if resume is not None:
            fill_DHCP_ADDR_PATTERN(&c_resume, resume, NULL)
        try:
            with nogil:
                code = self.f.DhcpEnumFilterV4(
                    self.c_server, &c_resume, c_maximum, c_filter_list, &answer, &read, &total
                )
            if code != 0 and code != 234 and code != 259:
                raise self.failed(code, "DhcpEnumFilterV4", {})
            items = () if answer == NULL else read_DHCP_FILTER_ENUM_INFO(answer)
            if read > <size_t>len(items):
                raise self.too_few("DhcpEnumFilterV4", read, len(items))
            shown_list = members_FilterList.of(c_filter_list)
            for item in items:
                make_Filter.set(item, 2, shown_list)
            return page(items, read_DHCP_ADDR_PATTERN(&c_resume), total, code)
        finally:
            c.free_DHCP_FILTER_ENUM_INFO(self.f, answer)

    def get_filter_lists(self):
        """DhcpGetFilterV4 ([MS-DHCPM] 3.2.4.86)."""
        cdef c.DHCP_FILTER_GLOBAL_INFO found
        cdef c.DWORD code
        memset(&found, 0, sizeof(found))
        with nogil:
            code = self.f.DhcpGetFilterV4(self.c_server, &found)
        if code:
            raise self.failed(code, "DhcpGetFilterV4", {})
        return read_DHCP_FILTER_GLOBAL_INFO(&found)
