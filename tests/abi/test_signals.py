"""An exception of a signal handler inside a call reaches the caller, with and without the compiled extension."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from recording import RecordingApi

PROGRAM = """
import os, signal, sys, threading
from datetime import timedelta
from dhcpfo.simulator import Lab

lab = Lab()
lab.add_server("a", "192.0.2.1")
lab.set_delay("a", timedelta(seconds=20))
server = lab.connect("a", direct=sys.argv[1] == "direct")
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM)).start()
try:
    server.relationships()
except Exception as error:
    print("goes on:", error)
"""


@pytest.mark.parametrize("backend", ["direct", pytest.param("abi", marks=pytest.mark.abi)])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows delivers no SIGTERM to a handler")
def test_a_handler_that_exits_ends_the_program(backend):
    done = subprocess.run([sys.executable, "-c", PROGRAM, backend], capture_output=True, text=True, timeout=15)
    assert (done.returncode, done.stdout, done.stderr) == (7, "", "")


class TimeLimit(Exception):
    """The exception of a test's time limit."""


@pytest.mark.parametrize("backend", ["direct", pytest.param("abi", marks=pytest.mark.abi)])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no interval timer")
def test_a_time_limit_interrupts_a_call(lab, backend):
    def handler(number, frame):
        raise TimeLimit

    lab.add_server("a", "192.0.2.1")
    lab.set_delay("a", timedelta(seconds=20))
    server = lab.connect("a", direct=backend == "direct")
    before = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(TimeLimit):
            server.relationships()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    lab.set_delay("a", timedelta(0))
    assert server.relationships() == []


@pytest.mark.abi
def test_an_interrupt_in_a_worker_thread_ends_the_call_there():
    from dhcpfo import _dhcpsapi, _loopback

    registration = _loopback.serve(RecordingApi(get_version=KeyboardInterrupt()), "worker", carry_errors=True)
    api = _dhcpsapi.NativeApi("worker", _loopback.functions(), registration)
    with ThreadPoolExecutor(1) as pool:
        assert isinstance(pool.submit(api.get_version).exception(20), KeyboardInterrupt)
    for _ in range(1000):
        pass  # an interrupt of the main thread would arrive here
