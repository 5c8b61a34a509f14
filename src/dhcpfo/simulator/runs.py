"""Sets of addresses as runs."""

from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Run", "common", "contain", "count", "highest", "merge", "subtract"]

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


def common(runs: Iterable[Run], others: Iterable[Run]) -> Iterator[Run]:
    """Yield what two sets of ascending runs have in common."""
    kept = list(runs)
    return subtract(kept, list(subtract(kept, others)))


def highest(runs: Sequence[Run], wanted: int) -> Iterator[Run]:
    """Yield the highest addresses of ascending runs, so many as are wanted; the last run first."""
    for first, last in reversed(runs):
        if wanted <= 0:
            return
        yield max(first, last + 1 - wanted), last
        wanted -= last + 1 - first


def merge(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Return runs that do not overlap in ascending order, those that touch as one."""
    merged: list[Run] = []
    for first, last in sorted(runs):
        if merged and merged[-1][1] == first - 1:
            merged[-1] = merged[-1][0], last
        else:
            merged.append((first, last))
    return tuple(merged)


def count(runs: Iterable[Run]) -> int:
    """Return how many addresses there are in runs."""
    return sum(last - first + 1 for first, last in runs)


def contain(runs: Iterable[Run], number: int) -> bool:
    """Return whether an address is in one of some runs."""
    return any(first <= number <= last for first, last in runs)
