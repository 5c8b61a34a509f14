"""Arbitrary answers of a server, derived from the ABI's data: anything that C can hold and own, and nothing more.

A structure is a list of what to write where; a pointer is written as a `Block`, or as None for NULL. The one thing no
answer does is to count more elements than its block has: no caller could survive that.
"""

import ctypes
import struct
from dataclasses import dataclass

from hypothesis import strategies as st

from foreign import load_tool

abi = load_tool("abi")
layout, kinds = load_tool("abi.layout"), load_tool("abi.kinds")
WORD = struct.calcsize("P")


@dataclass(frozen=True)
class Block:
    """A block to hand out: its bytes, and what to write into them: (offset, bytes or Block or None)."""

    content: bytes
    writes: tuple = ()
    secret: bool = False


EDGES = [0, 1, 2, 3, 13, 14, 100, 101, 200, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF]
dwords = st.sampled_from(EDGES) | st.integers(0, 0xFFFFFFFF)
units = st.sampled_from([0x61, 0xE9, 0xFF, 0x100, 0xD800, 0xDBFF, 0xDC00, 0xFEFF, 0xFFFE, 0xFFFF]) | st.integers(
    1, 0xFFFF
)
# The lengths at which a reader might change its ways.
texts = st.lists(units, max_size=8) | st.builds(
    lambda unit, length: [unit] * length, units, st.sampled_from([255, 256, 700])
)


def size(kind) -> int:
    return layout.of_type(kind, WORD)[0]


def structure_of(kind):
    return abi.BY_NAME.get(layout.basic(kind))


def offsets(structure):
    return zip(structure.fields, layout.offsets(structure, WORD), strict=True)


def text_block(secret):
    return texts.map(lambda text: Block(struct.pack(f"<{len(text)}HH", *text, 0), secret=secret))


def number(kind):
    length = size(kind)
    return dwords.map(lambda value: value.to_bytes(4, "little")[:length].ljust(length, b"\x80"))


@st.composite
def structures(draw, structure, base=0):
    """What to write for one structure at an offset."""
    writes = []
    places = {getattr(member, "name", None): base + at for member, at in offsets(structure)}
    for member, at in offsets(structure):
        if isinstance(member, kinds.Union):
            writes += draw(arms(member, base + at, places[member.tag]))
        elif member.kind != "count":
            writes += draw(fields(member, base + at, places))
    return tuple(writes)


@st.composite
def arms(draw, union, at, tag_at):
    """One arm of a union with its tag, or another tag with a number."""
    value, arm = draw(st.sampled_from(union.arms))
    if draw(st.integers(0, 5)) == 0:
        value = draw(dwords.filter(lambda value: value not in dict(union.arms)))
        return ((tag_at, struct.pack("<I", value)), (at, b"\xaa" * 4))
    return ((tag_at, struct.pack("<I", value)), *draw(fields(arm, at, {})))


@st.composite
def fields(draw, field, at, places):
    """What to write for one field."""
    inside = structure_of(field.pointee if field.pointer else field.type)
    if not field.pointer:
        return draw(structures(inside, at)) if inside else ((at, draw(number(field.type))),)
    if field.kind in ("text", "name", "secret"):
        return ((at, draw(st.none() | text_block(field.kind == "secret"))),)
    if field.count is None:
        return ((at, draw(st.none() | blocks(inside))),)
    count, block = draw(arrays(field, inside))
    return ((places[field.count], struct.pack("<I", count)), (at, block))


@st.composite
def arrays(draw, field, inside):
    """A count and what it counts; if nothing is pointed at, the count is anything."""
    if draw(st.integers(0, 3)) == 0:
        return draw(dwords), None
    if field.kind == "pointers":
        length = draw(st.integers(0, 3))
        each = [(index * WORD, draw(st.none() | blocks(inside))) for index in range(length)]
        return length, Block(bytes(length * WORD), tuple(each))
    if inside is None:
        element = size(field.pointee)
        length = draw(st.integers(0, 5) | st.sampled_from([255, 4000]))
        content = draw(st.randoms(use_true_random=False)).randbytes(element * length)
        return draw(st.integers(0, length)), Block(content)
    length, each = draw(st.integers(0, 3)), size(inside.name)
    writes = [write for index in range(length) for write in draw(structures(inside, index * each))]
    return length, Block(bytes(length * each), tuple(writes))


def blocks(structure):
    """A block with one structure, 0xAA where nothing is written: nobody may read the padding."""
    return structures(structure).map(lambda writes: Block(b"\xaa" * size(structure.name), writes))


def trees(function):
    """The answers that a function may give through its pointer, NULL included; None for a function without one."""
    return st.none() | blocks(abi.BY_NAME[function.answer.struct]) if function.answer else st.none()


def hand_out(library: ctypes.CDLL, block: Block | None) -> int | None:
    """Make a tree of blocks that the library owns; return its root."""
    if block is None:
        return None
    address = library.block(len(block.content))
    ctypes.memmove(address, block.content, len(block.content))
    for at, value in block.writes:
        if not isinstance(value, bytes):
            value = struct.pack("P", hand_out(library, value) or 0)
        ctypes.memmove(address + at, value, len(value))
    if block.secret:
        library.mark_secret(ctypes.c_void_p(address))
    return address
