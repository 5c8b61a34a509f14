"""A look at two servers that shows them as they will be after the steps that are planned so far."""

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from ...enums import FailoverState
from ...models import Relationship, Scope, Secret
from ...models.names import upper_case
from ...pair import FailoverPair, SecretRef, Side, Step
from ...pair.half import Half, same_name
from ...pair.invariant import Serving
from ...pair.look import Draft, Look
from ...pair.parts import SIDES
from ...pair.planning import check_steps, scopes_of
from ...scope import ScopeConfig, ServerOverview, read_server
from ...scope.parts import Unread
from ...scope.server_level import ServerLevel, read_level

__all__ = ["Ahead"]


class Ahead(Look):
    """What both servers will show. The planners of `dhcpfo.pair` work on it one after the other.

    Whole scopes, classes and definitions are read when a planner asks for them.

    Args:
        pair: The servers.
        secrets: The texts of secrets by reference; those that the servers show are added.
    """

    def __init__(self, pair: FailoverPair, secrets: dict[SecretRef, Secret]) -> None:
        self._later: dict[Side, list[Relationship]] = {}
        self._halves: dict[Side, tuple[Relationship, Half]] = {}
        super().__init__(pair, "", secrets)
        self.draft = Draft()
        self.prefer: SecretRef | None = None
        self._first = {side: tuple(self.relationships(side)) for side in SIDES}  # an error of reading is raised here
        self._later = {side: list(self._first[side]) for side in SIDES}
        self._taken: dict[tuple[Side, IPv4Address], list[Step]] = {}
        self._shells_first: dict[tuple[Side, IPv4Address], Scope | None] = {}
        self._elements_first: dict[tuple[Side, IPv4Address | None], dict[str, int]] = {}

    # What the planners read

    def about(self, name: str, secret: SecretRef | None = None) -> "Ahead":
        """Turn to a relationship.

        Args:
            name: Its name.
            secret: The reference of its secret, which is preferred to others with the same text.
        """
        self.name, self.prefer = name, secret
        return self

    def relationships(self, side: Side) -> list[Relationship]:
        """Return all relationships that a server will have."""
        return self._later[side] if self._later else super().relationships(side)

    def half(self, side: Side, name: str | None = None) -> Half | None:
        """Return a copy as a value of a plan."""
        found = self.copy(side, name)
        if found is None:
            return None
        if found.shared_secret is None:
            kept = self._halves.get(side)
            if kept is None or kept[0] is not found:
                kept = self._halves[side] = found, Half.of(found)
            return kept[1]
        known = dict(self.secrets)
        if found.shared_secret not in known.values():
            ref = SecretRef("as-read", f"{side} {found.name}")
            self.secrets[ref] = known[ref] = found.shared_secret
        refs = [ref for ref in (self.prefer, *known) if ref is not None]
        return Half.of(found, refs, known)

    def overview(self, side: Side) -> ServerOverview:
        """Return what a server will have beside its scopes."""
        if side not in self._overviews:
            at_once = self.pair.calls_at_once
            self._overviews[side] = read_server(self.pair.server(side), calls_at_once=at_once)
        return self._overviews[side]

    def configs(
        self, scopes: Iterable[IPv4Address], sides: Iterable[Side] = Side
    ) -> dict[Side, dict[IPv4Address, ScopeConfig | None]]:
        """Return the whole configurations that scopes will have on each side."""
        wanted, asked = tuple(scopes), tuple(sides)
        lacking = [(side, one) for side in asked for one in wanted if one not in self._configs[side]]
        for side in dict.fromkeys(side for side, _ in lacking):
            self.overview(side)
        super().configs(wanted, asked)
        for side, scope in lacking:
            config = self._configs[side][scope]
            self._shells_first.setdefault((side, scope), None if config is None else config.properties)
            self._elements_first.setdefault((side, scope), _elements(config))
            for step in self._taken.get((side, scope), ()):
                self._take_scope(step)
        return {side: {scope: self._configs[side][scope] for scope in wanted} for side in asked}

    def shells(
        self, scopes: Iterable[IPv4Address], sides: Iterable[Side] = Side
    ) -> dict[Side, dict[IPv4Address, Scope | None]]:
        """Return the properties that scopes will have on each side."""
        wanted, asked = tuple(scopes), tuple(sides)
        lacking = [(side, one) for side in asked for one in wanted if one not in self._shells[side]]
        super().shells(wanted, asked)
        for side, scope in lacking:
            self._shells_first.setdefault((side, scope), self._shells[side][scope])
            for step in self._taken.get((side, scope), ()):
                self._take_scope(step)
        return {side: {scope: self._shells[side][scope] for scope in wanted} for side in asked}

    def overlapping(self, side: Side, network: IPv4Network) -> IPv4Network | None:
        """Return a scope that a server will have, and that has addresses of a network."""
        scopes = self.overview(side).scopes
        if isinstance(scopes, Unread):
            raise scopes.error
        within = [one for one in scopes if one in network]
        before = [one for one in scopes if one < network.network_address]
        for shell in self.shells([*sorted(before)[-1:], *within], [side])[side].values():
            if shell is not None and shell.network.overlaps(network):
                return shell.network
        return None

    # What is planned

    def take(self, draft: Draft) -> None:
        """Add steps to the plan; from now on the servers show what they change."""
        self.draft.steps += draft.steps
        self.draft.notes += [note for note in draft.notes if note not in self.draft.notes]
        for step in draft.steps:
            match step.about.kind:
                case "relationship":
                    self._take_relationship(step)
                case "members":
                    self._take_members(step)
                case "class" | "definition":
                    self._take_definition(step)
                case "scope" | "scope-state":
                    assert step.about.scope is not None
                    self._taken.setdefault((step.side, step.about.scope), []).append(step)
                    self._take_scope(step)

    def becomes(self, side: Side, config: ScopeConfig) -> None:
        """Show a scope with a configuration from now on."""
        self._configs[side][config.scope_id] = config
        self._shells[side][config.scope_id] = config.properties

    def _take_relationship(self, step: Step) -> None:
        kept = [one for one in self._later[step.side] if not same_name(one.name, step.about.name)]
        if step.after is not None:
            old = self.copy(step.side, step.about.name)
            half: Half = step.after
            known = {ref: text for ref, text in self.secrets.items() if ref == half.secret}
            state = FailoverState.NO_STATE if old is None else old.state
            if half.secret is not None and half.secret not in known:
                half = replace(half, secret=None)
            kept.append(half.to_relationship(known, state))
        self._later[step.side] = kept

    def _take_members(self, step: Step) -> None:
        for index, one in enumerate(self._later[step.side]):
            if same_name(one.name, step.about.name):
                scopes = (frozenset(one.scopes) - step.before) | step.after
                self._later[step.side][index] = one.replace(scopes=sorted(scopes))

    def _take_definition(self, step: Step) -> None:
        old = self.overview(step.side)
        name = "classes" if step.about.kind == "class" else "definitions"
        values: dict[str, Any] = {entry: getattr(old, entry) for entry in ServerOverview._names}
        kept = [one for one in values[name] if one != step.before]
        values[name] = (*kept, *([] if step.after is None else [step.after]))
        self._overviews[step.side] = ServerOverview(**values)

    def _take_scope(self, step: Step) -> None:
        side, scope = step.side, step.about.scope
        assert scope is not None
        config = self._configs[side].get(scope)
        shell = self._shells[side].get(scope)
        if step.about.kind == "scope-state":
            if shell is not None:
                self._shells[side][scope] = shell.replace(state=step.after)
            if config is not None:
                self._configs[side][scope] = config.replace(state=step.after)
        elif step.after is None:
            self._shells[side][scope] = None
            self._configs[side][scope] = None
        else:
            after: Scope = step.after
            self._shells[side][scope] = after
            if config is not None:
                changed = {"name": after.name, "comment": after.comment, "state": after.state}
                self._configs[side][scope] = config.replace(**changed)
            elif scope in self._configs[side]:
                self._configs[side][scope] = ScopeConfig(network=after.network, name=after.name, state=after.state)

    # The whole plan

    def check_invariant(self) -> None:
        """Refuse a plan with a moment at which both servers would lease the same addresses."""
        touched = scopes_of(self.draft.steps)
        if not touched:
            return
        lacking = [one for one in touched if any((side, one) not in self._shells_first for side in SIDES)]
        if lacking:
            self.shells(lacking)
        enabled = {
            side: [one for one in touched if (shell := self._shells_first[side, one]) and shell.enabled]
            for side in SIDES
        }
        members = {side: {one for entry in self._first[side] for one in entry.scopes} for side in SIDES}
        serving = Serving(enabled, {side: [one for one in touched if one in members[side]] for side in SIDES})
        check_steps(serving, self.draft.steps)

    def existing(self, names: Iterable[str]) -> tuple[set[str], set[IPv4Address]]:
        """Return which of some relationships the servers have now, and their scopes."""
        wanted = {upper_case(name) for name in names}
        there = [one for side in SIDES for one in self._first[side] if upper_case(one.name) in wanted]
        return {upper_case(one.name) for one in there}, {scope for one in there for scope in one.scopes}

    def level(self, side: Side, parts: Iterable[str]) -> ServerLevel:
        """Return what a server has now for all scopes, of some parts; see `dhcpfo.scope.server_level.read_level`."""
        found = read_level(self.pair.server(side), parts)
        self._elements_first[side, None] = {"policies": len(found.policies), "filters": len(found.filters)}
        return found

    def existing_elements(self, what: str) -> int:
        """Return how many elements of a kind there are where they were read, on the server that has more of them."""
        if not self._elements_first:
            return 0
        sums = dict.fromkeys(SIDES, 0)
        for (side, _), counts in self._elements_first.items():
            sums[side] += counts.get(what, 0)
        return max(sums.values())


def _elements(config: ScopeConfig | None) -> dict[str, int]:
    if config is None:
        return {}
    return {"reservations": len(config.reservations), "policies": len(config.policies)}
