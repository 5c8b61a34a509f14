"""What the exit codes mean."""

from collections.abc import Iterable

__all__ = [
    "CHANGES",
    "DONE",
    "FAILED",
    "INTERRUPTED",
    "LEFT",
    "MEANING",
    "REFUSED",
    "UNKNOWN",
    "USAGE",
    "worst",
]

DONE = 0
FAILED = 1
CHANGES = 2
USAGE = 3
REFUSED = 4
LEFT = 5
UNKNOWN = 6
INTERRUPTED = 130

MEANING = {
    DONE: "done, or as it should be",
    FAILED: "failed; both servers are as before",
    CHANGES: "differences, findings, or changes to make",
    USAGE: "an option, a file or a name is wrong; nothing was sent",
    REFUSED: "refused by a guard, or the answer was no; nothing was sent",
    LEFT: "failed, and something is left; it is listed",
    UNKNOWN: "unknown: a server could not be read, or the outcome of a call is not known",
    INTERRUPTED: "interrupted with Ctrl-C; what was done is undone, or the code is 5",
}

ORDER = (DONE, CHANGES, REFUSED, FAILED, USAGE, UNKNOWN, INTERRUPTED, LEFT)
"""From the best on."""


def worst(codes: Iterable[int]) -> int:
    """Return the worst of exit codes; 0 without any."""
    return max(codes, key=ORDER.index, default=DONE)
