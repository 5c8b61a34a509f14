"""Reads what real servers export: `Export-DhcpServer` files and the text of ``netsh dhcp server dump``."""

from .report import ExportReport, Unread

__all__ = ["ExportReport", "Unread"]
