"""A YAML file as texts with their places. Nothing is converted: YAML's own guesses turn ``off`` into false."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from ...models import Secret
from .problems import FileError, Mark, Problem

__all__ = ["Hidden", "Map", "Node", "Place", "Seq", "Text", "documents", "path_text", "place", "plain"]

DEEPEST = 40
MOST_BYTES = 32 * 1024 * 1024
MOST_REPEATED = 20_000
"""Nodes that aliases may repeat in one file."""

CORE = "tag:yaml.org,2002:"
KINDS = ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value")
"""What YAML takes values for by itself; it does not matter here."""
PLAIN = (None, "")
"""The style of a text without quotes."""
BLOCK = ("|", ">")
"""The styles of a text that has lines for itself, which ends with a line break that nobody means."""
EMPTY = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(slots=True)
class Text:
    """A single value."""

    mark: Mark
    text: str


@dataclass(slots=True)
class Hidden:
    """The text of a secret that is written in the file itself. A pickled one is without it."""

    mark: Mark
    secret: Secret | None = field(repr=False)

    def __reduce__(self) -> tuple[Any, ...]:
        return Hidden, (self.mark, None)


@dataclass(slots=True)
class Seq:
    """A list."""

    mark: Mark
    items: "list[Node]" = field(default_factory=list)


@dataclass(slots=True)
class Map:
    """Values by key; the keys have places, too."""

    mark: Mark
    items: "dict[str, Node]" = field(default_factory=dict)
    keys: dict[str, Mark] = field(default_factory=dict)


Node = Text | Hidden | Seq | Map


def path_text(path: Iterable[object]) -> str:
    """Return the keys of a value as text; an empty one is shown as ``''``."""
    found = ""
    for part in path:
        if part == "":
            part = "''"
        found += f"[{part}]" if isinstance(part, int) else f".{part}" if found else str(part)
    return found


def plain(node: Node) -> Any:
    """Return a tree as dictionaries, lists and texts."""
    match node:
        case Text():
            return node.text
        case Hidden():
            return node
        case Seq():
            return [plain(item) for item in node.items]
    return {key: plain(item) for key, item in node.items.items()}


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is.

    Attributes:
        key: The place of its key.
        value: The place of its value.
        path: The path in the file.
    """

    key: Mark
    value: Mark
    path: tuple[object, ...]


def place(node: Node, path: Iterable[object]) -> Place:
    """Return where a value is. One that is not there has the place of what should have it.

    Steps of the path that a short form leaves out are skipped.
    """
    key, found = node.mark, list[object]()
    for part in path:
        if isinstance(node, Map) and part in node.keys:
            key = node.keys[str(part)]
            found.append(part)
            if part not in node.items:
                return Place(key, key, tuple(found))
            node = node.items[str(part)]
        elif isinstance(node, Seq) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            key = node.mark
            found.append(part)
    return Place(key, node.mark, tuple(found))


class _Reader:
    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file = file
        self.problems = problems
        self.seen: set[int] = set()
        self.repeated = 0

    def mark(self, found: Any) -> Mark:
        return Mark(self.file, found.line + 1, found.column + 1)

    def problem(self, found: Any, path: tuple[object, ...], text: str) -> None:
        mark = found if isinstance(found, Mark) else self.mark(found)
        self.problems.append(Problem(mark, path_text(path), text))

    def read(self, node: Any, path: tuple[object, ...], above: tuple[int, ...]) -> Node | None:
        """Return a node of PyYAML as one of ours; None where it cannot be used."""
        if id(node) in above:
            self.problem(node.start_mark, path, "refers to itself")
            return None
        if len(above) >= DEEPEST:
            self.problem(node.start_mark, path, f"must not be deeper than {DEEPEST} levels")
            return None
        if id(node) in self.seen:
            self.repeated += 1
            if self.repeated > MOST_REPEATED:
                text = f"aliases must not repeat more than {MOST_REPEATED} values"
                raise FileError([*self.problems, Problem(self.mark(node.start_mark), path_text(path), text)])
        self.seen.add(id(node))
        if (node.tag or "").removeprefix(CORE) not in KINDS and node.tag != "!":
            self.problem(node.start_mark, path, "tags are not supported")
            return None
        below = (*above, id(node))
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, path)
        if isinstance(node, yaml.SequenceNode):
            items = [self.read(item, (*path, index), below) for index, item in enumerate(node.value)]
            return Seq(self.mark(node.start_mark), [item for item in items if item is not None])
        return self.mapping(node, path, below)

    def scalar(self, node: Any, path: tuple[object, ...]) -> Node | None:
        """Return a text; an empty one that is not quoted is a mistake."""
        mark = self.mark(node.start_mark)
        if node.style in PLAIN and node.value in EMPTY:
            self.problem(mark, path, "must have a value")
            return None
        if path and path[-1] == "secret" and node.value != "none":
            return Hidden(mark, Secret(node.value))
        return Text(mark, node.value.strip() if node.style in BLOCK else node.value)

    def mapping(self, node: Any, path: tuple[object, ...], above: tuple[int, ...]) -> Map:
        """Return values by key; a key that is there twice is a mistake."""
        found = Map(self.mark(node.start_mark))
        for key, value in node.value:
            mark = self.mark(key.start_mark)
            if not isinstance(key, yaml.ScalarNode):
                self.problem(mark, path, "keys must be text")
                continue
            name = key.value
            here = (*path, name)
            if name == "<<" and key.style in PLAIN:
                self.problem(mark, here, "is not supported; use profiles")
                continue
            if name in found.keys:
                self.problem(mark, here, f"given twice, first on line {found.keys[name].line}")
                continue
            found.keys[name] = mark
            item = self.read(value, here, above)
            if item is not None:
                found.items[name] = item
        return found


def documents(data: bytes, file: str, problems: list[Problem]) -> Iterator[Map]:
    """Yield the documents of a file, and add what is wrong to ``problems``.

    Args:
        data: The content of the file.
        file: What messages call it.
        problems: Gets what is wrong.
    """
    if len(data) > MOST_BYTES:
        problems.append(Problem(Mark(file), "", f"must not have more than {MOST_BYTES} bytes"))
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        problems.append(Problem(Mark(file, line, column), "", "must be text in UTF-8"))
        return
    reader = _Reader(file, problems)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for root in yaml.compose_all(text, Loader=loader):
            if root is None:
                continue
            if isinstance(root, yaml.MappingNode):
                found = reader.read(root, (), ())
                if isinstance(found, Map):
                    yield found
            elif not (isinstance(root, yaml.ScalarNode) and root.style in PLAIN and root.value in EMPTY):
                reader.problem(root.start_mark, (), "a document must be a mapping that starts with version: 1")
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        mark = Mark(file, before.count("\n") + 1, error.position - before.rfind("\n"))
        problems.append(Problem(mark, "", f"{error.reason} (U+{_code(error.character):04X})"))
    except yaml.MarkedYAMLError as error:
        found_at = error.problem_mark or error.context_mark
        mark = Mark(file, found_at.line + 1, found_at.column + 1) if found_at is not None else Mark(file, 1, 1)
        tab = any("\t" in line for line in text.split("\n")[mark.line - 1 : mark.line])
        problems.append(Problem(mark, "", _words(error, tab=tab)))
    except RecursionError:
        problems.append(Problem(Mark(file, 1, 1), "", f"must not be deeper than {DEEPEST} levels"))


def _code(character: Any) -> int:
    return character if isinstance(character, int) else ord(str(character)[:1] or "\0")


def _words(error: yaml.MarkedYAMLError, *, tab: bool) -> str:
    """Return what YAML found wrong, without any text of the file: it may be a secret."""
    problem = str(error.problem or "not valid YAML")
    if tab and "cannot start any token" in problem:
        return "indent with spaces, not with tabs"
    if "found undefined alias" in problem or "undefined alias" in str(error.context):
        return "found an undefined alias; quote a text that starts with *"
    if "duplicate anchor" in problem or "duplicate anchor" in str(error.context):
        return "found a duplicate anchor"
    return f"{problem} ({error.context})" if error.context else problem
