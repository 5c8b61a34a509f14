"""What servers answer and are told, as immutable values; they check nothing, so every answer can be shown."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .addresses import Addresses, AddressLike, to_address, to_addresses
from .relationship import Relationship, RelationshipValues
from .secret import Secret

if TYPE_CHECKING:
    from .client import ClientSearch, FailoverClient, HostInfo, unique_client_id
    from .page import Page
    from .statistics import ScopeStatistics, SystemTime

__all__ = [
    "AddressLike",
    "Addresses",
    "ClientSearch",
    "FailoverClient",
    "HostInfo",
    "Page",
    "Relationship",
    "RelationshipValues",
    "ScopeStatistics",
    "Secret",
    "SystemTime",
    "to_address",
    "to_addresses",
    "unique_client_id",
]

# Families that a program about relationships alone does not need; they load on first use.
_FAMILIES = {
    "ClientSearch": "client",
    "FailoverClient": "client",
    "HostInfo": "client",
    "Page": "page",
    "ScopeStatistics": "statistics",
    "SystemTime": "statistics",
    "unique_client_id": "client",
}


def __getattr__(name: str) -> Any:
    if name not in _FAMILIES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_FAMILIES[name]}", __name__), name)
