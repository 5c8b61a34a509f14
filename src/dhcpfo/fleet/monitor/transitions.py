"""What changes between two looks at pairs: states, servers that stop answering, copies that begin to differ."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...pair.parts import Side
from ..look import PairLook, RelationshipLook
from .check import ACCESS_DENIED

__all__ = ["ABSENT", "DENIED", "EQUAL", "UNREACHABLE", "Change", "Status", "Watch"]

UNREACHABLE, DENIED, ABSENT = "UNREACHABLE", "ACCESS_DENIED", "NO_COPY"
"""What stands in the place of the state of a server that does not answer, that refuses, that has no copy."""

EQUAL = "EQUAL"

Key = tuple[str, str, Side | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change.

    Attributes:
        time: When it was noticed.
        pair: The pair's name.
        relationship: The relationship's name; empty for a server of which none is known.
        server: The server's name; None if it is about both copies.
        before: The state before; None for a relationship that was not there.
        after: The state now, or one of `UNREACHABLE`, `DENIED` and `ABSENT`; for both copies what differs, or
            ``"EQUAL"``.
    """

    time: datetime
    pair: str
    relationship: str
    server: str | None
    before: str | None
    after: str

    def __str__(self) -> str:
        where = self.server if self.server is not None else "copies"
        about = " ".join(filter(None, (self.pair, self.relationship, where)))
        return f"{about}: {self.before or 'new'} -> {self.after}"

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "time": self.time.isoformat(),
            "pair": self.pair,
            "relationship": self.relationship,
            "server": self.server,
            "before": self.before,
            "after": self.after,
        }


@dataclass(slots=True)
class Status:
    """What is known of one server's copy of a relationship, or of both copies.

    Attributes:
        server: The server's name, or None for both copies.
        now: The state, or what stands in its place.
        last: The last state that was read.
        since: When `now` was seen first.
        read: When the server answered last.
    """

    server: str | None
    now: str
    last: str | None
    since: datetime
    read: datetime | None

    @property
    def known(self) -> bool:
        """Whether the server answered."""
        return self.now not in (UNREACHABLE, DENIED)


class Watch:
    """Keeps what the last look showed and returns what is different in the next one.

    A server that does not answer keeps the relationships that it had; they are `UNREACHABLE`. A pair of which no
    relationship is known, because a server does not answer, has one without a name.

    Attributes:
        known: What is known, by pair, relationship and side; the side is None for both copies.
        changes: The changes so far, the oldest first; the last ``keep`` of them.
    """

    def __init__(self, keep: int = 200) -> None:
        self._keep = keep
        self._looked: set[str] = set()
        self.known: dict[Key, Status] = {}
        self.changes: list[Change] = []

    def update(self, looks: Iterable[PairLook]) -> list[Change]:
        """Take in a look at each pair and return what changed since the last one of that pair."""
        found: list[Change] = []
        for look in looks:
            found += self._update(look)
            self._looked.add(look.name)
        self.changes = [*self.changes, *found][-self._keep :]
        return found

    def rows(self) -> list[tuple[str, str]]:
        """Return the names of the pairs and relationships that are known."""
        return list(dict.fromkeys((pair, name) for pair, name, _ in self.known))

    def _update(self, look: PairLook) -> list[Change]:
        now: dict[Key, tuple[str | None, str]] = {}
        for one in look.relationships:
            for side in Side:
                now[look.name, one.name, side] = look.servers[side].name, _state(look, one, side)
            if not one.unread:
                differs = ", ".join(difference.what for difference in one.differences)
                now[look.name, one.name, None] = None, f"differ: {differs}" if differs else EQUAL
        for key, status in self.known.items():
            if key[0] == look.name and key not in now and key[2] is not None:
                now[key] = status.server, _absent(look, key[2])
        if not any(key[0] == look.name and key[1] for key in (*now, *self.known)) and not look.complete:
            now |= {(look.name, "", side): (look.servers[side].name, _absent(look, side)) for side in Side}
        changes = [change for key, (server, state) in now.items() if (change := self._set(look, key, server, state))]
        gone = [
            (pair, name)
            for pair, name in {(pair, name) for pair, name, _ in self.known if pair == look.name}
            if all(self.known[pair, name, side].now == ABSENT for side in Side)
            or (not name and any(key[0] == pair and key[1] for key in self.known))
        ]
        for key in [key for key in self.known if key[:2] in gone]:
            del self.known[key]
        return changes

    def _set(self, look: PairLook, key: Key, server: str | None, state: str) -> Change | None:
        before = self.known.get(key)
        answered = state not in (UNREACHABLE, DENIED)
        if before is None:
            last = state if answered else None
            self.known[key] = Status(server, state, last, look.time, look.time if answered else None)
            if look.name not in self._looked or key[2] is None:
                return None
            return Change(time=look.time, pair=key[0], relationship=key[1], server=server, before=None, after=state)
        if answered:
            before.read, before.last = look.time, state
        if before.now == state:
            return None
        change = Change(time=look.time, pair=key[0], relationship=key[1], server=server, before=before.now, after=state)
        before.now, before.since = state, look.time
        return change


def _state(look: PairLook, one: RelationshipLook, side: Side) -> str:
    copy = one.copies.get(side)
    return _absent(look, side) if copy is None else copy.state.name


def _absent(look: PairLook, side: Side) -> str:
    error = look.servers[side].error
    if error is None:
        return ABSENT
    return DENIED if error.code == ACCESS_DENIED else UNREACHABLE
