"""The kinds of things that steps change: how each is read, compared, written and described.

A new kind of step is a new row of `KINDS`.
"""

from collections.abc import Callable, Hashable, Mapping
from datetime import timedelta
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

from ..enums import FailoverState, ScopeState
from ..errors import ErrorCode, RelationshipNotFoundError, ScopeNotFoundError
from ..models import Relationship, Scope, Secret
from ..models.base import Model
from ..models.names import upper_case
from ..scope.carry import SETTLED, apply_write, between, read_about, same
from ..scope.change import shown
from ..scope.write import Write
from ..server import Server
from .half import VALUES, Half
from .parts import About, SecretRef, counted, shown_duration

if TYPE_CHECKING:
    from .plan import Step

__all__ = ["KINDS", "Kind", "Reading", "describe", "text_of"]


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
    """See `settled_codes`."""

    look = True
    """Whether it has a value that can be read. Otherwise it is an action, which may be repeated."""

    def read(self, reading: Reading, step: "Step") -> Any:
        """Return the value that the server shows now."""
        raise NotImplementedError

    def write(self, reading: Reading, step: "Step", old: Any, new: Any) -> None:
        """Change it from one value to another, with one call that changes something."""
        raise NotImplementedError

    def settled_codes(self, about: About) -> frozenset[int]:
        """Return the codes of a write that may mean "it is so already"; the server is read to find out."""
        return self.settled

    def same(self, about: About, one: Any, other: Any) -> bool:
        """Return whether two values are the same for a server."""
        return bool(one == other)

    def same_again(self, about: About, now: Any, before: Any) -> bool:
        """Return whether a value is as before when all steps are undone; ``before`` is that of a step in the middle."""
        return self.same(about, now, before)

    def partly(self, about: About, now: Any, old: Any, new: Any) -> bool:
        """Return whether a write of several calls was carried out in part: writing the rest completes it."""
        return False

    def shares(self, about: About) -> Hashable:
        """Return what consecutive steps must have in common to share a read."""
        return about

    def describe(self, step: "Step") -> str:
        """Return the step in words, without the server."""
        return f"{step.about}: {text_of(step.before)} → {text_of(step.after)}"


def describe(step: "Step") -> str:
    """Return a step in words, without the server."""
    return KINDS[step.about.kind].describe(step)


def _value_of(half: Half, name: str) -> str:
    value = getattr(half, name)
    return shown_duration(value) if name == "state_switch_interval" else text_of(value)


def text_of(value: Any) -> str:
    """Return a value of a step for people."""
    match value:
        case None:
            return "none"
        case SecretRef():
            return value.words
        case str():
            return f'"{value}"'
        case timedelta():
            return shown_duration(value)
        case frozenset():
            return ", ".join(map(str, sorted(value))) or "none"
        case Half():
            return f"{value.name}, {value.mode} {value.percentage}, {counted(len(value.scopes), 'scope')}"
        case Scope():
            return f"{value.network} {text_of(value.name)} {text_of(value.comment)} {value.state}"
        case tuple():
            return ", ".join(map(text_of, value)) or "none"
    return shown(value) if isinstance(value, Model) else str(value)


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

    def write(self, reading: Reading, step: "Step", old: Half | None, new: Half | None) -> None:
        """Create, delete or set it; a set is one call with all changed values."""
        server = reading.server
        if new is None:
            server.delete_relationship(step.about.name)
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
            server.set_relationship(step.about.name, **changes)

    def shares(self, about: About) -> Hashable:
        """Share the read with steps about its scopes."""
        return "relationship", about.name

    def describe(self, step: "Step") -> str:
        """Name the changed values."""
        old, new = step.before, step.after
        if old is None:
            return (
                f"create relationship {step.about.name} as {str(new.role).lower()}, {counted(len(new.scopes), 'scope')}"
            )
        if new is None:
            return f"delete relationship {step.about.name}"
        changed = [
            f"{name} {_value_of(old, name)} → {_value_of(new, name)}"
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

    def write(self, reading: Reading, step: "Step", old: frozenset[IPv4Address], new: frozenset[IPv4Address]) -> None:
        """Add or remove scopes; a step does one of the two."""
        if new - old:
            reading.server.add_failover_scopes(step.about.name, sorted(new - old))
        else:
            reading.server.remove_failover_scopes(step.about.name, sorted(old - new))

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

    def write(self, reading: Reading, step: "Step", old: FailoverState, new: FailoverState) -> None:
        """Set it."""
        reading.server.set_relationship(step.about.name, state=new)


class AllocationKind(Kind):
    """The redistribution of free addresses: an action."""

    look = False

    def write(self, reading: Reading, step: "Step", old: Any, new: Any) -> None:
        """Do it."""
        reading.server.trigger_address_allocation(step.about.name)

    def describe(self, step: "Step") -> str:
        """Say what it does."""
        return f"relationship {step.about.name}: redistribute the free addresses"


class SettingKind(Kind):
    """Part of a scope, or something of a whole server: what `dhcpfo.scope` writes. ``key`` is the `About` there."""

    def settled_codes(self, about: About) -> frozenset[int]:
        """Return the codes of this kind of setting."""
        return frozenset(map(int, SETTLED.get(about.key.kind, ())))

    def read(self, reading: Reading, step: "Step") -> Any:
        """Return the value."""
        return read_about(reading.server, step.about.key)

    def write(self, reading: Reading, step: "Step", old: Any, new: Any) -> None:
        """Write it; of some settings in several calls."""
        apply_write(reading.server, Write(step.about.key, old, new, step.undo.value))

    def same(self, about: About, one: Any, other: Any) -> bool:
        """Compare as a server would."""
        return same(about.key, one, other)

    def same_again(self, about: About, now: Any, before: Any) -> bool:
        """Compare; of the order of policies those that were there then, and are there now."""
        if about.kind == "policy-order":
            names, others = [[upper_case(name) for name in order] for order in (now, before)]
            now, before = [name for name in names if name in others], [name for name in others if name in names]
        return self.same(about, now, before)

    def partly(self, about: About, now: Any, old: Any, new: Any) -> bool:
        """Whether some of the calls of a write were carried out."""
        return between(about.key, now, old, new)

    def describe(self, step: "Step") -> str:
        """Describe it as `dhcpfo.scope` does."""
        if step.about.kind == "scope" and step.before is None:
            return f"create scope {step.after.network}, {str(step.after.state).lower()}"
        if step.about.kind == "scope" and step.after is None:
            return f"delete scope {step.before.network}"
        if step.about.kind == "scope":
            changed = [
                f"{name} {text_of(getattr(step.before, name))} → {text_of(getattr(step.after, name))}"
                for name in ("name", "comment", "state")
                if getattr(step.before, name) != getattr(step.after, name)
            ]
            return f"scope {step.about.scope}: {', '.join(changed)}"
        return str(Write(step.about.key, step.before, step.after))


class ScopeStateKind(Kind):
    """Whether a scope is enabled."""

    settled = frozenset({ErrorCode.ERROR_DHCP_SUBNET_NOT_PRESENT})

    def read(self, reading: Reading, step: "Step") -> ScopeState | None:
        """Return the state."""
        try:
            return reading.server.get_scope(step.about.scope).state  # type: ignore[arg-type]
        except ScopeNotFoundError:
            return None

    def write(self, reading: Reading, step: "Step", old: ScopeState, new: ScopeState) -> None:
        """Set it; everything else of the scope stays as it is at that moment."""
        reading.server.set_scope(step.about.scope, state=new)  # type: ignore[arg-type]

    def describe(self, step: "Step") -> str:
        """Say which way it goes."""
        verb = "enable" if step.after in (ScopeState.ENABLED, ScopeState.ENABLED_SWITCHED) else "disable"
        return f"{verb} scope {step.about.scope}"


SETTINGS = (
    "scope",
    "range",
    "exclusion",
    "reservation",
    "options",
    "reservation-options",
    "policy",
    "policy-options",
    "policy-order",
    "delay",
    "superscope",
    "enforcement",
    "class",
    "definition",
    "filter",
    "filter-lists",
    "conflict-detection",
)
"""The kinds of `dhcpfo.scope`."""

KINDS: dict[str, Kind] = {
    "relationship": RelationshipKind(),
    "members": MembersKind(),
    "failover-state": StateKind(),
    "allocation": AllocationKind(),
    "scope-state": ScopeStateKind(),
    **dict.fromkeys(SETTINGS, SettingKind()),
}
"""The kinds by the name in `About.kind`."""
