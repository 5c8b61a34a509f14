"""The failover protocol between two simulated servers, step by step."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from dhcpfo import FailoverState, Relationship, Server, ServerType
from dhcpfo.simulator import Lab, Switches, Timers
from machines import MCLT, NAME, OTHER, SCOPE, SERVERS, create, furnish, values

RECEIVE, RECONNECT, STARTUP, EXCHANGE = Timers().receive, Timers().reconnect, Timers().startup, Timers().exchange
State = FailoverState

PATH_TO_NORMAL = ["STARTUP", "RECOVER", "RECOVER_DONE", "NORMAL"]


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


def test_an_interval_that_is_set_counts_from_the_call(lab: Lab, pair: tuple[Server, Server]) -> None:
    """[MS-DHCPF] 3.1.2.1: the timer is initialised when it is enabled on an existing relationship."""
    lab.power_off("dhcp2")
    lab.advance(timedelta(hours=5))
    pair[0].set_relationship(NAME, state_switch_interval=timedelta(hours=1))
    now = lab.now
    lab.advance(timedelta(minutes=30))
    pair[0].set_relationship(NAME, percentage=40)  # does not begin it again
    lab.advance(timedelta(minutes=30) - EXCHANGE)
    assert pair[0].get_relationship(NAME).state is State.COMMUNICATION_INTERRUPTED
    lab.advance(EXCHANGE)
    assert pair[0].get_relationship(NAME).state is State.PARTNER_DOWN
    assert lab.history("dhcp1", NAME)[-1].time == now + timedelta(hours=1)


def test_an_interval_that_was_set_in_contact_counts_from_the_loss_of_it(lab: Lab, pair: tuple[Server, Server]) -> None:
    pair[0].set_relationship(NAME, state_switch_interval=timedelta(hours=1))
    lab.advance(timedelta(hours=3))
    lab.stop("dhcp2")
    lab.advance(timedelta(hours=1) - EXCHANGE)
    assert pair[0].get_relationship(NAME).state is State.COMMUNICATION_INTERRUPTED
    lab.advance(EXCHANGE)
    assert pair[0].get_relationship(NAME).state is State.PARTNER_DOWN


@pytest.mark.parametrize("away", [15, 35, 120, 2880])
@pytest.mark.parametrize("whole", [True, False])
def test_how_long_a_server_waits_after_its_partner_declared_it_down(
    lab: Lab, pair: tuple[Server, Server], away: int, whole: bool
) -> None:
    """A whole MCLT ([MS-DHCPM] 2.2.1.1.20), or until it is over since the last contact (Microsoft's examples)."""
    lab.switches = Switches(whole_recover_wait=whole)
    lab.power_off("dhcp2")
    lab.advance(RECEIVE)
    pair[0].set_relationship(NAME, state=State.PARTNER_DOWN)
    lab.advance(timedelta(minutes=away) - RECEIVE)
    lab.start("dhcp2")
    wait = MCLT if whole else max(MCLT - timedelta(minutes=away), timedelta(0))
    assert wait <= lab.settle() <= wait + 5 * EXCHANGE


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
        (State.RECOVER_WAIT, State.RECOVER_WAIT),
        (State.RECOVER_DONE, State.RECOVER_DONE),
        (State.CONFLICT_DONE, State.CONFLICT_DONE),
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
        lab.lease(SCOPE, bytes([number]), server="dhcp1")
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
