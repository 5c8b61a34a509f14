"""The client records of a scope: by address, by client, and by whether their address is free again."""

from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import Any, Protocol

from ..enums import LeaseState
from ..limits import FILETIME_EPOCH, MAX_BYTE, MAX_DWORD, MAX_WORD, UNIX_END, UNIX_EPOCH
from ..models import FailoverClient
from .client_index import ClientIndex, Record, StoredClient
from .journal import current
from .runs import Run, contain, subtract

__all__ = ["ClientSource", "ClientTable", "Hold", "check_record"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """How a server decides whether a record keeps its address from other clients.

    Attributes:
        grace: How long a record still counts as in use after its lease has ended. Another client gets such an address
            only if nothing else is free.
        alone: The partner cannot be asked, and may have renewed the lease of its client: the address goes to no other.
        partner_down: When the server entered PARTNER_DOWN, if it is alone in that state. The partner gave out nothing
            since, and what it gave out before ends at most an MCLT later.
        mclt: The MCLT; needed with ``partner_down`` only.
    """

    grace: timedelta = timedelta(0)
    alone: bool = False
    partner_down: datetime | None = None
    mclt: timedelta = timedelta(0)

    def keeps(self, client: FailoverClient, now: datetime) -> bool:
        """Return whether no other client can get the record's address at this time of the server."""
        released = client.lease_state == LeaseState.DOOMED
        if self.partner_down is not None and (released or client.lease_expires is not None):
            exchanged = (client.potential_expiration_received, client.potential_expiration_acknowledged)
            known = max(filter(None, (self.partner_down, client.lease_expires, *exchanged)))
            return now - self.mclt < known  # not known + mclt: the known time can be the last there is
        if self.alone:
            return True
        return not released and (client.lease_expires is None or now < client.lease_expires)

    def counts(self, client: FailoverClient, now: datetime) -> bool:
        """Return whether the record's address counts as in use at this time of the server."""
        if self.keeps(client, now):
            return True
        ended = client.lease_expires
        return client.lease_state != LeaseState.DOOMED and ended is not None and now - self.grace < ended


class ClientSource(Protocol):
    """The records of a scope in a file."""

    def load(self) -> dict[IPv4Address, Record]:
        """Return all records, by address."""
        ...

    def next_end(self, released: bool) -> datetime | None:
        """Return when the first lease ends or ended, of the released ones or of the others."""
        ...


class ClientTable(MutableMapping[IPv4Address, FailoverClient]):
    """The records by address. Changed only by setting and deleting items, which the current journal notes.

    Args:
        records: The records.
        source: Where they are instead; they are loaded when somebody looks for one.

    Attributes:
        home: The numbers of its server and its scope in a file, if it is kept in one.
    """

    __slots__ = ("_ends", "_index", "_records", "_source", "home")

    def __init__(
        self, records: Iterable[tuple[IPv4Address, FailoverClient]] = (), source: ClientSource | None = None
    ) -> None:
        self._source = source
        self._records: dict[IPv4Address, Record] | None = None if source is not None else dict(records)
        self._index: ClientIndex | None = None
        self._ends: tuple[datetime | None, datetime | None] | None = None  # not known
        self.home: tuple[int, int] | None = None

    @property
    def loaded(self) -> bool:
        """Whether the records are in memory."""
        return self._records is not None

    def _all(self) -> dict[IPv4Address, Record]:
        if self._records is None:
            assert self._source is not None
            self._records = self._source.load()
        return self._records

    def __getitem__(self, address: IPv4Address) -> FailoverClient:
        records = self._records if self._records is not None else self._all()
        record = records[address]
        if isinstance(record, StoredClient):
            record = records[address] = record.read()
        return record

    def __contains__(self, address: object) -> bool:
        return address in self._all()

    def __iter__(self) -> Iterator[IPv4Address]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __setitem__(self, address: IPv4Address, client: FailoverClient) -> None:
        records, self._ends = self._all(), None
        before = records.get(address)
        if current.journal is not None:
            current.journal.record(self._restore, address, before)
        records[address] = client
        if self._index is not None:
            if before is not None:
                self._index.remove(before)
            self._index.add(client)

    def __delitem__(self, address: IPv4Address) -> None:
        records, self._ends = self._all(), None
        before = records[address]
        if current.journal is not None:
            current.journal.record(self._restore, address, before)
        del records[address]
        if self._index is not None:
            self._index.remove(before)

    def _restore(self, address: IPv4Address, before: Record | None) -> None:
        self._index = self._ends = None  # the index may be half changed
        records = self._all()
        if before is not None:
            records[address] = before
        elif address in records:
            del records[address]

    def put_stored(self, address: IPv4Address, record: Record | None) -> None:
        """Take over what another process has written: the record of an address, or that there is none."""
        records, self._ends = self._all(), None
        before = records.get(address)
        if record is not None:
            records[address] = record
        elif before is not None:
            del records[address]
        if self._index is not None:
            if before is not None:
                self._index.remove(before)
            if record is not None:
                self._index.add(record)

    def copy(self) -> "ClientTable":
        """Return a table with the same records that is changed by itself."""
        copy = ClientTable()
        copy._records = dict(self._all())
        return copy

    @property
    def index(self) -> "ClientIndex":
        """The index of the records, made when it is first asked for."""
        if self._index is None:
            self._index = ClientIndex(self._all())
        return self._index

    def of_client(self, client_id: bytes) -> tuple[FailoverClient, ...]:
        """Return the records of a client, by its unique ID."""
        return tuple(self[address] for address in self.index.by_client.get(client_id, ()))

    def forget_client(self, client_id: bytes) -> None:
        """Delete the records of a client."""
        for address in self.index.by_client.get(client_id, ()):
            del self[address]

    def following(self, number: int) -> Iterator[FailoverClient]:
        """Yield the records of the addresses above a number, by address."""
        for recorded in self.index.recorded_after(number):
            yield self[IPv4Address(recorded)]

    def first_free(self, runs: list[Run], now: datetime, hold: Hold) -> IPv4Address | None:
        """Return the address of ascending ``runs`` to give to a new client; other arguments as for `Hold`.

        It is the lowest that does not count as in use; failing that, the lowest that its record does not keep.
        """
        best = self.index.first_without_record(runs)
        last_choice = None
        for number in self.index.lapsed_by(now):
            if best is not None and number > best:
                break
            client = self[IPv4Address(number)]
            if not contain(runs, number) or hold.keeps(client, now):
                continue
            if not hold.counts(client, now):
                best = number
                break
            if last_choice is None:
                last_choice = number
        chosen = best if best is not None else last_choice
        return None if chosen is None else IPv4Address(chosen)

    def used(self, now: datetime, hold: Hold) -> list[Run]:
        """Return the addresses that count as in use, as ascending runs; arguments as for `Hold`."""
        index = self.index
        idle = [number for number in index.lapsed_by(now) if not hold.counts(self[IPv4Address(number)], now)]
        return list(subtract(index.runs(), [(number, number) for number in idle]))

    def count_owned(self, owner: IPv4Address, runs: list[Run]) -> int:
        """Return how many addresses of some ascending runs, which all have a record, were given by a server."""
        index = self.index
        others = (number for first, last in subtract(index.runs(), runs) for number in range(first, last + 1))
        records = self._all()
        elsewhere = sum(records[IPv4Address(number)]._owner_address == owner for number in others)
        return index.owned.get(owner, 0) - elsewhere

    def next_ends(self) -> tuple[datetime | None, datetime | None]:
        """Return when the first lease ends or ended: of those not released, and of the released ones."""
        if self._ends is None:
            source = self._source if self._records is None and self._source is not None else self.index
            self._ends = source.next_end(False), source.next_end(True)
        return self._ends

    def forget_ends(self) -> None:
        """Look for the next ends again: another process has changed records that are not in memory."""
        self._ends = None

    def ended_by(self, time: datetime, *, released: bool) -> list[FailoverClient]:
        """Return the records with a lease that ended by a time, of the released ones or of the others."""
        return [self[address] for address in self.index.ended_by(time, released)]


UNIX_TIMES = (UNIX_EPOCH, UNIX_END)
FILE_TIMES = (FILETIME_EPOCH, datetime.max.replace(tzinfo=UTC))

LIMITS: dict[str, tuple[Any, Any]] = {
    "lease_expires": FILE_TIMES,
    "probation_ends": FILE_TIMES,
    "potential_expiration_sent": UNIX_TIMES,
    "potential_expiration_acknowledged": UNIX_TIMES,
    "potential_expiration_received": UNIX_TIMES,
    "start_time": UNIX_TIMES,
    "last_transaction": UNIX_TIMES,
    "last_binding_update": UNIX_TIMES,
    "client_type": (0, MAX_BYTE),
    "address_state": (0, MAX_BYTE),
    "quarantine_status": (0, MAX_WORD),
    "binding_status": (0, MAX_DWORD),
    "flags": (0, MAX_BYTE),
}
"""The values of a record's fields that the API's structure can hold, where the type alone does not say it."""


def check_record(client: FailoverClient) -> None:
    """Refuse a record that no server could answer, because a field does not fit into the API's structure.

    Raises:
        TypeError: A field has the wrong type; the message names it.
        ValueError: A field has a value that cannot be sent; the message names it.
    """
    for entry in fields(client):
        value = getattr(client, entry.name)
        if entry.name in LIMITS and value is not None:
            _check_limits(entry.name, value, *LIMITS[entry.name])
    for name, kind in (("address", IPv4Address), ("subnet_mask", IPv4Address), ("client_id", bytes)):
        if not isinstance(getattr(client, name), kind):
            raise TypeError(f"{name} must be {kind.__name__}, not {type(getattr(client, name)).__name__}")
    texts = {name: getattr(client, name) for name in ("name", "comment", "policy_name")}
    owner = client.owner
    texts |= {"owner.netbios_name": owner.netbios_name, "owner.host_name": owner.host_name}
    for name, text in texts.items():
        if not isinstance(text, str | None):
            raise TypeError(f"{name} must be str or None, not {type(text).__name__}")
        if text is not None and "\0" in text:
            raise ValueError(f"{name} must not contain a NUL character")


def _check_limits(name: str, value: object, least: Any, most: Any) -> None:
    if not isinstance(value, datetime if isinstance(least, datetime) else int):
        raise TypeError(f"{name} must be {type(least).__name__}, not {type(value).__name__}")
    if isinstance(value, datetime) and value.utcoffset() is None:
        raise ValueError(f"{name} must have a time zone, got {value!r}")
    if not least <= value <= most:
        raise ValueError(f"{name} must be between {least} and {most}, got {value}")
