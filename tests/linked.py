"""The linked backend: through the extension's import table and a stand-in for dhcpsapi.dll to the loopback.

It is what `dhcpfo.connect` uses on Windows, and exists only where the environment names a stand-in
(tools/windows.py builds one).
"""

import ctypes
import itertools
import os
import sys

from dhcpfo.api import ManagementApi

AVAILABLE = sys.platform == "win32" and "DHCPFO_STANDIN" in os.environ

_numbers = itertools.count()

# Python looks there before it looks in the system's folder, but only until the extension is loaded. Where
# tools/windows.py runs, every process does this by itself.
if AVAILABLE:
    os.add_dll_directory(os.environ["DHCPFO_STANDIN"])  # type: ignore[attr-defined, unused-ignore]  # Windows only


def connect(api: ManagementApi, display: str) -> ManagementApi:
    """Return the API that reaches another one through the DLL, and shows it under a name."""
    from dhcpfo import _dhcpsapi, _loopback

    name = f"linked-{next(_numbers)}.invalid"
    native = _dhcpsapi.NativeApi(name, provider=_loopback.serve(api, name, carry_errors=True), display=display)
    dll = ctypes.WinDLL("dhcpsapi.dll")  # type: ignore[attr-defined, unused-ignore]  # Windows only
    assert dll.standin_use(ctypes.c_void_p(_loopback.functions_address()))
    return native
