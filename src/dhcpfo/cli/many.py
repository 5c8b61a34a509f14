"""The same for many pairs at once, where one that hangs delays nobody."""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from . import exits
from .problems import Problem

__all__ = ["each"]

Item = TypeVar("Item")
Value = TypeVar("Value")

TICK = 0.05
"""Seconds between two looks at the time; an interrupt is not noticed before."""


def each(
    items: Sequence[Item], function: Callable[[Item], Value], *, at_once: int, seconds: float | None
) -> Iterator[tuple[Item, Value | BaseException]]:
    """Call a function for each item in threads, and yield what came of it in the order of the items.

    Args:
        items: The items.
        function: The function. What it raises is yielded.
        at_once: The most calls at once.
        seconds: The time for each call. A call cannot be ended: its thread is abandoned, and exit does not wait for it.
    """
    todo: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
    begun: dict[int, float] = {}
    for at in range(len(items)):
        todo.put(at)

    def work() -> None:
        while True:
            try:
                at = todo.get_nowait()
            except queue.Empty:
                return
            begun[at] = time.monotonic()
            try:
                value: Any = function(items[at])
            except BaseException as error:  # noqa: BLE001  yielded
                value = error
            done.put((at, value))
            if at in found:
                return  # it was abandoned and has a successor

    def hire() -> None:
        threading.Thread(target=work, name="dhcpfo-pair", daemon=True).start()

    found: dict[int, Any] = {}
    for _ in range(min(at_once, len(items))):
        hire()
    for at, item in enumerate(items):
        while at not in found:
            try:
                number, value = done.get(timeout=TICK)
                found.setdefault(number, value)
            except queue.Empty:
                for late in list(begun):
                    if seconds is not None and late not in found and time.monotonic() - begun[late] > seconds:
                        found[late] = Problem(f"no answer within {seconds:g} s", exits.UNKNOWN)
                        hire()
        yield item, found[at]
