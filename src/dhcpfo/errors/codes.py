"""The table of error codes, and the one function that makes an exception of a code.

The numbers are those of the Windows SDK's headers; several of those printed in [MS-DHCPM] are one too low.
"""

import enum
import sys
from typing import Any

from ..enums import Named
from .exceptions import (
    CODES,
    AccessDeniedError,
    AlreadyExistsError,
    ClientNotFoundError,
    ClockSkewError,
    DhcpError,
    InvalidAnswerError,
    InvalidParameterError,
    LimitReachedError,
    NotFoundError,
    NotNormalError,
    NotPrimaryError,
    NotSupportedError,
    OutcomeUnknownError,
    RelationshipExistsError,
    RelationshipNotFoundError,
    ScopeInRelationshipError,
    ScopeNotFoundError,
    ScopeNotInRelationshipError,
    ServerUnavailableError,
)

__all__ = ["ErrorCode", "from_code"]


@enum.unique
class ErrorCode(Named, enum.IntEnum):
    """Every known code: its number, its text and the class that is raised for it."""

    text: str
    error: type[DhcpError]

    def __new__(cls, code: int, text: str, error: type[DhcpError] = DhcpError) -> "ErrorCode":
        """Make a member from a row of the table."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.text = text
        member.error = error
        CODES[code] = member
        return member

    # fmt: off
    ERROR_SUCCESS = 0, "success"
    ERROR_FILE_NOT_FOUND = 2, "not found: the server has no relationship at all, or no statistics for the scope", NotFoundError
    ERROR_ACCESS_DENIED = 5, "access denied: reading requires DHCP Users and changing requires DHCP Administrators on that server", AccessDeniedError
    ERROR_NOT_ENOUGH_MEMORY = 8, "out of memory"
    ERROR_INVALID_DATA = 13, "the data is not valid", InvalidAnswerError
    ERROR_OUTOFMEMORY = 14, "out of memory"
    ERROR_NOT_SUPPORTED = 50, "not supported", NotSupportedError
    ERROR_BAD_NETPATH = 53, "the host was not found on the network", ServerUnavailableError
    ERROR_NETWORK_BUSY = 54, "the network is busy", ServerUnavailableError
    ERROR_UNEXP_NET_ERR = 59, "an unexpected network error occurred", OutcomeUnknownError
    ERROR_NETNAME_DELETED = 64, "the connection was closed during the call", OutcomeUnknownError
    ERROR_BAD_NET_NAME = 67, "the network name was not found", ServerUnavailableError
    ERROR_INVALID_PARAMETER = 87, "the server rejected an argument", InvalidParameterError
    ERROR_BROKEN_PIPE = 109, "the connection was closed during the call", OutcomeUnknownError
    ERROR_CALL_NOT_IMPLEMENTED = 120, "not implemented by the server", NotSupportedError
    ERROR_SEM_TIMEOUT = 121, "the server did not respond in time", OutcomeUnknownError
    ERROR_INSUFFICIENT_BUFFER = 122, "the buffer is too small"
    ERROR_INVALID_NAME = 123, "the path is not valid on the server"
    ERROR_PIPE_NOT_CONNECTED = 233, "the connection was closed during the call", OutcomeUnknownError
    ERROR_MORE_DATA = 234, "more data follows"
    ERROR_NO_MORE_ITEMS = 259, "no more items"
    ERROR_ARITHMETIC_OVERFLOW = 534, "the number is too large"
    ERROR_SHUTDOWN_IN_PROGRESS = 1115, "the host is shutting down", ServerUnavailableError
    ERROR_NOT_ENOUGH_SERVER_MEMORY = 1130, "the server ran out of memory during the call", OutcomeUnknownError
    ERROR_NOT_FOUND = 1168, "not found", NotFoundError
    ERROR_NO_NET_OR_BAD_PATH = 1203, "the host was not found on the network", ServerUnavailableError
    ERROR_SESSION_CREDENTIAL_CONFLICT = 1219, "a connection to the server exists already with other credentials", AccessDeniedError
    ERROR_NO_NETWORK = 1222, "this machine has no network connection", ServerUnavailableError
    ERROR_CONNECTION_REFUSED = 1225, "the host refused the connection", ServerUnavailableError
    ERROR_NETWORK_UNREACHABLE = 1231, "the network of the host cannot be reached", ServerUnavailableError
    ERROR_HOST_UNREACHABLE = 1232, "the host cannot be reached", ServerUnavailableError
    ERROR_PROTOCOL_UNREACHABLE = 1233, "the host does not support the network protocol", ServerUnavailableError
    ERROR_PORT_UNREACHABLE = 1234, "no service listens on that port of the host", ServerUnavailableError
    ERROR_REQUEST_ABORTED = 1235, "the request was aborted", OutcomeUnknownError
    ERROR_CONNECTION_ABORTED = 1236, "the connection was aborted", OutcomeUnknownError
    ERROR_LOGIN_WKSTA_RESTRICTION = 1240, "the account may not log on from this machine", AccessDeniedError
    ERROR_NOT_AUTHENTICATED = 1244, "the caller is not authenticated", AccessDeniedError
    ERROR_NO_LOGON_SERVERS = 1311, "no domain controller is available to check the logon", ServerUnavailableError
    ERROR_NO_SUCH_USER = 1317, "the account does not exist", AccessDeniedError
    ERROR_LOGON_FAILURE = 1326, "logon failed: unknown user name or wrong password", AccessDeniedError
    ERROR_ACCOUNT_RESTRICTION = 1327, "logon failed: the account is restricted", AccessDeniedError
    ERROR_INVALID_LOGON_HOURS = 1328, "logon failed: the account may not log on at this time", AccessDeniedError
    ERROR_INVALID_WORKSTATION = 1329, "logon failed: the account may not log on from this machine", AccessDeniedError
    ERROR_PASSWORD_EXPIRED = 1330, "logon failed: the password has expired", AccessDeniedError
    ERROR_ACCOUNT_DISABLED = 1331, "logon failed: the account is disabled", AccessDeniedError
    ERROR_NO_SUCH_DOMAIN = 1355, "the domain does not exist or cannot be contacted", ServerUnavailableError
    ERROR_LOGON_TYPE_NOT_GRANTED = 1385, "logon failed: the account may not log on over the network", AccessDeniedError
    ERROR_WRONG_TARGET_NAME = 1396, "logon failed: the host is not the one that Kerberos knows by this name", AccessDeniedError
    ERROR_MUTUAL_AUTH_FAILED = 1397, "logon failed: the server could not prove its identity", AccessDeniedError
    ERROR_TIME_SKEW = 1398, "logon failed: the clocks of this machine and the server differ too much", AccessDeniedError
    ERROR_TIMEOUT = 1460, "the server did not respond in time", OutcomeUnknownError
    RPC_S_INVALID_STRING_BINDING = 1700, "the binding to the server is not valid", ServerUnavailableError
    RPC_S_INVALID_BINDING = 1702, "the binding to the server is not valid", ServerUnavailableError
    RPC_S_INVALID_ENDPOINT_FORMAT = 1706, "the endpoint format is not valid", ServerUnavailableError
    RPC_S_INVALID_NET_ADDR = 1707, "the network address is not valid", ServerUnavailableError
    RPC_S_NO_ENDPOINT_FOUND = 1708, "the host offers no endpoint for DHCP management", ServerUnavailableError
    RPC_S_NOT_LISTENING = 1715, "the server does not accept calls", ServerUnavailableError
    RPC_S_UNKNOWN_IF = 1717, "the server does not offer this part of the API", NotSupportedError
    RPC_S_NO_BINDINGS = 1718, "the server has no binding", ServerUnavailableError
    RPC_S_OUT_OF_RESOURCES = 1721, "not enough resources for the call", ServerUnavailableError
    RPC_S_SERVER_UNAVAILABLE = 1722, "the server cannot be reached: host down, blocked by a firewall, or service stopped", ServerUnavailableError
    RPC_S_SERVER_TOO_BUSY = 1723, "the server is too busy; try again", ServerUnavailableError
    RPC_S_NO_CALL_ACTIVE = 1725, "this thread has no call in progress", ServerUnavailableError
    RPC_S_CALL_FAILED = 1726, "the connection was lost during the call; the server may or may not have carried it out", OutcomeUnknownError
    RPC_S_CALL_FAILED_DNE = 1727, "the call failed, and the server did not carry it out", ServerUnavailableError
    RPC_S_PROTOCOL_ERROR = 1728, "the server broke the RPC protocol; it may or may not have carried out the call", OutcomeUnknownError
    RPC_S_UNSUPPORTED_TRANS_SYN = 1730, "the server does not support the transfer syntax", NotSupportedError
    RPC_S_PROCNUM_OUT_OF_RANGE = 1745, "the server is older than this function; failover requires Windows Server 2012", NotSupportedError
    RPC_S_BINDING_HAS_NO_AUTH = 1746, "the connection is not authenticated", AccessDeniedError
    RPC_S_UNKNOWN_AUTHN_SERVICE = 1747, "the server does not support the authentication method", AccessDeniedError
    RPC_S_UNKNOWN_AUTHN_LEVEL = 1748, "the server does not support the authentication level", AccessDeniedError
    RPC_S_INVALID_AUTH_IDENTITY = 1749, "the credentials are not valid", AccessDeniedError
    RPC_S_UNKNOWN_AUTHZ_SERVICE = 1750, "the server does not support the authorization method", AccessDeniedError
    EPT_S_INVALID_ENTRY = 1751, "the host's endpoint mapper has an invalid entry", ServerUnavailableError
    EPT_S_CANT_PERFORM_OP = 1752, "the host's endpoint mapper could not look up the DHCP Server service", ServerUnavailableError
    EPT_S_NOT_REGISTERED = 1753, "the DHCP Server service is not running on that host", ServerUnavailableError
    RPC_S_INTERNAL_ERROR = 1766, "an internal error occurred in RPC", OutcomeUnknownError
    RPC_X_NULL_REF_POINTER = 1780, "a required pointer was NULL"
    RPC_X_ENUM_VALUE_OUT_OF_RANGE = 1781, "an enumeration value does not fit the wire format"
    RPC_X_BYTE_COUNT_TOO_SMALL = 1782, "a byte count is too small"
    RPC_X_BAD_STUB_DATA = 1783, "the answer could not be unpacked", InvalidAnswerError
    ERROR_TRUSTED_DOMAIN_FAILURE = 1788, "logon failed: the trust between the domains is broken", AccessDeniedError
    ERROR_TRUSTED_RELATIONSHIP_FAILURE = 1789, "logon failed: the trust between this machine and its domain is broken", AccessDeniedError
    ERROR_NETLOGON_NOT_STARTED = 1792, "the Netlogon service is not running, so the logon cannot be checked", ServerUnavailableError
    ERROR_ACCOUNT_EXPIRED = 1793, "logon failed: the account has expired", AccessDeniedError
    RPC_S_CALL_CANCELLED = 1818, "the call was cancelled; the server may or may not have carried it out", OutcomeUnknownError
    RPC_S_COMM_FAILURE = 1820, "communication failed during the call; the server may or may not have carried it out", OutcomeUnknownError
    RPC_S_UNSUPPORTED_AUTHN_LEVEL = 1821, "the authentication level is not supported", AccessDeniedError
    RPC_S_NO_PRINC_NAME = 1822, "the server has no principal name for the logon", AccessDeniedError
    RPC_S_SEC_PKG_ERROR = 1825, "the security package reported an error: the logon or the protection of the connection failed", AccessDeniedError
    ERROR_PASSWORD_MUST_CHANGE = 1907, "logon failed: the password must be changed first", AccessDeniedError
    ERROR_ACCOUNT_LOCKED_OUT = 1909, "logon failed: the account is locked", AccessDeniedError
    WSAENETDOWN = 10050, "the network is down", ServerUnavailableError
    WSAENETUNREACH = 10051, "the network of the host cannot be reached", ServerUnavailableError
    WSAECONNABORTED = 10053, "the connection was aborted", OutcomeUnknownError
    WSAECONNRESET = 10054, "the host closed the connection", OutcomeUnknownError
    WSAETIMEDOUT = 10060, "the host did not respond in time", OutcomeUnknownError
    WSAECONNREFUSED = 10061, "the host refused the connection", ServerUnavailableError
    WSAEHOSTDOWN = 10064, "the host is down", ServerUnavailableError
    WSAEHOSTUNREACH = 10065, "the host cannot be reached", ServerUnavailableError
    WSAHOST_NOT_FOUND = 11001, "the server's name could not be resolved", ServerUnavailableError
    WSATRY_AGAIN = 11002, "the server's name could not be resolved at the moment", ServerUnavailableError
    WSANO_RECOVERY = 11003, "the server's name could not be resolved", ServerUnavailableError
    WSANO_DATA = 11004, "the server's name has no IPv4 address", ServerUnavailableError
    ERROR_DHCP_REGISTRY_INIT_FAILED = 20000, "the startup parameters in the registry are not valid"
    ERROR_DHCP_DATABASE_INIT_FAILED = 20001, "the client database could not be opened"
    ERROR_DHCP_RPC_INIT_FAILED = 20002, "the RPC server could not start"
    ERROR_DHCP_NETWORK_INIT_FAILED = 20003, "the sockets could not be set up"
    ERROR_DHCP_SUBNET_EXITS = 20004, "the scope already exists", AlreadyExistsError
    ERROR_DHCP_SUBNET_NOT_PRESENT = 20005, "the scope does not exist on this server", ScopeNotFoundError
    ERROR_DHCP_PRIMARY_NOT_FOUND = 20006, "the primary host of the subnet is unknown"
    ERROR_DHCP_ELEMENT_CANT_REMOVE = 20007, "the element is in use and cannot be removed"
    ERROR_DHCP_OPTION_EXITS = 20009, "the option is already defined", AlreadyExistsError
    ERROR_DHCP_OPTION_NOT_PRESENT = 20010, "the option does not exist", NotFoundError
    ERROR_DHCP_ADDRESS_NOT_AVAILABLE = 20011, "the address is not available"
    ERROR_DHCP_RANGE_FULL = 20012, "no free address is left in the range"
    ERROR_DHCP_JET_ERROR = 20013, "the server's database reported an error"
    ERROR_DHCP_CLIENT_EXISTS = 20014, "the client is already in the database", AlreadyExistsError
    ERROR_DHCP_INVALID_DHCP_MESSAGE = 20015, "a malformed message was received"
    ERROR_DHCP_INVALID_DHCP_CLIENT = 20016, "the message is not valid, or its client is not known"
    ERROR_DHCP_SERVICE_PAUSED = 20017, "the service is paused"
    ERROR_DHCP_NOT_RESERVED_CLIENT = 20018, "not a reserved client, or the reservation is outside the range"
    ERROR_DHCP_RESERVED_CLIENT = 20019, "the client has a reservation"
    ERROR_DHCP_RANGE_TOO_SMALL = 20020, "the range is too small"
    ERROR_DHCP_IPRANGE_EXITS = 20021, "the range is already defined"
    ERROR_DHCP_RESERVEDIP_EXITS = 20022, "the address or client is already reserved or in use"
    ERROR_DHCP_INVALID_RANGE = 20023, "the range overlaps another, does not match, or is not valid"
    ERROR_DHCP_RANGE_EXTENDED = 20024, "the range extends an existing one"
    ERROR_EXTEND_TOO_SMALL = 20025, "the extension must be a multiple of 32"
    WARNING_EXTENDED_LESS = 20026, "the range was extended by less than requested"
    ERROR_DHCP_JET_CONV_REQUIRED = 20027, "the database needs conversion"
    ERROR_SERVER_INVALID_BOOT_FILE_TABLE = 20028, "the BOOTP file table is malformed"
    ERROR_SERVER_UNKNOWN_BOOT_FILE_NAME = 20029, "the boot file name is unknown"
    ERROR_DHCP_SUPER_SCOPE_NAME_TOO_LONG = 20030, "the superscope name is too long"
    ERROR_DHCP_IP_ADDRESS_IN_USE = 20032, "the address is in use"
    ERROR_DHCP_LOG_FILE_PATH_TOO_LONG = 20033, "the audit log path is too long"
    ERROR_DHCP_UNSUPPORTED_CLIENT = 20034, "the request is for an address that this server does not serve"
    ERROR_DHCP_SERVER_INTERFACE_NOTIFICATION_EVENT = 20035, "notification of interface changes failed"
    ERROR_DHCP_JET97_CONV_REQUIRED = 20036, "the database needs Jet97 conversion"
    ERROR_DHCP_ROGUE_INIT_FAILED = 20037, "the server could not determine whether it is authorized"
    ERROR_DHCP_ROGUE_SAMSHUTDOWN = 20038, "the server is stopping because another DHCP server is active"
    ERROR_DHCP_ROGUE_NOT_AUTHORIZED = 20039, "the server is not authorized"
    ERROR_DHCP_ROGUE_DS_UNREACHABLE = 20040, "the directory cannot be reached"
    ERROR_DHCP_ROGUE_DS_CONFLICT = 20041, "the authorization conflicts with that of another server"
    ERROR_DHCP_ROGUE_NOT_OUR_ENTERPRISE = 20042, "the other server belongs to a different enterprise"
    ERROR_DHCP_ROGUE_STANDALONE_IN_DS = 20043, "a workgroup server found a directory on its network"
    ERROR_DHCP_CLASS_NOT_FOUND = 20044, "the class does not exist", NotFoundError
    ERROR_DHCP_CLASS_ALREADY_EXISTS = 20045, "the class already exists", AlreadyExistsError
    ERROR_DHCP_SCOPE_NAME_TOO_LONG = 20046, "the scope name is longer than 256 characters"
    ERROR_DHCP_DEFAULT_SCOPE_EXITS = 20047, "the default scope already exists"
    ERROR_DHCP_CANT_CHANGE_ATTRIBUTE = 20048, "dynamic BOOTP cannot be changed"
    ERROR_DHCP_IPRANGE_CONV_ILLEGAL = 20049, "the range type cannot change because of existing clients"
    ERROR_DHCP_NETWORK_CHANGED = 20050, "the network changed; try again"
    ERROR_DHCP_CANNOT_MODIFY_BINDINGS = 20051, "bindings to internal addresses cannot be changed"
    ERROR_DHCP_SUBNET_EXISTS = 20052, "the scope already exists or overlaps another", AlreadyExistsError
    ERROR_DHCP_MSCOPE_EXISTS = 20053, "the multicast scope already exists or overlaps another"
    ERROR_MSCOPE_RANGE_TOO_SMALL = 20054, "the multicast range has fewer than 256 addresses"
    ERROR_DHCP_EXEMPTION_EXISTS = 20055, "the exemption already exists"
    ERROR_DHCP_EXEMPTION_NOT_PRESENT = 20056, "the exemption does not exist"
    ERROR_DHCP_INVALID_PARAMETER_OPTION32 = 20057, "the value for option 32 is not valid"
    ERROR_DDS_NO_DS_AVAILABLE = 20070, "Active Directory cannot be reached"
    ERROR_DDS_NO_DHCP_ROOT = 20071, "Active Directory has no DHCP root"
    ERROR_DDS_UNEXPECTED_ERROR = 20072, "an unexpected Active Directory error occurred"
    ERROR_DDS_TOO_MANY_ERRORS = 20073, "the server gave up after too many errors"
    ERROR_DDS_DHCP_SERVER_NOT_FOUND = 20074, "the DHCP service was not found in Active Directory"
    ERROR_DDS_OPTION_ALREADY_EXISTS = 20075, "the options are already in Active Directory"
    ERROR_DDS_OPTION_DOES_NOT_EXIST = 20076, "the options are not in Active Directory"
    ERROR_DDS_CLASS_EXISTS = 20077, "the classes are already in Active Directory"
    ERROR_DDS_CLASS_DOES_NOT_EXIST = 20078, "the classes are not in Active Directory"
    ERROR_DDS_SERVER_ALREADY_EXISTS = 20079, "the server is already in Active Directory"
    ERROR_DDS_SERVER_DOES_NOT_EXIST = 20080, "the server is not in Active Directory"
    ERROR_DDS_SERVER_ADDRESS_MISMATCH = 20081, "the address and name of the server do not match"
    ERROR_DDS_SUBNET_EXISTS = 20082, "the subnet is already in Active Directory"
    ERROR_DDS_SUBNET_HAS_DIFF_SSCOPE = 20083, "the subnet is in another superscope"
    ERROR_DDS_SUBNET_NOT_PRESENT = 20084, "the subnet is not in Active Directory"
    ERROR_DDS_RESERVATION_NOT_PRESENT = 20085, "the reservation is not in Active Directory"
    ERROR_DDS_RESERVATION_CONFLICT = 20086, "the reservation conflicts with one in Active Directory"
    ERROR_DDS_POSSIBLE_RANGE_CONFLICT = 20087, "the range conflicts with one in Active Directory"
    ERROR_DDS_RANGE_DOES_NOT_EXIST = 20088, "the range is not in Active Directory"
    ERROR_DHCP_DELETE_BUILTIN_CLASS = 20089, "a built-in class cannot be deleted"
    ERROR_DHCP_INVALID_SUBNET_PREFIX = 20091, "the prefix is not unicast, or it is link-local"
    ERROR_DHCP_INVALID_DELAY = 20092, "the delay must be between 0 and 1000 ms"
    ERROR_DHCP_LINKLAYER_ADDRESS_EXISTS = 20093, "the address or pattern is already in a filter list", AlreadyExistsError
    ERROR_DHCP_LINKLAYER_ADDRESS_RESERVATION_EXISTS = 20094, "the filter conflicts with a reservation"
    ERROR_DHCP_LINKLAYER_ADDRESS_DOES_NOT_EXIST = 20095, "the address or pattern is in neither filter list", NotFoundError
    ERROR_DHCP_HARDWARE_ADDRESS_TYPE_ALREADY_EXEMPT = 20101, "the hardware type is already exempt", AlreadyExistsError
    ERROR_DHCP_UNDEFINED_HARDWARE_ADDRESS_TYPE = 20102, "the hardware type is not exempt", NotFoundError
    ERROR_DHCP_OPTION_TYPE_MISMATCH = 20103, "the option is defined with different types on the two servers"
    ERROR_DHCP_POLICY_BAD_PARENT_EXPR = 20104, "the parent expression does not exist"
    ERROR_DHCP_POLICY_EXISTS = 20105, "a policy with this name already exists at that level", AlreadyExistsError
    ERROR_DHCP_POLICY_RANGE_EXISTS = 20106, "the range overlaps a policy range of the scope"
    ERROR_DHCP_POLICY_RANGE_BAD = 20107, "the policy range is not valid or outside the range of the scope"
    ERROR_DHCP_RANGE_INVALID_IN_SERVER_POLICY = 20108, "a server policy cannot have ranges"
    ERROR_DHCP_INVALID_POLICY_EXPRESSION = 20109, "the conditions or expressions of the policy are not valid"
    ERROR_DHCP_INVALID_PROCESSING_ORDER = 20110, "the processing order is too large"
    ERROR_DHCP_POLICY_NOT_FOUND = 20111, "the policy does not exist", NotFoundError
    ERROR_SCOPE_RANGE_POLICY_RANGE_CONFLICT = 20112, "the range of the scope cannot change because of a policy range"
    ERROR_DHCP_FO_SCOPE_ALREADY_IN_RELATIONSHIP = 20113, "a scope is already in a relationship", ScopeInRelationshipError
    ERROR_DHCP_FO_RELATIONSHIP_EXISTS = 20114, "a relationship with this name exists on the server", RelationshipExistsError
    ERROR_DHCP_FO_RELATIONSHIP_DOES_NOT_EXIST = 20115, "no relationship with this name on the server", RelationshipNotFoundError
    ERROR_DHCP_FO_SCOPE_NOT_IN_RELATIONSHIP = 20116, "the scope is not in the relationship, or in none", ScopeNotInRelationshipError
    ERROR_DHCP_FO_RELATION_IS_SECONDARY = 20117, "this server is the secondary of the relationship; ask the primary", NotPrimaryError
    ERROR_DHCP_FO_NOT_SUPPORTED = 20118, "failover is not supported", NotSupportedError
    ERROR_DHCP_FO_TIME_OUT_OF_SYNC = 20119, "the clocks of the two servers differ too much", ClockSkewError
    ERROR_DHCP_FO_STATE_NOT_NORMAL = 20120, "the relationship is not in the NORMAL state; wait and try again", NotNormalError
    ERROR_DHCP_NO_ADMIN_PERMISSION = 20121, "the caller is not a DHCP administrator on that server", AccessDeniedError
    ERROR_DHCP_SERVER_NOT_REACHABLE = 20122, "the server cannot be reached", ServerUnavailableError
    ERROR_DHCP_SERVER_NOT_RUNNING = 20123, "the DHCP Server service is not running on that host", ServerUnavailableError
    ERROR_DHCP_SERVER_NAME_NOT_RESOLVED = 20124, "the server's name could not be resolved", ServerUnavailableError
    ERROR_DHCP_FO_RELATIONSHIP_NAME_TOO_LONG = 20125, "the relationship name is longer than 126 characters", InvalidParameterError
    ERROR_DHCP_REACHED_END_OF_SELECTION = 20126, "fewer free addresses than asked for"
    ERROR_DHCP_FO_ADDSCOPE_LEASES_NOT_SYNCED = 20127, "the leases of the added scopes are not synchronised yet; wait and try again", NotNormalError
    ERROR_DHCP_FO_MAX_RELATIONSHIPS = 20128, "the server already has 31 relationships, the maximum", LimitReachedError
    ERROR_DHCP_FO_IPRANGE_TYPE_CONV_ILLEGAL = 20129, "a failover scope cannot start serving BOOTP", NotSupportedError
    ERROR_DHCP_FO_MAX_ADD_SCOPES = 20130, "more than 400 scopes in one call", LimitReachedError
    ERROR_DHCP_FO_BOOT_NOT_SUPPORTED = 20131, "a scope that serves BOOTP cannot take part in failover", NotSupportedError
    ERROR_DHCP_FO_RANGE_PART_OF_REL = 20132, "the range of a failover scope cannot be removed", ScopeInRelationshipError
    ERROR_DHCP_FO_SCOPE_SYNC_IN_PROGRESS = 20133, "the relationship is re-integrating; wait and try again", NotNormalError
    ERROR_DHCP_FO_FEATURE_NOT_SUPPORTED = 20134, "this failover feature is not supported", NotSupportedError
    ERROR_DHCP_POLICY_FQDN_RANGE_UNSUPPORTED = 20135, "a policy with FQDN conditions cannot have ranges"
    ERROR_DHCP_POLICY_FQDN_OPTION_UNSUPPORTED = 20136, "a policy with FQDN conditions can only have options 51 and 81"
    ERROR_DHCP_POLICY_EDIT_FQDN_UNSUPPORTED = 20137, "an FQDN condition cannot be added to a policy with ranges or options"
    ERROR_DHCP_NAP_NOT_SUPPORTED = 20138, "NAP settings are not supported from Windows Server 2016 on"
    ERROR_LAST_DHCP_SERVER_ERROR = 20139, "the end marker of the list, not an error"
    # fmt: on


CLIENT_FUNCTIONS = ("GetClientInfo", "SetClientInfo", "DeleteClientInfo")
"""What the names of functions that look up a client contain."""

FROM_CLIENT_FUNCTIONS = {
    ErrorCode.ERROR_DHCP_JET_ERROR: "client not found, or a database error (the code is the same)",
    ErrorCode.ERROR_DHCP_INVALID_DHCP_CLIENT: "client not found, or a message that is not valid (the code is the same)",
}
"""Codes that mean "no such client" only where the function looks up a client, and their text there."""


def from_code(
    code: int, function: str, server: str | None, *, outcome_unknown: bool | None = None, **about: Any
) -> DhcpError:
    """Return the exception for an error code. Called on failure only.

    Args:
        code: The non-zero value that the function returned.
        function: The name of the API function.
        server: The server as the caller named it; None for this machine.
        outcome_unknown: True if the connection failed after the request was sent, so the server may have carried it
            out, whatever the code says. False if it certainly did not. None lets the code tell.
        **about: ``relationship``, ``scope``, ``address``, ``detail`` as in `DhcpError`.
    """
    known = CODES.get(code)
    if known is None:
        if system := _system_text(code):
            about.setdefault("detail", f"unknown error code: {system}")
        error = DhcpError
    elif known in FROM_CLIENT_FUNCTIONS and any(name in function for name in CLIENT_FUNCTIONS):
        about.setdefault("detail", FROM_CLIENT_FUNCTIONS[known])
        error = ClientNotFoundError
    else:
        error = known.error
    if outcome_unknown and (issubclass(error, ServerUnavailableError) or known is ErrorCode.RPC_S_SEC_PKG_ERROR):
        error = OutcomeUnknownError
    elif outcome_unknown is False and error is OutcomeUnknownError:
        error = ServerUnavailableError
    return error(code, function, server, **about)


def _system_text(code: int) -> str:
    """Return the system's text for a code; empty if it has none, and on other systems."""
    if sys.platform == "win32":
        from ctypes import FormatError, c_int  # only now: few programs ever need it

        text = FormatError(c_int(code).value).strip()  # it takes a signed number
        return "" if text == "<no description>" else text  # what ctypes returns if Windows has none
    return ""
