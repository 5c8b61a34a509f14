"""The part of `Lab` that plants faults."""

from collections.abc import Mapping
from datetime import timedelta

from ..api import FUNCTIONS
from ..errors import ErrorCode
from ..models import AddressLike
from ..models.convert import to_timedelta, wrong_type
from .faults import Fault
from .lab_base import LabBase, check_number
from .transaction import exclusive

__all__ = ["LabFaults"]

SERVER_NAMES: Mapping[str, str] = {
    "relationships": "enum_relationships",
    "get_attributes": "query_attributes",
}
"""The methods of `dhcpfo.Server` with another name than the method of `ManagementApi` that they call."""

C_NAMES = {function.name: method for method, function in FUNCTIONS.items()}


class LabFaults(LabBase):
    """Codes, lost replies and partial pages in the coming answers of a server."""

    def fail(
        self,
        server: AddressLike,
        function: str | None,
        code: int,
        *,
        call: int = 1,
        calls: int = 1,
        every: bool = False,
        duration: timedelta | None = None,
        carried_out: bool = False,
    ) -> None:
        """Make one or more coming calls fail.

        Args:
            server: The server that is called.
            function: The method of `dhcpfo.Server` or of `dhcpfo.api.ManagementApi`, or the name of the C function,
                such as ``"relationships"``, ``"enum_relationships"`` or ``"DhcpV4FailoverEnumRelationship"``. None is
                any function.
            code: The code to answer: 1 to 0xFFFFFFFF, except 234 and 259, which belong to enumerations.
            call: The first call to fail, counted from now; 1 is the next.
            calls: How many calls fail, from that one on.
            every: Fail every call from that one on, until `clear_faults`.
            duration: Fail every call from that one on, until this much time has passed on the lab's clock.
            carried_out: Carry the calls out, and answer the code anyway.
        """
        code = check_number("code", code, 1)
        if code in (ErrorCode.ERROR_MORE_DATA, ErrorCode.ERROR_NO_MORE_ITEMS):
            raise ValueError(f"code must not be 234 or 259, got {code}; see limit_page for partial answers")
        fault = Fault(function=_method(function), code=code, carried_out=carried_out)
        self._plant(server, fault, call, calls, every, duration)

    def drop(
        self,
        server: AddressLike,
        function: str | None,
        *,
        carried_out: bool,
        call: int = 1,
        calls: int = 1,
        every: bool = False,
        duration: timedelta | None = None,
    ) -> None:
        """Break the connection during one or more coming calls (1726).

        Args:
            server: The server that is called.
            function: As for `fail`.
            carried_out: Whether it breaks after the server did its work, or before.
            call: As for `fail`.
            calls: As for `fail`.
            every: As for `fail`.
            duration: As for `fail`.
        """
        fault = Fault(function=_method(function), code=int(ErrorCode.RPC_S_CALL_FAILED), carried_out=carried_out)
        self._plant(server, fault, call, calls, every, duration)

    def limit_page(
        self,
        server: AddressLike,
        items: int,
        *,
        call: int = 1,
        calls: int = 1,
        every: bool = False,
        duration: timedelta | None = None,
    ) -> None:
        """Limit the entries that one or more coming enumerations answer; the rest follows on the next call.

        Args:
            server: The server that is called.
            items: The most entries in an answer.
            call: As for `fail`.
            calls: As for `fail`.
            every: As for `fail`.
            duration: As for `fail`.
        """
        fault = Fault(function=None, page_items=check_number("items", items, 0))
        self._plant(server, fault, call, calls, every, duration)

    @exclusive
    def clear_faults(self, server: AddressLike) -> None:
        """Remove all faults that are planted on a server."""
        with self._changing(server) as (_, host, _now):
            host.faults = ()

    @exclusive
    def _plant(
        self, server: AddressLike, fault: Fault, call: int, calls: int, every: bool, duration: timedelta | None
    ) -> None:
        fault.call = check_number("call", call, 1)
        endless = every or duration is not None
        if endless and calls != 1:
            raise ValueError("calls must not be given together with every or duration")
        fault.calls = None if endless else check_number("calls", calls, 1)
        if duration is not None:
            duration = to_timedelta(duration, "duration")
            if duration <= timedelta(0):
                raise ValueError(f"duration must be positive, got {duration}")
        with self._changing(server) as (state, host, now):
            if duration is not None:
                state.clock.after(duration)
                fault.until = now + duration
            host.faults = (*host.faults, fault)


def _method(function: str | None) -> str | None:
    """Return the method of `ManagementApi` for a name of a function."""
    if function is None:
        return None
    if not isinstance(function, str):
        raise wrong_type("function", function, "str")
    method = C_NAMES.get(function) or SERVER_NAMES.get(function, function)
    if method not in FUNCTIONS:
        raise ValueError(f"function must be one of {', '.join(FUNCTIONS)}, got {function!r}")
    return method
