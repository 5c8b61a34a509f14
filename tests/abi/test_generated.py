"""What tools/abi.py writes: it is up to date, complete, and its layout checks can fail."""

import re
import subprocess
import sys

import pytest

from dhcpfo.api import FUNCTIONS
from foreign import ROOT, STRICT, compiler, load_tool

abi = load_tool("abi")


def test_the_generated_files_are_up_to_date():
    done = subprocess.run([sys.executable, ROOT / "tools" / "abi.py", "--check"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_check_tells_a_stale_file(tmp_path, monkeypatch, capsys):
    for name, make in abi.GENERATED.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(make(), encoding="utf-8")
    monkeypatch.setattr(abi, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["abi.py", "--check"])
    assert abi.main() == 0
    (tmp_path / "src" / "dhcpsapi.pxd").write_text("edited", encoding="utf-8")
    (tmp_path / "include" / "dhcpsapi_abi.h").unlink()
    assert abi.main() == 1
    assert capsys.readouterr().out.splitlines() == [
        "include/dhcpsapi_abi.h is not what tools/abi.py writes",
        "src/dhcpsapi.pxd is not what tools/abi.py writes",
    ]


def test_every_function_has_its_method():
    assert [function.name for function in abi.FUNCTIONS] == [
        *(function.name for function in FUNCTIONS.values()),
        "DhcpRpcFreeMemory",
    ]


def test_every_field_is_checked_by_the_compiler():
    text = abi.layout()
    for struct in abi.STRUCTS:
        assert f"DHCPSAPI_SIZE({struct.name}, {struct.size[0]}, {struct.size[1]});" in text
        for field in struct.fields:
            for member in getattr(field, "members", (field,)):
                assert re.search(rf"DHCPSAPI_FIELD\({struct.name}, \S*\b{member.name}, ", text)


def declarations(text, struct):
    """The lines of one structure in the header, and where they stand."""
    start = text.index(f"typedef struct _{struct.name} {{\n") + len(f"typedef struct _{struct.name} {{\n")
    end = text.index(f"}} {struct.name},", start)
    return start, end, text[start:end].splitlines(keepends=True)


def compiles(folder, header) -> bool:
    (folder / "dhcpsapi_abi.h").write_text(header)
    (folder / "dhcpsapi_layout.h").write_text(abi.layout())
    source = folder / "check.c"
    source.write_text('#include "dhcpsapi_abi.h"\n#include "dhcpsapi_layout.h"\nint main(void) { return 0; }\n')
    done = subprocess.run([compiler(), *STRICT, "-fsyntax-only", str(source)], capture_output=True, text=True)
    assert done.returncode == 0 or "dhcpsapi_" in done.stderr
    return done.returncode == 0


def test_the_header_compiles(tmp_path):
    assert compiles(tmp_path, abi.header())


@pytest.mark.parametrize("struct", [it for it in abi.STRUCTS if len(it.fields) > 1], ids=lambda it: it.name)
def test_a_swap_of_two_fields_does_not_compile(tmp_path, struct):
    """Neighbours are swapped pair by pair; a swap that moves nothing else still moves the two."""
    text = abi.header()
    start, end, lines = declarations(text, struct)
    if any("union" in line for line in lines):
        lines = [lines[0], "".join(lines[1:])]
    for index in range(len(lines) - 1):
        swapped = lines.copy()
        swapped[index], swapped[index + 1] = lines[index + 1], lines[index]
        assert not compiles(tmp_path, text[:start] + "".join(swapped) + text[end:]), lines[index]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("    BYTE Percentage;\n", "    DWORD Percentage;\n    DWORD more;\n    DWORD evenmore;\n"),
        ("typedef uint16_t WCHAR;", "typedef uint32_t WCHAR;"),
        ("typedef DWORD FSM_STATE;", "typedef WCHAR FSM_STATE;"),
        ("    BYTE Flags;\n", ""),
        ("    BYTE Percentage;\n", "    DWORD Percentage;\n"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="the basic types come from Windows' own header there")
def test_a_wrong_type_does_not_compile(tmp_path, right, wrong):
    text = abi.header()
    assert text.count(right) == 1
    assert not compiles(tmp_path, text.replace(right, wrong))


def test_the_walkers_free_every_block_that_is_owned():
    """Every owned pointer is freed in its structure's walker, and only those."""
    text = abi.declarations()
    for struct in abi.STRUCTS:
        if not abi.owns_anything(struct):
            continue
        walker = "\n".join(abi.walker(struct))
        assert walker in text
        for field in struct.fields:
            freed = f"f.DhcpRpcFreeMemory(it.{field.name})" in walker
            assert freed == bool(field.owns), f"{struct.name}.{field.name}"
            assert (f"dhcpsapi_wipe_text(it.{field.name})" in walker) == (field.owns == abi.SECRET)
