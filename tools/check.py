"""Check the source without running it: lint, formatting, types, stubs and generated files.

The package must be installed with its ``lint`` extra in the environment of this interpreter.
"""

import argparse
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
# So that an environment that is not activated works too: cython-lint calls another program by its name.
SCRIPTS = sysconfig.get_path("scripts")
ENVIRONMENT = os.environ | {"PATH": os.pathsep.join((SCRIPTS, os.environ.get("PATH", os.defpath)))}

CHECKS: dict[str, list[str]] = {
    "ruff": [PYTHON, "-m", "ruff", "check", "--no-cache"],
    "format": [PYTHON, "-m", "ruff", "format", "--no-cache", "--check"],
    "cython-lint": [f"{SCRIPTS}/cython-lint", "src"],
    "mypy": [PYTHON, "-m", "mypy"],
    # The branches that sys.platform selects on Windows.
    "mypy-windows": [PYTHON, "-m", "mypy", "--platform", "win32", "src/dhcpfo"],
    # A user's code, checked against the installed package.
    "user": [PYTHON, "-m", "mypy", "--strict", "--warn-unused-ignores", "tests/typing/user_sample.py"],
    "stubs": [PYTHON, "-m", "mypy.stubtest", "dhcpfo._dhcpsapi", "dhcpfo._loopback", "dhcpfo._wire"],
    "generated": [PYTHON, "-m", "tools.abi", "--check"],
    "commands": [PYTHON, "tools/commands.py", "--check"],
    "pictures": [PYTHON, "tools/pictures.py", "--check"],
}


def main() -> int:
    """Run all checks, even if one fails; return how many failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"run only these of {', '.join(CHECKS)}")
    names = parser.parse_args().names
    if unknown := set(names) - CHECKS.keys():
        parser.error(f"unknown check: {', '.join(sorted(unknown))}; choose from {', '.join(CHECKS)}")
    failed = []
    for name in names or CHECKS:
        print(f"--- {name}", flush=True)
        if subprocess.run(CHECKS[name], cwd=ROOT, env=ENVIRONMENT, check=False).returncode:
            failed.append(name)
    print(f"--- failed: {', '.join(failed)}" if failed else "--- all well")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
