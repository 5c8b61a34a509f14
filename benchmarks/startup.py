"""How long commands take to start, over a bare interpreter: the quickest of several runs of each.

    python benchmarks/startup.py [--runs 9] [--json FILE]

The package must be installed in the environment of this interpreter. On a busy machine, read the processor time.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

BARE = "a bare interpreter"
LIMITS = {"check --help": 80, "check on two servers": 80, "check, refused": 80, "--help": 250}
"""Milliseconds over a bare interpreter that a command may take."""

IMPORT = "import dhcpfo"
HELP = "from dhcpfo.cli import main; main(['--help'])"
COMMAND_HELP = "from dhcpfo.cli import main; main(['relationship', 'list', '--help'])"
CHECK_HELP = "from dhcpfo.cli import main; main(['check', '--help'])"
CHECK = """
import sys
from dhcpfo.cli.commands import check
from dhcpfo.cli.commands.check import main
import dhcpfo.server, dhcpfo.fleet.look, dhcpfo.fleet.monitor.check
from dhcpfo.errors import from_code
class Api:
    def __init__(self, server): self.server = server
    def close(self): pass
    def __getattr__(self, name):
        def call(*a): raise from_code(1722, "DhcpV4FailoverEnumRelationship", self.server)
        return call
from dhcpfo.cli import targets
targets.Targets.server = lambda self, name: dhcpfo.server.Server(Api(name))
main(["--pair", "dhcp1,dhcp2"])
"""
"""All that ``dhcpfo check`` does, with servers that answer at once: what is measured is the start, not the network."""

REFUSED = "from dhcpfo.cli import main; main(['check', '--pair', '127.0.0.1,127.0.0.2'])"
"""The same with the client for the network, or Dhcpsapi.dll, and two calls that nobody takes."""

PROGRAMS = {
    BARE: "pass",
    "import dhcpfo": IMPORT,
    "--help": HELP,
    "list --help": COMMAND_HELP,
    "check --help": CHECK_HELP,
    "check on two servers": CHECK,
    "check, refused": REFUSED,
}


def cpu() -> float:
    """Return the processor time of all programs that have ended, in seconds; 0 where the system does not tell."""
    if resource is None:
        return 0.0
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return float(used.ru_utime + used.ru_stime)


def once(program: str) -> tuple[float, float]:
    """Return how long a program takes and how much of that the processor works for it, in milliseconds."""
    begun, before = time.perf_counter(), cpu()
    with tempfile.TemporaryFile() as out:
        subprocess.run([sys.executable, "-c", program], check=True, stdout=out, cwd=Path(__file__).parent)
    return (time.perf_counter() - begun) * 1000, (cpu() - before) * 1000


def main() -> int:
    """Measure, print and return how many limits are exceeded."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9, help="runs of each program")
    parser.add_argument("--json", help="write the figures into this file, too")
    arguments = parser.parse_args()
    best = dict.fromkeys(PROGRAMS, (1000000000.0, 1000000000.0))
    for _ in range(arguments.runs):  # in turn, so that a busy moment does not hit one of them only
        for name, program in PROGRAMS.items():
            wall, worked = once(program)
            best[name] = min(best[name][0], wall), min(best[name][1], worked)
    bare = best.pop(BARE)
    print(f"{BARE}: {bare[0]:.0f} ms, {bare[1]:.0f} ms of processor time")
    over, figures = 0, {}
    for name, taken in best.items():
        wall, worked = taken[0] - bare[0], taken[1] - bare[1]
        figures[name] = {"wall_ms": round(wall, 1), "processor_ms": round(worked, 1)}
        limit = LIMITS.get(name)
        # Where other programs run at the same time, only the processor time says something about this one.
        over += limit is not None and min(wall, worked if bare[1] else wall) > limit
        print(
            f"{name:<22} +{wall:4.0f} ms, +{worked:4.0f} ms of processor time"
            + (f"  (at most {limit})" if limit else "")
        )
    if arguments.json:
        Path(arguments.json).write_text(
            json.dumps({"bare_ms": bare[0], "over_bare": figures}, indent=2) + "\n", "utf-8"
        )
    return over


if __name__ == "__main__":
    sys.exit(main())
