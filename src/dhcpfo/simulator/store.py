"""Where a lab keeps its state: in memory, or in a file that several processes share."""

import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, NoReturn, Protocol
from urllib.parse import quote

from ..errors import DhcpError
from .codec import decode, encode
from .state import LabState

__all__ = ["FileStore", "MemoryStore", "Store", "from_dict", "to_dict"]

FORMAT = 1
"""The version of the saved form."""

APPLICATION_ID = 0x6468666F
"""What SQLite keeps in the head of a file to say whose it is: "dhfo"."""

UNREADABLE = (
    ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError, sqlite3.Error
)  # fmt: skip
"""What reading something raises that no lab wrote."""

BUSY_SECONDS = 60.0
"""How long to wait for another process that is at work on the same file."""


def to_dict(state: LabState, *, secrets: bool) -> dict[str, Any]:
    """Return the state in JSON-ready values."""
    return {"format": FORMAT, **encode(state, secrets=secrets)}


def from_dict(data: dict[str, Any]) -> LabState:
    """Return the state that `to_dict` wrote.

    Raises:
        ValueError: It is nothing that this version wrote. The message shows nothing of it.
    """
    state = _decoded(data)
    del data  # or the error's traceback would hold it, with the secrets in it
    return state if state is not None else _refuse("this dictionary")


def _decoded(data: Any) -> LabState | None:
    # The errors that end here would hold what could not be read, and secrets may be in it.
    try:
        values = dict(data)
        return decode(LabState, values) if values.pop("format", None) == FORMAT else None
    except UNREADABLE:
        return None


def _refuse(source: object) -> NoReturn:
    raise ValueError(f"{source} holds no lab that this version can read; it reads format {FORMAT}")


class Store(Protocol):
    """Gives out the state of a lab, to one transaction at a time."""

    def transaction(self) -> AbstractContextManager[LabState]:
        """Return a context in which nobody else reads or changes the state.

        What was changed is kept where the state says so (`LabState.changed`), and stays when the context ends in a
        `DhcpError`: a call can be carried out and its answer lost.
        """
        ...


class MemoryStore:
    """Keeps the state in this process.

    It cannot take anything back, so whoever changes the state makes sure first that nothing can go wrong.
    """

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
        initial: The state to begin with where the file holds nothing; None where there must be a lab already.

    Raises:
        OSError: The file is not there, or cannot be used.
        ValueError: It holds something else.
    """

    def __init__(self, path: Path, initial: LabState | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._text = ""  # what the file held last, and what it stands for
        self._state = LabState()
        if initial is not None:
            # Made here and nowhere else: SQLite would leave it to the umask who may read it.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        with self._opened() as file:
            if initial is not None and _is_empty(file):
                file.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                file.execute("CREATE TABLE lab (only INTEGER PRIMARY KEY CHECK (only = 1), state TEXT)")
                file.execute("INSERT INTO lab VALUES (1, ?)", (_dump(initial),))
            self._read(file)
            file.execute("COMMIT")

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """Open the file and lock it; what is not committed is taken back."""
        # One connection for each transaction: nothing is held open that a thread, a fork or Windows could trip over.
        try:
            with closing(
                sqlite3.connect(_uri(self._path), uri=True, timeout=BUSY_SECONDS, isolation_level=None)
            ) as file:
                file.execute("BEGIN IMMEDIATE")
                yield file
        except sqlite3.OperationalError as error:
            self._path.stat()  # says itself that the file is gone, if it is
            raise OSError(f"the lab in {self._path} cannot be used: {error}") from error
        except sqlite3.DatabaseError:
            _refuse(self._path)

    def _read(self, file: sqlite3.Connection) -> None:
        if not self._load(file):
            _refuse(self._path)

    def _load(self, file: sqlite3.Connection) -> bool:
        """Take over what the file holds, and return whether it is a lab."""
        try:
            (owner,) = file.execute("PRAGMA application_id").fetchone()
            (text,) = file.execute("SELECT state FROM lab").fetchone() if owner == APPLICATION_ID else ("",)
            if text != self._text:
                state = _decoded(json.loads(text))
                self._text = text if state is not None else ""
                self._state = state or self._state
        except UNREADABLE:  # as in _decoded
            self._text = ""
        return bool(self._text)

    @contextmanager
    def transaction(self) -> Iterator[LabState]:
        """See `Store`."""
        with self._lock, self._opened() as file:
            self._read(file)
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
        if not self._state.changed:
            return
        text, known = _dump(self._state), self._text
        self._text = ""  # until it is written
        if text != known:
            file.execute("UPDATE lab SET state = ?", (text,))
        file.execute("COMMIT")
        self._text = text


def _uri(path: Path) -> str:
    """Name a file to SQLite so that it is opened and never made; `Path.as_uri` has no form for Windows' shares."""
    name = path.as_posix()
    return f"file:{'//' if name.startswith('/') else ''}{quote(os.fsencode(name))}?mode=rw"


def _is_empty(file: sqlite3.Connection) -> bool:
    return file.execute("SELECT name FROM sqlite_master").fetchone() is None


def _dump(state: LabState) -> str:
    return json.dumps(to_dict(state, secrets=True), separators=(",", ":"))
