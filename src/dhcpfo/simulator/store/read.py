"""From rows to the state of a lab, all of it or what has changed."""

import json
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address
from typing import Any

from ..client_index import Record
from ..clients import ClientSource, ClientTable
from ..codec import decode
from ..journal import Recorded
from ..scopes import Scope
from ..state import Host, LabState
from .layout import LAB, Home, Key, adopt, home_of, layout_of, load_doc, make

__all__ = ["CLIENTS", "Reader"]

CLIENTS = "clients"
"""The kind of the key of a client's record that was deleted; the key is the address as a number."""

ORDER = ("lab", "hosts", "scopes")
"""The kinds that others need to be there."""

Group = tuple[int, int, str]


class Reader:
    """Builds the state from rows, and changes it as rows change.

    All errors in `codec` and the like can be raised: then the rows are not those of a lab.

    Args:
        source: Returns where to find the clients of a scope, by the number of its server and the scope.

    Attributes:
        state: The lab.
        complete: Whether there was a row of the lab itself.
    """

    def __init__(self, source: Callable[[int, int], ClientSource]) -> None:
        self.state = LabState()
        self.complete = False
        self._source = source
        self._hosts: dict[int, Host] = {}
        adopt(self.state, Home(LAB, self.state, 0, 0))

    def apply(self, deleted: Iterable[Key], rows: Iterable[tuple[Key, str]]) -> None:
        """Take over deleted rows, in any order, and then other rows, in the order of their age."""
        self._hosts = {host.home.server: host for host in self.state.hosts.values()}
        groups: dict[Group, tuple[list[str], list[tuple[str, str]]]] = {}
        for key in deleted:
            if key.kind != CLIENTS:
                groups.setdefault(key[:3], ([], []))[0].append(key.key)
        for key, doc in rows:
            groups.setdefault(key[:3], ([], []))[1].append((key.key, doc))
        for group in sorted(groups, key=_rank):
            gone, changed = groups[group]
            match group[2]:
                case "lab":
                    self._apply_lab(changed)
                case "hosts":
                    self._apply_hosts(gone, changed)
                case _:
                    self._apply_list(group, gone, changed)
                    self._note(group[0])

    def put_client(self, server: int, scope: int, address: IPv4Address, record: Record | None) -> None:
        """Take over a client's record, or that there is none."""
        host = self._hosts.get(server)
        found = host.scopes.get(IPv4Address(scope)) if host is not None else None
        if found is not None and found.clients.loaded:
            found.clients.put_stored(address, record)
        elif found is not None:
            found.clients.forget_ends()
        self._note(server)

    def _note(self, server: int) -> None:
        """Let the agenda ask the server when its next event is due."""
        if server in self._hosts:
            self.state.agenda.changed.add(self._hosts[server].name)

    def _apply_lab(self, changed: list[tuple[str, str]]) -> None:
        lab = self.state
        before = lab.switches, lab.timers, lab.cut
        for _, doc in changed:
            load_doc(lab, doc)
            self.complete = True
        adopt(lab, lab.home)
        if before != (lab.switches, lab.timers, lab.cut):
            lab.agenda.forget()

    def _apply_hosts(self, gone: list[str], changed: list[tuple[str, str]]) -> None:
        before = {number: (host.name, host.address) for number, host in self._hosts.items()}
        for text in gone:
            self._hosts.pop(json.loads(text), None)
        for text, doc in changed:
            number = json.loads(text)
            if number in self._hosts:
                load_doc(self._hosts[number], doc)
                adopt(self._hosts[number], self._hosts[number].home)
            else:
                host = self._hosts[number] = make(Host, doc)
                adopt(host, home_of("hosts", number, host, self.state.home))
        if before != {number: (host.name, host.address) for number, host in self._hosts.items()}:
            self.state.hosts = {self._hosts[number].name: self._hosts[number] for number in sorted(self._hosts)}
            self.state.agenda.forget()
        for text, _ in changed:
            self._note(json.loads(text))

    def _apply_list(self, group: Group, gone: list[str], changed: list[tuple[str, str]]) -> None:
        server, scope, kind = group
        owner = self._owner(server, scope)
        if owner is None and not changed:  # the server or the scope is deleted, too
            return
        *parts, name = kind.split(".")
        for part in parts:
            owner = getattr(owner, part)
        assert owner is not None
        kept = layout_of(type(owner)).lists[name]
        entries = dict(kept.entries(getattr(owner, name)))
        for text in gone:
            entries.pop(decode(kept.key, json.loads(text)), None)
        for text, doc in changed:
            key = decode(kept.key, json.loads(text))
            if isinstance(entries.get(key), Recorded):
                load_doc(entries[key], doc)
                adopt(entries[key], entries[key].home)
            else:
                entries[key] = self._entry(kind, key, make(kept.item, doc), owner.home)
        setattr(owner, name, kept.value(entries))

    def _owner(self, server: int, scope: int) -> Recorded | None:
        host = self._hosts.get(server)
        return host if host is None or scope == 0 else host.scopes.get(IPv4Address(scope))

    def _entry(self, kind: str, key: Any, entry: Any, owner: Home) -> Any:
        if isinstance(entry, Scope):
            entry.clients = ClientTable(source=self._source(owner.server, int(key)))
        if isinstance(entry, Recorded):
            adopt(entry, home_of(kind, key, entry, owner))
        return entry


def _rank(group: Group) -> int:
    return ORDER.index(group[2]) if group[2] in ORDER else len(ORDER)
