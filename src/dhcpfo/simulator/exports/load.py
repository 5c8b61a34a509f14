"""Loads an export into a lab's server, in an open transaction."""

from collections.abc import Callable
from datetime import tzinfo

from ..state import Host, LabState
from ..transaction import Transactions
from .export_xml import read_xml
from .netsh import find_server, read_dump
from .report import ExportReport, Findings
from .source import Source
from .writer import Writer

__all__ = ["load"]


def load(
    transactions: Transactions,
    state: LabState,
    source: Source,
    server: str | None,
    find: Callable[[LabState, str], Host],
    zone: tzinfo,
    code_page: str,
) -> ExportReport:
    """Load an export.

    Args:
        transactions: The lab's transactions; the caller holds the lock and an open transaction.
        state: The state of the lab.
        source: The file.
        server: The server's name or address; None is the one that the file names.
        find: Returns the server of a name or address, which it adds if the lab does not have it.
        zone: The time zone of times that name none.
        code_page: The encoding of a dump that is neither UTF-16 nor UTF-8.

    Raises:
        ValueError: The file is not valid, or no server is named.
    """
    findings = Findings()
    named = server if source.is_xml else find_server(source, code_page)
    chosen = server if server is not None else named
    if chosen is None:
        raise ValueError(f"server must be given: {source.name} does not name its server")
    host = find(state, chosen)
    state.touch(host)
    writer = Writer(transactions, state, host)
    if source.is_xml:
        read_xml(source, writer, findings, zone)
        return findings.report(host.name, "Export-DhcpServer")
    read_dump(source, code_page, writer, findings)
    return findings.report(host.name, "netsh dhcp server dump")
