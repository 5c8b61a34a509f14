"""The extensions and the platform switch; everything else is in pyproject.toml."""

import sysconfig

from Cython.Build import cythonize
from setuptools import Extension, setup

WINDOWS = sysconfig.get_platform().startswith("win")
# CPython refuses the limited API together with a free-threaded build.
LIMITED = not sysconfig.get_config_var("Py_GIL_DISABLED")
LIMITED_VERSION = "cp311"


def extension(name: str, *, linked: bool = False) -> Extension:
    macros: list[tuple[str, str | None]] = []
    if LIMITED:
        macros.append(("Py_LIMITED_API", "0x030B0000"))
    if linked:
        macros.append(("DHCPFO_LINKED", None))
    return Extension(
        f"dhcpfo.{name}",
        [f"src/{name}.pyx"],
        include_dirs=["include"],
        define_macros=macros,
        libraries=["dhcpsapi"] if linked else [],
        depends=["include/dhcpsapi_abi.h", "include/dhcpsapi_layout.h", "src/dhcpsapi.pxd", "src/utf16.pxd"],
        py_limited_api=LIMITED,
    )


setup(
    ext_modules=cythonize(
        [extension("_dhcpsapi", linked=WINDOWS), extension("_loopback")],
        include_path=["src"],
    ),
    options={"bdist_wheel": {"py_limited_api": LIMITED_VERSION}} if LIMITED else {},
)
