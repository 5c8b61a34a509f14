"""Opening the backend of a real server: Dhcpsapi.dll through the compiled extension."""

import sys

from ..api import ManagementApi
from ..errors import DhcpsapiMissingError
from ..models import AuthorizedServer

__all__ = ["open_dll", "read_directory", "why_not_loaded"]


NOT_WINDOWS = f"Dhcpsapi.dll exists on Windows only, not on {sys.platform}: "
HINT = "run this on a Windows machine with the DHCP server tools, or use dhcpfo.simulator.Lab here."


def open_dll(server: str | None) -> ManagementApi:
    """Return the backend that calls Dhcpsapi.dll.

    Args:
        server: A host name or address; None is this machine.

    Raises:
        DhcpsapiMissingError: Dhcpsapi.dll cannot be used on this machine. The message says why, and what helps.
    """
    try:
        from .._dhcpsapi import NativeApi
    except ImportError as error:
        raise DhcpsapiMissingError(why_not_loaded(error)) from error
    try:
        return NativeApi(server)
    except ImportError as error:
        raise DhcpsapiMissingError(f"{NOT_WINDOWS}name the server to call it over the network, {HINT}") from error


def read_directory() -> tuple[AuthorizedServer, ...]:
    """Return the DHCP servers that Active Directory lists.

    Raises:
        DhcpsapiMissingError: As for `open_dll`.
        DhcpError: The directory cannot be reached, or it refuses.
    """
    try:
        from .._dhcpsapi import enum_servers
    except ImportError as error:
        raise DhcpsapiMissingError(why_not_loaded(error)) from error
    try:
        return enum_servers()
    except ImportError as error:
        raise DhcpsapiMissingError(NOT_WINDOWS + HINT) from error


def why_not_loaded(error: ImportError) -> str:
    """Return the reason why a compiled extension of this package cannot be imported, and what helps.

    Args:
        error: What the import raised.
    """
    from importlib.util import find_spec  # not needed where the import succeeds
    from pathlib import Path

    if find_spec("dhcpfo._dhcpsapi") is None:
        if not Path(__file__).parent.is_dir():
            return (
                f"dhcpfo is imported from inside a zip file, where Python cannot load compiled extensions ({error}): "
                "install dhcpfo into a folder."
            )
        return (
            f"The compiled extension is not part of this installation of dhcpfo ({error}): install a wheel, or a C "
            "compiler and then dhcpfo."
        )
    if sys.platform == "win32" and "DLL load failed" in str(error):
        # Windows' own words tell a missing DLL from a missing function and from a blocked file.
        return (
            f"Dhcpsapi.dll with the failover functions is missing on this machine, or cannot be loaded ({error}): "
            "install the DHCP server tools (RSAT) of Windows Server 2012 or later, or run this on a machine that has "
            "them."
        )
    return f"The compiled extension of dhcpfo is installed, but Python could not load it: {str(error).rstrip('.')}."
