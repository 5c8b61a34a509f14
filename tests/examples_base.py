"""What the examples of several families share: addresses, a server, and what an example is."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Any

from dhcpfo import Addresses, HostInfo

SCOPE = IPv4Address("10.0.1.0")
ADDRESS = IPv4Address("10.0.1.77")
ADDED = Addresses(["10.0.4.0", "10.0.5.0"])
MAC = bytes.fromhex("0a1b2c3d4e5f")
HOST = HostInfo(address=IPv4Address("192.0.2.1"), netbios_name="DHCP1", host_name="dhcp1")


@dataclass(frozen=True)
class Example:
    """One right call.

    Attributes:
        arguments: The arguments of the method of `ManagementApi`.
        answer: What that method returns.
        method: The method of `Server` that makes this call.
        given: The positional arguments of the method of `Server`.
        keywords: Its keyword arguments.
        result: What the method of `Server` returns.
        before: The calls that the method of `Server` makes first, as (method, arguments).
    """

    arguments: tuple[Any, ...]
    answer: Any
    method: str
    given: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)
    result: Any = None
    before: tuple[tuple[str, tuple[Any, ...]], ...] = ()

    def ask(self, server: Any) -> Any:
        """Make the call through a `Server`."""
        result = getattr(server, self.method)(*self.given, **self.keywords)
        return list(result) if isinstance(result, Iterator) else result
