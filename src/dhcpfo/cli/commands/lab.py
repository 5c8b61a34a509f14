"""``dhcpfo lab``: simulated servers in a file, to try, rehearse and test on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from ipaddress import IPv4Network
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from .. import exits
from ..command import add, group
from ..files import writing
from ..labs import Overview, transitions_since
from ..problems import Problem
from ..run import Run
from ..values import duration, shown_duration

if TYPE_CHECKING:
    from ...rehearsal import Copy
    from ...simulator import ExportReport, Lab

app = group("lab", "Simulated servers in a file, to try, rehearse and test on.")

File = Annotated[str, Argument(help="The lab's file.", metavar="FILE")]
OneServer = Annotated[str, Argument(help="The server's name.", metavar="SERVER")]

MOST_TO_MEND = 40
"""The most servers of which all links are mended at once."""


@contextmanager
def opened(file: str) -> "Iterator[Lab]":
    """Open a lab that exists."""
    from ...simulator import Lab

    if not Path(file).is_file():
        raise Problem(f"{file}: no such lab", hint=f"dhcpfo lab init {file}")
    with Lab.open(file, create=False) as lab:
        yield lab


def check_new(file: str) -> None:
    """Refuse a file that exists, or that cannot."""
    where = Path(file)
    if not where.name:
        raise Problem(f"FILE must be the name of a file, got {file or 'nothing'}")
    if not where.parent.is_dir():
        raise Problem(f"{file}: the folder {where.parent} does not exist")
    if where.exists():
        raise Problem(f"{file} exists already", hint="choose another name, or delete it first")


@add(
    app,
    "init",
    servers=False,
    examples=(
        "dhcpfo lab init my.lab",
        "dhcpfo lab init my.lab --pair dhcp1,dhcp2 --scope 10.0.1.0/24",
        "dhcpfo relationship list --lab my.lab",
    ),
)
def init(
    run: Run,
    path: File,
    pair: Annotated[list[str] | None, Option("--pair", metavar="A,B", help="Make this pair; repeatable.")] = None,
    scope: Annotated[
        list[str] | None, Option("--scope", metavar="NETWORK", help="A scope of the first pair; repeatable.")
    ] = None,
    empty: Annotated[bool, Option("--empty", help="Without servers.")] = False,
    rate: Annotated[
        float, Option("--rate", metavar="N", help="Seconds that pass in the lab in each second; 0: only by hand.")
    ] = 0,
) -> None:
    """Make a lab: three pairs to try things on, or the pairs that you name.

    The clock stands still until `dhcpfo lab advance`, unless --rate is given.
    """
    from ...simulator import Clock, Lab

    if empty and (pair or scope):
        raise Problem("--empty cannot go with --pair or --scope")
    if scope and not pair:
        raise Problem("--scope needs --pair A,B")
    check_new(path)
    with Lab(clock=Clock.scaled(rate) if rate else None) as lab:
        if pair:
            fill(lab, pair, scope or [])
        elif not empty:
            from ..demo.world import build

            build(lab)
        with writing(path):
            lab.save(path)
        describe(run, lab, path, "made")


def fill(lab: "Lab", pairs: list[str], scopes: list[str]) -> None:
    """Add pairs with a scope each; the first has those that are given."""
    for number, text in enumerate(pairs, 1):
        names = [name.strip() for name in text.split(",")]
        if len(names) != 2 or not all(names):
            raise Problem(f"--pair must name two servers as A,B, got {text}")
        chosen = scopes if scopes and number == 1 else [f"10.{number}.0.0/24"]
        for one in chosen:
            check_network(one)
        lab.add_pair("-".join(names), primary=names[0], secondary=names[1], scopes=chosen, direct=True)


def check_network(text: str) -> None:
    """Refuse what is not a network."""
    try:
        IPv4Network(text)
    except ValueError:
        raise Problem(f"--scope must be a network such as 10.0.1.0/24, got {text}") from None


def describe(run: Run, lab: "Lab", path: str, what: str) -> None:
    """Say what a lab has now."""
    servers = lab.servers
    names = list(dict.fromkeys(row.relationship for row in Overview(lab).relationships))
    run.result({"file": path, "now": lab.now.isoformat(), "servers": list(servers), "relationships": names})
    run.say(f"{path}: {what}, with {_number(len(servers), 'server')} and {_number(len(names), 'relationship')}")
    if servers:
        run.say(f"   try: dhcpfo lab show {path}")


def _number(count: int, name: str) -> str:
    return f"{count} {name}{'' if count == 1 else 's'}"


@add(app, "show", servers=False, examples=("dhcpfo lab show my.lab", "dhcpfo lab show my.lab --json"))
def show(run: Run, path: File) -> None:
    """Show the servers of a lab, its relationships, and why one is not NORMAL."""
    with opened(path) as lab:
        found = Overview(lab)
        run.result({"file": path, **found.to_dict()})
        run.say(f"{path}: it is {lab.now:%Y-%m-%d %H:%M:%S}" + "".join(f"; cut: {ends}" for ends in found.cut))
        run.table(["SERVER", "ADDRESS", "POWER", "SCOPES", "CLIENTS"], [row.cells() for row in found.servers])
        if found.relationships:
            run.say()
            run.table(["RELATIONSHIP", "SERVER", "STATE", "BECAUSE"], [row.cells() for row in found.relationships])


@add(app, "load", servers=False, examples=("dhcpfo lab load my.lab dhcp1.xml dhcp1", "dhcpfo lab load my.lab dump.txt"))
def load(
    run: Run,
    path: File,
    export: Annotated[str, Argument(help="XML of Export-DhcpServer, or a netsh dump.", metavar="EXPORT")],
    server: Annotated[
        str | None, Argument(help="The server's name in the lab; a dump has one.", metavar="[SERVER]")
    ] = None,
    time_zone: Annotated[
        str, Option("--time-zone", metavar="ZONE", help="Of the exporting server, such as Europe/Berlin.")
    ] = "UTC",
    code_page: Annotated[str, Option("--code-page", metavar="NAME", help="Of a dump that is not Unicode.")] = "cp850",
) -> None:
    """Read what a real server exports into a lab, which is made if it does not exist.

    Each part that is unknown, or that the server refuses, is listed with its line; the exit code is 2 then.
    """
    from ...simulator import Lab

    zone = _zone(time_zone)
    if not Path(export).is_file():
        raise Problem(f"{export}: {'this is a folder' if Path(export).is_dir() else 'no such file'}")
    if Path(path).exists():
        with opened(path) as lab:
            report = lab.load_export(export, server, time_zone=zone, code_page=code_page)
    else:
        with Lab() as lab:
            report = lab.load_export(export, server, time_zone=zone, code_page=code_page)
            with writing(path):
                lab.save(path)
    tell_report(run, path, export, report)


def _zone(name: str) -> Any:
    from zoneinfo import ZoneInfo

    if name == "UTC":
        from datetime import UTC

        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Problem(f"--time-zone must be a name such as Europe/Berlin, got {name}") from None


def tell_report(run: Run, path: str, export: str, report: "ExportReport") -> None:
    """Say what was read from an export."""
    parts = {entry.name: getattr(report, entry.name) for entry in fields(report) if entry.name != "unread"}
    run.result({"file": path, "export": export, **parts, "unread": [str(part) for part in report.unread]})
    run.say(str(report))
    if report.unread:
        run.worst(exits.CHANGES)


@add(
    app,
    "snapshot",
    examples=(
        "dhcpfo lab snapshot rehearsal.lab --pair dhcp1,dhcp2",
        "dhcpfo replicate --from dhcp1 --lab rehearsal.lab",
    ),
)
def snapshot(
    run: Run,
    path: File,
    no_leases: Annotated[bool, Option("--no-leases", help="Leave out the leases.")] = False,
    no_lease_times: Annotated[
        bool, Option("--no-lease-times", help="Do not read the failover times of each lease: a call for each.")
    ] = False,
) -> None:
    """Copy real servers into a new lab, to rehearse a change on.

    Scopes with everything in them, options, classes, policies, filters, leases, and relationships in their present
    states. Shared secrets are left out. Nothing is changed on the servers.
    """
    from ...rehearsal import copy_servers

    check_new(path)
    servers = run.servers()
    copy = copy_servers(
        servers,
        leases=not no_leases,
        lease_times=not no_lease_times,
        progress=lambda server, what, number: run.detail(f"{server}: reading {number} {what}"),
    )
    with writing(path):
        copy.lab.save(path)
    tell_copy(run, path, copy)


def tell_copy(run: Run, path: str, copy: "Copy") -> None:
    """Say what was copied."""
    run.result({"file": path, **copy.to_dict()})
    run.say(f"{path}: copied")
    run.say("\n".join(f"   {line}" for line in str(copy).splitlines()))
    run.say(f"   try: dhcpfo lab show {path}")
    if copy.unread:
        run.worst(exits.UNKNOWN)


@add(app, "advance", servers=False, examples=("dhcpfo lab advance my.lab 5m", "dhcpfo lab advance my.lab settle"))
def advance(
    run: Run,
    path: File,
    time: Annotated[str, Argument(help="How long, such as 5m; or settle: until all are NORMAL.", metavar="TIME")],
) -> None:
    """Advance the clock of a lab; what falls due meanwhile happens."""
    with opened(path) as lab:
        before = lab.now
        try:
            passed = lab.settle() if time == "settle" else duration("TIME", time)
            if time != "settle":
                lab.advance(passed)
        except TimeoutError as error:
            raise Problem(str(error), exits.CHANGES) from None
        except OverflowError as error:
            raise Problem(str(error)) from None
        rows = transitions_since(lab, before)
        told = [row.to_dict() for row in rows]
        run.result({"file": path, "now": lab.now.isoformat(), "passed": passed.total_seconds(), "transitions": told})
        run.say(f"{path}: {shown_duration(passed)} later it is {lab.now:%Y-%m-%d %H:%M:%S}")
        if rows:
            run.table(["TIME", "SERVER", "RELATIONSHIP", "STATE", "CAUSE"], [row.cells() for row in rows])


@add(app, "cut", servers=False, examples=("dhcpfo lab cut my.lab dhcp1 dhcp2",))
def cut(run: Run, path: File, server: OneServer, other: OneServer) -> None:
    """Cut the network between two servers. They notice after some time: advance the clock."""
    with opened(path) as lab:
        if server.casefold() == other.casefold():
            raise Problem(f"a network is between two different servers, got {server} twice")
        lab.cut(server, other)
        changed(run, lab, path, f"the network between {server} and {other} is cut", f"dhcpfo lab advance {path} 5m")


@add(app, "mend", servers=False, examples=("dhcpfo lab mend my.lab dhcp1 dhcp2", "dhcpfo lab mend my.lab"))
def mend(
    run: Run,
    path: File,
    server: Annotated[str | None, Argument(help="A server.", metavar="[SERVER]")] = None,
    other: Annotated[str | None, Argument(help="The other one.", metavar="[SERVER]")] = None,
) -> None:
    """Mend the network between two servers, or all of it."""
    with opened(path) as lab:
        if server is not None and other is not None:
            lab.mend(server, other)
            said = f"the network between {server} and {other} is mended"
        elif server is not None:
            raise Problem("name both servers, or none for the whole network")
        else:
            if len(lab.servers) > MOST_TO_MEND:
                raise Problem(f"name the two servers: the lab has {len(lab.servers)}")
            for one, another in combinations(lab.servers, 2):
                lab.mend(one, another)
            said = "the whole network is mended"
        changed(run, lab, path, said, f"dhcpfo lab advance {path} settle")


@add(app, "stop", servers=False, examples=("dhcpfo lab stop my.lab dhcp2", "dhcpfo lab stop my.lab dhcp2 --power"))
def stop(
    run: Run,
    path: File,
    server: OneServer,
    power: Annotated[bool, Option("--power", help="Power off the whole host: its partner hears nothing.")] = False,
) -> None:
    """Stop the DHCP service of a server, or power it off."""
    with opened(path) as lab:
        (lab.power_off if power else lab.stop)(server)
        said = f"{server} is powered off" if power else f"the DHCP service on {server} is stopped"
        changed(run, lab, path, said, f"dhcpfo lab advance {path} 5m")


@add(app, "start", servers=False, examples=("dhcpfo lab start my.lab dhcp2",))
def start(run: Run, path: File, server: OneServer) -> None:
    """Start a server, or start it again."""
    with opened(path) as lab:
        lab.start(server)
        changed(run, lab, path, f"{server} is started", f"dhcpfo lab advance {path} settle")


def changed(run: Run, lab: "Lab", path: str, said: str, hint: str) -> None:
    """Say what was changed in a lab, and what to do next."""
    run.result({"file": path, "now": lab.now.isoformat(), "done": said})
    run.say(f"{path}: {said}")
    run.say(f"   then: {hint}")


@add(app, "explain", servers=False, examples=("dhcpfo lab explain my.lab hq-clients",))
def explain(
    run: Run, path: File, relationship: Annotated[str, Argument(help="Its name.", metavar="RELATIONSHIP")]
) -> None:
    """Show the history of a relationship on both servers, and why each is in its state."""
    with opened(path) as lab:
        try:
            timeline, why = lab.timeline(relationship), lab.explain(relationship)
        except ValueError:
            raise Problem(f"no server has a relationship {relationship}", hint=f"dhcpfo lab show {path}") from None
        lanes = [
            {"server": lane.server, "time": one.time.isoformat(), "state": one.state.name, "cause": one.cause}
            for lane in timeline.lanes
            for one in lane.transitions
        ]
        run.result({"file": path, "relationship": relationship, "because": why.splitlines(), "transitions": lanes})
        run.say(str(timeline))
        run.say()
        run.say(why)
