"""Faults that a test plants in the answers of a server."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..models import Secret
from .journal import Recorded

__all__ = ["Fault", "LateCall", "count_call"]


@dataclass(slots=True, kw_only=True)
class Fault(Recorded):
    """A failure of one or more coming calls.

    Attributes:
        function: The method of `dhcpfo.api.ManagementApi` that fails; None is any.
        call: How many matching calls away the first failure is; 1 is the next call.
        calls: How many calls fail from then on; None is all.
        until: The time on the lab's clock at which the fault ends; None is never.
        code: The code that the caller gets; None leaves the answer alone.
        carried_out: Whether the server does its work before the caller gets the code.
        client: The client of which the calls fail; None is every client.
        late_calls: After how many further calls the server does its work; None is not at all.
        late_time: After how much time on the lab's clock the server does its work; None is not at all.
        page_items: The most entries that an enumeration answers; None is as many as fit.
    """

    function: str | None
    call: int = 1
    calls: int | None = 1
    until: datetime | None = None
    code: int | None = None
    carried_out: bool = False
    client: str | None = None
    late_calls: int | None = None
    late_time: timedelta | None = None
    page_items: int | None = None

    def concerns(self, method: str, client: str | None) -> bool:
        """Return whether calls of this method by this client count; a limited page is about enumerations only."""
        if self.client not in (None, client):
            return False
        return self.function in (None, method) and (self.page_items is None or method.startswith("enum_"))

    def is_over(self, now: datetime) -> bool:
        """Return whether no further call can fail."""
        return self.calls == 0 or (self.until is not None and now >= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class LateCall:
    """A call of which the reply was lost, and which the server carries out later.

    Attributes:
        method: The method of `dhcpfo.api.ManagementApi`.
        arguments: Its arguments, as JSON text; hidden because it can hold a shared secret. None in a copy of the lab
            without secrets, where the call is never carried out.
        rights: The rights of the caller.
        calls: After how many further calls the server carries it out, if that decides.
        due: When it carries it out, if the time decides.
    """

    method: str
    arguments: Secret | None
    rights: str
    calls: int | None = None
    due: datetime | None = None


def count_call(
    faults: tuple[Fault, ...], function: str, client: str | None, now: datetime
) -> tuple[Fault | None, tuple[Fault, ...]]:
    """Count a call of ``function`` by a client.

    Returns:
        The fault that this call meets, or None, and the faults that remain for later calls.
    """
    faults = tuple(fault for fault in faults if not fault.is_over(now))
    matching = [fault for fault in faults if fault.concerns(function, client)]
    for fault in matching:
        fault.call = max(fault.call - 1, 0)
    met = next((fault for fault in matching if fault.call == 0), None)
    if met is not None and met.calls is not None:
        met.calls -= 1
    return met, tuple(fault for fault in faults if not fault.is_over(now))
