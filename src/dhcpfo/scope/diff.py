"""The differences between two configurations of a scope."""

from collections.abc import Callable, Collection, Iterable, Iterator
from ipaddress import IPv4Address
from typing import Any

from ..models import AddressRange, Policy, Reservation
from ..models.names import upper_case
from .applied import applied
from .change import Change
from .config import (
    ScopeConfig,
    key_to_compare,
    merged,
    range_to_compare,
    reservation_to_compare,
)
from .frozen import EMPTY
from .parts import Numbers, OptionValues, without
from .show import to_html, to_text, unified

__all__ = ["Diff", "diff"]


class Diff(tuple[Change, ...]):
    """The differences between two configurations; empty if they are equal. Prints as a table.

    Attributes:
        old: The first configuration.
        new: The second one.
        names: What the two are called.
        notes: Differences that do not make them unequal.
        delete: The kinds of things that are removed if this is carried out; None if it is only a comparison.
    """

    old: ScopeConfig
    new: ScopeConfig
    names: tuple[str, str]
    notes: tuple[Change, ...]
    delete: frozenset[str] | None

    @classmethod
    def of(
        cls,
        old: ScopeConfig,
        new: ScopeConfig,
        changes: Iterable[Change],
        notes: Iterable[Change],
        names: tuple[str, str],
        delete: frozenset[str] | None,
    ) -> "Diff":
        """Make one of its changes."""
        self = cls(changes)
        self.old, self.new, self.names, self.notes, self.delete = old, new, names, tuple(notes), delete
        return self

    @property
    def left(self) -> tuple[Change, ...]:
        """The removals that are not carried out, because ``delete`` does not name their kind."""
        if self.delete is None or "all" in self.delete:
            return ()
        return tuple([change for change in self if change.kind == "remove" and _kind(change) not in self.delete])

    def apply(self, config: ScopeConfig) -> ScopeConfig:
        """Return a configuration with these changes; that of the first one is equal to the second one.

        Raises:
            ValueError: Something is not known, because it could not be read.
        """
        return applied(config, self)

    def unified(self, context: int = 3) -> str:
        """Return the two configurations as text in the unified format, for reviews.

        Args:
            context: The number of equal lines around each difference.
        """
        return unified(self.old, self.new, self.names, context)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "format": 1,
            "network": str(self.new.network),
            "names": list(self.names),
            "changes": [change.to_dict() for change in self],
            "notes": [change.to_dict() for change in self.notes],
        }

    def __str__(self) -> str:
        return to_text(self, self.new, self.names, self.notes, self.left)

    def _repr_html_(self) -> str:
        return to_html(self, self.new, self.names, self.notes, self.left)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).of, (self.old, self.new, tuple(self), self.notes, self.names, self.delete)


def _kind(change: Change) -> str:
    """Return the kind of thing that a change is about, as `scope_writes` names it."""
    return "options" if "option" in change.path else KINDS.get(change.path[0], "")


KINDS = {"exclusion": "exclusions", "reservation": "reservations", "policy": "policies"}


def diff(
    old: ScopeConfig,
    new: ScopeConfig,
    *,
    names: tuple[str, str] = ("old", "new"),
    delete: Collection[str] | None = None,
) -> Diff:
    """Return the differences between two configurations of a scope; nothing if they are equal.

    A part that could not be read is a difference of the kind ``"unread"``, and nothing in it is compared.

    Args:
        old: The first configuration.
        new: The second one.
        names: What they are called in texts: the names of two servers, say.
        delete: The kinds of things that `scope_writes` is to remove. The text then tells what it leaves alone.
    """
    kinds = None if delete is None else frozenset([delete] if isinstance(delete, str) else delete)
    changes = () if old == new else tuple(_changes(old, new))
    return Diff.of(old, new, changes, _notes(old, new), names, kinds)


def _changes(old: ScopeConfig, new: ScopeConfig) -> Iterator[Change]:
    unknown = set()
    for index, config in enumerate((old, new)):
        for entry in config.unread:
            unknown.add(entry.part)
            yield Change("unread", (entry.part,), *((None, entry) if index else (entry, None)))
    for field, part, form in FIELDS:
        if part not in unknown:
            before, after = getattr(old, field), getattr(new, field)
            if form(before) != form(after):
                yield _change((field,), before, after)
    if "exclusions" not in unknown:
        yield from _exclusions(merged(old.exclusions), merged(new.exclusions))
    if "options" not in unknown:
        yield from _options(old.options, new.options)
    if "reservations" not in unknown:
        yield from _reservations(old, new, unknown)
    if "policies" not in unknown:
        yield from _policies(old, new, "policy_options" not in unknown)


def _change(path: tuple[Any, ...], before: Any, after: Any) -> Change:
    kind = "add" if before is None else "remove" if after is None else "change"
    return Change(kind, path, before, after)


def _itself(value: Any) -> Any:
    return value


FIELDS: tuple[tuple[str, str, Callable[[Any], Any]], ...] = (
    ("network", "properties", _itself),
    ("name", "properties", lambda value: value or ""),
    ("comment", "properties", lambda value: value or ""),
    ("state", "properties", _itself),
    ("range", "range", range_to_compare),
    ("offer_delay", "delay", _itself),
    ("superscope", "superscopes", lambda value: upper_case(value or "")),
    ("policies_enforced", "enforcement", _itself),
)
"""The simple fields: the field, the part that is read, and what is compared."""


def _exclusions(old: Numbers, new: Numbers) -> Iterator[Change]:
    found = [("remove", span) for span in without(old, new)] + [("add", span) for span in without(new, old)]
    for kind, (first, last) in sorted(found, key=lambda item: item[1]):
        span = AddressRange(IPv4Address(first), IPv4Address(last))
        values = (span, None) if kind == "remove" else (None, span)
        yield Change(kind, ("exclusion", span), *values)


def _options(old: OptionValues, new: OptionValues, path: tuple[Any, ...] = ()) -> Iterator[Change]:
    before = {key_to_compare(key): value for key, value in old.items()}
    after = {key_to_compare(key): value for key, value in new.items()}
    for key in sorted({*before, *after}, key=lambda key: (key[2], key)):
        one, other = before.get(key), after.get(key)
        if one is None or other is None or (one.type, one.values) != (other.type, other.values):
            there = one if other is None else other
            assert there is not None
            yield _change((*path, "option", there.key), one, other)


def _clients(reservations: Iterable[Reservation]) -> dict[bytes, IPv4Address]:
    """Return the address of each client that has one reservation."""
    entries = list(reservations)
    ids = [entry.client_id for entry in entries]
    return {entry.client_id: entry.address for entry in entries if ids.count(entry.client_id) == 1}


def _reservations(old: ScopeConfig, new: ScopeConfig, unknown: Collection[str]) -> Iterator[Change]:
    before, after = dict(old.reservations), dict(new.reservations)
    compared = {entry: reservation_to_compare(entry) for entry in (*before.values(), *after.values())}
    differ = [
        address
        for address in {**before, **after}
        if address not in before or address not in after or compared[before[address]] != compared[after[address]]
    ]
    moved: dict[IPv4Address, IPv4Address] = {}
    if differ:
        goals = _clients(after.values())
        for client, address in _clients(before.values()).items():
            goal = goals.get(client, address)
            if goal != address:
                moved[goal] = address
    left = set(moved.values())
    for address in sorted({*before, *after}):
        path = ("reservation", address)
        goes = before.get(address) if address not in left else None
        comes = after.get(address)
        if address in moved:
            if goes is not None:
                yield Change("remove", path, goes, None)
            source = moved[address]
            yield Change("move", path, before[source], comes)
        elif goes is not None or comes is not None:
            source = address
            if goes is None or comes is None or compared[goes] != compared[comes]:
                yield _change(path, goes, comes)
        if comes is None or f"options of {address}" in unknown or f"options of {moved.get(address)}" in unknown:
            continue
        kept = address in moved or goes is not None
        values = old.reservation_options.get(source, EMPTY) if kept else EMPTY
        yield from _options(values, new.reservation_options.get(address, EMPTY), path)


POLICY_FIELDS: tuple[tuple[str, Callable[[Policy], Any]], ...] = (
    ("conditions", lambda policy: policy.condition),
    ("ranges", lambda policy: tuple(sorted(policy.ranges))),
    ("description", lambda policy: policy.description or None),
    ("enabled", lambda policy: policy.enabled),
    ("properties", lambda policy: tuple([entry for entry in policy.properties if entry.value not in (None, "")])),
)


def _policies(old: ScopeConfig, new: ScopeConfig, with_options: bool) -> Iterator[Change]:
    before = {upper_case(policy.name): policy for policy in old.policies}
    after = {upper_case(policy.name): policy for policy in new.policies}
    old_options = {upper_case(name): values for name, values in old.policy_options.items()}
    new_options = {upper_case(name): values for name, values in new.policy_options.items()}
    common = [name for name in after if name in before]
    if common != [name for name in before if name in after]:
        yield Change("change", ("policies", "order"), _names(old.policies), _names(new.policies))
    for name, policy in before.items():
        if name not in after:
            yield Change("remove", ("policy", policy.name), policy, None)
    for place, (name, policy) in enumerate(after.items(), 1):
        found = before.get(name)
        path = ("policy", policy.name)
        if found is None:
            yield Change("add", path, None, policy.replace(order=place))
        else:
            for field, value in POLICY_FIELDS:
                if value(found) != value(policy):
                    yield Change("change", (*path, field), value(found), value(policy))
        if with_options:
            known = old_options.get(name, EMPTY) if found is not None else EMPTY
            yield from _options(known, new_options.get(name, EMPTY), path)


def _names(policies: Iterable[Policy]) -> tuple[str, ...]:
    return tuple([policy.name for policy in policies])


def _notes(old: ScopeConfig, new: ScopeConfig) -> Iterator[Change]:
    if old.quarantine != new.quarantine:
        yield Change("change", ("quarantine",), old.quarantine, new.quarantine)
    if old.exclusions != new.exclusions and merged(old.exclusions) == merged(new.exclusions):
        yield Change("change", ("exclusions", "spans"), old.exclusions, new.exclusions)
    if old.superscope != new.superscope and upper_case(old.superscope or "") == upper_case(new.superscope or ""):
        yield Change("change", ("superscope", "spelling"), old.superscope, new.superscope)
    spelled = {upper_case(policy.name): policy.name for policy in old.policies}
    for policy in new.policies:
        before = spelled.get(upper_case(policy.name), policy.name)
        if before != policy.name:
            yield Change("change", ("policy", policy.name, "spelling"), before, policy.name)
