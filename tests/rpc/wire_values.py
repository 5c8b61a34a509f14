"""Arbitrary parameters of the calls, by their names in the IDL. `wire_meaning` says what they stand for."""

from typing import Any

from hypothesis import strategies as st

from dhcpfo.rpc.shapes import CALLS, STRUCTURES

dwords = st.sampled_from([0, 1, 2, 3, 7, 200, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]) | st.integers(0, 0xFFFFFFFF)
words = st.sampled_from([0, 1, 0x7FFF, 0x8000, 0xFFFF]) | st.integers(0, 0xFFFF)
octets = st.integers(0, 0xFF)
enumerations = st.integers(0, 12) | st.integers(0, 0x7FFF)
texts = st.text(st.characters(), max_size=6) | st.sampled_from(
    ["", "\ud800", "\udc00x", "\ufeff", "a\0b", "\U0001f5a5", "x" * 300]
)
blobs = st.binary(max_size=9)
SIMPLE = {
    "number1": octets,
    "number2": words,
    "number4": dwords,
    "number8": st.integers(0, 2**64 - 1),
    "enum": enumerations,
    "bool": st.sampled_from([False, True]) | st.integers(2, 0xFFFFFFFF),
    "text": st.none() | texts,
    "ref text": texts,
    "nothing": st.none(),
}


SIZES = {"bytes": 2, "wide": 4, "numbers": 1, "array": 1, "pointers": 1}
"""The kinds that are counted, and what one element takes in JSON."""


@st.composite
def structure_values(draw, name):
    """The members of one structure."""
    made: dict[str, Any] = {}
    for row in STRUCTURES[name]:
        draw_member(draw, row, made)
    for row in STRUCTURES[name]:  # what counts a member may stand before or after it
        if row[1] in SIZES and made[row[0]] is not None:
            made[row[2]] = len(made[row[0]]) // SIZES[row[1]]
    return made


def draw_member(draw, row, made):
    name, kind = row[:2]
    if kind in SIMPLE:
        if kind != "nothing":
            made[name] = draw(SIMPLE[kind])
    elif kind == "union":
        draw_union(draw, row, made)
    elif kind == "struct":
        made[name] = draw(structure_values(row[2]))
    elif kind == "pointer":
        made[name] = draw(st.none() | structure_values(row[2]))
    elif kind == "block":
        made[name] = draw(st.binary(min_size=row[2], max_size=row[2])).hex()
    else:
        made[name] = draw(st.none() | counted_values(row))


def counted_values(row):
    kind = row[1]
    if kind == "bytes":
        return blobs.map(bytes.hex)
    if kind == "wide":
        return blobs.map(lambda data: (data + data).hex())
    if kind == "numbers":
        return st.lists(dwords, max_size=4)
    one = structure_values(row[3])
    return st.lists(st.none() | one if kind == "pointers" else one, max_size=3)


def draw_union(draw, row, made):
    name, _, tag, _, masked, arms = row
    made[tag] = draw(st.sampled_from([value for value, _ in arms] + list(masked)))
    inside: dict[str, Any] = made if not name else made.setdefault(name, {})
    draw_member(draw, dict(arms)[0 if made[tag] in masked else made[tag]], inside)


@st.composite
def parameters(draw, method, direction):
    """The parameters of a call."""
    made: dict[str, Any] = {}
    if direction == "request":
        made["ServerIpAddress"] = draw(st.none() | texts)
    for row in CALLS[method].request if direction == "request" else CALLS[method].response:
        name, kind = row[:2]
        if kind in SIMPLE:
            made[name] = draw(SIMPLE[kind])
        elif kind == "array in place":
            made[name] = draw(st.lists(dwords, max_size=6))
            made[row[2]] = len(made[name])
        else:
            one = structure_values(row[2])
            made[name] = draw(one if kind == "struct" else st.none() | one)
    if direction == "response":
        made["Return"] = draw(st.sampled_from([0, 0, 0, 234, 259, 50, 20126, 5, 20013]))
    return made
