"""Imports go one way and never in a circle, modules only define things, and no file is long."""

import ast
from pathlib import Path

import pytest

import dhcpfo

PACKAGE = Path(dhcpfo.__file__).parent
ROOT = Path(__file__).resolve().parent.parent.parent

LAYERS = [
    *("enums", "limits", "errors", "models", "api", "rpc", "server", "scope", "pair", "rehearsal"),
    *("fleet", "serve", "cli"),
]
"""A layer imports those before it."""

EXTENSIONS = {"_dhcpsapi": "extension", "_loopback": "extension", "_wire": "extension"}
LAYER_OF = {
    "arguments": "models",
    "columns": "models",
    "logs": "limits",
    "trace": "api",
    "__main__": "cli",
    **EXTENSIONS,
}

MORE = {
    "fleet/servers.py": {"simulator"},
    "rpc/attempts.py": {"extension"},
    "rpc/client.py": {"extension"},
    "rpc/connection.py": {"extension"},
    "rpc/kerberos.py": {"extension"},
    "rpc/ntlm.py": {"extension"},
    "rpc/server.py": {"extension"},
    "rpc/session.py": {"extension"},
    "server/dll.py": {"extension"},
    "simulator/connect.py": {"server", "pair", "extension"},
    "simulator/lab.py": {"rpc"},
}
"""The modules that open connections."""

MOST_LINES = 450


def sources():
    return [path for path in sorted(PACKAGE.rglob("*.py")) if "__pycache__" not in path.parts]


def module_of(path):
    """The names of a module's packages and its own, without ``dhcpfo``; a package ends in ``__init__``."""
    return path.relative_to(PACKAGE).with_suffix("").parts


MODULES = {module_of(path): path for path in sources()}
each_module = pytest.mark.parametrize("module", MODULES, ids="/".join)


def layer_of(module):
    return LAYER_OF.get(module[0], module[0])


def is_type_checking(node):
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def nodes(tree):
    """All nodes but those that only a type checker sees."""
    for node in ast.iter_child_nodes(tree):
        if not is_type_checking(node):
            yield node
            yield from nodes(node)


def resolve(target):
    """The module that a dotted name of this package stands for."""
    for end in range(len(target), 0, -1):
        for module in (target[:end], (*target[:end], "__init__")):
            if module in MODULES or module[-1] in LAYER_OF:
                return module
    return ("__init__",)


def imported(module, tree):
    """The modules of this package that a module imports anywhere in it."""
    package = ("dhcpfo", *module[:-1])
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            targets = [tuple(alias.name.split(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            base += tuple(node.module.split(".")) if node.module else ()
            targets = [(*base, alias.name) for alias in node.names]
        else:
            continue
        for target in targets:
            if target[0] == "dhcpfo":
                yield resolve(target[1:]) if target[1:] else ("__init__",)


def imports():
    return {
        module: set(imported(module, ast.parse(path.read_text("utf-8")))) - {module} for module, path in MODULES.items()
    }


IMPORTS = imports()


def allowed(module):
    layer = layer_of(module)
    if layer == "simulator":
        below = LAYERS[: LAYERS.index("api") + 1]
    elif layer == "pytest_plugin":
        below = ["simulator"]
    elif layer == "rehearsal":
        below = [*LAYERS[: LAYERS.index(layer)], "simulator"]
    elif layer == "__init__":
        below = LAYERS[: LAYERS.index("pair") + 1]
    else:
        below = [*LAYERS[: LAYERS.index(layer)], *(["simulator"] if layer == "cli" else [])]
    return {layer, *below} | MORE.get("/".join(module) + ".py", set())


@each_module
def test_imports_go_one_way(module):
    upward = {target for target in IMPORTS[module] if layer_of(target) not in allowed(module)}
    assert upward == set()


def circles(graph):
    """The modules that import themselves through others."""
    for start in graph:
        seen, open_ = set(), list(graph[start])
        while open_:
            module = open_.pop()
            if module == start:
                yield start
                break
            if module not in seen:
                seen.add(module)
                open_ += graph.get(module, ())


def test_no_imports_go_in_a_circle():
    assert ["/".join(module) for module in circles(IMPORTS)] == []


def test_the_measure_of_circles_works():
    assert set(circles({1: {2}, 2: {3}, 3: {2}, 4: {1}})) == {2, 3}


def test_the_measure_of_imports_works():
    assert ("models", "page") in IMPORTS["server", "connection"]
    assert ("api", "__init__") in IMPORTS["server", "connection"]
    assert ("arguments",) in IMPORTS["server", "failover"]
    assert ("_dhcpsapi",) in IMPORTS["server", "dll"]
    assert ("enums", "__init__") in IMPORTS["models", "failover"]
    assert ("models", "page") in IMPORTS["models", "__init__"]
    upward = set(imported(("models", "page"), ast.parse("def f():\n    from ..server import Server")))
    assert upward == {("server", "__init__")}
    assert "server" not in allowed(("models", "page"))


HARMLESS = (
    ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign
)


@each_module
def test_importing_a_module_defines_and_does_nothing_else(module):
    for node in ast.parse(MODULES[module].read_text("utf-8")).body:
        text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        guard = is_type_checking(node) or (isinstance(node, ast.If) and "__main__" in ast.unparse(node.test))
        assert isinstance(node, HARMLESS) or text or guard, f"line {node.lineno}: {ast.unparse(node)}"


LIMITS = {126, 400, 1601, 1970, 2106, 0xFFFF, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF}
"""Numbers that `dhcpfo.limits` has names for, and that mean nothing else anywhere."""


@each_module
def test_limits_are_written_once(module):
    if module not in (("limits",), ("errors", "codes"), ("api", "functions")):  # opnums are other numbers
        nodes = ast.walk(ast.parse(MODULES[module].read_text("utf-8")))
        found = [node for node in nodes if isinstance(node, ast.Constant) and type(node.value) is int]
        assert [node.lineno for node in found if node.value in LIMITS] == []


def hand_written():
    for folder in ("src", "include", "tools", "tests", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".pyi", ".pyx", ".pxd", ".pxi", ".h"} and "__pycache__" not in path.parts:
                text = path.read_text("utf-8")
                if "enerated by tools/abi" not in "".join(text.splitlines(keepends=True)[:3]):
                    yield path.relative_to(ROOT).as_posix(), len(text.splitlines())


def test_no_file_is_long():
    """Test modules may be: they are lists, read one case at a time."""
    long = {path for path, lines in hand_written() if lines > MOST_LINES and "/test_" not in path}
    assert sorted(long) == []


def test_test_modules_have_distinct_names():
    """Pytest imports them by their name alone."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted({name for name in names if names.count(name) > 1}) == []
