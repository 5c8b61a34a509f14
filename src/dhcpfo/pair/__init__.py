"""Two failover partners as one: plans, operations that undo what they cannot finish, replication, audit.

`FailoverPair` has the operations. The errors derive from `PairFailure`.
"""

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
