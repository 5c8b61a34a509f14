"""All that a lab holds, as plain data: saved, restored and kept in a file as it stands."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Address

from ..enums import FailoverState, ServerType
from ..models import Relationship
from .clock import Clock
from .faults import Fault
from .scopes import Scope
from .switches import Switches, Timers

__all__ = ["Endpoint", "Host", "LabState", "Power", "Transition", "link"]

HISTORY = 200
"""How many transitions an endpoint remembers."""


class Power(enum.Enum):
    """Whether a server can be reached."""

    RUNNING = "running"
    STOPPED = "stopped"
    """The host is up, its DHCP service is not: calls answer 1753."""
    OFF = "off"
    """The host is down: calls answer 1722, and the partner has to find out by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A step of a server from one failover state to another.

    Attributes:
        time: When, on the lab's clock.
        before: The state that was left.
        state: The state that was entered.
        cause: Why, in words.
    """

    time: datetime
    before: FailoverState
    state: FailoverState
    cause: str


@dataclass(slots=True, kw_only=True)
class Endpoint:
    """One server's end of a relationship: its own copy of it, and where it stands in the protocol.

    Attributes:
        relationship: The copy that calls read and change.
        entered: When its state was entered.
        configured: When its values were last changed by a call.
        contact_since: When contact with the partner began; None is no contact.
        silent_since: While in contact, when the partner fell silent; None is not.
        alone_since: When it last began to be without contact; from then on it tries to reach the partner, at each
            multiple of the reconnect time.
        attempt: The next try that will succeed; None while there is contact, or no chance of it.
        established: Whether it has ever been NORMAL: then the partner may count on leases that it gave out.
        redistributed: When the primary last redistributed addresses.
        history: The last transitions, oldest first.
    """

    relationship: Relationship
    entered: datetime
    configured: datetime
    alone_since: datetime
    contact_since: datetime | None = None
    silent_since: datetime | None = None
    attempt: datetime | None = None
    established: bool = False
    redistributed: datetime | None = None
    history: list[Transition] = field(default_factory=list)

    @property
    def state(self) -> FailoverState:
        """The state that calls see."""
        return self.relationship.state

    @property
    def role(self) -> ServerType:
        """The role of this server in the relationship."""
        return self.relationship.server_type

    def remember(self, transition: Transition) -> None:
        """Append to the history."""
        self.history.append(transition)
        del self.history[:-HISTORY]


@dataclass(slots=True, kw_only=True)
class Host:
    """A DHCP server of the lab.

    Attributes:
        name: Its name, as given.
        address: Its one address.
        power: Whether it can be reached.
        delay: How long, in the machine's time, it takes to begin with a call.
        clock_offset: How far its clock is ahead of the lab's.
        scopes: Its scopes by their id.
        endpoints: Its ends of relationships, in the order of enumeration.
        faults: What is planted in its coming answers.
    """

    name: str
    address: IPv4Address
    power: Power = Power.RUNNING
    delay: timedelta = timedelta(0)
    clock_offset: timedelta = timedelta(0)
    scopes: dict[IPv4Address, Scope] = field(default_factory=dict)
    endpoints: list[Endpoint] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def endpoint_of_scope(self, scope: IPv4Address) -> Endpoint | None:
        """The endpoint that holds the scope, or None."""
        return next((end for end in self.endpoints if scope in end.relationship.scopes), None)

    def scope_of_address(self, address: IPv4Address) -> Scope | None:
        """The scope that the address lies in, or None."""
        return next((scope for scope in self.scopes.values() if address in scope.network), None)


def link(one: Host, other: Host) -> tuple[str, str]:
    """The link between two servers, whichever of them is asked."""
    first, second = sorted((one.name.casefold(), other.name.casefold()))
    return first, second


class Reach(enum.Enum):
    """How the way from an endpoint to its partner is."""

    OPEN = "open"
    SILENT = "silent"
    """Nothing arrives and nothing says so: a cut link, a host without power."""
    CLOSED = "closed"
    """The connection is refused: service stopped, no counterpart, wrong secret, wrong clock."""


@dataclass(slots=True, kw_only=True)
class LabState:
    """A network of servers.

    Attributes:
        clock: The lab's clock.
        switches: What is left open about a real server.
        timers: The timers of the protocol.
        hosts: The servers by their folded name.
        cut: The pairs of folded names, in order, between which nothing passes.
        changed: Whether the present transaction has changed anything; nothing that is kept.
    """

    clock: Clock = field(default_factory=Clock)
    switches: Switches = field(default_factory=Switches)
    timers: Timers = field(default_factory=Timers)
    hosts: dict[str, Host] = field(default_factory=dict)
    cut: set[tuple[str, str]] = field(default_factory=set)
    changed: bool = field(default=False, init=False)

    def find(self, server: str) -> Host | None:
        """The server of that name or address, or None."""
        host = self.hosts.get(server.casefold())
        return host or next((host for host in self.hosts.values() if str(host.address) == server), None)

    def endpoint(self, host: Host, name: str) -> Endpoint | None:
        """The host's endpoint of that relationship, or None."""
        return next((end for end in host.endpoints if self.switches.same_name(end.relationship.name, name)), None)

    def running(self) -> Iterator[tuple[Host, Endpoint]]:
        """Every endpoint of a running server."""
        for host in self.hosts.values():
            if host.power is Power.RUNNING:
                for end in host.endpoints:
                    yield host, end

    def partner(self, host: Host, end: Endpoint) -> tuple[Host, Endpoint] | None:
        """The counterpart: the same relationship on the partner's address, with the other role and the same servers."""
        ours = end.relationship
        other = next((other for other in self.hosts.values() if other.address == ours.partner_server), None)
        counterpart = self.endpoint(other, ours.name) if other is not None else None
        if other is None or other is host or counterpart is None:
            return None
        theirs = counterpart.relationship
        fits = (
            {ours.server_type, theirs.server_type} == {ServerType.PRIMARY, ServerType.SECONDARY}
            and (ours.primary_server, ours.secondary_server) == (theirs.primary_server, theirs.secondary_server)
            and theirs.partner_server == host.address
        )
        return (other, counterpart) if fits else None

    def reach(self, host: Host, end: Endpoint) -> Reach:
        """How the way to the partner is, seen from a running server."""
        found = self.partner(host, end)
        if found is None:
            return Reach.CLOSED
        other, counterpart = found
        if link(host, other) in self.cut or other.power is Power.OFF:
            return Reach.SILENT
        apart = abs(host.clock_offset - other.clock_offset)
        same_secret = end.relationship.shared_secret == counterpart.relationship.shared_secret
        if other.power is Power.RUNNING and same_secret and apart <= self.timers.max_clock_difference:
            return Reach.OPEN
        return Reach.CLOSED

    def in_contact(self, host: Host, end: Endpoint) -> tuple[Host, Endpoint] | None:
        """The partner, where messages pass between the two at this moment; else None."""
        found = self.partner(host, end)
        if found is None or end.contact_since is None or found[1].contact_since is None:
            return None
        return found if self.reach(host, end) is Reach.OPEN else None

    def grace(self, host: Host, end: Endpoint | None) -> timedelta | None:
        """How much longer than it knows of the server must assume leases to last; see `Scope.in_use`."""
        return None if end is None or self.in_contact(host, end) else end.relationship.mclt
