"""The words in which the plan of a pair is shown: at the prompt and in a browser the same."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..pair.parts import Undo, counted
from ..pair.text import folded

__all__ = ["Counts", "brief", "heading", "hint_of", "left_of", "lift", "notes_of", "rows_of", "text_of"]

SHORT = 12
"""Letters of a digest that are shown."""


class Counts:
    """What a run would do, over all pairs."""

    def __init__(self) -> None:
        self.create = self.change = self.delete = self.unchanged = self.unknown = self.failed = 0

    def add(self, plan: Mapping[str, Any]) -> None:
        """Count the steps of a pair; the elements of a new scope count as one with it."""
        for one in plan["changes"]:
            if one["undo"] != "with-parent":
                setattr(self, one["kind"], getattr(self, one["kind"]) + 1)
        self.unchanged += not plan["changes"]

    def __str__(self) -> str:
        parts = [f"{getattr(self, kind)} to {kind}" for kind in ("create", "change", "delete") if getattr(self, kind)]
        parts += [f"{counted(self.unchanged, 'pair')} unchanged"] if self.unchanged else []
        parts += [f"{counted(self.failed, 'pair')} cannot be planned"] if self.failed else []
        parts += [f"{counted(self.unknown, 'pair')} unknown"] if self.unknown else []
        return f"Plan: {', '.join(parts) or 'nothing to do'}."


def heading(plan: Mapping[str, Any]) -> str:
    """Return the first line of the plan of a pair."""
    rows, final = rows_of(plan)
    ending = f", {final} cannot be undone" if final else ""
    return f"{plan['name']}  {counted(len(rows), 'change')}{ending}  digest {plan['digest'][:SHORT]}"


def notes_of(plan: Mapping[str, Any], more: Iterable[tuple[str, str]] = ()) -> list[str]:
    """Return the lines below the changes of a plan.

    Args:
        plan: The plan.
        more: Guards of the whole run, each with the reason.
    """
    notes = [(note["guard"], note["text"]) for note in plan["notes"] if note["code"] != "left-alone"]
    return [f"{text}{lift(guard)}" for guard, text in (*notes, *more)]


def rows_of(plan: Mapping[str, Any]) -> tuple[list[list[str]], int]:
    """Return a row for each change of a plan, and how many of them are marked; a new scope is one with its settings."""
    rows = folded(
        (Undo(one["undo"]), one["server"], one["text"], lift(one["guard"]).strip()) for one in plan["changes"]
    )
    return [[mark.strip(), *rest] for mark, *rest in rows], sum(mark == "!" for mark, *_ in rows)


def lift(guard: str | None) -> str:
    """Return how a guard is lifted, behind what needs it."""
    return f"  --allow {guard}" if guard else ""


def left_of(plan: Mapping[str, Any], *, shown: bool) -> list[str]:
    """Return the lines about what a plan leaves alone.

    Args:
        plan: The plan as JSON-ready values.
        shown: Whether `show_pair` printed the other notes.
    """
    lines = [f"left alone: {note['text']}" for note in plan["notes"] if note["code"] == "left-alone"]
    if not shown:
        lines += [f"note: {plan['name']}: {note['text']}" for note in plan["notes"] if note["code"] != "left-alone"]
    return lines


CALL = re.compile(r" \[\w+ (\d+)\] \(Dhcp\w+, server .*\)$", re.MULTILINE)
"""How errors of the library end: with the code, the function and the server."""

ADDRESS = re.compile(r"\. If it is, pass (?:primary|secondary)_address=")
"""What helps in Python only."""

EXISTING = re.compile(r'on_existing="(\w+)"')
"""What a file says by ``existing:``, and a command by ``--existing``."""


def brief(text: str) -> str:
    """Return the text of an error of the library with its code, but without the names of the code and the function."""
    return CALL.sub(r" [\1]", ADDRESS.sub("", text))


def text_of(error: Mapping[str, Any] | None) -> str:
    """Return the error of a plan in lines: what happened, and on which server."""
    error = error or {}
    text = EXISTING.sub(r"existing: \1", brief(str(error.get("text"))))
    where = f"{error['server']}: " if error.get("server") and error.get("kind") != "PairError" else ""
    return where + text


def hint_of(error: Mapping[str, Any] | None) -> str:
    """Return what helps against an error of a plan, or nothing."""
    text = str((error or {}).get("text"))
    if "on_existing=" in text:
        return "existing: complete or existing: overwrite in the relationship says what becomes of such scopes"
    if "_address=" in text:
        return "addresses: [ADDRESS, ADDRESS] of the pair says how its servers reach each other"
    if (error or {}).get("kind") == "moved":
        return "dhcpfo plan shows what is to be done now"
    return ""
