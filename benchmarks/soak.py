"""Call every function many times through both extensions, with answers and errors, and check that memory does not grow.

The calls are spread over all functions, and every fifth one fails. The program prints by how much the process grew
after a warm-up. It fails if that is 1 MiB or more, if a block is left, or if one was freed twice.
"""

import argparse
import gc
import itertools
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from dhcpfo import Relationship, Server, _loopback
from dhcpfo._dhcpsapi import NativeApi
from dhcpfo.api import FUNCTIONS
from dhcpfo.errors import DhcpError, from_code
from dhcpfo.models import Page
from examples import ANSWERS, EXAMPLES, RELATIONSHIP

MIB = 1 << 20
LIMIT = MIB
WARM_UP = 20_000
ROUNDS = 10
CODES = (5, 87, 1722, 20115, 20133, 4711)

# Larger than the example: many scopes, and a name that is longer than the buffer on the stack.
LARGE = replace(
    RELATIONSHIP, secondary_server_name="d\u20ac2" * 100, scopes=[f"10.0.{number}.0" for number in range(30)]
)


def enlarge(answer: object) -> object:
    """Return the large relationship in place of one, or a page of three."""
    if isinstance(answer, Relationship):
        return LARGE
    if isinstance(answer, Page):
        return replace(answer, items=tuple(enlarge(item) for item in answer.items) * 3)
    return answer


class Canned:
    """A `ManagementApi` that gives one answer for each function, or an error instead."""

    server = "soak"

    def __init__(self) -> None:
        self.code = 0
        self._answers = {method: enlarge(answer) for method, answer in ANSWERS.items()}

    def __getattr__(self, method: str) -> Callable[..., Any]:
        return lambda *_: self._answer(method)

    def _answer(self, method: str) -> object:
        if self.code:
            raise from_code(self.code, FUNCTIONS[method].name, self.server)
        return self._answers[method]


CALLS: tuple[Callable[[Server], object], ...] = (
    *(example.ask for example in EXAMPLES.values()),
    lambda server: server.create_relationship(LARGE),
    lambda server: server.set_relationship("a-b", shared_secret="another secret"),
    lambda server: list(server.get_relationship("a-b").scopes),
    lambda server: server.get_failover_client(address="10.0.1.7"),
    lambda server: server.get_failover_client(name="printer"),
)


def run(server: Server, canned: Canned, calls: int) -> int:
    """Make this many calls and return how many failed as intended."""
    failed = 0
    codes = itertools.cycle(CODES)
    for number, call in zip(range(calls), itertools.cycle(CALLS), strict=False):
        # Every fifth call fails, shifted by one in each round, so that every function gets errors.
        canned.code = next(codes) if (number + number // len(CALLS)) % 5 == 0 else 0
        try:
            call(server)
        except DhcpError as error:
            if error.winerror != canned.code:
                raise
            failed += 1
        else:
            if canned.code:
                raise SystemExit("a call succeeded that should have failed")
    return failed


def resident() -> int:
    """Return the private memory of this process in bytes, without mapped files."""
    if sys.platform == "win32":
        return _private_bytes()
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with open("/proc/self/smaps_rollup", encoding="ascii") as stream:  # noqa: PTH123  # allocates nothing that stays
        fields = dict(line.split(":", 1) for line in stream.readlines()[1:])
    return int(fields["Private_Dirty"].split()[0]) * 1024


def _private_bytes() -> int:
    import ctypes

    class Counters(ctypes.Structure):
        _fields_ = (
            ("size", ctypes.c_uint32),
            ("page_faults", ctypes.c_uint32),
            *((name, ctypes.c_size_t) for name in ("peak", "working", "a", "b", "c", "d", "pagefile", "peak_pagefile")),
        )

    counters = Counters(size=ctypes.sizeof(Counters))
    kernel = ctypes.WinDLL("kernel32")
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    process = ctypes.c_void_p(kernel.GetCurrentProcess())
    if not kernel.K32GetProcessMemoryInfo(process, ctypes.byref(counters), counters.size):
        raise OSError("the memory use of this process cannot be read")
    return int(counters.pagefile)


def main() -> int:
    """Run and print; return 1 if memory grew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=1_000_000, help="number of calls (default: %(default)s)")
    calls = parser.parse_args().calls
    canned = Canned()
    server = Server(NativeApi("soak", _loopback.functions(), _loopback.serve(canned, "soak")))
    run(server, canned, WARM_UP)
    gc.collect()
    before = resident()
    print(f"{WARM_UP} calls to warm up: {before / MIB:.2f} MiB")
    failed = done = 0
    for number in range(1, ROUNDS + 1):
        failed += run(server, canned, calls * number // ROUNDS - done)
        done = calls * number // ROUNDS
        gc.collect()
        print(f"{done:>9} calls, {failed} of them failed: {(resident() - before) / 1024:+.0f} KiB", flush=True)
    growth = resident() - before
    left, bad = _loopback.live_blocks(), _loopback.bad_frees()
    print(f"grown by {growth / 1024:.0f} KiB (limit {LIMIT // 1024}); {left} blocks left, {bad} bad frees")
    return int(growth >= LIMIT or left != 0 or bad != 0)


if __name__ == "__main__":
    sys.exit(main())
