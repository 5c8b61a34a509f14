"""What the live view looks like, at any size of the terminal."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..labs import style
from .actions import ACTIONS
from .look import HalfSeen, PairSeen

__all__ = ["View", "render"]

NARROW, WIDE = 72, 104
"""Below the first width, in columns, pairs are lists of lines; from the second on the table has the mode, too."""

LOW = 20
"""Below this height, in lines, the Python and the PowerShell are left out."""

MARKS = {"NORMAL": "●", "PARTNER_DOWN": "■", "COMMUNICATION_INTERRUPTED": "▲"}
NAMES = {"COMMUNICATION_INTERRUPTED": "comm. interrupted"}
BAR = 10

COLUMNS = {"MODE": 20, "PRIMARY": 23, "SECONDARY": 23, "IN USE": 18}
"""The columns that share what the others leave of the width, and how."""

WELCOME = "branch-17 is in trouble: select it with 3 or the arrows, and mend it with m."


@dataclass(slots=True)
class View:
    """What is shown.

    Attributes:
        rate: How many seconds pass in the lab in each second.
        now: The time in the lab.
        seen: The pairs.
        selected: The number of the selected pair, from 0 on.
        message: What happened last.
        python: The Python of that.
        powershell: The PowerShell of that.
        done: The Python of all that was done, with the time that passed in between.
        acted: When something was done last, or the view began; None does not count the time.
    """

    rate: float
    now: datetime | None = None
    seen: list[PairSeen] = field(default_factory=list)
    selected: int = 0
    message: str = WELCOME
    python: str = 'pair = lab.connect_pair("hq-dhcp1", "hq-dhcp2")'
    powershell: str = "Get-DhcpServerv4Failover -ComputerName hq-dhcp1"
    done: list[str] = field(default_factory=list)
    acted: datetime | None = None


def render(view: View, width: int, height: int) -> RenderableType:
    """Return the whole screen.

    Args:
        view: What to show.
        width: The columns of the terminal.
        height: Its lines.
    """
    parts: list[RenderableType] = [title(view, width), Text()]
    parts += lists(view) if width < NARROW else [table(view, width)]
    parts += [Text(), why(view), Text(view.message)]
    if height >= LOW:
        parts += [Text(), code("Python", view.python), code("PowerShell", view.powershell)]
    parts += [Text(), keys(width)]
    return Group(*parts)


def title(view: View, width: int) -> Text:
    """Return the first line."""
    time = "" if view.now is None else f"{view.now:%Y-%m-%d %H:%M:%S}"
    left = "dhcpfo demo" if width < WIDE else "dhcpfo demo: simulated servers, nothing is sent"
    return Text.assemble((left, "bold"), ("   " + time, "cyan"), (f"   {view.rate:g} x", "dim"))


def short(half: HalfSeen) -> Text:
    """Return a server's state and how long it has had it."""
    if half.state is None:
        return Text("✖ no answer", "bold red")
    name = NAMES.get(half.state, half.state.lower().replace("_", " "))
    since = "" if half.since is None else f" {age(half.since)}"
    return Text.assemble((f"{MARKS.get(half.state, '◆')} {name}", style(half.state)), (since, "dim"))


def age(value: timedelta) -> str:
    """Return a duration in its largest unit."""
    seconds = int(value.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{max(seconds, 0)}s"


def bar(seen: PairSeen) -> Text:
    """Return how many addresses are in use."""
    if not seen.total:
        return Text("no answer", "red")
    filled = round(BAR * seen.used / seen.total)
    return Text.assemble(("█" * filled, "blue"), ("░" * (BAR - filled), "dim"), f" {seen.used}/{seen.total}")


def table(view: View, width: int) -> Table:
    """Return the pairs as a table."""
    shown = Table(box=None, pad_edge=False, expand=True, header_style="bold", padding=(0, 1, 1, 0))
    shown.add_column("", width=3)
    shown.add_column("RELATIONSHIP", width=12)
    for name, ratio in COLUMNS.items():
        if name != "MODE" or width >= WIDE:
            shown.add_column(name, ratio=ratio, overflow="ellipsis", no_wrap=True)
    for number, seen in enumerate(view.seen):
        mark = Text(f"▶ {number + 1}" if number == view.selected else f"  {number + 1}", "bold")
        cells: list[RenderableType] = [mark, Text(seen.site.relationship, "bold" if number == view.selected else "")]
        if width >= WIDE:
            cells.append(Text(seen.mode))
        cells += [Group(Text(half.server), short(half)) for half in seen.halves]
        shown.add_row(*cells, bar(seen))
    return shown


def lists(view: View) -> list[RenderableType]:
    """Return the pairs as lines, for narrow terminals."""
    lines: list[RenderableType] = []
    for number, seen in enumerate(view.seen):
        mark = "▶" if number == view.selected else " "
        lines.append(Text(f"{mark} {number + 1} {seen.site.relationship}", "bold"))
        for half in seen.halves:
            lines.append(Text.assemble("  ", short(half), f"  {half.server}", no_wrap=True, overflow="ellipsis"))
    return lines


def why(view: View) -> Text:
    """Return why the selected pair is not NORMAL."""
    seen = view.seen[view.selected] if view.seen else None
    if seen is None or not seen.because:
        return Text("Both servers of the selected pair are normal.", "green")
    return Text(f"Why: {seen.because}", "yellow")


def code(name: str, text: str) -> Text:
    """Return a line of code."""
    return Text.assemble((f"{name:<12}", "dim"), (text, "cyan"))


def keys(width: int) -> Text:
    """Return what the keys do."""
    names = [("1-3", "select"), *((action.key, action.name) for action in ACTIONS), ("q", "quit")]
    return Text("  ").join(Text.assemble((key, "bold reverse"), f" {name}") for key, name in names)
