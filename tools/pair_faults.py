"""Plant a fault at every write of every operation on a pair, and change something else before every write.

After each run both servers must be as before, or differ in exactly what the error lists; the same operation again must
reach the goal, and a third run must write nothing. Run from a checkout with the package installed.
"""

import argparse
import collections
import importlib
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / folder) for folder in ("", "pair", "rpc")]

LATE = (1, 3, 8, 30)
"""After how many further calls a late call is carried out."""


def over_network(run: Callable[..., str], sides: str | None) -> Callable[..., str]:
    """Return how to run a case with one server or both over the network; each case gets servers of its own."""
    if sides is None:
        return run
    network, pairs = map(importlib.import_module, ("rpc_network", "pairs"))

    def run_over_network(*case: Any) -> str:
        made = network.Network()
        known: dict[Any, Any] = {}

        def connect(lab: Any, name: str) -> Any:
            if sides not in (name, "both"):
                return pairs.directly(lab, name)
            if (lab, name) not in known:
                known[lab, name] = made.lossy(lab, name)
            return known[lab, name]

        try:
            return run(*case, connect)
        finally:
            made.close()

    return run_over_network


def main() -> int:
    """Run all cases; return 1 if one failed."""
    changes, faults = map(importlib.import_module, ("test_pair_changes", "pair_cases"))

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("operations", nargs="*", help=f"of {', '.join(faults.OPERATIONS)}; all by default")
    parser.add_argument(
        "--network",
        choices=("dhcp1", "dhcp2", "both"),
        help="call this server over network connections, which break when a call is lost; then without foreign changes",
    )
    options = parser.parse_args()
    wanted = options.operations or list(faults.OPERATIONS)
    counts: collections.Counter[tuple[str, str, str]] = collections.Counter()
    begun, failed = time.monotonic(), 0
    jobs = [
        (case[0], case[2], over_network(faults.run_case, options.network), (*case, late))
        for case in faults.cases()
        if case[0] in wanted
        for late in (LATE if case[2] == "late" else LATE[:1])
    ]
    jobs += [
        (operation, f"foreign {what}", changes.run_case, (operation, partner, what, at))
        for operation in wanted
        for partner in faults.PARTNERS
        for at in range(1, faults.writes_of(operation, partner) + 1)
        for what in changes.CHANGES
        if not options.network
    ]
    for operation, kind, run, arguments in jobs:
        try:
            ended = run(*arguments)
        except AssertionError:
            ended, failed = "WRONG", failed + 1
            print(f"--- {arguments}")
            traceback.print_exc()
        counts[operation, kind, ended] += 1
    for (operation, kind, ended), count in sorted(counts.items()):
        print(f"{operation:20} {kind:18} {ended:10} {count:6}")
    print(f"{sum(counts.values())} runs, {failed} wrong, {time.monotonic() - begun:.0f} s")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
