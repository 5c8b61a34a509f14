"""Break files that say how pairs should be, at random and for long: never a traceback, every mistake with its place.

The tests do the same with few files. Run from a checkout with the package and its extras ``cli`` and ``test``.
"""

import argparse
import importlib
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "desired")]


def main() -> int:
    """Read as many files as wanted; what is wrong ends it with a traceback, and the file stays."""
    fuzz = importlib.import_module("test_desired_fuzz")

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="?", type=int, default=10_000, help="how many of each kind; 10000 by default")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    options = parser.parse_args()
    os.environ["HQ"] = "marker"
    begun, chance = time.monotonic(), random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f.yaml"
        for _ in range(options.files):
            fuzz.attempt(fuzz.broken(chance), path)
        long: Any = settings(
            max_examples=options.files, deadline=None, suppress_health_check=list(HealthCheck), database=None
        )
        draw: Any = given
        for values in (fuzz.VALUES, fuzz.SERVER):

            def one(value: Any) -> None:
                fuzz.attempt(fuzz.dumped(value), path)

            long(draw(values)(one))()
    print(f"{3 * options.files} files: nothing wrong, {time.monotonic() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
