"""Reading pairs again and again: a server that hangs delays no other pair, and is not called until it has returned."""

import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from fleets import Hanging, fleet, settled

from dhcpfo.fleet import Audit, reading, run
from dhcpfo.fleet.reading import Reading, _Line, read_pairs
from dhcpfo.pair import Side
from dhcpfo.simulator import Lab

SHORT = timedelta(milliseconds=250)
LONG = timedelta(seconds=60)


def pairs_of(refs):
    return {ref.name: ref.connect() for ref in refs}


@pytest.fixture
def lab():
    with Lab() as lab:
        yield lab


def test_looks_come_in_the_order_of_the_pairs(lab):
    pairs = pairs_of(fleet(lab, 4))
    assert [look.name for look in read_pairs(pairs, at_once=3)] == list(pairs)
    assert [look.name for look in Reading(pairs).once(only=["p2", "p1"])] == ["p1", "p2"]
    assert read_pairs({}) == []


def test_a_pair_that_hangs_delays_no_other_one(lab, monkeypatch):
    """Also if it has the only place, and nobody gives it up: the limit is a minute."""
    monkeypatch.setattr(reading, "SLOW", 0.05)
    pairs = pairs_of(fleet(lab, 4))
    hanging = [Hanging(lab, f"b{number}") for number in range(3)]
    coming = Reading(pairs, at_once=1, time_limit=LONG).looks(times=1)
    found = next(looks for looks in coming if looks)
    assert [(look.name, look.complete) for look in found] == [("p3", True)]
    for one in hanging:
        one.release.set()
    assert sorted(look.name for looks in coming for look in looks) == ["p0", "p1", "p2"]


def test_the_others_are_read_again_meanwhile(lab):
    pairs = pairs_of(fleet(lab, 2))
    hanging = Hanging(lab, "b0")
    coming = Reading(pairs, time_limit=LONG).looks()
    found = []
    while len(found) < 3:
        found += [look.name for look in next(coming)]
    assert found == ["p1"] * 3
    hanging.release.set()
    while "p0" not in found:
        found += [look.name for look in next(coming)]


def test_a_server_that_has_not_returned_is_unknown_and_not_called_until_it_has(lab):
    pairs = pairs_of(fleet(lab, 1))
    hanging = Hanging(lab, "b0")
    again = Reading(pairs, time_limit=SHORT)
    (first,) = again.once()
    assert (first.servers[Side.PRIMARY].up, first.servers[Side.SECONDARY].error.name) == (True, "TIME_LIMIT")
    calls, before = hanging.calls, threading.active_count()
    for _ in range(5):
        (look,) = again.once()
        assert look.servers[Side.PRIMARY].up
        assert look.servers[Side.SECONDARY].error.name == "TIME_LIMIT"
        assert "has not returned from a call for" in str(look.servers[Side.SECONDARY].error)
        assert not look.complete
    assert hanging.calls == calls
    assert threading.active_count() <= before + 4  # those that wait for the next look, and none for each look
    hanging.release.set()
    settled(lambda: again.once()[0].complete)


def test_servers_of_two_labs_are_not_taken_for_each_other(lab):
    with Lab() as other:
        pairs = {"here": pairs_of(fleet(lab, 1))["p0"], "there": pairs_of(fleet(other, 1))["p0"]}
        hanging = Hanging(lab, "b0")
        again = Reading(pairs, time_limit=SHORT)
        again.once()
        assert [look.complete for look in again.once()] == [False, True]
        hanging.release.set()


def test_pairs_that_hang_take_no_place_from_others_in_a_run(lab, monkeypatch):
    """However many servers are dead: the limit of an hour is not waited for."""
    monkeypatch.setattr("dhcpfo.fleet.fleet_run.PATIENCE", 0.1)
    refs = fleet(lab, 8)
    hanging = [Hanging(lab, f"b{number}") for number in range(5)]
    running = run(refs, Audit(), pairs_at_once=2, time_limit=timedelta(hours=1))
    assert sorted(next(running).pair for _ in range(3)) == ["p5", "p6", "p7"]
    for one in hanging:
        one.release.set()
    assert {result.outcome for result in running} == {"unchanged"}


def test_pairs_that_share_a_server_share_its_limit(lab):
    pairs = pairs_of(fleet(lab, 6, hub=True))
    under_way, most, lock = 0, [], threading.Lock()

    class Api:
        def __init__(self, api):
            self._api, self.server = api, api.server

        def __getattr__(self, name):
            def call(*args):
                nonlocal under_way
                with lock:
                    under_way += 1
                    most.append(under_way)
                threading.Event().wait(0.01)
                with lock:
                    under_way -= 1
                return getattr(self._api, name)(*args)

            return call

    class Pair:
        def __init__(self, pair):
            self._pair = pair

        def __getattr__(self, name):
            return getattr(self._pair, name)

        def server(self, side):
            found = self._pair.server(side)
            return type(found)(Api(found.api)) if side is Side.SECONDARY else found

    looks = Reading({name: Pair(pair) for name, pair in pairs.items()}, per_server=2, time_limit=LONG).once()
    assert all(look.complete for look in looks)
    assert max(most) == 2


def test_an_error_of_the_program_is_raised(lab):
    class Broken:
        names = pairs_of(fleet(lab, 1))["p0"].names
        calls_at_once = 8

        def server(self, side):
            return lab.connect(self.names[side], direct=True)

        @property
        def clock(self):
            raise RuntimeError("a fault of the program")

    with pytest.raises(RuntimeError, match="a fault of the program"):
        read_pairs({"p0": Broken()})


EXIT = """
import threading
from datetime import timedelta
from dhcpfo.fleet.reading import read_pairs
from dhcpfo.simulator import Lab
lab = Lab()
lab.add_pair("hq", direct=True)
lab.before("dhcp2", None, threading.Event().wait, every=True)
(look,) = read_pairs({"p": lab.connect_pair("dhcp1", "dhcp2", direct=True)}, time_limit=timedelta(seconds=0.2))
print([server.up for server in look.servers.values()])
"""


def test_the_exit_does_not_wait_for_a_server_that_hangs():
    done = subprocess.run([sys.executable, "-c", EXIT], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[True, False]\n", "")


class SlowToShow(dict):
    """Lets other threads go on after it has shown its contents."""

    def copy(self):
        return SlowToShow(self)

    def items(self):
        yield from super().items()
        time.sleep(0.05)


def test_pairs_that_give_up_a_server_at_the_same_time_forget_none_of_its_calls():
    line, release, owners = _Line(8, None), threading.Event(), (object(), object())
    line._under_way = SlowToShow()
    calls = [threading.Thread(target=line.call, args=(owner, release.wait)) for owner in owners]
    for thread in calls:
        thread.start()
    settled(lambda: len(line._under_way) == 2)
    ends = [threading.Thread(target=line.abandon, args=(owner,)) for owner in owners]
    for thread in ends:
        thread.start()
    for thread in ends:
        thread.join()
    assert len(line._abandoned) == 2
    release.set()
    for thread in calls:
        thread.join()
