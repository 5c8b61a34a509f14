"""A pair with a partner over the network: the same operations and results, and nothing done twice when it breaks."""

import random

import pytest

from dhcpfo import Server
from dhcpfo.errors import DhcpError
from dhcpfo.pair import FailoverPair, PairFailure
from pair_cases import run_case, writes_of
from pairs import FAULTS, OPERATIONS, PARTNERS, LabClock, directly, pair_of, picture, world_of


def over_the_network(network, lab, ports, **options):
    """A pair of a lab's servers; those with a port are called over the network."""
    servers = []
    for name, port in zip(("dhcp1", "dhcp2"), ports, strict=True):
        direct = lab.connect(name, direct=True)
        servers.append(direct if port is None else Server(network.client(port, name)))
    return FailoverPair(*servers, calls_at_once=1, clock=LabClock(lab), **options)


@pytest.mark.parametrize("both", [False, True], ids=["one", "both"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_has_the_same_result_as_without_a_network(network, operation, both):
    call = OPERATIONS[operation][1]
    expected = world_of(operation, "different")
    call(pair_of(expected))
    lab = world_of(operation, "different")
    serving = [network.serve(lab.connect(name, direct=True).api) for name in ("dhcp1", "dhcp2")]
    ports = [serving[0].port if both else None, serving[1].port]
    call(over_the_network(network, lab, ports))
    assert picture(lab) == picture(expected)


@pytest.mark.parametrize("operation", ["create", "add_scopes", "update", "delete"])
@pytest.mark.parametrize("missing", [1, 400, 4000])
def test_a_connection_that_breaks_leaves_it_as_before_or_finished(network, operation, missing):
    """The secondary's connection is cut before the last bytes of its answers; what was sent may have been done."""
    call = OPERATIONS[operation][1]
    lab = world_of(operation, "different")
    before = picture(lab)
    whole = network.proxy(network.serve(lab.connect("dhcp2", direct=True).api).port)
    call(over_the_network(network, lab, [None, whole.port]))
    finished = picture(lab)

    lab = world_of(operation, "different")
    port = network.serve(lab.connect("dhcp2", direct=True).api).port
    proxy = network.proxy(port, down=max(whole.passed[1] - missing, 1))
    try:
        call(over_the_network(network, lab, [None, proxy.port]))
    except (PairFailure, DhcpError):
        assert picture(lab) in (before, finished)
    else:
        assert picture(lab) == finished


def several(network, sides):
    """Connect to a lab's servers: those of some sides over connections that break, others directly; each once."""
    known = {}

    def connect(lab, name):
        if name not in sides:
            return directly(lab, name)
        if (lab, name) not in known:
            known[lab, name] = network.lossy(lab, name)
        return known[lab, name]

    return connect


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_fault_leaves_what_the_error_says(network, operation):
    """The fault matrix of `tests/pair`, with one side or both over the network; `tools/pair_faults.py` runs it all."""
    chosen = random.Random(f"{operation} network")
    for fault in chosen.sample(FAULTS, 2):
        sides = chosen.choice([["dhcp1", "dhcp2"], ["dhcp2"], ["dhcp1"]])
        partner = chosen.choice([partner for partner in PARTNERS if writes_of(operation, partner)])
        at = chosen.randint(1, writes_of(operation, partner))
        run_case(operation, partner, fault, at, chosen.choice([1, 3, 10]), several(network, sides))
