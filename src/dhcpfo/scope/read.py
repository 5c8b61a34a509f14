"""Read the configurations of scopes, and what the server has beside them, with few round trips."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial
from ipaddress import IPv4Address
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from .. import arguments
from ..enums import AttributeId
from ..errors import DhcpError, ErrorCode, ScopeNotFoundError, ServerUnavailableError, from_code
from ..models import (
    AddressLike,
    AddressRange,
    DhcpClass,
    OptionDefinition,
    OptionValue,
    Policy,
    Relationship,
    Reservation,
    Scope,
    SystemTime,
)
from ..models.base import Model, model
from ..models.names import upper_case
from .config import ScopeConfig, in_order
from .frozen import EMPTY, FrozenDict
from .parts import Unread
from .workers import Workers, carry_out

if TYPE_CHECKING:
    from ..server import Server

__all__ = ["CALLS_AT_ONCE", "ServerOverview", "read_scope", "read_scopes", "read_server"]

CALLS_AT_ONCE = 8
MOST_CALLS_AT_ONCE = 256
GIVE_UP_AFTER = 3
"""Calls without an answer, one after the other, after which a server is not asked for the rest."""

Value = TypeVar("Value")


@model
class ServerOverview(Model):
    """What a server has beside its scopes, and which scopes it has. Seven calls.

    A part that could not be read is an `Unread`.

    Attributes:
        relationships: Its relationships.
        scopes: The ids of its scopes.
        superscopes: The name of the superscope of each scope that is in one.
        definitions: Its option definitions, of all classes.
        classes: Its user and vendor classes.
        attributes: Its attributes; `AttributeId.IS_ADMINISTRATOR` says whether the caller may change the server.
        clock: Its clock, and how much it may differ from that of a partner.
    """

    relationships: tuple[Relationship, ...] | Unread
    scopes: tuple[IPv4Address, ...] | Unread
    superscopes: FrozenDict[IPv4Address, str] | Unread
    definitions: tuple[OptionDefinition, ...] | Unread
    classes: tuple[DhcpClass, ...] | Unread
    attributes: FrozenDict[AttributeId, bool | int] | Unread
    clock: SystemTime | Unread

    def __init__(self, **values: Any) -> None:
        for name in self._names:
            object.__setattr__(self, name, values.pop(name))
        if values:
            raise TypeError(f"ServerOverview has no field {', '.join(values)}")

    @property
    def unread(self) -> tuple[Unread, ...]:
        """The parts that could not be read."""
        return tuple([value for value in map(self.__getattribute__, self._names) if isinstance(value, Unread)])


def read_server(server: "Server", *, calls_at_once: int = CALLS_AT_ONCE) -> ServerOverview:
    """Read what a server has beside its scopes: seven calls.

    Nothing is raised if a part cannot be read: it is an `Unread` then.

    Args:
        server: The server.
        calls_at_once: How many calls the server gets at the same time.
    """
    reader = _Reader(server)
    found: dict[str, Any] = {}
    parts: dict[str, Callable[[], Any]] = {
        "relationships": lambda: tuple(server.relationships()),
        "scopes": lambda: tuple(server.scopes()),
        "superscopes": lambda: _superscopes(server),
        "definitions": lambda: tuple(server.option_definitions()),
        "classes": lambda: tuple(server.classes()),
        "attributes": lambda: FrozenDict(server.get_attributes()),
        "clock": server.get_system_time,
    }

    def job(name: str, workers: Workers) -> None:
        found[name] = reader.read(name, parts[name])

    carry_out([partial(job, name) for name in parts], _calls_at_once(calls_at_once))
    return ServerOverview(**found)


def read_scope(
    server: "Server",
    scope: AddressLike,
    overview: ServerOverview | None = None,
    *,
    calls_at_once: int = CALLS_AT_ONCE,
) -> ScopeConfig | None:
    """Read the whole configuration of a scope; None if the server does not have it.

    Eight calls, or nine if the scope has policies, and one for each reservation with option values. Without an overview
    there is one more.

    Args:
        server: The server.
        scope: The scope's network address.
        overview: What `read_server` returned for the same server.
        calls_at_once: How many calls the server gets at the same time.

    Raises:
        DhcpError: The properties of the scope could not be read. Other parts that could not be are in
            `ScopeConfig.unread`.
    """
    checked = arguments.address("scope", scope)
    found = read_scopes(server, [checked], overview, calls_at_once=calls_at_once)[checked]
    if isinstance(found, Unread):
        raise found.error
    return found


def read_scopes(
    server: "Server",
    scopes: Iterable[AddressLike],
    overview: ServerOverview | None = None,
    *,
    calls_at_once: int = CALLS_AT_ONCE,
) -> dict[IPv4Address, ScopeConfig | Unread | None]:
    """Read the whole configurations of scopes, in parallel.

    A scope that the server does not have is None, and one with properties that could not be read is an `Unread`. The
    number of calls is that of `read_scope`; the one for all scopes that is made without an overview is made once. A
    server that does not answer three calls in a row is not asked for the rest.

    Args:
        server: The server.
        scopes: The network addresses of the scopes.
        overview: What `read_server` returned for the same server.
        calls_at_once: How many calls the server gets at the same time.
    """
    ids = [arguments.address("scopes", scope) for scope in scopes]
    count = _calls_at_once(calls_at_once)
    reader = _Reader(server)
    superscopes: Any = EMPTY
    if overview is not None:
        superscopes = overview.superscopes
    elif ids:
        superscopes = reader.read("superscopes", lambda: _superscopes(server))
    found: dict[IPv4Address, ScopeConfig | Unread | None] = dict.fromkeys(ids)
    readers = [_ScopeReader(reader, scope, superscopes, found) for scope in found]
    # One job for each scope takes less processor time, one for each call lets few scopes use all threads.
    together = count == 1 or len(readers) >= 8 * count
    carry_out([job for one in readers for job in (one.jobs(together))], count)
    return found


def _calls_at_once(value: int) -> int:
    return arguments.number("calls_at_once", value, MOST_CALLS_AT_ONCE, least=1)


def _superscopes(server: "Server") -> FrozenDict[IPv4Address, str]:
    return FrozenDict({scope: group.name for group in server.superscopes() for scope in group.scopes})


class _Reader:
    """Reads parts of one server; an error is kept as an `Unread`."""

    def __init__(self, server: "Server") -> None:
        self.server = server
        self._silent = 0
        self._last: DhcpError | None = None

    def read(self, part: str, call: Callable[[], Value]) -> Value | Unread:
        """Return what a call returns, or why there is nothing."""
        last = self._last
        if last is not None and self._silent >= GIVE_UP_AFTER:
            return Unread(part, last)
        try:
            value = call()
        except ServerUnavailableError as error:
            self._last = error
            self._silent += 1
            return Unread(part, error)
        except DhcpError as error:
            self._silent = 0
            return Unread(part, error)
        self._silent = 0
        return value


NO_DELAY = timedelta(0)
LOCK = Lock()
"""Guards the counts of parts that are left; they are decremented rarely enough for one lock."""

PARTS = ("properties", "delay", "range", "exclusions", "reservations", "options", "policies", "enforcement")


class _ScopeReader:
    """Reads the parts of one scope; the last one makes the configuration."""

    def __init__(self, reader: _Reader, scope: IPv4Address, superscopes: Any, found: dict[IPv4Address, Any]) -> None:
        self.reader = reader
        self.scope = scope
        self.superscopes = superscopes
        self.found = found
        self.values: dict[str, Any] = {}
        self.of_reservations: dict[IPv4Address, Any] = {}
        self.left = len(PARTS)

    def jobs(self, together: bool) -> list[Callable[[Workers], None]]:
        """Return the jobs: one for all parts, or one for each."""
        if together:
            return [self._read_all]
        return [partial(self._read_one, part) for part in PARTS]

    def _read_all(self, workers: Workers) -> None:
        for part in PARTS:
            self._read(part)
        for address in self._with_options():
            self._read_options_of(address)
        self._read_policy_options()
        self._finish()

    def _read_one(self, part: str, workers: Workers) -> None:
        self._read(part)
        more: list[Callable[[Workers], None]] = []
        if part == "reservations":
            more = [partial(self._read_more, self._read_options_of, address) for address in self._with_options()]
        elif part == "policies":
            self._read_policy_options()
        with LOCK:
            self.left += len(more) - 1
            finished = not self.left
        for job in more:
            workers.add(job)
        if finished:
            self._finish()

    def _read_more(self, read: Callable[[IPv4Address], None], address: IPv4Address, workers: Workers) -> None:
        read(address)
        with LOCK:
            self.left -= 1
            finished = not self.left
        if finished:
            self._finish()

    def _read(self, part: str) -> None:
        self.values[part] = self.reader.read(part, partial(READ[part], self.reader.server, self.scope))

    def _with_options(self) -> list[IPv4Address]:
        found = self.values["reservations"]
        if isinstance(found, Unread):
            return []
        return [entry.address for entry in found.values() if entry.has_options]

    def _read_options_of(self, address: IPv4Address) -> None:
        server, scope = self.reader.server, self.scope
        self.of_reservations[address] = self.reader.read(
            f"options of {address}", lambda: _by_key(server.option_values(scope=scope, reservation=address))
        )

    def _read_policy_options(self) -> None:
        policies = self.values["policies"]
        self.values["policy_options"] = EMPTY
        if not isinstance(policies, Unread) and policies:
            server, scope = self.reader.server, self.scope
            self.values["policy_options"] = self.reader.read(
                "policy_options", lambda: of_policies(server.policy_option_values(scope=scope), policies)
            )

    def _finish(self) -> None:
        self.found[self.scope] = self._config()

    def _config(self) -> ScopeConfig | Unread | None:
        unread: list[Unread] = []

        def take(part: str, default: Any) -> Any:
            value = self.values[part]
            if isinstance(value, Unread):
                unread.append(value)
                return default
            return value

        properties = self.values["properties"]
        if isinstance(properties, Unread):
            return None if isinstance(properties.error, ScopeNotFoundError) else properties
        try:
            network = properties.network
        except ValueError as problem:
            error = from_code(
                ErrorCode.ERROR_INVALID_DATA,
                "DhcpGetSubnetInfoVQ",
                self.reader.server.name,
                scope=self.scope,
                detail=f"the subnet mask is not valid: {problem}",
            )
            return Unread("properties", error)
        superscope: str | None = None
        if isinstance(self.superscopes, Unread):
            unread.append(self.superscopes)
        else:
            superscope = self.superscopes.get(self.scope)
        elements = [take("range", None), take("exclusions", ()), take("reservations", EMPTY), take("options", EMPTY)]
        policies = [take("policies", ()), take("policy_options", EMPTY), take("enforcement", True)]
        delay = take("delay", NO_DELAY)
        of_reservations = {}
        for address, values in sorted(self.of_reservations.items()):
            if isinstance(values, Unread):
                unread.append(values)
            elif values:
                of_reservations[address] = values
        return ScopeConfig.of_parts(
            network,
            properties.name or None,
            properties.comment or None,
            properties.state,
            *elements,
            FrozenDict.ordered(of_reservations.items()) if of_reservations else EMPTY,
            *policies,
            delay,
            superscope or None,
            properties.quarantine,
            tuple(unread),
        )


def _by_key(values: list[OptionValue]) -> Mapping[Any, OptionValue]:
    return FrozenDict({value.key: value for value in values}) if values else EMPTY


def of_policies(values: list[OptionValue], policies: tuple[Policy, ...]) -> Mapping[str, Any]:
    """Return the option values of each policy that there is; one may have been deleted between two calls."""
    names = {upper_case(policy.name or ""): policy.name for policy in policies}
    found: dict[str, dict[Any, OptionValue]] = {}
    for value in values:
        name = names.get(upper_case(value.policy or ""))
        if name is not None:
            found.setdefault(name, {})[value.key] = value if value.policy == name else value.replace(policy=name)
    return FrozenDict({name: FrozenDict(options) for name, options in found.items()})


def _range(server: "Server", scope: IPv4Address) -> Any:
    return next(iter(server.ranges(scope)), None)


def _exclusions(server: "Server", scope: IPv4Address) -> tuple[AddressRange, ...]:
    found = server.exclusions(scope)
    return tuple(sorted(set(found))) if len(found) > 1 else tuple(found)


def _reservations(server: "Server", scope: IPv4Address) -> FrozenDict[IPv4Address, Reservation]:
    entries = list(server.iter_reservations(scope))
    addresses = [entry.address for entry in entries]
    numbers = list(map(int, addresses))
    items = zip(addresses, entries, strict=True)
    return FrozenDict.ordered(items) if numbers == sorted(numbers) else FrozenDict(items)


def _policies(server: "Server", scope: IPv4Address) -> tuple[Policy, ...]:
    found = server.policies(scope=scope)
    return in_order(found, scope) if found else ()


def _properties(server: "Server", scope: IPv4Address) -> Scope:
    return server.get_scope(scope)


READ: Mapping[str, Callable[["Server", IPv4Address], Any]] = {
    "properties": _properties,
    "delay": lambda server, scope: server.get_scope_delay(scope),
    "range": _range,
    "exclusions": _exclusions,
    "reservations": _reservations,
    "options": lambda server, scope: _by_key(server.option_values(scope=scope)),
    "policies": _policies,
    "enforcement": lambda server, scope: server.get_policy_enforcement(scope=scope),
}
"""How each part is read; one call each."""
