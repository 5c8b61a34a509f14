"""NativeApi over literal bytes of options and classes; see test_literal.py."""

from collections.abc import Iterator
from ipaddress import IPv4Address

import pytest

from dhcpfo.enums import OptionLevelType, OptionType
from dhcpfo.models import (
    AllOptions,
    ClassOptionValues,
    DhcpClass,
    OptionData,
    OptionDefinition,
    OptionElement,
    OptionLevel,
    OptionValue,
    Page,
    PolicyOptionValues,
    VendorOption,
)
from literal import GIVEN, NULL, PAD4, WIDE, Witness, provided

pytestmark = pytest.mark.abi

UNKNOWN = bytes(range(1, 17 if WIDE else 9))
ALL_TYPES = OptionValue(
    0x800000E0,
    OptionType.BYTE,
    [
        0xF1,
        OptionElement(OptionType.WORD, 0xF1F2),
        OptionElement(OptionType.DWORD, 0xF1F2F3F4),
        OptionElement(OptionType.DWORD_DWORD, 0xA1A2A3A4_B1B2B3B4),
        OptionElement(OptionType.IP_ADDRESS, IPv4Address("10.0.1.5")),
        OptionElement(OptionType.STRING, "é"),
        OptionElement(OptionType.BINARY, b"\x01\x00\xff"),
        OptionElement(OptionType.ENCAPSULATED, b"\x02\xfe"),
        OptionElement(OptionType.IPV6_ADDRESS, "::1"),
        OptionElement(OptionType(9), UNKNOWN),
    ],
)
WORDS = OptionValue(25, OptionType.WORD, [68, 1500])
DEFINITION = OptionDefinition(
    id=25, name="a", description="b", type=OptionType.WORD, default=[68, 1500], multivalued=True
)
BARE = OptionDefinition(id=7, name=None, type=None, default=())
KIOSK = DhcpClass(name="a", description="b", data=b"ki\x00\xffk", is_vendor=True, flags=0x87654321)

SERVER = OptionLevel(OptionLevelType.SERVER)
SCOPE = OptionLevel(OptionLevelType.SCOPE, IPv4Address("10.0.1.0"))
RESERVATION = OptionLevel(OptionLevelType.RESERVATION, IPv4Address("10.0.1.0"), IPv4Address("10.0.1.50"))

REST = bytes(4)
LEVELS = {
    OptionLevel(OptionLevelType.DEFAULT): b"\0\0\0\0" + PAD4 + bytes(8),
    SERVER: b"\1\0\0\0" + PAD4 + bytes(8),
    SCOPE: b"\2\0\0\0" + PAD4 + b"\0\1\0\x0a" + REST,
    RESERVATION: b"\3\0\0\0" + PAD4 + b"\x32\1\0\x0a" + b"\0\1\0\x0a",
    OptionLevel(OptionLevelType.MULTICAST_SCOPE): b"\4\0\0\0" + PAD4 + bytes(8),
}
FLAGS, ID = b"\3\0\0\x80", b"\4\3\2\xf1"
USER, VENDOR = b"u\0\0\0", b"v\0\0\0"
TARGET = [FLAGS, USER, VENDOR]
AT = [*TARGET, LEVELS[RESERVATION]]
FLAG, NUMBER = 0x80000003, 0xF1020304


@pytest.fixture
def witness() -> Iterator[Witness]:
    yield from provided("literal_options")


def number(value: int) -> bytes:
    return value.to_bytes(4, "little")


def element(kind: int, *parts: bytes) -> bytes:
    """An element: its type, padding, and the union, which is as large as its largest arm."""
    return number(kind) + PAD4 + b"".join(parts).ljust(16 if WIDE else 8, b"\0")


def test_all_options(witness: Witness) -> None:
    vendor = VendorOption(definition=DEFINITION, vendor_class="c", user_class="d")
    assert witness.api.get_all_options() == AllOptions(standard=(BARE, DEFINITION), vendor=(vendor,))
    assert witness.seen == [number(0)]


def test_pages(witness: Witness) -> None:
    page = witness.api.enum_options(FLAG, "u", "v", 0x11121314, 0x21222324)
    assert page == Page((BARE, DEFINITION), resume=0x01020304, remaining=0x0A0B0C0D, status=234)
    assert witness.seen == [*TARGET, b"\x14\x13\x12\x11", b"\x24\x23\x22\x21"]
    witness.library.forget()
    values = witness.api.enum_option_values(RESERVATION, FLAG, "u", "v", 0x11121314, 0x21222324)
    assert values == Page((ALL_TYPES, WORDS), resume=0x01020304, remaining=0x0A0B0C0D, status=259)
    assert witness.seen == [*AT, b"\x14\x13\x12\x11", b"\x24\x23\x22\x21"]
    witness.library.forget()
    classes = witness.api.enum_classes(0x11121314, 0x21222324)
    assert classes == Page((KIOSK,), resume=0x01020304, remaining=0x0A0B0C0D, status=0)
    assert witness.seen == [number(0), b"\x14\x13\x12\x11", b"\x24\x23\x22\x21"]


def test_definition(witness: Witness) -> None:
    assert witness.api.get_option(NUMBER, FLAG, "u", "v") == DEFINITION
    assert witness.seen == [*TARGET, ID]


def test_no_class_is_null(witness: Witness) -> None:
    witness.api.remove_option(NUMBER, FLAG, None, None)
    assert witness.seen == [FLAGS, b"", b"", ID]


WORD_PAIR = element(1, b"\x44\0") + element(1, b"\xdc\x05")


@pytest.mark.parametrize("method", ["create_option", "set_option"])
def test_definition_given(witness: Witness, method: str) -> None:
    getattr(witness.api, method)(NUMBER, FLAG, "u", "v", DEFINITION)
    fields = [number(25) + PAD4, GIVEN, GIVEN, number(2) + PAD4, GIVEN, number(1) + PAD4]
    assert witness.seen == [*TARGET, ID, b"".join(fields), b"a\0\0\0", b"b\0\0\0", WORD_PAIR]


def test_definition_given_with_nothing_optional(witness: Witness) -> None:
    witness.api.create_option(NUMBER, FLAG, "u", "v", BARE)
    fields = [number(7) + PAD4, NULL, NULL, number(0) + PAD4, NULL, number(0) + PAD4]
    assert witness.seen == [*TARGET, ID, b"".join(fields), b"", b"", b""]


def test_all_values(witness: Witness) -> None:
    first, second = (
        ClassOptionValues(values=()),
        ClassOptionValues(values=(ALL_TYPES, WORDS), user_class="a", vendor_class="b", is_vendor=True),
    )
    assert witness.api.get_all_option_values(SCOPE) == (first, second)
    assert witness.seen == [number(0), LEVELS[SCOPE]]


def test_all_values_of_policies(witness: Witness) -> None:
    first = PolicyOptionValues(values=(), policy=None)
    second = PolicyOptionValues(values=(ALL_TYPES, WORDS), policy="a", vendor_class="b", is_vendor=True)
    assert witness.api.get_all_policy_option_values(SERVER) == (first, second)
    assert witness.seen == [number(0), LEVELS[SERVER]]


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.type.name)
@pytest.mark.parametrize("method", ["get_option_value", "get_policy_option_value"])
def test_value(witness: Witness, method: str, level: OptionLevel) -> None:
    assert getattr(witness.api, method)(NUMBER, level, FLAG, "u", "v") == ALL_TYPES
    assert witness.seen == [*TARGET, LEVELS[level], ID]


ELEMENTS = (
    element(0, b"\xf1")
    + element(1, b"\xf2\xf1")
    + element(2, b"\xf4\xf3\xf2\xf1")
    + element(3, b"\xa4\xa3\xa2\xa1", b"\xb4\xb3\xb2\xb1")
    + element(4, b"\5\1\0\x0a")
    + element(5, GIVEN)
    + element(6, number(3) + PAD4, GIVEN)
    + element(7, number(2) + PAD4, GIVEN)
    + element(8, GIVEN)
)
TEXTS = [b"\xe9\0\0\0", b"\x01\x00\xff", b"\x02\xfe", b":\0:\x001\0\0\0"]


@pytest.mark.parametrize("method", ["set_option_value", "set_policy_option_value"])
def test_value_given(witness: Witness, method: str) -> None:
    data = OptionData(OptionType.BYTE, ALL_TYPES.values[:9])
    getattr(witness.api, method)(NUMBER, RESERVATION, FLAG, "u", "v", data)
    assert witness.seen == [*AT, ID, number(9) + PAD4 + GIVEN, ELEMENTS, *TEXTS]


@pytest.mark.parametrize("method", ["set_option_values", "set_policy_option_values"])
def test_values_given(witness: Witness, method: str) -> None:
    values = (OptionValue(6, OptionType.IP_ADDRESS, ["10.0.1.5"]), WORDS)
    getattr(witness.api, method)(RESERVATION, FLAG, "u", "v", values)
    heads = [number(6) + PAD4 + number(1) + PAD4 + GIVEN, number(25) + PAD4 + number(2) + PAD4 + GIVEN]
    array = number(2) + PAD4 + GIVEN
    assert witness.seen == [*AT, array, b"".join(heads), element(4, b"\5\1\0\x0a"), WORD_PAIR]


@pytest.mark.parametrize("method", ["remove_option_value", "remove_policy_option_value"])
def test_value_removed(witness: Witness, method: str) -> None:
    getattr(witness.api, method)(NUMBER, RESERVATION, FLAG, "u", "v")
    assert witness.seen == [*AT, ID]


def test_data_of_an_unknown_type_is_not_sent(witness: Witness) -> None:
    """Its bytes may be a pointer."""
    with pytest.raises(ValueError, match=r"type must be one of BYTE, .*, got <OptionType.UNKNOWN_9: 9>"):
        witness.api.set_option_value(NUMBER, SCOPE, FLAG, "u", "v", OptionData(OptionType(9), [UNKNOWN]))


def test_numbers_that_do_not_fit_are_refused(witness: Witness) -> None:
    for kind, value in ((0, 256), (1, 0x10000), (2, 0x100000000), (3, 1 << 64), (2, -1)):
        with pytest.raises(ValueError, match=r"values must be between 0 and "):
            witness.api.set_option_value(NUMBER, SCOPE, FLAG, "u", "v", OptionData(OptionType(kind), [value]))


CLASS = [GIVEN, GIVEN, number(5), number(1), b"\x21\x43\x65\x87" + PAD4, GIVEN]


@pytest.mark.parametrize("method", ["create_class", "modify_class", "get_class"])
def test_class(witness: Witness, method: str) -> None:
    assert getattr(witness.api, method)(KIOSK) == (KIOSK if method == "get_class" else None)
    assert witness.seen == [number(0), b"".join(CLASS), b"a\0\0\0", b"b\0\0\0", b"ki\x00\xffk"]


def test_class_to_delete(witness: Witness) -> None:
    witness.api.delete_class("Kiosk")
    assert witness.seen == [number(0), "Kiosk\0".encode("utf-16-le")]
