"""What both sides of a call share: `native` writes the methods, `loopback` the C functions that answer them."""

from pathlib import Path

from . import BY_NAME
from .kinds import Array, F, Function, In, InStruct, Level, Parts

BY_HAND = Path(__file__).resolve().parents[2] / "src" / "by_hand"


def arguments(function: Function) -> list[str]:
    """The names of the method's arguments; the handle and the maximum of an enumeration come last."""
    own = []
    for parameter in function.takes:
        match parameter:
            case In(py=py) | InStruct(py=py) | Level(py=py) | Array(py=py):
                own.append(py)
            case Parts(fields=fields, rest=rest):
                own += [argument for _, argument in fields] + ([rest[1]] if rest else [])
    return list(function.order or own)


def field_of(parameter: Parts, name: str) -> F:
    """The field of a structure that is filled from an argument."""
    return next(field for field in BY_NAME[parameter.struct].fields if isinstance(field, F) and field.name == name)


def as_field(parameter: In) -> F:
    """A parameter by value, as a field of its type."""
    return F(parameter.name, parameter.c, parameter.kind)


def local(attribute: str) -> str:
    """The C variable of an answered number."""
    return f"c_{attribute or 'value'}"


def included(notice: str, part: str, families: list[str]) -> str:
    """The file that includes one part of every family, what is written by hand first."""
    lines = []
    for family in families:
        if (BY_HAND / f"{part}_{family}.pxi").exists():
            lines.append(f'include "../by_hand/{part}_{family}.pxi"\n')
        lines.append(f'include "{part}_{family}.pxi"\n')
    return f"# {notice}\n\n" + "".join(lines)
