"""All commands as one tree for typer, each imported when it is looked at."""

import inspect
import os
import re
import sys
from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any, Literal

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from . import exits
from .command import SETTINGS, parameter
from .options import LOOK, SHARED, Shared, wanted_form
from .output import failure_for_programs, print_text
from .plain import run_plain
from .streams import LostOutput
from .table import COMMANDS, PLAIN, load, load_parser
from .usage import wrong

__all__ = ["run", "whole"]

HABITS = {
    "-whatif": ["--dry-run"],
    "-confirm:$false": ["--yes"],
    "-force": ["--force"],
    "-computername": ["--server"],
    "-throttlelimit": ["--parallel"],
    "-reservepercent": ["--reserve"],
    "-stateswitchinterval": ["--switch"],
    "-maxclientleadtime": ["--mclt"],
    "-loadbalancepercent": ["--share"],
    "-verbose": ["--verbose"],
}
"""Parameters of PowerShell's DhcpServer module, and what they are here."""


INSTEAD = {
    "-name": "the name stands alone: dhcpfo relationship show NAME",
    "-scopeid": "scopes stand alone, behind the name: dhcpfo relationship create NAME SCOPE",
    "-partnerserver": "--pair A,B names both servers",
    "-cimsession": "-s SERVER, or --pair A,B",
    "-mode": "--mode load-balance or hot-standby; --share or --reserve alone say it, too",
    "-serverrole": "the first server of --pair is the primary, which is the active one in hot standby",
    "-autostatetransition": "--switch TIME turns it on, --switch never turns it off",
    "-sharedsecret": "--secret env:NAME or file:PATH; dhcpfo rotate-secret changes it",
    "-partnerdown": "dhcpfo partner-down NAME --survivor SERVER",
    "-asjob": "--parallel N says how many pairs are called at once",
}
"""Parameters of PowerShell's module that are something else here."""


class Lazy(MutableMapping[str, Any]):
    """The commands by name; looking one up imports it."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            if name in PLAIN:
                self._loaded[name] = plain_command(name)
            else:
                app = load(name)  # raises KeyError for an unknown name
                single = [one.name for one in app.registered_commands] == [name]
                command: Any = get_command(app) if single else get_group(app)
                command.short_help = COMMANDS[name]
                self._loaded[name] = command
            self._loaded[name].name = name
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        self._loaded.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class Tree(TyperGroup):
    """The whole program."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the options that may stand before the command, while a shell asks for them."""
        found: list[Any] = list(super().get_params(ctx))
        return [*found, *as_options(SHARED)] if ctx.resilient_parsing else found

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the commands; imports none."""
        return list(COMMANDS)


class Plain(TyperCommand):
    """A stand-in for a command that parses its own arguments, for lists and completion."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the options of its parser while a shell asks for them; otherwise it takes everything."""
        found: list[Any] = list(super().get_params(ctx))
        return [*found, *options_of(str(self.name))] if ctx.resilient_parsing else found


def plain_command(name: str) -> Any:
    """Return a stand-in for a command that parses its own arguments."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    settings = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}

    @app.command(name, cls=Plain, help=COMMANDS[name], context_settings=settings)
    def command(context: typer.Context) -> int:
        return run_plain(name, context.args)

    return get_command(app)


def options_of(name: str) -> list[Any]:
    """Return the options of a command that parses its own arguments, as typer has options."""
    found = []
    for at, action in enumerate(load_parser(name)._actions):  # argparse tells them nowhere else
        kind: Literal["flag", "texts"] = "flag" if action.nargs == 0 else "texts"
        found.append(Shared(f"option_{at}", tuple(action.option_strings), action.help or "", LOOK, kind))
    return as_options(found)


def as_options(shared: Iterable[Shared]) -> list[Any]:
    """Return options as typer has them."""

    def command(**given: Any) -> None: ...

    parameters = [parameter(one) for one in shared]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command()(command)
    return list(get_command(app).params)


def whole() -> Tree:
    """Return the tree of all commands."""
    return Tree(
        name="dhcpfo",
        help="Look at Windows DHCPv4 failover pairs, change both servers as one, and watch a fleet of them.",
        commands=Lazy(),  # type: ignore[arg-type]
        rich_markup_mode=None,
        no_args_is_help=True,
        context_settings=SETTINGS,
    )


def run(arguments: list[str]) -> int:
    """Run a command line and return its exit code."""
    said = [word for argument in arguments for word in HABITS.get(argument.lower(), [argument])]
    try:
        code = whole().main(args=said, prog_name="dhcpfo", standalone_mode=False)
    except typer.Abort:
        return exits.INTERRUPTED
    except SystemExit as end:  # typer's, for a closed pipe and completion
        return end.code if isinstance(end.code, int) else exits.DONE
    except typer.TyperException as error:
        return usage(error, said)
    except (BrokenPipeError, LostOutput):
        raise
    except Exception as error:
        if os.environ.get("DHCPFO_TRACEBACK"):
            raise
        print_text(f"dhcpfo: unexpected {type(error).__name__}: {error}", error=True)
        return exits.FAILED
    return code if isinstance(code, int) else exits.DONE


LISTED = re.compile(r": ([a-z]+(?:, [a-z]+)*)$")
BELOW = {name: found[1].split(", ") for name, text in COMMANDS.items() if (found := LISTED.search(text))}
"""The commands of each group, as the overview lists them."""


def usage(error: typer.TyperException, arguments: list[str]) -> int:
    """Say what is wrong with a command line."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "dhcpfo"
    form = wanted_form(arguments)
    if type(error).__name__ == "NoArgsIsHelpError":
        if form is None:
            sys.stderr.write(f"{error.format_message()}\n" if hasattr(error, "format_message") else "")
            return exits.USAGE
        text = f"{path} needs a command"
    else:
        text = wrong(error, arguments, flags_of(context), BELOW)
    habit = next((argument.partition(":")[0].lower() for argument in arguments if is_habit(argument)), "")
    hint = INSTEAD.get(habit, f"{path} --help")
    if form is not None:
        failure_for_programs(path.removeprefix("dhcpfo").strip(), text, exits.USAGE, hint, lines=form == "json-lines")
    else:
        print_text(f"dhcpfo: {text}\n   try: {hint}", error=True)
    return exits.USAGE


def flags_of(context: Any) -> list[str]:
    """Return the options of a command."""
    if context is None:
        return []
    return [flag for one in context.command.get_params(context) for flag in one.opts]


def is_habit(argument: str) -> bool:
    """Whether an argument is a parameter of PowerShell that is something else here."""
    return argument.partition(":")[0].lower() in INSTEAD
