"""Operations on a pair, interrupted at any write, among clients, foreign changes, cuts and clock steps.

No address has two clients, no plan passes through a dangerous state, errors list exactly what differs, and an
interrupted operation that runs again reaches what it would have reached. `tools/pair_search.py` searches for longer.
"""

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

from hypothesis import Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dhcpfo import FailoverState, Server
from dhcpfo.enums import ScopeState
from dhcpfo.errors import DhcpError
from dhcpfo.models import FailoverClient
from dhcpfo.pair import PairError, PairFailure, Plan, Side
from dhcpfo.pair.invariant import Serving
from dhcpfo.pair.invariant import dangers as dangers_between
from dhcpfo.simulator import Lab
from pair_draws import (
    ADDRESSES,
    ALLOW,
    FOUND,
    HOSTS,
    INTERRUPTIONS,
    POOL,
    Killed,
    Operation,
    State,
    clients,
    durations,
    enabled,
    foreigns,
    intervals,
    numbers,
    operations,
    other,
    ready,
    scopes,
    sides,
    values,
)
from pairs import NAME, Picture, Writes, check_error, different, late_keys, picture


class Pair(RuleBasedStateMachine):
    """Two servers with two small scopes, a pair of them, its operations, and all that may come between."""

    def __init__(self) -> None:
        super().__init__()
        self.lab = Lab()
        self.held: dict[tuple[IPv4Address, int], FailoverClient] = {}
        """What each client was told last."""
        self.spoiled: set[IPv4Address] = set()
        """Scopes that foreign changes made both servers serve; nothing is claimed about their clients."""
        self.pending: tuple[Operation, Picture] | None = None
        """The operation that was interrupted, and what it would have reached."""
        self.cut_off = False
        self.off: set[str] = set()

    def teardown(self) -> None:
        self.lab.close()

    @initialize(
        copies=st.lists(st.sampled_from(["absent", "equal", "half"]), min_size=2, max_size=2),
        related=st.sampled_from([1, 2, 0]),
        interval=intervals,
        numbers=values,
    )
    def begin(self, copies: list[str], related: int, interval: timedelta | None, numbers: dict[str, Any]) -> None:
        FOUND["examples"] += 1
        for number, name in enumerate(HOSTS, 1):
            self.lab.add_server(name, f"192.0.2.{number}")
        for scope, copy in zip(POOL, copies, strict=True):
            self.fill("dhcp1", scope)
            if copy != "absent":
                self.fill("dhcp2", scope, half=copy == "half", state=ScopeState.DISABLED)
        if related:
            Operation("create").pair(self.lab).create(
                NAME, POOL[:related], on_existing="overwrite", state_switch_interval=interval, **numbers
            )

    def fill(
        self, host: str, scope: IPv4Address, *, half: bool = False, state: ScopeState = ScopeState.ENABLED
    ) -> None:
        server = self.server(host)
        server.create_scope(f"{scope}/24", name=f"net {scope}", comment="branch", state=ScopeState.DISABLED)
        server.add_range(scope, scope + 1, scope + ADDRESSES)
        server.set_option_value(51, 86400, scope=scope)
        if not half:
            server.set_option_value(6, "192.0.2.53", scope=scope)
        server.set_scope(scope, state=state)

    def server(self, host: str) -> Server:
        return self.lab.connect(host, direct=True)

    # Operations

    @rule(operation=operations, ready=ready)
    def finish(self, operation: Operation, ready: bool) -> None:
        if ready:
            self.wait_for_contact()
        self.operate(operation, None, 0, ())

    @rule(operation=operations, ready=ready, after=st.booleans(), number=numbers, again=st.booleans())
    def kill(self, operation: Operation, ready: bool, after: bool, number: int, again: bool) -> None:
        if ready:
            self.wait_for_contact()
        self.operate(operation, "killed after" if after else "killed before", number, ())
        for scope in POOL:
            self.crowd(scope)
        if again and self.pending is not None:
            self.run_again()

    @rule(
        operation=operations,
        ready=ready,
        interruption=st.sampled_from(INTERRUPTIONS),
        number=numbers,
        change=foreigns,
        again=st.booleans(),
    )
    def interrupt(
        self,
        operation: Operation,
        ready: bool,
        interruption: str,
        number: int,
        change: tuple[Any, ...],
        again: bool,
    ) -> None:
        if ready:
            self.wait_for_contact()
        self.operate(operation, interruption, number, change)
        if again and self.pending is not None:
            self.run_again()

    @rule(
        survivor=sides,
        chosen=scopes,
        interruption=st.sampled_from([None, "killed before", "killed after", "refused", "done"]),
        number=numbers,
        whole=st.booleans(),
    )
    def go_on_alone(
        self, survivor: str, chosen: list[IPv4Address], interruption: str | None, number: int, whole: bool
    ) -> None:
        """While the partner is off, take scopes or all away from it; when it comes back, both serve them."""
        if other(survivor) not in self.off or survivor in self.off:
            return
        arguments: dict[str, Any] = {"name": NAME, "keep": survivor, "without_partner": True}
        if not whole:
            arguments["scopes"] = chosen
        self.spoiled |= self.members(survivor) & set(POOL if whole else chosen)
        allow = (*ALLOW, "partner-comes-back", "delete-not-normal")
        method = "delete" if whole else "remove_scopes"
        self.operate(Operation(method, arguments, allow=allow), interruption, number, ())

    def operate(self, operation: Operation, interruption: str | None, number: int, change: tuple[Any, ...]) -> None:
        if operation.method in ("delete", "remove_scopes") and self.unnoticed() and not operation.alone:
            return  # the servers take their contact for good, and do not know each other's last leases
        if operation.method in ("add_scopes", "adopt", "create") and self.unnoticed():
            self.spoiled.update(POOL)  # nor those of a scope that joins
        goal, total = self.goal_of(operation)
        self.pending = None
        if goal is None:
            interruption = None
        writes = Writes()
        if interruption is not None and total:
            writes = self.interrupted(interruption, 1 + number % total, change)
        self.run(operation, writes, goal, interruption if writes.at else None)

    def goal_of(self, operation: Operation) -> tuple[Picture | None, int]:
        """Return what an operation reaches without interruption, and in how many writes; None if it fails."""
        copy, writes = Lab.from_dict(self.lab.to_dict(secrets=True)), Writes()
        with copy, suppress(PairFailure, DhcpError):
            pair = operation.pair(copy, writes)
            pair.apply(operation.plan(pair), allow=operation.allow)
            return operation.picture(copy), len(writes.calls)
        return None, 0

    def interrupted(self, interruption: str, at: int, change: tuple[Any, ...]) -> Writes:
        """Return what counts the writes, and interrupts at one of them."""

        def before(host: str, method: str) -> None:
            match interruption:
                case "refused":
                    self.lab.fail(host, method, 5)
                case "dropped" | "done":
                    self.lab.drop(host, method, carried_out=interruption == "done")
                case "late":
                    self.lab.drop(host, method, carried_out="later", calls=change[3])
                    self.spoiled.update(POOL)  # a scope may be enabled when nobody expects it any more
                case "killed before":
                    raise Killed
                case "cut":
                    self.cut()
                case "stopped":
                    self.stop(change[1], power=change[2] == POOL[0])
                case "foreign":
                    self.foreign(change)

        def after(host: str, method: str) -> None:
            raise Killed

        if interruption == "killed after":
            return Writes(at, after=after)
        return Writes(at, before)

    def run(self, operation: Operation, writes: Writes, goal: Picture | None, interruption: str | None) -> None:
        before = operation.picture(self.lab)
        dangerous = self.dangerous()
        ended = "done"
        pair = operation.pair(self.lab, writes)
        try:
            plan = operation.plan(pair)
            self.check_plan(operation, plan)
            result = pair.apply(plan, allow=operation.allow)
            self.let_late_calls_arrive(interruption)
            if goal is not None and interruption != "foreign":
                apart = different(goal, operation.picture(self.lab)) - late_keys(result.uncertain)
                assert apart == set(), f"{operation} {interruption}: {plan}"
        except PairError as error:
            ended = "as before" if error.as_before else "listed"
            if not isinstance(error.cause, PairFailure | DhcpError):
                raise  # a fault of the package
            if interruption != "foreign":
                self.let_late_calls_arrive(interruption)
                check_error(before, operation.seen(self.lab), error)
        except PairFailure:
            ended = "refused"
            assert goal is None or interruption is not None, operation
            if interruption != "foreign":
                assert different(before, operation.picture(self.lab)) == set()
        except DhcpError:
            ended = "unread"
        except Killed:
            ended = "killed"
        for host in HOSTS:
            self.lab.clear_faults(host)
        FOUND[f"{operation.method} {interruption or ''} {ended}"] += 1
        if interruption != "foreign":
            assert self.dangerous() <= dangerous | self.spoiled, f"{operation} {interruption} {ended}"
        if interruption not in (None, "foreign") and operation.method != "reallocate" and goal is not None:
            self.pending = operation, goal

    def let_late_calls_arrive(self, interruption: str | None) -> None:
        """Make calls until all that were lost have been carried out."""
        for host in HOSTS * 50 if interruption == "late" else ():
            with suppress(DhcpError):
                self.server(host).relationships()

    def check_plan(self, operation: Operation, plan: Plan) -> None:
        """No state between two steps is dangerous; what both servers hold is read from the lab, not as the plan did."""
        if operation.alone:
            return  # the guard says it
        found = operation.picture(self.lab)
        hosts = dict(zip(Side, HOSTS, strict=True))  # the picture's names are those of a pair that is not turned
        serving = Serving(
            {side: [s for s in POOL if enabled(found, host, s)] for side, host in hosts.items()},
            {side: [s for s in POOL if (host, "member", NAME, str(s)) in found] for side, host in hosts.items()},
        )
        assert dangers_between(serving, plan.steps) == {}, plan

    @precondition(lambda self: self.pending is not None)
    @rule()
    def run_again(self) -> None:
        """The same operation again, when both servers and the link between them work, does what is left."""
        assert self.pending is not None
        (operation, goal), self.pending = self.pending, None
        self.repair()
        with suppress(TimeoutError):
            self.lab.settle(timedelta(hours=2))
        pair = operation.pair(self.lab)
        plan = operation.plan(pair)
        self.check_plan(operation, plan)
        pair.apply(plan, allow=operation.allow)
        apart = different(goal, operation.picture(self.lab))
        assert apart == set(), f"{operation} does not converge: {sorted(apart)}\n{plan}"
        assert not operation.plan(pair), f"{operation}: {operation.plan(pair)}"
        FOUND[f"{operation.method} again"] += 1

    @rule(survivor=sides)
    def declare_partner_down(self, survivor: str) -> None:
        """Only when the partner is off; the guard is then lifted by somebody who knows."""
        partner = other(survivor)
        if partner not in self.off or survivor in self.off:
            return
        pair = Operation("declare_partner_down").pair(self.lab)
        with suppress(PairFailure):
            pair.declare_partner_down(NAME, survivor=survivor, allow=["partner-down-unreachable"])
            FOUND["declare_partner_down done"] += 1
            self.pending = None

    # What comes between

    @rule(change=foreigns)
    def change_one_server(self, change: tuple[Any, ...]) -> None:
        self.foreign(change)
        self.pending = None

    def foreign(self, change: tuple[Any, ...]) -> None:
        what, host, scope, _ = change
        server = self.server(host)
        members = self.members(host)
        serving = {one for one in POOL if enabled(picture(self.lab), host, one)}
        with suppress(DhcpError):
            match what:
                case "comment":
                    server.set_scope(scope, comment=f"changed on {host}")
                case "option":
                    server.set_option_value(6, "203.0.113.9", scope=scope)
                case "exclusion":
                    server.add_exclusion(scope, scope + 2, scope + 2)
                case "disable":
                    server.set_scope(scope, state=ScopeState.DISABLED)
                case "enable":
                    server.set_scope(scope, state=ScopeState.ENABLED)
                    if scope not in self.members("dhcp1") & self.members("dhcp2"):
                        self.spoiled.add(scope)
                case "percentage":
                    server.set_relationship(NAME, percentage=33)
                case "secret":
                    server.set_relationship(NAME, shared_secret="foreign")
                case "member":
                    server.remove_failover_scopes(NAME, [scope])
                case "delete":
                    server.delete_relationship(NAME)
        self.spoiled |= serving & (members - self.members(host))  # it serves all of them from now on

    def members(self, host: str) -> set[IPv4Address]:
        found = picture(self.lab)
        return {scope for scope in POOL if (host, "member", NAME, str(scope)) in found}

    @rule()
    def cut(self) -> None:
        self.cut_off = True
        self.lab.cut(*HOSTS)

    @rule(host=sides, power=st.booleans())
    def stop(self, host: str, power: bool) -> None:
        self.off.add(host)
        (self.lab.power_off if power else self.lab.stop)(host)

    @rule()
    def repair(self) -> None:
        """Both run and reach each other."""
        self.lab.mend(*HOSTS)
        for host in HOSTS:
            self.lab.set_clock_offset(host, timedelta(0))
        for host in sorted(self.off):
            self.lab.start(host)
        self.cut_off = False
        self.off.clear()

    @rule()
    def wait_for_contact(self) -> None:
        self.repair()
        with suppress(TimeoutError):
            self.lab.settle(timedelta(hours=2))

    @rule(delta=durations)
    def wait(self, delta: timedelta) -> None:
        self.lab.advance(delta)

    @rule(host=sides, seconds=st.sampled_from([20, -50, 100]))
    def put_clock(self, host: str, seconds: int) -> None:
        self.lab.set_clock_offset(host, timedelta(seconds=seconds))

    @rule(
        wanted=st.lists(clients, min_size=1, max_size=4),
        scope=st.sampled_from(POOL),
        host=st.sampled_from([None, *HOSTS]),
    )
    def lease(self, wanted: list[int], scope: IPv4Address, host: str | None) -> None:
        """Clients ask for addresses, or for longer leases; they may reach one server only."""
        for client in wanted:
            with suppress(DhcpError):
                given = self.lab.lease(scope, bytes([client]), server=host)
                if given is not None:
                    self.held[scope, client] = given

    @rule(scope=st.sampled_from(POOL))
    def crowd(self, scope: IPv4Address) -> None:
        """Clients that reach one server each ask for addresses."""
        for host, wanted in zip(HOSTS, ([7, 8], [9, 10]), strict=True):
            self.lease(wanted, scope, host)

    @rule(client=clients, scope=st.sampled_from(POOL))
    def release(self, client: int, scope: IPv4Address) -> None:
        held = self.held.pop((scope, client), None)
        for host in HOSTS:
            if held is not None and host not in self.off:
                with suppress(DhcpError):
                    known = {one.address: one.client_id for one in self.lab.clients(host, scope)}
                    if known.get(held.address) == held.client_id:
                        self.lab.release(host, held.address)
                        return

    # What holds

    def states(self) -> dict[str, FailoverState]:
        """Return the states of the copies of the relationship, also on servers that are off."""
        hosts = self.lab.to_dict()["hosts"]
        return {
            host: State(end["relationship"]["state"])
            for host in HOSTS
            for end in hosts.get(host, {}).get("endpoints", ())
            if end["relationship"]["name"] == NAME
        }

    def unnoticed(self) -> bool:
        """Whether a server takes itself for NORMAL without contact."""
        return (self.cut_off or bool(self.off)) and State.NORMAL in self.states().values()

    def dangerous(self) -> set[IPv4Address]:
        """Return the scopes that are enabled on both servers and in failover on one."""
        found = picture(self.lab)
        return {
            scope
            for scope in POOL
            if all(enabled(found, host, scope) for host in HOSTS)
            and len({(host, "member", NAME, str(scope)) in found for host in HOSTS}) == 2
        }

    @invariant()
    def no_address_has_two_clients(self) -> None:
        if not self.lab.servers:
            return
        FOUND["steps"] += 1
        self.note_automatic_partner_down()
        soon = self.lab.now + timedelta(minutes=5)  # further apart the servers' clocks never are
        for scope in POOL:
            if scope in self.spoiled:
                continue
            current = Counter(
                record.address
                for (where, _), record in self.held.items()
                if where == scope and (record.lease_expires is None or soon < record.lease_expires)
            )
            assert not current or max(current.values()) == 1, self.told(scope)

    def note_automatic_partner_down(self) -> None:
        """A switch interval lets a server take a living partner for dead; that is the administrator's choice."""
        serving = {State.NORMAL, State.COMMUNICATION_INTERRUPTED, State.PARTNER_DOWN}
        states = self.states()
        if len(states) < 2 or State.PARTNER_DOWN not in states.values() or self.off:
            return
        if set(states.values()) <= serving:
            found = picture(self.lab)
            self.spoiled |= {scope for scope in POOL if all(enabled(found, host, scope) for host in HOSTS)}

    @invariant()
    def the_databases_agree(self) -> None:
        """In NORMAL, with contact, no address has different clients on the two servers."""
        if self.cut_off or self.off or list(self.states().values()) != [State.NORMAL] * 2:
            return
        soon = self.lab.now + timedelta(minutes=5)
        for scope in self.members("dhcp1") & self.members("dhcp2") - self.spoiled:
            one, two = (
                {
                    record.address: record.client_id
                    for record in self.lab.clients(host, scope)
                    if record.lease_expires is not None and soon < record.lease_expires
                }
                for host in HOSTS
            )
            assert {address for address in one.keys() & two.keys() if one[address] != two[address]} == set(), scope

    def told(self, scope: IPv4Address) -> str:
        lines = [f"{scope}:"]
        lines += [f"client {client}: {record}" for (where, client), record in self.held.items() if where == scope]
        return "\n".join([*lines, f"states {self.states()}"])


TestPair = seed(8)(Pair.TestCase)
TestPair.settings = settings(
    max_examples=60, stateful_step_count=20, deadline=None, database=None, phases=[Phase.generate], print_blob=False
)
