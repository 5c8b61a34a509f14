"""The whole configuration of a scope."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Any, Self

from .. import arguments
from ..enums import RangeType, ScopeState
from ..models import AddressRange, OptionKey, OptionValue, Policy, Reservation, Scope, ScopeRange
from ..models.addresses import to_address
from ..models.base import Model, fill, model
from ..models.convert import wrong_type
from ..models.names import upper_case
from ..models.standard_options import LEASE
from .frozen import EMPTY, FrozenDict
from .parts import DNS_SETTINGS, INFINITE, OptionValues, Unread
from .saved import from_dict, to_dict, to_powershell
from .typed import DnsSettings, changed_options

if TYPE_CHECKING:
    from ..models import OptionDefinition

__all__ = ["ScopeConfig", "by_key"]

ZERO = timedelta(0)


class _Cached(Model):
    """A place for what is compared, made on first use."""

    __slots__ = ("_compared",)
    _compared: tuple[Any, ...] | None


@model
class ScopeConfig(_Cached):
    """The whole configuration of a scope on one server, without its leases.

    Immutable; equal if a server with the one would behave as with the other. Not compared are the case of the names of
    policies, classes and the superscope, how exclusions that touch or overlap are divided, and ``quarantine``. Empty
    texts equal None. A configuration with parts that could not be read equals no other.

    Attributes:
        network: The scope's network. Its first address is the scope's id.
        name: Name for administrators, or None.
        comment: Description, or None.
        state: Whether the server leases addresses of the scope.
        range: The range that the server leases addresses from, or None.
        exclusions: Addresses that the server does not give out, as they are stored: they may overlap.
        reservations: The reservations by address. Whether one has options is in ``reservation_options``.
        options: The option values of the scope itself, the lease time (51) and the DNS settings (81) included.
        reservation_options: The option values of each reservation that has any.
        policies: The policies, in the order in which the server tries them.
        policy_options: The option values of each policy that has any, by the name of the policy.
        policies_enforced: Whether the policies apply at all.
        offer_delay: How long the server waits before it answers a client.
        superscope: The name of the superscope that the scope is in, or None.
        quarantine: Bit 0 turns on Network Access Protection, which servers from 2016 on do not have. Never written.
        unread: The parts that could not be read.
    """

    network: IPv4Network
    name: str | None
    comment: str | None
    state: ScopeState
    range: ScopeRange | None
    exclusions: tuple[AddressRange, ...]
    reservations: FrozenDict[IPv4Address, Reservation]
    options: FrozenDict[OptionKey, OptionValue]
    reservation_options: FrozenDict[IPv4Address, FrozenDict[OptionKey, OptionValue]]
    policies: tuple[Policy, ...]
    policy_options: FrozenDict[str, FrozenDict[OptionKey, OptionValue]]
    policies_enforced: bool
    offer_delay: timedelta
    superscope: str | None
    quarantine: int
    unread: tuple[Unread, ...]

    def __init__(
        self,
        *,
        network: IPv4Network | str,
        name: str | None = None,
        comment: str | None = None,
        state: ScopeState = ScopeState.ENABLED,
        range: ScopeRange | None = None,  # noqa: A002
        exclusions: Iterable[AddressRange] = (),
        reservations: Mapping[IPv4Address, Reservation] | Iterable[Reservation] = (),
        options: Mapping[OptionKey, OptionValue] | Iterable[OptionValue] = (),
        reservation_options: Mapping[Any, Mapping[OptionKey, OptionValue] | Iterable[OptionValue]] = EMPTY,
        policies: Iterable[Policy] = (),
        policy_options: Mapping[str, Mapping[OptionKey, OptionValue] | Iterable[OptionValue]] = EMPTY,
        policies_enforced: bool = True,
        offer_delay: timedelta = ZERO,
        superscope: str | None = None,
        quarantine: int = 0,
        unread: Iterable[Unread] = (),
    ) -> None:
        checked = arguments.network("network", network)
        reserved = _reservations(reservations)
        ordered = in_order(policies, checked.network_address)
        of_reservations = {
            to_address(address, "reservation_options"): by_key(values, "reservation_options")
            for address, values in reservation_options.items()
        }
        of_policies = options_by_policy(policy_options, ordered)
        if missing := [str(address) for address in of_reservations if address not in reserved]:
            raise ValueError(f"reservation_options must be of reservations; {', '.join(missing)} is not reserved")
        fill(
            self,
            (
                checked,
                name or None,
                comment or None,
                state,
                range,
                tuple(sorted(set(exclusions))),
                reserved,
                by_key(options, "options"),
                FrozenDict({address: values for address, values in of_reservations.items() if values}),
                ordered,
                of_policies,
                policies_enforced,
                offer_delay,
                superscope or None,
                quarantine,
                tuple(unread),
            ),
        )
        _set(self, "_compared", None)

    @classmethod
    def of_parts(cls, *values: Any) -> Self:
        """Make one of a value for each field, in the form that the constructor gives them; nothing is checked."""
        self = cls.__new__(cls)
        for name, value in zip(cls._names, values, strict=True):
            _set(self, name, value)
        _set(self, "_compared", None)
        return self

    @property
    def scope_id(self) -> IPv4Address:
        """The scope's network address, which identifies it on a server."""
        return self.network.network_address

    @property
    def enabled(self) -> bool:
        """Whether the server leases addresses of the scope."""
        return self.state in (ScopeState.ENABLED, ScopeState.ENABLED_SWITCHED)

    @property
    def lease_duration(self) -> timedelta | None:
        """How long leases last: option 51. `timedelta.max` is forever; None: the server decides, not the scope."""
        value = self.options.get(OptionKey("", "", LEASE))
        if value is None or len(value.values) != 1 or not isinstance(value.values[0], int):
            return None
        return timedelta.max if value.values[0] == INFINITE else timedelta(seconds=value.values[0])

    @property
    def dns(self) -> DnsSettings | None:
        """What the server registers in DNS: option 81. None: the server decides, not the scope."""
        value = self.options.get(OptionKey("", "", DNS_SETTINGS))
        if value is None or len(value.values) != 1 or not isinstance(value.values[0], int):
            return None
        return DnsSettings(value.values[0])

    def with_options(
        self, options: Mapping[Any, Any], *, definitions: Iterable["OptionDefinition"] | None = None
    ) -> "ScopeConfig":
        """Return a copy with other option values of the scope; values that are not named stay.

        Args:
            options: A value, or several, for each option. None removes the option. An option is its number, its name
                (``"dns-servers"``), a pair of a vendor class and a number, or an `OptionKey`. Addresses may be text;
                the lease time may be a `timedelta`.
            definitions: The definitions of the server, which tell the types; by default those that every Windows server
                has from the start.

        Raises:
            ValueError: An option is not defined, or a value does not fit its definition.
        """
        return self.replace(options=changed_options(self.options, options, definitions))

    @property
    def properties(self) -> Scope:
        """The properties of the scope as `Server.get_scope` returns them."""
        return Scope(
            scope_id=self.scope_id,
            subnet_mask=self.network.netmask,
            name=self.name,
            comment=self.comment,
            state=self.state,
            quarantine=self.quarantine,
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ScopeConfig):
            return NotImplemented
        if self is other:
            return True
        return not self.unread and not other.unread and compared(self) == compared(other)

    def __hash__(self) -> int:
        return hash(compared(self))

    def to_dict(self, *, powershell: bool = False) -> dict[str, Any]:
        """Return JSON-ready values in one canonical form, with ``"format": 1``; `from_dict` takes it.

        Args:
            powershell: Show what Get-DhcpServerv4Scope shows instead, which `from_dict` does not take.
        """
        return to_powershell(self) if powershell else to_dict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "ScopeConfig":
        """Make a configuration from what `to_dict` returned.

        Raises:
            ValueError: The format is newer than this version of dhcpfo, or a key or a value is not known.
        """
        return from_dict(cls, data)


_set = object.__setattr__


def by_key(values: Mapping[OptionKey, OptionValue] | Iterable[OptionValue], field: str = "options") -> OptionValues:
    """Return option values by their keys."""
    if isinstance(values, Mapping):
        values = values.values()
    values = tuple(values)
    for value in values:
        if not isinstance(value, OptionValue):
            raise wrong_type(field, value, "OptionValue")
    found = FrozenDict({value.key: value for value in values})
    if len(found) != len(values):
        raise ValueError(f"{field} must not have two values for one option")
    return found


def _reservations(values: Any) -> FrozenDict[IPv4Address, Reservation]:
    if isinstance(values, Mapping):
        values = values.values()
    values = tuple(values)
    for value in values:
        if not isinstance(value, Reservation):
            raise wrong_type("reservations", value, "Reservation")
    found = FrozenDict({value.address: value for value in values})
    if len(found) != len(values):
        raise ValueError("reservations must not have two for one address")
    return found


def options_by_policy(given: Mapping[str, Any], policies: tuple[Policy, ...]) -> FrozenDict[str, OptionValues]:
    """Return the option values of policies under the names of these policies; each value has the name, too."""
    names = {upper_case(policy.name or ""): policy.name for policy in policies}
    found: dict[str, OptionValues] = {}
    for name, values in given.items():
        known = names.get(upper_case(name))
        if known is None:
            raise ValueError(f"policy_options must be of policies; policy {name!r} is not one of them")
        own = by_key(values, "policy_options")
        if own:
            found[known] = FrozenDict({key: value.replace(policy=known) for key, value in own.items()})
    return FrozenDict(found)


def in_order(policies: Iterable[Policy], scope: IPv4Address | None) -> tuple[Policy, ...]:
    """Return the policies as a configuration keeps them; their places ascend."""
    kept = []
    last = 0
    for policy in policies:
        if not isinstance(policy, Policy):
            raise wrong_type("policies", policy, "Policy")
        last = max(policy.order, last + 1)
        changes: dict[str, Any] = {}
        if policy.scope != scope:
            changes["scope"] = scope
        if policy.order != last:
            changes["order"] = last
        kept.append(policy.replace(**changes) if changes else policy)
    if len({upper_case(policy.name or "") for policy in kept}) != len(kept):
        raise ValueError("policies must not have two with one name")
    return tuple(kept)


# Comparing


def compared(config: ScopeConfig) -> tuple[Any, ...]:
    """Return what is compared of a configuration, kept for the next time."""
    found = config._compared
    if found is None:
        found = _to_compare(config)
        _set(config, "_compared", found)
    return found


def _to_compare(config: ScopeConfig) -> tuple[Any, ...]:
    return (
        config.network,
        config.name or "",
        config.comment or "",
        config.state,
        range_to_compare(config.range),
        merged(config.exclusions),
        tuple([reservation_to_compare(entry) for entry in config.reservations.values()]),
        options_to_compare(config.options),
        tuple([(int(key), options_to_compare(values)) for key, values in config.reservation_options.items()]),
        tuple([policy_to_compare(policy) for policy in config.policies]),
        frozenset([(upper_case(name), options_to_compare(values)) for name, values in config.policy_options.items()]),
        config.policies_enforced,
        config.offer_delay,
        upper_case(config.superscope or ""),
    )


def range_to_compare(value: ScopeRange | None) -> tuple[int, ...] | None:
    """Return what is compared of a range: how many BOOTP clients it takes counts only if it takes both kinds."""
    if value is None:
        return None
    limit = value.max_bootp if value.type == RangeType.BOTH else INFINITE
    return int(value.start), int(value.end), value.type, limit


def reservation_to_compare(entry: Reservation) -> tuple[Any, ...]:
    """Return what is compared of a reservation."""
    return int(entry.address), entry.client_id, entry.type, entry.name or "", entry.description or ""


def key_to_compare(key: OptionKey) -> tuple[str, str, int]:
    """Return an option's key in the form in which keys are compared."""
    return upper_case(key[0]), upper_case(key[1]), key[2]


def options_to_compare(values: OptionValues) -> tuple[Any, ...]:
    """Return what is compared of option values."""
    if not values:
        return ()
    found = [(key_to_compare(key), value.type, value.values) for key, value in values.items()]
    return tuple(sorted(found, key=_first))


def _first(item: tuple[Any, ...]) -> Any:
    return item[0]


def policy_to_compare(policy: Policy) -> tuple[Any, ...]:
    """Return what is compared of a policy: not its place, which other policies decide too."""
    tree = policy.condition
    ranges = tuple(sorted([(int(span.start), int(span.end)) for span in policy.ranges]))
    more = tuple([entry for entry in policy.properties if entry.value not in (None, "")])
    return upper_case(policy.name or ""), policy.description or "", policy.enabled, tree, ranges, more


def merged(spans: Iterable[AddressRange]) -> tuple[tuple[int, int], ...]:
    """Return the addresses of exclusions as numbers; those that touch or overlap are one."""
    found: list[tuple[int, int]] = []
    for first, last in sorted([(int(span.start), int(span.end)) for span in spans]):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return tuple(found)
