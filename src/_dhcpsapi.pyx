# cython: language_level=3, freethreading_compatible=True, binding=False, embedsignature=True
# cython: embedsignature.format=clinic, boundscheck=False, wraparound=False, initializedcheck=False, autotestdict=False
"""NativeApi: the DHCP Server Management API of Dhcpsapi.dll as Python values.

Every function takes the same six steps: own the arguments; set the out-pointers to NULL; call without the GIL; check
the code; convert; free, leaves first. No pointer outlives the function that received it.
"""

import threading

from dhcpfo.errors import InvalidAnswerError

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.pycapsule cimport PyCapsule_GetPointer

cimport dhcpsapi as c
cimport utf16

cdef c.dhcpsapi_functions _linked
LINKED = bool(c.dhcpsapi_link(&_linked))

cdef object NULL_NAME = ""
cdef enum:
    ROUND_TIMES = 0


# The arguments of one call: small ones in a buffer on the stack, larger ones in blocks. All of it is wiped afterwards.

cdef enum:
    SMALL = 1024
    SMALL_WORDS = 128
    ALIGNED = 16

ctypedef struct Block:
    Block *next
    size_t size

ctypedef struct Arena:
    Block *blocks
    size_t used
    size_t dirty
    unsigned long long buffer[SMALL_WORDS]


cdef inline void open_arena(Arena *arena) noexcept:
    arena.blocks, arena.used, arena.dirty = NULL, 0, 0


cdef inline void *take(Arena *arena, size_t size) except NULL:
    """Return zeroed memory that lives until the arena is closed."""
    cdef size_t whole = (size + ALIGNED - 1) // ALIGNED * ALIGNED
    cdef void *memory
    if whole <= SMALL - arena.used:
        memory = <char *>arena.buffer + arena.used
        arena.used += whole
        arena.dirty = max(arena.dirty, arena.used)
        memset(memory, 0, size)
        return memory
    return take_block(arena, size)


cdef void *take_block(Arena *arena, size_t size) except NULL:
    cdef Block *block = <Block *>PyMem_Malloc(sizeof(Block) + size)
    if block == NULL:
        raise MemoryError
    block.next, block.size = arena.blocks, size
    arena.blocks = block
    memset(block + 1, 0, size)
    return block + 1


cdef inline void trim(Arena *arena, void *memory, size_t size, size_t used) noexcept:
    """Give back what the last text did not need."""
    cdef size_t start
    if <char *>arena.buffer <= <char *>memory < <char *>arena.buffer + SMALL:
        start = <char *>memory - <char *>arena.buffer
        arena.used = start + (used + ALIGNED - 1) // ALIGNED * ALIGNED


cdef void close_arena(Arena *arena) noexcept:
    cdef Block *block = arena.blocks
    cdef Block *following
    c.dhcpsapi_wipe(arena.buffer, arena.dirty)
    while block != NULL:
        following = block.next
        c.dhcpsapi_wipe(block + 1, block.size)
        PyMem_Free(block)
        block = following


include "runtime.pxi"


cdef class _Connection:
    """What all calls share: the table of functions, the server, the errors.

    Args:
        server: Host name or IPv4 address as the functions take it; None is this machine.
        functions: A capsule with another provider's table of the same functions; None is the linked DLL.
        provider: Kept alive as long as this object. It may offer ``reopen`` for pickling, and ``take_error`` for the
            exception behind a call that failed with 1726.
        display: The server's name in errors and logs, if ``server`` is an internal name.

    Raises:
        ImportError: ``functions`` is None and no Dhcpsapi is linked on this platform.
    """

    cdef const c.dhcpsapi_functions *f
    cdef c.LPWSTR c_server
    cdef Arena arena
    cdef readonly object server
    cdef object functions
    cdef object provider

    def __cinit__(self, server, functions=None, provider=None, display=None):
        open_arena(&self.arena)
        if functions is not None:
            self.f = <const c.dhcpsapi_functions *>PyCapsule_GetPointer(functions, "dhcpfo.dhcpsapi_functions")
        elif LINKED:
            self.f = &_linked
        else:
            raise ImportError("Dhcpsapi is not linked on this platform")
        if self.f.size != sizeof(c.dhcpsapi_functions):
            raise ValueError("functions: the table was made for another version of this package")
        self.c_server = put_text(&self.arena, server, "server")
        self.server = server if display is None else display
        self.functions = functions
        self.provider = provider

    def __dealloc__(self):
        close_arena(&self.arena)

    cdef object failed(self, c.DWORD code, str function, dict about):
        """The error of a failed call, or the exception that a provider in Python could not put into a code."""
        cdef object cause = None
        if code == 1726:
            cause = getattr(self.provider, "take_error", list)() or None
        return from_code(code, function, self.server, **about) if cause is None else cause

    cdef object no_answer(self, str function, dict about):
        return InvalidAnswerError(
            ErrorCode.ERROR_INVALID_DATA, function, self.server,
            detail="the server reported success but returned no data", **about,
        )

    cdef object too_few(self, str function, c.DWORD announced, Py_ssize_t count):
        return InvalidAnswerError(
            ErrorCode.ERROR_INVALID_DATA, function, self.server,
            detail=f"the server announced {announced} elements but returned {count}",
        )

    def close(self):
        """Do nothing: the DLL keeps no connection that a caller could close."""

    def reopen(self):
        """Return a callable and its arguments with which pickle opens the same connection again."""
        if self.provider is not None:
            return self.provider.reopen()
        from dhcpfo.server import connect

        return connect, (self.server,)


include "pages.pxi"
include "generated/structs.pxi"
include "generated/native.pxi"
include "by_hand/native_directory.pxi"
