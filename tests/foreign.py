"""C code of the tests: the libraries in tests/native, and `NativeApi` over their tables of functions.

Each library is built with the system's C compiler when it is first asked for, or taken from the folder that
DHCPFO_TEST_NATIVE names, where no compiler is.
"""

import atexit
import ctypes
import functools
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from dhcpfo._dhcpsapi import NativeApi

ROOT = Path(__file__).resolve().parent.parent
STRICT = ("-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror")
SUFFIX = ".dll" if sys.platform == "win32" else ".so"
CAPSULE_NAME = b"dhcpfo.dhcpsapi_functions"  # a capsule keeps the pointer, not the text

capsule = ctypes.pythonapi.PyCapsule_New
capsule.restype, capsule.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]


def compiler() -> str:
    """The system's C compiler; the test is skipped without one."""
    found = shutil.which(os.environ.get("CC", "cc"))
    if found is None:
        pytest.skip("no C compiler on this machine")
    return found


@functools.cache
def _folder() -> Path:
    folder = tempfile.mkdtemp(prefix="dhcpfo-native-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@functools.cache
def library(name: str) -> ctypes.CDLL:
    """Load a library of tests/native."""
    prebuilt = os.environ.get("DHCPFO_TEST_NATIVE")
    if prebuilt:
        return ctypes.CDLL(str(Path(prebuilt) / f"{name}{SUFFIX}"))
    source, built = ROOT / "tests" / "native" / f"{name}.c", _folder() / f"{name}{SUFFIX}"
    includes = (f"-I{ROOT / 'include'}", f"-I{source.parent}")
    command = [compiler(), *STRICT, "-O1", "-g", "-shared", "-fPIC", *includes, str(source), "-o", str(built)]
    subprocess.run(command, check=True)
    return ctypes.CDLL(str(built))


def native_api(provider: ctypes.CDLL, server: str | None = "dhcp1") -> NativeApi:
    """`NativeApi` over the table of a library."""
    table = ctypes.addressof(ctypes.c_size_t.in_dll(provider, "table"))
    return NativeApi(server, capsule(table, CAPSULE_NAME, None), provider)


def load_tool(name: str):
    """Import a program of tools/."""
    folder = str(ROOT / "tools")
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module(name)


def child_environment(**variables: str) -> dict[str, str]:
    """The environment of a child that imports modules of the tests; folders that are there already stay."""
    folders = [str(ROOT / "tests"), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(folders)} | variables
