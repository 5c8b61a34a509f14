"""What only a real pair can tell is a switch of the simulator; the operations converge either way."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from dhcpfo.pair import PairError
from dhcpfo.simulator import Switches, Timers
from pairs import OPERATIONS, PARTNERS, Writes, check_error, different, pair_of, picture, plant, world

SWITCHES = (
    "added_scopes_on_partner",
    "delete_closes_link",
    "exclusions_can_repeat",
    "failover_range_can_change",
    "failover_range_stays",
    "recreated_half_waits",
    "secret_flag_accepted",
    "secret_shown_to_administrators",
    "secret_shown_to_users",
    "set_reaches_partner",
    "synchronising_before_state",
)


def changed_world(switch, partner, related):
    lab = world(partner, related=related)
    lab.switches = replace(lab.switches, **{switch: not getattr(Switches(), switch)})
    lab.timers = Timers(integration=timedelta(seconds=20))
    return lab


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("switch", SWITCHES)
def test_an_operation_converges_either_way(switch, operation):
    """Also after a fault at one of its writes; the second run sends nothing."""
    related, call = OPERATIONS[operation]
    choice = random.Random(f"{switch} {operation}")
    partner = choice.choice(PARTNERS)
    lab = changed_world(switch, partner, related)
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

    lab = changed_world(switch, partner, related)
    before = picture(lab)
    writes = Writes(choice.randint(1, max(1, len(count.calls))), plant(lab, choice.choice(("refused", "done"))))
    try:
        call(pair_of(lab, writes))
    except PairError as error:
        check_error(before, lab, error)
    call(pair_of(lab))
    assert different(goal, picture(lab)) == set()


@pytest.mark.parametrize("operation", ["create", "add_scopes"])
def test_servers_that_want_scopes_disabled_are_left_as_they_are(operation):
    """The scopes of the source are never disabled: nothing would remember to enable them after a kill."""
    related, call = OPERATIONS[operation]
    lab = changed_world("joining_scopes_disabled", "absent", related)
    before = picture(lab)
    with pytest.raises(PairError) as refused:
        call(pair_of(lab))
    assert refused.value.as_before
    assert different(before, picture(lab)) == set()
