"""Two failover partners as one: plans, operations that undo what they cannot finish, replication, audit.

`FailoverPair` has the operations. The errors derive from `PairFailure`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .audit import Finding, Findings, checker
    from .clock import Clock
    from .errors import Cancelled, Conflict, Left, NotReached, PairError, PairFailure, Refused
    from .pair import FailoverPair
    from .parts import About, Note, PairId, SecretRef, Side, Undo
    from .plan import Plan, Request, Step
    from .progress import Event, Result

__all__ = [
    "About",
    "Cancelled",
    "Clock",
    "Conflict",
    "Event",
    "FailoverPair",
    "Finding",
    "Findings",
    "Left",
    "NotReached",
    "Note",
    "PairError",
    "PairFailure",
    "PairId",
    "Plan",
    "Refused",
    "Request",
    "Result",
    "SecretRef",
    "Side",
    "Step",
    "Undo",
    "checker",
]


def __getattr__(name: str) -> Any:
    # Loaded on first use: who only reads both servers, as a monitoring plugin does, needs little of it.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import audit, clock, errors, pair, parts, plan, progress

    modules = (audit, clock, errors, pair, parts, plan, progress)
    return next(getattr(module, name) for module in modules if name in module.__all__)


def __dir__() -> list[str]:
    return __all__
