"""Cells of tables, and text that cannot control a terminal."""

from dataclasses import dataclass

__all__ = ["Cell", "Styled", "clean"]


@dataclass(frozen=True, slots=True)
class Styled:
    """A cell with a style of rich, such as ``"bold red"``; without a terminal it is its text."""

    text: str
    style: str = ""


Cell = str | Styled


def clean(text: str, keep: str = "") -> str:
    """Return text without what moves a terminal's cursor or changes its colours; names come from servers."""
    return "".join(c if c.isprintable() or c in keep else repr(c)[1:-1] for c in text)
