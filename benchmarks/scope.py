"""The cost of reading a scope: bare C, dhcpfo and a plain ctypes binding over the same canned C provider, in one run.

``python benchmarks/scope.py [--json FILE]``. Figures are milliseconds a list, the best of several rounds in which the
three take turns, and objects made per second; ratios are what to compare, the figures belong to the machine.

A further list is a function in provider_scope.c, a method in peer_scope.py and an entry in `lists`.
"""

import argparse
import ctypes
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from binding import best, native, provider, repeat
from peer_scope import CtypesScope

from dhcpfo import Server

SIZES = (1000, 10_000, 60_000)
COMPARED = 10_000
"""The size at which all three are measured; at the others dhcpfo alone shows whether its cost grows with the length."""


class Lists(NamedTuple):
    """One kind of list: the loop in C, and the two calls that read it whole."""

    c: Callable[[int], None]
    dhcpfo: Callable[[], list[object]]
    ctypes: Callable[[], list[object]]


def lists(library: ctypes.CDLL, server: Server, peer: CtypesScope) -> dict[str, Lists]:
    """The lists by name."""
    return {
        "clients": Lists(library.loop_clients, lambda: server.clients("10.0.0.0"), lambda: peer.clients(0x0A000000)),
    }


def measure(library: ctypes.CDLL, name: str, kind: Lists) -> dict[str, dict[str, float]]:
    """Measure one kind of list at every size, after showing that both bindings answer the same."""
    answers: dict[str, dict[str, float]] = {}
    for size in SIZES:
        library.configure(size)
        calls: dict[str, Callable[[int], None]] = {"c": kind.c, "dhcpfo": repeat(kind.dhcpfo)}
        if size == COMPARED:
            if kind.dhcpfo() != kind.ctypes():
                raise SystemExit(f"{name}: dhcpfo and ctypes do not answer the same")
            calls["ctypes"] = repeat(kind.ctypes)
        times = best(calls)
        found = {f"{who}_ms": us / 1000 for who, us in times.items()}
        found["objects_per_second"] = size / times["dhcpfo"] * 1e6
        found["us_an_object"] = times["dhcpfo"] / size
        if "ctypes" in times:
            found["ratio"] = times["ctypes"] / times["dhcpfo"]
        answers[f"{name}_{size}"] = found
    return answers


def show(answers: dict[str, dict[str, float]]) -> None:
    """Print a table."""
    print(f"{'case':<18}{'C':>9}{'dhcpfo':>9}{'ctypes':>9}{'ratio':>8}{'objects/s':>12}{'us each':>9}")
    for case, it in answers.items():
        theirs = f"{it['ctypes_ms']:>9.2f}{it['ratio']:>7.1f}x" if "ratio" in it else " " * 17
        rest = f"{it['objects_per_second']:>12,.0f}{it['us_an_object']:>9.3f}"
        print(f"{case:<18}{it['c_ms']:>9.2f}{it['dhcpfo_ms']:>9.2f}{theirs}{rest}")


def main() -> None:
    """Measure, print, and write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the cases to this file")
    arguments = parser.parse_args()
    library = provider("provider_scope")
    server, peer = native(library), CtypesScope(library)

    print(f"milliseconds a list, Python {sys.version.split()[0]}")
    answers: dict[str, dict[str, float]] = {}
    for name, kind in lists(library, server, peer).items():
        answers |= measure(library, name, kind)
    show(answers)
    if arguments.json:
        arguments.json.write_text(json.dumps(answers, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
