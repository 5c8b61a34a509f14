"""The failover protocol between two simulated servers: its ways step by step, and hypothesis' search for others."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dhcpfo import FailoverClient, FailoverMode, FailoverState, Relationship, Server, ServerType
from dhcpfo.errors import DhcpError, RelationshipNotFoundError, ServerUnavailableError
from dhcpfo.simulator import Lab, Switches, Timers

NAME = "pair"
SERVERS = ("dhcp1", "dhcp2")
SCOPE, OTHER = IPv4Address("10.0.0.0"), IPv4Address("10.1.0.0")
MCLT = timedelta(hours=1)
RECEIVE, RECONNECT, STARTUP, EXCHANGE = Timers().receive, Timers().reconnect, Timers().startup, Timers().exchange
State = FailoverState

PATH_TO_NORMAL = ["STARTUP", "RECOVER", "RECOVER_DONE", "NORMAL"]


def values(**changes: Any) -> dict[str, Any]:
    return {
        "name": NAME,
        "primary_server": "192.0.2.1",
        "secondary_server": "192.0.2.2",
        "scopes": [SCOPE],
        "shared_secret": "secret",
        "mclt": MCLT,
    } | changes


def furnish(lab: Lab) -> tuple[Server, Server]:
    """Put two servers with two small scopes into a lab."""
    for number, name in enumerate(SERVERS, 1):
        lab.add_server(name, f"192.0.2.{number}")
    for scope in (SCOPE, OTHER):
        lab.add_scope(f"{scope}/28", lease_time=timedelta(hours=3))
    return lab.connect("dhcp1", direct=True), lab.connect("dhcp2", direct=True)


def create(servers: tuple[Server, Server], **changes: Any) -> None:
    for server, role in zip(reversed(servers), (ServerType.SECONDARY, ServerType.PRIMARY), strict=True):
        server.create_relationship(Relationship(server_type=role, **values(**changes)))


def states(servers: tuple[Server, Server]) -> tuple[State, State]:
    first, second = (server.get_relationship(NAME).state for server in servers)
    return first, second


@pytest.fixture
def servers(lab: Lab) -> tuple[Server, Server]:
    return furnish(lab)


@pytest.fixture
def pair(lab: Lab, servers: tuple[Server, Server]) -> tuple[Server, Server]:
    """Two servers whose relationship is NORMAL."""
    create(servers)
    lab.settle()
    return servers


@pytest.fixture
def path(lab: Lab) -> Callable[[str], list[str]]:
    """Return the states that a server has entered since the last look."""
    seen = dict.fromkeys(SERVERS, 0)

    def look(server: str) -> list[str]:
        history = lab.history(server, NAME)
        new = [step.state.name for step in history[seen[server] :]]
        seen[server] = len(history)
        return new

    return look


def test_a_new_relationship_recovers_and_is_normal(lab: Lab, servers: tuple[Server, Server], path: Any) -> None:
    create(servers)
    seen = []
    for _ in range(4):
        relationship = servers[0].get_relationship(NAME)
        seen.append((relationship.state, relationship.previous_state))
        lab.advance(EXCHANGE)
    assert seen == [
        (State.STARTUP, State.INIT),
        (State.RECOVER, State.STARTUP),
        (State.RECOVER_DONE, State.RECOVER),
        (State.NORMAL, State.RECOVER_DONE),
    ]
    assert path("dhcp1") == path("dhcp2") == PATH_TO_NORMAL


def test_a_server_without_its_partner_works_alone_after_the_startup_time(
    lab: Lab, servers: tuple[Server, Server]
) -> None:
    servers[1].create_relationship(Relationship(server_type=ServerType.SECONDARY, **values()))
    lab.advance(STARTUP - EXCHANGE)
    assert servers[1].get_relationship(NAME).state is State.STARTUP
    lab.advance(EXCHANGE)
    assert servers[1].get_relationship(NAME).state is State.COMMUNICATION_INTERRUPTED
    servers[0].create_relationship(Relationship(**values()))
    lab.settle()


def test_a_cut_link_is_noticed_when_messages_stay_away(lab: Lab, pair: tuple[Server, Server]) -> None:
    lab.cut("dhcp1", "dhcp2")
    lab.advance(RECEIVE - EXCHANGE)
    assert states(pair) == (State.NORMAL, State.NORMAL)
    lab.advance(EXCHANGE)
    assert states(pair) == (State.COMMUNICATION_INTERRUPTED, State.COMMUNICATION_INTERRUPTED)
    lab.mend("dhcp2", "dhcp1")
    assert lab.settle() <= RECONNECT + EXCHANGE
    assert pair[0].get_relationship(NAME).previous_state is State.COMMUNICATION_INTERRUPTED


def test_a_short_cut_is_not_noticed(lab: Lab, pair: tuple[Server, Server], path: Any) -> None:
    path("dhcp1")
    lab.cut("dhcp1", "dhcp2")
    lab.advance(RECEIVE - EXCHANGE)
    lab.mend("dhcp1", "dhcp2")
    lab.advance(RECEIVE)
    assert path("dhcp1") == []


def test_a_stopped_service_is_noticed_at_once(lab: Lab, pair: tuple[Server, Server], path: Any) -> None:
    path("dhcp1"), path("dhcp2")
    lab.stop("dhcp2")
    assert pair[0].get_relationship(NAME).state is State.COMMUNICATION_INTERRUPTED
    lab.start("dhcp2")
    assert pair[1].get_relationship(NAME).state is State.STARTUP
    lab.settle()
    assert path("dhcp1") == ["COMMUNICATION_INTERRUPTED", "NORMAL"]
    assert path("dhcp2") == ["STARTUP", "COMMUNICATION_INTERRUPTED", "NORMAL"]


def test_a_quick_restart_of_a_host_is_seen_as_lost_contact(lab: Lab, pair: tuple[Server, Server], path: Any) -> None:
    path("dhcp1")
    lab.power_off("dhcp2")
    lab.advance(RECEIVE / 2)
    lab.start("dhcp2")
    lab.settle()
    assert path("dhcp1") == ["COMMUNICATION_INTERRUPTED", "NORMAL"]


def test_a_state_that_needs_a_partner_does_not_last_without_one(lab: Lab, servers: tuple[Server, Server]) -> None:
    servers[0].create_relationship(Relationship(**values()))
    servers[0].set_relationship(NAME, state=State.NORMAL)
    servers[0].add_failover_scopes(NAME, [OTHER])
    lab.advance(RECEIVE)
    assert servers[0].get_relationship(NAME).state is State.COMMUNICATION_INTERRUPTED


@pytest.mark.parametrize("kind", ["secret", "clock", "deleted"])
def test_partners_that_do_not_fit_lose_contact(lab: Lab, pair: tuple[Server, Server], kind: str) -> None:
    if kind == "secret":
        pair[1].set_relationship(NAME, shared_secret="another")
    elif kind == "clock":
        lab.set_clock_offset("dhcp2", timedelta(seconds=-61))
    else:
        pair[1].delete_relationship(NAME)
    assert pair[0].get_relationship(NAME).state is State.COMMUNICATION_INTERRUPTED
    if kind == "secret":
        pair[0].set_relationship(NAME, shared_secret="another")
    elif kind == "clock":
        lab.set_clock_offset("dhcp2", timedelta(seconds=-60))
    else:
        pair[1].create_relationship(Relationship(server_type=ServerType.SECONDARY, **values()))
    lab.settle()


@pytest.mark.parametrize(
    "changes",
    [{"server_type": ServerType.PRIMARY}, {"name": "another"}, {"primary_server": "192.0.2.9"}],
    ids=["same-role", "other-name", "other-server"],
)
def test_copies_that_are_no_counterparts_never_meet(
    lab: Lab, servers: tuple[Server, Server], changes: dict[str, Any]
) -> None:
    servers[0].create_relationship(Relationship(**values()))
    servers[1].create_relationship(Relationship(**values(server_type=ServerType.SECONDARY) | changes))
    with pytest.raises(TimeoutError, match="pair on dhcp1 is COMMUNICATION_INTERRUPTED"):
        lab.settle(timedelta(hours=1))


def test_automatic_partner_down_and_reintegration(lab: Lab, servers: tuple[Server, Server], path: Any) -> None:
    create(servers, state_switch_interval=timedelta(minutes=10))
    lab.settle()
    path("dhcp1"), path("dhcp2")
    lab.power_off("dhcp2")
    lab.advance(RECEIVE + timedelta(minutes=10) - EXCHANGE)
    assert servers[0].get_relationship(NAME).state is State.COMMUNICATION_INTERRUPTED
    lab.advance(EXCHANGE)
    assert servers[0].get_relationship(NAME).state is State.PARTNER_DOWN
    lab.start("dhcp2")
    assert lab.settle() >= MCLT
    assert path("dhcp1") == ["COMMUNICATION_INTERRUPTED", "PARTNER_DOWN", "NORMAL"]
    assert path("dhcp2") == ["STARTUP", "RECOVER", "RECOVER_WAIT", "RECOVER_DONE", "NORMAL"]


def test_a_shorter_interval_counts_from_the_call(lab: Lab, pair: tuple[Server, Server]) -> None:
    lab.power_off("dhcp2")
    lab.advance(timedelta(hours=1))
    pair[0].set_relationship(NAME, state_switch_interval=timedelta(minutes=1))
    now = lab.now
    assert pair[0].get_relationship(NAME).state is State.PARTNER_DOWN
    assert lab.history("dhcp1", NAME)[-1].time == now


def test_a_partner_that_worked_on_meanwhile_is_a_conflict(lab: Lab, pair: tuple[Server, Server], path: Any) -> None:
    lab.cut("dhcp1", "dhcp2")
    lab.advance(RECEIVE)
    path("dhcp1"), path("dhcp2")
    pair[0].set_relationship(NAME, state=State.PARTNER_DOWN)
    lab.mend("dhcp1", "dhcp2")
    lab.settle()
    assert path("dhcp1") == ["PARTNER_DOWN", "POTENTIAL_CONFLICT", "CONFLICT_DONE", "NORMAL"]
    assert path("dhcp2") == ["POTENTIAL_CONFLICT", "NORMAL"]


def test_a_conflict_that_is_interrupted_is_taken_up_again(lab: Lab, pair: tuple[Server, Server], path: Any) -> None:
    lab.cut("dhcp1", "dhcp2")
    lab.advance(RECEIVE)
    for server in pair:
        server.set_relationship(NAME, state=State.PARTNER_DOWN)
    lab.mend("dhcp1", "dhcp2")
    path("dhcp1"), path("dhcp2")
    while State.POTENTIAL_CONFLICT not in states(pair):
        lab.advance(EXCHANGE)
    lab.cut("dhcp1", "dhcp2")
    lab.advance(RECEIVE)
    assert states(pair) == (State.RESOLUTION_INTERRUPTED, State.RESOLUTION_INTERRUPTED)
    lab.mend("dhcp1", "dhcp2")
    lab.settle()
    assert path("dhcp1")[-4:] == ["RESOLUTION_INTERRUPTED", "POTENTIAL_CONFLICT", "CONFLICT_DONE", "NORMAL"]
    assert path("dhcp2")[-3:] == ["RESOLUTION_INTERRUPTED", "POTENTIAL_CONFLICT", "NORMAL"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (State.NORMAL, State.COMMUNICATION_INTERRUPTED),
        (State.PARTNER_DOWN, State.PARTNER_DOWN),
        (State.POTENTIAL_CONFLICT, State.RESOLUTION_INTERRUPTED),
        (State.RECOVER_WAIT, State.RECOVER),
        (State.RECOVER_DONE, State.RECOVER_DONE),
        (State.CONFLICT_DONE, State.COMMUNICATION_INTERRUPTED),
        (State.PAUSED, State.COMMUNICATION_INTERRUPTED),
    ],
)
def test_a_restart_without_the_partner(lab: Lab, pair: tuple[Server, Server], before: State, after: State) -> None:
    lab.switches = Switches(partner_down_accepted_in_normal=True)
    lab.power_off("dhcp2")
    pair[0].set_relationship(NAME, state=before)
    lab.start("dhcp1")
    held = pair[0].get_relationship(NAME)
    assert (held.state, held.previous_state) == (State.STARTUP, before)
    lab.advance(STARTUP)
    held = pair[0].get_relationship(NAME)
    assert (held.state, held.previous_state) == (after, State.STARTUP)


def test_a_second_restart_remembers_where_the_first_began(lab: Lab, pair: tuple[Server, Server]) -> None:
    lab.power_off("dhcp2")
    lab.start("dhcp1")
    lab.start("dhcp1")
    assert pair[0].get_relationship(NAME).previous_state is State.NORMAL


@pytest.mark.parametrize(
    ("told", "follows"), [(State.PAUSED, "COMMUNICATION_INTERRUPTED"), (State.SHUTDOWN, "PARTNER_DOWN")]
)
def test_a_partner_that_says_goodbye(
    lab: Lab, pair: tuple[Server, Server], path: Any, told: State, follows: str
) -> None:
    path("dhcp1")
    pair[1].set_relationship(NAME, state=told)
    lab.advance(EXCHANGE)
    assert path("dhcp1") == [follows]


@pytest.mark.parametrize("first", list(State))
@pytest.mark.parametrize("second", list(State))
def test_every_pair_of_states_finds_back_to_normal(
    lab: Lab, pair: tuple[Server, Server], first: State, second: State
) -> None:
    """Except PAUSED and SHUTDOWN, which only a call or a restart ends."""
    lab.switches = Switches(partner_down_accepted_in_normal=True)
    for server, state in zip(pair, (first, second), strict=True):
        server.set_relationship(NAME, state=state)
    if {first, second} & {State.PAUSED, State.SHUTDOWN}:
        for name in SERVERS:
            lab.start(name)
    lab.settle(timedelta(hours=2))


def test_the_primary_redistributes_every_five_minutes(lab: Lab, pair: tuple[Server, Server]) -> None:
    for number in range(6):
        lab.lease(SCOPE, bytes([number]))
    lab.advance(timedelta(minutes=4))
    uneven = pair[0].get_scope_statistics(SCOPE)
    lab.advance(timedelta(minutes=1))
    even = pair[0].get_scope_statistics(SCOPE)
    assert uneven.addresses_free == even.addresses_free == 8
    assert uneven.addresses_free_on_this_server != even.addresses_free_on_this_server == 4


def test_a_long_advance_and_many_short_ones_are_the_same() -> None:
    """What happens depends on the clock, not on when somebody looks."""
    ends = []
    for steps in (1, 7200):
        lab = Lab()
        servers = furnish(lab)
        create(servers, state_switch_interval=timedelta(minutes=20))
        for number in range(5):
            lab.lease(SCOPE, bytes([number]))
        lab.cut("dhcp1", "dhcp2")
        for _ in range(steps):
            lab.advance(timedelta(hours=2) / steps)
        lab.mend("dhcp1", "dhcp2")
        lab.settle()
        ends.append(lab.to_dict()["hosts"])
    assert ends[0] == ends[1]


# The search

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
    State.STARTUP: REACHABLE
    - {State.NORMAL, State.STARTUP, State.CONFLICT_DONE, State.POTENTIAL_CONFLICT, State.RECOVER_WAIT},
    State.RECOVER: {State.RECOVER_WAIT, State.RECOVER_DONE},
    State.RECOVER_WAIT: {State.RECOVER_DONE},
    State.RECOVER_DONE: {State.NORMAL, State.POTENTIAL_CONFLICT},
    State.NORMAL: {State.COMMUNICATION_INTERRUPTED, State.POTENTIAL_CONFLICT},
    State.COMMUNICATION_INTERRUPTED: {State.NORMAL, State.PARTNER_DOWN, State.POTENTIAL_CONFLICT},
    State.PARTNER_DOWN: {State.NORMAL, State.POTENTIAL_CONFLICT},
    State.POTENTIAL_CONFLICT: {State.CONFLICT_DONE, State.NORMAL, State.RESOLUTION_INTERRUPTED},
    State.RESOLUTION_INTERRUPTED: {State.POTENTIAL_CONFLICT},
    State.CONFLICT_DONE: {State.NORMAL, State.COMMUNICATION_INTERRUPTED},
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
