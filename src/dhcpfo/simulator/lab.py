"""The lab: a network of simulated DHCP servers, its clock, and what can go wrong in it."""

import functools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from ..api import FUNCTIONS, ManagementApi
from ..arguments import MAX_DWORD, member, optional_text, seconds, text, wrong_type
from ..arguments import client_id as checked_client_id
from ..enums import ClientType, FailoverState
from ..errors import ErrorCode, from_code
from ..models import AddressLike, FailoverClient, HostInfo, to_address, unique_client_id
from .clock import Clock
from .faults import Fault
from .leases import lease, release
from .scopes import RangeType, Scope, Span
from .server import Rights, SimulatedServer
from .state import Host, LabState, Power, Transition, link
from .state_machine import refresh, run, settle, start, stop
from .store import FileStore, MemoryStore, Store, from_dict, to_dict
from .switches import Switches, Timers

if TYPE_CHECKING:
    from .._loopback import Registration
    from ..server import Server

__all__ = ["Lab"]

Route = Literal["abi", "direct"]
Value = TypeVar("Value")

IN_MEMORY = "a connection to a lab in memory cannot leave its process; keep the lab in a file with Lab.open(path)"


class Lab:
    """A network of simulated DHCP servers.

    Servers are named by their name (in any case) or their address, scopes by their network address. Everything may be
    used from several threads. Nothing happens in the background: what the clock says is due is done before each look.

    A lab can be used as a context manager; once closed, its servers are unreachable.

    Args:
        clock: How time passes; stepped by hand (`advance`) unless given.
        switches: What the sources leave open about a real server.
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
        initial = LabState(clock=clock or Clock(), switches=switches or Switches(), timers=timers or Timers())
        self._begin(MemoryStore(_checked(initial)), None)

    def _begin(self, store: Store, path: Path | None) -> None:
        self._store = store
        self._path = path
        self._closed = False

    @classmethod
    def open(
        cls,
        path: str | PathLike[str],
        *,
        clock: Clock | None = None,
        switches: Switches | None = None,
        timers: Timers | None = None,
    ) -> "Lab":
        """Return a lab that is kept in a file, which several processes may have open at once.

        Each call is one transaction: a kill at any moment leaves the state before it or after it. The file holds
        shared secrets in clear.

        Args:
            path: The file; made when it does not exist.
            clock: How time passes in a new file; an old one keeps its own, as its switches and timers.
            switches: As for `Lab`; for a new file.
            timers: As for `Lab`; for a new file.

        Raises:
            OSError: The file cannot be made or used.
            ValueError: It holds something else.
        """
        lab = cls.__new__(cls)
        initial = LabState(clock=clock or Clock(), switches=switches or Switches(), timers=timers or Timers())
        if str(path) == ":memory:":
            raise ValueError("path: ':memory:' given, which is no file; Lab() is a lab in memory")
        where = Path(path).absolute()
        lab._begin(FileStore(where, _checked(initial)), where)
        return lab

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Lab":
        """Return a lab in memory from what `to_dict` returned.

        Raises:
            ValueError: ``data`` was written by a version with another form.
        """
        lab = cls.__new__(cls)
        lab._begin(MemoryStore(from_dict(data)), None)
        return lab

    def to_dict(self, *, secrets: bool = False) -> dict[str, Any]:
        """Return the whole state in JSON-ready values.

        Args:
            secrets: Write the shared secrets, in clear. Without them, restored relationships have none, on either
                side; the partners still understand each other.
        """
        with self._transaction(changing=False) as state:
            return to_dict(state, secrets=secrets)

    def close(self) -> None:
        """Make every server unreachable; a file keeps its state, and the lab itself can still be looked into."""
        self._closed = True

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

    def connect(self, server: AddressLike, *, rights: Rights = Rights.ADMINISTRATOR, direct: bool = False) -> "Server":
        """Return a `Server` for one of the lab's servers.

        Args:
            server: Its name or address.
            rights: What its calls may do there.
            direct: Leave the compiled extension out; otherwise calls go through the code that calls Dhcpsapi.dll.

        Raises:
            ValueError: The lab has no such server.
            ImportError: The extension is not built.
        """
        from ..server import Server

        _instance("rights", rights, Rights)
        with self._transaction(changing=False) as state:
            _host(state, server)
        return Server(self._api(str(server), rights, "direct" if direct else "abi"))

    def _api(self, server: str, rights: Rights, route: Route) -> ManagementApi:
        reopen = functools.partial(_how_to_reopen, self._path, server, rights, route)
        simulated = SimulatedServer(self._connected, server, rights, reopen)
        if route == "direct":
            return simulated
        try:
            from .. import _dhcpsapi, _loopback
        except ImportError as error:
            raise ImportError(
                "the compiled extension is not there; install dhcpfo, or connect with direct=True"
            ) from error
        name = f"{server} {id(simulated):x}"  # unique while it lives, which is as long as it is registered
        provider = _Provider(simulated, _loopback.serve(simulated, name))
        return _dhcpsapi.NativeApi(name, functions=_loopback.functions(), provider=provider, display=server)

    @property
    def switches(self) -> Switches:
        """What the lab assumes of a real server; assign to change it."""
        with self._transaction(changing=False) as state:
            return state.switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        _instance("switches", switches, Switches)
        with self._transaction() as state:
            state.switches = switches

    @property
    def timers(self) -> Timers:
        """The timers of the failover protocol; assign to change them."""
        with self._transaction(changing=False) as state:
            return state.timers

    @timers.setter
    def timers(self, timers: Timers) -> None:
        _instance("timers", timers, Timers)
        with self._transaction() as state:
            state.timers = timers

    # Servers and the links between them

    def add_server(self, name: str, address: AddressLike) -> None:
        """Add a DHCP server, running.

        Raises:
            ValueError: The name or the address is taken.
        """
        host = Host(name=text("name", name), address=to_address(address))
        with self._transaction() as state:
            for taken in (name, str(host.address)):
                if state.find(taken) is not None:
                    raise ValueError(f"the lab has a server {taken} already")
            state.hosts[name.casefold()] = host

    @property
    def servers(self) -> tuple[str, ...]:
        """The names of the servers."""
        with self._transaction(changing=False) as state:
            return tuple(host.name for host in state.hosts.values())

    def stop(self, server: AddressLike) -> None:
        """Stop the DHCP service: calls answer 1753, and the partner sees the connection closed."""
        with self._changing(server) as (_, host, _now):
            stop(host, Power.STOPPED)

    def power_off(self, server: AddressLike) -> None:
        """Take the host down: calls answer 1722, and the partner notices only when no message has come for a while."""
        with self._changing(server) as (_, host, _now):
            stop(host, Power.OFF)

    def start(self, server: AddressLike) -> None:
        """Start the server again, or restart it while it runs: its relationships begin in STARTUP."""
        with self._changing(server) as (_, host, now):
            stop(host, Power.STOPPED)
            start(host, now)

    def set_delay(self, server: AddressLike, delay: timedelta) -> None:
        """Make each call to the server begin later, in this machine's time; calls of other threads do not wait."""
        if _instance("delay", delay, timedelta) < timedelta(0):
            raise ValueError(f"delay: {delay} given; it cannot be negative")
        with self._changing(server) as (_, host, _now):
            host.delay = delay

    def set_clock_offset(self, server: AddressLike, offset: timedelta) -> None:
        """Put the server's clock ahead of the lab's, or behind it; partners too far apart lose contact."""
        _instance("offset", offset, timedelta)
        with self._changing(server) as (_, host, _now):
            host.clock_offset = offset

    def cut(self, server: AddressLike, other: AddressLike) -> None:
        """Let nothing pass between two servers; they notice when no message has come for a while."""
        with self._changing(server) as (state, host, _now):
            state.cut.add(link(host, _host(state, other)))

    def mend(self, server: AddressLike, other: AddressLike) -> None:
        """Mend the link between two servers; they find each other at the next try to connect."""
        with self._changing(server) as (state, host, _now):
            state.cut.discard(link(host, _host(state, other)))

    def history(self, server: AddressLike, relationship: str) -> tuple[Transition, ...]:
        """Return the last state transitions of a relationship on a server, oldest first.

        Raises:
            ValueError: The server has no such relationship.
        """
        text("relationship", relationship)
        with self._changing(server) as (state, host, _now):
            end = state.endpoint(host, relationship)
            if end is None:
                raise ValueError(f"server {host.name} has no relationship {relationship!r}")
            return tuple(end.history)

    # Faults

    def fail(
        self, server: AddressLike, function: str | None, code: int, *, call: int = 1, carried_out: bool = False
    ) -> None:
        """Let one coming call fail.

        Args:
            server: The server that is called.
            function: The method of `dhcpfo.api.ManagementApi`, such as ``"create_relationship"``; None is any.
            code: The code to answer: 1 to 0xFFFFFFFF, but for 234 and 259, which belong to enumerations.
            call: Which call of the function from now on; 1 is the next.
            carried_out: Carry the call out, and answer the code nevertheless.
        """
        _whole("code", code, 1, MAX_DWORD)
        if code in (ErrorCode.ERROR_MORE_DATA, ErrorCode.ERROR_NO_MORE_ITEMS):
            raise ValueError(f"code: {code} given, which is no failure; see limit_page for partial answers")
        self._plant(server, Fault(function=function, call=call, code=int(code), carried_out=carried_out))

    def drop(self, server: AddressLike, function: str | None, *, carried_out: bool, call: int = 1) -> None:
        """Let the connection break during one coming call (1726).

        Args:
            server: The server that is called.
            function: As for `fail`.
            carried_out: Whether it breaks after the server did its work, or before.
            call: As for `fail`.
        """
        self.fail(server, function, ErrorCode.RPC_S_CALL_FAILED, call=call, carried_out=carried_out)

    def limit_page(self, server: AddressLike, items: int, *, call: int = 1) -> None:
        """Let one coming enumeration answer at most so many entries; the rest follows on the next call."""
        _whole("items", items, 0, MAX_DWORD)
        self._plant(server, Fault(function="enum_relationships", call=call, page_items=items))

    def clear_faults(self, server: AddressLike) -> None:
        """Take back all faults that have not happened yet."""
        with self._changing(server) as (_, host, _now):
            host.faults.clear()

    def _plant(self, server: AddressLike, fault: Fault) -> None:
        if fault.function is not None and fault.function not in FUNCTIONS:
            raise ValueError(f"no function {fault.function!r}; there are {', '.join(FUNCTIONS)}")
        _whole("call", fault.call, 1, MAX_DWORD)
        with self._changing(server) as (_, host, _now):
            host.faults.append(fault)

    # Time

    @property
    def now(self) -> datetime:
        """What the lab's clock shows."""
        with self._transaction(changing=False) as state:
            return state.clock.read()

    def advance(self, delta: timedelta) -> None:
        """Put the clock forward; all that falls due meanwhile happens, in its order.

        Raises:
            ValueError: ``delta`` is negative.
            OverflowError: The clock would pass the end of the year 2099.
        """
        _instance("delta", delta, timedelta)
        with self._transaction() as state:
            state.clock.advance(delta)
            run(state, state.clock.read())

    def settle(self, limit: timedelta = timedelta(days=1)) -> timedelta:
        """Put the clock forward until every relationship of a running server is NORMAL.

        Args:
            limit: How much time may pass.

        Returns:
            How much time did pass.

        Raises:
            TimeoutError: Some relationship is not NORMAL by then; the message says which, and where it stands.
        """
        _instance("limit", limit, timedelta)
        with self._transaction() as state:
            before = state.clock.read()
            passed = settle(state, before, state.clock.after(limit)) - before
            state.clock.advance(passed)
            waiting = [
                f"{end.relationship.name} on {host.name} is {end.state.name}"
                for host, end in state.running()
                if end.state != FailoverState.NORMAL
            ]
        if waiting:
            raise TimeoutError(f"after {limit}: {', '.join(waiting)}")
        return passed

    # Scopes

    def add_scope(
        self,
        network: IPv4Network | str,
        *,
        servers: Iterable[AddressLike] | None = None,
        first: AddressLike | None = None,
        last: AddressLike | None = None,
        range_type: RangeType = RangeType.DHCP,
        lease_time: timedelta = timedelta(days=8),
    ) -> IPv4Address:
        """Create a scope with one range.

        Args:
            network: The subnet, such as ``"10.0.0.0/24"``.
            servers: Where; on all servers unless given.
            first: The range's first address; the first host of the subnet unless given.
            last: The range's last address; the last host of the subnet unless given.
            range_type: Whom the range serves.
            lease_time: How long a lease lasts.

        Returns:
            The scope's id.

        Raises:
            AlreadyExistsError: A scope of a server overlaps (20052).
        """
        subnet = _network(network)
        span = _span(subnet[1] if first is None else first, subnet[-2] if last is None else last)
        _check_inside(span, subnet)
        member("range_type", range_type, RangeType)
        seconds("lease_time", lease_time)
        with self._on_servers(servers) as (_, hosts):
            for host in hosts:
                overlaps = any(scope.network.overlaps(subnet) for scope in host.scopes.values())
                _refuse(overlaps, ErrorCode.ERROR_DHCP_SUBNET_EXISTS, "DhcpCreateSubnet", host, subnet.network_address)
            for host in hosts:
                host.scopes[subnet.network_address] = Scope(
                    network=subnet, range=span, range_type=range_type, lease_time=lease_time
                )
        return subnet.network_address

    def remove_scope(
        self, scope: AddressLike, *, servers: Iterable[AddressLike] | None = None, force: bool = False
    ) -> None:
        """Delete a scope (DhcpDeleteSubnet).

        Args:
            scope: The scope's id.
            servers: Where; on all servers unless given.
            force: Delete it even while clients have leases.

        Raises:
            ScopeNotFoundError: A server has no such scope (20005).
            ScopeInRelationshipError: The scope is in a relationship (20113), whatever ``force`` says.
            DhcpError: Clients have leases (20007).
        """
        with self._on_scopes(scope, servers, "DhcpDeleteSubnet") as (found, about):
            for host, held in found:
                related = host.endpoint_of_scope(held.network.network_address) is not None
                _refuse(related, ErrorCode.ERROR_DHCP_FO_SCOPE_ALREADY_IN_RELATIONSHIP, *about(host))
                leased = bool(held.clients) and not force
                _refuse(leased, ErrorCode.ERROR_DHCP_ELEMENT_CANT_REMOVE, *about(host))
            for host, held in found:
                del host.scopes[held.network.network_address]

    def set_range(
        self,
        scope: AddressLike,
        first: AddressLike,
        last: AddressLike,
        *,
        range_type: RangeType = RangeType.DHCP,
        servers: Iterable[AddressLike] | None = None,
    ) -> None:
        """Give a scope its range (DhcpAddSubnetElementV5): a scope has one, and the new one replaces it.

        Raises:
            ScopeNotFoundError: A server has no such scope (20005).
            NotSupportedError: The scope is in a relationship and the range would serve BOOTP (20129).
            DhcpError: The new range and the old one do not contain each other (20023).
        """
        span = _span(first, last)
        member("range_type", range_type, RangeType)
        with self._on_scopes(scope, servers, "DhcpAddSubnetElementV5") as (found, about):
            for host, held in found:
                _check_inside(span, held.network)
                related = host.endpoint_of_scope(held.network.network_address) is not None
                bootp = related and range_type is not RangeType.DHCP
                _refuse(bootp, ErrorCode.ERROR_DHCP_FO_IPRANGE_TYPE_CONV_ILLEGAL, *about(host))
                apart = held.range is not None and span not in held.range and held.range not in span
                _refuse(apart, ErrorCode.ERROR_DHCP_INVALID_RANGE, *about(host))
            for _, held in found:
                held.range, held.range_type = span, range_type

    def exclude(
        self,
        scope: AddressLike,
        first: AddressLike,
        last: AddressLike | None = None,
        *,
        servers: Iterable[AddressLike] | None = None,
    ) -> None:
        """Exclude addresses of a scope from being given out.

        Raises:
            ScopeNotFoundError: A server has no such scope (20005).
        """
        span = _span(first, first if last is None else last)
        with self._on_scopes(scope, servers, "DhcpAddSubnetElementV5") as (found, _):
            for _, held in found:
                _check_inside(span, held.network)
            for _, held in found:
                held.exclusions.append(span)

    def reserve(
        self,
        scope: AddressLike,
        address: AddressLike,
        client_id: bytes | str,
        *,
        name: str | None = None,
        servers: Iterable[AddressLike] | None = None,
    ) -> None:
        """Keep an address for one client, with a record of the client.

        Args:
            scope: The scope's id.
            address: The address, in the scope's range.
            client_id: The client identifier, as bytes or as ``00-15-5d-01-02-03``.
            name: The client's name.
            servers: Where; on all servers unless given.

        Raises:
            ScopeNotFoundError: A server has no such scope (20005).
            DhcpError: The address is outside the range (20018), or it or the client has a reservation (20022).
        """
        where, client = to_address(address), checked_client_id(client_id)
        optional_text("name", name)
        with self._on_scopes(scope, servers, "DhcpAddSubnetElementV5") as (found, about):
            for host, held in found:
                outside = held.range is None or where not in held.range
                _refuse(outside, ErrorCode.ERROR_DHCP_NOT_RESERVED_CLIENT, *about(host))
                taken = where in held.reservations or client in held.reservations.values()
                _refuse(taken, ErrorCode.ERROR_DHCP_RESERVEDIP_EXITS, *about(host))
            for host, held in found:
                held.reservations[where] = client
                held.clients[where] = FailoverClient(
                    address=where,
                    subnet_mask=held.network.netmask,
                    client_id=unique_client_id(held.network.network_address, client),
                    name=name,
                    owner=HostInfo(address=host.address),
                    client_type=ClientType.RESERVATION,
                )

    def scopes(self, server: AddressLike) -> tuple[IPv4Address, ...]:
        """Return the ids of a server's scopes."""
        with self._changing(server) as (_, host, _now):
            return tuple(host.scopes)

    # Clients

    def lease(
        self,
        scope: AddressLike,
        client_id: bytes | str,
        *,
        name: str | None = None,
        server: AddressLike | None = None,
    ) -> FailoverClient | None:
        """Let a client ask for an address, or renew the one it has.

        Which server answers follows from the relationship's mode, percentage and state: in NORMAL the one that the
        client's hash points to (load balance; the other when that one has nothing to give) or the primary (hot
        standby), otherwise any that is allowed to. A server gives out its own free addresses only; after an MCLT in
        PARTNER_DOWN the partner's, too.

        Args:
            scope: The scope that the client is in.
            client_id: The client identifier, as bytes or as ``00-15-5d-01-02-03``.
            name: The client's host name.
            server: The only server that the client reaches; all unless given.

        Returns:
            The client's record on the server that answered, or None when none did.
        """
        subnet, client = to_address(scope, "scope"), checked_client_id(client_id)
        optional_text("name", name)
        with self._transaction() as state:
            only = None if server is None else _host(state, server)
            return lease(state, subnet, client, name, only, state.clock.read())

    def release(self, server: AddressLike, address: AddressLike) -> None:
        """Let the client give its address back to a server, which tells its partner.

        Raises:
            ClientNotFoundError: No client has the address there (20013).
        """
        where = to_address(address)
        with self._changing(server) as (state, host, now):
            scope = host.scope_of_address(where)
            if scope is None or where not in scope.clients:
                raise from_code(ErrorCode.ERROR_DHCP_JET_ERROR, "DhcpDeleteClientInfo", host.name, address=where)
            release(state, host, scope, where, now)

    def put_client(self, server: AddressLike, client: FailoverClient) -> None:
        """Put a client's record into a server's database as it stands, with all its fields, unchecked.

        Raises:
            ScopeNotFoundError: No scope of the server holds the address (20005).
        """
        _instance("client", client, FailoverClient)
        with self._changing(server) as (_, host, _now):
            scope = host.scope_of_address(client.address)
            missing = ErrorCode.ERROR_DHCP_SUBNET_NOT_PRESENT
            if scope is None:
                raise from_code(missing, "DhcpCreateClientInfo", host.name, address=client.address)
            scope.clients[client.address] = client

    def clients(self, server: AddressLike, scope: AddressLike) -> tuple[FailoverClient, ...]:
        """Return the records of a scope's clients on a server, by address.

        Raises:
            ScopeNotFoundError: The server has no such scope (20005).
        """
        with self._on_scopes(scope, [server], "DhcpEnumSubnetClients") as (found, _):
            clients = found[0][1].clients
            return tuple(clients[address] for address in sorted(clients))

    # Transactions

    @contextmanager
    def _transaction(self, *, changing: bool = True) -> Iterator[LabState]:
        """Open the state, with all done that is due; what changed is noted when the context ends."""
        with self._store.transaction() as state:
            state.changed = changing
            run(state, state.clock.read())
            try:
                yield state
            finally:
                if state.changed:
                    refresh(state, state.clock.read())

    @contextmanager
    def _connected(self) -> Iterator[LabState]:
        """The same for the calls of a connection, which end with the lab."""
        if self._closed:
            yield LabState()  # no server in it, so none can be reached
            return
        with self._transaction(changing=False) as state:
            yield state

    @contextmanager
    def _changing(self, server: AddressLike) -> Iterator[tuple[LabState, Host, datetime]]:
        with self._transaction() as state:
            yield state, _host(state, server), state.clock.read()

    @contextmanager
    def _on_servers(self, servers: Iterable[AddressLike] | None) -> Iterator[tuple[LabState, list[Host]]]:
        if isinstance(servers, str | IPv4Address):
            raise wrong_type("servers", servers, "a list of servers")
        chosen = None if servers is None else tuple(servers)  # before the lock: what it comes from may ask the lab
        with self._transaction() as state:
            hosts = state.hosts.values() if chosen is None else (_host(state, server) for server in chosen)
            yield state, list({host.address: host for host in hosts}.values())  # each once

    @contextmanager
    def _on_scopes(
        self, scope: AddressLike, servers: Iterable[AddressLike] | None, function: str
    ) -> Iterator[tuple[list[tuple[Host, Scope]], Callable[[Host], tuple[str, Host, IPv4Address]]]]:
        subnet = to_address(scope, "scope")
        with self._on_servers(servers) as (_, hosts):
            for host in hosts:
                missing = subnet not in host.scopes
                _refuse(missing, ErrorCode.ERROR_DHCP_SUBNET_NOT_PRESENT, function, host, subnet)
            yield [(host, host.scopes[subnet]) for host in hosts], lambda host: (function, host, subnet)


class _Provider:
    """What a connection through the C ABI keeps alive: the simulated server's place behind the C functions."""

    def __init__(self, simulated: SimulatedServer, registration: "Registration") -> None:
        self.reopen = simulated.reopen
        self._registration = registration


def _how_to_reopen(path: Path | None, server: str, rights: Rights, route: Route) -> tuple[Any, ...]:
    if path is None:
        raise TypeError(IN_MEMORY)
    return _reopen, (str(path), server, rights, route)


def _reopen(path: str, server: str, rights: Rights, route: Route) -> "Server":
    return _reopen_lab(path).connect(server, rights=rights, direct=route == "direct")


def _reopen_lab(path: str) -> Lab:
    lab = Lab.__new__(Lab)
    lab._begin(FileStore(Path(path)), Path(path))  # without a state to begin with: a file that is gone stays so
    return lab


def _host(state: LabState, server: AddressLike) -> Host:
    host = state.find(str(server))
    if host is None:
        raise ValueError(f"the lab has no server {server}; it has {', '.join(state.hosts) or 'none'}")
    return host


def _network(network: IPv4Network | str) -> IPv4Network:
    if not isinstance(network, IPv4Network | str):
        raise wrong_type("network", network, "an IPv4Network or its text")
    subnet = IPv4Network(network)
    if subnet.prefixlen > 30:
        raise ValueError(f"network: {subnet} given, which has no addresses for hosts; /30 or wider is needed")
    return subnet


def _span(first: AddressLike, last: AddressLike) -> Span:
    span = Span(to_address(first, "first"), to_address(last, "last"))
    if span.last < span.first:
        raise ValueError(f"last: {last} given, which is below the first, {first}")
    return span


def _check_inside(span: Span, network: IPv4Network) -> None:
    for argument, address in (("first", span.first), ("last", span.last)):
        if address not in network:
            raise ValueError(f"{argument}: {address} given, which is not in the scope's network {network}")


def _instance(argument: str, value: Value, kind: type[Value]) -> Value:
    if not isinstance(value, kind):
        raise wrong_type(argument, value, f"a {kind.__name__}")
    return value


def _whole(argument: str, value: int, least: int, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong_type(argument, value, "a whole number")
    if not least <= value <= most:
        raise ValueError(f"{argument}: {value} given; {least} to {most} are allowed")


def _checked(initial: LabState) -> LabState:
    for argument, kind in (("clock", Clock), ("switches", Switches), ("timers", Timers)):
        _instance(argument, getattr(initial, argument), kind)
    return initial


def _refuse(condition: bool, code: int, function: str, host: Host, scope: IPv4Address) -> None:
    if condition:
        raise from_code(code, function, host.name, scope=scope)
