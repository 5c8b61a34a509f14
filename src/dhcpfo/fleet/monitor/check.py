"""A check of pairs for Nagios, Icinga, Checkmk and other monitors that run plugins.

The result is one line with a status, performance data behind a bar, and details in the lines below, as the Monitoring
Plugins' guidelines have it. This module is quick to import: monitors start a plugin every minute.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Address

from ...enums import FailoverState
from ...models.base import Record, record
from ..look import PairLook, RelationshipLook
from ..states import ON_THE_WAY

__all__ = ["CRITICAL", "OK", "UNKNOWN", "WARNING", "Limits", "Outcome", "check", "one_line"]

OK, WARNING, CRITICAL, UNKNOWN = 0, 1, 2, 3
NAMES = {OK: "OK", WARNING: "WARNING", CRITICAL: "CRITICAL", UNKNOWN: "UNKNOWN"}
ORDER = (OK, UNKNOWN, WARNING, CRITICAL)
"""From the best on. What is known to be wrong comes before what is not known."""

SEVERE = frozenset({"missing", "role"})
"""Differences of the copies that are critical; others are a warning."""

CLOCK = timedelta(seconds=60)
"""How far the clocks may be apart if the servers do not say."""

MOST_SCOPES = 100
"""Scopes with performance data: Nagios cuts a plugin's output at 8 KiB."""

MOST_SHOWN = 3
"""Problems in the first line."""

MOST_OUTPUT, MOST_FIRST, MOST_DATA = 8000, 1000, 5000
"""Bytes of all output, and of the two parts of its first line."""


@record
class Limits(Record):
    """When to warn.

    Attributes:
        free_warning: The share of free addresses of a scope below which to warn, in percent.
        free_critical: The share below which it is critical.
        clock_warning: The difference of the two clocks above which to warn; half of what is allowed by default.
        clock_critical: The difference above which it is critical; eleven twelfths of what is allowed by default.
    """

    free_warning: float = 10.0
    free_critical: float = 4.0
    clock_warning: timedelta | None = None
    clock_critical: timedelta | None = None


@dataclass(slots=True)
class Outcome:
    """What a check found.

    Attributes:
        status: `OK`, `WARNING`, `CRITICAL` or `UNKNOWN`, which are the exit codes of plugins, too.
        problems: What is not as it should be, the worst first, with the status of each.
        well: What is as it should be.
        details: Lines for the long output.
        data: The performance data: labels and values with their limits.
    """

    problems: list[tuple[int, str]] = field(default_factory=list)
    well: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    data: dict[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The worst status."""
        return max((status for status, _ in self.problems), key=ORDER.index, default=OK if self.well else UNKNOWN)

    def add(self, status: int, text: str) -> None:
        """Note a problem."""
        self.problems.append((status, text))

    def __str__(self) -> str:
        ordered = sorted(self.problems, key=lambda problem: -ORDER.index(problem[0]))
        texts = list(dict.fromkeys(text for _, text in ordered))
        shown = texts[:MOST_SHOWN] + ([f"and {len(texts) - MOST_SHOWN} more"] if len(texts) > MOST_SHOWN else [])
        first = one_line("; ".join(shown) if texts else ", ".join(self.well) or "nothing could be read")
        data = _that_fit([f"'{label}'={value}" for label, value in self.data.items()], MOST_DATA)
        head = f"DHCPFO {NAMES[self.status]} - {_cut(first, MOST_FIRST)}" + (f" | {' '.join(data)}" if data else "")
        lines = [one_line(f"{NAMES[status]}: {text}") for status, text in ordered if len(texts) > MOST_SHOWN]
        lines += [one_line(detail) for detail in self.details]
        shown = _that_fit(lines, MOST_OUTPUT - len(head.encode()))
        if len(shown) < len(lines):
            shown.append(f"and {len(lines) - len(shown)} more lines")
        return "\n".join([head, *shown])


def one_line(text: str) -> str:
    """Return text without what means something in a plugin's output."""
    return "".join(letter if letter.isprintable() else " " for letter in text.replace("|", " "))


def _cut(text: str, most: int) -> str:
    """Return as much of a text as fits into so many bytes."""
    data = text.encode()
    return text if len(data) <= most else data[: most - 3].decode(errors="ignore") + "..."


def _that_fit(texts: Iterable[str], most: int) -> list[str]:
    """Return the first of several texts, as many as fit into so many bytes with one between them."""
    found = []
    for text in texts:
        most -= len(text.encode()) + 1
        if most < 0:
            break
        found.append(text)
    return found


def _label(text: str) -> str:
    """Return a label of performance data; quotes and equals signs are taken out."""
    return one_line(text.replace("'", "").replace("=", "")).strip() or "-"


def check(
    looks: Sequence[PairLook],
    limits: Limits | None = None,
    relationships: Iterable[str] = (),
    *,
    functions: bool = False,
) -> Outcome:
    """Judge pairs that were read.

    Args:
        looks: The pairs, read with ``statistics=True`` if scopes are to be checked.
        limits: When to warn.
        relationships: The names of the relationships that must be there; others are left out. Without any, all are
            checked.
        functions: Whether to name the functions that failed.
    """
    outcome = Outcome()
    wanted = {name.casefold() for name in relationships}
    seen: set[str] = set()
    for look in looks:
        ours = [one for one in look.relationships if not wanted or one.name.casefold() in wanted]
        seen |= {one.name.casefold() for one in ours}
        for one in ours:
            _relationship(outcome, look, one)
        unread = [server for server in look.servers.values() if not server.up]
        if not look.relationships:
            for server in unread:
                outcome.add(UNKNOWN, f"{server.name} could not be read")
            if not unread:
                outcome.add(WARNING, f"{look.name} has no failover relationship")
        outcome.details += [
            (f"{error.server}: {error}" if error is server.error else f"{error.server}: {error.part}: {error}")
            + (f" ({error.function})" if functions and error.function else "")
            for server in look.servers.values()
            for error in server.causes
        ]
        parts = {(error.server, error.part) for error in look.errors if error.server not in {s.name for s in unread}}
        for server_name, part in sorted(parts):
            outcome.add(UNKNOWN, f"{server_name}: {part} could not be read")
        alone = len(looks) == 1
        _clock(outcome, look, limits or Limits(), alone)
        _scopes(outcome, look, ours, limits or Limits(), alone)
    complete = all(server.up for look in looks for server in look.servers.values())
    for name in sorted(wanted - seen):
        outcome.add(CRITICAL if complete else UNKNOWN, f"relationship {name} was not found")
    return outcome


def _relationship(outcome: Outcome, look: PairLook, one: RelationshipLook) -> None:
    words, status = [], OK
    for side, server in look.servers.items():
        copy = one.copies.get(side)
        if copy is not None:
            outcome.data[_label(f"{one.name} {server.name} state")] = str(int(copy.state))
            words.append(f"{server.name} {copy.state.name}")
            if copy.state != FailoverState.NORMAL:
                status = max(status, WARNING if copy.state in ON_THE_WAY else CRITICAL)
        elif side in one.unread:
            error = server.error
            words.append(f"{server.name} {'denied' if error and error.code == ACCESS_DENIED else 'unreachable'}")
        else:
            words.append(f"{server.name} has no copy")
    if status == OK and one.unread:
        status = UNKNOWN
    text = f"{one.name}: {', '.join(words)}"
    outcome.details.append(text)
    if status != OK:
        outcome.add(status, text)
    if one.differences:
        what = ", ".join(difference.what.replace("_", " ") for difference in one.differences)
        severe = any(difference.what in SEVERE for difference in one.differences)
        said = f"{one.name}: the copies differ: {what}" if "missing" not in what else text
        outcome.add(CRITICAL if severe else WARNING, said)
    elif status == OK:
        outcome.well.append(f"{one.name} NORMAL")


ACCESS_DENIED = 5


def _clock(outcome: Outcome, look: PairLook, limits: Limits, alone: bool) -> None:
    difference = look.clock_difference
    if difference is None:
        return
    allowed = [s.clock.max_allowed_difference for s in look.servers.values() if s.clock is not None]
    most = min((one for one in allowed if one), default=CLOCK)
    warning = most / 2 if limits.clock_warning is None else limits.clock_warning
    critical = most * 11 / 12 if limits.clock_critical is None else limits.clock_critical
    apart = abs(difference)
    ends = f"{warning.total_seconds():g};{critical.total_seconds():g}"
    outcome.data[_label("clock" if alone else f"clock {look.name}")] = f"{apart.total_seconds():.1f}s;{ends}"
    if apart > warning or apart > critical:
        text = f"{look.name}: the clocks are {apart.total_seconds():.0f} s apart"
        outcome.add(CRITICAL if apart > critical else WARNING, text)


def _scopes(outcome: Outcome, look: PairLook, ours: list[RelationshipLook], limits: Limits, alone: bool) -> None:
    """Judge the free addresses of the scopes of relationships: those of the server that has fewer."""
    scopes = {scope for one in ours for copy in one.copies.values() for scope in copy.scopes}
    found: dict[IPv4Address, tuple[int, int]] = {}
    for server in look.servers.values():
        for scope, counters in (server.counters or {}).items():
            if scope in scopes:
                mine = counters.addresses_free, counters.addresses_free + counters.addresses_in_use
                found[scope] = min(mine, found.get(scope, mine))
    ordered = sorted(found, key=lambda scope: (found[scope][0] / max(found[scope][1], 1), scope))
    for scope in ordered:
        free, total = found[scope]
        warning, critical = _least(total, limits)
        if free < warning or free < critical:
            outcome.add(CRITICAL if free < critical else WARNING, f"{scope} has {free} of {total} addresses free")
    for scope in sorted(ordered[:MOST_SCOPES]):
        free, total = found[scope]
        warning, critical = _least(total, limits)
        label = _label(f"free {scope}" if alone else f"free {look.name} {scope}")
        outcome.data[label] = f"{free};{warning}:;{critical}:;0;{total}"


def _least(total: int, limits: Limits) -> tuple[int, int]:
    """Return how many addresses of a scope must be free: with fewer, their share is below the limits."""
    warning, critical = (
        -int(-round(total * share / 100, 6) // 1) for share in (limits.free_warning, limits.free_critical)
    )
    return warning, critical
