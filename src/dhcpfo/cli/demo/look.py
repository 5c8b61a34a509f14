"""What the demonstration shows of a pair: read from its servers, as any program would."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ...enums import FailoverMode
from ...errors import DhcpError
from .world import Site, World

if TYPE_CHECKING:
    from ...models import Relationship
    from ...server import Server

__all__ = ["HalfSeen", "PairSeen", "look"]


@dataclass(frozen=True, slots=True)
class HalfSeen:
    """One server of a pair.

    Attributes:
        server: Its name.
        state: Its state; None if it does not answer.
        since: How long it has been in that state.
    """

    server: str
    state: str | None
    since: timedelta | None


@dataclass(frozen=True, slots=True)
class PairSeen:
    """A pair.

    Attributes:
        site: The site.
        halves: Both servers.
        mode: The mode of the relationship, in words.
        used: How many addresses are in use.
        total: How many addresses there are.
        because: Why it is not NORMAL; empty if it is.
    """

    site: Site
    halves: tuple[HalfSeen, HalfSeen]
    mode: str
    used: int
    total: int
    because: str


def look(world: World, site: Site) -> PairSeen:
    """Read a pair."""
    pair = world.pair(site)
    halves = []
    found: Relationship | None = None
    used = total = 0
    for server in (pair.primary, pair.secondary):
        try:
            seen = server.get_relationship(site.relationship)
            if found is None:
                used, total = addresses(server, site)
                found = seen
        except DhcpError:
            halves.append(HalfSeen(server.name or "", None, None))
        else:
            last = world.lab.history(server.name or "", site.relationship)[-1]
            halves.append(HalfSeen(server.name or "", seen.state.name, world.lab.now - last.time))
    troubled = any(half.state != "NORMAL" for half in halves)
    because = world.lab.explain(site.relationship).splitlines()[0] if troubled else ""
    return PairSeen(site, (halves[0], halves[1]), mode_of(site), used, total, because.partition("; ")[2])


def addresses(server: "Server", site: Site) -> tuple[int, int]:
    """Return how many addresses are in use, and how many there are."""
    found = [server.get_scope_statistics(scope) for scope in site.scopes]
    return sum(one.addresses_in_use for one in found), sum(one.addresses_total for one in found)


def mode_of(site: Site) -> str:
    """Return mode and share in words."""
    if site.mode == FailoverMode.HOT_STANDBY:
        return f"hot standby {site.percentage} %"
    return f"load balance {site.percentage} / {100 - site.percentage}"
