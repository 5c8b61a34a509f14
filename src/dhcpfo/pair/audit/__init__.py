"""Findings about a pair: what differs between the two servers and should not, and how to mend it."""

from . import relationships, scopes
from .finding import Finding, Findings
from .registry import CHECKERS, Checker, checker, run
from .seen import DEPTHS, PairSeen, look_at

__all__ = [
    "CHECKERS",
    "DEPTHS",
    "Checker",
    "Finding",
    "Findings",
    "PairSeen",
    "checker",
    "look_at",
    "relationships",
    "run",
    "scopes",
]
