"""Reading both sides of a pair."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, NoReturn

from ..errors import NotFoundError
from ..fleet.look import read_pair
from ..pair import Conflict, Side
from ..pair.half import same_name
from . import exits
from .named import some
from .problems import Problem
from .run import TIME_LIMIT, Run
from .targets import Target

if TYPE_CHECKING:
    from ..fleet.pair_look import PairLook, ReadError, RelationshipLook

__all__ = [
    "attention_of",
    "differences_of",
    "has_relationship",
    "kept",
    "look_at",
    "members",
    "named",
    "pair_of",
    "report_errors",
    "side_of",
    "unknown_relationship",
]

WORDS = {
    "shared_secret": "the secrets differ",
    "authenticated": "only one has a secret",
}


def look_at(run: Run, target: Target) -> "PairLook":
    """Return both servers of a pair as they are now, within ``--time-limit``."""
    limit = run.options.time_limit
    return read_pair(
        target.pair, name=target.name, time_limit=timedelta(seconds=TIME_LIMIT) if limit is None else limit
    )


def pair_of(run: Run, relationship: str) -> Target:
    """Return the pair that the options name; if they name several, the one that has a relationship.

    Raises:
        Problem: None of them has it, or more than one.
    """
    named = run.targets.named()
    if len(named) == 1:
        return run.pair()
    from ..fleet.reading import read_pairs

    targets = {target.name: target for target in run.pairs()}
    limit = run.options.time_limit or timedelta(seconds=TIME_LIMIT)
    pairs = {name: target.pair for name, target in targets.items()}
    looks = read_pairs(pairs, at_once=run.options.parallel, time_limit=limit)
    having = [look.name for look in looks if any(same_name(one.name, relationship) for one in look.relationships)]
    if len(having) == 1:
        return targets[having[0]]
    if having:
        raise Problem(
            f"{len(having)} pairs have a relationship {relationship}: {some(having, '; ')}", hint=run.how_to_choose
        )
    if unread := [server.name for look in looks for server in look.servers.values() if not server.up]:
        text = f"no server that could be read has a relationship {relationship}; not read: {some(unread)}"
        raise Problem(text, exits.UNKNOWN)
    text = f"none of the {len(named)} pairs has a relationship {relationship}"
    raise Problem(text, hint="dhcpfo relationship list shows all")


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
    if any(difference.what == "missing" for difference in one.differences):
        found += [f"{names[side]} has no half" for side in Side if side not in one.copies]
    found += differences_of(one)
    for side, state in one.states.items():
        if state.name != "NORMAL":
            found.append(f"{names[side]} is {state.name}")
    return found


def differences_of(one: "RelationshipLook") -> list[str]:
    """Return in words what the two halves of a relationship have that is not equal."""
    return [
        WORDS.get(difference.what, f"the halves differ: {difference.what.replace('_', ' ')}")
        for difference in one.differences
        if difference.what != "missing"
    ]


def members(look: "PairLook", relationship: str | None) -> list[IPv4Address]:
    """Return the scopes of a pair's relationships, or of one."""
    chosen = [one for one in look.relationships if relationship is None or same_name(one.name, relationship)]
    return sorted({scope for one in chosen for copy in one.copies.values() for scope in copy.scopes})


def known_names(look: "PairLook") -> list[str]:
    """Return the names of all relationships of both servers, those with other servers among them."""
    others = [name for server in look.servers.values() for name in server.others]
    return sorted({*(one.name for one in look.relationships), *others}, key=str.casefold)


def has_relationship(look: "PairLook", name: str) -> bool:
    """Whether one of the servers has a relationship, be it with another server."""
    return any(same_name(one, name) for one in known_names(look))


def unknown_relationship(look: "PairLook", name: str) -> NoReturn:
    """Raise a `Problem`: neither server has a relationship."""
    names = [look.servers[side].name for side in Side]
    for one, other in (names, names[::-1]):
        if any(
            same_name(name, known) for server in look.servers.values() if server.name == one for known in server.others
        ):
            raise Problem(f"relationship {name} of {one} is with another server than {other}")
    known = known_names(look)
    instead = f"; they have {some(known)}" if known else ""
    raise Problem(f"neither {names[0]} nor {names[1]} has a relationship {name}{instead}")


def side_of(target: Target, option: str, server: str) -> Side:
    """Return the side that an option names.

    Raises:
        Problem: It names neither of the two servers.
    """
    try:
        return target.pair.side(server)
    except ValueError:
        names = target.pair.names
        raise Problem(f"{option} must be {names.primary} or {names.secondary}, got {server}") from None


def kept(run: Run, target: Target, *, alone: bool = False) -> Any:
    """Return the side that ``--keep`` names, the first by default, or ``"both"``.

    Args:
        run: The run.
        target: The pair.
        alone: Whether the other server is not called.
    """
    keep = run.options.keep
    if alone and keep is not None and keep.casefold() == "both":
        raise Problem("--keep both cannot go with --without-partner: name the server that keeps the scopes")
    if keep is not None and keep.casefold() == "both":
        return "both"
    return Side.PRIMARY if keep is None else side_of(target, "--keep", keep)


@contextmanager
def named(
    run: Run,
    target: Target,
    relationship: str | None = None,
    *,
    scopes: Iterable[IPv4Address] = (),
    on: Side | None = None,
) -> Iterator[None]:
    """Plan inside; if that fails because a relationship or a scope does not exist, say so as of a wrong name.

    Args:
        run: The run.
        target: The pair.
        relationship: The relationship that must exist on one of the servers, if any.
        scopes: The scopes that must exist.
        on: Where they must exist; one of the servers will do by default.

    Raises:
        Problem: The name is wrong. Nothing was sent.
    """
    try:
        yield
    except (Conflict, NotFoundError):
        look = look_at(run, target)
        if not all(server.up for server in look.servers.values()):
            raise
        if relationship is not None and not has_relationship(look, relationship):
            unknown_relationship(look, relationship)
        sides = Side if on is None else (on,)
        known = {scope for side in sides for scope in target.pair.server(side).scopes()}
        if missing := [str(scope) for scope in scopes if scope not in known]:
            where = " and ".join(target.pair.names[side] for side in sides)
            text = f"{where} {'have' if on is None else 'has'} no scope {', '.join(missing)}"
            raise Problem(text, hint="dhcpfo scope list shows all") from None
        raise
