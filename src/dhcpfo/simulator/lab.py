"""The lab: a network of simulated DHCP servers."""

import errno
import os
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import timedelta
from ipaddress import IPv4Network
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..arguments import relationship as checked
from ..arguments import text
from ..enums import FailoverMode, ServerType
from ..models import AddressLike, Relationship, Secret
from ..models.secret import hide
from . import late
from .clock import Clock
from .lab_base import check_instance, find_host
from .lab_clients import LabClients
from .lab_exports import LabExports
from .lab_faults import LabFaults
from .lab_scopes import LabScopes, check_network
from .lab_servers import FIRST_ADDRESS, LabServers, find_or_add
from .lab_snapshots import LabSnapshots
from .lab_time import LabTime
from .state import LabState
from .store import FileStore, MemoryStore, Store, from_dict, to_dict
from .switches import Switches, Timers
from .transaction import Rights, Transactions, exclusive

if TYPE_CHECKING:
    from ..pair import FailoverPair
    from ..rpc import Account, RpcServer
    from .connect import Server

__all__ = ["Lab"]


class Lab(LabServers, LabScopes, LabClients, LabExports, LabFaults, LabTime, LabSnapshots):
    """A network of simulated DHCP servers.

    Servers are named by their name (in any case) or their address, scopes by their network address. Several threads may
    use a lab at once. Nothing happens in the background: pending events run, in order, each time the lab is used. A
    method that raises, or that a signal handler interrupts, changes nothing.

    A lab can be used as a context manager; once closed, its servers are unreachable.

    Args:
        clock: How time passes; advanced by hand (`advance`) by default.
        switches: The assumptions about real servers where the sources leave something open.
        timers: The timers of the failover protocol.

    Example:
        >>> with Lab() as lab:
        ...     lab.add_server("dhcp1", "192.0.2.1")
        ...     lab.add_server("dhcp2", "192.0.2.2")
        ...     lab.add_scope("10.0.0.0/24")
        ...     server = lab.connect("dhcp1")
    """

    def __init__(
        self, *, clock: Clock | None = None, switches: Switches | None = None, timers: Timers | None = None
    ) -> None:
        self._begin(MemoryStore(_initial(clock, switches, timers)), None)

    def _begin(self, store: Store, path: Path | None) -> None:
        self._transactions = Transactions(store, late)
        self._path = path

    @classmethod
    def open(
        cls,
        path: str | PathLike[str],
        *,
        clock: Clock | None = None,
        switches: Switches | None = None,
        timers: Timers | None = None,
        create: bool = True,
    ) -> "Lab":
        """Return a lab that is kept in a file, which several processes may have open at once.

        Each call is one transaction: a kill at any moment leaves the state before it or after it. The file holds
        shared secrets in clear.

        Args:
            path: The file; created if it does not exist.
            clock: How time passes in a new file; an existing file keeps its clock, switches and timers.
            switches: As for `Lab`; for a new file.
            timers: As for `Lab`; for a new file.
            create: Whether to make a new lab if the file does not exist or is empty. Otherwise, that is an error, and
                the file stays as it is.

        Raises:
            OSError: The file cannot be created or used.
            ValueError: The file is not a lab.
        """
        if str(path) == ":memory:":
            raise ValueError("path must name a file, got ':memory:'; Lab() is a lab in memory")
        lab = cls.__new__(cls)
        where = Path(path).absolute()
        lab._begin(FileStore(where, _initial(clock, switches, timers) if create else None), where)
        return lab

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Lab":
        """Return a lab in memory with the state that `to_dict` returned.

        Raises:
            ValueError: ``data`` was written by a version with another format.
        """
        lab = cls.__new__(cls)
        try:
            lab._begin(MemoryStore(from_dict(data)), None)
        finally:
            del data  # or the error's traceback would hold it, with the secrets in it
        return lab

    @exclusive
    def to_dict(self, *, secrets: bool = False) -> dict[str, Any]:
        """Return the whole state in JSON-ready values.

        Args:
            secrets: Include the shared secrets, in clear. Without them, restored relationships have none, on either
                side; the partners still understand each other.
        """
        with self._transactions.begin(changing=False) as state:
            return to_dict(state, secrets=secrets)

    @exclusive
    def save(self, path: str | PathLike[str]) -> None:
        """Write the whole state into a new file, which `open` opens. Shared secrets are in it, in clear.

        This lab stays where it is. The file appears when it is complete.

        Raises:
            FileExistsError: The file exists.
            OSError: The file cannot be written.
        """
        where = Path(path).absolute()
        if where.exists():
            raise FileExistsError(errno.EEXIST, "the file exists", str(where))
        aside = where.with_name(f".{where.name}.{os.getpid()}-{id(self):x}")
        os.close(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        try:
            with self._transactions.begin(changing=False) as state:
                data = to_dict(state, secrets=True)
            try:
                FileStore(aside, from_dict(data)).close()
            except sqlite3.Error as error:
                raise OSError(errno.EIO, str(error), str(where)) from error
            _publish(aside, where)
        finally:
            aside.unlink(missing_ok=True)

    def close(self) -> None:
        """Make every server unreachable. A file keeps its state, and the methods of the lab still work."""
        self._transactions.closed = True
        self._transactions.store.close()

    @property
    def in_file(self) -> bool:
        """Whether the lab is kept in a file, so that it and its connections can be pickled."""
        return self._path is not None

    def __reduce__(self) -> tuple[Any, ...]:
        if self._path is None:
            raise TypeError(
                "a lab in memory cannot be pickled or copied; Lab.from_dict(lab.to_dict(secrets=True)) makes a copy, "
                "and Lab.open(path) keeps a lab where other processes find it"
            )
        return _reopen_lab, (str(self._path),)

    def __enter__(self) -> "Lab":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @exclusive
    def connect(
        self,
        server: AddressLike,
        *,
        rights: Rights = Rights.ADMINISTRATOR,
        direct: bool = False,
        client: str | None = None,
    ) -> "Server":
        """Return a `Server` for one of the lab's servers.

        Args:
            server: Its name or address.
            rights: The rights of its calls on that server.
            direct: Leave out the compiled extension; otherwise calls go through the code that calls Dhcpsapi.dll.
            client: A name for the machine or program that calls, for faults that concern only one of several.

        Raises:
            ValueError: The lab has no such server.
            ImportError: The extension is not built.
        """
        from .connect import connect

        check_instance("rights", rights, Rights)
        if client is not None:
            text("client", client)
        with self._transactions.begin(changing=False) as state:
            find_host(state, server)
        return connect(self, self._transactions, str(server), rights, direct=direct, client=client)

    def connect_pair(self, primary: AddressLike, secondary: AddressLike, *, direct: bool = False) -> "FailoverPair":
        """Return two of the lab's servers as a `dhcpfo.FailoverPair` that waits on the lab's clock.

        Args:
            primary: Name or address of the server that becomes the primary of new relationships.
            secondary: The other one.
            direct: As for `connect`.

        Raises:
            ValueError: The lab has no such server, or both are the same.
            ImportError: The extension is not built.
        """
        from .connect import connect_pair

        return connect_pair(self, self.connect(primary, direct=direct), self.connect(secondary, direct=direct))

    def listen(
        self,
        server: AddressLike,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        accounts: "Mapping[str, Account | str | Secret] | None" = None,
        keytab: str | PathLike[str] | None = None,
        mapper_port: int | None = None,
    ) -> "RpcServer":
        r"""Serve one of the lab's servers on a TCP port, with the protocol of real servers.

        Without accounts and keytab, clients on this machine need no logon.

        Args:
            server: Its name or address.
            host: The address to listen on.
            port: The port; 0 takes a free one.
            accounts: For each user, ``DOMAIN\user`` or ``user``, a password or a `dhcpfo.rpc.Account`.
            keytab: The file with the server's Kerberos keys.
            mapper_port: The port of an endpoint mapper; None leaves it out.

        Raises:
            ValueError: The lab has no such server, or clients of other machines would need no logon.
            ImportError: The extension is not built.
            OSError: The port cannot be used.
        """
        from ..rpc import RpcServer

        api = self.connect(server, direct=True).api
        insecure = not accounts and keytab is None
        return RpcServer(
            api, host=host, port=port, accounts=accounts, keytab=keytab, mapper_port=mapper_port, insecure=insecure
        )

    def add_pair(
        self,
        name: str = "dhcp1-dhcp2",
        *,
        primary: str = "dhcp1",
        secondary: str = "dhcp2",
        scopes: Iterable[IPv4Network | str] = ("10.0.0.0/24",),
        mode: FailoverMode = FailoverMode.LOAD_BALANCE,
        percentage: int | None = None,
        mclt: timedelta = timedelta(hours=1),
        state_switch_interval: timedelta | None = None,
        shared_secret: str | bytes | Secret | None = None,
        direct: bool = False,
    ) -> tuple["Server", "Server"]:
        """Create a failover relationship on two servers, and advance the clock until it is NORMAL.

        Servers and scopes that the lab does not have yet are added; they stay if a server then refuses the
        relationship.

        Args:
            name: The relationship's name.
            primary: The primary's name; a new server gets the next address from 192.0.2.1 on.
            secondary: The secondary's name.
            scopes: The subnets of the scopes, such as ``"10.0.0.0/24"``.
            mode: As in `Relationship`.
            percentage: As in `Relationship`.
            mclt: As in `Relationship`.
            state_switch_interval: As in `Relationship`.
            shared_secret: As in `Relationship`.
            direct: As for `connect`.

        Returns:
            Connections to the primary and to the secondary.

        Raises:
            DhcpError: A server refuses the relationship.
            TimeoutError: The relationship is not NORMAL after a day.

        Example:
            >>> dhcp1, dhcp2 = lab.add_pair(mode=FailoverMode.HOT_STANDBY)
        """
        shared_secret = hide(shared_secret)  # type: ignore[assignment]  # first: no traceback may show the text
        networks = [check_network(network) for network in _several("scopes", scopes)]
        servers = text("primary", primary), text("secondary", secondary)
        pair = Relationship(
            name=name,
            primary_server=FIRST_ADDRESS,
            secondary_server=FIRST_ADDRESS + 1,
            mode=mode,
            percentage=percentage,
            mclt=mclt,
            state_switch_interval=state_switch_interval,
            scopes=[network.network_address for network in networks],
            shared_secret=shared_secret,
        )
        return self._add_pair(checked(pair), servers, networks, direct)

    @exclusive
    def _add_pair(
        self, pair: Relationship, servers: tuple[str, str], networks: list[IPv4Network], direct: bool
    ) -> tuple["Server", "Server"]:
        with self._transactions.begin() as state:
            primary, secondary = [find_or_add(state, server) for server in servers]
            if primary is secondary:
                raise ValueError(f"secondary must not be the primary server, got {primary.name} for both")
            pair = pair.replace(
                primary_server=primary.address,
                secondary_server=secondary.address,
                primary_server_name=primary.name,
                secondary_server_name=secondary.name,
            )
            lacking = [
                (net, host.name)
                for net in networks
                for host in (primary, secondary)
                if net.network_address not in host.scopes
            ]
        for network, server in lacking:
            self.add_scope(network, servers=[server])
        for server, role in ((secondary.name, ServerType.SECONDARY), (primary.name, ServerType.PRIMARY)):
            self.connect(server, direct=True).create_relationship(pair.replace(server_type=role))
        self._settle(timedelta(days=1), pair.name)
        return self.connect(servers[0], direct=direct), self.connect(servers[1], direct=direct)


def _reopen_lab(path: str) -> Lab:
    lab = Lab.__new__(Lab)
    lab._begin(FileStore(Path(path)), Path(path))  # without an initial state: do not recreate a file that was deleted
    return lab


def _publish(aside: Path, where: Path) -> None:
    """Give a file its name, unless a file of that name came into being meanwhile."""
    if os.name == "posix":
        try:
            os.link(aside, where)  # a rename would replace it
        except FileExistsError:
            raise
        except OSError:  # this file system has no links
            aside.rename(where)
    else:
        aside.rename(where)


def _initial(clock: Clock | None, switches: Switches | None, timers: Timers | None) -> LabState:
    return LabState(
        clock=Clock() if clock is None else check_instance("clock", clock, Clock),
        switches=Switches() if switches is None else check_instance("switches", switches, Switches),
        timers=Timers() if timers is None else check_instance("timers", timers, Timers),
    )


def _several(argument: str, values: Iterable[IPv4Network | str]) -> Iterable[IPv4Network | str]:
    if isinstance(values, str | IPv4Network):
        raise TypeError(f"{argument} must be a list of subnets, not {type(values).__name__}")
    return values
