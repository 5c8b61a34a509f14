"""Immutable data classes for requests and answers. They check types only, so every answer can be represented."""

from .addresses import Addresses, AddressLike, to_address, to_addresses
from .clients import ClientSearch, HostInfo, unique_client_id
from .failover import FailoverClient, Relationship, RelationshipValues, ScopeStatistics, SystemTime
from .page import Page
from .scopes import Scope, Superscope, SuperscopeEntry
from .secret import Secret
from .service import ServerAttribute, ServerVersion

__all__ = [
    "AddressLike",
    "Addresses",
    "ClientSearch",
    "FailoverClient",
    "HostInfo",
    "Page",
    "Relationship",
    "RelationshipValues",
    "Scope",
    "ScopeStatistics",
    "Secret",
    "ServerAttribute",
    "ServerVersion",
    "Superscope",
    "SuperscopeEntry",
    "SystemTime",
    "to_address",
    "to_addresses",
    "unique_client_id",
]
