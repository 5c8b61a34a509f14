"""`DaemonExecutor`: threads that do not keep a program from ending."""

import contextlib
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, ParamSpec, TypeVar

from ..arguments import number

__all__ = ["DaemonExecutor"]

Value = TypeVar("Value")
Parameters = ParamSpec("Parameters")
Item = tuple["Future[Any]", Callable[..., Any], tuple[Any, ...], dict[str, Any]]

MOST_WORKERS = 10_000


@dataclass(slots=True, eq=False)
class _Pool:
    """What the threads share; they do not hold the executor itself, so that a forgotten one is noticed."""

    queue: "SimpleQueue[Item | None]" = field(default_factory=SimpleQueue)
    lock: threading.Lock = field(default_factory=threading.Lock)
    threads: list[threading.Thread] = field(default_factory=list)
    open: int = 0
    """Calls that have not returned, waiting ones included."""

    def end(self) -> None:
        """Let each thread end when there is nothing more to do."""
        for _ in self.threads:
            self.queue.put(None)

    def work(self) -> None:
        """Carry out calls, in each of the threads."""
        while (item := self.queue.get()) is not None:
            future, call, args, keywords = item
            del item
            value, error = None, None
            if future.set_running_or_notify_cancel():
                try:
                    value = call(*args, **keywords)
                except BaseException as problem:  # noqa: BLE001  raised by who asks for the result
                    error = problem
            with self.lock:
                self.open -= 1
            if error is not None:
                future.set_exception(error)
            elif not future.cancelled():
                future.set_result(value)
            del future, call, args, keywords, value, error  # an idle thread holds nothing


class DaemonExecutor(Executor):
    """A pool of threads for calls that may never return.

    `concurrent.futures.ThreadPoolExecutor` waits for its threads when the interpreter exits, even after
    ``shutdown(wait=False)``. These threads are daemons: the exit does not wait for them, and cuts off what they do.

    Args:
        max_workers: The most threads; they are started when needed.
        name: What the threads' names begin with.
    """

    def __init__(self, max_workers: int, name: str = "dhcpfo") -> None:
        self._most = number("max_workers", max_workers, MOST_WORKERS, 1)
        self._name = name
        self._pool = _Pool()
        self._closed = False
        weakref.finalize(self, self._pool.end).atexit = False

    def submit(
        self, fn: Callable[Parameters, Value], /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> "Future[Value]":
        """See `concurrent.futures.Executor.submit`.

        If no thread can be started, one that there is already makes the call, or else the calling thread.
        """
        future: Future[Value] = Future()
        pool = self._pool
        with pool.lock:
            if self._closed:
                raise RuntimeError("cannot schedule new futures after shutdown")
            pool.open += 1
            pool.queue.put((future, fn, args, kwargs))
            if len(pool.threads) < min(pool.open, self._most):
                name = f"{self._name}-{len(pool.threads)}"
                thread = threading.Thread(target=pool.work, daemon=True, name=name)
                with contextlib.suppress(RuntimeError):
                    thread.start()
                    pool.threads.append(thread)
            if pool.threads:
                return future
            pool.queue.put(None)
        pool.work()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """See `concurrent.futures.Executor.shutdown`."""
        pool = self._pool
        with pool.lock:
            self._closed = True
        if cancel_futures:
            with contextlib.suppress(Empty):
                while True:
                    item = pool.queue.get_nowait()
                    if item is not None:
                        item[0].cancel()
        pool.end()
        if wait:
            for thread in pool.threads:
                thread.join()
