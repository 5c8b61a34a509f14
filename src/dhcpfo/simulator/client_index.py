"""What finds a client's records, a free address and the end of a lease at any number of clients."""

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from heapq import heapify, heappop, heappush
from ipaddress import IPv4Address

from ..enums import LeaseState
from ..limits import FILETIME_EPOCH
from ..models import FailoverClient
from .runs import Run

__all__ = ["ClientIndex", "Record", "StoredClient"]


class StoredClient:
    """A record that a file keeps, until somebody asks for more of it than the index does.

    Args:
        address: As in the record, and so on.
        client_id: The unique ID.
        lease_expires: The end of the lease.
        doomed: Whether the lease was released.
        owner: The server that gave it.
        doc: The whole record.
        reader: Returns the record that is in ``doc``.
    """

    __slots__ = ("_doc", "_owner_address", "_reader", "address", "client_id", "lease_expires", "lease_state")

    def __init__(
        self,
        address: IPv4Address,
        client_id: bytes,
        lease_expires: datetime | None,
        doomed: bool,
        owner: IPv4Address,
        doc: str,
        reader: Callable[[str], FailoverClient],
    ) -> None:
        self.address = address
        self.client_id = client_id
        self.lease_expires = lease_expires
        self.lease_state = LeaseState.DOOMED if doomed else LeaseState.ACTIVE
        self._owner_address = owner
        self._doc = doc
        self._reader = reader

    def read(self) -> FailoverClient:
        """Return the whole record."""
        return self._reader(self._doc)


Record = FailoverClient | StoredClient


class ClientIndex:
    """What makes looking up a client and a free address independent of how many clients there are.

    Args:
        records: The records by address, in the table that goes on changing them.

    Attributes:
        by_client: The addresses of each client, by its unique ID; ascending.
        owned: How many records each server has given.
    """

    def __init__(self, records: dict[IPv4Address, Record]) -> None:
        self._records = records
        self.by_client: dict[bytes, tuple[IPv4Address, ...]] = {}
        self.owned: Counter[IPv4Address] = Counter()
        # The addresses that have a record, as runs that neither overlap nor touch.
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        self._expiring: list[tuple[datetime, int]] = []  # a heap; an entry of a replaced record is skipped
        self._lapsed: list[int] = []  # released or once seen expired; ascending
        self._ends: dict[bool, list[tuple[datetime, int]]] = {False: [], True: []}  # heaps: whether released
        for address in sorted(records):  # as `add` does, but each list is in order already
            client, number = records[address], int(address)
            self.owned[client._owner_address] += 1
            self.by_client[client.client_id] = (*self.by_client.get(client.client_id, ()), address)
            if self._lasts and self._lasts[-1] == number - 1:
                self._lasts[-1] = number
            else:
                self._firsts.append(number)
                self._lasts.append(number)
            doomed, expires = client.lease_state == LeaseState.DOOMED, client.lease_expires
            if doomed:
                self._lapsed.append(number)
            elif expires is not None:
                self._expiring.append((expires, number))
            if expires is not None and expires != FILETIME_EPOCH:
                self._ends[doomed].append((expires, number))
        for heap in (self._expiring, *self._ends.values()):
            heapify(heap)

    def add(self, client: Record) -> None:
        """Take in a record of an address that had none."""
        number = int(client.address)
        self.owned[client._owner_address] += 1
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
        """Take out a record that was taken in."""
        number = int(client.address)
        self.owned[client._owner_address] -= 1
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

    def runs(self) -> Iterator[Run]:
        """Yield the addresses that have a record, as ascending runs."""
        return zip(self._firsts, self._lasts, strict=True)

    def recorded_after(self, number: int) -> Iterator[int]:
        """Yield, ascending, the addresses above a number that have a record."""
        run = max(bisect_right(self._firsts, number) - 1, 0)
        for first, last in zip(self._firsts[run:], self._lasts[run:], strict=True):
            yield from range(max(first, number + 1), last + 1)

    def first_without_record(self, runs: list[Run]) -> int | None:
        """Return the first address of ascending runs that has no record."""
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
        """Return when the first lease ends or ended, of the released ones or of the others."""
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
        """Return the addresses of leases that ended by a time, of the released ones or of the others."""
        heap, addresses = self._ends[released], set()
        while (ended := self.next_end(released)) is not None and ended <= time:
            addresses.add(IPv4Address(heappop(heap)[1]))
        for address in addresses:  # they stay ended until their record changes
            client = self._records.get(address)
            if client is not None and client.lease_expires is not None:
                heappush(heap, (client.lease_expires, int(address)))
        return sorted(addresses)
