"""The base classes of the enumerations."""

import enum
import operator
from typing import SupportsIndex, cast

__all__ = ["Named", "OpenIntEnum"]


class Named:
    """Prints as its name; `int`, comparison and the number formats stay those of its number."""

    __slots__ = ()

    def __str__(self) -> str:
        return getattr(self, "_name_", None) or int.__repr__(self)

    def __format__(self, spec: str) -> str:
        if spec and spec[-1] in "bcdeEfFgGnoxX%":  # a number is asked for: f"{flags:#04x}"
            return int.__format__(self, spec)  # type: ignore[arg-type]
        return format(str(self), spec)


class OpenIntEnum(Named, enum.IntEnum):
    """An integer enumeration in which an unknown number becomes a member ``UNKNOWN_n`` instead of an error."""

    @classmethod
    def _missing_(cls, value: object) -> "OpenIntEnum | None":
        if not isinstance(value, SupportsIndex):
            return None
        value = operator.index(value)
        if known := cls._value2member_map_.get(value):  # the number was of another library's type
            return cast("OpenIntEnum", known)
        member = int.__new__(cls, value)  # with the value, or it would equal 0
        member._name_, member._value_ = f"UNKNOWN_{value}", value
        return member  # not cached: no growing global
