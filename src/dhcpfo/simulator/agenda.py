"""When the next event of each server is due, so that a call looks only at the servers that it changed.

All of this follows from the state of the lab. It is not saved, and it is forgotten when a transaction is rolled back.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from heapq import heappop, heappush
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from .journal import current

if TYPE_CHECKING:
    from .state import Host, LabState

__all__ = ["Agenda", "Directory"]


class Directory:
    """Servers by name and by address, as they were in one mapping of `LabState.hosts`.

    A server that gets another name or address must be put into a new mapping.

    Args:
        hosts: The mapping.
        fold: Returns the form of a name that is compared.

    Attributes:
        hosts: The mapping.
        by_address: The servers by address.
        position: The position of each server in the mapping, by name.
    """

    def __init__(self, hosts: "Mapping[str, Host]", fold: Callable[[str], str]) -> None:
        self.hosts = hosts
        self._fold = fold
        self.by_address: dict[IPv4Address, Host] = {}
        self._by_text: dict[str, Host] = {}
        self.position: dict[str, int] = {}
        for position, host in enumerate(hosts.values()):
            self.by_address.setdefault(host.address, host)
            for text in (fold(host.name), str(host.address)):
                self._by_text.setdefault(text, host)
            self.position[host.name] = position

    def find(self, server: str) -> "Host | None":
        """Return the server of a name, in any case, or of an address."""
        return self._by_text.get(self._fold(server)) or self._by_text.get(server)


class Agenda:
    """The next event of each server, and which servers are concerned when one changes.

    Attributes:
        known: Whether it has been filled from the state.
        changed: The servers that another process has changed since.
    """

    def __init__(self) -> None:
        self.known = False
        self.changed: set[str] = set()
        self._due: dict[str, datetime | None] = {}
        self._heap: list[tuple[datetime, int, str]] = []  # an entry that is not in _due any more is skipped
        self._partners: dict[str, frozenset[IPv4Address]] = {}  # the addresses that a server's relationships name
        self._naming: dict[IPv4Address, set[str]] = {}  # the servers of which a relationship names the address

    def forget(self) -> None:
        """Forget everything, as after a rollback."""
        self.__init__()  # type: ignore[misc]

    def concerned(self, lab: "LabState", changed: Iterable[str]) -> "list[Host]":
        """Return the servers that changed and their partners, before and after the change, in the lab's order."""
        found = set(changed)
        for name in list(found):
            host = lab.hosts.get(name)
            if host is None:
                continue
            found |= self._naming.get(host.address, set())
            addresses = self._partners.get(name, frozenset()) | _partners(host)
            found |= {other.name for address in addresses if (other := lab.at_address(address)) is not None}
        return [lab.hosts[name] for name in sorted(found & lab.hosts.keys(), key=lab.directory.position.__getitem__)]

    def set(self, lab: "LabState", host: "Host", due: datetime | None) -> None:
        """Note when a server's next event is due, and whom its relationships name."""
        if current.journal is not None:
            current.journal.record(self.forget)
        before, after = self._partners.get(host.name, frozenset()), _partners(host)
        self._partners[host.name] = after
        for address in before - after:
            self._naming[address].discard(host.name)
        for address in after - before:
            self._naming.setdefault(address, set()).add(host.name)
        if due is not None and self._due.get(host.name) != due:
            heappush(self._heap, (due, lab.directory.position[host.name], host.name))
        self._due[host.name] = due

    def first(self, until: datetime) -> str | None:
        """Return the server with the first event up to a time, or None."""
        while self._heap and self._heap[0][0] <= until:
            due, _, name = self._heap[0]
            if self._due.get(name) == due:
                return name
            heappop(self._heap)
        return None


def _partners(host: "Host") -> frozenset[IPv4Address]:
    return frozenset(end.relationship.partner_server for end in host.endpoints)
