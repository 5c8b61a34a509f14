"""Make the pictures of the command line in docs/pictures, from what the program shows.

The package must be installed with its ``cli`` extra in the environment of this interpreter.
"""

import argparse
import io
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"
WIDTH, HEIGHT = 100, 22


def main() -> int:
    """Make all pictures."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "demo.svg").write_text(demo(), "utf-8")
    return 0


def demo() -> str:
    """Return the live view of the demonstration after a server was stopped and its partner was told."""
    from datetime import timedelta

    from rich.console import Console

    from dhcpfo.cli.demo.live import press
    from dhcpfo.cli.demo.look import look
    from dhcpfo.cli.demo.view import View, render
    from dhcpfo.cli.demo.world import SITES, World, build
    from dhcpfo.simulator import Lab

    console = Console(record=True, width=WIDTH, height=HEIGHT, file=io.StringIO(), force_terminal=True)
    with Lab() as lab:
        build(lab)
        world, view = World(lab), View(60)
        for key in "sp":
            press(world, view, key)
            lab.advance(timedelta(minutes=4))
        view.seen, view.now = [look(world, site) for site in SITES], lab.now
        console.print(render(view, WIDTH, HEIGHT))
    svg = console.export_svg(title="dhcpfo demo", unique_id="demo")
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


if __name__ == "__main__":
    sys.exit(main())
