"""Every C function of the loopback near the recursion limit, without memory, and interrupted by a signal.

Each runs in a separate process, because the failure to look for is a crash.
"""

import os
import subprocess
import sys

import pytest

from dhcpfo.api import FUNCTIONS
from foreign import child_environment

pytestmark = pytest.mark.abi

START = """
import ctypes, itertools, sys
from allocator import WatchedAllocator
from dhcpfo import _loopback
from dhcpfo._dhcpsapi import NativeApi
from dhcpfo.api import FUNCTIONS
from foreign import child_environment
from dhcpfo.errors import DhcpError
from examples import ARGUMENTS
from recording import RecordingApi

carry = sys.argv[1] == "carried"
sys.unraisablehook = lambda lost: None


def forget_frames(error):
    # Each time the same exception is raised, its traceback gets longer.
    if error is not None:
        error.__traceback__ = None


def every_call():
    # Each function with an answer, with an exception, and with a server's error.
    for method, error in itertools.product(FUNCTIONS, (None, KeyError(1), DhcpError(20115, ""))):
        print(method, error, flush=True)
        given = RecordingApi() if error is None else RecordingApi(**{method: error})
        name = f"{method} {error!r}"
        api = NativeApi(name, _loopback.functions(), _loopback.serve(given, name, carry_errors=carry))
        yield getattr(api, method), ARGUMENTS[method], error
        assert (_loopback.live_blocks(), _loopback.bad_frees()) == (0, 0)
"""

DEEP = (
    START
    + """
def descend(depth):
    # To every depth up to the limit, so that it is reached in each part of the callback.
    if depth:
        return descend(depth - 1)
    return call(*arguments)


for call, arguments, error in every_call():
    outcomes = set()
    sys.setrecursionlimit(150)
    for depth in range(60, 150):
        try:
            descend(depth)
        except RecursionError:
            outcomes.add("limit")
        except (DhcpError, KeyError):
            pass
        forget_frames(error)
    sys.setrecursionlimit(1000)
    assert outcomes == {"limit"}
print("alive")
"""
)

SCARCE = (
    START
    + """
ATTEMPTS, CAUGHT = (1, 2, 3, 4, 5), (MemoryError, DhcpError, KeyError)

for call, arguments, error in every_call():
    with WatchedAllocator() as allocator:
        fail_in_a_row, failed_count = allocator.library.fail_in_a_row, allocator.library.failed_count
        first, failed = ctypes.c_long(0), True
        while failed:
            first.value += 1
            for attempt in ATTEMPTS:  # the failures may hit these lines as well
                try:
                    if attempt == 1:
                        fail_in_a_row(first, 3)
                        call(*arguments)
                    allocator.calm()
                    failed = failed_count() > 0
                    break
                except CAUGHT:
                    pass
            forget_frames(error)
    assert first.value > 1
print("alive")
"""
)


@pytest.mark.parametrize("carried", ["carried", "lost"])
@pytest.mark.parametrize("program", [DEEP, SCARCE], ids=["near the recursion limit", "three failed allocations"])
def test_no_callback_crashes(program, carried):
    # The sanitizers look for bad addresses here, not for leaks: with several failures in a row, numbers and dicts of
    # the interpreter's frames stay behind. Blocks of the C ABI are counted above, after every call.
    sanitizer = f"{os.environ.get('ASAN_OPTIONS', '')}:detect_leaks=0"
    environment = child_environment(PYTHONFAULTHANDLER="1", ASAN_OPTIONS=sanitizer)
    done = subprocess.run(
        [sys.executable, "-c", program, carried], env=environment, capture_output=True, text=True, timeout=300
    )
    lines = done.stdout.splitlines()
    assert (done.returncode, lines[-1:]) == (0, ["alive"]), (lines[-1:], done.stderr[-2000:])
    assert len(lines) == 3 * len(FUNCTIONS) + 1
