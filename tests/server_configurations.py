"""Whole configurations of a server: a Hypothesis strategy for them, how they are written, and how they read back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

from hypothesis import strategies as st

from dhcpfo import Server
from dhcpfo.enums import ClientType, Comparator, FilterList, LogicOperator, OptionType, RangeType, ScopeState
from dhcpfo.models import (
    AddressRange,
    DhcpClass,
    Filter,
    FilterLists,
    FilterPattern,
    OptionDefinition,
    OptionElement,
    OptionValue,
    Policy,
    PolicyAttribute,
    PolicyCondition,
    PolicyGroup,
    Reservation,
    Scope,
    ScopeRange,
    Superscope,
)
from dhcpfo.simulator.switches import upper_case

__all__ = ["Configuration", "configurations", "expected", "read", "write"]

SCOPES = [IPv4Address("10.0.0.0"), IPv4Address("10.0.1.0"), IPv4Address("172.16.0.0")]
STANDARD = {3: OptionType.IP_ADDRESS, 4: OptionType.IP_ADDRESS, 15: OptionType.STRING, 26: OptionType.WORD}
STANDARD |= {43: OptionType.BINARY, 51: OptionType.DWORD, 66: OptionType.STRING, 81: OptionType.DWORD}
LEASE, DNS = 51, 81


@dataclass
class PolicyPart:
    """A policy, with the place where it is inserted, and its option values."""

    policy: Policy
    place: int
    options: list[OptionValue]


@dataclass
class ScopePart:
    """A scope with everything in it."""

    scope: Scope
    delay: timedelta
    superscope: str | None
    range: ScopeRange | None
    exclusions: list[AddressRange]
    reservations: list[tuple[Reservation, list[OptionValue]]]
    options: list[OptionValue]
    policies: list[PolicyPart]
    enforced: bool


@dataclass
class Configuration:
    """What is written to a server."""

    classes: list[DhcpClass]
    definitions: list[OptionDefinition]
    options: list[OptionValue]
    policies: list[PolicyPart]
    enforced: bool
    filters: list[Filter]
    lists: FilterLists
    scopes: list[ScopePart]


texts = st.text(st.characters(min_codepoint=1, exclude_categories=["Cs"]), min_size=1, max_size=9)
optional_texts = st.none() | texts
dwords = st.integers(0, 0xFFFFFFFF)
addresses = st.integers(0, 0xFFFFFFFF).map(IPv4Address)
octets = st.binary(max_size=9)

VALUES: dict[OptionType, st.SearchStrategy[Any]] = {
    OptionType.BYTE: st.integers(0, 0xFF),
    OptionType.WORD: st.integers(0, 0xFFFF),
    OptionType.DWORD: dwords,
    OptionType.DWORD_DWORD: st.integers(0, 0xFFFFFFFF_FFFFFFFF),
    OptionType.IP_ADDRESS: addresses,
    OptionType.STRING: st.just("") | texts,
    OptionType.BINARY: octets,
    OptionType.ENCAPSULATED: octets,
    OptionType.IPV6_ADDRESS: st.ip_addresses(v=6).map(str),
}


def names(most: int) -> st.SearchStrategy[list[str]]:
    """Names that a server tells apart."""
    return st.lists(texts, max_size=most, unique_by=upper_case)


@st.composite
def data(draw: st.DrawFn, kind: OptionType) -> tuple[Any, ...]:
    """The values of an option, now and then with elements of other types, which servers do not refuse."""
    values = draw(st.lists(VALUES[kind], min_size=1, max_size=3))
    for other in draw(st.lists(st.sampled_from(sorted(set(VALUES) - {kind})), max_size=1)):
        values.append(OptionElement(other, draw(VALUES[other])))
    return tuple(values)


@st.composite
def option_values(draw: st.DrawFn, defined: dict[tuple[int, str | None, str | None], OptionType]) -> list[OptionValue]:
    """Values of options that are defined, for their classes."""
    chosen = draw(st.lists(st.sampled_from(sorted(defined, key=repr)), max_size=4, unique=True))
    return [
        OptionValue(number, defined[key], draw(data(defined[key])), *key[1:]) for key in chosen for number in key[:1]
    ]


COMPARATORS = {
    True: (Comparator.EQUAL, Comparator.BEGINS_WITH, Comparator.ENDS_WITH),
    False: (Comparator.NOT_EQUAL, Comparator.NOT_BEGINS_WITH, Comparator.NOT_ENDS_WITH),
}
DNS_NAMES = (PolicyAttribute.FQDN, PolicyAttribute.FQDN_SINGLE_LABEL)


@st.composite
def one_attribute(draw: st.DrawFn, attribute: PolicyAttribute) -> tuple[PolicyCondition, ...]:
    """Conditions that servers accept side by side: on one attribute, with comparators of one family."""
    family = COMPARATORS[draw(st.booleans())]
    most = 1 if attribute is PolicyAttribute.RELAY_AGENT else 3
    made = []
    for comparator in draw(st.lists(st.sampled_from(family), min_size=1, max_size=most)):
        value = st.binary(min_size=1, max_size=5)
        if attribute is PolicyAttribute.MAC_ADDRESS and comparator in (Comparator.EQUAL, Comparator.NOT_EQUAL):
            value = st.binary(min_size=6, max_size=6)
        elif attribute is PolicyAttribute.FQDN_SINGLE_LABEL:
            value = st.just(b"")
        made.append(PolicyCondition.of(attribute, comparator, draw(value)))
    return tuple(made)


@st.composite
def trees(draw: st.DrawFn, attributes: list[PolicyAttribute]) -> PolicyGroup:
    """A tree of conditions that servers accept."""
    operator = draw(st.sampled_from(list(LogicOperator)))
    groups = [draw(one_attribute(one)) for one in draw(st.lists(st.sampled_from(attributes), min_size=1, max_size=3))]
    if len(groups) == 1:
        return PolicyGroup(operator, groups[0])
    return PolicyGroup(operator, tuple(PolicyGroup(LogicOperator.AND, group) for group in groups))


@st.composite
def policies(draw: st.DrawFn, scope: IPv4Address | None, spans: list[AddressRange]) -> list[PolicyPart]:
    """Policies of a server or a scope; the spans are free for their ranges."""
    parts: list[PolicyPart] = []
    for name in draw(names(3)):
        taken = draw(st.lists(st.sampled_from(spans), max_size=2, unique=True)) if spans else []
        spans = [span for span in spans if span not in taken]
        about_names = not taken and draw(st.booleans())
        attributes = [one for one in PolicyAttribute if about_names or one not in DNS_NAMES]
        tree = draw(trees(attributes))
        policy = Policy.build(
            name,
            tree,
            scope=scope,
            ranges=taken,
            description=draw(optional_texts),
            enabled=draw(st.booleans()),
            dns_suffix=draw(optional_texts),
        )
        numbers = [LEASE, DNS] if about_names else list(STANDARD)
        options = draw(option_values({(number, None, None): STANDARD[number] for number in numbers}))
        place = draw(st.integers(0, len(parts) + 1))
        parts.append(PolicyPart(policy, place, [value.replace(policy=name) for value in options]))
    return parts


@st.composite
def scopes(draw: st.DrawFn, scope_id: IPv4Address, defined: dict[Any, OptionType]) -> ScopePart:
    """A scope with everything in it."""
    mask = IPv4Address("255.255.255.0")
    properties = Scope(
        scope_id=scope_id,
        subnet_mask=mask,
        name=draw(optional_texts),
        comment=draw(optional_texts),
        state=draw(st.sampled_from(list(ScopeState))),
    )
    hosts = sorted(draw(st.sets(st.integers(1, 254), min_size=2, max_size=12)))
    kind = draw(st.sampled_from([RangeType.DHCP, RangeType.BOTH, RangeType.BOOTP]))
    span: ScopeRange | None = ScopeRange(
        start=scope_id + hosts[0],
        end=scope_id + hosts[-1],
        type=kind,
        max_bootp=draw(dwords) if kind is RangeType.BOTH else 0xFFFFFFFF,
    )
    pairs = [AddressRange(scope_id + a, scope_id + b) for a, b in zip(hosts[::2], hosts[1::2], strict=False)]
    clients = draw(st.lists(st.binary(min_size=2, max_size=9), max_size=3, unique=True))
    reserved = zip(draw(st.permutations(hosts)), clients, strict=False)
    reservations = [
        (
            Reservation(
                address=scope_id + host,
                client_id=client,
                name=draw(optional_texts),
                description=draw(optional_texts),
                type=draw(st.sampled_from([ClientType.DHCP, ClientType.BOOTP, ClientType.BOTH])),
            ),
            draw(option_values(defined)),
        )
        for host, client in reserved
    ]
    of_policies = draw(policies(scope_id, pairs))
    if not reservations and not any(part.policy.ranges for part in of_policies) and draw(st.booleans()):
        span = None
    offsets = st.tuples(st.integers(0, 255), st.integers(0, 255)).map(sorted)
    excluded = draw(
        st.lists(offsets.map(lambda ends: AddressRange(scope_id + ends[0], scope_id + ends[1])), max_size=4)
    )
    return ScopePart(
        scope=properties,
        delay=timedelta(milliseconds=draw(st.integers(0, 1000))),
        superscope=draw(st.none() | st.sampled_from(["East", "EAST", "west", "ß"])),
        range=span,
        exclusions=excluded,
        reservations=reservations,
        options=draw(option_values(defined)),
        policies=of_policies,
        enforced=draw(st.booleans()),
    )


@st.composite
def filters(draw: st.DrawFn) -> list[Filter]:
    """Link-layer filters with different patterns."""
    exact = st.binary(min_size=6, max_size=6).map(lambda octets: FilterPattern(octets=octets))
    wildcard = st.binary(min_size=1, max_size=5).map(lambda octets: FilterPattern(octets=octets, wildcard=True))
    made = []
    for pattern in draw(st.lists(exact | wildcard, max_size=4, unique_by=lambda one: (one.octets, one.wildcard))):
        filter_list = draw(st.sampled_from(list(FilterList)))
        made.append(Filter(pattern=pattern, filter_list=filter_list, comment=draw(optional_texts)))
    if draw(st.booleans()):
        exempt = FilterPattern(wildcard=True, hardware_type=draw(st.integers(2, 255)))
        made.append(Filter(pattern=exempt, filter_list=FilterList.ALLOW, comment=draw(optional_texts)))
    return made


@st.composite
def configurations(draw: st.DrawFn) -> Configuration:
    """Any configuration that can be written to an empty server."""
    codes = iter(draw(st.lists(st.binary(min_size=1, max_size=9), min_size=4, max_size=4, unique=True)))
    classes = [
        DhcpClass(name=name, data=b"=" + next(codes), is_vendor=draw(st.booleans()), description=draw(optional_texts))
        for name in draw(names(4))
    ]
    vendor = [None, *(one.name for one in classes if one.is_vendor)]
    user = [None, *(one.name for one in classes if not one.is_vendor)]
    numbers = draw(st.lists(st.integers(130, 250), max_size=3, unique=True))
    definitions = []
    for number in numbers:
        kind = draw(st.sampled_from(sorted(VALUES)))
        definitions.append(
            OptionDefinition(
                id=number,
                name=draw(texts),
                type=kind,
                default=draw(data(kind)),
                multivalued=draw(st.booleans()),
                description=draw(optional_texts),
                vendor_class=draw(st.sampled_from(vendor)),
                user_class=draw(st.sampled_from(user)),
            )
        )
    defined: dict[Any, OptionType] = {(number, None, None): kind for number, kind in STANDARD.items()}
    defined |= {(one.id, one.vendor_class, one.user_class): one.type for one in definitions}
    return Configuration(
        classes=classes,
        definitions=definitions,
        options=draw(option_values(defined)),
        policies=draw(policies(None, [])),
        enforced=draw(st.booleans()),
        filters=draw(filters()),
        lists=draw(st.builds(FilterLists, allow=st.booleans(), deny=st.booleans())),
        scopes=[draw(scopes(one, defined)) for one in SCOPES[: draw(st.integers(0, 3))]],
    )


def write(server: Server, given: Configuration) -> None:
    """Write a configuration to a server, in an order that it accepts."""
    for dhcp_class in given.classes:
        server.create_class(dhcp_class)
    for definition in given.definitions:
        server.create_option_definition(definition)
    server.set_option_values(given.options)
    _write_policies(server, given.policies, None)
    server.set_policy_enforcement(enabled=given.enforced)
    for entry in given.filters:
        server.create_filter(entry)
    server.set_filter_lists(allow=given.lists.allow, deny=given.lists.deny)
    for part in given.scopes:
        scope = part.scope.scope_id
        server.create_scope(
            part.scope.network, name=part.scope.name, comment=part.scope.comment, state=part.scope.state
        )
        server.set_scope_delay(scope, delay=part.delay)
        server.set_superscope(scope, name=part.superscope)
        if part.range is not None:
            server.add_range(
                scope, part.range.start, part.range.end, type=part.range.type, max_bootp=part.range.max_bootp
            )
        for span in part.exclusions:
            server.add_exclusion(scope, span.start, span.end)
        for one, options in part.reservations:
            server.add_reservation(
                scope, one.address, one.client_id, type=one.type, name=one.name, description=one.description
            )
            server.set_option_values(options, scope=scope, reservation=one.address)
        server.set_option_values(part.options, scope=scope)
        _write_policies(server, part.policies, scope)
        server.set_policy_enforcement(enabled=part.enforced, scope=scope)


def _write_policies(server: Server, parts: list[PolicyPart], scope: IPv4Address | None) -> None:
    for part in parts:
        server.create_policy(part.policy.replace(order=part.place))
        server.set_option_values(part.options, scope=scope)


Shown = dict[str, Any]
"""Part of a configuration as it is compared."""


def read(server: Server) -> Shown:
    """Read everything from a server."""
    return {
        "classes": _by(server.classes(), lambda one: one.name),
        "definitions": _by(server.option_definitions(), lambda one: one.key),
        "filters": {one: server.filters(filter_list=one) for one in FilterList},
        "lists": server.get_filter_lists(),
        "superscopes": server.superscopes(),
        "server": _read_level(server, None) | {"options": _by(server.option_values(), lambda one: one.key)},
        "scopes": {scope: _read_scope(server, scope) for scope in server.scopes()},
    }


def _read_scope(server: Server, scope: IPv4Address) -> Shown:
    found = server.reservations(scope)
    return _read_level(server, scope) | {
        "scope": server.get_scope(scope).replace(primary_host=Scope(scope_id=scope, subnet_mask=scope).primary_host),
        "delay": server.get_scope_delay(scope),
        "ranges": server.ranges(scope),
        "exclusions": server.exclusions(scope),
        "reservations": found,
        "reserved": {
            one.address: _by(server.option_values(scope=scope, reservation=one.address), lambda value: value.key)
            for one in found
        },
        "options": _by(server.option_values(scope=scope), lambda one: one.key),
    }


def _read_level(server: Server, scope: IPv4Address | None) -> Shown:
    return {
        "policies": server.policies(scope=scope),
        "policy options": _by(server.policy_option_values(scope=scope), lambda one: (one.policy, one.key)),
        "enforced": server.get_policy_enforcement(scope=scope),
    }


def expected(before: Shown, given: Configuration) -> Shown:
    """Return what `read` returns of a server that showed ``before``, after `write`."""
    return {
        "classes": before["classes"] | _by(given.classes, lambda one: one.name),
        "definitions": before["definitions"] | _by(given.definitions, lambda one: one.key),
        "filters": {
            one: sorted((entry for entry in given.filters if entry.filter_list == one), key=_pattern)
            for one in FilterList
        },
        "lists": given.lists,
        "superscopes": _superscopes(given.scopes),
        "server": _level(given.policies, given.enforced) | {"options": _by(given.options, lambda one: one.key)},
        "scopes": {part.scope.scope_id: _scope(part) for part in given.scopes},
    }


def _scope(part: ScopePart) -> Shown:
    reserved = sorted(part.reservations, key=lambda one: one[0].address)
    return _level(part.policies, part.enforced) | {
        "scope": part.scope,
        "delay": part.delay,
        "ranges": [] if part.range is None else [part.range],
        "exclusions": part.exclusions,
        "reservations": [one.replace(has_options=bool(options)) for one, options in reserved],
        "reserved": {one.address: _by(options, lambda value: value.key) for one, options in reserved},
        "options": _by(part.options, lambda one: one.key),
    }


def _level(parts: list[PolicyPart], enforced: bool) -> Shown:
    ordered: list[Policy] = []
    for part in parts:
        ordered.insert(part.place - 1 if part.place else len(ordered), part.policy)
    values = [value for part in parts for value in part.options]
    return {
        "policies": [policy.replace(order=number) for number, policy in enumerate(ordered, 1)],
        "policy options": _by(values, lambda one: (one.policy, one.key)),
        "enforced": enforced,
    }


def _superscopes(parts: list[ScopePart]) -> list[Superscope]:
    groups: dict[str, list[ScopePart]] = {}
    for part in parts:
        if part.superscope is not None:
            groups.setdefault(upper_case(part.superscope), []).append(part)
    return [
        Superscope(name=group[0].superscope or "", scopes=[part.scope.scope_id for part in group])
        for group in groups.values()
    ]


def _pattern(entry: Filter) -> tuple[int, bytes, bool]:
    return entry.pattern.hardware_type, entry.pattern.octets, entry.pattern.wildcard


def _by(items: list[Any], key: Callable[[Any], Any]) -> dict[Any, Any]:
    found = {key(item): item for item in items}
    assert len(found) == len(items)
    return found
