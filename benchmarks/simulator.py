"""The cost of a simulated network by its size: calls, leases, and the passing of time.

``python benchmarks/simulator.py [--json FILE] [--rows N]``. Figures are milliseconds, the best of several rounds; they
belong to the machine. The pairs of a lab are copies of one that was made through the API.
"""

import argparse
import json
import time
from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

from dhcpfo.simulator import Lab

ROWS = ((1, 100, 200), (1, 500, 100), (10, 10, 200), (50, 4, 20), (100, 4, 20), (250, 4, 20))
"""Pairs of servers, scopes of each pair, clients of each scope."""

ROUNDS = 5


def build(pairs: int, scopes: int, clients: int) -> Lab:
    """Return a lab of pairs in NORMAL."""
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
    return Lab.from_dict({**state, "hosts": hosts})


def milliseconds(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the shortest time of a call."""
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return min(times) * 1000


def measure(pairs: int, scopes: int, clients: int) -> dict[str, float]:
    """Return the figures of a lab."""
    lab = build(pairs, scopes, clients)
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


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", type=Path, help="also write the figures to this file")
    parser.add_argument("--rows", type=int, default=len(ROWS), help="only the first N rows")
    arguments = parser.parse_args()
    results = []
    for number, (pairs, scopes, clients) in enumerate(ROWS[: arguments.rows]):
        figures = measure(pairs, scopes, clients)
        if number == 0:
            print("pairs x scopes x clients", *figures, sep=" | ")
        print(f"{pairs} x {scopes} x {clients}", *(f"{value:.2f}" for value in figures.values()), sep=" | ", flush=True)
        results.append({"pairs": pairs, "scopes": scopes, "clients": clients, "milliseconds": figures})
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
