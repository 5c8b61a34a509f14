"""Looking at both servers at once, for a plan."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, TypeVar

from ..enums import ServerType
from ..errors import DhcpError, ScopeNotFoundError
from ..models import Relationship, Scope, Secret
from ..scope import ScopeConfig, ServerOverview, Unread, read_scopes, read_server
from .daemons import DaemonExecutor
from .errors import Conflict
from .half import Half, same_name
from .parts import SIDES, Note, SecretRef, Side
from .plan import Step

if TYPE_CHECKING:
    from .pair import FailoverPair

__all__ = ["Draft", "Look", "Unknown", "gather", "known"]

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Unknown:
    """Stands for what could not be read. It is never the same as "not there"."""

    error: DhcpError


@dataclass(slots=True)
class Draft:
    """What a planner returns."""

    steps: list[Step] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def note(self, code: str, text: str, guard: str | None = None) -> None:
        """Add a note."""
        self.notes.append(Note(code, text, guard))


def gather(jobs: Mapping[Key, Callable[[], Value]], at_once: int) -> dict[Key, Value | Unknown]:
    """Do several reads at once.

    Returns:
        The result of each; `Unknown` where the call failed.
    """

    def attempt(job: Callable[[], Value]) -> Value | Unknown:
        try:
            return job()
        except DhcpError as error:
            return Unknown(error)

    if at_once == 1 or len(jobs) < 2:
        return {key: attempt(job) for key, job in jobs.items()}
    with DaemonExecutor(min(at_once, len(jobs)), "dhcpfo-read") as pool:
        return dict(zip(jobs, pool.map(attempt, jobs.values()), strict=True))


def known(value: Value | Unknown) -> Value:
    """Return what was read, or raise the error."""
    if isinstance(value, Unknown):
        raise value.error
    return value


class Look:
    """What both servers show at one moment, as far as a plan needs it.

    Args:
        pair: The servers.
        name: The relationship of the plan.
        secrets: The texts of secrets by reference; those that the servers show are added.
        without: A side that is not asked at all.
        whole: Whether definitions, classes, superscopes and scope configurations are needed, too.
    """

    def __init__(
        self,
        pair: "FailoverPair",
        name: str,
        secrets: dict[SecretRef, Secret],
        *,
        without: Side | None = None,
        whole: bool = False,
    ) -> None:
        self.pair = pair
        self.name = name
        self.secrets = secrets
        self.without = without
        self._shells: dict[Side, dict[IPv4Address, Scope | None]] = {side: {} for side in SIDES}
        self._overviews: dict[Side, ServerOverview] = {}
        self._configs: dict[Side, dict[IPv4Address, ScopeConfig | None]] = {side: {} for side in SIDES}
        sides = [side for side in SIDES if side is not without]
        if whole:
            read = {side: partial(read_server, pair.server(side), calls_at_once=pair.calls_at_once) for side in sides}
            self._overviews = {side: known(found) for side, found in self._on_sides(read).items()}
            self._relationships: dict[Side, Any] = {
                side: Unknown(found.relationships.error)
                if isinstance(found.relationships, Unread)
                else found.relationships
                for side, found in self._overviews.items()
            }
        else:
            self._relationships = self._on_sides({side: pair.server(side).relationships for side in sides})

    def _on_sides(self, jobs: Mapping[Side, Callable[[], Value]]) -> dict[Side, Value | Unknown]:
        """Do something on both sides at once."""
        return gather(jobs, 2 if self.pair.calls_at_once > 1 else 1)

    def overview(self, side: Side) -> ServerOverview:
        """Return what a server has beside its scopes. Only for a look at the whole."""
        return self._overviews[side]

    def configs(
        self, scopes: Iterable[IPv4Address], sides: Iterable[Side] = Side
    ) -> dict[Side, dict[IPv4Address, ScopeConfig | None]]:
        """Return the whole configurations of scopes on each side; None where a scope does not exist.

        Raises:
            DhcpError: A part of one could not be read.
        """
        wanted, asked = tuple(scopes), tuple(sides)

        def read(side: Side) -> None:
            lacking = [scope for scope in wanted if scope not in self._configs[side]]
            overview = self._overviews.get(side)
            at_once = self.pair.calls_at_once
            found = read_scopes(self.pair.server(side), lacking, overview, calls_at_once=at_once)
            for scope, config in found.items():
                unread = config if isinstance(config, Unread) else next(iter(config.unread if config else ()), None)
                if unread is not None:
                    raise unread.error
                assert not isinstance(config, Unread)
                self._configs[side][scope] = config
                self._shells[side][scope] = None if config is None else config.properties

        for failed in self._on_sides({side: partial(read, side) for side in asked}).values():
            known(failed)
        return {side: {scope: self._configs[side][scope] for scope in wanted} for side in asked}

    def relationships(self, side: Side) -> list[Relationship]:
        """Return all relationships of a server, or raise the error of reading them."""
        return known(self._relationships[side]) if side in self._relationships else []

    def error(self, side: Side) -> DhcpError | None:
        """Return why a server could not be read, or None."""
        found = self._relationships.get(side)
        return found.error if isinstance(found, Unknown) else None

    def copy(self, side: Side, name: str | None = None) -> Relationship | None:
        """Return a server's copy of a relationship, or None if it has none."""
        wanted = self.name if name is None else name
        for one in self.relationships(side):
            if same_name(one.name, wanted):
                return one
        return None

    def half(self, side: Side, name: str | None = None) -> Half | None:
        """Return a copy as a value of a plan; its secret gets a reference."""
        found = self.copy(side, name)
        if found is None:
            return None
        if found.shared_secret is not None and found.shared_secret not in self.secrets.values():
            of = "" if name is None else f" {found.name}"
            self.secrets[SecretRef("as-read", f"{side}{of}")] = found.shared_secret
        return Half.of(found, self.secrets, self.secrets)

    def holder(self, side: Side, scope: IPv4Address) -> str | None:
        """Return the name of the relationship that a scope is in on a server, or None."""
        return next((one.name for one in self.relationships(side) if scope in one.scopes), None)

    def of_role(self, role: ServerType) -> Side:
        """Return the side with a role in the relationship, as the copies say.

        Raises:
            Conflict: Both copies have the same role.
        """
        copies = {side: self.copy(side) for side in SIDES if side is not self.without}
        roles = {side: copy.server_type for side, copy in copies.items() if copy is not None}
        if len(roles) == 2 and len(set(roles.values())) == 1:
            raise Conflict(
                f"both copies of relationship {self.name} have the role {next(iter(roles.values())).name}: delete one "
                f"and create it again"
            )
        for side, found in roles.items():
            return side if found == role else side.other
        return Side.PRIMARY if role == ServerType.PRIMARY else Side.SECONDARY

    def shells(
        self, scopes: Iterable[IPv4Address], sides: Iterable[Side] = Side
    ) -> dict[Side, dict[IPv4Address, Scope | None]]:
        """Return the properties of scopes on each side; None where a scope does not exist. Each is read once."""
        wanted = tuple(scopes)
        asked = [side for side in sides if side is not self.without]
        at_once = self.pair.calls_at_once

        def read(side: Side) -> None:
            jobs: dict[IPv4Address, Callable[[], Scope | None]] = {
                scope: partial(self._shell, side, scope) for scope in wanted if scope not in self._shells[side]
            }
            for scope, found in gather(jobs, at_once).items():
                self._shells[side][scope] = known(found)

        for failed in self._on_sides({side: partial(read, side) for side in asked}).values():
            known(failed)
        return {side: {scope: self._shells[side][scope] for scope in wanted} for side in asked}

    def _shell(self, side: Side, scope: IPv4Address) -> Scope | None:
        try:
            return self.pair.server(side).get_scope(scope)
        except ScopeNotFoundError:
            return None
