"""Every import of the package is a plain statement: programs that freeze Python code find imports by reading it."""

import ast
from pathlib import Path

import pytest

import dhcpfo

PACKAGE = Path(dhcpfo.__file__).parent
BY_NAME = {"import_module", "__import__", "run_module", "walk_packages", "iter_modules", "exec", "eval", "load_module"}


COMPILES = {"models/base.py": {"exec"}}
"""It compiles the constructors of the models, as `dataclasses` does; they import nothing."""


def sources():
    return [path for path in sorted(PACKAGE.rglob("*.py")) if "__pycache__" not in path.parts]


def imports_by_name(text, allowed=frozenset()):
    """The lines of code that import, or may import, a module by a computed name."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
            if called in BY_NAME - allowed:
                yield node.lineno
        elif isinstance(node, ast.ImportFrom) and BY_NAME & {alias.name for alias in node.names}:
            yield node.lineno


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_module_is_imported_by_a_computed_name(path):
    allowed = COMPILES.get(path.relative_to(PACKAGE).as_posix(), set())
    assert list(imports_by_name(path.read_text("utf-8"), allowed)) == []


def test_an_import_by_name_would_be_found():
    text = "from importlib import import_module\nimport importlib\nimportlib.import_module(x)\n__import__(y)\n"
    assert list(imports_by_name(text)) == [1, 3, 4]
