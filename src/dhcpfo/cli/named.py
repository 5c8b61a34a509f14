"""Pairs by name."""

from collections.abc import Sequence
from typing import Any, NamedTuple

__all__ = ["Named", "some"]

MOST = 6
"""Names that a line lists."""


def some(names: Sequence[str], between: str = ", ") -> str:
    """Return names as text, of many the first ones and how many there are more."""
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return between.join(names[:MOST]) + more


class Named(NamedTuple):
    """A pair by name, not opened yet.

    Attributes:
        name: Its name in the file, or ``A,B``.
        servers: The names of its servers; the first is the primary of new relationships.
        options: More arguments of `FailoverPair`, such as ``primary_address``.
    """

    name: str
    servers: tuple[str, str]
    options: tuple[tuple[str, Any], ...] = ()
