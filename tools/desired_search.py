"""Break files that say how pairs should be, and apply them to pairs, at random and for long.

Never a traceback, and every mistake has its place. What is exported of a pair plans to nothing, and so does a file that
was applied: one of the same pair or of another, with keys left out and lists made exact or empty. The tests do the same
with few files. Run from a checkout with the package and its extras ``cli`` and ``test``.
"""

import argparse
import collections
import importlib
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, seed, settings, strategies

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "desired")]


def main() -> int:
    """Read as many files as wanted; what is wrong ends it with a traceback, and the file stays."""
    fuzz = importlib.import_module("test_desired_fuzz")
    drawn = importlib.import_module("drawn_files")
    configurations = importlib.import_module("server_configurations").configurations

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="?", type=int, default=10_000, help="how many of each kind; 10000 by default")
    parser.add_argument("--pairs", type=int, default=500, help="how many pairs; 500 by default")
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
        outcomes: collections.Counter[str] = collections.Counter()

        def apply(one: Any, other: Any, number: int, same: bool, alike: bool) -> None:
            pair = drawn.pair_with(one, None if same else other)
            drawn.check_export(pair, Path(folder))
            text = drawn.exported(pair if alike else drawn.pair_with(other, None))
            outcomes[drawn.check_apply(pair, drawn.altered(text, random.Random(number)), Path(folder))] += 1

        some: Any = settings(
            max_examples=options.pairs, deadline=None, suppress_health_check=list(HealthCheck), database=None
        )
        draws = configurations(), configurations(), strategies.integers(0, 1 << 32), *[strategies.booleans()] * 2
        some(seed(options.seed)(draw(*draws)(apply)))()
    print(f"{options.pairs} pairs: {', '.join(f'{count} {what}' for what, count in sorted(outcomes.items()))}")
    print(f"{3 * options.files} files: nothing wrong, {time.monotonic() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
