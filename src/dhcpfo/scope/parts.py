"""What the modules of this package share: what could not be read, and option values by their keys."""

from collections.abc import Iterator
from typing import Any

from ..errors import DhcpError
from ..limits import MAX_DWORD
from ..models import OptionKey, OptionValue
from ..models.base import Model, model
from .frozen import FrozenDict

__all__ = ["DNS_SETTINGS", "INFINITE", "Numbers", "OptionValues", "Unread", "without"]

DNS_SETTINGS = 81
"""The option that has values on every server, but no definition on any."""

INFINITE = MAX_DWORD

OptionValues = FrozenDict[OptionKey, OptionValue]

Numbers = tuple[tuple[int, int], ...]
"""Spans of addresses, ascending."""


@model(kw_only=False)
class Unread(Model):
    """Something that could not be read.

    Attributes:
        part: What it is, such as ``"reservations"`` or ``"options of 10.0.1.50"``.
        error: Why.
    """

    part: str
    error: DhcpError

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Unread):
            return (self.part, _facts(self.error)) == (other.part, _facts(other.error))
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.part, _facts(self.error)))

    def to_dict(self, *, powershell: bool = False) -> dict[str, Any]:
        """Return JSON-ready values: the part, and the error's code, function, server and text."""
        code, function, server, text = _facts(self.error)
        return {
            "part": self.part,
            "code": code,
            "name": self.error.code_name,
            "function": function,
            "server": server,
            "text": text,
        }

    def __str__(self) -> str:
        return f"{self.part}: {self.error}"


def _facts(error: DhcpError) -> tuple[int, str, str | None, str]:
    return error.winerror, error.function, error.server, error.strerror or ""


def without(spans: Numbers, holes: Numbers) -> Iterator[tuple[int, int]]:
    """Yield what is left of ascending spans when ascending holes are cut out."""
    for first, last in spans:
        for start, end in holes:
            if end < first or start > last:
                continue
            if start > first:
                yield first, start - 1
            first = end + 1
        if first <= last:
            yield first, last
