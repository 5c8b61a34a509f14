"""Many pairs at once: `run` does a job for each pair of a fleet, in threads, processes or on a cluster.

A pair is a `PairRef`, a job one of `Audit`, `PlanJob` and `ApplyJob`, and each pair ends in a `PairResult`.
"""

from .executor import DaemonExecutor
from .jobs import Answer, ApplyJob, Audit, Job, Operation, PlanJob, Wanted, WantedPlan, digest_of
from .results import FleetEvent, PairResult, worst_exit
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
    "Operation",
    "PairRef",
    "PairResult",
    "PlanJob",
    "ServerRef",
    "Wanted",
    "WantedPlan",
    "digest_of",
    "run",
    "worst_exit",
]
