"""What both a scope and a server can be told to have: option values and policies."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any, Protocol

from ...enums import PropertyId
from ...models import AddressRange, DhcpClass, OptionDefinition, OptionKey, OptionValue, Policy, ScopeRange
from ...models.names import upper_case
from ...models.policies import Property, flatten, suffix_properties
from ...scope import ServerOverview, Unread
from ...scope.config import key_to_compare
from ...scope.frozen import EMPTY
from ...scope.order_level import DNS_OPTIONS, about_dns
from ...scope.typed import option_name
from . import models
from .conditions import Comparison, group_of
from .options import key_of, value_of
from .problems import Problem
from .wanted import Wanted

__all__ = ["Builder", "HasPolicies", "Server", "counted", "other_properties"]

OptionValues = Mapping[OptionKey, OptionValue]


class HasPolicies(Protocol):
    """What has policies: the configuration of a scope or of a server."""

    @property
    def policies(self) -> tuple[Policy, ...]:
        """The policies in their order."""

    @property
    def policy_options(self) -> Mapping[str, OptionValues]:
        """The option values of each policy that has any."""


@dataclass(frozen=True, slots=True)
class Server:
    """What a builder must know of a server.

    Attributes:
        name: Its name.
        definitions: Its option definitions.
        classes: Its user and vendor classes.
    """

    name: str
    definitions: tuple[OptionDefinition, ...]
    classes: tuple[DhcpClass, ...]

    @classmethod
    def of(cls, name: str, overview: ServerOverview) -> "Server":
        """Return what was read.

        Raises:
            DhcpError: The classes or definitions could not be read.
        """
        for part in (overview.definitions, overview.classes):
            if isinstance(part, Unread):
                raise part.error
        return cls(name, overview.definitions, overview.classes)  # type: ignore[arg-type]


class Builder:
    """Makes what a server is to have of what it has and what a file says.

    Args:
        pair: The pair, for the places of errors.
        at: The path in the file of what is built.
        server: The server.
    """

    def __init__(self, pair: Wanted, at: tuple[object, ...], server: Server) -> None:
        self.pair = pair
        self.at = at
        self.server = server
        self.named: dict[tuple[str, str, int], str] = {}
        self.problems: list[Problem] = []
        self.left: list[str] = []

    def problem(self, text: str, *path: object) -> None:
        """Add a problem of the file."""
        self.problems += self.pair.error(text, *self.at, *path).problems

    def both(self, kind: str, gone: Sequence[object], named: Iterable[object]) -> None:
        """Add a problem for what must be and must not be."""
        there = {_folded(name) for name in named}
        for index, name in enumerate(gone):
            if _folded(name) in there:
                self.problem(f"{name} is in {kind}, too", "absent", kind, index)

    def without(self, values: OptionValues, gone: Sequence[str]) -> dict[OptionKey, OptionValue]:
        """Return option values without those that must not be."""
        found = dict(values)
        for index, name in enumerate(gone):
            try:
                key = key_to_compare(key_of(name, self.server.definitions))
            except ValueError as error:
                self.problem(str(error), "absent", "options", index)
                continue
            if key in self.named:
                self.problem(f"{name} is in options, too", "absent", "options", index)
            for one in [one for one in found if key_to_compare(one) == key]:
                del found[one]
        return found

    def options(
        self,
        old: OptionValues,
        listed: models.Values,
        path: tuple[object, ...],
        first: OptionValues | None = None,
        *,
        policy: bool = False,
    ) -> dict[OptionKey, OptionValue]:
        """Return the option values of one level; those of the level itself are in `named` then.

        Args:
            old: What the server has.
            listed: What the file says.
            path: Where it says that.
            first: What the server has that comes first, where this is not that one.
            policy: Whether it is about a policy.
        """
        definitions = self.server.definitions
        there = {key_to_compare(key): value for key, value in old.items()}
        found = {} if listed.only else dict(old)
        own = path == ("options",)
        named = dict(self.named) if own else {}
        for name, texts in listed.items.items():
            try:
                key = key_of(name, definitions)
                if policy and key.user_class:
                    raise ValueError("an option of a policy cannot be of a user class")
                before = there.get(key_to_compare(key))
                value = value_of(key, texts, before, definitions)
            except (TypeError, ValueError) as error:
                self.problem(str(error), *path, "list", name)
                continue
            other = named.setdefault(key_to_compare(key), name)
            if other != name:
                self.problem(f"given twice, first as {other}", *path, "list", name)
            found.pop(before.key if before is not None else key, None)
            found[value.key] = value
        if own:
            self.named = named
        self.stays(found, named, first, "option" if own else f"option of {path[2]}")
        return found

    def stays(
        self,
        found: Iterable[OptionKey],
        named: Iterable[tuple[str, str, int]],
        first: Iterable[OptionKey] | None,
        what: str,
    ) -> None:
        """Say how many options stay that neither the file names nor the server that comes first has."""
        more = {key_to_compare(key) for key in found} - {*named, *map(key_to_compare, first or ())}
        if more:
            self.left.append(counted(len(more), what))

    # Policies

    def policies(
        self,
        listed: models.Policies | None,
        gone: Sequence[str],
        old: HasPolicies,
        source: HasPolicies | None,
        whole: ScopeRange | None = None,
    ) -> tuple[tuple[Policy, ...], dict[str, OptionValues]]:
        """Return the policies and their option values.

        Args:
            listed: What the file says.
            gone: The names of those that must not be.
            old: What the server has.
            source: What the other server has, from which a policy takes what the file does not say; None for the one
                that comes first.
            whole: The range of the scope.
        """
        given = {} if listed is None else listed.items
        self.both("policies", gone, given)
        there = {upper_case(one.name): one for one in old.policies}
        found = {} if listed is not None and listed.only else dict(there)
        for name in gone:
            found.pop(upper_case(name), None)
        options: dict[str, OptionValues] = {upper_case(name): one for name, one in old.policy_options.items()}
        first = {} if source is None else {upper_case(one.name): one for one in source.policies}
        copied = {} if source is None else {upper_case(name): one for name, one in source.policy_options.items()}
        for name, said in given.items():
            key, at = upper_case(name), ("policies", "list", name)
            base = first.get(key, there.get(key))
            made = self.policy(name, said, base, at)
            if made is None:
                continue
            found[key] = made.replace(name=there[key].name if key in there else made.name)
            before = _over(options.get(key, EMPTY), copied.get(key, EMPTY))
            options[key] = before
            if said.options is not None:
                options[key] = self.options(before, said.options, (*at, "options"), copied.get(key), policy=True)
            elif key in first:
                self.stays(before, (), copied.get(key), f"option of {name}")
            self.ranges(key, said, found, whole, at)
            self.about_dns(found[key], options[key], at)
        if given and (more := found.keys() - first.keys() - {upper_case(name) for name in given}):
            self.left.append(counted(len(more), "policy"))
        names = list(found)
        wanted = iter([upper_case(name) for name in given if upper_case(name) in found])
        ours = {upper_case(name) for name in given}
        ordered = [found[next(wanted) if name in ours else name] for name in names]
        kept = {found[name].name: values for name, values in options.items() if name in found}
        return tuple([one.replace(order=place) for place, one in enumerate(ordered, 1)]), kept

    def policy(self, name: str, said: models.Policy, base: Policy | None, at: tuple[object, ...]) -> Policy | None:
        """Return a policy as the file says; None if that is not possible."""
        changes: dict[str, Any] = {}
        if said.when is not None:
            missing = len(self.problems)

            def make(one: Comparison, path: tuple[object, ...]) -> Any:
                try:
                    return one.condition(self.server.classes, self.server.name)
                except ValueError as error:
                    self.problem(str(error), *at, "when", *path)
                    return None

            tree = group_of(said.when, make)
            if len(self.problems) > missing:
                return None
            changes["conditions"], changes["expressions"] = flatten(tree)
        elif base is None:
            self.problem("when is missing", *at)
            return None
        if said.description is not None:
            changes["description"] = said.description or None
        if said.enabled is not None:
            changes["enabled"] = said.enabled
        if said.ranges is not None:
            changes["ranges"] = said.ranges
        if said.dns_suffix is not None:
            kept = () if base is None else other_properties(base)
            changes["properties"] = (*suffix_properties(said.dns_suffix or None), *kept)
        return Policy(name=name, **changes) if base is None else base.replace(**changes)

    def ranges(
        self,
        key: str,
        said: models.Policy,
        found: Mapping[str, Policy],
        whole: ScopeRange | None,
        at: tuple[object, ...],
    ) -> None:
        """Check the ranges that the file gives a policy."""
        others = [(one.name, span) for name, one in found.items() if name != key for span in one.ranges]
        for index, span in enumerate(said.ranges or ()):
            here = (*at, "ranges", index)
            shown = f"{span.start}-{span.end}"
            if whole is None:
                self.problem(f"{shown} cannot be: the scope has no range", *here)
            elif span.start not in whole or span.end not in whole:
                self.problem(f"{shown} is not in the scope's range {whole.start}-{whole.end}", *here)
            for name, other in [*others, *((found[key].name, one) for one in (said.ranges or ())[:index])]:
                if _overlap(span, other):
                    self.problem(f"{shown} overlaps {other.start}-{other.end} of policy {name}", *here)

    def about_dns(self, policy: Policy, options: OptionValues, at: tuple[object, ...]) -> None:
        """Check that a policy with a condition on the DNS name has nothing that does not go with it."""
        if not about_dns(policy):
            return
        more = [key for key in options if key.vendor_class or key.id not in DNS_OPTIONS]
        if policy.ranges:
            span = policy.ranges[0]
            text = f"cannot have a condition on the DNS name and the range {span.start}-{span.end}: write ranges: []"
            self.problem(text, *at)
        elif more:
            self.problem(f"cannot have a condition on the DNS name and option {option_name(more[0])}", *at)


def other_properties(policy: Policy) -> tuple[Property, ...]:
    """Return the values of a policy that a file has no key for."""
    return tuple([one for one in policy.properties if one.id != PropertyId.POLICY_DNS_SUFFIX])


def _over(old: OptionValues, new: OptionValues) -> OptionValues:
    """Return option values with others over them."""
    if not new:
        return old
    keys = {key_to_compare(key) for key in new}
    return {**{key: value for key, value in old.items() if key_to_compare(key) not in keys}, **new}


def _overlap(one: AddressRange, other: AddressRange) -> bool:
    return one.start <= other.end and other.start <= one.end


def _folded(name: object) -> object:
    return name if isinstance(name, IPv4Address) else upper_case(str(name))


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, which may have ``of`` and more behind it."""
    head, of, rest = noun.partition(" of ")
    if number != 1:
        head = f"{head[:-1]}ies" if head.endswith("y") else f"{head}s"
    return f"{number} {head}{of}{rest}"
