"""How help is written, and what is said of a wrong command line: in dhcpfo's words instead of typer's."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from .options import LOOK, SHARED

__all__ = ["Command", "Group", "argument_name", "wrong"]

ORDER = ("Arguments", "Options", *dict.fromkeys(one.panel for one in SHARED))

LIMITS = {
    "greater than or equal to": "at least",
    "greater than": "more than",
    "less than or equal to": "at most",
    "less than": "less than",
}
LIMIT = re.compile(rf"should be ({'|'.join(LIMITS)}) ([0-9.-]+)")
RANGE = re.compile(r"not in the range (?:(-?[0-9]+)<=)?x(?:([<>])=(-?[0-9]+))?")
KIND = re.compile(r"valid (int|number|float)")
"""The words of typer from 0.29 on, and those of 0.28."""

SENTENCE = re.compile(r"\.(?=\s|$)")


def argument_name(parameter: Any) -> str:
    """Return the name of an argument, as in ``SCOPE``."""
    return str(parameter.metavar or parameter.name).strip("[].").replace("_", "-").upper()


def shown_argument(parameter: Any) -> str:
    """Return an argument as a usage line has it: ``NAME``, ``SCOPE...`` or ``[SCOPE...]``."""
    name = argument_name(parameter) + ("" if parameter.nargs == 1 else "...")
    return name if parameter.required else f"[{name}]"


class Command(TyperCommand):
    """A command that shows its options in groups, without rich: help must be quick."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return what follows the name in the usage line: arguments first, because they are what people look for."""
        arguments = [one for one in self.get_params(ctx) if one.param_type_name == "argument"]
        return [*map(shown_argument, arguments), "[OPTIONS]"]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and options in groups."""
        panels: dict[str, list[tuple[str, str]]] = {name: [] for name in ORDER}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is None:
                continue
            if parameter.param_type_name == "argument":
                text = re.sub(r" *\[required\]$", "", record[1])
                panels["Arguments"].append((shown_argument(parameter), text))
                continue
            panel = getattr(parameter, "rich_help_panel", None) or "Options"
            name = re.sub(r"<[^>]*>", "N", record[0])  # a number: other types have a name of what they stand for
            panels.setdefault(LOOK if "--help" in name else panel, []).append((name, record[1]))
        for name, records in panels.items():
            if records:
                with formatter.section(name):
                    formatter.write_dl(records)


class Group(TyperGroup):
    """A command with commands below it, each shown with its whole first sentence."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return what follows the name in the usage line."""
        return ["COMMAND", "[ARGUMENTS]", "[OPTIONS]"]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands."""
        rows = []
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is not None and not command.hidden:
                text = " ".join((command.short_help or command.help or "").split("\n\n")[0].split())
                rows.append((name, SENTENCE.split(text)[0]))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def wrong(
    error: typer.TyperException, arguments: Sequence[str], flags: Sequence[str], below: Mapping[str, Sequence[str]]
) -> str:
    """Return what is wrong with a command line.

    Args:
        error: What typer raised.
        arguments: The command line.
        flags: All options of the command.
        below: The commands of each group.
    """
    kind = type(error).__name__
    told: Any = error
    text = str(error.format_message() if hasattr(error, "format_message") else error)
    path = told.ctx.command_path if getattr(told, "ctx", None) is not None else "dhcpfo"
    if kind == "MissingParameter":
        return f"{_name(told.param)} is required"
    if kind == "NoSuchOption" and isinstance(getattr(told.ctx, "command", None), TyperGroup) and _shared(told):
        return f"{path} needs a command"
    if kind == "NoSuchOption" and told.option_name in ("-f", "--file") and path.split()[-1] in ("plan", "apply"):
        return f"{path} takes the file without {told.option_name}"
    if kind == "NoSuchOption":
        return _unknown_option(told, arguments, flags)
    if kind == "BadParameter":
        return _bad_value(told, text, arguments)
    if found := re.fullmatch(r"No such command '(.*?)'\.(?: Did you mean (.*)\?)?", text, re.DOTALL):
        inside = [f"{group} {found[1]}" for group, words in below.items() if found[1] in words and path == "dhcpfo"]
        near = " or ".join(inside) or (found[2] or "").replace("'", "").replace(", ", " or ")
        return f"unknown command {found[1]}" + (f"; did you mean {near}?" if near else "")
    if found := re.fullmatch(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", text, re.DOTALL):
        if path.endswith("rotate-secret"):  # it may be a secret
            return "unexpected argument behind the name"
        if re.search(r"\.(ya?ml|lab)$", found[1]):
            return f"unexpected argument {found[1]}: {'-f' if found[1].endswith('ml') else '--lab'} names such a file"
        return f"unexpected argument{'s' if ' ' in found[1] else ''} {found[1]}"
    if found := re.fullmatch(r"Option '(.*?)' requires an argument\.", text):
        return f"{found[1]} needs a value"
    return text


def _shared(error: Any) -> bool:
    return any(error.option_name in one.flags for one in SHARED)


def _name(parameter: Any) -> str:
    if parameter is None:
        return "an argument"
    return argument_name(parameter) if parameter.param_type_name == "argument" else _longest(parameter.opts)


def _longest(flags: Sequence[str]) -> str:
    return max(flags, key=len)


def _unknown_option(error: Any, arguments: Sequence[str], flags: Sequence[str]) -> str:
    name = str(error.option_name)
    near = [one for one in get_close_matches(name, flags, 2, 0.7) if one != "--help"]
    if re.fullmatch(r"-\w", name):  # as in -json, of which typer names only -j
        whole = next((one for one in arguments if one.startswith(name) and not one.startswith("--")), name)
        name = whole.partition("=")[0] if f"-{whole.partition('=')[0]}" in flags else name
        near = [f"-{name}"] if f"-{name}" in flags else near
    name = name.encode("unicode_escape").decode("ascii") if not name.isprintable() else name
    return f"unknown option {name}" + (f"; did you mean {' or '.join(sorted(near))}?" if near else "")


def _bad_value(error: Any, text: str, arguments: Sequence[str]) -> str:
    name = _name(error.param)
    got = _value(error.param, arguments)
    told = "" if got is None else f", got {got}"
    if limit := LIMIT.search(text):
        return f"{name} must be {LIMITS[limit[1]]} {limit[2]}{told}"
    if found := RANGE.search(text):
        least = found[1] or (found[3] if found[2] == ">" else None)
        most = found[3] if found[2] == "<" else None
        limits = (
            f"between {least} and {most}" if least and most else f"at least {least}" if least else f"at most {most}"
        )
        return f"{name} must be {limits}{told}"
    if found := KIND.search(text):
        return f"{name} must be a {'whole number' if found[1] == 'int' else 'number'}{told}"
    return f"{name}: {text.partition(': ')[2] or text}"


def _value(parameter: Any, arguments: Sequence[str]) -> str | None:
    """Return the value of an option on a command line, or None."""
    flags = getattr(parameter, "opts", ())
    for at, argument in enumerate(arguments):
        option, equals, value = argument.partition("=")
        if option in flags:
            return value if equals else next(iter(arguments[at + 1 :]), None)
    return None
