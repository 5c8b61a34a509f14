"""Pairs with similar names in one line: how many of them are unchanged, have changes, or are unknown."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..fleet.plan_text import rows_of
from ..pair.parts import counted

if TYPE_CHECKING:
    from ..fleet import PairResult

__all__ = ["Groups", "alike"]

FEW = 3
"""From how many pairs on, or lines, one line stands for all."""

MOST = 3
"""How many reasons a line has, and how many names each of them."""

DIGITS = re.compile(r"\d+", re.ASCII)


class Groups:
    """Which pairs of a run one line stands for. Pairs of a group have names that differ in their numbers only.

    A pair that needs a guard, has changes that cannot be undone, or could not be planned for another reason than a
    server that does not answer is always shown itself.

    Args:
        results: All results, in the order of the output.
        apart: The pairs that are shown themselves in any case.
    """

    def __init__(self, results: Iterable["PairResult"], apart: Collection[str] = ()) -> None:
        families: dict[str, list[PairResult]] = {}
        for one in results:
            if DIGITS.search(one.pair):
                families.setdefault(DIGITS.sub("#", one.pair), []).append(one)
        self.lines: dict[str, str] = {}
        self.hidden: set[str] = set()
        for family in families.values():
            hidden = [one for one in family if one.pair not in apart and _may_hide(one)]
            if len(family) >= FEW and len(hidden) > 1:
                self.lines[family[0].pair] = f"{_names(family)}   {_outcomes(hidden, len(family))}"
                self.hidden.update(one.pair for one in hidden)


def _may_hide(result: "PairResult") -> bool:
    if result.plan is None:
        return result.outcome in ("unknown", "abandoned")
    _, final = rows_of(result.plan)
    return not (final or result.plan["guards"])


def _names(family: Sequence["PairResult"]) -> str:
    names = sorted((one.pair for one in family), key=_by_number)
    return f"{names[0]}…{names[-1]}"


def _by_number(name: str) -> list[tuple[int, str]]:
    return [(len(digits.lstrip("0")), digits.lstrip("0")) for digits in DIGITS.findall(name)]


def _outcomes(hidden: Sequence["PairResult"], total: int) -> str:
    changes = Counter(len(rows_of(one.plan)[0]) for one in hidden if one.plan is not None)
    parts = [f"{changes.pop(0)} unchanged"] if 0 in changes else []
    for at, (steps, pairs) in enumerate(sorted(changes.items())):
        each = " each" if pairs > 1 else ""
        more = ": see -v" if at == len(changes) - 1 else ""
        parts.append(f"{pairs} with {counted(steps, 'change')}{each}{more}")
    if unknown := [one for one in hidden if one.plan is None]:
        parts.append(f"{len(unknown)} unknown ({_reasons(unknown)})")
    if apart := total - len(hidden):
        parts.append(f"{apart} shown by {'itself' if apart == 1 else 'themselves'}")
    return ", ".join(parts)


def _reasons(unknown: Iterable["PairResult"]) -> str:
    """Return why pairs are unknown, in a few words, with the servers or else the pairs."""
    names: dict[str, list[str]] = {}
    for one in unknown:
        error: Mapping[str, Any] = one.error or {}
        text = str(error.get("text")).split("\n")[0]
        if error.get("code") is not None:
            text = f"{text.partition(' [')[0]} [{error['code']}]"
        names.setdefault(text, []).append(error.get("server") or one.pair)
    parts = [f"{_first(same)}: {text}" for text, same in names.items()]
    rest = len(parts) - MOST
    return "; ".join(parts[:MOST]) + (f"; and {counted(rest, 'other reason')}: see -v" if rest > 0 else "")


def _first(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + more


def alike(lines: Iterable[str]) -> list[str]:
    """Return lines, of those that differ in their numbers only the first and how many there are."""
    shapes: dict[str, list[str]] = {}
    for line in lines:
        shapes.setdefault(DIGITS.sub("#", line), []).append(line)
    found: list[str] = []
    for same in shapes.values():
        short = len(same) >= FEW
        found += [f"{same[0]}, and {len(same) - 1} more like this: see -v"] if short else same
    return found
