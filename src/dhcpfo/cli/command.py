"""`add`: makes a function a command, with the options that commands share."""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer

from .options import Shared, chosen
from .run import running
from .usage import Command, Group
from .values import words

__all__ = ["add", "group"]

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 120}


def group(name: str, text: str) -> typer.Typer:
    """Return an application for the commands of a module.

    Args:
        name: The name on the command line.
        text: One sentence of help; as in `table.COMMANDS`.
    """
    return typer.Typer(
        name=name,
        cls=Group,
        help=text,
        add_completion=False,
        rich_markup_mode=None,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings=SETTINGS,
    )


def add(
    app: typer.Typer,
    name: str | None = None,
    *,
    servers: bool = True,
    changes: bool = False,
    also: Iterable[str] = (),
    leave: Iterable[str] = (),
    examples: Iterable[str] = (),
    hidden: bool = False,
) -> Callable[[Callable[..., None]], Callable[..., int]]:
    """Make the decorated function a command: its first parameter is a `Run`, the others are options and arguments.

    Args:
        app: The application that `group` returned.
        name: The command's name in a group of several commands; None if it is the module's only one.
        servers: Whether it has options that say which servers.
        changes: Whether it has options for changes.
        also: ``"keep"``, ``"wait"``, ``"log"`` and ``"only_failed"``, if it has these options, too.
        leave: The names of shared options that it does not have.
        examples: Command lines for the help.
        hidden: Leave it out of the help.
    """
    without = set(leave)
    shared = [one for one in chosen(servers=servers, changes=changes, also=also) if one.name not in without]
    path = " ".join(filter(None, (str(app.info.name), name)))

    def decorate(function: Callable[..., None]) -> Callable[..., int]:
        _run, *own = inspect.signature(function, eval_str=True).parameters.values()

        @functools.wraps(function)
        def command(**given: Any) -> int:
            values = {one.name: given.pop(one.name) for one in shared}
            return running(path, values, lambda run: function(run, **given))

        taken = {flag for one in own for flag in flags_of(one)}
        parameters = [*own, *(parameter(one, taken) for one in shared)]
        command.__signature__ = inspect.Signature(parameters, return_annotation=int)  # type: ignore[attr-defined]
        command.__annotations__ = {one.name: one.annotation for one in parameters}
        app.command(
            name or str(app.info.name),
            cls=Command,
            context_settings=SETTINGS,
            epilog=epilog(examples),
            hidden=hidden,
        )(command)
        return command

    return decorate


def flags_of(own: inspect.Parameter) -> tuple[str, ...]:
    """Return the flags of a command's own option."""
    told = getattr(own.annotation, "__metadata__", ())
    return tuple(flag for one in told for flag in getattr(one, "param_decls", None) or ())


def parameter(one: Shared, taken: Iterable[str] = ()) -> inspect.Parameter:
    """Return a shared option as typer reads it, without flags that the command's own options have."""
    told: dict[str, Any] = {"help": one.help, "rich_help_panel": one.panel, "hidden": one.hidden}
    if one.metavar is not None:
        told["metavar"] = one.metavar
    if one.choices:
        told["autocompletion"] = words(one.choices)
    kinds: dict[str, tuple[Any, Any]] = {
        "flag": (bool, False),
        "count": (int, 0),
        "text": (str | None, None),
        "texts": (list[str] | None, None),
    }
    kind, default = kinds[one.kind]
    flags = [flag for flag in one.flags if flag not in set(taken)]
    if one.kind == "count":
        told["count"] = True
    return inspect.Parameter(
        one.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[kind, typer.Option(*flags, show_default=False, **told)],
    )


def epilog(examples: Iterable[str]) -> str | None:
    """Return examples as the last part of a help text, which keeps its lines."""
    lines = [f"  {example}" for example in examples]
    return "\n".join(["\b", "Examples:", *lines]) if lines else None
