"""What the tests let run in other processes; they import it by its name."""

import os
import signal
import threading
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from dhcpfo import FailoverPair, Secret
from dhcpfo.api import CHANGES
from dhcpfo.fleet import Answer, PairRef
from dhcpfo.fleet.servers import lab_at


def dying(ref: PairRef) -> FailoverPair:
    """Open a pair in a process that kills itself before the write that a file beside the lab names.

    The file holds the number of the write, and is removed by the process that dies: only one does.
    """
    path = ref.primary.lab
    assert path is not None
    lab = lab_at(path)
    order = Path(f"{path}.die")
    pair = lab.connect_pair(ref.primary.name, ref.secondary.name)
    if order.exists():
        at = int(order.read_text())

        def die() -> None:
            order.unlink(missing_ok=True)
            os.kill(os.getpid(), signal.SIGKILL)

        writes = [0]

        def count() -> None:
            writes[0] += 1
            if writes[0] == at and order.exists():
                die()

        for server in (ref.primary.name, ref.secondary.name):
            for method in CHANGES:
                lab.before(server, method, count, every=True)
    return pair


def always_dying(ref: PairRef) -> FailoverPair:
    """Kill the process that opens this pair."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def hanging_write(ref: PairRef) -> FailoverPair:
    """Open a pair with a second server that does not return from a write."""
    assert ref.primary.lab is not None
    lab = lab_at(ref.primary.lab)
    lab.before(ref.secondary.name, "set_relationship", threading.Event().wait, every=True)
    return lab.connect_pair(ref.primary.name, ref.secondary.name)


def by_environment(ref: PairRef) -> FailoverPair:
    """Open a pair with what this process, and only this, knows."""
    return lab_at(os.environ["DHCPFO_TEST_WORKER"]).connect_pair(ref.primary.name, ref.secondary.name)


@dataclass(frozen=True)
class Process:
    """Return the process that works."""

    name: ClassVar[str] = "process"
    time_limit: ClassVar[timedelta] = timedelta(seconds=30)
    given: Any = None

    def do(self, pair: FailoverPair, progress: Any) -> Answer:
        """See `dhcpfo.fleet.Job`."""
        return Answer(outcome="unchanged", data=os.getpid())


@dataclass(frozen=True)
class Leak(Process):
    """Returns what must not leave a process."""

    def do(self, pair: FailoverPair, progress: Any) -> Answer:
        """See `dhcpfo.fleet.Job`."""
        return Answer(outcome="unchanged", data={"inside": [Secret("hunter2")]})


@dataclass(frozen=True)
class InTurn(Process):
    """Notes in a folder who works on which server; finds another one there if pairs do not take turns."""

    folder: str = ""

    def do(self, pair: FailoverPair, progress: Any) -> Answer:
        """See `dhcpfo.fleet.Job`."""
        import time

        mine = Path(self.folder) / pair.names.secondary
        with mine.open("x"):
            time.sleep(0.03)
        mine.unlink()
        return Answer(outcome="unchanged", data=os.getpid())
