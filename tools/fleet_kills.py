"""Kill a process that applies a file to a fleet, run the same again, and check that it converges.

The second run must do the rest, a third one must find nothing to do, an audit must find nothing, and after the kill no
scope may be enabled on both servers and in failover on one. Run from a checkout with the package and its extra ``cli``
installed; needs fork.
"""

import argparse
import collections
import importlib
import sys
import tempfile
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "fleet")]


def main() -> int:
    """Kill as often as wanted; return 1 if a run did not converge."""
    kills = importlib.import_module("killed_fleets")

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kills", nargs="?", type=int, default=200, help="how many; 200 by default")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--folder", help="where the labs are kept; a folder in memory is faster")
    options = parser.parse_args()
    begun, failed = time.monotonic(), 0
    counts: collections.Counter[str] = collections.Counter()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        assert kills.covered(Path(folder)), "there is nothing to do in the fleet"
        for seed in range(options.seed, options.seed + options.kills):
            try:
                counts[kills.kill(Path(folder), seed)] += 1
            except Exception:  # noqa: BLE001  shown, and the next one is tried
                failed += 1
                traceback.print_exc()
    found = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
    print(f"{options.kills} seeds: {found}; {failed} wrong, {time.monotonic() - begun:.0f} s")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
