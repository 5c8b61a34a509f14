"""The SQLite file of a lab: opened, checked, and its rows."""

import functools
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from urllib.parse import quote

from ...enums import LeaseState
from ...limits import FILETIME_EPOCH, UNIX_EPOCH
from ...models import FailoverClient
from ..client_index import Record, StoredClient
from . import schema
from .layout import Key, doc_of, key_text, make
from .memory import UNREADABLE, refuse
from .read import CLIENTS
from .schema import FORMAT

__all__ = ["LabFile"]

_of_other_processes: list[sqlite3.Connection] = []
"""Connections that were open at a fork that nobody announced."""

BUSY_SECONDS = 60.0
"""How long to wait for another process that is using the same file."""

MICROSECOND = timedelta(microseconds=1)


class LabFile:
    """A connection to the file, which is made when it is needed, and used by one thread at a time.

    Args:
        path: The file.

    Attributes:
        known: The version of the rows that the reader of this file has seen; None if it must read all.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: int | None = None
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._process = 0  # the one that opened the connection
        self._closing = False  # true after `close` was interrupted
        self._seen: int | None = None  # SQLite's number that changes when another connection writes
        self._version: int | None = None  # in a transaction with changes, that of the rows that it writes
        self._position = self._before = 0

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Raise what SQLite raises as errors of a file, or about something that is not a lab."""
        try:
            yield
        except sqlite3.OperationalError as error:
            self.close()
            if error.sqlite_errorcode == sqlite3.SQLITE_ERROR:  # other tables
                refuse(self.path, FORMAT)
            self.path.stat()  # raises FileNotFoundError if the file is gone
            raise OSError(f"the lab in {self.path} cannot be used: {error}") from error
        except sqlite3.DatabaseError:
            self.close()
            refuse(self.path, FORMAT)

    def close(self, *, known: int | None = None) -> None:
        """Close the connection; SQLite rolls back what is not committed.

        Args:
            known: The version of the rows that need not be read again.
        """
        self.known, self._version = known, None
        if self._connection is not None:
            self._closing = True
            if self._process == os.getpid():
                with suppress(sqlite3.Error):  # closed already, or SQLite has rolled back by itself
                    self._connection.execute("ROLLBACK")  # a cursor that is still alive would put off the closing
                self._connection.close()
            else:  # closing it would roll back what the other process does
                _of_other_processes.append(self._connection)
            self._connection = None
        self._closing = False

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._connection is not None

    @property
    def connection(self) -> sqlite3.Connection:
        """The open connection."""
        assert self._connection is not None
        return self._connection

    def begin(self, *, create: bool = False) -> None:
        """Open the file unless it is open, and begin a transaction: the only one of all processes.

        Args:
            create: Make the tables if the file is empty.
        """
        with self.errors():
            if self._closing or (self._connection is not None and os.getpid() != self._process):
                self.close()
            identity = _identity(self.path)
            if identity != self._identity:  # there is another file now
                self.close()
                self._identity = identity
            if self._connection is None:
                self._open(create=create)
            self.connection.execute("BEGIN IMMEDIATE")
            if create and _is_empty(self.connection):
                for statement in schema.SCHEMA.split(";\n"):
                    self.connection.execute(statement)
                self.connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
                self.connection.execute(f"PRAGMA user_version = {FORMAT}")
            (seen,) = self.connection.execute("PRAGMA data_version").fetchone()
            if seen != self._seen:
                self._check()
                if self._seen is not None and self.known == self.version()[0]:
                    self.known = None  # something else than a lab has written
                self._seen = seen

    def _open(self, *, create: bool) -> None:
        # Threads use it in turns; `recover` may be called by another one than the thread that was interrupted.
        self._connection = sqlite3.connect(
            _uri(self.path), uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._process, self._seen = os.getpid(), None
        self.connection.execute("PRAGMA synchronous = NORMAL")
        if not (create and _is_empty(self.connection)):
            self._check()
            self.use_log()

    def use_log(self) -> None:
        """Let SQLite write changes to a log beside the file first, which is faster and safe as well."""
        with suppress(sqlite3.OperationalError):  # the file system cannot do it
            self.connection.execute("PRAGMA journal_mode = WAL")

    def _check(self) -> None:
        """Refuse a file of another program or format; nothing has been written to it."""
        (owner,) = self.connection.execute("PRAGMA application_id").fetchone()
        (version,) = self.connection.execute("PRAGMA user_version").fetchone()
        if (owner, version) != (schema.APPLICATION_ID, FORMAT):
            self.close()
            if owner == schema.APPLICATION_ID and version > FORMAT:
                raise ValueError(
                    f"{self.path} holds a lab of format {version}, from a newer version of dhcpfo; "
                    f"this version reads format {FORMAT}"
                )
            if not self.path.stat().st_size:
                raise ValueError(f"{self.path} is empty; it holds no lab")
            refuse(self.path, FORMAT)

    def begin_changes(self) -> None:
        """Give the rows that the present transaction writes the next version."""
        self._version = self.version()[0] + 1
        self._position = self._version << 20  # behind all rows of earlier transactions
        self._before = self.connection.total_changes

    def end(self, *, commit: bool) -> int:
        """End the transaction, and return the file's version."""
        version, self._version = self._version, None
        if commit and version is not None and self.connection.total_changes > self._before:
            self.connection.execute("UPDATE state SET version = ?", (version,))
            if version % schema.FORGETTING == 0:
                complete = version - schema.FORGETTING
                self.connection.execute("DELETE FROM deleted WHERE version <= ?", (complete,))
                self.connection.execute("UPDATE state SET complete = max(complete, ?)", (complete,))
        version = self.version()[0]
        self.connection.execute("COMMIT" if commit else "ROLLBACK")
        return version

    def version(self) -> tuple[int, int]:
        """Return the file's version, and the one after which it knows all deletions."""
        row = self.connection.execute("SELECT version, complete FROM state").fetchone()
        if row is None:
            raise sqlite3.DatabaseError("the file has no version")
        return int(row[0]), int(row[1])

    # Reading.

    def objects(self, after: int) -> Iterator[tuple[Key, str]]:
        """Yield the rows that changed after a version, in the order of their age."""
        for *key, doc in self.connection.execute(schema.OBJECTS, (after,)).fetchall():
            yield Key(*key), doc

    def deleted(self, after: int) -> list[Key]:
        """Return the keys of the rows that were deleted after a version."""
        return [Key(*key) for key in self.connection.execute(schema.DELETED, (after,))]

    def clients(self, after: int) -> Iterator[tuple[int, int, StoredClient]]:
        """Yield the clients that changed after a version, with the numbers of their server and scope."""
        for server, scope, *values in self.connection.execute(schema.CLIENTS, (after,)).fetchall():
            yield server, scope, self._client(*values)

    def clients_of(self, server: int, scope: int) -> dict[IPv4Address, Record]:
        """Return the clients of a scope by address."""
        with self.errors():
            found = [self._client(*row) for row in self.connection.execute(schema.CLIENTS_OF, (server, scope))]
        return {client.address: client for client in found}

    def next_end(self, server: int, scope: int, doomed: bool) -> datetime | None:
        """Return when the first lease of a scope ends or ended, of the released ones or of the others."""
        with self.errors():
            values = (server, scope, doomed, _number(FILETIME_EPOCH))
            row = self.connection.execute(schema.NEXT_END, values).fetchone()
        return None if row is None else _time(row[0])

    def _client(
        self, address: int, client_id: bytes, expires: int | None, doomed: int, owner: int, doc: str
    ) -> StoredClient:
        return StoredClient(
            IPv4Address(address), client_id, _time(expires), bool(doomed), _owner(owner), doc, self._read
        )

    def _read(self, doc: str) -> FailoverClient:
        try:
            record: FailoverClient | None = make(FailoverClient, doc)
        except UNREADABLE:
            record = None
        return record if record is not None else refuse(self.path, FORMAT)

    # Writing: see `write.Rows`.

    def put(self, key: Key, doc: str) -> None:
        """Add a row, behind all others of its kind, or change it where it is."""
        self._position += 1
        self.connection.execute(schema.PUT, (*key, self._position, doc, self._version))

    def delete(self, key: Key) -> None:
        """Delete a row."""
        self.connection.execute(schema.DELETE, key)
        self.connection.execute(schema.PUT_DELETED, (*key, self._version))

    def delete_server(self, server: int) -> None:
        """Delete all rows of a server but its own."""
        for statement in schema.DELETE_SERVER:
            self.connection.execute(statement, (server,))

    def delete_scope(self, server: int, scope: int) -> None:
        """Delete all rows of a scope but its own."""
        for statement in schema.DELETE_SCOPE:
            self.connection.execute(statement, (server, scope))

    def put_client(self, server: int, scope: int, client: FailoverClient) -> None:
        """Add or change the record of a client."""
        doomed = client.lease_state == LeaseState.DOOMED
        expires = None if client.lease_expires is None else _number(client.lease_expires)
        key, owner = (server, scope, int(client.address)), int(client.owner.address)
        values = (*key, client.client_id, expires, doomed, owner, doc_of(client), self._version)
        self.connection.execute(schema.PUT_CLIENT, values)

    def delete_client(self, server: int, scope: int, address: IPv4Address) -> None:
        """Delete the record of a client."""
        self.connection.execute(schema.DELETE_CLIENT, (server, scope, int(address)))
        self.connection.execute(schema.PUT_DELETED, (server, scope, CLIENTS, str(int(address)), self._version))

    # Snapshots, each in a transaction.

    def snapshots(self) -> tuple[str, ...]:
        """Return the names of the snapshots, in the order in which they were made."""
        return tuple(
            json.loads(name) for (name,) in self.connection.execute("SELECT name FROM snapshot ORDER BY number")
        )

    def keep(self, name: str) -> None:
        """Copy all rows under a name."""
        self.discard(name)
        number = self.connection.execute("INSERT INTO snapshot (name) VALUES (?)", (key_text(name),)).lastrowid
        for statement in schema.KEEP:
            self.connection.execute(statement, (number,))

    def restore(self, name: str) -> bool:
        """Replace all rows by the ones of a snapshot, and return whether there is one of that name."""
        number = self._snapshot(name)
        for statement in schema.RESTORE if number is not None else ():
            self.connection.execute(statement, {"snapshot": number, "version": self._version})
        return number is not None

    def discard(self, name: str) -> bool:
        """Delete a snapshot, and return whether there was one of that name."""
        number = self._snapshot(name)
        for statement in schema.DISCARD if number is not None else ():
            self.connection.execute(statement, (number,))
        return number is not None

    def _snapshot(self, name: str) -> int | None:
        row = self.connection.execute("SELECT number FROM snapshot WHERE name = ?", (key_text(name),)).fetchone()
        return None if row is None else int(row[0])


def _uri(path: Path) -> str:
    """Return a URI with which SQLite opens the file but never creates it; `Path.as_uri` has no form for shares."""
    name = path.as_posix()
    return f"file:{'//' if name.startswith('/') else ''}{quote(os.fsencode(name))}?mode=rw"


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def _is_empty(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT name FROM sqlite_master").fetchone() is None


_owner = functools.lru_cache(IPv4Address)


def _number(time: datetime) -> int:
    return (time - UNIX_EPOCH) // MICROSECOND


def _time(number: int | None) -> datetime | None:
    return None if number is None else UNIX_EPOCH + number * MICROSECOND
