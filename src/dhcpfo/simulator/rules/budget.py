"""How much of an enumeration fits into one page, where the maximum is a budget of bytes."""

from collections.abc import Iterable

from ...api import WHOLE
from ..transaction import Call

__all__ = ["LEAST", "MOST", "clamped", "fitting", "text_bytes"]

LEAST, MOST = 1024, 65536
"""The limits of a budget: a smaller or larger one counts as these. `WHOLE` means everything."""


def clamped(budget: int) -> int:
    """Return the budget that a server works with."""
    return budget if budget == WHOLE else min(max(budget, LEAST), MOST)


def text_bytes(text: str | None) -> int:
    """Return how many bytes a text takes with its terminator."""
    return 0 if text is None else len(text.encode("utf-16-le", "surrogatepass")) + 2


def fitting(call: Call, sizes: Iterable[int], budget: int) -> int:
    """Return how many entries fit into a page.

    Args:
        call: The call that is answered.
        sizes: What each entry takes, in order.
        budget: The preferred maximum of the call.
    """
    budget = clamped(budget)
    count = 0
    for size in sizes:
        if budget != WHOLE:
            budget -= size
            if budget < 0 and (count or not call.lab.switches.at_least_one_entry):
                break
            budget = max(budget, 0)
        if count == call.page_items:
            break
        count += 1
    return count
