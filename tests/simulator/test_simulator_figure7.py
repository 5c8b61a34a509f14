"""Figure 7 of [MS-DHCPF], arrow by arrow, between two servers of a lab."""

from datetime import timedelta
from ipaddress import IPv4Address

import pytest

from dhcpfo import FailoverState, Server
from dhcpfo.simulator import Lab, Switches, Timers

NAME = "pair"
SCOPE = IPv4Address("10.0.0.0")
State = FailoverState
EXCHANGE, RECEIVE, STARTUP = Timers().exchange, Timers().receive, Timers().startup

SHORT = {
    "no": State.NO_STATE,
    "in": State.INIT,
    "st": State.STARTUP,
    "N": State.NORMAL,
    "CI": State.COMMUNICATION_INTERRUPTED,
    "PD": State.PARTNER_DOWN,
    "PC": State.POTENTIAL_CONFLICT,
    "CD": State.CONFLICT_DONE,
    "RI": State.RESOLUTION_INTERRUPTED,
    "R": State.RECOVER,
    "RW": State.RECOVER_WAIT,
    "RD": State.RECOVER_DONE,
    "pa": State.PAUSED,
    "sh": State.SHUTDOWN,
}

# The state that follows an exchange of states. Rows: the own state; columns: the partner's.
# A dot stays. PC and CD depend on the role: see the second table. STARTUP has tests of its own below.
MEETS = """
     N    CI   PD   PC   CD   RI   R    RW   RD   pa   sh   in
N    .    .    PC   PC   .    PC   CI   CI   .    CI   PD   .
CI   N    N    PC   PC   PC   PC   .    .    N    .    PD   .
PD   PC   PC   PC   PC   PC   PC   .    .    N    .    .    .
RI   PC   PC   PC   PC   PC   PC   PC   PC   PC   PC   PC   PC
R    RW   RW   RW   PC   PC   PC   RW   RW   RW   RW   RW   RW
RW   .    .    .    .    .    .    .    .    .    .    .    .
RD   N    .    .    PC   .    .    CI   CI   N    .    .    .
in   R    R    R    R    R    R    R    R    R    R    R    R
pa   .    .    .    .    .    .    .    .    .    .    .    .
sh   .    .    .    .    .    .    .    .    .    .    .    .
"""

MEETS_AS_PRIMARY = """
     N    CI   PD   PC   CD   RI   R    RW   RD   pa   sh   in
PC   .    .    .    CD   .    .    .    .    .    .    .    .
CD   N    .    .    .    .    .    .    .    N    .    .    .
"""

MEETS_AS_SECONDARY = """
     N    CI   PD   PC   CD   RI   R    RW   RD   pa   sh   in
PC   .    .    .    .    N    .    .    .    .    .    .    .
CD   N    .    .    PC   PC   .    .    .    N    .    .    .
"""


def arrows(table: str) -> list[tuple[State, State, State]]:
    """Return own state, partner's state, and the state that follows."""
    head, *lines = table.strip("\n").splitlines()
    found = []
    for line in lines:
        own, *cells = line.split()
        for partner, cell in zip(head.split(), cells, strict=True):
            found.append((SHORT[own], SHORT[partner], SHORT[own if cell == "." else cell]))
    return found


def name_of(value: object) -> str:
    return value.name if isinstance(value, State) else str(value)


@pytest.fixture
def pair(lab: Lab) -> tuple[Server, Server]:
    lab.switches = Switches(partner_down_accepted_in_normal=True)
    return lab.add_pair(NAME, scopes=[f"{SCOPE}/28"], direct=True)


def exchange(lab: Lab, pair: tuple[Server, Server], own: State, partner: State, primary: bool) -> State:
    """Set both states at once, and return the own one after one exchange."""
    me, other = pair if primary else pair[::-1]
    me.set_relationship(NAME, state=own)
    other.set_relationship(NAME, state=partner)
    lab.advance(EXCHANGE)
    return me.get_relationship(NAME).state


@pytest.mark.parametrize("primary", [True, False], ids=["primary", "secondary"])
@pytest.mark.parametrize(("own", "partner", "expected"), arrows(MEETS), ids=name_of)
def test_a_meeting(
    lab: Lab, pair: tuple[Server, Server], own: State, partner: State, expected: State, primary: bool
) -> None:
    assert exchange(lab, pair, own, partner, primary) is expected


@pytest.mark.parametrize(("own", "partner", "expected"), arrows(MEETS_AS_PRIMARY), ids=name_of)
def test_a_meeting_of_the_primary(
    lab: Lab, pair: tuple[Server, Server], own: State, partner: State, expected: State
) -> None:
    assert exchange(lab, pair, own, partner, True) is expected


@pytest.mark.parametrize(("own", "partner", "expected"), arrows(MEETS_AS_SECONDARY), ids=name_of)
def test_a_meeting_of_the_secondary(
    lab: Lab, pair: tuple[Server, Server], own: State, partner: State, expected: State
) -> None:
    assert exchange(lab, pair, own, partner, False) is expected


LOST = {State.NORMAL: State.COMMUNICATION_INTERRUPTED, State.POTENTIAL_CONFLICT: State.RESOLUTION_INTERRUPTED}
TIMED = {State.STARTUP, State.RECOVER_WAIT}


@pytest.mark.parametrize("state", [state for state in State if state not in TIMED], ids=name_of)
def test_contact_is_lost(lab: Lab, pair: tuple[Server, Server], state: State) -> None:
    pair[0].set_relationship(NAME, state=state)
    lab.stop("dhcp2")
    assert pair[0].get_relationship(NAME).state is LOST.get(state, state)


RESUMED = {
    State.PARTNER_DOWN: State.PARTNER_DOWN,
    State.POTENTIAL_CONFLICT: State.RESOLUTION_INTERRUPTED,
    State.RESOLUTION_INTERRUPTED: State.RESOLUTION_INTERRUPTED,
    State.CONFLICT_DONE: State.CONFLICT_DONE,
    State.RECOVER: State.RECOVER,
    State.RECOVER_WAIT: State.RECOVER_WAIT,
    State.RECOVER_DONE: State.RECOVER_DONE,
}


@pytest.mark.parametrize("state", [state for state in State if state is not State.STARTUP], ids=name_of)
def test_a_start_without_the_partner(lab: Lab, pair: tuple[Server, Server], state: State) -> None:
    lab.power_off("dhcp2")
    pair[0].set_relationship(NAME, state=state)
    lab.start("dhcp1")
    assert pair[0].get_relationship(NAME).state is State.STARTUP
    lab.advance(STARTUP)
    assert pair[0].get_relationship(NAME).state is RESUMED.get(state, State.COMMUNICATION_INTERRUPTED)


@pytest.mark.parametrize("state", [state for state in State if state is not State.STARTUP], ids=name_of)
@pytest.mark.parametrize("partner", [State.NORMAL, State.PARTNER_DOWN], ids=name_of)
def test_a_start_that_finds_the_partner(lab: Lab, pair: tuple[Server, Server], state: State, partner: State) -> None:
    lab.power_off("dhcp1")
    lab.advance(RECEIVE)
    pair[1].set_relationship(NAME, state=partner)
    lab.start("dhcp1")
    pair[0].set_relationship(NAME, state=state)
    lab.start("dhcp1")
    lab.advance(EXCHANGE)
    expected = RESUMED.get(state, State.COMMUNICATION_INTERRUPTED)
    missed = expected is State.COMMUNICATION_INTERRUPTED and partner is State.PARTNER_DOWN
    if missed or state in (State.NO_STATE, State.INIT):
        expected = State.RECOVER
    assert pair[0].get_relationship(NAME).state is expected


def test_recover_wait_ends_after_an_mclt(lab: Lab, pair: tuple[Server, Server]) -> None:
    lab.power_off("dhcp2")
    pair[0].set_relationship(NAME, state=State.RECOVER_WAIT)
    lab.advance(timedelta(hours=1) - EXCHANGE)
    assert pair[0].get_relationship(NAME).state is State.RECOVER_WAIT
    lab.advance(EXCHANGE)
    assert pair[0].get_relationship(NAME).state is State.RECOVER_DONE


def test_a_server_without_leases_does_not_wait(lab: Lab) -> None:
    lab.add_pair(NAME, scopes=[f"{SCOPE}/28"], direct=True)
    path = [step.state for step in lab.history("dhcp1", NAME)]
    assert path == [State.STARTUP, State.RECOVER, State.RECOVER_DONE, State.NORMAL]


def test_recovering_while_the_partner_has_a_conflict_takes_seconds(lab: Lab, pair: tuple[Server, Server]) -> None:
    lab.cut("dhcp1", "dhcp2")
    lab.advance(RECEIVE)
    pair[0].set_relationship(NAME, state=State.RECOVER)
    pair[1].set_relationship(NAME, state=State.RESOLUTION_INTERRUPTED)
    lab.mend("dhcp1", "dhcp2")
    assert lab.settle() < timedelta(minutes=2)
