"""Values of several levels as one, key by key; lists are never merged. Each value keeps its place in a file."""

from .nodes import Map, Node, Seq, Text

__all__ = ["level", "merged"]

WITHIN: dict[str, frozenset[str]] = {
    "relationship": frozenset(),
    "scope": frozenset({"options", "reservations", "policies"}),
    "limits": frozenset(),
    "classes": frozenset(),
    "definitions": frozenset(),
    "server": frozenset({"options", "policies", "filters"}),
}
"""Keys of a level under which mappings are merged key by key, too; every other value is taken whole."""

KIND = {"load-balance": "percent", "hot-standby": "reserve"}


def level(holder: Node | None, key: str) -> Map | None:
    """Return the mapping under a key, or None."""
    found = holder.items.get(key) if isinstance(holder, Map) else None
    return found if isinstance(found, Map) else None


def merged(kind: str, *levels: Map | None) -> Map | None:
    """Return several levels as one; later ones win.

    Args:
        kind: What it is: a key of `WITHIN`.
        *levels: The mappings, the most general first; None where there is none.
    """
    there = [one for one in levels if one is not None]
    if not there:
        return None
    result = there[0]
    for one in there[1:]:
        result = _over(result, one, WITHIN[kind])
    return result


def _over(below: Map, above: Map, within: frozenset[str]) -> Map:
    found = Map(above.mark, dict(below.items), dict(below.keys))
    mode = above.items.get("mode")
    if isinstance(mode, Text):  # the share of another mode means nothing for this one
        for other, share in KIND.items():
            if other != mode.text and share not in above.items:
                found.items.pop(share, None)
    for key, value in above.items.items():
        old = found.items.get(key)
        deeper = key in within and isinstance(old, Map) and isinstance(value, Map)
        if deeper and not (_exact(old) or _exact(value)):
            assert isinstance(old, Map)
            assert isinstance(value, Map)
            value = _over(old, value, frozenset())
        found.items[key], found.keys[key] = value, above.keys[key]
    return found


def _exact(node: Node | None) -> bool:
    """Whether a mapping is the long form ``{only: ..., list: ...}``."""
    return isinstance(node, Map) and set(node.items) == {"only", "list"}


def listed(node: Node | None) -> Node | None:
    """Return the elements of a list or mapping in either form."""
    if isinstance(node, Map) and _exact(node):
        return node.items["list"]
    return node if isinstance(node, Map | Seq) else None
