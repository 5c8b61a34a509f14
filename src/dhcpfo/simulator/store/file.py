"""The store of a lab in a file."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from ipaddress import IPv4Address
from pathlib import Path
from typing import TypeVar

from ...errors import DhcpError
from ..client_index import Record
from ..journal import Journal, current
from ..state import LabState
from .base import Locked
from .memory import UNREADABLE, refuse
from .read import CLIENTS, Reader
from .schema import FORMAT
from .sql import LabFile
from .write import write_all, write_changes

__all__ = ["FileStore"]

Value = TypeVar("Value")


class _Clients:
    """The clients of a scope in the file.

    Args:
        file: The file.
        server: The number of their server.
        scope: Their scope as a number.
    """

    def __init__(self, file: LabFile, server: int, scope: int) -> None:
        self._file, self._server, self._scope = file, server, scope

    def load(self) -> dict[IPv4Address, Record]:
        return self._file.clients_of(self._server, self._scope)

    def next_end(self, released: bool) -> datetime | None:
        return self._file.next_end(self._server, self._scope, released)


class FileStore(Locked):
    """Keeps the state in an SQLite file, for any number of processes.

    Each object has a row: a server, a relationship, an option value, a client's record. This process has a copy of the
    rows in memory, as objects; of clients, only those of scopes that were looked at. A transaction takes over the rows
    that others have written since the last one, and at its end writes those that it has changed. SQLite's transactions
    make each change whole: after a kill at any moment the file holds the state before it or the one after it.

    The rows hold shared secrets in clear; the file is created readable by its owner only, as far as the system supports
    that, and SQLite gives its two auxiliary files the same permissions.

    Args:
        path: The file.
        initial: The state to begin with if the file is empty; None if it must hold a lab already.

    Raises:
        OSError: The file does not exist, or cannot be used.
        ValueError: The file is not a lab.
    """

    def __init__(self, path: Path, initial: LabState | None = None) -> None:
        super().__init__()
        self._file = LabFile(path)
        self._journal = Journal()
        self._reader = self._new_reader()
        self._forked_by: int | None = None  # a process that forked inside a call
        if initial is not None:
            # Created here only: SQLite would let the umask decide who may read it.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        try:
            self._start(initial)
            self._file.end(commit=True)
            self._file.use_log()
        except BaseException:
            self._file.close()
            raise

    def __del__(self) -> None:
        with suppress(AttributeError):  # it was never made
            self._file.close()

    def _new_reader(self) -> Reader:
        file = self._file
        return Reader(lambda server, scope: _Clients(file, server, scope))

    def _start(self, initial: LabState | None = None) -> None:
        """Begin a transaction of the file, and take over what other processes have written, or all."""
        self._file.begin(create=initial is not None)
        with self._file.errors():
            if initial is not None and self._file.version() == (0, 0):
                self._file.begin_changes()
                write_all(initial, self._file)
            taken = self._take_over()
        if not taken:
            self._file.close()
            refuse(self._file.path, FORMAT)

    def _take_over(self) -> bool:
        """Return whether the rows could be read: their errors would show the secrets."""
        file, known = self._file, self._file.known
        version, complete = file.version()
        if known == version:
            return True
        file.known = None  # until all is taken over
        try:
            if known is None or not complete <= known < version:
                self._reader, known = self._new_reader(), -1
                self._reader.apply((), file.objects(-1))
                if not self._reader.complete:
                    return False
            else:
                deleted = file.deleted(known)
                self._reader.apply(deleted, file.objects(known))
                for key in deleted:
                    if key.kind == CLIENTS:
                        self._reader.put_client(key.server, key.scope, IPv4Address(int(key.key)), None)
                for server, scope, client in file.clients(known):
                    self._reader.put_client(server, scope, client.address, client)
        except sqlite3.OperationalError:
            raise
        except UNREADABLE:
            return False
        file.known = version
        return True

    @contextmanager
    def transaction(self) -> Iterator[LabState]:
        """See `Store`."""
        number = self._begin()
        try:
            self._start()
            known, self._file.known = self._file.known, None  # until the end: the state in memory may be half changed
            current.journal = self._journal
        except BaseException:
            self._abandon(number)
            raise
        try:
            yield self._reader.state
        except DhcpError:
            self._end(number, known, commit=True)
            raise
        except BaseException:
            self._end(number, known, commit=False)
            raise
        else:
            self._end(number, known, commit=True)

    def _abandon(self, number: int) -> None:
        """End a transaction that has changed nothing."""
        if number == self._open:
            current.journal = None
            self._file.close()
            self._open = 0

    def _end(self, number: int, known: int | None, *, commit: bool) -> None:
        """End a transaction, unless it was rolled back since.

        Args:
            number: Its number.
            known: The version of the rows that the state was made from.
            commit: Whether to keep its changes.
        """
        if number != self._open:
            return
        current.journal = None
        try:
            if commit:
                with self._file.errors():
                    self._file.begin_changes()
                    write_changes(self._journal, self._reader.state, self._file)
                    self._file.known = self._file.end(commit=True)
                self._journal.commit()
            else:
                self._journal.roll_back()
                if self._file.is_open:
                    self._file.end(commit=False)
                    self._file.known = known
        except BaseException:
            self._file.close()  # or other processes would wait for this one
            raise
        self._open = 0

    def recover(self) -> None:
        """See `Store`."""
        current.journal = None
        if self._open:
            self._journal.roll_back()
            self._file.close()
            self._open = 0

    def before_fork(self, *, in_call: bool) -> None:
        """Close the connection: SQLite's locks and memory must not be inherited."""
        if in_call and self._open:
            self._forked_by = os.getpid()
        else:
            self.recover()
            self._file.close(known=self._file.known)

    def _begin(self) -> int:
        if self._forked_by not in (None, os.getpid()):
            raise RuntimeError("the process was forked inside one of the lab's calls; open the lab again")
        return super()._begin()

    def close(self) -> None:
        """See `Store`."""
        with self.lock:
            if not self._open:
                self._file.close()

    def _change(self, work: Callable[[], Value]) -> Value:
        """Do something in a transaction that is not about the state in memory."""
        number = self._begin()
        try:
            self._start()
            with self._file.errors():
                self._file.begin_changes()
                result = work()
                self._file.known = None
                self._file.end(commit=True)
        finally:
            self._abandon(number)
        return result

    def snapshots(self) -> tuple[str, ...]:
        """See `Store`."""
        return self._change(self._file.snapshots)

    def keep(self, name: str) -> None:
        """See `Store`."""
        self._change(lambda: self._file.keep(name))

    def restore(self, name: str) -> bool:
        """See `Store`."""
        return self._change(lambda: self._file.restore(name))

    def discard(self, name: str) -> bool:
        """See `Store`."""
        return self._change(lambda: self._file.discard(name))
