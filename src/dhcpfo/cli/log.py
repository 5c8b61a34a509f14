"""The log of ``--log``."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ..fleet import FleetEvent, PairResult, RunLog, failed_pairs
from .files import check_name
from .problems import Problem

__all__ = ["Log"]


class Log:
    """The log of a run: what happens to each pair. The command goes on without it if it cannot be written.

    Args:
        path: The file; None writes nothing.
        warn: Tells people something.

    Raises:
        Problem: The file is something else.
        OSError: It cannot be opened.
    """

    def __init__(self, path: str | None, warn: Callable[[str], object]) -> None:
        check_name("--log", path)
        self._path = path
        self._warn = warn
        self._file = None if path is None else RunLog(path)
        try:
            if path is not None and Path(path).is_file():  # a device or a pipe may never end
                failed_pairs(path)
        except ValueError:
            raise Problem(f"--log appends to a file, and {path} is not the log of a run") from None

    def __call__(self, event: FleetEvent) -> None:
        """Write an event of a run."""
        if self._file is None:
            return
        try:
            self._file(event)
        except OSError as error:
            self._warn(f"{self._path}: {error.strerror}; the log ends here")
            self.close()

    def note(self, what: str, pair: str, job: str, result: PairResult | None = None) -> None:
        """Write an event that no run tells."""
        self(FleetEvent(what=what, time=datetime.now(UTC), pair=pair, job=job, result=result))

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
        self._file = None
