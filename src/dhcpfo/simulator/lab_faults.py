"""The part of `Lab` that plants faults."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Literal

from ..api import FUNCTIONS
from ..arguments import text
from ..errors import ErrorCode
from ..models import AddressLike
from ..models.convert import to_timedelta, wrong_type
from .faults import Fault
from .hooks import Hook
from .lab_base import LabBase, check_number, find_host
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
        client: str | None = None,
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
            client: Only calls of connections that were made with ``connect(…, client=…)`` count and fail; the server
                is then, for example, unreachable (1722) from one machine only. None is every connection.
        """
        code = check_number("code", code, 1)
        if code in (ErrorCode.ERROR_MORE_DATA, ErrorCode.ERROR_NO_MORE_ITEMS):
            raise ValueError(f"code must not be 234 or 259, got {code}; see limit_page for partial answers")
        fault = Fault(function=_method(function), code=code, carried_out=carried_out)
        self._plant(server, fault, call, calls, every, duration, client)

    def drop(
        self,
        server: AddressLike,
        function: str | None,
        *,
        carried_out: bool | Literal["later"],
        call: int = 1,
        calls: int = 1,
        every: bool = False,
        duration: timedelta | None = None,
        delay: timedelta | None = None,
        client: str | None = None,
    ) -> None:
        """Break the connection during one or more coming calls (1726).

        With ``carried_out="later"`` the server still does the work, but not at once: first its caller and others see it
        undone. What it would answer is lost. The work is lost, too, if the server stops before it.

        Args:
            server: The server that is called.
            function: As for `fail`.
            carried_out: Whether it breaks after the server did its work, or before. "later": before, and the server
                does its work after ``calls`` further calls, or after ``delay``.
            call: As for `fail`.
            calls: As for `fail`. With "later" one call breaks, and this says after how many further calls to this
                server, of any function and client, it is carried out.
            every: As for `fail`.
            duration: As for `fail`.
            delay: With "later": carry it out after this much time on the lab's clock, instead of after calls.
            client: As for `fail`.

        Example:
            >>> lab.drop("dhcp1", "create_scope", carried_out="later", calls=2)  # two more calls do not see it
        """
        fault = Fault(function=_method(function), code=int(ErrorCode.RPC_S_CALL_FAILED))
        if carried_out == "later":
            if delay is None:
                fault.late_calls = check_number("calls", calls, 1)
            elif calls != 1:
                raise ValueError("calls must not be given together with delay")
            else:
                fault.late_time = _positive("delay", delay)
            calls = 1
        elif not isinstance(carried_out, bool):
            raise ValueError(f"carried_out must be True, False or 'later', got {carried_out!r}")
        elif delay is not None:
            raise ValueError("delay must not be given unless carried_out is 'later'")
        else:
            fault.carried_out = carried_out
        self._plant(server, fault, call, calls, every, duration, client)

    @exclusive
    def before(
        self,
        server: AddressLike,
        function: str | None,
        action: Callable[[], object],
        *,
        call: int = 1,
        calls: int = 1,
        every: bool = False,
        client: str | None = None,
    ) -> None:
        """Do something right before one or more coming calls, such as a change by another administrator.

        The action runs in the caller's thread before the server sees the call. It may use the lab and its connections,
        and its own calls count, too. An exception that it raises reaches the caller. It belongs to this `Lab` object
        and its connections, and is not kept in files.

        Args:
            server: The server that is called.
            function: As for `fail`.
            action: A function without arguments.
            call: The call before which it happens first, counted from now; 1 is the next.
            calls: Before how many calls it happens, from that one on.
            every: Before every call from that one on, until `clear_faults`.
            client: As for `fail`; with it, the action's own calls through other connections do not count.

        Example:
            >>> lab.before("dhcp2", "set_scope", lambda: other.set_scope("10.0.0.0", comment="mine"))
        """
        if not callable(action):
            raise wrong_type("action", action, "a function")
        hook = Hook(
            server="",
            function=_method(function),
            action=action,
            client=None if client is None else text("client", client),
            call=check_number("call", call, 1),
            calls=None if every else check_number("calls", calls, 1),
        )
        if every and calls != 1:
            raise ValueError("calls must not be given together with every")
        with self._transactions.begin(changing=False) as state:
            hook.server = find_host(state, server).name
        self._transactions.hooks.add(hook)

    def limit_page(
        self,
        server: AddressLike,
        items: int,
        *,
        call: int = 1,
        calls: int = 1,
        every: bool = False,
        duration: timedelta | None = None,
        client: str | None = None,
    ) -> None:
        """Limit the entries that one or more coming enumerations answer; the rest follows on the next call.

        Args:
            server: The server that is called.
            items: The most entries in an answer.
            call: As for `fail`.
            calls: As for `fail`.
            every: As for `fail`.
            duration: As for `fail`.
            client: As for `fail`.
        """
        fault = Fault(function=None, page_items=check_number("items", items, 0))
        self._plant(server, fault, call, calls, every, duration, client)

    @exclusive
    def clear_faults(self, server: AddressLike) -> None:
        """Remove all faults that are planted on a server, and what is to happen before its calls."""
        with self._changing(server) as (_, host, _now):
            host.faults = ()
            name = host.name
        self._transactions.hooks.clear(name)

    @exclusive
    def _plant(
        self,
        server: AddressLike,
        fault: Fault,
        call: int,
        calls: int,
        every: bool,
        duration: timedelta | None,
        client: str | None,
    ) -> None:
        if client is not None:
            fault.client = text("client", client)
        fault.call = check_number("call", call, 1)
        endless = every or duration is not None
        if endless and calls != 1:
            raise ValueError("calls must not be given together with every or duration")
        fault.calls = None if endless else check_number("calls", calls, 1)
        if duration is not None:
            duration = _positive("duration", duration)
        with self._changing(server) as (state, host, now):
            if duration is not None:
                state.clock.after(duration)
                fault.until = now + duration
            if fault.late_time is not None:
                state.clock.after(fault.late_time)
            host.faults = (*host.faults, fault)


def _positive(argument: str, value: timedelta) -> timedelta:
    time = to_timedelta(value, argument)
    if time <= timedelta(0):
        raise ValueError(f"{argument} must be positive, got {time}")
    return time


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
