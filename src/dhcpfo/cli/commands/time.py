"""``dhcpfo time``: the clocks of the servers."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .. import exits
from ..command import add, group
from ..output import Cell, Styled
from ..run import Run

if TYPE_CHECKING:
    from ...models import SystemTime
    from ...server import Server

app = group("time", "The servers' clocks, and how far apart they are.")


@add(app, examples=("dhcpfo time --pair dhcp1,dhcp2", "dhcpfo time -s dhcp1 --json"))
def time(run: Run) -> None:
    """Show each server's clock, and how far it is from the first one's.

    Failover does not start if the clocks of two partners are further apart than they allow. Exit code 2 says so.
    """
    read: list[tuple[Server, SystemTime, datetime]] = []
    for server, (clock, here) in run.ask(clock_of):
        read.append((server, clock, here))
    rows: list[list[Cell]] = []
    for server, clock, here in read:
        _, first, first_here = read[0]
        apart = (clock.time - first.time) - (here - first_here) if run.lab is None else clock.time - first.time
        seconds, most = round(apart.total_seconds(), 1), clock.max_allowed_difference
        wrong = most is not None and abs(apart) > most
        if wrong:
            run.worst(exits.CHANGES)
        allowed = None if most is None else most.total_seconds()
        record = {"server": server.name, "time": clock.time.isoformat(), "offset": seconds, "allowed": allowed}
        run.result(record)
        limit = "unknown" if allowed is None else f"{allowed:g} s"
        offset = Styled(f"{seconds:+g} s", "bold red" if wrong else "")
        rows.append([server.name or "this machine", f"{clock.time:%Y-%m-%d %H:%M:%S %Z}", offset, limit])
    run.table(["SERVER", "TIME", "OFFSET", "ALLOWED"], rows)


def clock_of(server: "Server") -> "tuple[SystemTime, datetime]":
    """Return a server's clock, and this machine's in the middle of the call."""
    before = datetime.now(UTC)
    clock = server.get_system_time()
    return clock, before + (datetime.now(UTC) - before) / 2
