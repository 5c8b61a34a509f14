"""Manage Windows DHCPv4 failover: Microsoft's own management API from Python, typed and safe.

`connect` gives a `Server`; `Relationship` and the other models are what it takes and answers; `dhcpfo.errors` holds
the exceptions and `dhcpfo.simulator` a laboratory of simulated servers for any machine.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .enums import AddressStatus, FailoverMode, FailoverState, RelationshipFlags, ServerType
from .errors import DhcpError
from .models import Addresses, Relationship, Secret

if TYPE_CHECKING:
    from .models import FailoverClient, HostInfo, ScopeStatistics, SystemTime
    from .server import Server, connect

__all__ = [
    "AddressStatus",
    "Addresses",
    "DhcpError",
    "FailoverClient",
    "FailoverMode",
    "FailoverState",
    "HostInfo",
    "Relationship",
    "RelationshipFlags",
    "ScopeStatistics",
    "Secret",
    "Server",
    "ServerType",
    "SystemTime",
    "connect",
]


# Talking to servers, and models beyond relationships, load on first use.
_ON_FIRST_USE = {
    "FailoverClient": ".models",
    "HostInfo": ".models",
    "ScopeStatistics": ".models",
    "Server": ".server",
    "SystemTime": ".models",
    "connect": ".server",
}


def __getattr__(name: str) -> Any:
    if name not in _ON_FIRST_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_ON_FIRST_USE[name], __name__), name)


def __dir__() -> list[str]:
    return __all__
