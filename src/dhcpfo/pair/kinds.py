"""The kinds of things that steps change: how each is read, compared, written and described.

A new kind of step is a new row of `KINDS`.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Any

from ..enums import FailoverState, ForceFlag, ScopeState
from ..errors import ErrorCode, RelationshipNotFoundError, ScopeNotFoundError
from ..models import Relationship, Secret
from ..server import Server
from .half import VALUES, Half
from .parts import About, SecretRef

if TYPE_CHECKING:
    from .plan import Step

__all__ = ["KINDS", "Kind", "Reading", "Shell", "describe", "text_of"]


class Reading:
    """Reads one server for the steps of a run; consecutive steps about one object share what was read.

    Args:
        server: The server.
        secrets: The texts behind the references of the plan.
    """

    def __init__(self, server: Server, secrets: Mapping[SecretRef, Secret]) -> None:
        self.server = server
        self.secrets = secrets
        self._shared: dict[Hashable, Any] = {}

    def shared(self, key: Hashable, read: Callable[[], Any]) -> Any:
        """Return what was read before under a key, or read it now."""
        if key not in self._shared:
            self._shared[key] = read()
        return self._shared[key]

    def forget(self) -> None:
        """Read everything again from now on."""
        self._shared.clear()


class Kind:
    """A kind of thing. `None` is "not there"; a failed read raises."""

    settled: frozenset[int] = frozenset()
    """Codes of a write that may mean "it is so already"; the server is read to find out."""

    look = True
    """Whether it has a value that can be read. Otherwise it is an action, which may be repeated."""

    def read(self, reading: Reading, step: "Step") -> Any:
        """Return the value that the server shows now."""
        raise NotImplementedError

    def write(self, reading: Reading, about: About, old: Any, new: Any) -> None:
        """Change it from one value to another, with one call that changes something."""
        raise NotImplementedError

    def equal(self, one: Any, other: Any) -> bool:
        """Return whether two values are the same for a server."""
        return bool(one == other)

    def shares(self, about: About) -> Hashable:
        """Return what consecutive steps must have in common to share a read."""
        return about

    def describe(self, step: "Step") -> str:
        """Return the step in words, without the server."""
        return f"{step.about}: {text_of(step.before)} → {text_of(step.after)}"


def describe(step: "Step") -> str:
    """Return a step in words, without the server."""
    return KINDS[step.about.kind].describe(step)


def text_of(value: Any) -> str:
    """Return a value of a step for people."""
    match value:
        case None:
            return "none"
        case str():
            return f'"{value}"'
        case frozenset():
            return ", ".join(map(str, sorted(value))) or "none"
        case IPv4Address() | IPv4Network() | int():
            return str(value)
    return str(value)


def find_relationship(reading: Reading, name: str) -> Relationship | None:
    """Return a server's copy of a relationship, or None."""

    def read() -> Relationship | None:
        try:
            return reading.server.get_relationship(name)
        except RelationshipNotFoundError:
            return None

    found: Relationship | None = reading.shared(("relationship", name), read)
    return found


class RelationshipKind(Kind):
    """A server's copy of a relationship, without its state."""

    settled = frozenset(
        {
            ErrorCode.ERROR_DHCP_FO_RELATIONSHIP_EXISTS,
            ErrorCode.ERROR_DHCP_FO_SCOPE_ALREADY_IN_RELATIONSHIP,
            ErrorCode.ERROR_DHCP_FO_RELATIONSHIP_DOES_NOT_EXIST,
        }
    )

    def read(self, reading: Reading, step: "Step") -> Half | None:
        """Return the copy."""
        found = find_relationship(reading, step.about.name)
        if found is None:
            return None
        refs = [value.secret for value in (step.after, step.before) if value is not None]
        return Half.of(found, refs, reading.secrets)

    def write(self, reading: Reading, about: About, old: Half | None, new: Half | None) -> None:
        """Create, delete or set it; a set is one call with all changed values."""
        server = reading.server
        if new is None:
            server.delete_relationship(about.name)
        elif old is None:
            server.create_relationship(new.to_relationship(reading.secrets))
        else:
            changes: dict[str, Any] = {
                name: getattr(new, name) for name in VALUES if getattr(new, name) != getattr(old, name)
            }
            if "mode" in changes:
                changes["percentage"] = new.percentage
            if new.secret != old.secret:
                changes["shared_secret"] = None if new.secret is None else reading.secrets[new.secret]
            server.set_relationship(about.name, **changes)

    def shares(self, about: About) -> Hashable:
        """Share the read with steps about its scopes."""
        return "relationship", about.name

    def describe(self, step: "Step") -> str:
        """Name the changed values."""
        old, new = step.before, step.after
        if old is None:
            return f"create relationship {step.about.name} as {str(new.role).lower()}, {len(new.scopes)} scopes"
        if new is None:
            return f"delete relationship {step.about.name}"
        changed = [
            f"{name} {text_of(getattr(old, name))} → {text_of(getattr(new, name))}"
            for name in (*VALUES, "secret")
            if getattr(old, name) != getattr(new, name)
        ]
        return f"relationship {step.about.name}: {', '.join(changed)}"


class MembersKind(Kind):
    """Which of some scopes are in a relationship; ``key`` has them all, the value those that are in it."""

    settled = frozenset(
        {
            ErrorCode.ERROR_DHCP_FO_SCOPE_ALREADY_IN_RELATIONSHIP,
            ErrorCode.ERROR_DHCP_FO_SCOPE_NOT_IN_RELATIONSHIP,
        }
    )

    def read(self, reading: Reading, step: "Step") -> frozenset[IPv4Address] | None:
        """Return those that are in it; None without the relationship."""
        found = find_relationship(reading, step.about.name)
        return None if found is None else frozenset(found.scopes) & frozenset(step.about.key)

    def write(self, reading: Reading, about: About, old: frozenset[IPv4Address], new: frozenset[IPv4Address]) -> None:
        """Add or remove scopes; a step does one of the two."""
        if new - old:
            reading.server.add_failover_scopes(about.name, sorted(new - old))
        else:
            reading.server.remove_failover_scopes(about.name, sorted(old - new))

    def shares(self, about: About) -> Hashable:
        """Share the read with the other steps about the relationship."""
        return "relationship", about.name

    def describe(self, step: "Step") -> str:
        """Say which scopes go in or out."""
        added, gone = step.after - step.before, step.before - step.after
        verb = f"add {text_of(added)} to" if added else f"remove {text_of(gone)} from"
        return f"{verb} relationship {step.about.name}"


class StateKind(Kind):
    """The state of a relationship on one server, to declare the partner down."""

    def read(self, reading: Reading, step: "Step") -> FailoverState | None:
        """Return the state."""
        found = find_relationship(reading, step.about.name)
        return None if found is None else found.state

    def write(self, reading: Reading, about: About, old: FailoverState, new: FailoverState) -> None:
        """Set it."""
        reading.server.set_relationship(about.name, state=new)


class AllocationKind(Kind):
    """The redistribution of free addresses: an action."""

    look = False

    def write(self, reading: Reading, about: About, old: Any, new: Any) -> None:
        """Do it."""
        reading.server.trigger_address_allocation(about.name)

    def describe(self, step: "Step") -> str:
        """Say what it does."""
        return f"relationship {step.about.name}: redistribute the free addresses"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """What a scope is created with."""

    network: IPv4Network
    name: str | None = None
    comment: str | None = None
    state: ScopeState = ScopeState.DISABLED

    def __str__(self) -> str:
        return f"{self.network}, {str(self.state).lower()}"


class ScopeKind(Kind):
    """A scope as such: whether it is there."""

    settled = frozenset({ErrorCode.ERROR_DHCP_SUBNET_EXISTS, ErrorCode.ERROR_DHCP_SUBNET_NOT_PRESENT})

    def read(self, reading: Reading, step: "Step") -> Shell | None:
        """Return its properties."""
        try:
            found = reading.server.get_scope(step.about.scope)  # type: ignore[arg-type]
        except ScopeNotFoundError:
            return None
        return Shell(network=found.network, name=found.name or None, comment=found.comment or None, state=found.state)

    def write(self, reading: Reading, about: About, old: Shell | None, new: Shell | None) -> None:
        """Create or delete it. DNS records of its clients stay, because the partner goes on serving them."""
        if new is None:
            reading.server.delete_scope(about.scope, force=ForceFlag.FAILOVER_FORCE)  # type: ignore[arg-type]
        else:
            reading.server.create_scope(new.network, name=new.name, comment=new.comment, state=new.state)

    def describe(self, step: "Step") -> str:
        """Say whether it comes or goes."""
        if step.after is None:
            return f"delete scope {step.before.network}"
        return f"create scope {step.after}"


class ScopeStateKind(Kind):
    """Whether a scope is enabled."""

    settled = frozenset({ErrorCode.ERROR_DHCP_SUBNET_NOT_PRESENT})

    def read(self, reading: Reading, step: "Step") -> ScopeState | None:
        """Return the state."""
        try:
            return reading.server.get_scope(step.about.scope).state  # type: ignore[arg-type]
        except ScopeNotFoundError:
            return None

    def write(self, reading: Reading, about: About, old: ScopeState, new: ScopeState) -> None:
        """Set it; everything else of the scope stays as it is at that moment."""
        reading.server.set_scope(about.scope, state=new)  # type: ignore[arg-type]

    def describe(self, step: "Step") -> str:
        """Say which way it goes."""
        verb = "enable" if step.after in (ScopeState.ENABLED, ScopeState.ENABLED_SWITCHED) else "disable"
        return f"{verb} scope {step.about.scope}"


KINDS: dict[str, Kind] = {
    "relationship": RelationshipKind(),
    "members": MembersKind(),
    "failover-state": StateKind(),
    "allocation": AllocationKind(),
    "scope": ScopeKind(),
    "scope-state": ScopeStateKind(),
}
"""The kinds by the name in `About.kind`."""
