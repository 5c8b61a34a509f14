"""The steps that are left after a kill have the digests that they had in the approved plan."""

import json
from ipaddress import IPv4Address

import pytest
from fleets import fleet

from dhcpfo.api import CHANGES
from dhcpfo.fleet import ApplyJob, Operation, PlanJob, run
from dhcpfo.pair.parts import data_of
from dhcpfo.simulator import Lab


class Killed(BaseException):
    """What stands for the end of the process; no `Exception`, or the operation would go back."""


OPERATIONS = {
    "create": Operation.of("create", "new", scopes=["10.77.1.0", "10.77.2.0"]),
    "add": Operation.of("add_scopes", "r0", ["10.77.1.0", "10.77.2.0"]),
    "remove": Operation.of("remove_scopes", "r1", ["10.78.1.0", "10.78.2.0"], keep="primary"),
    "delete": Operation.of("delete", "r1", keep="primary"),
    "update": Operation.of("update", "r0", percentage=40),
}


def world():
    """A pair with two scopes on one server only, and a relationship with three."""
    lab = Lab()
    (ref,) = fleet(lab, 1)
    lab.add_pair("r1", primary="a0", secondary="b0", scopes=[f"10.78.{n}.0/24" for n in range(3)], direct=True)
    server = lab.connect("a0", direct=True)
    for number in (1, 2):
        server.create_scope(f"10.77.{number}.0/24", name="new")
        server.add_range(f"10.77.{number}.0", f"10.77.{number}.1", f"10.77.{number}.200")
    return lab, ref


def killed_before(lab, ref, wanted, at):
    """Carry out the plan until the write with this number; return whether there was such a write."""
    writes = 0

    def count():
        nonlocal writes
        writes += 1
        if writes >= at:
            raise Killed

    for server in ("a0", "b0"):
        for method in CHANGES:
            lab.before(server, method, count, every=True)
    try:
        pair = ref.connect()
        pair.calls_at_once = 1
        wanted.plan(pair).apply(allow={"delete-scopes"}, progress=None)
    except Killed:
        return True
    finally:
        at = 1000
    return False


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_is_left_after_a_kill_is_a_part_of_the_approved_plan(operation):
    wanted, at = OPERATIONS[operation], 0
    while True:
        at += 1
        lab, ref = world()
        (plan,) = run([ref], PlanJob(wanted))
        killed = killed_before(lab, ref, wanted, at)
        job = ApplyJob(wanted, frozenset(plan.plan["digests"]), frozenset({"delete-scopes"}))
        (result,) = run([ref], job)
        assert result.outcome == ("changed" if killed else "unchanged"), (at, result.error)
        if not killed:
            break
    assert at > 1


def test_addresses_are_written_in_the_order_of_other_values():
    """They are sorted in a quicker way; approved plans of earlier versions must keep their digests."""
    texts = [f"{a}.{b}.0.{c}" for a in (1, 10, 100, 9) for b in (0, 1, 10, 255) for c in (0, 1, 2, 10, 100)]
    assert data_of(frozenset(map(IPv4Address, texts))) == sorted(texts, key=json.dumps)
