"""What the page shows of a pair's relationships: each server's copies, and where the two differ."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..enums import FailoverMode, ServerType
from ..errors import DhcpError
from ..fleet.states import kind_of
from ..models import Relationship, SystemTime
from ..models.names import upper_case
from ..pair import FailoverPair, Side
from ..pair.copies import between, differences
from ..pair.parts import shown_duration
from ..server import Server

__all__ = ["HalfSeen", "Halves", "compare", "error_data", "of_pair", "read_half", "severity"]

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


Halves = tuple[HalfSeen | None, HalfSeen | None]
"""What each server of a pair has; None if it was not read yet."""


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


def of_pair(pair: FailoverPair, halves: Halves) -> Halves:
    """Return both halves without the relationships that a server has with a third one."""
    sides = dict(zip(Side, halves, strict=True))
    ours = between(
        {side: half.relationships.values() if half and not half.error else None for side, half in sides.items()},
        {side: pair.server(side).name for side in Side},
        {side: pair.address(side) for side in Side},
    )
    one, other = (
        half and replace(half, relationships={upper_case(copy.name): copy for copy in ours[side]})
        for side, half in sides.items()
    )
    return one, other


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


def _share(copy: Relationship) -> str:
    if copy.mode == FailoverMode.HOT_STANDBY:
        return f"{copy.percentage} % reserve"
    return f"{copy.percentage} / {100 - copy.percentage}"


def _server_name(name: str | None) -> str:
    return name or "none"


FIELDS: dict[str, Callable[[Relationship], str]] = {
    "name": lambda copy: copy.name,
    "mode": lambda copy: copy.mode.name.replace("_", " ").lower(),
    "share": _share,
    "MCLT": lambda copy: shown_duration(copy.mclt),
    "switch interval": lambda copy: shown_duration(copy.state_switch_interval or None),
    "authentication": lambda copy: "yes" if copy.authenticated else "no",
    "primary": lambda copy: str(copy.primary_server),
    "secondary": lambda copy: str(copy.secondary_server),
    "primary name": lambda copy: _server_name(copy.primary_server_name),
    "secondary name": lambda copy: _server_name(copy.secondary_server_name),
}
"""The rows of two copies side by side: label and text."""

LABELS = {
    "primary_server": "primary",
    "secondary_server": "secondary",
    "percentage": "share",
    "mclt": "MCLT",
    "state_switch_interval": "switch interval",
    "authenticated": "authentication",
    "shared_secret": "shared secret",
}
"""What differs, as the rows call it."""

Copies = tuple[Relationship | None, Relationship | None]


def _differences(copies: Copies) -> list[str]:
    one, other = copies
    if one is None or other is None:
        return []
    return [LABELS.get(difference.what, difference.what) for difference in differences(one, other)]


def _copy_data(copy: Relationship | None) -> dict[str, Any] | None:
    if copy is None:
        return None
    return {
        "state": copy.state.name,
        "kind": kind_of(copy.state),
        "previous": copy.previous_state.name,
        "role": "primary" if copy.server_type == ServerType.PRIMARY else "secondary",
        "mode": copy.mode.name.replace("_", " ").lower(),
        "share": _share(copy),
        "scopes": len(copy.scopes),
    }


def compare(halves: Halves, *, whole: bool = False) -> list[dict[str, Any]]:
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
        differs = _differences((one, other)) + (["only one server has it"] if any(missing) else [])
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
        *FIELDS.items(),
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


def severity(halves: Halves, compared: list[dict[str, Any]]) -> str:
    """Return how a pair is, in one word: the worst of all that is known.

    Args:
        halves: What each server has.
        compared: What `compare` returned for it.
    """
    found = {"waiting" if half is None else "unknown" if half.error else "ok" for half in halves}
    for entry in compared:
        found |= {copy["kind"] for copy in entry["copies"] if copy}
        found |= {"warning"} if entry["differs"] else set()
    return min(found, key=ORDER.index)
