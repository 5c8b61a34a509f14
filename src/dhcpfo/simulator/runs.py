"""Sets of addresses as runs."""

from collections.abc import Iterable, Iterator

__all__ = ["Run", "contain", "count", "subtract"]

Run = tuple[int, int]
"""Consecutive addresses as numbers, first and last."""


def subtract(runs: Iterable[Run], holes: Iterable[Run]) -> Iterator[Run]:
    """Yield what is left of ascending ``runs`` when ``holes`` are cut out."""
    cuts, done = sorted(holes), 0
    for first, last in runs:
        while done < len(cuts) and cuts[done][1] < first:
            done += 1
        for number in range(done, len(cuts)):
            hole_first, hole_last = cuts[number]
            if hole_last < first:
                continue
            if hole_first > last:
                break
            if hole_first > first:
                yield first, hole_first - 1
            first = hole_last + 1
        if first <= last:
            yield first, last


def count(runs: Iterable[Run]) -> int:
    """Return how many addresses there are in runs."""
    return sum(last - first + 1 for first, last in runs)


def contain(runs: Iterable[Run], number: int) -> bool:
    """Return whether an address is in one of some runs."""
    return any(first <= number <= last for first, last in runs)
