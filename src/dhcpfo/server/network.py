"""Opening the backend of a real server over the network: the protocol of the API in Python."""

from functools import partial
from typing import TYPE_CHECKING, Any

from ..api import ManagementApi
from ..errors import DhcpsapiMissingError
from .dll import why_not_loaded

if TYPE_CHECKING:
    from ..rpc import Credentials

__all__ = ["open_network"]


def open_network(
    server: str, credentials: "Credentials | None", address: str | None, port: int | None, reopen: Any
) -> ManagementApi:
    """Return the backend that calls a server over TCP.

    Args:
        server: The server's name or address.
        credentials: Who calls.
        address: The address to connect to.
        port: The service's port.
        reopen: `dhcpfo.connect`, for pickled connections.

    Raises:
        DhcpsapiMissingError: The compiled extension cannot be used. The message says why, and what helps.
    """
    try:
        from ..rpc.client import RpcApi
    except ImportError as error:
        raise DhcpsapiMissingError(why_not_loaded(error)) from error
    again = partial(_how_to_reopen, reopen, server, credentials, address, port)
    return RpcApi(server, address=address, port=port, credentials=credentials, reopen=again)


def _how_to_reopen(
    connect: Any, server: str, credentials: "Credentials | None", address: str | None, port: int | None
) -> tuple[Any, ...]:
    options = {"credentials": credentials, "route": "rpc", "address": address, "port": port}
    return partial(connect, server, **options), ()
