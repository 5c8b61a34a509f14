"""Writes the functions for the parameters of each call on the wire.

For a call X, a client uses ``ask_X`` (arguments to a request) and ``answered_X`` (a response to the answer), a server
``asked_X`` and ``answer_X``. The parameters are those of C in their order, but for the server's name, which is always
NULL; what differs is in the data (`In.ref`, `Out.depth_unsure`, `Numbers.unsent`, `Count.most`).
"""

from . import BY_NAME
from .calls import BY_HAND, arguments, local
from .convert import filler, reader
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
    number_type,
)
from .loopback import values_of
from .native import DONE, about, filled, local_variables
from .ndr import structures
from .wire import ENUM_PARAMETERS, refers

ASK = "cdef int ask_{}(tuple given, Arena *arena, Writer *it) except -1:"
ASKED = "cdef tuple asked_{}(Reader *it):"
ANSWER = "cdef int answer_{}(object found, tuple given, Arena *arena, Writer *it) except -1:"
ANSWERED = "cdef object answered_{}(Reader *it, tuple given, object server):"


def travels(function: Function) -> bool:
    """Whether a function is a call to a server at all."""
    return bool(function.opnum[0])


def names(function: Function) -> list[str]:
    """The method's arguments, with those of an enumeration."""
    return arguments(function) + (["resume", "preferred_maximum"] if function.enumeration else [])


def unpack(function: Function) -> list[str]:
    """The lines that give the arguments their names. How many there are has been checked."""
    return [f"{name} = given[{at}]" for at, name in enumerate(names(function))]


def short(kind: str) -> str:
    """The primitive for a number."""
    if number_type(kind) == "USHORT":
        return "2"
    return "enum" if kind.partition(":")[2] in ENUM_PARAMETERS else "4"


def whole(act: str, name: str, at: str, cast: str = "") -> list[str]:
    """The lines that read or write a structure with all behind it."""
    behind = [f"{act}_behind_{name}(it, {cast}{at})"] if refers(BY_NAME[name]) else []
    return [f"{act}_{name}(it, {cast}{at})", *behind]


# Requests


def store(parameter: Parameter, function: Function) -> list[str]:
    """The lines that write an argument."""
    said = f'"{function.name}"'
    match parameter:
        case In(kind="text", py=py, ref=ref):
            return [f"store_ref_text(it, c_{py}, {said})" if ref else f"store_unique_text(it, c_{py})"]
        case In(kind=kind, py=py):
            return [f"store_{short(kind)}(it, c_{py})"]
        case InStruct(struct=struct, py=py):
            return whole("store", BY_NAME[struct].c_name, f"&c_{py}")
        case Parts(struct=struct):
            return whole("store", struct, "&raw")
        case Level(py=py):
            return [f"store_4(it, c_no_{py})", f"store_4(it, c_{py})"]
        case Const(value=value):
            return [f"store_4(it, {value})"]
        case Count(py=py, most=most):
            return [
                f"if c_count_of_{py} > {most}:",
                f"    raise from_code(INVALID_BOUND, {said}, None)",
                f"store_4(it, <c.DWORD>c_count_of_{py})",
            ]
        case Array(py=py):
            return [f"store_numbers(it, c_{py}, <c.DWORD>c_count_of_{py})"]
        case Resume():
            return ["store_4(it, c_resume)"]
        case Maximum():
            return ["store_4(it, c_maximum)"]
    return []


def ask(function: Function) -> list[str]:
    """The function that writes a request."""
    asked = [p for p in function.takes if not isinstance(p, Out | Numbers | Filled | Read | Total)]
    out = [*unpack(function), *(line for parameter in asked for line in local_variables(parameter))]
    arrays = [parameter.py for parameter in asked if isinstance(parameter, Array)]
    out += [f"cdef Py_ssize_t c_count_of_{py} = len(all_{py})" for py in arrays]
    out += ["cdef Py_ssize_t i"] if arrays else []
    out += [line for parameter in asked for line in filled(parameter)]
    out += ["store_word(it, 0)", *(line for parameter in asked for line in store(parameter, function)), "return 0"]
    return [ASK.format(function.method), *(f"    {line}" for line in out)]


def load(parameter: Parameter) -> tuple[list[str], list[str]]:
    """The declarations and the lines that read an argument, under the names that `values_of` uses."""
    match parameter:
        case In(kind="text", py=py, ref=ref):
            return [f"cdef c.LPWSTR c_{py}"], [f"c_{py} = load_{'' if ref else 'unique_'}text(it)"]
        case In(kind=kind, py=py, c=c):
            return [f"cdef c.{c} c_{py}"], [f"c_{py} = <c.{c}>load_{short(kind)}(it)"]
        case InStruct(struct=struct, py=py):
            name = BY_NAME[struct].c_name
            return (
                [f"cdef c.{name} in_{py}", f"cdef c.{name} *raw_{py} = &in_{py}"],
                [f"memset(raw_{py}, 0, sizeof(c.{name}))", *whole("load", name, f"raw_{py}")],
            )
        case Parts(struct=struct):
            return (
                [f"cdef c.{struct} it_all", f"cdef c.{struct} *raw = &it_all"],
                [f"memset(raw, 0, sizeof(c.{struct}))", *whole("load", struct, "raw")],
            )
        case Level(py=py):
            return [f"cdef c.DWORD c_no_{py}, c_{py}"], [f"c_no_{py} = load_4(it)", f"c_{py} = load_4(it)"]
        case Const():
            return ["cdef c.DWORD reserved"], ["reserved = load_4(it)"]
        case Count(py=py, most=most):
            lines = [f"c_count_of_{py} = load_4(it)", f"if c_count_of_{py} > {most}:", "    it.bad = WRONG"]
            return [f"cdef c.DWORD c_count_of_{py}, i", f"cdef list all_{py} = []"], lines
        case Array(py=py):
            return [f"cdef c.DWORD *c_{py}"], [f"c_{py} = load_numbers(it, c_count_of_{py})"]
        case Resume():
            return ["cdef c.DWORD c_resume"], ["c_resume = load_4(it)"]
        case Maximum():
            return ["cdef c.DWORD c_maximum"], ["c_maximum = load_4(it)"]
    return [], []


def nulls(parameter: Parameter) -> list[str]:
    """The conditions under which the specification answers 87 before it checks the caller's rights."""
    match parameter:
        case In(kind="text", py=py, null="refuse", ref=False):
            return [f"c_{py} == NULL"]
        case InStruct(py=py, null="refuse", needed=needed):
            return [f"raw_{py}.{pointer} == NULL" for pointer in needed]
        case Level(py=py):
            return [f"c_no_{py} and c_{py}"]
        case Const(value=value, checked=True):
            return [f"reserved != {value}"]
        case Parts(needed=needed):
            return [f"raw.{needed} == NULL"]
    return []


def unnamed(parameter: InStruct, values: dict[str, str]) -> list[str]:
    """The lines that make None of a NULL name, which a client reads as an empty one, but a server must tell apart."""
    struct, slot, lines = BY_NAME[parameter.struct], 0, []
    for member in struct.fields:
        if isinstance(member, F) and member.kind == "name" and member.name not in parameter.needed:
            lines += [f"if raw_{parameter.py}.{member.name} == NULL:"]
            lines += [f"    make_{struct.model}.set(model_{parameter.py}, {slot}, None)"]
        slot += bool(member.py)
    if not lines:
        return []
    made, values[parameter.py] = values[parameter.py], f"model_{parameter.py}"
    return [f"model_{parameter.py} = {made}", *lines]


def asked(function: Function) -> list[str]:
    """The function that reads a request."""
    pairs = [load(parameter) for parameter in function.takes]
    out = [line for declared, _ in pairs for line in declared]
    out += ["load_unique_text(it)", *(line for _, lines in pairs for line in lines), "request_ends(it)"]
    conditions = [text for parameter in function.takes for text in nulls(parameter)]
    out += [f"if {' or '.join(conditions)}:", "    raise refused()"] if conditions else []
    for array in (parameter for parameter in function.takes if isinstance(parameter, Array)):
        item = reader(F("", array.c, array.kind), f"c_{array.py}[i]")
        out += [f"for i in range(c_count_of_{array.py}):", f"    all_{array.py}.append({item})"]
    values = {name: value for parameter in function.takes for name, value in values_of(parameter).items()}
    for parameter in function.takes:
        if isinstance(parameter, InStruct):
            out += unnamed(parameter, values)
    passed = [values[name] for name in arguments(function)]
    passed += ["c_resume", "c_maximum"] if function.enumeration else []
    out.append(f"return ({', '.join(passed)}{',' if len(passed) == 1 else ''})")
    return [ASKED.format(function.method), *(f"    {line}" for line in out)]


# Responses


def sent(numbers: Numbers) -> list[tuple[str, str, str, bool]]:
    """The numbers that are in the protocol."""
    return [out for out in numbers.outs if out[0] not in numbers.unsent]


def failure(function: Function) -> str:
    """What a response without an answer consists of: w a referent, 2 and 4 numbers, P a pattern."""
    out = ""
    for parameter in function.takes:
        match parameter:
            case Resume(struct=struct):
                out += "P" if struct else "4"
            case Out():
                out += "w"
            case Filled(struct=struct):
                out += "4" * len(BY_NAME[struct].fields)
            case Numbers():
                out += "".join("w" if kind == "text" else short(kind) for _, kind, _, _ in sent(parameter))
            case Read() | Total():
                out += "4"
    return out


def answer_number(out: tuple[str, str, str, bool], function: Function) -> list[str]:
    """The lines that write an answered number."""
    _, kind, attribute, _ = out
    value, place = f"found.{attribute}" if attribute else "found", local(attribute)
    write = f"store_unique_text(it, {place})" if kind == "text" else f"store_{short(kind)}(it, {place})"
    return [filler(F("", number_type(kind), kind), place, value, attribute or function.method), write]


def answer(function: Function) -> list[str]:
    """The function that writes a response."""
    out, numbers = function.answer, function.find(Numbers)
    place = next((parameter for parameter in function.takes if isinstance(parameter, Filled)), None)
    lines, code = [], "0"
    if isinstance(numbers, Numbers):
        lines += [f"cdef c.{number_type(kind)} {local(py)}" for _, kind, py, _ in sent(numbers)]
        lines += [line for each in sent(numbers) for line in answer_number(each, function)]
    elif place:
        lines += [f"cdef c.{place.struct} made", f"fill_{place.struct}(&made, found, arena)"]
        lines += whole("store", place.struct, "&made")
    elif out is not None:
        name = BY_NAME[out.struct].c_name
        lines += [f"cdef c.{name} made", "memset(&made, 0, sizeof(made))"]
        if function.enumeration:
            code = 'number(found.status, "status")'
            lines += ["cdef tuple items = tuple(found.items)  # a list could grow meanwhile", "if items:"]
            lines += [f"    fill_{out.struct}(&made, items, arena)", 'store_4(it, number(found.resume, "resume"))']
            lines += ["store_referent(it, &made if items else NULL)", "if items:"]
            lines += [f"    {line}" for line in whole("store", name, "&made")]
            lines += ["store_4(it, <c.DWORD>len(items))", 'store_4(it, number(found.remaining, "remaining"))']
        else:
            lines += [f"fill_{out.struct}(&made, found, arena)", "store_referent(it, &made)"]
            lines += whole("store", name, "&made")
            counted = next((parameter.py for parameter in function.takes if isinstance(parameter, Count)), None)
            wanted, items = out.fewer_than or (counted and f"len({counted})"), BY_NAME[out.struct].items
            if out.also and wanted and items:
                lines += ["if given:", *(f"    {line}" for line in unpack(function))]
                lines += [f"    if made.{items.count} < <size_t>{wanted}:"]
                lines += [f"        store_4(it, {out.also})", "        return 0"]
    lines += [f"store_4(it, {code})", "return 0"]
    return [ANSWER.format(function.method), *(f"    {line}" for line in lines)]


def about_call(function: Function) -> list[str]:
    """The function that tells what a failed call was about."""
    return [
        f"cdef dict about_{function.method}(tuple given):",
        f"    if len(given) != {len(names(function))}:",
        "        return {}",
        *(f"    {line}" for line in unpack(function)),
        f"    return {about(function)}",
        "",
        "",
    ]


def load_answer(out: Out) -> list[str]:
    """The lines that read an answered structure."""
    name = BY_NAME[out.struct].c_name
    condition = "in_place or load_referent(it) != NULL" if out.depth_unsure else "load_referent(it) != NULL"
    return [f"if {condition}:", f"    answer = load_new_{name}(it)"]


def load_outs(function: Function) -> list[str]:
    """The lines that read a response up to its end."""
    lines = []
    for parameter in function.takes:
        match parameter:
            case Out():
                lines += load_answer(parameter)
            case Filled(struct=struct):
                lines += ["memset(&filled, 0, sizeof(filled))", *whole("load", struct, "&filled")]
            case Numbers():
                for _, kind, attribute, _ in sent(parameter):
                    value = "load_unique_text(it)" if kind == "text" else f"load_{short(kind)}(it)"
                    lines.append(f"{local(attribute)} = {value}")
            case Resume():
                lines.append("resume = load_4(it)")
            case Read():
                lines.append("read = load_4(it)")
            case Total():
                lines.append("total = load_4(it)")
    return [*lines, "code = load_4(it)"]


def answered(function: Function) -> list[str]:
    """The function that reads a response."""
    out, numbers = function.answer, function.find(Numbers)
    said = f'"{function.name}", server'
    what = f"about_{function.method}(given)" if function.about else "{}"
    failed = f"failed(code, {said}, {what})"
    head = ["cdef c.DWORD code"]
    head += ["cdef c.DWORD resume, read, total"] if function.enumeration else []
    head += [f"cdef c.{out.struct} *answer = NULL"] if out else []
    place = next((parameter for parameter in function.takes if isinstance(parameter, Filled)), None)
    head += [f"cdef c.{place.struct} filled"] if place else []
    if isinstance(numbers, Numbers):
        head += [f"cdef c.{number_type(kind)} {local(py)}" for _, kind, py, _ in sent(numbers)]
    loads = load_outs(function)
    if out and out.depth_unsure:
        head += ["cdef int in_place"]
        loads = ["for in_place in range(2):", *(f"    {line}" for line in ("rewind(it)", "answer = NULL", *loads))]
        loads += ["    if it.bad == FINE and it.pos == it.size:", "        break"]
    loads.append(f"response_ends(it, {said})")
    if function.enumeration:
        assert out is not None
        rest = [f"if {' and '.join(f'code != {done}' for done in DONE)}:", f"    {failed}"]
        rest += [f"items = () if answer == NULL else read_{out.struct}(answer)"]
        rest += [f"return whole_page(items, read, resume, total, code, {said})"]
    elif out is not None:
        rest = [f"if {f'code and (code != {out.also} or answer == NULL)' if out.also else 'code'}:", f"    {failed}"]
        rest += ["if answer == NULL:", "    return ()" if out.empty else f"    no_answer({said}, {what})"]
        rest += [f"return read_{out.struct}(answer)"]
    else:
        rest = ["if code:", f"    {failed}"]
        if place:
            rest.append(f"return read_{place.struct}(&filled)")
        elif isinstance(numbers, Numbers):
            rest += read_numbers(numbers)
    return [ANSWERED.format(function.method), *(f"    {line}" for line in (*head, *loads, *rest))]


def read_numbers(numbers: Numbers) -> list[str]:
    """The lines that make a model of answered numbers."""
    values = [
        reader(F("", number_type(kind), kind), local(py)) if name not in numbers.unsent else "None"
        for name, kind, py, _ in numbers.outs
    ]
    if not numbers.outs[0][2]:
        return [f"return {values[0]}"]
    make = f"make_{numbers.model}"
    return [f"model = {make}.new()", *(f"{make}.set(model, {at}, {v})" for at, v in enumerate(values)), "return model"]


# Files


def answered_structures(functions: tuple[Function, ...]) -> set[str]:
    """The structures that the functions answer through a pointer."""
    return {BY_NAME[function.answer.struct].c_name for function in functions if function.answer}


def pxi(
    notice: str,
    structs: tuple[Struct, ...],
    functions: tuple[Function, ...],
    pointed: dict[str, set[str]],
    everywhere: set[str],
) -> str:
    """The file of one family; ``pointed`` are structures behind pointers, ``everywhere`` those behind answers."""
    out = [f"# {notice}", *structures(structs, pointed, everywhere)]
    for function in functions:
        if travels(function) and not any(isinstance(p, Resume) and p.struct for p in function.takes):
            about_lines = about_call(function) if function.about else []
            for lines in (ask(function), asked(function), answer(function), [*about_lines, *answered(function)]):
                out += ["", "", *lines]
    return "\n".join(out) + "\n"


def table(notice: str, families: dict[str, tuple[Function, ...]]) -> str:
    """The file that includes all families, and registers their functions."""
    out = [f"# {notice}", ""]
    for family in families:
        out.append(f'include "ndr_{family}.pxi"')
        if (BY_HAND / f"wire_{family}.pxi").exists():
            out.append(f'include "../by_hand/wire_{family}.pxi"')
    calls = [function for functions in families.values() for function in functions if travels(function)]
    out += [
        "",
        "cdef enum:",
        f"    CALLS = {len(calls)}",
        "",
        "cdef Call _calls[CALLS]",
        "cdef dict _places = {}",
        "",
        "",
    ]
    out += [
        "cdef int register(",
        "    str method, Ask ask, Asked asked, Answer answer, Answered answered, const char *failure, int arguments",
        ") except -1:",
        "    cdef Py_ssize_t place = len(_places)",
        "    _places[method] = place",
        "    _calls[place] = Call(ask, asked, answer, answered, failure, arguments)",
        "    return 0",
        "",
        "",
    ]
    for function in calls:
        m = function.method
        functions = f"ask_{m}, asked_{m}, answer_{m}, answered_{m}"
        out.append(f'register("{m}", {functions}, b"{failure(function)}", {len(names(function))})')
    return "\n".join(out) + "\n"
