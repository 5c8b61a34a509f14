"""The programs of tools and benchmarks: ``--help`` explains them and starts nothing."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
if not (ROOT / "tools").is_dir():
    pytest.skip("no source tree here", allow_module_level=True)


def is_program(path):
    return path.name == "__main__.py" or "__name__ == '__main__'" in ast.unparse(ast.parse(path.read_text("utf-8")))


PROGRAMS = [path for folder in ("tools", "benchmarks") for path in sorted((ROOT / folder).rglob("*.py"))]
PROGRAMS = [path for path in PROGRAMS if is_program(path)]


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_help_explains_a_program_and_starts_nothing(path, tmp_path):
    package = ".".join(path.parent.relative_to(ROOT).parts)
    program = ["-m", package] if path.name == "__main__.py" else [str(path)]
    command, found = [sys.executable, *program, "--help"], os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=found, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: ")
    description = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert description
    assert description.splitlines()[0] in " ".join(done.stdout.split())
    assert list(tmp_path.iterdir()) == []
