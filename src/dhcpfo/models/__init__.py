"""What servers answer and are told, as immutable values; they check nothing, so every answer can be shown."""

from .addresses import Addresses, AddressLike, to_address, to_addresses
from .clients import ClientSearch, HostInfo, unique_client_id
from .failover import FailoverClient, Relationship, RelationshipValues, ScopeStatistics, SystemTime
from .page import Page
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
    "ScopeStatistics",
    "Secret",
    "ServerAttribute",
    "ServerVersion",
    "SystemTime",
    "to_address",
    "to_addresses",
    "unique_client_id",
]
