"""Demonstration: a failover relationship on two simulated servers, through the code that calls Dhcpsapi.dll."""

import argparse
from collections.abc import Iterable, Sequence
from datetime import datetime
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from ..columns import aligned
from ..enums import ServerType
from ..models import Relationship
from .lab import Lab

if TYPE_CHECKING:
    from .connect import Server

NAME = "dhcp1-dhcp2"
SERVERS = {"dhcp1": "192.0.2.1", "dhcp2": "192.0.2.2"}
NETWORKS = IPv4Network("10.1.0.0/24"), IPv4Network("10.2.0.0/24")
CLIENTS = 150


DESCRIPTION = """\
Demonstrate dhcpfo.simulator: create a failover relationship on two simulated DHCP servers, serve some clients, and
print the relationship, the statistics and the state history of both servers. It takes a second, needs no network, and
changes nothing on this machine. docs/simulator.md tells how to use the simulator in your own code.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the demonstration; its output is for people."""
    argparse.ArgumentParser("python -m dhcpfo.simulator", description=DESCRIPTION).parse_args(arguments)
    with Lab() as lab:
        furnish(lab)
        dhcp1, dhcp2 = (lab.connect(server) for server in SERVERS)
        print(f"Two simulated servers, {' and '.join(SERVERS)}, with the scopes {' and '.join(map(str, NETWORKS))}.")
        print("Every call goes through the compiled extension and the C functions of Dhcpsapi.\n")
        create(lab, dhcp1, dhcp2)
        serve_clients(lab)
        show(lab, (dhcp1, dhcp2))


def furnish(lab: Lab) -> None:
    """Add servers and scopes to the lab."""
    for name, address in SERVERS.items():
        lab.add_server(name, address)
    for network in NETWORKS:
        lab.add_scope(network)
        lab.exclude(network[0], network[1], network[10])


def create(lab: Lab, primary: "Server", secondary: "Server") -> None:
    """Create the relationship, first on the partner, and wait until it is NORMAL."""
    for server, server_type in ((secondary, ServerType.SECONDARY), (primary, ServerType.PRIMARY)):
        server.create_relationship(
            Relationship(
                name=NAME,
                primary_server=SERVERS["dhcp1"],
                primary_server_name="dhcp1",
                secondary_server=SERVERS["dhcp2"],
                secondary_server_name="dhcp2",
                server_type=server_type,
                percentage=60,
                scopes=[network[0] for network in NETWORKS],
                shared_secret="correct horse battery staple",  # noqa: S106  of a simulated pair
            )
        )
        print(f"{clock(lab.now)}  created on {server.name}, the {server_type.name.lower()}")
    lab.settle()
    print(f"{clock(lab.now)}  both servers are NORMAL")


def serve_clients(lab: Lab) -> None:
    """Lease addresses to clients, and let the primary redistribute the free ones."""
    for number in range(CLIENTS):
        lab.lease(NETWORKS[0][0], bytes.fromhex("00155d") + number.to_bytes(3))
    print(f"{clock(lab.now)}  {CLIENTS} clients in {NETWORKS[0]} have an address")
    lab.advance(lab.timers.rebalance)
    print(f"{clock(lab.now)}  the primary has redistributed the free addresses\n")


def show(lab: Lab, servers: "Sequence[Server]") -> None:
    """Print both sides of the relationship, the statistics, and the state history."""
    views = [server.get_relationship(NAME).to_dict(powershell=True) for server in servers]
    print("The relationship, as Get-DhcpServerv4Failover would show it on each server:\n")
    print_table(("", *SERVERS), ((key, *(text(view[key]) for view in views)) for key in views[0]))
    for network in NETWORKS:
        counts = [server.get_scope_statistics(network[0]).to_dict(powershell=True) for server in servers]
        print(f"Statistics of scope {network[0]}:\n")
        print_table(("", *SERVERS), ((key, *(text(count[key]) for count in counts)) for key in counts[0]))
    print("State history:\n")
    steps = ((step.time, server, step) for server in SERVERS for step in lab.history(server, NAME))
    print_table(
        ("time", "server", "from", "to", "cause"),
        (
            (clock(time), server, step.before.name, step.state.name, step.cause)
            for time, server, step in sorted(steps, key=lambda row: row[:2])
        ),
    )


def clock(time: datetime) -> str:
    """Return the time of day on the lab's clock."""
    return f"{time:%H:%M:%S}"


def text(value: object) -> str:
    """Return a value as an administrator would write it."""
    match value:
        case None:
            return "-"
        case list():
            return ", ".join(map(str, value))
    return str(value)


def print_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under their heads, in aligned columns."""
    for line in aligned([heads, *rows]):
        print(f"  {line}")
    print()


if __name__ == "__main__":
    main()
