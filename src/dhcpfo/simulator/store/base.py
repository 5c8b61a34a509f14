"""What all stores have in common: one transaction at a time, also around a fork."""

import functools
import os
import threading
import weakref
from contextlib import AbstractContextManager
from typing import Protocol

from ..state import LabState

__all__ = ["Locked", "Store"]


class Store(Protocol):
    """Opens the state of a lab, to one transaction at a time.

    Attributes:
        lock: What a thread holds around each transaction.
    """

    lock: "threading.RLock"

    def transaction(self) -> AbstractContextManager[LabState]:
        """Return a context in which the state may be changed; the caller holds the lock.

        Changes are kept also when the context ends in a `DhcpError`: a call can be carried out and its answer lost. Any
        other exception rolls them back.

        Raises:
            RuntimeError: This thread is in a transaction already.
        """
        ...

    def recover(self) -> None:
        """Roll back a transaction that was interrupted before it could end; the caller has just taken the lock."""
        ...

    def close(self) -> None:
        """Close what is open; another transaction opens it again."""
        ...

    def snapshots(self) -> tuple[str, ...]:
        """Return the names of the snapshots, in the order in which they were made; the caller holds the lock."""
        ...

    def keep(self, name: str) -> None:
        """Keep the present state under a name; the caller holds the lock."""
        ...

    def restore(self, name: str) -> bool:
        """Go back to a state that was kept, and return whether there is one of that name; the caller holds the lock."""
        ...

    def discard(self, name: str) -> bool:
        """Forget a state that was kept, and return whether there was one of that name; the caller holds the lock."""
        ...


class Locked:
    """The lock of a store and the number of its open transaction, if any.

    A signal handler can raise even before a context manager written in Python is entered, or after it has begun to
    exit. Then its transaction stays open until the interpreter deletes it, at any time. By its number it can tell that
    another one has begun since, and it does nothing more.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()  # reentrant: a thread that forks, or a signal handler, must not wait for itself
        self._last = self._open = 0
        _prepare_for_forks()
        _stores.add(self)

    def _check_idle(self) -> None:
        if self._open:
            raise RuntimeError("a lab cannot be used inside one of its calls, for example by a signal handler")

    def _begin(self) -> int:
        self._check_idle()
        self._last += 1
        self._open = self._last
        return self._last

    def before_fork(self, *, in_call: bool) -> None:
        """Prepare for a fork, holding the lock.

        Args:
            in_call: Whether the thread that forks is in a transaction, as a signal handler can be.
        """


_stores: "weakref.WeakSet[Locked]" = weakref.WeakSet()
_fork_lock = threading.RLock()
_held_for_fork: list[threading.RLock] = []


@functools.cache
def _prepare_for_forks() -> None:
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_lock_all, after_in_parent=_unlock_all, after_in_child=_unlock_all)


def _lock_all() -> None:
    """Wait until no thread is in a transaction.

    The new process would inherit the lock of another thread's transaction and never see it released, and SQLite cannot
    be forked in the middle of a transaction.
    """
    _acquire(_fork_lock)
    for store in list(_stores):
        in_call = store.lock._is_owned()  # type: ignore[attr-defined]
        _acquire(store.lock)
        store.before_fork(in_call=in_call)


def _acquire(lock: threading.RLock) -> None:
    lock.acquire()
    _held_for_fork.append(lock)


def _unlock_all() -> None:
    while _held_for_fork:
        _held_for_fork.pop().release()
