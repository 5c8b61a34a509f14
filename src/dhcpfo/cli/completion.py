"""Answers shells that ask how a command line can go on; `commands.completion` has what makes them ask."""

import os
import sys

from . import exits
from .table import COMPLETE

__all__ = ["answer"]


def answer() -> int:
    """Answer a shell that asks how a command line can go on."""
    from typer.completion import completion_init  # type: ignore[attr-defined]

    from .tree import whole

    completion_init()
    try:
        whole().main(args=[], prog_name="dhcpfo", complete_var=COMPLETE, standalone_mode=False)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else exits.DONE
    except Exception:
        if os.environ.get("DHCPFO_TRACEBACK"):
            raise
        sys.stdout.flush()
    return exits.DONE
