"""Errors: every code has a name, a text and the class that says what to do; what it was about stays with it."""

import copy
import errno
import pickle
import sys
from ipaddress import IPv4Address

import pytest

from dhcpfo import DhcpError, errors
from dhcpfo.api.functions import FUNCTIONS, Access
from dhcpfo.errors import (
    AccessDeniedError,
    AlreadyExistsError,
    ClientNotFoundError,
    ClockSkewError,
    ErrorCode,
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
    from_code,
)

# Typed by hand from the Windows SDK's header; the numbers in some tables of [MS-DHCPM] are one too low.
FAILOVER = [
    (20113, "ERROR_DHCP_FO_SCOPE_ALREADY_IN_RELATIONSHIP", ScopeInRelationshipError),
    (20114, "ERROR_DHCP_FO_RELATIONSHIP_EXISTS", RelationshipExistsError),
    (20115, "ERROR_DHCP_FO_RELATIONSHIP_DOES_NOT_EXIST", RelationshipNotFoundError),
    (20116, "ERROR_DHCP_FO_SCOPE_NOT_IN_RELATIONSHIP", ScopeNotInRelationshipError),
    (20117, "ERROR_DHCP_FO_RELATION_IS_SECONDARY", NotPrimaryError),
    (20118, "ERROR_DHCP_FO_NOT_SUPPORTED", NotSupportedError),
    (20119, "ERROR_DHCP_FO_TIME_OUT_OF_SYNC", ClockSkewError),
    (20120, "ERROR_DHCP_FO_STATE_NOT_NORMAL", NotNormalError),
    (20121, "ERROR_DHCP_NO_ADMIN_PERMISSION", AccessDeniedError),
    (20122, "ERROR_DHCP_SERVER_NOT_REACHABLE", ServerUnavailableError),
    (20123, "ERROR_DHCP_SERVER_NOT_RUNNING", ServerUnavailableError),
    (20124, "ERROR_DHCP_SERVER_NAME_NOT_RESOLVED", ServerUnavailableError),
    (20125, "ERROR_DHCP_FO_RELATIONSHIP_NAME_TOO_LONG", InvalidParameterError),
    (20126, "ERROR_DHCP_REACHED_END_OF_SELECTION", DhcpError),
    (20127, "ERROR_DHCP_FO_ADDSCOPE_LEASES_NOT_SYNCED", NotNormalError),
    (20128, "ERROR_DHCP_FO_MAX_RELATIONSHIPS", LimitReachedError),
    (20129, "ERROR_DHCP_FO_IPRANGE_TYPE_CONV_ILLEGAL", NotSupportedError),
    (20130, "ERROR_DHCP_FO_MAX_ADD_SCOPES", LimitReachedError),
    (20131, "ERROR_DHCP_FO_BOOT_NOT_SUPPORTED", NotSupportedError),
    (20132, "ERROR_DHCP_FO_RANGE_PART_OF_REL", ScopeInRelationshipError),
    (20133, "ERROR_DHCP_FO_SCOPE_SYNC_IN_PROGRESS", NotNormalError),
    (20134, "ERROR_DHCP_FO_FEATURE_NOT_SUPPORTED", NotSupportedError),
]
OTHERS = [
    (2, "ERROR_FILE_NOT_FOUND", NotFoundError),
    (5, "ERROR_ACCESS_DENIED", AccessDeniedError),
    (8, "ERROR_NOT_ENOUGH_MEMORY", DhcpError),
    (13, "ERROR_INVALID_DATA", InvalidAnswerError),
    (14, "ERROR_OUTOFMEMORY", DhcpError),
    (50, "ERROR_NOT_SUPPORTED", NotSupportedError),
    (87, "ERROR_INVALID_PARAMETER", InvalidParameterError),
    (120, "ERROR_CALL_NOT_IMPLEMENTED", NotSupportedError),
    (122, "ERROR_INSUFFICIENT_BUFFER", DhcpError),
    (1168, "ERROR_NOT_FOUND", NotFoundError),
    (1702, "RPC_S_INVALID_BINDING", ServerUnavailableError),
    (1745, "RPC_S_PROCNUM_OUT_OF_RANGE", NotSupportedError),
    (1781, "RPC_X_ENUM_VALUE_OUT_OF_RANGE", DhcpError),
    (1783, "RPC_X_BAD_STUB_DATA", InvalidAnswerError),
    (20004, "ERROR_DHCP_SUBNET_EXITS", AlreadyExistsError),
    (20005, "ERROR_DHCP_SUBNET_NOT_PRESENT", ScopeNotFoundError),
    (20013, "ERROR_DHCP_JET_ERROR", DhcpError),
    (20016, "ERROR_DHCP_INVALID_DHCP_CLIENT", DhcpError),
    (20052, "ERROR_DHCP_SUBNET_EXISTS", AlreadyExistsError),
]

# Typed by hand from winerror.h and winsock2.h: what Windows returns about a server that is away, busy, or refuses the
# logon, in three groups that callers handle differently.
NOT_CARRIED_OUT = {
    53: "ERROR_BAD_NETPATH",
    1203: "ERROR_NO_NET_OR_BAD_PATH",
    1231: "ERROR_NETWORK_UNREACHABLE",
    1232: "ERROR_HOST_UNREACHABLE",
    1311: "ERROR_NO_LOGON_SERVERS",
    1707: "RPC_S_INVALID_NET_ADDR",
    1721: "RPC_S_OUT_OF_RESOURCES",
    1722: "RPC_S_SERVER_UNAVAILABLE",
    1723: "RPC_S_SERVER_TOO_BUSY",
    1727: "RPC_S_CALL_FAILED_DNE",
    1752: "EPT_S_CANT_PERFORM_OP",
    1753: "EPT_S_NOT_REGISTERED",
    10061: "WSAECONNREFUSED",
    10065: "WSAEHOSTUNREACH",
    11001: "WSAHOST_NOT_FOUND",
    11002: "WSATRY_AGAIN",
}
OUTCOME_UNKNOWN = {
    64: "ERROR_NETNAME_DELETED",
    121: "ERROR_SEM_TIMEOUT",
    1130: "ERROR_NOT_ENOUGH_SERVER_MEMORY",
    1236: "ERROR_CONNECTION_ABORTED",
    1460: "ERROR_TIMEOUT",
    1726: "RPC_S_CALL_FAILED",
    1728: "RPC_S_PROTOCOL_ERROR",
    1818: "RPC_S_CALL_CANCELLED",
    1820: "RPC_S_COMM_FAILURE",
    10054: "WSAECONNRESET",
    10060: "WSAETIMEDOUT",
}
DENIED = {
    1326: "ERROR_LOGON_FAILURE",
    1331: "ERROR_ACCOUNT_DISABLED",
    1396: "ERROR_WRONG_TARGET_NAME",
    1398: "ERROR_TIME_SKEW",
    1747: "RPC_S_UNKNOWN_AUTHN_SERVICE",
    1825: "RPC_S_SEC_PKG_ERROR",
    1909: "ERROR_ACCOUNT_LOCKED_OUT",
}
TRANSPORT = [
    (code, name, kind)
    for group, kind in (
        (NOT_CARRIED_OUT, ServerUnavailableError),
        (OUTCOME_UNKNOWN, OutcomeUnknownError),
        (DENIED, AccessDeniedError),
    )
    for code, name in group.items()
]
ENUMERATION = [(0, "ERROR_SUCCESS"), (234, "ERROR_MORE_DATA"), (259, "ERROR_NO_MORE_ITEMS")]
GAPS = {20008, 20031, *range(20058, 20070), 20090, *range(20096, 20101)}


@pytest.mark.parametrize(("code", "name", "kind"), FAILOVER + OTHERS + TRANSPORT)
def test_code(code, name, kind):
    error = from_code(code, "DhcpV4FailoverGetRelationship", "dhcp1")
    assert type(error) is kind
    assert (error.winerror, error.code_name) == (code, name)
    assert ErrorCode(code).text in str(error)


def test_every_defined_code_is_in_the_table():
    documented = {code for code, _, _ in OTHERS} | {code for code, _ in ENUMERATION} | set(range(20000, 20140)) - GAPS
    documented |= {code for code, _, _ in TRANSPORT}
    assert documented <= {int(code) for code in ErrorCode}
    # All others are from winerror.h too; each says that a server is away, busy, refuses the logon, or is too old.
    more = {code.error for code in ErrorCode if int(code) not in documented}
    assert more <= {ServerUnavailableError, OutcomeUnknownError, AccessDeniedError, NotSupportedError, DhcpError}
    for code, name in ENUMERATION:
        assert ErrorCode(code).name == name


def test_every_code_has_a_text_and_failover_codes_have_their_own():
    assert all(code.text.strip() for code in ErrorCode)
    texts = [ErrorCode(code).text for code, _, _ in FAILOVER]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("code", [*sorted(GAPS)[:3], 1, 20140, 0xFFFFFFFF])
def test_a_code_without_a_name_is_still_an_error(code):
    error = from_code(code, "DhcpV4FailoverGetRelationship", None)
    assert type(error) is DhcpError
    assert (error.winerror, error.code_name) == (code, "unknown")
    assert str(error).startswith("unknown error code")
    assert f"[unknown {code}]" in str(error)
    assert "this machine" in str(error)


@pytest.mark.parametrize("error", [from_code(20115, "F", "dhcp1", relationship="r"), from_code(1726, "F", None)])
def test_repr_says_what_the_message_says(error):
    assert repr(error) == f"{type(error).__name__}({str(error)!r})"
    for part in (error.function, str(error.winerror), error.code_name, "dhcp1" if error.server else "this machine"):
        assert part in repr([error])


class Wrapped(DhcpError):
    """A subclass that somebody writes."""

    def __init__(self, attempt):
        super().__init__(20115, "DhcpV4FailoverGetRelationship", "dhcp1", relationship="r")
        self.attempt = attempt


class WrappedEarly(Wrapped):
    """The same, made by `__new__`."""

    def __new__(cls, attempt):
        return super().__new__(cls, attempt)


@pytest.mark.parametrize("kind", [Wrapped, WrappedEarly])
@pytest.mark.parametrize("again", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy])
def test_a_subclass_with_its_own_constructor_travels(again, kind):
    twin = again(kind(3))
    assert (type(twin), twin.attempt, twin.winerror, twin.relationship) == (kind, 3, 20115, "r")
    assert str(twin) == str(kind(3))


def test_codes_print_as_their_names():
    code = ErrorCode.ERROR_ACCESS_DENIED
    assert (str(code), f"{code}", f"{code:d}") == ("ERROR_ACCESS_DENIED", "ERROR_ACCESS_DENIED", "5")
    assert (repr(code), int(code), code == 5) == ("<ErrorCode.ERROR_ACCESS_DENIED: 5>", 5, True)


def test_an_error_holds_the_number_of_its_code():
    error = from_code(ErrorCode.ERROR_ACCESS_DENIED, "F", None)
    assert (type(error.winerror), str(error.winerror)) == (int, "5")
    assert "[ERROR_ACCESS_DENIED 5]" in str(error)


@pytest.mark.parametrize(("code", "kind"), [(5, PermissionError), (20121, PermissionError), (1722, ConnectionError)])
def test_errors_are_also_what_python_calls_them(code, kind):
    with pytest.raises(kind):
        raise from_code(code, "DhcpV4FailoverGetRelationship", "dhcp1")


def test_denied_and_unreachable_never_look_like_absent():
    for code in (5, 20121, 1702, *NOT_CARRIED_OUT, *OUTCOME_UNKNOWN, *DENIED, 20122, 20123, 20124):
        assert not isinstance(from_code(code, "DhcpV4FailoverGetClientInfo", None), NotFoundError)


READS = [
    "DhcpV4FailoverGetRelationship",
    "DhcpV4FailoverEnumRelationship",
    "DhcpServerQueryAttributes",
    "DhcpGetVersion",
]
WRITES = ["DhcpV4FailoverCreateRelationship", "DhcpV4FailoverTriggerAddrAllocation", "DhcpSetClientInfo", "f"]


@pytest.mark.parametrize("code", sorted(OUTCOME_UNKNOWN))
def test_a_call_with_an_unknown_outcome_is_repeated_only_if_it_read(code):
    assert all(from_code(code, function, None).retryable for function in READS)
    assert not any(from_code(code, function, None).retryable for function in WRITES)


def test_every_function_of_the_api_is_known_as_read_or_write():
    for function in FUNCTIONS.values():
        assert from_code(1726, function.name, None).retryable == (function.access is not Access.CHANGE), function.name


def test_retryable_is_what_waiting_helps():
    waiting = {code for code in NOT_CARRIED_OUT if code not in (1707, 11001)}
    for code in ErrorCode:
        if code.error is not OutcomeUnknownError and not issubclass(code.error, ServerUnavailableError):
            assert from_code(code, "f", None).retryable == (code in (20120, 20127, 20133)), code
    assert all(from_code(code, "f", None).retryable for code in (*waiting, 20122, 20123))
    assert not any(from_code(code, "f", None).retryable for code in (1702, 1707, 11001, 20124))


def test_an_outcome_can_be_unknown_whatever_the_code():
    error = from_code(1722, "DhcpV4FailoverCreateRelationship", "dhcp1", outcome_unknown=True)
    assert (type(error), error.winerror, error.retryable) == (OutcomeUnknownError, 1722, False)
    assert type(pickle.loads(pickle.dumps(error))) is OutcomeUnknownError
    assert type(from_code(20115, "f", None, outcome_unknown=True)) is RelationshipNotFoundError


@pytest.mark.parametrize("code", [20013, 20016])
@pytest.mark.parametrize(
    ("function", "kind"),
    [
        ("DhcpV4FailoverGetClientInfo", ClientNotFoundError),
        ("DhcpGetClientInfoVQ", ClientNotFoundError),
        ("DhcpV4GetClientInfo", ClientNotFoundError),
        ("DhcpDeleteClientInfo", ClientNotFoundError),
        ("DhcpSetClientInfoV4", ClientNotFoundError),
        ("DhcpCreateClientInfo", DhcpError),
        ("DhcpEnumSubnetClients", DhcpError),
        ("DhcpV4FailoverGetRelationship", DhcpError),
        ("DhcpGetSubnetInfo", DhcpError),
        ("", DhcpError),
    ],
)
def test_a_database_error_is_no_missing_client_unless_a_client_was_looked_up(code, function, kind):
    error = from_code(code, function, "dhcp1")
    assert type(error) is kind
    assert ("client not found" in str(error)) == (kind is ClientNotFoundError)


@pytest.mark.skipif(sys.platform != "win32", reason="only Windows has texts of the system")
def test_an_unknown_code_has_the_text_of_the_system():
    assert str(from_code(1004, "f", None)).startswith("unknown error code: ")


@pytest.mark.parametrize(
    ("code", "number"), [(5, errno.EACCES), (1722, errno.ECONNREFUSED), (20114, errno.EEXIST), (20115, errno.ENOENT)]
)
def test_errno(code, number):
    assert from_code(code, "f", None).errno == number


def test_what_it_was_about_is_in_attributes_and_message():
    error = from_code(20115, "DhcpV4FailoverGetRelationship", "dhcp1", relationship="hq-branch")
    assert (error.function, error.server, error.relationship) == ("DhcpV4FailoverGetRelationship", "dhcp1", "hq-branch")
    assert (error.scope, error.address) == (None, None)
    assert str(error) == (
        "no relationship with this name on the server [ERROR_DHCP_FO_RELATIONSHIP_DOES_NOT_EXIST 20115] "
        "(DhcpV4FailoverGetRelationship, server dhcp1, relationship 'hq-branch')"
    )
    scope = IPv4Address("10.0.1.0")
    assert "scope 10.0.1.0" in str(from_code(20005, "f", "dhcp1", scope=scope))
    assert "address 10.0.1.7" in str(from_code(87, "f", "dhcp1", address=IPv4Address("10.0.1.7")))
    assert from_code(20005, "f", "dhcp1", scope=scope).scope == scope


def full(code):
    return from_code(
        code, "SomeFunction", "dhcp1", relationship="r", scope=IPv4Address("10.0.1.0"), address=IPv4Address("10.0.1.7")
    )


@pytest.mark.parametrize("code", [*map(int, ErrorCode), 4711])
@pytest.mark.parametrize("again", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy])
def test_errors_travel(code, again):
    error = full(code)
    error.add_note("on the second attempt")
    twin = again(error)
    assert type(twin) is type(error)
    assert str(twin) == str(error)
    assert repr(twin) == repr(error)
    assert twin.__notes__ == ["on the second attempt"]
    for name in (
        "retryable",
        "winerror",
        "code_name",
        "function",
        "server",
        "relationship",
        "scope",
        "address",
        "errno",
        "args",
    ):
        assert getattr(twin, name) == getattr(error, name)


def test_a_detail_replaces_the_text_and_travels():
    error = from_code(13, "f", "dhcp1", detail="two of one")
    assert str(error).startswith("two of one [ERROR_INVALID_DATA 13]")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_public_errors_are_listed():
    kinds = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, OSError)}
    assert kinds | {"ErrorCode", "from_code"} == set(errors.__all__)
