"""One transaction on the state of a lab, for the methods of `Lab` and for the calls to its servers."""

import enum
import functools
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from ..api import CHANGES, FUNCTIONS
from ..errors import DhcpError, ErrorCode, from_code
from ..models import ServerVersion
from .faults import count_call
from .state import Endpoint, Host, LabState, Power
from .state_machine import refresh, run
from .store import Store

__all__ = ["Call", "Rights", "Rules", "Transactions", "exclusive"]

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
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.closed = False

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
    `store._Locked`. A call that has to wait begins again after the wait, which happens without the lock.
    """

    @functools.wraps(method)
    def locked(self: This, /, *args: Parameters.args, **keywords: Parameters.kwargs) -> Value:
        store = self._transactions.store
        begins = not store.lock._is_owned()  # type: ignore[attr-defined]
        try:
            with store.lock:
                if begins:
                    store.recover()
                return method(self, *args, **keywords)
        except _Wait as wait:
            delay = wait.delay
        time.sleep(delay.total_seconds())
        _waited.yes = True
        try:
            return locked(self, *args, **keywords)
        finally:
            _waited.yes = False

    return locked


class _Wait(Exception):  # noqa: N818  not an error
    """Ends a call to a slow server before it has begun."""

    def __init__(self, delay: timedelta) -> None:
        self.delay = delay


class _Waited(threading.local):
    yes = False


_waited = _Waited()


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
    """

    def __init__(self, transactions: Transactions, server: str, rights: Rights) -> None:
        self._transactions = transactions
        self._server = server
        self._rights = rights

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
            if host is not None and host.power is Power.RUNNING and host.delay and not _waited.yes:
                raise _Wait(host.delay)
            if host is None or host.power is Power.OFF:
                raise error(ErrorCode.RPC_S_SERVER_UNAVAILABLE)
            if host.power is Power.STOPPED:
                raise error(ErrorCode.EPT_S_NOT_REGISTERED)
            first = FIRST_VERSION.get(method) or FIRST_VERSION.get(function.family, host.version)
            if host.version < first:
                raise error(ErrorCode.RPC_S_PROCNUM_OUT_OF_RANGE)
            now = lab.clock.read()
            lab.changed |= method in CHANGES or bool(host.faults)
            lab.touch(host)
            fault = None
            if host.faults:
                fault, host.faults = count_call(host.faults, method, now)
            lost = fault.code if fault is not None else None
            if fault is not None and lost is not None and not fault.carried_out:
                raise error(lost)
            page_items = fault.page_items if fault is not None else None
            try:
                yield Call(lab=lab, host=host, rights=self._rights, now=now, page_items=page_items, error=error)
            except DhcpError:
                if lost is None:
                    raise
            if lost is not None:  # whatever the answer was
                raise error(lost) from None
