"""The failover protocol under random sequences of events: a stateful property test."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dhcpfo import FailoverClient, FailoverMode, FailoverState, Relationship, Server, ServerType
from dhcpfo.errors import DhcpError, RelationshipNotFoundError, ServerUnavailableError
from dhcpfo.simulator import Lab
from machines import NAME, OTHER, SCOPE, SERVERS, create, furnish, values

State = FailoverState


REACHABLE = {
    State.STARTUP,
    State.NORMAL,
    State.COMMUNICATION_INTERRUPTED,
    State.PARTNER_DOWN,
    State.POTENTIAL_CONFLICT,
    State.CONFLICT_DONE,
    State.RESOLUTION_INTERRUPTED,
    State.RECOVER,
    State.RECOVER_WAIT,
    State.RECOVER_DONE,
}
TRANSITIONS = {
    State.INIT: {State.STARTUP},
    State.STARTUP: REACHABLE - {State.NORMAL, State.STARTUP, State.POTENTIAL_CONFLICT},
    State.RECOVER: {State.RECOVER_WAIT, State.RECOVER_DONE, State.POTENTIAL_CONFLICT},
    State.RECOVER_WAIT: {State.RECOVER_DONE},
    State.RECOVER_DONE: {State.NORMAL, State.POTENTIAL_CONFLICT, State.COMMUNICATION_INTERRUPTED},
    State.NORMAL: {State.COMMUNICATION_INTERRUPTED, State.POTENTIAL_CONFLICT},
    State.COMMUNICATION_INTERRUPTED: {State.NORMAL, State.PARTNER_DOWN, State.POTENTIAL_CONFLICT},
    State.PARTNER_DOWN: {State.NORMAL, State.POTENTIAL_CONFLICT},
    State.POTENTIAL_CONFLICT: {State.CONFLICT_DONE, State.NORMAL, State.RESOLUTION_INTERRUPTED},
    State.RESOLUTION_INTERRUPTED: {State.POTENTIAL_CONFLICT},
    State.CONFLICT_DONE: {State.NORMAL, State.POTENTIAL_CONFLICT},
}
"""Where each state may lead, besides STARTUP, to which a restart leads from all."""

numbers = st.sampled_from(range(2))
clients = st.integers(0, 4)
durations = st.sampled_from([1, 30, 70, 200, 400, 1900, 4000, 12000]).map(lambda seconds: timedelta(seconds=seconds))


class TwoServers(RuleBasedStateMachine):
    """Two servers, the link between them, the clock and some clients, and all that may happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.lab = Lab()
        self.servers = furnish(self.lab)
        self.misused = False  # a partner was declared down, or a relationship deleted, while clients were served
        self.held: dict[tuple[IPv4Address, int], FailoverClient] = {}  # what each client was told last

    def teardown(self) -> None:
        self.lab.close()

    @initialize(
        mode=st.sampled_from(FailoverMode),
        percentage=st.sampled_from([0, 5, 50, 80, 100]),
        interval=st.sampled_from([None, timedelta(minutes=30)]),
        scopes=st.sampled_from([[SCOPE], [SCOPE, OTHER]]),
    )
    def begin(self, **changes: Any) -> None:
        changes["state_switch_interval"] = changes.pop("interval")
        self.automatic = changes["state_switch_interval"] is not None
        self.changes = changes
        create(self.servers, **changes)
        self.lab.settle()

    @rule(delta=durations)
    def wait(self, delta: timedelta) -> None:
        self.lab.advance(delta)

    @rule()
    def cut(self) -> None:
        self.lab.cut(*SERVERS)

    @rule()
    def mend(self) -> None:
        self.lab.mend(*SERVERS)

    @rule(number=numbers)
    def stop(self, number: int) -> None:
        self.lab.stop(SERVERS[number])

    @rule(number=numbers)
    def power_off(self, number: int) -> None:
        self.lab.power_off(SERVERS[number])

    @rule(number=numbers)
    def start(self, number: int) -> None:
        self.lab.start(SERVERS[number])

    @rule(number=numbers, seconds=st.sampled_from([0, 20, -59, 100]))
    def put_clock(self, number: int, seconds: int) -> None:
        self.lab.set_clock_offset(SERVERS[number], timedelta(seconds=seconds))

    @rule(number=numbers)
    def declare_partner_down(self, number: int) -> None:
        with suppress(ServerUnavailableError, RelationshipNotFoundError):
            if self.servers[number].get_relationship(NAME).state is State.COMMUNICATION_INTERRUPTED:
                self.misused = True
                self.servers[number].set_relationship(NAME, state=State.PARTNER_DOWN)

    @rule(number=numbers)
    def delete(self, number: int) -> None:
        with suppress(ServerUnavailableError, RelationshipNotFoundError):
            self.servers[number].delete_relationship(NAME)
            self.misused = True

    @rule(percentage=st.sampled_from([0, 30, 100]))
    def set_percentage(self, percentage: int) -> None:
        for server in self.servers:
            with suppress(ServerUnavailableError, RelationshipNotFoundError):
                server.set_relationship(NAME, percentage=percentage)

    @rule(add=st.booleans())
    def change_scopes(self, add: bool) -> None:
        for server in self.servers:
            with suppress(DhcpError):
                if add:
                    server.add_failover_scopes(NAME, [OTHER])
                else:
                    server.remove_failover_scopes(NAME, [OTHER])
                    self.misused = True

    @rule()
    def redistribute(self) -> None:
        with suppress(ServerUnavailableError, RelationshipNotFoundError):
            self.servers[0].trigger_address_allocation(NAME)

    @rule(client=clients, scope=st.sampled_from([SCOPE, SCOPE, OTHER]), only=st.sampled_from([None, *SERVERS]))
    def lease(self, client: int, scope: IPv4Address, only: str | None) -> None:
        given = self.lab.lease(scope, bytes([client]), server=only)
        if given is not None:
            assert given.scope == scope
            self.held[scope, client] = given

    @rule(client=clients, number=numbers, delta=durations)
    def let_a_client_wander(self, client: int, number: int, delta: timedelta) -> None:
        """It gets its address from one server and renews at the other, which may be out of contact by then."""
        self.lease(client, SCOPE, SERVERS[number])
        self.lab.cut(*SERVERS)
        self.lab.advance(delta)
        self.lease(client, SCOPE, SERVERS[1 - number])

    @rule(client=clients)
    def release(self, client: int) -> None:
        held = self.held.pop((SCOPE, client), None)
        if held is not None:
            giver = SERVERS[int(held.owner.address) - int(IPv4Address("192.0.2.1"))]
            if held.client_id in {
                record.client_id for record in self.lab.clients(giver, SCOPE) if record.address == held.address
            }:
                self.lab.release(giver, held.address)

    @rule()
    def mend_everything(self) -> None:
        """Then both come back to NORMAL, with the same configuration and the same clients."""
        self.lab.mend(*SERVERS)
        for name in SERVERS:
            self.lab.start(name)
            self.lab.set_clock_offset(name, timedelta(0))
        for server, role in zip(self.servers, ServerType, strict=True):
            with suppress(DhcpError):
                server.create_relationship(Relationship(server_type=role, **values(**self.changes)))
            server.set_relationship(NAME, percentage=50)
        self.lab.settle(timedelta(hours=3))
        first, second = (server.get_relationship(NAME) for server in self.servers)
        for scope in set(first.scopes) ^ set(second.scopes):
            self.servers[0 if scope in second.scopes else 1].add_failover_scopes(NAME, [scope])
        first, second = (server.get_relationship(NAME) for server in self.servers)
        assert (first.server_type, second.server_type) == tuple(ServerType)
        assert {**comparable(first), "scopes": set(first.scopes)} == {
            **comparable(second),
            "scopes": set(second.scopes),
        }
        for scope in first.scopes:
            mine, theirs = ([told(record) for record in self.lab.clients(name, scope)] for name in SERVERS)
            assert mine == theirs
        self.misused = False
        self.held.clear()

    def reachable(self) -> Iterator[tuple[str, Server, Relationship]]:
        for name, server in zip(SERVERS, self.servers, strict=True):
            with suppress(ServerUnavailableError, RelationshipNotFoundError):
                yield name, server, server.get_relationship(NAME)

    @invariant()
    def states_are_reachable(self) -> None:
        for name, _, held in self.reachable():
            assert held.state in REACHABLE
            for step in self.lab.history(name, NAME):
                assert step.state is State.STARTUP or step.state in TRANSITIONS[step.before], step
            times = [step.time for step in self.lab.history(name, NAME)]
            assert times == sorted(times)

    @invariant()
    def statistics_add_up(self) -> None:
        for _, server, held in self.reachable():
            for scope in held.scopes:
                count = server.get_scope_statistics(scope)
                assert count.addresses_total == 14 == count.addresses_free + count.addresses_in_use
                here, there = count.addresses_free_on_this_server, count.addresses_free_on_partner_server
                assert count.addresses_free == here + there
                here, there = count.addresses_in_use_on_this_server, count.addresses_in_use_on_partner_server
                assert count.addresses_in_use == here + there
                assert min(here, there, count.addresses_free_on_this_server) >= 0

    @invariant()
    def a_scope_is_in_one_relationship(self) -> None:
        for _, server, _ in self.reachable():
            scopes = [scope for held in server.relationships() for scope in held.scopes]
            assert len(scopes) == len(set(scopes))

    @invariant()
    def no_free_address_is_given_out_twice(self) -> None:
        """In NORMAL the addresses that one server would give to newcomers are none that the other would."""
        sides = list(self.reachable())
        if [held.state for _, _, held in sides] != [State.NORMAL, State.NORMAL]:
            return
        for scope in set(sides[0][2].scopes) & set(sides[1][2].scopes):
            offers = [addresses_to_give(self.lab, name, scope) for name, _, _ in sides]
            assert not offers[0] & offers[1]

    @precondition(lambda self: not self.misused and not self.automatic)
    @invariant()
    def no_address_has_two_clients(self) -> None:
        """As long as nobody took a living partner for dead, the MCLT keeps every lease from being given to another."""
        soon = self.lab.now + timedelta(minutes=5)  # further apart the servers' clocks never are
        held = [
            record for (scope, _), record in self.held.items() if scope == SCOPE
        ]  # the other may be out of failover
        current = [record.address for record in held if record.lease_expires is None or soon < record.lease_expires]
        assert len(current) == len(set(current))


def comparable(relationship: Relationship) -> dict[str, Any]:
    own = ("server_type", "state", "previous_state")
    return {name: value for name, value in relationship.to_dict().items() if name not in own}


def told(record: FailoverClient) -> tuple[Any, ...]:
    return record.address, record.client_id, record.lease_expires, record.owner.address, record.address_state


def addresses_to_give(lab: Lab, server: str, scope: IPv4Address) -> set[IPv4Address]:
    """Ask a copy of the lab for addresses until there are none."""
    known = {record.client_id for record in lab.clients(server, scope)}
    copy = Lab.from_dict(lab.to_dict(secrets=True))
    given: set[IPv4Address] = set()
    for number in range(100, 130):
        record = copy.lease(scope, bytes([number]), server=server)
        if record is None:
            break
        assert record.client_id not in known
        given.add(record.address)
    return given


TwoServers.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestTwoServers = TwoServers.TestCase
