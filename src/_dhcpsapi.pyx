# cython: language_level=3, freethreading_compatible=True, binding=False, embedsignature=True
# cython: embedsignature.format=clinic, boundscheck=False, wraparound=False, initializedcheck=False, autotestdict=False
"""NativeApi: the DHCP Server Management API of Dhcpsapi.dll as Python values.

Every function takes the same six steps: own the arguments in named locals; set the out-pointers to NULL; call
without the GIL; check the code; convert; free, leaves first. No pointer outlives the function that received it.
"""

from datetime import datetime, timedelta, timezone
from ipaddress import IPv4Address

from dhcpfo.enums import (
    AddressStatus,
    ClientType,
    FailoverMode,
    FailoverState,
    QuarantineStatus,
    SearchType,
    ServerType,
)
from dhcpfo.errors import ErrorCode, InvalidAnswerError, from_code
from dhcpfo.models import (
    Addresses,
    FailoverClient,
    HostInfo,
    Page,
    Relationship,
    ScopeStatistics,
    Secret,
    SystemTime,
)

cimport cython
from cpython.bytes cimport PyBytes_AsString, PyBytes_FromStringAndSize
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.object cimport PyObject
from cpython.pycapsule cimport PyCapsule_GetPointer
from cpython.ref cimport Py_INCREF, Py_XDECREF
from libc.string cimport memset

cimport dhcpsapi as c
cimport utf16

cdef extern from *:
    """
    #ifdef Py_GIL_DISABLED
    #define ONE_THREAD_AT_A_TIME 0
    #else
    #define ONE_THREAD_AT_A_TIME 1
    #endif
    """
    enum: ONE_THREAD_AT_A_TIME

cdef extern from "Python.h":
    Py_ssize_t PY_SSIZE_T_MAX
    ctypedef int (*descrsetfunc)(PyObject *, PyObject *, PyObject *) except -1
    enum: Py_tp_descr_set
    # The type is a PyTypeObject, which only a pointer without a type of its own becomes silently.
    void *PyType_GetSlot(void *, int) except NULL
    object PyType_GenericAlloc(void *, Py_ssize_t)

cdef c.dhcpsapi_functions _linked
LINKED = bool(c.dhcpsapi_link(&_linked))

cdef enum:
    NEVER = 0xFFFFFFFF
    SHORT = 128
    MOST_SLOTS = 16


# Arguments

@cython.final
cdef class _Wide:
    """A NUL-terminated UTF-16 argument; its own buffer owns the text and is wiped on release."""

    cdef c.LPWSTR ptr
    cdef Py_UCS4 *room
    cdef Py_ssize_t size
    cdef Py_UCS4 inside[SHORT]

    def __dealloc__(self):
        if self.room != NULL:
            c.dhcpsapi_wipe(self.room, self.size)
            if self.room != self.inside:
                PyMem_Free(self.room)


cdef _Wide _wide(object text, str argument):
    """Own a text; None is NULL."""
    cdef _Wide it = _Wide.__new__(_Wide)
    if text is None:
        return it
    if not isinstance(text, str):
        raise TypeError(f"{argument}: text expected, {type(text).__name__} given")
    it.size = utf16.room_for(text)
    if it.size <= <Py_ssize_t>sizeof(it.inside):
        it.room = it.inside
    else:
        it.room = <Py_UCS4 *>PyMem_Malloc(it.size)
        if it.room == NULL:
            raise MemoryError
    try:
        utf16.encode(text, it.room, it.size)
    except ValueError as error:
        raise ValueError(f"{argument}: {error}") from None
    it.ptr = <c.LPWSTR>it.room
    return it


cdef _Wide _wide_secret(object secret):
    return _wide(None if secret is None else Secret(secret).reveal(), "shared_secret")


cdef c.DWORD _number_of_seconds(object value, str argument) except? 0xFFFFFFFE:
    if value.microseconds:
        raise ValueError(f"{argument}: {value!r} is no whole number of seconds")
    return value.days * 86400 + value.seconds


cdef c.DWORD _interval(object value) except? 0xFFFFFFFE:
    return NEVER if value is None else _number_of_seconds(value, "state_switch_interval")


cdef bytes _pack(object scopes):
    return (scopes if isinstance(scopes, Addresses) else Addresses(scopes)).packed


cdef void _point_at(c.DHCP_IP_ARRAY *array, bytes packed):
    array.NumElements = <c.DWORD>(len(packed) // sizeof(c.DHCP_IP_ADDRESS))
    array.Elements = <c.LPDHCP_IP_ADDRESS>PyBytes_AsString(packed)


# Answers: the frozen, slotted dataclasses are filled through their slots, as their own __init__ would do with
# object.__setattr__, without the interpreter in between.

@cython.final
cdef class _Maker:
    """Makes instances of one frozen, slotted dataclass."""

    cdef object cls
    cdef tuple members
    cdef PyObject *slots[MOST_SLOTS]
    cdef descrsetfunc put_slot

    def __cinit__(self, cls, *names):
        cdef Py_ssize_t index
        if len(names) > MOST_SLOTS:
            raise TypeError(f"{cls.__name__} has more than {MOST_SLOTS} slots")
        self.cls = cls
        self.members = tuple([cls.__dict__[name] for name in names])
        for index in range(len(names)):
            self.slots[index] = <PyObject *>self.members[index]
        kind, *others = {type(member) for member in self.members}
        if others:
            raise TypeError(f"{cls.__name__} is not slotted")
        self.put_slot = <descrsetfunc>PyType_GetSlot(<void *>kind, Py_tp_descr_set)

    cdef inline object new(self):
        return PyType_GenericAlloc(<void *>self.cls, 0)

    cdef inline int put(self, object it, Py_ssize_t index, object value) except -1:
        return self.put_slot(self.slots[index], <PyObject *>it, <PyObject *>value)


cdef _Maker _new_relationship = _Maker(
    Relationship, "name", "primary_server", "secondary_server", "primary_server_name", "secondary_server_name",
    "mode", "server_type", "state", "previous_state", "mclt", "state_switch_interval", "percentage", "scopes",
    "shared_secret",
)
cdef _Maker _new_secret = _Maker(Secret, "_text")
cdef _Maker _new_addresses = _Maker(Addresses, "_items", "_packed", "_unpack")
# IPv4Address keeps its number in one slot; should a later Python do otherwise, it is made in the ordinary way.
cdef _Maker _new_address = _Maker(IPv4Address, "_ip") if IPv4Address.__slots__ == ("_ip", "__weakref__") else None

cdef tuple _MODES = tuple(FailoverMode)
cdef tuple _SERVER_TYPES = tuple(ServerType)
cdef tuple _STATES = tuple(FailoverState)


cdef inline object _member(tuple members, c.DWORD value):
    """The member of an enumeration whose known values are 0, 1, 2 and so on."""
    return members[value] if value < <c.DWORD>len(members) else type(members[0])(value)


# The same few addresses and times come back again and again, so the last ones made are kept: in a table of fixed size,
# where the GIL lets one thread at a time look; without the GIL they are made anew.

cdef enum:
    RECENT = 4096

ctypedef struct Recent:
    c.DWORD key
    PyObject *value

cdef Recent _recent_addresses[RECENT]
cdef Recent _recent_times[RECENT]


cdef inline Recent *_place(Recent *table, c.DWORD key) noexcept:
    return &table[(key * <c.DWORD>2654435761) >> 20]


cdef inline void _keep(Recent *place, c.DWORD key, object value):
    cdef PyObject *old = place.value
    if ONE_THREAD_AT_A_TIME:
        Py_INCREF(value)
        place.key, place.value = key, <PyObject *>value
        Py_XDECREF(old)


cdef inline object _address(c.DWORD value):
    cdef Recent *place = _place(_recent_addresses, value)
    if place.value != NULL and place.key == value:
        return <object>place.value
    if _new_address is None:
        it = IPv4Address(value)
    else:
        it = _new_address.new()
        _new_address.put(it, 0, value)
    _keep(place, value, it)
    return it


cdef inline object _timedelta(c.DWORD seconds):
    cdef Recent *place = _place(_recent_times, seconds)
    if place.value != NULL and place.key == seconds:
        return <object>place.value
    it = timedelta(0, seconds)
    _keep(place, seconds, it)
    return it


def _unpack(packed):
    cdef const c.DWORD *numbers = <const c.DWORD *>PyBytes_AsString(packed)
    cdef Py_ssize_t i, count = len(packed) // <Py_ssize_t>sizeof(c.DWORD)
    return tuple([_address(numbers[i]) for i in range(count)])


# A module's globals are looked up by name each time; this one is needed in every answer.
cdef object _unpack_function = _unpack


cdef object _secret(c.LPWSTR text):
    it = _new_secret.new()
    _new_secret.put(it, 0, utf16.decode(text))
    return it


cdef object _addresses(const c.DHCP_IP_ARRAY *array):
    """The addresses of an array, packed; NULL anywhere is none."""
    cdef Py_ssize_t size = 0
    cdef char *data = NULL
    if array != NULL and array.Elements != NULL:
        if array.NumElements > <size_t>PY_SSIZE_T_MAX // sizeof(c.DHCP_IP_ADDRESS):
            raise MemoryError
        size = array.NumElements * <Py_ssize_t>sizeof(c.DHCP_IP_ADDRESS)
        data = <char *>array.Elements
    it = _new_addresses.new()
    _new_addresses.put(it, 0, None)
    _new_addresses.put(it, 1, PyBytes_FromStringAndSize(data, size))
    _new_addresses.put(it, 2, _unpack_function)
    return it


cdef object _relationship(const c.DHCP_FAILOVER_RELATIONSHIP *r):
    cdef _Maker maker = _new_relationship
    it = maker.new()
    maker.put(it, 0, utf16.decode(r.RelationshipName) if r.RelationshipName != NULL else "")
    maker.put(it, 1, _address(r.PrimaryServer))
    maker.put(it, 2, _address(r.SecondaryServer))
    maker.put(it, 3, utf16.decode(r.PrimaryServerName))
    maker.put(it, 4, utf16.decode(r.SecondaryServerName))
    maker.put(it, 5, _member(_MODES, r.Mode))
    maker.put(it, 6, _member(_SERVER_TYPES, r.ServerType))
    maker.put(it, 7, _member(_STATES, r.State))
    maker.put(it, 8, _member(_STATES, r.PrevState))
    maker.put(it, 9, _timedelta(r.Mclt))
    maker.put(it, 10, None if r.SafePeriod == NEVER else _timedelta(r.SafePeriod))
    maker.put(it, 11, r.Percentage)
    maker.put(it, 12, _addresses(r.pScopes))
    maker.put(it, 13, None if r.SharedSecret == NULL else _secret(r.SharedSecret))
    return it


cdef object _EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
cdef object _FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=timezone.utc)
cdef object _LAST = datetime.max.replace(tzinfo=timezone.utc)


cdef object _unix_time(c.DWORD seconds):
    return None if seconds == 0 else _EPOCH + timedelta(seconds=seconds)


cdef object _file_time(c.DATE_TIME time):
    """None for the value that stands for never; the last moment Python knows for any later one."""
    cdef unsigned long long ticks = (<unsigned long long>time.dwHighDateTime << 32) | time.dwLowDateTime
    if ticks == 0x7FFFFFFFFFFFFFFF:
        return None
    try:
        return _FILETIME_EPOCH + timedelta(microseconds=ticks // 10)
    except OverflowError:
        return _LAST


cdef object _client(const c.DHCPV4_FAILOVER_CLIENT_INFO *r):
    cdef const c.DHCP_BINARY_DATA *client_id = &r.ClientHardwareAddress
    return FailoverClient(
        address=_address(r.ClientIpAddress),
        subnet_mask=_address(r.SubnetMask),
        client_id=b"" if client_id.Data == NULL else client_id.Data[:client_id.DataLength],
        name=utf16.decode(r.ClientName),
        comment=utf16.decode(r.ClientComment),
        lease_expires=_file_time(r.ClientLeaseExpires),
        owner=HostInfo(
            address=_address(r.OwnerHost.IpAddress),
            netbios_name=utf16.decode(r.OwnerHost.NetBiosName),
            host_name=utf16.decode(r.OwnerHost.HostName),
        ),
        client_type=ClientType(r.bClientType),
        address_state=r.AddressState,
        quarantine_status=QuarantineStatus(r.Status),
        probation_ends=_file_time(r.ProbationEnds),
        quarantine_capable=r.QuarantineCapable != 0,
        potential_expiration_sent=_unix_time(r.SentPotExpTime),
        potential_expiration_acknowledged=_unix_time(r.AckPotExpTime),
        potential_expiration_received=_unix_time(r.RecvPotExpTime),
        start_time=_unix_time(r.StartTime),
        last_transaction=_unix_time(r.CltLastTransTime),
        last_binding_update=_unix_time(r.LastBndUpdTime),
        binding_status=r.BndMsgStatus,
        policy_name=utf16.decode(r.PolicyName),
        flags=r.Flags,
    )


cdef class NativeApi:
    """The management API of one server, through the C functions of Dhcpsapi.dll.

    Args:
        server: Host name or IPv4 address as the functions take it; None is this machine.
        functions: A capsule with another provider's table of the same functions; None is the linked DLL.
        provider: Kept alive as long as this object; may offer ``reopen`` for pickling.
        display: The server's name in errors and logs, where ``server`` is not what people would recognise.

    Raises:
        ImportError: ``functions`` is None and no Dhcpsapi is linked on this platform.
    """

    cdef const c.dhcpsapi_functions *f
    cdef _Wide c_server
    cdef readonly object server
    cdef object functions
    cdef object provider

    def __cinit__(self, server, functions=None, provider=None, display=None):
        if functions is not None:
            self.f = <const c.dhcpsapi_functions *>PyCapsule_GetPointer(functions, "dhcpfo.dhcpsapi_functions")
        elif LINKED:
            self.f = &_linked
        else:
            raise ImportError("no Dhcpsapi is linked on this platform")
        if self.f.size != sizeof(c.dhcpsapi_functions):
            raise ValueError("functions: the table was made for another version of this package")
        self.c_server = _wide(server, "server")
        self.server = server if display is None else display
        self.functions = functions
        self.provider = provider

    cdef object error(self, c.DWORD code, str function, dict about):
        return from_code(code, function, self.server, **about)

    cdef object no_answer(self, str function, dict about):
        return InvalidAnswerError(
            ErrorCode.ERROR_INVALID_DATA, function, self.server, detail="success, but nothing was answered", **about
        )

    def create_relationship(self, relationship):
        """DhcpV4FailoverCreateRelationship ([MS-DHCPM] 3.2.4.90)."""
        cdef _Wide c_name = _wide(relationship.name, "name")
        cdef _Wide c_primary_name = _wide(relationship.primary_server_name, "primary_server_name")
        cdef _Wide c_secondary_name = _wide(relationship.secondary_server_name, "secondary_server_name")
        cdef _Wide c_secret = _wide_secret(relationship.shared_secret)
        cdef bytes packed = _pack(relationship.scopes)
        cdef c.DHCP_IP_ARRAY c_scopes
        cdef c.DHCP_FAILOVER_RELATIONSHIP r
        cdef c.DWORD code
        _point_at(&c_scopes, packed)
        memset(&r, 0, sizeof(r))
        r.PrimaryServer = int(relationship.primary_server)
        r.SecondaryServer = int(relationship.secondary_server)
        r.Mode = relationship.mode
        r.ServerType = relationship.server_type
        r.State = relationship.state
        r.PrevState = relationship.previous_state
        r.Mclt = _number_of_seconds(relationship.mclt, "mclt")
        r.SafePeriod = _interval(relationship.state_switch_interval)
        r.RelationshipName = c_name.ptr
        r.PrimaryServerName = c_primary_name.ptr
        r.SecondaryServerName = c_secondary_name.ptr
        r.pScopes = &c_scopes
        r.Percentage = relationship.percentage
        r.SharedSecret = c_secret.ptr
        with nogil:
            code = self.f.DhcpV4FailoverCreateRelationship(self.c_server.ptr, &r)
        if code:
            raise self.error(code, "DhcpV4FailoverCreateRelationship", {"relationship": relationship.name})

    def set_relationship(self, name, flags, values):
        """DhcpV4FailoverSetRelationship ([MS-DHCPM] 3.2.4.91)."""
        cdef _Wide c_name = _wide(name, "name")
        cdef _Wide c_secret = _wide_secret(values.shared_secret)
        cdef c.DHCP_FAILOVER_RELATIONSHIP r
        cdef c.DWORD c_flags = flags
        cdef c.DWORD code
        memset(&r, 0, sizeof(r))
        r.RelationshipName = c_name.ptr
        r.Mode = values.mode
        r.State = values.state
        r.PrevState = values.previous_state
        r.Mclt = _number_of_seconds(values.mclt, "mclt")
        r.SafePeriod = _interval(values.state_switch_interval)
        r.Percentage = values.percentage
        r.SharedSecret = c_secret.ptr
        with nogil:
            code = self.f.DhcpV4FailoverSetRelationship(self.c_server.ptr, c_flags, &r)
        if code:
            raise self.error(code, "DhcpV4FailoverSetRelationship", {"relationship": name})

    def delete_relationship(self, name):
        """DhcpV4FailoverDeleteRelationship ([MS-DHCPM] 3.2.4.92)."""
        cdef _Wide c_name = _wide(name, "name")
        cdef c.DWORD code
        with nogil:
            code = self.f.DhcpV4FailoverDeleteRelationship(self.c_server.ptr, c_name.ptr)
        if code:
            raise self.error(code, "DhcpV4FailoverDeleteRelationship", {"relationship": name})

    def get_relationship(self, name):
        """DhcpV4FailoverGetRelationship ([MS-DHCPM] 3.2.4.93)."""
        cdef _Wide c_name = _wide(name, "name")
        cdef c.LPDHCP_FAILOVER_RELATIONSHIP answer = NULL
        cdef c.DWORD code
        with nogil:
            code = self.f.DhcpV4FailoverGetRelationship(self.c_server.ptr, c_name.ptr, &answer)
        try:
            if code:
                raise self.error(code, "DhcpV4FailoverGetRelationship", {"relationship": name})
            if answer == NULL:
                raise self.no_answer("DhcpV4FailoverGetRelationship", {"relationship": name})
            return _relationship(answer)
        finally:
            c.free_DHCP_FAILOVER_RELATIONSHIP(self.f, answer)

    def enum_relationships(self, resume=0, preferred_maximum=0xFFFFFFFF):
        """DhcpV4FailoverEnumRelationship ([MS-DHCPM] 3.2.4.94)."""
        cdef c.DHCP_RESUME_HANDLE c_resume = resume
        cdef c.DWORD c_maximum = preferred_maximum
        cdef c.LPDHCP_FAILOVER_RELATIONSHIP_ARRAY answer = NULL
        cdef c.DWORD read = 0, total = 0, i, code
        cdef list items = []
        with nogil:
            code = self.f.DhcpV4FailoverEnumRelationship(
                self.c_server.ptr, &c_resume, c_maximum, &answer, &read, &total
            )
        try:
            if code != 0 and code != 234 and code != 259:
                raise self.error(code, "DhcpV4FailoverEnumRelationship", {})
            if answer != NULL and answer.pRelationships != NULL:
                for i in range(answer.NumElements):
                    items.append(_relationship(&answer.pRelationships[i]))
            if read > <c.DWORD>len(items):
                raise InvalidAnswerError(
                    ErrorCode.ERROR_INVALID_DATA, "DhcpV4FailoverEnumRelationship", self.server,
                    detail=f"{read} relationships announced, {len(items)} answered",
                )
            return Page(tuple(items), c_resume, total, code)
        finally:
            c.free_DHCP_FAILOVER_RELATIONSHIP_ARRAY(self.f, answer)

    def add_failover_scopes(self, name, scopes):
        """DhcpV4FailoverAddScopeToRelationship ([MS-DHCPM] 3.2.4.95)."""
        cdef _Wide c_name = _wide(name, "name")
        cdef bytes packed = _pack(scopes)
        cdef c.DHCP_IP_ARRAY c_scopes
        cdef c.DHCP_FAILOVER_RELATIONSHIP r
        cdef c.DWORD code
        _point_at(&c_scopes, packed)
        memset(&r, 0, sizeof(r))
        r.RelationshipName = c_name.ptr
        r.pScopes = &c_scopes
        with nogil:
            code = self.f.DhcpV4FailoverAddScopeToRelationship(self.c_server.ptr, &r)
        if code:
            raise self.error(code, "DhcpV4FailoverAddScopeToRelationship", _about(name, scopes))

    def remove_failover_scopes(self, name, scopes):
        """DhcpV4FailoverDeleteScopeFromRelationship ([MS-DHCPM] 3.2.4.96)."""
        cdef _Wide c_name = _wide(name, "name")
        cdef bytes packed = _pack(scopes)
        cdef c.DHCP_IP_ARRAY c_scopes
        cdef c.DHCP_FAILOVER_RELATIONSHIP r
        cdef c.DWORD code
        _point_at(&c_scopes, packed)
        memset(&r, 0, sizeof(r))
        r.RelationshipName = c_name.ptr
        r.pScopes = &c_scopes
        with nogil:
            code = self.f.DhcpV4FailoverDeleteScopeFromRelationship(self.c_server.ptr, &r)
        if code:
            raise self.error(code, "DhcpV4FailoverDeleteScopeFromRelationship", _about(name, scopes))

    def get_scope_relationship(self, scope):
        """DhcpV4FailoverGetScopeRelationship ([MS-DHCPM] 3.2.4.97)."""
        cdef c.DHCP_IP_ADDRESS c_scope = int(scope)
        cdef c.LPDHCP_FAILOVER_RELATIONSHIP answer = NULL
        cdef c.DWORD code
        with nogil:
            code = self.f.DhcpV4FailoverGetScopeRelationship(self.c_server.ptr, c_scope, &answer)
        try:
            if code:
                raise self.error(code, "DhcpV4FailoverGetScopeRelationship", {"scope": scope})
            if answer == NULL:
                raise self.no_answer("DhcpV4FailoverGetScopeRelationship", {"scope": scope})
            return _relationship(answer)
        finally:
            c.free_DHCP_FAILOVER_RELATIONSHIP(self.f, answer)

    def get_scope_statistics(self, scope):
        """DhcpV4FailoverGetScopeStatistics ([MS-DHCPM] 3.2.4.98)."""
        cdef c.DHCP_IP_ADDRESS c_scope = int(scope)
        cdef c.LPDHCP_FAILOVER_STATISTICS answer = NULL
        cdef c.DWORD code
        with nogil:
            code = self.f.DhcpV4FailoverGetScopeStatistics(self.c_server.ptr, c_scope, &answer)
        try:
            if code:
                raise self.error(code, "DhcpV4FailoverGetScopeStatistics", {"scope": scope})
            if answer == NULL:
                raise self.no_answer("DhcpV4FailoverGetScopeStatistics", {"scope": scope})
            return ScopeStatistics(
                addresses_total=answer.NumAddr,
                addresses_free=answer.AddrFree,
                addresses_in_use=answer.AddrInUse,
                addresses_free_on_partner_server=answer.PartnerAddrFree,
                addresses_free_on_this_server=answer.ThisAddrFree,
                addresses_in_use_on_partner_server=answer.PartnerAddrInUse,
                addresses_in_use_on_this_server=answer.ThisAddrInUse,
            )
        finally:
            c.free_DHCP_FAILOVER_STATISTICS(self.f, answer)

    def get_failover_client(self, search):
        """DhcpV4FailoverGetClientInfo ([MS-DHCPM] 3.2.4.99)."""
        cdef c.DHCP_SEARCH_INFO c_search
        cdef _Wide c_name = None
        cdef bytes client_id = None
        cdef c.LPDHCPV4_FAILOVER_CLIENT_INFO answer = NULL
        cdef c.DWORD code
        cdef dict about = {"address": search.address}
        memset(&c_search, 0, sizeof(c_search))
        c_search.SearchType = search.type
        if search.type == SearchType.ADDRESS:
            c_search.SearchInfo.ClientIpAddress = int(search.value)
        elif search.type == SearchType.CLIENT_ID:
            client_id = search.value
            c_search.SearchInfo.ClientHardwareAddress.DataLength = len(client_id)
            c_search.SearchInfo.ClientHardwareAddress.Data = <c.BYTE *>PyBytes_AsString(client_id)
        elif search.type == SearchType.NAME:
            c_name = _wide(search.value, "name")
            c_search.SearchInfo.ClientName = c_name.ptr
        else:
            # The type says which member of the union counts; with another one, nobody knows what to send.
            raise ValueError(f"type: {search.type!r} given; {', '.join(kind.name for kind in SearchType)} are allowed")
        with nogil:
            code = self.f.DhcpV4FailoverGetClientInfo(self.c_server.ptr, &c_search, &answer)
        try:
            if code:
                raise self.error(code, "DhcpV4FailoverGetClientInfo", about)
            if answer == NULL:
                raise self.no_answer("DhcpV4FailoverGetClientInfo", about)
            return _client(answer)
        finally:
            c.free_DHCPV4_FAILOVER_CLIENT_INFO(self.f, answer)

    def get_system_time(self):
        """DhcpV4FailoverGetSystemTime ([MS-DHCPM] 3.2.4.100); the DLL's function has one parameter more."""
        cdef c.DWORD time = 0, delta = 0, code
        with nogil:
            code = self.f.DhcpV4FailoverGetSystemTime(self.c_server.ptr, &time, &delta)
        if code:
            raise self.error(code, "DhcpV4FailoverGetSystemTime", {})
        return SystemTime(time=_EPOCH + timedelta(seconds=time), max_allowed_difference=timedelta(seconds=delta))

    def get_address_status(self, address):
        """DhcpV4FailoverGetAddressStatus ([MS-DHCPM] 3.2.4.126)."""
        cdef c.DHCP_IP_ADDRESS c_address = int(address)
        cdef c.DWORD status = 0, code
        with nogil:
            code = self.f.DhcpV4FailoverGetAddressStatus(self.c_server.ptr, c_address, &status)
        if code:
            raise self.error(code, "DhcpV4FailoverGetAddressStatus", {"address": address})
        return AddressStatus(status)

    def trigger_address_allocation(self, name):
        """DhcpV4FailoverTriggerAddrAllocation ([MS-DHCPM] 3.2.4.101)."""
        cdef _Wide c_name = _wide(name, "name")
        cdef c.DWORD code
        with nogil:
            code = self.f.DhcpV4FailoverTriggerAddrAllocation(self.c_server.ptr, c_name.ptr)
        if code:
            raise self.error(code, "DhcpV4FailoverTriggerAddrAllocation", {"relationship": name})

    def close(self):
        """Nothing to release: the DLL keeps no connection that a caller could close."""

    def reopen(self):
        """What pickle calls to open this route anew: a callable and its arguments, for a `dhcpfo.server.Server`."""
        if self.provider is not None:
            return self.provider.reopen()
        from dhcpfo.server import connect

        return connect, (self.server,)


cdef dict _about(object name, object scopes):
    return {"relationship": name, "scope": scopes[0] if len(scopes) == 1 else None}
