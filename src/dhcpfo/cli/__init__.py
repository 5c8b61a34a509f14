"""The command line: ``dhcpfo`` and ``python -m dhcpfo``, and `main` for programs.

Adding a command
================

A command is a function in the module of its group under ``cli/commands``. It is thin: it calls the library and hands
what it got to its `Run`, which prints it as a table, JSON or CSV and keeps the exit code::

    \"\"\"``dhcpfo hello``: ask each server for its version.\"\"\"

    from typing import Annotated

    from typer import Argument

    from ..command import add, group
    from ..run import Run

    app = group("hello", "Ask each server for its version.")


    @add(app, examples=("dhcpfo hello -s dhcp1",))
    def hello(run: Run, name: Annotated[str, Argument(help="Who asks.")] = "me") -> None:
        \"\"\"Ask each server for its version.\"\"\"
        rows = []
        for server in run.servers():
            with run.attempt(server.name):  # an error is recorded and the next server is asked
                version = server.get_version()
                run.result({"server": server.name, "version": str(version)})  # for JSON and CSV
                rows.append([server.name, str(version)])
        run.table(["SERVER", "VERSION"], rows)  # for people

1. Write ``cli/commands/NAME.py``. A group with several commands gives each a name: ``@add(app, "list")``.
2. Add a row to `table.COMMANDS` and a branch to `table.load`. Nothing else is imported until the command runs.
3. Test it in ``tests/cli`` through ``main(argv)`` on a lab in a file: ``main(["hello", "--lab", path, "--json"])``
   returns the exit code. Add a line to ``tests/cli/every_command.py``: from it, tests run each command in terminals,
   with closed streams, and for programs. ``DHCPFO_TERMINAL=program pytest tests/cli/test_cli_every.py`` does the same
   with the installed program and in all kinds of terminals; it takes some minutes.

`add` gives each command the shared options: which servers, what output, how many at once. ``changes=True`` adds those
of commands that change something (``--dry-run``, ``--yes``, ``--allow``, …), and ``servers=False`` leaves out the
servers. `options.SHARED` has them all. A command that must start at once has ``main(argv) -> int`` instead of ``app``,
reads its options with `options.add_to_parser`, and imports neither typer nor rich: see `table.PLAIN`.

What a `Run` has: `Run.pairs`, `Run.servers`, `Run.lab` (what the options name) · `Run.result`, `Run.table`, `Run.say`,
`Run.problem`, `Run.attempt` (output and errors) · `Run.confirm` (changes) · `Run.worst` (exit code) · `Run.log` (what
happens to each pair). `fleets.each` calls a function for many pairs at once.

Errors: raise `problems.Problem` with an exit code, or let an error of the library pass: `problems.explain` makes one
line of it. A traceback never reaches a user.
"""

import os
import sys
from collections.abc import Sequence

from . import exits
from .plain import run_plain
from .streams import LostOutput, guarded
from .table import COMPLETE, PLAIN

__all__ = ["main"]

HELP = ("-h", "--help", "help", "/?")
VERSION = ("--version", "-V")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return the exit code; it never raises and never exits the interpreter.

    Args:
        argv: The arguments, without the program's name; those of the process by default.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    with guarded():
        try:
            code = start(arguments)
            sys.stdout.flush()
        except KeyboardInterrupt:
            return exits.INTERRUPTED
        except BrokenPipeError:
            # Who reads the output has enough of it, as `head` does.
            code = exits.DONE
        except LostOutput as error:
            sys.stderr.write(f"dhcpfo: {error}\n")
            code = error.code
        else:
            return code
        from .output import silence_stdout

        silence_stdout()
        return code


def start(arguments: list[str]) -> int:
    """Run a command line; an interrupt or a closed pipe raises."""
    if os.environ.get(COMPLETE) and has_typer():
        from .completion import answer

        return answer()
    if not arguments or (len(arguments) == 1 and arguments[0] in HELP):
        from .overview import overview

        sys.stdout.write(overview())
        return exits.DONE if arguments else exits.USAGE
    if arguments[0].startswith("-") and arguments[0] not in (*HELP, *VERSION):
        from .options import options_last

        arguments = options_last(arguments)
    if arguments[0] in HELP and len(arguments) > 1:
        arguments = [*arguments[1:], "--help"]
    if arguments[0] in VERSION:
        from importlib.metadata import version

        sys.stdout.write(f"dhcpfo {version('dhcpfo')}\n")
        return exits.DONE
    if arguments[0] in PLAIN:
        return run_plain(arguments[0], arguments[1:])
    if not has_typer():
        return cannot_begin(arguments, "the command line needs its extra: pip install 'dhcpfo[cli]'")
    try:
        from .tree import run
    except (AttributeError, ImportError) as error:  # of another version, or broken
        if os.environ.get("DHCPFO_TRACEBACK"):
            raise
        return cannot_begin(arguments, f"typer cannot be used: {error}; pip install --upgrade 'dhcpfo[cli]'")
    return run(arguments)


def has_typer() -> bool:
    """Whether the package that parses most command lines is installed."""
    from importlib.util import find_spec  # `dhcpfo check` must not wait for it

    return find_spec("typer") is not None


def cannot_begin(arguments: list[str], text: str) -> int:
    """Say what the command line lacks, in the form that was asked for."""
    from .options import wanted_form
    from .output import failure_for_programs

    form = wanted_form(arguments)
    if form is None:
        sys.stderr.write(f"dhcpfo: {text}\n")
    else:
        failure_for_programs("", text, exits.USAGE, lines=form == "json-lines")
    return exits.USAGE
