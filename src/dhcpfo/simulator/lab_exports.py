"""The part of `Lab` that reads what real servers export."""

from datetime import UTC, tzinfo
from ipaddress import IPv4Address
from os import PathLike
from typing import TYPE_CHECKING, BinaryIO

from ..arguments import text
from ..models import AddressLike
from ..models.convert import wrong_type
from .lab_base import LabBase
from .lab_servers import find_or_add
from .transaction import exclusive

if TYPE_CHECKING:
    from .exports import ExportReport

__all__ = ["LabExports"]


class LabExports(LabBase):
    """Copies of real servers."""

    @exclusive
    def load_export(
        self,
        file: str | PathLike[str] | BinaryIO,
        server: AddressLike | None = None,
        *,
        time_zone: tzinfo = UTC,
        code_page: str = "cp850",
    ) -> "ExportReport":
        """Read what a real server exports into a server of the lab, to rehearse on a copy of a real network.

        The file is the XML of `Export-DhcpServer`, with ``-Leases`` or without, or the text of ``netsh dhcp server
        dump``. Its parts are written by the rules of the server. The report lists each part that is unknown or that
        the server refuses, with its line. A dump has no leases and no policies, and neither format has failover
        relationships.

        The whole file is one transaction. Memory holds one scope of the file at a time, and no more than one lease.

        Args:
            file: A path, or a binary file that is open for reading.
            server: The name or address of the server. One that the lab does not have is added; without an address of
                its own it gets the next one from 192.0.2.1 on. A dump names its server, an XML file does not.
            time_zone: The time zone of the exporting server; the times in XML files often have none.
            code_page: The encoding of a dump that is neither UTF-16 nor UTF-8.

        Raises:
            OSError: The file cannot be read.
            ValueError: The file is neither of the two, is damaged, or has a document type (DTD), or no server is named.
                The message has the line, and the lab is unchanged.

        Example:
            >>> report = lab.load_export("dhcp1.xml", "dhcp1")
            >>> print(report)
            Export-DhcpServer -> dhcp1: 3 option definitions, 12 option values, 2 scopes, 40 leases
        """
        from .exports.load import load
        from .exports.source import opened

        if not isinstance(server, str | IPv4Address | None):
            raise wrong_type("server", server, "str or IPv4Address")
        name = None if server is None else text("server", str(server))
        if not isinstance(time_zone, tzinfo):
            raise wrong_type("time_zone", time_zone, "tzinfo")
        try:
            "x".encode(text("code_page", code_page))
        except LookupError:
            raise ValueError(f"code_page must be the name of a text encoding, got {code_page!r}") from None
        with opened(file) as source, self._transactions.begin(whole=False) as state:
            return load(self._transactions, state, source, name, find_or_add, time_zone, code_page)
