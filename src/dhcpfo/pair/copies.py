"""Comparing the two copies of a relationship, and telling which of a server's relationships belong to a pair."""

from collections.abc import Collection, Iterable, Mapping
from ipaddress import AddressValueError, IPv4Address
from typing import Any

from ..enums import ServerType
from ..models import Relationship
from ..models.base import Record, record
from ..models.names import upper_case
from .half import Half
from .parts import Side

__all__ = ["COMPARED", "Difference", "belonging", "between", "differences", "own_address"]

COMPARED = (
    "name",
    "role",
    "primary_server",
    "secondary_server",
    "mode",
    "percentage",
    "mclt",
    "state_switch_interval",
    "scopes",
    "authenticated",
    "shared_secret",
)
"""What is compared, in this order. Both copies should have the same, but for the role."""


@record
class Difference(Record):
    """Something that is not the same in the two copies of a relationship, and should be.

    Attributes:
        what: One of `COMPARED`, or ``"missing"``: one of the servers has no copy.
        primary: The value on the first server of the pair. Of scopes: those that only this server has in the
            relationship. None for secrets, which are never shown.
        secondary: The value on the second server.
    """

    what: str
    primary: Any
    secondary: Any


def differences(one: Relationship | Half, other: Relationship | Half) -> tuple[Difference, ...]:
    """Return how two copies of a relationship differ, in the order of `COMPARED`."""
    left, right = _values(one), _values(other)
    found = []
    for what in COMPARED:
        here, there = left[what], right[what]
        if what == "role":
            if here == there:
                found.append(Difference(what, here, there))
        elif what == "scopes":
            if here != there:
                found.append(Difference(what, tuple(sorted(here - there)), tuple(sorted(there - here))))
        elif what == "shared_secret":
            if here is not None and there is not None and here != there:
                found.append(Difference(what, None, None))
        elif (here or None) != (there or None):
            found.append(Difference(what, here, there))
    return tuple(found)


def _values(copy: Relationship | Half) -> dict[str, Any]:
    """Return what is compared of a copy."""
    role, secret = (copy.role, copy.secret) if isinstance(copy, Half) else (copy.server_type, copy.shared_secret)
    odd = {"role": role, "scopes": frozenset(copy.scopes), "authenticated": secret is not None, "shared_secret": secret}
    return odd | {what: getattr(copy, what) for what in COMPARED if what not in odd}


def own_address(copy: Relationship) -> IPv4Address:
    """Return the address that the server which holds a copy has in it."""
    return copy.primary_server if copy.server_type == ServerType.PRIMARY else copy.secondary_server


def belonging(
    copies: Iterable[Relationship], name: str | None, addresses: Collection[IPv4Address], *, readable: bool
) -> list[Relationship]:
    """Return those of a server's copies that are with a certain partner. In doubt, a copy belongs.

    A server may have relationships with several partners; those with others are not half of anything.

    Args:
        copies: All copies of the server.
        name: The name or address by which the partner was connected to.
        addresses: The partner's addresses, as far as they are known.
        readable: Whether the partner could be read. If not, its name may be an alias that no copy has.
    """
    known = {*addresses, *_addresses([name or ""])}
    verdicts = [(copy, _is_with(copy, name, known)) for copy in copies]
    if not readable and not any(verdict for _, verdict in verdicts):
        return [copy for copy, _ in verdicts]
    return [copy for copy, verdict in verdicts if verdict is not False]


def between(
    found: Mapping[Side, Iterable[Relationship] | None],
    names: Mapping[Side, str | None],
    addresses: Mapping[Side, IPv4Address | None],
) -> dict[Side, list[Relationship]]:
    """Return the relationships of each server that are with the other one; see `belonging`.

    Args:
        found: What each server has; None if it could not be read.
        names: The names by which they were connected to.
        addresses: Their addresses, as far as somebody gave them.
    """
    copies = {side: list(mine or ()) for side, mine in found.items()}
    own = {side: {own_address(copy) for copy in mine} for side, mine in copies.items()}
    for side, given in addresses.items():
        if given is not None:
            own[side].add(given)
    known = {side: {upper_case(copy.name) for copy in mine} for side, mine in copies.items()}
    ours = {}
    for side, mine in copies.items():
        partner = side.other
        ours[side] = belonging(mine, names[partner], own[partner], readable=found[partner] is not None)
        ours[side] += [copy for copy in mine if upper_case(copy.name) in known[partner] and copy not in ours[side]]
    return ours


def _is_with(copy: Relationship, name: str | None, known: Collection[IPv4Address]) -> bool | None:
    if copy.partner_server in known:
        return True
    partner = copy.partner_server_name
    if partner and name and not _addresses([name, partner]):
        return _short(partner) == _short(name)
    return False if known else None


def _short(name: str) -> str:
    return upper_case(name).removesuffix(".").partition(".")[0]


def _addresses(names: Iterable[str]) -> set[IPv4Address]:
    found = set()
    for name in names:
        try:
            found.add(IPv4Address(name))
        except AddressValueError:
            continue
    return found
