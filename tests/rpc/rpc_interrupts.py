"""Calls that are interrupted, by Ctrl-C or by what the handler of a signal raises, at each of their instructions.

``python tests/rpc/rpc_interrupts.py`` tries all of it, and then interrupts calls by real signals at random.
"""

import argparse
import gc
import importlib.util
import random
import signal
import sys
import threading
import time
import warnings
from contextlib import suppress
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1])]

from rpc_network import ACCOUNTS, PASSWORD, USER, Backend, Network

import dhcpfo
from dhcpfo.models import DhcpClass
from dhcpfo.rpc import Credentials
from dhcpfo.rpc.client_connection import ClientConnection

CLASS = DhcpClass(name="Phones", data=b"phones")
OURS = str(Path(dhcpfo.__file__).parent)
TOGETHER = 4
NEVER = 1 << 30
KINDS = ("carried", "slow", "connecting", "mapped", "logon")
CALLS = {"read": ("get_class", "Phones"), "long": ("get_class", "long"), "change": ("create_class", "")}
"""For each kind of call its method and the name of its class; the names of changes are numbers."""


class Stop:
    """Raises an error before one instruction of the package's Python code: more places than CPython has for it."""

    def __init__(self, at, error):
        self.left = at
        self.error = error

    def __call__(self, frame, event, _):
        if not frame.f_code.co_filename.startswith(OURS):
            return None
        frame.f_trace, frame.f_trace_opcodes, frame.f_trace_lines = self, True, False
        if event == "opcode":
            self.left -= 1
            if self.left == 0:
                raise self.error
        return self

    def call(self, work, *arguments):
        """Trace a call, in its own thread: what CPython takes for handled there ends with the thread.

        No signal arrives between the last two instructions of an ``except`` block, where an error leaves something.
        """
        problems = []

        def run():
            sys.settrace(self)
            try:
                work(*arguments)
            except BaseException as problem:  # noqa: BLE001  raised again below
                problems.append(problem)
            finally:
                sys.settrace(None)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        if problems:
            raise problems.pop()


class Recorder(Backend):
    """Keeps the name of each class that was created."""

    def __init__(self):
        super().__init__()
        self.names = []

    def create_class(self, info):
        self.names.append(info.name)


class Slow(ClientConnection):
    """A connection without calls that are carried in C."""

    can_carry = False


def make(network, kind):
    """Return a client that is connected, and what it calls."""
    backend = Recorder()
    options = {"max_connections": TOGETHER, "timeout": 3}
    if kind == "logon":
        served = network.serve(backend, accounts=ACCOUNTS)
        api = network.client(served.port, credentials=Credentials(USER, PASSWORD, mechanism="ntlm"), **options)
    elif kind == "mapped":
        served = network.serve(backend, mapper_port=0)
        api = network.client(None, mapper_port=served.mapper_port, **options)
    else:
        api = network.client(network.serve(backend).port, **options)
    call_together(api, backend)
    return api, backend


def call_together(api, backend):
    """Make as many calls at the same time as there may be connections: all places are needed."""
    together = threading.Barrier(TOGETHER)
    answers = []

    def meet(info):
        together.wait(10)
        return info

    backend.get_class = meet
    threads = [threading.Thread(target=lambda: answers.append(api.get_class(CLASS))) for _ in range(TOGETHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    del backend.get_class
    assert answers == [CLASS] * TOGETHER
    assert api._places.used == 0


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0


def prepare(api, kind):
    """Let the next call begin as its kind wants it."""
    if kind in ("carried", "slow"):
        assert api.get_class(CLASS).name == CLASS.name
        for session in api._idle if kind == "slow" else ():
            session._connection.__class__ = Slow
    else:
        api.close()
    if kind == "mapped":
        api._port = None
    elif kind == "logon":
        api._credentials._attempts._accepted = False


def search(kind, call, error, *, first=1, step=1):
    """Interrupt a call before its instruction ``first``, and each ``step`` ones after it.

    Return how many instructions the call has, and how many were tried.
    """
    warnings.simplefilter("ignore", ResourceWarning)  # of the connections that nobody can use again
    method, name = CALLS[call]
    network = Network()
    try:
        api, backend = make(network, kind)
        counted = 0
        for _ in range(3):  # CPython 3.12 and later see the instructions of code that was traced before
            prepare(api, kind)
            stop = Stop(NEVER, error)
            stop.call(getattr(api, method), DhcpClass(name=name or "traced", data=b"x"))
            counted = max(counted, NEVER - stop.left)
        backend.names.clear()
        before = descriptors()
        stopped = 0
        for at in range(first, counted + 1, step):
            prepare(api, kind)
            stop = Stop(at, error)
            with suppress(error):
                stop.call(getattr(api, method), DhcpClass(name=name or str(at), data=b"x"))
            assert api._places.used == 0
            stopped += stop.left <= 0
        call_together(api, backend)
        api.close()
        gc.collect()
        end = time.monotonic() + 20
        while descriptors() > before and time.monotonic() < end:  # the server's threads close theirs a moment later
            time.sleep(0.01)
        assert descriptors() <= before, "a socket was lost"
        assert len(set(backend.names)) == len(backend.names), "a change was carried out twice"
    finally:
        network.close()
    return counted, stopped


def storm(seconds, seed=1):
    """Interrupt calls by real signals at random moments; return the number of calls and of interruptions."""
    warnings.simplefilter("ignore", ResourceWarning)
    network, dice = Network(), random.Random(seed)
    inside = calls = stopped = 0
    done = threading.Event()
    main = threading.get_ident()

    def interrupt(*_):
        if inside:
            raise KeyboardInterrupt

    def send():
        while not done.wait(dice.random() / 500):
            signal.pthread_kill(main, signal.SIGINT)

    old = signal.signal(signal.SIGINT, interrupt)
    sender = threading.Thread(target=send)
    try:
        api, backend = make(network, "carried")
        sender.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            calls += 1
            info = DhcpClass(name=str(calls), data=b"x")
            try:
                inside = 1
                api.create_class(info)
                inside = 0
            except KeyboardInterrupt:
                inside = 0
                stopped += 1
        done.set()
        sender.join()
        call_together(api, backend)
        assert len(set(backend.names)) == len(backend.names)
    finally:
        done.set()
        signal.signal(signal.SIGINT, old)
        network.close()
    return calls, stopped


def main():
    parser = argparse.ArgumentParser(description="Interrupt calls over the network at each of their instructions.")
    parser.add_argument("--seconds", type=float, default=20, help="of random signals; 20 by default")
    options = parser.parse_args()
    for kind in KINDS:
        if kind == "logon" and importlib.util.find_spec("spnego") is None:
            continue
        for call in CALLS:
            for error in (KeyboardInterrupt, TimeoutError):
                counted, stopped = search(kind, call, error)
                print(f"{kind}, {call}, {error.__name__}: {counted} instructions, {stopped} tried", flush=True)
    calls, stopped = storm(options.seconds)
    print(f"{calls} calls, {stopped} of them stopped by signals")


if __name__ == "__main__":
    main()
