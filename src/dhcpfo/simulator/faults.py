"""Faults that a test plants in a server's answers."""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Fault"]


@dataclass(slots=True, kw_only=True)
class Fault:
    """Something that goes wrong with one coming call.

    Attributes:
        function: The method of `dhcpfo.api.ManagementApi` it waits for; None for any.
        call: How many matching calls away it is; 1 is the next.
        code: The code that the caller gets; None leaves the answer alone.
        carried_out: Whether the server does its work before the caller gets the code.
        page_items: How many entries an enumeration answers at most; None for as many as fit.
    """

    function: str | None
    call: int = 1
    code: int | None = None
    carried_out: bool = False
    page_items: int | None = None


def due(faults: list[Fault], function: str) -> Fault | None:
    """Count a call of ``function`` and return the fault that it meets, which is then used up."""
    waiting: Sequence[Fault] = [fault for fault in faults if fault.function in (None, function)]
    for fault in waiting:
        fault.call -= 1
    for fault in waiting:
        if fault.call <= 0:
            faults.remove(fault)
            return fault
    return None
