"""The peer of scope.py: a plain ctypes binding of the lists of a scope that builds equal results."""

import ctypes
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import Any

from dhcpfo import Client, HostInfo
from dhcpfo.enums import ClientType, FilterStatus, QuarantineStatus

DWORD = ctypes.c_uint32
BYTE = ctypes.c_uint8
FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
INFINITE = 0x7FFFFFFFFFFFFFFF


class ClientInfo(ctypes.Structure):
    """DHCP_CLIENT_INFO_PB; its inner structures are written out, with the same layout."""

    _fields_ = [
        ("ClientIpAddress", DWORD),
        ("SubnetMask", DWORD),
        ("DataLength", DWORD),
        ("Data", ctypes.c_void_p),
        ("ClientName", ctypes.c_void_p),
        ("ClientComment", ctypes.c_void_p),
        ("LeaseLow", DWORD),
        ("LeaseHigh", DWORD),
        ("OwnerAddress", DWORD),
        ("OwnerNetBiosName", ctypes.c_void_p),
        ("OwnerHostName", ctypes.c_void_p),
        ("ClientType", BYTE),
        ("AddressState", BYTE),
        ("Status", DWORD),
        ("ProbationLow", DWORD),
        ("ProbationHigh", DWORD),
        ("QuarantineCapable", ctypes.c_int),
        ("FilterStatus", DWORD),
        ("PolicyName", ctypes.c_void_p),
    ]


class ClientArray(ctypes.Structure):
    """DHCP_CLIENT_INFO_PB_ARRAY."""

    _fields_ = [("NumElements", DWORD), ("Clients", ctypes.POINTER(ctypes.POINTER(ClientInfo)))]


class CtypesScope:
    """The lists that are measured.

    Args:
        library: A library with a ``table`` of functions, their places in it, and ``length_of``.
    """

    def __init__(self, library: ctypes.CDLL) -> None:
        self._function = getattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE)
        size = ctypes.c_size_t.in_dll(library, "table").value
        pointers = (ctypes.c_void_p * (size // ctypes.sizeof(ctypes.c_void_p))).in_dll(library, "table")
        self._clients = self._enumeration(pointers[library.place_of_clients()], DWORD, ClientArray)
        self._free = self._function(None, ctypes.c_void_p)(pointers[-1])
        self._length = library.length_of
        self._length.argtypes, self._length.restype = [ctypes.c_void_p], ctypes.c_size_t

    def _enumeration(self, address: int, key: Any, array: Any) -> Any:
        numbers = [ctypes.POINTER(DWORD)] * 2
        out = ctypes.POINTER(ctypes.POINTER(array))
        prototype = self._function(DWORD, ctypes.c_char_p, key, ctypes.POINTER(DWORD), DWORD, out, *numbers)
        return prototype(address)

    def clients(self, scope: int) -> list[Client]:
        """Call, convert, free."""
        resume, read, total = DWORD(0), DWORD(0), DWORD(0)
        answer = ctypes.POINTER(ClientArray)()
        if code := self._clients(None, scope, resume, 0xFFFFFFFF, answer, read, total):
            raise OSError(code)
        array = answer.contents
        pointers = array.Clients[: array.NumElements]
        try:
            return [self._client(pointer.contents) for pointer in pointers]
        finally:
            for pointer in pointers:
                it = pointer.contents
                for block in (it.Data, it.ClientName, it.ClientComment):
                    self._free(block)
                for block in (it.OwnerNetBiosName, it.OwnerHostName, it.PolicyName):
                    self._free(block)
                self._free(pointer)
            self._free(array.Clients)
            self._free(answer)

    def _client(self, it: Any) -> Client:
        return Client(
            address=IPv4Address(it.ClientIpAddress),
            subnet_mask=IPv4Address(it.SubnetMask),
            client_id=ctypes.string_at(it.Data, it.DataLength) if it.Data else b"",
            name=self._decode(it.ClientName),
            comment=self._decode(it.ClientComment),
            lease_expires=_file_time(it.LeaseLow, it.LeaseHigh),
            owner=HostInfo(
                address=IPv4Address(it.OwnerAddress),
                netbios_name=self._decode(it.OwnerNetBiosName),
                host_name=self._decode(it.OwnerHostName),
            ),
            client_type=ClientType(it.ClientType),
            address_state=it.AddressState,
            quarantine_status=QuarantineStatus(it.Status),
            probation_ends=_file_time(it.ProbationLow, it.ProbationHigh),
            quarantine_capable=bool(it.QuarantineCapable),
            filter_status=FilterStatus(it.FilterStatus),
            policy_name=self._decode(it.PolicyName),
        )

    def _decode(self, address: int | None) -> str | None:
        if address is None:
            return None
        return ctypes.string_at(address, self._length(address) * 2).decode("utf-16-le")


def _file_time(low: int, high: int) -> datetime | None:
    ticks = high << 32 | low
    return None if ticks == INFINITE else FILETIME_EPOCH + timedelta(microseconds=ticks // 10)
