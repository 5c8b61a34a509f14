"""Link-layer filters: the addresses that a server allows or denies."""

import re
from typing import ClassVar, Self

from ..enums import FilterList
from .base import Model, model

__all__ = ["ETHERNET", "Filter", "FilterLists", "FilterPattern"]

ETHERNET = 1
"""The hardware type of Ethernet."""


@model
class FilterPattern(Model):
    """The link-layer addresses that a filter is about (DHCP_ADDR_PATTERN).

    It prints as ``00-1C-25-80-A0-43``, or ``00-1C-25-*`` for a wildcard. `FilterPattern.parse` reads that text.

    Attributes:
        octets: All bytes of the address, or the first bytes of a wildcard; at most 255.
        wildcard: Whether every address that begins with ``octets`` is meant.
        hardware_type: The hardware type; 1 is Ethernet. A filter of another type exempts that type from filtering: it
            is a wildcard without octets, in the allow list.
        match_hardware_type: Servers accept True only.
    """

    octets: bytes = b""
    wildcard: bool = False
    hardware_type: int = ETHERNET
    match_hardware_type: bool = True

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the pattern of Ethernet addresses that a text stands for.

        Args:
            text: Hexadecimal digits, with dashes, colons, dots or nothing between the bytes. A wildcard ends with one
                asterisk, or with one for each byte that is left out.

        Raises:
            ValueError: The text is something else.
        """
        if not isinstance(text, str):
            raise TypeError(f"pattern must be str, not {type(text).__name__}")
        digits = re.sub(r"[-:.\s]", "", text)
        if not digits or not re.fullmatch(r"(?:[0-9a-fA-F]{2})*\**", digits):
            raise ValueError(f"pattern must be hexadecimal bytes, with * at the end of a wildcard, got {text!r}")
        octets = digits.rstrip("*")
        return cls(octets=bytes.fromhex(octets), wildcard=octets != digits)

    def __str__(self) -> str:
        parts = [f"{octet:02X}" for octet in self.octets]
        shown = "-".join([*parts, "*"] if self.wildcard else parts)
        return shown if self.hardware_type == ETHERNET else f"{shown} (hardware type {self.hardware_type})"


@model
class Filter(Model):
    """An entry of the allow list or the deny list of a server (DHCP_FILTER_ADD_INFO).

    Attributes:
        pattern: The addresses that it is about.
        filter_list: The list that it is in.
        comment: Description, or None.
    """

    pattern: FilterPattern
    filter_list: FilterList
    comment: str | None = None

    _powershell: ClassVar = {"List": "filter_list", "MacAddress": "_mac_address", "Description": "comment"}

    @property
    def _subject(self) -> FilterPattern:
        return self.pattern

    @property
    def _mac_address(self) -> str:
        return str(self.pattern)


@model
class FilterLists(Model):
    """Which of the two lists a server enforces (DHCP_FILTER_GLOBAL_INFO).

    Attributes:
        allow: Whether it serves only the addresses of the allow list.
        deny: Whether it refuses the addresses of the deny list.
    """

    allow: bool
    deny: bool

    _powershell: ClassVar = {"Allow": "allow", "Deny": "deny"}
