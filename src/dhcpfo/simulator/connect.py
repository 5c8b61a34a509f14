"""Connections to the servers of a lab: the only module of the simulator that knows `Server` and the extensions."""

import functools
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

from ..api import ManagementApi
from ..models import AuthorizedServer
from ..server import Server
from ..server.dll import why_not_loaded
from .server import SimulatedServer
from .transaction import Rights, Transactions

if TYPE_CHECKING:
    from .._loopback import Registration
    from ..pair import FailoverPair
    from .lab import Lab

__all__ = ["Server", "connect", "connect_pair", "read_directory"]


def connect(
    lab: "Lab", transactions: Transactions, server: str, rights: Rights, *, direct: bool, client: str | None
) -> Server:
    """Return a `Server` for one of a lab's servers.

    Args:
        lab: The lab, which a pickled connection takes along.
        transactions: Opens the lab's state.
        server: The server's name or address.
        rights: The rights of the calls.
        direct: Leave out the compiled extension.
        client: The name of the machine or program that calls.

    Raises:
        ImportError: The extension is not built.
    """
    reopen = functools.partial(_how_to_reopen, lab, server, rights, direct, client)
    simulated = SimulatedServer(transactions, server, rights, reopen, client)
    return Server(simulated if direct else _through_extension(simulated))


def connect_pair(lab: "Lab", primary: Server, secondary: Server) -> "FailoverPair":
    """Return two servers of a lab as a pair that waits on the lab's clock."""
    from ..pair import FailoverPair

    return FailoverPair(primary, secondary, clock=LabClock(lab))


class LabClock:
    """Lets the operations of a pair wait on a lab's clock, which takes no time.

    Args:
        lab: The lab.
    """

    def __init__(self, lab: "Lab") -> None:
        self._lab = lab
        self._start = lab.now

    def __eq__(self, other: object) -> bool:
        return self._lab is other._lab if isinstance(other, LabClock) else NotImplemented

    def __hash__(self) -> int:
        return id(self._lab)

    def monotonic(self) -> float:
        """Return the seconds on the lab's clock since this object was made."""
        return (self._lab.now - self._start).total_seconds()

    def sleep(self, seconds: float) -> None:
        """Advance the lab's clock."""
        self._lab.advance(timedelta(seconds=seconds))

    def now(self) -> datetime:
        """Return the time on the lab's clock."""
        return self._lab.now


def _through_extension(simulated: SimulatedServer) -> ManagementApi:
    try:
        from .. import _dhcpsapi, _loopback
    except ImportError as error:
        raise ImportError(f"{why_not_loaded(error)} Connect with direct=True to do without it.") from error
    name = f"{simulated.server} {id(simulated):x}"  # unique as long as it is registered
    provider = _Provider(simulated, _loopback.serve(simulated, name, carry_errors=True))
    return _dhcpsapi.NativeApi(name, functions=_loopback.functions(), provider=provider, display=simulated.server)


def read_directory(servers: Sequence[tuple[str, IPv4Address]]) -> tuple[AuthorizedServer, ...]:
    """Return the servers that a directory lists, through the compiled extension.

    Args:
        servers: Their names and addresses.

    Raises:
        ImportError: The extension is not built.
    """
    try:
        from .. import _dhcpsapi, _loopback
    except ImportError as error:
        raise ImportError(f"{why_not_loaded(error)} Pass direct=True to do without it.") from error
    _loopback.set_directory(lambda: servers)
    try:
        return _dhcpsapi.enum_servers(_loopback.functions())
    finally:
        _loopback.set_directory(None)


class _Provider:
    """Keeps the registration of the simulated server alive, for a connection through the C ABI."""

    def __init__(self, simulated: SimulatedServer, registration: "Registration") -> None:
        self.reopen = simulated.reopen
        self.take_error = registration.take_error  # keeps the registration alive


def _how_to_reopen(lab: "Lab", server: str, rights: Rights, direct: bool, client: str | None) -> tuple[Any, ...]:
    if not lab.in_file:
        raise TypeError(
            "a connection to a lab in memory cannot leave its process; keep the lab in a file with Lab.open(path)"
        )
    return _reopen, (lab, server, rights, direct, client)


def _reopen(lab: "Lab", server: str, rights: Rights, direct: bool, client: str | None) -> Server:
    return lab.connect(server, rights=rights, direct=direct, client=client)
