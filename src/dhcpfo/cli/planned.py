"""Plans of many pairs for people: what would change where, what is left alone, and what could not be planned."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..fleet.plan_text import heading, hint_of, notes_of, rows_of
from . import exits
from .cells import aligned, clean
from .problems import explain_result
from .run import Run

if TYPE_CHECKING:
    from ..fleet import PairResult


__all__ = ["guards_shut", "not_awaited", "record_failure", "show_pair"]


def show_pair(run: Run, plan: Mapping[str, Any], more: Iterable[tuple[str, str]] = ()) -> None:
    """Print the plan of a pair.

    Args:
        run: The run.
        plan: The plan as JSON-ready values.
        more: Guards of the whole run, each with the reason.
    """
    rows, _ = rows_of(plan)
    run.say(heading(plan))
    columns = aligned(
        [[number, clean(server), clean(text), remark] for _, number, server, text, remark in rows], right=[0]
    )
    for (mark, *_), line in zip(rows, columns, strict=True):
        run.say(f" {mark:<1} {line}")
    for line in notes_of(plan, more):
        run.say(f"   {line}")


def guards_shut(run: Run, plan: Mapping[str, Any], more: Iterable[tuple[str, str]]) -> list[str]:
    """Return the guards of a pair that ``--allow`` does not lift."""
    guards = dict.fromkeys([*plan["guards"], *(guard for guard, _ in more)])
    return [guard for guard in guards if guard not in run.options.allow]


def record_failure(run: Run, result: "PairResult", *, silent: bool = False) -> None:
    """Record why a pair could not be planned or was not changed as planned, and print it unless ``silent``."""
    error = dict(result.error or {})
    kind, text = str(error.get("kind")), str(error.get("text"))
    code = result.exit
    if kind in ("KeyboardInterrupt", "cancelled", "interrupted") or text.startswith("interrupted"):
        code = exits.INTERRUPTED
    undone = run.interrupted and not error.get("left") and text.partition("\n")[0].endswith(": interrupted")
    silent = silent or (undone and not run.options.verbose)  # one line says so of all
    told = explain_result(
        {"outcome": result.outcome, **error}, code, unknown=result.exit == exits.UNKNOWN, hint=hint_of(error)
    )
    run.tell(told, result.pair, silent=silent or kind == "cancelled")  # one line counts those


def not_awaited(result: "PairResult") -> bool:
    """Whether Ctrl-C came before a pair was begun, or ended the wait for it."""
    return (result.error or {}).get("kind") in ("cancelled", "interrupted")
