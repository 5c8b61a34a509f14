"""One transaction on the state of a lab, for the methods of `Lab` and for the calls to its servers."""

import enum
import functools
import json
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from ..api import CHANGES, FUNCTIONS
from ..errors import DhcpError, ErrorCode, from_code
from ..models import Secret, ServerVersion
from .faults import Fault, LateCall, count_call
from .hooks import Hooks
from .state import Endpoint, Host, LabState, Power
from .state_machine import refresh, run
from .store import Store

__all__ = ["Call", "Nested", "Rights", "Rules", "Transactions", "exclusive"]

Value = TypeVar("Value")
Parameters = ParamSpec("Parameters")

FIRST_VERSION: Mapping[str, ServerVersion] = {
    "failover": ServerVersion(6, 2),
    "enum_reservations": ServerVersion(6, 2),
    "get_free_addresses": ServerVersion(6, 2),
    "get_scope_delay": ServerVersion(6, 1),
    "set_scope_delay": ServerVersion(6, 1),
    "policies": ServerVersion(6, 2),
    "enum_policies": ServerVersion(6, 3),
    "get_policy": ServerVersion(6, 3),
    "create_policy": ServerVersion(6, 3),
    "set_policy": ServerVersion(6, 3),
    "get_counters": ServerVersion(6, 1),
    "clients": ServerVersion(6, 2),
    "filters": ServerVersion(6, 1),
}
"""The first version of Windows Server that has the functions of a family, or a method; others have no such limit."""


class Transactions:
    """Opens the state of a lab, to one caller at a time.

    Args:
        store: Where the state is kept.
        late: What the lab does with late calls.

    Attributes:
        hooks: What happens before chosen calls.
    """

    def __init__(self, store: Store, late: "LateCalls") -> None:
        self.store = store
        self.late = late
        self.closed = False
        self.hooks = Hooks()

    @contextmanager
    def begin(self, *, changing: bool = True, whole: bool = True) -> Iterator[LabState]:
        """Open the state after all pending events have run; what changed is kept when the context ends.

        It is kept if the context ends in a `DhcpError`, too: a call can be carried out although its caller gets an
        error. Any other exception rolls everything back, wherever it was raised.

        Args:
            changing: Whether the caller changes the state. Otherwise the caller sets `LabState.changed` when it does.
            whole: Whether it may change any server. Otherwise the caller names those that it changes by
                `LabState.touch`.
        """
        with self.store.transaction() as state:
            if state.carry_out is None:
                state.carry_out = functools.partial(_carry_out, weakref.proxy(self))  # no circle, which would live on
            state.changed = changing
            state.touched = None if whole and changing else frozenset()
            run(state, state.clock.read())
            try:
                yield state
            except DhcpError:
                _refresh(state)
                raise
            else:
                _refresh(state)

    @contextmanager
    def begin_call(self) -> Iterator[LabState]:
        """Open the state for a call to a server; a closed lab has no server that could be reached."""
        if self.closed:
            yield LabState()
            return
        with self.begin(changing=False, whole=False) as state:
            yield state


def _carry_out(transactions: Transactions, lab: LabState, host: Host, late: LateCall, now: datetime) -> None:
    host.late = tuple(other for other in host.late if other is not late)
    transactions.late.carry_out(Nested(transactions, lab, now), host.name, late)


class Nested(Transactions):
    """Offers the transaction that is open to a late call.

    Args:
        outer: Has opened it.
        lab: Its state.
        now: When the late call is carried out.
    """

    def __init__(self, outer: Transactions, lab: LabState, now: datetime) -> None:
        super().__init__(outer.store, outer.late)
        self._lab = lab
        self.now = now

    @contextmanager
    def begin_call(self) -> Iterator[LabState]:
        """See `Transactions`."""
        yield self._lab


class LateCalls(Protocol):
    """Keeps the arguments of calls that are carried out later, and carries them out."""

    def pack(self, value: Any, /) -> Any:
        """Return a value in terms of JSON."""
        ...

    def carry_out(self, transactions: Nested, server: str, late: LateCall, /) -> None:
        """Carry out a late call."""
        ...


def _refresh(state: LabState) -> None:
    if state.changed:
        refresh(state, state.clock.read())


class HasTransactions(Protocol):
    """An object with methods that work on a lab."""

    _transactions: Transactions


This = TypeVar("This", bound=HasTransactions)


def exclusive(
    method: "Callable[Concatenate[This, Parameters], Value]",
) -> "Callable[Concatenate[This, Parameters], Value]":
    """Let a method that opens transactions hold the lab's lock while it runs.

    It is a function with a plain lock, because only that is released wherever a signal handler raises; see
    `store.base.Locked`. A call that has to wait begins again after the wait, which happens without the lock.
    """

    @functools.wraps(method)
    def locked(self: This, /, *args: Parameters.args, **keywords: Parameters.kwargs) -> Value:
        store = self._transactions.store
        begins = not store.lock._is_owned()  # type: ignore[attr-defined]
        try:
            with store.lock:
                if begins:
                    store.recover()
                _thread.arguments = args, keywords
                try:
                    return method(self, *args, **keywords)
                finally:
                    _thread.arguments = (), {}
                    if begins:
                        store.recover()  # after an interruption; or a file would stay locked until the next call
        except _Wait as wait:
            actions = wait.actions
        for action in actions:
            action()
        _thread.waited = True
        try:
            return locked(self, *args, **keywords)
        finally:
            _thread.waited = False

    return locked


class _Wait(Exception):  # noqa: N818  not an error
    """Ends a call before it has begun: something has to happen first, without the lock."""

    def __init__(self, actions: list[Callable[[], object]]) -> None:
        self.actions = actions


class _Thread(threading.local):
    waited = False
    """Whether everything has happened that the call of this thread had to wait for."""
    arguments: tuple[tuple[Any, ...], dict[str, Any]] = (), {}
    """The arguments of the call of this thread."""


_thread = _Thread()


class Rights(enum.Enum):
    """What the caller of a connection may do."""

    ADMINISTRATOR = "administrator"
    """Member of DHCP Administrators: may read and change."""
    USER = "user"
    """Member of DHCP Users: may read."""
    NONE = "none"
    """Member of neither group."""

    @property
    def read(self) -> bool:
        """Whether reading calls are answered."""
        return self is not Rights.NONE

    @property
    def write(self) -> bool:
        """Whether changing calls are answered."""
        return self is Rights.ADMINISTRATOR


@dataclass(slots=True, kw_only=True)
class Call:
    """The values that a rule works with while it answers a call.

    Attributes:
        lab: The state of the lab.
        host: The server that is called.
        rights: The rights of the caller.
        now: The time on the lab's clock.
        page_items: The most entries that an enumeration may answer because of a fault; None means unlimited.
        error: Makes the error for a code.
    """

    lab: LabState
    host: Host
    rights: Rights
    now: datetime
    page_items: int | None
    error: Callable[[int], DhcpError]

    def refuse(self, condition: bool, code: int) -> None:
        """Answer the code if the condition holds."""
        if condition:
            raise self.error(code)

    def need(self, value: Value | None, code: int) -> Value:
        """Return the value, or answer the code if it is None."""
        if value is None:
            raise self.error(code)
        return value

    def find(self, name: str) -> Endpoint | None:
        """Return this server's copy of a relationship, or None."""
        return self.lab.endpoint(self.host, name)

    @property
    def local_time(self) -> datetime:
        """The time on this server's clock."""
        return self.now + self.host.clock_offset


class Rules:
    """Base of the rules of each family: what every call to a simulated server has in common.

    Args:
        transactions: Opens the lab's state.
        server: The server's name or address in the lab.
        rights: The rights of the caller.
        client: The name of the machine or program that calls, for faults that concern one client only.
    """

    def __init__(self, transactions: Transactions, server: str, rights: Rights, client: str | None = None) -> None:
        self._transactions = transactions
        self._server = server
        self._rights = rights
        self._client = client

    @property
    def server(self) -> str:
        """The server as it was named when connecting."""
        return self._server

    @contextmanager
    def _call(self, method: str, **about: Any) -> Iterator[Call]:
        """Open the state for one call: wait, refuse if the server is away, and apply the fault that is due.

        Args:
            method: The method of `dhcpfo.api.ManagementApi`.
            about: What the call is about, for its errors.
        """
        function = FUNCTIONS[method]

        def error(code: int) -> DhcpError:
            return from_code(code, function.name, self._server, **about)

        with self._transactions.begin_call() as lab:
            host = lab.find(self._server)
            if isinstance(self._transactions, Nested):
                assert host is not None
                now = self._transactions.now
                yield Call(lab=lab, host=host, rights=self._rights, now=now, page_items=None, error=error)
                return
            if not _thread.waited:
                self._wait(host, method)
            if host is None or host.power is Power.OFF:
                raise error(ErrorCode.RPC_S_SERVER_UNAVAILABLE)
            if host.power is Power.STOPPED:
                raise error(ErrorCode.EPT_S_NOT_REGISTERED)
            first = FIRST_VERSION.get(method) or FIRST_VERSION.get(function.family, host.version)
            if host.version < first:
                raise error(ErrorCode.RPC_S_PROCNUM_OUT_OF_RANGE)
            now = lab.clock.read()
            lab.changed |= method in CHANGES or bool(host.faults or host.late)
            lab.touch(host)
            waiting, fault = host.late, None
            if host.faults:
                fault, host.faults = count_call(host.faults, method, self._client, now)
            lost = fault.code if fault is not None else None
            page_items = fault.page_items if fault is not None else None
            try:
                if fault is not None and lost is not None and not fault.carried_out:
                    self._postpone(fault, host, method, now)
                    raise error(lost)
                try:
                    yield Call(lab=lab, host=host, rights=self._rights, now=now, page_items=page_items, error=error)
                except DhcpError:
                    if lost is None:
                        raise
                if lost is not None:  # whatever the answer was
                    raise error(lost) from None
            except DhcpError:
                _count_down(lab, host, waiting, now)
                raise
            _count_down(lab, host, waiting, now)

    def _wait(self, host: Host | None, method: str) -> None:
        """End the call if something has to happen before it."""
        if host is None:
            return
        actions = self._transactions.hooks.due(host, method, self._client)
        if host.power is Power.RUNNING and host.delay:
            actions.append(functools.partial(time.sleep, host.delay.total_seconds()))
        if actions:
            raise _Wait(actions)

    def _postpone(self, fault: Fault, host: Host, method: str, now: datetime) -> None:
        """Note a call that is carried out later, if its fault says so; one that only reads has no effect then."""
        late = fault.late_calls is not None or fault.late_time is not None
        if late and method in CHANGES:
            arguments, keywords = _thread.arguments
            pack = self._transactions.late.pack
            text = Secret(json.dumps([pack(arguments), [[name, pack(value)] for name, value in keywords.items()]]))
            due = None if fault.late_time is None else now + fault.late_time
            call = LateCall(method=method, arguments=text, rights=self._rights.value, calls=fault.late_calls, due=due)
            host.late = (*host.late, call)


def _count_down(lab: LabState, host: Host, waiting: tuple[LateCall, ...], now: datetime) -> None:
    """Count a call for the late calls that wait for further calls, and carry out those that are due."""
    for late in waiting:
        if late.calls is None or late not in host.late:
            continue
        if late.calls > 1:
            host.late = tuple(replace(late, calls=late.calls - 1) if other is late else other for other in host.late)
        elif lab.carry_out is not None:
            lab.carry_out(lab, host, late, now)
