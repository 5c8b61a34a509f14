# A call that answers a text beside numbers.

cdef class _ServiceByHand(_Connection):

    def get_audit_log(self):
        """DhcpAuditLogGetParams ([MS-DHCPM] 3.2.4.34)."""
        cdef c.LPWSTR directory = NULL
        cdef c.DWORD interval = 0, max_size = 0, min_space = 0
        cdef c.DWORD code
        try:
            with nogil:
                code = self.f.DhcpAuditLogGetParams(self.c_server, 0, &directory, &interval, &max_size, &min_space)
            if code:
                raise self.failed(code, "DhcpAuditLogGetParams", {})
            model = make_AuditLog.new()
            make_AuditLog.set(model, 0, utf16.decode(directory))
            make_AuditLog.set(model, 1, interval)
            make_AuditLog.set(model, 2, max_size)
            make_AuditLog.set(model, 3, min_space)
            return model
        finally:
            if directory != NULL:
                self.f.DhcpRpcFreeMemory(directory)
