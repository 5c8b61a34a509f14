"""The store of a lab in memory, and the saved form of a lab."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from ...errors import DhcpError
from ..codec import decode, encode
from ..journal import Journal, current
from ..state import LabState
from .base import Locked
from .copies import copy_of

__all__ = ["UNREADABLE", "MemoryStore", "from_dict", "refuse", "to_dict"]

FORMAT = 1
"""The version of the saved form."""

UNREADABLE = (
    ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError, sqlite3.Error
)  # fmt: skip
"""Exceptions raised when something is not a valid lab."""


def to_dict(state: LabState, *, secrets: bool) -> dict[str, Any]:
    """Return the state in JSON-ready values."""
    return {"format": FORMAT, **encode(state, secrets=secrets)}


def from_dict(data: dict[str, Any]) -> LabState:
    """Return the state that `to_dict` wrote.

    Raises:
        ValueError: This version did not write it. The message shows none of its content.
    """
    state = _decoded(data)
    del data  # or the error's traceback would hold it, with the secrets in it
    return state if state is not None else refuse("this dictionary", FORMAT)


def _decoded(data: Any) -> LabState | None:
    # The errors that end here would contain the data, with the secrets in it.
    try:
        values = dict(data)
        return decode(LabState, values) if values.pop("format", None) == FORMAT else None
    except UNREADABLE:
        return None


def refuse(source: object, version: int) -> NoReturn:
    """Raise the error about something that is not a lab."""
    raise ValueError(f"{source} holds no lab that this version can read; it reads format {version}")


class MemoryStore(Locked):
    """Keeps the state in this process, and a journal to roll back what a transaction changed.

    Args:
        state: The state to begin with.
    """

    def __init__(self, state: LabState) -> None:
        super().__init__()
        self._state = state
        self._journal = Journal()
        self._kept: dict[str, LabState] = {}

    @contextmanager
    def transaction(self) -> Iterator[LabState]:
        """See `Store`."""
        number = self._begin()
        current.journal = self._journal
        try:
            yield self._state
        except DhcpError:
            self._end(number, commit=True)
            raise
        except BaseException:
            self._end(number, commit=False)
            raise
        else:
            self._end(number, commit=True)

    def _end(self, number: int, *, commit: bool) -> None:
        if number == self._open:
            current.journal = None
            if commit:
                self._journal.commit()
            else:
                self._journal.roll_back()
            self._open = 0

    def recover(self) -> None:
        """See `Store`."""
        current.journal = None
        self._journal.roll_back()
        self._open = 0

    def close(self) -> None:
        """See `Store`."""

    def snapshots(self) -> tuple[str, ...]:
        """See `Store`."""
        return tuple(self._kept)

    def keep(self, name: str) -> None:
        """See `Store`."""
        self._check_idle()
        others = {other: state for other, state in self._kept.items() if other != name}
        self._kept = {**others, name: copy_of(self._state)}

    def restore(self, name: str) -> bool:
        """See `Store`."""
        self._check_idle()
        if name in self._kept:
            self._state = copy_of(self._kept[name])
        return name in self._kept

    def discard(self, name: str) -> bool:
        """See `Store`."""
        self._check_idle()
        known, self._kept = self._kept, {other: state for other, state in self._kept.items() if other != name}
        return name in known
