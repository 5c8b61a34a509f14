"""Make the pictures of the command line in docs/pictures, from what the program prints to a terminal.

The package must be installed with its ``cli`` extra in the environment of this interpreter. With ``--check`` nothing is
written: the texts of the pictures must be those that the program prints now.
"""

import argparse
import contextlib
import functools
import html
import io
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"
WIDTH, HEIGHT = 100, 22
MOST_BYTES = 40_000

FILE = """\
version: 1
pairs:
  hq:
    servers: [dhcp1, dhcp2]
    relationships: {hq-branch: {percent: 70, scopes: {only: true, list: [10.0.1.0, 10.0.3.0]}}}
  store-001: {servers: [s001a, s001b], relationships: {store-001: {switch: 45m}}}
  store-002: {servers: [s002a, s002b], relationships: {store-002: {switch: 45m}}}
  store-003: {servers: [s003a, s003b], relationships: {store-003: {switch: 45m}}}
"""

FRAME = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font: {char_height}px "Fira Code", Consolas, "DejaVu Sans Mono", monospace; }}
.{unique_id}-title {{ font: bold 18px sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""Rich's frame without its fonts, which are loaded from another host."""

REDRAWN = re.compile(r"(?:\r|\x1b\[\d*[AKG])*(?:\x1b\[\d*A|\x1b\[2K)(?:\r|\x1b\[\d*[AK])*")
"""What moves the cursor back to draw over what is there."""

OTHER = re.compile(r"\x1b\[\?\d+[hl]")


def main() -> int:
    """Make all pictures, or check them; return how many are old."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only compare their texts")
    check = parser.parse_args().check
    FOLDER.mkdir(exist_ok=True)
    old = 0
    for name, make in PICTURES.items():
        path, made = FOLDER / f"{name}.svg", make()
        if not check:
            path.write_text(made, "utf-8")
        elif not path.exists() or texts(path.read_text("utf-8")) != texts(made):
            old += 1
            print(f"{path.relative_to(ROOT)} is old: python tools/pictures.py")
        if len(made) > MOST_BYTES:
            raise ValueError(f"{name} has {len(made)} bytes, more than {MOST_BYTES}")
    return old


def texts(svg: str) -> list[str]:
    """Return what is to be read in a picture, but for digests and ages."""
    found = [html.unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]
    return [re.sub(r"digest [0-9a-f]+|\b\d+s\b", "", text) for text in found]


def exported(console: Any, title: str) -> str:
    """Return what a recording console printed as a picture."""
    unique = re.sub(r"\W+", "-", title)
    svg = console.export_svg(title=title, unique_id=unique, code_format=FRAME)
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


class Terminal(io.StringIO):
    """A terminal that keeps what is printed on it."""

    def isatty(self) -> bool:
        """Return True."""
        return True


@contextlib.contextmanager
def on_terminal(width: int) -> Iterator[Terminal]:
    """Let what is run print to a terminal of a certain size."""
    size = {"COLUMNS": str(width), "LINES": "40", "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    with (
        Terminal() as screen,
        mock.patch.dict(os.environ, size),
        contextlib.redirect_stdout(screen),
        contextlib.redirect_stderr(screen),
    ):
        for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
            os.environ.pop(name, None)
        yield screen


def picture(
    *command: str,
    title: str,
    width: int = WIDTH,
    seen: Callable[[list[str]], str] = "".join,
    meanwhile: Callable[[Any, Terminal], None] | None = None,
    cut: bool = False,
) -> str:
    """Return a picture of what a command prints in a lab.

    Args:
        command: Its words.
        title: The title of the picture.
        width: The columns of the terminal.
        seen: Gets what is printed, cut where the cursor goes back, and returns what is shown.
        meanwhile: Called in another thread while the command runs, with the lab and the terminal.
        cut: For `lab`.
    """
    from rich.console import Console
    from rich.text import Text

    from dhcpfo.cli import main as run

    with lab(cut=cut) as made, on_terminal(width) as screen:
        thread = threading.Thread(target=meanwhile or (lambda *given: None), args=(made, screen))
        thread.start()
        run(list(command))
        thread.join()
        shown = seen(REDRAWN.split(OTHER.sub("", screen.getvalue()))).rstrip("\n")
        console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True)
        console.print(Text(f"$ dhcpfo {' '.join(command[: -2 if '--lab' in command else None])}", "bold"))
        console.print(Text.from_ansi(shown), soft_wrap=False)
    return exported(console, title)


@contextlib.contextmanager
def lab(*, cut: bool) -> Iterator[Any]:
    """Work in a folder with a lab of four pairs and a file that says how they should be.

    Args:
        cut: Whether one pair has no contact.
    """
    from dhcpfo.simulator import Lab

    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), Lab.open("demo.lab") as made:
        scopes = ["10.0.1.0/24", "10.0.2.0/24"]
        made.add_pair("hq-branch", scopes=scopes, percentage=60, shared_secret="not shown")
        made.add_scope("10.0.3.0/24", servers=["dhcp1"])
        for number in (1, 2, 3):
            name = f"store-00{number}"
            one, other = f"s00{number}a", f"s00{number}b"
            made.add_pair(name, primary=one, secondary=other, scopes=[f"10.{number}.1.0/24"])
        made.connect("dhcp2").set_relationship("hq-branch", percentage=55)
        made.connect("dhcp2").set_scope("10.0.1.0", name="Branch")
        made.connect("dhcp1").add_exclusion("10.0.1.0", "10.0.1.10", "10.0.1.20")
        if cut:
            made.cut("s002a", "s002b")
            made.power_off("s003b")
        made.advance(timedelta(minutes=5))
        Path("fleet.yaml").write_text(FILE, "utf-8")
        yield made


def demo() -> str:
    """Return the live view of the demonstration after a server was stopped and its partner was told."""
    from rich.console import Console

    from dhcpfo.cli.demo.live import press
    from dhcpfo.cli.demo.look import look
    from dhcpfo.cli.demo.view import View, render
    from dhcpfo.cli.demo.world import SITES, World, build
    from dhcpfo.simulator import Lab

    with Lab() as made, on_terminal(WIDTH):
        console = Console(record=True, width=WIDTH, height=HEIGHT, file=io.StringIO(), force_terminal=True)
        build(made)
        world, view = World(made), View(60)
        for key in "sp":
            press(world, view, key)
            made.advance(timedelta(minutes=4))
        view.seen, view.now = [look(world, site) for site in SITES], made.now
        console.print(render(view, WIDTH, HEIGHT))
    return exported(console, "dhcpfo demo")


def apply() -> str:
    """Return the progress of ``dhcpfo apply``, in the middle of it."""
    from rich.progress import Progress

    from dhcpfo.cli import terminal

    class Drawn(Progress):
        """Draws after each event, and not when a clock says so; so the pictures are the same each time."""

        def __init__(self, *columns: Any, **more: Any) -> None:
            super().__init__(*columns, auto_refresh=False, get_time=lambda: 0.0, **more)

        def update(self, *given: Any, **more: Any) -> None:
            super().update(*given, **more)
            self.refresh()

    def middle(frames: list[str]) -> str:
        at = [number for number, frame in enumerate(frames) if frame.lstrip().startswith("apply")]
        before = "".join(frame for frame in frames[: at[0]] if not frame.lstrip().startswith("plan"))
        return before + frames[at[len(at) * 2 // 3]]

    with mock.patch.object(terminal, "Progress", Drawn):
        command = ("apply", "fleet.yaml", "--yes", "--allow", "delete-scopes", "--parallel", "1", "--lab", "demo.lab")
        return picture(*command, title="dhcpfo apply", seen=middle)


def last(frames: list[str]) -> str:
    """Return what stays on the screen."""
    return frames[-1]


def watch() -> str:
    """Return the table of ``dhcpfo watch`` after something has changed."""

    def change(made: Any, screen: Terminal) -> None:
        end = time.monotonic() + 30
        while "store-003" not in screen.getvalue() and time.monotonic() < end:
            time.sleep(0.05)
        made.cut("dhcp1", "dhcp2")
        made.advance(timedelta(minutes=5))

    command = ("watch", "-f", "fleet.yaml", "--every", "1s", "--times", "2", "--parallel", "1", "--lab", "demo.lab")
    return picture(*command, title="dhcpfo watch", width=110, seen=last, cut=True, meanwhile=change)


AT_LAB = ("--lab", "demo.lab")
PICTURES: dict[str, Callable[[], str]] = {
    "demo": demo,
    "list": functools.partial(
        picture,
        "relationship",
        "list",
        "-f",
        "fleet.yaml",
        *AT_LAB,
        title="dhcpfo relationship list",
        width=130,
        cut=True,
    ),
    "plan": functools.partial(picture, "plan", "fleet.yaml", *AT_LAB, title="dhcpfo plan", seen=last),
    "apply": apply,
    "audit": functools.partial(
        picture, "audit", "--pair", "dhcp1,dhcp2", "--depth", "full", *AT_LAB, title="dhcpfo audit", width=130
    ),
    "watch": watch,
    "check": functools.partial(picture, "check", "--pair", "s003a,s003b", *AT_LAB, title="dhcpfo check", cut=True),
}


if __name__ == "__main__":
    sys.exit(main())
