"""Kill a process before and after every write of every operation on a pair, and run the operation again.

The second run must reach the goal, a third one must write nothing, and between the two no scope may be enabled on both
servers and in failover on one. Run from a checkout with the package installed; needs fork.
"""

import argparse
import collections
import importlib
import itertools
import random
import sys
import tempfile
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))


def main() -> int:
    """Kill as often as wanted; return 1 if an operation did not recover."""
    kills, pairs = map(importlib.import_module, ("kills", "pairs"))

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kills", nargs="?", type=int, default=300, help="how many; 300 by default")
    parser.add_argument("--seed", type=int, default=0, help="which ones, if not all")
    parser.add_argument("--folder", help="where the labs are kept; a folder in memory is faster")
    options = parser.parse_args()
    every = [
        (operation, partner, at, after)
        for operation, partner in itertools.product(pairs.OPERATIONS, pairs.PARTNERS)
        for at in range(1, kills.goal_of(operation, partner)[0] + 1)
        for after in (False, True)
    ]
    random.Random(options.seed).shuffle(every)
    begun, failed = time.monotonic(), 0
    counts: collections.Counter[str] = collections.Counter()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for operation, partner, at, after in itertools.islice(itertools.cycle(every), options.kills):
            counts[operation] += 1
            try:
                kills.kill(Path(folder), operation, partner, at, after=after)
            except AssertionError:
                failed += 1
                traceback.print_exc()
    for operation, count in sorted(counts.items()):
        print(f"{operation:20} {count:6} kills")
    print(f"{options.kills} kills of {len(every)} places, {failed} wrong, {time.monotonic() - begun:.0f} s")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
