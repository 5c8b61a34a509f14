"""What all parts of `Lab` share: its transactions, and the checks of arguments."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from ipaddress import IPv4Address
from typing import TypeVar

from ..errors import ErrorCode, from_code
from ..limits import MAX_DWORD
from ..models import AddressLike, to_address
from ..models.convert import to_number, wrong_type
from .scopes import Scope
from .state import Host, LabState
from .transaction import Transactions

__all__ = ["LabBase", "check_instance", "check_number", "find_host", "refuse"]

Value = TypeVar("Value")

About = Callable[[Host], tuple[str, Host, IPv4Address]]
"""Returns the last three arguments of `refuse` for a server."""


class LabBase:
    """Opens the lab's state for the methods of the other parts.

    In a part, a method that changes something makes all checks of its arguments before it opens the state.
    """

    _transactions: Transactions

    @contextmanager
    def _changing(self, server: AddressLike) -> Iterator[tuple[LabState, Host, datetime]]:
        with self._transactions.begin(whole=False) as state:
            host = find_host(state, server)
            state.touch(host)
            yield state, host, state.clock.read()

    @contextmanager
    def _on_servers(self, servers: Iterable[AddressLike] | None) -> Iterator[tuple[LabState, list[Host]]]:
        if isinstance(servers, str | IPv4Address):
            raise wrong_type("servers", servers, "a list of servers")
        chosen = None if servers is None else tuple(servers)  # before the lock: the iterator may use the lab
        with self._transactions.begin(whole=False) as state:
            hosts = state.hosts.values() if chosen is None else (find_host(state, server) for server in chosen)
            each_once = list({host.address: host for host in hosts}.values())
            state.touch(*each_once)
            yield state, each_once

    @contextmanager
    def _on_scopes(
        self, scope: AddressLike, servers: Iterable[AddressLike] | None, function: str
    ) -> Iterator[tuple[list[tuple[Host, Scope]], About]]:
        subnet = to_address(scope, "scope")
        with self._on_servers(servers) as (_, hosts):
            for host in hosts:
                missing = subnet not in host.scopes
                refuse(missing, ErrorCode.ERROR_DHCP_SUBNET_NOT_PRESENT, function, host, subnet)
            yield [(host, host.scopes[subnet]) for host in hosts], lambda host: (function, host, subnet)


def find_host(state: LabState, server: AddressLike) -> Host:
    """Return a server by name or address; raise ValueError if there is none."""
    host = state.find(str(server))
    if host is None:
        names = ", ".join(host.name for host in state.hosts.values())
        raise ValueError(f"the lab has no server {server}; it has {names or 'none'}")
    return host


def refuse(condition: bool, code: int, function: str, host: Host, scope: IPv4Address) -> None:
    """Raise the error that a function of the API would give, if the condition holds."""
    if condition:
        raise from_code(code, function, host.name, scope=scope)


def check_instance(argument: str, value: Value, kind: type[Value]) -> Value:
    """Check the type of an argument."""
    if not isinstance(value, kind):
        raise wrong_type(argument, value, kind.__name__)
    return value


def check_number(argument: str, value: int, least: int, most: int = MAX_DWORD) -> int:
    """Check a whole number and its limits."""
    number = to_number(value, argument)
    if not least <= number <= most:
        raise ValueError(f"{argument} must be between {least} and {most}, got {number}")
    return number
