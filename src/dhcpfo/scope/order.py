"""The writes that turn one configuration of a scope into another, in an order that no rule of a server rejects."""

from collections.abc import Collection, Iterable

from ..enums import ScopeState
from ..models import AddressRange, Reservation, Scope, ScopeRange
from ..models.names import upper_case
from .change import Change
from .config import (
    ScopeConfig,
    merged,
    range_to_compare,
    reservation_to_compare,
)
from .frozen import EMPTY
from .order_level import LevelPlanner, PolicyPlanner, absent
from .parts import OptionValues
from .write import About, Conflict, Write, Writes

__all__ = ["DELETABLE", "scope_writes", "state_write"]

DELETABLE = frozenset({"exclusions", "reservations", "options", "policies"})
"""The kinds of things that `scope_writes` removes if its caller names them."""

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


class _Planner(LevelPlanner):
    """Plans the writes for one scope."""

    def __init__(self, old: ScopeConfig | None, new: ScopeConfig, delete: frozenset[str], enable: bool) -> None:
        super().__init__(new.scope_id, delete, created=old is None)
        self.old = ScopeConfig(network=new.network, state=ScopeState.DISABLED) if old is None else old
        self.new = new
        self.enable = enable

    def plan(self) -> Writes:
        """Return the writes in their order."""
        if self.old.network != self.new.network:
            why = "the subnet mask of a scope cannot be changed"
            about = About("scope", self.scope)
            return Writes(conflicts=[Conflict(about, self.new.properties, self.old.properties, why)])
        state = self.properties()
        policies = PolicyPlanner(self, self.old, self.new, self.new.range)
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
                    extra = {key: value for key, value in old.items() if absent(key, new)}
                    self.left += [
                        Change("remove", ("reservation", address, "option", key), value, None)
                        for key, value in extra.items()
                    ]
                    new = new | extra if extra else new
                old = EMPTY
            self.options(About("reservation-options", self.scope, address), old, new, ("reservation", address))


def _bare(entry: Reservation) -> Reservation:
    """Return a reservation without what its options say."""
    return entry.replace(has_options=False) if entry.has_options else entry
