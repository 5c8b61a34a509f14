"""Show the parameters in a captured request or response as JSON, and make such bytes from JSON.

    python -m dhcpfo.rpc.stub decode --function DhcpV4FailoverGetRelationship --direction response 01000000...

The hexadecimal digits or the JSON are the argument, or come from standard input. Names are those of the protocol's IDL;
a function may also be given by the name of its method. Numbers are as they travel, bytes are hexadecimal, NULL is null.
A stub is what lies between the header of a PDU and its padding, decrypted. Shared secrets are shown.
"""

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from .shapes import CALLS, STRUCTURES, Call

__all__ = ["StubError", "decode", "encode"]

NARROW, WIDE = 4, 8
FIRST_REFERENT = 0x20000
TRAILER = bytes.fromhex("8ae3137102f43671")
"""The mark of a verification trailer, which may follow a request."""

REFERENTS = ("text", "pointer", "bytes", "wide", "numbers", "array", "pointers")
ELEMENT = {"bytes": 1, "wide": 2, "numbers": 4}

Row = tuple[Any, ...]
Later = list[Callable[[], None]]
"""What is to be read or written behind the part in place, in its order."""


class StubError(ValueError):
    """Bytes that are not what they are said to be, or JSON that lacks something."""


def alignment(row: Row, word: int) -> int:
    """The alignment of a member."""
    kind = row[1]
    if kind == "union":
        return max(alignment(("", row[3]), word), *(alignment(arm, word) for _, arm in row[5]))
    if kind == "struct":
        return structure_alignment(row[2], word)
    if kind in REFERENTS:
        return word
    return {"enum": word // 2, "bool": 4, "block": 1, "nothing": 1}.get(kind) or int(kind[-1])


def structure_alignment(name: str, word: int) -> int:
    """The alignment of a structure: that of its most aligned member."""
    return max(alignment(row, word) for row in STRUCTURES[name])


class Reader:
    """Reads a stub from its start."""

    def __init__(self, data: bytes, word: int) -> None:
        self.data, self.word, self.at = data, word, 0

    def fail(self, text: str) -> StubError:
        return StubError(f"byte {self.at}: {text}")

    def align(self, to: int) -> None:
        self.at += -self.at % to

    def take(self, size: int) -> bytes:
        if size > len(self.data) - self.at:
            raise self.fail(f"{size} bytes are needed, {max(0, len(self.data) - self.at)} are left")
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self, size: int) -> int:
        self.align(size)
        return int.from_bytes(self.take(size), "little")

    def text(self) -> str:
        most, offset, count = (self.number(self.word) for _ in range(3))
        if offset or not 0 < count <= most:
            raise self.fail(f"a text cannot have the counts {most}, {offset}, {count}")
        units = self.take(2 * count)
        if units[-2:] != b"\0\0":
            raise self.fail("a text does not end with NUL")
        return units[:-2].decode("utf-16-le", "surrogatepass")

    def count(self, announced: int, least: int) -> int:
        found = self.number(self.word)
        if found != announced:
            raise self.fail(f"{announced} elements are announced, but {found} follow")
        if found * least > len(self.data) - self.at:
            raise self.fail(f"{found} elements do not fit into {len(self.data) - self.at} bytes")
        return found

    def simple(self, kind: str) -> int | bool:
        number = self.number(self.word // 2 if kind == "enum" else 4 if kind == "bool" else int(kind[-1]))
        return bool(number) if kind == "bool" and number < 2 else number

    def structure(self, name: str, later: Later) -> dict[str, Any]:
        """Read a structure in place; what it points at is read ``later``."""
        made: dict[str, Any] = {}
        aligned = structure_alignment(name, self.word)
        self.align(aligned)
        for row in STRUCTURES[name]:
            self.member(row, made, later)
        if self.word == WIDE and self.at < len(self.data):
            self.align(aligned)
            self.at = min(self.at, len(self.data))  # some write less where nothing follows
        return made

    def member(self, row: Row, made: dict[str, Any], later: Later) -> None:
        name, kind = row[:2]
        if kind == "union":
            self.union(row, made, later)
        elif kind == "struct":
            made[name] = self.structure(row[2], later)
        elif kind == "block":
            made[name] = self.take(row[2]).hex()
        elif kind in REFERENTS:
            made[name] = None
            if self.number(self.word):
                later.append(lambda: made.__setitem__(name, self.behind(row, made)))
        elif kind != "nothing":
            made[name] = self.simple(kind)

    def union(self, row: Row, made: dict[str, Any], later: Later) -> None:
        name, _, tag, tag_kind, masked, arms = row
        wide = alignment(row, self.word) if self.word == WIDE else 1
        self.align(wide)
        found = self.simple(tag_kind)
        if found != (0 if made[tag] in masked else made[tag]):
            raise self.fail(f"the tag of a union is {found}, but {tag} is {made[tag]}")
        self.align(wide)
        arm = dict(arms).get(found)
        if arm is None:
            raise self.fail(f"a union has no arm for {tag} {found}")
        inside: dict[str, Any] = made if not name else made.setdefault(name, {})
        self.member(arm, inside, later)

    def behind(self, row: Row, made: dict[str, Any]) -> Any:
        """Read what a referent refers to."""
        kind = row[1]
        if kind == "text":
            return self.text()
        if kind == "pointer":
            return self.whole(row[2])
        if kind in ELEMENT:
            data = self.take(self.count(made[row[2]], ELEMENT[kind]) * ELEMENT[kind])
            return numbers_in(data) if kind == "numbers" else data.hex()
        length = self.count(made[row[2]], 1)
        if kind == "pointers":
            present = [self.number(self.word) for _ in range(length)]
            return [self.whole(row[3]) if referent else None for referent in present]
        all_later: list[Later] = [[] for _ in range(length)]
        items = [self.structure(row[3], later) for later in all_later]
        for later in all_later:
            run(later)
        return items

    def whole(self, name: str) -> dict[str, Any]:
        """Read a structure with all behind it."""
        later: Later = []
        made = self.structure(name, later)
        run(later)
        return made

    def parameter(self, row: Row, made: dict[str, Any], *, in_place: bool) -> None:
        name, kind = row[:2]
        if kind == "ref text":
            made[name] = self.text()
        elif kind == "array in place":
            made[name] = numbers_in(self.take(4 * self.count(made[row[2]], 4)))
        elif kind == "struct" or (kind == "pointer or struct" and in_place):
            made[name] = self.whole(row[2])
        elif kind in ("text", "pointer", "pointer or struct"):
            one = (name, "text") if kind == "text" else (name, "pointer", row[2])
            made[name] = self.behind(one, made) if self.number(self.word) else None
        else:
            made[name] = self.simple(kind)


def numbers_in(data: bytes) -> list[int]:
    """The 32-bit numbers in some bytes."""
    return [int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data), 4)]


def run(later: Later) -> None:
    """Read or write what was put off."""
    for each in later:
        each()


class Writer:
    """Writes a stub from its start."""

    def __init__(self, word: int) -> None:
        self.data, self.word, self.referent = bytearray(), word, FIRST_REFERENT

    def align(self, to: int) -> None:
        self.data += bytes(-len(self.data) % to)

    def number(self, value: Any, size: int, name: str = "") -> None:
        self.align(size)
        if not isinstance(value, int) or not 0 <= value < 1 << 8 * size:
            raise StubError(f"{name} must be a number of {8 * size} bits, got {value!r}")
        self.data += int(value).to_bytes(size, "little")

    def refer(self, value: Any) -> None:
        self.number(0 if value is None else self.referent, self.word)
        self.referent += 0 if value is None else 4

    def text(self, value: Any, name: str) -> None:
        if not isinstance(value, str):
            raise StubError(f"{name} must be a text, got {value!r}")
        units = (value + "\0").encode("utf-16-le", "surrogatepass")
        for count in (len(units) // 2, 0, len(units) // 2):
            self.number(count, self.word)
        self.data += units

    def counted(self, value: Any, given: Any, name: str, size: int = 1) -> None:
        length = len(value) // size
        if given != length:
            raise StubError(f"{name} has {length} elements, but {given!r} are announced")
        self.number(length, self.word)

    def simple(self, kind: str, value: Any, name: str) -> None:
        self.number(value, self.word // 2 if kind == "enum" else 4 if kind == "bool" else int(kind[-1]), name)

    def structure(self, structure: str, value: Any, name: str, later: Later) -> None:
        if not isinstance(value, dict):
            raise StubError(f"{name} must be an object, got {value!r}")
        aligned = structure_alignment(structure, self.word)
        self.align(aligned)
        for row in STRUCTURES[structure]:
            self.member(row, value, f"{name}.{row[0]}", later)
        if self.word == WIDE:
            self.align(aligned)

    def member(self, row: Row, value: dict[str, Any], name: str, later: Later) -> None:
        kind = row[1]
        if kind == "union":
            self.union(row, value, name, later)
            return
        if kind == "nothing":
            return
        if row[0] not in value:
            raise StubError(f"{name} is missing")
        one = value[row[0]]
        if kind == "struct":
            self.structure(row[2], one, name, later)
        elif kind == "block":
            data = from_hex(one, name)
            if len(data) != row[2]:
                raise StubError(f"{name} must have {row[2]} bytes, got {len(data)}")
            self.data += data
        elif kind in REFERENTS:
            self.refer(one)
            if one is not None:
                later.append(lambda: self.behind(row, one, value, name))
        else:
            self.simple(kind, one, name)

    def union(self, row: Row, value: dict[str, Any], name: str, later: Later) -> None:
        own, _, tag, tag_kind, masked, arms = row
        wide = alignment(row, self.word) if self.word == WIDE else 1
        sent = 0 if value[tag] in masked else value[tag]
        arm = dict(arms).get(sent)
        if arm is None:
            raise StubError(f"{name} has no arm for {tag} {value[tag]}")
        self.align(wide)
        self.simple(tag_kind, sent, name)
        self.align(wide)
        inside = value.get(own, {}) if own else value
        if not isinstance(inside, dict):
            raise StubError(f"{name} must be an object, got {inside!r}")
        self.member(arm, inside, f"{name}.{arm[0]}", later)

    def behind(self, row: Row, value: Any, owner: dict[str, Any], name: str) -> None:
        """Write what a referent refers to."""
        kind = row[1]
        if kind == "text":
            self.text(value, name)
        elif kind == "pointer":
            self.whole(row[2], value, name)
        elif kind in ("bytes", "wide"):
            data = from_hex(value, name)
            self.counted(data, owner.get(row[2]), name, ELEMENT[kind])
            self.data += data
        else:
            self.elements(row, value, owner, name)

    def elements(self, row: Row, value: Any, owner: dict[str, Any], name: str) -> None:
        if not isinstance(value, list):
            raise StubError(f"{name} must be a list, got {value!r}")
        self.counted(value, owner.get(row[2]), name)
        names = [f"{name}[{index}]" for index in range(len(value))]
        pairs = list(zip(value, names, strict=True))
        if row[1] == "numbers":
            for item, each in pairs:
                self.number(item, 4, each)
        elif row[1] == "pointers":
            for item in value:
                self.refer(item)
            for item, each in pairs:
                if item is not None:
                    self.whole(row[3], item, each)
        else:
            all_later: list[Later] = [[] for _ in value]
            for (item, each), later in zip(pairs, all_later, strict=True):
                self.structure(row[3], item, each, later)
            for later in all_later:
                run(later)

    def whole(self, structure: str, value: Any, name: str) -> None:
        later: Later = []
        self.structure(structure, value, name, later)
        run(later)

    def parameter(self, row: Row, values: dict[str, Any]) -> None:
        name, kind = row[:2]
        if name not in values:
            raise StubError(f"{name} is missing")
        value = values[name]
        if kind == "ref text":
            self.text(value, name)
        elif kind == "array in place":
            self.elements((name, "numbers", row[2]), value, values, name)
        elif kind == "struct":
            self.whole(row[2], value, name)
        elif kind in ("text", "pointer", "pointer or struct"):
            self.refer(value)
            if value is not None:
                self.behind((name, "text") if kind == "text" else (name, "pointer", row[2]), value, values, name)
        else:
            self.simple(kind, value, name)


def from_hex(value: Any, name: str) -> bytes:
    """The bytes that are written in JSON."""
    try:
        return bytes.fromhex(value)
    except (TypeError, ValueError):
        raise StubError(f"{name} must be hexadecimal digits, got {value!r}") from None


def call_named(name: str) -> Call:
    """Return a call by any of its names."""
    if name in CALLS:
        return CALLS[name]
    for call in CALLS.values():
        if name in (call.function, call.idl):
            return call
    raise StubError(f"no call has the name {name!r}")


def decode(function: str, direction: str, stub: bytes, *, ndr64: bool = False) -> dict[str, Any]:
    """Return the parameters in a stub, by their names in the IDL; the code of a response is ``Return``.

    Args:
        function: The name of the function, in C or in the IDL, or of its method.
        direction: ``request`` or ``response``.
        stub: The bytes. A verification trailer behind a request is left out.
        ndr64: Whether they are in NDR64.

    Raises:
        StubError: They are not such a stub; the message says where.
    """
    call, word = call_named(function), WIDE if ndr64 else NARROW
    if direction == "request" and (at := stub.rfind(TRAILER)) >= 0 and at % 4 == 0:
        stub = stub[:at]
    rows = call.request if direction == "request" else call.response
    unsure = any(row[1] == "pointer or struct" for row in rows)
    for in_place in (False, True) if unsure else (False,):
        reader = Reader(stub, word)
        made: dict[str, Any] = {}
        try:
            if direction == "request":
                reader.parameter(("ServerIpAddress", "text"), made, in_place=False)
            for row in rows:
                reader.parameter(row, made, in_place=in_place)
            if direction == "response":
                made["Return"] = reader.number(4)
            left = len(stub) - reader.at
            if not 0 <= left < (4 if direction == "request" and len(stub) % 4 == 0 else 1):
                raise reader.fail(f"{left} bytes are left")
        except StubError:
            if unsure and not in_place:
                continue
            raise
        break
    return made


def encode(function: str, direction: str, values: dict[str, Any], *, ndr64: bool = False) -> bytes:
    """Return the stub with these parameters; the arguments are those of `decode`.

    Raises:
        StubError: A parameter or a member is missing, or is nothing that could be sent.
    """
    call, writer = call_named(function), Writer(WIDE if ndr64 else NARROW)
    if not isinstance(values, dict):
        raise StubError(f"the parameters must be an object, got {values!r}")
    if direction == "request":
        writer.parameter(("ServerIpAddress", "text"), {"ServerIpAddress": None} | values)
    for row in call.request if direction == "request" else call.response:
        writer.parameter(row, values)
    if direction == "response":
        writer.parameter(("Return", "number4"), values)
    return bytes(writer.data)


def main() -> int:
    """Run the program."""
    parser = argparse.ArgumentParser(
        prog="python -m dhcpfo.rpc.stub", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=["decode", "encode"])
    parser.add_argument("--function", required=True, metavar="NAME", help="such as DhcpV4FailoverGetRelationship")
    parser.add_argument("--direction", required=True, choices=["request", "response"])
    parser.add_argument("--ndr64", action="store_true", help="the bytes are in NDR64")
    parser.add_argument("data", nargs="?", help="hexadecimal digits, or JSON; from standard input if it is left out")
    chosen = parser.parse_intermixed_args()
    text = sys.stdin.read() if chosen.data is None else chosen.data
    try:
        if chosen.action == "decode":
            found = decode(chosen.function, chosen.direction, from_hex(text.strip(), "the stub"), ndr64=chosen.ndr64)
            print(json.dumps(found, indent=2))
        else:
            print(encode(chosen.function, chosen.direction, json.loads(text), ndr64=chosen.ndr64).hex())
    except ValueError as error:  # a StubError, or what is no JSON
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
