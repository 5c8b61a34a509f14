"""Manage Windows DHCPv4 failover: Microsoft's own management API from Python, typed and safe.

`connect` returns a `Server`. `Relationship` and the other models hold what you send and receive. `dhcpfo.errors` has
the exceptions, and `dhcpfo.simulator` simulates DHCP servers on any machine.
"""

from typing import TYPE_CHECKING, Any

from .enums import (
    AddressStatus,
    AttributeId,
    FailoverMode,
    FailoverState,
    FilterList,
    LeaseState,
    OptionType,
    RelationshipFlags,
    ServerType,
)
from .errors import DhcpError
from .models import Addresses, Client, FailoverClient, HostInfo, Relationship, ScopeStatistics, Secret, SystemTime

if TYPE_CHECKING:
    from .models import (
        DhcpClass,
        Filter,
        FilterPattern,
        OptionDefinition,
        OptionValue,
        ServerAttribute,
        ServerVersion,
    )
    from .pair import FailoverPair
    from .server import Server, authorized_servers, connect

    __version__: str

__all__ = [
    "AddressStatus",
    "Addresses",
    "AttributeId",
    "Client",
    "DhcpClass",
    "DhcpError",
    "FailoverClient",
    "FailoverMode",
    "FailoverPair",
    "FailoverState",
    "Filter",
    "FilterList",
    "FilterPattern",
    "HostInfo",
    "LeaseState",
    "OptionDefinition",
    "OptionType",
    "OptionValue",
    "Relationship",
    "RelationshipFlags",
    "ScopeStatistics",
    "Secret",
    "Server",
    "ServerAttribute",
    "ServerType",
    "ServerVersion",
    "SystemTime",
    "__version__",
    "authorized_servers",
    "connect",
]


def __getattr__(name: str) -> Any:
    # Loaded on first use, by plain import statements: programs that freeze Python code do not see others.
    if name in ("Server", "authorized_servers", "connect"):
        from . import server

        return getattr(server, name)
    if name == "FailoverPair":
        from . import pair

        return pair.FailoverPair
    if name == "__version__":
        from importlib.metadata import version

        return version("dhcpfo")
    if name in __all__:  # a model that failover does without
        from . import models

        return getattr(models, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
