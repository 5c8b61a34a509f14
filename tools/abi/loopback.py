"""Writes the C functions of the loopback, which answer the calls of `NativeApi`."""

from . import BY_NAME
from .calls import arguments, as_field, field_of, local
from .convert import filler, reader
from .kinds import (
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

__all__ = ["callbacks"]


def declared_for(parameter: Parameter) -> list[str]:
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


def refused_nulls(parameter: Parameter) -> list[str]:
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


def values_of(parameter: Parameter) -> dict[str, str]:
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


def answered(function: Function) -> list[str]:
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


def callback(function: Function) -> list[str]:
    """The two functions of a callback: one that may raise, and the one that C calls, which hands the error on."""
    declared = ["c.LPWSTR server", *(text for parameter in function.takes for text in declared_for(parameter))]
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
    nulls = [text for parameter in function.takes for text in refused_nulls(parameter)]
    if nulls:
        out += [f"    if {' or '.join(nulls)}:", "        return INVALID_PARAMETER"]
    for parameter in zeros:
        raw = f"raw_{parameter.py}"
        out += [f"    if {raw} == NULL:", "        memset(&zeros, 0, sizeof(zeros))", f"        {raw} = &zeros"]
    for array in arrays:
        # Not a list comprehension: see several_addresses in runtime.pxi.
        out += [f"    if c_{array.py} != NULL:", f"        for i in range(c_count_of_{array.py}):"]
        out.append(f"            all_{array.py}.append({reader(F('', array.c, array.kind), f'c_{array.py}[i]')})")
    values = {name: value for parameter in function.takes for name, value in values_of(parameter).items()}
    passed = [values[name] for name in arguments(function)]
    if function.enumeration:
        passed += ["0 if resume == NULL else resume[0]", "maximum"]
    call = f"api_of(server).{function.method}({', '.join(passed)})"
    out.append(f"    found = {call}" if made or function.find(Numbers) else f"    {call}")
    out += [f"    {line}" for line in answered(function)]
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


def callbacks(notice: str, functions: tuple[Function, ...]) -> str:
    """The file with one family's C functions."""
    out = [f"# {notice}"]
    for function in functions:
        if not function.by_hand:
            out += ["", "", *callback(function)]
    out += ["", "", *(f"_table.{function.name} = c_{function.method}" for function in functions)]
    return "\n".join(out) + "\n"
