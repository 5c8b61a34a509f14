"""Reads XML as a stream of small parts: memory holds one part at a time, however long the file is."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar
from xml.parsers import expat

from .report import NOT_READ, Findings, Unusable
from .source import MAX_TEXT, Source

__all__ = ["Fields", "Node", "read_parts"]

Value = TypeVar("Value")

ROOT = "DHCPServer"
MAX_DEPTH = 50
"""How deeply elements may be nested; real files have some ten levels."""

ENCODINGS = {None: None, "utf-8": "UTF-8", "utf-16-le": "UTF-16LE", "utf-16-be": "UTF-16BE"}
"""The encodings of a source as the parser names them; None is what the file declares."""


KEYS = ("Name", "IPAddress", "OptionId", "MacAddress", "ScopeId", "StartRange")
"""What tells apart elements of one name; the report shows it."""


class Node:
    """An element.

    Attributes:
        name: Its name, without a prefix.
        line: Its line.
        text: Its own text; of an element that was skipped, whether it had contents, as text.
        children: The elements in it.
        attributes: The names of its attributes, but for those of XML itself.
        within: The number, from 0 on, of the element around the list that a part is in.
    """

    __slots__ = ("attributes", "children", "line", "name", "text", "within")

    def __init__(self, name: str, line: int, within: int) -> None:
        self.name = name
        self.line = line
        self.within = within
        self.text = ""
        self.children: list[Node] = []
        self.attributes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The element as the report shows it."""
        if not self.children:
            text = " ".join(self.text.split())
            return f"<{self.name}>{text}</{self.name}>" if text else f"<{self.name} />"
        found = {child.name: child.text for child in reversed(self.children)}
        keys = [f"{key} {found[key]}" for key in KEYS if key in found]
        return f"<{self.name}>" + (f" with {', '.join(keys[:2])}" if keys else "")


def read_parts(source: Source, above: tuple[str, ...] = (), *, skip: Iterable[tuple[str, ...]] = ()) -> Iterator[Node]:
    """Read a file once, and yield each element below one path when it ends.

    Args:
        source: The file.
        above: The names of the elements around the parts; () yields the root.
        skip: Paths of elements in parts that are passed over.

    Raises:
        ValueError: The file is not well-formed, has a document type, or is not an export. The message has the line.
    """
    parser = expat.ParserCreate(ENCODINGS[source.encoding])
    reader = _Reader(parser, above, frozenset(skip))
    try:
        for chunk in source.chunks():
            _parse(source, parser, chunk)
            yield from reader.take()
        _parse(source, parser, b"")
        yield from reader.take()
    finally:
        reader.release()


def _parse(source: Source, parser: Any, chunk: bytes) -> None:
    try:
        parser.Parse(chunk, not chunk)
    except expat.ExpatError as error:
        problem = expat.ErrorString(error.code)
        raise ValueError(f"line {error.lineno} of {source.name} is not valid XML: {problem}") from None
    except _RefusedError as error:
        raise ValueError(f"line {parser.CurrentLineNumber} of {source.name}: {error}") from None
    except (LookupError, ValueError) as error:  # about the encoding
        raise ValueError(f"line {parser.CurrentLineNumber} of {source.name} is not valid XML: {error}") from None


class _RefusedError(Exception):
    """The file is not one that this package reads."""


class _Reader:
    """The handlers of a parser, which builds the parts and passes over everything else."""

    def __init__(
        self,
        parser: Any,
        above: tuple[str, ...],
        skip: frozenset[tuple[str, ...]],
    ) -> None:
        self._parser = parser
        self._above = above
        self._ready: list[Node] = []
        self._skip = skip
        self._skipped_names = frozenset(path[-1] for path in skip)
        self._entered = -1
        self._path: list[str] = []
        self._open: list[Node] = []
        self._length = 0
        self._passed = 0
        """How many elements are open that are passed over."""
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._build()

    def take(self) -> list[Node]:
        """Return the parts that ended since the last call."""
        ready, self._ready = self._ready, []
        return ready

    def release(self) -> None:
        """Break the circle of parser and handlers."""
        for name in ("StartElementHandler", "EndElementHandler", "CharacterDataHandler", "StartDoctypeDeclHandler"):
            setattr(self._parser, name, None)

    def _build(self) -> None:
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def _pass_over(self) -> None:
        self._passed = 1
        self._parser.StartElementHandler = self._start_passed if self._open else self._start_more
        self._parser.EndElementHandler = self._end_passed
        self._parser.CharacterDataHandler = self._text_passed if self._open else None

    def _refuse_doctype(self, *_: object) -> None:
        raise _RefusedError("a document type (DTD) is not allowed")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        path, depth = self._path, len(self._path)
        if not depth and name != ROOT:
            raise _RefusedError(f"the root must be {ROOT} (Export-DhcpServer), got {name}")
        if depth >= MAX_DEPTH:
            raise _RefusedError(f"elements are nested more than {MAX_DEPTH} deep")
        path.append(name)
        if depth < len(self._above):
            if name != self._above[depth]:
                self._pass_over()
            elif depth == len(self._above) - 2:
                self._entered += 1
            return
        node = Node(name, self._parser.CurrentLineNumber, self._entered)
        if attributes:
            own = (key for key in attributes if not key.startswith(("xmlns", "xml:", "xsi:")))
            node.attributes = tuple(own)
        if self._open:
            self._open[-1].children.append(node)
        self._open.append(node)
        self._length = 0
        if name in self._skipped_names and tuple(path) in self._skip:
            self._pass_over()

    def _text(self, text: str) -> None:
        if not self._open:
            if len(self._path) == len(self._above) and not text.isspace():  # between the parts
                stray = Node("#text", self._parser.CurrentLineNumber, self._entered)
                stray.text = text
                self._ready.append(stray)
            return
        node = self._open[-1]
        if node.children and text.isspace():
            return  # the indent of the next child
        self._length += len(text)
        if self._length > MAX_TEXT:
            raise _RefusedError(f"a text has more than {MAX_TEXT} characters")
        node.text += text

    def _end(self, name: str) -> None:
        self._path.pop()
        if self._open:
            node = self._open.pop()
            if not self._open:
                self._ready.append(node)

    def _start_passed(self, name: str, attributes: dict[str, str]) -> None:
        self._passed += 1
        self._open[-1].text = "..."
        self._parser.CharacterDataHandler = None
        self._parser.StartElementHandler = self._start_more

    def _text_passed(self, text: str) -> None:
        if not text.isspace():
            self._open[-1].text = "..."

    def _start_more(self, name: str, attributes: dict[str, str]) -> None:
        self._passed += 1

    def _end_passed(self, name: str) -> None:
        self._passed -= 1
        if not self._passed:
            self._build()
            self._end(name)


class Fields:
    """The children of a node by name. What nobody asks for is reported at the end, so nothing is dropped silently.

    Args:
        node: The node.
        findings: The report.
    """

    def __init__(self, node: Node, findings: Findings) -> None:
        self.node = node
        self.findings = findings
        self._by_name: dict[str, list[Node]] = {}
        for child in node.children:
            self._by_name.setdefault(child.name, []).append(child)

    def all(self, name: str) -> list[Node]:
        """Take all children of a name."""
        return self._by_name.pop(name, [])

    def one(self, name: str) -> Node | None:
        """Take the first child of a name, or return None."""
        found = self._by_name.get(name)
        if not found:
            return None
        child = found.pop(0)
        if not found:
            del self._by_name[name]
        return child

    def peek(self, name: str) -> Node | None:
        """Return the first child of a name, or None."""
        found = self._by_name.get(name)
        return found[0] if found else None

    def text(self, name: str) -> str | None:
        """Take the text of a child; None if it is missing or empty."""
        child = self.one(name)
        return None if child is None else self._leaf(child) or None

    def _leaf(self, child: Node) -> str:
        if child.children:
            raise Unusable(child.line, f"{child.name} must have text only")
        if child.attributes:
            self._report_rest(child)
        return child.text

    def texts(self, name: str) -> list[str]:
        """Take the texts of all children of a name.

        Raises:
            Unusable: One of them is not text only.
        """
        return [self._leaf(child) for child in self.all(name)]

    def skipped(self, name: str) -> list[Node]:
        """Take children of a name that were passed over, or are read elsewhere."""
        found = self.all(name)
        for child in found:
            self._report_rest(child)
        return found

    def get(self, name: str, read: Callable[[str], Value], default: Value) -> Value:
        """Take the value of a child; one that cannot be read is reported, and the default returned."""
        child = self.one(name)
        if child is None:
            return default
        with self.findings.part(child.line, child):
            text = self._leaf(child)
            return read(text) if text.strip() else default
        return default

    def need(self, name: str, read: Callable[[str], Value]) -> Value:
        """Take the value of a child that must be there.

        Raises:
            Unusable: It is missing, or cannot be read.
        """
        child = self.one(name)
        if child is None:
            raise Unusable(self.node.line, f"{name} is missing")
        try:
            return read(self._leaf(child))
        except NOT_READ as error:
            raise Unusable(child.line, f"{name}: {error}") from None

    def inside(self, name: str) -> list[Node]:
        """Take the children of a child that is a list, such as ``<Scopes>``."""
        found: list[Node] = []
        for child in self.all(name):
            found += child.children
            self._report_rest(child, is_list=True)
        return found

    def each(self, name: str, item: str) -> Iterator[Node]:
        """Take the items of a list; other elements in it are reported."""
        for child in self.inside(name):
            if child.name == item:
                yield child
            else:
                self.findings.unread(child.line, str(child), f"unknown element in {name}")

    def finish(self, *, alike: object = None) -> None:
        """Report what nobody took.

        Args:
            alike: If given, unknown elements of one name become one entry with a count.
        """
        self._report_rest(self.node)
        for name, children in self._by_name.items():
            for child in children:
                if child.children or child.text.strip() or child.attributes:
                    key = None if alike is None else (alike, name)
                    self.findings.unread(
                        child.line, str(child), f"unknown or repeated element in {self.node.name}", alike=key
                    )

    def _report_rest(self, node: Node, *, is_list: bool = False) -> None:
        if (node.children or is_list) and node.text.strip():
            self.findings.unread(node.line, f"{node.text.strip()} in <{node.name}>", "text between elements")
        for attribute in node.attributes:
            self.findings.unread(node.line, f"attribute {attribute} of <{node.name}>", "unknown attribute")
