"""A fault at every write of every operation: both servers as before, or exactly what the error lists."""

import functools
import random

import pytest

from dhcpfo.pair import PairError
from pairs import (
    FAULTS,
    OPERATIONS,
    PARTNERS,
    SERVERS,
    Writes,
    check_error,
    different,
    late_keys,
    pair_of,
    picture,
    plant,
    world_of,
)


def run_case(operation: str, partner: str, fault: str, at: int, late: int = 3) -> str:
    """Run an operation with a fault at one write, then again without; return how the first run ended."""
    call = OPERATIONS[operation][1]
    goal_lab = world_of(operation, partner)
    call(pair_of(goal_lab))
    goal = picture(goal_lab)
    lab = world_of(operation, partner)
    before = picture(lab)
    writes = Writes(at, plant(lab, fault, late))
    ended = "done"
    uncertain = set()
    try:
        result = call(pair_of(lab, writes))
        for _ in range(60):  # so that what is late arrives
            for server in SERVERS.values():
                lab.connect(server, direct=True).relationships()
        uncertain = late_keys(result.uncertain)
        assert different(goal, picture(lab)) <= uncertain
    except PairError as error:
        ended = "as before" if error.as_before else "listed"
        if fault == "refused":  # nothing keeps it from going back, unless scopes were deleted
            assert error.as_before or any(step.pivot for step in error.done), str(error)  # noqa: PT017
        if fault != "late":
            check_error(before, lab, error)
        for server in SERVERS.values():
            if fault == "unreachable":
                lab.clear_faults(server)
        for _ in range(60):
            for server in SERVERS.values():
                lab.connect(server, direct=True).relationships()
        check_error(before, lab, error)
    for server in SERVERS.values():
        lab.clear_faults(server)
    again = pair_of(lab)
    call(again)
    assert different(goal, picture(lab)) == set(), f"{operation} {partner} {fault} {at}: does not converge"
    count = Writes()
    call(pair_of(lab, count))
    assert count.calls == []
    return ended


@functools.cache
def writes_of(operation: str, partner: str) -> int:
    call = OPERATIONS[operation][1]
    lab, writes = world_of(operation, partner), Writes()
    call(pair_of(lab, writes))
    return len(writes.calls)


def cases():
    for operation in OPERATIONS:
        for partner in PARTNERS:
            for fault in FAULTS:
                for at in range(1, writes_of(operation, partner) + 1):
                    yield operation, partner, fault, at


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_fault_leaves_what_the_error_says(operation, fault):
    chosen = random.Random(f"{operation} {fault}")
    for _ in range(2):
        partner = chosen.choice([partner for partner in PARTNERS if writes_of(operation, partner)])
        at = chosen.randint(1, writes_of(operation, partner))
        run_case(operation, partner, fault, at, chosen.choice([1, 2, 3, 5, 10, 40]))
