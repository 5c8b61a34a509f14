"""Checks across pairs: what no server can have twice."""

from collections.abc import Iterable
from ipaddress import IPv4Address

from ...limits import MAX_RELATIONSHIPS
from ...models.names import upper_case
from .nodes import path_text, place
from .problems import Mark, Problem
from .wanted import Wanted

__all__ = ["check_across"]


def check_across(pairs: Iterable[Wanted], problems: list[Problem]) -> None:
    """Find scopes and names that one server would have twice, and servers with too many relationships.

    Servers are told apart by their names in the file, without case.
    """
    scopes: dict[tuple[str, IPv4Address], tuple[str, Mark]] = {}
    names: dict[tuple[str, str], Mark] = {}
    counts: dict[str, int] = {}
    every = list(pairs)
    for pair in every:
        at = ("pairs", pair.name)
        servers = [server.casefold() for server in pair.servers]
        for name, relationship in pair.relationships.items():
            path = ("relationships", "list", name)
            here = place(pair.tree, path)
            for server, shown in zip(servers, pair.servers, strict=True):
                first = names.setdefault((server, upper_case(name)), here.key)
                if first is not here.key:
                    text = f"{shown} has a relationship of this name already, in {first}"
                    problems.append(Problem(here.key, path_text((*at, *here.path)), text))
                    break
            for server, shown in zip(servers, pair.servers, strict=True):
                counts[server] = counts.get(server, 0) + 1
                if counts[server] == MAX_RELATIONSHIPS + 1:
                    text = f"{shown} would have more than {MAX_RELATIONSHIPS} relationships"
                    problems.append(Problem(here.key, path_text((*at, *here.path)), text))
            for index, scope in enumerate(relationship.scopes.items if relationship.scopes is not None else ()):
                where = place(pair.tree, (*path, "scopes", "list", index))
                for server, shown in zip(servers, pair.servers, strict=True):
                    other, mark = scopes.setdefault((server, scope.address), (name, where.value))
                    if mark is not where.value:
                        text = f"{scope.address} is in relationship {other} of {shown} already, in {mark}"
                        problems.append(Problem(where.value, path_text((*at, *where.path)), text))
                        break
    _exact(every, problems)


def _exact(pairs: list[Wanted], problems: list[Problem]) -> None:
    """Find relationships that one pair wants, and another pair of the same servers does not allow."""
    of_servers: dict[frozenset[str], list[Wanted]] = {}
    for pair in pairs:
        of_servers.setdefault(frozenset(server.casefold() for server in pair.servers), []).append(pair)
    for same in of_servers.values():
        for pair in same if len(same) > 1 else ():
            for other in same:
                if other is pair:
                    continue
                absent = set(map(upper_case, other.absent.relationships))
                for name in pair.relationships:
                    if other.only or upper_case(name) in absent:
                        place_ = other.place("relationships") if other.only else other.place("absent", "relationships")
                        found = place(pair.tree, ("relationships", "list", name))
                        text = f"is not to be by {place_}, and the servers are the same"
                        problems.append(Problem(found.key, path_text(("pairs", pair.name, *found.path)), text))
