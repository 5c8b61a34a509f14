"""What somebody can do to a pair of the demonstration, with the Python and the PowerShell that do the same."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from ...errors import DhcpError
from ...pair import PairFailure
from .world import Site, World

__all__ = ["ACTIONS", "ALLOW", "REFUSED", "Action", "block", "by_key", "running", "unblock"]

REFUSED = "Refused: "
ALLOW = ["partner-down-unreachable"]
"""The guard of a partner that does not answer: in the lab it is known not to serve."""

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do to a site.

    Attributes:
        key: The key of the live view.
        name: What it does, in a few words.
        do: Does it and says what happened.
        python: The Python that does the same.
        powershell: The PowerShell that does the same with real servers.
    """

    key: str
    name: str
    do: Callable[[World, Site], str]
    python: Callable[[World, Site], str]
    powershell: Callable[[World, Site], str]


def running(world: World, site: Site) -> dict[str, bool]:
    """Return for each server of a site whether its service runs."""
    power = {row["server"]: row["power"] for row in world.lab.overview()["servers"]}
    return {server: power[server] == "running" for server in site.servers}


def survivor(world: World, site: Site) -> str:
    """Return the server that goes on: the primary, unless only the secondary runs."""
    return site.secondary if list(running(world, site).values()) == [False, True] else site.primary


def cut(world: World, site: Site) -> str:
    """Cut the network between the servers."""
    world.lab.cut(*site.servers)
    return "The cable between the two servers is cut. They notice after three minutes of silence."


def stop(world: World, site: Site) -> str:
    """Stop the secondary's service."""
    if not running(world, site)[site.secondary]:
        return f"{site.secondary} is stopped already; m starts it."
    world.lab.stop(site.secondary)
    return f"The DHCP service on {site.secondary} is stopped. Its partner knows at once."


def partner_down(world: World, site: Site) -> str:
    """Declare the partner down."""
    pair, alone = world.pair(site), survivor(world, site)
    try:
        pair.declare_partner_down(site.relationship, survivor=alone, allow=ALLOW)
    except (PairFailure, DhcpError) as error:
        return f"{REFUSED}{str(error).splitlines()[0]}."
    return f"{alone} serves all addresses alone, those of its partner after the MCLT of an hour."


def mend(world: World, site: Site) -> str:
    """Mend the cable, and start what is stopped."""
    world.lab.mend(*site.servers)
    stopped = [server for server, runs in running(world, site).items() if not runs]
    for server in stopped:
        world.lab.start(server)
    started = f" and {' and '.join(stopped)} started" if stopped else ""
    return f"The cable is mended{started}. The servers find each other again."


def wait(world: World, site: Site) -> str:
    """Let an hour pass."""
    world.lab.advance(HOUR)
    return "An hour has passed."


def quoted(*names: str) -> str:
    """Return names as arguments of Python."""
    return ", ".join(f'"{name}"' for name in names)


def remote(server: str, command: str) -> str:
    """Return PowerShell that runs on a server."""
    return f"Invoke-Command {server} {{ {command} }}"


RULE = "-DisplayName dhcpfo-demo"


def block(site: Site) -> str:
    """Return PowerShell that cuts the connections of failover between two servers, which are to port 647 of either."""
    rule = f"New-NetFirewallRule {RULE} -Direction Outbound -Action Block -Protocol TCP -RemotePort 647"
    return remote(", ".join(site.servers), rule)


def unblock(site: Site) -> str:
    """Return PowerShell that mends what `block` has cut."""
    return remote(", ".join(site.servers), f"Remove-NetFirewallRule {RULE}")


ACTIONS = (
    Action(
        "c",
        "cut the cable",
        cut,
        lambda world, site: f"lab.cut({quoted(*site.servers)})",
        lambda world, site: block(site),
    ),
    Action(
        "s",
        "stop a server",
        stop,
        lambda world, site: f"lab.stop({quoted(site.secondary)})",
        lambda world, site: remote(site.secondary, "Stop-Service DHCPServer"),
    ),
    Action(
        "p",
        "partner down",
        partner_down,
        lambda world, site: (
            f"pair = lab.connect_pair({quoted(*site.servers)}); pair.declare_partner_down({quoted(site.relationship)},"
            f" survivor={quoted(survivor(world, site))}, allow=[{quoted(*ALLOW)}])"
        ),
        lambda world, site: (
            f"Set-DhcpServerv4Failover -ComputerName {survivor(world, site)} -Name {site.relationship} -PartnerDown"
        ),
    ),
    Action(
        "m",
        "mend",
        mend,
        lambda world, site: "; ".join(
            [
                f"lab.mend({quoted(*site.servers)})",
                *(f"lab.start({quoted(server)})" for server, runs in running(world, site).items() if not runs),
            ]
        ),
        lambda world, site: "; ".join(
            [
                unblock(site),
                *(
                    remote(server, "Start-Service DHCPServer")
                    for server, runs in running(world, site).items()
                    if not runs
                ),
            ]
        ),
    ),
    Action(
        "h",
        "wait an hour",
        wait,
        lambda world, site: "lab.advance(timedelta(hours=1))",
        lambda world, site: "Start-Sleep 3600",
    ),
)


def by_key(key: str) -> Action | None:
    """Return the action of a key, or None."""
    return next((action for action in ACTIONS if action.key == key), None)
