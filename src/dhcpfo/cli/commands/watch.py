"""``dhcpfo watch``: the states of pairs as they change."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from typer import Option

from .. import exits
from ..command import add, group
from ..output import can_draw
from ..problems import Problem
from ..run import Run
from ..values import duration

if TYPE_CHECKING:
    from ...fleet.look import PairLook
    from ...fleet.monitor.transitions import Change, Watch

app = group("watch", "The states of pairs as they change.")

LIMIT = timedelta(seconds=10)


@add(app, examples=("dhcpfo watch -f fleet.yaml", "dhcpfo watch --pair dhcp1,dhcp2 --every 30s --json-lines"))
def watch(
    run: Run,
    every: Annotated[str, Option(help="How often to look.", metavar="TIME")] = "5s",
    times: Annotated[int | None, Option(help="Stop after this many looks.", min=1, show_default=False)] = None,
) -> None:
    """Show the states of pairs and what changes, until Ctrl-C.

    On a terminal, a table is kept up to date. Into a file or a pipe, each change is a line.
    """
    pause = duration("--every", every)
    if pause < timedelta(seconds=1):
        raise Problem(f"--every must be at least 1s, got {every}")
    if run.out.format not in ("table", "json-lines"):
        raise Problem("watch prints a table or, with --json-lines, a JSON object for each change")
    from ...fleet.monitor.transitions import Watch
    from ...fleet.reading import Reading

    pairs = {target.name: target.pair for target in run.pairs()}
    reading = Reading(pairs, at_once=run.options.parallel, time_limit=run.options.time_limit or LIMIT)
    seen = Watch()
    show = live if run.out.for_people and can_draw() and not run.options.quiet else lines
    try:
        show(run, seen, reading.looks(pause, times))
    except KeyboardInterrupt:
        run.worst(exits.INTERRUPTED)


def lines(run: Run, seen: "Watch", coming: "Iterator[list[PairLook]]") -> None:
    """Print the states of each pair once, and then a line for each change."""
    shown: set[str] = set()
    for look in (look for looks in coming for look in looks):
        changes = seen.update([look])
        if look.name not in shown:
            shown.add(look.name)
            for (pair, name, side), status in seen.known.items():
                if pair == look.name and side is not None:
                    said = {"pair": pair, "relationship": name or None, "server": status.server, "state": status.now}
                    run.result(said)
                    about = " ".join(filter(None, (pair, name, status.server)))
                    run.say(f"{status.since:%Y-%m-%d %H:%M:%S} {about}: {status.now}")
        for change in changes:
            tell(run, change)


def tell(run: Run, change: "Change") -> None:
    """Print a change."""
    run.out.event("change", change.to_dict())
    run.say(f"{change.time:%Y-%m-%d %H:%M:%S} {change}")


def live(run: Run, seen: "Watch", coming: "Iterator[list[PairLook]]") -> None:
    """Keep a table on the terminal up to date."""
    from ..watching import Screen

    with Screen(seen, order=[named.name for named in run.targets.named()]) as screen:
        for looks in coming:
            seen.update(looks)
            screen.draw({look.name for look in looks})
