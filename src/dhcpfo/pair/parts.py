"""What steps of a plan are made of."""

import enum
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network
from operator import attrgetter, methodcaller
from types import NoneType
from typing import Any

from ..models.base import Record, record
from ..models.convert import plain

__all__ = [
    "SIDES",
    "About",
    "Note",
    "PairId",
    "SecretRef",
    "Side",
    "Undo",
    "counted",
    "data_of",
    "fields_of",
    "shown_duration",
]


class Side(enum.Enum):
    """One of the two servers of a pair: the first or the second argument of `FailoverPair`.

    It is never a host name, so that a plan means the same for another pair. The *role* in a relationship is that of
    the relationship: a pair may hold relationships in both directions.
    """

    PRIMARY = "primary"
    SECONDARY = "secondary"

    __hash__ = object.__hash__  # that of enum.Enum is written in Python, and sides are keys everywhere

    @property
    def other(self) -> "Side":
        """The other side."""
        return Side.SECONDARY if self is Side.PRIMARY else Side.PRIMARY

    def __str__(self) -> str:
        return self.value


SIDES = tuple(Side)
"""Both; to go through an enumeration takes several times as long."""


class Undo(enum.Enum):
    """What becomes of a step when a later one fails."""

    RESTORES = "restores"
    """Writing the value before restores it."""
    RECREATES = "recreates"
    """The thing is made again, but its state or leases are lost."""
    IMPOSSIBLE = "impossible"
    """It stays."""
    WITH_PARENT = "with-parent"
    """It disappears with the scope that the same operation created."""


@record
class SecretRef(Record):
    """Stands for a shared secret in a plan; the text stays in the process that made the plan.

    Attributes:
        source: ``"given"`` (an argument), ``"as-read"`` (what a server showed) or ``"other"`` (neither of the two).
        name: Tells several secrets of one source apart.
    """

    source: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.source} {self.name}".rstrip()

    @property
    def words(self) -> str:
        """Which one it is, for people."""
        side = self.name.partition(" ")[0]
        match self.source:
            case "given":
                return "the old one" if self.name == "old" else "the new one"
            case "as-read":
                return f"the one that the {side} shows" if side else "the present one"
        return "another one" if self.source == "other" else str(self)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values; they never hold the text."""
        return {"secret": self.source, "name": self.name}


@record
class About(Record):
    """What a step changes, and what is read again before it is written.

    Attributes:
        kind: The kind of thing; `dhcpfo.pair.kinds` has a row for each.
        name: The name of a relationship, a class, ….
        scope: The scope that it belongs to.
        key: What identifies it there.
    """

    kind: str
    name: str = ""
    scope: IPv4Address | None = None
    key: Any = ()

    def __str__(self) -> str:
        if self.kind == "members":
            return f"relationship {self.name}"
        words = [self.kind.replace("-", " ")]
        words += [self.name] if self.name else []
        words += [str(self.scope)] if self.scope is not None else []
        if self.key not in ((), None):
            words.append(" ".join(map(str, self.key)) if isinstance(self.key, tuple) else str(self.key))
        return " ".join(words)


@record
class Note(Record):
    """Something that a plan does not change, or that the user should know before.

    Attributes:
        code: A short name, such as ``"left-alone"``.
        text: The same for people.
        guard: The name of the guard that must be lifted for it, if any.
    """

    code: str
    text: str
    guard: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {"code": self.code, "text": self.text, "guard": self.guard}


@record
class PairId(Record):
    """The names of the two servers as the caller connected to them; for people only."""

    primary: str
    secondary: str

    def __getitem__(self, side: Side) -> str:
        return self.primary if side is Side.PRIMARY else self.secondary

    def __str__(self) -> str:
        return f"{self.primary} and {self.secondary}"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shown_duration(value: timedelta | None) -> str:
    """Return a duration for people, such as 1h30m; "never" for None."""
    if value is None:
        return "never"
    seconds, text = int(value.total_seconds()), ""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        text += f"{count}{unit}" if count else ""
    return text or "0s"


PLAIN = frozenset({NoneType, bool, int, str, float})


def data_of(value: Any) -> Any:
    """Return a value of a step as JSON can hold it, in one canonical form."""
    kind = type(value)
    if kind in PLAIN:
        return value
    writer = _writers.get(kind)
    if writer is None:
        writer = _writers[kind] = _writer(kind)
    return writer(value)


def fields_of(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass as JSON can hold them."""
    kind = type(value)
    names = _names.get(kind)
    if names is None:
        names = _names[kind] = tuple(entry.name for entry in fields(kind))
    # Most are plain: for those, a call would take longer than all else here.
    return {name: item if type(item := getattr(value, name)) in PLAIN else data_of(item) for name in names}


_names: dict[type, tuple[str, ...]] = {}
_writers: dict[type, Callable[[Any], Any]] = {}


def _writer(kind: type) -> Callable[[Any], Any]:
    """Return what makes JSON of values of a type. To find that out takes longer than to do it."""
    if issubclass(kind, Side | Undo):
        return attrgetter("value")
    if issubclass(kind, bool | int | str | float) and not issubclass(kind, enum.Enum):
        return lambda value: value
    if issubclass(kind, enum.Enum | IPv4Address | IPv4Network):
        return str
    if issubclass(kind, frozenset | set):
        return _in_order
    if issubclass(kind, tuple | list):
        return lambda value: [data_of(item) for item in value]
    if hasattr(kind, "to_dict"):
        return methodcaller("to_dict")
    if is_dataclass(kind):
        return fields_of
    if issubclass(kind, Mapping):
        return lambda value: {str(key): data_of(item) for key, item in value.items()}
    return plain


def _in_order(values: "frozenset[Any] | set[Any]") -> list[Any]:
    if all(type(item) is IPv4Address for item in values):
        return sorted(map(str, values))  # the same order, but quicker: there may be hundreds of scopes
    import json  # `dhcpfo.fleet.look` must be quick to import, and needs none

    found = [data_of(item) for item in values]
    return sorted(found, key=lambda item: json.dumps(item, sort_keys=True))
