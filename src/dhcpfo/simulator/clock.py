"""The one clock of a lab."""

import math
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from .journal import Recorded

__all__ = ["Clock"]

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

LAST = datetime(2100, 1, 1, tzinfo=UTC)
"""Where a lab's time ends: the API counts times up to February 2106, and leases reach ahead of the clock."""

FIRST = datetime(1980, 1, 1, tzinfo=UTC)
"""Where it can begin: the API counts times from 1970, and a server's clock can be behind the lab's."""


@dataclass(slots=True)
class Clock(Recorded):
    """A clock that is advanced by hand, or runs with the machine's clock at the same or another speed.

    Attributes:
        start: What the clock shows at ``since``; aware, from 1980 to 2099.
        rate: Seconds that pass on it for each second of the machine's clock: 0 is advanced by hand, 1 is real time.
        since: The machine's clock when it showed ``start``, in seconds since 1970.
    """

    start: datetime = EPOCH
    rate: float = 0.0
    since: float = field(default_factory=time.time)

    def __post_init__(self) -> None:
        if self.start.utcoffset() is None:
            raise ValueError(f"start must have a time zone, got {self.start!r}")
        if not FIRST <= self.start <= LAST:
            raise ValueError(f"start must be between {FIRST:%Y-%m-%d} and {LAST:%Y-%m-%d}, got {self.start}")
        if not 0 <= self.rate < math.inf:
            raise ValueError(f"rate must not be negative or infinite, got {self.rate}")

    @classmethod
    def by_hand(cls, start: datetime = EPOCH) -> "Clock":
        """Return a clock that only `Lab.advance` moves."""
        return cls(start)

    @classmethod
    def real(cls) -> "Clock":
        """Return a clock that shows the time of this machine."""
        since = time.time()
        return cls(datetime.fromtimestamp(since, UTC), 1.0, since)

    @classmethod
    def scaled(cls, rate: float, start: datetime = EPOCH) -> "Clock":
        """Return a clock on which ``rate`` seconds pass for each second of this machine."""
        return cls(start, rate)

    def read(self) -> datetime:
        """Return what the clock shows now."""
        return self.after(timedelta(0))

    def after(self, delta: timedelta) -> datetime:
        """Return what the clock will show after ``delta``.

        Raises:
            OverflowError: That is after `LAST`.
        """
        passed = (time.time() - self.since) * self.rate if self.rate else 0.0
        try:
            shown = self.start + timedelta(seconds=passed) + delta
        except OverflowError:
            shown = None
        if shown is None or shown > LAST:
            raise OverflowError(f"the clock of a lab ends at {LAST:%Y-%m-%d}")
        return shown

    def advance(self, delta: timedelta) -> None:
        """Advance the clock.

        Raises:
            ValueError: ``delta`` is negative.
            OverflowError: The clock would pass `LAST`.
        """
        if delta < timedelta(0):
            raise ValueError(f"delta must not be negative, got {delta}")
        self.after(delta)
        self.start += delta
