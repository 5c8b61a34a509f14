"""A server that is killed and started again while it works: what each change said is what the lab holds."""

import subprocess
import sys
import threading

from dhcpfo.errors import DhcpError, OutcomeUnknownError, ServerUnavailableError
from dhcpfo.models import DhcpClass
from dhcpfo.simulator import Lab

SERVE = """
import sys
from dhcpfo.simulator import Lab
lab = Lab.open(sys.argv[1])
listening = lab.listen("dhcp1", port=int(sys.argv[2]))
print(listening.port, flush=True)
sys.stdin.read()
"""
KILLS, THREADS = 3, 3


class Process:
    """A server in a process, on the same port each time."""

    def __init__(self, path):
        self._path = path
        self.port = 0
        self.start()

    def start(self):
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(self._path), str(self.port)],
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
