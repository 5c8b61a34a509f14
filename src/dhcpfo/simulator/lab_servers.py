"""The part of `Lab` that is about servers and the network between them."""

from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

from ..arguments import text
from ..enums import FailoverState
from ..limits import MAX_DWORD
from ..models import AddressLike, AuthorizedServer, Relationship, ServerVersion, to_address
from ..models.convert import to_timedelta
from .lab_base import LabBase, check_instance, check_number, find_host
from .network import find_obstacle, partner
from .state import Endpoint, Host, LabState, Power, Transition, link
from .state_machine import start, stop
from .timeline import Lane, Timeline
from .transaction import exclusive

__all__ = ["FIRST_ADDRESS", "LabServers", "find_or_add", "state_of"]

FIRST_ADDRESS = IPv4Address("192.0.2.1")
"""The lowest address that a server gets if none is given."""

MAX_OFFSET = timedelta(days=5 * 365)
"""Keeps the time of a server within what the API's 32-bit seconds can express."""

ESTABLISHED = frozenset({FailoverState.NORMAL, FailoverState.COMMUNICATION_INTERRUPTED, FailoverState.PARTNER_DOWN})
"""States that only a relationship has which has been NORMAL."""


class LabServers(LabBase):
    """Servers, their power, clocks and links, and what they think of each other."""

    @exclusive
    def add_server(self, name: str, address: AddressLike) -> None:
        """Add a DHCP server, running.

        Raises:
            ValueError: The name or the address is taken.
        """
        host = Host(name=text("name", name), address=to_address(address))
        with self._transactions.begin(whole=False) as state:
            _check_free(state, name, host.address)
            host.service.started = state.clock.read()
            state.hosts = {**state.hosts, name: host}
            state.touch(host)

    @property
    @exclusive
    def servers(self) -> tuple[str, ...]:
        """The names of the servers."""
        with self._transactions.begin(changing=False) as state:
            return tuple(state.hosts)

    @exclusive
    def rename_server(self, server: AddressLike, name: str) -> None:
        """Give a server another name.

        Its database stays as it is. Connections that were made by the old name do not reach it any more (1722).

        Raises:
            ValueError: The name is taken.
        """
        text("name", name)
        with self._changing(server) as (state, host, _):
            _check_free(state, name, None, host)
            before, host.name = host.name, name
            state.hosts = {other.name: other for other in state.hosts.values()}
            state.touched = None
            pairs = [[name if end == before else end for end in pair] for pair in state.cut]
            state.cut = frozenset(link(state.hosts[one], state.hosts[other]) for one, other in pairs)
        self._transactions.hooks.rename(before, name)

    @exclusive
    def set_address(self, server: AddressLike, address: AddressLike) -> None:
        """Give a server another address.

        Relationships keep the old address, on both servers, as on real ones: the partners lose contact, and the
        relationships have to be created again. Connections that were made by the old address do not reach the server
        any more (1722).

        Raises:
            ValueError: The address is taken.
        """
        where = to_address(address)
        with self._changing(server) as (state, host, _):
            _check_free(state, None, where, host)
            host.address = where
            state.hosts = dict(state.hosts)  # as its directory is of the old one
            state.touched = None

    @exclusive
    def authorize(self, server: AddressLike) -> None:
        """List a server in the directory, under its name and address. It works without, too."""
        with self._changing(server) as (_, host, _now):
            host.authorized = True

    @exclusive
    def unauthorize(self, server: AddressLike) -> None:
        """Remove a server from the directory."""
        with self._changing(server) as (_, host, _now):
            host.authorized = False

    def authorized_servers(self, *, direct: bool = False) -> list[AuthorizedServer]:
        """Return the servers that the directory lists, as `dhcpfo.authorized_servers` does.

        Args:
            direct: Leave out the compiled extension.

        Raises:
            ImportError: The extension is not built.
        """
        servers = self._directory()
        if direct:
            return [AuthorizedServer(name=name, address=address) for name, address in servers]
        from .connect import read_directory

        return list(read_directory(servers))

    @exclusive
    def _directory(self) -> list[tuple[str, IPv4Address]]:
        with self._transactions.begin(changing=False) as state:
            return [(host.name, host.address) for host in state.hosts.values() if host.authorized]

    @exclusive
    def set_version(self, server: AddressLike, major: int, minor: int) -> None:
        """Set the version that a server answers; 10.0 (Windows Server 2016 and later) unless set.

        A server before 6.2 (Windows Server 2012) does not have the failover functions and answers 1745 to them.
        """
        version = ServerVersion(check_number("major", major, 0, MAX_DWORD), check_number("minor", minor, 0, MAX_DWORD))
        with self._changing(server) as (_, host, _now):
            host.version = version

    @exclusive
    def stop(self, server: AddressLike) -> None:
        """Stop the DHCP service: calls answer 1753, and the partner sees the connection closed."""
        with self._changing(server) as (_, host, now):
            stop(host, Power.STOPPED, now)

    @exclusive
    def power_off(self, server: AddressLike) -> None:
        """Power the host off: calls answer 1722, and the partner notices only after `Timers.receive` of silence."""
        with self._changing(server) as (_, host, now):
            stop(host, Power.OFF, now)

    @exclusive
    def start(self, server: AddressLike) -> None:
        """Start the server again, or restart it if it is running: its relationships begin in STARTUP."""
        with self._changing(server) as (_, host, now):
            stop(host, Power.STOPPED, now)
            start(host, now)

    @exclusive
    def set_delay(self, server: AddressLike, delay: timedelta) -> None:
        """Make each call to the server begin later, in this machine's time; calls of other threads do not wait."""
        delay = to_timedelta(delay, "delay")
        if delay < timedelta(0):
            raise ValueError(f"delay must not be negative, got {delay}")
        with self._changing(server) as (_, host, _now):
            host.delay = delay

    @exclusive
    def set_clock_offset(self, server: AddressLike, offset: timedelta) -> None:
        """Set the server's clock ahead of the lab's, or behind it; partners too far apart lose contact.

        Args:
            server: The server.
            offset: How far its clock is ahead, at most five years either way; negative is behind.
        """
        offset = to_timedelta(offset, "offset")
        if abs(offset) > MAX_OFFSET:
            raise ValueError(f"offset must be between {-MAX_OFFSET.days} and {MAX_OFFSET.days} days, got {offset}")
        with self._changing(server) as (_, host, _now):
            host.clock_offset = offset

    @exclusive
    def cut(self, server: AddressLike, other: AddressLike) -> None:
        """Cut the link between two servers; they notice after `Timers.receive` of silence."""
        with self._changing(server) as (state, host, _now):
            state.cut |= {link(host, find_host(state, other))}

    @exclusive
    def mend(self, server: AddressLike, other: AddressLike) -> None:
        """Mend the link between two servers; they find each other at the next try to connect."""
        with self._changing(server) as (state, host, _now):
            state.cut -= {link(host, find_host(state, other))}

    @exclusive
    def put_relationship(self, server: AddressLike, relationship: Relationship) -> None:
        """Put a copy of a relationship into a server's database, with all its fields, its states among them.

        None of the server's rules apply: use it to copy a server that has the relationship already. Two copies that are
        NORMAL are in contact.

        Args:
            server: The server.
            relationship: The copy; it replaces one of its name.

        Raises:
            ValueError: The server does not have a scope of the relationship.
        """
        check_instance("relationship", relationship, Relationship)
        with self._changing(server) as (state, host, now):
            for scope in relationship.scopes:
                if scope not in host.scopes:
                    raise ValueError(f"server {host.name} has no scope {scope}")
            known = (relationship.state, relationship.previous_state)
            end = Endpoint(
                relationship=relationship,
                entered=now,
                configured=now,
                alone_since=now,
                established=any(one in ESTABLISHED for one in known),
                redistributed=now if relationship.state == FailoverState.NORMAL else None,
                history=(Transition(time=now, before=known[1], state=known[0], cause="as copied from another server"),),
            )
            others = (
                one for one in host.endpoints if not state.switches.same_name(one.relationship.name, relationship.name)
            )
            host.endpoints = (*others, end)
            for scope in relationship.scopes:
                host.scopes[scope].divide(relationship, host.scopes[scope].leasable())
            other = partner(state, host, end)
            both_normal = other is not None and {end.state, other[1].state} == {FailoverState.NORMAL}
            if other is not None and both_normal and find_obstacle(state, host, end) is None:
                state.touch(other[0])
                end.contact_since = other[1].contact_since = now

    @exclusive
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
            return end.history

    @exclusive
    def timeline(self, relationship: str) -> Timeline:
        """Return the last state transitions of a relationship on all servers that have it, as a table and a picture.

        Raises:
            ValueError: No server has such a relationship.
        """
        text("relationship", relationship)
        with self._transactions.begin(changing=False) as state:
            copies = [(host, state.endpoint(host, relationship)) for host in state.hosts.values()]
            lanes = tuple(Lane(host.name, end.history) for host, end in copies if end is not None)
            end = state.clock.read()
        if not lanes:
            raise ValueError(f"no server has a relationship {relationship!r}")
        return Timeline(relationship, lanes, end)

    @exclusive
    def explain(self, relationship: str) -> str:
        """Return why each copy of a relationship is in its state, in words: one line for each server that has a copy.

        It names the partner, or the first thing that keeps the two copies apart: a missing or stopped server, a cut
        link, roles, addresses, shared secrets or clocks that do not fit.

        Args:
            relationship: The name of the relationship.

        Raises:
            ValueError: No server has such a relationship.

        Example:
            >>> print(lab.explain("pair"))
            dhcp1: COMMUNICATION_INTERRUPTED; the shared secrets differ
            dhcp2: COMMUNICATION_INTERRUPTED; the shared secrets differ
        """
        text("relationship", relationship)
        with self._transactions.begin(changing=False) as state:
            copies = [(host, state.endpoint(host, relationship)) for host in state.hosts.values()]
            lines = [f"{host.name}: {state_of(state, host, end)}" for host, end in copies if end is not None]
        if not lines:
            raise ValueError(f"no server has a relationship {relationship!r}")
        return "\n".join(lines)

    @exclusive
    def overview(self) -> dict[str, Any]:
        """Return the lab's servers, relationships and cut links in JSON-ready values.

        Returns:
            ``now``; ``servers`` with ``server``, ``address``, ``power`` (``"running"``, ``"stopped"`` or ``"off"``),
            ``scopes`` and ``clients`` (how many records); ``relationships`` with ``relationship``, ``server``,
            ``state`` and ``because``, one for each copy; ``cut``, the pairs of servers between which nothing passes.
        """
        with self._transactions.begin(changing=False) as state:
            hosts = list(state.hosts.values())
            copies = [(end.relationship.name, host, end) for host in hosts for end in host.endpoints]
            return {
                "now": state.clock.read().isoformat(),
                "servers": [
                    {
                        "server": host.name,
                        "address": str(host.address),
                        "power": host.power.value,
                        "scopes": len(host.scopes),
                        "clients": sum(len(scope.clients) for scope in host.scopes.values()),
                    }
                    for host in hosts
                ],
                "relationships": [
                    {
                        "relationship": name,
                        "server": host.name,
                        "state": end.state.name,
                        "because": state_of(state, host, end).partition("; ")[2],
                    }
                    for name, host, end in sorted(copies, key=lambda copy: copy[0])
                ],
                "cut": [list(ends) for ends in sorted(state.cut)],
            }


def state_of(state: LabState, host: Host, end: Endpoint) -> str:
    """Return the state of a copy and what keeps it there, in words."""
    if host.power is not Power.RUNNING:
        reason = "it is powered off" if host.power is Power.OFF else "its DHCP service is stopped"
        return f"{end.state.name}; {reason}"
    obstacle = find_obstacle(state, host, end)
    if obstacle is not None:
        return f"{end.state.name}; {obstacle.text}"
    counterpart = partner(state, host, end)
    assert counterpart is not None
    other, copy = counterpart
    if end.contact_since is None or copy.contact_since is None:
        return f"{end.state.name}; it connects to {other.name} at the next try"
    if end.state.name in ("PAUSED", "SHUTDOWN"):
        return f"{end.state.name}; only another set_relationship or a restart ends this state"
    return f"{end.state.name}; in contact with {other.name}, which is {copy.state.name}"


def _check_free(state: LabState, name: str | None, address: IPv4Address | None, owner: Host | None = None) -> None:
    for key in (name, address):
        if key is not None and state.find(str(key)) not in (None, owner):
            raise ValueError(f"the lab has a server {key} already")


def find_or_add(state: LabState, name: str) -> Host:
    """Return the server of that name or address; add one if there is none, at the next address if it is a name."""
    host = state.find(name)
    if host is None:
        try:
            address = IPv4Address(name)
        except ValueError:
            address = FIRST_ADDRESS
            while state.at_address(address) is not None:
                address += 1
        host = Host(name=name, address=address)
        host.service.started = state.clock.read()
        state.hosts = {**state.hosts, name: host}
    return host
