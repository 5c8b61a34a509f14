"""The public names, their docstrings and signatures, and an import that loads little."""

import importlib
import importlib.metadata
import inspect
import json
import pickle
import re
import subprocess
import sys

import pytest

import dhcpfo
from dhcpfo.api import FUNCTIONS, ManagementApi
from dhcpfo.api.functions import Access
from examples import EXAMPLES, VARIANTS

PUBLIC_MODULES = [
    "dhcpfo",
    "dhcpfo.api",
    "dhcpfo.enums",
    "dhcpfo.errors",
    "dhcpfo.models",
    "dhcpfo.scope",
    "dhcpfo.pair",
    "dhcpfo.rpc",
    "dhcpfo.server",
]


# Names


def test_public_names():
    assert dhcpfo.__all__ == [
        "AddressStatus",
        "Addresses",
        "AttributeId",
        "Client",
        "DhcpClass",
        "DhcpError",
        "FailoverClient",
        "FailoverMode",
        "FailoverPair",
        "FailoverState",
        "Filter",
        "FilterList",
        "FilterPattern",
        "HostInfo",
        "LeaseState",
        "OptionDefinition",
        "OptionType",
        "OptionValue",
        "Relationship",
        "RelationshipFlags",
        "ScopeStatistics",
        "Secret",
        "Server",
        "ServerAttribute",
        "ServerType",
        "ServerVersion",
        "SystemTime",
        "__version__",
        "authorized_servers",
        "connect",
    ]


@pytest.mark.parametrize("module", PUBLIC_MODULES)
def test_every_listed_name_is_there_once(module):
    imported = importlib.import_module(module)
    assert len(set(imported.__all__)) == len(imported.__all__)
    assert not [name for name in imported.__all__ if not hasattr(imported, name)]


def test_the_version_is_that_of_the_distribution():
    assert dhcpfo.__version__ == importlib.metadata.version("dhcpfo")
    assert "importlib.metadata" not in modules_after("import dhcpfo")


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


METHODS: dict = {}
"""The methods of `Server`, each with the functions that it wraps."""
for _method, _function in FUNCTIONS.items():
    METHODS.setdefault(EXAMPLES[_method].method, []).append(_function)
for _name, (_method, _) in VARIANTS.items():
    METHODS[_name] = [FUNCTIONS[_method]]
ITERATORS = {f"iter_{name}" for name in METHODS} & set(dir(dhcpfo.Server))
"""The lists of `Server` that there are as iterators, too."""


@pytest.mark.parametrize("method", METHODS)
def test_a_method_of_server_names_arguments_errors_and_source(method):
    function = getattr(dhcpfo.Server, method)
    text = inspect.getdoc(function)
    for wrapped in METHODS[method]:
        assert f"Wraps {wrapped.name} ([MS-DHCPM] {wrapped.section})." in text
    parameters = [str(p).split(":")[0] for p in inspect.signature(function).parameters.values() if p.name != "self"]
    documented = text.partition("Args:\n")[2].partition("\n\n")[0]
    assert [name for name in parameters if f"    {name}: " not in documented] == []
    if any(wrapped.access is not Access.ANYONE for wrapped in METHODS[method]):
        assert "AccessDeniedError: " in text
    from dhcpfo import errors

    raised = [
        line.strip().partition(":")[0] for line in text.partition("Raises:\n")[2].splitlines() if "Error: " in line
    ]
    assert not [name for name in raised if not hasattr(errors, name) and name not in ("ValueError", "TypeError")]


def test_server_has_no_method_without_a_function_but_the_housekeeping():
    public = {name for name in dir(dhcpfo.Server) if not name.startswith("_")}
    assert public == set(METHODS) | ITERATORS | {"name", "api", "close"}


def test_the_protocol_has_one_method_for_each_function():
    public = {name for base in ManagementApi.__mro__ for name in vars(base) if not name.startswith("_")}
    assert public == set(FUNCTIONS) | {"server", "close"}
    for method, function in FUNCTIONS.items():
        assert function.name in inspect.getdoc(getattr(ManagementApi, method))


def test_the_compiled_backend_offers_the_protocol():
    native = importlib.import_module("dhcpfo._dhcpsapi").NativeApi
    assert not [name for name in (*FUNCTIONS, "server", "close") if not hasattr(native, name)]


@pytest.mark.parametrize("method", METHODS)
def test_signatures_are_readable(method):
    """No object of this package shows as <...>, but for members of enumerations: `help` prints these."""
    signature = str(inspect.signature(getattr(dhcpfo.Server, method)))
    signature = re.sub(r"<(\w+\.\w+): \d+>", r"\1", signature)
    assert "<" not in signature
    assert "_" not in {word[:1] for word in signature.replace("(", " ").split()}


def test_the_default_of_what_stays_reads_as_what_it_means():
    from dhcpfo.server.unchanged import UNCHANGED

    assert repr(UNCHANGED) == "UNCHANGED"
    assert "percentage: 'int | Unchanged' = UNCHANGED" in str(inspect.signature(dhcpfo.Server.set_relationship))
    assert pickle.loads(pickle.dumps(UNCHANGED)) is UNCHANGED


# Imports


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


def test_importing_loads_only_the_models_of_failover():
    models = {name for name in modules_after("import dhcpfo") if name.startswith("dhcpfo.models.")}
    needed = {"addresses", "base", "clients", "convert", "failover", "page", "secret"}
    assert models == {f"dhcpfo.models.{name}" for name in needed}


def test_the_other_models_are_loaded_on_first_use():
    for statement in ("from dhcpfo import *", "from dhcpfo.models import *"):
        assert "dhcpfo.models.service" in modules_after(statement)
    with pytest.raises(ImportError, match="cannot import name 'NoSuchModel'"):
        from dhcpfo.models import NoSuchModel  # noqa: F401
    with pytest.raises(AttributeError, match="has no attribute 'NoSuchModel'"):
        dhcpfo.NoSuchModel  # noqa: B018


def test_importing_starts_no_thread_and_opens_no_socket():
    added = modules_after("import dhcpfo, threading; assert threading.active_count() == 1")
    assert not {"socket", "asyncio", "sqlite3", "ctypes", "subprocess"} & set(added)
