"""Fixtures of the Windows tests: the stand-in for dhcpsapi.dll, and fresh interpreters."""

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

RPC_S_SERVER_UNAVAILABLE = 1722  # the answer of the stand-in until it is changed


@pytest.fixture(scope="session")
def standins() -> Path:
    """The folder of stand-ins: ``full`` exports every function, ``older`` lacks one."""
    if sys.platform != "win32":
        pytest.skip("the extension is linked to dhcpsapi.dll on Windows only")
    if "DHCPFO_STANDIN" not in os.environ:
        pytest.skip("DHCPFO_STANDIN names no stand-in for dhcpsapi.dll: tools/windows.py builds it")
    return Path(os.environ["DHCPFO_STANDIN"]).parent


@pytest.fixture
def dll(standins: Path) -> Iterator[Any]:
    """The stand-in that the extension of this process is linked to, without a provider before and after a test."""
    from dhcpfo import _dhcpsapi

    assert _dhcpsapi.LINKED
    loaded = ctypes.WinDLL("dhcpsapi.dll")
    if not hasattr(loaded, "standin_use"):
        pytest.skip("the extension found another dhcpsapi.dll before the stand-in")
    assert loaded.standin_use(None)  # tests through the linked backend leave theirs
    yield loaded
    assert loaded.standin_use(None)
    loaded.standin_answer(RPC_S_SERVER_UNAVAILABLE)


@pytest.fixture
def forwarding(dll: Any) -> Any:
    """The stand-in while it forwards to the loopback of this process."""
    from dhcpfo import _loopback

    assert dll.standin_use(ctypes.c_void_p(_loopback.functions_address()))
    return dll


@pytest.fixture
def run_python(standins: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs code in a new interpreter with the stand-in of that name, or none."""

    def run(code: str, standin: str | None) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if name != "DHCPFO_STANDIN"}
        if standin is not None:
            environment["DHCPFO_STANDIN"] = str(standins / standin)
            code = f"import os; os.add_dll_directory(os.environ['DHCPFO_STANDIN'])\n{code}"
        command = [sys.executable, "-c", code]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    return run


@pytest.fixture(scope="session")
def under_wine(standins: Path) -> bool:
    """Whether this Windows is Wine."""
    return hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")
