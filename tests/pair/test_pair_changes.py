"""Somebody else changes something before any write: no run reports success with two halves that differ."""

import random

import pytest

from dhcpfo import FailoverMode
from dhcpfo.enums import ScopeState
from dhcpfo.errors import DhcpError
from dhcpfo.pair import PairFailure
from pairs import NAME, OPERATIONS, PARTNERS, SCOPES, SERVERS, Writes, dangers, pair_of, picture, world_of


def foreign(lab, what):
    """Return a change that another administrator makes before a write."""

    def act(server, method):
        for name in SERVERS.values():
            other = lab.connect(name, direct=True)
            try:
                match what, name:
                    case "values", "dhcp1":
                        other.set_relationship(NAME, mode=FailoverMode.LOAD_BALANCE, percentage=33)
                    case "members", "dhcp2":
                        other.remove_failover_scopes(NAME, SCOPES[1:])
                    case "content", "dhcp2":
                        other.set_option_value(6, "203.0.113.9", scope=SCOPES[0])
                    case "delete", "dhcp1":
                        other.delete_relationship(NAME)
                    case "disable", "dhcp2":
                        other.set_scope(SCOPES[0], state=ScopeState.DISABLED)
            except DhcpError:
                pass  # the server does not have it (any more)

    return act


CHANGES = ("values", "members", "content", "delete", "disable")


def halves(found):
    """Return the values and members of both copies, without what may differ."""
    result = []
    for host in SERVERS.values():
        values = dict(found.get((host, "relationship", NAME), {}))
        values.pop("server_type", None)
        members = {key[3] for key in found if key[:3] == (host, "member", NAME)}
        result.append((values, members))
    return result


def run_case(operation, partner, what, at):
    call = OPERATIONS[operation][1]
    lab = world_of(operation, partner)
    writes = Writes(at, foreign(lab, what))
    try:
        call(pair_of(lab, writes))
    except PairFailure:
        return "failed"
    found = picture(lab)
    one, other = halves(found)
    assert one == other, f"{operation} {partner} {what} before {at}"
    assert dangers(found) == set()
    return "done"


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_success_with_halves_that_differ(operation, what):
    chosen = random.Random(f"{operation} {what}")
    run_case(operation, chosen.choice(PARTNERS), what, chosen.randint(1, 6))
