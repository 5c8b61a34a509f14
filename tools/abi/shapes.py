"""Writes the structures and calls of the IDL as Python data, for who looks at the bytes of a capture."""

from . import FUNCTIONS, LOCAL_STRUCTS, layouts
from .kinds import (
    Array,
    Const,
    Count,
    F,
    Filled,
    Function,
    In,
    InStruct,
    Level,
    Maximum,
    Numbers,
    Out,
    Parameter,
    Parts,
    Read,
    Resume,
    Struct,
    Total,
    Union,
    number_type,
)
from .ndr_calls import sent, short, travels
from .wire import arms, idl, method, shape, structure, tag_of

Row = tuple[object, ...]

FILE = '''"""{notice}

The IDL of the calls as data, with its names.

A member or a parameter is (name, kind, ...). Kinds with more: ``struct`` and ``pointer`` name a structure; ``bytes``,
``wide`` and ``numbers`` the member that counts them, ``array`` and ``pointers`` both; ``union`` has the member with the
tag, the kind of the tag, the tags that travel as 0, and the arms by their tags.
"""

from typing import Any, NamedTuple

__all__ = ["CALLS", "STRUCTURES", "Call"]


class Call(NamedTuple):
    """The parameters of a call after the server's name, in both directions; a response ends with the code."""

    function: str
    idl: str
    request: tuple[tuple[Any, ...], ...]
    response: tuple[tuple[Any, ...], ...]


# fmt: off
STRUCTURES: dict[str, tuple[tuple[Any, ...], ...]] = {{
{structures}
}}

CALLS: dict[str, Call] = {{
{calls}
}}
# fmt: on
'''


def member(owner: Struct, field: F) -> Row:
    """A field."""
    name, kind = idl(owner, field.name), shape(field)
    count = (idl(owner, field.count),) if field.count else ()
    if kind in ("struct", "pointer"):
        return name, kind, structure(field).c_name
    if kind in ("array", "pointers"):
        return name, kind, *count, structure(field).c_name
    if kind in ("bytes", "wide", "numbers"):
        return name, kind, *count
    if kind == "block":
        return name, kind, int(field.type.partition("[")[2][:-1])
    return name, "bool" if field.type == "BOOL" else kind


def members(struct: Struct) -> tuple[Row, ...]:
    """All members of a structure."""
    rows: list[Row] = []
    for each in struct.fields:
        if isinstance(each, Union):
            tag = tag_of(struct, each)
            rows.append(
                (
                    each.name,
                    "union",
                    idl(struct, tag.name),
                    shape(tag),
                    each.masked,
                    tuple((value, member(struct, arm)) for value, arm in arms(each)),
                )
            )
        else:
            rows.append(member(struct, each))
    return tuple(rows)


def number(kind: str) -> str:
    """The kind of a number."""
    if kind == "bool":
        return "bool"
    return {"2": "number2", "4": "number4"}.get(short(kind), "enum")


def request(function: Function, parameter: Parameter) -> list[Row]:
    """What a parameter is in a request."""
    name = idl(function, getattr(parameter, "name", ""))
    match parameter:
        case In(kind="text", ref=ref):
            return [(name, "ref text" if ref else "text")]
        case In(kind=kind):
            return [(name, number(kind))]
        case InStruct(struct=struct) | Parts(struct=struct) | Resume(struct=str(struct)):
            return [(name, "struct", struct)]
        case Level(whole=whole):
            return [(idl(function, whole), "bool"), (name, "number4")]
        case Const() | Count() | Resume() | Maximum():
            return [(name, "number4")]
        case Array():
            count = next(each.name for each in function.takes if isinstance(each, Count))
            return [(name, "array in place", count)]
    return []


def response(function: Function, parameter: Parameter) -> list[Row]:
    """What a parameter is in a response."""
    name = idl(function, getattr(parameter, "name", ""))
    match parameter:
        case Resume(struct=str(struct)) | Filled(struct=struct):
            return [(name, "struct", struct)]
        case Out(struct=struct, depth_unsure=unsure):
            return [(name, "pointer or struct" if unsure else "pointer", struct)]
        case Numbers():
            numbers = sent(parameter)
            return [
                (idl(function, each), "text" if number_type(kind) == "LPWSTR" else number(kind))
                for each, kind, _, _ in numbers
            ]
        case Resume() | Read() | Total():
            return [(name, "number4")]
    return []


def module(notice: str) -> str:
    """The module with all structures and calls."""
    structures = [
        f'    "{struct.name}": {members(struct)!r},'.replace("'", '"')
        for struct in layouts()
        if struct not in LOCAL_STRUCTS
    ]
    calls = []
    for function in filter(travels, FUNCTIONS):
        parts = [
            tuple(row for parameter in function.takes for row in side(function, parameter))
            for side in (request, response)
        ]
        text = f'    "{function.method}": Call("{function.name}", "{method(function)}", {parts[0]!r}, {parts[1]!r}),'
        calls.append(text.replace("'", '"'))
    return FILE.format(notice=notice, structures="\n".join(structures), calls="\n".join(calls))
