"""Writes the methods of `NativeApi`, and the C functions of the loopback that answer them."""

from pathlib import Path

from . import BY_NAME
from .convert import filler, reader
from .kinds import (
    FLAGS,
    Array,
    Const,
    Count,
    F,
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
    Total,
    number_type,
    pointer_to,
)

DONE = (0, 234, 259)
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


def about(function: Function) -> str:
    """The dictionary that tells what a failed call was about."""
    return "{" + ", ".join(f'"{key}": {value}' for key, value in function.about) + "}"


def as_field(parameter: In) -> F:
    """A parameter by value, as a field of its type."""
    return F(parameter.name, parameter.c, parameter.kind)


def local(attribute: str) -> str:
    """The C variable of an answered number."""
    return f"c_{attribute or 'value'}"


# The methods of NativeApi


def needs_arena(function: Function) -> bool:
    """Whether the arguments need memory."""
    for parameter in function.takes:
        match parameter:
            case In(kind="text") | InStruct() | Parts() | Array():
                return True
    return False


def native_locals(parameter: Parameter) -> list[str]:
    """The local variables of a call, with those arguments that need no memory."""
    match parameter:
        case In(kind="text", py=py):
            return [f"cdef c.LPWSTR c_{py}"]
        case In(py=py, c=c):
            return [f"cdef c.{c} {filler(as_field(parameter), f'c_{py}', py, py)}"]
        case InStruct(struct=struct, py=py):
            return [f"cdef c.{struct} c_{py}"]
        case Parts(struct=struct):
            return [f"cdef c.{struct} raw"]
        case Level(py=py):
            return [f"cdef c.BOOL c_no_{py} = 0", f"cdef c.DHCP_IP_ADDRESS c_{py} = 0"]
        case Array(c=c, py=py):
            return [f"cdef c.{c} *c_{py}", f"cdef tuple all_{py} = tuple({py})"]
        case Out(struct=struct):
            return [f"cdef c.LP{struct} answer = NULL"]
        case Numbers(outs=outs):
            kinds = dict.fromkeys(number_type(kind) for _, kind, _, _ in outs)
            return [
                f"cdef c.{c} {', '.join(f'{local(py)} = 0' for _, kind, py, _ in outs if number_type(kind) == c)}"
                for c in kinds
            ]
        case Resume():
            return ['cdef c.DHCP_RESUME_HANDLE c_resume = number(resume, "resume")']
        case Maximum():
            return ['cdef c.DWORD c_maximum = number(preferred_maximum, "preferred_maximum")']
        case Read():
            return ["cdef c.DWORD read = 0"]
        case Total():
            return ["cdef c.DWORD total = 0"]
    return []


def native_fill(parameter: Parameter) -> list[str]:
    """The lines that put an argument into memory."""
    match parameter:
        case In(kind="text", py=py):
            return [f'c_{py} = put_text(arena, {py}, "{py}")']
        case InStruct(struct=struct, py=py):
            return [f"memset(&c_{py}, 0, sizeof(c_{py}))", f"fill_{struct}(&c_{py}, {py}, arena)"]
        case Level(py=py):
            return [f'put_level(&c_no_{py}, &c_{py}, {py}, "{py}")']
        case Parts(fields=fields, rest=rest):
            out = ["memset(&raw, 0, sizeof(raw))"]
            if rest:
                out.append(f"fill_{rest[0]}(&raw, {rest[1]}, arena)")
            return out + [filler(field_of(parameter, name), f"raw.{name}", py, py) for name, py in fields]
        case Array(c=c, py=py):
            return [
                f"c_{py} = <c.{c} *>take(arena, len(all_{py}) * sizeof(c.{c}))",
                f"for i in range(len(all_{py})):",
                f"    {filler(F('', c, parameter.kind), f'c_{py}[i]', f'all_{py}[i]', py)}",
            ]
    return []


def native_pass(parameter: Parameter) -> list[str]:
    """What C is passed for a parameter."""
    match parameter:
        case In(py=py) | Array(py=py):
            return [f"c_{py}"]
        case InStruct(py=py):
            return [f"&c_{py}"]
        case Parts():
            return ["&raw"]
        case Level(py=py):
            return [f"c_no_{py}", f"c_{py}"]
        case Const(value=value):
            return [str(value)]
        case Count(py=py):
            return [f"<c.DWORD>c_count_of_{py}"]
        case Out():
            return ["&answer"]
        case Numbers(outs=outs):
            return [f"&{local(attribute)}" for _, _, attribute, _ in outs]
        case Resume():
            return ["&c_resume"]
        case Maximum():
            return ["c_maximum"]
        case Read():
            return ["&read"]
        case Total():
            return ["&total"]
    raise TypeError(parameter)


def native_result(function: Function) -> list[str]:
    """The lines after the call: check the code, convert."""
    failed = f'raise self.failed(code, "{function.name}", {about(function)})'
    out, answer = function.answer, function.find(Numbers)
    if function.enumeration:
        assert out is not None
        return [
            f"if {' and '.join(f'code != {code}' for code in DONE)}:",
            f"    {failed}",
            f"items = () if answer == NULL else read_{out.struct}(answer)",
            "if read > <size_t>len(items):",
            f'    raise self.too_few("{function.name}", read, len(items))',
            "return page(items, c_resume, total, code)",
        ]
    if out is not None:
        refused = f"code and (code != {out.also} or answer == NULL)" if out.also else "code"
        return [
            f"if {refused}:",
            f"    {failed}",
            "if answer == NULL:",
            "    return ()" if out.empty else f'    raise self.no_answer("{function.name}", {about(function)})',
            f"return read_{out.struct}(answer)",
        ]
    lines = ["if code:", f"    {failed}"]
    if isinstance(answer, Numbers):
        values = [reader(F("", number_type(kind), kind), local(name)) for _, kind, name, _ in answer.outs]
        if not answer.outs[0][2]:
            return [*lines, f"return {values[0]}"]
        lines.append(f"model = make_{answer.model}.new()")
        lines += [f"make_{answer.model}.set(model, {slot}, {value})" for slot, value in enumerate(values)]
        lines.append("return model")
    return lines


def native_method(function: Function) -> list[str]:
    """One method, in the six steps of every call."""
    names = ["self", *arguments(function)]
    if function.enumeration:
        names += ["resume=0", "preferred_maximum=0xFFFFFFFF"]
    out = [
        f"def {function.method}({', '.join(names)}):",
        f'    """{function.name} ([MS-DHCPM] {function.section})."""',
    ]
    body: list[str] = []
    arena = needs_arena(function)
    arrays = [parameter.py for parameter in function.takes if isinstance(parameter, Array)]
    if arena:
        out += ["    cdef Arena memory", "    cdef Arena *arena = &memory"]
    out += [f"    {line}" for parameter in function.takes for line in native_locals(parameter)]
    out += [f"    cdef Py_ssize_t c_count_of_{py} = len(all_{py})" for py in arrays]
    out += ["    cdef Py_ssize_t i"] if arrays else []
    out += ["    cdef c.DWORD code"]
    for parameter in function.takes:
        body += native_fill(parameter)
    passed = ", ".join(["self.c_server", *(text for parameter in function.takes for text in native_pass(parameter))])
    body += ["with nogil:", f"    code = self.f.{function.name}({passed})"]
    results = native_result(function)
    ends = []
    if function.answer:
        ends.append(f"c.free_{function.answer.struct}(self.f, answer)")
    if arena:
        ends.append("close_arena(arena)")
        out.append("    open_arena(arena)")
    if not ends:
        return out + [f"    {line}" for line in body + results]
    out += ["    try:", *(f"        {line}" for line in body + results)]
    return [*out, "    finally:", *(f"        {line}" for line in ends)]


def native(notice: str, family: str, functions: tuple[Function, ...]) -> str:
    """The file with one family's methods."""
    base = f"_{family.capitalize()}ByHand" if any(function.by_hand for function in functions) else "_Connection"
    out = [f"# {notice}", "", "", f"cdef class _{family.capitalize()}Calls({base}):"]
    if all(function.by_hand for function in functions):
        out.append("    pass")
    for function in functions:
        if not function.by_hand:
            out += ["", *(f"    {line}" if line else "" for line in native_method(function))]
    return "\n".join(out) + "\n"


def included(notice: str, part: str, families: list[str]) -> str:
    """The file that includes one part of every family, what is written by hand first."""
    lines = []
    for family in families:
        if (BY_HAND / f"{part}_{family}.pxi").exists():
            lines.append(f'include "../by_hand/{part}_{family}.pxi"\n')
        lines.append(f'include "{part}_{family}.pxi"\n')
    return f"# {notice}\n\n" + "".join(lines)


def native_api(notice: str, families: list[str]) -> str:
    """The file that composes `NativeApi`."""
    bases = "".join(f"    _{family.capitalize()}Calls,\n" for family in families)
    return (
        included(notice, "native", families)
        + f"\n\nclass NativeApi(\n{bases}):\n"
        + '    """The management API of one server, through the C functions of Dhcpsapi.dll."""\n\n    __slots__ = ()\n'
    )


# The C functions of the loopback


def loopback_declare(parameter: Parameter) -> list[str]:
    """The parameter of the C function, under the name that its lines use."""
    match parameter:
        case In(kind="text", py=py):
            return [f"c.LPWSTR c_{py}"]
        case In(py=py, c=c):
            return [f"c.{c} c_{py}"]
        case InStruct(struct=struct, py=py, const=const):
            return [f"const c.{struct} *raw_{py}" if const else f"c.LP{struct} raw_{py}"]
        case Parts(struct=struct):
            return [f"c.LP{struct} raw"]
        case Level(py=py):
            return [f"c.BOOL c_no_{py}", f"c.DHCP_IP_ADDRESS c_{py}"]
        case Const(c=c):
            return [f"c.{c} reserved"]
        case Count(py=py):
            return [f"c.DWORD c_count_of_{py}"]
        case Array(c=c, py=py):
            return [f"c.{c} *c_{py}"]
        case Out(struct=struct):
            return [f"c.LP{struct} *answer"]
        case Numbers(outs=outs):
            return [f"c.{pointer_to(kind)}{local(attribute)}" for _, kind, attribute, _ in outs]
        case Resume():
            return ["c.DHCP_RESUME_HANDLE *resume"]
        case Maximum():
            return ["c.DWORD maximum"]
        case Read():
            return ["c.LPDWORD read"]
        case Total():
            return ["c.LPDWORD total"]
    raise TypeError(parameter)


def loopback_nulls(parameter: Parameter) -> list[str]:
    """The conditions under which the specification answers 87 before it checks the caller's rights."""
    match parameter:
        case In(kind="text", py=py, null="refuse"):
            return [f"c_{py} == NULL"]
        case InStruct(py=py, null="refuse", needed=needed):
            return [f"raw_{py} == NULL", *(f"raw_{py}.{pointer} == NULL" for pointer in needed)]
        case Level(py=py):
            return [f"c_no_{py} and c_{py}"]
        case Const(value=value, checked=True):
            return [f"reserved != {value}"]
        case Parts(needed=needed):
            return ["raw == NULL", f"raw.{needed} == NULL"]
        case Out():
            return ["answer == NULL"]
        case Numbers(outs=outs):
            return [f"{local(attribute)} == NULL" for _, _, attribute, optional in outs if not optional]
        case Read():
            return ["read == NULL"]
        case Total():
            return ["total == NULL"]
    return []


def loopback_values(parameter: Parameter) -> dict[str, str]:
    """The Python values of the method's arguments, by name."""
    match parameter:
        case In(py=py):
            return {py: reader(as_field(parameter), f"c_{py}")}
        case InStruct(struct=struct, py=py):
            return {py: f"read_{struct}(raw_{py})"}
        case Level(py=py):
            return {py: f"None if c_no_{py} else address(c_{py})"}
        case Parts(fields=fields, rest=rest):
            values = {py: reader(field_of(parameter, name), f"raw.{name}") for name, py in fields}
            return values | ({rest[1]: f"read_{rest[0]}(raw)"} if rest else {})
        case Array(py=py):
            return {py: f"tuple(all_{py})"}
    return {}


def loopback_answer(function: Function) -> list[str]:
    """The lines that put what the `ManagementApi` answered into C."""
    out, answer = function.answer, function.find(Numbers)
    if isinstance(answer, Numbers):
        lines = []
        for _, kind, attribute, optional in answer.outs:
            place, value = local(attribute), f"found.{attribute}" if attribute else "found"
            line = filler(F("", number_type(kind), kind), f"{place}[0]", value, attribute or function.method)
            lines += [f"if {place} != NULL:", f"    {line}"] if optional else [line]
        return [*lines, "return 0"]
    if out is None:
        return ["return 0"]
    lines = ["open_arena(arena)", "try:"]
    if function.enumeration:
        lines += [
            "    items = tuple(found.items)  # a list could grow meanwhile",
            '    status = number(found.status, "status")',
            '    remaining = number(found.remaining, "remaining")',
            '    next_resume = number(found.resume, "resume")',
            "    if items:",
            f"        made = <c.LP{out.struct}>take(arena, sizeof(c.{out.struct}))",
            f"        fill_{out.struct}(made, items, arena)",
            "    answer[0] = made",
            "    read[0] = <c.DWORD>len(items)",
            "    total[0] = remaining",
            "    if resume != NULL:",
            "        resume[0] = next_resume",
            "    keep(arena)",
            "    return status",
        ]
    else:
        lines += [
            f"    made = <c.LP{out.struct}>take(arena, sizeof(c.{out.struct}))",
            f"    fill_{out.struct}(made, found, arena)",
            "    answer[0] = made",
            "    keep(arena)",
        ]
        counted = next((parameter.py for parameter in function.takes if isinstance(parameter, Count)), None)
        items = BY_NAME[out.struct].items
        wanted = f"c_{out.fewer_than}" if out.fewer_than else counted and f"c_count_of_{counted}"
        if out.also and wanted and items:
            lines.append(f"    return {out.also} if made.{items.count} < {wanted} else 0")
        else:
            lines.append("    return 0")
    return [*lines, "finally:", "    close_arena(arena)"]


def loopback_function(function: Function) -> list[str]:
    """The two functions of a callback: one that may raise, and the one that C calls, which hands the error on."""
    declared = ["c.LPWSTR server", *(text for parameter in function.takes for text in loopback_declare(parameter))]
    names = [text.replace("*", " ").split()[-1] for text in declared]
    out = [f"cdef c.DWORD do_{function.method}(", f"    {', '.join(declared)}", ") except? FAILED:"]
    made = function.answer
    if made:
        out += ["    cdef Arena memory", "    cdef Arena *arena = &memory", f"    cdef c.LP{made.struct} made = NULL"]
    if function.enumeration:
        out.append("    cdef c.DWORD status, remaining, next_resume")
    arrays = [parameter for parameter in function.takes if isinstance(parameter, Array)]
    out += [f"    cdef list all_{array.py} = []" for array in arrays]
    if arrays:
        out.append("    cdef c.DWORD i")
    zeros = [p for p in function.takes if isinstance(p, InStruct) and p.null == "zeros"]
    for parameter in zeros:
        out += [f"    cdef c.{parameter.struct} zeros"]
    nulls = [text for parameter in function.takes for text in loopback_nulls(parameter)]
    if nulls:
        out += [f"    if {' or '.join(nulls)}:", "        return INVALID_PARAMETER"]
    for parameter in zeros:
        raw = f"raw_{parameter.py}"
        out += [f"    if {raw} == NULL:", "        memset(&zeros, 0, sizeof(zeros))", f"        {raw} = &zeros"]
    for array in arrays:
        # Not a list comprehension: see several_addresses in runtime.pxi.
        out += [f"    if c_{array.py} != NULL:", f"        for i in range(c_count_of_{array.py}):"]
        out.append(f"            all_{array.py}.append({reader(F('', array.c, array.kind), f'c_{array.py}[i]')})")
    values = {name: value for parameter in function.takes for name, value in loopback_values(parameter).items()}
    passed = [values[name] for name in arguments(function)]
    if function.enumeration:
        passed += ["0 if resume == NULL else resume[0]", "maximum"]
    call = f"api_of(server).{function.method}({', '.join(passed)})"
    out.append(f"    found = {call}" if made or function.find(Numbers) else f"    {call}")
    out += [f"    {line}" for line in loopback_answer(function)]
    out += [
        "",
        "",
        f"ctypedef c.DWORD (*C_{function.method})(",
        f"    {', '.join(declared)}",
        ") noexcept",
        "",
        "",
        f"cdef c.DWORD __stdcall c_{function.method}(",
        f"    {', '.join(declared)}",
        ") noexcept with gil:",
        f"    return finish((<C_{function.method}>do_{function.method})({', '.join(names)}), server)",
    ]
    return out


def loopback(notice: str, functions: tuple[Function, ...]) -> str:
    """The file with one family's C functions."""
    out = [f"# {notice}"]
    for function in functions:
        if not function.by_hand:
            out += ["", "", *loopback_function(function)]
    out += ["", "", *(f"_table.{function.name} = c_{function.method}" for function in functions)]
    return "\n".join(out) + "\n"


__all__ = ["FLAGS", "arguments", "included", "loopback", "native", "native_api"]
