"""The examples of docs/cli.md: each command line prints what the page shows.

``python tests/cli/test_cli_docs.py`` writes what they print into the page.
"""

import contextlib
import io
import re
import shlex
import sys
import tempfile
from pathlib import Path

import pytest

from dhcpfo.cli import main
from dhcpfo.simulator import Lab

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def make(folder):
    """Make the lab of the page; return its path."""
    path = str(Path(folder) / "demo.lab")
    with Lab.open(path) as lab:
        lab.add_pair("hq-branch", scopes=["10.0.1.0/24", "10.0.2.0/24"], percentage=60, shared_secret="not shown")
        lab.add_scope("10.0.3.0/24", servers=["dhcp1"])
    return path


def run(line, path):
    """Return what a command line prints, with a last line for an exit code other than 0."""
    words = [path if word == "demo.lab" else word for word in shlex.split(line)[1:]]
    before, sys.stdin = sys.stdin, io.StringIO()
    try:
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
            code = main(words)
    finally:
        sys.stdin = before
    return out.getvalue() + (f"(exit code {code})\n" if code else "")


def replayed(text, path):
    """Return a block with what its command lines print now."""
    lines = [line for line in text.splitlines() if line.startswith("$ dhcpfo ")]
    return "".join(f"{line}\n{run(line[2:], path)}" for line in lines)


@pytest.mark.skipif(not PAGE.exists(), reason="no source tree here")
def test_the_page_shows_what_is_printed(tmp_path):
    path = make(tmp_path)
    blocks = BLOCK.findall(PAGE.read_text("utf-8"))
    assert len(blocks) > 3
    for block in blocks:
        assert replayed(block, path) == block


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        path = make(folder)
        text = BLOCK.sub(lambda match: f"```console\n{replayed(match[1], path)}```", PAGE.read_text("utf-8"))
        PAGE.write_text(text, "utf-8")
