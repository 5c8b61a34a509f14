"""What is installed and what is shipped: typed, without sources, from an sdist that builds."""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = importlib.metadata.distribution("dhcpfo")
TYPED = {"dhcpfo/py.typed", "dhcpfo/_dhcpsapi.pyi", "dhcpfo/_loopback.pyi", "dhcpfo/_wire.pyi"}
EXTENSIONS = {"dhcpfo/_dhcpsapi", "dhcpfo/_loopback", "dhcpfo/_wire"}
BUILD = ["setuptools", "Cython"]


def check_contents(files):
    """Check what a wheel puts into a user's environment."""
    inside = {name for name in files if name.startswith("dhcpfo/") and "__pycache__" not in name}
    assert inside >= TYPED | {"dhcpfo/__init__.py", "dhcpfo/models/__init__.py", "dhcpfo/simulator/__init__.py"}
    compiled = {name for name in inside if name.endswith((".so", ".pyd"))}
    assert {name.partition(".")[0] for name in compiled} == EXTENSIONS
    page = {name for name in inside if re.fullmatch(r"dhcpfo/serve/static/\w+\.(html|js|css|svg)", name)}
    assert "dhcpfo/serve/static/index.html" in page
    assert not {name for name in inside - compiled - page if not name.endswith((".py", ".pyi", "py.typed"))}
    others = {name.partition("/")[0] for name in set(files) - inside}
    assert not {name for name in others if not name.startswith("dhcpfo") and name not in ("..", "__pycache__")}


def test_what_is_installed():
    files = INSTALLED.files
    if files is None or not any(str(file).startswith("dhcpfo/") for file in files):
        pytest.skip("dhcpfo is not installed from a wheel here (an editable installation?)")
    check_contents([file.as_posix() for file in files])


def test_metadata():
    about = INSTALLED.metadata
    assert (about["Name"], about["Requires-Python"]) == ("dhcpfo", ">=3.11")
    assert about["License-Expression"] == "MIT"
    assert about.get_all("License-File") == ["LICENSE"]
    assert not [line for line in about.get_all("Requires-Dist") or () if "extra ==" not in line]
    assert {"test", "lint", "dev"} <= set(about.get_all("Provides-Extra"))
    assert "Typing :: Typed" in about.get_all("Classifier")
    assert about["Description-Content-Type"] == "text/markdown"
    assert [entry.value for entry in INSTALLED.entry_points if entry.group == "pytest11"] == ["dhcpfo.pytest_plugin"]


def test_one_wheel_serves_every_python_from_3_11():
    tags = [line for line in INSTALLED.read_text("WHEEL").splitlines() if line.startswith("Tag: ")]
    limited = not sysconfig.get_config_var("Py_GIL_DISABLED")
    assert tags
    assert all(tag.startswith("Tag: cp311-abi3-") == limited for tag in tags)


def test_the_changelog_knows_this_version():
    changelog = ROOT / "CHANGELOG.md"
    assert re.search(rf"^## {re.escape(INSTALLED.version)}\b", changelog.read_text("utf-8"), re.MULTILINE)


# Building


def copy_tree(target):
    """Copy the source tree, for a build that leaves the tree alone."""
    absent = [name for name in BUILD if importlib.util.find_spec(name) is None]
    if absent:
        pytest.skip(f"{' and '.join(absent)} not installed; building needs {' and '.join(BUILD)}")
    if not (ROOT / "setup.py").exists():
        pytest.skip("no source tree here")
    if sys.version_info[:2] != (3, 11):
        pytest.skip("the wheel, which is one for all Pythons, is built by the oldest")
    unwanted = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "__pycache__", "*.so", "*.pyd", "dhcpfo-*")
    shutil.copytree(ROOT, target, ignore=unwanted)
    return target


def build(what, where, target, umask=0o022):
    """Call the build backend as a build frontend does, in a new process."""
    program = f"from setuptools.build_meta import {what} as build; print(build({str(target)!r}))"
    environment = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    done = subprocess.run(
        [sys.executable, "-c", f"import os; os.umask({umask}); {program}"],
        cwd=where,
        env=environment | {"CFLAGS": "-O0"},  # the speed of the compiled code does not matter here
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return target / done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    source = copy_tree(tmp_path_factory.mktemp("source") / "dhcpfo")
    return build("build_sdist", source, tmp_path_factory.mktemp("sdist"))


def unpack(sdist, target):
    with tarfile.open(sdist) as archive:
        archive.extractall(target, filter="data")
    (unpacked,) = target.glob("dhcpfo-*")
    return unpacked


@pytest.fixture(scope="module")
def wheel(sdist, tmp_path_factory):
    return build("build_wheel", unpack(sdist, tmp_path_factory.mktemp("unpacked")), tmp_path_factory.mktemp("wheel"))


def test_the_sdist_holds_what_building_and_testing_needs(sdist):
    with tarfile.open(sdist) as archive:
        files = {name.partition("/")[2] for name in archive.getnames()}
    needed = {
        "pyproject.toml",
        "setup.py",
        "MANIFEST.in",
        "LICENSE",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "src/_dhcpsapi.pyx",
        "src/_loopback.pyx",
        "src/_wire.pyx",
        "src/dhcpsapi.pxd",
        "src/utf16.pxd",
        "src/dhcpfo/py.typed",
        "include/dhcpsapi_abi.h",
        "include/dhcpsapi_layout.h",
        "tools/abi/failover.py",
        "src/runtime.pxi",
        "src/slots.pxi",
        "src/generated/structs_failover.pxi",
        "tests/package/test_packaging.py",
        "tests/conformance",
    }
    assert needed <= files
    made = {name for name in files if name.startswith("src/") and name.endswith(".c")}
    made |= {name for name in files if name.endswith((".so", ".pyd", ".dll", ".pyc", ".o"))}
    assert not made


def test_the_sdist_makes_the_wheel(wheel):
    with zipfile.ZipFile(wheel) as archive:
        check_contents(archive.namelist())
    name, version, *_ = wheel.name.split("-")
    assert (name, version) == ("dhcpfo", INSTALLED.version)


def test_the_wheel_holds_every_module(wheel):
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("dhcpfo/") and name.endswith((".py", ".pyi"))}
    package = ROOT / "src" / "dhcpfo"
    assert packed == {
        f"dhcpfo/{path.relative_to(package).as_posix()}"
        for path in package.rglob("*.py*")
        if path.suffix in (".py", ".pyi")
    }


def test_the_extensions_carry_no_debug_information(wheel):
    with zipfile.ZipFile(wheel) as archive:
        compiled = {name: archive.read(name) for name in archive.namelist() if name.endswith((".so", ".pyd"))}
    assert len(compiled) == len(EXTENSIONS)
    assert not [name for name, content in compiled.items() if b".debug_info" in content]


def age(tree):
    """Give every file another date, as another checkout would."""
    for path in tree.rglob("*"):
        if path.is_file():
            os.utime(path, (1_000_000_000, 1_000_000_000))


def test_the_same_files_make_the_same_sdist(sdist, tmp_path):
    copy = copy_tree(tmp_path / "somewhere" / "else")
    age(copy)
    for name in ("README.md", "setup.py"):
        (copy / name).chmod(0o600)
    again = build("build_sdist", copy, tmp_path, umask=0o077)
    assert again.read_bytes() == sdist.read_bytes()


def test_the_same_files_make_the_same_wheel(sdist, wheel, tmp_path):
    unpacked = unpack(sdist, tmp_path / "a" / "longer" / "path")
    age(unpacked)
    again = build("build_wheel", unpacked, tmp_path, umask=0o077)
    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()
