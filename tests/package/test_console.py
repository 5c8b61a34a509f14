"""The command lines in the documentation print what the pages show.

A block ```console has command lines after ``$``, and what they print. ``…`` alone on a line stands for lines that are
left out. ``python tests/package/test_console.py docs/lab.md`` runs a page and writes what its commands print into it;
a block with ``…`` stays as it is.
"""

import os
import re
import shlex
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "docs" / "lab.md"]
if not PAGES[0].exists():
    pytest.skip("no source tree here", allow_module_level=True)

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OMITTED = "…"


def commands(block):
    """The command lines of a block, each with the lines that it prints."""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def run(command):
    """The lines that a command line prints."""
    from dhcpfo.cli import main

    program, *arguments = shlex.split(command)
    assert program == "dhcpfo", command
    with redirect_stdout(StringIO()) as printed, redirect_stderr(printed):
        main(arguments)
    return [line.rstrip() for line in printed.getvalue().splitlines()]


def fits(lines, shown):
    """Whether a page shows these lines, but for those that it leaves out."""
    if not shown:
        return not lines
    if shown[0] == OMITTED:
        return any(fits(lines[at:], shown[1:]) for at in range(len(lines) + 1))
    return bool(lines) and lines[0] == shown[0].rstrip() and fits(lines[1:], shown[1:])


@pytest.mark.abi
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_print_what_the_page_shows(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = BLOCK.findall(page.read_text("utf-8"))
    assert blocks
    for block in blocks:
        for command, shown in commands(block):
            lines = run(command)
            assert fits(lines, shown), "\n".join([command, *lines])


def test_the_comparison_works():
    assert fits(["a", "b", "c"], ["a", OMITTED])
    assert fits(["a", "b", "c"], [OMITTED, "b", OMITTED])
    assert fits([], [OMITTED])
    assert not fits(["a", "b"], ["a"])
    assert not fits(["a"], [OMITTED, "b"])


def written(match):
    """A block with what its commands print now."""
    text = ""
    for command, shown in commands(match[1]):
        lines = run(command)
        text += "\n".join([f"$ {command}", *(shown if OMITTED in shown else lines)]) + "\n"
    return f"```console\n{text}```"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        page = Path(name).resolve()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            page.write_text(BLOCK.sub(written, page.read_text("utf-8")), "utf-8")
            os.chdir(ROOT)
