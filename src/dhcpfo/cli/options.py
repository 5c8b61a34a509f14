"""The options that commands share: once as data, for typer and for argparse."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, fields
from datetime import timedelta
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from ..models.base import Record, record
from .problems import Problem
from .values import duration

__all__ = [
    "CHANGE",
    "LOOK",
    "SERVERS",
    "SHARED",
    "Options",
    "Shared",
    "add_to_parser",
    "from_namespace",
    "options_last",
    "wanted_form",
]

Format = Literal["table", "json", "json-lines", "csv"]
FORMATS: tuple[Format, ...] = ("table", "json", "json-lines", "csv")

SERVERS, LOOK, CHANGE = "Which servers", "Output", "Changes"
"""The groups of options, as the help shows them."""


class Shared(NamedTuple):
    """One shared option.

    Attributes:
        name: The parameter's name.
        flags: How it is written.
        help: What it does.
        panel: Its group.
        kind: ``"text"``, ``"texts"`` (repeatable), ``"flag"`` or ``"count"``.
        metavar: What stands for its value in the help.
        hidden: Whether the help leaves it out.
        choices: The words that it takes, for completion in a shell.
    """

    name: str
    flags: tuple[str, ...]
    help: str
    panel: str
    kind: Literal["text", "texts", "flag", "count"] = "text"
    metavar: str | None = None
    hidden: bool = False
    choices: tuple[str, ...] = ()


GUARDS = {
    "delete-scopes": "the copies of scopes on the server that does not keep them are deleted, with their leases",
    "delete-not-normal": "the keeper may not know all leases of the other server",
    "partner-comes-back": "a server that is not told still serves when it comes back",
    "partner-down-state": "partner down from another state than COMMUNICATION_INTERRUPTED",
    "partner-down-unreachable": "the partner may still serve: it only does not answer from here",
    "partner-down-without-half": "the partner has no such relationship, and its scopes may be enabled",
    "rotate-short-interval": "the servers may turn PARTNER_DOWN while the secrets differ",
    "both-serve": "a scope is enabled on both servers outside failover",
    "delete-relationship": "a relationship is deleted because a file says so",
    "delete-classes": "a class goes with all its option values and policies, or an option definition",
    "many-deletes": "many entries would be deleted at once",
    "many-changes": "many entries would be changed at once",
    "empty": "a file wants no scopes where there are some",
    "roles-swap": "primary and secondary would change places",
}
"""The guards and what they warn of."""

SHARED: tuple[Shared, ...] = (
    Shared("servers", ("-s", "--server"), "A server; repeatable.", SERVERS, "texts", "SERVER"),
    Shared("pair", ("--pair",), "Two servers as a failover pair; repeatable.", SERVERS, "texts", "A,B"),
    Shared("file", ("-f", "--file"), "A file that describes a fleet.", SERVERS, "texts", "FILE"),
    Shared("only", ("--only",), "Pairs of the file with such names, as in 'branch-*'.", SERVERS, "texts", "PATTERN"),
    Shared("lab", ("--lab",), "Take the servers from a lab in this file.", SERVERS, "texts", "FILE"),
    Shared("only_failed", ("--only-failed",), "Pairs that failed in this log of a run.", SERVERS, metavar="FILE"),
    Shared("user", ("--user",), "Log on as this user; Kerberos tickets by default.", SERVERS, metavar="USER"),
    Shared(
        "password_from",
        ("--password-from",),
        "Where the password is: prompt (default), env:NAME, file:PATH or keyring:SERVICE/USER.",
        SERVERS,
        metavar="REFERENCE",
    ),
    Shared("parallel", ("--parallel",), "The most pairs at once; 32 by default.", SERVERS, metavar="N"),
    Shared("time_limit", ("--time-limit",), "Time for each pair, such as 60s.", SERVERS, metavar="TIME"),
    Shared("json", ("--json",), "One JSON object.", LOOK, "flag"),
    Shared("json_lines", ("--json-lines",), "A JSON object on each line, as things happen.", LOOK, "flag"),
    Shared("output", ("--output", "-o"), "table, json, json-lines or csv.", LOOK, metavar="FORMAT", choices=FORMATS),
    Shared("log", ("--log",), "Append what happens to each pair to this file, as JSON lines.", LOOK, metavar="FILE"),
    Shared("quiet", ("-q", "--quiet"), "Print errors only.", LOOK, "flag"),
    Shared("verbose", ("-v", "--verbose"), "More: the function, code and server of errors.", LOOK, "count"),
    Shared("dry_run", ("--dry-run",), "Show what would happen and change nothing (-WhatIf).", CHANGE, "flag"),
    Shared("yes", ("--yes", "-y"), "Do not ask (-Confirm:$false).", CHANGE, "flag"),
    Shared(
        "allow",
        ("--allow",),
        "Lift one guard; repeatable (instead of -Force).",
        CHANGE,
        "texts",
        "GUARD",
        choices=tuple(GUARDS),
    ),
    Shared(
        "on_error",
        ("--on-error",),
        "undo (default) or stop, which leaves what is done.",
        CHANGE,
        metavar="WHAT",
        choices=("undo", "stop"),
    ),
    Shared("force", ("--force",), "Print which guards exist.", CHANGE, "flag", hidden=True),
    Shared(
        "keep",
        ("--keep",),
        "The server that keeps the scopes, or both; the first by default.",
        CHANGE,
        metavar="SERVER",
    ),
    Shared(
        "wait",
        ("--wait",),
        "How long to wait for NORMAL afterwards, such as 10m; 0 does not wait.",
        CHANGE,
        metavar="TIME",
    ),
)

EXTRA = frozenset({"keep", "wait", "log", "only_failed"})
"""Options that only some commands have."""


@record(kw_only=True)
class Options(Record):
    """The values of the shared options.

    Attributes:
        servers: Names or addresses of servers.
        pair: Pairs, as the two servers of each.
        file: The path of a fleet's file.
        only: Patterns of names of pairs in it.
        only_failed: The path of a run's log; only pairs that failed in it are taken.
        log: The path of the log to write.
        lab: The path of a lab.
        user: The user that logs on over the network.
        password_from: A reference to the password, never the password.
        format: How output is written.
        quiet: Whether only errors are printed.
        verbose: How often ``-v`` was given.
        parallel: The most pairs at once.
        time_limit: The time for each pair; None is the command's default.
        dry_run: Whether nothing is changed.
        yes: Whether nothing is asked.
        allow: The names of the guards to lift.
        keep: The server that keeps scopes.
        wait: How long to wait for NORMAL; None is the command's default.
        on_error: What becomes of a change that fails.
    """

    servers: tuple[str, ...] = ()
    pair: tuple[tuple[str, str], ...] = ()
    file: str | None = None
    only: tuple[str, ...] = ()
    only_failed: str | None = None
    log: str | None = None
    lab: str | None = None
    user: str | None = None
    password_from: str | None = field(default=None, repr=False)
    format: Format = "table"
    quiet: bool = False
    verbose: int = 0
    parallel: int = 32
    time_limit: timedelta | None = None
    dry_run: bool = False
    yes: bool = False
    allow: tuple[str, ...] = ()
    keep: str | None = None
    wait: timedelta | None = None
    on_error: Literal["undo", "stop"] = "undo"

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> "Options":
        """Return the options that typer or argparse read.

        Raises:
            Problem: A value is wrong.
        """
        values = {name: value for name, value in given.items() if value not in (None, [], ())}
        if values.pop("force", False):
            raise Problem(f"--force lifts nothing: lift each guard by its name. {guards_text()}")
        known = {entry.name for entry in fields(cls)}
        kept: dict[str, Any] = {name: value for name, value in values.items() if name in known}
        kept["format"] = _format(values)
        for name in ("servers", "only", "allow"):
            kept[name] = _listed(values.get(name, ()))
        for name, flag in (("file", "-f"), ("lab", "--lab")):
            if name in values:
                kept[name] = _one(flag, values[name])
        kept["pair"] = tuple(_pair(text) for text in values.get("pair", ()))
        if "parallel" in values:
            kept["parallel"] = _count("--parallel", values["parallel"])
        for name in ("time_limit", "wait"):
            if name in values:
                kept[name] = duration(f"--{name.replace('_', '-')}", values[name])
        if "time_limit" in kept and not kept["time_limit"]:
            raise Problem(f"--time-limit must be more than 0, got {values['time_limit']}")
        _check_together(kept)
        if kept.get("on_error", "undo") not in ("undo", "stop"):
            raise Problem(f"--on-error must be undo or stop, got {kept['on_error']}")
        if unknown := sorted(set(kept["allow"]) - GUARDS.keys()):
            raise Problem(f"unknown guard {', '.join(unknown)}. {guards_text()}")
        return cls(**kept)


def _check_together(kept: Mapping[str, Any]) -> None:
    """Refuse options that mean nothing beside each other, or without another one."""
    if kept.get("servers") and (kept.get("pair") or "file" in kept):
        raise Problem(f"-s cannot go with {'--pair' if kept.get('pair') else '-f'}: choose one")
    if "user" in kept and not kept["user"].strip():
        raise Problem("--user must not be empty")
    if "password_from" in kept and "user" not in kept:
        raise Problem("--password-from needs --user")
    if "user" in kept and "lab" in kept:
        raise Problem("--user cannot go with --lab: simulated servers have no logons")


def guards_text() -> str:
    """Return the guards, for a message."""
    longest = max(map(len, GUARDS))
    return "Guards for --allow:" + "".join(f"\n  {name:<{longest}}  {text}" for name, text in GUARDS.items())


def _format(values: Mapping[str, Any]) -> Format:
    asked = [name for flag, name in (("json", "json"), ("json_lines", "json-lines")) if values.get(flag)]
    asked += [values["output"]] if "output" in values else []
    if len(set(asked)) > 1:
        raise Problem(f"choose one output: {' or '.join(dict.fromkeys(asked))}")
    for known in FORMATS:
        if asked[:1] == [known]:
            return known
    if asked:
        raise Problem(f"--output must be one of {', '.join(FORMATS)}, got {asked[0]}")
    return "table"


def _listed(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())


def _one(flag: str, texts: Sequence[str] | str) -> str:
    if isinstance(texts, str):
        return texts
    if len(texts) > 1:
        hint = "a file that includes the others: include: [a.yaml, b.yaml]" if flag == "-f" else ""
        raise Problem(f"{flag} takes one file, got {' and '.join(texts)}", hint=hint)
    return texts[0]


def _pair(text: str) -> tuple[str, str]:
    names = [part.strip() for part in text.split(",")]
    if len(names) != 2 or not all(names):
        raise Problem(f"--pair must name two servers as A,B, got {text}")
    return names[0], names[1]


def _count(option: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1024:
        raise Problem(f"{option} must be between 1 and 1024, got {text}")
    return int(text)


def chosen(*, servers: bool = True, changes: bool = False, also: Iterable[str] = ()) -> list[Shared]:
    """Return the shared options of a command.

    Args:
        servers: Whether it calls servers.
        changes: Whether it changes something.
        also: Which of `EXTRA` it has.
    """
    extra = set(also)
    panels = {LOOK} | ({SERVERS} if servers else set()) | ({CHANGE} if changes else set())
    return [one for one in SHARED if one.name in extra or (one.panel in panels and one.name not in EXTRA)]


def add_to_parser(parser: ArgumentParser, *, servers: bool = True, output: bool = True) -> None:
    """Add the shared options to a parser of the standard library, for commands that must start at once."""
    for one in chosen(servers=servers):
        if one.panel == LOOK and not output:
            continue
        if one.kind == "flag":
            parser.add_argument(*one.flags, dest=one.name, help=one.help, action="store_true")
        elif one.kind == "count":
            parser.add_argument(*one.flags, dest=one.name, help=one.help, action="count", default=0)
        elif one.kind == "texts":
            parser.add_argument(*one.flags, dest=one.name, help=one.help, action="append", metavar=one.metavar)
        else:
            parser.add_argument(*one.flags, dest=one.name, help=one.help, metavar=one.metavar)


def from_namespace(namespace: Namespace) -> Options:
    """Return the options that a parser with `add_to_parser` read."""
    return Options.read(vars(namespace))


def options_last(arguments: list[str]) -> list[str]:
    """Return a command line with shared options that stand before the command moved behind it."""
    takes = {flag: one.kind in ("text", "texts") for one in SHARED for flag in one.flags}
    at = 0
    while at < len(arguments) and (written := arguments[at].partition("="))[0] in takes:
        at += 2 if takes[written[0]] and not written[1] else 1
    rest = arguments[at:]
    if not rest:
        return arguments
    end = rest.index("--") if "--" in rest else len(rest)
    return [*rest[:end], *arguments[:at], *rest[end:]]


def wanted_form(arguments: list[str]) -> str | None:
    """Return which JSON a command line that is wrong asks for, or None."""
    said = {
        argument.removeprefix("--output=").removeprefix("-o").removeprefix("--")
        for argument in arguments
        if argument.startswith(("--json", "--output=", "-o"))
    }
    said |= {value for option, value in pairwise(arguments) if option in ("-o", "--output")}
    return next((form for form in ("json", "json-lines") if form in said), None)
