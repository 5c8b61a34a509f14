"""Changes carried out on a configuration, not on a server."""

from collections.abc import Iterable
from ipaddress import IPv4Address
from typing import Any

from ..models import AddressRange, OptionValue, Policy
from ..models.names import upper_case
from .change import Change
from .config import ScopeConfig, key_to_compare, merged
from .frozen import EMPTY
from .parts import without

__all__ = ["applied"]


def applied(config: ScopeConfig, changes: Iterable[Change]) -> ScopeConfig:
    """Return a configuration with changes."""
    values: dict[str, Any] = {}
    result = _Result(config)
    for change in changes:
        if change.kind == "unread":
            raise ValueError(f"{change.path[0]} is not known: {change.old or change.new}")
        match change.path:
            case (str() as field,):
                values[field] = change.new
            case ("exclusion", AddressRange()):
                result.exclude(change)
            case ("option", key):
                _put(result.options, key, change.new)
            case ("reservation", address):
                result.reserve(address, change)
            case ("reservation", address, "option", key):
                _put(result.of_reservations.setdefault(address, {}), key, change.new)
            case ("policies", "order"):
                result.order = [upper_case(name) for name in change.new]
            case ("policy", name):
                result.policy(upper_case(name), change)
            case ("policy", name, "option", key):
                _put(result.of_policies.setdefault(upper_case(name), {}), key, change.new)
            case ("policy", name, field):
                result.change_policy(upper_case(name), field, change.new)
    return config.replace(**values, **result.values())


def _put(values: dict[Any, OptionValue], key: Any, value: OptionValue | None) -> None:
    folded = key_to_compare(key)
    for there in [there for there in values if key_to_compare(there) == folded]:
        del values[there]
    if value is not None:
        values[key] = value


class _Result:
    """The elements of a configuration while changes are made."""

    def __init__(self, config: ScopeConfig) -> None:
        self.exclusions = merged(config.exclusions)
        self.spans = config.exclusions
        self.options = dict(config.options)
        self.before = config
        self.reservations = dict(config.reservations)
        self.of_reservations = {address: dict(values) for address, values in config.reservation_options.items()}
        self.policies = {upper_case(policy.name): policy for policy in config.policies}
        self.of_policies = {upper_case(name): dict(values) for name, values in config.policy_options.items()}
        self.order: list[str] | None = None
        self.placed: set[IPv4Address] = set()

    def exclude(self, change: Change) -> None:
        span = change.path[1]
        one = ((int(span.start), int(span.end)),)
        rest = tuple(without(self.exclusions, one))
        self.exclusions = rest if change.kind == "remove" else tuple(sorted((*rest, *one)))
        self.spans = tuple([AddressRange(IPv4Address(first), IPv4Address(last)) for first, last in self.exclusions])

    def reserve(self, address: IPv4Address, change: Change) -> None:
        """Put a reservation at an address, or take it away. One that moves takes its options along."""
        if change.kind != "change" and address not in self.placed:
            self.of_reservations.pop(address, None)
        if change.kind == "remove":
            if address not in self.placed:
                self.reservations.pop(address, None)
            return
        if change.kind == "move":
            source = change.old.address
            if source not in self.placed:
                self.reservations.pop(source, None)
                self.of_reservations.pop(source, None)
            self.of_reservations[address] = dict(self.before.reservation_options.get(source, EMPTY))
        self.reservations[address] = change.new
        self.placed.add(address)

    def policy(self, name: str, change: Change) -> None:
        """Add a policy at its place, or remove it."""
        if change.kind == "remove":
            self.policies.pop(name, None)
            self.of_policies.pop(name, None)
            return
        entries = list(self.policies.items())
        entries.insert(change.new.order - 1, (name, change.new))
        self.policies = dict(entries)

    def change_policy(self, name: str, field: str, value: Any) -> None:
        """Change a value of a policy."""
        policy = self.policies[name]
        if field == "conditions":
            built = Policy.build(policy.name, value)
            self.policies[name] = policy.replace(conditions=built.conditions, expressions=built.expressions)
        else:
            self.policies[name] = policy.replace(**{field: value})

    def values(self) -> dict[str, Any]:
        """Return the fields."""
        policies = self.policies
        if self.order is not None:
            order = [name for name in self.order if name in policies]
            policies = {name: policies[name] for name in [*order, *(name for name in policies if name not in order)]}
        renumbered = [policy.replace(order=place) for place, policy in enumerate(policies.values(), 1)]
        return {
            "exclusions": self.spans,
            "options": self.options,
            "reservations": self.reservations,
            "reservation_options": self.of_reservations,
            "policies": renumbered,
            "policy_options": {policies[name].name: values for name, values in self.of_policies.items()},
        }
