"""The executor that docs/asyncio.md shows: a server that never answers delays neither a report nor Python's exit."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "asyncio.md"
if not PAGE.exists():
    pytest.skip("no source tree here", allow_module_level=True)

pytestmark = pytest.mark.abi

BLOCK = re.compile(r"^```(python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HANGS = 120  # seconds; the dead server of the page would answer after an hour


def run(program):
    """Run a program in a new interpreter; TimeoutExpired if it does not end."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, timeout=HANGS, check=False)


def test_the_program_of_the_page_ends_though_a_call_does_not():
    blocks = BLOCK.findall(PAGE.read_text("utf-8"))
    program = "".join(text for kind, text in blocks if kind == "python")
    shown = "".join(text for kind, text in blocks if kind == "text")
    assert "no answer within" in shown
    done = run(program)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", shown)


EXECUTOR = "".join(
    text for kind, text in BLOCK.findall(PAGE.read_text("utf-8")) if kind == "python" and "class DaemonExecutor" in text
).partition("async def report")[0]


def test_results_errors_and_cancellation_reach_the_future():
    scope = {}
    exec(EXECUTOR, scope)
    executor = scope["DaemonExecutor"]()
    assert executor.submit(pow, 2, 3).result() == 8
    assert isinstance(executor.submit(int, "x").exception(), ValueError)
    assert list(executor.map(abs, [-1, 2])) == [1, 2]
