"""Pairs by name."""

from typing import Any, NamedTuple

__all__ = ["Named"]


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
