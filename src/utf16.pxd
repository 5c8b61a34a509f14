"""Text between Python and Windows: UTF-16 of 16-bit units on every platform, where wchar_t may be something else."""

from cpython.object cimport PyObject
from libc.string cimport memcpy

cimport dhcpsapi as c

cdef extern from "Python.h":
    Py_ssize_t PyUnicode_GetLength(object text) except -1
    Py_UCS4 *PyUnicode_AsUCS4(object text, Py_UCS4 *buffer, Py_ssize_t size, bint copy_null) except NULL
    object PyUnicode_DecodeLatin1(const char *text, Py_ssize_t size, const char *errors)
    object PyUnicode_DecodeUTF16(const char *text, Py_ssize_t size, const char *errors, int *byteorder)

cdef enum:
    SHORT_TEXT = 256


cdef inline Py_ssize_t size_for(object text) except -1:
    """The bytes that `encode` needs for a text."""
    return (PyUnicode_GetLength(text) + 1) * <Py_ssize_t>sizeof(Py_UCS4)


cdef inline Py_ssize_t encode(object text, Py_UCS4 *buffer, Py_ssize_t size, str argument) except -1:
    """Write a text with its NUL and return the bytes it took; lone surrogates pass, a NUL inside is refused.

    The code points are copied into the buffer and converted in place; the write position never passes the read
    position. The rest of them stays behind the text.
    """
    cdef char *out = <char *>buffer
    cdef Py_ssize_t i, length = size // <Py_ssize_t>sizeof(Py_UCS4) - 1
    cdef unsigned int point
    cdef c.WCHAR unit
    PyUnicode_AsUCS4(text, buffer, length + 1, True)
    for i in range(length):
        point = buffer[i]
        if point == 0:
            raise ValueError(f"{argument} must not contain a NUL character: Windows would cut the text there")
        if point > 0xFFFF:
            unit = <c.WCHAR>(0xD7C0 + (point >> 10))
            memcpy(out, &unit, sizeof(unit))
            out += sizeof(unit)
            point = 0xDC00 | (point & 0x3FF)
        unit = <c.WCHAR>point
        memcpy(out, &unit, sizeof(unit))
        out += sizeof(unit)
    unit = 0
    memcpy(out, &unit, sizeof(unit))
    return out + sizeof(unit) - <char *>buffer


cdef inline object decode(const c.WCHAR *text):
    """Read a NUL-terminated text, None for NULL; malformed UTF-16 passes, so that one bad name hides nothing."""
    cdef char narrow[SHORT_TEXT]
    cdef Py_ssize_t i, length = 0
    cdef unsigned int seen = 0
    cdef int little_endian = -1  # 0 would swallow a leading U+FEFF
    cdef object answer
    if text == NULL:
        return None
    while text[length]:
        seen |= text[length]
        length += 1
    if seen < 0x100 and length < SHORT_TEXT:
        for i in range(length + 1):
            narrow[i] = <char>text[i]
        answer = PyUnicode_DecodeLatin1(narrow, length, NULL)
        c.dhcpsapi_wipe(narrow, length)
        return answer
    return PyUnicode_DecodeUTF16(
        <const char *>text, length * <Py_ssize_t>sizeof(c.WCHAR), b"surrogatepass", &little_endian
    )
