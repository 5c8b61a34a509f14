"""Manage Windows DHCPv4 failover: Microsoft's own management API from Python, typed and safe.

`connect` gives a `Server`; `Relationship` and the other models are what it takes and answers; `dhcpfo.errors` holds
the exceptions and `dhcpfo.simulator` a laboratory of simulated servers for any machine.
"""

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


# Talking to servers, and models beyond relationships, load on first use. By plain import statements: programs that
# freeze Python code do not see an import by a computed name.
_IN_MODELS = {"FailoverClient", "HostInfo", "ScopeStatistics", "SystemTime"}
_IN_SERVER = {"Server", "connect"}


def __getattr__(name: str) -> Any:
    if name in _IN_MODELS:
        from . import models

        return getattr(models, name)
    if name in _IN_SERVER:
        from . import server

        return getattr(server, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
