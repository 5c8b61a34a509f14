"""A lab after a fork, a signal or Ctrl-C in the middle of a call: whole, and usable.

For a long search, raise at each place that is a multiple of a smaller number: ``DHCPFO_STEP=7 python -m pytest ...``.
"""

import contextlib
import dis
import functools
import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

import dhcpfo.simulator
from dhcpfo import FailoverState, Relationship
from dhcpfo.errors import DhcpError
from dhcpfo.simulator import Clock, Lab

SCOPE = IPv4Address("10.0.0.0")
SIMULATOR = str(Path(dhcpfo.simulator.__file__).parent)


class Interruption(BaseException):
    """As a signal handler or a time limit raises it."""


def open_lab(path: Path | None) -> Lab:
    clock = Clock(since=0.0)
    lab = Lab(clock=clock) if path is None else Lab.open(path, clock=clock)
    lab.add_pair("pair", direct=True)
    lab.add_scope("10.1.0.0/24")
    for number in range(3):
        lab.lease(SCOPE, bytes([1, number]))
    lab.fail("dhcp1", "get_relationship", 5, call=2)
    return lab


def connect(lab: Lab) -> Any:
    return lab.connect("dhcp1", direct=True)


def create(lab: Lab) -> None:
    connect(lab).create_relationship(
        Relationship(name="new", primary_server="192.0.2.1", secondary_server="192.0.2.9", scopes=["10.1.0.0"])
    )


def lose_the_answer(lab: Lab) -> None:
    lab.drop("dhcp1", None, carried_out=True)
    with contextlib.suppress(DhcpError):
        connect(lab).delete_relationship("pair")


def carry_out_late(lab: Lab) -> None:
    lab.drop("dhcp1", "delete_relationship", carried_out="later")
    with contextlib.suppress(DhcpError):
        connect(lab).delete_relationship("pair")
    connect(lab).scopes()


def go_back(lab: Lab) -> None:
    lab.snapshot()
    lab.advance(timedelta(hours=1))
    lab.restore()


def take_over(lab: Lab) -> None:
    """Use a lab after another process has changed its file."""
    other = Lab.open(lab._path) if lab._path is not None else lab
    other.lease(SCOPE, b"\x04")
    other.reserve(SCOPE, SCOPE + 98, b"\x05")
    lab.lease(SCOPE, b"\x06")


def separate(lab: Lab) -> None:
    lab.cut("dhcp1", "dhcp2")
    lab.advance(timedelta(minutes=10))


CALLS: dict[str, Callable[[Lab], object]] = {
    "lease": lambda lab: lab.lease(SCOPE, b"\x02", name="new"),
    "renew": lambda lab: lab.lease(SCOPE, bytes([1, 1])),
    "release": lambda lab: lab.release("dhcp1", lab.clients("dhcp1", SCOPE)[0].address),
    "create": create,
    "set": lambda lab: connect(lab).set_relationship("pair", percentage=70, state=FailoverState.PAUSED),
    "lost-answer": lose_the_answer,
    "late-call": carry_out_late,
    "separate": separate,
    "reserve": lambda lab: lab.reserve(SCOPE, SCOPE + 99, b"\x03"),
    "add-scope": lambda lab: lab.add_scope("10.2.0.0/24"),
    "remove-scope": lambda lab: lab.remove_scope("10.1.0.0"),
    "go-back": go_back,
    "take-over": take_over,
    "rename": lambda lab: lab.rename_server("dhcp1", "other"),
}


at_any_place = pytest.mark.skipif(
    sys.version_info[:2] == (3, 12),
    reason="3.12 traces generators that are being closed, too, and only reports what is raised there",
)

INTERRUPTIBLE = ("CALL", "JUMP_BACKWARD", "RESUME")
"""How the names of the instructions begin after which the interpreter runs signal handlers."""


@functools.cache
def instructions(code: CodeType) -> dict[int, tuple[str, list[Any]]]:
    """Return the name of each instruction, and the exception handlers that it is under, by its offset."""
    handlers = [(entry.start, entry.end, entry) for entry in dis._parse_exception_table(code)]  # type: ignore[attr-defined]
    return {
        entry.offset: (entry.opname, [handler for start, end, handler in handlers if start <= entry.offset < end])
        for entry in dis.get_instructions(code)
    }


class InterruptAt:
    """Raises at the n-th place in the simulator where the interpreter could run a signal handler."""

    def __init__(self, number: int) -> None:
        self.left = number
        self.last: dict[FrameType, tuple[str, list[Any]]] = {}

    def trace(self, frame: FrameType, event: str, argument: object) -> Any:
        if not frame.f_code.co_filename.startswith(SIMULATOR) and frame.f_code.co_filename != contextlib.__file__:
            return None
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        if event == "opcode":
            instruction = instructions(frame.f_code)[frame.f_lasti]
            name, handlers = self.last.get(frame, ("RESUME", instruction[1]))
            self.last[frame] = instruction
            # It would be raised by the instruction before, so under that one's handlers.
            if name.startswith(INTERRUPTIBLE) and handlers == instruction[1]:
                self.left -= 1
                if self.left == 0:
                    raise Interruption
        return self.trace

    def __enter__(self) -> "InterruptAt":
        sys.settrace(self.trace)
        return self

    def __exit__(self, *details: object) -> None:
        sys.settrace(None)
        self.last.clear()


def in_thread(work: Callable[[], object], about: str = "") -> None:
    """Do something in another thread, which would wait for ever for a lock that was never released."""
    done: list[object] = []
    thread = threading.Thread(target=lambda: done.append(work()), daemon=True)
    thread.start()
    thread.join(10)
    assert done, about


@at_any_place
@pytest.mark.skipif(sys.gettrace() is not None, reason="a debugger or coverage uses the trace function")
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("kept", ["memory", "file"])
def test_an_exception_at_any_moment_leaves_whole_calls(call: str, kept: str, tmp_path: Path) -> None:
    """The state is that after none, some or all of the lab's methods that the call uses, and the lab still works."""
    path = None if kept == "memory" else tmp_path / "lab"
    start = open_lab(None).to_dict(secrets=True)
    states = whole_states(start, CALLS[call])
    if path is not None:
        open_lab(path).close()
        stored = path.read_bytes()
    place = 0
    step = int(os.environ.get("DHCPFO_STEP", 61 if kept == "memory" else 601))
    while True:
        place += step
        if path is not None:
            path = tmp_path / f"lab{place}"  # the last one is still open
            path.write_bytes(stored)
        lab = Lab.from_dict(start) if path is None else Lab.open(path)
        raised = None
        with InterruptAt(place) as interruption:
            try:
                CALLS[call](lab)
            except Interruption as error:
                raised = error  # its traceback keeps alive what the call had open
        in_thread(lambda lab=lab: lab.to_dict(), f"place {place}")  # type: ignore[misc]
        assert lab.to_dict(secrets=True) in states, f"place {place}"
        del raised
        assert lab.to_dict(secrets=True) in states, f"place {place}"
        if interruption.left > 0:
            break
    assert place > 50


def whole_states(start: dict[str, Any], call: Callable[[Lab], object]) -> list[dict[str, Any]]:
    """The states between the transactions of a call."""
    lab = Lab.from_dict(start)
    states = [start]
    begin = lab._transactions.begin

    @contextlib.contextmanager
    def observed(**options: Any) -> Any:
        with begin(**options) as state:
            yield state
        lab._transactions.begin = begin  # type: ignore[method-assign]
        states.append(lab.to_dict(secrets=True))
        lab._transactions.begin = observed  # type: ignore[method-assign, assignment]

    lab._transactions.begin = observed  # type: ignore[method-assign, assignment]
    with contextlib.suppress(DhcpError):
        call(lab)
    lab._transactions.begin = begin  # type: ignore[method-assign]
    return [*states, lab.to_dict(secrets=True)]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no interval timer")
@pytest.mark.parametrize("kept", ["memory", "file"])
def test_signals_at_any_moment(kept: str, tmp_path: Path) -> None:
    """Each call either happened or did not; no lock is left behind, and no exception is lost."""
    lab = open_lab(None if kept == "memory" else tmp_path / "lab")
    server = connect(lab)
    raised: list[int] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        raised.append(number)
        raise Interruption

    before = signal.signal(signal.SIGALRM, interrupt)
    gc.disable()  # Python drops what a handler raises during a collection, as in hypothesis' callback for those
    caught = 0
    try:
        for number in range(300 if kept == "memory" else 60):
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.0001 + number % 30 * 0.00007)
                for client in range(50):
                    lab.lease(SCOPE, bytes([number % 256, client]))
                    server.set_relationship("pair", percentage=client)
                    lab.release("dhcp1", lab.clients("dhcp1", SCOPE)[0].address)
            except Interruption:
                caught += 1
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            records = [{entry.client_id: entry.address for entry in lab.clients(name, SCOPE)} for name in lab.servers]
            assert records[0] == records[1]
    finally:
        signal.signal(signal.SIGALRM, before)
        gc.enable()
    assert caught == len(raised) > 0
    in_thread(lambda: lab.to_dict())


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no interval timer")
def test_a_time_limit_ends_a_slow_call() -> None:
    lab = open_lab(None)
    server = connect(lab)
    lab.set_delay("dhcp1", timedelta(seconds=30))
    before = signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(Interruption))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(Interruption):
            server.relationships()
    finally:
        signal.signal(signal.SIGALRM, before)
    in_thread(lambda: lab.servers)


@at_any_place
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no interval timer")
def test_an_interruption_is_not_replaced_by_a_planted_fault() -> None:
    lab = open_lab(None)
    server = connect(lab)
    lab.drop("dhcp1", "get_system_time", carried_out=True)
    with InterruptAt(10_000), pytest.raises(DhcpError):
        server.get_system_time()
    for place in range(1, 200):
        lab.clear_faults("dhcp1")
        lab.drop("dhcp1", "get_system_time", carried_out=True)
        with pytest.raises((DhcpError, Interruption)) as raised, InterruptAt(place) as interruption:
            server.get_system_time()
        assert isinstance(raised.value, Interruption) == (interruption.left <= 0)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no interval timer")
def test_a_signal_handler_that_uses_the_lab_is_told_so() -> None:
    """It would wait for the call that it interrupted."""
    lab = open_lab(None)
    told: list[BaseException] = []

    def use(number: int, frame: FrameType | None) -> None:
        try:
            lab.to_dict()
        except RuntimeError as error:
            told.append(error)

    before = signal.signal(signal.SIGALRM, use)
    try:
        end = time.monotonic() + 30
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        while not told and time.monotonic() < end:
            lab.lease(SCOPE, b"\x09")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert "inside one of its calls" in str(told[0])


FORKS = """
    import os, sys, threading, time
    from dhcpfo.simulator import Lab

    lab = Lab.open(sys.argv[1]) if sys.argv[1] else Lab()
    lab.add_server("dhcp1", "192.0.2.1")
    lab.add_scope("10.0.0.0/24")
    server = lab.connect("dhcp1", direct=sys.argv[2] == "direct")
    stopped = threading.Event()

    def busy():
        number = 0
        while not stopped.is_set():
            server.relationships()
            lab.lease("10.0.0.0", bytes([1, number % 100]))
            number += 1

    threads = [threading.Thread(target=busy) for _ in range(2)]
    for thread in threads:
        thread.start()
    children = []
    for _ in range(30):
        child = os.fork()
        if not child:
            assert server.relationships() == []
            assert lab.lease("10.0.0.0", b"\\x09") is not None
            os._exit(0)
        children.append(child)
        time.sleep(0.003)
    left, end = set(children), time.monotonic() + 60
    while left and time.monotonic() < end:
        for child in list(left):
            if os.waitpid(child, os.WNOHANG)[0]:
                left.discard(child)
        time.sleep(0.01)
    for child in left:
        os.kill(child, 9)
        os.waitpid(child, 0)
    stopped.set()
    print(len(left))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
@pytest.mark.parametrize("kept", ["memory", "file"])
def test_a_fork_while_other_threads_are_in_calls(kept: str, route: str, tmp_path: Path) -> None:
    """None of the children waits for a lock that a thread held which it does not have."""
    path = str(tmp_path / "lab") if kept == "file" else ""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", textwrap.dedent(FORKS), path, route]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert (run.returncode, run.stdout, run.stderr) == (0, "0\n", "")
