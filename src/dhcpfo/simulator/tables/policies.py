"""The policies of a server or of a scope."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...enums import ConditionType
from ...models import AddressRange, Policy
from ..journal import Recorded
from ..switches import upper_case

__all__ = ["DNS_NAME_CONDITIONS", "PolicyTable", "StoredPolicy"]

DNS_NAME_CONDITIONS = frozenset({ConditionType.FQDN, ConditionType.FQDN_SINGLE_LABEL})
"""Types of conditions with which a policy can have neither ranges nor most options."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPolicy:
    """A policy as a server stores it; the key is the name, without regard to case.

    Attributes:
        policy: The policy, without properties.
        dns_suffix: The DNS suffix of its clients, or None: the one property that servers keep.
        user_class: The name of the user class with which the policy is deleted, or None.
    """

    policy: Policy
    dns_suffix: str | None = None
    user_class: str | None = None

    @property
    def has_dns_condition(self) -> bool:
        """Whether a condition is about the client's DNS name."""
        return any(condition.type in DNS_NAME_CONDITIONS for condition in self.policy.conditions)


@dataclass(slots=True, kw_only=True)
class PolicyTable(Recorded):
    """Policies by name, the oldest first.

    Attributes:
        policies: The policies by their name in the form in which names are compared.
        enforced: Whether they apply at all.
    """

    policies: Mapping[str, StoredPolicy] = field(default_factory=dict)
    enforced: bool = True

    def get(self, name: str | None) -> StoredPolicy | None:
        """Return the policy of that name, or None."""
        return None if name is None else self.policies.get(upper_case(name))

    def put(self, entry: StoredPolicy, instead_of: str | None = None) -> None:
        """Add a policy, or replace the one of its name, or of another name, in its place."""
        key, old = upper_case(entry.policy.name), upper_case(instead_of or entry.policy.name)
        renamed = {
            key if name == old else name: entry if name == old else other for name, other in self.policies.items()
        }
        self.policies = renamed if old in self.policies else {**self.policies, key: entry}

    def delete(self, name: str) -> None:
        """Remove a policy."""
        key = upper_case(name)
        self.policies = {other: entry for other, entry in self.policies.items() if other != key}

    def scan(self) -> list[StoredPolicy]:
        """Return all policies by their order, those with the same one by their age."""
        return sorted(self.policies.values(), key=lambda entry: entry.policy.order)

    def last_order(self) -> int:
        """Return the highest order; 0 without policies."""
        return max((entry.policy.order for entry in self.policies.values()), default=0)

    def ranges(self, without: str | None = None) -> list[AddressRange]:
        """Return the ranges of all policies, but for one."""
        skipped = None if without is None else upper_case(without)
        return [span for key, entry in self.policies.items() if key != skipped for span in entry.policy.ranges]

    def of_class(self, name: str) -> list[str]:
        """Return the names of the policies that are deleted with a user class."""
        wanted = upper_case(name)
        return [entry.policy.name for entry in self.policies.values() if upper_case(entry.user_class or "") == wanted]

    def has(self, name: str | None) -> bool:
        """Return whether there is a policy of that name."""
        return self.get(name) is not None

    def has_dns_condition(self, name: str | None) -> bool:
        """Return whether the policy of that name has a condition on the client's DNS name."""
        entry = self.get(name)
        return entry is not None and entry.has_dns_condition
