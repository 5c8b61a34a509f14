"""Writes the conversion between structures and models: one function each way, used by both extensions."""

from collections.abc import Iterable

from . import BY_NAME
from .declarations import inside
from .kinds import FLAGS, F, Function, Struct, Union
from .layout import basic

READ = "cdef object read_{struct.name}(const c.{struct.c_name} *raw):"
FILL = "cdef int fill_{struct.name}(c.{struct.c_name} *raw, object model, Arena *arena) except -1:"
MOST = {"BYTE": "0xFF", "WORD": "0xFFFF", "USHORT": "0xFFFF"}


def reader(field: F, at: str) -> str:
    """An expression that makes a Python value of a field; ``at`` is the field in C."""
    path = at.rpartition(".")[0]
    struct = inside(field)
    simple = {
        "num": "{at}",
        "bool": "{at} != 0",
        "ip": "address({at})",
        "seconds": "duration({at})",
        "interval": "None if {at} == NEVER else duration({at})",
        "unix": "None if {at} == 0 else moment({at})",
        "clock": "moment({at})",
        "filetime": "file_time(&{at})",
        "text": "utf16.decode({at})",
        "name": "NULL_NAME if {at} == NULL else utf16.decode({at})",
        "secret": "None if {at} == NULL else secret({at})",
        "binary": "binary(&{at})",
        "bytes": f"octets({{at}}, {path}.{field.count})",
        "addresses": "addresses({at})",
    }
    if field.kind in simple:
        return simple[field.kind].format(at=at)
    if field.enumeration:
        name = field.enumeration
        return f"{name}({at})" if field.kind.startswith(FLAGS) else f"member(members_{name}, {name}, {at})"
    assert struct is not None, f"{field.name}: nothing reads {field.kind}"
    return {
        "struct": f"read_{struct.name}(&{at})",
        "pointer": f"None if {at} == NULL else read_{struct.name}({at})",
    }[field.kind]


def filler(field: F, at: str, value: str, argument: str) -> str:
    """A statement that fills a field from a Python value; errors call the value ``argument``."""
    struct = inside(field)
    call = f'{value}, "{argument}"'
    simple = {
        "bool": f"1 if {value} else 0",
        "ip": f"ip({call})",
        "seconds": f"seconds({call})",
        "interval": f"NEVER if {value} is None else seconds({call})",
        "unix": f"0 if {value} is None else unix({call})",
        "clock": f"unix({call})",
        "text": f"put_text(arena, {call})",
        "name": f"put_text(arena, {call})",
        "secret": f"put_secret(arena, {call})",
        "addresses": f"put_addresses(arena, {call})",
    }
    if field.kind in simple:
        return f"{at} = {simple[field.kind]}"
    if field.kind == "num" or field.enumeration:
        limit = MOST.get(field.type)
        return f"{at} = <c.{field.type}>number({call}, {limit})" if limit else f"{at} = number({call})"
    inner = {"filetime": f"put_file_time(&{at}, {call})", "binary": f"put_binary(arena, &{at}, {call})"}
    if field.kind in inner:
        return inner[field.kind]
    assert struct is not None, f"{field.name}: nothing fills {field.kind}"
    if field.kind == "pointer":
        pointee = basic(field.pointee)
        return f"{at} = NULL if {value} is None else new_{pointee}({value}, arena)"
    return f"fill_{struct.name}(&{at}, {value}, arena)"


def mapped(struct: Struct) -> list[str]:
    """The attributes of the model, in the order of the fields."""
    return [member.py for member in struct.fields if member.py]


def read_union(union: Union, struct: Struct, slot: int) -> list[str]:
    """The lines that read the arm which the tag names."""
    out, word = [], "if"
    for value, arm in union.arms:
        at = f"raw.{union.name}.{arm.name}" if union.name else f"raw.{arm.name}"
        null = f" and {at} != NULL" if union.refuse and arm.pointer else ""
        out += [f"{word} raw.{union.tag} == {value}{null}:", f"    maker.set(model, {slot}, {reader(arm, at)})"]
        word = "elif"
    return [*out, "else:", "    raise refused()" if union.refuse else f"    maker.set(model, {slot}, None)"]


def fill_union(union: Union, struct: Struct) -> list[str]:
    """The lines that fill the arm which the tag names."""
    out, word = [], "if"
    for value, arm in union.arms:
        at = f"raw.{union.name}.{arm.name}" if union.name else f"raw.{arm.name}"
        out += [f"{word} raw.{union.tag} == {value}:", f"    {filler(arm, at, f'model.{union.py}', union.py)}"]
        word = "elif"
    tag = next(member for member in struct.fields if isinstance(member, F) and member.name == union.tag)
    return [*out, "else:", f'    raise unknown_tag({tag.enumeration}, model.{tag.py}, "{tag.py}")']


def read_array(field: F) -> list[str]:
    """The lines of a reader for a structure that is nothing but an array."""
    pointee = basic(field.pointee)
    out = [
        "cdef c.DWORD i",
        "cdef list items = []",
        f"if raw.{field.name} != NULL:",
        f"    for i in range(raw.{field.count}):",
    ]
    if field.kind == "pointers":
        out += [
            f"        if raw.{field.name}[i] != NULL:",
            f"            items.append(read_{pointee}(raw.{field.name}[i]))",
        ]
    else:
        out.append(f"        items.append(read_{pointee}(&raw.{field.name}[i]))")
    return [*out, "return tuple(items)"]


def fill_array(field: F) -> list[str]:
    """The lines that fill a structure that is nothing but an array."""
    pointee = basic(field.pointee)
    one = f"c.{pointee} *" if field.kind == "pointers" else f"c.{pointee}"
    each = (
        f"raw.{field.name}[i] = new_{pointee}(items[i], arena)"
        if field.kind == "pointers"
        else f"fill_{pointee}(&raw.{field.name}[i], items[i], arena)"
    )
    return [
        "cdef tuple items = tuple(model)  # a list could grow meanwhile",
        "cdef Py_ssize_t i, count = len(items)",
        f"raw.{field.name} = <{one} *>take(arena, count * sizeof({one}))",
        f"raw.{field.count} = <c.DWORD>count",
        "for i in range(count):",
        f"    {each}",
        "return 0",
    ]


def new(struct: Struct) -> list[str]:
    """The function that makes a structure of its own for a model."""
    return [
        f"cdef c.{struct.name} *new_{struct.name}(object model, Arena *arena) except NULL:",
        f"    cdef c.{struct.name} *raw = <c.{struct.name} *>take(arena, sizeof(c.{struct.name}))",
        f"    fill_{struct.name}(raw, model, arena)",
        "    return raw",
    ]


def pair(struct: Struct) -> list[str]:
    """The two functions of one structure."""
    items = struct.items
    if items is not None and items.kind in ("array", "pointers"):
        reads, fills = read_array(items), fill_array(items)
    elif struct.model:
        reads = [f"cdef _Maker maker = make_{struct.model}", "model = maker.new()"]
        fills, slot = [], 0
        for member in struct.fields:
            if not member.py:
                continue
            if isinstance(member, Union):
                reads += read_union(member, struct, slot)
                fills += fill_union(member, struct)
            else:
                reads.append(f"maker.set(model, {slot}, {reader(member, f'raw.{member.name}')})")
                fills.append(filler(member, f"raw.{member.name}", f"model.{member.py}", member.py))
            slot += 1
        reads.append("return model")
        fills.append("return 0")
    else:
        return []
    out = [READ.format(struct=struct), *(f"    {line}" for line in reads), "", ""]
    return [*out, FILL.format(struct=struct), *(f"    {line}" for line in fills)]


def names(structs: Iterable[Struct], functions: Iterable[Function]) -> tuple[list[str], list[str]]:
    """The models and the enumerations that a family needs."""
    models, enums = set(), set()
    for struct in structs:
        models |= {struct.model} if struct.model else set()
        for member in struct.fields:
            fields = [arm for _, arm in member.arms] if isinstance(member, Union) else [member]
            enums |= {field.enumeration for field in fields if field.enumeration}
    for function in functions:
        for parameter in function.takes:
            kinds = [kind for _, kind, _, _ in getattr(parameter, "outs", ())] + [getattr(parameter, "kind", "")]
            enums |= {kind.partition(":")[2] for kind in kinds if ":" in kind}
            model = getattr(parameter, "model", None)
            models |= {model} if model else set()
    return sorted(models - enums), sorted(enums)


def known_before(families: Iterable[tuple[tuple[Struct, ...], tuple[Function, ...]]]) -> set[str]:
    """The names that the files of earlier families define."""
    return {name for structs, functions in families for group in names(structs, functions) for name in group}


def pxi(
    notice: str, structs: tuple[Struct, ...], functions: tuple[Function, ...], known: set[str], pointed: set[str]
) -> str:
    """The file of one family; ``known`` are names of earlier ones, ``pointed`` the structures behind pointers."""
    models, enums = ([name for name in group if name not in known] for group in names(structs, functions))
    out = [f"# {notice}", ""]
    out += [f"from dhcpfo.enums import {name}" for name in enums]
    out += [f"from dhcpfo.models import {name}" for name in models]
    flags = {
        kind.partition(":")[2]
        for function in functions
        for parameter in function.takes
        if (kind := getattr(parameter, "kind", "")).startswith(FLAGS)
    }
    out += ["", *(f"cdef tuple members_{name} = by_value({name})" for name in enums if name not in flags)]
    slots: dict[str, list[str]] = {struct.model: mapped(struct) for struct in structs if struct.model}
    for function in functions:
        for parameter in function.takes:
            if (model := getattr(parameter, "model", None)) in models:
                slots[model] = [attribute for _, _, attribute, _ in getattr(parameter, "outs", ())]
    for model, attributes in slots.items():
        if model in models:
            listed = "".join(f'\n    "{attribute}",' for attribute in attributes)
            out.append(f"cdef _Maker make_{model} = _Maker(\n    {model},{listed}\n)")
    for struct in structs:
        lines = [] if struct.by_hand else pair(struct)
        if lines:
            out += ["", "", *lines]
        if struct.name in pointed and struct.model:
            out += ["", "", *new(struct)]
    return "\n".join(out) + "\n"


def behind_pointers() -> set[str]:
    """The structures that fields point at one by one."""
    fields = (field for struct in BY_NAME.values() for field in struct.fields if isinstance(field, F))
    return {basic(field.pointee) for field in fields if field.kind in ("pointer", "pointers")}
