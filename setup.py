"""The extensions, the platform switch, and archives that do not depend on when and where they are made.

Everything else is in pyproject.toml.
"""

import gzip
import multiprocessing
import os
import sys
import sysconfig
import tarfile
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.sdist import sdist
from setuptools.errors import CompileError, PlatformError

# sys.platform also knows MSYS2, sysconfig also a cross-build.
WINDOWS = sys.platform == "win32" or sysconfig.get_platform().startswith("win")
DLL = ["dhcpsapi"] if WINDOWS else []
LOADER = ["dl"] if sys.platform == "linux" and not WINDOWS else []  # dlopen, before glibc 2.34
# CPython refuses the limited API together with a free-threaded build.
LIMITED = not sysconfig.get_config_var("Py_GIL_DISABLED")
LIMITED_VERSION = "cp311"

# The extensions are made side by side where that is safe: by Cython in processes that can be forked, because this file
# cannot be imported again; by the compiler in threads, but not on Windows, where its environment is prepared first.
PROCESSES = (os.cpu_count() or 1) if multiprocessing.get_start_method() == "fork" else 0
PARALLEL = os.name == "posix"

# The date of every file in a wheel or sdist unless the builder sets another: 1980, the earliest that a zip can hold.
EPOCH = int(os.environ.setdefault("SOURCE_DATE_EPOCH", "315532800"))
os.umask(0o022)  # a wheel also records the modes of its files
# A change to any of these compiles all extensions again.
INCLUDED = sorted(path.as_posix() for pattern in ("include/*.h", "src/**/*.px[di]") for path in Path().glob(pattern))


def extension(name: str, *libraries: str) -> Extension:
    macros: list[tuple[str, str | None]] = []
    if LIMITED:
        macros.append(("Py_LIMITED_API", "0x030B0000"))
    if "dhcpsapi" in libraries:
        macros.append(("DHCPFO_LINKED", None))
    return Extension(
        f"dhcpfo.{name}",
        [f"src/{name}.pyx"],
        include_dirs=["include"],
        define_macros=macros,
        libraries=list(libraries),
        depends=INCLUDED,
        py_limited_api=LIMITED,
    )


class SmallBuild(build_ext):
    """Compiles without debug information, which is most of an extension, and without the time of linking."""

    def build_extensions(self) -> None:
        microsoft = self.compiler.compiler_type == "msvc"
        for each in self.extensions:
            if microsoft:
                each.extra_link_args.append("/Brepro")
            else:
                each.extra_compile_args.append("-g0")
                if each.name == "dhcpfo._wire":  # much generated code, which -O3 only makes larger
                    each.extra_compile_args.append("-O2")
        try:
            super().build_extensions()
        except (CompileError, PlatformError) as error:
            raise PlatformError(f"{error}\nBuilding dhcpfo needs a working C compiler: see docs/install.md") from error


class SameBytes(sdist):
    """Writes the same archive whenever it has the same files: sorted, with one date, owner and set of modes."""

    def make_archive(self, base_name: str, *_: object, **keywords: str) -> str:
        name = f"{base_name}.tar.gz"
        with (
            Path(name).open("wb") as stream,
            gzip.GzipFile("", "wb", fileobj=stream, mtime=EPOCH) as packed,
            tarfile.open(fileobj=packed, mode="w") as archive,
        ):
            for path in sorted(Path(keywords["base_dir"]).rglob("*")):
                archive.add(path, recursive=False, filter=neutral)
        return name


def neutral(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mtime, member.uid, member.gid, member.uname, member.gname = EPOCH, 0, 0, "", ""
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return member


setup(
    ext_modules=cythonize(
        [extension("_dhcpsapi", *DLL), extension("_loopback"), extension("_wire", *LOADER)],
        include_path=["src"],
        nthreads=PROCESSES,
    ),
    cmdclass={"build_ext": SmallBuild, "sdist": SameBytes},
    options={
        "build_ext": {"parallel": PARALLEL},
        **({"bdist_wheel": {"py_limited_api": LIMITED_VERSION}} if LIMITED else {}),
    },
)
