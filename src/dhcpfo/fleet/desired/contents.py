"""What a scope is to be: what a server has, with what the file says of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

from ...enums import ClientType, ScopeState
from ...limits import MAX_DELAY
from ...models import AddressRange, OptionDefinition, OptionKey, OptionValue, Reservation, ScopeRange
from ...models.standard_options import LEASE
from ...scope import ScopeConfig
from ...scope.config import key_to_compare, merged
from ...scope.parts import INFINITE, without
from .models import Values
from .options import key_of, value_of
from .problems import FileError, Problem
from .wanted import Wanted, WantedScope

__all__ = ["Contents", "wanted_contents"]

KINDS = {"dhcp": ClientType.DHCP, "bootp": ClientType.BOOTP, "both": ClientType.BOTH}
Definitions = tuple[OptionDefinition, ...]


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
    pair: Wanted, scope: WantedScope, old: ScopeConfig | None, definitions: Definitions, server: str
) -> Contents:
    """Return what a scope is to be on a server.

    Args:
        pair: The pair, for the places of errors.
        scope: What the file says of the scope.
        old: What the server has; None if it does not have the scope.
        definitions: The option definitions of the server.
        server: Its name.

    Raises:
        FileError: Something in the file does not fit the server.
    """
    return _Builder(pair, scope, old, definitions, server).build()


class _Builder:
    def __init__(
        self, pair: Wanted, scope: WantedScope, old: ScopeConfig | None, definitions: Definitions, server: str
    ) -> None:
        self.pair = pair
        self.scope = scope
        self.file = scope.contents
        self.exists = old is not None
        self.definitions = definitions
        self.server = server
        self.problems: list[Problem] = []
        self.left: list[str] = []
        network = scope.id.network
        if old is None:
            if network is None:
                raise pair.error(f"{server} does not have the scope: write it with its mask to create it", *scope.path)
            old = ScopeConfig(network=network)
        elif network is not None and network != old.network:
            raise pair.error(f"the mask cannot be changed: {server} has {old.network}", *scope.path)
        self.old = old

    def problem(self, text: str, *path: object) -> None:
        """Add a problem of the file."""
        self.problems += self.pair.error(text, *self.scope.path, *path).problems

    def build(self) -> Contents:
        file, old = self.file, self.old
        changes: dict[str, Any] = {}
        for name in ("name", "comment", "superscope"):
            if getattr(file, name) is not None:
                changes[name] = getattr(file, name) or None
        if file.enabled is not None and file.enabled != old.enabled:
            changes["state"] = ScopeState.ENABLED if file.enabled else ScopeState.DISABLED
        if file.range is not None:
            changes["range"] = self.range(file.range)
        if file.delay is not None:
            if file.delay > MAX_DELAY:
                self.problem(f"must be {MAX_DELAY.total_seconds():.0f}s at most", "delay")
            changes["offer_delay"] = file.delay
        changes["exclusions"] = self.exclusions()
        reservations, of_reservations = self.reservations()
        changes["reservations"], changes["reservation_options"] = reservations, of_reservations
        changes["options"] = self.own_options()
        if self.problems:
            raise FileError(self.problems)
        for name in ("exclusions", "reservations", "reservation_options", "options"):
            if changes[name] == getattr(old, name):
                del changes[name]
        try:
            return Contents(old.replace(**changes) if changes else old, tuple(self.left))
        except (TypeError, ValueError) as error:
            raise self.pair.error(str(error), *self.scope.path) from None

    def range(self, span: AddressRange) -> ScopeRange:
        """Return the range; what the file cannot say stays."""
        network, old = self.old.network, self.old.range
        if span.start not in network or span.end not in network:
            self.problem(f"{span.start}-{span.end} is not in {network}", "range")
        if old is None:
            return ScopeRange(start=span.start, end=span.end)
        return old if (old.start, old.end) == (span.start, span.end) else old.replace(start=span.start, end=span.end)

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
            covered = merged(old)
            lacking = [span for span in given if list(without(_numbers(span), covered))]
            found = (*old, *lacking)
            own = merged(given)
            more = [span for span in old if list(without(_numbers(span), own))]
            if more and given:
                self.left.append(_counted(len(more), "exclusion"))
        gone = merged(self.file.absent.exclusions) if self.file.absent is not None else ()
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
        for address in self.file.absent.reservations if self.file.absent is not None else ():
            found.pop(address, None)
        options: dict[IPv4Address, Mapping[OptionKey, OptionValue]] = {
            address: values for address, values in self.old.reservation_options.items() if address in found
        }
        given = {} if listed is None else listed.items
        for address, wanted in given.items():
            at = ("reservations", "list", str(address))
            there = old.get(address)
            client = wanted.client or (there.client_id if there is not None else None)
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
                options[address] = self.options(before, wanted.options, (*at, "options"))
        if given and (more := len(found.keys() - given.keys())):
            self.left.append(_counted(more, "reservation"))
        return found, {address: values for address, values in options.items() if address in found}

    def own_options(self) -> Mapping[OptionKey, OptionValue]:
        """Return the option values of the scope; ``lease`` is one of them."""
        values: Mapping[OptionKey, OptionValue] = self.old.options
        if self.file.options is not None:
            values = self.options(values, self.file.options, ("options",))
        found = dict(values)
        lease = OptionKey("", "", LEASE)
        if self.file.lease is not None:
            endless = self.file.lease == timedelta.max
            seconds = INFINITE if endless else self.file.lease // timedelta(seconds=1)
            if not 0 < seconds <= INFINITE:
                self.problem("must be between 1s and 136 years", "lease")
            try:
                found[lease] = value_of(lease, (str(seconds),), self.old.options.get(lease), self.definitions)
            except ValueError as error:
                self.problem(str(error), "lease")
        elif self.file.options is not None and self.file.options.only and lease in self.old.options:
            found[lease] = self.old.options[lease]  # it has a key of its own in the file
        for index, name in enumerate(self.file.absent.options if self.file.absent is not None else ()):
            try:
                key = key_to_compare(key_of(name, self.definitions))
            except ValueError as error:
                self.problem(str(error), "absent", "options", index)
                continue
            for one in [one for one in found if key_to_compare(one) == key]:
                del found[one]
        return found

    def options(
        self, old: Mapping[OptionKey, OptionValue], listed: Values, path: tuple[object, ...]
    ) -> dict[OptionKey, OptionValue]:
        """Return the option values of a scope or a reservation."""
        there = {key_to_compare(key): value for key, value in old.items()}
        found = {} if listed.only else dict(old)
        named = {("", "", LEASE)} if path == ("options",) and self.file.lease is not None else set()
        for name, texts in listed.items.items():
            try:
                key = key_of(name, self.definitions)
                before = there.get(key_to_compare(key))
                value = value_of(key, texts, before, self.definitions)
            except (TypeError, ValueError) as error:
                self.problem(str(error), *path, "list", name)
                continue
            named.add(key_to_compare(key))
            found.pop(before.key if before is not None else key, None)
            found[value.key] = value
        if more := len({key_to_compare(key) for key in found} - named):
            self.left.append(
                _counted(more, "option") if path == ("options",) else _counted(more, f"option of {path[2]}")
            )
        return found


def _numbers(span: AddressRange) -> tuple[tuple[int, int], ...]:
    return ((int(span.start), int(span.end)),)


def _counted(number: int, noun: str) -> str:
    head, of, rest = noun.partition(" of ")
    return f"{number} {head}{'' if number == 1 else 's'}{of}{rest}"
