"""Many threads on one `Server` and on many; what overlaps is counted, never timed."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address

import pytest

from dhcpfo import Addresses, Server, _loopback
from dhcpfo._dhcpsapi import NativeApi
from dhcpfo.errors import ServerUnavailableError
from dhcpfo.simulator import Lab
from foreign import child_environment, library, native_api
from recording import RELATIONSHIP, RecordingApi

pytestmark = pytest.mark.abi

THREADS = 64
SCOPES = tuple(IPv4Address(0x0A000000 + (index << 8)) for index in range(30))


def together(work, threads=THREADS):
    """Run ``work(number)`` in as many threads, all started before the first continues; return their results."""
    barrier = threading.Barrier(threads)

    def run(number):
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


@pytest.fixture
def puppet():
    it = library("puppet")
    it.start_over()
    yield it
    assert (it.live_blocks(), it.bad_frees(), it.unwiped_secrets()) == (0, 0, 0)
    it.start_over()


def ask(server, number, times):
    """Each answer must be the one to this thread's question."""
    for time in range(times):
        name = f"{number}-{time}"
        answer = server.get_relationship(name)
        assert (answer.name, answer.shared_secret, answer.scopes) == (name, name, SCOPES)


@pytest.mark.parametrize("shared", [True, False], ids=["one server", "many servers"])
@pytest.mark.parametrize("milliseconds", [0, 2])
def test_calls_at_once(puppet, shared, milliseconds):
    puppet.take(milliseconds)
    one = Server(native_api(puppet))
    times = 10 if milliseconds else 50
    together(lambda number: ask(one if shared else Server(native_api(puppet)), number, times))
    assert puppet.call_count() == THREADS * times


@pytest.mark.parametrize("shared", [True, False], ids=["one server", "many servers"])
def test_the_gil_is_released_in_every_call(puppet, shared):
    """Each call waits until all are inside: if a call held the GIL, the first one would wait for ever."""
    puppet.gather(THREADS)
    one = Server(native_api(puppet))
    together(lambda number: ask(one if shared else Server(native_api(puppet)), number, 1))
    assert puppet.most_inside() == THREADS


CALLS = {
    "create_relationship": lambda server: server.create_relationship(RELATIONSHIP),
    "set_relationship": lambda server: server.set_relationship("a", percentage=1),
    "delete_relationship": lambda server: server.delete_relationship("a"),
    "get_relationship": lambda server: server.get_relationship("a"),
    "relationships": lambda server: server.relationships(),
    "add_failover_scopes": lambda server: server.add_failover_scopes("a", ["10.0.0.0"]),
    "remove_failover_scopes": lambda server: server.remove_failover_scopes("a", ["10.0.0.0"]),
    "get_system_time": lambda server: server.get_system_time(),
    "get_address_status": lambda server: server.get_address_status("10.0.0.1"),
    "trigger_address_allocation": lambda server: server.trigger_address_allocation("a"),
}
ANSWERED_NOTHING = {
    "get_scope_relationship": lambda server: server.get_scope_relationship("10.0.0.0"),
    "get_scope_statistics": lambda server: server.get_scope_statistics("10.0.0.0"),
    "get_failover_client": lambda server: server.get_failover_client(name="a"),
}


@pytest.mark.parametrize("method", [*CALLS, *ANSWERED_NOTHING])
def test_each_function_lets_others_run(puppet, method):
    puppet.gather(2)
    server = Server(native_api(puppet))

    def work(_):
        if method in CALLS:
            CALLS[method](server)
        else:
            with pytest.raises(OSError, match="reported success but returned no data"):
                ANSWERED_NOTHING[method](server)

    together(work, threads=2)
    assert puppet.most_inside() == 2


def test_first_look_at_the_same_scopes():
    """The packed scopes are converted when first looked at; all threads must see the same."""
    for _ in range(50):
        addresses = native_api(library("puppet")).get_relationship("a").scopes
        seen = together(lambda _, addresses=addresses: (tuple(addresses), hash(addresses), len(addresses)), threads=8)
        assert set(seen) == {(SCOPES, hash(SCOPES), len(SCOPES))}


def test_first_look_at_packed_addresses():
    """The same without the extension's own conversion."""
    packed = Addresses(SCOPES).packed
    for _ in range(50):
        addresses = Addresses.from_packed(packed)
        assert set(together(lambda _, addresses=addresses: tuple(addresses), threads=8)) == {SCOPES}


def test_serving_and_closing_while_others_call():
    """A name that comes and goes answers, or is unreachable; nothing else ever happens."""
    codes = set()

    def work(number):
        api = NativeApi(f"busy {number % 4}", _loopback.functions())
        if number < 4:
            for _ in range(200):
                _loopback.serve(RecordingApi(), f"busy {number}").close()
            return
        for _ in range(200):
            try:
                assert api.get_relationship("a") == RELATIONSHIP
            except ServerUnavailableError as error:
                codes.add(error.winerror)

    together(work, threads=16)
    assert codes <= {1722}
    for number in range(4):
        _loopback.serve(RecordingApi(), f"busy {number}").close()  # every name was given back


def test_one_name_is_served_once():
    outcomes = []

    def work(_):
        try:
            outcomes.append(_loopback.serve(RecordingApi(), "contested"))
        except ValueError:
            outcomes.append(None)

    together(work, threads=32)
    (registration,) = filter(None, outcomes)
    registration.close()


def test_a_lab_from_many_threads():
    """Through the extension, the loopback and the simulator at once: every change is kept, none is lost."""
    with Lab() as lab:
        lab.add_server("dhcp1", "192.0.2.1")
        lab.add_server("dhcp2", "192.0.2.2")
        scopes = [lab.add_scope(f"10.0.{number}.0/24") for number in range(24)]

        def work(number):
            server = lab.connect("dhcp1")
            server.create_relationship(
                RELATIONSHIP.__class__(
                    name=f"r{number}", primary_server="192.0.2.1", secondary_server="192.0.2.2", scopes=[scopes[number]]
                )
            )
            assert server.get_relationship(f"r{number}").scopes == (scopes[number],)
            if number % 2:
                server.delete_relationship(f"r{number}")

        together(work, threads=len(scopes))
        left = {relationship.name for relationship in lab.connect("dhcp1").relationships()}
        assert left == {f"r{number}" for number in range(0, len(scopes), 2)}


FORKING = """
import os, signal, threading, time
from dhcpfo import _loopback
from recording import RecordingApi

inside = threading.Event()


class Slow(str):
    def __hash__(self):
        # The table of servers asks for it, with the lock held.
        inside.set()
        time.sleep(0.5)
        return super().__hash__()


thread = threading.Thread(target=lambda: _loopback.serve(RecordingApi(), Slow("slow")))
thread.start()
inside.wait()
child = os.fork()
if child == 0:
    signal.alarm(5)
    _loopback.serve(RecordingApi(), "child").close()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
thread.join()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_a_fork_while_another_thread_registers_a_server():
    """The lock is free in the child; otherwise the child would wait for ever."""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKING]
    subprocess.run(command, env=child_environment(), check=True, timeout=60)
