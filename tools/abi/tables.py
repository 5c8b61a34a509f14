"""Writes what is not C: the table of functions, the stubs of the extension, and the page with all calls."""

from . import BY_NAME, FAMILIES, FUNCTIONS, LOCAL
from .calls import arguments
from .convert import names
from .kinds import Array, Function, In, InStruct, Level, Parts, Resume

WIDTH = 120
"""The length of a line of Python."""

TABLE = '''"""{notice}

The API function behind each method of `ManagementApi`.
"""

from enum import Enum
from typing import NamedTuple

__all__ = ["CHANGES", "FUNCTIONS", "Access", "Function"]


class Access(Enum):
    """The group that a caller must belong to; ANYONE where [MS-DHCPM] writes no check."""

    ANYONE = "anyone"
    READ = "DHCP Users"
    CHANGE = "DHCP Administrators"


class Function(NamedTuple):
    """A function of the DHCP Server Management API.

    Attributes:
        name: Its name in Dhcpsapi.dll.
        family: The family it belongs to.
        access: Who may call it.
        interface: The RPC interface, ``dhcpsrv`` or ``dhcpsrv2``.
        opnum: Its number in that interface.
        section: Its section in [MS-DHCPM].
    """

    name: str
    family: str
    access: Access
    interface: str
    opnum: int
    section: str


# fmt: off
FUNCTIONS: dict[str, Function] = {{
{rows}
}}
# fmt: on

CHANGES = frozenset(method for method, function in FUNCTIONS.items() if function.access is Access.CHANGE)
"""The methods that change something on the server."""
'''


def functions(notice: str) -> str:
    """The module with the table of functions."""
    rows = []
    for family, module in FAMILIES.items():
        for function in module.FUNCTIONS:
            interface, opnum = function.opnum
            what = (
                f'"{function.name}", "{family}", Access.{function.access}, "{interface}", {opnum}, "{function.section}"'
            )
            rows.append(f'    "{function.method}": Function({what}),')
    return TABLE.format(notice=notice, rows="\n".join(rows))


PYTHON = {
    "text": "str",
    "ip": "IPv4Address",
    "bool": "bool",
    "num": "int",
    "milliseconds": "timedelta",
    "addresses": "Sequence[IPv4Address]",
}


def python_type(kind: str) -> str:
    """The Python type of a value of a kind."""
    return PYTHON.get(kind) or kind.partition(":")[2]


def argument_types(function: Function) -> dict[str, str]:
    """The types of the method's arguments."""
    types: dict[str, str] = {}
    for parameter in function.takes:
        match parameter:
            case Level(py=py):
                types[py] = "IPv4Address | None"
            case In(py=py, kind=kind, null=null):
                types[py] = python_type(kind) + (" | None" if null == "optional" else "")
            case Array(py=py, kind=kind):
                types[py] = f"Sequence[{python_type(kind)}]"
            case InStruct(py=py, struct=struct):
                items, model = BY_NAME[struct].items, BY_NAME[struct].model
                types[py] = model or f"Sequence[{BY_NAME[items.pointee].model if items else ''}]"
            case Parts(fields=fields, rest=rest, struct=struct):
                kinds = {field.name: getattr(field, "kind", "") for field in BY_NAME[struct].fields}
                types |= {py: python_type(kinds[name].replace("name", "text")) for name, py in fields}
                types |= {rest[1]: BY_NAME[rest[0]].model or ""} if rest else {}
    return types


def result_type(function: Function) -> str:
    """The type of the method's result."""
    if function.answer is None:
        return next((parameter.model for parameter in function.takes if hasattr(parameter, "model")), "None")
    struct = BY_NAME[function.answer.struct]
    if struct.items is None:
        return struct.model or ""
    items = struct.items
    model = python_type(items.kind) if items.kind in PYTHON else BY_NAME[items.pointee].model
    return f"Page[{model}]" if function.enumeration else f"tuple[{model}, ...]"


def imports(module: str, names: list[str]) -> str:
    """An import as ruff formats it."""
    line = f"from {module} import {', '.join(names)}"
    return (
        line if len(line) <= WIDTH else f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"
    )


def signature(method: str, passed: list[str], result: str, body: str = " ...") -> str:
    """A method as ruff formats it; a stub, if it has no body."""
    line = f"    def {method}({', '.join(passed)}) -> {result}:"
    if len(line + body.partition("\n")[0]) <= WIDTH:
        return line + body
    inner = f"        {', '.join(passed)}\n"
    if len(inner) > WIDTH + 1:
        inner = "".join(f"        {each},\n" for each in passed)
    return f"    def {method}(\n{inner}    ) -> {result}:{body}"


def passed(function: Function) -> list[str]:
    """The parameters of the method, with their types and defaults."""
    types = argument_types(function)
    made = ["self", *(f"{name}: {types[name]}" for name in arguments(function))]
    if function.enumeration:
        handle = next(parameter.struct for parameter in function.takes if isinstance(parameter, Resume))
        resume = f"resume: {BY_NAME[handle].model} | None = None" if handle else "resume: int = 0"
        made += [resume, "preferred_maximum: int = 0xFFFFFFFF"]
    return made


def stubs(notice: str) -> str:
    """The stubs of the extension."""
    models, enums = names(BY_NAME.values(), FUNCTIONS)
    methods = [signature(function.method, passed(function), result_type(function)) for function in FUNCTIONS]
    body = "\n".join(methods)
    needed = [*(name for name in (*models, "Page") if name in body), "AuthorizedServer"]
    named = [name for name in enums if name in body]
    return f"""# {notice}
from collections.abc import Callable, Sequence
from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

{imports("dhcpfo.enums", named)}
{imports("dhcpfo.models", sorted(needed))}

LINKED: bool

class NativeApi:
    def __new__(
        cls, server: str | None, functions: object = None, provider: object = None, display: str | None = None
    ) -> NativeApi: ...
    @property
    def server(self) -> str | None: ...
{body}
    def close(self) -> None: ...
    def reopen(self) -> tuple[Callable[..., object], tuple[Any, ...]]: ...

def enum_servers(functions: object = None) -> tuple[AuthorizedServer, ...]: ...
"""


RIGHT = {"ANYONE": "anyone", "READ": "DHCP Users", "CHANGE": "DHCP Administrators"}


def calls(notice: str) -> str:
    """The page with one row for each function."""
    out = [
        f"<!-- {notice} -->",
        "# The calls",
        "",
        "Each row is one function of `Dhcpsapi.dll`: the method of `Server` that calls it, its section in [MS-DHCPM],",
        "and the group that you must belong to on the server that you call.",
    ]
    for family, module in FAMILIES.items():
        if not module.FUNCTIONS:
            continue
        out += ["", f"## {family.capitalize()}", "", "| API function | method of `Server` | section | right |"]
        out.append("|---|---|---|---|")
        for function in module.FUNCTIONS:
            public = function.public or function.method
            methods = ", ".join(f"`{name}`" for name in ([public] if isinstance(public, str) else public))
            out.append(f"| `{function.name}` | {methods} | {function.section} | {RIGHT[function.access]} |")
    out += [
        "",
        "## The directory",
        "",
        "These functions ask Active Directory and not a DHCP server. `Dhcpsapi.dll` does that itself, so they have no",
        "form on the wire, and no section in [MS-DHCPM].",
        "",
        "| API function | function of this package |",
        "|---|---|",
    ]
    out += [f"| `{function.name}` | `{function.public or 'dhcpfo.authorized_servers'}` |" for function in LOCAL]
    out += ["", "[MS-DHCPM]: https://learn.microsoft.com/openspecs/windows_protocols/ms-dhcpm/"]
    return "\n".join(out) + "\n"
