"""An immutable dictionary."""

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn, Self, TypeVar

__all__ = ["EMPTY", "FrozenDict"]

Key = TypeVar("Key")
Value = TypeVar("Value")


def _first(item: tuple[Any, Any]) -> Any:
    return item[0]


class FrozenDict(dict[Key, Value]):
    """A dictionary that cannot be changed: it can be hashed, and its keys are in ascending order.

    Two with equal items are equal, also to a `dict` with those.
    """

    __slots__ = ()

    def __init__(self, items: Mapping[Key, Value] | Iterable[tuple[Key, Value]] = ()) -> None:
        super().__init__(sorted(dict(items).items(), key=_first))

    @classmethod
    def ordered(cls, items: Iterable[tuple[Key, Value]]) -> Self:
        """Make one of items that are in ascending order already; that is not checked."""
        self = cls.__new__(cls)
        dict.__init__(self, items)
        return self

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(self.items()))

    def _refuse(self, *args: Any, **more: Any) -> NoReturn:
        """Raise TypeError: the dictionary cannot be changed."""
        raise TypeError("FrozenDict cannot be changed")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __or__(self, other: Any) -> Any:
        return FrozenDict({**self, **other}) if isinstance(other, Mapping) else NotImplemented

    def copy(self) -> Self:
        """Return itself."""
        return self

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)

    def __repr__(self) -> str:
        return f"FrozenDict({dict.__repr__(self)})"


EMPTY: FrozenDict[Any, Any] = FrozenDict()
