"""What would make the pairs as a file says: the plans of ``dhcpfo plan``, in the same words. Nothing is applied."""

import hashlib
import threading
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..fleet.jobs import PlanJob
from ..fleet.plan_text import Counts, heading, hint_of, left_of, notes_of, rows_of, text_of
from ..fleet.results import PairResult, describe, outcome_of
from ..pair import FailoverPair
from .jobs import Busy, Outcome
from .views import Fleet, ServedPair

if TYPE_CHECKING:
    from ..fleet.desired import Fleet as Said
    from ..fleet.desired import Problem, Wanted

__all__ = ["FilePlans"]

Signature = dict[Path, str | tuple[str, ...]]

PAUSE = 1.0
"""Seconds after which a file that has mistakes is read again though nothing seems to have changed."""

FOREVER = float("inf")

MOST_ROWS = 100
"""Changes of one pair that the page of all pairs shows. The page of the pair has all."""

UNKNOWN_EXIT = 6


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a file said when it was read.

    Attributes:
        version: Another number each time.
        said: The pairs; None if there are problems.
        problems: What is wrong with it.
    """

    version: int
    said: "Said | None"
    problems: "tuple[Problem, ...]" = ()


class _WantedFile:
    """A file that says how pairs should be. It is read again when it, or one that it includes, was changed."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._reading: _Reading | None = None
        self._files = [Path(path)]
        self._folders: set[Path] = set()
        self._endings: set[str] = set()
        self._signature: Signature = {}
        self._at = 0.0

    def read(self) -> _Reading:
        """Return what the file says now."""
        from ..fleet.desired import FileError, Mark, Problem, read_fleet

        with self._lock:
            known = self._reading
            now = _signature(self._files, self._folders, self._endings)
            stale = known is not None and known.problems and time.monotonic() - self._at > PAUSE
            if known is not None and not stale and now == self._signature:
                return known
            self._at = time.monotonic()
            version = 0 if known is None else known.version + 1
            try:
                if Path(self.path).exists() and not Path(self.path).is_file():  # a pipe would be waited for
                    text = "must be a file, which can be read again"
                    raise FileError([Problem(Mark(self.path), "", text)])
                said = read_fleet(self.path)
            except FileError as error:
                found = _Reading(version, None, error.problems)
            else:
                found = _Reading(version, said)
                self._files = list(said.files)
                self._folders = {path.parent for path in said.files}  # a new file may be one that is included
                self._endings = {path.suffix for path in said.files}
                now = _signature(self._files, self._folders, self._endings) | {
                    path: now[path] for path in self._files if path in now
                }
            self._signature = now
            if known is not None and known.problems and known.problems == found.problems:
                found = known  # the page shows it already
            self._reading = found
            return found


def _signature(paths: Iterable[Path], folders: Iterable[Path] = (), endings: Collection[str] = ()) -> Signature:
    """Return what tells whether something was changed. Times do not: changes may be quicker than a clock's ticks."""
    found: Signature = {}
    for path in paths:
        try:
            found[path] = hashlib.sha256(path.read_bytes() if path.is_file() else b"").hexdigest()
        except OSError:
            found[path] = ""
    for folder in folders:
        try:
            found[folder] = tuple(sorted(one.name for one in folder.iterdir() if one.suffix in endings))
        except OSError:
            found[folder] = ""
    return found


class FilePlans:
    """The plans of all pairs of a fleet, as a file wants them.

    Args:
        fleet: The pairs; those of the file have the same names.
        path: The file.
    """

    def __init__(self, fleet: Fleet, path: str | PathLike[str]) -> None:
        self._fleet = fleet
        self._file = _WantedFile(fspath(path))
        self.path = self._file.path

    def all(self, *, again: bool) -> dict[str, Any]:
        """Return what is known of all plans now. Those that are missing are made meanwhile.

        Args:
            again: Make plans again that are older than the fleet's interval.
        """
        reading = self._file.read()
        answer = self._about(reading)
        if reading.said is None:
            return answer | {"pairs": [], "total": None, "left": [], "absent": []}
        results = {
            served: self._result(served, reading, again=again)
            for served in self._fleet.pairs
            if served.name in reading.said
        }
        made = [one for one in results.values() if one is not None]
        counts = Counts()
        for one in made:
            if one.plan is not None:
                counts.add(one.plan)
            counts.unknown += one.plan is None and one.exit == UNKNOWN_EXIT
            counts.failed += one.plan is None and one.exit != UNKNOWN_EXIT
        more = _weighed(reading.said, made) if len(made) == len(results) else {}
        plans = [one.plan for one in made if one.plan is not None]
        return answer | {
            "pairs": [self._data(served, one, more.get(served.name, ())) for served, one in results.items()],
            "total": str(counts) if len(made) == len(results) else None,
            "left": [line for plan in plans for line in left_of(plan, shown=bool(plan["changes"]))],
            "absent": [name for name in reading.said if name not in {served.name for served in results}],
        }

    def one(self, served: ServedPair, *, again: bool) -> dict[str, Any] | None:
        """Return the plan of a pair with all its changes; None if it is not made yet."""
        reading = self._file.read()
        answer = self._about(reading) | {"plan": None, "left": []}
        if reading.said is None or served.name not in reading.said:
            return answer
        result = self._result(served, reading, again=again)
        if result is None:
            return None
        plan = result.plan
        left = [] if plan is None else left_of(plan, shown=bool(plan["changes"]))
        return answer | {"plan": self._data(served, result, (), most=None), "left": left}

    def _about(self, reading: _Reading) -> dict[str, Any]:
        said = reading.said
        return {
            "file": self.path,
            "problems": [{**one.to_dict(), "place": str(one)} for one in reading.problems],
            "warnings": [] if said is None else [str(one) for one in said.warnings],
        }

    def _result(self, served: ServedPair, reading: _Reading, *, again: bool) -> PairResult | None:
        assert reading.said is not None
        job = partial(_plan, served.pair, reading.said[served.name])
        key = ("wanted", reading.version)
        self._fleet.jobs.forget(served.number, lambda old: isinstance(old, tuple) and old[0] == "wanted" and old != key)
        keep = self._fleet.interval if again else FOREVER
        try:
            outcome = self._fleet.longer(served, key, job, keep=keep)
        except Busy:
            return None
        return _ended(outcome)

    def _data(
        self,
        served: ServedPair,
        result: PairResult | None,
        more: Iterable[tuple[str, str]],
        *,
        most: int | None = MOST_ROWS,
    ) -> dict[str, Any]:
        data: dict[str, Any] = {"number": served.number, "name": served.name}
        if result is None:
            return data | {"outcome": "reading"}
        data["outcome"] = result.outcome
        if result.plan is None:
            error = result.error or {}
            return data | {"error": text_of(error).split("\n"), "hint": hint_of(error)}
        rows, _ = rows_of(result.plan)
        return data | {
            "heading": heading(result.plan).removeprefix(served.name).strip() if rows else "unchanged",
            "rows": rows[:most],
            "rest": len(rows) - len(rows[:most]),
            "notes": notes_of(result.plan, more) if rows else [],
            "digest": result.plan["digest"],
        }


def _ended(outcome: Outcome) -> PairResult | None:
    if not outcome.future.done():
        return None
    result: PairResult = outcome.future.result()
    return result


def _weighed(said: "Said", results: Iterable[PairResult]) -> Mapping[str, list[tuple[str, str]]]:
    from ..fleet.desired.whole import weigh_run

    return weigh_run(said, results)


def _plan(pair: FailoverPair, wanted: "Wanted") -> PairResult:
    """Plan a pair, as `dhcpfo.fleet.run` does with a `PlanJob`."""
    from ..fleet.desired import Desired

    try:
        answer = PlanJob(Desired(wanted)).do(_as_in_file(pair, wanted), lambda event: None)
    except Exception as error:  # noqa: BLE001  a result in any case
        return PairResult(pair=wanted.name, outcome=outcome_of(error), error=describe(error))
    return PairResult(pair=wanted.name, outcome=answer.outcome, plan=answer.plan)


def _as_in_file(pair: FailoverPair, wanted: "Wanted") -> FailoverPair:
    """Return the pair with the addresses that the file gives.

    Raises:
        ValueError: The file names other servers now.
    """
    if [name.casefold() for name in wanted.servers] != [pair.names.primary.casefold(), pair.names.secondary.casefold()]:
        raise ValueError("the file names other servers than at the start: start dhcpfo serve again")
    if wanted.addresses is None:
        return pair
    one, other = wanted.addresses
    return FailoverPair(
        pair.primary,
        pair.secondary,
        primary_address=one,
        secondary_address=other,
        calls_at_once=pair.calls_at_once,
        clock=pair.clock,
    )
