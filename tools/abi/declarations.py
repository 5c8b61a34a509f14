"""Writes the names of the C header for Cython, and the functions that free an answer."""

from . import BY_NAME, FREE, FUNCTIONS, LOCAL, layouts
from .kinds import ALIASES, ENUMS32, F, Member, Struct, Union
from .layout import basic, declare

FUNCTION = "cdef inline void {name}(const dhcpsapi_functions *f, {struct} *raw) noexcept nogil:"


def inside(field: F) -> Struct | None:
    """The structure that a field is, or points at."""
    return BY_NAME.get(basic(field.pointee if field.pointer else field.type))


def owns(member: Member | Struct) -> bool:
    """Whether freeing it means following pointers."""
    match member:
        case Struct(fields=fields):
            return any(map(owns, fields))
        case Union(arms=arms):
            return any(owns(arm) for _, arm in arms)
        case F():
            struct = inside(member)
            return member.pointer or (struct is not None and owns(struct))


def free(member: Member, path: str) -> list[str]:
    """The lines that free what a member owns; ``path`` is the structure, or the union inside it."""
    if isinstance(member, Union):
        out, word = [], "if"
        for value, arm in member.arms:
            if owns(arm):
                out.append(f"{word} {path}.{member.tag} == {value}:")
                out += [f"    {line}" for line in free(arm, f"{path}.{member.name}" if member.name else path)]
                word = "elif"
        return out
    if not owns(member):
        return []
    struct, place = inside(member), f"{path}.{member.name}"
    if not member.pointer:
        return [f"free_inside_{basic(member.type)}(f, &{place})"]
    out = [f"if {place} != NULL:"]
    if member.kind == "secret":
        out.append(f"    dhcpsapi_wipe_text({place})")
    elif member.kind == "pointers":
        out += [f"    for i in range({path}.{member.count}):", f"        free_{basic(member.pointee)}(f, {place}[i])"]
    elif member.count and struct is not None and owns(struct):
        out.append(f"    for i in range({path}.{member.count}):")
        out.append(f"        free_inside_{basic(member.pointee)}(f, &{place}[i])")
    elif struct is not None and owns(struct):
        out.append(f"    free_inside_{basic(member.pointee)}(f, {place})")
    return [*out, f"    f.DhcpRpcFreeMemory({place})"]


def walker(struct: Struct) -> list[str]:
    """The function that frees what a structure points at, but not the structure."""
    body = [line for member in struct.fields for line in free(member, "raw")]
    counter = ["    cdef DWORD i"] if any(" in range(" in line for line in body) else []
    head = FUNCTION.format(name=f"free_inside_{struct.name}", struct=struct.name)
    return [head, *counter, *(f"    {line}" for line in body)]


def whole(struct: Struct) -> list[str]:
    """The function that frees a structure with all it points at."""
    out = [FUNCTION.format(name=f"free_{struct.name}", struct=struct.name), "    if raw != NULL:"]
    if owns(struct):
        out.append(f"        free_inside_{struct.name}(f, raw)")
    return [*out, "        f.DhcpRpcFreeMemory(raw)"]


def freed_whole() -> set[str]:
    """The structures that a function answers, or that an array of pointers points at."""
    answered = {function.answer.struct for function in FUNCTIONS if function.answer}
    fields = (field for struct in layouts() for field in struct.fields if isinstance(field, F))
    return answered | {basic(field.pointee) for field in fields if field.kind == "pointers"}


def pxd(notice: str) -> str:
    """The declarations, and for each answered structure a function that frees it, leaves first."""
    out = [
        f'"""{notice}',
        "",
        "The names of dhcpsapi_abi.h for Cython. For each structure that a server answers, a function frees the whole",
        'tree, block by block, leaves first. Any pointer may be NULL."""',
        "",
        'cdef extern from "dhcpsapi_abi.h" nogil:',
        "    ctypedef unsigned int DWORD",
        "    ctypedef unsigned int ULONG",
        "    ctypedef unsigned long long DWORDLONG",
        "    ctypedef unsigned short WORD",
        "    ctypedef unsigned short USHORT",
        "    ctypedef unsigned char BYTE",
        "    ctypedef int BOOL",
        "    ctypedef unsigned short WCHAR",
        "    ctypedef WCHAR *LPWSTR",
        "    ctypedef DWORD *LPDWORD",
        "    ctypedef void *PVOID",
    ]
    out += [f"    ctypedef DWORD {name}" for name in ENUMS32]
    out += ["    ctypedef DHCP_IP_ADDRESS *LPDHCP_IP_ADDRESS"]
    for struct in layouts():
        out.append("")
        for member in struct.fields:
            if isinstance(member, Union) and member.name:
                # Cython needs a name; it never appears in the C code.
                out.append(f"    ctypedef union {struct.name}_{member.name}:")
                out += [f"        {declare(arm.type, arm.name)}" for arm in member.fields]
        out.append(f"    ctypedef struct {struct.name}:")
        for member in struct.fields:
            if isinstance(member, F):
                out.append(f"        {declare(member.type, member.name)}")
            elif member.name:
                out.append(f"        {struct.name}_{member.name} {member.name}")
            else:
                out += [f"        {declare(arm.type, arm.name)}" for arm in member.fields]
        out.append(f"    ctypedef {struct.name} *LP{struct.name}")
        out += [f"    ctypedef {name} {alias}" for alias, name in ALIASES.items() if name == struct.name]
    out += ["", "    ctypedef struct dhcpsapi_functions:", "        size_t size"]
    for function in (*FUNCTIONS, *LOCAL, FREE):
        returns = function.returns.replace("VOID", "void")
        taken = ", ".join(parameter for parameter in function.parameters if parameter != "void")
        out.append(f"        {returns} (__stdcall *{function.name})({taken}) noexcept nogil")
    out += [
        "",
        "    int dhcpsapi_link(dhcpsapi_functions *table)",
        "    void dhcpsapi_wipe(void *memory, size_t size)",
        "    void dhcpsapi_wipe_text(LPWSTR text)",
        "",
        "# The layout checks take part in every compilation of the extensions.",
        'cdef extern from "dhcpsapi_layout.h":',
        "    pass",
    ]
    complete = freed_whole()
    for struct in layouts():
        if owns(struct):
            out += ["", "", *walker(struct)]
        if struct.name in complete:
            out += ["", "", *whole(struct)]
    return "\n".join(out) + "\n"
