"""Manage Windows DHCPv4 failover: Microsoft's own management API from Python, typed and safe.

`connect` gives a `Server`; `Relationship` and the other models are what it takes and answers; `dhcpfo.errors` holds
the exceptions and `dhcpfo.simulator` a laboratory of simulated servers for any machine.
"""

from typing import TYPE_CHECKING, Any

from .enums import AddressStatus, FailoverMode, FailoverState, RelationshipFlags, ServerType
from .errors import DhcpError
from .models import (
    Addresses,
    FailoverClient,
    HostInfo,
    Relationship,
    ScopeStatistics,
    Secret,
    SystemTime,
)

if TYPE_CHECKING:
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


def __getattr__(name: str) -> Any:
    # What talks to servers loads on first use: a program that only handles models starts faster without it.
    if name in ("Server", "connect"):
        from . import server

        return getattr(server, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
