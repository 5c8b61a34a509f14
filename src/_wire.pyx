# cython: language_level=3, freethreading_compatible=True, binding=False, embedsignature=True
# cython: embedsignature.format=clinic, boundscheck=False, wraparound=False, initializedcheck=False, autotestdict=False
"""The calls as they travel: NDR of every function's parameters, and the sealing of NTLM.

The two ends of a connection share it: a client encodes requests and decodes responses, a server does the opposite.
"""

cimport cython
from cpython.buffer cimport PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_FromStringAndSize

cdef extern from "Python.h":
    char *PyByteArray_AsString(object)

cdef extern from "dhcpsapi_abi.h" nogil:
    void wipe "dhcpsapi_wipe"(void *memory, size_t size)

cdef extern from "ntlm.h":
    ctypedef struct ntlm_rc4:
        pass
    ctypedef struct ntlm_way:
        pass
    ctypedef void (*ntlm_block)(unsigned int *state, const unsigned char *data) noexcept
    void ntlm_md4_block(unsigned int *state, const unsigned char *data)
    void ntlm_md5_block(unsigned int *state, const unsigned char *data)
    void ntlm_hash(ntlm_block each, const unsigned char *data, size_t size, unsigned char *out)
    void ntlm_rc4_start(ntlm_rc4 *it, const unsigned char *key, size_t size)
    void ntlm_rc4_apply(ntlm_rc4 *it, unsigned char *data, size_t size)
    void ntlm_way_start(ntlm_way *it, const unsigned char *key, const char *direction, unsigned int number)
    void ntlm_seal(ntlm_way *it, unsigned char *pdu, size_t size, size_t start, size_t stop)
    int ntlm_unseal(ntlm_way *it, unsigned char *pdu, size_t size, size_t start, size_t stop)


include "by_hand/wire_seal.pxi"


def encode_request(method, arguments, *, reserve=0):
    """Return the stub of a request."""
    raise NotImplementedError


def decode_request(method, stub, start=0, stop=None):
    """Return the arguments of a request."""
    raise NotImplementedError


def encode_response(method, answer, arguments=(), *, reserve=0):
    """Return the stub of a response."""
    raise NotImplementedError


def encode_failure(method, code, *, reserve=0):
    """Return the stub of a response that is only a code."""
    raise NotImplementedError


def decode_response(method, stub, arguments=(), server=None, start=0, stop=None):
    """Return the answer in a response."""
    raise NotImplementedError
