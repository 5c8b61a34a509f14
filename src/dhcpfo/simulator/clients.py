"""The client records of a scope: by address, by client, and by whether their address is free again."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from ipaddress import IPv4Address
from typing import Any, Protocol

from ..enums import LeaseState
from ..limits import FILETIME_EPOCH, MAX_BYTE, MAX_DWORD, MAX_WORD, UNIX_END, UNIX_EPOCH
from ..models import FailoverClient
from .journal import current

__all__ = ["ClientSource", "ClientTable", "Hold", "Record", "Run", "StoredClient", "check_record"]

Run = tuple[int, int]
"""Consecutive addresses as numbers, first and last."""


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


class StoredClient:
    """A record that a file keeps, until somebody asks for more of it than the index does.

    Args:
        address: As in the record, and so on.
        client_id: The unique ID.
        lease_expires: The end of the lease.
        doomed: Whether the lease was released.
        read: Returns the whole record.
    """

    __slots__ = ("address", "client_id", "lease_expires", "lease_state", "read")

    def __init__(
        self,
        address: IPv4Address,
        client_id: bytes,
        lease_expires: datetime | None,
        doomed: bool,
        read: Callable[[], FailoverClient],
    ) -> None:
        self.address = address
        self.client_id = client_id
        self.lease_expires = lease_expires
        self.lease_state = LeaseState.DOOMED if doomed else LeaseState.ACTIVE
        self.read = read


Record = FailoverClient | StoredClient


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

    __slots__ = ("_index", "_records", "_source", "home")

    def __init__(
        self, records: Iterable[tuple[IPv4Address, FailoverClient]] = (), source: ClientSource | None = None
    ) -> None:
        self._source = source
        self._records: dict[IPv4Address, Record] | None = None if source is not None else dict(records)
        self._index: _Index | None = None
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
        record = self._all()[address]
        if isinstance(record, StoredClient):
            record = self._all()[address] = record.read()
        return record

    def __contains__(self, address: object) -> bool:
        return address in self._all()

    def __iter__(self) -> Iterator[IPv4Address]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __setitem__(self, address: IPv4Address, client: FailoverClient) -> None:
        records = self._all()
        before = records.get(address)
        if current.journal is not None:
            current.journal.record(self._restore, address, before)
        records[address] = client
        if self._index is not None:
            if before is not None:
                self._index.remove(before)
            self._index.add(client)

    def __delitem__(self, address: IPv4Address) -> None:
        records = self._all()
        before = records[address]
        if current.journal is not None:
            current.journal.record(self._restore, address, before)
        del records[address]
        if self._index is not None:
            self._index.remove(before)

    def _restore(self, address: IPv4Address, before: Record | None) -> None:
        self._index = None  # it may be half changed
        records = self._all()
        if before is not None:
            records[address] = before
        elif address in records:
            del records[address]

    def put_stored(self, address: IPv4Address, record: Record | None) -> None:
        """Take over what another process has written: the record of an address, or that there is none."""
        records = self._all()
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
    def index(self) -> "_Index":
        """The index of the records, made when it is first asked for."""
        if self._index is None:
            self._index = _Index(self._all())
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
            if not _contain(runs, number) or hold.keeps(client, now):
                continue
            if not hold.counts(client, now):
                best = number
                break
            if last_choice is None:
                last_choice = number
        chosen = best if best is not None else last_choice
        return None if chosen is None else IPv4Address(chosen)

    def next_ends(self) -> tuple[datetime | None, datetime | None]:
        """Return when the first lease ends or ended: of those not released, and of the released ones."""
        if self._records is None and self._source is not None:
            return self._source.next_end(False), self._source.next_end(True)
        index = self.index
        if index.next_ends is None:
            index.next_ends = index.next_end(False), index.next_end(True)
        return index.next_ends

    def ended_by(self, time: datetime, *, released: bool) -> list[FailoverClient]:
        """Return the records with a lease that ended by a time, of the released ones or of the others."""
        return [self[address] for address in self.index.ended_by(time, released)]


def _contain(runs: list[Run], number: int) -> bool:
    return any(first <= number <= last for first, last in runs)


class _Index:
    """What makes looking up a client and a free address independent of how many clients there are.

    Args:
        records: The records by address, in the table that goes on changing them.

    Attributes:
        by_client: The addresses of each client, by its unique ID; ascending.
    """

    def __init__(self, records: dict[IPv4Address, Record]) -> None:
        self._records = records
        self.by_client: dict[bytes, tuple[IPv4Address, ...]] = {}
        # The addresses that have a record, as runs that neither overlap nor touch.
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        self._expiring: list[tuple[datetime, int]] = []  # a heap; an entry of a replaced record is skipped
        self._lapsed: list[int] = []  # released or once seen expired; ascending
        self.next_ends: tuple[datetime | None, datetime | None] | None = None  # None: not known
        self._ends: dict[bool, list[tuple[datetime, int]]] = {False: [], True: []}  # heaps: whether released
        for address in sorted(records):
            self.add(records[address])

    def add(self, client: Record) -> None:
        self.next_ends = None
        number = int(client.address)
        known = self.by_client.get(client.client_id)
        self.by_client[client.client_id] = tuple(sorted((*known, client.address))) if known else (client.address,)
        after = bisect_right(self._firsts, number)
        joins_left = after > 0 and self._lasts[after - 1] == number - 1
        joins_right = after < len(self._firsts) and self._firsts[after] == number + 1
        if joins_left and joins_right:
            self._lasts[after - 1] = self._lasts.pop(after)
            del self._firsts[after]
        elif joins_left:
            self._lasts[after - 1] = number
        elif joins_right:
            self._firsts[after] = number
        else:
            self._firsts.insert(after, number)
            self._lasts.insert(after, number)
        if client.lease_state == LeaseState.DOOMED:
            insort(self._lapsed, number)
        elif client.lease_expires is not None:
            heappush(self._expiring, (client.lease_expires, number))
        if client.lease_expires not in (None, FILETIME_EPOCH):  # without a lease nothing ends
            heappush(self._ends[client.lease_state == LeaseState.DOOMED], (client.lease_expires, number))

    def remove(self, client: Record) -> None:
        self.next_ends = None
        number = int(client.address)
        left = tuple(address for address in self.by_client[client.client_id] if address != client.address)
        if left:
            self.by_client[client.client_id] = left
        else:
            del self.by_client[client.client_id]
        run = bisect_right(self._firsts, number) - 1
        first, last = self._firsts[run], self._lasts[run]
        parts = [part for part in ((first, number - 1), (number + 1, last)) if part[0] <= part[1]]
        self._firsts[run : run + 1] = [part[0] for part in parts]
        self._lasts[run : run + 1] = [part[1] for part in parts]
        place = bisect_left(self._lapsed, number)
        if place < len(self._lapsed) and self._lapsed[place] == number:
            del self._lapsed[place]

    def recorded_after(self, number: int) -> Iterator[int]:
        """Yield, ascending, the addresses above a number that have a record."""
        run = max(bisect_right(self._firsts, number) - 1, 0)
        for first, last in zip(self._firsts[run:], self._lasts[run:], strict=True):
            yield from range(max(first, number + 1), last + 1)

    def first_without_record(self, runs: list[Run]) -> int | None:
        for first, last in runs:
            run = bisect_right(self._firsts, first) - 1
            if run >= 0 and self._lasts[run] >= first:
                first = self._lasts[run] + 1
            if first <= last:
                return first
        return None

    def lapsed_by(self, now: datetime) -> Iterator[int]:
        """Yield, ascending, the addresses of records that were released or had expired at ``now`` or before."""
        while self._expiring and self._expiring[0][0] <= now:
            expires, number = heappop(self._expiring)
            client = self._records.get(IPv4Address(number))
            if client is None or client.lease_expires != expires or client.lease_state == LeaseState.DOOMED:
                continue
            place = bisect_left(self._lapsed, number)
            if place == len(self._lapsed) or self._lapsed[place] != number:
                self._lapsed.insert(place, number)
        return iter(self._lapsed)

    def next_end(self, released: bool) -> datetime | None:
        heap = self._ends[released]
        while heap:
            ended, number = heap[0]
            client = self._records.get(IPv4Address(number))
            current = client is not None and client.lease_expires == ended
            if client is not None and current and (client.lease_state == LeaseState.DOOMED) is released:
                return ended
            heappop(heap)
        return None

    def ended_by(self, time: datetime, released: bool) -> list[IPv4Address]:
        heap, addresses = self._ends[released], set()
        while (ended := self.next_end(released)) is not None and ended <= time:
            addresses.add(IPv4Address(heappop(heap)[1]))
        for address in addresses:  # they stay ended until their record changes
            client = self._records.get(address)
            if client is not None and client.lease_expires is not None:
                heappush(heap, (client.lease_expires, int(address)))
        return sorted(addresses)


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
