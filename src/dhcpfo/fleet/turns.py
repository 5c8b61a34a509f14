"""The pairs of a run that have not begun, with their jobs."""

import uuid
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias, cast

from .groups import groups_of
from .jobs import Job
from .servers import PairRef
from .work import Task, pack

__all__ = ["JobOf", "Turn", "Turns"]

JobOf: TypeAlias = Job | Callable[[PairRef], Job]


@dataclass(slots=True, eq=False)
class Turn:
    """A pair whose turn it is.

    Attributes:
        task: The pair and its job, as a worker gets them.
        group: The pairs whose turn comes after this one.
        packed: The same as bytes, for other processes.
        told: Whether somebody was told that it has begun.
    """

    task: Task
    group: deque[PairRef]
    packed: bytes | None
    told: bool = False


class Turns:
    """The pairs that have not begun. It is true if there are any whose turn it may be.

    Args:
        pairs: The pairs.
        job: The job, or a function that returns the job for a pair.
        per_server: The most calls at the same time to each server.
        time_limit: How long a pair may take; None for what the job says.
        packs: Whether the tasks go to other processes.

    Attributes:
        reading: Whether the last job only reads.
    """

    def __init__(
        self, pairs: Iterable[PairRef], job: JobOf, per_server: int, time_limit: timedelta | None, *, packs: bool
    ) -> None:
        self.reading = False
        self._job = job
        self._per_server = per_server
        self._time_limit = time_limit
        self._packs = packs
        self._nonce = uuid.uuid4().hex
        self._waiting = deque(map(deque, groups_of(pairs)))
        self._made: dict[str, Job] = {}

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def clear(self) -> None:
        """Forget all pairs."""
        self._waiting.clear()
        self._made.clear()

    def pop(self) -> tuple[PairRef, deque[PairRef]]:
        """Return the next pair, and those whose turn comes after it: pass them to `put_back` when it has ended."""
        group = self._waiting.popleft()
        return group.popleft(), group

    def put_back(self, group: deque[PairRef], *pairs: PairRef) -> None:
        """Let a group have its turn next, beginning with a pair that was taken from it."""
        group.extendleft(pairs)
        if group:
            self._waiting.appendleft(group)

    def take_back(self, turn: Turn) -> None:
        """Let a pair that has not begun have its turn next, with the job that was made for it."""
        self._made[turn.task.ref.name] = turn.task.job
        self.put_back(turn.group, turn.task.ref)

    def prepare(self, pair: PairRef, group: deque[PairRef], *, reads: bool) -> Turn | None:
        """Make the job of a pair and what a worker gets. After an error of the caller's job, the pair is put back.

        Args:
            pair: The pair.
            group: What comes after it.
            reads: Put the pair back and return None if the job does not only read.
        """
        try:
            job = self._made.pop(pair.name, None)
            if job is None:
                job = cast("Job", self._job if hasattr(self._job, "do") else self._job(pair))
            self.reading = getattr(job, "reads_only", False)
            limit = self._time_limit or job.time_limit
            task = Task(f"{self._nonce} {pair.name}", pair, job, self._per_server, limit.total_seconds())
            wanted = self.reading or not reads
            turn = Turn(task, group, pack(task) if self._packs and wanted else None)
        except BaseException:
            self.put_back(group, pair)
            raise
        if not wanted:
            self.take_back(turn)
            return None
        return turn
