"""Writes the conversion between structures and models: one function each way, used by both extensions."""

from collections.abc import Iterable

from . import BY_NAME
from .declarations import inside
from .kinds import FLAGS, F, Function, Struct, Union
from .layout import basic

READ = "cdef object read_{struct.name}(const c.{struct.c_name} *raw):"
FILL = "cdef int fill_{struct.name}(c.{struct.c_name} *raw, object model, Arena *arena) except -1:"
BUILT_IN = {"bool", "int", "timedelta"}
"""Types of single answered numbers that are neither models nor enumerations."""

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
        "milliseconds": "milliseconds({at})",
        "minutes": "minutes({at})",
        "interval": "None if {at} == NEVER else duration({at})",
        "unix": "None if {at} == 0 else moment({at})",
        "clock": "moment({at})",
        "filetime": "file_time(&{at})",
        "text": "utf16.decode({at})",
        "name": "NULL_NAME if {at} == NULL else utf16.decode({at})",
        "secret": "None if {at} == NULL else secret({at})",
        "binary": "binary(&{at})",
        "bytes": f"octets({{at}}, {path}.{field.count})",
        "block": f"octets({{at}}, {path}.{field.count})",
        "level": f"None if {path}.{field.count} else address({{at}})",
        "addresses": "addresses({at})",
    }
    if field.kind in simple:
        return simple[field.kind].format(at=at)
    if field.enumeration:
        name = field.enumeration
        return f"{name}({at})" if field.kind.startswith(FLAGS) else f"members_{name}.of({at})"
    assert struct is not None, f"{field.name}: nothing reads {field.kind}"
    counted = f"({at}, {path}.{field.count})"
    none = "()" if struct.items else "None"
    return {
        "struct": f"read_{struct.name}(&{at})",
        "pointer": f"{none} if {at} == NULL else read_{struct.name}({at})",
        "array": f"read_many_{struct.name}{counted}",
        "pointers": f"read_many_{struct.name}_pointers{counted}",
    }[field.kind]


def filler(field: F, at: str, value: str, argument: str) -> str:
    """A statement that fills a field from a Python value; errors call the value ``argument``."""
    struct = inside(field)
    call = f'{value}, "{argument}"'
    simple = {
        "bool": f"1 if {value} else 0",
        "ip": f"ip({call})",
        "seconds": f"seconds({call})",
        "milliseconds": f"to_milliseconds({call})",
        "minutes": f"to_minutes({call})",
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
    if field.type == "DWORDLONG":
        return f"{at} = number64({call})"
    if field.kind == "num" or field.enumeration:
        limit = MOST.get(field.type)
        return f"{at} = <c.{field.type}>number({call}, {limit})" if limit else f"{at} = number({call})"
    path = at.rpartition(".")[0]
    inner = {
        "filetime": f"put_file_time(&{at}, {call})",
        "binary": f"put_binary(arena, &{at}, {call})",
        "bytes": f"{at} = put_bytes(arena, &{path}.{field.count}, {call})",
        "block": f"{at} = put_bytes(arena, &{path}.{field.count}, {call}) if {value} else NULL",
        "level": f"put_level(&{path}.{field.count}, &{at}, {call})",
    }
    if field.kind in inner:
        return inner[field.kind]
    assert struct is not None, f"{field.name}: nothing fills {field.kind}"
    if field.kind == "pointer":
        made = f"new_{struct.name}({value}, arena)"
        return f"{at} = {made}" if struct.items else f"{at} = NULL if {value} is None else {made}"
    if field.kind in ("array", "pointers"):
        suffix = "_pointers" if field.kind == "pointers" else ""
        return f"{at} = new_many_{struct.name}{suffix}({value}, &{path}.{field.count}, arena)"
    return f"fill_{struct.name}(&{at}, {value}, arena)"


def mapped(struct: Struct) -> list[str]:
    """The attributes of the model, in the order of the fields."""
    return list(struct.slots) or [member.py for member in struct.fields if member.py]


def read_union(union: Union, struct: Struct, slot: int) -> list[str]:
    """The lines that read the arm which the tag names."""
    out, word = [], "if"
    for value, arm in union.arms:
        at = f"raw.{union.name}.{arm.name}" if union.name else f"raw.{arm.name}"
        null = f" and {at} != NULL" if union.refuse and arm.pointer else ""
        out += [f"{word} raw.{union.tag} == {value}{null}:", f"    maker.set(model, {slot}, {reader(arm, at)})"]
        word = "elif"
    return [*out, "else:", "    raise refused()" if union.refuse else f"    maker.set(model, {slot}, None)"]


def fill_union(union: Union, struct: Struct, slot: int) -> list[str]:
    """The lines that fill the arm which the tag names."""
    out, word = [], "if"
    for value, arm in union.arms:
        at = f"raw.{union.name}.{arm.name}" if union.name else f"raw.{arm.name}"
        out += [f"{word} raw.{union.tag} == {value}:", f"    {filler(arm, at, f'maker.get(model, {slot})', union.py)}"]
        word = "elif"
    tag = next(member for member in struct.fields if isinstance(member, F) and member.name == union.tag)
    return [*out, "else:", f'    raise unknown_tag({tag.enumeration}, model.{tag.py}, "{tag.py}")']


def many(struct: Struct, *, pointers: bool) -> list[str]:
    """The two functions for several structures of a kind: an array of them, or of pointers to them."""
    name, c = struct.name, f"c.{struct.c_name}"
    suffix, one = ("_pointers", f"{c} *") if pointers else ("", c)
    read = (
        ["        if raw[i] != NULL:", f"            items.append(read_{name}(raw[i]))"]
        if pointers
        else [f"        items.append(read_{name}(&raw[i]))"]
    )
    fill = f"raw[i] = new_{name}(items[i], arena)" if pointers else f"fill_{name}(&raw[i], items[i], arena)"
    return [
        f"cdef tuple read_many_{name}{suffix}({one} *raw, c.DWORD count):",
        "    cdef c.DWORD i",
        "    cdef list items = []",
        "    if raw != NULL:",
        "        for i in range(count):",
        *(f"    {line}" for line in read),
        "    return tuple(items)",
        "",
        "",
        f"cdef {one} *new_many_{name}{suffix}(object model, c.DWORD *count, Arena *arena) except NULL:",
        "    cdef tuple items = tuple(model)  # a list could grow meanwhile",
        "    cdef Py_ssize_t i, length = len(items)",
        f"    cdef {one} *raw = <{one} *>take(arena, length * sizeof({one}))",
        "    count[0] = <c.DWORD>length",
        "    for i in range(length):",
        f"        {fill}",
        "    return raw",
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
        reads = [f"return {reader(items, f'raw.{items.name}')}"]
        fills = [filler(items, f"raw.{items.name}", "model", struct.name), "return 0"]
    elif struct.model:
        reads = [f"cdef _Maker maker = make_{struct.model}", "model = maker.new()"]
        fills, slot = [reads[0]], 0
        for member in struct.fields:
            if not member.py:
                continue
            if isinstance(member, Union):
                reads += read_union(member, struct, slot)
                fills += fill_union(member, struct, slot)
            else:
                reads.append(f"maker.set(model, {slot}, {reader(member, f'raw.{member.name}')})")
                fills.append(filler(member, f"raw.{member.name}", f"maker.get(model, {slot})", member.py))
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
    return sorted(models - enums - BUILT_IN), sorted(enums)


def known_before(families: Iterable[tuple[tuple[Struct, ...], tuple[Function, ...]]]) -> set[str]:
    """The names that the files of earlier families define."""
    return {name for structs, functions in families for group in names(structs, functions) for name in group}


def pxi(
    notice: str,
    structs: tuple[Struct, ...],
    functions: tuple[Function, ...],
    known: set[str],
    pointed: dict[str, set[str]],
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
    flags |= {
        member.enumeration or ""
        for struct in structs
        for member in struct.fields
        if isinstance(member, F) and member.kind.startswith(FLAGS)
    }
    out += ["", *(f"cdef _Members members_{name} = _Members({name})" for name in enums if name not in flags)]
    slots: dict[str, list[str]] = {struct.model: mapped(struct) for struct in structs if struct.model}
    for function in functions:
        for parameter in function.takes:
            if (model := getattr(parameter, "model", None)) in models and model not in slots:
                slots[model] = [attribute for _, _, attribute, _ in getattr(parameter, "outs", ())]
    for model, attributes in slots.items():
        if model in models:
            listed = "".join(f'\n    "{attribute}",' for attribute in attributes)
            out.append(f"cdef _Maker make_{model} = _Maker(\n    {model},{listed}\n)")
    for struct in structs:
        lines = [] if struct.by_hand else pair(struct)
        if lines:
            out += ["", "", *lines]
        if struct.name in pointed["pointer"]:
            out += ["", "", *new(struct)]
        for kind in ("array", "pointers"):
            if struct.name in pointed[kind]:
                out += ["", "", *many(struct, pointers=kind == "pointers")]
    return "\n".join(out) + "\n"


def behind_pointers() -> dict[str, set[str]]:
    """The structures that fields point at: one by one, in an array, in an array of pointers."""
    found: dict[str, set[str]] = {"pointer": set(), "array": set(), "pointers": set()}
    for struct in BY_NAME.values():
        for member in struct.fields:
            for field in [arm for _, arm in member.arms] if isinstance(member, Union) else [member]:
                if field.kind in found:
                    found[field.kind].add(basic(field.pointee))
    found["pointer"] |= found["pointers"]
    return found
