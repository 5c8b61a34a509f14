"""Writes the methods of `NativeApi`, each in the six steps of every call."""

from .calls import arguments, as_field, field_of, included, local
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
)

__all__ = ["api", "methods"]

DONE = (0, 234, 259)


def about(function: Function) -> str:
    """The dictionary that tells what a failed call was about."""
    return "{" + ", ".join(f'"{key}": {value}' for key, value in function.about) + "}"


def needs_arena(function: Function) -> bool:
    """Whether the arguments need memory."""
    for parameter in function.takes:
        match parameter:
            case In(kind="text") | InStruct() | Parts() | Array():
                return True
    return False


def local_variables(parameter: Parameter) -> list[str]:
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


def filled(parameter: Parameter) -> list[str]:
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


def passed_for(parameter: Parameter) -> list[str]:
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


def after_the_call(function: Function) -> list[str]:
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


def method_of(function: Function) -> list[str]:
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
    out += [f"    {line}" for parameter in function.takes for line in local_variables(parameter)]
    out += [f"    cdef Py_ssize_t c_count_of_{py} = len(all_{py})" for py in arrays]
    out += ["    cdef Py_ssize_t i"] if arrays else []
    out += ["    cdef c.DWORD code"]
    for parameter in function.takes:
        body += filled(parameter)
    passed = ", ".join(["self.c_server", *(text for parameter in function.takes for text in passed_for(parameter))])
    body += ["with nogil:", f"    code = self.f.{function.name}({passed})"]
    results = after_the_call(function)
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


def methods(notice: str, family: str, functions: tuple[Function, ...]) -> str:
    """The file with one family's methods."""
    base = f"_{family.capitalize()}ByHand" if any(function.by_hand for function in functions) else "_Connection"
    out = [f"# {notice}", "", "", f"cdef class _{family.capitalize()}Calls({base}):"]
    if all(function.by_hand for function in functions):
        out.append("    pass")
    for function in functions:
        if not function.by_hand:
            out += ["", *(f"    {line}" if line else "" for line in method_of(function))]
    return "\n".join(out) + "\n"


def api(notice: str, families: list[str]) -> str:
    """The file that composes `NativeApi`."""
    bases = "".join(f"    _{family.capitalize()}Calls,\n" for family in families)
    return (
        included(notice, "native", families)
        + f"\n\nclass NativeApi(\n{bases}):\n"
        + '    """The management API of one server, through the C functions of Dhcpsapi.dll."""\n\n    __slots__ = ()\n'
    )
