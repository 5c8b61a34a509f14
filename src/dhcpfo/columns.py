"""Columns of text on a terminal, where letters of East Asia take two cells and accents none."""

from collections.abc import Iterable, Sequence

__all__ = ["aligned", "padded", "width"]

WIDE = "WF"
NO_CELL = frozenset(("Mn", "Me", "Mc", "Cf"))
"""Categories of characters that are drawn onto the one before, or not at all."""

JAMO = range(0x1160, 0x1200)
"""Vowels and finals of Hangul, which are drawn into the syllable that a wide letter begins."""

AS_PICTURE = "\ufe0f"
"""Makes a picture, which is wide, of the sign before it."""


def width(text: str) -> int:
    """Return how many cells of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    cells = last = 0
    for letter in text:
        if letter == AS_PICTURE and last == 1:
            cells, last = cells + 1, 2
        elif category(letter) not in NO_CELL and ord(letter) not in JAMO:
            last = 2 if east_asian_width(letter) in WIDE else 1
            cells += last
    return cells


def padded(text: str, cells: int, *, right: bool = False) -> str:
    """Return a text with blanks behind it, or before it if it belongs ``right``, so that it takes some cells."""
    blanks = " " * (cells - width(text))
    return blanks + text if right else text + blanks


def aligned(rows: Iterable[Sequence[str]], *, right: Iterable[int] = (), between: str = "  ") -> list[str]:
    """Return rows as lines with their columns below each other.

    Args:
        rows: Rows of the same length.
        right: The columns that are aligned at their right ends.
        between: What stands between two columns.
    """
    lines = [tuple(row) for row in rows]
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    ends = set(right)
    return [
        between.join(padded(cell, widths[at], right=at in ends) for at, cell in enumerate(line)).rstrip()
        for line in lines
    ]
