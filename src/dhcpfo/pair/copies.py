"""Comparing the two copies of a relationship, and telling which of a server's relationships belong to a pair."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from typing import Any

from ..enums import ServerType
from ..models import Relationship
from ..models.names import upper_case

__all__ = ["COMPARED", "Difference", "belonging", "differences", "own_address"]

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


@dataclass(frozen=True, slots=True)
class Difference:
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


def differences(one: Relationship, other: Relationship) -> tuple[Difference, ...]:
    """Return how two copies of a relationship differ, in the order of `COMPARED`."""
    found = [
        Difference(what, here, there)
        for what in COMPARED
        if what not in ("role", "scopes", "shared_secret")
        and ((here := getattr(one, what)) or None) != ((there := getattr(other, what)) or None)
    ]
    if one.server_type == other.server_type:
        found.append(Difference("role", one.server_type, other.server_type))
    here, there = frozenset(one.scopes), frozenset(other.scopes)
    if here != there:
        found.append(Difference("scopes", tuple(sorted(here - there)), tuple(sorted(there - here))))
    if one.shared_secret is not None and other.shared_secret is not None and one.shared_secret != other.shared_secret:
        found.append(Difference("shared_secret", None, None))
    return tuple(sorted(found, key=lambda difference: COMPARED.index(difference.what)))


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
