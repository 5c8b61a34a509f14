"""What all calls of one pair go through: it limits them for each server, counts them, and can be closed."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from time import monotonic
from typing import Any

from ..api import CHANGES, FUNCTIONS
from ..pair import FailoverPair, Side
from ..server import Server

__all__ = ["Gate", "GateClosed", "Pending"]

CALLS = 1000
"""Calls after which a pair gets its time limit once more."""


class GateClosed(BaseException):
    """The pair was abandoned: it gets no more calls. No `Exception`, or an operation would try to go back."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A call that has not returned.

    Attributes:
        server: The server's name.
        function: The API function.
        changes: Whether it changes something: then its outcome is unknown.
        since: When it began, on `time.monotonic`.
    """

    server: str
    function: str
    changes: bool
    since: float


class Gate:
    """The calls of one pair.

    It closes by itself when the time limit is over: nobody need watch it.

    Args:
        per_server: The most calls at the same time to each server.
        seconds: The time limit, and again for each 1,000 calls.

    Attributes:
        closed: Whether it was closed, or has refused a call.
        begun: When the time limit began, on `time.monotonic`; None before.
        calls: How many calls it let pass.
    """

    def __init__(self, per_server: int, seconds: float) -> None:
        self.closed = False
        self.per_server = per_server
        self.begun: float | None = None
        self.calls = 0
        self._seconds = seconds
        self._lock = threading.Lock()
        self._pending: dict[int, Pending] = {}

    def begin(self) -> None:
        """Let the time limit begin."""
        self.begun = monotonic()

    @property
    def seconds(self) -> float:
        """How long ago the time limit began."""
        return 0.0 if self.begun is None else monotonic() - self.begun

    @property
    def limit(self) -> float:
        """The seconds of the time limit, for as many calls as there were."""
        return self._seconds * (1 + self.calls // CALLS)

    def until(self, part: float = 1.0) -> float:
        """Return when a part of the time limit is over at the earliest, on `time.monotonic`."""
        begun = monotonic() if self.begun is None else self.begun
        return begun + self._seconds * (part + self.calls // CALLS)

    def put_before(self, pair: FailoverPair, names: tuple[str, str]) -> FailoverPair:
        """Return a pair that makes the same calls through this gate, where its servers have the names passed."""
        servers = pair.primary, pair.secondary
        return FailoverPair(
            *(Server(_Gated(server.api, self, name)) for server, name in zip(servers, names, strict=True)),
            calls_at_once=pair.calls_at_once,
            dry=pair.dry,
            clock=pair.clock,
            primary_address=pair.address(Side.PRIMARY),
            secondary_address=pair.address(Side.SECONDARY),
        )

    def close(self) -> None:
        """Let no further call pass: those that have passed by now are in `pending`."""
        with self._lock:
            self.closed = True

    def pending(self) -> list[Pending]:
        """Return the calls that have not returned, the oldest first."""
        return list(self._pending.copy().values())

    def waits(self, seconds: float) -> bool:
        """Whether the pair does nothing but wait for calls that began so long ago."""
        calls = self.pending()
        return bool(calls) and monotonic() - calls[-1].since > seconds

    def through(self, api: Any, server: str, method: str, slots: "SimpleQueue[None]") -> Callable[..., Any]:
        """Return a method of a server's backend that goes through the gate."""
        call = getattr(api, method)
        function, changes = FUNCTIONS[method].name, method in CHANGES

        def carry(*args: Any) -> Any:
            slots.get()
            try:
                now = monotonic()
                with self._lock:
                    if self.closed or now >= self.until():
                        self.closed = True
                        raise GateClosed
                    self.calls += 1
                    number = self.calls
                    self._pending[number] = Pending(server, function, changes, now)
                try:
                    return call(*args)
                finally:
                    del self._pending[number]
            finally:
                slots.put(None)

        return carry


class _Gated:
    """A backend behind a gate; its methods are made when they are first used."""

    def __init__(self, api: Any, gate: Gate, name: str) -> None:
        self._api = api
        self._gate = gate
        self._name = name
        self._slots: SimpleQueue[None] = SimpleQueue()  # a semaphore, without Python's time for one
        for _ in range(gate.per_server):
            self._slots.put(None)

    def __getattr__(self, name: str) -> Any:
        if name in FUNCTIONS:
            found = self._gate.through(self._api, self._name, name, self._slots)
            setattr(self, name, found)
            return found
        return getattr(self._api, name)
