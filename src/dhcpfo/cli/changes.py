"""Carrying out plans: shown first, then asked, then applied, with progress."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..pair.text import plan_text
from . import exits
from .cells import clean
from .options import GUARDS
from .output import error_on_terminal, print_text
from .problems import Problem
from .run import Run
from .streams import keep_on
from .targets import Target

if TYPE_CHECKING:
    from ..pair import Event, Plan, Result

__all__ = ["carry_out", "progress", "show_plan", "wait_for_normal"]

WAIT = timedelta(minutes=10)
"""How long to wait for NORMAL, unless ``--wait`` says otherwise."""

QUIET_EVENTS = frozenset({"done", "step"})
"""Events that JSON lines have and ``-v`` does not print."""


def carry_out(run: Run, target: Target, plan: "Plan", *, typed: str | None = None, wait: bool = False) -> bool:
    """Show a plan, ask, and apply it.

    Args:
        run: The run.
        target: The pair.
        plan: The plan.
        typed: What must be typed to say yes, for deletions.
        wait: Whether to wait for NORMAL afterwards.

    Returns:
        Whether something was changed.

    Raises:
        Problem: A guard is not lifted, or the answer was no. Nothing was sent.
        PairFailure: It failed; the error says what is left.
    """
    options = run.options
    record = {"pair": target.name, "changed": False, "dry_run": options.dry_run, "plan": plan.to_dict()}
    if not plan:
        show_plan(run, plan)
        run.result(record)
        return False
    if options.dry_run:
        show_plan(run, plan)
        run.result(record)
        run.worst(exits.CHANGES)
        return False
    asking = not options.yes
    show_plan(run, plan, always=asking)
    check_guards(plan, options.allow)
    run.confirm(question(plan), typed=typed)
    keep_on()
    with progress(run, f"{words(plan.operation)} {plan.relationship}".strip()) as tell:
        result = plan.apply(allow=options.allow, progress=tell, deadline=options.time_limit, on_error=options.on_error)
    show_result(run, record, result)
    if wait:
        wait_for_normal(run, target, plan.relationship)
    return result.changed


def check_guards(plan: "Plan", allow: tuple[str, ...]) -> None:
    """Raise a `Problem` if a guard of a plan is not lifted."""
    shut = [guard for guard in plan.guards if guard not in allow]
    if shut:
        reasons = "; ".join(f"{guard}: {GUARDS.get(guard, 'it is dangerous')}" for guard in shut)
        allowing = " ".join(f"--allow {guard}" for guard in shut)
        raise Problem(f"refused by {reasons}", exits.REFUSED, hint=f"the same command with {allowing}")


def question(plan: "Plan") -> str:
    """Return what is asked before a plan is applied."""
    steps = f"{len(plan.steps)} {'change' if len(plan.steps) == 1 else 'changes'}"
    return f"{words(plan.operation)} {plan.relationship}: {steps} on {plan.pair}.".replace(" :", ":")


def words(operation: str) -> str:
    """Return the name of an operation as people write it."""
    return operation.replace("_", " ")


def show_plan(run: Run, plan: "Plan", *, always: bool = False) -> None:
    """Print a plan; ``always``, on the error output, if the output is for programs."""
    text = plan_text(plan, lift="--allow ")
    first, *rest = text.split("\n")
    text = "\n".join([first.replace(plan.operation, words(plan.operation), 1), *rest])
    if run.out.for_people and not run.options.quiet:
        run.say(text)
    elif always:
        print_text(text, error=True)


def show_result(run: Run, record: dict[str, Any], result: "Result") -> None:
    """Print and record what was done."""
    run.result(
        record
        | {
            "changed": result.changed,
            "done": [str(step) for step in result.done],
            "already": [str(step) for step in result.already],
            "uncertain": [str(step) for step in result.uncertain],
            "notes": list(result.notes),
        }
    )
    first, *rest = str(result).split("\n")
    run.say("\n".join([first.replace(result.plan.operation, words(result.plan.operation), 1), *rest]))


def wait_for_normal(run: Run, target: Target, name: str) -> None:
    """Wait until a relationship is NORMAL on both servers, as long as ``--wait`` says.

    Raises:
        NotReached: It is not; the error says why.
    """
    wait = WAIT if run.options.wait is None else run.options.wait
    if not wait or not name:
        return
    with progress(run, f"wait for {name}") as tell:
        states = target.pair.wait_until(name, timeout=wait, progress=tell)
    names = target.pair.names
    run.say(f"{name}: " + ", ".join(f"{names[side]} {state.name}" for side, state in states.items()))


@contextmanager
def progress(run: Run, title: str) -> "Iterator[Callable[[Event], None]]":
    """Show what happens while an operation runs: a bar on a terminal, lines with ``-v`` and in JSON lines."""

    def tell(event: "Event") -> None:
        step = None if event.step is None else str(event.step)
        data = {"what": event.what, "number": event.number, "total": event.total, "step": step, "text": event.text}
        run.out.event("progress", data)
        if run.options.verbose and run.out.for_people and event.what not in QUIET_EVENTS:
            run.say(f"  {event.what} {clean(event.text or step or '')}".rstrip())

    if run.out.for_people and not run.options.quiet and not run.options.verbose and error_on_terminal():
        from .terminal import progress_bar

        with progress_bar(title) as take:
            yield take
    else:
        yield tell
