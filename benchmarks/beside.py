"""Compare the cost of calls with that of another version of dhcpfo, in turns, so that both meet the same machine.

``python benchmarks/beside.py PYTHON FOLDER``: the interpreter of an environment with the other version installed, and
the checkout that it was installed from. The best of several rounds counts. Run it on an idle machine.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

# Runs in either version, with that version's own provider; older ones do not have every case.
MEASURE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import binding
library = binding.provider()
server, peer = binding.native(library), binding.CtypesApi(library)
answers = binding.cases(library, server, peer)
library.configure(31, 30, 0)
answers["get_system_time"] = binding.best({"dhcpfo_us": binding.repeat(server.get_system_time)})
if "delete_relationship" not in answers and DELETES:
    answers["delete_relationship"] = binding.best(
        {"dhcpfo_us": binding.repeat(lambda: server.delete_relationship("a-b"))}
    )
print(json.dumps(answers))
"""


def measure(python: str, folder: Path) -> dict[str, dict[str, float]]:
    """Microseconds a call of each case."""
    deletes = "DhcpV4FailoverDeleteRelationship" in (folder / "benchmarks" / "provider.c").read_text("utf-8")
    program = MEASURE.replace("DELETES", str(deletes))
    command = [python, "-c", program, str(folder / "benchmarks")]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    answers: dict[str, dict[str, float]] = json.loads(done.stdout)
    return answers


def main() -> None:
    """Measure in turns and print the best of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("python", help="the interpreter of the other version's environment")
    parser.add_argument("folder", type=Path, help="the checkout of the other version")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    versions = {"other": (given.python, given.folder.resolve()), "this": (sys.executable, HERE.parent)}
    best: dict[tuple[str, str, str], float] = {}
    for _ in range(given.rounds):
        for version, (python, folder) in versions.items():
            for case, figures in measure(python, folder).items():
                for name, us in figures.items():
                    key = case, version, name
                    best[key] = min(best.get(key, us), us)
    print(f"{'case':<22}{'other':>9}{'this':>9}{'other/this':>12}{'ctypes/this':>13}")
    for case in dict.fromkeys(case for case, _, _ in best):
        other, this = (best.get((case, version, "dhcpfo_us")) for version in versions)
        peer = best.get((case, "this", "ctypes_us"))
        if this is None:
            continue
        ratio = f"{other / this:.2f}" if other else "-"
        beside = f"{peer / this:.1f}" if peer else "-"
        print(f"{case:<22}{other or 0:>9.2f}{this:>9.2f}{ratio:>12}{beside:>13}")


if __name__ == "__main__":
    main()
