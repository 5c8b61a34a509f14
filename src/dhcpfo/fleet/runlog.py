"""The log of a run: one JSON line for each event, to see what happened and to try failed pairs again."""

import contextlib
import json
import os
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .results import FAILED, FleetEvent

__all__ = ["RunLog", "failed_pairs"]


class RunLog:
    """Writes the events of a run to a file; pass it as ``on_event`` of `run`, or call it from there.

    Each event is appended with one write, so several runs may share a file. It holds names, outcomes and errors, no
    secrets and no configurations. No operation depends on it.

    Args:
        path: The file; it is created if it does not exist.

    Raises:
        OSError: The file cannot be opened.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOINHERIT", 0)
        self._file = os.open(path, flags, 0o600)

    def __call__(self, event: FleetEvent) -> None:
        """Write an event."""
        said: dict[str, Any] = {
            "time": event.time.isoformat(timespec="milliseconds"),
            "event": event.what,
            "pair": event.pair,
            "job": event.job,
        }
        if event.what == "step":
            said |= {"step": event.step, "state": event.state}
        if (result := event.result) is not None:
            said |= {"outcome": result.outcome, "exit": result.exit, "calls": result.calls}
            said["seconds"] = round(result.seconds, 3)
            if result.error is not None:
                kept = ("kind", "text", "code", "function", "server", "guards", "left", "calls")
                said["error"] = {key: result.error[key] for key in kept if key in result.error}
        os.write(self._file, (json.dumps(said, ensure_ascii=True) + "\n").encode("ascii"))

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
        self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            self.close()


def failed_pairs(path: str | PathLike[str]) -> list[str]:
    """Return the names of the pairs that a run log says have to be tried again, in the order of their first event.

    Those are the pairs with a last outcome of ``"refused"``, ``"failed"``, ``"unknown"`` or ``"abandoned"`` of a job,
    and those that were to be done and did not end, because the run was killed. That a later plan could be made does
    not mean that an apply which failed is done.

    Args:
        path: The file. Lines that are not whole are skipped: a kill can leave one.

    Raises:
        OSError: The file cannot be read.
        ValueError: It holds no event of a run.
    """
    pairs: dict[str, dict[str, bool]] = {}  # whether each job has to be done again
    seen = False
    with Path(path).open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                said = json.loads(line)
                event, pair, job = said["event"], said["pair"], said.get("job", "")
                jobs = pairs.setdefault(pair, {})
                if event in ("wait", "begin"):
                    jobs[job] = True
                elif event == "end":
                    _end(jobs, job, said.get("outcome"))
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                continue
            seen = True
    if not seen and Path(path).stat().st_size:
        raise ValueError(f"{path} is not a run log")
    return [pair for pair, jobs in pairs.items() if any(jobs.values())]


def _end(jobs: dict[str, bool], job: str, outcome: str) -> None:
    """Take down the end of a pair's job: a later job of another kind does not mend what failed."""
    failed = outcome in FAILED
    jobs.pop("", None)  # it was not begun
    if not job and not failed:
        jobs.clear()
    jobs[job] = failed
    if job == "apply":  # it has planned, too
        jobs.pop("plan", None)
    elif job == "plan" and outcome == "unchanged":
        jobs.pop("apply", None)
