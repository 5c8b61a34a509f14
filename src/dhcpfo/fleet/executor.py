"""`DaemonExecutor`: threads that do not keep a program from ending."""

import contextlib
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import Empty, SimpleQueue
from typing import Any, ParamSpec, TypeVar

from ..arguments import number

__all__ = ["DaemonExecutor"]

Value = TypeVar("Value")
Parameters = ParamSpec("Parameters")
Item = tuple["Future[Any]", Callable[..., Any], tuple[Any, ...], dict[str, Any]]

MOST_WORKERS = 10_000


class DaemonExecutor(Executor):
    """A pool of threads for calls that may never return.

    `concurrent.futures.ThreadPoolExecutor` waits for its threads when the interpreter exits, even after
    ``shutdown(wait=False)``. These threads are daemons: the exit does not wait for them, and cuts off what they do.

    Args:
        max_workers: The most threads; they are started when needed.
        name: What the threads' names begin with.
    """

    def __init__(self, max_workers: int, name: str = "dhcpfo-fleet") -> None:
        self._most = number("max_workers", max_workers, MOST_WORKERS, 1)
        self._name = name
        self._queue: SimpleQueue[Item | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._idle = threading.Semaphore(0)
        self._closed = False
        # Idle threads of a pool that was forgotten without shutdown end.
        weakref.finalize(self, _end, self._queue, self._threads).atexit = False

    def submit(
        self, fn: Callable[Parameters, Value], /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> "Future[Value]":
        """See `concurrent.futures.Executor.submit`."""
        future: Future[Value] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("cannot schedule new futures after shutdown")
            self._queue.put((future, fn, args, kwargs))
            if not self._idle.acquire(blocking=False) and len(self._threads) < self._most:
                thread = threading.Thread(
                    target=_work, args=(self._queue, self._idle), daemon=True, name=f"{self._name}-{len(self._threads)}"
                )
                self._threads.append(thread)
                thread.start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """See `concurrent.futures.Executor.shutdown`."""
        with self._lock:
            self._closed = True
            if cancel_futures:
                with contextlib.suppress(Empty):
                    while True:
                        item = self._queue.get_nowait()
                        if item is not None:
                            item[0].cancel()
            _end(self._queue, self._threads)
        if wait:
            for thread in self._threads:
                thread.join()


def _end(queue: "SimpleQueue[Item | None]", threads: list[threading.Thread]) -> None:
    for _ in threads:
        queue.put(None)


def _work(queue: "SimpleQueue[Item | None]", idle: threading.Semaphore) -> None:
    while (item := queue.get()) is not None:
        future, call, args, keywords = item
        del item
        if future.set_running_or_notify_cancel():
            try:
                future.set_result(call(*args, **keywords))
            except BaseException as error:  # noqa: BLE001  raised by who asks for the result
                future.set_exception(error)
        del future, call, args, keywords  # an idle thread holds nothing
        idle.release()
