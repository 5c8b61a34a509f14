"""The service that the live tests go to, and what is noted about it.

Where the environment variable DHCPFO_LIVE is set, the tests go to the DHCP service of this machine through its own
Dhcpsapi.dll, create and delete relationships there, and print what they saw; prepare.ps1 makes a throw-away machine
ready. Its value is this machine's IPv4 address, or 1 to look for that. Everywhere else the tests are a rehearsal
against a simulated server, which shows that they would run.
"""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

from dhcpfo import DhcpError, Server


def own_address(live: str | None) -> IPv4Address:
    """The address of the server under test: a real service may refuse a relationship that its own is not in."""
    if live is None:
        return IPv4Address("192.0.2.1")
    try:
        return IPv4Address(live)
    except AddressValueError:
        return IPv4Address(socket.gethostbyname(socket.gethostname()))


LIVE = "DHCPFO_LIVE" in os.environ

THIS_SERVER = own_address(os.environ.get("DHCPFO_LIVE"))
NO_SERVER, FOREIGN_SERVER = IPv4Address("192.0.2.2"), IPv4Address("192.0.2.3")
SCOPES = tuple(IPv4Address(f"10.77.{number}.0") for number in (1, 2, 3))
NAME = "dhcpfo-live"
NAMES = (NAME, NAME + "-2", "n" * 127)  # the others exist where a service accepts what it should refuse


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


Note = Callable[[str, str, object], Observation]

observations: list[Observation] = []


def note(situation: str, expected: str, observed: object) -> Observation:
    """Put an observation into the table that ends the run, once."""
    made = Observation(situation, expected, str(observed))
    if made not in observations:
        observations.append(made)
    return made


def clean(server: Server, note: Note, when: str) -> None:
    """Delete the tests' relationships; what delete answers is an observation, the list says whether they are gone."""
    for name in [it.name for it in server.relationships() if it.name in NAMES] or [NAME]:
        try:
            server.delete_relationship(name)
            code = 0
        except DhcpError as error:
            code = error.winerror
        note(f"delete {when} a test", "0 or 20115", code)
    left = [it.name for it in server.relationships() if it.name in NAMES]
    assert not left, f"delete {when} the test left {left}"
