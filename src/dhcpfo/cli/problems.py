"""Errors for people: one line that says what happened, what to do next, and the exit code."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from . import exits

__all__ = ["Explained", "Problem", "brief", "explain", "explain_result", "explain_unread"]

NOT_ALLOWED = (5, 1747)
"""Access denied, and a server that does not take the mechanism of the logon."""


class Problem(Exception):  # noqa: N818  it also says that the answer was no
    """Ends a command with a line of text.

    Attributes:
        exit: The exit code.
        hint: What to do next, if the text does not say it.
    """

    def __init__(self, text: str, exit: int = exits.USAGE, *, hint: str = "") -> None:  # noqa: A002
        super().__init__(text)
        self.exit = exit
        self.hint = hint


class Explained(NamedTuple):
    """An error as the command line shows it.

    Attributes:
        text: What happened, in one line as far as possible.
        hint: What to do next.
        exit: The exit code.
        unknown: Whether it means that nothing is known, rather than that something failed.
        more: What ``-v`` adds.
        data: What JSON output has.
    """

    text: str
    hint: str
    exit: int
    unknown: bool
    more: str
    data: dict[str, Any]


def explain(error: BaseException, *, changing: bool = False) -> Explained:
    """Return an error for people and programs.

    Args:
        error: The error.
        changing: Whether a change was on its way, which may be carried out yet.
    """
    from ..errors import DhcpError, DhcpsapiMissingError

    if isinstance(error, Problem):
        return _explained(str(error), error.hint, error.exit)
    if isinstance(error, DhcpError):
        return _of_server(error, changing=changing)
    if isinstance(error, DhcpsapiMissingError):
        return _explained(str(error), "", exits.USAGE)
    if (found := _of_pair(error)) is not None:
        return found
    if isinstance(error, KeyboardInterrupt):
        return _explained("interrupted", "", exits.INTERRUPTED)
    if isinstance(error, ImportError):
        hint = "" if "pip install" in str(error) else "pip install 'dhcpfo[cli]' installs what the command line needs"
        return _explained(str(error), hint, exits.USAGE)
    if isinstance(error, OSError) and error.filename is not None:
        return _explained(f"{error.filename}: {error.strerror}", "", exits.USAGE)
    if isinstance(error, ValueError | OSError):
        text = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return _explained(text, "", exits.USAGE)
    text = f"unexpected {type(error).__name__}: {error}"
    return _explained(text, "this is a fault of dhcpfo; DHCPFO_TRACEBACK=1 shows where", exits.FAILED)


def _explained(text: str, hint: str, exit_: int, *, unknown: bool = False, more: str = "", **data: Any) -> Explained:
    known = {"message": text, "hint": hint or None, "exit": exit_}
    return Explained(text, hint, exit_, unknown, more, known | data)


DENIED = "you need the group DHCP Users on {0} to read and DHCP Administrators to change; --user logs on as another"
DENIED_CALL = "access denied"
"""How the text begins where the server knows who calls."""
NO_LOGON = "check --user and --password-from, or the ticket that klist shows; docs/rpc.md has the set-up"
SILENT = "is {0} the right name, and does its DHCP Server service run? TCP port 135 and those above 49151 must be open"

NOT_REGISTERED = 1753
STOPPED = "start the DHCP Server service on {0}: Start-Service DHCPServer"


def _silent(code: int | None, server: str | None) -> str:
    return (STOPPED if code == NOT_REGISTERED else SILENT).format(server or "this machine")


def _denied(text: str, server: str | None) -> str:
    return DENIED.format(server or "this machine") if text.startswith(DENIED_CALL) else NO_LOGON


def explain_unread(error: Any) -> Explained:
    """Return a `dhcpfo.fleet.look.ReadError` for people and programs."""
    code = "no answer in time" if error.code is None else str(error.code)
    hint = _denied(error.text, error.server) if error.code in NOT_ALLOWED else _silent(error.code, error.server)
    text = f"{error.server}: {error.text}" + ("" if error.code is None else f" [{code}]")
    data = {key: value for key, value in error.to_dict().items() if key != "text"}
    more = f"{error.function} returned {error.name} ({code}) on {error.server}" if error.function else ""
    return _explained(text, hint, exits.UNKNOWN, unknown=True, more=more, **data)


def brief(text: str) -> str:
    """Return the text of an error of the library with its code only; ``-v`` adds the rest."""
    from ..fleet.plan_text import brief as shortened

    return shortened(text)


def explain_result(error: Mapping[str, Any], code: int, *, unknown: bool, hint: str = "") -> Explained:
    """Return the ``error`` of a `dhcpfo.fleet.PairResult` for people and programs.

    Args:
        error: The error.
        code: The exit code.
        unknown: Whether it means that nothing is known.
        hint: What to do next, if that is known.
    """
    from ..fleet.plan_text import text_of

    text, server, number = str(error.get("text")), error.get("server"), error.get("code")
    more = ""
    if number is not None and server is not None:
        more = f"{error.get('function')} returned {error.get('name')} ({number}) on {server}"
        if number in NOT_ALLOWED:
            hint = hint or (DENIED.format(server) if DENIED_CALL in text else NO_LOGON)
        elif error.get("kind") == "ServerUnavailableError":
            hint = hint or _silent(number, server)
    data = {key: value for key, value in error.items() if key != "text"}
    told = _explained(text, hint, code, unknown=unknown, more=more, **data)
    return told._replace(text=text_of(error))


def _of_server(error: Any, *, changing: bool) -> Explained:
    from .. import errors

    where = error.server or "this machine"
    about = [f"relationship {error.relationship}"] if error.relationship else []
    about += [f"scope {error.scope}"] if error.scope else []
    about += [f"address {error.address}"] if error.address else []
    text = f"{where}: {', '.join(about)}{': ' if about else ''}{error.strerror} [{error.winerror}]"
    more = f"{error.function} returned {error.code_name} ({error.winerror}) on {where}"
    hint, code, unknown = "", exits.FAILED, False
    if isinstance(error, errors.OutcomeUnknownError):
        code, unknown = exits.UNKNOWN, True
        hint = "the server may have carried it out: look before you repeat it" if changing else "try again"
    elif isinstance(error, errors.ServerUnavailableError):
        code, unknown = exits.UNKNOWN, True
        hint = _silent(error.winerror, where)
    elif isinstance(error, errors.AccessDeniedError):
        code, unknown = exits.UNKNOWN, True
        hint = _denied(error.strerror or "", where)
    elif isinstance(error, errors.NotFoundError):
        code = exits.USAGE
        what = "scope" if isinstance(error, errors.ScopeNotFoundError) else "relationship"
        hint = f"dhcpfo {what} list shows all"
    return _explained(
        text,
        hint,
        code,
        unknown=unknown,
        more=more,
        code=error.winerror,
        name=error.code_name,
        function=error.function,
        server=error.server,
        relationship=error.relationship,
        scope=None if error.scope is None else str(error.scope),
    )


def _of_pair(error: BaseException) -> Explained | None:
    from ..fleet.plan_text import EXISTING
    from ..pair import Conflict, NotReached, PairError, PairFailure, Refused

    if not isinstance(error, PairFailure):
        return None
    if isinstance(error, PairError):
        return _of_pair_error(error)
    if isinstance(error, Refused):
        allow = " ".join(f"--allow {guard}" for guard in error.guards)
        text = EXISTING.sub(r"--existing \1", str(error).partition(" Pass allow=")[0])
        hint = f"the same command with {allow}" if allow else ""
        if "secrets differ" in text:
            hint = "dhcpfo rotate-secret sets the same secret on both servers"
        return _explained(text, hint, exits.REFUSED)
    if isinstance(error, NotReached):
        states = {str(side): None if state is None else state.name for side, state in error.states.items()}
        code = exits.UNKNOWN if None in states.values() else exits.CHANGES
        return _explained(str(error), "", code, unknown=code == exits.UNKNOWN, states=states, reason=error.reason)
    if isinstance(error, Conflict):  # of a plan: one that a step meets is the cause of a PairError
        text = EXISTING.sub(r"--existing \1", brief(str(error)))
        return _explained(text, "look at both servers: dhcpfo audit", exits.USAGE)
    return _explained(str(error), "", exits.FAILED)


def _of_pair_error(error: Any) -> Explained:
    from ..pair import Cancelled

    again = "dhcpfo audit shows what differs; the same command again does what is left"
    if isinstance(error.cause, Cancelled) and error.as_before:
        code, hint = exits.INTERRUPTED, ""
    elif error.as_before:
        code, hint = exits.FAILED, ""
    else:
        code, hint = exits.LEFT, again
    lines = [line for line in str(error).splitlines() if not line.startswith("  repair")]
    cause = explain(error.cause)
    return _explained(
        "\n".join(lines),
        hint or cause.hint,
        code,
        more=cause.more,
        operation=error.operation,
        relationship=error.relationship,
        as_before=error.as_before,
        done=[str(step) for step in error.done],
        undone=[str(step) for step in error.undone],
        left=[{"step": str(one.step), "why": one.why, "may_arrive": one.may_arrive} for one in error.left],
        cause=cause.data,
    )
