"""What only a real pair of servers can tell, as switches: each changes the answer that it names, and nothing else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dhcpfo import FailoverMode, FailoverState, Server, ServerType
from dhcpfo.enums import ScopeState
from dhcpfo.errors import DhcpError
from dhcpfo.models import AddressRange, ScopeRange
from dhcpfo.simulator import Lab, Rights, Switches, Timers
from labs import OTHER, SCOPE, SECRET, create, furnish, relationship


@pytest.fixture
def furnished(lab: Lab) -> Lab:
    furnish(lab)
    return lab


def code(call, *arguments, **keywords):
    """The code that a call answers; 0 for success."""
    try:
        call(*arguments, **keywords)
    except DhcpError as error:
        return error.winerror
    return 0


@pytest.mark.parametrize(("needed", "expected"), [(False, 0), (True, 87)])
def test_joining_scopes_disabled(furnished: Lab, needed: bool, expected: int) -> None:
    furnished.switches = Switches(joining_scopes_disabled=needed)
    servers = [furnished.connect(f"dhcp{number}", direct=True) for number in (1, 2)]
    assert code(servers[0].create_relationship, relationship(name="try")) == expected
    for server in servers:
        for scope in (SCOPE, OTHER):
            server.set_scope(scope, state=ScopeState.DISABLED)
        if server.relationships():
            server.delete_relationship("try")
    create(furnished)
    servers[0].set_scope(OTHER, state=ScopeState.ENABLED)
    furnished.settle()
    assert code(servers[0].add_failover_scopes, "Pair", [OTHER]) == expected
    servers[0].set_scope(OTHER, state=ScopeState.DISABLED)
    assert code(servers[1].add_failover_scopes, "Pair", [OTHER]) == 0


def test_added_scopes_on_partner(furnished: Lab) -> None:
    server, partner = create(furnished)
    furnished.settle()
    partner.delete_scope(OTHER)
    assert code(server.add_failover_scopes, "Pair", [OTHER]) == 20005
    furnished.switches = Switches(added_scopes_on_partner=False)
    assert code(server.add_failover_scopes, "Pair", [OTHER]) == 0


def test_secret_shown_to_administrators(furnished: Lab) -> None:
    server, _ = create(furnished)
    user = furnished.connect("dhcp1", direct=True, rights=Rights.USER)
    furnished.switches = Switches(secret_shown_to_administrators=False)
    for one in (server, user):
        assert one.get_relationship("Pair").shared_secret is None
    furnished.settle()  # they keep it, and understand each other
    furnished.switches = Switches()
    assert server.get_relationship("Pair").shared_secret == SECRET


@pytest.mark.parametrize("reaches", [False, True])
def test_set_reaches_partner(furnished: Lab, reaches: bool) -> None:
    furnished.switches = Switches(set_reaches_partner=reaches)
    server, partner = create(furnished)
    furnished.settle()
    changes = {"percentage": 7, "mclt": timedelta(minutes=2), "mode": FailoverMode.HOT_STANDBY}
    server.set_relationship("Pair", state_switch_interval=timedelta(hours=3), shared_secret="new", **changes)
    ours, theirs = (one.get_relationship("Pair") for one in (server, partner))
    assert ours.percentage == 7
    assert (theirs.replace(server_type=ServerType.PRIMARY) == ours) is reaches
    assert theirs.state is FailoverState.NORMAL if reaches else FailoverState.COMMUNICATION_INTERRUPTED
    server.set_relationship("Pair", state=FailoverState.PAUSED)
    assert partner.get_relationship("Pair").state is not FailoverState.PAUSED
    furnished.cut("dhcp1", "dhcp2")
    server.set_relationship("Pair", percentage=8)
    assert partner.get_relationship("Pair").percentage != 8


@pytest.mark.parametrize("closes", [True, False])
def test_delete_closes_link(furnished: Lab, closes: bool) -> None:
    furnished.switches = Switches(delete_closes_link=closes)
    server, partner = create(furnished)
    furnished.settle()
    partner.delete_relationship("Pair")
    at_once = server.get_relationship("Pair").state
    assert at_once is (FailoverState.COMMUNICATION_INTERRUPTED if closes else FailoverState.NORMAL)
    furnished.advance(furnished.timers.receive)
    assert server.get_relationship("Pair").state is FailoverState.COMMUNICATION_INTERRUPTED
    partner.create_relationship(relationship(server_type=ServerType.SECONDARY))
    furnished.settle()


@pytest.mark.parametrize(("waits", "least"), [(False, timedelta(0)), (True, timedelta(hours=1))])
def test_recreated_half_waits(furnished: Lab, waits: bool, least: timedelta) -> None:
    furnished.switches = Switches(recreated_half_waits=waits)
    _, partner = create(furnished)
    assert furnished.settle() < timedelta(hours=1)  # both are new
    partner.delete_relationship("Pair")
    partner.create_relationship(relationship(server_type=ServerType.SECONDARY))
    taken = furnished.settle()
    assert least <= taken < least + timedelta(minutes=5)


def test_the_time_of_an_integration(furnished: Lab) -> None:
    furnished.timers = replace(furnished.timers, integration=timedelta(seconds=10))
    server, partner = create(furnished)
    third = furnished.add_scope("10.2.0.0/24")
    furnished.settle()
    server.add_failover_scopes("Pair", [OTHER])
    for one in (server, partner):
        assert code(one.add_failover_scopes, "Pair", [third]) == 20133
        assert code(one.remove_failover_scopes, "Pair", [SCOPE]) == 20133
        assert one.get_relationship("Pair").state is FailoverState.NORMAL
    furnished.advance(timedelta(seconds=10))
    assert code(partner.add_failover_scopes, "Pair", [OTHER]) == 0
    with pytest.raises(ValueError, match="integration must not be negative"):
        Timers(integration=timedelta(seconds=-1))


def test_failover_range_can_change(furnished: Lab) -> None:
    server, _ = create(furnished)
    small, large = (ScopeRange(start=SCOPE + 1, end=SCOPE + last) for last in (100, 254))
    assert [code(set_range, server, scope) for scope in (small, large)] == [0, 0]
    furnished.switches = Switches(failover_range_can_change=False)
    assert [code(set_range, server, scope) for scope in (large, small)] == [0, 20132]
    assert code(set_range, server, ScopeRange(start=OTHER + 1, end=OTHER + 9)) == 0  # not in failover


def set_range(server: Server, value: ScopeRange) -> None:
    scope = SCOPE if value.start < OTHER else OTHER
    server.add_range(scope, value.start, value.end)


@pytest.mark.parametrize(("can", "expected", "count"), [(True, 0, 2), (False, 20023, 1)])
def test_exclusions_can_repeat(furnished: Lab, can: bool, expected: int, count: int) -> None:
    furnished.switches = Switches(exclusions_can_repeat=can)
    server = furnished.connect("dhcp1", direct=True)
    span = AddressRange(SCOPE + 5, SCOPE + 9)
    server.add_exclusion(SCOPE, span.start, span.end)
    assert code(server.add_exclusion, SCOPE, span.start, span.end) == expected
    assert server.exclusions(SCOPE) == [span] * count
    assert code(server.add_exclusion, SCOPE, span.start, span.end + 1) == 0  # overlaps only
