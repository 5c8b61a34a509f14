"""Time as the operations see it, so that tests can run on a lab's clock."""

import time
from datetime import UTC, datetime
from typing import Protocol

__all__ = ["REAL", "Clock", "RealClock"]


class Clock(Protocol):
    """Where an operation takes its time from."""

    def monotonic(self) -> float:
        """Return the seconds since some moment; they never go back."""

    def sleep(self, seconds: float) -> None:
        """Wait."""

    def now(self) -> datetime:
        """Return the time in UTC, with its zone."""


class RealClock:
    """The time of this machine."""

    def monotonic(self) -> float:
        """Return `time.monotonic`."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait, as `time.sleep` does."""
        time.sleep(seconds)

    def now(self) -> datetime:
        """Return the time of this machine in UTC."""
        return datetime.now(UTC)

    def __reduce__(self) -> str:
        return "REAL"


REAL = RealClock()
"""The clock unless another one is passed."""
