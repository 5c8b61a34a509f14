"""Fleets in a lab, for the tests of runs."""

import threading
import time
from pathlib import Path
from typing import Any

from dhcpfo import FailoverPair
from dhcpfo.fleet import PairRef
from dhcpfo.simulator import Lab


def fleet(lab: Lab, count: int, *, hub: bool = False, first: int = 0, lab_path: Path | None = None) -> list[PairRef]:
    """Add pairs to a lab, each with a relationship of its own and one scope.

    Args:
        lab: The lab.
        count: How many.
        hub: Whether all share their secondary.
        first: The number of the first one.
        lab_path: The lab's file; None opens the pairs of a lab in memory, which works in threads only.
    """
    refs = []
    for number in range(first, first + count):
        ends = f"a{number}", "hub" if hub else f"b{number}"
        scope = f"10.{number // 250}.{number % 250}.0/24"
        lab.add_pair(f"r{number}", primary=ends[0], secondary=ends[1], scopes=[scope], direct=True)
        more: dict[str, Any] = {"lab": lab_path} if lab_path is not None else {"opener": opener(lab)}
        refs.append(PairRef.of(",".join(ends), f"p{number}", **more))
    return refs


def opener(lab: Lab) -> Any:
    """Return what opens the pairs of a lab in memory."""

    def open_(ref: PairRef) -> FailoverPair:
        return lab.connect_pair(ref.primary.name, ref.secondary.name, direct=True)

    return open_


class Hanging:
    """Makes the calls of one method of one server hang until it is released."""

    def __init__(self, lab: Lab, server: str, method: str | None = None) -> None:
        self.begun = threading.Event()
        self.release = threading.Event()
        self.calls = 0
        lab.before(server, method, self._hang, every=True)

    def _hang(self) -> None:
        self.calls += 1
        self.begun.set()
        self.release.wait(60)


def settled(check: Any, seconds: float = 20) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end
        time.sleep(0.01)
