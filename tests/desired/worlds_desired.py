"""Labs and files for the tests of desired state."""

import os
from pathlib import Path
from typing import Any

from dhcpfo.fleet.desired import Desired, read_fleet
from dhcpfo.pair import FailoverPair
from dhcpfo.simulator import Lab
from dhcpfo.simulator.connect import LabClock

SECRET = "marker-of-the-secret"


def lab_of(names: tuple[str, str] = ("dhcp1", "dhcp2")) -> Lab:
    """Return a lab with two servers and nothing on them."""
    lab = Lab()
    for number, name in enumerate(names, 1):
        lab.add_server(name, f"192.0.2.{number}")
    return lab


def pair_of(lab: Lab, names: tuple[str, str] = ("dhcp1", "dhcp2"), **options: Any) -> FailoverPair:
    """Return two servers of a lab as a pair."""
    one, other = (lab.connect(name, direct=True) for name in names)
    return FailoverPair(one, other, **{"calls_at_once": 1, "clock": LabClock(lab)} | options)


def desired(text: str, folder: Path, name: str = "hq") -> Desired:
    """Return a pair of a file with this text."""
    path = folder / "fleet.yaml"
    path.write_text(text, "utf-8")
    return Desired(read_fleet(path)[name])


def hq(relationships: str, more: str = "") -> str:
    """Return the text of a file with one pair."""
    return f"version: 1\npairs:\n  hq:\n    servers: [dhcp1, dhcp2]\n    relationships: {relationships}\n{more}"


def branch17() -> Lab:
    """Return the lab of the first example: two scopes on the primary, and nothing on the other server."""
    lab = lab_of(("dhcp17a.example.com", "dhcp17b.example.com"))
    server = lab.connect("dhcp17a.example.com", direct=True)
    for scope in ("10.17.0.0", "10.17.1.0"):
        server.create_scope(f"{scope}/24", name="branch")
        server.add_range(scope, scope[:-1] + "10", scope[:-1] + "250")
        server.set_option_value(51, 86400, scope=scope)
    return lab


def secrets() -> None:
    """Set the variables that files name."""
    os.environ["BRANCH17"] = os.environ["S"] = SECRET
