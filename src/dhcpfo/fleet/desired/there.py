"""What the two servers have of what a file says: relationships, their members, and the side of each."""

from collections.abc import Iterable
from ipaddress import IPv4Address
from typing import Any

from ... import models
from ...enums import ServerType
from ...models import Secret
from ...pair import FailoverPair, Note, SecretRef, Side
from ...pair.addresses import is_partner
from ...pair.errors import Conflict
from ...pair.half import same_name
from ...pair.parts import SIDES
from ...pair.planning import check_partner
from .ahead import Ahead
from .models import Relationship
from .wanted import Wanted

__all__ = ["There", "is_in", "scopes_in"]


class There:
    """What there is.

    Args:
        pair: The servers.
        wanted: What the file says.
        secrets: The texts of its secrets.
    """

    def __init__(self, pair: FailoverPair, wanted: Wanted, secrets: dict[SecretRef, Secret]) -> None:
        self.pair = pair
        self.wanted = wanted
        self.look = Ahead(pair, secrets)
        self.notes = self.look.draft.notes
        self._third: dict[str, str | None] = {}

    def note(self, code: str, text: str, guard: str | None = None, *path: object) -> None:
        """Add a note; ``path`` is what of the file causes it."""
        where = f" ({self.wanted.place(*path)})" if path else ""
        self.notes.append(Note(code, text + where, guard))

    # Third servers: a server may be in several pairs

    def check_partners(self) -> None:
        """Refuse relationships that one of the servers has with a third one, under a name of the file."""
        for name in self.wanted.relationships:
            if any(self.copies(name)):
                try:
                    check_partner(self.look.about(name))
                except Conflict as error:
                    place = self.wanted.place("relationships", "list", name)
                    raise Conflict(f"{error} ({place})", side=error.side) from None

    def third(self, name: str) -> str | None:
        """Return with whom a relationship is that one of the servers has with a third one; None for all others."""
        if name not in self._third:
            self._third[name] = self._find_third(name)
        return self._third[name]

    def _find_third(self, name: str) -> str | None:
        copies = {side: copy for side in SIDES if (copy := self.look.copy(side, name)) is not None}
        for side, copy in copies.items() if len(copies) == 1 else ():
            if not is_partner(self.pair, side.other, copy.partner_server):
                return f"one of {self.pair.names[side]} with {copy.partner_server}, not {self.pair.names[side.other]}"
        return None

    def check_holder(self, side: Side, scope: IPv4Address, path: tuple[object, ...]) -> None:
        """Refuse contents of a scope that a server shares with a third one: the two copies would differ then."""
        name = self.look.holder(side, scope)
        third = None if name is None else self.third(name)
        if third is not None:
            text = f"is in relationship {name}, {third}: what it is to have must be in the file of that pair"
            raise self.wanted.error(text, *path)

    # Relationships

    def names_there(self) -> list[str]:
        """Return the names of the relationships between the two servers."""
        found: list[str] = []
        for side in SIDES:
            for one in self.look.relationships(side):
                other = any(_same(one, two) for two in self.look.relationships(side.other))
                if (other or is_in(one.name, self.wanted.relationships)) and not is_in(one.name, found):
                    found.append(one.name)
        return found

    def members(self, name: str) -> set[IPv4Address]:
        """Return the scopes that a relationship has on either side."""
        copies = [self.look.copy(side, name) for side in SIDES]
        return {scope for copy in copies if copy is not None for scope in copy.scopes}

    def surplus(self, name: str, entry: Relationship) -> set[IPv4Address]:
        """Return the scopes that must leave a relationship."""
        if entry.scopes is None or not entry.scopes.only:
            return set()
        return self.members(name) - {one.address for one in entry.scopes.items}

    def to_delete(self, existing: list[str]) -> list[str]:
        """Return the relationships that must not be."""
        gone = []
        for name in self.wanted.absent.relationships:
            if (third := self.third(name)) is not None:
                self.note("left-alone", f"relationship {name} is {third}", None, "absent", "relationships")
            elif any(self.copies(name)):
                gone.append(name)
        if self.wanted.only:
            gone += [name for name in existing if not is_in(name, [*self.wanted.relationships, *gone])]
        return gone

    def copies(self, name: str) -> list[bool]:
        """Return on which sides a relationship is."""
        return [self.look.copy(side, name) is not None for side in SIDES]

    def primary(self, name: str, entry: Relationship | None) -> Side:
        """Return the side of a relationship's primary: as it is, or as the file wants it."""
        if any(self.copies(name)):
            return self.look.about(name).of_role(ServerType.PRIMARY)
        return self.side(entry.primary) if entry is not None and entry.primary else Side.PRIMARY

    def side(self, server: str) -> Side:
        """Return the side of a server of the file."""
        same = server.casefold() == self.wanted.servers[0].casefold()
        return Side.PRIMARY if same else Side.SECONDARY

    def keeper(self, keep: str | None, default: Side) -> Side | str:
        """Return the side that keeps scopes, or "both"."""
        if keep is None:
            return default
        return "both" if keep.casefold() == "both" else self.side(keep)


def scopes_in(entry: Relationship) -> tuple[Any, ...]:
    """Return the scopes that a file has in a relationship."""
    return () if entry.scopes is None else entry.scopes.items


def is_in(name: str, names: Iterable[str]) -> bool:
    """Return whether a name is one of some, without case."""
    return any(same_name(name, one) for one in names)


def _same(one: models.Relationship, other: models.Relationship) -> bool:
    """Whether two copies are of one relationship, and not of two with third servers."""
    ends = (one.primary_server, one.secondary_server)
    return same_name(one.name, other.name) and ends == (other.primary_server, other.secondary_server)
