"""``dhcpfo watch``: the states of pairs as they change."""

import queue
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from .. import exits
from ..command import add, group
from ..output import on_terminal
from ..problems import Problem
from ..run import Run
from ..values import duration

if TYPE_CHECKING:
    from ...fleet.look import PairLook
    from ...fleet.monitor.transitions import Change, Watch

app = group("watch", "The states of pairs as they change.")

LIMIT = timedelta(seconds=10)
TURN = 0.2
"""The longest wait at a time, in seconds: on Windows, Ctrl-C does not end a wait."""


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
    from ...fleet.look import read_pairs
    from ...fleet.monitor.transitions import Watch

    pairs = {target.name: target.pair for target in run.pairs()}
    limit = run.options.time_limit or LIMIT
    read = partial(read_pairs, pairs, at_once=run.options.parallel, time_limit=limit)
    seen = Watch()
    show = live if run.out.for_people and on_terminal() and not run.options.quiet else lines
    try:
        show(run, seen, looks(read, pause, times))
    except KeyboardInterrupt:
        run.worst(exits.INTERRUPTED)


def looks(
    read: "Callable[[], list[PairLook]]", pause: timedelta, times: int | None
) -> "Iterator[list[PairLook] | None]":
    """Yield looks at all pairs as they come in, and None in between, several times a second.

    The servers are read in a thread: one that hangs does not keep the ages on the screen from growing.
    """
    found: queue.SimpleQueue[Any] = queue.SimpleQueue()
    stop = threading.Event()

    def work() -> None:
        done = 0
        try:
            while not stop.is_set() and (times is None or done < times):
                found.put(read())
                done += 1
                if times is None or done < times:
                    stop.wait(pause.total_seconds())
            found.put(StopIteration())
        except BaseException as error:  # noqa: BLE001  raised by who waits
            found.put(error)

    threading.Thread(target=work, name="dhcpfo-watch", daemon=True).start()
    try:
        while True:
            try:
                value = found.get(timeout=TURN)
            except queue.Empty:
                yield None
                continue
            if isinstance(value, StopIteration):
                return
            if isinstance(value, BaseException):
                raise value
            yield value
    finally:
        stop.set()


def lines(run: Run, seen: "Watch", coming: "Iterator[list[PairLook] | None]") -> None:
    """Print the states once, and then a line for each change."""
    first = True
    for value in coming:
        if value is None:
            continue
        changes = seen.update(value)
        if first:
            for (pair, name, side), status in seen.known.items():
                if side is not None:
                    run.result({"pair": pair, "relationship": name, "server": status.server, "state": status.now})
                    run.say(f"{status.since:%Y-%m-%d %H:%M:%S} {pair} {name} {status.server}: {status.now}")
        for change in changes:
            tell(run, change)
        first = False


def tell(run: Run, change: "Change") -> None:
    """Print a change."""
    run.out.event("change", change.to_dict())
    run.say(f"{change.time:%Y-%m-%d %H:%M:%S} {change}")


def live(run: Run, seen: "Watch", coming: "Iterator[list[PairLook] | None]") -> None:
    """Keep a table on the terminal up to date."""
    from ..watching import Screen

    with Screen(seen) as screen:
        for value in coming:
            if value is not None:
                seen.update(value)
            screen.draw(read=value is not None)
