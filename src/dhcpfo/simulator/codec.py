"""Dataclasses to JSON-ready values and back, driven by their annotations."""

import enum
import functools
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from ..models import Addresses, FailoverClient, Secret
from .clients import ClientTable

__all__ = ["decode", "encode"]


def encode(value: Any, *, secrets: bool) -> Any:
    """Return ``value`` in terms of JSON: dicts, lists, text, numbers, true, false and null.

    Args:
        value: A dataclass, or anything that `decode` understands.
        secrets: Whether shared secrets are written, in clear; otherwise null stands for them.
    """
    match value:
        case Secret():
            return value.reveal() if secrets else None
        case enum.Enum():
            return value.value
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case IPv4Address() | IPv4Network():
            return str(value)
        case bytes():
            return value.hex()
        case dict():
            return {str(key): encode(item, secrets=secrets) for key, item in value.items()}
        case str() | None | bool() | int() | float():
            return value
        case set() | frozenset():
            return [encode(item, secrets=secrets) for item in sorted(value)]
        case _ if is_dataclass(value):
            return {
                entry.name: encode(getattr(value, entry.name), secrets=secrets) for entry in fields(value) if entry.init
            }
        case Iterable():
            return [encode(item, secrets=secrets) for item in value]
    raise TypeError(f"{type(value).__name__} has no JSON form")


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def decode(hint: Any, data: Any) -> Any:
    """Return the value that `encode` made ``data`` from, where ``hint`` is its annotation."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return None if data is None else decode(next(one for one in arguments if one is not type(None)), data)
    if origin is Mapping:
        key, item = arguments
        return {decode(key, name): decode(item, value) for name, value in data.items()}
    if hint is ClientTable:
        return ClientTable((IPv4Address(name), decode(FailoverClient, value)) for name, value in data.items())
    if origin in (list, tuple, frozenset):
        return origin(decode(arguments[0], item) for item in data)
    if is_dataclass(hint):
        assert isinstance(hint, type)
        types_of = _hints(hint)
        return hint(**{name: decode(types_of[name], item) for name, item in data.items()})
    if hint is datetime:
        return datetime.fromisoformat(data)
    if hint is timedelta:
        return timedelta(seconds=data)
    if hint is bytes:
        return bytes.fromhex(data)
    if hint in (str, int, float, bool, Addresses, IPv4Address, IPv4Network, Secret) or issubclass(hint, enum.Enum):
        return hint(data)
    raise TypeError(f"{hint} cannot be read")
