"""``dhcpfo check``: a plugin for Nagios and its kin. It starts at once: neither typer nor rich is imported."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from ..options import Options, add_to_parser, from_namespace
from ..problems import Problem
from ..streams import LostOutput
from ..targets import Targets

if TYPE_CHECKING:
    from ...fleet.look import PairLook

__all__ = ["main"]

TIME_LIMIT = timedelta(seconds=10)
"""As the guidelines for plugins have it."""

WIDTH = 110
"""Of the help, in characters. Without it argparse imports shutil for each option."""

DESCRIPTION = """\
Check failover pairs as a plugin for Nagios, Icinga, Checkmk and others.

Critical: a server is in PARTNER_DOWN, COMMUNICATION_INTERRUPTED or another state that does not pass by itself, or has
no copy of a relationship. Warning: a server is on the way to NORMAL, or the two copies differ. Unknown: a server could
not be read, and the other one is NORMAL. Clocks and free addresses have limits.
"""

EPILOG = """\
Exit codes: 0 ok, 1 warning, 2 critical, 3 unknown, also for a wrong option.

Examples:
  dhcpfo check --pair dhcp1,dhcp2
  dhcpfo check -s dhcp1 -s dhcp2 --relationship hq-branch --free-warning 15 -t 20
"""


def main(argv: Sequence[str]) -> int:
    """Run the check and return the plugin's exit code."""
    from ...fleet.monitor.check import UNKNOWN, one_line

    try:
        given = parser().parse_args(list(argv))
        if given.version:
            from importlib.metadata import version

            sys.stdout.write(f"dhcpfo {version('dhcpfo')}\n")
            return 0
        options = from_namespace(given)
        code, text = run(options, given)
    except SystemExit:  # argparse's, for --help
        return 0
    except Problem as problem:
        code, text = UNKNOWN, f"DHCPFO UNKNOWN - {one_line(str(problem))}"
    except Exception as error:  # noqa: BLE001  a monitor would take the 1 of a traceback for a warning
        code, text = UNKNOWN, f"DHCPFO UNKNOWN - {one_line(told(error))}"
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except LostOutput as error:
        error.code = UNKNOWN
        raise
    return code


def told(error: Exception) -> str:
    """Return an error in words."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    expected = isinstance(error, OSError | ValueError | ImportError)
    return str(error) if expected and str(error) else f"unexpected {type(error).__name__}: {error}"


def parser() -> ArgumentParser:
    """Return the parser of the command line."""
    from argparse import RawDescriptionHelpFormatter

    class Parser(ArgumentParser):
        def error(self, message: str) -> NoReturn:
            raise Problem(message)  # on the standard output: monitors read no other

    made = Parser(
        prog="dhcpfo check",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=lambda prog: RawDescriptionHelpFormatter(prog, width=WIDTH),
        allow_abbrev=False,
    )
    add_to_parser(made, output=False)
    made.add_argument(
        "-t", "--timeout", dest="time_limit", metavar="TIME", help="The same as --time-limit; 10s by default."
    )
    made.add_argument(
        "-r",
        "--relationship",
        action="append",
        default=[],
        metavar="NAME",
        help="Check this one, which must exist; repeatable.",
    )
    made.add_argument(
        "--free-warning",
        type=percent,
        default=10.0,
        metavar="PERCENT",
        help="Free addresses of a scope; 10 by default.",
    )
    made.add_argument(
        "--free-critical", type=percent, default=4.0, metavar="PERCENT", help="Free addresses of a scope; 4 by default."
    )
    made.add_argument(
        "--clock-warning", type=seconds, metavar="SECONDS", help="Difference of the clocks; 30 by default."
    )
    made.add_argument(
        "--clock-critical", type=seconds, metavar="SECONDS", help="Difference of the clocks; 55 by default."
    )
    made.add_argument("-V", "--version", action="store_true", help="Print the version.")
    made.add_argument("-v", "--verbose", action="store_true", help="More: the function of errors.")
    made.add_argument(
        "--no-scopes", action="store_true", help="Do not ask for free addresses: one call less to each server."
    )
    return made


def percent(text: str) -> float:
    """Read a percentage."""
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise ArgumentTypeError(f"must be between 0 and 100, got {text}")
    return value


def seconds(text: str) -> timedelta:
    """Read a number of seconds."""
    try:
        value = float(text.removesuffix("s"))
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1_000_000:
        raise ArgumentTypeError(f"must be a number of seconds, got {text}")
    return timedelta(seconds=value)


def run(options: Options, given: Any) -> tuple[int, str]:
    """Read the pairs and return the exit code and the output."""
    from ...fleet.monitor.check import Limits, check

    targets = Targets(options, password_of(options))
    try:
        looks = read(targets, options, statistics=not given.no_scopes)
    finally:
        targets.close()
    limits = Limits(given.free_warning, given.free_critical, given.clock_warning, given.clock_critical)
    outcome = check(looks, limits, given.relationship, functions=given.verbose)
    return outcome.status, str(outcome)


def password_of(options: Options) -> Any:
    """Return the function that reads the password; it is called for ``--user`` only."""

    def read_password(user: str) -> Any:
        from ..prompts import read_secret

        return read_secret(options.password_from or "prompt", f"password of {user}")

    return read_password


def read(targets: Targets, options: Options, *, statistics: bool) -> "list[PairLook]":
    """Read the pairs without `dhcpfo.FailoverPair`, which takes longer to import than all of this."""
    from ...fleet.look import Servers
    from ...fleet.reading import read_pairs

    pairs = {}
    for named in targets.named():
        one, other = (targets.server(name) for name in named.servers)
        pairs[named.name] = Servers(one, other)
        if targets.lab is not None:
            from ...simulator.connect import LabClock

            pairs[named.name] = Servers(one, other, clock=LabClock(targets.lab))
    limit = options.time_limit or TIME_LIMIT
    return read_pairs(pairs, at_once=options.parallel, statistics=statistics, time_limit=limit)
