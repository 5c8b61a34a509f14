"""The one clock of a lab."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

__all__ = ["Clock"]

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

LAST = datetime(2100, 1, 1, tzinfo=UTC)
"""Where a lab's time ends: the API counts times up to February 2106, and leases reach ahead of the clock."""


@dataclass(slots=True)
class Clock:
    """A clock that is stepped by hand, runs with the machine's, or runs faster or slower.

    Attributes:
        start: What the clock shows at ``since``; aware.
        rate: Seconds that pass on it for each second of the machine's clock: 0 is stepped by hand, 1 is real time.
        since: The machine's clock when it showed ``start``, in seconds since 1970.
    """

    start: datetime = EPOCH
    rate: float = 0.0
    since: float = field(default_factory=time.time)

    def __post_init__(self) -> None:
        if self.start.tzinfo is None:
            raise ValueError("the clock's start must have a time zone")
        if self.rate < 0:
            raise ValueError(f"the clock cannot run backwards: rate {self.rate}")

    @classmethod
    def by_hand(cls, start: datetime = EPOCH) -> "Clock":
        """Return a clock that moves only when it is told to."""
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
        """Return what the clock will show so much later.

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
        """Put the clock forward.

        Raises:
            ValueError: ``delta`` is negative.
            OverflowError: The clock would pass `LAST`.
        """
        if delta < timedelta(0):
            raise ValueError(f"the clock cannot be put back: {delta}")
        self.after(delta)
        self.start += delta
