"""What tools/abi writes: it is up to date, complete, and its layout checks can fail."""

import re
import subprocess
import sys

import pytest

from dhcpfo.api import FUNCTIONS
from foreign import ROOT, STRICT, compiler, load_tool

abi = load_tool("abi")
layout, declared, kinds, writer = (load_tool(f"abi.{name}") for name in ("layout", "declarations", "kinds", "__main__"))
HEADER, CHECKS = layout.header("notice"), layout.checks("notice")


def test_the_generated_files_are_up_to_date():
    done = subprocess.run([sys.executable, "-m", "tools.abi", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_check_tells_a_stale_file(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["abi"])
    assert writer.main(tmp_path) == 0
    monkeypatch.setattr(sys, "argv", ["abi", "--check"])
    assert writer.main(tmp_path) == 0
    (tmp_path / "src" / "dhcpsapi.pxd").write_text("edited", encoding="utf-8")
    (tmp_path / "include" / "dhcpsapi_abi.h").unlink()
    assert writer.main(tmp_path) == 1
    assert capsys.readouterr().out.splitlines() == [
        "include/dhcpsapi_abi.h is not what tools/abi writes",
        "src/dhcpsapi.pxd is not what tools/abi writes",
    ]


def test_every_function_has_its_method():
    assert [function.name for function in abi.FUNCTIONS] == [function.name for function in FUNCTIONS.values()]


# Typed from the documented layouts: size on 64-bit and 32-bit Windows, and the last member's offsets.
SIZES = {
    "DATE_TIME": (8, 8, 4, 4),
    "DHCP_IP_ARRAY": (16, 8, 8, 4),
    "DHCP_BINARY_DATA": (16, 8, 8, 4),
    "DHCP_HOST_INFO": (24, 12, 16, 8),
    "DHCP_SEARCH_INFO": (24, 12, 8, 4),
    "DHCP_FAILOVER_RELATIONSHIP": (80, 56, 72, 52),
    "DHCP_FAILOVER_RELATIONSHIP_ARRAY": (16, 8, 8, 4),
    "DHCP_FAILOVER_STATISTICS": (28, 28, 24, 24),
    "DHCPV4_FAILOVER_CLIENT_INFO": (136, 100, 128, 96),
    "DHCP_SUBNET_INFO_VQ": (80, 64, 72, 56),
    "DHCP_SUPER_SCOPE_TABLE_ENTRY": (24, 16, 16, 12),
    "DHCP_SUPER_SCOPE_TABLE": (16, 8, 8, 4),
    # The table of options in the documents; structures without a name there are what their fields add up to.
    "DWORD_DWORD": (8, 8, 4, 4),
    "DHCP_OPTION_DATA_ELEMENT": (24, 12, 8, 4),
    "DHCP_OPTION_DATA": (16, 8, 8, 4),
    "DHCP_OPTION": (48, 24, 40, 20),
    "DHCP_OPTION_ARRAY": (16, 8, 8, 4),
    "DHCP_VENDOR_OPTION": (64, 32, 56, 28),
    "DHCP_ALL_OPTIONS": (32, 16, 24, 12),
    "DHCP_OPTION_VALUE": (24, 12, 8, 4),
    "DHCP_OPTION_VALUE_ARRAY": (16, 8, 8, 4),
    "DHCP_CLASS_OPTION_VALUES": (32, 16, 24, 12),
    "DHCP_ALL_OPTION_VALUES": (16, 12, 8, 8),
    "DHCP_POLICY_OPTION_VALUES": (32, 16, 24, 12),
    "DHCP_ALL_OPTION_VALUES_PB": (16, 12, 8, 8),
    "DHCP_RESERVED_SCOPE": (8, 8, 4, 4),
    "DHCP_OPTION_SCOPE_INFO": (16, 12, 8, 4),
    "DHCP_CLASS_INFO": (40, 24, 32, 20),
    "DHCP_CLASS_INFO_ARRAY": (16, 8, 8, 4),
    "DHCP_IP_RANGE": (8, 8, 4, 4),
    "DHCP_BOOTP_IP_RANGE": (16, 16, 12, 12),
    "DHCP_IP_RESERVATION_V4": (24, 12, 16, 8),
    "DHCP_IP_CLUSTER": (8, 8, 4, 4),
    "DHCP_SUBNET_ELEMENT_DATA_V5": (16, 8, 8, 4),
    "DHCP_SUBNET_ELEMENT_INFO_ARRAY_V5": (16, 8, 8, 4),
    "DHCP_IP_RESERVATION_INFO": (48, 24, 41, 21),
    "DHCP_RESERVATION_INFO_ARRAY": (16, 8, 8, 4),
    "DHCP_CLIENT_INFO_PB": (104, 72, 96, 68),
    "DHCP_CLIENT_INFO_PB_ARRAY": (16, 8, 8, 4),
    "DHCP_CLIENT_INFO_V4": (80, 48, 72, 44),
    "DHCP_ADDR_PATTERN": (268, 268, 13, 13),
    "DHCP_FILTER_RECORD": (280, 272, 272, 268),
    "DHCP_FILTER_ADD_INFO": (288, 276, 280, 272),
    "DHCP_FILTER_ENUM_INFO": (16, 8, 8, 4),
    "DHCP_FILTER_GLOBAL_INFO": (8, 8, 4, 4),
    "DHCP_ATTRIB": (12, 12, 8, 8),
    "DHCP_ATTRIB_ARRAY": (16, 8, 8, 4),
    "DHCP_BIND_ELEMENT": (40, 28, 32, 24),
    "DHCP_BIND_ELEMENT_ARRAY": (16, 8, 8, 4),
    "DHCP_SERVER_CONFIG_INFO_VQ": (88, 64, 84, 60),
    "SCOPE_MIB_INFO_V5": (16, 16, 12, 12),
    "DHCP_MIB_INFO_V5": (88, 80, 80, 76),
    "DHCPDS_SERVER": (48, 28, 40, 24),
    "DHCPDS_SERVERS": (16, 12, 8, 8),
    "DHCP_POL_COND": (48, 32, 40, 28),
    "DHCP_POL_COND_ARRAY": (16, 8, 8, 4),
    "DHCP_POL_EXPR": (8, 8, 4, 4),
    "DHCP_POL_EXPR_ARRAY": (16, 8, 8, 4),
    "DHCP_IP_RANGE_ARRAY": (16, 8, 8, 4),
    "DHCP_PROPERTY": (24, 16, 8, 8),
    "DHCP_PROPERTY_ARRAY": (16, 8, 8, 4),
    "DHCP_POLICY_EX": (72, 40, 64, 36),
    "DHCP_POLICY_EX_ARRAY": (16, 8, 8, 4),
}


def test_the_computed_layouts_are_those_of_the_documents():
    computed = {
        struct.name: (
            *layout.sizes(struct.name),
            *(layout.offsets(struct, word)[-1] for word in layout.WORDS),
        )
        for struct in abi.layouts()
    }
    assert computed == SIZES


def test_every_field_is_checked_by_the_compiler():
    for struct in abi.layouts():
        assert re.search(rf"DHCPSAPI_SIZE\({struct.name}, \d+, \d+\);", CHECKS)
        for member in struct.fields:
            fields = [arm for _, arm in member.arms] if isinstance(member, kinds.Union) else [member]
            for field in fields:
                assert re.search(rf"DHCPSAPI_FIELD\({struct.name}, \S*\b{field.name}, ", CHECKS)


def declarations(text, struct):
    """The lines of one structure in the header, and where they stand."""
    start = text.index(f"typedef struct _{struct.name} {{\n") + len(f"typedef struct _{struct.name} {{\n")
    end = text.index(f"}} {struct.name},", start)
    return start, end, text[start:end].splitlines(keepends=True)


def compiles(folder, header) -> bool:
    (folder / "dhcpsapi_abi.h").write_text(header)
    (folder / "dhcpsapi_layout.h").write_text(CHECKS)
    source = folder / "check.c"
    source.write_text('#include "dhcpsapi_abi.h"\n#include "dhcpsapi_layout.h"\nint main(void) { return 0; }\n')
    done = subprocess.run([compiler(), *STRICT, "-fsyntax-only", str(source)], capture_output=True, text=True)
    assert done.returncode == 0 or "dhcpsapi_" in done.stderr
    return done.returncode == 0


def test_the_header_compiles(tmp_path):
    assert compiles(tmp_path, HEADER)


@pytest.mark.parametrize(
    "struct", [struct for struct in abi.layouts() if len(struct.fields) > 1], ids=lambda struct: struct.name
)
def test_a_swap_of_two_fields_does_not_compile(tmp_path, struct):
    """Neighbours are swapped pair by pair; a swap that moves nothing else still moves the two."""
    text = HEADER
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
    text = HEADER
    assert text.count(right) == 1
    assert not compiles(tmp_path, text.replace(right, wrong))


def pointers(fields):
    """The paths of all pointers among fields, and whether each is a secret."""
    for member in fields:
        if isinstance(member, kinds.Union):
            inside = f"{member.name}." if member.name else ""
            yield from ((f"{inside}{path}", secret) for path, secret in pointers(arm for _, arm in member.arms))
        elif member.pointer:
            yield member.name, member.kind == "secret"


def test_the_walkers_free_every_block_that_is_owned():
    """Every pointer is freed in its structure's walker, and nothing else."""
    text = declared.pxd("notice")
    for struct in abi.layouts():
        walker = "\n".join(declared.walker(struct))
        assert (walker in text) == declared.owns(struct)
        owned = list(pointers(struct.fields))
        assert sorted(re.findall(r"DhcpRpcFreeMemory\(raw\.(\S+)\)", walker)) == sorted(path for path, _ in owned)
        assert re.findall(r"dhcpsapi_wipe_text\(raw\.(\S+)\)", walker) == [path for path, secret in owned if secret]
