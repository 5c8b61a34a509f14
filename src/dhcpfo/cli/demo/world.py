"""The pairs of the demonstration, of which one is in trouble."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ...enums import FailoverMode

if TYPE_CHECKING:
    from ...pair import FailoverPair
    from ...simulator import Lab

__all__ = ["SITES", "World", "build"]

OUTAGE = timedelta(minutes=40)
"""How long the network of the pair in trouble has been down."""


@dataclass(frozen=True, slots=True)
class Subnet:
    """A scope of a site.

    Attributes:
        network: Its network.
        name: Its name.
        leases: How many clients have an address.
        printers: How many addresses at its end are reserved.
    """

    network: str
    name: str
    leases: int
    printers: int = 0

    @property
    def scope(self) -> str:
        """The scope's id."""
        return self.network.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Site:
    """A pair of servers.

    Attributes:
        name: The site's name.
        primary: The primary server.
        secondary: The secondary server.
        relationship: The name of the relationship.
        mode: Its mode.
        percentage: Its percentage.
        subnets: Its scopes.
        trouble: Whether the network between the servers is down.
    """

    name: str
    primary: str
    secondary: str
    relationship: str
    mode: FailoverMode
    percentage: int
    subnets: tuple[Subnet, ...]
    trouble: bool = False

    @property
    def servers(self) -> tuple[str, str]:
        """Both servers."""
        return self.primary, self.secondary

    @property
    def scopes(self) -> list[str]:
        """The ids of its scopes."""
        return [subnet.scope for subnet in self.subnets]


SITES = (
    Site(
        "headquarters",
        "hq-dhcp1",
        "hq-dhcp2",
        "hq-clients",
        FailoverMode.LOAD_BALANCE,
        60,
        (Subnet("10.10.0.0/24", "Offices", 96, printers=2), Subnet("10.10.8.0/25", "Phones", 41)),
    ),
    Site(
        "plant",
        "plant-dhcp1",
        "plant-dhcp2",
        "plant-floor",
        FailoverMode.HOT_STANDBY,
        5,
        (Subnet("10.20.0.0/24", "Production", 63, printers=1),),
    ),
    Site(
        "branch 17",
        "b17-dhcp1",
        "b17-dhcp2",
        "branch-17",
        FailoverMode.LOAD_BALANCE,
        50,
        (Subnet("10.30.17.0/26", "Branch 17", 38),),
        trouble=True,
    ),
)


class World:
    """The lab of the demonstration with its sites.

    Args:
        lab: The lab; `build` has filled it.
    """

    def __init__(self, lab: "Lab") -> None:
        self.lab = lab
        self.pairs = {site.name: connect(lab, site) for site in SITES}

    def pair(self, site: Site) -> "FailoverPair":
        """Return the pair of a site."""
        return self.pairs[site.name]


def connect(lab: "Lab", site: Site) -> "FailoverPair":
    """Connect to a site through the compiled extension, or without it where it is not built."""
    try:
        return lab.connect_pair(*site.servers)
    except ImportError:
        return lab.connect_pair(*site.servers, direct=True)


def build(lab: "Lab") -> None:
    """Add the sites to a lab: servers, scopes, relationships, leases, and what is wrong with one of them."""
    for number, site in enumerate(SITES, 1):
        add(lab, site, number)
    for site in SITES:
        if site.trouble:
            lab.cut(*site.servers)
    lab.advance(OUTAGE)


def add(lab: "Lab", site: Site, number: int) -> None:
    """Add a site."""
    servers: list[Any] = list(
        lab.add_pair(
            site.relationship,
            primary=site.primary,
            secondary=site.secondary,
            scopes=[subnet.network for subnet in site.subnets],
            mode=site.mode,
            percentage=site.percentage,
            direct=True,
        )
    )
    for place, subnet in enumerate(site.subnets):
        scope = subnet.scope
        first = scope.rpartition(".")[0]
        for server in servers:
            server.set_scope(scope, name=subnet.name)
            server.set_option_value(3, f"{first}.1", scope=scope)
            server.set_option_value(6, "10.10.0.53", "10.20.0.53", scope=scope)
            server.add_exclusion(scope, f"{first}.1", f"{first}.9")
            for printer in range(subnet.printers):
                hardware = bytes([0x00, 0x80, 0x77, number, place, printer])
                name = f"printer-{number}{printer + 1}"
                server.add_reservation(scope, f"{first}.{20 + printer}", hardware, name=name)
        for client in range(subnet.leases):
            hardware = bytes([0x00, 0x15, 0x5D, number, place, client])
            lab.lease(scope, hardware, name=f"{subnet.name.lower().replace(' ', '-')}-{client + 1:02}")
