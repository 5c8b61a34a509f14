"""Search for operations on a pair that break a claim of `tests/pair/test_pair_state_machine.py`, for longer than CI.

Prints what happened how often, and the example if a claim is broken. Run from a checkout
with the package installed.
"""

import argparse
import importlib
import sys
import time
import traceback
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "pair")]


def main() -> int:
    """Search; return 1 if a claim is broken."""
    machine = importlib.import_module("test_pair_state_machine")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=1000, help="sequences of operations (default: 1000)")
    parser.add_argument("--steps", type=int, default=30, help="steps in each, at most (default: 30)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shrink", action="store_true", help="make what is found shorter, which can take minutes")
    arguments = parser.parse_args()
    chosen = settings(
        max_examples=arguments.examples,
        stateful_step_count=arguments.steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        phases=[Phase.generate, *([Phase.shrink] if arguments.shrink else [])],
    )
    begun, broken = time.monotonic(), False
    try:
        run_state_machine_as_test(seed(arguments.seed)(machine.Pair), settings=chosen)
    except Exception:  # noqa: BLE001  whatever it found is shown
        traceback.print_exc()
        broken = True
    for what, count in sorted(machine.FOUND.items()):
        print(f"{what:45} {count:7}")
    examples, steps = machine.FOUND["examples"], machine.FOUND["steps"]
    print(f"seed {arguments.seed}: {examples} examples, {steps} steps, {time.monotonic() - begun:.0f} s")
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
