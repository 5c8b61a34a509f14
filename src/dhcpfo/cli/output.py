"""What commands print: tables for people, JSON and CSV for programs."""

import contextlib
import csv
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .cells import Cell, Styled, aligned, clean
from .options import Format
from .streams import encodable

__all__ = [
    "Cell",
    "Output",
    "Styled",
    "can_draw",
    "clean",
    "error_on_terminal",
    "failure_for_programs",
    "on_terminal",
    "silence_stdout",
]

FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a formula of a spreadsheet begins with; the last four are their wide forms."""

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-][0-9]+)?")

BY_SERVER = {"servers": "state", "states": "state", "status": "status"}
"""Keys that have a value for each server, and the column of a value that is one word."""

FORMAT = 1
"""The version of the JSON output. Keys are only added."""


def on_terminal() -> bool:
    """Whether the output goes to a terminal."""
    return sys.stdout.isatty()


def error_on_terminal() -> bool:
    """Whether progress can be drawn: the error output goes to a terminal that moves its cursor."""
    return sys.stderr.isatty() and not is_dumb()


def can_draw() -> bool:
    """Whether a picture can be kept up to date: the output goes to a terminal that moves its cursor."""
    return on_terminal() and not is_dumb()


def is_dumb() -> bool:
    """Whether the terminal only prints, as in an editor's shell."""
    return os.environ.get("TERM", "").lower() in ("dumb", "unknown")


class Output:
    """Writes results in the chosen format.

    Args:
        command: The command's name.
        format: One of `options.FORMATS`.
        quiet: Leave out what is not an error, in tables.
    """

    def __init__(self, command: str, format: Format, *, quiet: bool = False) -> None:  # noqa: A002
        self.command = command
        self.format = format
        self.quiet = quiet
        self.results: list[Any] = []
        self.errors: list[Any] = []
        self.unknown: list[Any] = []

    @property
    def for_people(self) -> bool:
        """Whether people read it."""
        return self.format == "table"

    def record(self, kind: str, value: Any) -> None:
        """Keep a result, an error or something unknown; as JSON lines it is written at once."""
        {"result": self.results, "error": self.errors, "unknown": self.unknown}[kind].append(value)
        if self.format == "json-lines":
            self.event(kind, value)

    def event(self, kind: str, value: Any) -> None:
        """Write a line of JSON; nothing in the other formats."""
        if self.format == "json-lines":
            sys.stdout.write(_json({"event": kind, "value": value}) + "\n")
            sys.stdout.flush()

    def say(self, text: str = "") -> None:
        """Print text for people."""
        if not self.quiet:
            self.give(text)

    def give(self, text: str) -> None:
        """Print what the command was asked for, such as a file: for people, even if ``quiet``."""
        if self.for_people:
            print_text(text)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[Cell]], spare: Sequence[str] = ()) -> None:
        """Print a table for people; nothing if it has no rows."""
        cells = [[one if isinstance(one, Styled) else Styled(one) for one in row] for row in rows]
        if cells and self.for_people and not self.quiet:
            print_table(columns, cells, spare)

    def finish(self, code: int) -> None:
        """Write what comes at the end."""
        if self.format == "json":
            whole = envelope(self.command, code, self.results, self.errors, self.unknown)
            sys.stdout.write(_json(whole, indent=2) + "\n")
        elif self.format == "json-lines":
            end = {"event": "end", "format": FORMAT, "command": self.command, "ok": code == 0, "exit": code}
            sys.stdout.write(_json(end) + "\n")
        elif self.format == "csv":
            write_csv(self.results)
        sys.stdout.flush()


def envelope(command: str, code: int, results: Any, errors: Any, unknown: Any) -> dict[str, Any]:
    """Return the one object of JSON output."""
    return {
        "format": FORMAT,
        "command": command,
        "ok": code == 0,
        "exit": code,
        "results": results,
        "errors": errors,
        "unknown": unknown,
    }


def failure_for_programs(command: str, text: str, code: int, hint: str = "", *, lines: bool = False) -> None:
    """Write the JSON of a command that could not begin: one object, or ``lines`` of it."""
    out = Output(command, "json-lines" if lines else "json")
    out.record("error", {"message": text, "hint": hint or None, "exit": code})
    out.finish(code)


def _json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=True, indent=indent, default=str)


def write_csv(records: Sequence[Any]) -> None:
    """Write records as CSV: one column for each key, parts of a nested one as ``key.part``.

    What a record has for each server becomes a row for each, so that the columns are the same for all servers. Names
    come from servers: no cell is a formula for a spreadsheet, and none has marks that control a terminal.
    """
    rows = [row for record in records for row in by_server(record)]
    flat = [{cell(key): cell(value) for key, value in flatten(row).items()} for row in rows]
    columns = list(dict.fromkeys(key for record in flat for key in record))
    if columns:
        writer = csv.DictWriter(sys.stdout, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(flat)


def cell(text: str) -> str:
    """Return a text as a cell of CSV; ``'`` before it makes spreadsheets take it as a text."""
    shown = clean(text, "\n")
    return f"'{shown}" if shown.lstrip().startswith(FORMULA) and not NUMBER.fullmatch(shown) else shown


def by_server(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a row for each server that a record is about, with the values that both share in each."""
    key = next((key for key in BY_SERVER if isinstance(record.get(key), Mapping)), None)
    if key is None:
        return [dict(record)]
    rows = []
    for server, value in record[key].items():
        row: dict[str, Any] = {}
        for name, shared in record.items():
            row |= {name: shared} if name != key else {"server": server}
        rows.append(row | (dict(value) if isinstance(value, Mapping) else {BY_SERVER[key]: value}))
    return rows


def flatten(record: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """Return a record with texts only."""
    flat: dict[str, str] = {}
    for key, value in record.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{name}.")
        elif isinstance(value, list | tuple):
            flat[name] = " ".join(str(one) if not isinstance(one, Mapping) else _json(one) for one in value)
        else:
            flat[name] = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return flat


def silence_stdout() -> None:
    """Keep the interpreter from complaining at exit that it cannot flush a closed pipe."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# For people


def shown(text: str) -> str:
    """Return a text as the output shows it."""
    return text if text.isascii() else encodable(text, getattr(sys.stdout, "encoding", None) or "utf-8")


def print_text(text: str, *, error: bool = False) -> None:
    """Print text; what a server named cannot control the terminal."""
    stream = sys.stderr if error else sys.stdout
    stream.write(clean(text, "\n") + "\n")
    stream.flush()


def print_table(columns: Sequence[str], rows: list[list[Styled]], spare: Sequence[str] = ()) -> None:
    """Print a table: as wide as it needs to be into a file or pipe, within the width of a terminal."""
    heads = [shown(clean(name)) for name in columns]
    texts = [[shown(clean(cell.text)) for cell in row] for row in rows]
    if not on_terminal():
        sys.stdout.write("".join(f"{line}\n" for line in aligned([heads, *texts])))
        return
    from .terminal import print_rich

    print_rich(
        heads,
        [
            [Styled(text, cell.style) for text, cell in zip(*pair, strict=True)]
            for pair in zip(texts, rows, strict=True)
        ],
        spare,
    )
