"""What `read_pair` returns: both servers of a pair at one moment, as frozen data without secrets."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

from ..enums import FailoverMode, FailoverState, ServerType
from ..models import Relationship, ScopeStatistics, SystemTime
from ..models.base import Record, record
from ..pair.copies import Difference
from ..pair.parts import Side, data_of

if TYPE_CHECKING:
    from ..models import ScopeCounters
    from ..pair import Findings

__all__ = ["Copy", "PairLook", "ReadError", "RelationshipLook", "ServerLook"]


@record(kw_only=True)
class ReadError(Record):
    """Something that could not be read of a server.

    Attributes:
        server: The server's name.
        part: ``"relationships"``, ``"clock"``, ``"counters"``, ``"statistics"`` or ``"rights"``.
        scope: The scope, for statistics.
        code: The error code; None if the server did not answer in time, or was not asked.
        name: The name of the code, or ``"TIME_LIMIT"``.
        function: The API function, or None.
        text: What went wrong, in a few words.
    """

    server: str
    part: str
    scope: IPv4Address | None = None
    code: int | None
    name: str
    function: str | None = None
    text: str

    def __str__(self) -> str:
        return self.text if self.code is None else f"{self.text} [{self.name} {self.code}]"

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return _data(self)


@record(kw_only=True)
class Copy(Record):
    """One server's copy of a relationship; the fields are those of `dhcpfo.Relationship`, without the secret.

    Attributes:
        name: The name, as this server spells it.
        role: The role of this server.
        state: Its state.
        previous_state: Its state before that.
        mode: Load balance or hot standby.
        percentage: The primary's share of the clients, or the reserve of the standby.
        mclt: Maximum client lead time.
        state_switch_interval: Time after which the server enters PARTNER_DOWN by itself; None means never.
        scopes: The scopes.
        authenticated: Whether there is a shared secret.
        partner: The partner's name, or its address.
    """

    name: str
    role: ServerType
    state: FailoverState
    previous_state: FailoverState
    mode: FailoverMode
    percentage: int
    mclt: timedelta
    state_switch_interval: timedelta | None
    scopes: tuple[IPv4Address, ...]
    authenticated: bool
    partner: str

    @classmethod
    def of(cls, relationship: Relationship) -> "Copy":
        """Return what is shown of a relationship."""
        return cls(
            name=relationship.name,
            role=relationship.server_type,
            state=relationship.state,
            previous_state=relationship.previous_state,
            mode=relationship.mode,
            percentage=relationship.percentage,
            mclt=relationship.mclt,
            state_switch_interval=relationship.state_switch_interval or None,
            scopes=tuple(relationship.scopes),
            authenticated=relationship.authenticated,
            partner=relationship.partner_server_name or str(relationship.partner_server),
        )


@record(kw_only=True)
class ServerLook(Record):
    """One server at one moment.

    Attributes:
        side: Which of the two it is.
        name: Its name.
        error: Why its relationships could not be read; then nothing is known about it. None if they were read.
        errors: Everything that could not be read, ``error`` included.
        seconds: How long reading it took.
        clock: Its clock; None if it could not be read, or if the server shows none.
        offset: How far its clock is ahead of this machine's, or of the lab's. Servers answer in whole seconds.
        counters: The addresses of each scope, if asked for.
        statistics: The addresses of failover scopes by owner, of the scopes that were asked for.
        administrator: Whether the caller may change the server; None if that was not asked or could not be read.
        others: Names of relationships with servers that do not belong to the pair.
    """

    side: Side
    name: str
    error: ReadError | None = None
    errors: tuple[ReadError, ...] = ()
    seconds: float = 0.0
    clock: SystemTime | None = None
    offset: timedelta | None = None
    counters: "Mapping[IPv4Address, ScopeCounters] | None" = None
    statistics: Mapping[IPv4Address, ScopeStatistics] = field(default_factory=dict)
    administrator: bool | None = None
    others: tuple[str, ...] = ()

    @property
    def up(self) -> bool:
        """Whether the server answered."""
        return self.error is None

    @property
    def causes(self) -> tuple[ReadError, ...]:
        """What could not be read, for people: one error if nothing is known of the server."""
        return self.errors if self.error is None else (self.error,)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {**_data(self), "up": self.up}


@record(kw_only=True)
class RelationshipLook(Record):
    """One relationship as both servers show it.

    Attributes:
        name: Its name.
        copies: The copies by side. A side is not there if its server has none, or if it could not be read.
        unread: The sides that could not be read.
        differences: How the copies differ.
    """

    name: str
    copies: Mapping[Side, Copy]
    unread: frozenset[Side] = frozenset()
    differences: tuple[Difference, ...] = ()

    @property
    def copy(self) -> Copy:
        """The copy of the primary's role if it could be read, else the other."""
        copies = list(self.copies.values())
        return next((copy for copy in copies if copy.role == ServerType.PRIMARY), copies[0])

    @property
    def states(self) -> dict[Side, FailoverState]:
        """The state of each server with a copy."""
        return {side: copy.state for side, copy in self.copies.items()}

    @property
    def normal(self) -> bool:
        """Whether both servers could be read and are NORMAL."""
        return len(self.copies) == 2 and all(state == FailoverState.NORMAL for state in self.states.values())

    @property
    def attention(self) -> bool:
        """Whether something that was read is not as it should be. A server that could not be read is not counted."""
        return bool(self.differences) or any(state != FailoverState.NORMAL for state in self.states.values())

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {**_data(self), "normal": self.normal, "attention": self.attention}


@record(kw_only=True)
class PairLook(Record):
    """Both servers of a pair at one moment.

    Attributes:
        name: The pair's name.
        time: When it was read, on this machine's clock or the lab's.
        servers: Both servers.
        relationships: The relationships of the pair, by name.
        findings: What an audit of this depth finds, if asked for.
    """

    name: str
    time: datetime
    servers: Mapping[Side, ServerLook]
    relationships: tuple[RelationshipLook, ...]
    findings: "Findings | None" = None

    @property
    def complete(self) -> bool:
        """Whether all that was asked for could be read on both servers."""
        return not self.errors

    @property
    def errors(self) -> tuple[ReadError, ...]:
        """Everything that could not be read."""
        return tuple(error for server in self.servers.values() for error in server.errors)

    @property
    def attention(self) -> bool:
        """Whether something that was read is not as it should be."""
        return any(one.attention for one in self.relationships)

    @property
    def clock_difference(self) -> timedelta | None:
        """How far the first server's clock is ahead of the second's; None if one of them is unknown."""
        one, other = (self.servers[side].offset for side in Side)
        return None if one is None or other is None else one - other

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        difference = self.clock_difference
        return {
            "pair": self.name,
            "time": data_of(self.time),
            "complete": self.complete,
            "attention": self.attention,
            "clock_difference": None if difference is None else difference.total_seconds(),
            "servers": [server.to_dict() for server in self.servers.values()],
            "relationships": [one.to_dict() for one in self.relationships],
            "findings": None if self.findings is None else [finding.to_dict() for finding in self.findings],
        }


def _data(value: Any) -> dict[str, Any]:
    """Return the fields of a class of this module, JSON-ready."""
    return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(str(item) for item in value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Copy | Difference):
        return _data(value)
    return data_of(value)
