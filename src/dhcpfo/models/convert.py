"""Type checks and conversions of the values that a model is made from.

Types only: a model can hold every value that a server can answer. Limits are checked by `Server`.
"""

import operator
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from enum import Enum
from ipaddress import IPv4Address
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from .addresses import Addresses, to_address, to_addresses
from .secret import Secret, to_secret

__all__ = ["converter", "to_number", "to_time"]

Convert = Callable[[Any, str], Any]
"""Takes a value and the name of its field; returns the value to keep, or raises TypeError or ValueError."""


def wrong_type(field: str, value: object, wanted: str) -> TypeError:
    """Return the error for a value of a wrong type. It names the type only, because the value may be a secret."""
    given = "None" if value is None else type(value).__name__
    return TypeError(f"{field} must be {wanted}, not {given}")


def to_number(value: Any, field: str) -> int:
    """Return ``value`` as an `int`; NumPy's and pandas' integers are accepted, `bool` and fractions are not."""
    if isinstance(value, bool) or not hasattr(type(value), "__index__"):
        raise wrong_type(field, value, "int")
    return int(operator.index(value))


def to_text(value: Any, field: str) -> str:
    """Return ``value`` as an exact `str`."""
    if not isinstance(value, str):
        raise wrong_type(field, value, "str")
    return str.__str__(value)


def to_bytes(value: Any, field: str) -> bytes:
    """Return ``value`` as `bytes`."""
    if not isinstance(value, bytes | bytearray | memoryview):
        raise wrong_type(field, value, "bytes")
    return bytes(value)


def to_timedelta(value: Any, field: str) -> timedelta:
    """Return ``value`` as an exact `timedelta`; one with nanoseconds (pandas) would be cut and is refused."""
    if not isinstance(value, timedelta):
        raise wrong_type(field, value, "timedelta")
    if getattr(value, "nanoseconds", 0):
        raise ValueError(f"{field} must not have nanoseconds, got {value}")
    return timedelta(value.days, value.seconds, value.microseconds)


def to_time(value: Any, field: str) -> datetime:
    """Return ``value`` as a `datetime` with a time zone."""
    if not isinstance(value, datetime) or value != value:  # pandas' NaT is a datetime that differs from itself
        raise wrong_type(field, value, "datetime")
    if value.utcoffset() is None:
        raise ValueError(f"{field} must be a datetime with a time zone, got {value!r}")
    if type(value) is datetime:
        return value
    if getattr(value, "nanosecond", 0):
        raise ValueError(f"{field} must not have nanoseconds, got {value}")
    return datetime.combine(value.date(), value.time(), value.tzinfo)


_BY_TYPE: dict[Any, Convert] = {
    int: to_number,
    str: to_text,
    bytes: to_bytes,
    timedelta: to_timedelta,
    datetime: to_time,
    IPv4Address: to_address,
    Addresses: to_addresses,
    Secret: to_secret,
}


def converter(kind: Any, null: bool = False) -> tuple[type | None, Convert]:
    """Return the exact type of values that need no conversion, if there is one, and the conversion of others.

    Args:
        kind: The annotation of a field.
        null: Whether None is accepted too.
    """
    if null:
        return _union((kind, NoneType))
    if kind is Any or isinstance(kind, TypeVar):
        return None, _anything
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _union(get_args(kind))
    if origin is tuple:
        return None, _items(converter(get_args(kind)[0])[1])
    kind = origin or kind
    if not isinstance(kind, type):
        raise TypeError(f"no conversion to {kind!r}")
    return None if kind is datetime else kind, _BY_TYPE.get(kind) or _instance(kind)


def _anything(value: Any, field: str) -> Any:
    return value


def _instance(kind: type) -> Convert:
    def convert(value: Any, field: str) -> Any:
        if not isinstance(value, kind):
            raise wrong_type(field, value, kind.__name__)
        return value

    return convert


def _items(convert_item: Convert) -> Convert:
    def convert(values: Any, field: str) -> tuple[Any, ...]:
        if isinstance(values, str | bytes | dict) or not isinstance(values, Iterable):
            raise wrong_type(field, values, "a sequence")
        return tuple([convert_item(value, field) for value in values])

    return convert


def _union(kinds: tuple[Any, ...]) -> tuple[type | None, Convert]:
    optional = NoneType in kinds
    alternatives = [kind for kind in kinds if kind is not NoneType]
    if len(alternatives) > 1:
        return None, _one_of(tuple(alternatives), optional)
    exact, convert_value = converter(alternatives[0])

    def convert(value: Any, field: str) -> Any:
        return None if value is None else convert_value(value, field)

    return exact, convert


def _one_of(kinds: tuple[type, ...], optional: bool) -> Convert:
    by_type = {kind: converter(kind)[1] for kind in kinds}
    names = [kind.__name__ for kind in kinds]

    def convert(value: Any, field: str) -> Any:
        if value is None and optional:
            return None
        if type(value) in by_type and not isinstance(value, datetime):
            return value
        for kind, convert_value in by_type.items():
            if isinstance(value, kind):
                return convert_value(value, field)
        if int in by_type and hasattr(type(value), "__index__"):
            return to_number(value, field)
        raise wrong_type(field, value, f"{', '.join(names[:-1])} or {names[-1]}")

    return convert


def plain(value: Any, powershell: bool = False) -> Any:
    """Return ``value`` as JSON can hold it.

    Times become ISO 8601 text, intervals seconds, bytes hexadecimal text with dashes, members of enumerations their
    names. With ``powershell`` the names and intervals are written as the cmdlets show them.
    """
    match value:
        case Enum():
            return pascal(str(value)) if powershell else str(value)
        case datetime():
            return value.isoformat()
        case timedelta():
            return timespan(value) if powershell else _seconds(value)
        case bytes():
            return value.hex("-")
        case IPv4Address():
            return str(value)
        case tuple() | Addresses():
            return [plain(item, powershell) for item in value]
        case Secret():
            return str(value)
    return value.to_dict(powershell=powershell) if hasattr(value, "to_dict") else value


def _seconds(time: timedelta) -> int | float:
    whole, rest = divmod(time, timedelta(seconds=1))
    return time.total_seconds() if rest else whole


def pascal(name: str) -> str:
    """Return a member's name as the cmdlets write it: ``LOAD_BALANCE`` becomes ``LoadBalance``."""
    return "".join(word.capitalize() for word in name.split("_"))


def timespan(time: timedelta) -> str:
    """Format as .NET's TimeSpan does: ``01:00:00``, ``2.01:00:00``."""
    minutes, seconds = divmod(time.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return (f"{time.days}." if time.days else "") + f"{hours:02}:{minutes:02}:{seconds:02}"
