"""Tables and progress on a terminal, with rich."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from .cells import Styled, clean, padded, width

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..pair import Event

__all__ = ["print_rich", "progress_bar"]

MOST_WRAPPED = 1.5
"""How much wider than the terminal a table may be to be wrapped; beyond, each row becomes a list of its values."""


MOST_LISTS = 5
"""How many rows may become lists before columns are left out instead."""


def print_rich(columns: Sequence[str], rows: Sequence[Sequence[Styled]], spare: Sequence[str] = ()) -> None:
    """Print a table within the width of the terminal, in colours unless NO_COLOR is set.

    Args:
        columns: The heads of the columns.
        rows: The rows.
        spare: Columns that may be left out of many rows if not all fit, the first ones first.
    """
    console = Console(highlight=False)
    widths = {name: max(width(name), *(width(row[at].text) for row in rows)) for at, name in enumerate(columns)}
    left_out: list[str] = []
    for name in spare if len(rows) > MOST_LISTS else ():
        if sum(widths.values()) + 2 * len(widths) > console.width:
            del widths[name]
            left_out.append(name)
    rows = [[cell for name, cell in zip(columns, row, strict=True) if name not in left_out] for row in rows]
    columns = [name for name in columns if name not in left_out]
    if sum(widths.values()) + 2 * len(columns) > console.width * MOST_WRAPPED:
        print_lists(console, columns, rows)
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell.text, cell.style) for cell in row))
    console.print(table)
    if left_out:
        console.print(Text(f"not shown: {', '.join(left_out)}; a wider terminal shows all", "dim"))


def print_lists(console: Console, columns: Sequence[str], rows: Sequence[Sequence[Styled]]) -> None:
    """Print each row as lines of name and value."""
    most = console.width // 3  # a long name of a server, as the head of a column, must leave room for the values
    widest = max((width(name) for name in columns if width(name) <= most), default=0)
    for at, row in enumerate(rows):
        if at:
            console.print()
        for name, cell in zip(columns, row, strict=True):
            if cell.text:
                label = f"{padded(name, max(widest, width(name)))}  " if name else ""
                console.print(Text.assemble((label, "bold"), (cell.text, cell.style)), soft_wrap=False)


@contextmanager
def progress_bar(title: str) -> "Iterator[Callable[[Event], None]]":
    """Show a bar while an operation runs; yields what takes its events."""
    console = Console(stderr=True, highlight=False)
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        TextColumn("{task.fields[now]}", markup=False),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )
    with bar:
        task: Any = bar.add_task(clean(title), total=None, now="")

        def take(event: "Event") -> None:
            if event.total:
                bar.update(task, total=event.total, completed=event.number - (event.what == "step"))
            text = event.text or (str(event.step) if event.step is not None else event.what)
            bar.update(task, now=clean(text)[: max(10, console.width // 2)])

        yield take
