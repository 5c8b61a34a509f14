"""Reads and writes stubs by the shapes of their structures, in Python; `dhcpfo.rpc.stub` is the program."""

from collections.abc import Callable
from typing import Any

from .shapes import STRUCTURES

__all__ = ["StubError"]

NARROW, WIDE = 4, 8
FIRST_REFERENT = 0x20000
MOST_SHOWN = 80

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


def short(value: Any) -> str:
    """A value for an error, which may be of any size."""
    text = repr(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


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
            raise StubError(f"{name} must be a number of {8 * size} bits, got {short(value)}")
        self.data += int(value).to_bytes(size, "little")

    def refer(self, value: Any) -> None:
        self.number(0 if value is None else self.referent, self.word)
        self.referent += 0 if value is None else 4

    def text(self, value: Any, name: str) -> None:
        if not isinstance(value, str):
            raise StubError(f"{name} must be a text, got {short(value)}")
        units = (value + "\0").encode("utf-16-le", "surrogatepass")
        for count in (len(units) // 2, 0, len(units) // 2):
            self.number(count, self.word)
        self.data += units

    def counted(self, value: Any, given: Any, name: str, size: int = 1) -> None:
        length = len(value) // size
        if given != length:
            raise StubError(f"{name} has {length} elements, but {short(given)} are announced")
        self.number(length, self.word)

    def simple(self, kind: str, value: Any, name: str) -> None:
        self.number(value, self.word // 2 if kind == "enum" else 4 if kind == "bool" else int(kind[-1]), name)

    def structure(self, structure: str, value: Any, name: str, later: Later) -> None:
        if not isinstance(value, dict):
            raise StubError(f"{name} must be an object, got {short(value)}")
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
            raise StubError(f"{name} must be an object, got {short(inside)}")
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
            raise StubError(f"{name} must be a list, got {short(value)}")
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
        raise StubError(f"{name} must be hexadecimal digits, got {short(value)}") from None
