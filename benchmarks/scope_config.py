"""Processor time to read and compare a whole scope, without the time in which the server works.

    python benchmarks/scope_config.py [--json FILE]

A scope with reservations and options is read once from a simulated server. Then a backend that only repeats those
answers is read again and again. The server's own time, and that of the conversion from C, are not part of it.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any, cast

from dhcpfo import Server
from dhcpfo.api import ManagementApi
from dhcpfo.enums import OptionType
from dhcpfo.models import OptionValue
from dhcpfo.scope import read_scope, read_scopes
from dhcpfo.simulator import Lab

NETWORK, SCOPE = "10.0.0.0/16", "10.0.0.0"
ROUNDS, REPEATS = 5, 200


class Repeating:
    """A backend that answers each call as another one did the first time.

    Attributes:
        calls: How many calls it got.
    """

    def __init__(self, api: ManagementApi) -> None:
        self._api = api
        self._answers: dict[Any, Any] = {}
        self.server = api.server
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        if name == "reopen":
            raise AttributeError(name)

        def call(*args: Any) -> Any:
            self.calls += 1
            key = (name, args)
            if key not in self._answers:
                self._answers[key] = getattr(self._api, name)(*args)
            return self._answers[key]

        setattr(self, name, call)
        return call


def fill(server: Server, reservations: int, options: int) -> None:
    """Make the scope."""
    server.create_scope(NETWORK, name="Branch 17")
    server.add_range(SCOPE, "10.0.0.1", "10.0.255.254")
    server.add_exclusion(SCOPE, "10.0.0.10", "10.0.0.20")
    for number in range(reservations):
        client = (0x00155D000000 + number).to_bytes(6, "big")
        server.add_reservation(SCOPE, f"10.0.{1 + number // 250}.{1 + number % 250}", client, name=f"printer {number}")
    values = [OptionValue(3 + number % 8, OptionType.IP_ADDRESS, ["10.0.0.1", "10.0.0.2"]) for number in range(options)]
    server.set_option_values(values, scope=SCOPE)


def measure(reservations: int, options: int = 8) -> tuple[float, float]:
    """Return seconds of processor time to read a scope, and to read it on two servers and compare them."""
    with Lab() as lab:
        lab.add_server("dhcp1", "192.0.2.1")
        server = lab.connect("dhcp1", direct=True)
        fill(server, reservations, options)
        first, second = (Server(cast(ManagementApi, Repeating(server.api))) for _ in range(2))
        assert read_scope(first, SCOPE, calls_at_once=1) == read_scope(second, SCOPE, calls_at_once=1)
        read, both = [], []
        for _ in range(ROUNDS):
            began = time.process_time()
            for _ in range(REPEATS):
                read_scopes(first, [SCOPE], calls_at_once=1)
            read.append((time.process_time() - began) / REPEATS)
            began = time.process_time()
            for _ in range(REPEATS):
                one, other = (read_scopes(side, [SCOPE], calls_at_once=1) for side in (first, second))
                assert one == other
            both.append((time.process_time() - began) / REPEATS)
        return min(read), min(both)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file, too")
    arguments = parser.parse_args()
    figures = {count: measure(count) for count in (0, 50, 500)}
    print("reservations  read one  read two and compare")
    for count, (read, both) in figures.items():
        print(f"{count:>12}  {read * 1e3:6.3f} ms  {both * 1e3:6.3f} ms")
    if arguments.json:
        rows = {str(count): {"read": read, "read_two_and_compare": both} for count, (read, both) in figures.items()}
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
