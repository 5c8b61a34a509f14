"""What the built extensions import, read from their files and compared with the description of the ABI."""

import importlib.util
import re
import sys
import sysconfig
from collections import defaultdict
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="import tables exist on Windows only")

TOOLS = Path(__file__).resolve().parents[2] / "tools"

# Python's stable ABI. A free-threaded Python up to 3.14 has none and is imported by its version.
PYTHON = r"python3\d*t\.dll" if sysconfig.get_config_var("Py_GIL_DISABLED") else r"python3\.dll"
# The API of the system, and the C runtime (Microsoft's compiler or another).
ALLOWED = re.compile(rf"kernel32\.dll|vcruntime140\.dll|api-ms-win-crt-.*|{PYTHON}|dhcpsapi\.dll")
DIRECTORIES = ("IMAGE_DIRECTORY_ENTRY_IMPORT", "IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT")


def imports(module: str) -> dict[str, set[str]]:
    """The functions that an installed extension imports, at once or on the first call, by DLL in lower case."""
    pefile = pytest.importorskip("pefile", reason="pefile reads the import tables")
    spec = importlib.util.find_spec("dhcpfo")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    (file,) = Path(spec.submodule_search_locations[0]).glob(f"{module}*.pyd")
    found: dict[str, set[str]] = defaultdict(set)
    with pefile.PE(file, fast_load=True) as image:
        image.parse_data_directories(directories=[pefile.DIRECTORY_ENTRY[name] for name in DIRECTORIES])
        for entry in [*image.DIRECTORY_ENTRY_IMPORT, *getattr(image, "DIRECTORY_ENTRY_DELAY_IMPORT", [])]:
            found[entry.dll.decode().lower()] |= {function.name.decode() for function in entry.imports}
    return dict(found)


def described_functions(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    monkeypatch.syspath_prepend(TOOLS)
    import abi

    return {function.name for function in (*abi.FUNCTIONS, *abi.LOCAL, abi.FREE)}


def test_binding_imports_exactly_the_functions_that_are_described(monkeypatch):
    assert imports("_dhcpsapi")["dhcpsapi.dll"] == described_functions(monkeypatch)


@pytest.mark.parametrize("module", ["_dhcpsapi", "_loopback", "_wire"])
def test_nothing_but_the_system_and_the_stable_abi_is_imported(module):
    assert [name for name in imports(module) if not ALLOWED.fullmatch(name)] == []


@pytest.mark.parametrize("module", ["_loopback", "_wire"])
def test_others_need_no_dhcpsapi(module):
    assert "dhcpsapi.dll" not in imports(module)
