"""Writes the readers and writers of structures on the wire: two functions each way.

``load_X`` and ``store_X`` are for the part that lies in place, ``load_behind_X`` and ``store_behind_X`` for what its
pointers point at; only structures with pointers have those. The primitives are in ``src/by_hand/wire_primitives.pxi``;
after a mistake, all of them answer 0, so generated code looks at nothing.
"""

from .kinds import F, Struct, Union
from .wire import DEPTH, REFERS, WORDS, align, aligned, arms, depth, least, refers, shape, structure, tag_of

LOAD = "cdef void load_{part}{struct}(Reader *it, c.{struct} *raw) noexcept:"
STORE = "cdef void store_{part}{struct}(Writer *it, const c.{struct} *raw) noexcept:"


def in_place(field: F, at: str) -> tuple[str, str]:
    """The statements that read and write a field in place."""
    kind = shape(field)
    if kind in REFERS:
        return f"{at} = <c.{field.type}>load_referent(it)", f"store_referent(it, {at})"
    if kind == "struct":
        name = structure(field).c_name
        return f"load_{name}(it, &{at})", f"store_{name}(it, &{at})"
    if kind == "block":
        return f"load_block(it, {at}, sizeof({at}))", f"store_block(it, {at}, sizeof({at}))"
    if kind == "nothing":
        return f"{at} = NULL", "pass"
    short = kind if kind == "enum" else kind[-1]
    cast = "" if field.type in ("DWORD", "ULONG", "BOOL") or kind == "number8" else f"<c.{field.type}>"
    return f"{at} = {cast}load_{short}(it)", f"store_{short}(it, {at})"


def behind(field: F, at: str) -> tuple[list[str], list[str]]:
    """The lines that read and write what a field points at."""
    kind = shape(field)
    if kind == "struct":
        name = structure(field).c_name
        return ([f"load_behind_{name}(it, &{at})"], [f"store_behind_{name}(it, &{at})"]) if refers(field) else ([], [])
    if kind not in REFERS:
        return [], []
    if kind == "text":
        load, store = [f"{at} = load_text(it)"], [f"store_text(it, {at})"]
    elif kind == "pointer":
        name = structure(field).c_name
        load = [f"{at} = load_new_{name}(it)"]
        store = [f"store_{name}(it, {at})"]
        store += [f"store_behind_{name}(it, {at})"] if refers(structure(field)) else []
    else:
        count = f"{at.rpartition('.')[0]}.{field.count}"
        if kind in ("bytes", "numbers", "wide"):
            load, store = [f"{at} = load_{kind}(it, {count})"], [f"store_{kind}(it, {at}, {count})"]
        else:
            suffix = "_pointers" if kind == "pointers" else "s"
            name = structure(field).c_name
            load = [f"{at} = load_{name}{suffix}(it, {count})"]
            store = [f"store_{name}{suffix}(it, {at}, {count})"]
    guard = f"if {at} != NULL:"
    return [guard, *(f"    {line}" for line in load)], [guard, *(f"    {line}" for line in store)]


def path(union: Union, arm: F) -> str:
    """An arm of a union in C."""
    return f"raw.{union.name}.{arm.name}" if union.name else f"raw.{arm.name}"


def choose(union: Union, blocks: dict[int, list[str]], otherwise: list[str]) -> list[str]:
    """The lines that do what belongs to the tag."""
    out, word = [], "if"
    for tag, lines in blocks.items():
        also = f" in (0, {', '.join(map(str, union.masked))})" if union.masked and tag == 0 else f" == {tag}"
        out += [f"{word} raw.{union.tag}{also}:", *(f"    {line}" for line in lines)]
        word = "elif"
    return [*out, "else:", *(f"    {line}" for line in otherwise)] if otherwise else out


def union_in_place(struct: Struct, union: Union) -> tuple[list[str], list[str]]:
    """The lines that read and write a union in place: the tag again, then the arm."""
    tag = tag_of(struct, union)
    named = f"raw.{union.tag}"
    masked = f"<c.DWORD>0 if {named} in {union.masked} else <c.DWORD>{named}" if union.masked else named
    most = align(union, WORDS[1], struct)
    short = "enum" if shape(tag) == "enum" else shape(tag)[-1]
    loads = {value: [in_place(arm, path(union, arm))[0]] for value, arm in arms(union)}
    stores = {value: [in_place(arm, path(union, arm))[1]] for value, arm in arms(union)}
    wide = [f"align_wide(it, {most})"]  # in NDR64, the tag and the arm are aligned as the largest arm
    load = [*wide, f"if load_{short}(it) != ({masked}):", "    it.bad = WRONG", *wide]
    store = [line.replace("align_wide", "pad_wide") for line in wide]
    return (
        [*load, *choose(union, loads, ["it.bad = WRONG"])],
        [*store, f"store_{short}(it, {masked})", *store, *choose(union, stores, ["it.bad = WRONG"])],
    )


def bodies(struct: Struct) -> tuple[list[str], list[str], list[str], list[str]]:
    """The lines of the four functions: read in place and behind, write in place and behind."""
    load, load_behind, store, store_behind = [f"align(it, {aligned(struct)})"], [], [f"pad(it, {aligned(struct)})"], []
    for member in struct.fields:
        if isinstance(member, Union):
            loads, stores = union_in_place(struct, member)
            load += loads
            store += stores
            found = {value: behind(arm, path(member, arm)) for value, arm in arms(member)}
            found = {value: pair for value, pair in found.items() if pair[0]}
            if found:
                load_behind += choose(member, {value: pair[0] for value, pair in found.items()}, [])
                store_behind += choose(member, {value: pair[1] for value, pair in found.items()}, [])
        else:
            one, other = in_place(member, f"raw.{member.name}")
            loads, stores = behind(member, f"raw.{member.name}")
            load.append(one)
            store.append(other)
            load_behind += loads
            store_behind += stores
    most = align(struct, WORDS[1])
    return [*load, f"align_end(it, {most})"], load_behind, [*store, f"pad_wide(it, {most})"], store_behind


def one(struct: Struct) -> list[str]:
    """The functions of one structure."""
    assert depth(struct) <= DEPTH, f"{struct.name} nests deeper"
    out: list[str] = []
    load, load_behind, store, store_behind = bodies(struct)
    for head, part, lines in (
        (LOAD, "", load),
        (LOAD, "behind_", load_behind),
        (STORE, "", store),
        (STORE, "behind_", store_behind),
    ):
        if lines:
            out += ["", "", head.format(part=part, struct=struct.name), *(f"    {line}" for line in lines)]
    return out


def new(struct: Struct) -> list[str]:
    """The function that reads a structure that something points at."""
    name = struct.name
    behind = [f"        load_behind_{name}(it, raw)"] if refers(struct) else []
    return [
        "",
        "",
        f"cdef c.{name} *load_new_{name}(Reader *it) noexcept:",
        f"    cdef c.{name} *raw = <c.{name} *>room(it, sizeof(c.{name}))",
        "    if raw != NULL:",
        f"        load_{name}(it, raw)",
        *behind,
        "    return raw",
    ]


def many(struct: Struct) -> list[str]:
    """The two functions for an array: all parts in place, then all that is behind them."""
    name = struct.name
    behind = [f"        load_behind_{name}(it, &raw[i])"] if refers(struct) else []
    return [
        "",
        "",
        f"cdef c.{name} *load_{name}s(Reader *it, c.DWORD count) noexcept:",
        "    cdef c.DWORD i",
        f"    cdef c.{name} *raw = <c.{name} *>load_array(it, count, sizeof(c.{name}), {least(struct)})",
        "    if raw == NULL:",
        "        return NULL",
        "    for i in range(count):",
        f"        load_{name}(it, &raw[i])",
        *(["    for i in range(count):", *behind] if behind else []),
        "    return raw",
        "",
        "",
        f"cdef void store_{name}s(Writer *it, const c.{name} *raw, c.DWORD count) noexcept:",
        "    cdef c.DWORD i",
        "    store_word(it, count)",
        "    for i in range(count):",
        f"        store_{name}(it, &raw[i])",
        *(["    for i in range(count):", f"        store_behind_{name}(it, &raw[i])"] if behind else []),
    ]


def many_pointers(struct: Struct) -> list[str]:
    """The two functions for an array of pointers."""
    name = struct.name
    return [
        "",
        "",
        f"cdef c.LP{name} *load_{name}_pointers(Reader *it, c.DWORD count) noexcept:",
        "    cdef c.DWORD i",
        f"    cdef c.LP{name} *raw = <c.LP{name} *>load_array(it, count, sizeof(c.LP{name}), it.word)",
        "    if raw == NULL:",
        "        return NULL",
        "    for i in range(count):",
        f"        raw[i] = <c.LP{name}>load_referent(it)",
        "    for i in range(count):",
        "        if raw[i] != NULL:",
        f"            raw[i] = load_new_{name}(it)",
        "    return raw",
        "",
        "",
        f"cdef void store_{name}_pointers(Writer *it, const c.LP{name} *raw, c.DWORD count) noexcept:",
        "    cdef c.DWORD i",
        "    store_word(it, count)",
        "    for i in range(count):",
        "        store_referent(it, raw[i])",
        "    for i in range(count):",
        "        if raw[i] != NULL:",
        f"            store_{name}(it, raw[i])",
        *([f"            store_behind_{name}(it, raw[i])"] if refers(struct) else []),
    ]


def pointed(structs: tuple[Struct, ...]) -> dict[str, set[str]]:
    """The structures that fields point at: one by one, in an array, in an array of pointers."""
    found: dict[str, set[str]] = {"pointer": set(), "array": set(), "pointers": set()}
    for struct in structs:
        for member in struct.fields:
            for field in member.fields if isinstance(member, Union) else (member,):
                if shape(field) in found:
                    found[shape(field)].add(structure(field).c_name)
    found["pointer"] |= found["pointers"]
    return found


def structures(structs: tuple[Struct, ...], pointed: dict[str, set[str]], answered: set[str]) -> list[str]:
    """The functions of one family's structures; ``pointed`` are those behind pointers, ``answered`` behind answers."""
    out: list[str] = []
    for struct in structs:
        if struct.c is not None:
            continue
        out += one(struct)
        if struct.name in pointed["pointer"] | answered:
            out += new(struct)
        if struct.name in pointed["array"]:
            out += many(struct)
        if struct.name in pointed["pointers"]:
            out += many_pointers(struct)
    return out
