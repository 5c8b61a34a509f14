"""Many pairs at once: `run` does a job for each pair of a fleet, in threads, processes or on a cluster.

A pair is a `PairRef`, a job one of `Audit`, `Look`, `PlanJob` and `ApplyJob`, and each pair ends in a `PairResult`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..pair.daemons import DaemonExecutor
    from .digests import digests_of
    from .jobs import Answer, ApplyJob, Audit, Job, Look, Operation, PlanJob, Wanted, WantedPlan
    from .results import FleetEvent, PairResult, worst_exit
    from .runlog import RunLog, failed_pairs
    from .runner import FleetRun, run
    from .servers import PairRef, ServerRef

__all__ = [
    "Answer",
    "ApplyJob",
    "Audit",
    "DaemonExecutor",
    "FleetEvent",
    "FleetRun",
    "Job",
    "Look",
    "Operation",
    "PairRef",
    "PairResult",
    "PlanJob",
    "RunLog",
    "ServerRef",
    "Wanted",
    "WantedPlan",
    "digests_of",
    "failed_pairs",
    "run",
    "worst_exit",
]


def __getattr__(name: str) -> Any:
    # Loaded on first use: `dhcpfo.fleet.look` is needed by programs that must start at once.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ..pair import daemons
    from . import digests, jobs, results, runlog, runner, servers

    modules = (daemons, digests, jobs, results, runlog, runner, servers)
    return next(getattr(module, name) for module in modules if name in module.__all__)


def __dir__() -> list[str]:
    return __all__
