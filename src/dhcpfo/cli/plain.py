"""Commands that parse their own arguments, to start at once."""

import gc

from . import exits
from .table import load_plain

__all__ = ["run_plain"]

ALLOCATIONS = 100_000
"""Allocations after which the garbage collector looks: what imports make stays, and each look at it takes time."""


def run_plain(name: str, arguments: list[str]) -> int:
    """Run a command that parses its own arguments."""
    thresholds = gc.get_threshold()
    gc.set_threshold(ALLOCATIONS, *thresholds[1:])
    try:
        return load_plain(name)(arguments)
    except SystemExit as end:  # argparse's, with 2 for a wrong argument
        return exits.DONE if end.code in (0, None) else exits.USAGE
    finally:
        gc.set_threshold(*thresholds)
