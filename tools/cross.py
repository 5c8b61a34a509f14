"""Build for Windows on another system: the wheel, and the stand-in for dhcpsapi.dll.

setuptools builds the wheel as on any machine. CPython has its own mechanism for cross-compiling: the name of the host
platform, and a module that answers `sysconfig` for it. setup.py contains nothing for it.
"""

import os
import subprocess
import sys
from pathlib import Path

import abi
from parts import program

ROOT = Path(__file__).resolve().parent.parent
COMPILER = "x86_64-w64-mingw32-gcc-win32"
STRICT = ("-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror")

# Left out of the second stand-in: what an older Windows does not export.
NEWEST = "DhcpV4FailoverGetAddressStatus"


def build_wheel(python: Path, windows: Path, work: Path) -> Path:
    """Build the sdist, and from it the wheel for 64-bit Windows.

    Args:
        python: An interpreter of this machine that has build, and what pyproject.toml requires for building.
        windows: The Windows CPython to compile and link for.
        work: A folder for everything that is made.
    """
    hooks = work / "cross"
    hooks.mkdir(parents=True, exist_ok=True)
    answers = hooks / "dhcpfo_cross_sysconfig.py"
    answers.write_text(f"build_time_vars = {_build_time_vars(windows, hooks)!r}\n")
    dist = work / "dist"
    for old in dist.glob("*"):
        old.unlink()
    environment = {
        **os.environ,
        "_PYTHON_HOST_PLATFORM": "win-amd64",
        "_PYTHON_SYSCONFIGDATA_NAME": answers.stem,
        "PYTHONPATH": str(hooks),
    }
    command = [str(python), "-m", "build", "--no-isolation", f"--outdir={dist}", str(ROOT)]
    log = work / "wheel.log"
    with log.open("wb") as stream:
        done = subprocess.run(command, env=environment, stdout=stream, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        sys.stderr.write(log.read_text(errors="replace"))
        raise SystemExit("the wheel could not be built")
    (wheel,) = dist.glob("*.whl")
    return wheel


def _build_time_vars(windows: Path, hooks: Path) -> dict[str, str]:
    compiler = program(COMPILER)
    # Debian's compiler links the old C runtime; CPython uses the universal one, and so does a wheel from Microsoft's.
    specs = hooks / "ucrt.specs"
    dump = subprocess.run([compiler, "-dumpspecs"], check=True, capture_output=True, text=True).stdout
    specs.write_text(dump.replace("-lmsvcrt", "-lucrt"))
    include = str(windows / "include")
    linker = [compiler, f"-specs={specs}", "-shared", "-static-libgcc", "-Wl,--no-undefined", "-s"]
    return {
        "CC": compiler,
        "CXX": compiler,
        # MS_WIN64 is what pyconfig.h up to 3.11 derives from Microsoft's compiler alone.
        "CFLAGS": "-O2 -D_UCRT -DMS_WIN64=",
        "CCSHARED": "",
        "LDSHARED": " ".join([*linker, str(windows / "python3.dll")]),
        "LDCXXSHARED": " ".join(linker),
        "AR": "x86_64-w64-mingw32-ar",
        "ARFLAGS": "rcs",
        "EXT_SUFFIX": ".pyd",
        "SHLIB_SUFFIX": ".pyd",
        "SOABI": "cp311-win_amd64",
        "INCLUDEPY": include,
        "CONFINCLUDEPY": include,
        "VERSION": "3.11",
        "exec_prefix": sys.base_exec_prefix,
        "prefix": sys.base_prefix,
    }


def build_standins(work: Path) -> Path:
    """Build the stand-ins for dhcpsapi.dll; return the folder that holds ``full`` and ``older``."""
    standin = work / "standin"
    for name, missing in (("full", ""), ("older", NEWEST)):
        folder = standin / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "standin_functions.h").write_text(standin_functions(missing))
        command = [program(COMPILER), *STRICT, "-O2", "-shared", "-s", f"-I{ROOT / 'include'}", f"-I{folder}"]
        command += [str(ROOT / "tests" / "windows" / "standin.c"), "-o", str(folder / "dhcpsapi.dll")]
        subprocess.run(command, check=True)
    return standin


def standin_functions(missing: str = "") -> str:
    """Return a line for each function of the API that forwards it; see tests/windows/standin.c."""
    lines = []
    for function in (*abi.FUNCTIONS, *abi.LOCAL, abi.FREE):
        if function.name == missing:
            continue
        taken = [parameter for parameter in function.parameters if parameter != "void"]
        names = ", ".join(parameter.replace("*", " ").split()[-1] for parameter in taken)
        kind = "PROCEDURE" if function.returns == "VOID" else "FUNCTION"
        lines.append(f"{kind}({function.name}, ({', '.join(function.parameters)}), ({names}))\n")
    return "".join(lines)


def build_prng(folder: Path) -> None:
    """Build the DLL that Wine lacks into a folder."""
    command = [program(COMPILER), *STRICT, "-O2", "-shared", "-s", str(ROOT / "tests" / "windows" / "prng.c")]
    subprocess.run([*command, "-o", str(folder / "bcryptprimitives.dll"), "-ladvapi32"], check=True)


def build_native(work: Path) -> Path:
    """Build the C providers of the tests and the benchmarks; return the folder of their DLLs."""
    native = work / "native"
    native.mkdir(parents=True, exist_ok=True)
    for source in [*sorted((ROOT / "tests" / "native").glob("*.c")), ROOT / "benchmarks" / "provider.c"]:
        command = [program(COMPILER), *STRICT, "-O2", "-shared", "-s", "-static-libgcc"]
        command += [f"-I{ROOT / 'include'}", f"-I{source.parent}", str(source)]
        subprocess.run([*command, "-o", str(native / f"{source.stem}.dll")], check=True)
    return native
