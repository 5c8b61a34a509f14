"""Dataclasses to JSON-ready values and back, driven by their annotations."""

import enum
import functools
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from ..models import Addresses, FailoverClient, Secret
from .clients import ClientTable

__all__ = ["decode", "encode", "hints"]

Encoder = Callable[[Any, bool, bool], Any]
Decoder = Callable[[Any], Any]


def encode(value: Any, *, secrets: bool, sparse: bool = False) -> Any:
    """Return ``value`` in terms of JSON: dicts, lists, text, numbers, true, false and null.

    Args:
        value: A dataclass, or anything that `decode` understands.
        secrets: Whether shared secrets are written, in clear; otherwise null stands for them.
        sparse: Leave out fields of a dataclass that are None by default and None here.
    """
    return _encoder(type(value))(value, secrets, sparse)


def _make_encoder(cls: type) -> Encoder:
    for kind, encoder in _ENCODERS:
        if issubclass(cls, kind):
            return encoder
    if is_dataclass(cls):
        return _dataclass_encoder(cls)
    if issubclass(cls, Iterable):
        return lambda value, secrets, sparse: [_encoder(type(item))(item, secrets, sparse) for item in value]
    raise TypeError(f"{cls.__name__} has no JSON form")


_ENCODERS: tuple[tuple[type | tuple[type, ...], Encoder], ...] = (
    (Secret, lambda value, secrets, _: value.reveal() if secrets else None),
    (enum.Enum, lambda value, *_: value.value),
    (datetime, lambda value, *_: value.isoformat()),
    (timedelta, lambda value, *_: value.total_seconds()),
    ((IPv4Address, IPv4Network), lambda value, *_: str(value)),
    (bytes, lambda value, *_: value.hex()),
    (
        Mapping,
        lambda value, secrets, sparse: {
            str(key): _encoder(type(item))(item, secrets, sparse) for key, item in value.items()
        },
    ),
    ((str, bool, int, float, type(None)), lambda value, *_: value),
    (
        (set, frozenset),
        lambda value, secrets, sparse: [_encoder(type(item))(item, secrets, sparse) for item in sorted(value)],
    ),
)


def _dataclass_encoder(cls: type) -> Encoder:
    entries = [(entry.name, entry.default is None) for entry in fields(cls) if entry.init]

    def encoder(value: Any, secrets: bool, sparse: bool) -> dict[str, Any]:
        data = {}
        for name, can_be_left_out in entries:
            item = getattr(value, name)
            if item is not None or not (sparse and can_be_left_out):
                data[name] = _encoder(type(item))(item, secrets, sparse)
        return data

    return encoder


_encoder: Callable[[type], Encoder] = functools.cache(_make_encoder)
hints: Callable[[type], dict[str, Any]] = functools.cache(typing.get_type_hints)
"""Returns the annotations of a class."""


def decode(hint: Any, data: Any) -> Any:
    """Return the value that `encode` made ``data`` from, where ``hint`` is its annotation."""
    return _decoder(hint)(data)


@functools.cache
def _decoder(hint: Any) -> Decoder:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        one = _decoder(next(argument for argument in arguments if argument is not type(None)))
        return lambda data: None if data is None else one(data)
    if origin is Mapping:
        key, item = map(_decoder, arguments)
        return lambda data: {key(name): item(value) for name, value in data.items()}
    if hint is ClientTable:
        address, record = _decoder(IPv4Address), _decoder(FailoverClient)
        return lambda data: ClientTable((address(name), record(value)) for name, value in data.items())
    if origin in (list, tuple, frozenset):
        item = _decoder(arguments[0])
        return lambda data: origin(map(item, data))
    if is_dataclass(hint):
        return _dataclass_decoder(hint)
    if hint is datetime:
        return datetime.fromisoformat
    if hint is timedelta:
        return lambda data: timedelta(seconds=data)
    if hint is bytes:
        return bytes.fromhex
    if hint in (str, int, float, bool, Addresses, IPv4Address, IPv4Network, Secret) or issubclass(hint, enum.Enum):
        return typing.cast("Decoder", hint)
    raise TypeError(f"{hint} cannot be read")


def _dataclass_decoder(cls: Any) -> Decoder:
    types_of = hints(cls)
    required = {entry.name for entry in fields(cls) if entry.init and MISSING is entry.default is entry.default_factory}

    def decoder(data: Any) -> Any:
        if not required <= data.keys():
            raise TypeError(f"{cls.__name__} lacks a field")
        return cls(**{name: _decoder(types_of[name])(item) for name, item in data.items()})

    return decoder
