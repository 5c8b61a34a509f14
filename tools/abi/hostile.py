"""Writes the C functions of the tests' hostile provider, which answer what a test prepared."""

from . import FREE, FUNCTIONS
from .kinds import Filled, Function, In, Numbers, Out, Read, Resume, Total, declared

HEAD = """/* {notice}
 *
 * The functions of the API for puppet.c: each answers what was prepared for its place in the table.
 */
"""


def parameters(function: Function) -> list[tuple[str, str]]:
    """The C declarations, each with the name in it."""
    texts = ["LPWSTR ServerIpAddress", *(text for parameter in function.takes for text in declared(parameter))]
    return [(text, text.replace("*", " ").split()[-1]) for text in texts]


def body(function: Function) -> list[str]:
    """The lines that fill the out parameters."""
    lines, slot = [], 0
    if function.enumeration:
        slot = 1  # the first number is the handle
    for parameter in function.takes:
        match parameter:
            case Out(name=name):
                lines.append(f"    *{name} = it.tree;")
            case Numbers(outs=outs):
                for name, kind, *_ in outs:
                    lines.append(f"    *{name} = it.tree;" if kind == "text" else f"    *{name} = it.numbers[{slot}];")
                    slot += kind != "text"
            case Filled(name=name) | Resume(name=name, struct=str()):
                lines.append(f"    memcpy({name}, it.numbers, sizeof *{name} < 12 ? sizeof *{name} : 12);")
            case Resume(name=name):
                lines.append(f"    *{name} = it.again ? *{name} + it.numbers[0] : it.numbers[0];")
            case Read(name=name) | Total(name=name):
                lines.append(f"    *{name} = it.numbers[{slot}];")
                slot += 1
    return lines


def functions(notice: str) -> str:
    """The header with all functions and their table."""
    out = [HEAD.format(notice=notice), "enum {"]
    out += [f"    PLACE_{function.name}," for function in FUNCTIONS]
    out += ["    PLACES", "};", "", "static Answer answer(DWORD place, LPWSTR name);"]
    for function in FUNCTIONS:
        texts = parameters(function)
        asked = next((p.name for p in function.takes if isinstance(p, In) and p.kind == "text"), "0")
        lines = body(function)
        unused = [
            name
            for _, name in texts
            if not any(f"*{name} " in line or f"({name}," in line for line in lines) and name != asked
        ]
        out += [
            "",
            f"static DWORD DHCPSAPI_CALL puppet_{function.name}(",
            "    " + ",\n    ".join(text for text, _ in texts) + ")",
            "{",
            f"    Answer it = answer(PLACE_{function.name}, {asked});",
            f"    {', '.join(f'(void){name}' for name in unused)};",
            *lines,
            "    return it.code;",
            "}",
        ]
    out += ["", "EXPORT dhcpsapi_functions table = {", "    .size = sizeof table,"]
    out += [f"    .{function.name} = puppet_{function.name}," for function in FUNCTIONS]
    return "\n".join([*out, f"    .{FREE.name} = release,", "};"]) + "\n"
