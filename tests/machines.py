"""Two servers with two small scopes, for the tests of the failover protocol."""

from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

from dhcpfo import Relationship, Server, ServerType
from dhcpfo.simulator import Lab

NAME = "pair"
SERVERS = ("dhcp1", "dhcp2")
SCOPE, OTHER = IPv4Address("10.0.0.0"), IPv4Address("10.1.0.0")
MCLT = timedelta(hours=1)


def values(**changes: Any) -> dict[str, Any]:
    return {
        "name": NAME,
        "primary_server": "192.0.2.1",
        "secondary_server": "192.0.2.2",
        "scopes": [SCOPE],
        "shared_secret": "secret",
        "mclt": MCLT,
    } | changes


def furnish(lab: Lab) -> tuple[Server, Server]:
    """Put two servers with two small scopes into a lab."""
    for number, name in enumerate(SERVERS, 1):
        lab.add_server(name, f"192.0.2.{number}")
    for scope in (SCOPE, OTHER):
        lab.add_scope(f"{scope}/28", lease_time=timedelta(hours=3))
    return lab.connect("dhcp1", direct=True), lab.connect("dhcp2", direct=True)


def create(servers: tuple[Server, Server], **changes: Any) -> None:
    for server, role in zip(reversed(servers), (ServerType.SECONDARY, ServerType.PRIMARY), strict=True):
        server.create_relationship(Relationship(server_type=role, **values(**changes)))
