"""Reading both servers of a pair for people and for monitoring: states, differences, counts, clocks, errors.

`read_pair` is light: it imports little, and no thread of it keeps a program from ending.
"""

import time
from collections.abc import Callable, Collection
from datetime import timedelta
from functools import partial
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, Protocol

from ..enums import AttributeId
from ..errors import DhcpError
from ..models import Relationship
from ..models.base import Record, record
from ..models.names import upper_case
from ..pair.clock import REAL, Clock
from ..pair.copies import Difference, between, differences
from ..pair.parts import PairId, Side
from .pair_look import Copy, PairLook, ReadError, RelationshipLook, ServerLook
from .together import together

if TYPE_CHECKING:
    from ..pair import Findings
    from ..server import Server

__all__ = [
    "Copy",
    "Difference",
    "PairLook",
    "ReadError",
    "RelationshipLook",
    "ServerLook",
    "Servers",
    "TwoServers",
    "read_pair",
]

Part = tuple[Side, str, IPv4Address | None]
Calls = dict[Part, Callable[[], Any]]


class TwoServers(Protocol):
    """What `read_pair` needs: a `dhcpfo.FailoverPair`, or `Servers`."""

    @property
    def calls_at_once(self) -> int:
        """The most calls to each server at the same time."""

    @property
    def clock(self) -> Clock:
        """The time that the servers' clocks are compared with."""

    @property
    def names(self) -> PairId:
        """The names of the servers."""

    def server(self, side: Side) -> "Server":
        """Return the server of a side."""

    def address(self, side: Side) -> IPv4Address | None:
        """Return the address that was passed for a server, or None."""


@record
class Servers(Record):
    """Two servers that are only read: for programs to which a `dhcpfo.FailoverPair` takes too long to import.

    Attributes:
        primary: The first server.
        secondary: The second server.
        calls_at_once: The most calls to each server at the same time.
        clock: The time that the servers' clocks are compared with.
    """

    primary: "Server"
    secondary: "Server"
    calls_at_once: int = 8
    clock: Clock = REAL

    @property
    def names(self) -> PairId:
        """The names of the servers, as passed when connecting."""
        return PairId(*(server.name or "this machine" for server in (self.primary, self.secondary)))

    def server(self, side: Side) -> "Server":
        """Return the server of a side."""
        return self.primary if side is Side.PRIMARY else self.secondary

    def address(self, side: Side) -> IPv4Address | None:
        """Return None: no addresses were passed."""
        return None


def read_pair(
    pair: TwoServers,
    *,
    name: str | None = None,
    statistics: bool = False,
    scopes: bool | Collection[IPv4Address] = False,
    rights: bool = False,
    findings: bool = False,
    time_limit: timedelta | None = None,
) -> PairLook:
    """Read both servers of a pair at once. A server that cannot be read is part of the result, never an exception.

    Each server is asked for its relationships and its clock, all calls at the same time.

    Args:
        pair: A `dhcpfo.FailoverPair` or `Servers`.
        name: The pair's name; by default the names of its servers, with a comma.
        statistics: Read the addresses of all scopes, too: one call to each server.
        scopes: The failover scopes for which the addresses of each owner are read: one call to each server for each
            scope. True means all scopes of the relationships.
        rights: Ask whether the caller may change the servers: one call to each server.
        findings: Return what `FailoverPair.audit` finds in what was read.
        time_limit: The time after which calls that did not return are abandoned; what they would have read counts as
            unread.
    """
    reader = _Reader(pair, time_limit)
    named = () if isinstance(scopes, bool) else tuple(scopes)
    reader.read(
        {
            side: _calls(pair.server(side), side, statistics, rights, pair.clock)
            | _statistics(pair.server(side), side, named)
            for side in Side
        }
    )
    found = {side: reader.get(side, "relationships") for side in Side}
    ours, others = _sort_out(pair, found)
    if scopes is True:
        wanted = {side: sorted({scope for copy in ours[side] for scope in copy.scopes}) for side in Side}
        reader.read({side: _statistics(pair.server(side), side, wanted[side]) for side in Side})
    return PairLook(
        name=name or f"{pair.names.primary},{pair.names.secondary}",
        time=pair.clock.now(),
        servers={side: reader.look(side, others[side]) for side in Side},
        relationships=_match(ours, frozenset(side for side in Side if found[side] is None)),
        findings=reader.findings(ours) if findings else None,
    )


def _calls(server: "Server", side: Side, statistics: bool, rights: bool, clock: Clock) -> Calls:
    """Return the calls that need no answer of another one."""
    calls: Calls = {
        (side, "relationships", None): server.relationships,
        (side, "clock", None): partial(_clock, server, clock),
    }
    if statistics:
        calls[side, "counters", None] = server.get_counters
    if rights:
        calls[side, "rights", None] = partial(server.get_attributes, AttributeId.IS_ADMINISTRATOR)
    return calls


def _statistics(server: "Server", side: Side, scopes: Collection[IPv4Address]) -> Calls:
    return {(side, "statistics", scope): partial(server.get_scope_statistics, scope) for scope in scopes}


def _clock(server: "Server", clock: Clock) -> tuple[Any, timedelta]:
    """Return a server's clock and how far it was ahead in the middle of the call."""
    before = clock.now()
    found = server.get_system_time()
    return found, found.time - (before + (clock.now() - before) / 2)


class _Reader:
    """Both servers while they are read.

    Args:
        pair: The servers.
        time_limit: The time after which calls are abandoned.
    """

    def __init__(self, pair: TwoServers, time_limit: timedelta | None) -> None:
        self._pair = pair
        self._limit = time_limit
        self._deadline = None if time_limit is None else time.monotonic() + time_limit.total_seconds()
        self._asked: list[Part] = []
        self._found: dict[Part, Any] = {}
        self._seconds = dict.fromkeys(Side, 0.0)

    def read(self, groups: dict[Side, Calls]) -> None:
        """Make the calls of each side."""
        timed = {
            side: {part: partial(self._timed, side, time.monotonic(), call) for part, call in calls.items()}
            for side, calls in groups.items()
        }
        self._asked += [part for calls in groups.values() for part in calls]
        self._found |= together(timed, self._pair.calls_at_once, self._deadline)

    def _timed(self, side: Side, begun: float, call: Callable[[], Any]) -> Any:
        try:
            return call()
        finally:
            self._seconds[side] = max(self._seconds[side], time.monotonic() - begun)

    def get(self, side: Side, part: str, scope: IPv4Address | None = None) -> Any:
        """Return what was read, or None."""
        found = self._found.get((side, part, scope))
        return None if isinstance(found, OSError) else found

    def _errors(self, side: Side) -> tuple[ReadError, ...]:
        errors = []
        for part in self._asked:
            if part[0] is side and (part not in self._found or isinstance(self._found[part], OSError)):
                errors.append(self._error(part, self._found.get(part)))
        return tuple(errors)

    def _error(self, part: Part, error: OSError | None) -> ReadError:
        side, what, scope = part
        server = self._pair.names[side]
        if error is None:
            assert self._limit is not None
            text = f"no answer within {self._limit.total_seconds():g} s"
            return ReadError(server=server, part=what, scope=scope, code=None, name="TIME_LIMIT", text=text)
        if isinstance(error, DhcpError):
            text, code, name = error.strerror or "", error.winerror, error.code_name
            return ReadError(
                server=server, part=what, scope=scope, code=code, name=name, function=error.function, text=text
            )
        name = "TIME_LIMIT" if isinstance(error, TimeoutError) else type(error).__name__
        return ReadError(server=server, part=what, scope=scope, code=None, name=name, text=str(error))

    def look(self, side: Side, others: tuple[str, ...]) -> ServerLook:
        """Return a server as data."""
        errors = self._errors(side)
        clock, offset = self.get(side, "clock") or (None, None)
        counters, rights = self.get(side, "counters"), self.get(side, "rights")
        return ServerLook(
            side=side,
            name=self._pair.names[side],
            error=next((error for error in errors if error.part == "relationships"), None),
            errors=errors,
            seconds=self._seconds[side],
            clock=clock,
            offset=offset,
            counters=None if counters is None else {scope.scope_id: scope for scope in counters.scopes},
            statistics={
                scope: found
                for (of, part, scope), found in self._found.items()
                if of is side and part == "statistics" and scope is not None and not isinstance(found, OSError)
            },
            administrator=None if rights is None else bool(rights.get(AttributeId.IS_ADMINISTRATOR)),
            others=others,
        )

    def findings(self, ours: dict[Side, list[Relationship]]) -> "Findings":
        """Return what the checkers of an audit find in what was read."""
        from ..pair.audit import Finding, Findings, PairSeen, run
        from ..pair.audit.seen import ServerSeen

        found: list[Finding] = []
        for side in Side:
            for error in self._errors(side):
                whole = error.part == "relationships"
                text = f"{error.server} could not be read: {error}" if whole else f"on {error.server}: {error}"
                code, element = ("unreachable", None) if whole else ("unread", error.part)
                found.append(Finding(code=code, severity="unknown", scope=error.scope, element=element, text=text))
        if all(self.get(side, "relationships") is not None for side in Side):
            sides = {}
            for side in Side:
                clock, _ = self.get(side, "clock") or (None, None)
                sides[side] = ServerSeen(
                    relationships={upper_case(copy.name): copy for copy in ours[side]}, clock=clock
                )
            found += run(PairSeen(self._pair.names, "relationships", sides))
        return Findings(found, self._pair.names)


def _sort_out(
    pair: TwoServers, found: dict[Side, list[Relationship] | None]
) -> tuple[dict[Side, list[Relationship]], dict[Side, tuple[str, ...]]]:
    """Return the relationships of the pair by side, and the names of those that each server has with others."""
    names = {side: pair.server(side).name for side in Side}
    ours = between(found, names, {side: pair.address(side) for side in Side})
    others = {
        side: tuple(sorted(copy.name for copy in copies or () if copy not in ours[side]))
        for side, copies in found.items()
    }
    return ours, others


def _match(ours: dict[Side, list[Relationship]], unread: frozenset[Side]) -> tuple[RelationshipLook, ...]:
    """Return the relationships of a pair with the copies of both servers."""
    copies: dict[str, dict[Side, Relationship]] = {}
    for side, mine in ours.items():
        for copy in mine:
            copies.setdefault(upper_case(copy.name), {})[side] = copy
    return tuple(_relationship(copies[key], unread) for key in sorted(copies))


def _relationship(copies: dict[Side, Relationship], unread: frozenset[Side]) -> RelationshipLook:
    found: tuple[Difference, ...] = ()
    if len(copies) == 2:
        found = differences(copies[Side.PRIMARY], copies[Side.SECONDARY])
    elif not unread:
        found = (Difference("missing", *("present" if side in copies else "missing" for side in Side)),)
    return RelationshipLook(
        name=next(iter(copies.values())).name,
        copies={side: Copy.of(copy) for side, copy in copies.items()},
        unread=unread,
        differences=found,
    )
