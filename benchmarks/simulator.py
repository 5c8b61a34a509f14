"""The cost of a simulated network by its size: calls, leases, the passing of time; in memory and in a file.

``python benchmarks/simulator.py [--json FILE] [--rows N] [--clients N]``. Figures are milliseconds and belong to the
machine. In the first two tables they are the best of several rounds; the pairs of a lab are copies of one that was made
through the API. In the third they are the median (and the 99th percentile). Before each figure of today are those of
the simulator as it was first, where they were measured: each call looked at all servers, and a file was one row.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from dhcpfo.enums import SearchType
from dhcpfo.models import ClientSearch, unique_client_id
from dhcpfo.simulator import Lab
from dhcpfo.simulator.store import FileStore, from_dict

ROWS = ((1, 100, 200), (1, 500, 100), (10, 10, 200), (50, 4, 20), (100, 4, 20), (250, 4, 20))
"""Pairs of servers, scopes of each pair, clients of each scope."""

CLIENTS = (100, 10_000, 100_000)
"""Records of a lab in a file: half of them on each of two servers."""

BEFORE = {
    (1, 100, 200): {"get": 0.1, "lease": 1.2, "statistics": 1.1, "advance 1 day": 50},
    (1, 500, 100): {"get": 8, "lease": 4, "statistics": 1.2, "advance 1 day": 360},
    (10, 10, 200): {"get": 0.4, "lease": 6, "statistics": 5, "advance 1 day": 100},
    (50, 4, 20): {"get": 11, "lease": 20, "statistics": 12, "advance 1 day": 1300},
    (100, 4, 20): {"get": 23, "lease": 43, "statistics": 21, "advance 1 day": 4700},
    (250, 4, 20): {"get": 180, "lease": 380, "statistics": 200, "advance 6 min": 113_000},
}
"""Milliseconds of the first simulator, in memory."""

BEFORE_IN_A_FILE = {100: {"renew": 25}, 10_000: {"renew": 1600}, 100_000: {"renew": 17_000}}
"""The same in a file, by records."""

ROUNDS = 5
MANY = 300

Figures = dict[str, float]


def build(pairs: int, scopes: int, clients: int) -> dict[str, Any]:
    """Return the state of a lab of pairs in NORMAL."""
    lab = Lab()
    networks = [f"10.{number // 256}.{number % 256}.0/24" for number in range(scopes)]
    lab.add_pair("pair", scopes=networks, direct=True)
    for network in networks:
        for client in range(clients):
            lab.lease(network.partition("/")[0], client.to_bytes(6))
    lab.advance(timedelta(minutes=1))
    state = lab.to_dict(secrets=True)
    text, hosts = json.dumps(state["hosts"]), {}
    for number in range(pairs):
        first = int(IPv4Address("100.64.0.0")) + 4 * number
        copy = text.replace("dhcp1", f"s{number}a").replace("dhcp2", f"s{number}b")
        copy = copy.replace("192.0.2.1", str(IPv4Address(first))).replace("192.0.2.2", str(IPv4Address(first + 1)))
        hosts.update(json.loads(copy))
    return {**state, "hosts": hosts}


def milliseconds(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the shortest time of a call."""
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return min(times) * 1000


def measure(lab: Lab) -> Figures:
    """Return the figures of a lab."""
    server = lab.connect("s0a", direct=True)
    scope = IPv4Address("10.0.0.0")
    numbers = iter(range(1000))

    def cut_and_settle() -> None:
        lab.cut("s0a", "s0b")
        lab.advance(timedelta(minutes=4))
        lab.mend("s0a", "s0b")
        lab.settle()

    return {
        "get": milliseconds(lambda: server.get_relationship("pair")),
        "set": milliseconds(lambda: server.set_relationship("pair", percentage=next(numbers) % 100)),
        "lease": milliseconds(lambda: lab.lease(scope, b"new" + next(numbers).to_bytes(2), server="s0a")),
        "statistics": milliseconds(lambda: server.get_scope_statistics(scope)),
        "advance 1 s": milliseconds(lambda: lab.advance(timedelta(seconds=1))),
        "advance 6 min": milliseconds(lambda: lab.advance(timedelta(minutes=6)), 1),
        "cut and settle": milliseconds(cut_and_settle, 1),
        "advance 1 day": milliseconds(lambda: lab.advance(timedelta(days=1)), 1),
    }


def compare_networks(rows: int, *, in_file: bool) -> list[dict[str, Any]]:
    """Print and return the figures by servers, scopes and clients."""
    results = []
    for pairs, scopes, clients in ROWS[:rows]:
        state = build(pairs, scopes, clients)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "lab.sqlite"
            if in_file:
                begin = time.perf_counter()
                FileStore(path, from_dict(state)).close()
                written = time.perf_counter()
                lab = Lab.open(path)
                opened = time.perf_counter()
                figures = {"write all": (written - begin) * 1000, "open": (opened - written) * 1000}
            else:
                lab, figures = Lab.from_dict(state), {}
            figures |= measure(lab)
            lab.close()
        before = {} if in_file else BEFORE[pairs, scopes, clients]
        show(f"{pairs} x {scopes} x {clients}", "pairs x scopes x clients", figures, before, not results)
        results.append(
            {
                "pairs": pairs,
                "scopes": scopes,
                "clients": clients,
                "in file": in_file,
                "milliseconds": figures,
                "before": before,
            }
        )
    return results


def show(name: str, title: str, figures: Figures, before: Figures, first: bool) -> None:
    """Print a row, the first one with the names of the columns."""
    if first:
        print(title, *figures, sep=" | ")
    cells = [f"{before[key]:g} -> {value:.2f}" if key in before else f"{value:.2f}" for key, value in figures.items()]
    print(name, *cells, sep=" | ", flush=True)


def fill(path: Path, records: int) -> Lab:
    """Return a lab in a file with a pair in NORMAL and clients in one scope, half of the records on each server."""
    lab = Lab.open(path)
    lab.add_pair("pair", scopes=["10.0.0.0/14"], direct=True)
    scope = IPv4Address("10.0.0.0")
    given = lab.lease(scope, b"first")
    assert given is not None
    for server in lab.servers:
        with lab._changing(server) as (_, host, _now):
            for number in range(records // 2):
                address, client = scope + 300 + number, unique_client_id(scope, number.to_bytes(6))
                host.scopes[scope].clients[address] = replace(
                    given, address=address, client_id=client, name=f"client{number}"
                )
    return lab


def many(call: Callable[[], object], count: int = MANY) -> tuple[float, float]:
    """Return the median of many calls, and the 99th percentile."""
    times = []
    for _ in range(count):
        begin = time.perf_counter()
        call()
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times), statistics.quantiles(times, n=100)[98]


WRITER = """
import sys
from dhcpfo.simulator import Lab
lab = Lab.open(sys.argv[1])
number = 0
print("ready", flush=True)
while True:
    lab.lease("10.0.0.0", (int(sys.argv[2]) - 1 - number % 50).to_bytes(6))
    number += 1
"""


@contextmanager
def another_writer(path: Path, clients: int) -> Iterator[None]:
    """Let another process renew leases, as fast as it can."""
    command = [sys.executable, "-c", WRITER, str(path), str(clients)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield
        process.kill()


def compare_files(clients: int) -> list[dict[str, Any]]:
    """Print and return the figures of a file by its records."""
    results = []
    for records in CLIENTS[:clients]:
        with tempfile.TemporaryDirectory() as folder:
            figures, slow = measure_file(Path(folder) / "lab.sqlite", records)
        before = BEFORE_IN_A_FILE[records]
        show(f"{records:,}", "records in a file", figures, before, not results)
        results.append({"records": records, "milliseconds": figures, "99th percentile": slow, "before": before})
    return results


def measure_file(path: Path, records: int) -> tuple[Figures, Figures]:
    """Return the medians and the 99th percentiles of a file with so many records."""
    lab = fill(path, records)
    scope, server, clients = "10.0.0.0", lab.connect("dhcp1", direct=True), records // 2
    numbers = iter(range(1_000_000))
    by_name = ClientSearch(type=SearchType.NAME, value="client7")

    def renew() -> object:
        return lab.lease(scope, (next(numbers) * 7 % clients).to_bytes(6))

    uses: dict[str, tuple[Callable[[], object], int]] = {
        "renew": (renew, MANY),
        "new client": (lambda: lab.lease(scope, b"new" + next(numbers).to_bytes(4)), MANY),
        "set": (lambda: server.set_relationship("pair", percentage=next(numbers) % 100), MANY),
        "by address": (lambda: server.get_failover_client(address="10.0.1.44"), MANY),
        "by name": (lambda: server.api.get_client(by_name), 5),
        "statistics": (lambda: server.get_scope_statistics(scope), MANY),
    }
    results = {name: many(use, count) for name, (use, count) in uses.items()}
    with another_writer(path, clients):
        results["renew, another writes"] = many(renew)
    results["open and get"] = many(lambda: Lab.open(path).connect("dhcp1", direct=True).get_relationship("pair"), 50)
    other = Lab.open(path)
    reader = other.connect("dhcp2", direct=True)
    results["first lease after opening"] = (milliseconds(lambda: other.lease(scope, bytes(6)), 1), 0)
    results["change, read in another lab"] = many(lambda: (renew(), reader.get_failover_client(address="10.0.1.44")))
    results["snapshot"] = (milliseconds(lab.snapshot, 1), 0)
    results["restore"] = (milliseconds(lab.restore, 1), 0)
    results["all clients"] = (milliseconds(lambda: server.clients("10.0.0.0"), 1), 0)
    lab.close()
    other.close()
    figures = {"MB": path.stat().st_size / 1e6} | {name: figure for name, (figure, _) in results.items()}
    return figures, {name: slow for name, (_, slow) in results.items() if slow}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", type=Path, help="also write the figures to this file")
    parser.add_argument("--rows", type=int, default=len(ROWS), help="only the first N networks")
    parser.add_argument("--clients", type=int, default=len(CLIENTS), help="only the first N files")
    arguments = parser.parse_args()
    results = {
        "in memory": compare_networks(arguments.rows, in_file=False),
        "in a file": compare_networks(arguments.rows, in_file=True),
        "by records": compare_files(arguments.clients),
    }
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
