# The protection of Kerberos, in place.

cdef enum:
    TRAILER = 8
    GSS_ERRORS = 0xFFFF0000


@cython.final
cdef class KerberosSeal(_Sealing):
    """Signs and encrypts the PDUs of one Kerberos security context.

    As with `Seal`, both directions use one object, PDUs pass it in order, and threads must not share it.

    Args:
        exported: The exported context; nothing else may use it. It is wiped, because it holds the session key.
        extension: The path of the extension of gssapi that exported it.
        size: The length of a token.
        signs_headers: Whether what surrounds the stub is signed, too.
    """

    cdef kerberos_library library
    cdef void *context
    cdef Py_ssize_t size
    cdef unsigned int sign

    def __cinit__(self, bytes exported, str extension, Py_ssize_t size, signs_headers):
        cdef kerberos_bytes given
        cdef unsigned int major, minor = 0
        self.context = NULL
        if not kerberos_find(&self.library, encoded_path(extension)):
            raise ValueError("gssapi uses another library than MIT's")
        if size <= 0:
            raise ValueError(f"size must be positive, got {size}")
        self.size = size
        self.sign = KERBEROS_SIGN_ONLY if signs_headers else KERBEROS_EMPTY
        given.size, given.data = len(exported), <char *>exported
        major = self.library.take(&minor, &given, &self.context)
        if given.size > 1:  # Python shares the shorter ones
            c.dhcpsapi_wipe(given.data, given.size)
        if major & GSS_ERRORS:
            raise ValueError(f"the context cannot be imported: {major:#x}, {minor:#x}")

    def __dealloc__(self):
        cdef unsigned int minor = 0
        if self.context != NULL:
            self.library.end(&minor, &self.context, NULL)

    def __reduce__(self):
        raise TypeError("a KerberosSeal cannot be pickled: it holds a session key")

    @staticmethod
    def is_usable(str extension):
        """Return whether gssapi uses a library that this class can use."""
        cdef kerberos_library library
        return kerberos_find(&library, encoded_path(extension)) != 0

    cdef int seal_here(self, unsigned char *pdu, size_t size, size_t start, size_t stop) noexcept nogil:
        cdef kerberos_part parts[4]
        cdef unsigned int major, minor = 0
        cdef int encrypted = 0
        kerberos_parts(parts, self.sign, pdu, size, start, stop, self.size)
        major = self.library.wrap(&minor, self.context, 1, 0, &encrypted, parts, 4)
        return not (major & GSS_ERRORS or not encrypted or parts[3].bytes.size != <size_t>self.size)

    cdef int open_here(self, unsigned char *pdu, size_t size, size_t start, size_t stop) noexcept nogil:
        cdef kerberos_part parts[4]
        cdef unsigned int minor = 0, qop = 0
        cdef int encrypted = 0
        kerberos_parts(parts, self.sign, pdu, size, start, stop, size - stop - TRAILER)
        return self.library.unwrap(&minor, self.context, &encrypted, &qop, parts, 4) == 0 and encrypted

    def seal(self, pdu, Py_ssize_t start, Py_ssize_t stop):
        """Encrypt ``pdu[start:stop]`` in place and write the token behind the 8 bytes that follow.

        Raises:
            ValueError: The places do not fit into the PDU, or Kerberos refuses.
        """
        cdef Py_buffer view
        cdef kerberos_part parts[4]
        cdef unsigned int major, minor = 0
        cdef int encrypted = 0
        PyObject_GetBuffer(pdu, &view, PyBUF_WRITABLE)
        try:
            if not 0 <= start <= stop or view.len - stop != TRAILER + self.size:
                raise ValueError(f"the data from {start} to {stop} does not fit into {view.len} bytes")
            kerberos_parts(parts, self.sign, <unsigned char *>view.buf, view.len, start, stop, self.size)
            major = self.library.wrap(&minor, self.context, 1, 0, &encrypted, parts, 4)
        finally:
            PyBuffer_Release(&view)
        if major & GSS_ERRORS or not encrypted or parts[3].bytes.size != <size_t>self.size:
            raise ValueError(f"Kerberos cannot seal the PDU: {major:#x}, {minor:#x}")

    def unseal(self, pdu, Py_ssize_t start, Py_ssize_t stop):
        """Decrypt ``pdu[start:stop]`` in place, and check the token, which ends the PDU.

        Raises:
            ValueError: The token is wrong: something in the PDU was changed, or it is not the next one. What was
                decrypted must not be used, and the connection must be closed.
        """
        cdef Py_buffer view
        cdef kerberos_part parts[4]
        cdef unsigned int major, minor = 0, qop = 0
        cdef int encrypted = 0
        PyObject_GetBuffer(pdu, &view, PyBUF_WRITABLE)
        try:
            if not 0 <= start <= stop <= view.len - TRAILER:
                raise ValueError(f"the data from {start} to {stop} must lie before the token of {view.len} bytes")
            kerberos_parts(
                parts, self.sign, <unsigned char *>view.buf, view.len, start, stop, view.len - stop - TRAILER
            )
            major = self.library.unwrap(&minor, self.context, &encrypted, &qop, parts, 4)
        finally:
            PyBuffer_Release(&view)
        if major != 0:  # also where it is an old one, or not the next one
            raise ValueError("the signature of the PDU is wrong")
        if not encrypted:
            raise ValueError("the PDU is not encrypted")


cdef bytes encoded_path(str path):
    return path.encode("utf-8", "surrogateescape")
