"""Plans of many pairs for people: what would change where, what is left alone, and what could not be planned."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from . import exits
from .cells import clean, padded, width
from .run import Run

if TYPE_CHECKING:
    from ..fleet import PairResult


__all__ = ["Counts", "counted", "guards_shut", "left_of", "not_awaited", "record_failure", "rows_of", "show_pair"]

FINAL = ("impossible", "recreates")
"""How a change is undone that is marked: not at all, or not everything comes back."""

SHORT = 12


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


def counted(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def show_pair(run: Run, plan: Mapping[str, Any], more: Iterable[tuple[str, str]] = ()) -> None:
    """Print the plan of a pair.

    Args:
        run: The run.
        plan: The plan as JSON-ready values.
        more: Guards of the whole run, each with the reason.
    """
    rows, final = rows_of(plan)
    ending = f", {final} cannot be undone" if final else ""
    run.say(f"{plan['name']}  {counted(len(rows), 'change')}{ending}  digest {plan['digest'][:SHORT]}")
    widths = [max(width(clean(row[at])) for row in rows) for at in range(4)]
    for mark, number, server, text, remark in rows:
        line = f" {mark:<1} {number:>{widths[1]}}  {padded(clean(server), widths[2])}  {padded(clean(text), widths[3])}"
        run.say(f"{line}  {remark}".rstrip())
    for note in plan["notes"]:
        if note["code"] != "left-alone":
            run.say(f"   {note['text']}{lift(note['guard'])}")
    for guard, text in more:
        run.say(f"   {text}{lift(guard)}")


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


def rows_of(plan: Mapping[str, Any]) -> tuple[list[list[str]], int]:
    """Return a row for each change of a plan, and how many of them are marked; a new scope is one with its settings."""
    rows: list[list[str]] = []
    elements = final = 0
    for number, one in enumerate(plan["changes"], 1):
        if one["undo"] == "with-parent" and rows:
            elements += 1
            rows[-1][4] = f"with {counted(elements, 'setting')}"
            continue
        elements = 0
        mark = "!" if one["undo"] in FINAL else ""
        final += bool(mark)
        rows.append([mark, str(number), one["server"], one["text"], lift(one["guard"]).strip()])
    return rows, final


def guards_shut(run: Run, plan: Mapping[str, Any], more: Iterable[tuple[str, str]]) -> list[str]:
    """Return the guards of a pair that ``--allow`` does not lift."""
    guards = dict.fromkeys([*plan["guards"], *(guard for guard, _ in more)])
    return [guard for guard in guards if guard not in run.options.allow]


def record_failure(run: Run, result: "PairResult", *, silent: bool = False) -> None:
    """Record why a pair could not be planned or was not changed as planned, and print it unless ``silent``."""
    error = dict(result.error or {})
    kind, text = str(error.get("kind")), str(error.get("text"))
    code = result.exit
    if kind in ("FileError", "ValueError"):
        code = exits.USAGE
    elif kind in ("KeyboardInterrupt", "cancelled", "interrupted") or text.startswith("interrupted"):
        code = exits.INTERRUPTED
    data = {"pair": result.pair, "outcome": result.outcome, **error, "exit": code}
    data["message"] = data.pop("text", text)
    run.out.record("unknown" if result.exit == exits.UNKNOWN else "error", data)
    run.worst(code)
    if kind == "cancelled":
        return  # one line counts them
    if run.out.format in ("table", "csv") and not silent:
        hint = _hint(result)
        lines = text.split("\n")
        run.warn("\n".join([f"{result.pair}: {lines[0]}", *lines[1:], *([f"   try: {hint}"] if hint else [])]))


def not_awaited(result: "PairResult") -> bool:
    """Whether Ctrl-C came before a pair was begun, or ended the wait for it."""
    return (result.error or {}).get("kind") in ("cancelled", "interrupted")


def _hint(result: "PairResult") -> str:
    text = str((result.error or {}).get("text"))
    if "on_existing=" in text:
        return "existing: complete or existing: overwrite in the relationship says what becomes of such scopes"
    if (result.error or {}).get("kind") == "moved":
        return "dhcpfo plan shows what is to be done now"
    return ""
