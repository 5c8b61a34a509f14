"""NativeApi over literal bytes of policies; see test_literal.py."""

from collections.abc import Iterator
from ipaddress import IPv4Address

import pytest

from dhcpfo.enums import Comparator, ConditionType, LogicOperator, PolicyFields, PropertyId, PropertyType
from dhcpfo.models import AddressRange, Page, Policy, PolicyCondition, PolicyExpression, Property
from literal import GIVEN, NULL, PAD4, WIDE, Witness, provided

pytestmark = pytest.mark.abi

SCOPE = IPv4Address("10.0.1.0")
POLICY = Policy(
    name="a",
    scope=SCOPE,
    order=0xF1020304,
    conditions=[
        PolicyCondition(
            parent=0xF0000011,
            type=ConditionType.SUB_OPTION,
            option_id=82,
            sub_option_id=6,
            vendor_class="b",
            comparator=Comparator.NOT_ENDS_WITH,
            value=b"\x01\x00\xff",
        ),
        PolicyCondition(parent=1, type=ConditionType(0x63), comparator=Comparator(0x64)),
    ],
    expressions=[PolicyExpression(0, LogicOperator.AND), PolicyExpression(0x80000002, LogicOperator(9))],
    ranges=[AddressRange("10.0.1.100", "10.0.1.110")],
    description="c",
    enabled=True,
    properties=[
        Property(PropertyId.POLICY_DNS_SUFFIX, PropertyType.STRING, "d"),
        Property(PropertyId.CLIENT_ADDRESS_STATE_EX, PropertyType.DWORD, 0xF1F2F3F4),
        Property(PropertyId(2), PropertyType.BYTE, 0xF1),
        Property(PropertyId(3), PropertyType.WORD, 0xF1F2),
        Property(PropertyId(4), PropertyType.BINARY, b"\xfe\x00"),
        Property(PropertyId(5), PropertyType(9), None),
    ],
)


@pytest.fixture
def witness() -> Iterator[Witness]:
    yield from provided("literal_policies")


def test_policy(witness: Witness) -> None:
    assert witness.api.get_policy("é", SCOPE) == POLICY
    assert witness.seen == [b"\0\0\0\0", b"\0\x01\0\x0a", b"\xe9\0\0\0"]


def test_the_server_is_a_flag(witness: Witness) -> None:
    witness.api.get_policy("a", None)
    assert witness.seen == [b"\1\0\0\0", b"\0\0\0\0", b"a\0\0\0"]


def test_create(witness: Witness) -> None:
    witness.api.create_policy(POLICY.replace(properties=POLICY.properties[:1], conditions=POLICY.conditions[:1]))
    condition = bytes.fromhex("110000f0 02000000 52000000 06000000") + GIVEN + b"\5\0\0\0" + PAD4 + GIVEN
    assert witness.seen == [
        GIVEN + b"\0\0\0\0" + b"\0\1\0\x0a" + b"\4\3\2\xf1" + PAD4 + GIVEN * 4 + b"\1\0\0\0" + PAD4 + GIVEN,
        b"a\0\0\0",
        b"c\0\0\0",
        b"\1\0\0\0",
        condition + b"\3\0\0\0" + PAD4,
        b"b\0\0\0",
        b"\1\0\xff",
        b"\2\0\0\0",
        bytes.fromhex("00000000 01000000 02000080 09000000"),
        b"\1\0\0\0",
        bytes.fromhex("6401000a 6e01000a"),
        b"\1\0\0\0",
        b"\0\0\0\0" + b"\3\0\0\0" + GIVEN + NULL[: 8 if WIDE else 4],
        b"d\0\0\0",
    ]


def test_page(witness: Witness) -> None:
    bare = Policy(name="", order=5, enabled=False)
    page = witness.api.enum_policies(SCOPE, 0x11121314, 0x21222324)
    assert page == Page((POLICY, bare), resume=0x01020304, remaining=0x0A0B0C0D, status=234)
    assert witness.seen == [b"\0\0\0\0", b"\0\1\0\x0a", b"\x14\x13\x12\x11", b"\x24\x23\x22\x21"]


def test_page_of_the_server(witness: Witness) -> None:
    witness.api.enum_policies(None, 0, 0xFFFFFFFF)
    assert witness.seen == [b"\1\0\0\0", b"\0\0\0\0", b"\0\0\0\0", b"\xff\xff\xff\xff"]


def test_set(witness: Witness) -> None:
    values = Policy(name="a", order=0xF1020304, enabled=False, ranges=POLICY.ranges, properties=POLICY.properties[1:4])
    witness.api.set_policy("é", SCOPE, PolicyFields(0x8000005A), values)
    rest = bytes(12 if WIDE else 4)
    assert witness.seen == [
        b"\0\0\0\0",
        b"\0\1\0\x0a",
        b"\x5a\0\0\x80",
        b"\xe9\0\0\0",
        GIVEN + b"\1\0\0\0" + b"\0\0\0\0" + b"\4\3\2\xf1" + PAD4 + GIVEN * 3 + NULL + bytes(4) + PAD4 + GIVEN,
        b"a\0\0\0",
        b"",
        b"\0\0\0\0",
        b"",
        b"\0\0\0\0",
        b"",
        b"\1\0\0\0",
        bytes.fromhex("6401000a 6e01000a"),
        b"\3\0\0\0",
        bytes.fromhex("01000000 02000000 f4f3f2f1")
        + rest
        + bytes.fromhex("02000000 00000000 f1000000")
        + rest
        + bytes.fromhex("03000000 01000000 f2f10000")
        + rest,
    ]


def test_delete(witness: Witness) -> None:
    witness.api.delete_policy("é", SCOPE)
    assert witness.seen == [b"\0\0\0\0", b"\0\1\0\x0a", b"\xe9\0\0\0"]
    witness.library.forget()
    witness.api.delete_policy("a", None)
    assert witness.seen == [b"\1\0\0\0", b"\0\0\0\0", b"a\0\0\0"]


def test_enforcement(witness: Witness) -> None:
    assert witness.api.get_policy_enforcement(SCOPE) is True
    assert witness.seen == [b"\0\0\0\0", b"\0\1\0\x0a"]


def test_set_enforcement(witness: Witness) -> None:
    witness.api.set_policy_enforcement(None, True)
    assert witness.seen == [b"\1\0\0\0", b"\0\0\0\0", b"\1\0\0\0"]


@pytest.mark.parametrize("method", ["add_policy_range", "remove_policy_range"])
def test_ranges(witness: Witness, method: str) -> None:
    getattr(witness.api, method)("a", SCOPE, POLICY.ranges[0])
    assert witness.seen == [b"\0\1\0\x0a", b"a\0\0\0", bytes.fromhex("6401000a 6e01000a")]
