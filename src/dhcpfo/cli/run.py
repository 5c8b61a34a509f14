"""`Run`: what a command works with while it runs, and what becomes of its errors."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

from . import exits
from .named import Named, some
from .options import Options
from .output import Cell, Output, failure_for_programs, print_text, silence_stdout
from .problems import Explained, Problem, brief, explain, explain_unread
from .prompts import confirm, read_secret
from .streams import LostOutput, lost
from .targets import Target, Targets

if TYPE_CHECKING:
    from ..fleet.pair_look import ReadError
    from ..server import Server
    from ..simulator import Lab
    from .log import Log

__all__ = ["Run", "running"]

Value = TypeVar("Value")

TIME_LIMIT = 60.0
"""Seconds for a look at one pair, unless ``--time-limit`` says otherwise."""


GRACE = 0.5
"""Seconds beyond the limit, for a look that keeps the limit itself."""


class Run:
    """One run of a command: its options, its servers, its output and its exit code.

    Args:
        command: The command's name, such as ``relationship list``.
        options: The shared options.

    Attributes:
        interrupted: Whether Ctrl-C ended what was done with many pairs.
    """

    def __init__(self, command: str, options: Options) -> None:
        self.command = command
        self.options = options
        self.out = Output(command, options.format, quiet=options.quiet)
        self.targets = Targets(options, self._password)
        self.interrupted = False
        self._codes: list[int] = []
        self._hints: set[str] = set()

    # Servers

    @property
    def lab(self) -> "Lab | None":
        """The lab of ``--lab``, or None."""
        return self.targets.lab

    def servers(self) -> "list[Server]":
        """Return the servers that the options name; those of a pair, if they name pairs."""
        return self.targets.servers()

    def pairs(self) -> list[Target]:
        """Return the pairs that the options name."""
        return [self.targets.open(named) for named in self.targets.named()]

    def partners(self) -> dict[str, list[str]]:
        """Return the partners of each of `servers`; servers of ``-s`` are each other's."""
        return self.targets.partners()

    def pair(self) -> Target:
        """Return the one pair that the options name.

        Raises:
            Problem: They name several.
        """
        named: list[Named] = self.targets.named()
        if len(named) > 1:
            names = some([" and ".join(one.servers) if "," in one.name else one.name for one in named], "; ")
            text = f"this command works on one pair, and the options name {len(named)}: {names}"
            raise Problem(text, hint=self.how_to_choose)
        return self.targets.open(named[0])

    @property
    def how_to_choose(self) -> str:
        """What to do if the options name several pairs."""
        return "name it with --only" if self.options.file is not None else "name it with --pair A,B"

    @cached_property
    def log(self) -> "Log":
        """The log of ``--log``; it is opened when it is first used."""
        from .log import Log

        return Log(self.options.log, self.warn)

    def ask(
        self, function: "Callable[[Server], Value]", servers: "Sequence[Server] | None" = None
    ) -> "Iterator[tuple[Server, Value]]":
        """Call a function for each server, or for some, all at once, and yield what it returned in their order.

        Errors are recorded, those of servers that do not answer within ``--time-limit`` among them.
        """
        import time

        from ..fleet.together import together

        limit = self.options.time_limit
        seconds = TIME_LIMIT if limit is None else limit.total_seconds()
        servers = self.servers() if servers is None else servers
        calls = {server.name: {server.name: partial(function, server)} for server in servers}
        found = together(calls, 1, time.monotonic() + seconds)
        for server in servers:
            value: Any = found.get(server.name)
            if server.name not in found:
                where = server.name or "this machine"
                self.problem(Problem(f"{where}: no answer within {seconds:g} s", exits.UNKNOWN))
            elif isinstance(value, OSError):
                self.problem(value)
            else:
                yield server, value

    def _password(self, user: str) -> Any:
        return read_secret(self.options.password_from or "prompt", f"password of {user}")

    # Output

    def result(self, record: Mapping[str, Any]) -> None:
        """Keep a result for JSON and CSV: names in snake_case, values that JSON has, times ISO, durations seconds."""
        self.out.record("result", dict(record))

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[Cell]], spare: Sequence[str] = ()) -> None:
        """Print a table for people; a narrow terminal leaves ``spare`` columns out. Other formats have the results."""
        self.out.table(columns, rows, spare)

    def say(self, text: str = "") -> None:
        """Print a line for people."""
        self.out.say(text)

    def give(self, text: str) -> None:
        """Print what the command was asked for, such as a file: also with ``-q``."""
        self.out.give(text)

    def detail(self, text: str) -> None:
        """Print a line that ``-v`` shows."""
        if self.options.verbose:
            self.out.say(text)

    def warn(self, text: str) -> None:
        """Print a warning on the error output."""
        if self.out.format in ("table", "csv"):
            print_text(f"dhcpfo: {text}", error=True)

    def worst(self, code: int) -> None:
        """Raise the exit code to this one, if it is worse."""
        self._codes.append(code)

    def forget(self, code: int) -> None:
        """Take an exit code back: what it stood for is being done."""
        self._codes = [one for one in self._codes if one != code]

    @property
    def exit(self) -> int:
        """The exit code so far."""
        return exits.worst(self._codes)

    def problem(self, error: BaseException, *, pair: str | None = None, changing: bool = False) -> None:
        """Record an error or something unknown, print it, and go on."""
        self.tell(explain(error, changing=changing), pair)
        if os.environ.get("DHCPFO_TRACEBACK"):
            import traceback

            traceback.print_exception(error)

    def unread(self, error: "ReadError", *, pair: str | None = None) -> None:
        """Record something that `dhcpfo.fleet.look.read_pair` could not read, and print it."""
        self.tell(explain_unread(error), pair)

    def tell(self, told: Explained, pair: str | None, *, silent: bool = False) -> None:
        """Record an error, and print it unless ``silent``."""
        data = told.data if pair is None else {"pair": pair, **told.data}
        self.out.record("unknown" if told.unknown else "error", data)
        self.worst(told.exit)
        if self.out.format in ("table", "csv") and not silent:
            where = f"{pair}: " if pair is not None else ""
            more = told.more if self.options.verbose else ""
            lines = [f"dhcpfo: {where}{brief(told.text) if more or not self.options.verbose else told.text}"]
            lines += [f"   {more}"] if more else []
            general = told.hint.replace(str(told.data.get("server")), "") if told.data.get("server") else told.hint
            if told.hint and general not in self._hints:
                lines += [f"   try: {told.hint}"]
            self._hints.add(general)  # said once, not for each of a hundred servers
            print_text("\n".join(lines), error=True)

    @contextmanager
    def attempt(self, pair: str | None = None) -> Iterator[None]:
        """Record an error of what is done inside, and go on behind it."""
        from ..errors import DhcpError
        from ..pair import PairFailure

        try:
            yield
        except (DhcpError, PairFailure, Problem) as error:
            self.problem(error, pair=pair)

    # Questions

    def confirm(self, question: str, *, typed: str | None = None) -> None:
        """Ask before a change; see `prompts.confirm`."""
        confirm(question, yes=self.options.yes, typed=typed)

    def secret(self, reference: str, what: str) -> Any:
        """Return the secret that a reference on the command line stands for; see `prompts.read_secret`."""
        return read_secret(reference, what)


def running(command: str, given: Mapping[str, Any], function: Callable[[Run], None]) -> int:
    """Run a command and return its exit code.

    Args:
        command: The command's name.
        given: The shared options as typer read them.
        function: The command.
    """
    try:
        options = Options.read(given)
    except Problem as error:
        lines = bool(given.get("json_lines")) or given.get("output") == "json-lines"
        if lines or given.get("json") or given.get("output") == "json":
            failure_for_programs(command, str(error), error.exit, error.hint, lines=lines)
        else:
            print_text(f"dhcpfo: {error}" + (f"\n   try: {error.hint}" if error.hint else ""), error=True)
        return error.exit
    run = Run(command, options)
    changing = "dry_run" in given and not options.dry_run
    try:
        function(run)
    except (BrokenPipeError, LostOutput) as error:
        if changing:  # what would be changed could not be shown, so nothing was sent
            run.worst(exits.FAILED)
        return closed_pipe(run, error)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  no traceback may reach a user
        if not (run.interrupted and isinstance(error, KeyboardInterrupt)):  # said already
            run.problem(error)
    finally:
        run.targets.close()
        if "log" in vars(run):
            run.log.close()
    code = run.exit
    try:
        run.out.finish(code)
    except (BrokenPipeError, LostOutput) as error:
        return closed_pipe(run, error)
    if (text := lost()) is not None:
        print_text(f"dhcpfo: {text}; what was done is done", error=True)
        silence_stdout()
    sys.stderr.flush()
    return code


def closed_pipe(run: Run, error: BrokenPipeError | LostOutput) -> int:
    """End a command if its output cannot be written, or if who reads it has enough of it, as `head` does."""
    if isinstance(error, LostOutput):
        print_text(f"dhcpfo: {error}", error=True)
        run.worst(exits.FAILED)
    silence_stdout()
    return run.exit
