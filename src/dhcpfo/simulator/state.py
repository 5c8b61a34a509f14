"""The state of a lab as plain data, which is saved, restored and kept in files in this form."""

import enum
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Address

from ..enums import FailoverState, ServerType
from ..models import Relationship, ServerVersion
from .agenda import Agenda, Directory
from .clock import Clock
from .faults import Fault, LateCall
from .journal import Recorded, keyed
from .scopes import Scope
from .switches import Switches, Timers, upper_case
from .tables.classes import ClassTable
from .tables.filters import FilterTable
from .tables.options import DefinitionTable, OptionTable
from .tables.policies import PolicyTable
from .tables.scopes import SuperscopeRow
from .tables.service import ServiceTable

__all__ = ["Endpoint", "Host", "LabState", "Power", "Transition", "link"]

HISTORY = 200
"""How many transitions an endpoint remembers."""

LATEST = ServerVersion(10, 0)
"""The version of Windows Server 2016 and later."""


class Power(enum.Enum):
    """Power state of a simulated server."""

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
class Endpoint(Recorded):
    """One server's copy of a relationship, and its position in the failover protocol.

    Attributes:
        relationship: The copy that calls read and change.
        entered: When its state was entered.
        configured: When its values were last changed by a call.
        interval_set: When its state switch interval was last set by a call; None if it was not.
        contact_since: When contact with the partner began; None without contact.
        silent_since: When the partner stopped sending while contact was not lost yet; None if it did not.
        alone_since: When contact was last lost. From then on the server tries to reach the partner, at each multiple
            of the reconnect time.
        parted: When contact was last lost, or ended because this server stopped; None if there was none yet.
        attempt: The next try that will succeed; None with contact, or if no try can succeed.
        established: Whether it has ever been NORMAL: then the partner may count on leases that it gave out.
        redistributed: When the primary last redistributed addresses.
        scopes_added: When scopes were last added by a call.
        history: The last transitions, oldest first.
    """

    relationship: Relationship
    entered: datetime
    configured: datetime
    alone_since: datetime
    interval_set: datetime | None = None
    parted: datetime | None = None
    contact_since: datetime | None = None
    silent_since: datetime | None = None
    attempt: datetime | None = None
    established: bool = False
    redistributed: datetime | None = None
    scopes_added: datetime | None = None
    history: tuple[Transition, ...] = ()

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
        self.history = (*self.history, transition)[-HISTORY:]


@dataclass(slots=True, kw_only=True)
class Host(Recorded):
    """A DHCP server of the lab.

    Attributes:
        name: Its name, as given.
        address: Its one address.
        power: Whether it can be reached.
        delay: How long each call waits before it begins, in the machine's time.
        clock_offset: How far its clock is ahead of the lab's.
        scopes: Its scopes by their id.
        superscopes: Its superscopes, in the order of their numbers.
        endpoints: Its ends of relationships, in the order of enumeration.
        faults: The faults that are planted in its coming answers.
        late: The calls that it carries out later.
        version: The version that it answers.
        cleaned: A time before which all clean-ups of its records are done; None is its whole past.
        classes: Its user and vendor classes.
        option_definitions: Its option definitions.
        options: Its option values, and those of its policies.
        policies: Its policies.
        service: The settings of its service.
        filters: Its link-layer filters.
        authorized: Whether the directory lists it.
    """

    name: str
    address: IPv4Address
    power: Power = Power.RUNNING
    delay: timedelta = timedelta(0)
    clock_offset: timedelta = timedelta(0)
    scopes: Mapping[IPv4Address, Scope] = field(default_factory=dict)
    superscopes: tuple[SuperscopeRow, ...] = field(default=(), metadata=keyed(lambda row: str(row.number)))
    endpoints: tuple[Endpoint, ...] = field(default=(), metadata=keyed(lambda end: end.relationship.name))
    faults: tuple[Fault, ...] = ()
    late: tuple[LateCall, ...] = ()
    version: ServerVersion = LATEST
    cleaned: datetime | None = None
    classes: ClassTable = field(default_factory=ClassTable)
    option_definitions: DefinitionTable = field(default_factory=DefinitionTable)
    options: OptionTable = field(default_factory=OptionTable)
    policies: PolicyTable = field(default_factory=PolicyTable)
    service: ServiceTable = field(default_factory=ServiceTable)
    filters: FilterTable = field(default_factory=FilterTable)
    authorized: bool = False

    def endpoint_of_scope(self, scope: IPv4Address) -> Endpoint | None:
        """Return the relationship that the scope is in, or None."""
        return next((end for end in self.endpoints if scope in end.relationship.scopes), None)

    def scope_of_address(self, address: IPv4Address) -> Scope | None:
        """Return the scope that contains the address, or None."""
        return next((scope for scope in self.scopes.values() if address in scope.network), None)


def link(one: Host, other: Host) -> tuple[str, str]:
    """Return the key of the link between two servers, in either order."""
    first, second = sorted((one.name, other.name))
    return first, second


@dataclass(slots=True, kw_only=True)
class LabState(Recorded):
    """A network of servers.

    Attributes:
        clock: The lab's clock.
        switches: The assumptions about real servers.
        timers: The timers of the protocol.
        hosts: The servers by their folded name.
        cut: The pairs of folded names, in order, between which nothing passes.
        changed: Whether the present transaction has changed anything; nothing that is kept.
        touched: The names of the servers that the present transaction has changed; None is all.
        agenda: When the next event of each server is due; follows from the rest.
        carry_out: Carries out a late call of a server at a time, inside the present transaction.
    """

    clock: Clock = field(default_factory=Clock)
    switches: Switches = field(default_factory=Switches)
    timers: Timers = field(default_factory=Timers)
    hosts: Mapping[str, Host] = field(default_factory=dict)
    cut: frozenset[tuple[str, str]] = frozenset()
    changed: bool = field(default=False, init=False)
    touched: frozenset[str] | None = field(default=None, init=False)
    agenda: Agenda = field(default_factory=Agenda, init=False, compare=False)
    carry_out: "Callable[[LabState, Host, LateCall, datetime], None] | None" = field(
        default=None, init=False, compare=False
    )
    _directory: Directory | None = field(default=None, init=False, compare=False)

    @property
    def directory(self) -> Directory:
        """The servers by name and address."""
        if self._directory is None or self._directory.hosts is not self.hosts:
            object.__setattr__(self, "_directory", Directory(self.hosts, upper_case))
        assert self._directory is not None
        return self._directory

    def touch(self, *hosts: Host) -> None:
        """Note that the present transaction changes these servers."""
        if self.touched is not None:
            self.touched |= {host.name for host in hosts}

    def find(self, server: str) -> Host | None:
        """Return the server of that name, in any case, or that address; or None."""
        return self.hosts.get(server) or self.directory.find(server)

    def at_address(self, address: IPv4Address) -> Host | None:
        """Return the server of that address, or None."""
        return self.directory.by_address.get(address)

    def endpoint(self, host: Host, name: str) -> Endpoint | None:
        """Return the host's copy of that relationship, or None."""
        return next((end for end in host.endpoints if self.switches.same_name(end.relationship.name, name)), None)

    def running(self) -> Iterator[tuple[Host, Endpoint]]:
        """Yield every copy of a relationship on a running server."""
        for host in self.hosts.values():
            if host.power is Power.RUNNING:
                for end in host.endpoints:
                    yield host, end
