"""Write the reference of the Python API as HTML, from the docstrings, with pdoc.

The package must be installed with its ``docs`` extra in the environment of this interpreter.
"""

import argparse
import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

MODULES = (
    "dhcpfo",
    "dhcpfo.server",
    "dhcpfo.pair",
    "dhcpfo.scope",
    "dhcpfo.models",
    "dhcpfo.enums",
    "dhcpfo.errors",
    "dhcpfo.simulator",
    "dhcpfo.rehearsal",
    "dhcpfo.fleet",
    "dhcpfo.rpc",
    "dhcpfo.api",
)


def main() -> int:
    """Write the pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "reference", help="where to write")
    folder = parser.parse_args().folder

    import pdoc

    for name in MODULES:
        module = importlib.import_module(name)
        for public in module.__all__:  # pdoc does not see names that are imported on first use
            module.__dict__[public] = getattr(module, public)
    others = [f"!{module}" for module in ("dhcpfo.cli", "dhcpfo.pytest_plugin", "dhcpfo.__main__")]
    pdoc.render.configure(docformat="google", footer_text="dhcpfo")
    pdoc.pdoc(*MODULES, *others, output_directory=folder)
    print(f"{folder}/index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
