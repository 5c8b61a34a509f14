"""``dhcpfo init-tests``: a test file to begin with."""

import os
from pathlib import Path
from typing import Annotated

from typer import Argument

from ..command import add, group
from ..problems import Problem
from ..run import Run

app = group("init-tests", "Write a test file that uses simulated servers.")

TEMPLATE = '''\
"""Tests of failover automation on simulated servers. Run them with: python -m pytest {name}

The fixture `lab` comes with dhcpfo. It is an empty network of simulated servers for each test, with a clock that only
`lab.advance` and `lab.settle` move. Replace what the tests do with your own code: it takes any server or pair.
"""

from datetime import timedelta

import pytest

from dhcpfo import FailoverState
from dhcpfo.errors import ServerUnavailableError
from dhcpfo.pair import PairError, Refused


@pytest.fixture
def pair(lab):
    """Two servers with the relationship hq-branch, which is NORMAL, and a second scope on dhcp1 only."""
    lab.add_pair("hq-branch", primary="dhcp1", secondary="dhcp2", scopes=["10.0.1.0/24"], percentage=60)
    lab.add_scope("10.0.2.0/24", servers=["dhcp1"])
    return lab.connect_pair("dhcp1", "dhcp2")


def states(pair):
    """The states of both servers."""
    return [server.get_relationship("hq-branch").state for server in (pair.primary, pair.secondary)]


def test_a_scope_joins_on_both_servers(pair):
    pair.add_scopes("hq-branch", ["10.0.2.0"])
    for server in (pair.primary, pair.secondary):
        assert [str(scope) for scope in server.get_relationship("hq-branch").scopes] == ["10.0.1.0", "10.0.2.0"]
    assert not pair.audit()


def test_both_servers_go_on_when_the_cable_is_cut(lab, pair):
    lab.cut("dhcp1", "dhcp2")
    lab.advance(timedelta(minutes=5))
    assert states(pair) == [FailoverState.COMMUNICATION_INTERRUPTED] * 2
    assert lab.lease("10.0.1.0", "00-15-5d-01-02-03", name="laptop") is not None
    lab.mend("dhcp1", "dhcp2")
    lab.settle()
    assert states(pair) == [FailoverState.NORMAL] * 2


def test_a_partner_that_serves_is_not_declared_down(lab, pair):
    lab.cut("dhcp1", "dhcp2")
    lab.advance(timedelta(minutes=5))
    with pytest.raises(Refused):
        pair.declare_partner_down("hq-branch", survivor="dhcp1")
    lab.power_off("dhcp2")
    pair.declare_partner_down("hq-branch", survivor="dhcp1", allow=["partner-down-unreachable"])
    assert pair.primary.get_relationship("hq-branch").state == FailoverState.PARTNER_DOWN
    with pytest.raises(ServerUnavailableError):
        pair.secondary.relationships()


def test_a_failure_half_way_leaves_both_servers_as_they_were(lab, pair):
    lab.fail("dhcp2", "add_failover_scopes", 5, every=True)  # access is denied
    with pytest.raises(PairError) as failure:
        pair.add_scopes("hq-branch", ["10.0.2.0"])
    assert failure.value.as_before
    lab.clear_faults("dhcp2")
    assert [str(scope) for scope in pair.primary.get_relationship("hq-branch").scopes] == ["10.0.1.0"]


def test_a_change_on_one_server_is_found(pair):
    pair.primary.add_reservation("10.0.1.0", "10.0.1.50", "00-15-5d-01-02-04", name="printer")
    assert pair.audit()
    pair.replicate("dhcp1")
    assert not pair.audit()
'''


@add(app, servers=False, examples=("dhcpfo init-tests", "dhcpfo init-tests tests/test_dhcp.py"))
def init_tests(
    run: Run,
    path: Annotated[str, Argument(help="The file to write.", metavar="[FILE]")] = "test_failover.py",
) -> None:
    """Write a test file that uses simulated servers: five tests to change into your own.

    They use the pytest fixture `lab`, which comes with dhcpfo.
    """
    where = Path(path)
    if path.endswith(("/", os.sep)) or where.is_dir():
        raise Problem(f"{path} is a folder", hint=f"dhcpfo init-tests {where / 'test_failover.py'}")
    try:
        with where.open("x", encoding="utf-8", newline="\n") as file:
            file.write(TEMPLATE.format(name=where.name))
    except FileExistsError:
        raise Problem(f"{path} exists already", hint="choose another name") from None
    run.result({"file": path})
    run.say(f"{path}: five tests of failover on simulated servers")
    run.say(f"   try: python -m pytest {path}")
