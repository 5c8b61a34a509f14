"""The public face: names, docstrings, imports that go one way, and an import that costs and loads little."""

import ast
import importlib
import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

import dhcpfo
from dhcpfo.api import FUNCTIONS, ManagementApi

PACKAGE = Path(dhcpfo.__file__).parent
PUBLIC_MODULES = ["dhcpfo", "dhcpfo.api", "dhcpfo.enums", "dhcpfo.errors", "dhcpfo.models", "dhcpfo.server"]


# Names


def test_public_names():
    assert dhcpfo.__all__ == [
        "AddressStatus",
        "Addresses",
        "DhcpError",
        "FailoverClient",
        "FailoverMode",
        "FailoverState",
        "HostInfo",
        "Relationship",
        "RelationshipFlags",
        "ScopeStatistics",
        "Secret",
        "Server",
        "ServerType",
        "SystemTime",
        "connect",
    ]


@pytest.mark.parametrize("module", PUBLIC_MODULES)
def test_every_listed_name_is_there_once(module):
    imported = importlib.import_module(module)
    assert len(set(imported.__all__)) == len(imported.__all__)
    assert not [name for name in imported.__all__ if not hasattr(imported, name)]


# Docstrings


def public_things():
    for module in PUBLIC_MODULES:
        imported = importlib.import_module(module)
        yield module, imported
        for name in imported.__all__:
            thing = getattr(imported, name)
            if inspect.isclass(thing) or inspect.isroutine(thing):
                yield f"{module}.{name}", thing
            if inspect.isclass(thing):
                for inner, member in vars(thing).items():
                    if not inner.startswith("_") and (inspect.isroutine(member) or isinstance(member, property)):
                        yield f"{module}.{name}.{inner}", member


@pytest.mark.parametrize(
    ("name", "thing"), list(public_things()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_public_thing_says_what_it_is(name, thing):
    text = inspect.getdoc(thing)
    assert text
    assert text[0].isupper() or text.startswith("`")
    assert text.splitlines()[0].endswith((".", ":"))


METHODS = {"relationships" if name == "enum_relationships" else name: FUNCTIONS[name].name for name in FUNCTIONS}


@pytest.mark.parametrize("method", METHODS)
def test_a_method_of_server_names_arguments_errors_and_source(method):
    function = getattr(dhcpfo.Server, method)
    text = inspect.getdoc(function)
    assert f"Wraps {METHODS[method]} ([MS-DHCPM] 3.2.4." in text
    parameters = [name for name in inspect.signature(function).parameters if name != "self"]
    documented = text.partition("Args:\n")[2].partition("\n\n")[0]
    assert [name for name in parameters if f"    {name}: " not in documented] == []
    if method != "get_system_time":  # no rule of the protocol refuses it
        assert "Raises:\n" in text
    from dhcpfo import errors

    raised = [
        line.strip().partition(":")[0] for line in text.partition("Raises:\n")[2].splitlines() if "Error: " in line
    ]
    assert not [name for name in raised if not hasattr(errors, name) and name not in ("ValueError", "TypeError")]


def test_server_has_no_method_without_a_function_but_the_housekeeping():
    public = {name for name in vars(dhcpfo.Server) if not name.startswith("_")}
    assert public == set(METHODS) | {"name", "api", "close"}


def test_the_protocol_has_one_method_for_each_function():
    public = {name for base in ManagementApi.__mro__ for name in vars(base) if not name.startswith("_")}
    assert public == set(FUNCTIONS) | {"server", "close"}
    for method, function in FUNCTIONS.items():
        assert function.name in inspect.getdoc(getattr(ManagementApi, method))


@pytest.mark.parametrize("route", ["_dhcpsapi"])
def test_the_compiled_route_offers_the_protocol(route):
    native = importlib.import_module(f"dhcpfo.{route}").NativeApi
    assert not [name for name in (*FUNCTIONS, "server", "close") if not hasattr(native, name)]


# Imports


ROOM_OF = {"arguments": "models", "trace": "server", "_dhcpsapi": "extension", "_loopback": "extension"}
ALLOWED = {
    "enums": set(),
    "errors": {"enums"},
    "models": {"enums"},
    "api": {"models", "errors", "enums"},
    "server": {"api", "models", "errors", "enums", "extension"},
    "simulator": {"api", "models", "errors", "enums"},
    "pytest_plugin": {"simulator"},
    "__init__": {"server", "models", "errors", "enums"},
}
MAY_CONNECT = {"simulator/connect.py": {"server", "extension"}}
"""What hands out servers, and the program that uses them as anybody would."""


def sources():
    return [path for path in sorted(PACKAGE.rglob("*.py")) if "__pycache__" not in path.parts]


def room_of(parts):
    return ROOM_OF.get(parts[0], parts[0]) if parts else "__init__"


def imported_rooms(path):
    """The rooms of this package that a module imports anywhere in it."""
    here = ("dhcpfo", *path.relative_to(PACKAGE).with_suffix("").parts)
    if here[-1] == "__init__":
        here = here[:-1]
        package = here
    else:
        package = here[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            targets = [tuple(alias.name.split(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            base += tuple(node.module.split(".")) if node.module else ()
            # "from . import x": x may be a module or, in the package itself, a name.
            targets = [(*base, alias.name) for alias in node.names] if base == ("dhcpfo",) else [base]
        else:
            continue
        for target in targets:
            if target[0] == "dhcpfo":
                yield room_of(target[1:])


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_go_one_way(path):
    inside = path.relative_to(PACKAGE)
    room = room_of(inside.with_suffix("").parts)
    allowed = ALLOWED[room] | {room} | MAY_CONNECT.get(inside.as_posix(), set())
    assert set(imported_rooms(path)) <= allowed


def test_the_measure_of_imports_works():
    assert {"api", "models", "errors", "enums", "extension"} <= set(imported_rooms(PACKAGE / "server" / "__init__.py"))
    assert "enums" in set(imported_rooms(PACKAGE / "models" / "failover.py"))


HARMLESS = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_importing_a_module_defines_and_does_nothing_else(path):
    for node in ast.parse(path.read_text("utf-8")).body:
        text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        guard = isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "__name__ == '__main__'")
        assert isinstance(node, HARMLESS) or text or guard, f"line {node.lineno}: {ast.unparse(node)}"


def modules_after(statement):
    """The modules that a statement adds to those of a bare interpreter."""
    program = (
        f"import json, sys; bare = set(sys.modules)\n{statement}\nprint(json.dumps(sorted(set(sys.modules) - bare)))"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("module", PUBLIC_MODULES)
def test_importing_takes_nothing_from_third_parties_and_no_extension(module):
    added = modules_after(f"import {module}")
    roots = {name.partition(".")[0] for name in added} - {"dhcpfo"}
    assert roots <= sys.stdlib_module_names
    ours = {name for name in added if name.startswith("dhcpfo.")}
    assert ours
    assert not [name for name in ours if name.startswith(("dhcpfo._", "dhcpfo.simulator", "dhcpfo.pytest_plugin"))]


def test_importing_starts_no_thread_and_opens_no_socket():
    added = modules_after("import dhcpfo, threading; assert threading.active_count() == 1")
    assert not {"socket", "asyncio", "sqlite3", "ctypes", "subprocess"} & set(added)
