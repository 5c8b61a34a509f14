"""The central protocol: the DHCP Server Management API of one server, one method for each API function.

A backend either implements it (the simulator) or carries it to a server (`Dhcpsapi.dll`). Methods take only the
arguments their C function reads and raise `dhcpfo.errors.DhcpError`. They do not check what the server can check.
"""

from typing import Protocol

from .classes import ClassesApi
from .clients import ClientsApi
from .elements import ElementsApi
from .failover import WHOLE, FailoverApi
from .filters import FiltersApi
from .functions import CHANGES, FUNCTIONS
from .options import OptionsApi
from .policies import PoliciesApi
from .scopes import ScopesApi
from .service import ServiceApi

__all__ = ["CHANGES", "FUNCTIONS", "WHOLE", "FailoverApi", "ManagementApi", "ServiceApi"]


class ManagementApi(
    FailoverApi,
    ScopesApi,
    ElementsApi,
    ClientsApi,
    OptionsApi,
    ClassesApi,
    PoliciesApi,
    FiltersApi,
    ServiceApi,
    Protocol,
):
    """The DHCP Server Management API of one server."""

    @property
    def server(self) -> str | None:
        """The server as people name it; None for this machine."""
        ...

    def close(self) -> None:
        """Release the connection; does nothing for the DLL."""
        ...
