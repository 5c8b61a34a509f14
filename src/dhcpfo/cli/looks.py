"""Reading both sides of a pair."""

from datetime import timedelta
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from ..fleet.look import read_pair
from ..pair import Side
from ..pair.half import same_name
from .run import TIME_LIMIT, Run
from .targets import Target

if TYPE_CHECKING:
    from ..fleet.pair_look import PairLook, ReadError, RelationshipLook

__all__ = ["attention_of", "look_at", "members", "report_errors"]

WORDS = {
    "missing": "a half is missing",
    "shared_secret": "the secrets differ",
    "authenticated": "only one has a secret",
}


def look_at(run: Run, target: Target) -> "PairLook":
    """Return both servers of a pair as they are now, within ``--time-limit``."""
    limit = run.options.time_limit
    return read_pair(
        target.pair, name=target.name, time_limit=timedelta(seconds=TIME_LIMIT) if limit is None else limit
    )


def report_errors(run: Run, look: "PairLook", *, pair: str | None = None) -> "list[ReadError]":
    """Record the errors of servers that could not be read, one for each server, and return them."""
    errors = [server.error for server in look.servers.values() if server.error is not None]
    for error in errors:
        run.unread(error, pair=pair)
    return errors


def attention_of(one: "RelationshipLook", look: "PairLook") -> list[str]:
    """Return in words what is not as it should be."""
    names = {side: look.servers[side].name for side in Side}
    found = []
    for difference in one.differences:
        if difference.what == "missing":
            found += [f"{names[side]} has no half" for side in Side if side not in one.copies]
        else:
            found.append(WORDS.get(difference.what, f"the halves differ: {difference.what.replace('_', ' ')}"))
    for side, state in one.states.items():
        if state.name != "NORMAL":
            found.append(f"{names[side]} is {state.name}")
    return found


def members(look: "PairLook", relationship: str | None) -> list[IPv4Address]:
    """Return the scopes of a pair's relationships, or of one."""
    chosen = [one for one in look.relationships if relationship is None or same_name(one.name, relationship)]
    return sorted({scope for one in chosen for copy in one.copies.values() for scope in copy.scopes})
