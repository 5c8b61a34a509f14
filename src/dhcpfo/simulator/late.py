"""Calls that a server carries out after their reply was lost."""

import contextlib
import enum
import json
from datetime import datetime, timedelta
from ipaddress import IPv4Address
from typing import Any

from .. import enums, models
from ..errors import DhcpError
from ..models import Secret
from ..models.base import Model
from .faults import LateCall
from .server import SimulatedServer
from .transaction import Nested, Rights

__all__ = ["carry_out", "pack", "unpack"]


def carry_out(transactions: Nested, server: str, late: LateCall) -> None:
    """Carry out a late call inside the transaction that is open; nobody gets its answer."""
    if late.arguments is None:  # a copy of the lab without secrets
        return
    api = SimulatedServer(transactions, server, Rights(late.rights), _cannot_reopen)
    with contextlib.suppress(DhcpError):
        arguments, keywords = json.loads(late.arguments.reveal())
        getattr(api, late.method)(*unpack(arguments), **{name: unpack(value) for name, value in keywords})


def _cannot_reopen() -> Any:
    raise TypeError("a late call has no connection")


def pack(value: Any) -> Any:
    """Return an argument of a method of `ManagementApi` in JSON-ready values, secrets included."""
    match value:
        case Secret():
            return ["Secret", value.reveal()]
        case enum.Enum():
            return [type(value).__name__, int(value.value)]
        case None | bool() | int() | str():
            return value
        case timedelta():
            return ["timedelta", value.total_seconds()]
        case datetime():
            return ["datetime", value.isoformat()]
        case IPv4Address():
            return ["IPv4Address", str(value)]
        case bytes():
            return ["bytes", value.hex()]
        case Model():
            return [type(value).__name__, {name: pack(getattr(value, name)) for name in value._names}]
    return ["tuple", [pack(item) for item in value]]


READERS: dict[str, Any] = {
    "Secret": Secret,
    "timedelta": lambda seconds: timedelta(seconds=seconds),
    "datetime": datetime.fromisoformat,
    "IPv4Address": IPv4Address,
    "bytes": bytes.fromhex,
    "tuple": lambda items: tuple(unpack(item) for item in items),
}


def unpack(data: Any) -> Any:
    """Return the value that `pack` made ``data`` from; sequences become tuples, which the models convert."""
    if not isinstance(data, list):
        return data
    kind, content = data
    if kind in READERS:
        return READERS[kind](content)
    if isinstance(content, dict):
        return getattr(models, kind)(**{name: unpack(item) for name, item in content.items()})
    return getattr(enums, kind)(content)
