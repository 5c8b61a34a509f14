"""What can go wrong: one exception class for each thing a caller would do differently, one table of codes.

The numbers are those of the Windows SDK's header; several of those printed in [MS-DHCPM] are one too low.
"""

import enum
import errno
from ipaddress import IPv4Address
from typing import Any

__all__ = [
    "AccessDeniedError",
    "AlreadyExistsError",
    "ClientNotFoundError",
    "ClockSkewError",
    "DhcpError",
    "DhcpsapiMissingError",
    "ErrorCode",
    "InvalidAnswerError",
    "InvalidParameterError",
    "LimitReachedError",
    "NotFoundError",
    "NotNormalError",
    "NotPrimaryError",
    "NotSupportedError",
    "RelationshipExistsError",
    "RelationshipNotFoundError",
    "ScopeInRelationshipError",
    "ScopeNotFoundError",
    "ScopeNotInRelationshipError",
    "ServerUnavailableError",
    "from_code",
]


SHOWN_SCOPES = 5
"""Scopes that a message lists; an attribute has them all."""


class DhcpError(OSError):
    """A call that a DHCP server, or the way to it, answered with an error code.

    Attributes:
        winerror: The code, as in the Windows SDK's ``dhcpsapi.h``.
        code_name: Its name there, or ``"unknown"``.
        function: The API function that answered.
        server: The server that was asked, as the caller named it; None for this machine.
        relationship: The relationship's name, where the call was about one.
        scope: The scope, where the call was about exactly one.
        address: The client address, where the call was about one.
        scopes: The scopes that caused the error, where `Server` could find them out.
        candidates: The scopes of the call, where it could not: at least one of them caused the error.
        held_by: For scopes in another relationship than expected: the name of the relationship that holds each.
        retryable: True where the same call can succeed later without any change.
    """

    winerror: int
    retryable: bool = False
    _errno: int = errno.EIO

    def __init__(
        self,
        winerror: int,
        function: str,
        server: str | None = None,
        *,
        relationship: str | None = None,
        scope: IPv4Address | None = None,
        address: IPv4Address | None = None,
        detail: str | None = None,
    ) -> None:
        code = _CODES.get(winerror)
        self.code_name = "unknown" if code is None else code.name
        text = "the server answered a code that has no name here" if code is None else code.text
        super().__init__(self._errno, detail or text)
        self.winerror = winerror
        self.function = function
        self.server = server
        self.relationship = relationship
        self.scope = scope
        self.address = address
        self.scopes: tuple[IPv4Address, ...] = () if scope is None else (scope,)
        self.candidates: tuple[IPv4Address, ...] = ()
        self.held_by: dict[IPv4Address, str] = {}

    def __str__(self) -> str:
        where = [self.function, "this machine" if self.server is None else f"server {self.server}"]
        for what in ("relationship", "scope", "address"):
            value = getattr(self, what)
            if value is not None:
                where.append(f"{what} {value!r}" if isinstance(value, str) else f"{what} {value}")
        if self.candidates:
            where.append(f"at least one of {len(self.candidates)} scopes")
        elif self.scopes and self.scope is None:
            shown = ", ".join(map(str, self.scopes[:SHOWN_SCOPES]))
            more = len(self.scopes) - SHOWN_SCOPES
            where.append(f"scopes {shown}{f' and {more} more' if more > 0 else ''}")
        if holders := sorted(set(self.held_by.values())):
            where.append(f"held by {', '.join(map(repr, holders))}")
        return f"{self.strerror} [{self.code_name} {self.winerror}] ({', '.join(where)})"

    def __reduce__(self) -> tuple[Any, ...]:
        # OSError's own would call the class with its args alone.
        return _rebuild, (type(self), self.winerror, self.strerror), self.__dict__


def _rebuild(cls: type[DhcpError], winerror: int, text: str) -> DhcpError:
    return cls(winerror, "", detail=text)


class DhcpsapiMissingError(OSError):
    """Dhcpsapi.dll, or a function that this package needs of it, is not on this machine; no server was asked."""


class NotFoundError(DhcpError):
    """What the call was about does not exist on that server."""

    _errno = errno.ENOENT


class RelationshipNotFoundError(NotFoundError):
    """No relationship has this name on that server."""


class ScopeNotFoundError(NotFoundError):
    """The scope does not exist on that server."""


class ScopeNotInRelationshipError(NotFoundError):
    """The scope is not in this relationship, or in none at all."""


class ClientNotFoundError(NotFoundError):
    """No client matches, or the server's database failed: the code is the same."""


class AlreadyExistsError(DhcpError):
    """Something of that name is already there."""

    _errno = errno.EEXIST


class RelationshipExistsError(AlreadyExistsError):
    """The relationship's name is taken on that server."""


class ScopeInRelationshipError(DhcpError):
    """A scope is in a relationship already, and can be in only one."""

    _errno = errno.EBUSY


class AccessDeniedError(DhcpError, PermissionError):
    """The caller is in none of the groups that the call needs."""

    _errno = errno.EACCES


class ServerUnavailableError(DhcpError, ConnectionError):
    """The server was not reached, or the connection broke: says nothing about what the server holds."""

    _errno = errno.ECONNREFUSED


class NotNormalError(DhcpError):
    """The relationship is busy (not NORMAL, or synchronising); the same call can succeed later."""

    retryable = True
    _errno = errno.EAGAIN


class NotPrimaryError(DhcpError):
    """Only the relationship's primary server can do this."""


class ClockSkewError(DhcpError):
    """The clocks of the two servers differ by more than the server allows."""


class LimitReachedError(DhcpError):
    """A limit of the server: 31 relationships, or 400 scopes in one call."""


class NotSupportedError(DhcpError):
    """The server, or the scope, cannot do this."""

    _errno = errno.ENOTSUP


class InvalidParameterError(DhcpError):
    """The server refused an argument."""

    _errno = errno.EINVAL


class InvalidAnswerError(DhcpError):
    """The answer contradicts itself or never ends; nothing was made of it."""


@enum.unique
class ErrorCode(enum.IntEnum):
    """Every defined code: its number, a text of our own, and the class that is raised for it."""

    text: str
    error: type[DhcpError]

    def __new__(cls, code: int, text: str, error: type[DhcpError] = DhcpError) -> "ErrorCode":
        """Make a member of a row of the table."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.text = text
        member.error = error
        return member

    # fmt: off
    ERROR_SUCCESS = 0, "success"
    ERROR_FILE_NOT_FOUND = 2, "nothing there: no relationship on the server at all, or no statistics for the scope", NotFoundError
    ERROR_ACCESS_DENIED = 5, "access denied: reading needs DHCP Users, changing needs DHCP Administrators on that server", AccessDeniedError
    ERROR_NOT_ENOUGH_MEMORY = 8, "out of memory"
    ERROR_INVALID_DATA = 13, "the data is not valid", InvalidAnswerError
    ERROR_OUTOFMEMORY = 14, "out of memory"
    ERROR_NOT_SUPPORTED = 50, "not supported", NotSupportedError
    ERROR_INVALID_PARAMETER = 87, "an argument is not acceptable to the server", InvalidParameterError
    ERROR_CALL_NOT_IMPLEMENTED = 120, "not implemented by the server", NotSupportedError
    ERROR_INSUFFICIENT_BUFFER = 122, "the buffer is too small"
    ERROR_MORE_DATA = 234, "more data follows"
    ERROR_NO_MORE_ITEMS = 259, "no more items"
    ERROR_NOT_FOUND = 1168, "not found", NotFoundError
    RPC_S_INVALID_BINDING = 1702, "the binding to the server is not valid", ServerUnavailableError
    RPC_S_SERVER_UNAVAILABLE = 1722, "the server cannot be reached: host down, firewall, or service off", ServerUnavailableError
    RPC_S_CALL_FAILED = 1726, "the call broke off; whether the server carried it out is unknown", ServerUnavailableError
    RPC_S_PROCNUM_OUT_OF_RANGE = 1745, "the server is older than this function: failover needs Windows Server 2012", NotSupportedError
    EPT_S_NOT_REGISTERED = 1753, "the DHCP Server service is not running on that host", ServerUnavailableError
    RPC_X_ENUM_VALUE_OUT_OF_RANGE = 1781, "an enumeration value does not fit the wire format"
    RPC_X_BAD_STUB_DATA = 1783, "the answer could not be unpacked", InvalidAnswerError
    RPC_S_SEC_PKG_ERROR = 1825, "the security package reported an error"
    ERROR_DHCP_REGISTRY_INIT_FAILED = 20000, "bad start-up parameters in the registry"
    ERROR_DHCP_DATABASE_INIT_FAILED = 20001, "client database could not be opened"
    ERROR_DHCP_RPC_INIT_FAILED = 20002, "RPC server could not start"
    ERROR_DHCP_NETWORK_INIT_FAILED = 20003, "sockets could not be set up"
    ERROR_DHCP_SUBNET_EXITS = 20004, "the scope exists already (creating one answers 20052 instead)", AlreadyExistsError
    ERROR_DHCP_SUBNET_NOT_PRESENT = 20005, "the scope does not exist on this server", ScopeNotFoundError
    ERROR_DHCP_PRIMARY_NOT_FOUND = 20006, "primary host of the subnet unknown"
    ERROR_DHCP_ELEMENT_CANT_REMOVE = 20007, "element in use, cannot be removed"
    ERROR_DHCP_OPTION_EXITS = 20009, "option definition already there"
    ERROR_DHCP_OPTION_NOT_PRESENT = 20010, "no such option"
    ERROR_DHCP_ADDRESS_NOT_AVAILABLE = 20011, "address not available"
    ERROR_DHCP_RANGE_FULL = 20012, "no free address in the range"
    ERROR_DHCP_JET_ERROR = 20013, "client not found, or a database error", ClientNotFoundError
    ERROR_DHCP_CLIENT_EXISTS = 20014, "client already in the database"
    ERROR_DHCP_INVALID_DHCP_MESSAGE = 20015, "malformed message received"
    ERROR_DHCP_INVALID_DHCP_CLIENT = 20016, "a bad message, or an unknown client", ClientNotFoundError
    ERROR_DHCP_SERVICE_PAUSED = 20017, "service paused"
    ERROR_DHCP_NOT_RESERVED_CLIENT = 20018, "not a reserved client (also: reservation outside the range)"
    ERROR_DHCP_RESERVED_CLIENT = 20019, "is a reserved client"
    ERROR_DHCP_RANGE_TOO_SMALL = 20020, "range too small"
    ERROR_DHCP_IPRANGE_EXITS = 20021, "range already defined"
    ERROR_DHCP_RESERVEDIP_EXITS = 20022, "address or client already reserved/used"
    ERROR_DHCP_INVALID_RANGE = 20023, "range overlaps, does not match or is invalid"
    ERROR_DHCP_RANGE_EXTENDED = 20024, "range extends an existing one"
    ERROR_EXTEND_TOO_SMALL = 20025, "extension must be a multiple of 32"
    WARNING_EXTENDED_LESS = 20026, "extended by less than asked"
    ERROR_DHCP_JET_CONV_REQUIRED = 20027, "database needs conversion"
    ERROR_SERVER_INVALID_BOOT_FILE_TABLE = 20028, "BOOTP file table malformed"
    ERROR_SERVER_UNKNOWN_BOOT_FILE_NAME = 20029, "unknown boot file name"
    ERROR_DHCP_SUPER_SCOPE_NAME_TOO_LONG = 20030, "superscope name too long"
    ERROR_DHCP_IP_ADDRESS_IN_USE = 20032, "address in use"
    ERROR_DHCP_LOG_FILE_PATH_TOO_LONG = 20033, "audit log path too long"
    ERROR_DHCP_UNSUPPORTED_CLIENT = 20034, "request for an address not served here"
    ERROR_DHCP_SERVER_INTERFACE_NOTIFICATION_EVENT = 20035, "interface change notification failed"
    ERROR_DHCP_JET97_CONV_REQUIRED = 20036, "database needs Jet97 conversion"
    ERROR_DHCP_ROGUE_INIT_FAILED = 20037, "authorisation could not be determined"
    ERROR_DHCP_ROGUE_SAMSHUTDOWN = 20038, "stopping: another DHCP server is active"
    ERROR_DHCP_ROGUE_NOT_AUTHORIZED = 20039, "not authorised to serve"
    ERROR_DHCP_ROGUE_DS_UNREACHABLE = 20040, "directory unreachable"
    ERROR_DHCP_ROGUE_DS_CONFLICT = 20041, "authorisation conflicts with another server"
    ERROR_DHCP_ROGUE_NOT_OUR_ENTERPRISE = 20042, "other server belongs to a different enterprise"
    ERROR_DHCP_ROGUE_STANDALONE_IN_DS = 20043, "workgroup server met a directory"
    ERROR_DHCP_CLASS_NOT_FOUND = 20044, "class unknown"
    ERROR_DHCP_CLASS_ALREADY_EXISTS = 20045, "class exists"
    ERROR_DHCP_SCOPE_NAME_TOO_LONG = 20046, "scope name over 256 characters"
    ERROR_DHCP_DEFAULT_SCOPE_EXITS = 20047, "default scope exists"
    ERROR_DHCP_CANT_CHANGE_ATTRIBUTE = 20048, "dynamic BOOTP cannot be switched"
    ERROR_DHCP_IPRANGE_CONV_ILLEGAL = 20049, "range type change blocked by existing clients"
    ERROR_DHCP_NETWORK_CHANGED = 20050, "network changed, retry"
    ERROR_DHCP_CANNOT_MODIFY_BINDINGS = 20051, "bindings to internal addresses are fixed"
    ERROR_DHCP_SUBNET_EXISTS = 20052, "the scope exists already or overlaps another", AlreadyExistsError
    ERROR_DHCP_MSCOPE_EXISTS = 20053, "multicast scope exists or overlaps"
    ERROR_MSCOPE_RANGE_TOO_SMALL = 20054, "multicast range below 256 addresses"
    ERROR_DHCP_EXEMPTION_EXISTS = 20055, "exemption exists"
    ERROR_DHCP_EXEMPTION_NOT_PRESENT = 20056, "no such exemption"
    ERROR_DHCP_INVALID_PARAMETER_OPTION32 = 20057, "bad value for option 32"
    ERROR_DDS_NO_DS_AVAILABLE = 20070, "Active Directory not reachable"
    ERROR_DDS_NO_DHCP_ROOT = 20071, "DHCP root missing in AD"
    ERROR_DDS_UNEXPECTED_ERROR = 20072, "unexpected AD error"
    ERROR_DDS_TOO_MANY_ERRORS = 20073, "gave up after too many errors"
    ERROR_DDS_DHCP_SERVER_NOT_FOUND = 20074, "DHCP service not found in AD"
    ERROR_DDS_OPTION_ALREADY_EXISTS = 20075, "options already in AD"
    ERROR_DDS_OPTION_DOES_NOT_EXIST = 20076, "options not in AD"
    ERROR_DDS_CLASS_EXISTS = 20077, "classes already in AD"
    ERROR_DDS_CLASS_DOES_NOT_EXIST = 20078, "classes not in AD"
    ERROR_DDS_SERVER_ALREADY_EXISTS = 20079, "server already in AD"
    ERROR_DDS_SERVER_DOES_NOT_EXIST = 20080, "server not in AD"
    ERROR_DDS_SERVER_ADDRESS_MISMATCH = 20081, "address and name do not match"
    ERROR_DDS_SUBNET_EXISTS = 20082, "subnet already in AD"
    ERROR_DDS_SUBNET_HAS_DIFF_SSCOPE = 20083, "subnet in another superscope"
    ERROR_DDS_SUBNET_NOT_PRESENT = 20084, "subnet not in AD"
    ERROR_DDS_RESERVATION_NOT_PRESENT = 20085, "reservation not in AD"
    ERROR_DDS_RESERVATION_CONFLICT = 20086, "reservation conflicts in AD"
    ERROR_DDS_POSSIBLE_RANGE_CONFLICT = 20087, "range conflicts in AD"
    ERROR_DDS_RANGE_DOES_NOT_EXIST = 20088, "range not in AD"
    ERROR_DHCP_DELETE_BUILTIN_CLASS = 20089, "built-in class cannot be deleted"
    ERROR_DHCP_INVALID_SUBNET_PREFIX = 20091, "prefix not unicast / link-local"
    ERROR_DHCP_INVALID_DELAY = 20092, "delay outside 0 to 1000 ms"
    ERROR_DHCP_LINKLAYER_ADDRESS_EXISTS = 20093, "address/pattern already in a filter list"
    ERROR_DHCP_LINKLAYER_ADDRESS_RESERVATION_EXISTS = 20094, "filter change conflicts with a reservation"
    ERROR_DHCP_LINKLAYER_ADDRESS_DOES_NOT_EXIST = 20095, "address/pattern in neither list"
    ERROR_DHCP_HARDWARE_ADDRESS_TYPE_ALREADY_EXEMPT = 20101, "hardware type already exempt"
    ERROR_DHCP_UNDEFINED_HARDWARE_ADDRESS_TYPE = 20102, "hardware type not defined"
    ERROR_DHCP_OPTION_TYPE_MISMATCH = 20103, "same option defined with different types on the two servers"
    ERROR_DHCP_POLICY_BAD_PARENT_EXPR = 20104, "parent expression missing"
    ERROR_DHCP_POLICY_EXISTS = 20105, "policy name taken at that level"
    ERROR_DHCP_POLICY_RANGE_EXISTS = 20106, "range overlaps a policy range of the scope"
    ERROR_DHCP_POLICY_RANGE_BAD = 20107, "policy range invalid or outside the scope range"
    ERROR_DHCP_RANGE_INVALID_IN_SERVER_POLICY = 20108, "ranges not allowed in a server policy"
    ERROR_DHCP_INVALID_POLICY_EXPRESSION = 20109, "bad conditions/expressions"
    ERROR_DHCP_INVALID_PROCESSING_ORDER = 20110, "processing order too large"
    ERROR_DHCP_POLICY_NOT_FOUND = 20111, "no such policy"
    ERROR_SCOPE_RANGE_POLICY_RANGE_CONFLICT = 20112, "scope range change blocked by a policy range"
    ERROR_DHCP_FO_SCOPE_ALREADY_IN_RELATIONSHIP = 20113, "a scope is already in a relationship", ScopeInRelationshipError
    ERROR_DHCP_FO_RELATIONSHIP_EXISTS = 20114, "a relationship with this name exists on the server", RelationshipExistsError
    ERROR_DHCP_FO_RELATIONSHIP_DOES_NOT_EXIST = 20115, "no relationship with this name on the server", RelationshipNotFoundError
    ERROR_DHCP_FO_SCOPE_NOT_IN_RELATIONSHIP = 20116, "the scope is not in the relationship, or in none", ScopeNotInRelationshipError
    ERROR_DHCP_FO_RELATION_IS_SECONDARY = 20117, "this server is the relationship's secondary; ask the primary", NotPrimaryError
    ERROR_DHCP_FO_NOT_SUPPORTED = 20118, "failover is not supported", NotSupportedError
    ERROR_DHCP_FO_TIME_OUT_OF_SYNC = 20119, "the clocks of the two servers are too far apart", ClockSkewError
    ERROR_DHCP_FO_STATE_NOT_NORMAL = 20120, "the relationship is not in the NORMAL state; wait and try again", NotNormalError
    ERROR_DHCP_NO_ADMIN_PERMISSION = 20121, "the caller is no DHCP administrator on that server", AccessDeniedError
    ERROR_DHCP_SERVER_NOT_REACHABLE = 20122, "the server cannot be reached", ServerUnavailableError
    ERROR_DHCP_SERVER_NOT_RUNNING = 20123, "the DHCP Server service is not running there", ServerUnavailableError
    ERROR_DHCP_SERVER_NAME_NOT_RESOLVED = 20124, "the server's name could not be resolved", ServerUnavailableError
    ERROR_DHCP_FO_RELATIONSHIP_NAME_TOO_LONG = 20125, "the relationship name is longer than 126 characters", InvalidParameterError
    ERROR_DHCP_REACHED_END_OF_SELECTION = 20126, "fewer free addresses than asked for"
    ERROR_DHCP_FO_ADDSCOPE_LEASES_NOT_SYNCED = 20127, "the leases of the added scopes are not synchronised yet; wait and try again", NotNormalError
    ERROR_DHCP_FO_MAX_RELATIONSHIPS = 20128, "the server holds 31 relationships, the most there can be", LimitReachedError
    ERROR_DHCP_FO_IPRANGE_TYPE_CONV_ILLEGAL = 20129, "a failover scope cannot start serving BOOTP", NotSupportedError
    ERROR_DHCP_FO_MAX_ADD_SCOPES = 20130, "more than 400 scopes in one call", LimitReachedError
    ERROR_DHCP_FO_BOOT_NOT_SUPPORTED = 20131, "a scope that serves BOOTP cannot take part in failover", NotSupportedError
    ERROR_DHCP_FO_RANGE_PART_OF_REL = 20132, "the range of a failover scope cannot be removed", ScopeInRelationshipError
    ERROR_DHCP_FO_SCOPE_SYNC_IN_PROGRESS = 20133, "the relationship is re-integrating; wait and try again", NotNormalError
    ERROR_DHCP_FO_FEATURE_NOT_SUPPORTED = 20134, "this failover feature is not supported", NotSupportedError
    ERROR_DHCP_POLICY_FQDN_RANGE_UNSUPPORTED = 20135, "ranges not allowed with FQDN conditions"
    ERROR_DHCP_POLICY_FQDN_OPTION_UNSUPPORTED = 20136, "only options 51/81 with FQDN conditions"
    ERROR_DHCP_POLICY_EDIT_FQDN_UNSUPPORTED = 20137, "FQDN condition cannot be added to a policy with ranges/options"
    ERROR_DHCP_NAP_NOT_SUPPORTED = 20138, "NAP settings rejected (2016+)"
    ERROR_LAST_DHCP_SERVER_ERROR = 20139, "the end marker of the list; not an error"
    # fmt: on


_CODES = {int(code): code for code in ErrorCode}


def from_code(code: int, function: str, server: str | None, **about: Any) -> DhcpError:
    """Make the exception for an error code; called only on failure.

    Args:
        code: The non-zero value that the function returned.
        function: The API function's name.
        server: The server as the caller named it; None for this machine.
        **about: ``relationship``, ``scope``, ``address``, ``detail`` as in `DhcpError`.
    """
    known = _CODES.get(code)
    error = DhcpError if known is None else known.error
    return error(code, function, server, **about)
