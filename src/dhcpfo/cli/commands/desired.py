"""``dhcpfo plan`` and ``dhcpfo apply``: make pairs as a file says."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from ...fleet.plan_text import Counts, left_of
from ...pair.parts import counted
from .. import exits
from ..command import add, group
from ..files import check_name, writing
from ..grouped import Groups, alike
from ..options import FORMATS
from ..output import error_on_terminal, print_text
from ..planned import guards_shut, not_awaited, record_failure, show_pair
from ..problems import Problem
from ..prompts import can_ask
from ..run import Run
from ..streams import keep_on
from ..targets import matches

if TYPE_CHECKING:
    from ...fleet import FleetEvent, PairRef, PairResult
    from ...fleet.desired import Desired, Fleet
    from ...pair import FailoverPair

plan_app = group("plan", "Show what would make pairs as a file says.")
apply_app = group("apply", "Make pairs as a file says, or as a plan that was approved.")

OF_FILE = ("servers", "pair", "file")
"""Options that name servers: here the file does."""

Shut = dict[str, list[tuple[str, str]]]


@add(
    plan_app,
    also=("log", "only_failed"),
    leave=OF_FILE,
    examples=(
        "dhcpfo plan fleet.yaml",
        "dhcpfo plan fleet.yaml --only 'branch-*' -o plan.json",
        "dhcpfo plan fleet.yaml --lab try.lab --json",
    ),
)
def plan(
    run: Run,
    path: Annotated[str, Argument(help="The file that says how pairs should be.", metavar="FILE")],
    *,
    save: Annotated[
        str | None, Option("--out", "-o", help="Keep the plan in a file, for dhcpfo apply.", metavar="FILE")
    ] = None,
) -> None:
    """Read both servers of each pair, and show what would make them as the file says. Nothing is changed.

    Exit code 0 if everything is as it should be, 2 if there is something to do.
    """
    if save in FORMATS:
        raise Problem(f"-o is the file that keeps the plan here: pass --output {save}, or -o ./{save} for such a file")
    check_name("-o", save)
    fleet = read(run, path)
    results, shut = planned(run, fleet, desired(run, fleet))
    show(run, results, shut)
    if run.interrupted:
        raise KeyboardInterrupt
    if save is not None:
        from ...fleet.desired.whole import Approval

        text = json.dumps(Approval.of(path, results).to_dict(), indent=1, ensure_ascii=True)
        with writing(save):
            Path(save).write_text(text + "\n", "utf-8")
        run.say(f"kept in {save}: dhcpfo apply {save}")


@add(
    apply_app,
    changes=True,
    also=("log", "only_failed"),
    leave=OF_FILE,
    examples=(
        "dhcpfo apply fleet.yaml",
        "dhcpfo apply plan.json --yes",
        "dhcpfo apply fleet.yaml --all-or-none --allow delete-scopes",
        "dhcpfo apply fleet.yaml --log last.jsonl",
        "dhcpfo apply fleet.yaml --only-failed last.jsonl --log last.jsonl",
    ),
)
def apply(
    run: Run,
    path: Annotated[str, Argument(help="The file, or a plan that dhcpfo plan kept.", metavar="FILE")],
    *,
    all_or_none: Annotated[bool, Option("--all-or-none", help="Change no pair if one is refused or unknown.")] = False,
) -> None:
    """Make each pair as the file says: plan all, weigh all, ask, and carry out.

    Of a plan in a file, only the approved changes are made, or what is left of them; other pairs are left alone.
    """
    from ...fleet import ApplyJob
    from ...fleet.desired.whole import read_approval

    approval = read_approval(path)
    fleet = read(run, path if approval is None else approval.file)
    wanted = desired(run, fleet)
    approved: Mapping[str, frozenset[str]] | None = None
    if approval is not None:
        approved = approval.pairs
        for name in approved.keys() - wanted.keys():
            if name not in fleet:
                raise Problem(f"{path}: pair {name} is not in {approval.file}")
        wanted = {name: one for name, one in wanted.items() if name in approved}
    results, shut = planned(run, fleet, wanted)
    show(run, results, shut, approved)
    if run.interrupted:
        raise KeyboardInterrupt
    ready = [one for one in results if one.outcome == "drift" and may(run, one, shut, approved)]
    if run.options.dry_run:
        return
    for one in ready:
        run.log.note("wait", one.pair, ApplyJob.name)
    if all_or_none and len(ready) < sum(one.outcome != "unchanged" for one in results):
        raise Problem("nothing was sent: not all pairs can be changed", exits.REFUSED)
    if not ready:
        return
    steps = sum(len(one.plan["changes"]) for one in ready if one.plan is not None)
    gone = deleted_relationships(ready)
    typed = None if not gone else gone[0][0] if len(gone) == 1 else f"{len(gone)} relationships"
    lines = [f"Relationship {name} of {pair} is deleted." for name, pair in gone]
    run.confirm("\n".join([*lines, f"Make {counted(steps, 'change')} in {counted(len(ready), 'pair')}?"]), typed=typed)
    carry_out(run, fleet, wanted, ready)


def deleted_relationships(results: "list[PairResult]") -> list[tuple[str, str]]:
    """Return the relationships that plans delete, each with its pair."""
    found = [
        (str(step["about"]["name"]), result.pair)
        for result in results
        for step in (result.plan or {}).get("steps", ())
        if step["about"]["kind"] == "relationship" and step["after"] is None
    ]
    return list(dict.fromkeys(found))


def read(run: Run, path: str) -> "Fleet":
    """Read a file, and print what should be mended in it."""
    try:
        from ...fleet.desired import FileError, read_fleet
    except ImportError as error:
        raise Problem(f"files need the extra cli: {error}", hint="pip install 'dhcpfo[cli]'") from None
    try:
        fleet = read_fleet(path)
    except FileError as error:
        for one in error.problems:
            run.out.record("error", {**one.to_dict(), "message": str(one), "exit": exits.USAGE})
        if run.out.format in ("table", "csv"):
            print_text(str(error), error=True)
        raise Problem(f"{path}: {counted(len(error.problems), 'mistake')}; nothing was sent") from None
    for warning in fleet.warnings:
        run.warn(f"warning: {warning}")
    return fleet


def desired(run: Run, fleet: "Fleet") -> "dict[str, Desired]":
    """Return the pairs that ``--only`` names, with the secrets that somebody must enter."""
    from ...fleet.desired import Desired
    from ...fleet.desired.secrets import ask
    from ..fleets import to_do

    patterns = run.options.only
    names = [name for name in fleet if not patterns or any(matches(name, one) for one in patterns)]
    if not names:
        raise Problem(f"{fleet.path} has no pair {' or '.join(patterns)}" if patterns else f"{fleet.path} has no pairs")
    names = to_do(run, names)
    prompt = (lambda what: run.secret("prompt", what).reveal()) if can_ask() else None
    return {
        name: Desired(fleet[name], run.options.on_error, ask(fleet[name], prompt) if prompt else {}) for name in names
    }


def refs(run: Run, fleet: "Fleet", names: Mapping[str, Any]) -> "list[PairRef]":
    """Return the servers of pairs."""
    from ...fleet.desired.whole import pair_ref

    lab = run.options.lab
    if lab is not None:
        run.targets.lab  # noqa: B018  says what to do if there is none
    found = [pair_ref(fleet[name], lab) for name in names]
    if run.options.user is not None:
        credentials = run.targets.credentials
        found = [replace(one, opener=partial(log_on, credentials)) for one in found]
    return found


def log_on(credentials: Any, ref: "PairRef") -> "FailoverPair":
    """Connect to a pair as another user."""
    from ...pair import FailoverPair
    from ...server import connect

    one, other = (connect(server.name, credentials=credentials) for server in ref.servers)
    return FailoverPair(one, other, primary_address=ref.primary_address, secondary_address=ref.secondary_address)


def planned(run: Run, fleet: "Fleet", wanted: "Mapping[str, Desired]") -> "tuple[list[PairResult], Shut]":
    """Plan all pairs, and weigh them together."""
    from ...fleet import PlanJob
    from ...fleet import run as run_fleet
    from ...fleet.desired.whole import weigh_run
    from ..fleets import patiently

    places = {name: at for at, name in enumerate(wanted)}
    with bar(run, "plan", len(wanted)) as tell:
        running = run_fleet(
            refs(run, fleet, wanted),
            lambda ref: PlanJob(wanted[ref.name]),
            pairs_at_once=run.options.parallel,
            time_limit=run.options.time_limit,
            on_event=tell,
        )
        results = sorted(patiently(run, running, wait=False), key=lambda one: places[one.pair])
    for one in results:
        if one.error is not None and one.error.get("kind") in ("ImportError", "ModuleNotFoundError"):
            raise Problem(str(one.error["text"]))  # the same for all
    return results, weigh_run(fleet, results)


def show(
    run: Run,
    results: "list[PairResult]",
    shut: Shut,
    approved: Mapping[str, frozenset[str]] | None = None,
) -> None:
    """Print all plans, pairs that are alike in one line, and set the exit code."""
    counts = Counts()
    moved = {
        one.pair
        for one in results
        if approved is not None and one.plan is not None and not set(one.plan["digests"]) <= approved[one.pair]
    }
    short = run.out.for_people and not run.options.verbose and not run.options.quiet
    groups = Groups(results, shut.keys() | moved) if short else Groups(())
    left: list[str] = []
    for one in results:
        hidden = one.pair in groups.hidden
        if one.pair in groups.lines:
            run.say(groups.lines[one.pair])
        if one.plan is None:
            record_failure(run, one, silent=hidden or not_awaited(one))
            counts.unknown += one.exit == exits.UNKNOWN
            counts.failed += one.exit != exits.UNKNOWN
            continue
        more = shut.get(one.pair, [])
        said = {"pair": one.pair, "outcome": one.outcome, "moved": one.pair in moved, "plan": one.plan}
        run.result({**said, "guards": [*more]})
        counts.add(one.plan)
        shown = one.outcome == "drift" and not hidden
        if shown:
            show_pair(run, one.plan, more)
        elif not hidden:
            run.detail(f"{one.pair}  unchanged  digest {one.plan['digest'][:12]}")
        if one.outcome == "drift":
            run.worst(exits.CHANGES)
        left += left_of(one.plan, shown=shown)
    for line in alike(left) if short else left:
        run.say(line)
    run.say(str(counts))


def may(run: Run, result: "PairResult", shut: Shut, approved: Mapping[str, frozenset[str]] | None) -> bool:
    """Return whether a pair may be changed; say why not."""
    assert result.plan is not None
    if approved is not None and (others := set(result.plan["digests"]) - approved[result.pair]):
        were = "was" if len(others) == 1 else "were"
        text = f"{result.pair}: moved: {counted(len(others), 'change')} of the plan {were} not approved; left alone"
        refuse(run, text, result.pair, "moved", hint="dhcpfo plan shows what is to be done now")
        return False
    guards = guards_shut(run, result.plan, shut.get(result.pair, []))
    if guards:
        allowing = " ".join(f"--allow {guard}" for guard in guards)
        refuse(run, f"{result.pair}: refused by {', '.join(guards)}", result.pair, "refused", hint=f"add {allowing}")
    return not guards


def refuse(run: Run, text: str, pair: str, kind: str, *, hint: str) -> None:
    """Record that a pair is not changed."""
    from ...fleet import ApplyJob, PairResult

    result = PairResult(pair=pair, outcome="refused", error={"kind": kind, "text": text})
    if not run.options.dry_run:
        run.log.note("end", pair, ApplyJob.name, result)
    run.out.record("error", {"pair": pair, "kind": kind, "message": text, "hint": hint, "exit": exits.REFUSED})
    run.worst(exits.REFUSED)
    run.warn(f"{text}\n   try: {hint}")


def carry_out(run: Run, fleet: "Fleet", wanted: "Mapping[str, Desired]", ready: "list[PairResult]") -> None:
    """Change the pairs; Ctrl-C ends it with the pairs that are under way undone."""
    from ...fleet import ApplyJob
    from ...fleet import run as run_fleet
    from ..fleets import patiently

    keep_on()
    digests = {one.pair: frozenset(one.plan["digests"]) for one in ready if one.plan is not None}
    allow = frozenset(run.options.allow)
    run.forget(exits.CHANGES)
    changed = 0
    with bar(run, "apply", len(ready)) as tell:
        running = run_fleet(
            refs(run, fleet, digests),
            lambda ref: ApplyJob(wanted[ref.name], digests[ref.name], allow),
            pairs_at_once=run.options.parallel,
            time_limit=run.options.time_limit,
            on_event=tell,
        )
        for one in patiently(run, running, wait=True):
            if one.outcome in ("changed", "unchanged"):
                changed += 1
                run.result({"pair": one.pair, "outcome": one.outcome, "seconds": round(one.seconds, 3)})
                run.detail(f"{one.pair}  {one.outcome}")
            else:
                record_failure(run, one)
                if one.outcome == "abandoned" and not_awaited(one):
                    run.worst(exits.LEFT)  # it may be half done
    run.say(f"Applied: {counted(changed, 'pair')} of {len(ready)} as the file says.")


@contextmanager
def bar(run: Run, title: str, total: int) -> "Iterator[Callable[[FleetEvent], object]]":
    """Show how many pairs are done: a bar on a terminal, events in JSON lines."""
    from ...pair import Event

    log = run.log
    visible = run.out.for_people and not run.options.quiet and error_on_terminal()
    if visible:
        from ..terminal import progress_bar

        shown: Any = progress_bar(title)
    else:
        shown = nullcontext()
    with shown as take:
        done = 0

        def tell(event: "FleetEvent") -> None:
            nonlocal done
            done += event.what == "end"
            log(event)
            run.out.event(
                "progress", {"what": event.what, "pair": event.pair, "step": event.step, "state": event.state}
            )
            if take is not None:
                take(Event("done", done, total, None, " ".join(filter(None, (event.pair, event.step)))))

        yield tell
