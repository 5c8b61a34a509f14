"""Bytes that foreign engines made: each structure both ways in NDR20 and NDR64, whole stubs, and recorded stubs."""

import json
from datetime import timedelta

import pytest
from by_hand_calls import canonical
from literals import LITERALS, recorded
from wire_meaning import answer_of, arguments_of

from dhcpfo import Addresses
from dhcpfo._wire import decode_request, decode_response, encode_failure, encode_request, encode_response
from dhcpfo.enums import (
    ApiProtocols,
    AttributeId,
    ClientType,
    Comparator,
    ConditionType,
    ElementType,
    FilterList,
    ForceFlag,
    LogicOperator,
    OptionLevelType,
    OptionType,
    PropertyId,
    PropertyType,
    RangeType,
    ScopeState,
    SearchType,
)
from dhcpfo.errors import DhcpError
from dhcpfo.models import (
    AddressRange,
    ClassOptionValues,
    ClientSearch,
    ClientValues,
    DhcpClass,
    Filter,
    FilterPattern,
    HostInfo,
    OptionData,
    OptionDefinition,
    OptionLevel,
    OptionValue,
    Page,
    Policy,
    PolicyCondition,
    PolicyExpression,
    Property,
    Reservation,
    Scope,
    ScopeElement,
    ScopeRange,
    ServerAttribute,
    ServerConfig,
    SuperscopeEntry,
)
from dhcpfo.rpc import stub as shown
from dhcpfo.rpc.shapes import CALLS as SHAPES
from examples import EXAMPLES
from examples_base import IPv4Address as Ip

pytestmark = pytest.mark.abi

SCOPE, ADDRESS = Ip("10.0.1.0"), Ip("10.0.1.50")
MAC = bytes.fromhex("001c2580a043")
UNIQUE = bytes.fromhex("0001000a01") + MAC
BY_IDL = {call.idl: method for method, call in SHAPES.items()}

A = Scope(
    scope_id=SCOPE,
    subnet_mask="255.255.255.0",
    name="Lab",
    comment="c1",
    primary_host=HostInfo(address=Ip("127.0.0.1")),
    state=ScopeState.DISABLED,
)
A1 = Scope(scope_id=SCOPE, subnet_mask="255.255.255.0", primary_host=HostInfo(address=Ip(0)))
RANGE = ScopeRange(start="10.0.1.10", end="10.0.1.200", type=RangeType(6), bootp_allocated=2, max_bootp=0xFFFFFFFF)
EXCLUSION = ScopeElement(type=ElementType.EXCLUSIONS, value=AddressRange(start="10.0.1.20", end="10.0.1.30"))
B = (
    ScopeElement(type=ElementType(6), value=RANGE),
    EXCLUSION,
    ScopeElement(
        type=ElementType.RESERVATIONS, value=Reservation(address=ADDRESS, client_id=MAC, type=ClientType.BOTH)
    ),
)
C = (
    OptionValue(19, OptionType.BYTE, 1),
    OptionValue(26, OptionType.WORD, 1500),
    OptionValue(51, OptionType.DWORD, 691200),
    OptionValue(6, OptionType.IP_ADDRESS, ["10.0.1.5", "10.0.1.6"]),
    OptionValue(15, OptionType.STRING, "lab.test"),
    OptionValue(43, OptionType.BINARY, bytes([1, 2, 3, 4, 5])),
    OptionValue(224, OptionType.DWORD_DWORD, 1 << 32 | 2),
)
C1 = OptionData(OptionType.BYTE, [1, 2, 3])
D = Policy(
    name="P1",
    scope=SCOPE,
    order=1,
    conditions=[
        PolicyCondition(type=ConditionType(0), comparator=Comparator(2), value=MAC[:3], parent=0),
        PolicyCondition(type=ConditionType(1), option_id=60, value=b"MSFT 5.0", parent=1),
    ],
    expressions=[
        PolicyExpression(parent=0, operator=LogicOperator.OR),
        PolicyExpression(parent=0, operator=LogicOperator.AND),
    ],
    ranges=[AddressRange(start="10.0.1.100", end="10.0.1.110")],
    description="d",
    enabled=True,
    properties=[Property(id=PropertyId(0), type=PropertyType(3), value="x.test")],
)
F = (SuperscopeEntry(scope_id=SCOPE, number=1, name="SS"), SuperscopeEntry(scope_id="10.0.2.0"))
G = (
    Filter(pattern=FilterPattern(octets=MAC), comment="k", filter_list=FilterList.DENY),
    Filter(pattern=FilterPattern(octets=MAC[:3], wildcard=True), filter_list=FilterList.DENY),
)
R = Filter(pattern=FilterPattern(octets=MAC[:3], wildcard=True), comment="k", filter_list=FilterList.ALLOW)
H = DhcpClass(name="Kiosk", data=b"kiosk", is_vendor=False, description="k")
I = OptionDefinition(id=51, name="Lease", type=OptionType.DWORD, default=86400)  # noqa: E741
GLOBAL = OptionLevel(OptionLevelType(1))
SUBNET = OptionLevel(OptionLevelType(2), SCOPE)
RESERVED = OptionLevel(OptionLevelType(3), SCOPE, ADDRESS)
K = (
    Reservation(address=ADDRESS, client_id=UNIQUE, name="pc1", description="d", type=ClientType.DHCP, has_options=True),
)
L = (
    ClassOptionValues(values=[OptionValue(3, OptionType.IP_ADDRESS, "10.0.1.1")]),
    ClassOptionValues(values=[], is_vendor=True),
)
M = ServerAttribute(id=AttributeId.IS_ADMINISTRATOR, value=True)
O = Addresses([SCOPE, "10.0.2.0"])  # noqa: E741
P = ServerConfig(
    api_protocols=ApiProtocols(7),
    database_name="dhcp.mdb",
    database_path="C:\\d",
    backup_path="C:\\b",
    backup_interval=timedelta(minutes=60),
    database_logging=1,
    restore=0,
    cleanup_interval=timedelta(minutes=60),
    debug_flags=0,
    conflict_detection_attempts=1,
    boot_table=b"",
    audit_log=True,
    nap_enabled=False,
    nap_unreachable_action=0,
)
Q = ClientValues(
    address=ADDRESS,
    subnet_mask="255.255.255.0",
    client_id=MAC,
    name="pc1",
    comment="d",
    lease_expires=None,
    owner=HostInfo(address=Ip(0)),
    client_type=ClientType.BOTH,
)


def page(*items):
    return Page(items, 0, 0, 0)


ANSWERED = {
    "A": ("get_scope", A, 0),
    "A1": ("get_scope", A1, 0),
    "B": ("enum_elements", page(*B), 2),
    "C": ("enum_option_values", page(*C), 2),
    "D": ("get_policy", D, 0),
    "F": ("get_superscope_table", F, 0),
    "H": ("get_class", H, 0),
    "I": ("get_option", I, 0),
    "K": ("enum_reservations", page(*K), 2),
    "L": ("get_all_option_values", L, 0),
    "O": ("get_free_addresses", tuple(O), 0),
    "P": ("get_config", P, 0),
}
"""Structures in the response of a call: the call, the answer, and the numbers behind the structure."""


def padded(data, to):
    return data + bytes(-len(data) % to)


@pytest.mark.parametrize("syntax", ["NDR20", "NDR64"])
@pytest.mark.parametrize("name", ANSWERED)
def test_structures_in_responses(name, syntax):
    method, answer, behind = ANSWERED[name]
    word = 8 if syntax == "NDR64" else 4
    literal = LITERALS[name, syntax]
    stub = bytes(4) if behind else b""
    stub = padded(stub, word) + (1).to_bytes(word, "little")
    stub = padded(stub, 8 if name in ("A", "A1") else word) + literal
    stub = padded(stub, word if name == "I" else 4)  # NDR64 pads after a structure that ends in a union
    count = len(answer.items) if behind else 0
    stub += count.to_bytes(4, "little") + bytes(4) if behind else b""
    stub += bytes(4)
    given = EXAMPLES[method].arguments
    if method == "get_free_addresses":
        given = (*given[:3], len(answer))
    assert decode_response(method, stub, given, ndr64=word == 8) == answer
    made = bytes(encode_response(method, answer, given, ndr64=word == 8))
    known = {"L"}  # the model of no values is made of an array or of none
    if name not in known:
        assert made == canonical(method, "response", stub, word)


REQUESTED = {
    "J_global": ("get_all_option_values", (GLOBAL,), bytes(4)),
    "J_subnet": ("get_all_option_values", (SUBNET,), bytes(4)),
    "J_reserved": ("get_all_option_values", (RESERVED,), bytes(4)),
    "N_id": ("get_client", (ClientSearch(type=SearchType.CLIENT_ID, value=UNIQUE),), b""),
    "N_name": ("get_client", (ClientSearch(type=SearchType.NAME, value="pc1"),), b""),
    "N_address": ("get_client", (ClientSearch(type=SearchType.ADDRESS, value=ADDRESS),), b""),
    "B1": ("add_element", (SCOPE, EXCLUSION), bytes.fromhex("0001000a")),
    "A": ("create_scope", (SCOPE, A), bytes.fromhex("0001000a")),
    "H": ("create_class", (H,), bytes(4)),
}
"""Structures at the end of a request: the call, its arguments, and what is before."""


@pytest.mark.parametrize("pad", [False, True], ids=["", "padded"])
@pytest.mark.parametrize("syntax", ["NDR20", "NDR64"])
@pytest.mark.parametrize("name", REQUESTED)
def test_structures_in_requests(name, syntax, pad):
    method, arguments, before = REQUESTED[name]
    word = 8 if syntax == "NDR64" else 4
    literal = LITERALS[name, syntax]
    stub = padded(bytes(word) + before, 8 if name == "A" else word) + literal
    if pad:
        stub = padded(stub, 4 if name == "N_id" else word)
    assert decode_request(method, stub, ndr64=word == 8) == arguments
    made = bytes(encode_request(method, arguments, ndr64=word == 8))
    assert padded(made, word) == padded(canonical(method, "request", stub, word), word)


def test_attributes_in_a_response():
    for syntax in ("NDR20", "NDR64"):
        word = 8 if syntax == "NDR64" else 4
        array = padded((1).to_bytes(4, "little"), word) + (1).to_bytes(word, "little") * 2
        stub = (1).to_bytes(word, "little") + array + LITERALS["M", syntax] + bytes(4)
        found = decode_response("query_attributes", stub, ((AttributeId.IS_ADMINISTRATOR,),), ndr64=word == 8)
        assert found == (M,)


@pytest.mark.parametrize("syntax", ["NDR20", "NDR64"])
def test_filters_in_a_response(syntax):
    word = 8 if syntax == "NDR64" else 4
    stub = padded(bytes(268), word) + (1).to_bytes(word, "little") + LITERALS["G", syntax]
    stub = padded(stub, 4) + bytes.fromhex("020000000000000000000000")
    found = decode_response("enum_filters", stub, (FilterList.DENY, None, 0), ndr64=word == 8)
    assert found.items == G


STUBS = {
    "S1": ("create_scope", (SCOPE, A)),
    "S2": ("add_element", (SCOPE, EXCLUSION)),
    "S3": ("enum_elements", (SCOPE, ElementType(6), 0, 0xFFFFFFFF)),
    "S5": ("get_all_option_values", (SUBNET,)),
    "S6": ("remove_option_value", (6, RESERVED, 0, None, None)),
    "S7": ("set_option_value", (19, SUBNET, 0, "Kiosk", None, C1)),
    "S8": ("set_superscope", (SCOPE, "SS", True)),
    "S9": ("set_scope_delay", (SCOPE, timedelta(milliseconds=500))),
    "S10": ("get_free_addresses", (SCOPE, Ip(0), Ip(0), 2)),
    "S12": ("create_class", (H,)),
    "S13": ("create_filter", (R, False)),
    "S14": ("set_client", (Q,)),
    "S15": ("delete_scope", (SCOPE, ForceFlag(2))),
}


@pytest.mark.parametrize("name", STUBS)
def test_whole_requests(name):
    method, arguments = STUBS[name]
    stub = LITERALS[name, "NDR20"]
    if name == "S14":  # an expiry of 0 is the year 1601
        arguments = decode_request(method, stub)
        assert arguments[0].replace(lease_expires=None) == Q
    assert decode_request(method, stub) == arguments
    assert encode_request(method, arguments) == stub


def test_whole_responses():
    elements = decode_response("enum_elements", LITERALS["S4", "NDR20"])
    assert elements == Page(B, 0, 3, 0)
    assert encode_response("enum_elements", elements) == LITERALS["S4", "NDR20"]
    assert decode_response("get_free_addresses", LITERALS["S11", "NDR20"]) == tuple(O)
    assert encode_response("get_free_addresses", O) == LITERALS["S11", "NDR20"]
    with pytest.raises(DhcpError) as caught:
        decode_response("get_scope", LITERALS["S16", "NDR20"], (SCOPE,))
    assert (caught.value.winerror, caught.value.scope) == (20005, SCOPE)
    assert encode_failure("get_scope", 20005) == LITERALS["S16", "NDR20"]


def test_a_relationship_that_was_packed_by_hand():
    stub = LITERALS["S89", "NDR20"]
    (one,) = decode_request("create_relationship", stub)
    assert (one.name, one.primary_server_name, one.secondary_server_name) == ("test", "p1", "p2")
    assert (one.primary_server, one.secondary_server) == (Ip("10.0.0.1"), Ip("10.0.0.2"))
    assert (one.mclt, one.state_switch_interval) == (timedelta(hours=1), timedelta(minutes=10))
    assert (list(one.scopes), one.percentage, one.shared_secret) == ([Ip("10.0.0.0")], 5, None)
    assert encode_request("create_relationship", (one,)) == stub


@pytest.mark.parametrize("tag", [0, 5, 6, 7])
def test_ranges_of_every_type_have_the_tag_0(tag):
    stub = bytearray(
        encode_request(
            "add_element", (SCOPE, ScopeElement(type=ElementType(tag), value=RANGE.replace(type=RangeType(tag))))
        )
    )
    assert stub[8:12] == bytes([tag, 0, 0, 0])
    ((_, element),) = [decode_request("add_element", stub)]
    assert (element.type, element.value.type) == (tag, tag)


def kept(method, value):
    """What the models keep of a recorded value; they do not tell NULL scopes from none."""
    value = json.loads(json.dumps(value))
    if "ServerIpAddress" in value:
        value["ServerIpAddress"] = None
    for one in relationships(value.get("pRelationship")):
        one["pScopes"] = one["pScopes"] or {"NumElements": 0, "Elements": []}
        if method == "set_relationship":
            one |= EMPTY | {name: one[name] for name in SET} | {"pScopes": None}
        elif method == "add_failover_scopes":
            one |= EMPTY | {name: one[name] for name in ("relationshipName", "pScopes")}
    if (client := value.get("ClientInfo")) is not None:
        for name in ("ClientLeaseExpires", "ProbationEnds"):
            whole = ticks(client[name]) // 10 * 10  # Python's times end at a microsecond
            client[name] = {"dwLowDateTime": whole & 0xFFFFFFFF, "dwHighDateTime": whole >> 32}
    return value


EMPTY = dict.fromkeys(("primaryServer", "secondaryServer", "mode", "serverType", "state", "prevState"), 0) | {
    "mclt": 0,
    "safePeriod": 0,
    "percentage": 0,
    "primaryServerName": None,
    "secondaryServerName": None,
    "pSharedSecret": None,
}
SET = ("relationshipName", "mclt", "safePeriod", "state", "prevState", "mode", "percentage", "pSharedSecret")


def ticks(time):
    return time["dwHighDateTime"] << 32 | time["dwLowDateTime"]


def relationships(value):
    return () if value is None else value.get("pRelationships", [value])


@pytest.mark.parametrize("entry", recorded(), ids=str)
def test_recorded_stubs(entry):
    """Byte by byte, after renumbering referents and zeroing padding."""
    method, ndr64 = BY_IDL[entry.method], entry.ndr64
    sent = canonical(method, entry.direction, entry.stub, 8 if ndr64 else 4)
    assert shown.encode(method, entry.direction, entry.value, ndr64=ndr64) == sent
    left = shown.encode(method, entry.direction, kept(method, entry.value), ndr64=ndr64)
    if entry.direction == "request":
        expected = arguments_of(method, entry.value)
        if expected is None:
            with pytest.raises(DhcpError, match="87"):
                decode_request(method, entry.stub, ndr64=ndr64)
            return
        assert decode_request(method, entry.stub, ndr64=ndr64) == expected
        assert encode_request(method, expected, ndr64=ndr64) == left
        return
    given = EXAMPLES[method].arguments
    expected = answer_of(method, entry.value, given)
    if type(expected) is not int:
        assert decode_response(method, entry.stub, given, "dhcp1", ndr64=ndr64) == expected
        assert encode_response(method, expected, given, ndr64=ndr64) == left
        return
    with pytest.raises(DhcpError) as caught:
        decode_response(method, entry.stub, given, "dhcp1", ndr64=ndr64)
    assert caught.value.winerror == expected
    assert encode_failure(method, expected, ndr64=ndr64) == sent
