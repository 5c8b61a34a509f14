"""What the page shows of a pair's relationships: each server's copies, and where the two differ."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ..enums import FailoverMode, FailoverState, ServerType
from ..errors import DhcpError
from ..models import Relationship, SystemTime
from ..models.names import upper_case
from ..server import Server

__all__ = ["HalfSeen", "compare", "error_data", "read_half", "severity"]

KINDS = {
    FailoverState.NORMAL: "ok",
    FailoverState.COMMUNICATION_INTERRUPTED: "warning",
    FailoverState.PARTNER_DOWN: "critical",
    FailoverState.POTENTIAL_CONFLICT: "critical",
    FailoverState.CONFLICT_DONE: "critical",
    FailoverState.RESOLUTION_INTERRUPTED: "critical",
    FailoverState.INIT: "busy",
    FailoverState.STARTUP: "busy",
    FailoverState.RECOVER: "busy",
    FailoverState.RECOVER_WAIT: "busy",
    FailoverState.RECOVER_DONE: "busy",
    FailoverState.PAUSED: "warning",
    FailoverState.SHUTDOWN: "warning",
}
"""How the page shows a state. An unknown one is a warning."""

ORDER = ("critical", "warning", "unknown", "busy", "ok", "waiting")
"""From the worst on."""


@dataclass(frozen=True, slots=True)
class HalfSeen:
    """One server of a pair at one moment: what it has, or why it could not be read.

    Attributes:
        relationships: Its copies by name in upper case, in the order that the server listed them.
        clock: Its clock; None if it could not be read.
        error: Why nothing could be read, or None.
    """

    relationships: Mapping[str, Relationship]
    clock: SystemTime | None = None
    error: DhcpError | None = None


def read_half(server: Server) -> HalfSeen:
    """Read one server, with two calls."""
    try:
        found = {upper_case(copy.name): copy for copy in server.relationships()}
    except DhcpError as error:
        return HalfSeen({}, None, error)
    try:
        clock = server.get_system_time()
    except DhcpError:
        clock = None  # the relationships are what matters
    return HalfSeen(found, clock)


def error_data(error: BaseException) -> dict[str, Any]:
    """Return an error as the page shows it."""
    if isinstance(error, DhcpError):
        return {
            "text": error.strerror or str(error),
            "code": error.winerror,
            "name": error.code_name,
            "function": error.function,
            "server": error.server,
        }
    return {"text": str(error) or type(error).__name__}


def _span(value: timedelta | None) -> str:
    if not value:
        return "never"
    seconds = value // timedelta(seconds=1)
    parts = []
    for letter, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {letter}")
    return " ".join(parts)


def _share(copy: Relationship) -> str:
    if copy.mode == FailoverMode.HOT_STANDBY:
        return f"{copy.percentage} % reserve"
    return f"{copy.percentage} / {100 - copy.percentage}"


def _server_name(name: str | None) -> str:
    return name or "none"


FIELDS: tuple[tuple[str, Callable[[Relationship], Any], Callable[[Relationship], str]], ...] = (
    ("name", lambda copy: copy.name, lambda copy: copy.name),
    ("mode", lambda copy: copy.mode, lambda copy: copy.mode.name.replace("_", " ").lower()),
    ("share", lambda copy: copy.percentage, _share),
    ("MCLT", lambda copy: copy.mclt, lambda copy: _span(copy.mclt)),
    ("switch interval", lambda c: c.state_switch_interval or None, lambda c: _span(c.state_switch_interval)),
    ("authentication", lambda copy: copy.authenticated, lambda copy: "yes" if copy.authenticated else "no"),
    ("primary", lambda copy: copy.primary_server, lambda copy: str(copy.primary_server)),
    ("secondary", lambda copy: copy.secondary_server, lambda copy: str(copy.secondary_server)),
    ("primary name", lambda copy: None, lambda copy: _server_name(copy.primary_server_name)),
    ("secondary name", lambda copy: None, lambda copy: _server_name(copy.secondary_server_name)),
)
"""The rows of two copies side by side: label, what is compared, text."""

Copies = tuple[Relationship | None, Relationship | None]


def _differences(copies: Copies) -> Iterator[str]:
    one, other = copies
    if one is None or other is None:
        return
    for label, key, _ in FIELDS:
        if key(one) != key(other):
            yield label
    if one.server_type == other.server_type:
        yield "role"
    if set(one.scopes) != set(other.scopes):
        yield "scopes"
    if one.authenticated and other.authenticated and one.shared_secret != other.shared_secret:
        yield "shared secret"


def _copy_data(copy: Relationship | None) -> dict[str, Any] | None:
    if copy is None:
        return None
    return {
        "state": copy.state.name,
        "kind": KINDS.get(copy.state, "warning"),
        "previous": copy.previous_state.name,
        "role": "primary" if copy.server_type == ServerType.PRIMARY else "secondary",
        "mode": copy.mode.name.replace("_", " ").lower(),
        "share": _share(copy),
        "scopes": len(copy.scopes),
    }


def compare(halves: tuple[HalfSeen | None, HalfSeen | None], *, whole: bool = False) -> list[dict[str, Any]]:
    """Return each relationship of a pair with both copies, and the names of what differs.

    Args:
        halves: What each server has; None if it was not read yet.
        whole: Whether to add all values as rows, and the scopes.
    """
    names = dict.fromkeys(name for half in halves if half for name in half.relationships)
    found = []
    for name in names:
        one, other = (half.relationships.get(name) if half else None for half in halves)
        shown = one or other
        assert shown is not None
        missing = [
            half is not None and half.error is None and name not in half.relationships for half in halves
        ]  # a server that could not be read may well have it
        differs = list(_differences((one, other))) + (["only one server has it"] if any(missing) else [])
        entry: dict[str, Any] = {
            "name": shown.name,
            "copies": [_copy_data(one), _copy_data(other)],
            "missing": missing,
            "differs": differs,
        }
        if whole:
            entry["rows"] = _rows((one, other), differs)
            entry["scopes"] = _scopes((one, other))
        found.append(entry)
    return found


def _rows(copies: Copies, differs: list[str]) -> list[dict[str, Any]]:
    rows: list[tuple[str, Callable[[Relationship], str]]] = [
        ("state", lambda copy: copy.state.name),
        ("state before", lambda copy: copy.previous_state.name),
        ("role", lambda copy: copy.server_type.name.lower()),
        *((label, text) for label, _, text in FIELDS),
        ("scopes", lambda copy: str(len(copy.scopes))),
    ]
    if "shared secret" in differs:
        rows.insert(-1, ("shared secret", lambda copy: "not the same"))
    return [
        {
            "label": label,
            "values": [None if copy is None else text(copy) for copy in copies],
            "differs": label in differs,
        }
        for label, text in rows
    ]


def _scopes(copies: Copies) -> list[dict[str, Any]]:
    members = [set(copy.scopes) if copy else set() for copy in copies]
    both = all(copy is not None for copy in copies)
    return [
        {
            "scope": str(scope),
            "members": [scope in those for those in members],
            "differs": both and not (scope in members[0] and scope in members[1]),
        }
        for scope in sorted(members[0] | members[1])
    ]


def severity(halves: tuple[HalfSeen | None, HalfSeen | None]) -> str:
    """Return how a pair is, in one word: the worst of all that is known."""
    found = {"waiting" if half is None else "unknown" if half.error else "ok" for half in halves}
    for entry in compare(halves):
        found |= {copy["kind"] for copy in entry["copies"] if copy}
        found |= {"warning"} if entry["differs"] else set()
    return min(found, key=ORDER.index)
