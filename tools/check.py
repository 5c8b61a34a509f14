"""Lint, types, stubs and generated files: what can be said about the source without running it.

Wants the package installed with its ``lint`` extra in the environment of this interpreter; ``python tools/check.py
NAME...`` runs the named checks only.
"""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
# The environment's programs are found whether or not it is activated; cython-lint calls another one.
SCRIPTS = sysconfig.get_path("scripts")
ENVIRONMENT = os.environ | {"PATH": os.pathsep.join((SCRIPTS, os.environ.get("PATH", os.defpath)))}

CHECKS: dict[str, list[str]] = {
    "ruff": [PYTHON, "-m", "ruff", "check", "--no-cache"],
    "format": [PYTHON, "-m", "ruff", "format", "--no-cache", "--check"],
    "cython-lint": [f"{SCRIPTS}/cython-lint", "src"],
    "mypy": [PYTHON, "-m", "mypy"],
    # As on Windows, where sys.platform decides otherwise.
    "mypy-windows": [PYTHON, "-m", "mypy", "--platform", "win32", "src/dhcpfo"],
    # Against the installed package, as a user's code is checked.
    "user": [PYTHON, "-m", "mypy", "--strict", "--warn-unused-ignores", "tests/typing/user_sample.py"],
    "stubs": [PYTHON, "-m", "mypy.stubtest", "dhcpfo._dhcpsapi", "dhcpfo._loopback"],
    "generated": [PYTHON, "tools/abi.py", "--check"],
}


def main(names: list[str]) -> int:
    """Run the checks, all of them even if one fails; return how many failed."""
    unknown = set(names) - CHECKS.keys()
    if unknown:
        print(f"no such check: {', '.join(sorted(unknown))}; there are {', '.join(CHECKS)}")
        return 2
    failed = []
    for name in names or CHECKS:
        print(f"--- {name}", flush=True)
        if subprocess.run(CHECKS[name], cwd=ROOT, env=ENVIRONMENT, check=False).returncode:
            failed.append(name)
    print(f"--- failed: {', '.join(failed)}" if failed else "--- all well")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
