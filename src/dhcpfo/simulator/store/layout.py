"""Which parts of a lab's state have a row in a file, and what is in it: follows from the annotations.

The lab, each server, relationship, scope and client has a row. So has each entry of a mapping, and of a tuple that is
marked by `journal.keyed`: option values, policies, reservations and so on. All other values are in the row of the
object that has them.
"""

import functools
import json
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from ..clients import ClientTable
from ..codec import decode, encode, hints
from ..journal import ROW_KEY, SORTED, Recorded

__all__ = [
    "LAB",
    "Home",
    "Key",
    "Layout",
    "List",
    "adopt",
    "doc_of",
    "home_of",
    "key_text",
    "layout_of",
    "lists_of",
    "load_doc",
    "make",
]


class Key(NamedTuple):
    """What identifies a row.

    Attributes:
        server: The number of its server; 0 for the lab itself and the rows of servers.
        scope: Its scope as a number; 0 if it is not in a scope.
        kind: The attribute that holds it, such as ``"endpoints"`` or ``"options.values"``.
        key: What tells it from others of its kind, as JSON.
    """

    server: int
    scope: int
    kind: str
    key: str


LAB = Key(0, 0, "lab", "")


class Home(NamedTuple):
    """Where a file keeps an object.

    Attributes:
        row: The row that it is in.
        root: The object of that row: itself, or the one that it is a part of.
        server: The number of the server in the keys of what it holds.
        scope: The scope in those keys.
        prefix: What their kinds begin with.
    """

    row: Key
    root: Recorded
    server: int
    scope: int
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class List:
    """A mapping, or a tuple, with a row for each entry.

    Attributes:
        item: The annotation of an entry.
        key: The annotation of a key.
        key_of: Returns the key of a tuple's entry.
        is_sorted: Whether its order is that of the keys.
    """

    item: Any
    key: Any = str
    key_of: Callable[[Any], str] | None = None
    is_sorted: bool = False

    def entries(self, value: Any) -> dict[Any, Any]:
        """Return the entries by their key."""
        if self.key_of is None:
            return typing.cast("dict[Any, Any]", value)
        found: dict[str, Any] = {}
        for entry in value:
            key = name = self.key_of(entry)
            number = 1
            while key in found:
                number += 1
                key = f"{name}#{number}"
            found[key] = entry
        return found

    def value(self, entries: dict[Any, Any]) -> Any:
        """Return what `entries` has made."""
        if self.is_sorted:
            entries = dict(sorted(entries.items()))
        return entries if self.key_of is None else tuple(entries.values())


@dataclass(frozen=True, slots=True)
class Layout:
    """How the objects of a class are kept.

    Attributes:
        own: The attributes in the row of the object, with their annotations.
        parts: Attributes with objects that are in that row, too, and hold lists.
        lists: The attributes with a row for each entry.
        clients: The attribute with a table of clients, if there is one.
    """

    own: Mapping[str, Any]
    parts: Mapping[str, Any]
    lists: Mapping[str, List]
    clients: str | None


def layout_of(cls: type) -> Layout:
    """Return how the objects of a class are kept."""
    return _layout(cls)


@functools.cache
def _layout(cls: Any) -> Layout:
    own: dict[str, Any] = {}
    parts: dict[str, Any] = {}
    lists: dict[str, List] = {}
    clients = None
    for entry in fields(cls):
        hint = hints(cls)[entry.name]
        arguments = typing.get_args(hint)
        if not entry.init:
            continue
        if hint is ClientTable:
            clients = entry.name
        elif typing.get_origin(hint) is Mapping:
            lists[entry.name] = List(arguments[1], arguments[0])
        elif ROW_KEY in entry.metadata:
            lists[entry.name] = List(arguments[0], key_of=entry.metadata[ROW_KEY], is_sorted=entry.metadata[SORTED])
        elif isinstance(hint, type) and issubclass(hint, Recorded) and layout_of(hint).lists:
            parts[entry.name] = hint
        else:
            own[entry.name] = hint
    return Layout(own, parts, lists, clients)


def adopt(thing: Recorded, home: Home) -> None:
    """Note where an object, and what is in its row, is kept."""
    object.__setattr__(thing, "home", home)
    layout = layout_of(type(thing))
    for name in layout.own:
        value = getattr(thing, name)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Recorded):
                object.__setattr__(one, "home", home)
    for name in layout.parts:
        adopt(getattr(thing, name), home._replace(prefix=f"{home.prefix}{name}."))
    if layout.clients is not None:
        getattr(thing, layout.clients).home = (home.server, home.scope)


def doc_of(thing: Any) -> str:
    """Return what is in the row of an object."""
    values = _values(thing) if isinstance(thing, Recorded) else encode(thing, secrets=True, sparse=True)
    return json.dumps(values, separators=(",", ":"))


def _values(thing: Recorded) -> dict[str, Any]:
    layout = layout_of(type(thing))
    values = {name: encode(getattr(thing, name), secrets=True, sparse=True) for name in layout.own}
    return values | {name: _values(getattr(thing, name)) for name in layout.parts}


def make(hint: Any, doc: str) -> Any:
    """Return the object of a row: without what has rows besides it."""
    data = json.loads(doc)
    if not (isinstance(hint, type) and issubclass(hint, Recorded)):
        return decode(hint, data)
    layout = layout_of(hint)
    thing = hint(**{name: decode(layout.own[name], item) for name, item in data.items() if name not in layout.parts})
    for name in layout.parts.keys() & data.keys():
        _load(getattr(thing, name), data[name])
    return thing


def load_doc(thing: Recorded, doc: str) -> None:
    """Give an object the values of its row; what has rows besides it stays."""
    _load(thing, json.loads(doc))


def _load(thing: Recorded, data: dict[str, Any]) -> None:
    layout = layout_of(type(thing))
    for name, item in data.items():
        if name in layout.parts:
            _load(getattr(thing, name), item)
        else:
            setattr(thing, name, decode(layout.own[name], item))


def home_of(kind: str, key: Any, thing: Recorded, owner: Home) -> Home:
    """Return where an entry of a list is kept that is an object with its own attributes.

    Args:
        kind: The kind of its row.
        key: Its key in the list; for a server its number.
        thing: The entry.
        owner: Where the object with the list is kept.
    """
    row = Key(owner.server, owner.scope, kind, key_text(key))
    if kind == "hosts":
        return Home(row, thing, key, 0)
    return Home(row, thing, owner.server, int(key) if kind == "scopes" else owner.scope)


def key_text(key: Any) -> str:
    """Return a key of a list as the key of a row: JSON, since a name can be what SQLite takes for no text."""
    return json.dumps(encode(key, secrets=False))


def lists_of(thing: Recorded) -> Iterator[tuple[Recorded, str, List]]:
    """Yield the lists of an object and its parts: the object that has it, its name there, and how it is kept."""
    layout = layout_of(type(thing))
    for name, kept in layout.lists.items():
        yield thing, name, kept
    for name in layout.parts:
        yield from lists_of(getattr(thing, name))
