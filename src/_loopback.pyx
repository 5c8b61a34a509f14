# cython: language_level=3, freethreading_compatible=True, binding=False, embedsignature=True
# cython: embedsignature.format=clinic, boundscheck=False, wraparound=False, initializedcheck=False, autotestdict=False
"""The C functions of the API over any Python `ManagementApi`: the provider's side of the C ABI.

It returns the same trees of blocks as Dhcpsapi.dll and counts them. The ABI has no context pointer, so the server
string of a call selects the `ManagementApi` from a table.

A NULL that the specification checks before the caller's rights is answered here. Every other one is passed on as None
or as an empty list, so that the `ManagementApi` keeps the order of the checks.
"""

import os
import threading

from dhcpfo.errors import DhcpError

from cpython.object cimport PyObject
from cpython.pycapsule cimport PyCapsule_New
from libc.stdlib cimport calloc, free

cimport dhcpsapi as c
cimport utf16

cdef extern from "Python.h":
    # With plain pointers and noexcept: `finish` runs where no exception can be raised.
    PyObject *PyErr_Occurred() noexcept
    void PyErr_Clear() noexcept
    void PyErr_Fetch(PyObject **, PyObject **, PyObject **) noexcept
    void PyErr_Restore(PyObject *, PyObject *, PyObject *) noexcept
    void PyErr_NormalizeException(PyObject **, PyObject **, PyObject **) noexcept
    int PyErr_GivenExceptionMatches(PyObject *, PyObject *) noexcept
    int PyException_SetTraceback(PyObject *, PyObject *) noexcept
    void PyErr_WriteUnraisable(PyObject *) noexcept
    void PyErr_SetInterrupt() noexcept
    PyObject *PyObject_GetAttrString(PyObject *, const char *) noexcept
    int PyObject_SetAttrString(PyObject *, const char *, PyObject *) noexcept
    unsigned long PyLong_AsUnsignedLong(PyObject *) noexcept
    void Py_DecRef(PyObject *) noexcept

cdef extern from "live_count.h":
    ctypedef long live_count
    long live_count_add(live_count *count, long change) nogil

cdef enum:
    INVALID_PARAMETER = 87
    CALL_FAILED = 1726
    NO_DIRECTORY = 20070
    FAILED = 0xFFFFFFFE
    # At the head of every block, so that a foreign pointer or a second free is noticed and not followed.
    LIVE = 0x64686370
    DEAD = 0x64656164

cdef object NULL_NAME = None
cdef enum:
    ROUND_TIMES = 1


# Blocks. Until `keep`, the blocks of an answer belong to its arena, which takes them back after an error.

ctypedef struct Head:
    # Four words of the platform: what follows is aligned for any member.
    size_t mark
    size_t size
    Head *next
    void *unused

ctypedef struct Arena:
    Head *blocks

cdef live_count _blocks
cdef live_count _bad_frees


cdef inline void open_arena(Arena *arena) noexcept:
    arena.blocks = NULL


cdef void *take(Arena *arena, size_t size) except NULL:
    """Return a zeroed block."""
    cdef Head *head = <Head *>calloc(1, sizeof(Head) + size)
    if head == NULL:
        raise MemoryError
    head.mark, head.size, head.next = LIVE, size, arena.blocks
    arena.blocks = head
    live_count_add(&_blocks, 1)
    return head + 1


cdef inline void trim(Arena *arena, void *memory, size_t size, size_t used) noexcept:
    """Wipe what a text did not need: who frees the block wipes a secret up to its NUL only."""
    c.dhcpsapi_wipe(<char *>memory + used, size - used)


cdef inline void keep(Arena *arena) noexcept:
    """Hand the blocks to the caller."""
    arena.blocks = NULL


cdef void close_arena(Arena *arena) noexcept:
    cdef Head *head = arena.blocks
    cdef Head *following
    while head != NULL:
        following = head.next
        c.dhcpsapi_wipe(head + 1, head.size)
        free_block(head + 1)
        head = following


cdef void __stdcall free_block(c.PVOID block) noexcept nogil:
    cdef Head *head
    if block == NULL:
        return
    head = <Head *>block - 1
    if head.mark != LIVE:
        live_count_add(&_bad_frees, 1)
        return
    head.mark = DEAD
    live_count_add(&_blocks, -1)
    free(head)


def live_blocks():
    """Return how many blocks were handed out and not freed yet."""
    return live_count_add(&_blocks, 0)


def bad_frees():
    """Return how often something was freed that was not a live block; it was left alone.

    A second free is noticed as long as the memory has not been handed out again.
    """
    return live_count_add(&_bad_frees, 0)


# Servers by the string under which calls reach them

cdef dict _served = {}
cdef set _carrying = set()
# Reentrant: the garbage collector may run while the lock is held and finalise a Registration.
cdef object _lock = threading.RLock()
cdef object _pending = threading.local()
if hasattr(os, "register_at_fork"):
    # A fork waits for the lock: copied while another thread holds it, it would stay locked in the child for ever.
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


class Registration:
    """Keeps a `ManagementApi` reachable under a server string, until closed or released."""

    def __init__(self, name):
        self.name = name
        self._open = True

    def close(self):
        """Take the server string back; from now on, calls to it answer 1722."""
        with _lock:
            api = _served.pop(self.name, None) if self._open else None
            if self._open:
                _carrying.discard(self.name)
            self._open = False
        del api  # not before: it may hold the last reference to another registration

    def take_error(self):
        """Return the exception that the last call in this thread ended with, if a code could not carry it."""
        return _pending.__dict__.pop("error", None)

    def __enter__(self):
        return self

    def __exit__(self, *details):
        self.close()

    def __del__(self):
        self.close()


def serve(api, name=None, *, carry_errors=False):
    """Make a `ManagementApi` reachable through the C functions.

    Args:
        api: The `ManagementApi` that answers.
        name: The server string that selects it; None is selected by a NULL string ("this machine").
        carry_errors: What to do with an exception that is not a `DhcpError`. The call answers 1726 in any case. If
            true, the caller is `NativeApi`, which fetches the exception with ``take_error`` and raises it. If false,
            the exception goes to `sys.unraisablehook`, and KeyboardInterrupt to the main thread.

    Raises:
        ValueError: The name is taken.
    """
    with _lock:
        if name in _served:
            raise ValueError(f"name {name!r} is already served")
        _served[name] = api
        if carry_errors:
            _carrying.add(name)
    return Registration(name)


cdef object api_of(c.LPWSTR server):
    name = utf16.decode(server)
    api = _served.get(name)
    if api is None:
        raise from_code(ErrorCode.RPC_S_SERVER_UNAVAILABLE, "", name)
    return api


cdef int carries(c.LPWSTR server) except -1:
    return utf16.decode(server) in _carrying


ctypedef int (*Carries)(c.LPWSTR) noexcept


include "runtime.pxi"


# The end of every callback. It uses the C API only: an ``except`` clause of Cython dereferences a NULL traceback near
# the recursion limit and without memory, and an exception that escapes would make the callback return 0.

cdef c.DWORD code_of(PyObject *error) noexcept:
    """The code of a `DhcpError`."""
    cdef unsigned long code = 0
    cdef PyObject *winerror = PyObject_GetAttrString(error, "winerror")
    if winerror != NULL:
        code = PyLong_AsUnsignedLong(winerror)
        Py_DecRef(winerror)
    if PyErr_Occurred() != NULL:
        PyErr_Clear()
        return CALL_FAILED
    return <c.DWORD>code if code else CALL_FAILED


cdef c.DWORD finish(c.DWORD code, c.LPWSTR server) noexcept:
    """Return the code of a callback; an exception becomes one, and is handed on if it is not a server's answer."""
    cdef PyObject *kind = NULL
    cdef PyObject *error = NULL
    cdef PyObject *trace = NULL
    if PyErr_Occurred() == NULL:
        return code
    PyErr_Fetch(&kind, &error, &trace)
    PyErr_NormalizeException(&kind, &error, &trace)
    code = CALL_FAILED
    if PyErr_GivenExceptionMatches(kind, <PyObject *>DhcpError):
        code = code_of(error)
    else:
        if trace != NULL:
            PyException_SetTraceback(error, trace)
        if (<Carries>carries)(server) == 1 and PyObject_SetAttrString(<PyObject *>_pending, "error", error) == 0:
            pass
        else:
            PyErr_Clear()
            if PyErr_GivenExceptionMatches(kind, <PyObject *>KeyboardInterrupt):
                PyErr_SetInterrupt()
            else:
                PyErr_Restore(kind, error, trace)
                PyErr_WriteUnraisable(<PyObject *>_where)
                return code
    Py_DecRef(kind)
    Py_DecRef(error)
    Py_DecRef(trace)
    return code


cdef str _where = "the answer of a DHCP management API"
cdef c.dhcpsapi_functions _table

include "generated/structs.pxi"
include "generated/loopback.pxi"
include "by_hand/loopback_directory.pxi"

_table.size = sizeof(_table)
_table.DhcpRpcFreeMemory = free_block

cdef object _functions = PyCapsule_New(&_table, "dhcpfo.dhcpsapi_functions", NULL)


def functions():
    """Return the table of C functions, as `dhcpfo._dhcpsapi.NativeApi` takes it."""
    return _functions


def functions_address():
    """Return the table's address, for C code that is handed numbers; valid as long as this module."""
    return <size_t>&_table
