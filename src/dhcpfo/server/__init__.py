"""The `Server` class, a Pythonic interface to one DHCP server, and `connect`."""

import sys
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Literal

from .. import arguments
from ..models import AuthorizedServer
from .classes import ClassesMethods
from .clients import ClientsMethods
from .dll import open_dll, read_directory
from .elements import ElementsMethods
from .failover import FailoverMethods
from .filters import FiltersMethods
from .network import open_network
from .options import OptionsMethods
from .policies import PoliciesMethods
from .scopes import ScopesMethods
from .service import ServiceMethods

if TYPE_CHECKING:
    from ..rpc import Credentials

__all__ = ["Server", "authorized_servers", "connect"]


class Server(
    FailoverMethods,
    ScopesMethods,
    ElementsMethods,
    ClientsMethods,
    OptionsMethods,
    ClassesMethods,
    PoliciesMethods,
    FiltersMethods,
    ServiceMethods,
):
    """One DHCP server.

    Each call talks to this one server only, but a failover relationship exists on two: repeat changes on the partner.
    Threads may share a `Server`, because it keeps no state between calls.

    Failed calls raise `dhcpfo.errors.DhcpError` or a subclass. Invalid arguments raise `ValueError` or `TypeError`
    before anything is sent. After an `OutcomeUnknownError` the server may or may not have carried out the call: read
    back before you repeat a change.

    Use `dhcpfo.connect` for a real server and `dhcpfo.simulator.Lab.connect` for a simulated one.

    Args:
        api: The backend that carries the calls.
    """

    __slots__ = ()


def connect(
    server: str | IPv4Address | None = None,
    *,
    credentials: "Credentials | None" = None,
    route: Literal["dll", "rpc"] | None = None,
    address: str | None = None,
    port: int | None = None,
) -> Server:
    """Connect to a DHCP server: on Windows through Dhcpsapi.dll, elsewhere through the protocol itself, over TCP.

    Nothing is sent before the first call, so an unreachable server or missing rights only show up then. Use ``with
    connect(...) as server:`` or call `Server.close` when done.

    Args:
        server: A host name or IPv4 address; None is this machine, for the DLL.
        credentials: Who calls, over TCP; None is the user with the Kerberos tickets of this process. Calls through the
            DLL use the credentials of the calling thread.
        route: ``"dll"`` or ``"rpc"``, the protocol over TCP. None takes the DLL on Windows, unless one of the other
            options is given.
        address: The address to connect to if it is not the one that the name stands for.
        port: The TCP port of the service; None asks the server's endpoint mapper.

    Raises:
        DhcpsapiMissingError: The DLL or the compiled extension cannot be used on this machine. The message says why,
            and what helps.
        ValueError: Options that contradict each other.
    """
    if isinstance(server, IPv4Address):
        server = str(server)
    server = arguments.optional_text("server", server)
    if route not in (None, "dll", "rpc"):
        raise ValueError(f"route must be 'dll' or 'rpc', got {route!r}")
    options = {"credentials": credentials, "address": address, "port": port}
    given = [name for name, value in options.items() if value is not None]
    if route is None:
        route = "dll" if server is None or (sys.platform == "win32" and not given) else "rpc"
    if route == "dll":
        if given:
            raise ValueError(f"{given[0]} must not be given for Dhcpsapi.dll")
        return Server(open_dll(server))
    if server is None:
        raise ValueError("server must be given for the protocol over TCP")
    return Server(open_network(server, credentials, address, port, connect))


def authorized_servers() -> list[AuthorizedServer]:
    """Return the DHCP servers that are authorized in Active Directory.

    It asks the directory of this machine's domain with the credentials of the calling thread, and no DHCP server.

    Raises:
        DhcpsapiMissingError: Dhcpsapi.dll cannot be used on this machine. The message says why, and what helps.
        DhcpError: The directory cannot be reached (20070), or it refuses.

    Wraps DhcpEnumServers, which is not part of [MS-DHCPM].
    """
    return list(read_directory())
