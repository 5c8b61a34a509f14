"""From a pair as a file wants it to one plan with all steps on both servers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any, Literal

from ...enums import FailoverMode, RangeType
from ...limits import MAX_RELATIONSHIPS
from ...models import Secret
from ...models.failover import DEFAULT_PERCENTAGE
from ...pair import FailoverPair, Plan, Request, SecretRef, Side
from ...pair.compare import copy_differences
from ...pair.copying import enable_like, steps_of
from ...pair.errors import Conflict
from ...pair.half import Half
from ...pair.look import Draft
from ...pair.operations import PLANNERS
from ...pair.parts import SIDES, counted
from ...pair.plan import Bound
from ...scope import ScopeConfig, scope_writes, server_writes
from .building import Server
from .contents import wanted_contents
from .level import plan_level
from .models import Relationship
from .pairplan import PairPlan
from .secrets import reference, texts_of
from .serverwide import plan_removal, plan_server
from .there import There, is_in, scopes_in
from .wanted import Wanted, WantedScope
from .weigh import Measure, guards_of, measure

__all__ = ["Desired", "plan_pair"]

MODES = {"load-balance": FailoverMode.LOAD_BALANCE, "hot-standby": FailoverMode.HOT_STANDBY}
OPERATION = "apply"
DEFAULT_MCLT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Desired:
    """A pair of a file as a job of `dhcpfo.fleet.run` takes it. It can be pickled, but never takes a secret along.

    Attributes:
        wanted: The pair.
        on_error: What becomes of a change that fails; see `dhcpfo.pair.Plan.apply`.
        given: Texts of secrets that were asked for; they stay in this process.
    """

    wanted: Wanted
    on_error: Literal["undo", "stop"] = "undo"
    given: Mapping[SecretRef, Secret] = field(default_factory=dict, repr=False, compare=False)

    def plan(self, pair: FailoverPair) -> PairPlan:
        """Read both servers and return what has to be done; see `plan_pair`."""
        made = plan_pair(pair, self.wanted, texts_of(self.wanted, given=self.given))
        return PairPlan(self.wanted, made.plan, made.measures, self.on_error)

    def __reduce__(self) -> tuple[Any, ...]:
        return Desired, (self.wanted, self.on_error)


def plan_pair(pair: FailoverPair, wanted: Wanted, secrets: Mapping[SecretRef, Secret]) -> PairPlan:
    """Read both servers of a pair, and return what makes them as the file wants. Nothing is changed.

    Args:
        pair: The servers.
        wanted: What the file says.
        secrets: The texts of the file's secrets; see `dhcpfo.fleet.desired.secrets.texts_of`.

    Raises:
        FileError: Something in the file does not fit the servers.
        PairFailure: The servers cannot be brought there.
        DhcpError: A server cannot be read.
    """
    request = Request(OPERATION, "", (("wanted", wanted),), _planner)
    texts = dict(secrets)
    planner = _Planner(pair, wanted, texts)
    draft = planner.plan()
    plan = Plan(request, pair.names, tuple(draft.steps), tuple(draft.notes), Bound(pair, texts))
    return PairPlan(wanted, plan, planner.measures)


def _planner(pair: FailoverPair, request: Request, secrets: dict[SecretRef, Secret]) -> Draft:
    return _Planner(pair, request["wanted"], secrets).plan()


class _Planner(There):
    def __init__(self, pair: FailoverPair, wanted: Wanted, secrets: dict[SecretRef, Secret]) -> None:
        super().__init__(pair, wanted, secrets)
        self.removed: set[IPv4Address] = set()
        self.measures: tuple[Measure, ...] = ()

    def plan(self) -> Draft:
        """Plan contents, then terms and membership, then what goes. What must go first, because it moves, does."""
        wanted, look = self.wanted, self.look
        self.check_partners()
        existing = self.names_there()
        gone = self.to_delete(existing)
        before = look.existing([*wanted.relationships, *gone])
        if wanted.classes or wanted.definitions:
            for side in SIDES:
                look.take(plan_server(look, wanted, side))
        for draft in plan_level(look, wanted):
            look.take(draft)
        claimed = {one.address for entry in wanted.relationships.values() for one in scopes_in(entry)}
        early = [name for name in gone if claimed & self.members(name)]
        for name in early:
            self.delete(name)
        moved = [name for name, entry in wanted.relationships.items() if self.surplus(name, entry) & claimed]
        for name in moved:
            self.remove(name, wanted.relationships[name])
        self.contents()
        for name, entry in wanted.relationships.items():
            self.relationship(name, entry)
        for name, entry in wanted.relationships.items():
            if name not in moved:
                self.remove(name, entry)
        for name in gone:
            if name not in early:
                self.delete(name)
        for side in SIDES:
            look.take(plan_removal(look, wanted, side))
        look.check_invariant()
        self.left_alone(existing, gone)
        for name in wanted.relationships:
            if all(look.copy(side, name) is not None for side in SIDES):
                for difference in copy_differences(look, name):
                    self.note("halves-differ", f"relationship {name}: {difference}")
        self.measures = measure(look, before, self.removed)
        self.notes += guards_of(self.measures, wanted, look.draft.steps)
        return look.draft

    def carry(self, operation: str, name: str, /, **arguments: Any) -> Draft:
        """Plan an operation of `FailoverPair`, and take its steps."""
        request = Request(operation, name, tuple(sorted(arguments.items())))
        draft = PLANNERS[operation](self.look, request)
        self.look.take(draft)
        return draft

    # One relationship

    def relationship(self, name: str, entry: Relationship) -> None:
        """Create a relationship, or set its terms and add scopes."""
        scopes = tuple(one.address for one in scopes_in(entry))
        at = ("relationships", "list", name)
        try:
            ref = reference(self.wanted, name)
            managed = True
        except KeyError:
            ref, managed = None, False
        look = self.look.about(name, ref)
        side = self.primary(name, entry)
        asked = self.side(entry.primary) if entry.primary else Side.PRIMARY
        if not all(self.copies(name)):
            self.create(name, entry, scopes, ref, asked)
            return
        if side is not asked:
            held = self.pair.names[side]
            text = f"{held} is the primary of relationship {name}, not {self.pair.names[side.other]}: roles stay"
            self.note("roles-swap", text, "roles-swap", *at)
        self.terms(name, entry)
        if managed:
            self.secret(name, ref)
        look.about(name, ref)
        lacking = tuple(
            one
            for one in scopes
            if not all((copy := look.copy(one_side)) is not None and one in copy.scopes for one_side in SIDES)
        )
        if lacking:
            self.check_source(side, entry, name, lacking)
            self.carry("add_scopes", name, scopes=lacking, on_existing=entry.existing or "refuse", join_disabled=False)
            self.copied(side, lacking)
        # A run that was killed may have left copies disabled.
        draft = Draft()
        enable_like(look, draft, side, [scope for scope in scopes if scope not in lacking])
        look.take(draft)
        if entry.scopes is not None and entry.scopes.only and not entry.scopes.items and self.members(name):
            self.note("empty", f"relationship {name} is to have no scope", "empty", *at, "scopes")

    def create(
        self, name: str, entry: Relationship, scopes: tuple[IPv4Address, ...], ref: SecretRef | None, side: Side
    ) -> None:
        """Create a relationship, or the half of one that lacks."""
        at = ("relationships", "list", name)
        half = next((half for one in SIDES if (half := self.look.half(one, name)) is not None), None)
        if not scopes and half is None:
            raise self.wanted.error("scopes is missing: a relationship cannot be created without a scope", *at)
        mode = MODES[entry.mode] if entry.mode else half.mode if half is not None else FailoverMode.LOAD_BALANCE
        share = entry.percent if entry.percent is not None else entry.reserve
        if share is None:
            same = half is not None and half.mode == mode
            share = half.percentage if same and half is not None else DEFAULT_PERCENTAGE.get(mode, 0)
        if (entry.percent is not None) and mode != FailoverMode.LOAD_BALANCE:
            raise self.wanted.error("is for load-balance", *at, "percent")
        if (entry.reserve is not None) and mode != FailoverMode.HOT_STANDBY:
            raise self.wanted.error("is for hot-standby; give the mode, too", *at, "reserve")
        if half is not None:
            scopes = tuple(dict.fromkeys((*scopes, *sorted(half.scopes))))
            side = self.primary(name, entry)
        for one in SIDES:
            if self.look.copy(one, name) is None and len(self.look.relationships(one)) >= MAX_RELATIONSHIPS:
                text = f"{self.pair.names[one]} has {MAX_RELATIONSHIPS} relationships, and a server has no more"
                raise self.wanted.error(text, *at)
        self.check_source(side, entry, name, scopes)
        given = entry.model_fields_set
        interval = entry.switch if "switch" in given else half.state_switch_interval if half is not None else None
        self.carry(
            "create",
            name,
            scopes=scopes,
            mode=mode,
            percentage=share,
            mclt=entry.mclt or (half.mclt if half is not None else DEFAULT_MCLT),
            state_switch_interval=interval,
            secret=ref if ref is not None or half is None else half.secret,
            on_existing=entry.existing or "refuse",
            primary=side,
            join_disabled=False,
        )
        self.copied(side, scopes)

    def check_source(self, side: Side, entry: Relationship, name: str, scopes: tuple[IPv4Address, ...]) -> None:
        """Refuse scopes of the file that the primary does not have, or not for DHCP."""
        found, where = self.look.configs(scopes, [side])[side], self.pair.names[side]
        for index, scope in enumerate(scopes_in(entry)):
            if scope.address not in found:
                continue
            config = found[scope.address]
            at = ("relationships", "list", name, "scopes", "list", index)
            if config is None:
                text = f"{where} has no scope {scope.address}: write it in scopes, with its mask"
                raise self.wanted.error(text, *at)
            if config.range is not None and config.range.type == RangeType.BOOTP:
                text = f"the range of {scope.address} on {where} is for BOOTP alone, which failover does not serve"
                raise self.wanted.error(text, *at)

    def copied(self, source: Side, scopes: Iterable[IPv4Address]) -> None:
        """Show the copies that a relationship makes."""
        for config in self.look.configs(scopes, [source])[source].values():
            if config is not None:
                self.look.becomes(source.other, config)

    def terms(self, name: str, entry: Relationship) -> None:
        """Set the values that differ from the file."""
        at = ("relationships", "list", name)
        halves = [half for side in SIDES if (half := self.look.half(side, name)) is not None]
        values: dict[str, Any] = {}
        if entry.mode is not None:
            values["mode"] = MODES[entry.mode]
        modes = {values["mode"]} if "mode" in values else {half.mode for half in halves}
        for key, mode in (("percent", FailoverMode.LOAD_BALANCE), ("reserve", FailoverMode.HOT_STANDBY)):
            if getattr(entry, key) is not None:
                if modes != {mode}:
                    raise self.wanted.error(f"the relationship is {_word(halves[0])}; give the mode, too", *at, key)
                values["percentage"] = getattr(entry, key)
        if "mode" in values and "percentage" not in values and any(half.mode != values["mode"] for half in halves):
            values["percentage"] = DEFAULT_PERCENTAGE[values["mode"]]
        if entry.mclt is not None:
            values["mclt"] = entry.mclt
        if "switch" in entry.model_fields_set:
            values["state_switch_interval"] = entry.switch or None
        if values:
            self.carry("update", name, **values)

    def secret(self, name: str, ref: SecretRef | None) -> None:
        """Change the secret where a server shows another one. Servers need not show theirs."""
        halves = {side: self.look.half(side, name) for side in SIDES}
        shown = [half.secret for half in halves.values() if half is not None and half.secret is not None]
        if any(secret != ref for secret in shown):
            self.carry("rotate_secret", name, new=ref, old=None)
        elif ref is not None and len(shown) < len(halves):
            hidden = [self.pair.names[side] for side, half in halves.items() if half is not None and not half.secret]
            show = "shows" if len(hidden) == 1 else "show"
            text = f"{' and '.join(hidden)} {show} no secret of relationship {name}: dhcpfo rotate-secret sets it"
            self.note("secret-not-shown", text, None, "relationships", "list", name, "secret")

    # What goes

    def remove(self, name: str, entry: Relationship) -> None:
        """Take scopes out of a relationship that the file does not allow."""
        extra = self.surplus(name, entry)
        if not extra or not all(self.copies(name)):
            return
        side = self.primary(name, entry)
        self.look.about(name)
        keep = self.keeper(entry.keep, side)
        self.carry("remove_scopes", name, scopes=frozenset(extra), keep=keep, without_partner=False, without=None)
        self.removed |= extra

    def delete(self, name: str) -> None:
        """Delete a relationship."""
        side = self.primary(name, None)
        members = self.members(name)
        self.look.about(name)
        self.carry("delete", name, keep=self.keeper(self.wanted.absent.keep, side), without_partner=False, without=None)
        at = ("absent", "relationships") if is_in(name, self.wanted.absent.relationships) else ("relationships",)
        text = f"relationship {name} with {counted(len(members), 'scope')} is deleted"
        self.note("delete-relationship", text, "delete-relationship", *at)
        self.removed |= members

    # Contents

    def contents(self) -> None:
        """Write what the file says of scopes: on the source, and on the other server where it has them in failover."""
        grouped: dict[Side, list[WantedScope]] = {}
        for scope in self.wanted.scopes.values():
            source = self.source_of(scope.id.address)
            self.check_holder(source, scope.id.address, scope.path)
            grouped.setdefault(source, []).append(scope)
        for source, scopes in grouped.items():
            self.contents_on(source, scopes, create=True)
            members = [
                scope
                for scope in scopes
                if self.look.holder(source, scope.id.address) is not None
                and self.look.holder(source.other, scope.id.address) is not None
            ]
            self.contents_on(source.other, members, create=False)

    def source_of(self, scope: IPv4Address) -> Side:
        """Return the side from which a scope is copied."""
        for name, entry in self.wanted.relationships.items():
            if scope in {one.address for one in scopes_in(entry)} or scope in self.members(name):
                return self.primary(name, entry)
        return Side.PRIMARY

    def contents_on(self, side: Side, scopes: list[WantedScope], *, create: bool) -> None:
        """Plan the contents of scopes on one server."""
        if not scopes:
            return
        where, look = self.pair.names[side], self.look
        read = look.configs([scope.id.address for scope in scopes], [side])[side]
        overview = look.overview(side)
        server = Server.of(where, overview)
        source = None if create else look.configs([scope.id.address for scope in scopes], [side.other])[side.other]
        draft, changed = Draft(), list[ScopeConfig]()
        conflicts: list[str] = []
        for scope in scopes:
            old = read[scope.id.address]
            if old is None and not create:
                continue
            from_ = None if source is None else source[scope.id.address]
            network = scope.id.network
            if old is None and network is not None and (there := look.overlapping(side, network)) is not None:
                raise self.wanted.error(f"{where} has {there}, which overlaps it", *scope.path)
            related = look.holder(side, scope.id.address) is not None
            made = wanted_contents(self.wanted, scope, old, from_, server, in_failover=related)
            if made.left:
                nor = "" if create else f", nor on {self.pair.names[side.other]}"
                text = f"scope {scope.id.address} on {where}: {', '.join(made.left)} not in the file{nor}"
                draft.note("left-alone", text)
            if made.config == old:
                continue
            writes = scope_writes(old, made.config, delete="all")
            draft.steps += steps_of(writes, side)
            conflicts += map(str, writes.conflicts)
            changed.append(made.config)
            if old is None:
                draft.note("no-leases", f"scope {scope.id.address} on {where} is new: leases do not move with a file")
        needed = server_writes(look.overview(side.other), overview, changed) if changed else ()
        if changed:
            conflicts += map(str, needed.conflicts)  # type: ignore[union-attr]
            draft.steps[:0] = steps_of(needed, side)  # type: ignore[arg-type]
        if conflicts:
            raise Conflict(f"{where} cannot get the contents: {'; '.join(conflicts[:5])}", side=side)
        look.take(draft)
        for config in changed:
            look.becomes(side, config)

    # What stays

    def left_alone(self, existing: list[str], gone: list[str]) -> None:
        """Say what the file does not name."""
        others = [name for name in existing if not is_in(name, [*self.wanted.relationships, *gone])]
        if others:
            names = ", ".join(others)
            self.note("left-alone", f"relationships that are not in the file: {names}")
        for name, entry in self.wanted.relationships.items():
            more = self.members(name) - {one.address for one in scopes_in(entry)}
            if more and entry.scopes is not None and not entry.scopes.only:
                self.note(
                    "left-alone", f"{len(more)} {'scope' if len(more) == 1 else 'scopes'} of {name} not in the file"
                )


def _word(half: Half) -> str:
    return next((word for word, mode in MODES.items() if mode == half.mode), str(half.mode))
