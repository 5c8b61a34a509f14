"""Compile the layout checks, our own C and Cython's for every platform and compiler, without running them.

Our own C is standard C11 and passes -Wpedantic. Cython's passes -Wall -Wextra with the exceptions below.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import parts
from cross import ROOT, STRICT, standin_functions

ZIG = "ziglang"

# The whole of the ABI: types, prototypes, table, layout checks, counter.
HEADERS = ("dhcpsapi_abi.h", "dhcpsapi_layout.h", "live_count.h")
# Needs the Windows SDK: compiled in the Windows workflow.
SDK_ONLY = "sdk_layout.c"
WINDOWS_ONLY = ("standin.c", "prng.c")

# Warnings that Cython's own C causes with every compiler:
# - unused-parameter, missing-field-initializers: signatures and tables that CPython prescribes;
# - type-limits: integer conversions compare sizes that are equal if a long has 32 bits;
# - unused-function: both extensions include all conversions between structures and models, and use one direction.
EXCEPT = ("unused-parameter", "missing-field-initializers", "type-limits", "unused-function")
CYTHON = ("-Wall", "-Wextra", "-Werror", *(f"-Wno-{name}" for name in EXCEPT))


@dataclass(frozen=True)
class Target:
    """A platform: its compiler, its extra flags, and the Python headers that its extension is compiled with."""

    name: str
    compiler: tuple[str, ...]
    flags: tuple[str, ...]
    include: Path
    windows: bool = True

    @property
    def macros(self) -> tuple[str, ...]:
        """The macros that setup.py defines on this platform."""
        return ("-DDHCPFO_LINKED",) if self.windows else ()


def check(python: Path, work: Path) -> None:
    """Compile everything for every target; SystemExit names what failed.

    Args:
        python: An interpreter of this machine with Cython; zig is installed beside it.
        work: A folder for what is made.
    """
    subprocess.run([python, "-m", "pip", "install", "--quiet", ZIG], check=True)
    folder = work / "layouts"
    folder.mkdir(parents=True, exist_ok=True)
    own = _own_sources(folder)
    translated = _translate(python, folder)
    failures = 0
    for target in _targets(python):
        limited = ("-std=c11", *CYTHON, "-DPy_LIMITED_API=0x030B0000", *target.macros)
        for source in own:
            if source.name in WINDOWS_ONLY and not target.windows:
                continue
            failures += not _compile(target, source, folder, STRICT)
        for source in translated:
            failures += not _compile(target, source, folder, limited)
    failures += not _rehearse_sdk(folder)
    if failures:
        raise SystemExit(f"{failures} compilations failed")


def _rehearse_sdk(folder: Path) -> bool:
    """Compile the comparison with the SDK over our own header: it is well written, whatever the SDK says."""
    (folder / "dhcpsapi.h").write_text('#include "dhcpsapi_abi.h"\n')
    flags = ("-x", "c++", "--target=x86_64-w64-mingw32")
    target = Target("SDK comparison over our header, clang", (parts.program("clang"),), flags, folder)
    return _compile(target, ROOT / "tests" / "windows" / SDK_ONLY, folder, ("-Wall", "-Wextra", "-Werror"))


def _targets(python: Path) -> list[Target]:
    here = Path(_headers(python))
    windows = parts.windows_python("3.11") / "include"
    zig = (str(python), "-m", "ziglang", "cc")
    mingw64 = (parts.program("x86_64-w64-mingw32-gcc-win32"),)
    mingw32 = (parts.program("i686-w64-mingw32-gcc-win32"),)
    return [
        Target("Linux, gcc", (parts.program("gcc"),), ("-fPIC",), here, windows=False),
        Target("Linux, clang", (parts.program("clang"),), ("-fPIC",), here, windows=False),
        Target("Windows x64, mingw", mingw64, ("-DMS_WIN64=",), windows),
        Target("Windows x86, mingw", mingw32, (), windows),
        Target("Windows ARM64, zig", (*zig, "-target", "aarch64-windows-gnu"), ("-DMS_WIN64=",), windows),
    ]


def _headers(python: Path) -> str:
    code = "import sysconfig; print(sysconfig.get_path('include'))"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def _own_sources(folder: Path) -> list[Path]:
    headers = folder / "headers.c"
    headers.write_text("".join(f'#include "{name}"\n' for name in HEADERS) + "extern live_count count;\n")
    (folder / "standin_functions.h").write_text(standin_functions())
    found = [path for part in ("src", "tests", "benchmarks") for path in sorted((ROOT / part).rglob("*.c"))]
    translated = {path.with_suffix(".c") for path in (ROOT / "src").glob("*.pyx")}
    return [headers, *(path for path in found if path.name != SDK_ONLY and path not in translated)]


def _translate(python: Path, folder: Path) -> list[Path]:
    made = []
    for source in sorted((ROOT / "src").glob("*.pyx")):
        target = folder / f"{source.stem}.c"
        subprocess.run([python, "-m", "cython", "-3", source, f"-I{ROOT / 'src'}", f"-o{target}"], check=True)
        made.append(target)
    return made


def _compile(target: Target, source: Path, folder: Path, flags: tuple[str, ...]) -> bool:
    include = (f"-I{ROOT / 'include'}", f"-I{source.parent}", f"-I{folder}", f"-isystem{target.include}")
    output = ("-O2", "-c", str(source), "-o", str(folder / f"{source.stem}.o"))
    done = subprocess.run(
        [*target.compiler, *flags, *target.flags, *include, *output],
        env={**os.environ, "ZIG_GLOBAL_CACHE_DIR": str(parts.cache() / "zig"), "ZIG_LOCAL_CACHE_DIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(f"{'ok' if done.returncode == 0 else 'FAILED':6} {target.name}: {source.name}", flush=True)
    if done.returncode:
        sys.stdout.write(done.stdout)
    return done.returncode == 0
