"""The `Server` class, a Pythonic interface to one DHCP server, and `connect`."""

from ipaddress import IPv4Address

from .. import arguments
from .classes import ClassesMethods
from .clients import ClientsMethods
from .dll import open_dll
from .elements import ElementsMethods
from .failover import FailoverMethods
from .filters import FiltersMethods
from .options import OptionsMethods
from .policies import PoliciesMethods
from .scopes import ScopesMethods
from .service import ServiceMethods

__all__ = ["Server", "connect"]


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


def connect(server: str | IPv4Address | None = None) -> Server:
    """Connect to a DHCP server through Windows' Dhcpsapi.dll.

    Nothing is sent before the first call, so an unreachable server or missing rights only show up then. Calls use the
    credentials of the calling thread. Use ``with connect(...) as server:`` or call `Server.close` when done.

    Args:
        server: A host name or IPv4 address; None is this machine.

    Raises:
        DhcpsapiMissingError: Dhcpsapi.dll cannot be used on this machine. The message says why, and what helps.
    """
    if isinstance(server, IPv4Address):
        server = str(server)
    return Server(open_dll(arguments.optional_text("server", server)))
