"""Run the tests that cross the C ABI under gcc's sanitizers, which find bad addresses, undefined behaviour and leaks.

It runs on Linux, in an environment with pytest, hypothesis and Cython. The extensions and the C of the tests are built
with the sanitizers into a temporary folder. The interpreter itself is not, so a leak counts only if our own code
allocated the memory. Three faulty programs first prove that the sanitizers notice each kind of mistake. Many changed
stubs are decoded after the tests, and calls are made with such over connections. Unknown arguments go to pytest.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLAGS = (
    "-std=c11",
    "-g",
    "-O1",
    "-fno-omit-frame-pointer",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
    "-shared",
    "-fPIC",
)
EXTENSIONS = ("_dhcpsapi", "_loopback", "_wire")

MISTAKES = {
    "heap-buffer-overflow": "int go(int n) { volatile char *p = malloc(n); p[n] = 1; free((void *)p); return 0; }",
    "signed integer overflow": "int go(int n) { return 2147483647 + n; }",
    "detected memory leaks": "int go(int n) { void *volatile p = malloc(n); p = 0; return p != 0; }",
}
NO_PTRACE = "LeakSanitizer has encountered a fatal error"

LEAK = re.compile(r"^(?:Direct|Indirect) leak of .*?(?:\n\n|\Z)", re.MULTILINE | re.DOTALL)
# Our code allocated a block if it is among this many innermost frames; further out it only called the interpreter.
NEAR = 8
# A copy of keyword arguments, which we release after the call. CPython 3.11 keeps the arguments of a Python function if
# memory runs out at certain moments of it; a caller in pure Python leaks the same blocks.
KEPT_ARGUMENTS = "clone_combined_dict_keys"
WATCHER = "allocator.c"
"""Lets allocations fail; it stands between the interpreter and malloc and allocates nothing of its own."""


class Sanitized:
    """A temporary folder with sanitized builds, and a way to run Python with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.gcc = shutil.which("gcc") or sys.exit("gcc is needed")
        self.modules: list[str] = []  # the names of our own code in a stack

    def build(self, source: Path, target: Path, *flags: str) -> None:
        """Compile one source into a loadable module."""
        subprocess.run([self.gcc, *FLAGS, *flags, str(source), "-o", str(target)], check=True)
        self.modules += [target.name, source.name]

    def library(self, name: str) -> str:
        """Return the path of a library that comes with the compiler."""
        command = [self.gcc, f"-print-file-name={name}"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def run(self, *command: str, **variables: str) -> tuple[int, str]:
        """Run Python; return its exit code and the sanitizers' reports."""
        reports = Path(tempfile.mkdtemp(dir=self.folder))
        common = f"log_path={reports}/report:abort_on_error=1"
        libraries = [self.library(name) for name in ("libasan.so", "libubsan.so")]
        environment = (
            os.environ
            | variables
            | {
                "LD_PRELOAD": " ".join(libraries),
                "PYTHONMALLOC": "malloc",
                "ASAN_OPTIONS": f"{common}:detect_leaks=1:malloc_context_size=40",
                "UBSAN_OPTIONS": f"{common}:print_stacktrace=1",
                # The interpreter's own leaks must not fail the run; own_leaks() reads the reports instead.
                "LSAN_OPTIONS": "exitcode=0:max_leaks=0:use_unaligned=1",
            }
        )
        with (reports / "stderr").open("wb") as stderr:  # the second of two sanitizers writes there
            done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, stderr=stderr, check=False)
        texts = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(reports.iterdir())]
        return done.returncode, "\n".join(texts)

    def own_leaks(self, report: str) -> list[str]:
        """Return the leaks of memory that our own code allocated."""
        found = []
        for leak in LEAK.findall(report):
            frames = [line for line in leak.splitlines() if line.lstrip().startswith("#") and WATCHER not in line]
            if any(KEPT_ARGUMENTS in frame for frame in frames[:3]):
                continue
            if any(module in frame for frame in frames[:NEAR] for module in self.modules):
                found.append(leak)
        return found


def notices_mistakes(sanitized: Sanitized) -> bool:
    """Check that each kind of mistake is noticed; return whether this machine can detect leaks."""
    leaks = True
    for number, (expected, code) in enumerate(MISTAKES.items()):
        source, target = sanitized.folder / f"mistake{number}.c", sanitized.folder / f"mistake{number}.so"
        source.write_text(f"#include <stdlib.h>\n{code}\n", encoding="utf-8")
        sanitized.build(source, target)
        exit_code, report = sanitized.run("-c", f"import ctypes; ctypes.CDLL({str(target)!r}).go(9)")
        if NO_PTRACE in report:
            leaks = False
        elif expected not in report or not (exit_code or sanitized.own_leaks(report)):
            sys.exit(f"the sanitizers do not notice this: {expected} (exit code {exit_code})\n{report}")
        else:
            print(f"noticed, as expected: {expected}", flush=True)
    if not leaks:
        print("leaks are not detected: this machine does not allow a process to be traced", flush=True)
    return leaks


def lay_out(sanitized: Sanitized) -> dict[str, str]:
    """Build everything; return the environment variables that make Python use it."""
    site, native = sanitized.folder / "site", sanitized.folder / "native"
    shutil.copytree(ROOT / "src" / "dhcpfo", site / "dhcpfo", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    native.mkdir()
    include = f"-I{ROOT / 'include'}"
    for name in EXTENSIONS:
        source = sanitized.folder / f"{name}.c"
        command = [sys.executable, "-m", "cython", "-3", f"-I{ROOT / 'src'}", f"-o{source}"]
        subprocess.run([*command, f"{ROOT / 'src' / name}.pyx"], check=True)
        headers = f"-I{sysconfig.get_path('include')}"
        sanitized.build(source, site / "dhcpfo" / f"{name}.abi3.so", include, headers, "-DPy_LIMITED_API=0x030B0000")
    for source in sorted((ROOT / "tests" / "native").glob("*.c")):
        sanitized.build(source, native / f"{source.stem}.so", include, f"-I{source.parent}")
    return {"PYTHONPATH": str(site), "DHCPFO_TEST_NATIVE": str(native), "PYTHONDONTWRITEBYTECODE": "1"}


def main() -> int:
    """Check the sanitizers, build, run the tests, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stubs", type=int, default=1_000_000, metavar="N", help="how many changed stubs to decode")
    chosen, arguments = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="dhcpfo-sanitize-") as scratch:
        sanitized = Sanitized(Path(scratch))
        leaks = notices_mistakes(sanitized)
        variables = lay_out(sanitized)
        probe = "import sys, dhcpfo._dhcpsapi as built; sys.exit(not built.__file__.startswith(sys.argv[1]))"
        if sanitized.run("-c", probe, scratch, **variables)[0]:
            sys.exit("the tests would not use the sanitized extension")
        # The sanitizers report crashes themselves. They also delay freeing, which tests/live would take for growth.
        tests = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:faulthandler", "-m", "abi"]
        tests.append("--ignore=tests/live")
        exit_code, report = sanitized.run(*tests, *arguments, **variables)
        for search, count in (("mutations", chosen.stubs), ("rpc_hostile", chosen.stubs // 50)):
            searched, more = sanitized.run(f"tests/rpc/{search}.py", "--count", str(count), **variables)
            exit_code, report = exit_code or searched, report + more
        found = sanitized.own_leaks(report)
        errors = [line for line in report.splitlines() if "ERROR: AddressSanitizer" in line or "runtime error:" in line]
        if errors:
            print(report)
        for leak in found:
            print(leak)
        if NO_PTRACE in report and leaks:
            sys.exit("leaks could not be detected after the tests")
        leaked = len(found) if leaks else "unknown"
        print(f"tests: exit code {exit_code}; errors: {len(errors)}; leaks of our own: {leaked}")
        return int(bool(exit_code or errors or found))


if __name__ == "__main__":
    sys.exit(main())
