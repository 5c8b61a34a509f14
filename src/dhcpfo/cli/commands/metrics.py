"""``dhcpfo metrics``: metrics for Prometheus."""

import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from typer import Option

from ...limits import MAX_WORD
from .. import exits
from ..command import add, group
from ..files import check_name, writing
from ..problems import Problem
from ..run import Run
from ..values import duration

if TYPE_CHECKING:
    from ...fleet.monitor.metrics import Exporter

app = group("metrics", "Metrics for Prometheus: over HTTP, or as a file for node_exporter.")

PORT = 9647
LOOPBACK = ("127.0.0.1", "localhost")
SCRAPE = timedelta(seconds=8)
"""The time for each pair if Prometheus waits: it gives up after 10 s."""


@add(
    app,
    examples=(
        "dhcpfo metrics --pair dhcp1,dhcp2",
        "dhcpfo metrics -f fleet.yaml --listen 9647",
        "dhcpfo metrics -f fleet.yaml --textfile /var/lib/node_exporter/dhcpfo.prom --every 1m",
    ),
)
def metrics(
    run: Run,
    listen: Annotated[
        str | None,
        Option(
            help="Answer HTTP requests; each reads the servers. 127.0.0.1 if only a port is given.",
            metavar="[HOST:]PORT",
        ),
    ] = None,
    textfile: Annotated[
        str | None, Option(help="Write a file NAME.prom, beside it first and then renamed.", metavar="FILE")
    ] = None,
    every: Annotated[
        str | None, Option(help="With --textfile: write it again and again, at this interval.", metavar="TIME")
    ] = None,
    scopes: Annotated[
        int,
        Option(
            help="Read the addresses by owner of so many failover scopes of each pair each time, in turn.",
            min=0,
            max=100_000,
        ),
    ] = 0,
) -> None:
    """Print or serve metrics of pairs, in Prometheus' text format.

    A server that does not answer has `dhcpfo_up 0` and no other metric. Exit code 6 says that there is one.
    """
    try:
        from ...fleet.monitor.metrics import Exporter
    except ModuleNotFoundError:
        raise Problem("metrics need their extra: pip install 'dhcpfo[metrics]'") from None
    if listen is not None and textfile is not None:
        raise Problem("choose one of --listen and --textfile")
    check_name("--textfile", textfile)
    if every is not None and textfile is None:
        raise Problem("--every needs --textfile FILE")
    pause = None if every is None else duration("--every", every)
    if pause is not None and pause < timedelta(seconds=1):
        raise Problem(f"--every must be at least 1s, got {every}")
    pairs = {target.name: target.pair for target in run.pairs()}
    limit = run.options.time_limit or SCRAPE
    exporter = Exporter(pairs, at_once=run.options.parallel, time_limit=limit, scopes=scopes)
    if listen is not None:
        serve(run, exporter, listen)
    elif textfile is not None:
        write(run, exporter, textfile, pause)
    else:
        tell(run, exporter)
        note_down(run, exporter)


def tell(run: Run, exporter: "Exporter") -> None:
    """Print the metrics: in Prometheus' format, or each value as a record."""
    if run.out.for_people:
        sys.stdout.write(exporter.text())
        return
    for family in exporter.registry.collect():
        for one in family.samples:
            run.result({"metric": one.name, "labels": dict(one.labels), "value": one.value})


def serve(run: Run, exporter: "Exporter", listen: str) -> None:
    """Answer requests until Ctrl-C."""
    host, colon, port = listen.rpartition(":")
    if not port.isascii() or not port.isdigit() or int(port) > MAX_WORD:
        raise Problem(f"--listen must be a port, or an address and a port such as 127.0.0.1:{PORT}, got {listen}")
    host = host.strip("[]") if colon and host else LOOPBACK[0]
    if host not in (*LOOPBACK, "::1"):
        run.warn(f"everybody who can connect to {host} can read these metrics")
    try:
        server = exporter.listen(host, int(port))
    except OSError as error:
        raise Problem(f"cannot listen on {host}, port {port}: {error.strerror or error}") from None
    run.say(f"http://{listen_text(host)}:{server.server_port}/metrics answers; Ctrl-C ends it")
    try:
        while True:
            time.sleep(3600)
    finally:
        server.shutdown()
        server.server_close()


def listen_text(host: str) -> str:
    """Return a host as URLs have it."""
    return f"[{host}]" if ":" in host else host


def write(run: Run, exporter: "Exporter", path: str, pause: timedelta | None) -> None:
    """Write the file once, or until Ctrl-C."""
    while True:
        with writing(path):
            exporter.write(path)
        if pause is None:
            note_down(run, exporter)
            return
        time.sleep(pause.total_seconds())


def note_down(run: Run, exporter: "Exporter") -> None:
    """Tell by the exit code that a server could not be read."""
    if exporter.down:
        run.warn(f"could not be read: {', '.join(exporter.down)}")
        run.worst(exits.UNKNOWN)
