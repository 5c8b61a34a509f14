"""The classes and option definitions of two servers, as a file has them; those that every server has are left out."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from ...models import DhcpClass, OptionDefinition
from ...models.names import upper_case
from ...models.standard_options import MICROSOFT, STANDARD
from ...scope import ServerOverview
from ...scope.config import key_to_compare
from ...scope.parts import Unread
from .options import key_name, texts_of
from .serverwide import BUILT_IN, HIGHEST, NOTHING, WORDS
from .yaml_text import Unwritable, comment, flow, scalar

__all__ = ["server_lines"]

Key = TypeVar("Key")
Item = TypeVar("Item", DhcpClass, OptionDefinition)


def server_lines(one: ServerOverview, other: ServerOverview) -> Iterator[str]:
    """Yield the lines for what both servers have; what only one has, or has otherwise, is a comment.

    Raises:
        DhcpError: The classes or definitions of a server could not be read.
    """
    classes = [{_class_key(entry): entry for entry in _read(side.classes)} for side in (one, other)]
    definitions = [
        {key_to_compare(entry.key): entry for entry in _read(side.definitions) if not _standard(entry)}
        for side in (one, other)
    ]
    own = [{key: entry for key, entry in side.items() if key[0] not in BUILT_IN} for side in classes]
    yield from _block("classes", _classes(*own))
    yield from _block("definitions", [_definition(*both) for both in _both(*definitions)])


def _read(part: tuple[Item, ...] | Unread) -> tuple[Item, ...]:
    if isinstance(part, Unread):
        raise part.error
    return part


def _class_key(entry: DhcpClass) -> tuple[str, bool]:
    return upper_case(entry.name or ""), entry.is_vendor


def _standard(entry: OptionDefinition) -> bool:
    """Whether every server has this definition."""
    if entry.user_class:
        return False
    if entry.vendor_class:
        return upper_case(entry.vendor_class) in BUILT_IN and entry.id in MICROSOFT
    found = STANDARD.get(entry.id)
    return found is not None and found[1:3] == (entry.type, entry.multivalued)


def _both(one: dict[Key, Item], other: dict[Key, Item]) -> Iterator[tuple[Item | None, Item | None]]:
    for key in dict.fromkeys((*one, *other)):
        yield one.get(key), other.get(key)


def _block(key: str, lines: Iterable[str]) -> Iterator[str]:
    shown = list(lines)
    if any(not line.startswith("#") for line in shown):
        yield f"    {key}:"
    for line in shown:
        yield f"      {line}"


def _classes(one: dict[tuple[str, bool], DhcpClass], other: dict[tuple[str, bool], DhcpClass]) -> Iterator[str]:
    """Yield the lines of classes. A user class may have the name of a vendor class, but not in a file."""
    names: set[str] = set()
    for both in _both(one, other):
        line, name = _class(*both), next(entry.name or "" for entry in both if entry is not None)
        if not line.startswith("#") and name in names:
            line = f"# class {comment(name)} cannot be in a file: another one has its name"
        names.add(name)
        yield line


def _class(one: DhcpClass | None, other: DhcpClass | None) -> str:
    entry = one or other
    assert entry is not None
    if one is None or other is None or one.data != other.data:
        return f"# class {comment(entry.name or '')} is not the same on the two servers"
    text = entry.data.decode("latin-1")
    plain = text.isascii() and text.isprintable() and text == text.strip()
    data = f"data: {flow([text])}" if plain else f"hex: {entry.data.hex('-')}"
    try:
        values = [f"type: {'vendor' if entry.is_vendor else 'user'}", data, *_description(entry.description)]
        more = _differ({"description": ((one.description or ""), (other.description or ""))})
        return f"{scalar(entry.name or '')}: {{{', '.join(values)}}}{more}"
    except Unwritable as error:
        return f"# class {comment(entry.name or '')} cannot be in a file: {error}"


def _definition(one: OptionDefinition | None, other: OptionDefinition | None) -> str:
    entry = one or other
    assert entry is not None
    shown = f"definition {entry.id} {comment(entry.vendor_class or entry.user_class or '')}".rstrip()
    if one is None or other is None or (one.type, one.multivalued) != (other.type, other.multivalued):
        return f"# {shown} is not the same on the two servers"
    name, kind = key_name(entry.key, short=False), WORDS.get(entry.type)
    default = texts_of(entry.default)
    try:
        if name is None or kind is None or default is None or not 0 < entry.id <= HIGHEST or not entry.name:
            raise Unwritable("its name, number or type")
        values = [f"name: {_quoted(entry.name)}", f"type: {kind}"]
        values += ["multivalued: yes"] if entry.multivalued else []
        values += [] if entry.default == (NOTHING.get(entry.type, 0),) else [f"default: {flow(default)}"]
        more = _differ(
            {key: (getattr(one, key) or "", getattr(other, key) or "") for key in ("name", "default", "description")}
        )
        return f"{scalar(name)}: {{{', '.join((*values, *_description(entry.description)))}}}{more}"
    except Unwritable as error:
        return f"# {shown} cannot be in a file: {error}"


def _differ(words: dict[str, tuple[object, object]]) -> str:
    """Return a comment for what two servers do not have alike, and a plan does not change."""
    names = [name for name, (one, other) in words.items() if one != other]
    return f"  # {' and '.join(names)} differ{'s' if len(names) == 1 else ''} on the two servers" if names else ""


def _description(text: str | None) -> list[str]:
    return [f"description: {_quoted(text)}"] if text else []


def _quoted(text: str) -> str:
    return flow([text])
