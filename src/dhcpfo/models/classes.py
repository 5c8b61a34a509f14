"""User and vendor classes."""

from .base import Model, model

__all__ = ["DhcpClass"]


@model
class DhcpClass(Model):
    """A user class or vendor class (DHCP_CLASS_INFO, Get-DhcpServerv4Class).

    A client belongs to a user class if its option 77 equals ``data``, and to a vendor class if its option 60 does.

    Attributes:
        name: The name under which options and policies refer to the class.
        data: The bytes that the clients of the class send, 1 to 255 of them.
        is_vendor: Whether it is a vendor class; otherwise it is a user class.
        description: A comment, or None.
        flags: Undocumented; 0.
    """

    name: str | None
    data: bytes
    is_vendor: bool = False
    description: str | None = None
    flags: int = 0

    _powershell = {
        "Name": "name",
        "Type": "_type",
        "Data": "_data",
        "AsciiData": "_text",
        "Description": "description",
    }

    @property
    def _type(self) -> str:
        return "Vendor" if self.is_vendor else "User"

    @property
    def _data(self) -> str:
        return f"0x{self.data.hex().upper()}"

    @property
    def _text(self) -> str:
        return self.data.decode("ascii", "replace")
