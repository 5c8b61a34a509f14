"""The writes for option values and policies, on a server or in a scope."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address
from typing import Any, Protocol

from .. import arguments
from ..enums import ConditionType
from ..models import AddressRange, OptionKey, OptionValue, Policy, ScopeRange
from ..models.names import upper_case
from ..models.standard_options import LEASE
from .change import Change
from .config import key_to_compare, policy_to_compare
from .frozen import EMPTY
from .parts import DNS_SETTINGS, OptionValues
from .typed import option_name
from .write import About, Conflict, Write

__all__ = ["DNS_OPTIONS", "LevelPlanner", "PolicyPlanner", "about_dns", "absent"]

DNS_OPTIONS = (LEASE, DNS_SETTINGS)
"""The options that a policy with a condition on the DNS name may have."""

DNS_CONDITIONS = frozenset({ConditionType.FQDN, ConditionType.FQDN_SINGLE_LABEL})


class LevelPlanner:
    """Plans the writes for one level.

    Args:
        scope: The scope; None is the server.
        delete: The kinds of things that are removed; see `scope_writes`.
        created: Whether the scope is new.
    """

    def __init__(self, scope: IPv4Address | None, delete: frozenset[str], *, created: bool = False) -> None:
        self.scope = scope
        self.delete = delete
        self.created = created
        self.writes: list[Write] = []
        self.left: list[Change] = []
        self.conflicts: list[Conflict] = []

    def write(self, about: About, before: Any, after: Any, undo: str = "restores") -> None:
        """Add a write."""
        if self.created and about.kind != "scope":
            undo = "with-parent"
        self.writes.append(Write(about, before, after, undo))

    def set_value(self, kind: str, before: Any, after: Any) -> None:
        """Write a value of the scope that differs."""
        if before != after:
            self.write(About(kind, self.scope), before, after)

    def options(self, about: About, old: OptionValues, new: OptionValues, path: tuple[Any, ...]) -> None:
        """Write the option values of one level: what is not wanted goes first, then class by class."""
        self.delete_options(about, old, new, path)
        self.set_options(about, old, new)

    def delete_options(self, about: About, old: OptionValues, new: OptionValues, path: tuple[Any, ...]) -> None:
        """Remove values that the new configuration does not have."""
        for key, value in old.items():
            if absent(key, new):
                if "options" in self.delete:
                    self.write(About(about.kind, self.scope, about.key, (key,)), (value,), ())
                else:
                    self.left.append(Change("remove", (*path, "option", key), value, None))

    def set_options(self, about: About, old: OptionValues, new: OptionValues) -> None:
        """Set values that differ: those of one class together."""
        before = {key_to_compare(key): value for key, value in old.items()}
        groups: dict[tuple[str, str], list[OptionValue]] = {}
        for key, value in new.items():
            found = before.get(key_to_compare(key))
            if found is None or (found.type, found.values) != (value.type, value.values):
                if why := _not_writable(value):
                    self.conflicts.append(
                        Conflict(About(about.kind, self.scope, about.key, (key,)), (value,), (found,), why)
                    )
                else:
                    groups.setdefault((key.vendor_class, key.user_class), []).append(value)
        for _, values in sorted(groups.items()):
            keys = tuple([value.key for value in values])
            there = tuple([before[key_to_compare(key)] for key in keys if key_to_compare(key) in before])
            self.write(About(about.kind, self.scope, about.key, keys), there, tuple(values))


def absent(key: OptionKey, values: OptionValues) -> bool:
    """Return whether an option has no value there, whatever the case of its classes."""
    return key not in values and key_to_compare(key) not in map(key_to_compare, values)


def _not_writable(value: OptionValue) -> str | None:
    """Return why the value of an option cannot be sent."""
    try:
        arguments.option_value(value)
    except (TypeError, ValueError) as problem:
        return str(problem)
    return None


class HasPolicies(Protocol):
    """What has policies: a server or a scope."""

    @property
    def policies(self) -> tuple[Policy, ...]:
        """The policies in their order."""

    @property
    def policy_options(self) -> Mapping[str, OptionValues]:
        """The option values of each policy that has any."""


class PolicyPlanner:
    """The part of the plan that is about policies.

    A policy with conditions on the DNS name has no range and few options; ranges of policies do not overlap, and lie in
    the range of the scope. So ranges that are in the way go first, then option values, then conditions change, and
    ranges and option values come last.
    """

    def __init__(
        self, planner: LevelPlanner, old: HasPolicies, new: HasPolicies, whole: ScopeRange | None = None
    ) -> None:
        self.planner = planner
        self.scope = planner.scope
        self.whole = whole
        self.old = {upper_case(policy.name): policy for policy in old.policies}
        self.new = {upper_case(policy.name): policy for policy in new.policies}
        self.old_options = {upper_case(name): values for name, values in old.policy_options.items()}
        self.new_options = {upper_case(name): values for name, values in new.policy_options.items()}
        gone = "policies" in planner.delete
        self.extra = {name: policy for name, policy in self.old.items() if name not in self.new}
        self.staying = {} if gone else self.extra
        self.now = {name: policy for name, policy in self.old.items() if name in self.new or not gone}

    def staying_ranges(self) -> list[AddressRange]:
        """Return the ranges of policies that stay although the new configuration does not have them."""
        return [span for policy in self.staying.values() for span in policy.ranges]

    def clear_the_way(self) -> None:
        """Remove policies, and ranges of policies that are in the way of others."""
        for name, policy in reversed(self.extra.items()):  # so that they can be made again, first to last
            if name in self.staying:
                self.planner.left.append(Change("remove", ("policy", policy.name), policy, None))
                continue
            if values := self.old_options.get(name):
                about = About("policy-options", self.scope, policy.name, tuple(values))
                self.planner.write(about, tuple(values.values()), ())
            self.planner.write(About("policy", self.scope, policy.name), policy, None)
        for name, policy in self.changed():
            if policy.ranges and set(policy.ranges) != set(self.new[name].ranges) and self.is_in_the_way(name):
                self.set(name, policy.replace(ranges=()))

    def changed(self) -> Iterator[tuple[str, Policy]]:
        """Yield the policies that both configurations have."""
        yield from [(name, policy) for name, policy in self.old.items() if name in self.new]

    def is_in_the_way(self, name: str) -> bool:
        """Whether the old ranges of a policy must go before others can be set."""
        policy, whole = self.old[name], self.whole
        if about_dns(policy) or about_dns(self.new[name]):
            return True
        if whole is not None and any(span.start not in whole or span.end not in whole for span in policy.ranges):
            return True
        others = [span for other, wanted in self.new.items() if other != name for span in wanted.ranges]
        return any(_overlap(span, other) for span in policy.ranges for other in others)

    def set(self, name: str, policy: Policy) -> None:
        """Change a policy that is there."""
        now = self.now[name]
        policy = policy.replace(name=now.name, order=now.order)
        if policy_to_compare(now) != policy_to_compare(policy):
            self.planner.write(About("policy", self.scope, now.name), now, policy)
            self.now[name] = policy

    def write(self) -> None:
        """Write the policies that are not as they are to be."""
        for name, policy in self.changed():
            about = About("policy-options", self.scope, policy.name)
            old, new = self.options_of(name)
            self.planner.delete_options(about, old, new, ("policy", policy.name))
        free = [name for name in self.new if not self.is_blocked(name)]
        there = [name for name in free if name in self.old]
        for name in there:
            self.set(name, self.new[name].replace(ranges=self.now[name].ranges))
        for name in there:
            self.set(name, self.new[name])
        last = max((policy.order for policy in self.now.values()), default=0)
        for name in free:
            if name in self.old:
                continue
            policy = self.new[name]
            last += 1
            self.now[name] = policy.replace(order=last)
            self.planner.write(About("policy", self.scope, policy.name), None, self.now[name])
        for name, policy in self.now.items():
            if name in free:
                old, new = self.options_of(name)
                self.planner.set_options(About("policy-options", self.scope, policy.name), old, new)
        self.sort()

    def is_blocked(self, name: str) -> bool:
        """Whether what stays keeps a policy from being as it is to be; that is a conflict."""
        policy, why = self.new[name], ""
        taken = [span for span in policy.ranges for other in self.staying_ranges() if _overlap(span, other)]
        if taken:
            why = f"its range {taken[0]} overlaps that of a policy that stays"
        elif about_dns(policy) and "options" not in self.planner.delete:
            old, new = self.options_of(name)
            kept = [key for key in old if absent(key, new) and (key.vendor_class or key.id not in DNS_OPTIONS)]
            if kept:
                why = f"with a condition on the DNS name it cannot have option {option_name(kept[0])}, which stays"
        if why:
            about = About("policy", self.scope, policy.name)
            self.planner.conflicts.append(Conflict(about, policy, self.old.get(name), why))
        return bool(why)

    def options_of(self, name: str) -> tuple[OptionValues, OptionValues]:
        """Return the old and the new option values of a policy."""
        return self.old_options.get(name, EMPTY), self.new_options.get(name, EMPTY)

    def sort(self) -> None:
        """Write the order of the policies; those that stay without being wanted keep their places."""
        now = list(self.now)
        wanted = iter([name for name in self.new if name in self.now])
        order = [next(wanted) if name in self.new else name for name in now]
        if order != now:
            before, after = [tuple([self.now[name].name for name in entries]) for entries in (now, order)]
            self.planner.write(About("policy-order", self.scope), before, after)


def about_dns(policy: Policy) -> bool:
    """Return whether a policy has a condition on the DNS name."""
    return any(condition.type in DNS_CONDITIONS for condition in policy.conditions)


def _overlap(one: AddressRange, other: AddressRange) -> bool:
    return one.start <= other.end and other.start <= one.end
