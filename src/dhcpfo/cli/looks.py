"""Reading both sides of a pair."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import DhcpError
from ..pair import Side
from ..pair.half import same_name
from ..pair.look import Unknown, gather
from .states import differing, is_primary, values_of
from .targets import Target

if TYPE_CHECKING:
    from ..enums import FailoverState
    from ..models import Relationship

__all__ = ["Row", "read_both"]


@dataclass(frozen=True, slots=True)
class Row:
    """A relationship as both servers of a pair have it.

    Attributes:
        target: The pair.
        name: The relationship's name.
        copies: Each server's copy, None where it has none, or the error with which reading it failed.
    """

    target: Target
    name: str
    copies: "dict[Side, Relationship | DhcpError | None]"

    @property
    def known(self) -> "Relationship":
        """A copy that was read; the primary's if possible."""
        return sorted((copy for _, copy in self.read()), key=is_primary)[-1]

    def read(self) -> "list[tuple[Side, Relationship]]":
        """Return the copies that were read."""
        return [
            (side, copy) for side, copy in self.copies.items() if copy is not None and not isinstance(copy, DhcpError)
        ]

    @property
    def unknown(self) -> bool:
        """Whether a server could not be read."""
        return any(isinstance(copy, DhcpError) for copy in self.copies.values())

    @property
    def attention(self) -> list[str]:
        """What is not as it should be."""
        found = [f"{self.target.pair.names[side]} has no half" for side, copy in self.copies.items() if copy is None]
        copies = [copy for _, copy in self.read()]
        if len(copies) == 2 and (names := differing(*copies)):
            found.append(f"the halves differ: {', '.join(names)}")
        for side, copy in self.read():
            if copy.state.name != "NORMAL":
                found.append(f"{self.target.pair.names[side]} is {copy.state.name}")
        return found

    def states(self) -> "dict[Side, FailoverState]":
        """Return the states that were read."""
        return {side: copy.state for side, copy in self.read()}

    def to_dict(self) -> dict[str, object]:
        """Return JSON-ready values."""
        names = self.target.pair.names
        known = dict(self.read())
        return {
            "pair": self.target.name,
            "relationship": self.name,
            "attention": self.attention,
            "servers": {names[side]: values_of(known[side]) if side in known else None for side in Side},
        }


def read_both(target: Target) -> "tuple[list[Row], dict[Side, DhcpError]]":
    """Return the relationships of a pair, and the errors of the servers that could not be read.

    A relationship of a server with a third one is left out, if the other server of the pair could be read.
    """
    pair = target.pair
    read = gather({side: pair.server(side).relationships for side in Side}, 2)
    errors = {side: found.error for side, found in read.items() if isinstance(found, Unknown)}
    lists = {side: found for side, found in read.items() if not isinstance(found, Unknown)}
    rows: list[Row] = []
    for side, found in lists.items():
        for copy in found:
            if any(same_name(copy.name, row.name) for row in rows):
                continue
            other: Relationship | DhcpError | None = errors.get(side.other)
            if other is None:
                others = lists[side.other]
                other = next((one for one in others if same_name(one.name, copy.name)), None)
                if other is None and not is_between(copy, others, target):
                    continue
            copies = {side: copy, side.other: other}
            rows.append(Row(target, copy.name, {one: copies[one] for one in Side}))
    return sorted(rows, key=lambda row: row.name.casefold()), errors


def is_between(copy: "Relationship", others: "list[Relationship]", target: Target) -> bool:
    """Whether a copy without a counterpart may belong to this pair: only an address that is surely another tells."""
    own = {one.primary_server if is_primary(one) else one.secondary_server for one in others}
    names = {name.partition(".")[0].casefold() for name in (target.pair.names.primary, target.pair.names.secondary)}
    named = (copy.partner_server_name or "").partition(".")[0].casefold()
    return not own or copy.partner_server in own or named in names
