"""``dhcpfo report``: a fleet as one HTML page."""

import contextlib
import os
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from .. import exits
from ..command import add, group
from ..files import check_name, writing
from ..fleets import each
from ..problems import Problem
from ..run import TIME_LIMIT, Run

if TYPE_CHECKING:
    from ...fleet.look import PairLook
    from ...simulator import Timeline
    from ..targets import Target

app = group("report", "Pairs as one HTML page, to mail or to print.")

DEPTHS = ("relationships", "scopes", "full")


@add(
    app,
    examples=(
        "dhcpfo report --html fleet.html -f fleet.yaml",
        "dhcpfo report --html pair.html --pair dhcp1,dhcp2 --depth full --scopes",
    ),
)
def report(
    run: Run,
    html: Annotated[
        str, Option(help="The file to write; an existing one is replaced.", metavar="FILE", show_default=False)
    ],
    title: Annotated[str, Option(help="The heading.")] = "DHCP failover",
    depth: Annotated[str, Option(help="How deep to compare the servers: relationships, scopes or full.")] = DEPTHS[0],
    scopes: Annotated[
        bool, Option("--scopes", help="Show which server owns the addresses: one call to each server for each scope.")
    ] = False,
) -> None:
    """Write the states, addresses, differences and findings of pairs as a page that needs nothing else.

    It contains no scripts and no secrets. Exit code 2 if a pair needs attention, 6 if a server could not be read.
    """
    from importlib.metadata import version

    from ...fleet.monitor.report import report as page

    if depth not in DEPTHS:
        raise Problem(f"--depth must be one of {', '.join(DEPTHS)}, got {depth}")
    check_name("--html", html)
    if not Path(html).name or Path(html).is_dir():
        raise Problem(f"--html must be the name of a file, got {html or 'nothing'}")
    looks = [look for _, look in each(run, run.pairs(), partial(look_at, run, depth, scopes))]
    if not looks:
        raise Problem("no pair could be read", exits.UNKNOWN)
    written = page(
        looks,
        time=looks[0].time if run.lab is not None else datetime.now(UTC),
        reader=reader_of(run),
        title=title,
        timelines=timelines(run, looks),
        version=version("dhcpfo"),
    )
    replace_file(Path(html), written)
    several = len(looks) > 1
    for look in looks:
        for error in {(error.server, error.text): error for error in reversed(look.errors)}.values():
            run.unread(error, pair=look.name if several else None)
    attention = [look.name for look in looks if look.attention or (look.findings and look.findings.worst != "note")]
    unread = [look.name for look in looks if not look.complete]
    for look in looks:
        run.result({"pair": look.name, "attention": look.name in attention, "complete": look.complete, "file": html})
    if attention:
        run.worst(exits.CHANGES)
    if unread:
        run.worst(exits.UNKNOWN)
    told = f", {len(attention)} {'needs' if len(attention) == 1 else 'need'} attention" if attention else ""
    told += f", {len(unread)} could not be read completely" if unread else ""
    run.say(f"{html}: {len(looks)} {'pair' if len(looks) == 1 else 'pairs'}{told}")


def look_at(run: Run, depth: str, scopes: bool, target: "Target") -> "PairLook":
    """Read what the page shows of a pair."""
    from datetime import timedelta

    from ...fleet.look import read_pair

    limit = run.options.time_limit or timedelta(seconds=TIME_LIMIT)
    look = read_pair(
        target.pair, name=target.name, statistics=True, rights=True, findings=True, scopes=scopes, time_limit=limit
    )
    if depth == DEPTHS[0] or not all(server.up for server in look.servers.values()):
        return look
    return replace(look, findings=target.pair.audit(depth="scopes" if depth == "scopes" else "full"))


def timelines(run: Run, looks: "list[PairLook]") -> "dict[tuple[str, str], Timeline]":
    """Return the history of the relationships of a lab."""
    if run.lab is None:
        return {}
    return {(look.name, one.name): run.lab.timeline(one.name) for look in looks for one in look.relationships}


def reader_of(run: Run) -> str:
    """Return who reads."""
    if run.options.user is not None:
        return run.options.user
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "an unnamed user"


def replace_file(path: Path, text: str) -> None:
    """Write a file beside the one that it replaces, then rename it. A device or a pipe is written to."""
    if path.exists() and not path.is_file():
        with writing(path):
            path.write_text(text, "utf-8")
        return
    path = Path(os.path.realpath(path))  # a link stays
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    with contextlib.suppress(OSError):
        beside.unlink()
    with writing(path):
        try:
            with beside.open("x", encoding="utf-8", newline="\n") as file:  # never through a link of somebody else
                file.write(text)
            beside.replace(path)
        finally:
            with contextlib.suppress(OSError):
                beside.unlink()
