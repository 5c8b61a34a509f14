"""Pairs that share a server."""

from collections.abc import Iterable

from .servers import PairRef

__all__ = ["groups_of"]


def groups_of(pairs: Iterable[PairRef]) -> list[list[PairRef]]:
    """Return pairs in groups: two pairs that share a server, directly or through others, are in the same group.

    The longest group comes first, because its pairs take turns; apart from that the order is kept.
    """
    pairs = list(pairs)
    leader: dict[tuple[str, str], tuple[str, str]] = {}

    def find(key: tuple[str, str]) -> tuple[str, str]:
        leader.setdefault(key, key)
        while leader[key] != key:
            leader[key] = key = leader[leader[key]]
        return key

    for pair in pairs:
        leader[find(pair.primary.key)] = find(pair.secondary.key)
    groups: dict[tuple[str, str], list[PairRef]] = {}
    for pair in pairs:
        groups.setdefault(find(pair.primary.key), []).append(pair)
    return sorted(groups.values(), key=len, reverse=True)
