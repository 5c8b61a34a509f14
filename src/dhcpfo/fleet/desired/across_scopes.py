"""Checks of scopes: what does not go together in one, in a pair, and in pairs that share a server."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address
from typing import NamedTuple

from ...models import AddressRange
from .nodes import path_text, place
from .problems import Mark, Problem
from .values import ScopeId, span_text
from .wanted import Wanted, WantedScope

__all__ = ["check_scopes"]

Path = tuple[object, ...]
ALL = "*"
"""The last part of the path of contents that a profile has for each scope."""


class _Said(NamedTuple):
    """A scope that a pair says something of.

    Attributes:
        id: The scope.
        pair: The pair.
        path: Where it says that.
    """

    id: ScopeId
    pair: Wanted
    path: Path

    @property
    def mark(self) -> Mark:
        """The place in the file."""
        return place(self.pair.tree, self.path).key


def check_scopes(pairs: Iterable[Wanted], problems: list[Problem], warnings: list[Problem]) -> None:
    """Find what is wrong with scopes, as far as files tell without a server.

    Args:
        pairs: The pairs of all files.
        problems: Gets what cannot be, or what two pairs want otherwise.
        warnings: Gets what has no effect.
    """
    servers: dict[str, list[_Said]] = {}
    contents: dict[tuple[str, IPv4Address], tuple[Wanted, WantedScope]] = {}
    for pair in pairs:
        for scope in pair.scopes.values():
            for path, text in _mistakes(pair, scope):
                _add(problems, pair, (*scope.path, *path), text, at_value=True)
            for path, text in _vain(scope):
                _add(warnings, pair, (*scope.path, *path), text, at_value=True)
        said = list(_named(pair))
        for server, shown in ((server.casefold(), server) for server in pair.servers):
            servers.setdefault(server, []).extend(said)
            for scope in pair.scopes.values():
                other, first = contents.setdefault((server, scope.id.address), (pair, scope))
                if other is not pair and not _agree(first, scope):
                    text = f"{shown} is to have the scope otherwise by {other.place(*first.path)}"
                    _add(problems, pair, scope.path, text)
    for said in servers.values():
        _overlaps(said, problems)


def _named(pair: Wanted) -> Iterator[_Said]:
    """Yield the scopes that a pair names."""
    for scope in pair.scopes.values():
        if scope.path[-1] != ALL:
            yield _Said(scope.id, pair, scope.path)
    for name, entry in pair.relationships.items():
        for index, one in enumerate(() if entry.scopes is None else entry.scopes.items):
            yield _Said(one, pair, ("relationships", "list", name, "scopes", "list", index))


def _agree(one: WantedScope, other: WantedScope) -> bool:
    masks = {scope.id.network for scope in (one, other) if scope.id.network is not None}
    return one.contents == other.contents and len(masks) < 2


def _overlaps(said: list[_Said], problems: list[Problem]) -> None:
    """Find scopes of one server that lie in others."""
    last: _Said | None = None
    for one in sorted(said, key=lambda one: (one.id.address, one.id.network is None)):
        if last is None or last.id.network is None or one.id.address not in last.id.network:
            last = one
        elif one.id.address != last.id.address:
            _add(problems, one.pair, one.path, f"{one.id} is in {last.id}, which is a scope, too: {last.mark}")


def _mistakes(pair: Wanted, scope: WantedScope) -> Iterator[tuple[Path, str]]:
    """Yield the paths of what cannot be in a scope, and what is wrong."""
    contents, network = scope.contents, scope.id.network
    reservations = {} if contents.reservations is None else contents.reservations.items
    if network is not None:
        spans: list[tuple[Path, AddressRange]] = [] if contents.range is None else [(("range",), contents.range)]
        excluded = () if contents.exclusions is None else contents.exclusions.items
        spans += [(("exclusions", "list", index), span) for index, span in enumerate(excluded)]
        for path, span in spans:
            if span.start not in network or span.end not in network:
                yield path, f"{span_text(span)} is not in {network}"
        for address in reservations:
            if address not in network:
                yield ("reservations", "list", str(address)), f"{address} is not in {network}"
    clients: dict[bytes, IPv4Address] = {}
    for address, entry in reservations.items():
        if entry.client is not None and (first := clients.setdefault(entry.client, address)) != address:
            yield ("reservations", "list", str(address), "client"), f"has a reservation already: {first}"
    if contents.max_bootp is not None and contents.range_type not in (None, "both"):
        yield ("max-bootp",), f"is for range-type both, and this is {contents.range_type}"
    if contents.range_type == "bootp" and any(
        scope.id.address == one.address
        for entry in pair.relationships.values()
        for one in (() if entry.scopes is None else entry.scopes.items)
    ):
        yield ("range-type",), "failover does not serve BOOTP alone, and the scope is in a relationship"


def _vain(scope: WantedScope) -> Iterator[tuple[Path, str]]:
    """Yield the paths of what has no effect in a scope, and why."""
    whole, listed = scope.contents.range, scope.contents.exclusions
    for index, span in enumerate(() if listed is None or whole is None else listed.items):
        if whole is not None and (span.end < whole.start or span.start > whole.end):
            yield ("exclusions", "list", index), f"has no effect: {span_text(span)} is not in the range"


def _add(problems: list[Problem], pair: Wanted, path: Path, text: str, *, at_value: bool = False) -> None:
    found = place(pair.tree, path)
    mark = found.value if at_value else found.key
    problem = Problem(mark, path_text(("pairs", pair.name, *found.path)), text)
    if problem not in problems:
        problems.append(problem)
