"""Checks across pairs: what no server can have twice."""

from collections.abc import Iterable
from ipaddress import IPv4Address

from ...limits import MAX_RELATIONSHIPS
from ...models.names import upper_case
from .nodes import Map, path_text, place
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
    for pair in pairs:
        at = ("pairs", pair.name)
        servers = [server.casefold() for server in pair.servers]
        for name, relationship in pair.relationships.items():
            path = ("relationships", name)
            here = place(pair.tree, path)
            for server, shown in zip(servers, pair.servers, strict=True):
                first = names.setdefault((server, upper_case(name)), here.key)
                if first is not here.key:
                    text = f"{shown} has a relationship of this name already, in {first}"
                    problems.append(Problem(here.key, path_text((*at, *path)), text))
                    break
            for server, shown in zip(servers, pair.servers, strict=True):
                counts[server] = counts.get(server, 0) + 1
                if counts[server] == MAX_RELATIONSHIPS + 1:
                    text = f"{shown} would have more than {MAX_RELATIONSHIPS} relationships"
                    problems.append(Problem(here.key, path_text((*at, *path)), text))
            for index, scope in enumerate(relationship.scopes.items if relationship.scopes is not None else ()):
                where = place(pair.tree, (*path, "scopes", "list", index))
                for server, shown in zip(servers, pair.servers, strict=True):
                    other, mark = scopes.setdefault((server, scope.address), (name, where.value))
                    if mark is not where.value:
                        text = f"{scope.address} is in relationship {other} of {shown} already, in {mark}"
                        problems.append(Problem(where.value, path_text((*at, *where.path)), text))
                        break
        _contents(pair, problems)


def _contents(pair: Wanted, problems: list[Problem]) -> None:
    """Find ranges outside their network."""
    holder = pair.tree.items.get("scopes")
    if not isinstance(holder, Map):
        return
    for address, wanted in pair.scopes.items():
        network, span = wanted.id.network, wanted.contents.range
        if network is None or span is None or wanted.path[-1] == "*":
            continue
        if span.start not in network or span.end not in network:
            found = place(pair.tree, (*wanted.path, "range"))
            text = f"{span.start}-{span.end} is not in {network}"
            problems.append(Problem(found.value, path_text(("pairs", pair.name, *found.path)), text))
        assert address == network.network_address
