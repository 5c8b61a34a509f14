"""What a scope is to be: what a server has, with what the file says of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

from ...enums import ClientType, RangeType, ScopeState
from ...limits import MAX_DWORD
from ...models import AddressRange, OptionKey, OptionValue, Policy, Reservation, ScopeRange
from ...models.names import upper_case
from ...models.standard_options import LEASE
from ...scope import ScopeConfig
from ...scope.config import merged
from ...scope.parts import INFINITE, without
from .building import Builder, Server, counted
from .models import AbsentElements
from .options import value_of
from .problems import FileError
from .values import span_text
from .wanted import Wanted, WantedScope

__all__ = ["RANGES", "Contents", "wanted_contents"]

RANGES = {"dhcp": RangeType.DHCP, "bootp": RangeType.BOOTP, "both": RangeType.BOTH}
FOR_BOOTP = (RangeType.BOOTP, RangeType.BOTH)
KINDS = {"dhcp": ClientType.DHCP, "bootp": ClientType.BOOTP, "both": ClientType.BOTH}


@dataclass(frozen=True, slots=True)
class Contents:
    """The contents of a scope after a plan.

    Attributes:
        config: The whole configuration.
        left: What the file does not name, and stays.
    """

    config: ScopeConfig
    left: tuple[str, ...]


def wanted_contents(
    pair: Wanted,
    scope: WantedScope,
    old: ScopeConfig | None,
    source: ScopeConfig | None,
    server: Server,
    *,
    in_failover: bool = False,
) -> Contents:
    """Return what a scope is to be on a server.

    Args:
        pair: The pair, for the places of errors.
        scope: What the file says of the scope.
        old: What the server has; None if it does not have the scope.
        source: What the server has from which the scope is copied; None for that server itself.
        server: The server.
        in_failover: Whether it has the scope in a relationship, so that the range cannot become one for BOOTP.

    Raises:
        FileError: Something in the file does not fit the server.
    """
    return _Builder(pair, scope, old, source, server, in_failover).build()


class _Builder(Builder):
    def __init__(
        self,
        pair: Wanted,
        scope: WantedScope,
        old: ScopeConfig | None,
        source: ScopeConfig | None,
        server: Server,
        in_failover: bool,
    ) -> None:
        super().__init__(pair, scope.path, server)
        self.in_failover = in_failover
        self.file = scope.contents
        self.gone = scope.contents.absent or AbsentElements()
        self.source = source
        network = scope.id.network
        if old is None:
            if network is None:
                raise pair.error(
                    f"{server.name} does not have the scope: write it with its mask to create it", *scope.path
                )
            old = ScopeConfig(network=network)
        elif network is not None and network != old.network:
            raise pair.error(f"the mask cannot be changed: {server.name} has {old.network}", *scope.path)
        self.old = old

    def build(self) -> Contents:
        file, old = self.file, self.old
        changes: dict[str, Any] = {}
        for name in ("name", "comment", "superscope"):
            if getattr(file, name) is not None:
                changes[name] = getattr(file, name) or None
        if file.enabled is not None and file.enabled != old.enabled:
            changes["state"] = ScopeState.ENABLED if file.enabled else ScopeState.DISABLED
        whole = self.range()
        if whole != old.range:
            changes["range"] = whole
        if file.delay is not None:
            changes["offer_delay"] = file.delay
        changes["exclusions"] = self.exclusions()
        reservations, of_reservations = self.reservations()
        changes["reservations"], changes["reservation_options"] = reservations, of_reservations
        if self.in_failover and whole is not None and whole.type in FOR_BOOTP:
            self.check_reservations(reservations, whole)
        changes["options"] = self.own_options()
        if file.policies is not None or self.gone.policies:
            made = self.policies(file.policies, self.gone.policies, old, self.source, whole)
            changes["policies"], changes["policy_options"] = made
        if file.policies_enforced is not None:
            changes["policies_enforced"] = file.policies_enforced
        if file.range is not None:
            self.check_policies(changes.get("policies", old.policies), file.range)
        if self.problems:
            raise FileError(self.problems)
        for name in ("exclusions", "reservations", "reservation_options", "options"):
            if changes[name] == getattr(old, name):
                del changes[name]
        try:
            return Contents(old.replace(**changes) if changes else old, tuple(self.left))
        except (TypeError, ValueError) as error:
            raise self.pair.error(str(error), *self.at) from None

    def range(self) -> ScopeRange | None:
        """Return the range; what the file does not say of it stays."""
        file, network, old = self.file, self.old.network, self.old.range
        span, found = file.range, old
        if span is not None:
            if span.start not in network or span.end not in network:
                self.problem(f"{span.start}-{span.end} is not in {network}", "range")
            ends: dict[str, Any] = {"start": span.start, "end": span.end}
            found = ScopeRange(**ends) if old is None else old.replace(**ends)
        if found is None:
            if file.range_type is not None or file.max_bootp is not None:
                key = "range-type" if file.range_type is not None else "max-bootp"
                self.problem("cannot be: the scope has no range", key)
            return None
        kind = found.type if file.range_type is None else RANGES[file.range_type]
        if kind != found.type and {kind, found.type} != {RangeType.DHCP, RangeType.UNSPECIFIED}:
            found = found.replace(type=kind, max_bootp=MAX_DWORD)
        if file.max_bootp is not None:
            if found.type != RangeType.BOTH:
                self.problem("is for range-type both", "max-bootp")
            found = found.replace(max_bootp=file.max_bootp)
        serves = None if old is None else (old.type, old.max_bootp)
        if self.in_failover and found.type in FOR_BOOTP:
            if (found.type, found.max_bootp) != serves:
                key = "range-type" if file.range_type is not None else "max-bootp"
                self.problem(f"{self.server.name} has the scope in failover, which cannot become one for BOOTP", key)
            elif old is not None and (found.start, found.end) != (old.start, old.end):
                self.problem("cannot be changed: the range is for BOOTP, too, and the scope in failover", "range")
        return found

    def check_policies(self, policies: tuple[Policy, ...], whole: AddressRange) -> None:
        """Check that the range has those of the policies that the file does not name."""
        named = () if self.file.policies is None else {*map(upper_case, self.file.policies.items)}
        for policy in policies if len(self.problems) == 0 else ():
            outside = [one for one in policy.ranges if one.start < whole.start or one.end > whole.end]
            if outside and upper_case(policy.name) not in named:
                self.problem(f"does not have {outside[0].start}-{outside[0].end} of policy {policy.name}", "range")

    def exclusions(self) -> tuple[AddressRange, ...]:
        """Return the exclusions: those of the server and those of the file, or the latter alone."""
        listed, old = self.file.exclusions, self.old.exclusions
        given = () if listed is None else listed.items
        for index, span in enumerate(given):
            if span.start not in self.old.network or span.end not in self.old.network:
                self.problem(f"{span.start}-{span.end} is not in {self.old.network}", "exclusions", "list", index)
        found = old
        if listed is not None and listed.only:
            found = old if merged(old) == merged(given) else tuple(given)
        elif listed is not None:
            lacking: list[AddressRange] = []
            for span in given:
                if list(without(_numbers(span), merged((*old, *lacking)))):
                    lacking.append(span)
            found = (*old, *lacking)
            own = merged(given)
            if self.source is not None:
                own = merged((*given, *self.source.exclusions))
            more = [span for span in old if list(without(_numbers(span), own))]
            if more and given:
                self.left.append(counted(len(more), "exclusion"))
        for index, one in enumerate(self.gone.exclusions):
            if any(one.start <= span.end and span.start <= one.end for span in given):
                self.problem(f"{span_text(one)} is in exclusions, too", "absent", "exclusions", index)
        gone = merged(self.gone.exclusions)
        rest = tuple(without(merged(found), gone))
        if rest != merged(found):
            return tuple(AddressRange(IPv4Address(first), IPv4Address(last)) for first, last in rest)
        return found

    def reservations(
        self,
    ) -> tuple[dict[IPv4Address, Reservation], dict[IPv4Address, Mapping[OptionKey, OptionValue]]]:
        """Return the reservations and their options. A client that the file gives another address moves there."""
        listed, old = self.file.reservations, self.old.reservations
        found = {} if listed is not None and listed.only else dict(old)
        for address in self.gone.reservations:
            found.pop(address, None)
        options: dict[IPv4Address, Mapping[OptionKey, OptionValue]] = {
            address: values for address, values in self.old.reservation_options.items() if address in found
        }
        given = {} if listed is None else listed.items
        self.both("reservations", self.gone.reservations, given)
        for address, wanted in given.items():
            at = ("reservations", "list", str(address))
            there = old.get(address)
            base = there if there is not None or self.source is None else self.source.reservations.get(address)
            client = wanted.client or (base.client_id if base is not None else None)
            if client is None:
                self.problem("client is missing", *at)
                continue
            if address not in self.old.network:
                self.problem(f"{address} is not in {self.old.network}", *at)
                continue
            changes: dict[str, Any] = {
                name: getattr(wanted, name) or None
                for name in ("name", "description")
                if getattr(wanted, name) is not None
            }
            if wanted.kind is not None:
                changes["type"] = KINDS[wanted.kind]
            if there is None or there.client_id != client:
                options.pop(address, None)
                found[address] = Reservation(address=address, client_id=client, **changes)
            else:
                found[address] = there.replace(**changes)
            for other in [one for one, entry in found.items() if entry.client_id == client and one != address]:
                del found[other]
                options.pop(other, None)
            if wanted.options is not None:
                before: Mapping[OptionKey, OptionValue] = self.old.reservation_options.get(address, {})
                first = None if self.source is None else self.source.reservation_options.get(address)
                options[address] = self.options(before, wanted.options, (*at, "options"), first)
        there_first = set() if self.source is None else self.source.reservations.keys()
        if given and (more := found.keys() - given.keys() - there_first):
            self.left.append(counted(len(more), "reservation"))
        return found, {address: values for address, values in options.items() if address in found}

    def check_reservations(self, reservations: Mapping[IPv4Address, Reservation], whole: ScopeRange) -> None:
        """Check that the range has the new reservations: others need a larger one for a moment."""
        for address, entry in reservations.items():
            there = self.old.reservations.get(address)
            is_new = there is None or (there.client_id, there.type) != (entry.client_id, entry.type)
            if is_new and address not in whole:
                text = (
                    f"is not in the range, which is for BOOTP, too, and so cannot change while {self.server.name} has "
                )
                self.problem(f"{text}the scope in failover", "reservations", "list", str(address))

    def own_options(self) -> Mapping[OptionKey, OptionValue]:
        """Return the option values of the scope; ``lease`` is one of them."""
        values: Mapping[OptionKey, OptionValue] = self.old.options
        if self.file.lease is not None:
            self.named = {("", "", LEASE): "lease"}
        if self.file.options is not None:
            first = None if self.source is None else self.source.options
            values = self.options(values, self.file.options, ("options",), first)
        found = dict(values)
        lease = OptionKey("", "", LEASE)
        if self.file.lease is not None:
            endless = self.file.lease == timedelta.max
            seconds = INFINITE if endless else self.file.lease // timedelta(seconds=1)
            try:
                found[lease] = value_of(lease, (str(seconds),), self.old.options.get(lease), self.server.definitions)
            except ValueError as error:
                self.problem(str(error), "lease")
        elif self.file.options is not None and self.file.options.only and lease in self.old.options:
            found[lease] = self.old.options[lease]  # it has its own key in the file
        return self.without(found, self.gone.options)


def _numbers(span: AddressRange) -> tuple[tuple[int, int], ...]:
    return ((int(span.start), int(span.end)),)
