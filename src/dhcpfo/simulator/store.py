"""The stores of a lab's state: in memory, or in a file that several processes share."""

import functools
import json
import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, NoReturn, Protocol
from urllib.parse import quote

from ..errors import DhcpError
from ..models import Secret
from .codec import decode, encode
from .journal import Journal, current
from .state import LabState

__all__ = ["FileStore", "MemoryStore", "Store", "from_dict", "to_dict"]

FORMAT = 1
"""The version of the saved form."""

APPLICATION_ID = 0x6468666F
"""The application ID in the header of the SQLite file: "dhfo"."""

UNREADABLE = (
    ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError, sqlite3.Error
)  # fmt: skip
"""Exceptions raised when something is not a valid lab."""

BUSY_SECONDS = 60.0
"""How long to wait for another process that is using the same file."""


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
    return state if state is not None else _refuse("this dictionary")


def _decoded(data: Any) -> LabState | None:
    # The errors that end here would contain the data, with the secrets in it.
    try:
        values = dict(data)
        return decode(LabState, values) if values.pop("format", None) == FORMAT else None
    except UNREADABLE:
        return None


def _refuse(source: object) -> NoReturn:
    raise ValueError(f"{source} holds no lab that this version can read; it reads format {FORMAT}")


class Store(Protocol):
    """Opens the state of a lab, to one transaction at a time.

    Attributes:
        lock: What a thread holds around each transaction.
    """

    lock: "threading.RLock"

    def transaction(self) -> AbstractContextManager[LabState]:
        """Return a context in which the state may be changed; the caller holds the lock.

        Changes are kept if the state says so (`LabState.changed`), also when the context ends in a `DhcpError`: a call
        can be carried out and its answer lost. Any other exception rolls them back.

        Raises:
            RuntimeError: This thread is in a transaction already.
        """
        ...

    def recover(self) -> None:
        """Roll back a transaction that was interrupted before it could end; the caller has just taken the lock."""
        ...


class _Locked:
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

    def _begin(self) -> int:
        if self._open:
            raise RuntimeError("a lab cannot be used inside one of its calls, for example by a signal handler")
        self._last += 1
        self._open = self._last
        return self._last


_stores: "weakref.WeakSet[_Locked]" = weakref.WeakSet()
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
    for lock in (_fork_lock, *(store.lock for store in _stores)):
        lock.acquire()
        _held_for_fork.append(lock)


def _unlock_all() -> None:
    while _held_for_fork:
        _held_for_fork.pop().release()


class MemoryStore(_Locked):
    """Keeps the state in this process, and a journal to roll back what a transaction changed.

    Args:
        state: The state to begin with.
    """

    def __init__(self, state: LabState) -> None:
        super().__init__()
        self._state = state
        self._journal = Journal()

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


class FileStore(_Locked):
    """Keeps the state in an SQLite file, for any number of processes.

    The whole state is one row, so SQLite's transactions make each change atomic: after a kill at any moment the file
    holds the state before it or the one after it. The row holds shared secrets in clear; the file is created readable
    by its owner only, as far as the system supports that.

    Args:
        path: The file.
        initial: The state to begin with if the file is empty; None if it must hold a lab already.

    Raises:
        OSError: The file does not exist, or cannot be used.
        ValueError: The file is not a lab.
    """

    def __init__(self, path: Path, initial: LabState | None = None) -> None:
        super().__init__()
        self._path = path
        self._file: sqlite3.Connection | None = None
        # The file's last content, of which self._state is the meaning; None if that is not known. It holds the shared
        # secrets, so it is hidden: no traceback may show it.
        self._text: Secret | None = None
        self._state = LabState()
        if initial is not None:
            # Created here only: SQLite would let the umask decide who may read it.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        with self._opened() as file:
            if initial is not None and _is_empty(file):
                file.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                file.execute("CREATE TABLE lab (only INTEGER PRIMARY KEY CHECK (only = 1), state TEXT)")
                file.execute("INSERT INTO lab VALUES (1, ?)", (_dump(initial).reveal(),))
            self._read(file)
            file.execute("COMMIT")

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """Open the file and lock it; changes that are not committed are rolled back."""
        # One connection per transaction, so that threads, forks and Windows never meet an open one.
        try:
            # Used by one thread at a time; `recover` may be called by another one than the thread that was interrupted.
            self._file = sqlite3.connect(
                _uri(self._path), uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            with closing(self._file) as file:
                file.execute("BEGIN IMMEDIATE")
                yield file
        except sqlite3.OperationalError as error:
            self._path.stat()  # raises FileNotFoundError if the file is gone
            raise OSError(f"the lab in {self._path} cannot be used: {error}") from error
        except sqlite3.DatabaseError:
            _refuse(self._path)

    def _read(self, file: sqlite3.Connection) -> None:
        if not self._load(file):
            _refuse(self._path)

    def _load(self, file: sqlite3.Connection) -> bool:
        """Read the file's state, and return whether it is a lab."""
        try:
            (owner,) = file.execute("PRAGMA application_id").fetchone()
            text = Secret(*file.execute("SELECT state FROM lab").fetchone()) if owner == APPLICATION_ID else Secret("")
            if text != self._text:
                state = _decoded(json.loads(text.reveal()))
                self._text = text if state is not None else None
                self._state = state or self._state
        except UNREADABLE:  # as in _decoded
            self._text = None
        return self._text is not None

    @contextmanager
    def transaction(self) -> Iterator[LabState]:
        """See `Store`."""
        number = self._begin()
        try:
            with self._opened() as file:
                self._read(file)
                known, self._text = self._text, None  # until all is written: the state in memory may be half changed
                try:
                    yield self._state
                except DhcpError:
                    self._commit(file, known)
                    raise
                else:
                    self._commit(file, known)
        finally:
            if number == self._open:
                self._open = 0

    def recover(self) -> None:
        """See `Store`."""
        if self._file is not None:
            self._file.close()  # which rolls back
            self._file = None
        self._open = 0

    def _commit(self, file: sqlite3.Connection, known: Secret | None) -> None:
        text = known
        if self._state.changed:
            text = _dump(self._state)
            if text != known:
                file.execute("UPDATE lab SET state = ?", (text.reveal(),))
            file.execute("COMMIT")
        self._text = text


def _uri(path: Path) -> str:
    """Return a URI with which SQLite opens the file but never creates it; `Path.as_uri` has no form for shares."""
    name = path.as_posix()
    return f"file:{'//' if name.startswith('/') else ''}{quote(os.fsencode(name))}?mode=rw"


def _is_empty(file: sqlite3.Connection) -> bool:
    return file.execute("SELECT name FROM sqlite_master").fetchone() is None


def _dump(state: LabState) -> Secret:
    return Secret(json.dumps(to_dict(state, secrets=True), separators=(",", ":")))
