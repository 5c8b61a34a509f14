# cython: language_level=3, freethreading_compatible=True, binding=False, embedsignature=True
# cython: embedsignature.format=clinic, boundscheck=False, wraparound=False, initializedcheck=False, autotestdict=False
"""The C functions of the API over any Python `ManagementApi`: the other end of the C ABI.

It hands out the same trees of blocks as Dhcpsapi.dll and counts them. The ABI has no context pointer, so the server
string of a call picks the `ManagementApi` from a table.
"""

import threading
from datetime import datetime, timedelta, timezone
from ipaddress import IPv4Address

from dhcpfo.enums import FailoverMode, FailoverState, RelationshipFlags, SearchType, ServerType
from dhcpfo.errors import DhcpError, ErrorCode, from_code
from dhcpfo.models import Addresses, ClientSearch, Relationship, RelationshipValues

from cpython.bytes cimport PyBytes_AsString, PyBytes_FromStringAndSize
from cpython.pycapsule cimport PyCapsule_New
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset

cimport dhcpsapi as c
cimport utf16

cdef extern from "Python.h":
    void PyErr_SetInterrupt()
    void PyErr_SetObject(object kind, object error)
    void PyErr_WriteUnraisable(object where)

cdef extern from "live_count.h":
    ctypedef long live_count
    long live_count_add(live_count *count, long change) nogil

cdef enum:
    NEVER = 0xFFFFFFFF
    INVALID_PARAMETER = 87
    CALL_FAILED = 1726
    # Stand at the head of every block, so that a foreign pointer or a second free is noticed and not followed.
    LIVE = 0x64686370
    DEAD = 0x64656164


# Blocks

ctypedef struct Head:
    # Two words of the platform: what follows is aligned for any member.
    size_t mark
    size_t size

cdef live_count _blocks
cdef live_count _bad_frees


cdef void *_block(size_t size) except NULL:
    """Hand out a zeroed block."""
    cdef Head *head = <Head *>calloc(1, sizeof(Head) + size)
    if head == NULL:
        raise MemoryError
    head.mark = LIVE
    head.size = size
    live_count_add(&_blocks, 1)
    return head + 1


cdef void __stdcall _free(c.PVOID block) noexcept nogil:
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
    """Return how often something was freed that was seen to be no live block; such a block is left alone.

    A second free is seen as long as the memory has not been handed out again.
    """
    return live_count_add(&_bad_frees, 0)


# Servers by the string under which calls reach them

cdef dict _served = {}
# Reentrant, for the collector may run at any allocation under it and let go of a registration.
cdef object _lock = threading.RLock()


class Registration:
    """Keeps a `ManagementApi` reachable under a server string, until closed or released."""

    def __init__(self, name):
        self.name = name
        self._open = True

    def close(self):
        """Take the server string back; calls to it answer 1722 from now on."""
        with _lock:
            api = _served.pop(self.name, None) if self._open else None
            self._open = False
        del api  # not before: it may hold the last reference to another registration

    def __enter__(self):
        return self

    def __exit__(self, *details):
        self.close()

    def __del__(self):
        self.close()


def serve(api, name=None):
    """Make a `ManagementApi` reachable through the C functions.

    Args:
        api: The `ManagementApi` that answers.
        name: The server string that leads to it; None is what a NULL string ("this machine") leads to.

    Raises:
        ValueError: The name is taken.
    """
    with _lock:
        if name in _served:
            raise ValueError(f"name: {name!r} is served already")
        _served[name] = api
    return Registration(name)


cdef object _api(c.LPWSTR server):
    name = utf16.decode(server)
    api = _served.get(name)
    if api is None:
        raise from_code(ErrorCode.RPC_S_SERVER_UNAVAILABLE, "", name)
    return api


cdef c.DWORD _code(object error) noexcept:
    """The code for an exception; what is no answer of a server is shown where Python shows lost exceptions."""
    try:
        if isinstance(error, DhcpError):
            return error.winerror or CALL_FAILED
        if isinstance(error, KeyboardInterrupt):
            PyErr_SetInterrupt()  # raised again when the call has returned
        else:
            PyErr_SetObject(type(error), error)
            PyErr_WriteUnraisable("the answer of a DHCP management API")
    except BaseException:
        pass
    return CALL_FAILED


# Python to C

cdef c.LPWSTR _text(object text) except? NULL:
    cdef Py_ssize_t size, used
    cdef c.LPWSTR block
    if text is None:
        return NULL
    size = utf16.room_for(text)
    block = <c.LPWSTR>_block(size)
    try:
        used = utf16.encode(text, <Py_UCS4 *>block, size)
        # Who frees the block wipes a secret up to its NUL only.
        c.dhcpsapi_wipe(<char *>block + used, size - used)
    except BaseException:
        c.dhcpsapi_wipe(block, size)
        _free(block)
        raise
    return block


cdef c.DWORD _seconds(object time) except? 0xFFFFFFFE:
    return NEVER if time is None else time // timedelta(seconds=1)


cdef object _EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
cdef object _FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=timezone.utc)


cdef c.DWORD _unix_time(object time) except? 0xFFFFFFFE:
    return 0 if time is None else (time - _EPOCH) // timedelta(seconds=1)


cdef int _file_time(object time, c.DATE_TIME *it) except -1:
    cdef unsigned long long ticks = 0x7FFFFFFFFFFFFFFF
    if time is not None:
        ticks = (time - _FILETIME_EPOCH) // timedelta(microseconds=1) * 10
    it.dwLowDateTime = <c.DWORD>(ticks & 0xFFFFFFFF)
    it.dwHighDateTime = <c.DWORD>(ticks >> 32)
    return 0


cdef int _fill_scopes(c.DHCP_IP_ARRAY *it, object scopes) except -1:
    cdef bytes packed = (scopes if isinstance(scopes, Addresses) else Addresses(scopes)).packed
    it.Elements = <c.LPDHCP_IP_ADDRESS>_block(len(packed))
    memcpy(it.Elements, PyBytes_AsString(packed), len(packed))
    it.NumElements = <c.DWORD>(len(packed) // sizeof(c.DHCP_IP_ADDRESS))
    return 0


cdef int _fill_relationship(c.DHCP_FAILOVER_RELATIONSHIP *it, object relationship) except -1:
    it.PrimaryServer = int(relationship.primary_server)
    it.SecondaryServer = int(relationship.secondary_server)
    it.Mode = relationship.mode
    it.ServerType = relationship.server_type
    it.State = relationship.state
    it.PrevState = relationship.previous_state
    it.Mclt = _seconds(relationship.mclt)
    it.SafePeriod = _seconds(relationship.state_switch_interval)
    it.RelationshipName = _text(relationship.name)
    it.PrimaryServerName = _text(relationship.primary_server_name)
    it.SecondaryServerName = _text(relationship.secondary_server_name)
    it.pScopes = <c.LPDHCP_IP_ARRAY>_block(sizeof(c.DHCP_IP_ARRAY))
    _fill_scopes(it.pScopes, relationship.scopes)
    it.Percentage = relationship.percentage
    secret = relationship.shared_secret
    it.SharedSecret = _text(None if secret is None else secret.reveal())
    return 0


cdef int _fill_client(c.DHCPV4_FAILOVER_CLIENT_INFO *it, object client) except -1:
    cdef bytes client_id = client.client_id
    it.ClientIpAddress = int(client.address)
    it.SubnetMask = int(client.subnet_mask)
    it.ClientHardwareAddress.Data = <c.BYTE *>_block(len(client_id))
    memcpy(it.ClientHardwareAddress.Data, PyBytes_AsString(client_id), len(client_id))
    it.ClientHardwareAddress.DataLength = <c.DWORD>len(client_id)
    it.ClientName = _text(client.name)
    it.ClientComment = _text(client.comment)
    _file_time(client.lease_expires, &it.ClientLeaseExpires)
    it.OwnerHost.IpAddress = int(client.owner.address)
    it.OwnerHost.NetBiosName = _text(client.owner.netbios_name)
    it.OwnerHost.HostName = _text(client.owner.host_name)
    it.bClientType = client.client_type
    it.AddressState = client.address_state
    it.Status = client.quarantine_status
    _file_time(client.probation_ends, &it.ProbationEnds)
    it.QuarantineCapable = client.quarantine_capable
    it.SentPotExpTime = _unix_time(client.potential_expiration_sent)
    it.AckPotExpTime = _unix_time(client.potential_expiration_acknowledged)
    it.RecvPotExpTime = _unix_time(client.potential_expiration_received)
    it.StartTime = _unix_time(client.start_time)
    it.CltLastTransTime = _unix_time(client.last_transaction)
    it.LastBndUpdTime = _unix_time(client.last_binding_update)
    it.BndMsgStatus = client.binding_status
    it.PolicyName = _text(client.policy_name)
    it.Flags = client.flags
    return 0


# C to Python

cdef object _interval(c.DWORD seconds):
    return None if seconds == NEVER else timedelta(seconds=seconds)


cdef object _scopes(const c.DHCP_IP_ARRAY *array):
    if array == NULL or array.Elements == NULL:
        return Addresses()
    return Addresses.from_packed(
        PyBytes_FromStringAndSize(<char *>array.Elements, array.NumElements * <Py_ssize_t>sizeof(c.DHCP_IP_ADDRESS))
    )


cdef object _relationship(const c.DHCP_FAILOVER_RELATIONSHIP *it):
    return Relationship(
        name=utf16.decode(it.RelationshipName),
        primary_server=IPv4Address(it.PrimaryServer),
        secondary_server=IPv4Address(it.SecondaryServer),
        primary_server_name=utf16.decode(it.PrimaryServerName),
        secondary_server_name=utf16.decode(it.SecondaryServerName),
        mode=FailoverMode(it.Mode),
        server_type=ServerType(it.ServerType),
        state=FailoverState(it.State),
        previous_state=FailoverState(it.PrevState),
        mclt=timedelta(seconds=it.Mclt),
        state_switch_interval=_interval(it.SafePeriod),
        percentage=it.Percentage,
        scopes=_scopes(it.pScopes),
        shared_secret=utf16.decode(it.SharedSecret),
    )


# The functions. A NULL that the specification checks before the caller's rights is answered here; every other one
# goes on as None or as an empty list, so that the `ManagementApi` keeps the order of the checks.

cdef c.DWORD __stdcall _create(c.LPWSTR server, c.LPDHCP_FAILOVER_RELATIONSHIP it) noexcept with gil:
    cdef c.DHCP_FAILOVER_RELATIONSHIP empty
    try:
        if it == NULL:
            memset(&empty, 0, sizeof(empty))
            it = &empty
        _api(server).create_relationship(_relationship(it))
        return 0
    except BaseException as error:
        return _code(error)


cdef c.DWORD __stdcall _set(c.LPWSTR server, c.DWORD flags, c.LPDHCP_FAILOVER_RELATIONSHIP it) noexcept with gil:
    try:
        if it == NULL or it.RelationshipName == NULL:
            return INVALID_PARAMETER
        _api(server).set_relationship(
            utf16.decode(it.RelationshipName),
            RelationshipFlags(flags),
            RelationshipValues(
                mclt=timedelta(seconds=it.Mclt),
                state_switch_interval=_interval(it.SafePeriod),
                state=FailoverState(it.State),
                previous_state=FailoverState(it.PrevState),
                mode=FailoverMode(it.Mode),
                percentage=it.Percentage,
                shared_secret=utf16.decode(it.SharedSecret),
            ),
        )
        return 0
    except BaseException as error:
        return _code(error)


cdef c.DWORD __stdcall _delete(c.LPWSTR server, c.LPWSTR name) noexcept with gil:
    try:
        if name == NULL:
            return INVALID_PARAMETER
        _api(server).delete_relationship(utf16.decode(name))
        return 0
    except BaseException as error:
        return _code(error)


cdef c.DWORD _answer_relationship(object relationship, c.LPDHCP_FAILOVER_RELATIONSHIP *answer) except? 0xFFFFFFFE:
    cdef c.LPDHCP_FAILOVER_RELATIONSHIP it = <c.LPDHCP_FAILOVER_RELATIONSHIP>_block(sizeof(it[0]))
    try:
        _fill_relationship(it, relationship)
    except BaseException:
        c.free_DHCP_FAILOVER_RELATIONSHIP(&_table, it)
        raise
    answer[0] = it
    return 0


cdef c.DWORD __stdcall _get(
    c.LPWSTR server, c.LPWSTR name, c.LPDHCP_FAILOVER_RELATIONSHIP *answer
) noexcept with gil:
    try:
        if name == NULL or answer == NULL:
            return INVALID_PARAMETER
        return _answer_relationship(_api(server).get_relationship(utf16.decode(name)), answer)
    except BaseException as error:
        return _code(error)


cdef c.DWORD __stdcall _enum(
    c.LPWSTR server, c.DHCP_RESUME_HANDLE *resume, c.DWORD maximum, c.LPDHCP_FAILOVER_RELATIONSHIP_ARRAY *answer,
    c.LPDWORD read, c.LPDWORD total,
) noexcept with gil:
    cdef c.LPDHCP_FAILOVER_RELATIONSHIP_ARRAY it = NULL
    cdef c.DWORD status, next_resume, remaining
    try:
        if answer == NULL or read == NULL or total == NULL:
            return INVALID_PARAMETER
        page = _api(server).enum_relationships(0 if resume == NULL else resume[0], maximum)
        status, next_resume, remaining = page.status, page.resume, page.remaining
        if page.items:
            it = <c.LPDHCP_FAILOVER_RELATIONSHIP_ARRAY>_block(sizeof(it[0]))
            it.pRelationships = <c.LPDHCP_FAILOVER_RELATIONSHIP>_block(sizeof(it.pRelationships[0]) * len(page.items))
            it.NumElements = <c.DWORD>len(page.items)
            for index, relationship in enumerate(page.items):
                _fill_relationship(&it.pRelationships[<Py_ssize_t>index], relationship)
        answer[0] = it
        read[0] = <c.DWORD>len(page.items)
        total[0] = remaining
        if resume != NULL:
            resume[0] = next_resume
        return status
    except BaseException as error:
        c.free_DHCP_FAILOVER_RELATIONSHIP_ARRAY(&_table, it)
        return _code(error)


cdef c.DWORD __stdcall _add(c.LPWSTR server, c.LPDHCP_FAILOVER_RELATIONSHIP it) noexcept with gil:
    try:
        if it == NULL or it.RelationshipName == NULL:
            return INVALID_PARAMETER
        _api(server).add_failover_scopes(utf16.decode(it.RelationshipName), _scopes(it.pScopes))
        return 0
    except BaseException as error:
        return _code(error)


cdef c.DWORD __stdcall _remove(c.LPWSTR server, c.LPDHCP_FAILOVER_RELATIONSHIP it) noexcept with gil:
    try:
        if it == NULL or it.RelationshipName == NULL:
            return INVALID_PARAMETER
        _api(server).remove_failover_scopes(utf16.decode(it.RelationshipName), _scopes(it.pScopes))
        return 0
    except BaseException as error:
        return _code(error)


cdef c.DWORD __stdcall _get_scope(
    c.LPWSTR server, c.DHCP_IP_ADDRESS scope, c.LPDHCP_FAILOVER_RELATIONSHIP *answer
) noexcept with gil:
    try:
        if answer == NULL:
            return INVALID_PARAMETER
        return _answer_relationship(_api(server).get_scope_relationship(IPv4Address(scope)), answer)
    except BaseException as error:
        return _code(error)


cdef c.DWORD __stdcall _statistics(
    c.LPWSTR server, c.DHCP_IP_ADDRESS scope, c.LPDHCP_FAILOVER_STATISTICS *answer
) noexcept with gil:
    cdef c.DHCP_FAILOVER_STATISTICS it
    cdef c.LPDHCP_FAILOVER_STATISTICS block
    try:
        if answer == NULL:
            return INVALID_PARAMETER
        counts = _api(server).get_scope_statistics(IPv4Address(scope))
        it.NumAddr = counts.addresses_total
        it.AddrFree = counts.addresses_free
        it.AddrInUse = counts.addresses_in_use
        it.PartnerAddrFree = counts.addresses_free_on_partner_server
        it.ThisAddrFree = counts.addresses_free_on_this_server
        it.PartnerAddrInUse = counts.addresses_in_use_on_partner_server
        it.ThisAddrInUse = counts.addresses_in_use_on_this_server
        block = <c.LPDHCP_FAILOVER_STATISTICS>_block(sizeof(it))
        block[0] = it
        answer[0] = block
        return 0
    except BaseException as error:
        return _code(error)


cdef c.DWORD __stdcall _client(
    c.LPWSTR server, const c.DHCP_SEARCH_INFO *search, c.LPDHCPV4_FAILOVER_CLIENT_INFO *answer
) noexcept with gil:
    cdef c.LPDHCPV4_FAILOVER_CLIENT_INFO it = NULL
    cdef const c.DHCP_BINARY_DATA *client_id
    cdef object value = None
    try:
        if search == NULL or answer == NULL:
            return INVALID_PARAMETER
        if search.SearchType == 0:
            value = IPv4Address(search.SearchInfo.ClientIpAddress)
        elif search.SearchType == 1:
            client_id = &search.SearchInfo.ClientHardwareAddress
            value = b"" if client_id.Data == NULL else client_id.Data[:client_id.DataLength]
        elif search.SearchType == 2 and search.SearchInfo.ClientName != NULL:
            value = utf16.decode(search.SearchInfo.ClientName)
        else:
            return INVALID_PARAMETER
        client = _api(server).get_failover_client(ClientSearch(type=SearchType(search.SearchType), value=value))
        it = <c.LPDHCPV4_FAILOVER_CLIENT_INFO>_block(sizeof(it[0]))
        _fill_client(it, client)
        answer[0] = it
        return 0
    except BaseException as error:
        c.free_DHCPV4_FAILOVER_CLIENT_INFO(&_table, it)
        return _code(error)


cdef c.DWORD __stdcall _time(c.LPWSTR server, c.LPDWORD time, c.LPDWORD delta) noexcept with gil:
    try:
        if time == NULL:
            return INVALID_PARAMETER
        clock = _api(server).get_system_time()
        time[0] = _unix_time(clock.time)
        if delta != NULL:
            delta[0] = _seconds(clock.max_allowed_difference)
        return 0
    except BaseException as error:
        return _code(error)


cdef c.DWORD __stdcall _status(c.LPWSTR server, c.DHCP_IP_ADDRESS address, c.LPDWORD status) noexcept with gil:
    try:
        if status == NULL:
            return INVALID_PARAMETER
        status[0] = _api(server).get_address_status(IPv4Address(address))
        return 0
    except BaseException as error:
        return _code(error)


cdef c.DWORD __stdcall _trigger(c.LPWSTR server, c.LPWSTR name) noexcept with gil:
    try:
        _api(server).trigger_address_allocation(utf16.decode(name))
        return 0
    except BaseException as error:
        return _code(error)


cdef c.dhcpsapi_functions _table
_table.size = sizeof(_table)
_table.DhcpV4FailoverCreateRelationship = _create
_table.DhcpV4FailoverSetRelationship = _set
_table.DhcpV4FailoverDeleteRelationship = _delete
_table.DhcpV4FailoverGetRelationship = _get
_table.DhcpV4FailoverEnumRelationship = _enum
_table.DhcpV4FailoverAddScopeToRelationship = _add
_table.DhcpV4FailoverDeleteScopeFromRelationship = _remove
_table.DhcpV4FailoverGetScopeRelationship = _get_scope
_table.DhcpV4FailoverGetScopeStatistics = _statistics
_table.DhcpV4FailoverGetClientInfo = _client
_table.DhcpV4FailoverGetSystemTime = _time
_table.DhcpV4FailoverGetAddressStatus = _status
_table.DhcpV4FailoverTriggerAddrAllocation = _trigger
_table.DhcpRpcFreeMemory = _free

cdef object _functions = PyCapsule_New(&_table, "dhcpfo.dhcpsapi_functions", NULL)


def functions():
    """Return the table of C functions, as `dhcpfo._dhcpsapi.NativeApi` takes it."""
    return _functions


def functions_address():
    """Return the table's address, for C code that is handed numbers; valid as long as this module."""
    return <size_t>&_table
