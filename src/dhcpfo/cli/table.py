"""The commands: their names, one line of help each, and how to import the one that runs."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer

__all__ = ["COMMANDS", "PLAIN", "SECTIONS", "load", "load_plain"]

SECTIONS: dict[str, dict[str, str]] = {
    "Look": {
        "time": "The servers' clocks, and how far apart they are",
    },
    "Change": {},
    "Desired state": {},
    "Monitor": {},
    "Labs": {
        "lab": "Simulated servers in a file, to try, rehearse and test on",
    },
}
"""The commands by section, in the order of the help, each with one line of help."""

COMMANDS: dict[str, str] = {name: text for section in SECTIONS.values() for name, text in section.items()}

PLAIN: frozenset[str] = frozenset()
"""The commands that start at once: their modules have ``main(argv) -> int`` and import neither typer nor rich."""


def load_plain(name: str) -> Callable[[list[str]], int]:
    """Import a command of `PLAIN` and return its ``main``."""
    raise KeyError(name)


def load(name: str) -> "typer.Typer":  # plain import statements: programs that freeze Python code find no others
    """Import the module of a command and return its application."""
    if name == "time":
        from .commands import time

        return time.app
    if name == "lab":
        from .commands import lab

        return lab.app
    raise KeyError(name)
