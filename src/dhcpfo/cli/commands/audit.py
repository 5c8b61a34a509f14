"""``dhcpfo audit`` and ``dhcpfo preflight``: what differs, and what stands in the way."""

from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from ..command import add, group
from ..findings import show_findings
from ..fleets import each, to_do
from ..problems import Problem
from ..run import Run
from ..values import scopes, words

if TYPE_CHECKING:
    from ...fleet.jobs import Outcome
    from ...pair import Findings
    from ..targets import Target

audit_app = group("audit", "Compare both servers of each pair, and say what differs and should not.")
preflight_app = group("preflight", "Say what stands in the way of a new relationship.")

FEW = 3
"""Up to so many pairs, each without findings has a line; with ``-v`` all do."""

DEPTHS = ("relationships", "scopes", "full")


@add(
    audit_app,
    also=("log", "only_failed"),
    examples=(
        "dhcpfo audit --pair dhcp1,dhcp2",
        "dhcpfo audit -f fleet.yaml --depth relationships --json",
        "dhcpfo audit -f fleet.yaml --log last.jsonl --only-failed last.jsonl",
    ),
)
def audit(
    run: Run,
    *,
    depth: Annotated[
        str,
        Option(
            help="relationships (2 calls a server), scopes (1 more a scope) or full (8 a scope).",
            metavar="DEPTH",
            autocompletion=words(DEPTHS),
        ),
    ] = "full",
) -> None:
    """Compare both servers of each pair, and say what differs and should not. Nothing is changed.

    Exit code 2 if something was found, 6 if something could not be read.
    """
    if depth not in DEPTHS:
        raise Problem(f"--depth must be one of {', '.join(DEPTHS)}, got {depth}")

    def look(target: "Target") -> "Findings":
        chosen: Any = depth
        return target.pair.audit(depth=chosen)

    targets = run.pairs()
    several = len(targets) > 1
    names = set(to_do(run, [target.name for target in targets]))
    targets = [target for target in targets if target.name in names]
    short = len(targets) > FEW and not run.options.verbose
    well = 0
    for target, findings in each(run, targets, look, job="audit", outcome=outcome):
        if short and not findings:
            well += 1
        else:
            show_findings(run, target, findings, several=several)
    if well:
        of_all = "" if well == len(targets) else f" of {len(targets)}"
        run.say(f"{well}{of_all} pairs: nothing found")


def outcome(findings: "Findings") -> "Outcome":
    """Return what an audit's findings mean, for the log."""
    from ...fleet.jobs import outcome_of

    return outcome_of(findings)


@add(preflight_app, examples=("dhcpfo preflight hq-branch 10.0.1.0 10.0.2.0 --pair dhcp1,dhcp2",))
def preflight(
    run: Run,
    name: Annotated[str, Argument(help="The name of the relationship to create.")],
    scope: Annotated[list[str], Argument(help="Its scopes.", metavar="SCOPE...")],
) -> None:
    """Say all at once what stands in the way of creating a relationship. Nothing is changed."""
    wanted = scopes("scope", scope)
    target = run.pair()
    show_findings(run, target, target.pair.preflight(name, wanted), several=False)
