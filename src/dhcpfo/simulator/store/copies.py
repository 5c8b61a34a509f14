"""Copies of the state of a lab, for snapshots in memory."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from ..clients import ClientTable
from ..journal import Recorded

__all__ = ["copy_of"]

Value = TypeVar("Value")


def copy_of(value: Value) -> Value:
    """Return an equal value that changes by itself; what can never change is shared."""
    copy: Value = _copy(value)
    return copy


def _copy(value: Any) -> Any:
    if isinstance(value, ClientTable):
        return value.copy()
    if isinstance(value, Recorded):
        return type(value)(**{entry.name: _copy(getattr(value, entry.name)) for entry in _fields(value)})
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, tuple) and any(isinstance(item, Recorded) for item in value):
        return tuple(_copy(item) for item in value)
    return value


def _fields(value: Any) -> list[Any]:
    return [entry for entry in fields(value) if entry.init]
