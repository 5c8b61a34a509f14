"""Reading many pairs at once, once or again and again: what monitoring does. It imports little."""

import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, cast

from ..api import FUNCTIONS
from ..pair.clock import Clock
from ..pair.parts import PairId, Side
from ..pair.threads import begin
from ..server import Server
from .look import PairLook, TwoServers, read_pair

if TYPE_CHECKING:
    from ..api import ManagementApi

__all__ = ["Reading", "read_pairs"]

PER_SERVER = 8
SLOW = 1.0
"""Seconds after which a pair that is being read does not keep another one from its turn."""

TURN = 0.2
"""The longest wait at a time, in seconds: on Windows, Ctrl-C does not end a wait."""

Options = Mapping[str, Mapping[str, Any]]


class Reading:
    """Reads pairs with a time limit for each. No pair waits for another one, and the end of the program for none.

    A call cannot be cancelled. A server that has not returned from a call within the time limit cannot be read, and it
    gets no further call until it has returned: however often it is read, it holds the threads of one time only.

    Args:
        pairs: The pairs by name.
        at_once: The most pairs at the same time. A pair that takes longer than a second does not count.
        per_server: The most calls at the same time to each server, also if several pairs share it.
        time_limit: How long to wait for a pair, and for each call; without, calls are waited for.
        **wanted: More arguments of `dhcpfo.fleet.look.read_pair` for all pairs.
    """

    def __init__(
        self,
        pairs: Mapping[str, TwoServers],
        *,
        at_once: int = 32,
        per_server: int = PER_SERVER,
        time_limit: timedelta | None = None,
        **wanted: Any,
    ) -> None:
        self._at_once = at_once
        self._wanted = {"time_limit": time_limit, **wanted}
        lines: Lines = {}
        self._pairs: dict[str, _Through] = {}
        for name, pair in pairs.items():
            for side in Side:
                if _key(pair, side) not in lines:
                    lines[_key(pair, side)] = _Line(per_server, time_limit)
            self._pairs[name] = _Through(pair, lines)

    def once(self, options: Options | None = None, *, only: Collection[str] | None = None) -> list[PairLook]:
        """Read all pairs.

        Args:
            options: Arguments of `read_pair` for single pairs.
            only: The names of those to read.

        Returns:
            A look at each pair, in their order.
        """
        found = {look.name: look for looks in self.looks(times=1, options=options, only=only) for look in looks}
        return [found[name] for name in self._pairs if name in found]

    def looks(
        self,
        pause: timedelta = timedelta(0),
        times: int | None = None,
        *,
        options: Options | None = None,
        only: Collection[str] | None = None,
    ) -> Iterator[list[PairLook]]:
        """Yield looks as they come in, and an empty list where none has come in for a moment.

        Args:
            pause: How long after a look at a pair the next one begins.
            times: How often to read each pair; None is without end.
            options: Arguments of `read_pair` for single pairs.
            only: The names of those to read; all by default.
        """
        due = dict.fromkeys(self._pairs if only is None else only, 0.0)
        done = dict.fromkeys(due, 0)
        begun: dict[str, float] = {}
        arrived = _Arrived()
        while due or begun:
            now = time.monotonic()
            ready = [name for name, at in due.items() if at <= now]
            free = self._at_once - sum(now - since < SLOW for since in begun.values())
            for name in ready[: max(0, free)]:
                del due[name]
                begun[name] = now
                more = {} if options is None else options.get(name, {})
                read = partial(self._pairs[name].read, **{"name": name, **self._wanted, **more})
                job = partial(arrived.do, name, read)
                try:
                    begin(job, "dhcpfo-look")
                except RuntimeError:  # the system has no more threads
                    job()
            # Those that are ready, but have to wait, wait for one that is being read.
            found = arrived.get(min([TURN, *(at - now for at in due.values() if at > now)]))
            for name, value in found:
                del begun[name]
                if isinstance(value, BaseException):  # those of servers are part of a look
                    raise value
                done[name] += 1
                if done[name] != times:
                    due[name] = time.monotonic() + pause.total_seconds()
            yield [cast("PairLook", value) for _, value in found]


def read_pairs(
    pairs: Mapping[str, TwoServers],
    *,
    at_once: int = 32,
    options: Options | None = None,
    **wanted: Any,
) -> list[PairLook]:
    """Read many pairs once; see `Reading`.

    Args:
        pairs: The pairs by name.
        at_once: The most pairs at the same time.
        options: Arguments of `read_pair` for single pairs.
        **wanted: Arguments of `read_pair` for all.

    Returns:
        A look at each pair, in the order of ``pairs``.
    """
    return Reading(pairs, at_once=at_once, **wanted).once(options)


class _Arrived:
    """What threads have done, until somebody looks."""

    def __init__(self) -> None:
        self._done: deque[tuple[str, Any]] = deque()
        self._count = threading.Semaphore(0)

    def do(self, name: str, job: Callable[[], Any]) -> None:
        """Do a job in a thread."""
        try:
            value = job()
        except BaseException as error:  # noqa: BLE001  raised by who waits
            value = error
        self._done.append((name, value))
        self._count.release()

    def get(self, wait: float) -> list[tuple[str, Any]]:
        """Return all that is done, after waiting for the first."""
        found: list[tuple[str, Any]] = []
        while self._count.acquire(timeout=0.0 if found else wait):
            found.append(self._done.popleft())
        return found


class _Line:
    """The calls to one server by all pairs.

    Args:
        per_server: The most at the same time.
        limit: How long a call waits for its turn.
    """

    def __init__(self, per_server: int, limit: timedelta | None) -> None:
        self._slots = threading.Semaphore(per_server)
        self._limit = None if limit is None else limit.total_seconds()
        self._under_way: dict[object, tuple[object, float]] = {}
        self._abandoned: set[object] = set()
        self._abandoning = threading.Lock()

    def call(self, owner: object, function: Callable[..., Any], *args: Any) -> Any:
        """Call the server for a pair, or raise `TimeoutError` if it has not returned from a call that was abandoned."""
        self._check()
        if not self._slots.acquire(timeout=self._limit):
            raise TimeoutError("other calls to this server took too long")
        try:
            self._check()
            this = object()
            self._under_way[this] = owner, time.monotonic()
            try:
                return function(*args)
            finally:
                del self._under_way[this]
        finally:
            self._slots.release()

    def abandon(self, owner: object) -> None:
        """Make no other call until those of a pair that are under way have returned."""
        with self._abandoning:  # others may do so at the same time
            calls = self._under_way.copy()
            self._abandoned = {this for this, (pair, _) in calls.items() if pair is owner or this in self._abandoned}

    def _check(self) -> None:
        if not self._abandoned:
            return
        begun = [since for this, (_, since) in self._under_way.copy().items() if this in self._abandoned]
        if begun:
            seconds = time.monotonic() - min(begun)
            raise TimeoutError(f"not asked: it has not returned from a call for {seconds:.0f} s")


Lines = dict[tuple[str, Hashable], _Line]


def _key(pair: TwoServers, side: Side) -> tuple[str, Hashable]:
    """Return what stands for a server: its name, in any case. The servers of a lab have the lab's clock."""
    clock = pair.clock
    return pair.names[side].casefold(), clock if isinstance(clock, Hashable) else id(clock)


class _Lined:
    """A backend with its calls in a line.

    Args:
        api: The backend.
        line: The line.
        owner: The pair.
    """

    def __init__(self, api: "ManagementApi", line: _Line, owner: object) -> None:
        self._api = api
        self._line = line
        self._owner = owner

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._api, name)
        if name not in FUNCTIONS:
            return found

        def call(*args: Any) -> Any:
            return self._line.call(self._owner, found, *args)

        call.__name__ = name
        setattr(self, name, call)
        return call


class _Through:
    """Two servers with the calls to each in its line.

    Args:
        pair: The servers.
        lines: The lines of all servers.
    """

    def __init__(self, pair: TwoServers, lines: "Lines") -> None:
        self._pair = pair
        self.calls_at_once = pair.calls_at_once
        self.names: PairId = pair.names
        self._lines = {side: lines[_key(pair, side)] for side in Side}
        self._servers = {
            side: Server(cast("ManagementApi", _Lined(pair.server(side).api, line, self)))
            for side, line in self._lines.items()
        }

    def read(self, **wanted: Any) -> PairLook:
        """Read the pair. What has not returned by then is abandoned."""
        try:
            return read_pair(self, **wanted)
        finally:
            for line in self._lines.values():
                line.abandon(self)

    @property
    def clock(self) -> Clock:
        return self._pair.clock

    def server(self, side: Side) -> Server:
        return self._servers[side]

    def address(self, side: Side) -> IPv4Address | None:
        return self._pair.address(side)
