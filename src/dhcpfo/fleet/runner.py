"""`run`: one job for each pair of a fleet, many at the same time."""

from collections.abc import Iterable
from concurrent.futures import Executor
from datetime import timedelta

from ..arguments import number
from ..models.convert import to_timedelta
from .fleet_run import MOST_AT_ONCE, FleetRun, OnEvent
from .servers import PairRef
from .turns import JobOf

__all__ = ["FleetRun", "run"]

MOST_PER_SERVER = 256


def run(
    fleet: Iterable[PairRef],
    job: JobOf,
    *,
    executor: Executor | None = None,
    per_server: int = 8,
    pairs_at_once: int = 32,
    time_limit: timedelta | None = None,
    lost_after: timedelta | None = None,
    on_event: OnEvent | None = None,
) -> "FleetRun":
    """Do a job for each pair of a fleet; yield the results as the pairs complete.

    Pairs that share a server take turns, so the limit for each server holds wherever the workers are. A pair that
    exceeds its time limit is abandoned: it gets no more calls, and its result says what had not returned. A server that
    has not returned from a call then gets no more calls in this run, and other pairs with it are *unknown*. No other
    pair waits for it, and neither does the end of the program.

    Args:
        fleet: The pairs; their names differ.
        job: The job, or a function that returns the job for a pair; it is called here when the pair's turn comes, or
            shortly before.
        executor: Where to work; threads of this process by default. Other processes and machines get the job pickled,
            and connect with their own credentials. For Dask pass ``client.get_executor(pure=False, retries=0)``.
        per_server: The most calls at the same time to each server.
        pairs_at_once: The most pairs at the same time; an executor needs as many workers to do so many. In threads of
            this process, a pair that only waits for a server, for 5 s and longer, does not count.
        time_limit: How long a pair may take, and again for each 1,000 calls; by default what the job says.
        lost_after: When the workers count as gone if none has completed a pair for so long: all pairs under way are
            *abandoned* then, and the others *unknown*. By default 30 time limits.
        on_event: Called in this thread, while it waits for a result, with a `FleetEvent`.

    Returns:
        An iterator. Nothing begins before the first result is asked for, and nothing more before the next one is; only
        of jobs that read, a few begin. `FleetRun.cancel` ends it early, and so does an error or Ctrl-C that `next`
        raises. No result is lost then: going on iterating yields one for each pair.

    Raises:
        ValueError: Two pairs have the same name.
        TypeError: The job cannot be sent to other processes; raised when the pair's turn comes.
    """
    pairs = list(fleet)
    names: set[str] = set()
    for pair in pairs:
        if not isinstance(pair, PairRef):
            raise TypeError(f"fleet must hold PairRef, not {type(pair).__name__}")
        if pair.name in names:
            raise ValueError(f"fleet has two pairs with the name {pair.name!r}")
        names.add(pair.name)
    limits = [
        None if limit is None else to_timedelta(limit, name)
        for name, limit in (("time_limit", time_limit), ("lost_after", lost_after))
    ]
    for name, limit in zip(("time_limit", "lost_after"), limits, strict=True):
        if limit is not None and limit <= timedelta(0):
            raise ValueError(f"{name} must be positive, got {limit}")
    return FleetRun(
        pairs,
        job,
        executor,
        number("per_server", per_server, MOST_PER_SERVER, 1),
        number("pairs_at_once", pairs_at_once, MOST_AT_ONCE, 1),
        limits[0],
        limits[1],
        on_event,
    )
