"""Unions and arrays of pointers: what the generator writes for them frees each block once, whatever the tag says.

The structures here are made up, so that every shape is there whether or not the API has it yet. The functions that free
and convert them are compiled and run.
"""

import subprocess
import sys
import sysconfig

import pytest

from foreign import compiler, load_tool

kinds, declared, layout = (load_tool(f"abi.{name}") for name in ("kinds", "declarations", "layout"))
F, Struct, Union = kinds.F, kinds.Struct, kinds.Union

VALUE = Struct(
    "TEST_VALUE",
    (
        F("Tag", "DWORD", "num", "tag"),
        Union(
            "Arm",
            tag="Tag",
            py="value",
            arms=(
                (0, F("Number", "DWORD", "num")),
                (1, F("Text", "LPWSTR", "text")),
                (2, F("Binary", "DHCP_BINARY_DATA", "binary")),
                (3, F("Secret", "LPWSTR", "secret")),
                (4, F("Inside", "LPTEST_LEAF", "pointer")),
            ),
        ),
    ),
    model="Value",
)
LEAF = Struct("TEST_LEAF", (F("Name", "LPWSTR", "text", "name"),), model="Leaf")
LEAVES = Struct(
    "TEST_LEAVES",
    (F("Count", "DWORD", "count"), F("Each", "LPTEST_LEAF *", "pointers", count="Count")),
)
TREE = Struct(
    "TEST_TREE",
    (
        F("Count", "DWORD", "count"),
        F("Values", "LPTEST_VALUE", "array", count="Count"),
    ),
)
BINARY = Struct(
    "DHCP_BINARY_DATA", (F("DataLength", "DWORD", "count"), F("Data", "BYTE *", "bytes", count="DataLength"))
)
ALL = {struct.name: struct for struct in (BINARY, LEAF, VALUE, LEAVES, TREE)}

PROGRAM = """
# cython: language_level=3
cdef extern from *:
    \"\"\"
    #include <stdlib.h>
    #include <string.h>
    typedef unsigned int DWORD;
    typedef unsigned char BYTE;
    typedef unsigned short WCHAR;
    typedef WCHAR *LPWSTR;
    typedef struct { DWORD DataLength; BYTE *Data; } DHCP_BINARY_DATA;
    typedef struct { LPWSTR Name; } TEST_LEAF, *LPTEST_LEAF;
    typedef struct {
        DWORD Tag;
        union { DWORD Number; LPWSTR Text; DHCP_BINARY_DATA Binary; LPWSTR Secret; LPTEST_LEAF Inside; } Arm;
    } TEST_VALUE, *LPTEST_VALUE;
    typedef struct { DWORD Count; LPTEST_LEAF *Each; } TEST_LEAVES;
    typedef struct { DWORD Count; LPTEST_VALUE Values; } TEST_TREE;
    typedef struct { void (*DhcpRpcFreeMemory)(void *); } dhcpsapi_functions;
    static void dhcpsapi_wipe_text(LPWSTR text) { while (*text) *text++ = 0; }
    \"\"\"
    ctypedef unsigned int DWORD
    ctypedef unsigned char BYTE
    ctypedef unsigned short WCHAR
    ctypedef WCHAR *LPWSTR
    ctypedef struct DHCP_BINARY_DATA:
        DWORD DataLength
        BYTE *Data
    ctypedef struct TEST_LEAF:
        LPWSTR Name
    ctypedef TEST_LEAF *LPTEST_LEAF
    ctypedef union TEST_ARM:
        DWORD Number
        LPWSTR Text
        DHCP_BINARY_DATA Binary
        LPWSTR Secret
        LPTEST_LEAF Inside
    ctypedef struct TEST_VALUE:
        DWORD Tag
        TEST_ARM Arm
    ctypedef TEST_VALUE *LPTEST_VALUE
    ctypedef struct TEST_LEAVES:
        DWORD Count
        LPTEST_LEAF *Each
    ctypedef struct TEST_TREE:
        DWORD Count
        LPTEST_VALUE Values
    ctypedef struct dhcpsapi_functions:
        void (*DhcpRpcFreeMemory)(void *) noexcept nogil
    void dhcpsapi_wipe_text(LPWSTR text) noexcept nogil

from libc.stdlib cimport calloc, free

cdef long live = 0, secrets = 0


cdef void *block(size_t size) noexcept nogil:
    global live
    live += 1
    return calloc(1, size + 8)


cdef void release(void *memory) noexcept nogil:
    global live, secrets
    live -= 1
    if (<WCHAR *>memory)[0] == 0x7373:
        secrets += 1
    free(memory)


WALKERS

cdef dhcpsapi_functions f
f.DhcpRpcFreeMemory = release


def value(DWORD tag, bint null):
    cdef TEST_TREE *tree = <TEST_TREE *>block(sizeof(TEST_TREE))
    cdef TEST_VALUE *one
    tree.Count = 2
    tree.Values = <LPTEST_VALUE>block(2 * sizeof(TEST_VALUE))
    for i in range(2):
        one = &tree.Values[i]
        one.Tag = tag
        if tag == 0 or tag > 4:
            one.Arm.Number = 0xFFFFFFFF  # would be followed if the tag were not asked
        elif not null and tag == 1:
            one.Arm.Text = <LPWSTR>block(4)
        elif not null and tag == 2:
            one.Arm.Binary.DataLength = 3
            one.Arm.Binary.Data = <BYTE *>block(3)
        elif not null and tag == 3:
            one.Arm.Secret = <LPWSTR>block(4)
            one.Arm.Secret[0] = 0x7373
        elif not null and tag == 4:
            one.Arm.Inside = <LPTEST_LEAF>block(sizeof(TEST_LEAF))
            one.Arm.Inside.Name = <LPWSTR>block(4)
    made = live
    free_TEST_TREE(&f, tree)
    return made, live, secrets


def leaves(bint null):
    cdef TEST_LEAVES *tree = <TEST_LEAVES *>block(sizeof(TEST_LEAVES))
    tree.Count = 3
    if not null:
        tree.Each = <LPTEST_LEAF *>block(3 * sizeof(LPTEST_LEAF))
        for i in (0, 2):  # one element stays NULL
            tree.Each[i] = <LPTEST_LEAF>block(sizeof(TEST_LEAF))
            tree.Each[i].Name = <LPWSTR>block(4)
    made = live
    free_TEST_LEAVES(&f, tree)
    return made, live, secrets
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """The walkers of the structures above, in an extension module."""
    pytest.importorskip("Cython", reason="Cython writes the functions under test")
    folder = tmp_path_factory.mktemp("ownership")
    patch = pytest.MonkeyPatch()
    patch.setattr(declared, "BY_NAME", ALL)
    lines = []
    for struct in ALL.values():
        if declared.owns(struct):
            lines += [*declared.walker(struct), "", ""]
        if struct.name in ("TEST_LEAF", "TEST_LEAVES", "TEST_TREE"):
            lines += [*declared.whole(struct), "", ""]
    patch.undo()
    (folder / "ownership.pyx").write_text(PROGRAM.replace("WALKERS", "\n".join(lines)))
    run = {"cwd": folder, "check": True, "capture_output": True, "text": True}
    subprocess.run([sys.executable, "-m", "cython", "-3", "ownership.pyx"], **run)
    include = sysconfig.get_paths()["include"]
    flags = ["-O1", "-shared", "-fPIC", f"-I{include}", "ownership.c", "-o", "ownership.so"]
    subprocess.run([compiler(), *flags], **run)
    patch.syspath_prepend(str(folder))
    import ownership

    yield ownership
    patch.undo()


skipped = pytest.mark.skipif(sys.platform == "win32", reason="the C compiler of the tests is another one there")


@skipped
@pytest.mark.parametrize(
    ("tag", "blocks"), [(0, 2), (1, 4), (2, 4), (3, 4), (4, 6), (5, 2)], ids=lambda value: str(value)
)
def test_a_union_owns_what_its_tag_says(compiled, tag, blocks):
    assert compiled.value(tag, False) == (blocks, 0, 0)
    assert compiled.value(tag, True) == (2, 0, 0)


@skipped
def test_an_array_of_pointers_owns_each_element(compiled):
    assert compiled.leaves(False) == (6, 0, 0)
    assert compiled.leaves(True) == (1, 0, 0)


def test_the_layout_of_a_union_starts_at_its_largest_alignment():
    patch = pytest.MonkeyPatch()
    patch.setattr(layout, "layouts", lambda: tuple(ALL.values()))
    assert layout.sizes("TEST_VALUE") == (24, 12)
    assert [layout.offsets(VALUE, word)[1] for word in layout.WORDS] == [8, 4]
    patch.undo()
