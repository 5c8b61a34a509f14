"""The writes that turn one configuration of a scope into another, in an order that no rule of a server rejects."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from .. import arguments
from ..enums import ConditionType, ScopeState
from ..models import AddressRange, OptionKey, OptionValue, Policy, Reservation, Scope, ScopeRange
from ..models.names import upper_case
from ..models.standard_options import LEASE
from .change import Change
from .config import (
    ScopeConfig,
    key_to_compare,
    merged,
    policy_to_compare,
    range_to_compare,
    reservation_to_compare,
)
from .frozen import EMPTY
from .parts import DNS_SETTINGS, OptionValues
from .typed import option_name
from .write import About, Conflict, Write, Writes

__all__ = ["DELETABLE", "scope_writes", "state_write"]

DELETABLE = frozenset({"exclusions", "reservations", "options", "policies"})
"""The kinds of things that `scope_writes` removes if its caller names them."""

DNS_OPTIONS = (LEASE, DNS_SETTINGS)
"""The options that a policy with a condition on the DNS name may have."""

DNS_CONDITIONS = frozenset({ConditionType.FQDN, ConditionType.FQDN_SINGLE_LABEL})
SERVING = frozenset({ScopeState.ENABLED, ScopeState.ENABLED_SWITCHED})


def scope_writes(
    old: ScopeConfig | None, new: ScopeConfig, *, delete: Collection[str] = (), enable: bool = True
) -> Writes:
    """Return the writes after which a server has a configuration.

    A scope that does not exist is created disabled, and enabled at the very end. In one that exists, the range is made
    larger first and smaller last. What the server has and ``new`` does not stays, unless ``delete`` names its kind; a
    client with a reservation of another address loses that one in any case. Classes and definitions must be there: see
    `server_writes`.

    Args:
        old: What the server has; None if it does not have the scope.
        new: What it is to have.
        delete: The kinds to remove where ``new`` does not have them: ``"exclusions"``, ``"reservations"``,
            ``"options"``, ``"policies"``; or ``"all"``, also for the range.
        enable: Whether the state is written, too. A new scope stays disabled otherwise.

    Raises:
        ValueError: A part of one of them could not be read, they are of two scopes, or ``delete`` is unknown.
    """
    kinds = frozenset([delete] if isinstance(delete, str) else delete)
    if unknown := kinds - DELETABLE - {"all"}:
        raise ValueError(f"delete must name {', '.join(sorted(DELETABLE))} or all, got {', '.join(sorted(unknown))}")
    for config in filter(None, (old, new)):
        if config.unread:
            raise ValueError(f"scope {config.scope_id} was not read completely: {config.unread[0]}")
    if old is not None and old.scope_id != new.scope_id:
        raise ValueError(f"the configurations must be of one scope, got {old.scope_id} and {new.scope_id}")
    return _Planner(old, new, DELETABLE | {"range"} if "all" in kinds else kinds, enable).plan()


def state_write(config: ScopeConfig, state: ScopeState) -> Write:
    """Return the write that changes the state of a scope.

    Args:
        config: What the server has.
        state: The new state.
    """
    before = config.properties.replace(quarantine=0)
    return Write(About("scope", config.scope_id), before, before.replace(state=state))


class _Planner:
    def __init__(self, old: ScopeConfig | None, new: ScopeConfig, delete: frozenset[str], enable: bool) -> None:
        self.created = old is None
        self.old = ScopeConfig(network=new.network, state=ScopeState.DISABLED) if old is None else old
        self.new = new
        self.scope = new.scope_id
        self.delete = delete
        self.enable = enable
        self.writes: list[Write] = []
        self.left: list[Change] = []
        self.conflicts: list[Conflict] = []

    def plan(self) -> Writes:
        if self.old.network != self.new.network:
            why = "the subnet mask of a scope cannot be changed"
            about = About("scope", self.scope)
            return Writes(conflicts=[Conflict(about, self.new.properties, self.old.properties, why)])
        state = self.properties()
        policies = _Policies(self)
        policies.clear_the_way()
        self.remove_reservations()
        hull = self.widen()
        self.add_exclusions()
        self.add_reservations()
        self.remove_exclusions()
        self.set_value("delay", self.old.offer_delay, self.new.offer_delay)
        if upper_case(self.old.superscope or "") != upper_case(self.new.superscope or ""):
            self.set_value("superscope", self.old.superscope, self.new.superscope)
        self.options(About("options", self.scope), self.old.options, self.new.options, ())
        self.options_of_reservations()
        policies.write()
        self.narrow(hull, policies.staying_ranges())
        self.set_value("enforcement", self.old.policies_enforced, self.new.policies_enforced)
        self.state(state)
        return Writes(self.writes, self.left, self.conflicts)

    def write(self, about: About, before: Any, after: Any, undo: str = "restores") -> None:
        """Add a write."""
        if self.created and about.kind != "scope":
            undo = "with-parent"
        self.writes.append(Write(about, before, after, undo))

    def set_value(self, kind: str, before: Any, after: Any) -> None:
        """Write a value of the scope that differs."""
        if before != after:
            self.write(About(kind, self.scope), before, after)

    # The scope itself

    def properties(self) -> Scope:
        """Write name and description, and a state in which the scope does not serve; return what is there then."""
        about, new = About("scope", self.scope), self.new.properties.replace(quarantine=0)
        if self.created:
            first = new.replace(state=ScopeState.DISABLED)
            self.write(about, None, first)
            return first
        old = self.old.properties.replace(quarantine=0)
        stops = self.enable and self.new.state not in SERVING
        first = new.replace(state=new.state if stops else old.state)
        if first != old:
            self.write(about, old, first)
        return first

    def state(self, now: Scope) -> None:
        """Write the state, last of all."""
        if self.enable and now.state != self.new.state:
            self.write(About("scope", self.scope), now, now.replace(state=self.new.state))

    # The range

    def widen(self) -> ScopeRange | None:
        """Write a range that contains the old one, the new one and all reservations; return what is there then."""
        old, new, about = self.old.range, self.new.range, About("range", self.scope)
        added = [address for address, entry in self.new.reservations.items() if not self._is_kept(entry)]
        if new is None and (old is None or "range" in self.delete):
            if added:
                why = "a scope without a range takes no reservations"
                self.conflicts.append(Conflict(about, None, old, why))
            return old
        spans = [found for found in (old, new) if found is not None]
        first = min([*(span.start for span in spans), *added])
        last = max([*(span.end for span in spans), *added])
        wanted = new if new is not None else spans[0]
        if (wanted.start, wanted.end) == (first, last):
            hull = wanted  # nothing to narrow: with its type
        elif old is not None and (old.start, old.end) == (first, last):
            hull = old
        else:
            hull = (old or wanted).replace(start=first, end=last)
        if range_to_compare(hull) != range_to_compare(old):
            self.write(about, old, hull)
        return hull

    def narrow(self, now: ScopeRange | None, staying: Iterable[AddressRange]) -> None:
        """Write the range as it is to be."""
        new, about = self.new.range, About("range", self.scope)
        if range_to_compare(now) == range_to_compare(new):
            return
        if new is None:
            if "range" in self.delete and not self.new.reservations and not self.new.policies:
                self.write(about, now, None)
            else:
                self.left.append(Change("remove", ("range",), now, None))
            return
        outside = [span for span in staying if not (span.start in new and span.end in new)]
        if outside:
            why = f"a policy that stays has the range {outside[0]}"
            self.conflicts.append(Conflict(about, new, now, why))
            return
        self.write(about, now, new)

    # Exclusions

    def _missing(self) -> list[AddressRange]:
        """The exclusions to add: those with an address that none of the server's that stay covers."""
        kept = merged([span for span in self.old.exclusions if self._stays(span)])
        covered = [(first, last) for first, last in kept]
        return [
            span
            for span in self.new.exclusions
            if not any(first <= int(span.start) and int(span.end) <= last for first, last in covered)
        ]

    def _stays(self, span: AddressRange) -> bool:
        """Whether an exclusion of the server may stay as it is."""
        if "exclusions" not in self.delete:
            return True
        wanted = merged(self.new.exclusions)
        return any(first <= int(span.start) and int(span.end) <= last for first, last in wanted)

    def add_exclusions(self) -> None:
        """Add the exclusions that the server lacks."""
        for span in self._missing():
            if span not in self.old.exclusions:
                self.write(About("exclusion", self.scope, span), None, span)

    def remove_exclusions(self) -> None:
        """Remove those that cover an address that is not to be excluded."""
        wanted = merged(self.new.exclusions)
        for span in self.old.exclusions:
            if not self._stays(span):
                self.write(About("exclusion", self.scope, span), span, None)
            elif not any(first <= int(span.start) and int(span.end) <= last for first, last in wanted):
                self.left.append(Change("remove", ("exclusion", span), span, None))

    # Reservations

    def remove_reservations(self) -> None:
        """Remove the reservations that are not to be there, and those that cannot be changed."""
        new = self.new.reservations
        moved = {entry.client_id: entry.address for entry in new.values()}
        for address, entry in self.old.reservations.items():
            wanted = new.get(address)
            if wanted is not None and (wanted.client_id, wanted.type) == (entry.client_id, entry.type):
                continue
            if wanted is None and entry.client_id not in moved and "reservations" not in self.delete:
                self.left.append(Change("remove", ("reservation", address), entry, None))
                continue
            if values := self.old.reservation_options.get(address):
                keys = tuple(values)
                self.write(About("reservation-options", self.scope, address, keys), tuple(values.values()), ())
            self.write(About("reservation", self.scope, address), _bare(entry), None, "recreates")

    def _is_kept(self, entry: Reservation) -> bool:
        found = self.old.reservations.get(entry.address)
        return found is not None and (found.client_id, found.type) == (entry.client_id, entry.type)

    def add_reservations(self) -> None:
        """Add reservations, and change the names of those that are there."""
        for address, entry in self.new.reservations.items():
            about = About("reservation", self.scope, address)
            if not self._is_kept(entry):
                self.write(about, None, _bare(entry))
                continue
            found = self.old.reservations[address]
            if reservation_to_compare(found) != reservation_to_compare(entry):
                self.write(about, _bare(found), _bare(entry))

    def options_of_reservations(self) -> None:
        """Write the option values of reservations."""
        for address, entry in self.new.reservations.items():
            old: OptionValues = self.old.reservation_options.get(address, EMPTY)
            new: OptionValues = self.new.reservation_options.get(address, EMPTY)
            if not self._is_kept(entry):
                if old and entry.address in self.old.reservations and "options" not in self.delete:
                    extra = {key: value for key, value in old.items() if _absent(key, new)}
                    self.left += [
                        Change("remove", ("reservation", address, "option", key), value, None)
                        for key, value in extra.items()
                    ]
                    new = new | extra if extra else new
                old = EMPTY
            self.options(About("reservation-options", self.scope, address), old, new, ("reservation", address))

    # Options

    def options(self, about: About, old: OptionValues, new: OptionValues, path: tuple[Any, ...]) -> None:
        """Write the option values of one level: what is not wanted goes first, then class by class."""
        self.delete_options(about, old, new, path)
        self.set_options(about, old, new)

    def delete_options(self, about: About, old: OptionValues, new: OptionValues, path: tuple[Any, ...]) -> None:
        """Remove values that the new configuration does not have."""
        for key, value in old.items():
            if _absent(key, new):
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


def _absent(key: OptionKey, values: OptionValues) -> bool:
    return key not in values and key_to_compare(key) not in map(key_to_compare, values)


def _bare(entry: Reservation) -> Reservation:
    """Return a reservation without what its options say."""
    return entry.replace(has_options=False) if entry.has_options else entry


def _not_writable(value: OptionValue) -> str | None:
    """Return why the value of an option cannot be sent."""
    try:
        arguments.option_value(value)
    except (TypeError, ValueError) as problem:
        return str(problem)
    return None


class _Policies:
    """The part of the plan that is about policies.

    A policy with conditions on the DNS name has no range and few options; ranges of policies do not overlap, and lie in
    the range of the scope. So ranges that are in the way go first, then option values, then conditions change, and
    ranges and option values come last.
    """

    def __init__(self, planner: _Planner) -> None:
        self.planner = planner
        self.scope = planner.scope
        self.old = {upper_case(policy.name): policy for policy in planner.old.policies}
        self.new = {upper_case(policy.name): policy for policy in planner.new.policies}
        self.old_options = {upper_case(name): values for name, values in planner.old.policy_options.items()}
        self.new_options = {upper_case(name): values for name, values in planner.new.policy_options.items()}
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
        policy, whole = self.old[name], self.planner.new.range
        if _about_dns(policy) or _about_dns(self.new[name]):
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
        elif _about_dns(policy) and "options" not in self.planner.delete:
            old, new = self.options_of(name)
            kept = [key for key in old if _absent(key, new) and (key.vendor_class or key.id not in DNS_OPTIONS)]
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


def _about_dns(policy: Policy) -> bool:
    return any(condition.type in DNS_CONDITIONS for condition in policy.conditions)


def _overlap(one: AddressRange, other: AddressRange) -> bool:
    return one.start <= other.end and other.start <= one.end
