# cython: language_level=3, freethreading_compatible=True, binding=False, embedsignature=True
# cython: embedsignature.format=clinic, boundscheck=False, wraparound=False, initializedcheck=False, autotestdict=False
"""The calls as they travel: NDR of every function's parameters, and the sealing of NTLM and Kerberos.

Both ends of a connection use it. Between bytes and models are the structures of the C API, so that the same converters
serve as for Dhcpsapi.dll.
"""

from _thread import allocate_lock
from time import monotonic

from dhcpfo.errors import DhcpError, InvalidAnswerError

cimport cython
from cpython.buffer cimport PyBUF_SIMPLE, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer

cimport dhcpsapi as c
cimport utf16

from libc.string cimport memcmp, memmove

cdef extern from "Python.h":
    int PyErr_CheckSignals() except -1
    char *PyByteArray_AsString(object)
    object PyByteArray_FromStringAndSize(const char *, Py_ssize_t)
    int PyByteArray_Resize(object, Py_ssize_t) except -1
    # The functions without ``except`` that call them hold the GIL.
    void *PyMem_Malloc(size_t) noexcept
    void PyMem_Free(void *) noexcept

cdef extern from *:
    """
    #if defined(_MSC_VER) && !defined(__clang__)
    static __declspec(thread) int dhcpfo_round_times;
    #else
    static _Thread_local int dhcpfo_round_times;
    #endif
    """
    # A client refuses to send fractions of a second, a server cuts them off.
    int ROUND_TIMES "dhcpfo_round_times"

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
    void ntlm_seal(ntlm_way *it, unsigned char *pdu, size_t size, size_t start, size_t stop) noexcept nogil
    int ntlm_unseal(ntlm_way *it, unsigned char *pdu, size_t size, size_t start, size_t stop) noexcept nogil

cdef extern from "kerberos.h":
    ctypedef struct kerberos_bytes:
        size_t size
        void *data
    ctypedef struct kerberos_part:
        kerberos_bytes bytes
    ctypedef struct kerberos_library:
        unsigned int (*take)(unsigned int *, kerberos_bytes *, void **) noexcept
        unsigned int (*end)(unsigned int *, void **, kerberos_bytes *) noexcept
        unsigned int (*wrap)(unsigned int *, void *, int, unsigned int, int *, kerberos_part *, int) noexcept nogil
        unsigned int (*unwrap)(unsigned int *, void *, int *, unsigned int *, kerberos_part *, int) noexcept nogil
    enum:
        KERBEROS_EMPTY
        KERBEROS_SIGN_ONLY
    int kerberos_find(kerberos_library *it, const char *extension)
    void kerberos_parts(
        kerberos_part *parts, unsigned int sign, unsigned char *pdu, size_t size, size_t start, size_t stop,
        size_t token,
    ) noexcept nogil

cdef extern from "carry.h":
    ctypedef struct carry_result:
        size_t sent
        size_t received
        int error
    enum:
        CARRY_WORKS
        CARRY_INTERRUPTED
    int carry_send(carry_result *it, int descriptor, const unsigned char *data, size_t size) noexcept nogil
    int carry_receive(carry_result *it, int descriptor, unsigned char *data, size_t room) noexcept nogil
    void carry_fence() noexcept nogil

cdef object NULL_NAME = ""
cdef enum:
    NULL_REFERENCE = 1780
    BAD_STUB = 1783
    INVALID_BOUND = 1734


# The memory of one call: the copy of a stub and its structures, or the structures of a model. All of it is wiped.

cdef enum:
    SMALL = 1024
    SMALL_WORDS = 128
    CHUNK = 4096
    ALIGNED = 16

ctypedef struct Block:
    Block *next
    size_t size
    size_t used
    size_t unused

ctypedef struct Arena:
    Block *blocks
    size_t used
    size_t dirty
    unsigned long long buffer[SMALL_WORDS]


cdef inline void open_arena(Arena *arena) noexcept:
    arena.blocks, arena.used, arena.dirty = NULL, 0, 0


cdef inline void *grab(Arena *arena, size_t size) noexcept:
    """Return zeroed memory that lives until the arena is closed; NULL if there is none."""
    cdef size_t whole = (size + ALIGNED - 1) // ALIGNED * ALIGNED
    cdef void *memory
    if whole <= SMALL - arena.used:
        memory = <char *>arena.buffer + arena.used
        arena.used += whole
        arena.dirty = max(arena.dirty, arena.used)
        memset(memory, 0, size)
        return memory
    return grab_block(arena, whole)


cdef void *grab_block(Arena *arena, size_t whole) noexcept:
    cdef Block *block = arena.blocks
    cdef size_t size
    cdef void *memory
    if block == NULL or block.size - block.used < whole:
        size = max(whole, <size_t>CHUNK)
        block = <Block *>PyMem_Malloc(sizeof(Block) + size)
        if block == NULL:
            return NULL
        block.next, block.size, block.used = arena.blocks, size, 0
        arena.blocks = block
    memory = <char *>(block + 1) + block.used
    block.used += whole
    memset(memory, 0, whole)
    return memory


cdef inline void *take(Arena *arena, size_t size) except NULL:
    cdef void *memory = grab(arena, size)
    if memory == NULL:
        raise MemoryError
    return memory


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
        c.dhcpsapi_wipe(block + 1, block.used)
        PyMem_Free(block)
        block = following


include "runtime.pxi"
include "pages.pxi"
include "by_hand/wire_primitives.pxi"
include "by_hand/wire_seal.pxi"
include "by_hand/wire_kerberos.pxi"

ctypedef int (*Ask)(tuple, Arena *, Writer *) except -1
ctypedef tuple (*Asked)(Reader *)
ctypedef int (*Answer)(object, tuple, Arena *, Writer *) except -1
ctypedef object (*Answered)(Reader *, tuple, object)

ctypedef struct Call:
    Ask ask
    Asked asked
    Answer answer
    Answered answered
    const char *failure  # the parameters of a response without an answer
    int arguments


# The end of a stub, and the errors

cdef int stub_ends(Reader *it, str function, object server) except -1:
    if it.bad == NO_MEMORY:
        raise MemoryError
    if it.bad != FINE:
        raise from_code(BAD_STUB, function, server)
    return 0


cdef int response_ends(Reader *it, str function, object server) except -1:
    if it.pos != it.size:
        wrong(it, WRONG)
    return stub_ends(it, function, server)


cdef int request_ends(Reader *it) except -1:
    """Before a verification trailer, which the caller has cut off, a stub is padded to a multiple of 4."""
    if it.size - it.pos >= 4 or (it.pos != it.size and it.size % 4 != 0):
        wrong(it, WRONG)
    return stub_ends(it, "", None)


cdef int failed(c.DWORD code, str function, object server, dict about) except -1:
    raise from_code(code, function, server, **about)


cdef int no_answer(str function, object server, dict about) except -1:
    raise InvalidAnswerError(
        ErrorCode.ERROR_INVALID_DATA, function, server,
        detail="the server reported success but returned no data", **about,
    )


cdef object whole_page(
    object items, c.DWORD read, object resume, c.DWORD total, c.DWORD code, str function, object server
):
    """A page, unless the server announced more than it sent."""
    if read > <size_t>len(items):
        raise InvalidAnswerError(
            ErrorCode.ERROR_INVALID_DATA, function, server,
            detail=f"the server announced {read} elements but returned {len(items)}",
        )
    return page(items, resume, total, code)


include "generated/structs.pxi"
include "generated/ndr.pxi"


cdef Call *call_of(str method) except NULL:
    place = _places.get(method)
    if place is None:
        raise ValueError(f"no call has the name {method!r}")
    return &_calls[<Py_ssize_t>place]


cdef int check_count(Call *call, str method, tuple arguments) except -1:
    if len(arguments) != call.arguments:
        raise TypeError(f"{method} takes {call.arguments} arguments, got {len(arguments)}")
    return 0


cdef int is_written(Writer *it) except -1:
    if it.bad == NO_MEMORY:
        raise MemoryError
    if it.bad == TOO_LARGE:
        raise ValueError(f"a member of an enumeration must be between 0 and {MOST_ENUM}, got {it.refused}")
    if it.bad != FINE:
        raise ValueError("a union has no arm for its type")
    return 0


cdef object written(Writer *it, Py_ssize_t reserve):
    """What was written, behind ``reserve`` zero bytes."""
    cdef char *data
    is_written(it)
    if reserve < 0:
        raise ValueError(f"reserve must not be negative, got {reserve}")
    # In two steps: without memory, CPython 3.11 releases a half-made bytearray and complains.
    made = PyByteArray_FromStringAndSize(NULL, 0)
    PyByteArray_Resize(made, reserve + <Py_ssize_t>it.pos)
    data = PyByteArray_AsString(made)
    memset(data, 0, reserve)
    memcpy(data + reserve, it.data, it.pos)
    return made


cdef int open_reader(Reader *it, Arena *arena, object stub, Py_ssize_t start, object stop, bint ndr64) except -1:
    """Copy a stub. It may lie at any address in its buffer, and another thread may write there."""
    cdef Py_buffer view
    cdef Py_ssize_t end
    PyObject_GetBuffer(stub, &view, PyBUF_SIMPLE)
    try:
        end = view.len if stop is None else stop
        if not 0 <= start <= end <= view.len:
            raise ValueError(f"the stub from {start} to {end} must lie inside {view.len} bytes")
        it.size = end - start
        it.data = <c.BYTE *>take(arena, it.size)
        memcpy(it.data, <char *>view.buf + start, it.size)
    finally:
        PyBuffer_Release(&view)
    it.pos, it.first, it.bad, it.arena = 0, 0, FINE, arena
    it.word = NDR64 if ndr64 else NDR20
    return 0


def encode_request(str method, tuple arguments, server=None, *, Py_ssize_t reserve=0, bint ndr64=False):
    """Return the stub of a request."""
    cdef Call *call = call_of(method)
    cdef Arena arena
    cdef Writer writer
    check_count(call, method, arguments)
    open_arena(&arena)
    open_writer(&writer, NDR64 if ndr64 else NDR20)
    try:
        call.ask(arguments, &arena, &writer)
        return written(&writer, reserve)
    except DhcpError as error:
        error.server = server  # what is asked for is written before it is known for whom
        raise
    finally:
        close_writer(&writer)
        close_arena(&arena)


def decode_request(str method, stub, Py_ssize_t start=0, stop=None, *, bint ndr64=False):
    """Return the arguments of a request."""
    cdef Call *call = call_of(method)
    cdef Arena arena
    cdef Reader reader
    open_arena(&arena)
    try:
        open_reader(&reader, &arena, stub, start, stop, ndr64)
        return call.asked(&reader)
    finally:
        close_arena(&arena)


def encode_response(str method, answer, tuple arguments=(), *, Py_ssize_t reserve=0, bint ndr64=False):
    """Return the stub of a response."""
    global ROUND_TIMES
    cdef Call *call = call_of(method)
    cdef Arena arena
    cdef Writer writer
    if arguments:
        check_count(call, method, arguments)
    open_arena(&arena)
    open_writer(&writer, NDR64 if ndr64 else NDR20)
    ROUND_TIMES = 1
    try:
        call.answer(answer, arguments, &arena, &writer)
        return written(&writer, reserve)
    finally:
        ROUND_TIMES = 0
        close_writer(&writer)
        close_arena(&arena)


cdef int store_failure(Writer *it, Call *call, object code) except -1:
    cdef const char *each = call.failure
    cdef c.DHCP_ADDR_PATTERN pattern
    memset(&pattern, 0, sizeof(pattern))
    while each[0] != 0:
        if each[0] == b"w":
            store_word(it, 0)
        elif each[0] == b"2":
            store_2(it, 0)
        elif each[0] == b"4":
            store_4(it, 0)
        else:
            store_DHCP_ADDR_PATTERN(it, &pattern)
        each += 1
    store_4(it, number(code, "code"))
    return 0


def encode_failure(str method, code, *, Py_ssize_t reserve=0, bint ndr64=False):
    """Return the stub of a response that is only a code."""
    cdef Call *call = call_of(method)
    cdef Writer writer
    open_writer(&writer, NDR64 if ndr64 else NDR20)
    try:
        store_failure(&writer, call, code)
        return written(&writer, reserve)
    finally:
        close_writer(&writer)


def decode_response(
    str method, stub, tuple arguments=(), server=None, Py_ssize_t start=0, stop=None, *, bint ndr64=False
):
    """Return the answer in a response."""
    cdef Call *call = call_of(method)
    cdef Arena arena
    cdef Reader reader
    open_arena(&arena)
    try:
        open_reader(&reader, &arena, stub, start, stop, ndr64)
        return call.answered(&reader, arguments, server)
    finally:
        close_arena(&arena)


include "by_hand/wire_framing.pxi"
include "by_hand/wire_channel.pxi"
include "by_hand/wire_places.pxi"
