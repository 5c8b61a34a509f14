"""Cells of tables, and text that cannot control a terminal."""

from dataclasses import dataclass

from ..columns import aligned, padded, width

__all__ = ["Cell", "Styled", "aligned", "clean", "padded", "width"]

BLANKS = frozenset("\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000")
"""Blanks of other widths, which are harmless and which names in Chinese and Japanese have."""


@dataclass(frozen=True, slots=True)
class Styled:
    """A cell with a style of rich, such as ``"bold red"``; without a terminal it is its text."""

    text: str
    style: str = ""


Cell = str | Styled


def clean(text: str, keep: str = "") -> str:
    """Return text without what moves a terminal's cursor or changes its colours; names come from servers."""
    return "".join(c if c.isprintable() or c in keep or c in BLANKS else repr(c)[1:-1] for c in text)
