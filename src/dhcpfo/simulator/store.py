"""Where a lab keeps its state: in memory, or in a file that several processes share."""

import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

from ..errors import DhcpError
from .codec import decode, encode
from .state import LabState

__all__ = ["FileStore", "MemoryStore", "Store", "from_dict", "to_dict"]

FORMAT = 1
"""The version of the saved form."""

BUSY_SECONDS = 60.0
"""How long to wait for another process that is at work on the same file."""


def to_dict(state: LabState, *, secrets: bool) -> dict[str, Any]:
    """Return the state in JSON-ready values."""
    return {"format": FORMAT, **encode(state, secrets=secrets)}


def from_dict(data: dict[str, Any]) -> LabState:
    """Return the state that `to_dict` wrote.

    Raises:
        ValueError: The form is one that this version does not know.
    """
    values = dict(data)
    if (version := values.pop("format", None)) != FORMAT:
        raise ValueError(f"a saved lab of format {version!r}; this version reads {FORMAT}")
    state: LabState = decode(LabState, values)
    return state


class Store(Protocol):
    """Gives out the state of a lab, to one transaction at a time."""

    def transaction(self) -> AbstractContextManager[LabState]:
        """Return a context in which nobody else reads or changes the state.

        What was changed stays when the context ends in a `DhcpError`: a call can be carried out and its answer lost.
        """
        ...


class MemoryStore:
    """Keeps the state in this process."""

    def __init__(self, state: LabState) -> None:
        self._state = state
        self._lock = threading.Lock()

    @contextmanager
    def transaction(self) -> Iterator[LabState]:
        """See `Store`."""
        with self._lock:
            yield self._state


class FileStore:
    """Keeps the state in an SQLite file, for any number of processes.

    The whole state is one row, so a transaction of SQLite makes each change whole: after a kill at any moment the file
    holds the state before it or the one after it. The row holds shared secrets in clear; the file is made readable
    by its owner only, as far as the system can.

    Args:
        path: The file.
        initial: The state to begin with where the file holds none.
    """

    def __init__(self, path: Path, initial: LabState) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._text = ""  # what the file held last, and what it stands for
        self._state = initial
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(self._connect()) as file:
            file.execute("BEGIN IMMEDIATE")
            file.execute("CREATE TABLE IF NOT EXISTS lab (only INTEGER PRIMARY KEY CHECK (only = 1), state TEXT)")
            file.execute("INSERT OR IGNORE INTO lab VALUES (1, ?)", (_dump(initial),))
            file.execute("COMMIT")

    def _connect(self) -> sqlite3.Connection:
        # One connection for each transaction: nothing is held open that a thread, a fork or Windows could trip over.
        return sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)

    @contextmanager
    def transaction(self) -> Iterator[LabState]:
        """See `Store`."""
        with self._lock, closing(self._connect()) as file:
            file.execute("BEGIN IMMEDIATE")
            (text,) = file.execute("SELECT state FROM lab").fetchone()
            if text != self._text:
                self._text, self._state = text, from_dict(json.loads(text))
            try:
                yield self._state
            except DhcpError:
                self._commit(file)
                raise
            except BaseException:
                self._text = ""  # read again: what is in memory is half done
                raise
            else:
                self._commit(file)

    def _commit(self, file: sqlite3.Connection) -> None:
        text, known = _dump(self._state), self._text
        self._text = ""  # until it is written
        if text != known:
            file.execute("UPDATE lab SET state = ?", (text,))
        file.execute("COMMIT")
        self._text = text


def _dump(state: LabState) -> str:
    return json.dumps(to_dict(state, secrets=True), separators=(",", ":"))
