"""Arbitrary answers of a server, derived from the ABI's own data: whatever C can hold and own, and nothing more.

A structure is a list of what to write where; a pointer is written as a `Block`, or as None for NULL. The one thing no
answer does is to count more elements than its block has: no caller could survive that.
"""

import ctypes
import struct
from dataclasses import dataclass

from hypothesis import strategies as st

from foreign import load_tool

abi = load_tool("abi")
WIDE = struct.calcsize("P") == 8


@dataclass(frozen=True)
class Block:
    """A block to hand out: its bytes, and what to write into them: (offset, bytes or Block or None)."""

    content: bytes
    writes: tuple = ()
    secret: bool = False


def offset(field) -> int:
    return field.offset64 if WIDE else field.offset32


def size(structure) -> int:
    return structure.size[0 if WIDE else 1]


def owner(structure, position):
    """The member before: it counts what the pointer at this position points at."""
    return structure.fields[position - 1]


EDGES = [0, 1, 2, 3, 13, 14, 100, 101, 200, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF]
dwords = st.sampled_from(EDGES) | st.integers(0, 0xFFFFFFFF)
units = st.sampled_from([0x61, 0xE9, 0xFF, 0x100, 0xD800, 0xDBFF, 0xDC00, 0xFEFF, 0xFFFE, 0xFFFF]) | st.integers(
    1, 0xFFFF
)
# The lengths round which a reader might change its ways.
texts = st.lists(units, max_size=8) | st.builds(
    lambda unit, length: [unit] * length, units, st.sampled_from([255, 256, 700])
)


def text_block(secret):
    return texts.map(lambda text: Block(struct.pack(f"<{len(text)}HH", *text, 0), secret=secret))


def number(kind):
    if kind == "BYTE":
        return st.binary(min_size=1, max_size=1)
    return dwords.map(lambda value: struct.pack("<I", value))


@st.composite
def structures(draw, structure, base=0):
    """What to write for one structure at an offset."""
    writes = []
    for position, field in enumerate(structure.fields):
        at = base + offset(field)
        if field.type in abi.BY_NAME:
            writes += draw(structures(abi.BY_NAME[field.type], at))
        elif field.owns is None:
            writes.append((at, draw(number(field.type))))
        elif field.type == "LPWSTR":
            writes.append((at, draw(st.none() | text_block(field.owns == abi.SECRET))))
        elif field.owns == abi.TREE:
            writes.append((at, draw(st.none() | blocks(abi.BY_NAME[field.type.removeprefix("LP")]))))
        else:
            counted = base + offset(owner(structure, position))
            count, block = draw(arrays(field))
            writes += [(counted, struct.pack("<I", count)), (at, block)]
    return tuple(writes)


@st.composite
def arrays(draw, field):
    """A count and what it counts; where nothing is pointed at, the count is anything."""
    if draw(st.integers(0, 3)) == 0:
        return draw(dwords), None
    if field.owns == abi.BLOCK:
        element = 1 if field.type.startswith("BYTE") else 4
        length = draw(st.integers(0, 5) | st.sampled_from([255, 4000]))
        content = draw(st.randoms(use_true_random=False)).randbytes(element * length)
        return draw(st.integers(0, length)), Block(content)
    structure = abi.BY_NAME[field.type.removeprefix("LP")]
    length = draw(st.integers(0, 3))
    writes = [write for index in range(length) for write in draw(structures(structure, index * size(structure)))]
    return length, Block(bytes(length * size(structure)), tuple(writes))


def blocks(structure):
    """A block with one structure, 0xAA where nothing is written: nobody may read the padding."""
    return structures(structure).map(lambda writes: Block(b"\xaa" * size(structure), writes))


def trees(function):
    """What a function may answer through its pointer: NULL, too; None for a function that answers no pointer."""
    for structure in abi.STRUCTS:
        if any(parameter.startswith(f"LP{structure.name} *") for parameter in function.parameters):
            return st.none() | blocks(structure)
    return st.none()


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
