"""From what a transaction has changed to the rows that change."""

from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any, Protocol

from ...models import FailoverClient
from ..client_index import Record
from ..clients import ClientTable
from ..journal import Journal, Recorded
from ..state import Host, LabState
from .layout import LAB, Home, Key, List, adopt, doc_of, home_of, key_text, layout_of, lists_of

__all__ = ["Rows", "write_all", "write_changes"]

HOSTS = "hosts"


class Rows(Protocol):
    """The rows of a file."""

    def put(self, key: Key, doc: str) -> None:
        """Add a row, behind all others of its kind, or change it where it is."""
        ...

    def delete(self, key: Key) -> None:
        """Delete a row."""
        ...

    def delete_server(self, server: int) -> None:
        """Delete all rows of a server but its own."""
        ...

    def delete_scope(self, server: int, scope: int) -> None:
        """Delete all rows of a scope but its own."""
        ...

    def put_client(self, server: int, scope: int, client: FailoverClient) -> None:
        """Add or change the record of a client."""
        ...

    def delete_client(self, server: int, scope: int, address: IPv4Address) -> None:
        """Delete the record of a client."""
        ...


def write_all(state: LabState, rows: Rows) -> None:
    """Write a whole lab into a file without rows."""
    _Writer(rows, state).insert_object(state, Home(LAB, state, 0, 0))


def write_changes(journal: Journal, state: LabState, rows: Rows) -> None:
    """Write what a transaction has changed.

    Args:
        journal: What would undo the changes.
        state: The lab, after the changes.
        rows: Where to write.
    """
    values: dict[tuple[int, str], tuple[Recorded, str, Any]] = {}
    clients: dict[tuple[int, IPv4Address], tuple[ClientTable, Record | None]] = {}
    for undo, arguments in journal:
        if undo is object.__setattr__:
            thing, name, _ = arguments
            values.setdefault((id(thing), name), arguments)
        elif isinstance(table := getattr(undo, "__self__", None), ClientTable):
            address, record = arguments
            clients.setdefault((id(table), address), (table, record))
    writer = _Writer(rows, state)
    for (_, address), (table, before) in clients.items():
        writer.client(table, address, before)
    writer.values(values)


class _Writer:
    """Writes rows.

    Args:
        rows: Where to write.
        state: The lab.
    """

    def __init__(self, rows: Rows, state: LabState) -> None:
        self._rows = rows
        self._state = state

    def client(self, table: ClientTable, address: IPv4Address, before: Record | None) -> None:
        """Write the record of an address, if it is another one than before."""
        if table.home is None:  # of a new scope, which is written as a whole
            return
        record = table.get(address)
        if record is None:
            self._rows.delete_client(*table.home, address)
        elif record is not before:
            self._rows.put_client(*table.home, record)

    def values(self, values: dict[tuple[int, str], tuple[Recorded, str, Any]]) -> None:
        """Write the attributes that have other values than before."""
        roots: dict[Key, Recorded] = {}
        lists: list[tuple[int, Callable[[], None]]] = []

        def compare(home: Home, name: str, kept: List, before: Any, after: Any) -> None:
            depth = (home.scope == 0) + (home.server == 0)
            lists.append((depth, lambda: self._list(home, home.prefix + name, kept, before, after)))

        for thing, name, before in values.values():
            home = getattr(thing, "home", None)
            if home is None:  # new, so it is written with what it is in
                continue
            layout, after = layout_of(type(thing)), getattr(thing, name)
            if name in layout.lists:
                compare(home, name, layout.lists[name], before, after)
            elif name in layout.parts:
                roots[home.row] = home.root
                inner = home._replace(prefix=f"{home.prefix}{name}.")
                for one, key, kept in lists_of(before):
                    first = values.get((id(one), key), (one, key, getattr(one, key)))[2]
                    compare(inner, key, kept, first, getattr(after, key))
            elif name in layout.own and before != after:
                roots[home.row] = home.root
        for row, root in roots.items():
            adopt(root, root.home)
            self._rows.put(row, doc_of(root))
        for _, write in sorted(lists, key=lambda entry: entry[0]):  # what is in a scope first: the scope may be gone
            write()

    def _list(self, home: Home, kind: str, kept: List, before: Any, after: Any) -> None:
        old, new = self._entries(kind, kept, before), self._entries(kind, kept, after)
        gone = {key for key, item in old.items() if key not in new or _is_another(new[key], item)}
        if not kept.is_sorted:
            staying = [key for key in old if key not in gone]
            if [key for key, _ in zip(new, staying, strict=False)] != staying:
                gone = set(old)
        for key in gone:
            self._delete(home, kind, key)
        for key, item in new.items():
            if key in gone or key not in old:
                self._insert(home, kind, key, item)
            elif item is not old[key] and item != old[key]:
                self._rows.put(Key(home.server, home.scope, kind, key_text(key)), doc_of(item))

    def _entries(self, kind: str, kept: List, value: Any) -> dict[Any, Any]:
        return {self._number(host): host for host in value.values()} if kind == HOSTS else kept.entries(value)

    def _number(self, host: Host) -> int:
        """Return the number of a server; a new one gets the next."""
        if getattr(host, "home", None) is None:
            numbers = (getattr(other, "home", None) for other in self._state.hosts.values())
            number = max((home.server for home in numbers if home is not None), default=0) + 1
            adopt(host, home_of(HOSTS, number, host, self._state.home))
        return int(host.home.server)

    def _delete(self, home: Home, kind: str, key: Any) -> None:
        self._rows.delete(Key(home.server, home.scope, kind, key_text(key)))
        if kind == HOSTS:
            self._rows.delete_server(key)
        elif kind == "scopes":
            self._rows.delete_scope(home.server, int(key))

    def _insert(self, home: Home, kind: str, key: Any, item: Any) -> None:
        if isinstance(item, Recorded):
            self.insert_object(item, home_of(kind, key, item, home))
        else:
            self._rows.put(Key(home.server, home.scope, kind, key_text(key)), doc_of(item))

    def insert_object(self, thing: Recorded, home: Home) -> None:
        """Write an object and everything in it."""
        adopt(thing, home)
        self._rows.put(home.row, doc_of(thing))
        layout = layout_of(type(thing))
        if layout.clients is not None:
            for client in getattr(thing, layout.clients).values():
                self._rows.put_client(home.server, home.scope, client)
        for owner, name, kept in lists_of(thing):
            kind = owner.home.prefix + name
            for key, item in self._entries(kind, kept, getattr(owner, name)).items():
                self._insert(owner.home, kind, key, item)


def _is_another(new: Any, old: Any) -> bool:
    return isinstance(old, Recorded) and new is not old
