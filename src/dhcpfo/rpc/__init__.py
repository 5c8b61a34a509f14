"""The management API over the network: MS-DHCPM, a DCE/RPC protocol over TCP.

`RpcApi` calls a server with it; `RpcServer` lets others call any `dhcpfo.api.ManagementApi`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import RpcApi
    from .security import Credentials
    from .server import Account, RpcServer

__all__ = ["Account", "Credentials", "RpcApi", "RpcServer"]


def __getattr__(name: str) -> Any:
    if name == "RpcApi":
        from .client import RpcApi

        return RpcApi
    if name == "Credentials":
        from .security import Credentials

        return Credentials
    if name in ("Account", "RpcServer"):
        from . import server

        return getattr(server, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
