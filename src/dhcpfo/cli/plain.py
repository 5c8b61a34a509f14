"""Commands that parse their own arguments, to start at once."""

from . import exits
from .table import load_plain

__all__ = ["run_plain"]


def run_plain(name: str, arguments: list[str]) -> int:
    """Run a command that parses its own arguments."""
    try:
        return load_plain(name)(arguments)
    except SystemExit as end:  # argparse's, with 2 for a wrong argument
        return exits.DONE if end.code in (0, None) else exits.USAGE
