"""The base of every model: immutable, checked when it is made, pickled by the names of its fields.

A model is a short class::

    @model
    class HostInfo(Model):
        address: IPv4Address
        netbios_name: str | None = None

It gets a constructor that converts and checks every argument by the annotation of its field. Write ``__init__`` by
hand where arguments may have other types than the fields, for the sake of type checkers; its body is ``fill(self,
(...))`` with one value for each field, after ``hide`` for a secret.

A `Record` checks nothing: ``@record`` is a ``@dataclass(frozen=True, slots=True)`` that is quick to import, for what a
program needs that must start at once.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform, overload

from .convert import converter, plain
from .secret import Secret, hide

__all__ = ["Model", "Ordered", "Record", "all_of", "fill", "model", "record"]

Class = TypeVar("Class")
Known = TypeVar("Known", bound="Model")


class Record:
    """Base class of frozen dataclasses with slots, with the methods that `dataclass` would write for each."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    _names: ClassVar[tuple[str, ...]]
    _values: ClassVar[Any]

    def __repr__(self) -> str:
        try:
            shown = [f"{entry.name}={getattr(self, entry.name)!r}" for entry in fields(self) if entry.repr]
        except AttributeError:  # in a traceback of the constructor
            return f"<{type(self).__qualname__}, not initialized>"
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def __eq__(self, other: object) -> bool:
        if type(self) is type(other):
            return bool(self._values(self) == self._values(other))
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._values(self))

    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __getstate__(self) -> list[Any]:
        return [getattr(self, name) for name in self._names]

    def __setstate__(self, state: list[Any]) -> None:
        for name, value in zip(self._names, state, strict=False):
            object.__setattr__(self, name, value)


class Model(Record):
    """Base class of the models: a record that converts and checks what it is made of."""

    __slots__ = ()

    _secrets: ClassVar[tuple[str, ...]]
    _also: ClassVar[tuple[str, ...]] = ()
    """Properties that `to_dict` shows after the fields."""
    _powershell: ClassVar[Mapping[str, str] | None] = None
    """The properties that the matching cmdlet shows, each with the attribute it comes from."""
    _nullable: ClassVar[tuple[str, ...]] = ()
    """Fields that are never None, unless a server answers NULL where the API does not allow it."""

    def replace(self, /, **changes: Any) -> Self:
        """Return a copy with changed fields; values are converted and checked as in the constructor.

        From Python 3.13 on, `copy.replace` does the same.
        """
        return self._replaced(changes)

    def _replaced(self, changes: Any) -> Self:
        # Secrets are wrapped before anything can fail, and in the caller's own dict, so that no traceback shows them.
        for name in self._secrets:
            if name in changes:
                changes[name] = hide(changes[name])
        return type(self)(**{name: getattr(self, name) for name in self._names} | changes)

    def to_dict(self, *, powershell: bool = False) -> dict[str, Any]:
        """Return JSON-ready values. Secrets are left out.

        Args:
            powershell: Use the property names and values that the matching cmdlet shows. Without a matching
                cmdlet, both forms are the same.
        """
        if powershell and self._powershell is not None:
            return {name: plain(getattr(self, source), True) for name, source in self._powershell.items()}
        shown = [name for name in (*self._names, *self._also) if name not in self._secrets]
        return {name: plain(getattr(self, name)) for name in shown}

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), {name: getattr(self, name) for name in self._names})


class Ordered(Model):
    """A model that is ordered by its fields, first to last."""

    __slots__ = ()

    def __lt__(self, other: Self) -> bool:
        return bool(self._values(self) < self._values(other)) if type(self) is type(other) else NotImplemented

    def __le__(self, other: Self) -> bool:
        return bool(self._values(self) <= self._values(other)) if type(self) is type(other) else NotImplemented

    def __gt__(self, other: Self) -> bool:
        return bool(self._values(self) > self._values(other)) if type(self) is type(other) else NotImplemented

    def __ge__(self, other: Self) -> bool:
        return bool(self._values(self) >= self._values(other)) if type(self) is type(other) else NotImplemented


def _restore(cls: type[Model], values: dict[str, Any]) -> Model:
    """Make a model again from its pickle; a field that this version does not know is an error."""
    if unknown := values.keys() - set(cls._names):
        raise TypeError(f"{cls.__qualname__} has no field {', '.join(sorted(unknown))}; pickled by another version?")
    return cls(**values)


def fill(self: Model, values: tuple[Any, ...]) -> None:
    """Convert and check the constructor's arguments, then set all fields; on an error none is set.

    Args:
        self: The new object.
        values: One value for each field. Not `locals`, which CPython 3.13.0 does not survive without memory.
    """
    steps = _STEPS.get(type(self)) or _steps(type(self))
    ready = [
        value if type(value) is exact else convert(value, name)
        for value, (name, exact, convert, _) in zip(values, steps, strict=True)
    ]
    for (_, _, _, put), value in zip(steps, ready, strict=True):
        put(self, value)


def all_of(cls: type[Known], rows: Iterable[tuple[Any, ...]]) -> list[Known]:
    """Make models of values that other models had in the same fields, so that nothing has to be checked again.

    Args:
        cls: The class.
        rows: For each model, one value for each field.
    """
    made = []
    setters = [put for _, _, _, put in _STEPS.get(cls) or _steps(cls)]
    for values in rows:
        it = object.__new__(cls)
        for put, value in zip(setters, values, strict=True):
            put(it, value)
        made.append(it)
    return made


Step = tuple[str, type | None, Callable[[Any, str], Any], Callable[[Any, Any], None]]
_STEPS: dict[type, list[Step]] = {}


def _steps(cls: type[Model]) -> list[Step]:
    # On first use, not at import.
    steps = [
        (entry.name, *converter(entry.type, entry.name in cls._nullable), cls.__dict__[entry.name].__set__)
        for entry in fields(cls)
    ]
    _STEPS[cls] = steps
    return steps


@overload
def model(cls: type[Class], /) -> type[Class]: ...
@overload
def model(*, kw_only: bool = ...) -> Callable[[type[Class]], type[Class]]: ...
@dataclass_transform(eq_default=True, kw_only_default=True, frozen_default=True, field_specifiers=(field,))
def model(cls: type[Any] | None = None, /, *, kw_only: bool = True) -> Any:
    """Make a model of a class with annotated fields.

    Args:
        cls: The class, derived from `Model`.
        kw_only: False for a model made with positional arguments too.
    """
    if cls is None:
        return lambda cls: model(cls) if kw_only else _model(cls, kw_only=False)
    return _model(cls, kw_only=kw_only)


def _model(cls: type[Any], kw_only: bool) -> type[Any]:
    by_hand = "__init__" in cls.__dict__
    cls = _slotted(cls, kw_only)
    cls._secrets = tuple(entry.name for entry in fields(cls) if Secret in _parts(entry.type))
    cls.__replace__ = cls.replace  # dataclass sets another one from Python 3.13 on
    if not by_hand:
        first = [f"{name} = hide({name})" for name in cls._secrets]
        cls.__init__ = _constructor(cls, kw_only, first, fill=fill, hide=hide)
    return cls


def _parts(kind: Any) -> tuple[Any, ...]:
    return getattr(kind, "__args__", (kind,))


@overload
def record(cls: type[Class], /) -> type[Class]: ...
@overload
def record(*, kw_only: bool = ...) -> Callable[[type[Class]], type[Class]]: ...
@dataclass_transform(eq_default=True, frozen_default=True, field_specifiers=(field,))
def record(cls: type[Any] | None = None, /, *, kw_only: bool = False) -> Any:
    """Make a record of a class with annotated fields.

    Args:
        cls: The class, derived from `Record`.
        kw_only: True for a record made with keywords only.
    """
    if cls is None:
        return lambda cls: _record(cls, kw_only)
    return _record(cls, kw_only)


def _record(cls: type[Any], kw_only: bool) -> type[Any]:
    cls = _slotted(cls, kw_only)
    factories = {entry.name: entry.default_factory for entry in fields(cls) if entry.default_factory is not MISSING}
    first = [f"if {name} is fresh: {name} = make_{name}()" for name in factories]
    scope = {f"make_{name}": factory for name, factory in factories.items()}
    puts = [cls.__dict__[name].__set__ for name in cls._names]

    def fill_unchecked(self: Record, values: tuple[Any, ...]) -> None:
        for put, value in zip(puts, values, strict=True):
            put(self, value)

    cls.__init__ = _constructor(cls, kw_only, first, fill=fill_unchecked, fresh=_FRESH, **scope)
    return cls


def _slotted(cls: type[Any], kw_only: bool) -> type[Any]:
    # What dataclass would generate, Record has: generated code takes time at each import.
    cls = dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)(cls)
    cls._names = tuple(entry.name for entry in fields(cls))
    cls._values = attrgetter(*cls._names)
    return cls


class _Fresh:
    """Stands for a default that is made at each call."""

    def __repr__(self) -> str:
        return "<factory>"


_FRESH = _Fresh()


def _constructor(cls: type[Any], kw_only: bool, first: list[str], **scope: Any) -> Callable[..., None]:
    """Return an ``__init__`` with a parameter for each field. It hands the values to ``fill``.

    Args:
        cls: The class.
        kw_only: Whether the parameters are keywords only.
        first: Lines before that.
        scope: What the lines use, and ``fill``.
    """
    parameters = []
    for entry in fields(cls):
        default = _FRESH if entry.default_factory is not MISSING else entry.default
        if default is MISSING:
            parameters.append(entry.name)
        else:
            scope[f"default_{entry.name}"] = default
            parameters.append(f"{entry.name}=default_{entry.name}")
    lines = [f"def __init__(self, {'*, ' if kw_only else ''}{', '.join(parameters)}):", *first]
    lines.append(f"fill(self, ({''.join(f'{name}, ' for name in cls._names)}))")
    exec("\n ".join(lines), scope)  # noqa: S102  as dataclasses does
    made: Callable[..., None] = scope["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    made.__module__ = cls.__module__
    made.__annotations__ = {entry.name: entry.type for entry in fields(cls)} | {"return": None}
    return made
