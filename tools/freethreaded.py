"""Compile both extensions as for a free-threaded CPython: with its macro, without the limited API, without a warning.

It needs an environment with Cython, and the headers of CPython 3.13 or later from the interpreter that ``--headers``
names. It does not show that the code runs there: that takes a free-threaded interpreter.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# tools/layouts.py says why Cython's own C needs these exceptions.
EXCEPT = ("unused-parameter", "missing-field-initializers", "type-limits", "unused-function")
WARNINGS = ("-Wall", "-Wextra", "-Werror", *(f"-Wno-{name}" for name in EXCEPT))
ASK = "import sys, sysconfig; print(*sys.version_info[:2], sysconfig.get_path('include'))"
OLDEST = (3, 13)


def headers(interpreter: str) -> Path | None:
    """Return the headers of an interpreter; None if it does not run or is too old."""
    found = shutil.which(interpreter)
    # pyenv's launcher fails unless it is told which version to start.
    environment = {"PYENV_VERSION": "3.13.0"} | dict(os.environ)
    done = found and subprocess.run([found, "-c", ASK], capture_output=True, text=True, env=environment, check=False)
    if not done or done.returncode:
        return None
    major, minor, include = done.stdout.strip().split(" ", 2)
    return Path(include) if (int(major), int(minor)) >= OLDEST else None


def compile_all(include: Path) -> int:
    """Translate and compile; return how many compilations failed."""
    failed = 0
    with tempfile.TemporaryDirectory(prefix="dhcpfo-freethreaded-") as scratch:
        for source in sorted((ROOT / "src").glob("*.pyx")):
            target = Path(scratch) / f"{source.stem}.c"
            command = [sys.executable, "-m", "cython", "-3", f"-I{ROOT / 'src'}", f"-o{target}", str(source)]
            subprocess.run(command, check=True)
            compiler = [os.environ.get("CC", "cc"), "-std=c11", *WARNINGS, "-DPy_GIL_DISABLED", "-fsyntax-only"]
            paths = [f"-I{ROOT / 'include'}", f"-isystem{include}"]
            done = subprocess.run([*compiler, *paths, str(target)], check=False)
            print(f"{source.name} with Py_GIL_DISABLED: {'failed' if done.returncode else 'compiles'}", flush=True)
            failed += bool(done.returncode)
    return failed


def main() -> int:
    """Find the headers and compile; a missing interpreter is reported, but is not a failure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--headers", default="python3.13", metavar="PYTHON", help="default: %(default)s")
    interpreter = parser.parse_args().headers
    include = headers(interpreter)
    if include is None:
        print(f"skipped: {interpreter} is not installed, or is older than {OLDEST[0]}.{OLDEST[1]}")
        return 0
    return compile_all(include)


if __name__ == "__main__":
    sys.exit(main())
