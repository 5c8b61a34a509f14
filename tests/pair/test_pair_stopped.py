"""A DHCP service that stops in the middle of an operation: what was not done is not listed as a difference."""

import random
from collections.abc import Callable

import pytest

from dhcpfo.pair import FailoverPair, PairError, Result
from dhcpfo.simulator import Lab
from pairs import OPERATIONS, SERVERS, Operation, Writes, check_error, different, pair_of, picture, world_of


@pytest.mark.parametrize("host", SERVERS.values())
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_service_that_stops_leaves_what_the_error_says(operation: str, host: str) -> None:
    call = OPERATIONS[operation][1]
    count, lab = Writes(), world_of(operation, "different")
    call(pair_of(lab, count))
    goal = picture(lab)
    at = random.Random(f"{operation} {host}").randint(1, len(count.calls))
    for number in {1, at, len(count.calls)}:
        lab = world_of(operation, "different")
        before = picture(lab)
        ended = _ended(call, pair_of(lab, Writes(number, _stopping(lab, host))))
        if isinstance(ended, PairError):
            check_error(before, lab, ended)
        else:
            assert different(goal, picture(lab)) == set()


def _stopping(lab: Lab, host: str) -> Callable[[str, str], None]:
    return lambda *_: lab.stop(host)


def _ended(call: Operation, pair: FailoverPair) -> Result | PairError:
    try:
        return call(pair)
    except PairError as error:
        return error
