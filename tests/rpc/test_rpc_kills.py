"""A server that is killed and started again while it works: what each change said is what the lab holds."""

import random
import subprocess
import sys
import threading
import time

import pytest

from dhcpfo import Server
from dhcpfo.errors import DhcpError, OutcomeUnknownError, ServerUnavailableError
from dhcpfo.models import DhcpClass
from dhcpfo.pair import FailoverPair, PairError
from dhcpfo.simulator import Lab
from dhcpfo.simulator.store import FileStore, from_dict
from pair_cases import writes_of
from pairs import OPERATIONS, Writes, check_error, counted, different, pair_of, picture, world_of

SERVE = """
import sys
from dhcpfo.simulator import Lab
lab = Lab.open(sys.argv[1])
listening = lab.listen(sys.argv[3], port=int(sys.argv[2]))
print(listening.port, flush=True)
sys.stdin.read()
"""
KILLS, THREADS = 3, 3


class Process:
    """A server in a process, on the same port each time."""

    def __init__(self, path, name="dhcp1"):
        self._path = path
        self._name = name
        self.port = 0
        self.start()

    def start(self):
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(self._path), str(self.port), self._name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self._process.stdout.readline())

    def kill(self):
        self._process.kill()
        self._process.communicate()


def test_a_server_that_is_killed(network, tmp_path):
    path = tmp_path / "lab.db"
    with Lab.open(path) as lab:
        lab.add_server("dhcp1", "192.0.2.1")
    process = Process(path)
    api = network.client(process.port, timeout=10)
    done, unknown, not_done, wrong = set(), set(), set(), []
    over = threading.Event()

    def work(thread):
        number = 0
        while not over.is_set():
            number += 1
            name = f"{thread}-{number}"
            try:
                api.create_class(DhcpClass(name=name, data=name.encode()))
                done.add(name)
            except OutcomeUnknownError:
                unknown.add(name)
            except ServerUnavailableError:
                not_done.add(name)
                over.wait(0.02)
            except DhcpError as error:  # "exists already" would be a change that was repeated
                wrong.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for kill in range(KILLS):
        before = len(done)
        for _ in range(4000):
            if len(done) >= before + 5 + kill:
                break
            over.wait(0.005)
        process.kill()
        process.start()
    over.set()
    for thread in threads:
        thread.join()
    process.kill()
    with Lab.open(path) as lab:
        kept = {each.name for each in lab.connect("dhcp1", direct=True).classes() if "-" in each.name}
    assert wrong == []
    assert done <= kept
    assert not kept & not_done
    assert kept <= done | unknown
    assert len(done) > KILLS * 5


class Hurry:
    """A clock for a pair that waits a tenth of the time."""

    def monotonic(self):
        return time.monotonic() * 10

    def sleep(self, seconds):
        time.sleep(seconds / 10)


@pytest.mark.parametrize("moment", ["before", "in"])
@pytest.mark.parametrize("operation", ["create", "update", "delete"])
def test_a_partner_that_is_killed_in_an_operation_of_a_pair(network, tmp_path, operation, moment):
    """The primary is called directly, the secondary over the network in another process."""
    chosen = random.Random(f"{operation} {moment}")
    at = chosen.randint(1, writes_of(operation, "different"))
    path = tmp_path / "lab.db"
    start = world_of(operation, "different")
    FileStore(path, from_dict(start.to_dict(secrets=True)))
    expected = world_of(operation, "different")
    call = OPERATIONS[operation][1]
    call(pair_of(expected))
    process = Process(path, "dhcp2")
    killers = []

    def kill(host, method):
        def act():
            time.sleep(0 if moment == "before" else chosen.random() / 200)
            process.kill()
            process.start()

        killers.append(threading.Thread(target=act))
        killers[0].start()
        if moment == "before":
            killers[0].join()

    with Lab.open(path) as lab:
        writes = Writes(at, kill)
        servers = [lab.connect("dhcp1", direct=True), Server(network.client(process.port, "dhcp2", timeout=10))]
        pair = FailoverPair(*counted(servers, writes), calls_at_once=1, clock=Hurry())
        try:
            call(pair)
        except PairError as error:
            killers[0].join()
            check_error(picture(start), lab, error)
        killers[0].join()
        call(pair)
        assert different(picture(expected), picture(lab)) == set()
        writes.calls.clear()
        call(pair)
        assert writes.calls == []
    process.kill()
