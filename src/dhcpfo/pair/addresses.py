"""The addresses by which the two servers reach each other."""

from collections.abc import Iterable
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from ..errors import DhcpError
from ..models import Binding
from .errors import Conflict
from .look import gather, known
from .parts import Side

if TYPE_CHECKING:
    from .pair import FailoverPair

__all__ = ["candidates", "is_partner", "partners", "server_addresses", "server_name"]


def candidates(pair: "FailoverPair", side: Side) -> list[IPv4Address]:
    """Return the addresses that a server answers clients on, without loopback."""
    bindings: list[Binding] = pair.server(side).bindings()
    bound = [binding.address for binding in bindings if binding.bound]
    return [address for address in dict.fromkeys(bound) if not address.is_loopback and int(address)]


def is_partner(pair: "FailoverPair", side: Side, address: IPv4Address) -> bool:
    """Return whether a relationship with a partner at an address may be one with the server of a side.

    A server may have relationships with many partners. It is certain that it is another one only if the server can be
    asked for its addresses.
    """
    return address in partners(pair, side, [address])


def partners(pair: "FailoverPair", side: Side, addresses: Iterable[IPv4Address]) -> set[IPv4Address]:
    """Return those of the addresses of partners that may be the server of a side: `is_partner` for many at once."""
    wanted = set(addresses)
    if wanted <= {pair.address(side)}:
        return wanted
    try:
        own = candidates(pair, side)
    except DhcpError:
        return wanted
    return wanted & {*own, pair.address(side)} if own else wanted


def server_addresses(pair: "FailoverPair") -> dict[Side, IPv4Address]:
    """Return the address of each server: the one that was passed, else the only one that it answers clients on.

    Raises:
        Conflict: A server has none or several, or both have the same.
    """
    open_ = [side for side in Side if pair.address(side) is None]
    found = gather({side: (lambda side=side: candidates(pair, side)) for side in open_}, 2)  # type: ignore[misc]
    result: dict[Side, IPv4Address] = {}
    for side in Side:
        given = pair.address(side)
        if given is not None:
            result[side] = given
            continue
        addresses = known(found[side])
        if len(addresses) != 1:
            shown = ", ".join(map(str, addresses)) or "none"
            raise Conflict(f"{pair.names[side]} has the addresses {shown}: pass {side}_address=", side=side)
        result[side] = addresses[0]
    if result[Side.PRIMARY] == result[Side.SECONDARY]:
        raise Conflict(f"both servers have the address {result[Side.PRIMARY]}")
    return result


def server_name(pair: "FailoverPair", side: Side) -> str | None:
    """Return the name of a server for a relationship, if it was connected to by name."""
    name = pair.server(side).name
    if name is None:
        return None
    try:
        IPv4Address(name)
    except ValueError:
        return name
    return None
