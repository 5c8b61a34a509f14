"""A pair works the same over every backend, and in several processes of one machine."""

import os
import time
from datetime import timedelta

import pytest

from dhcpfo import FailoverMode, Server
from dhcpfo.pair import FailoverPair, Refused
from dhcpfo.pair.lock import hold
from dhcpfo.simulator import Lab
from pairs import ALLOW, MARKER, NAME, NEW, SCOPES, LabClock, different, pair_of, picture, world
from routes import connect


def every_operation(pair):
    pair.create(NAME, SCOPES, shared_secret=MARKER)
    pair.update(NAME, mode=FailoverMode.HOT_STANDBY, percentage=7, state_switch_interval=timedelta(hours=2))
    pair.rotate_secret(NAME, NEW)
    pair.wait_until(NAME)
    pair.add_scopes(NAME, ["10.0.3.0"])
    pair.secondary.set_scope("10.0.3.0", comment="other")
    assert pair.audit().codes() == ["config-differs"]
    pair.replicate("dhcp1")
    assert pair.audit().codes() == []
    pair.reallocate(NAME)
    pair.remove_scopes(NAME, ["10.0.3.0"], keep="dhcp1", **ALLOW)
    pair.delete(NAME, keep="dhcp1", **ALLOW)


def test_every_operation_works_over_every_backend(route):
    lab = world("absent")
    servers = [Server(connect(route, lab, name)) for name in ("dhcp1", "dhcp2")]
    every_operation(FailoverPair(*servers, clock=LabClock(lab), calls_at_once=2))
    expected = world("absent")
    every_operation(pair_of(expected))
    assert different(picture(lab), picture(expected)) == set()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_another_process_does_not_change_the_pair_at_the_same_time(tmp_path):
    lab = Lab.open(tmp_path / "lab")
    dhcp1, dhcp2 = lab.add_pair(NAME, direct=True)
    pair = FailoverPair(dhcp1, dhcp2)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        with hold(pair):
            os.write(write, b"x")
            time.sleep(60)
        os._exit(0)
    assert os.read(read, 1) == b"x"
    with pytest.raises(Refused, match=f"process {child} "):
        pair.update(NAME, percentage=60)
    os.kill(child, 9)
    os.waitpid(child, 0)
    assert pair.update(NAME, percentage=60).changed
    lab.close()
