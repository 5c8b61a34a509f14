"""Checks across pairs that share a server: what each wants it to have for all scopes must go together."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ...models.names import upper_case
from ...scope.config import key_to_compare
from .level import LISTS
from .nodes import path_text, place
from .options import key_of
from .problems import Problem
from .values import pattern
from .wanted import Wanted

__all__ = ["check_servers"]


class _Said(NamedTuple):
    """One thing that a pair says of its servers.

    Attributes:
        key: What it is about, in a form to compare.
        value: What it is to be; None if it must not be.
        path: Where that is written.
    """

    key: tuple[Any, ...]
    value: Any
    path: tuple[object, ...]


def check_servers(pairs: Iterable[Wanted], problems: list[Problem]) -> None:
    """Find what two pairs want otherwise on a server that both have: each run would undo the other's."""
    first: dict[tuple[str, Any], tuple[Wanted, _Said]] = {}
    exact: dict[tuple[str, str], tuple[Wanted, set[Any]]] = {}
    shared = _shared(pairs)
    for pair, server in shared:
        said = list(_of(pair))
        for one in said:
            other, before = first.setdefault((server, one.key), (pair, one))
            if other is not pair and before.value != one.value:
                _add(problems, pair, one.path, f"{server} is to have it otherwise by {other.place(*before.path)}")
        for kind in _exact(pair):
            names = {one.key for one in said if one.key[0] == kind}
            exact.setdefault((server, kind), (pair, names))
    for pair, server in shared:
        for one in _of(pair):
            owner, names = exact.get((server, one.key[0]), (pair, set()))
            if owner is not pair and one.value is not None and one.key not in names:
                where = owner.place(_tree(one.key[0]))
                _add(problems, pair, one.path, f"{server} is to have no more than others by {where}")


def _shared(pairs: Iterable[Wanted]) -> list[tuple[Wanted, str]]:
    """Return the pairs with each of their servers that another pair has, too."""
    found = [(pair, server.casefold()) for pair in pairs for server in pair.servers]
    counts: dict[str, int] = {}
    for _, server in found:
        counts[server] = counts.get(server, 0) + 1
    return [(pair, server) for pair, server in found if counts[server] > 1]


def _of(pair: Wanted) -> Iterator[_Said]:
    """Yield what a pair says of its servers, element by element."""
    said, absent = pair.server, pair.absent
    for name, texts in {} if said.options is None else said.options.items.items():
        yield _Said(("options", _option(name)), texts, ("options", "list", name))
    for name, policy in {} if said.policies is None else said.policies.items.items():
        yield _Said(("policies", upper_case(name)), True, ("policies", "list", name))
        for field in sorted(policy.model_fields_set):
            yield _Said(("policy", upper_case(name), field), getattr(policy, field), ("policies", "list", name))
    if said.policies_enforced is not None:
        yield _Said(("policies-enforced",), said.policies_enforced, ("policies-enforced",))
    for kind in LISTS:
        listed = getattr(said.filters, kind, None)
        for text, comment in {} if listed is None else listed.items.items():
            yield _Said((kind, pattern(text)), comment, ("filters", kind, "list", text))
            yield _Said(("filter", pattern(text)), kind, ("filters", kind, "list", text))
        enabled = getattr(getattr(said.filters, "enabled", None), kind, None)
        if enabled is not None:
            yield _Said(("enabled", kind), enabled, ("filters", "enabled", kind))
    if said.conflict_detection is not None:
        yield _Said(("conflict-detection",), said.conflict_detection, ("conflict-detection",))
    for name, entry in pair.classes.items():
        yield _Said(("classes", upper_case(name), entry.is_vendor), entry.data, ("classes", name))
    for name, definition in pair.definitions.items():
        form = definition.type, definition.multivalued
        yield _Said(("definitions", key_to_compare(definition.key)), form, ("definitions", name))
    for index, name in enumerate(absent.options):
        yield _Said(("options", _option(name)), None, ("absent", "options", index))
    for index, name in enumerate(absent.policies):
        yield _Said(("policies", upper_case(name)), None, ("absent", "policies", index))
    for index, text in enumerate(absent.filters):
        yield _Said(("filter", pattern(text)), None, ("absent", "filters", index))


def _exact(pair: Wanted) -> Iterator[str]:
    """Yield the kinds of which a pair names all that there are to be."""
    said = pair.server
    for kind in ("options", "policies"):
        if getattr(getattr(said, kind), "only", False):
            yield kind
    for kind in LISTS:
        if getattr(getattr(said.filters, kind, None), "only", False):
            yield kind


def _tree(kind: str) -> str:
    return "filters" if kind in LISTS else kind


def _option(name: str) -> Any:
    """Return an option in a form to compare, as far as its name tells that without a server."""
    try:
        return key_to_compare(key_of(name, ()))
    except ValueError:
        return upper_case(name.strip())


def _add(problems: list[Problem], pair: Wanted, path: tuple[object, ...], text: str) -> None:
    found = place(pair.tree, path)
    problems.append(Problem(found.key, path_text(("pairs", pair.name, *found.path)), text))
