"""The enumerations of the API, open to values that a later Windows Server may add."""

import enum
import operator
from typing import SupportsIndex, cast

__all__ = [
    "AddressStatus",
    "AttributeId",
    "ClientType",
    "DhcidState",
    "DnsFlags",
    "FailoverMode",
    "FailoverState",
    "LeaseState",
    "OpenIntEnum",
    "QuarantineStatus",
    "RelationshipFlags",
    "SearchType",
    "ServerType",
]


class _Named:
    """Prints as its name; `int`, comparison and the number formats stay those of its number."""

    __slots__ = ()

    def __str__(self) -> str:
        return getattr(self, "_name_", None) or int.__repr__(self)

    def __format__(self, spec: str) -> str:
        if spec and spec[-1] in "bcdeEfFgGnoxX%":  # a number is asked for: f"{flags:#04x}"
            return int.__format__(self, spec)  # type: ignore[arg-type]
        return format(str(self), spec)


class OpenIntEnum(_Named, enum.IntEnum):
    """An integer enumeration in which an unknown number becomes a member ``UNKNOWN_n`` instead of an error."""

    @classmethod
    def _missing_(cls, value: object) -> "OpenIntEnum | None":
        if not isinstance(value, SupportsIndex):
            return None
        value = operator.index(value)
        if known := cls._value2member_map_.get(value):  # the number was of another library's type
            return cast("OpenIntEnum", known)
        member = int.__new__(cls, value)  # with the value, or it would equal 0
        member._name_, member._value_ = f"UNKNOWN_{value}", value
        return member  # not cached: no growing global


class FailoverMode(OpenIntEnum):
    """How two servers share a scope (DHCP_FAILOVER_MODE)."""

    LOAD_BALANCE = 0
    HOT_STANDBY = 1


class ServerType(OpenIntEnum):
    """The role, in a relationship, of the server that was asked (DHCP_FAILOVER_SERVER)."""

    PRIMARY = 0
    SECONDARY = 1


class FailoverState(OpenIntEnum):
    """Where a server stands in the failover protocol (FSM_STATE)."""

    NO_STATE = 0
    INIT = 1
    STARTUP = 2
    NORMAL = 3
    COMMUNICATION_INTERRUPTED = 4
    PARTNER_DOWN = 5
    POTENTIAL_CONFLICT = 6
    CONFLICT_DONE = 7
    RESOLUTION_INTERRUPTED = 8
    RECOVER = 9
    RECOVER_WAIT = 10
    RECOVER_DONE = 11
    PAUSED = 12
    SHUTDOWN = 13


class RelationshipFlags(_Named, enum.IntFlag, boundary=enum.KEEP):
    """Which fields a DhcpV4FailoverSetRelationship call changes."""

    MCLT = 0x01
    STATE_SWITCH_INTERVAL = 0x02
    STATE = 0x04
    PERCENTAGE = 0x08
    MODE = 0x10
    PREVIOUS_STATE = 0x20
    SHARED_SECRET = 0x40
    """In the Windows SDK's header; unknown to [MS-DHCPM], by whose letter a server answers 87."""


class AddressStatus(OpenIntEnum):
    """Whose an address of a failover scope is (DhcpV4FailoverGetAddressStatus)."""

    PRIMARY = 0
    SECONDARY = 1
    EXCLUDED = 2
    RESERVED = 3


class SearchType(OpenIntEnum):
    """What a client is looked up by (DHCP_SEARCH_INFO_TYPE)."""

    ADDRESS = 0
    CLIENT_ID = 1
    NAME = 2


class ClientType(OpenIntEnum):
    """What kind of client a lease belongs to."""

    UNSPECIFIED = 0
    DHCP = 1
    BOOTP = 2
    BOTH = 3
    RESERVATION = 4
    NONE = 0x64


class LeaseState(OpenIntEnum):
    """Bits 0 and 1 of a client's address state."""

    OFFERED = 0
    ACTIVE = 1
    DECLINED = 2
    DOOMED = 3


class DhcidState(OpenIntEnum):
    """Bits 2 and 3 of a client's address state: how its DHCID record was made."""

    NO_DHCID = 0
    WITHOUT_CLIENT_ID = 1
    WITH_CLIENT_ID = 2
    WITH_DUID = 3


class DnsFlags(_Named, enum.IntFlag, boundary=enum.KEEP):
    """Bits 4 to 7 of a client's address state."""

    CLEANUP = 0x10
    UPDATE_BOTH = 0x20
    UPDATE_PENDING = 0x40
    EXPIRED_NOT_CLEANED = 0x80


class QuarantineStatus(OpenIntEnum):
    """Network Access Protection status of a client; always NO_QUARANTINE on Windows Server 2016 and later."""

    NO_QUARANTINE = 0
    RESTRICTED_ACCESS = 1
    DROP_PACKET = 2
    PROBATION = 3
    EXEMPT = 4
    DEFAULT_SETTING = 5
    NO_INFORMATION = 6


class AttributeId(OpenIntEnum):
    """An attribute of a DHCP server (DHCP_ATTRIB_ID)."""

    IS_ROGUE = 1
    """The server is not authorised in the directory."""
    IS_DYNAMIC_BOOTP = 2
    """The server can lease addresses to BOOTP clients."""
    IS_PART_OF_DIRECTORY = 3
    """The server belongs to a domain."""
    IS_BINDING_AWARE = 4
    """The server can be bound to chosen network interfaces."""
    IS_ADMINISTRATOR = 5
    """The caller may change the server."""
    RESTORE_STATUS = 6
    """The error code of the last database restore, 0 for success: a number, not a truth value."""
