"""The screen of ``dhcpfo watch``."""

import time
from collections.abc import Collection, Iterable
from types import TracebackType
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ..enums import FailoverState
from ..fleet.monitor.transitions import ABSENT, DENIED, EQUAL, UNREACHABLE, Status, Watch
from ..pair import Side
from .cells import clean
from .states import shown_state

__all__ = ["Screen"]

MOST_CHANGES = 12
WORDS = {UNREACHABLE: "unreachable", DENIED: "access denied", ABSENT: "no half"}
AROUND = ("heads", "rest", "", "no changes so far", "Ctrl-C ends")
"""The lines around relationships."""

REFRESH = 1.0
"""Seconds between two drawings if nothing was read."""

SOONEST = 0.2
"""Seconds between two drawings if something was read."""


class Screen:
    """A table of relationships with both states, how old they are, and the changes below.

    Args:
        seen: What is known.
        console: Where to draw; the standard output by default.
        order: The names of the pairs, in the order of the table.
    """

    def __init__(self, seen: Watch, console: Console | None = None, order: Iterable[str] = ()) -> None:
        self._seen = seen
        self._order = {pair: at for at, pair in enumerate(order)}
        self._console = console or Console(highlight=False)
        self._live = Live(console=self._console, auto_refresh=False, vertical_overflow="ellipsis")
        self._answered: dict[tuple[str, str, Side | None], float] = {}
        self._drawn = -REFRESH
        self._undrawn = False

    def __enter__(self) -> "Screen":
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._undrawn:
            self._live.update(self.picture(time.monotonic()), refresh=True)
        self._live.stop()

    def draw(self, read: Collection[str]) -> None:
        """Draw, at most five times a second, and once a second if nothing was read.

        Args:
            read: The names of the pairs that were just read.
        """
        now = time.monotonic()
        for key, status in self._seen.known.items() if read else ():
            if status.known and key[0] in read:
                self._answered[key] = now
        self._undrawn = self._undrawn or bool(read)
        if now - self._drawn >= (SOONEST if self._undrawn else REFRESH):
            self._drawn, self._undrawn = now, False
            self._live.update(self.picture(now), refresh=True)

    def picture(self, now: float) -> Any:
        """Return what is drawn: as many relationships as fit, and then those first that are not as they should be."""
        rows = sorted(self._seen.rows(), key=lambda row: self._order.get(row[0], 0))
        if not rows:
            return Text("no relationship was read yet", "dim")
        height = self._console.size.height
        most = len(rows) if len(rows) + len(AROUND) < height else max(height - len(AROUND), 1)
        while True:
            if most < len(rows):
                rows.sort(key=self._well)
            picture = self._picture(rows, most, now)
            over = len(self._console.render_lines(picture, pad=False)) - height + 1
            if over <= 0 or most == 1:
                return picture
            most = max(most - max(over // 3, 1), 1)  # a row may have three lines

    def _picture(self, rows: list[tuple[str, str]], most: int, now: float) -> Any:
        several = len({pair for pair, _ in rows}) > 1
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        heads = self._heads(rows[0], several=several)
        for head in (["PAIR"] if several else []) + ["RELATIONSHIP", *heads, "COPIES"]:
            table.add_column(head, overflow="fold")
        for pair, name in rows[:most]:
            cells = [Text(clean(pair))] if several else []
            states = [self._state(pair, name, side, now, named=several) for side in Side]
            table.add_row(*cells, Text(clean(name), "bold"), *states, self._copies(pair, name))
        changes = [
            Text(f"{change.time:%H:%M:%S}  {clean(str(change))}")
            for change in self._seen.changes[-min(MOST_CHANGES, max(self._console.size.height // 3, 1)) :]
        ]
        below = [Text("\nchanges", "bold"), *reversed(changes)] if changes else [Text("\nno changes so far", "dim")]
        rest = [self._rest(rows[most:])] if len(rows) > most else []
        return Group(table, *rest, *below, Text("Ctrl-C ends", "dim"))

    def _rest(self, rows: list[tuple[str, str]]) -> Text:
        """Return a line for the relationships that do not fit."""
        bad = sum(not self._well(row) for row in rows)
        return Text(f"and {len(rows)} more, {f'{bad} of them not normal' if bad else 'all normal and equal'}", "dim")

    def _well(self, row: tuple[str, str]) -> bool:
        """Whether both servers are NORMAL, and their copies equal."""
        states = [self._seen.known.get((*row, side)) for side in Side]
        both = self._seen.known.get((*row, None))
        return all(one is not None and one.now == "NORMAL" for one in states) and both is not None and both.now == EQUAL

    def _heads(self, row: tuple[str, str], *, several: bool) -> list[str]:
        if several:
            return ["FIRST SERVER", "SECOND SERVER"]
        return [clean(self._seen.known[*row, side].server or "") for side in Side]

    def _state(self, pair: str, name: str, side: Side, now: float, *, named: bool) -> Text:
        status: Status | None = self._seen.known.get((pair, name, side))
        if status is None:
            return Text("")
        text = Text(clean(f"{status.server} ") if named else "")
        if status.now in WORDS:
            text.append(f"✖ {WORDS[status.now]}", "bold red")
            if not status.known and status.last is not None:
                text.append(f", was {status.last.lower().replace('_', ' ')}", "dim")
        else:
            shown = shown_state(_state_of(status.now))
            text.append(shown.text, shown.style)
        answered = self._answered.get((pair, name, side))
        return text.append("" if answered is None else f"  {age(now - answered)}", "dim")

    def _copies(self, pair: str, name: str) -> Text:
        status = self._seen.known.get((pair, name, None))
        ends = [self._seen.known.get((pair, name, side)) for side in Side]
        if status is None or not all(end is not None and end.known for end in ends):
            return Text("?", "dim")
        return Text("equal", "green") if status.now == EQUAL else Text(clean(status.now), "yellow")


def _state_of(name: str) -> FailoverState:
    return (
        FailoverState[name] if name in FailoverState.__members__ else FailoverState(int(name.removeprefix("UNKNOWN_")))
    )


def age(seconds: float) -> str:
    """Return how long ago a server answered."""
    if seconds < 60:
        return f"{seconds:.0f}s"
    return f"{seconds / 60:.0f}m" if seconds < 3600 else f"{seconds / 3600:.0f}h"
