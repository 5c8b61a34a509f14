"""The peer: a plain ctypes binding of the same functions that builds equal results."""

import ctypes
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import Any

from dhcpfo import FailoverMode, FailoverState, Relationship, ServerType, SystemTime

DWORD = ctypes.c_uint32
NEVER = 0xFFFFFFFF


class IpArray(ctypes.Structure):
    """DHCP_IP_ARRAY."""

    _fields_ = [("NumElements", DWORD), ("Elements", ctypes.POINTER(DWORD))]


class FailoverRelationship(ctypes.Structure):
    """DHCP_FAILOVER_RELATIONSHIP."""

    _fields_ = [
        ("PrimaryServer", DWORD),
        ("SecondaryServer", DWORD),
        ("Mode", DWORD),
        ("ServerType", DWORD),
        ("State", DWORD),
        ("PrevState", DWORD),
        ("Mclt", DWORD),
        ("SafePeriod", DWORD),
        ("RelationshipName", ctypes.c_void_p),
        ("PrimaryServerName", ctypes.c_void_p),
        ("SecondaryServerName", ctypes.c_void_p),
        ("pScopes", ctypes.POINTER(IpArray)),
        ("Percentage", ctypes.c_uint8),
        ("SharedSecret", ctypes.c_void_p),
    ]


class RelationshipArray(ctypes.Structure):
    """DHCP_FAILOVER_RELATIONSHIP_ARRAY."""

    _fields_ = [("NumElements", DWORD), ("pRelationships", ctypes.POINTER(FailoverRelationship))]


class CtypesApi:
    """The functions that are measured.

    Args:
        library: A library with a ``table`` of functions and ``length_of``.
    """

    def __init__(self, library: ctypes.CDLL) -> None:
        # WINFUNCTYPE and CFUNCTYPE are the same convention on 64-bit; both release the GIL.
        function = getattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE)
        size = ctypes.c_size_t.in_dll(library, "table").value
        pointers = (ctypes.c_void_p * (size // ctypes.sizeof(ctypes.c_void_p))).in_dll(library, "table")
        out = ctypes.POINTER(ctypes.POINTER(FailoverRelationship))
        self._create = function(DWORD, ctypes.c_char_p, ctypes.POINTER(FailoverRelationship))(pointers[1])
        self._get = function(DWORD, ctypes.c_char_p, ctypes.c_char_p, out)(pointers[4])
        self._enum = function(
            DWORD,
            ctypes.c_char_p,
            ctypes.POINTER(DWORD),
            DWORD,
            ctypes.POINTER(ctypes.POINTER(RelationshipArray)),
            ctypes.POINTER(DWORD),
            ctypes.POINTER(DWORD),
        )(pointers[5])
        self._delete = function(DWORD, ctypes.c_char_p, ctypes.c_char_p)(pointers[3])
        times = ctypes.POINTER(DWORD)
        self._time = function(DWORD, ctypes.c_char_p, times, times)(pointers[11])
        self._free = function(None, ctypes.c_void_p)(pointers[-1])
        self._length = library.length_of
        self._length.argtypes, self._length.restype = [ctypes.c_void_p], ctypes.c_size_t

    def create_relationship(self, relationship: Relationship) -> None:
        """Marshal and call."""
        numbers = (DWORD * len(relationship.scopes))(*[int(scope) for scope in relationship.scopes])
        scopes = IpArray(len(numbers), numbers)
        names = relationship.name, relationship.primary_server_name, relationship.secondary_server_name
        secret = relationship.shared_secret
        texts = [self._encode(text) for text in (*names, None if secret is None else secret.reveal())]
        addresses = [None if text is None else ctypes.cast(text, ctypes.c_void_p).value for text in texts]
        interval = relationship.state_switch_interval
        it = FailoverRelationship(
            int(relationship.primary_server),
            int(relationship.secondary_server),
            relationship.mode,
            relationship.server_type,
            relationship.state,
            relationship.previous_state,
            int(relationship.mclt.total_seconds()),
            NEVER if interval is None else int(interval.total_seconds()),
            *addresses[:3],
            ctypes.pointer(scopes),
            relationship.percentage,
            addresses[3],
        )
        if code := self._create(None, it):
            raise OSError(code)

    def delete_relationship(self, name: str) -> None:
        """Marshal and call."""
        if code := self._delete(None, self._encode(name)):
            raise OSError(code)

    def get_system_time(self) -> SystemTime:
        """Call and convert."""
        now, difference = DWORD(), DWORD()
        if code := self._time(None, now, difference):
            raise OSError(code)
        return SystemTime(
            time=datetime.fromtimestamp(now.value, UTC), max_allowed_difference=timedelta(seconds=difference.value)
        )

    def get_relationship(self, name: str) -> Relationship:
        """Call, convert, free."""
        answer = ctypes.POINTER(FailoverRelationship)()
        if code := self._get(None, self._encode(name), answer):
            raise OSError(code)
        try:
            return self._convert(answer.contents)
        finally:
            self._free_inside(answer.contents)
            self._free(answer)

    def relationships(self) -> list[Relationship]:
        """Call, convert, free."""
        resume, read, total = DWORD(0), DWORD(0), DWORD(0)
        answer = ctypes.POINTER(RelationshipArray)()
        if code := self._enum(None, resume, 0xFFFFFFFF, answer, read, total):
            raise OSError(code)
        array = answer.contents
        try:
            return [self._convert(it) for it in array.pRelationships[: array.NumElements]]
        finally:
            for it in array.pRelationships[: array.NumElements]:
                self._free_inside(it)
            self._free(array.pRelationships)
            self._free(answer)

    @staticmethod
    def _encode(text: str | None) -> bytes | None:
        return None if text is None else text.encode("utf-16-le") + b"\0\0"

    def _decode(self, address: int | None) -> str | None:
        if address is None:
            return None
        return ctypes.string_at(address, self._length(address) * 2).decode("utf-16-le")

    def _convert(self, it: Any) -> Relationship:
        scopes = it.pScopes.contents
        return Relationship(
            name=self._decode(it.RelationshipName) or "",
            primary_server=IPv4Address(it.PrimaryServer),
            secondary_server=IPv4Address(it.SecondaryServer),
            primary_server_name=self._decode(it.PrimaryServerName),
            secondary_server_name=self._decode(it.SecondaryServerName),
            mode=FailoverMode(it.Mode),
            server_type=ServerType(it.ServerType),
            state=FailoverState(it.State),
            previous_state=FailoverState(it.PrevState),
            mclt=timedelta(seconds=it.Mclt),
            state_switch_interval=None if it.SafePeriod == NEVER else timedelta(seconds=it.SafePeriod),
            percentage=it.Percentage,
            scopes=[IPv4Address(number) for number in scopes.Elements[: scopes.NumElements]],
            shared_secret=self._decode(it.SharedSecret),
        )

    def _free_inside(self, it: Any) -> None:
        self._free(it.RelationshipName)
        self._free(it.PrimaryServerName)
        self._free(it.SecondaryServerName)
        self._free(it.pScopes.contents.Elements)
        self._free(it.pScopes)
        self._free(it.SharedSecret)
