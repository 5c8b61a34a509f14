# What generated code reads and writes with. After a mistake every read answers 0 and every write does nothing, so that
# generated code has no checks; the end of a request or a response raises once.

cdef enum:
    # What is wrong
    FINE = 0
    WRONG = 1
    NO_MEMORY = 2
    TOO_LARGE = 3  # an enumeration

cdef enum:
    NDR20 = 4
    NDR64 = 8
    MOST_ENUM = 0x7FFF
    FIRST_REFERENT = 0x20000

ctypedef struct Reader:
    c.BYTE *data  # a copy of the stub, aligned to 16: texts and numbers are used where they lie
    size_t size
    size_t pos
    size_t first
    size_t word  # the size of a referent or a count: NDR20 or NDR64
    int bad
    Arena *arena


cdef inline void wrong(Reader *it, int how) noexcept:
    if it.bad == FINE:
        it.bad = how
    it.pos = it.size


cdef inline void align(Reader *it, size_t to) noexcept:
    cdef size_t pos = (it.pos + to - 1) & ~(to - 1)
    if pos > it.size:
        wrong(it, WRONG)
    else:
        it.pos = pos


cdef inline void align_wide(Reader *it, size_t to) noexcept:
    if it.word == NDR64:
        align(it, to)


cdef inline void align_end(Reader *it, size_t to) noexcept:
    """NDR64 pads a structure at its end; some write nothing there if nothing follows."""
    if it.word == NDR64:
        it.pos = min(it.size, (it.pos + to - 1) & ~(to - 1))


cdef inline c.BYTE load_1(Reader *it) noexcept:
    if it.size - it.pos < 1:
        wrong(it, WRONG)
        return 0
    it.pos += 1
    return it.data[it.pos - 1]


cdef inline c.WORD load_2(Reader *it) noexcept:
    cdef c.WORD value = 0
    align(it, sizeof(value))
    if it.size - it.pos < sizeof(value):
        wrong(it, WRONG)
        return 0
    memcpy(&value, it.data + it.pos, sizeof(value))
    it.pos += sizeof(value)
    return value


cdef inline c.DWORD load_4(Reader *it) noexcept:
    cdef c.DWORD value = 0
    align(it, sizeof(value))
    if it.size - it.pos < sizeof(value):
        wrong(it, WRONG)
        return 0
    memcpy(&value, it.data + it.pos, sizeof(value))
    it.pos += sizeof(value)
    return value


cdef inline c.DWORDLONG load_8(Reader *it) noexcept:
    cdef c.DWORDLONG value = 0
    align(it, sizeof(value))
    if it.size - it.pos < sizeof(value):
        wrong(it, WRONG)
        return 0
    memcpy(&value, it.data + it.pos, sizeof(value))
    it.pos += sizeof(value)
    return value


cdef inline c.DWORDLONG load_word(Reader *it) noexcept:
    return load_8(it) if it.word == NDR64 else load_4(it)


cdef inline c.DWORD load_enum(Reader *it) noexcept:
    return load_4(it) if it.word == NDR64 else load_2(it)


cdef unsigned long long _present[2]


cdef inline void *load_referent(Reader *it) noexcept:
    """Any pointer for a referent, until what it refers to is read; NULL for none. Equal referents are two objects."""
    return &_present if load_word(it) != 0 else NULL


cdef inline void load_block(Reader *it, c.BYTE *to, size_t size) noexcept:
    if it.size - it.pos < size:
        wrong(it, WRONG)
        return
    memcpy(to, it.data + it.pos, size)
    it.pos += size


cdef c.LPWSTR load_text(Reader *it) noexcept:
    """A text with its NUL. One that has another NUL before ends there, as it would in C."""
    cdef c.DWORDLONG most = load_word(it), offset = load_word(it), count = load_word(it)
    cdef c.LPWSTR text
    if it.bad != FINE or offset != 0 or count == 0 or count > most:
        wrong(it, WRONG)
        return NULL
    if count > (it.size - it.pos) // sizeof(c.WCHAR):
        wrong(it, WRONG)
        return NULL
    text = <c.LPWSTR>(it.data + it.pos)
    if text[count - 1] != 0:
        wrong(it, WRONG)
        return NULL
    it.pos += <size_t>count * sizeof(c.WCHAR)
    return text


cdef c.LPWSTR load_unique_text(Reader *it) noexcept:
    return load_text(it) if load_referent(it) != NULL else NULL


cdef void *room(Reader *it, size_t size) noexcept:
    """Zeroed memory for a structure."""
    cdef void *memory
    if it.bad != FINE:
        return NULL
    memory = grab(it.arena, size)
    if memory == NULL:
        wrong(it, NO_MEMORY)
    return memory


cdef bint counts(Reader *it, c.DWORD count, size_t least) noexcept:
    """Read how many elements follow: as many as announced, and no more than the rest of the stub can hold."""
    if load_word(it) != count or it.bad != FINE or count > (it.size - it.pos) // least:
        wrong(it, WRONG)
        return False
    return True


cdef void *load_array(Reader *it, c.DWORD count, size_t size, size_t least) noexcept:
    """Room for elements that take at least ``least`` bytes each on the wire, taken only after that is checked."""
    if not counts(it, count, least):
        return NULL
    if count > (<size_t>-1) // 2 // size:
        wrong(it, NO_MEMORY)
        return NULL
    return room(it, count * size)


cdef c.BYTE *load_bytes(Reader *it, c.DWORD count) noexcept:
    cdef c.BYTE *found
    if not counts(it, count, 1):
        return NULL
    found = it.data + it.pos
    it.pos += count
    return found


cdef c.DWORD *load_numbers(Reader *it, c.DWORD count) noexcept:
    cdef c.DWORD *found
    if not counts(it, count, sizeof(c.DWORD)):
        return NULL
    found = <c.DWORD *>(it.data + it.pos)
    it.pos += count * sizeof(c.DWORD)
    return found


cdef c.BYTE *load_wide(Reader *it, c.DWORD size) noexcept:
    """A buffer that C counts in bytes, and the IDL, by the same number, in characters: its first half is meant."""
    cdef c.BYTE *found
    if not counts(it, size, sizeof(c.WCHAR)):
        return NULL
    found = it.data + it.pos
    it.pos += size * sizeof(c.WCHAR)
    return found


cdef inline void rewind(Reader *it) noexcept:
    it.pos, it.bad = it.first, FINE


ctypedef struct Writer:
    c.BYTE *data
    size_t size
    size_t pos
    size_t word
    c.DWORD referent
    c.DWORD refused
    int bad
    c.BYTE *given  # the memory that it began with
    unsigned long long buffer[SMALL_WORDS]


cdef void open_writer(Writer *it, size_t word) noexcept:
    open_writer_in(it, word, <c.BYTE *>it.buffer, SMALL)


cdef inline void open_writer_in(Writer *it, size_t word, c.BYTE *data, size_t size) noexcept:
    """Write into some memory as long as that is enough."""
    it.data, it.given, it.size, it.pos, it.word = data, data, size, 0, word
    it.referent, it.refused, it.bad = FIRST_REFERENT, 0, FINE


cdef void close_writer(Writer *it) noexcept:
    """Wipe what was written, because it may hold a secret."""
    c.dhcpsapi_wipe(it.data, it.pos)
    if it.data != it.given:
        PyMem_Free(it.data)


cdef bint grow(Writer *it, size_t size) noexcept:
    cdef size_t wanted = it.size * 2
    cdef c.BYTE *data
    if it.bad != FINE:
        return False
    while wanted - it.pos < size:
        wanted *= 2
    data = <c.BYTE *>PyMem_Malloc(wanted)
    if data == NULL:
        it.bad = NO_MEMORY
        return False
    memcpy(data, it.data, it.pos)
    close_writer(it)
    it.data, it.size = data, wanted
    return True


cdef inline bint fits(Writer *it, size_t size) noexcept:
    return (it.size - it.pos >= size and it.bad == FINE) or grow(it, size)


cdef inline void pad(Writer *it, size_t to) noexcept:
    cdef size_t size = (to - it.pos) & (to - 1)
    if size != 0 and fits(it, size):
        memset(it.data + it.pos, 0, size)
        it.pos += size


cdef inline void pad_wide(Writer *it, size_t to) noexcept:
    if it.word == NDR64:
        pad(it, to)


cdef inline void store_block(Writer *it, const void *data, size_t size) noexcept:
    if fits(it, size):
        memcpy(it.data + it.pos, data, size)
        it.pos += size


cdef inline void store_1(Writer *it, c.BYTE value) noexcept:
    store_block(it, &value, sizeof(value))


cdef inline void store_2(Writer *it, c.WORD value) noexcept:
    pad(it, sizeof(value))
    store_block(it, &value, sizeof(value))


cdef inline void store_4(Writer *it, c.DWORD value) noexcept:
    pad(it, sizeof(value))
    store_block(it, &value, sizeof(value))


cdef inline void store_8(Writer *it, c.DWORDLONG value) noexcept:
    pad(it, sizeof(value))
    store_block(it, &value, sizeof(value))


cdef inline void store_word(Writer *it, size_t value) noexcept:
    if it.word == NDR64:
        store_8(it, value)
    else:
        store_4(it, <c.DWORD>value)


cdef inline void store_enum(Writer *it, c.DWORD value) noexcept:
    if value > MOST_ENUM and it.bad == FINE:
        it.refused, it.bad = value, TOO_LARGE
    if it.word == NDR64:
        store_4(it, value)
    else:
        store_2(it, <c.WORD>value)


cdef inline void store_referent(Writer *it, const void *pointer) noexcept:
    if pointer == NULL:
        store_word(it, 0)
        return
    store_word(it, it.referent)
    it.referent += 4


cdef void store_text(Writer *it, const c.WCHAR *text) noexcept:
    cdef size_t count = 1
    while text[count - 1] != 0:
        count += 1
    store_word(it, count)
    store_word(it, 0)
    store_word(it, count)
    store_block(it, text, count * sizeof(c.WCHAR))


cdef void store_unique_text(Writer *it, const c.WCHAR *text) noexcept:
    store_referent(it, text)
    if text != NULL:
        store_text(it, text)


cdef int store_ref_text(Writer *it, const c.WCHAR *text, str function) except -1:
    """Write a text that is not behind a referent: there is no NULL."""
    if text == NULL:
        raise from_code(NULL_REFERENCE, function, None)
    store_text(it, text)
    return 0


cdef void store_bytes(Writer *it, const c.BYTE *data, c.DWORD count) noexcept:
    store_word(it, count)
    store_block(it, data, count)


cdef void store_numbers(Writer *it, const c.DWORD *data, c.DWORD count) noexcept:
    store_word(it, count)
    store_block(it, data, count * sizeof(c.DWORD))


cdef void store_wide(Writer *it, const c.BYTE *data, c.DWORD size) noexcept:
    store_bytes(it, data, size)
    if fits(it, size):
        memset(it.data + it.pos, 0, size)
        it.pos += size
