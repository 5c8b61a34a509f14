"""Two servers with two scopes and a relationship between them, for the tests of the simulator."""

import sys
from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

from dhcpfo import Relationship, Server, ServerType
from dhcpfo.simulator import Lab

SCOPE, OTHER = IPv4Address("10.0.0.0"), IPv4Address("10.1.0.0")
SECRET = "correct horse"


def furnish(lab: Lab) -> None:
    for number in (1, 2):
        lab.add_server(f"dhcp{number}", f"192.0.2.{number}")
    for scope in (SCOPE, OTHER):
        lab.add_scope(f"{scope}/24")


def relationship(**changes: Any) -> Relationship:
    values: dict[str, Any] = {
        "name": "Pair",
        "primary_server": "192.0.2.1",
        "secondary_server": "192.0.2.2",
        "scopes": [SCOPE],
        "shared_secret": SECRET,
    }
    return Relationship(**values | changes)


def create(lab: Lab, **changes: Any) -> tuple[Server, Server]:
    dhcp1, dhcp2 = lab.connect("dhcp1", direct=True), lab.connect("dhcp2", direct=True)
    dhcp2.create_relationship(relationship(server_type=ServerType.SECONDARY, **changes))
    dhcp1.create_relationship(relationship(**changes))
    return dhcp1, dhcp2


def lines(call: Callable[[], object]) -> int:
    """Count the lines that a call runs: unlike a time, it is the same on every machine."""
    count = 0

    def trace(frame: Any, event: str, argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(None)
    return count
