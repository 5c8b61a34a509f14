"""Compile both extensions as a free-threaded CPython would: its macro, no limited API, no warning.

``python tools/freethreaded.py``, in an environment with Cython. The headers are those of CPython 3.13 or later, as the
interpreter named by ``--headers`` reports them. This is as far as it goes without such an interpreter: that the code
runs there is not shown.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What Cython's own C does not hold to: signatures that CPython prescribes, and tables filled in part.
WARNINGS = (
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wno-unused-parameter",
    "-Wno-missing-field-initializers",
    "-Wno-type-limits",
)
ASK = "import sys, sysconfig; print(*sys.version_info[:2], sysconfig.get_path('include'))"
OLDEST = (3, 13)


def headers(interpreter: str) -> Path | None:
    """Return the headers of an interpreter; None where it does not run or is too old."""
    found = shutil.which(interpreter)
    # A version manager's stand-in is told which version is meant, and fails where it has none.
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
    """Find the headers, compile; an interpreter that is not there is said, and is no failure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--headers", default="python3.13", metavar="PYTHON", help="%(default)s unless given")
    interpreter = parser.parse_args().headers
    include = headers(interpreter)
    if include is None:
        print(f"skipped: there is no {interpreter} of version {OLDEST[0]}.{OLDEST[1]} or later here")
        return 0
    return compile_all(include)


if __name__ == "__main__":
    sys.exit(main())
