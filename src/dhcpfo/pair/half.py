"""One server's copy of a relationship as a value in a plan: without state, with a reference in place of the secret."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import timedelta
from ipaddress import IPv4Address
from operator import attrgetter
from typing import Any

from ..enums import FailoverMode, FailoverState, ServerType
from ..models import Relationship, Secret
from ..models.base import Record, record
from ..models.names import upper_case
from .parts import SecretRef, fields_of

__all__ = ["OTHER", "VALUES", "Half", "same_name"]

OTHER = SecretRef("other")
"""A secret that is neither of those that the plan refers to."""

VALUES = ("mode", "percentage", "mclt", "state_switch_interval")
"""The values that should be equal on both servers and that a Set changes, besides the secret."""


def same_name(one: str, other: str) -> bool:
    """Return whether two names are the same for a server."""
    return one == other or upper_case(one) == upper_case(other)


@record(kw_only=True)
class Half(Record):
    """A server's copy of a relationship: what a create sends and a read compares.

    Two halves are equal if a server would take them for the same. The names of the servers do not count.
    """

    name: str
    role: ServerType
    primary_server: IPv4Address
    secondary_server: IPv4Address
    primary_server_name: str | None = None
    secondary_server_name: str | None = None
    mode: FailoverMode
    percentage: int
    mclt: timedelta
    state_switch_interval: timedelta | None
    scopes: frozenset[IPv4Address]
    secret: SecretRef | None = None

    def _key(self) -> tuple[Any, ...]:
        return (upper_case(self.name), *_compared(self))

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Half) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    @classmethod
    def of(
        cls,
        relationship: Relationship,
        refs: Iterable[SecretRef | None] = (),
        secrets: Mapping[SecretRef, Secret] | None = None,
    ) -> "Half":
        """Return what a server showed.

        Args:
            relationship: Its copy.
            refs: The references that its secret may be, in order of preference.
            secrets: Their texts.
        """
        known = secrets or {}
        secret = relationship.shared_secret
        found = None
        if secret is not None:
            found = next((ref for ref in refs if ref is not None and known.get(ref) == secret), OTHER)
        return cls(
            name=relationship.name,
            role=relationship.server_type,
            primary_server=relationship.primary_server,
            secondary_server=relationship.secondary_server,
            primary_server_name=relationship.primary_server_name,
            secondary_server_name=relationship.secondary_server_name,
            mode=relationship.mode,
            percentage=relationship.percentage,
            mclt=relationship.mclt,
            state_switch_interval=relationship.state_switch_interval or None,
            scopes=frozenset(relationship.scopes),
            secret=found,
        )

    def to_relationship(
        self, secrets: Mapping[SecretRef, Secret], state: FailoverState = FailoverState.NO_STATE
    ) -> Relationship:
        """Return the argument of a create, or what a server with this copy shows in a state."""
        values: dict[str, Any] = {name: getattr(self, name) for name in _NAMES}
        ref = values.pop("secret")
        values["server_type"] = values.pop("role")
        values["scopes"] = sorted(values["scopes"])
        return Relationship(**values, state=state, shared_secret=None if ref is None else secrets[ref])

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values; the secret is there as its reference."""
        return fields_of(self)


_NAMES = tuple(entry.name for entry in fields(Half))
_compared = attrgetter(
    *(entry.name for entry in fields(Half) if entry.name != "name" and not entry.name.endswith("server_name"))
)
"""Returns what two halves are compared by, besides their names."""
