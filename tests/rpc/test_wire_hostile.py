"""Stubs that are malformed, or made to do harm: each is decoded or refused, and nothing of a bad one is used."""

import ctypes
import re
import tracemalloc
from datetime import UTC, datetime
from ipaddress import IPv4Address as Ip
from pathlib import Path

import mutations
import pytest
from by_hand_calls import walk

from dhcpfo import Addresses
from dhcpfo._wire import decode_request, decode_response, encode_failure, encode_request, encode_response
from dhcpfo.enums import FailoverMode, FailoverState, SearchType
from dhcpfo.errors import DhcpError, InvalidAnswerError
from dhcpfo.models import ClientSearch, DhcpClass, Page
from dhcpfo.rpc import stub as shown
from examples import CLIENT, EXAMPLES, KIOSK, RELATIONSHIP
from foreign import load_tool
from forged import forged

pytestmark = pytest.mark.abi

ROOT = Path(__file__).resolve().parents[2]
NAME = "hq-branch"
GET = "get_relationship"


def word(value):
    return value.to_bytes(4, "little")


def response(method, **changes):
    """An example's response as its values, some of them changed: a path of names and indexes, joined by __."""
    example = EXAMPLES[method]
    value = shown.decode(method, "response", encode_response(method, example.answer, example.arguments))
    for path, new in changes.items():
        *steps, last = [int(step) if step.isdigit() else step for step in path.split("__")]
        inside = value
        for step in steps:
            inside = inside[step]
        inside[last] = new
    return value


def refuse(method, stub, code=1783):
    with pytest.raises(InvalidAnswerError) as caught:
        decode_response(method, stub, EXAMPLES[method].arguments, "dhcp1")
    assert (caught.value.winerror, caught.value.server) == (code, "dhcp1")


def replaced(stub, old, new, count=1):
    assert bytes(old) in bytes(stub)
    return bytes(stub).replace(bytes(old), bytes(new), count)


# 25 to 27: counts


def test_a_count_that_is_not_the_announced_one():
    stub = encode_response(GET, RELATIONSHIP)
    three = word(3) + word(0x20000 + 6 * 4)
    for announced in (2, 4, 0, 0x80000003):
        refuse(GET, replaced(stub, three, word(announced) + three[4:]))
    stub = encode_response("get_class", KIOSK)
    refuse("get_class", replaced(stub, word(5) + b"kiosk", word(4) + b"kiosk"))
    refuse("get_class", replaced(stub, word(5) + b"kiosk", word(6) + b"kiosk"))


@pytest.mark.parametrize("count", [0x40000000, 0x40000001, 0x80000000, 0xFFFFFFFF])
def test_counts_that_would_overflow(count):
    stub = word(1) + word(count) + word(2) + word(count) + bytes(64)
    for method in ("get_free_addresses", "get_superscope_table", "get_bindings"):
        refuse(method, stub)
    options = word(1) + word(51) + word(count) + word(2) + word(count) + bytes(64)
    refuse("get_option_value", options)


def peak(method, stub):
    """The most memory that decoding took, without the stub itself."""
    tracemalloc.start()
    try:
        with pytest.raises(InvalidAnswerError):
            decode_response(method, stub, EXAMPLES[method].arguments, "dhcp1")
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_no_room_is_taken_for_elements_that_cannot_be_there():
    size = 1_000_000
    refuse(GET, b"")  # what is made once
    for method in ("enum_relationships", "enum_elements", "enum_options", "enum_policies"):
        stub = word(0) + word(1) + word(size) + word(2) + word(size)
        stub += bytes(size - len(stub))
        assert peak(method, stub) < 1.1 * size


def test_the_room_for_elements_is_bounded_by_the_stub():
    """The least of a relationship on the wire is 48 bytes, and it takes 96; of an element of an option, 5 and 24."""
    count, end = 20_000, bytes(8) + b"\xff"
    stub = word(0) + word(1) + word(count) + word(2) + word(count) + bytes(48 * count) + end
    assert peak("enum_relationships", stub) < 3.1 * len(stub)
    stub = word(1) + word(51) + word(count) + word(2) + word(count) + bytes(5 * count) + end
    assert peak("get_option_value", stub) < 6 * len(stub)


# 28: texts


def named(units, most=None, offset=0, count=None):
    """A request with a text of these units."""
    count = len(units) if count is None else count
    counts = word(count if most is None else most) + word(offset) + word(count)
    return word(0) + word(1) + counts + b"".join(unit.to_bytes(2, "little") for unit in units)


@pytest.mark.parametrize(
    "stub",
    [
        named([0x61, 0], offset=1),
        named([], most=0, count=0),
        named([0x61, 0], most=1, count=2),
        named([0x61, 0x62]),
        named([0x61, 0], most=0xFFFFFFFF, count=0xFFFFFFFF),
        named([0x61, 0], most=3, count=3),
        named([0x61, 0], most=0x80000001, count=0x80000001),
    ],
    ids=["an offset", "a count of 0", "more than the most", "no NUL", "no such length", "a cut", "an overflow"],
)
def test_texts_that_are_refused(stub):
    with pytest.raises(DhcpError) as caught:
        decode_request(GET, stub)
    assert caught.value.winerror == 1783


@pytest.mark.parametrize(
    ("stub", "name"),
    [
        (named([0x61, 0x62, 0]), "ab"),
        (named([0x61, 0x62, 0], most=200), "ab"),
        (named([0]), ""),
        (named([0x61, 0, 0x62, 0]), "a"),
        (named([0xD800, 0]), "\ud800"),
        (named([0xDC00, 0x61, 0]), "\udc00a"),
        (named([0xFEFF, 0x61, 0]), "\ufeffa"),
        (named([0xD83D, 0xDDA5, 0]), "\U0001f5a5"),
    ],
)
def test_texts_that_are_taken(stub, name):
    assert decode_request(GET, stub) == (name,)


# 29 to 33: referents and ends


def test_a_referent_with_nothing_behind_it():
    refuse(GET, word(1) + word(0))
    refuse("get_scope_statistics", word(1) + word(0))
    whole = encode_response(GET, RELATIONSHIP)
    for end in range(len(whole)):
        refuse(GET, whole[:end])


def test_equal_referents_are_two_objects():
    stub = encode_response(GET, RELATIONSHIP)
    for number in range(1, 6):
        stub = replaced(stub, word(0x20000 + 4 * number), word(0x20000))
    assert decode_response(GET, stub) == RELATIONSHIP
    assert decode_response(GET, replaced(stub, word(0x20000), word(0xFFFFFFFF), 6)) == RELATIONSHIP


@pytest.mark.parametrize("method", [m for m, e in EXAMPLES.items() if not isinstance(e.answer, (Page, type(None)))])
def test_success_without_an_answer(method):
    stub = encode_failure(method, 1)
    stub = stub[:-4] + word(0)
    values = shown.decode(method, "response", stub)
    if not any(value is None for value in values.values()):
        decode_response(method, stub)  # numbers or a structure in place: zeros
    elif method in ("get_superscope_table", "get_audit_log"):
        assert not getattr(decode_response(method, stub), "directory", None)
    else:
        refuse(method, stub, 13)


def test_more_elements_announced_than_sent():
    value = response("enum_relationships", relationshipRead=2)
    refuse("enum_relationships", shown.encode("enum_relationships", "response", value), 13)
    value = response("enum_relationships", relationshipRead=0)
    found = decode_response("enum_relationships", shown.encode("enum_relationships", "response", value))
    assert found.items == (RELATIONSHIP,)


@pytest.mark.parametrize("method", EXAMPLES)
def test_bytes_behind_the_end(method):
    example = EXAMPLES[method]
    stub = encode_response(method, example.answer, example.arguments)
    for more in (b"\0", bytes(4), b"\1\0\0\0"):
        refuse(method, bytes(stub) + more)
    stub = encode_request(method, example.arguments)
    decode_request(method, stub + bytes(-len(stub) % 4))  # before a verification trailer
    for more in (4, 5, 4 - len(stub) % 4 + 4):
        with pytest.raises(DhcpError) as caught:
            decode_request(method, bytes(stub) + bytes(more))
        assert caught.value.winerror == 1783


@pytest.mark.parametrize("method", ["enum_reservations", "enum_policies"])
def test_an_answer_with_one_pointer_less(method):
    """The IDL and the C header disagree about these functions: both forms are taken."""
    example = EXAMPLES[method]
    stub = encode_response(method, example.answer, example.arguments)
    assert stub[4:8] == word(0x20000)
    assert decode_response(method, stub[:4] + stub[8:], example.arguments) == example.answer
    empty = example.answer.__class__((), 0, 0, 259)
    stub = encode_response(method, empty, example.arguments)
    assert decode_response(method, stub, example.arguments) == empty
    assert decode_response(method, stub[:4] + bytes(4) + stub[4:], example.arguments) == empty


# 34 to 37: what is taken


@pytest.mark.parametrize("ndr64", [False, True], ids=["NDR20", "NDR64"])
@pytest.mark.parametrize("method", EXAMPLES)
def test_padding_may_hold_anything(method, ndr64):
    example = EXAMPLES[method]
    for direction, stub in (
        ("request", encode_request(method, example.arguments, ndr64=ndr64)),
        ("response", encode_response(method, example.answer, example.arguments, ndr64=ndr64)),
    ):
        filled = bytearray(stub)
        for at, size in walk(method, direction, bytes(stub), 8 if ndr64 else 4)[1].padding:
            filled[at : at + size] = b"\xab" * size
        if direction == "request":
            assert decode_request(method, filled, ndr64=ndr64) == decode_request(method, stub, ndr64=ndr64)
        else:
            given = example.arguments
            expected = decode_response(method, stub, given, ndr64=ndr64)
            assert decode_response(method, filled, given, ndr64=ndr64) == expected


def test_a_discriminant_that_is_not_the_type():
    stub = encode_request("get_client", (ClientSearch(type=SearchType.NAME, value="pc1"),))
    assert stub[4:8] == b"\2\0\2\0"
    for tags in (b"\2\0\1\0", b"\1\0\2\0", b"\3\0\3\0", b"\xff\xff\xff\xff"):
        with pytest.raises(DhcpError) as caught:
            decode_request("get_client", replaced(stub, b"\2\0\2\0", tags))
        assert caught.value.winerror == 1783


def test_unknown_members_of_enumerations_are_kept():
    stub = shown.encode(GET, "response", response(GET, pRelationship__mode=300, pRelationship__state=0xFFFF))
    found = decode_response(GET, stub)
    assert (found.mode.name, found.state) == ("UNKNOWN_300", 0xFFFF)
    (asked,) = decode_request(
        "create_relationship", encode_request("create_relationship", (found.replace(state=FailoverState.NORMAL),))
    )
    assert asked.mode == 300


def test_values_at_their_ends():
    stub = shown.encode(GET, "response", response(GET, pRelationship__percentage=200, pRelationship__mclt=0xFFFFFFFF))
    found = decode_response(GET, stub)
    assert (found.percentage, found.mclt.total_seconds()) == (200, 0xFFFFFFFF)
    scopes = Addresses([Ip(number) for number in range(4000)])
    many = decode_response(GET, encode_response(GET, RELATIONSHIP.replace(scopes=scopes)))
    assert many.scopes == scopes
    last = {"dwLowDateTime": 0xFFFFFFFE, "dwHighDateTime": 0xFFFFFFFF}
    value = response("get_failover_client", ClientInfo__ClientLeaseExpires=last)
    found = decode_response("get_failover_client", shown.encode("get_failover_client", "response", value))
    assert found == CLIENT.replace(lease_expires=datetime.max.replace(tzinfo=UTC))


# 38: what is not sent


@pytest.mark.parametrize("value", [0x8000, 0xFFFF, 0x10000, 0xFFFFFFFF])
def test_an_enumeration_that_does_not_fit(value):
    wrong = forged(RELATIONSHIP, mode=FailoverMode(value))
    with pytest.raises(ValueError, match=f"must be between 0 and 32767, got {value}"):
        encode_request("create_relationship", (wrong,))
    with pytest.raises(ValueError, match="must be between 0 and 32767"):
        encode_response(GET, wrong)
    encode_request("create_relationship", (RELATIONSHIP.replace(mode=FailoverMode(0x7FFF)),))


def test_arguments_that_cannot_be_sent():
    with pytest.raises(TypeError, match="get_policy takes 2 arguments, got 1"):
        encode_request("get_policy", ("P1",))
    with pytest.raises(ValueError, match="no call has the name 'fly'"):
        encode_request("fly", ())
    with pytest.raises(ValueError, match="must not contain a NUL"):
        encode_request(GET, ("a\0b",))
    with pytest.raises(ValueError, match="reserve must not be negative, got -1"):
        encode_request(GET, (NAME,), reserve=-1)
    for method, given in (("delete_superscope", (None,)), ("backup_database", (None,))):
        with pytest.raises(DhcpError) as caught:
            encode_request(method, given, "dhcp1")
        assert (caught.value.winerror, caught.value.server) == (1780, "dhcp1")
    with pytest.raises(DhcpError) as caught:
        encode_request("query_attributes", (tuple(range(7)),))
    assert caught.value.winerror == 1734


def test_more_attributes_than_the_protocol_allows():
    for count in (6, 7):
        stub = word(0) + word(0) + word(count) * 2 + bytes(4 * count)
        if count == 6:
            assert len(decode_request("query_attributes", stub)[0]) == 6
        else:
            with pytest.raises(DhcpError):
                decode_request("query_attributes", stub)


# 39: no recursion


def test_structures_do_not_nest_deeper_than_the_generator_allows():
    abi, wire = load_tool("abi"), load_tool("abi.wire")
    assert max(map(wire.depth, abi.layouts())) == wire.DEPTH


def test_generated_code_never_calls_itself():
    calls: dict[str, set[str]] = {}
    for path in sorted((ROOT / "src" / "generated").glob("ndr_*.pxi")):
        for part in re.split(r"\n\n\n", path.read_text("utf-8")):
            head = re.search(r"^cdef [^(]*?(\w+)\(", part, re.MULTILINE)
            if head:
                calls[head[1]] = set(re.findall(r"\b((?:load|store)_\w+)\(", part.partition("\n")[2]))
    assert len(calls) > 400

    def reach(name, path):
        assert name not in path
        for called in calls.get(name, ()):
            reach(called, (*path, name))

    for name in calls:
        reach(name, ())


# The rest


@pytest.mark.parametrize(("start", "stop"), [(-1, None), (0, 40), (33, None), (9, 8), (2**62, None)])
def test_places_outside_the_buffer(start, stop):
    stub = encode_request(GET, ("rel-1",))
    with pytest.raises(ValueError, match="must lie inside 32 bytes"):
        decode_request(GET, stub, start, stop)


@pytest.mark.parametrize("start", range(9))
def test_a_stub_may_lie_anywhere(start):
    """Alignment counts from its own beginning."""
    stub = encode_response(GET, RELATIONSHIP)
    inside = bytes(start) + stub + b"behind"
    for buffer in (inside, bytearray(inside), memoryview(b"x" + inside)[1:]):
        assert decode_response(GET, buffer, start=start, stop=start + len(stub)) == RELATIONSHIP


def test_bytes_may_be_reserved_before_a_stub():
    plain = encode_request(GET, ("rel-1",))
    assert encode_request(GET, ("rel-1",), reserve=25) == bytes(25) + plain
    assert encode_failure(GET, 5, reserve=3) == bytes(3) + encode_failure(GET, 5)
    assert encode_response(GET, RELATIONSHIP, reserve=24)[24:] == encode_response(GET, RELATIONSHIP)


def test_a_class_without_data_is_an_empty_array():
    empty = DhcpClass(name="Kiosk", data=b"")
    assert decode_request("get_class", encode_request("get_class", (empty,))) == (empty,)


def test_changed_bytes_are_decoded_or_refused():
    seen = mutations.search(20_000, seed=7)
    assert seen["refused"] > seen["taken"] > 1000


class Liar(tuple):
    """Answers another length than it has."""

    length = 3

    def __len__(self):
        return self.length


@pytest.mark.parametrize("length", [0, 3, 1 << 16])
def test_a_tuple_that_answers_another_length_is_written_as_it_is(monkeypatch, length):
    """Memory is taken for as many addresses as are written."""
    monkeypatch.setattr(Liar, "length", length)
    scopes = (Ip("10.0.0.0"), Ip("10.0.1.0"))
    method = "add_failover_scopes"
    assert encode_request(method, (NAME, Liar(scopes))) == encode_request(method, (NAME, scopes))


def test_bytes_that_are_longer_than_a_length_can_say_are_refused():
    """They would be cut otherwise. No test has the memory for them, so that these only claim to be so long."""
    data = bytes(bytearray(b"phones"))
    size = ctypes.c_ssize_t.from_address(id(data) + object.__basicsize__)
    assert size.value == 6
    phones = DhcpClass(name="Phones", data=data)
    size.value = (1 << 32) + 6
    try:
        with pytest.raises(ValueError, match="data must have at most 4294967295 bytes, got 4294967302"):
            encode_request("create_class", (phones,))
    finally:
        size.value = 6
