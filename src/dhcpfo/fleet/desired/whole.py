"""A whole file at once: its pairs for a run, the limits of the run, and plans that were approved."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..results import PairResult
from ..servers import PairRef, ServerRef
from .load import Fleet
from .models import Limits
from .wanted import Wanted
from .weigh import ELEMENTS, Measure, limit_place, too_much

__all__ = ["Approval", "pair_ref", "read_approval", "weigh_run"]

FORMAT = 1
KIND = "dhcpfo-plan"


def pair_ref(wanted: Wanted, lab: str | None = None) -> PairRef:
    """Return a pair of a file for `dhcpfo.fleet.run`.

    Args:
        wanted: The pair.
        lab: The path of the lab's file that the servers are in; None for real servers.
    """
    one, other = (None, None) if wanted.addresses is None else map(str, wanted.addresses)
    servers = [ServerRef(name, lab) for name in wanted.servers]
    return PairRef(wanted.name, servers[0], servers[1], one, other)


def weigh_run(fleet: Fleet, results: Iterable[PairResult]) -> dict[str, list[tuple[str, str]]]:
    """Return the guards of the whole run that must be lifted, each with the reason, by pair.

    Pairs with the same limits count together. A limit that is passed stops those of them that pass it along.
    """
    groups: dict[Limits, list[tuple[str, list[Measure]]]] = {}
    for result in results:
        if result.plan is not None:
            measures = [Measure(**one) for one in result.plan["measures"]]
            groups.setdefault(fleet[result.pair].limits, []).append((result.pair, measures))
    found: dict[str, list[tuple[str, str]]] = {}
    for limits, pairs in groups.items():
        sums = [_sum(what, (m for _, measures in pairs for m in measures)) for what in ("scopes", *ELEMENTS)]
        if len(pairs) < 2:
            continue  # its own limits say the same
        for guard, text in too_much(limits, sums):
            for name, measures in pairs:
                if any(one.deleted if guard == "many-deletes" else one.changed for one in measures):
                    place = limit_place(fleet[name], guard).removeprefix("; ")
                    where = f" ({place})" if place else ""
                    found.setdefault(name, []).append((guard, f"in the whole run {text}{where}"))
    return found


def _sum(what: str, measures: Iterable[Measure]) -> Measure:
    mine = [one for one in measures if one.what == what]
    counts = ("existing", "deleted", "changed")
    return Measure(what, *(sum(getattr(one, name) for one in mine) for name in counts))


@dataclass(frozen=True, slots=True)
class Approval:
    """A plan in a file that somebody approved: `apply` does these steps, or those of them that are left.

    Attributes:
        file: The file that says how the pairs should be.
        pairs: The digests of the approved steps by pair.
        plans: The plans as they were, for people.
    """

    file: str
    pairs: Mapping[str, frozenset[str]]
    plans: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, file: str, results: Iterable[PairResult]) -> "Approval":
        """Return what a run of plans found."""
        plans = {
            one.pair: one.plan for one in results if one.plan is not None and one.outcome in ("drift", "unchanged")
        }
        return cls(file, {name: frozenset(plan["digests"]) for name, plan in plans.items()}, plans)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values, without secrets."""
        shown = ("pair", "digest", "digests", "guards", "changes", "notes")
        pairs = {name: {key: plan[key] for key in shown} for name, plan in self.plans.items()}
        return {"format": FORMAT, "kind": KIND, "file": self.file, "pairs": pairs}


def read_approval(path: str | Path) -> Approval | None:
    """Return an approved plan; None if a file is something else, such as YAML.

    Raises:
        OSError: It cannot be read.
        ValueError: It is a plan, but not a valid one.
    """
    data = Path(path).read_bytes()
    if not data.lstrip().startswith(b"{"):
        return None
    try:
        said: Any = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or said.get("kind") != KIND:
        return None
    if said.get("format") != FORMAT:
        raise ValueError(f"{path}: format must be {FORMAT}, got {said.get('format')!r}; made by another version?")
    try:
        pairs = {str(name): frozenset(map(str, one["digests"])) for name, one in said["pairs"].items()}
        if not isinstance(said["file"], str):
            raise TypeError
        return Approval(said["file"], pairs)
    except (AttributeError, KeyError, TypeError):
        raise ValueError(f"{path}: this plan is damaged: make it again with dhcpfo plan -o") from None
