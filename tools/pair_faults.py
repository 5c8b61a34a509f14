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
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "pair")]

LATE = (1, 3, 8, 30)
"""After how many further calls a late call is carried out."""


def main() -> int:
    """Run all cases; return 1 if one failed."""
    changes, faults = map(importlib.import_module, ("test_pair_changes", "test_pair_faults"))

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("operations", nargs="*", help=f"of {', '.join(faults.OPERATIONS)}; all by default")
    wanted = parser.parse_args().operations or list(faults.OPERATIONS)
    counts: collections.Counter[tuple[str, str, str]] = collections.Counter()
    begun, failed = time.monotonic(), 0
    jobs = [
        (case[0], case[2], faults.run_case, (*case, late))
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
