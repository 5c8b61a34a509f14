"""The service that the live tests go to, and what is noted about it.

Where the environment variable DHCPFO_LIVE is set, the tests go to the DHCP service of this machine through its own
Dhcpsapi.dll, create and delete relationships there, and print what they saw; prepare.ps1 makes a throw-away machine
ready. Everywhere else they are a rehearsal against a simulated server, which shows that they would run.
"""

import os
from dataclasses import dataclass
from ipaddress import IPv4Address

LIVE = "DHCPFO_LIVE" in os.environ

THIS_SERVER, NO_SERVER = IPv4Address("192.0.2.1"), IPv4Address("192.0.2.2")
SCOPES = tuple(IPv4Address(f"10.77.{number}.0") for number in (1, 2, 3))
NAME = "dhcpfo-live"


@dataclass(frozen=True)
class Observation:
    """One thing that was asked of the service."""

    situation: str
    expected: str
    observed: str

    @property
    def surprising(self) -> bool:
        """Whether the answer is not the expected one; a question without one surprises nobody."""
        return bool(self.expected) and self.observed not in self.expected.split(" or ")


observations: list[Observation] = []
