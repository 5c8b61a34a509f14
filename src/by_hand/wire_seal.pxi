# The sealing of NTLM. Two parties take turns with one object each; a context is in step only as long as every PDU
# passes it once and in order.

cdef enum:
    TOKEN = 16
    KEY = 16


cdef class _Sealing:
    """What a `Channel` seals and opens PDUs with. Both answer 0 if that failed, and need no Python."""

    cdef int seal_here(self, unsigned char *pdu, size_t size, size_t start, size_t stop) noexcept nogil:
        return 0

    cdef int open_here(self, unsigned char *pdu, size_t size, size_t start, size_t stop) noexcept nogil:
        return 0


@cython.final
cdef class Seal(_Sealing):
    """Signs and encrypts the PDUs of one NTLM security context.

    A connection uses one object for both directions. It must not be shared by threads without a lock: the order of the
    PDUs is part of what is signed.

    Args:
        session_key: The exported session key, 16 bytes.
        client: Whether this is the client's end.
        seq: The number of the first PDU in each direction: 1 after SPNEGO has exchanged a mechListMIC, which used 0.
    """

    cdef ntlm_way sending
    cdef ntlm_way receiving

    def __cinit__(self, bytes session_key, client, unsigned int seq=0):
        cdef const unsigned char *key
        if len(session_key) != KEY:
            raise ValueError(f"session_key must have {KEY} bytes, got {len(session_key)}")
        key = session_key
        ntlm_way_start(&self.sending, key, b"client-to-server" if client else b"server-to-client", seq)
        ntlm_way_start(&self.receiving, key, b"server-to-client" if client else b"client-to-server", seq)

    def __dealloc__(self):
        c.dhcpsapi_wipe(&self.sending, sizeof(self.sending))
        c.dhcpsapi_wipe(&self.receiving, sizeof(self.receiving))

    def __reduce__(self):
        raise TypeError("a Seal cannot be pickled: it holds a session key")

    cdef int seal_here(self, unsigned char *pdu, size_t size, size_t start, size_t stop) noexcept nogil:
        ntlm_seal(&self.sending, pdu, size, start, stop)
        return 1

    cdef int open_here(self, unsigned char *pdu, size_t size, size_t start, size_t stop) noexcept nogil:
        return ntlm_unseal(&self.receiving, pdu, size, start, stop)

    def seal(self, pdu, Py_ssize_t start, Py_ssize_t stop):
        """Encrypt ``pdu[start:stop]`` in place and write the token into the last 16 bytes.

        Args:
            pdu: The whole PDU as it is sent, with its final lengths and 16 bytes for the token. Must be writable.
            start: Where the stub begins.
            stop: Where the padding ends. Equal to ``start``, nothing is encrypted: integrity without privacy.

        Raises:
            ValueError: The places do not fit into the PDU. Nothing is changed.
        """
        cdef Py_buffer view
        PyObject_GetBuffer(pdu, &view, PyBUF_WRITABLE)
        try:
            check_places(view.len, start, stop)
            ntlm_seal(&self.sending, <unsigned char *>view.buf, view.len, start, stop)
        finally:
            PyBuffer_Release(&view)

    def unseal(self, pdu, Py_ssize_t start, Py_ssize_t stop):
        """Decrypt ``pdu[start:stop]`` in place, and check the token in the last 16 bytes.

        Raises:
            ValueError: The token is wrong: something in the PDU was changed, or it is not the next one. What was
                decrypted must not be used, and the connection must be closed.
        """
        cdef Py_buffer view
        cdef bint right
        PyObject_GetBuffer(pdu, &view, PyBUF_WRITABLE)
        try:
            check_places(view.len, start, stop)
            right = ntlm_unseal(&self.receiving, <unsigned char *>view.buf, view.len, start, stop)
        finally:
            PyBuffer_Release(&view)
        if not right:
            raise ValueError("the signature of the PDU is wrong")


cdef int check_places(Py_ssize_t size, Py_ssize_t start, Py_ssize_t stop) except -1:
    if not 0 <= start <= stop <= size - TOKEN:
        raise ValueError(f"the data from {start} to {stop} must lie before the last {TOKEN} bytes of {size}")
    return 0


def rc4(bytes key, data):
    """Return the data encrypted, or decrypted, with RC4: NTLM sends its session key this way."""
    cdef ntlm_rc4 stream
    cdef Py_ssize_t size = len(key)
    if size == 0:
        raise ValueError("key must not be empty")
    made = bytearray(data)
    ntlm_rc4_start(&stream, key, size)
    ntlm_rc4_apply(&stream, <unsigned char *>PyByteArray_AsString(made), len(made))
    c.dhcpsapi_wipe(&stream, sizeof(stream))
    return bytes(made)


def md4(bytes data):
    """Return the MD4 digest of some bytes: NTLM makes the key of a password this way."""
    return digest(ntlm_md4_block, data)


def md5(bytes data):
    """Return the MD5 digest of some bytes; `hashlib` may have it switched off."""
    return digest(ntlm_md5_block, data)


cdef object digest(ntlm_block each, bytes data):
    cdef unsigned char out[16]
    ntlm_hash(each, data, len(data), out)
    return PyBytes_FromStringAndSize(<char *>out, sizeof(out))
