"""The text of ``dhcpfo --help``: it is made of the table of commands, and imports nothing else."""

from .exits import MEANING
from .table import SECTIONS

__all__ = ["overview"]

HEAD = """\
Usage: dhcpfo COMMAND [OPTIONS] [ARGUMENTS]

Look at Windows DHCPv4 failover pairs, change both servers as one, and watch a fleet of them.
"""

TAIL = """\
Which servers:  -s SERVER, --pair A,B, -f FILE with --only PATTERN, or --lab FILE for simulated ones
Output:         tables by default; --json, --json-lines, --output csv; -v for more, -q for less
Changes:        --dry-run shows what would happen; --yes answers questions; --allow GUARD lifts one guard

`dhcpfo COMMAND --help` explains a command.
"""


def overview() -> str:
    """Return the help of the whole program."""
    width = max(len(name) for section in SECTIONS.values() for name in section)
    lines = [HEAD]
    for title, commands in SECTIONS.items():
        if commands:
            lines += [f"{title}:", *(f"  {name:<{width}}  {text}" for name, text in commands.items()), ""]
    lines += [TAIL, "Exit codes:", *(f"  {code:>3}  {text}" for code, text in MEANING.items())]
    return "\n".join(lines) + "\n"
