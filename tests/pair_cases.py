"""A fault at one write of an operation on a pair: both servers as before, or exactly what the error lists."""

import functools

from dhcpfo.pair import PairError
from pairs import (
    FAULTS,
    OPERATIONS,
    PARTNERS,
    SERVERS,
    Connect,
    Writes,
    check_error,
    different,
    directly,
    late_keys,
    pair_of,
    picture,
    plant,
    world_of,
)


def run_case(operation: str, partner: str, fault: str, at: int, late: int = 3, connect: Connect = directly) -> str:
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
        result = call(pair_of(lab, writes, connect=connect))
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
    call(pair_of(lab, connect=connect))
    assert different(goal, picture(lab)) == set(), f"{operation} {partner} {fault} {at}: does not converge"
    count = Writes()
    call(pair_of(lab, count, connect=connect))
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
