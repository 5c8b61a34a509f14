"""The tests that cross the C ABI, with the compiled code under gcc's sanitizers: addresses, undefined behaviour, leaks.

``python tools/sanitize.py [pytest arguments]``, on Linux, in an environment with pytest, hypothesis and Cython. Both
extensions and the C of the tests are built with the sanitizers into a scratch folder; the interpreter itself is
not, so a leak counts only where our own code asked for the memory. Before the tests, three programs with one
mistake each prove that a mistake is noticed.
"""

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
EXTENSIONS = ("_dhcpsapi", "_loopback")

MISTAKES = {
    "heap-buffer-overflow": "int go(int n) { volatile char *p = malloc(n); p[n] = 1; free((void *)p); return 0; }",
    "signed integer overflow": "int go(int n) { return 2147483647 + n; }",
    "detected memory leaks": "int go(int n) { void *volatile p = malloc(n); p = 0; return p != 0; }",
}
NO_PTRACE = "LeakSanitizer has encountered a fatal error"

LEAK = re.compile(r"^(?:Direct|Indirect) leak of .*?(?:\n\n|\Z)", re.MULTILINE | re.DOTALL)
# How far down a stack our code must stand to be the one that asked, and not the one that runs the interpreter.
NEAR = 8


class Sanitized:
    """A scratch folder with sanitized builds, and programs run over them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.gcc = shutil.which("gcc") or sys.exit("gcc is needed")
        self.modules: list[str] = []  # how our own code is named in a stack

    def build(self, source: Path, target: Path, *flags: str) -> None:
        """Compile one source into a loadable module."""
        subprocess.run([self.gcc, *FLAGS, *flags, str(source), "-o", str(target)], check=True)
        self.modules += [target.name, source.name]

    def library(self, name: str) -> str:
        """Return the path of one of the compiler's libraries."""
        command = [self.gcc, f"-print-file-name={name}"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def run(self, *command: str, **variables: str) -> tuple[int, str]:
        """Run Python; return its exit code and what the sanitizers wrote."""
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
                # A leak of the interpreter's is no failure; the reports are read instead.
                "LSAN_OPTIONS": "exitcode=0:max_leaks=0:use_unaligned=1",
            }
        )
        with (reports / "stderr").open("wb") as stderr:  # where the second of two runtimes writes
            done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, stderr=stderr, check=False)
        texts = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(reports.iterdir())]
        return done.returncode, "\n".join(texts)

    def own_leaks(self, report: str) -> list[str]:
        """Return the leaks whose memory our own code asked for."""
        found = []
        for leak in LEAK.findall(report):
            frames = [line for line in leak.splitlines() if line.lstrip().startswith("#")]
            if any(module in frame for frame in frames[:NEAR] for module in self.modules):
                found.append(leak)
        return found


def notices_mistakes(sanitized: Sanitized) -> bool:
    """Show that each kind of mistake is noticed; return whether leaks can be looked for here at all."""
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
            print(f"noticed, as it should be: {expected}", flush=True)
    if not leaks:
        print("leaks are not looked for: this machine does not let a process be traced", flush=True)
    return leaks


def lay_out(sanitized: Sanitized) -> dict[str, str]:
    """Build everything; return the environment variables that lead to it."""
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


def main(arguments: list[str]) -> int:
    """Prove the tools, build, run the tests, judge."""
    with tempfile.TemporaryDirectory(prefix="dhcpfo-sanitize-") as scratch:
        sanitized = Sanitized(Path(scratch))
        leaks = notices_mistakes(sanitized)
        variables = lay_out(sanitized)
        probe = "import dhcpfo._dhcpsapi as it; raise SystemExit(not it.__file__.startswith(__import__('sys').argv[1]))"
        if sanitized.run("-c", probe, scratch, **variables)[0]:
            sys.exit("the sanitized extension is not the one that is tested")
        # A crash is the sanitizers' to report; memory that they hold back would look like growth to tests/live.
        tests = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:faulthandler", "-m", "abi"]
        tests.append("--ignore=tests/live")
        exit_code, report = sanitized.run(*tests, *arguments, **variables)
        found = sanitized.own_leaks(report)
        errors = [line for line in report.splitlines() if "ERROR: AddressSanitizer" in line or "runtime error:" in line]
        if errors:
            print(report)
        for leak in found:
            print(leak)
        if NO_PTRACE in report and leaks:
            sys.exit("leaks could not be looked for after the tests")
        leaked = len(found) if leaks else "unknown"
        print(f"tests: exit code {exit_code}; errors: {len(errors)}; leaks of our own: {leaked}")
        return int(bool(exit_code or errors or found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
