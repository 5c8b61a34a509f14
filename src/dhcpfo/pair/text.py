"""Plans, results and errors as text for people, and as HTML for notebooks."""

import html
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..columns import aligned
from .parts import Side, Undo, counted

if TYPE_CHECKING:
    from .errors import PairError
    from .plan import Plan, Step
    from .progress import Result

__all__ = ["error_text", "folded", "plan_html", "plan_text", "result_text"]

FINAL = (Undo.IMPOSSIBLE, Undo.RECREATES)
"""How a change is undone that is marked: not at all, or not everything comes back."""

MOST_LISTED = 6
"""Things of one kind on one server that a text lists."""


def folded(changes: Iterable[tuple[Undo, str, str, str]]) -> list[tuple[str, str, str, str, str]]:
    """Return mark, number, server, description and remark of each change; a new scope is one row with its elements.

    Args:
        changes: How each is undone, its server, its description, and what has to be remarked.
    """
    rows: list[tuple[str, str, str, str, str]] = []
    elements = 0
    for number, (undo, server, text, remark) in enumerate(changes, 1):
        if undo is Undo.WITH_PARENT and rows:
            elements += 1
            mark, first, where, what, said = rows[-1]
            if not said or said.startswith("with "):
                rows[-1] = mark, first, where, what, f"with {counted(elements, 'setting')}"
            continue
        elements = 0
        rows.append(("!" if undo in FINAL else " ", str(number), server, text, remark))
    return rows


def _rows(plan: "Plan", lift: str = "allow=") -> list[tuple[str, str, str, str, str]]:
    return folded(
        (step.undo, plan.pair[step.side], str(step), f"needs {lift}{step.guard}" if step.guard else "")
        for step in plan.steps
    )


def plan_text(plan: "Plan", *, lift: str = "allow=") -> str:
    """Return a plan as a table of steps.

    Args:
        plan: The plan.
        lift: What is written before the name of a guard that must be lifted.
    """
    lines = [f"{_title(plan)}: {counted(len(plan.steps), 'change') if plan.steps else 'nothing to do'}"]
    rows = _rows(plan, lift)
    columns = aligned([row[1:] for row in rows], right=[0])
    lines += [f"{mark} {line}" for (mark, *_), line in zip(rows, columns, strict=True)]
    lines += [f"  {note.text}{f' (needs {lift}{note.guard})' if note.guard else ''}" for note in plan.notes]
    return "\n".join(lines)


def plan_html(plan: "Plan") -> str:
    """Return a plan as an HTML table; all values are escaped."""
    cells = ["<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in _rows(plan)]
    notes = "".join(f"<li>{html.escape(note.text)}</li>" for note in plan.notes)
    caption = html.escape(_title(plan))
    head = "<tr><th></th><th>step</th><th>server</th><th>change</th><th></th></tr>"
    return f"<table><caption>{caption}</caption>{head}{''.join(cells)}</table>{f'<ul>{notes}</ul>' if notes else ''}"


def result_text(result: "Result") -> str:
    """Return what was done, in a few lines."""
    plan = result.plan
    lines = [f"{_title(plan)}: {counted(len(result.done), 'change')} made"]
    if result.already:
        lines.append(f"  {len(result.already)} were made already")
    lines += [f"  a lost call may still arrive: {step} on {plan.pair[step.side]}" for step in result.uncertain]
    lines += [f"  {note}" for note in result.notes]
    return "\n".join(lines)


def error_text(error: "PairError") -> str:
    """Return what failed, what is undone and what is left."""
    pair = error.pair
    where = f"step {error.number} of {error.total}, on {pair[error.failed.side]}" if error.failed else "the last check"
    lines = [f"{' '.join(filter(None, (error.operation, error.relationship)))} failed at {where}: {error.cause}"]
    if error.failed is not None:
        lines.append(f"  step     {error.failed}")
    lines += [f"  reason   {note}" for note in getattr(error.cause, "__notes__", ())]
    if error.undone:
        lines.append(f"  undone   {_summary(error.undone, pair)}")
    if error.done:
        lines.append(f"  done     {_summary(error.done, pair)}")
    for one in error.left[:MOST_LISTED]:
        lines.append(f"  left     {one.step} on {pair[one.step.side]}: {one.why}")
    if len(error.left) > MOST_LISTED:
        lines.append(f"  left     and {len(error.left) - MOST_LISTED} more")
    if error.remaining and error.done:
        lines.append(f"  to do    {_summary(error.remaining, pair)}")
    if error.as_before:
        lines.append("  left     nothing: both servers are as before")
    if error.again:
        lines.append(f"  repair   {error.again}")
    return "\n".join(lines)


def _title(plan: "Plan") -> str:
    """Return what is done where; a plan for several relationships has no name of one."""
    return " ".join(filter(None, (plan.operation, plan.relationship, "on", str(plan.pair))))


def _summary(steps: "Iterable[Step]", pair: object) -> str:
    """Return the things that steps are about, by server."""
    parts = []
    for side in Side:
        mine = list(
            dict.fromkeys(str(step) for step in steps if step.side is side and step.undo is not Undo.WITH_PARENT)
        )
        if mine:
            more = f" and {len(mine) - MOST_LISTED} more" if len(mine) > MOST_LISTED else ""
            parts.append(f"{'; '.join(mine[:MOST_LISTED])}{more} on {pair[side]}")  # type: ignore[index]
    return ", ".join(parts)
