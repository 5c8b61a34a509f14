"""Writes the C header, and the checks of every size and offset, which are computed from natural alignment."""

from . import FREE, FUNCTIONS, LOCAL, layouts
from .kinds import ALIASES, ENUMS32, NUMBERS, F, Member, Struct, Union

WORDS = (8, 4)
"""The size of a pointer on 64-bit and 32-bit Windows."""


def basic(name: str) -> str:
    """The structure behind an alias; any other name is itself."""
    return ALIASES.get(name, name)


def of_type(kind: str, word: int) -> tuple[int, int]:
    """The size and alignment of a C type."""
    if kind.startswith("LP") or kind.endswith("*") or kind == "PVOID":
        return word, word
    if "[" in kind:
        return int(kind.partition("[")[2][:-1]), 1
    if kind in ENUMS32:
        return 4, 4
    if kind in NUMBERS:
        return NUMBERS[kind], NUMBERS[kind]
    return of_struct(next(struct for struct in layouts() if struct.name == basic(kind)), word)


def of_member(member: Member, word: int) -> tuple[int, int]:
    """The size and alignment of a field or a union."""
    if isinstance(member, F):
        return of_type(member.type, word)
    arms = [of_type(arm.type, word) for _, arm in member.arms]
    align = max(align for _, align in arms)
    return -(-max(size for size, _ in arms) // align) * align, align


def offsets(struct: Struct, word: int) -> list[int]:
    """The offset of each member."""
    found, end = [], 0
    for member in struct.fields:
        size, align = of_member(member, word)
        found.append(-(-end // align) * align)
        end = found[-1] + size
    return found


def of_struct(struct: Struct, word: int) -> tuple[int, int]:
    """The size and alignment of a structure."""
    align = max(of_member(member, word)[1] for member in struct.fields)
    end = offsets(struct, word)[-1] + of_member(struct.fields[-1], word)[0]
    return -(-end // align) * align, align


def sizes(kind: str) -> tuple[int, int]:
    """The size of a type on 64-bit and 32-bit Windows."""
    size64, size32 = (of_type(kind, word)[0] for word in WORDS)
    return size64, size32


def declare(kind: str, name: str) -> str:
    """A C declaration."""
    if "[" in kind:
        return f"{kind.partition('[')[0]} {name}[{kind.partition('[')[2]}"
    return f"{kind}{name}" if kind.endswith("*") else f"{kind} {name}"


HEAD = """/* {notice}
 *
 * The part of the DHCP Server Management API that dhcpfo calls, in standard C, for any platform. On Windows it uses the
 * system's basic types, elsewhere equal ones. dhcpfo never owns a pointer in these structures.
 */
#ifndef DHCPSAPI_ABI_H
#define DHCPSAPI_ABI_H

#include <stddef.h>
#include <string.h>

#ifdef _WIN32
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
#ifndef DHCPSAPI_IMPORT
#define DHCPSAPI_IMPORT __declspec(dllimport)
#endif
#define DHCPSAPI_CALL __stdcall
#else
#include <stdint.h>
typedef uint32_t DWORD;
typedef uint32_t ULONG;
typedef uint64_t DWORDLONG;
typedef uint16_t WORD;
typedef uint16_t USHORT;
typedef uint8_t BYTE;
typedef int BOOL;
typedef uint16_t WCHAR;
typedef WCHAR *LPWSTR;
typedef DWORD *LPDWORD;
typedef void *PVOID;
#define VOID void
#define DHCPSAPI_IMPORT
#define DHCPSAPI_CALL
#endif
"""

TAIL = """/* Overwrite memory that held a secret; through a volatile pointer, so that no compiler drops it. */
static inline void dhcpsapi_wipe(void *memory, size_t size)
{
    static void *(*const volatile overwrite)(void *, int, size_t) = memset;
    if (size)
        overwrite(memory, 0, size);
}

/* Overwrite a text up to its terminating NUL. */
static inline void dhcpsapi_wipe_text(LPWSTR text)
{
    volatile WCHAR *unit = text;
    if (unit)
        while (*unit)
            *unit++ = 0;
}

#endif
"""


def header(notice: str) -> str:
    """The types, the prototypes and the table of functions."""
    out = [HEAD.format(notice=notice)]
    out += [f"typedef DWORD {name};" for name in ENUMS32]
    out += ["typedef DHCP_IP_ADDRESS *LPDHCP_IP_ADDRESS;", ""]
    for struct in layouts():
        out.append(f"typedef struct _{struct.name} {{")
        for member in struct.fields:
            if isinstance(member, Union):
                out += ["    union {", *(f"        {declare(arm.type, arm.name)};" for arm in member.fields)]
                out += [f"    }} {member.name};" if member.name else "    };"]
            else:
                out.append(f"    {declare(member.type, member.name)};")
        out += [f"}} {struct.name}, *LP{struct.name};"]
        out += [f"typedef {name} {alias};" for alias, name in ALIASES.items() if name == struct.name]
        out.append("")
    everything = (*FUNCTIONS, *LOCAL, FREE)
    for function in everything:
        out.append(f"DHCPSAPI_IMPORT {function.returns} DHCPSAPI_CALL {function.name}(")
        out.append("    " + ",\n    ".join(function.parameters) + ");")
    out += [
        "",
        "/* A provider of the API: the DLL, or anything else with the same functions. */",
        "typedef struct dhcpsapi_functions {",
        "    size_t size; /* of this table, so that a provider built from another header is refused */",
    ]
    for function in everything:
        out.append(f"    {function.returns} (DHCPSAPI_CALL *{function.name})(")
        out.append("        " + ",\n        ".join(function.parameters) + ");")
    out += [
        "} dhcpsapi_functions;",
        "",
        "/* Fill the table with the linked functions; 0 where none are linked. At run time, because Microsoft's",
        " * compiler does not take imported addresses as constants. */",
        "static inline int dhcpsapi_link(dhcpsapi_functions *table)",
        "{",
        "    table->size = sizeof *table;",
        "#ifdef DHCPFO_LINKED",
        *(f"    table->{function.name} = {function.name};" for function in everything),
        "    return 1;",
        "#else",
        "    return 0;",
        "#endif",
        "}",
        "",
    ]
    return "\n".join(out) + "\n" + TAIL


CHECKS = """/* {notice}
 *
 * Include it after dhcpsapi_abi.h, or after the Windows SDK's dhcpsapi.h. A wrong size or offset does not compile,
 * because an array cannot have a negative length.
 */
#ifndef DHCPSAPI_LAYOUT_H
#define DHCPSAPI_LAYOUT_H

#include <stddef.h>

#define DHCPSAPI_PICK(on64, on32) (sizeof(void *) == 8 ? (size_t)(on64) : (size_t)(on32))
#define DHCPSAPI_SIZE(type, on64, on32) \\
    extern char dhcpsapi_size_##type[sizeof(type) == DHCPSAPI_PICK(on64, on32) ? 1 : -1]
#define DHCPSAPI_FIELD(type, field, tag, at64, at32, size64, size32) \\
    extern char dhcpsapi_offset_##type##_##tag \\
        [offsetof(type, field) == DHCPSAPI_PICK(at64, at32) ? 1 : -1]; \\
    extern char dhcpsapi_width_##type##_##tag \\
        [sizeof(((type *)0)->field) == DHCPSAPI_PICK(size64, size32) ? 1 : -1]
"""


def checks(notice: str) -> str:
    """Checks of sizes and offsets, also for a translation unit that includes the SDK's header instead of ours."""
    out = [CHECKS.format(notice=notice)]
    out += [f"DHCPSAPI_SIZE({name}, 4, 4);" for name in (*ENUMS32, "DWORD", "ULONG", "BOOL")]
    out += ["DHCPSAPI_SIZE(BYTE, 1, 1);", "DHCPSAPI_SIZE(WCHAR, 2, 2);", "DHCPSAPI_SIZE(LPWSTR, 8, 4);"]
    for struct in layouts():
        size64, size32 = sizes(struct.name)
        out += ["", "#ifdef DHCPSAPI_ABI_H"] if struct.anonymous else [""]
        out.append(f"DHCPSAPI_SIZE({struct.name}, {size64}, {size32});")
        for member, at64, at32 in zip(struct.fields, *(offsets(struct, word) for word in WORDS), strict=True):
            entries = [("", member)] if isinstance(member, F) else [(member.name, arm) for arm in member.fields]
            for inside, entry in entries:
                path = f"{inside}.{entry.name}" if inside else entry.name
                width64, width32 = sizes(entry.type)
                out.append(
                    f"DHCPSAPI_FIELD({struct.name}, {path}, {entry.name}, {at64}, {at32}, {width64}, {width32});"
                )
        out += ["#endif"] if struct.anonymous else []
    return "\n".join([*out, "", "#endif"]) + "\n"
