"""What only a real pair can tell is a switch of the simulator; the operations converge either way."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from dhcpfo.enums import ScopeState
from dhcpfo.pair import PairError, Side
from dhcpfo.simulator import Lab, Switches, Timers
from pairs import (
    EVERY,
    NAME,
    OPERATIONS,
    PARTNERS,
    SERVERS,
    Writes,
    check_error,
    different,
    pair_of,
    picture,
    plant,
    world,
    world_of,
)

ASKED = {"create": "create_disabled", "add_scopes": "add_disabled"}
"""Operations that servers refuse if they only take disabled scopes, and how to ask for the same there."""

SWITCHES = (
    "added_scopes_on_partner",
    "delete_closes_link",
    "exclusions_can_repeat",
    "failover_range_can_change",
    "failover_range_stays",
    "joining_scopes_disabled",
    "recreated_half_waits",
    "secret_flag_accepted",
    "secret_shown_to_administrators",
    "secret_shown_to_users",
    "set_reaches_partner",
    "synchronising_before_state",
)


def changed_world(switch, partner, operation):
    lab = world_of(operation, partner)
    lab.switches = replace(lab.switches, **{switch: not getattr(Switches(), switch)})
    lab.timers = Timers(integration=timedelta(seconds=20))
    return lab


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("switch", SWITCHES)
def test_an_operation_converges_either_way(switch, operation):
    """Also after a fault at one of its writes; the second run sends nothing."""
    call = OPERATIONS[operation if switch != "joining_scopes_disabled" else ASKED.get(operation, operation)][1]
    choice = random.Random(f"{switch} {operation}")
    partner = choice.choice(PARTNERS)
    lab = changed_world(switch, partner, operation)
    count = Writes()
    if switch == "secret_flag_accepted" and operation == "rotate_secret":
        with pytest.raises(PairError) as refused:
            call(pair_of(lab))
        assert refused.value.as_before
        return
    call(pair_of(lab, count))
    goal = picture(lab)
    again = Writes()
    call(pair_of(lab, again))
    hidden = operation == "rotate_secret" and switch == "secret_shown_to_administrators"
    assert bool(again.calls) == hidden  # a secret that cannot be read is always written
    assert different(goal, picture(lab)) == set()

    lab = changed_world(switch, partner, operation)
    before = picture(lab)
    writes = Writes(choice.randint(1, max(1, len(count.calls))), plant(lab, choice.choice(("refused", "done"))))
    try:
        call(pair_of(lab, writes))
    except PairError as error:
        check_error(before, lab, error)
    call(pair_of(lab))
    assert different(goal, picture(lab)) == set()


@pytest.mark.parametrize("operation", ASKED)
def test_servers_that_want_scopes_disabled_are_left_as_they_are(operation):
    """Scopes of the source are disabled only if the caller says so, and the error tells how."""
    call = OPERATIONS[operation][1]
    lab = changed_world("joining_scopes_disabled", "absent", operation)
    before = picture(lab)
    with pytest.raises(PairError, match="join_disabled=True disables them for the moment") as refused:
        call(pair_of(lab))
    assert refused.value.as_before
    assert different(before, picture(lab)) == set()


@pytest.mark.parametrize("operation", ASKED.values())
@pytest.mark.parametrize("strict", [False, True])
def test_scopes_that_joined_disabled_are_all_enabled_at_the_end(operation, strict):
    """Whatever they were before: a run that was killed may have disabled them."""
    lab = world_of(operation, "absent")
    lab.switches = replace(lab.switches, joining_scopes_disabled=strict)
    before = picture(lab)
    result = OPERATIONS[operation][1](pair_of(lab))
    scopes = {step.about.scope for step in result.done if step.about.scope is not None}
    assert scopes
    for server in SERVERS.values():
        assert all(lab.connect(server, direct=True).get_scope(scope).enabled for scope in scopes)
    idle = [scope for scope in scopes if before["dhcp1", "scope-state", str(scope)] == ScopeState.DISABLED]
    assert [note.code for note in result.plan.notes] == ["enables"] * bool(idle)


def test_scopes_are_disabled_only_around_the_step_in_which_they_join():
    lab = world("absent")
    steps = pair_of(lab).plan.create(NAME, EVERY, join_disabled=True).steps
    shown = [str(step) for step in steps if step.side is Side.PRIMARY]
    assert [text.split(" ")[0] for text in shown] == ["disable", "disable", "create", "enable", "enable", "enable"]
    assert all(str(step).startswith("enable") for step in steps[-len(EVERY) :])


def test_more_scopes_than_a_call_takes_join_disabled_part_by_part():
    lab = Lab()
    for number in (1, 2):
        lab.add_server(f"dhcp{number}", f"192.0.2.{number}")
    scopes = [lab.add_scope(f"10.{n // 250}.{n % 250}.0/24", servers=["dhcp1"]) for n in range(403)]
    lab.switches = Switches(joining_scopes_disabled=True)
    pair = pair_of(lab)
    steps = pair.plan.create(NAME, scopes, join_disabled=True).steps
    off = most = 0
    for step in steps:
        if step.side is Side.PRIMARY and step.about.kind == "scope-state":
            off += -1 if step.after == ScopeState.ENABLED else 1
            most = max(most, off)
    assert (off, most) == (0, 400)
    pair.create(NAME, scopes, join_disabled=True)
    assert not pair.plan.create(NAME, scopes, join_disabled=True)
    assert pair.audit(depth="scopes").codes() == []
