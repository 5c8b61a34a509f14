# Conversion between Python and C that the extensions share: text, bytes, numbers, times, addresses; and slots.pxi.
#
# A module defines before it includes this file: its memory (``Arena``, ``take``, ``trim``), NULL_NAME (what a NULL name
# reads as) and ROUND_TIMES (whether fractions of a second are cut off instead of refused).

from datetime import datetime, timedelta, timezone
from ipaddress import IPv4Address

from dhcpfo.errors import ErrorCode, from_code
from dhcpfo import limits as _limits
from dhcpfo.models import Addresses, Secret

from cpython.bytes cimport PyBytes_AsString, PyBytes_FromStringAndSize, PyBytes_Size
from libc.string cimport memcpy, memset

cdef extern from "Python.h":
    Py_ssize_t PY_SSIZE_T_MAX
    object PyNumber_Index(object)
    long long PyLong_AsLongLongAndOverflow(object, int *) except? -1

include "slots.pxi"

cdef c.DWORD NEVER = _limits.NEVER
cdef unsigned long long FILETIME_INFINITE = _limits.FILETIME_INFINITE

# Numbers

cdef c.DWORD number(object value, str argument, c.DWORD most=0xFFFFFFFF) except? 0xFFFFFFFE:
    """Read an integer; a float or a text is refused, not cut."""
    cdef int overflow = 0
    cdef long long found
    if not isinstance(value, int):
        if not hasattr(value, "__index__"):
            raise TypeError(f"{argument} must be an integer, not {type(value).__name__}")
        value = PyNumber_Index(value)
    found = PyLong_AsLongLongAndOverflow(value, &overflow)
    if overflow or not 0 <= found <= most:
        raise ValueError(f"{argument} must be between 0 and {most}, got {int(value)}")
    return <c.DWORD>found


cdef unsigned long long number64(object value, str argument) except? 0xFFFFFFFFFFFFFFFE:
    """Read an integer of 64 bits."""
    if not isinstance(value, int):
        raise TypeError(f"{argument} must be an integer, not {type(value).__name__}")
    if not 0 <= value <= 0xFFFFFFFFFFFFFFFF:
        raise ValueError(f"{argument} must be between 0 and {0xFFFFFFFFFFFFFFFF}, got {value}")
    return value


cdef enum:
    MOST_MEMBERS = 128


@cython.final
cdef class _Members:
    """The members of an enumeration by their values, in an array: a fast path for small numbers."""

    cdef object kind
    cdef PyObject *known[MOST_MEMBERS]

    def __cinit__(self, kind):
        self.kind = kind
        for each in kind:
            if 0 <= each < MOST_MEMBERS:
                self.known[<Py_ssize_t>each] = <PyObject *>each  # the enumeration keeps its members

    cdef inline object of(self, c.DWORD value):
        if value < MOST_MEMBERS and self.known[value] != NULL:
            return <object>self.known[value]
        return self.kind(value)


cdef object refused():
    """The error for an argument that a provider cannot read."""
    return from_code(ErrorCode.ERROR_INVALID_PARAMETER, "", None)


cdef object unknown_tag(object kind, object value, str argument):
    """The error for a value of ``kind`` that has no arm in a union: there is nothing that could be sent."""
    return ValueError(f"{argument} must be one of {', '.join([known.name for known in kind])}, got {value!r}")


# Text and bytes

cdef c.LPWSTR put_text(Arena *arena, object text, str argument) except? NULL:
    """Copy a text; None becomes NULL."""
    cdef Py_ssize_t size
    cdef void *memory
    if text is None:
        return NULL
    if not isinstance(text, str):
        raise TypeError(f"{argument} must be str or None, not {type(text).__name__}")
    size = utf16.size_for(text)
    memory = take(arena, size)
    trim(arena, memory, size, utf16.encode(text, <Py_UCS4 *>memory, size, argument))
    return <c.LPWSTR>memory


cdef object _Secret = Secret
cdef _Maker make_Secret = _Maker(Secret, "_text")


cdef c.LPWSTR put_secret(Arena *arena, object value, str argument) except? NULL:
    if value is None:
        return NULL
    if type(value) is not _Secret:
        value = Secret(value)
    return put_text(arena, make_Secret.get(value, 0), argument)


cdef object secret(c.LPWSTR text):
    model = make_Secret.new()
    make_Secret.set(model, 0, utf16.decode(text))
    return model


cdef object octets(const c.BYTE *data, size_t size):
    """Copy bytes; NULL is no bytes."""
    if data == NULL:
        return b""
    if size > <size_t>PY_SSIZE_T_MAX:
        raise MemoryError
    return PyBytes_FromStringAndSize(<char *>data, <Py_ssize_t>size)


cdef object binary(const c.DHCP_BINARY_DATA *raw):
    return octets(raw.Data, raw.DataLength)


cdef c.BYTE *put_bytes(Arena *arena, c.DWORD *length, object value, str argument) except NULL:
    cdef Py_ssize_t size
    cdef c.BYTE *data
    if not isinstance(value, bytes):
        raise TypeError(f"{argument} must be bytes, not {type(value).__name__}")
    size = PyBytes_Size(value)  # not len: a subclass may answer another length
    if <size_t>size > 0xFFFFFFFF:
        raise ValueError(f"{argument} must have at most {0xFFFFFFFF} bytes, got {size}")
    data = <c.BYTE *>take(arena, size)
    memcpy(data, PyBytes_AsString(value), size)
    length[0] = <c.DWORD>size
    return data


cdef int put_binary(Arena *arena, c.DHCP_BINARY_DATA *raw, object value, str argument) except -1:
    raw.Data = put_bytes(arena, &raw.DataLength, value, argument)
    return 0


# A fixed-size cache of recently created addresses and timedeltas. Not used on free-threaded builds.

cdef enum:
    RECENT = 4096

ctypedef struct Recent:
    c.DWORD key
    PyObject *value

cdef Recent _recent_addresses[RECENT]
cdef Recent _recent_times[RECENT]


cdef inline Recent *recent(Recent *table, c.DWORD key) noexcept:
    return &table[(key * <c.DWORD>2654435761) >> 20]


cdef inline void remember(Recent *entry, c.DWORD key, object value):
    cdef PyObject *old = entry.value
    if DHCPFO_ONE_THREAD_AT_A_TIME:
        Py_INCREF(value)
        entry.key, entry.value = key, <PyObject *>value
        Py_XDECREF(old)


# Addresses

# IPv4Address keeps its number in one slot. If a later Python does otherwise, its constructor is called.
cdef _Maker make_IPv4Address = _Maker(IPv4Address, "_ip") if IPv4Address.__slots__ == ("_ip", "__weakref__") else None
cdef object _IPv4Address = IPv4Address
cdef object _Addresses = Addresses
cdef _Maker make_Addresses = _Maker(Addresses, "_items", "_packed", "_unpack")


cdef inline object address(c.DWORD value):
    cdef Recent *entry = recent(_recent_addresses, value)
    if entry.value != NULL and entry.key == value:
        return <object>entry.value
    if make_IPv4Address is None:
        found = IPv4Address(value)
    else:
        found = make_IPv4Address.new()
        make_IPv4Address.set(found, 0, value)
    remember(entry, value, found)
    return found


cdef c.DWORD ip(object value, str argument) except? 0xFFFFFFFE:
    # Its __int__ is written in Python, and takes ten times as long.
    if type(value) is _IPv4Address and make_IPv4Address is not None:
        return number(make_IPv4Address.get(value, 0), argument)
    if not isinstance(value, _IPv4Address):
        raise TypeError(f"{argument} must be an IPv4Address, not {type(value).__name__}")
    return int(value)


cdef tuple several_addresses(const c.DWORD *numbers, Py_ssize_t count):
    # Not a list comprehension: if it cannot grow, Cython 3.3 decrements the reference count of the item twice.
    cdef Py_ssize_t i
    cdef list items = []
    for i in range(count):
        items.append(address(numbers[i]))
    return tuple(items)


cdef int put_level(c.BOOL *whole, c.DHCP_IP_ADDRESS *scope, object value, str argument) except -1:
    """Write a scope's address, or for None that the whole server is meant."""
    whole[0] = 1 if value is None else 0
    scope[0] = 0 if value is None else ip(value, argument)
    return 0


def _unpack(packed):
    cdef const c.DWORD *numbers = <const c.DWORD *>PyBytes_AsString(packed)
    cdef Py_ssize_t count = PyBytes_Size(packed) // <Py_ssize_t>sizeof(c.DWORD)
    return several_addresses(numbers, count)


# A module's globals are looked up by name each time; this one is needed in every answer.
cdef object unpack_function = _unpack


cdef object addresses(const c.DHCP_IP_ARRAY *array):
    """The addresses of an array, packed; NULL anywhere is none."""
    cdef Py_ssize_t size = 0
    cdef char *data = NULL
    if array != NULL and array.Elements != NULL:
        if array.NumElements > <size_t>PY_SSIZE_T_MAX // sizeof(c.DHCP_IP_ADDRESS):
            raise MemoryError
        size = array.NumElements * <Py_ssize_t>sizeof(c.DHCP_IP_ADDRESS)
        data = <char *>array.Elements
    model = make_Addresses.new()
    make_Addresses.set(model, 0, None)
    make_Addresses.set(model, 1, PyBytes_FromStringAndSize(data, size))
    make_Addresses.set(model, 2, unpack_function)
    return model


cdef object read_DHCP_IP_ARRAY(const c.DHCP_IP_ARRAY *raw):
    return several_addresses(raw.Elements, 0 if raw.Elements == NULL else raw.NumElements)


cdef int fill_DHCP_IP_ARRAY(c.DHCP_IP_ARRAY *raw, object model, Arena *arena) except -1:
    cdef Py_ssize_t i, size
    cdef bytes packed
    cdef tuple items
    if isinstance(model, tuple):
        items = tuple(model)  # a subclass may answer another length
        size = len(items)
        raw.Elements = <c.LPDHCP_IP_ADDRESS>take(arena, size * sizeof(c.DHCP_IP_ADDRESS))
        for i in range(size):
            raw.Elements[i] = ip(items[i], "addresses")
        raw.NumElements = <c.DWORD>size
        return 0
    packed = make_Addresses.get(model, 1) if type(model) is _Addresses else None
    if packed is None:
        packed = (model if isinstance(model, Addresses) else Addresses(model)).packed
    size = len(packed)
    raw.Elements = <c.LPDHCP_IP_ADDRESS>take(arena, size)
    memcpy(raw.Elements, PyBytes_AsString(packed), size)
    raw.NumElements = <c.DWORD>(size // sizeof(c.DHCP_IP_ADDRESS))
    return 0


cdef c.LPDHCP_IP_ARRAY put_addresses(Arena *arena, object value, str argument) except NULL:
    cdef c.LPDHCP_IP_ARRAY raw = <c.LPDHCP_IP_ARRAY>take(arena, sizeof(c.DHCP_IP_ARRAY))
    fill_DHCP_IP_ARRAY(raw, value, arena)
    return raw


# Times


cdef object _UNIX_EPOCH = _limits.UNIX_EPOCH
cdef object _FILETIME_EPOCH = _limits.FILETIME_EPOCH
cdef object _LAST = datetime.max.replace(tzinfo=timezone.utc)
cdef object _UTC = timezone.utc
cdef object datetime_type = datetime
cdef object _SECOND = timedelta(seconds=1)
cdef object _MINUTE = timedelta(minutes=1)
cdef object _MILLISECOND = timedelta(milliseconds=1)
cdef object _MICROSECOND = timedelta(microseconds=1)


cdef inline object duration(c.DWORD seconds):
    cdef Recent *entry = recent(_recent_times, seconds)
    if entry.value != NULL and entry.key == seconds:
        return <object>entry.value
    found = timedelta(0, seconds)
    remember(entry, seconds, found)
    return found


cdef c.DWORD seconds(object value, str argument) except? 0xFFFFFFFE:
    cdef long long found
    if not isinstance(value, timedelta):
        raise TypeError(f"{argument} must be a timedelta, not {type(value).__name__}")
    if not ROUND_TIMES and value.microseconds:
        raise ValueError(f"{argument} must be a whole number of seconds, got {value!r}")
    found = <long long>value.days * 86400 + <long long>value.seconds
    return <c.DWORD>found if 0 <= found <= 0xFFFFFFFF else number(found, argument)


cdef object milliseconds(c.DWORD value):
    return timedelta(0, 0, 0, value)


cdef c.USHORT to_milliseconds(object value, str argument) except? 0xFFFE:
    if not isinstance(value, timedelta):
        raise TypeError(f"{argument} must be a timedelta, not {type(value).__name__}")
    if value % _MILLISECOND and not ROUND_TIMES:
        raise ValueError(f"{argument} must be a whole number of milliseconds, got {value!r}")
    return <c.USHORT>number(value // _MILLISECOND, argument, 0xFFFF)


cdef object minutes(c.DWORD value):
    return timedelta(0, value * <long long>60)


cdef c.DWORD to_minutes(object value, str argument) except? 0xFFFFFFFE:
    if not isinstance(value, timedelta):
        raise TypeError(f"{argument} must be a timedelta, not {type(value).__name__}")
    if value % _MINUTE and not ROUND_TIMES:
        raise ValueError(f"{argument} must be a whole number of minutes, got {value!r}")
    return number(value // _MINUTE, argument)


cdef enum:
    TICKS_A_SECOND = 10_000_000
    DAYS_TO_1601 = 584_694  # from the first of March in the year 0: there, a leap day is the last day of its year


cdef object at_ticks(unsigned long long ticks):
    """The datetime of a FILETIME before the year 10000; adding a timedelta would take three times as long."""
    cdef unsigned long long seconds = ticks // TICKS_A_SECOND
    cdef unsigned int micros = <unsigned int>(ticks % TICKS_A_SECOND // 10)
    cdef unsigned int days = <unsigned int>(seconds // 86400) + DAYS_TO_1601
    cdef unsigned int clock = <unsigned int>(seconds % 86400)
    cdef unsigned int era = days // 146097
    cdef unsigned int of_era = days - era * 146097
    cdef unsigned int year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    cdef unsigned int of_year = of_era - (365 * year + year // 4 - year // 100)
    cdef unsigned int month = (5 * of_year + 2) // 153
    cdef unsigned int day = of_year - (153 * month + 2) // 5 + 1
    cdef unsigned char state[10]
    year += era * 400 + (1 if month > 9 else 0)
    month += 3 if month < 10 else -9
    state[0], state[1], state[2], state[3] = year >> 8, year & 0xFF, month, day
    state[4], state[5], state[6] = clock // 3600, clock // 60 % 60, clock % 60
    state[7], state[8], state[9] = micros >> 16, micros >> 8 & 0xFF, micros & 0xFF
    # The form in which every pickle of a datetime calls it, in a third of the time that the eight numbers take.
    return datetime_type(PyBytes_FromStringAndSize(<char *>state, sizeof(state)), _UTC)


cdef object moment(c.DWORD seconds):
    return at_ticks((seconds + 11_644_473_600ULL) * TICKS_A_SECOND)  # the seconds from 1601 to 1970


cdef c.DWORD unix(object value, str argument) except? 0xFFFFFFFE:
    return number((value - _UNIX_EPOCH) // _SECOND, argument)


cdef object file_time(const c.DATE_TIME *time):
    """None for the value that stands for never; the last moment Python knows for any later one."""
    cdef unsigned long long ticks = (<unsigned long long>time.dwHighDateTime << 32) | time.dwLowDateTime
    if ticks == FILETIME_INFINITE:
        return None
    if ticks > 2650467743999999999ULL:  # the end of the year 9999
        return _LAST
    return at_ticks(ticks) if ticks else _FILETIME_EPOCH


cdef int put_file_time(c.DATE_TIME *raw, object value, str argument) except -1:
    cdef unsigned long long ticks = FILETIME_INFINITE
    if value is not None:
        if value < _FILETIME_EPOCH:
            raise ValueError(f"{argument} must not be before 1601, got {value}")
        ticks = (value - _FILETIME_EPOCH) // _MICROSECOND * 10
    raw.dwLowDateTime = <c.DWORD>(ticks & 0xFFFFFFFF)
    raw.dwHighDateTime = <c.DWORD>(ticks >> 32)
    return 0
