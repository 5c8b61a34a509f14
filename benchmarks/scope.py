"""The cost of reading a scope: bare C, dhcpfo and a plain ctypes binding over the same canned C provider, in one run.

``python benchmarks/scope.py [--json FILE]``. Figures are milliseconds a list, the best of several rounds in which the
three take turns, and Python objects made per second; ratios are what to compare, the figures belong to the machine.
An element's cost is that of all elements of the longest list, read in lists of this length and kept: the same elements
for every length. Growth is this cost divided by that in the shortest lists; a cost that is linear does not grow. For C,
which keeps nothing, it is the cost in one list: larger answers do not fit into caches.

A further list is a function in provider_scope.c, a method in peer_scope.py and an entry in `lists`.
"""

import argparse
import ctypes
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import partial
from ipaddress import IPv4Address
from pathlib import Path
from typing import NamedTuple

from binding import best, native, provider, repeat
from peer_scope import CtypesScope

from dhcpfo import Server

SCOPE, NUMBER = "10.0.0.0", 0x0A000000


class Lists(NamedTuple):
    """One kind of list: the loop in C, the two calls that read one, and the lengths that are measured.

    The call of dhcpfo takes the number of its first element, so that several lists can have different ones. All three
    are measured at ``compared``; at the others dhcpfo and C show how their cost grows with the length.
    """

    c: Callable[[int], None]
    dhcpfo: Callable[[int], Sequence[object]]
    ctypes: Callable[[], Sequence[object]]
    sizes: tuple[int, ...]
    compared: int


def lists(library: ctypes.CDLL, server: Server, peer: CtypesScope) -> dict[str, Lists]:
    """The lists by name."""
    return {
        "clients": Lists(
            library.loop_clients,
            lambda first: server.clients(IPv4Address(NUMBER + first)),
            lambda: peer.clients(NUMBER),
            (1000, 10_000, 60_000),
            10_000,
        ),
        "option_values": Lists(
            library.loop_option_values,
            lambda _: server.option_values(scope=SCOPE),
            lambda: peer.option_values(NUMBER),
            (100, 1000, 10_000),
            1000,
        ),
        "policies": Lists(
            library.loop_policies,
            lambda _: server.policies(scope=SCOPE),
            lambda: peer.policies(NUMBER),
            (10, 100, 1000),
            100,
        ),
    }


def objects(value: object, seen: dict[int, object]) -> dict[int, object]:
    """Collect the objects that were made for an answer: each once, without those that Python or dhcpfo always has."""
    if value is None or isinstance(value, bool | Enum) or (isinstance(value, int) and value < 257) or id(value) in seen:
        return seen
    seen[id(value)] = value
    if isinstance(value, list | tuple):
        for item in value:
            objects(item, seen)
    elif is_dataclass(value):
        for entry in fields(value):
            objects(getattr(value, entry.name), seen)
    return seen


def kept(kind: Lists, size: int) -> list[Sequence[object]]:
    """Read the elements of the longest list in lists of this length."""
    return [kind.dhcpfo(first) for first in range(0, kind.sizes[-1], size)]


def measure(library: ctypes.CDLL, name: str, kind: Lists) -> dict[str, dict[str, float]]:
    """Measure one kind of list at every size, after showing that both bindings answer the same."""
    answers: dict[str, dict[str, float]] = {}
    for size in kind.sizes:
        library.configure(size)
        answer = kind.dhcpfo(0)
        if len(answer) != size:
            raise SystemExit(f"{name}: {len(answer)} elements instead of {size}")
        calls: dict[str, Callable[[int], None]] = {"c": kind.c, "dhcpfo": repeat(lambda: kind.dhcpfo(0))}
        if size == kind.compared:
            if answer != kind.ctypes():
                raise SystemExit(f"{name}: dhcpfo and ctypes do not answer the same")
            calls["ctypes"] = repeat(kind.ctypes)
        made = len(objects(answer, {}))
        del answer
        times = best(calls)
        found = {f"{who}_ms": us / 1000 for who, us in times.items()}
        found["us_an_element"] = best({"kept": repeat(partial(kept, kind, size))})["kept"] / kind.sizes[-1]
        found["objects_per_second"] = made / times["dhcpfo"] * 1e6
        if "ctypes" in times:
            found["ratio"] = times["ctypes"] / times["dhcpfo"]
            found["ctypes_objects_per_second"] = made / times["ctypes"] * 1e6
        first = answers.get(f"{name}_{kind.sizes[0]}", found)
        found["c_growth"] = found["c_ms"] / first["c_ms"] / (size / kind.sizes[0])
        found["dhcpfo_growth"] = found["us_an_element"] / first["us_an_element"]
        answers[f"{name}_{size}"] = found
    return answers


def show(answers: dict[str, dict[str, float]]) -> None:
    """Print a table."""
    titles = f"{'ratio':>8}{'us each':>9}{'growth':>8}{'C':>6}{'objects/s':>12}"
    print(f"{'case':<20}{'C':>9}{'dhcpfo':>9}{'ctypes':>9}{titles}")
    for case, it in answers.items():
        theirs = f"{it['ctypes_ms']:>9.2f}{it['ratio']:>7.1f}x" if "ratio" in it else " " * 17
        rest = f"{it['us_an_element']:>9.3f}{it['dhcpfo_growth']:>8.2f}{it['c_growth']:>6.2f}"
        print(f"{case:<20}{it['c_ms']:>9.3f}{it['dhcpfo_ms']:>9.3f}{theirs}{rest}{it['objects_per_second']:>12,.0f}")


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
