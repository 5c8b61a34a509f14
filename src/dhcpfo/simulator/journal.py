"""An undo log, so that a transaction in memory can be rolled back wherever it was interrupted."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["ROW_KEY", "SORTED", "Journal", "Recorded", "current", "keyed"]

MISSING = object()

ROW_KEY, SORTED = "row key", "sorted"


def keyed(key: Callable[[Any], str], *, is_sorted: bool = False) -> dict[str, Any]:
    """Return the metadata of a dataclass field with a tuple that a file keeps as one row for each entry.

    Args:
        key: Returns what tells an entry from the others; equal entries may occur.
        is_sorted: The entries are in the order of their keys, and not in that of their age.
    """
    return {ROW_KEY: key, SORTED: is_sorted}


class Journal:
    """What undoes the changes of a transaction, oldest first.

    An entry is appended before its change is made and removed after it is undone, and undoing twice does no harm. So a
    signal handler may raise between any two steps, and `roll_back` still leads to the state before the transaction.
    """

    def __init__(self) -> None:
        self._entries: list[tuple[Callable[..., object], tuple[Any, ...]]] = []

    def record(self, undo: Callable[..., object], *arguments: Any) -> None:
        """Note how to undo the change that follows."""
        self._entries.append((undo, arguments))

    def __iter__(self) -> Iterator[tuple[Callable[..., object], tuple[Any, ...]]]:
        """Yield what would undo each change, with its arguments, the oldest first."""
        return iter(self._entries)

    def commit(self) -> None:
        """Keep all changes."""
        self._entries.clear()

    def roll_back(self) -> None:
        """Undo all changes since the last commit, the newest first."""
        while self._entries:
            undo, arguments = self._entries[-1]
            undo(*arguments)
            self._entries.pop()


class _Current(threading.local):
    journal: Journal | None = None


current = _Current()
"""Has the journal of the transaction that this thread is in, or None."""


class Recorded:
    """An object that notes in the current journal what its attributes were before they change.

    Containers in its attributes are replaced and never changed in place, unless they keep a journal themselves.

    Attributes:
        home: Where a file keeps it; see `store.rows.Home`. Not set if none does.
    """

    __slots__ = ("home",)
    home: Any

    def __setattr__(self, name: str, value: object) -> None:
        journal = current.journal
        if journal is not None:
            before = getattr(self, name, MISSING)
            if before is not MISSING:  # else the object is being made
                journal.record(object.__setattr__, self, name, before)
        object.__setattr__(self, name, value)
