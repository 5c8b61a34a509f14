"""What servers answer and are told, as immutable values; they check nothing, so every answer can be shown."""

from .addresses import Addresses, AddressLike, to_address, to_addresses
from .client import ClientSearch, FailoverClient, HostInfo, unique_client_id
from .page import Page
from .relationship import Relationship, RelationshipValues
from .secret import Secret
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
