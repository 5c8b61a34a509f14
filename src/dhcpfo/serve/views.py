"""What the page asks for, made of reads that all browsers share."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher
from functools import partial
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

from ..enums import FailoverState
from ..fleet.states import kind_of
from ..models.names import upper_case
from ..pair import FailoverPair, Side
from ..pair.audit.finding import shown
from ..scope import ScopeConfig, diff, read_scope
from ..scope.show import yaml_lines
from .actions import buttons
from .halves import HalfSeen, Halves, compare, error_data, of_pair, read_half, severity
from .jobs import SLOW, Jobs, Outcome

if TYPE_CHECKING:
    from ..simulator import Lab

__all__ = ["Fleet", "ServedPair"]

SEEN = 200
"""Changes of state that are remembered for each copy."""

MOST_LINES = 2000
"""Lines of a scope's configuration that are shown side by side. More would take long to compare."""


class ServedPair:
    """A pair on the page.

    Attributes:
        number: Its place in the fleet.
        name: Its name in the fleet.
        pair: The pair.
    """

    def __init__(self, number: int, name: str, pair: FailoverPair) -> None:
        self.number = number
        self.name = name
        self.pair = pair
        self.servers = [pair.names[side] for side in Side]
        self.halves: dict[Side, tuple[HalfSeen, float]] = {}
        self._both: Halves | None = None
        self._compared: list[dict[str, Any]] | None = None
        self.seen: dict[tuple[Side, str], deque[tuple[float, FailoverState]]] = {}

    def both(self) -> Halves:
        """Return what was last read of each server, of the relationships between the two."""
        if self._both is None:
            one, other = (self.halves.get(side) for side in Side)
            self._both = of_pair(self.pair, (one[0] if one else None, other[0] if other else None))
        return self._both

    def compared(self) -> list[dict[str, Any]]:
        """Return each relationship with both copies; see `compare`."""
        if self._compared is None:
            self._compared = compare(self.both())
        return self._compared

    def remember(self, side: Side, half: HalfSeen) -> None:
        """Keep what was read now."""
        now = time.time()
        for name, copy in half.relationships.items():
            states = self.seen.setdefault((side, name), deque(maxlen=SEEN))
            if not states or states[-1][1] != copy.state:
                states.append((now, copy.state))
        self.halves[side] = half, now
        self._both = self._compared = None


class Fleet:
    """The pairs of a page and all that is read of them.

    Servers are only called while a browser asks, and for all browsers together.

    Args:
        pairs: The pairs by their name.
        lab: The lab that they are in; None for real servers.
        interval: How old the states may get before they are read again.
    """

    def __init__(
        self, pairs: Mapping[str, FailoverPair], *, lab: "Lab | None" = None, interval: timedelta = timedelta(seconds=5)
    ) -> None:
        self.pairs = [ServedPair(number, name, pair) for number, (name, pair) in enumerate(pairs.items())]
        self.lab = lab
        self.interval = interval.total_seconds()
        self.jobs = Jobs()
        self._changed = 0.0
        self._lock = threading.Lock()

    def changed(self) -> None:
        """Read everything again when somebody asks, because something was changed."""
        self._changed = time.monotonic()

    # The states

    def _look(self, served: ServedPair) -> None:
        """Begin to read the servers of a pair that were not read recently. Each server has its own job."""
        for side in Side:
            job = partial(self._read, served, side)
            self.jobs.ask((served.number, side), "look", job, keep=self.interval, since=self._changed)

    def _read(self, served: ServedPair, side: Side) -> None:
        half = read_half(served.pair.server(side))
        with self._lock:
            served.remember(side, half)

    def overview(self) -> dict[str, Any]:
        """Return all pairs as they are known now, at once. What is too old is read meanwhile."""
        for served in self.pairs:
            self._look(served)
        with self._lock:
            return {
                "format": 1,
                "lab": self._lab_time(),
                "interval": self.interval,
                "time": time.time(),
                "pairs": [self._row(served) for served in self.pairs],
            }

    def _row(self, served: ServedPair, *, whole: bool = False) -> dict[str, Any]:
        halves, compared = served.both(), served.compared()
        return {
            "number": served.number,
            "name": served.name,
            "severity": severity(halves, compared),
            "servers": [self._server(served, side) for side in Side],
            "relationships": compare(halves, whole=True) if whole else compared,
        }

    def _server(self, served: ServedPair, side: Side) -> dict[str, Any]:
        half, at = served.halves.get(side, (None, None))
        since = self.jobs.running_since((served.number, side))
        late = None if since is None else round(time.monotonic() - since)
        return {
            "name": served.pair.names[side],
            "read": at,
            "silent": late if late and late >= SLOW else None,
            "error": error_data(half.error) if half and half.error else None,
        }

    def _lab_time(self) -> dict[str, str] | None:
        return None if self.lab is None else {"now": self.lab.now.isoformat()}

    # One pair

    def pair(self, served: ServedPair) -> dict[str, Any]:
        """Return one pair with both copies of everything, as known now."""
        self._look(served)
        with self._lock:
            return self._row(served, whole=True) | {"lab": self._lab_time(), "time": time.time()}

    def lab_view(self, served: ServedPair) -> dict[str, Any]:
        """Return why each copy is in its state, and the buttons of a lab."""
        assert self.lab is not None
        with self._lock:
            names = [entry["name"] for entry in served.compared()]
        return {
            "now": self.lab.now.isoformat(),
            "explain": [{"relationship": name, "lines": lines} for name, lines in self._explain(served, names)],
            "buttons": buttons(served.pair, names),
        }

    def _explain(self, served: ServedPair, names: list[str]) -> Iterator[tuple[str, list[str]]]:
        assert self.lab is not None
        starts = tuple(f"{name}: " for name in served.servers)
        for name in names:
            try:
                lines = self.lab.explain(name).splitlines()
            except ValueError:  # deleted meanwhile
                continue
            yield name, [line for line in lines if line.startswith(starts)] or lines

    def timelines(self, served: ServedPair) -> dict[str, Any]:
        """Return the states of each copy over time: the lab's history, or what was seen while the page was open."""
        names: dict[str, str] = {}
        with self._lock:
            for half in served.both():
                names |= {key: copy.name for key, copy in half.relationships.items()} if half else {}
        return {
            "source": "lab" if self.lab else "seen",
            "end": (self.lab.now if self.lab else datetime.now(UTC)).isoformat(),
            "timelines": [
                {
                    "relationship": name,
                    "lanes": [{"server": served.pair.names[side], **self._lane(served, side, name)} for side in Side],
                }
                for name in names.values()
            ],
        }

    def _lane(self, served: ServedPair, side: Side, name: str) -> dict[str, Any]:
        if self.lab is None:
            with self._lock:
                states = list(served.seen.get((side, upper_case(name)), ()))
            changes = [(datetime.fromtimestamp(at, UTC), state, "seen by this page") for at, state in states]
        else:
            try:
                history = self.lab.history(served.pair.names[side], name)
            except ValueError:  # this server has no copy
                history = ()
            changes = [(entry.time, entry.state, entry.cause) for entry in history]
        return {
            "changes": [
                {"time": at.isoformat(), "state": state.name, "kind": kind_of(state), "cause": cause}
                for at, state, cause in changes
            ],
        }

    # Longer reads: one for each pair at a time

    def audit(self, served: ServedPair, depth: str) -> Outcome:
        """Compare both servers of a pair."""
        return self.longer(served, ("audit", depth), lambda: _audit(served.pair, depth))

    def scope(self, served: ServedPair, scope: IPv4Address) -> Outcome:
        """Read a scope on both servers and set the two side by side."""
        return self.longer(served, ("scope", scope), lambda: _side_by_side(served.pair, scope))

    def longer(
        self, served: ServedPair, key: tuple[Any, ...], job: Callable[[], Any], *, keep: float | None = None
    ) -> Outcome:
        """Do something that takes longer than a request should.

        Args:
            served: The pair.
            key: What it is.
            job: What to do.
            keep: For how many seconds its result is used again; by default for the interval.
        """
        return self.jobs.ask(served.number, key, job, keep=self.interval if keep is None else keep, since=self._changed)


def _audit(pair: FailoverPair, depth: Any) -> dict[str, Any]:
    return {
        "depth": depth,
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity,
                "about": finding.about,
                "scope": None if finding.scope is None else str(finding.scope),
                "values": [shown(finding.values[side]) if side in finding.values else None for side in Side],
                "text": finding.text,
                "repair": finding.repair,
            }
            for finding in pair.audit(depth=depth)
        ],
    }


def _side_by_side(pair: FailoverPair, scope: IPv4Address) -> dict[str, Any]:
    found: dict[Side, ScopeConfig | None] = {}
    for side in Side:
        found[side] = read_scope(pair.server(side), scope, calls_at_once=pair.calls_at_once)
    one, other = found[Side.PRIMARY], found[Side.SECONDARY]
    answer: dict[str, Any] = {"scope": str(scope), "exists": [one is not None, other is not None]}
    lines = [[] if config is None else list(yaml_lines(config.to_dict())) for config in (one, other)]
    answer["rows"] = _paired(*lines) if max(map(len, lines)) <= MOST_LINES else None
    answer["changes"] = []
    if one is not None and other is not None:
        answer["changes"] = [str(change) for change in diff(one, other)]
    return answer


def _paired(left: list[str], right: list[str]) -> list[dict[str, Any]]:
    """Return the lines of two texts side by side; those of one that the other lacks stand beside nothing."""
    rows = []
    for tag, one, one_end, other, other_end in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        for step in range(max(one_end - one, other_end - other)):
            pair = [
                lines[start + step] if start + step < end else None
                for lines, start, end in ((left, one, one_end), (right, other, other_end))
            ]
            rows.append({"values": pair, "differs": tag != "equal"})
    return rows
