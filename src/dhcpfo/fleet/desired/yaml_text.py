"""Texts as YAML, quoted where they need it."""

import re

__all__ = ["Unwritable", "comment", "flow", "quoted", "scalar"]

SAFE = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./%+@-]*(?: [A-Za-z0-9_./%+@-]+)*", re.ASCII)
EMPTY = frozenset({"null", "Null", "NULL"})


class Unwritable(ValueError):  # noqa: N818  it is about a text
    """A text that no YAML file can hold: half of a surrogate pair."""


def scalar(text: str) -> str:
    """Return a text as YAML reads it back.

    Raises:
        Unwritable: It holds half of a surrogate pair.
    """
    if SAFE.fullmatch(text) and text not in EMPTY:
        return text
    if not text.isprintable() or any(ord(one) > MOST_PLAIN for one in text):
        return '"' + "".join(map(_escaped, text)) + '"'
    return "'" + text.replace("'", "''") + "'"


MOST_PLAIN = 0xD7FF


def _escaped(one: str) -> str:
    number = ord(one)
    if 0xD800 <= number <= 0xDFFF:
        raise Unwritable(f"half of a surrogate pair, U+{number:04X}")
    if one in '"\\':
        return "\\" + one
    if one.isprintable() and number <= MOST_PLAIN:
        return one
    return f"\\U{number:08X}"


def flow(texts: tuple[str, ...] | list[str]) -> str:
    """Return a list in one line; a list of one text is that text."""
    shown = [quoted(text) for text in texts]
    return shown[0] if len(shown) == 1 else f"[{', '.join(shown)}]"


def comment(text: str) -> str:
    """Return a text as a comment may have it."""
    return "".join(one if one.isprintable() else "?" for one in text).encode("utf-8", "replace").decode()


def quoted(text: str) -> str:
    """Return a text inside brackets, where some marks mean more."""
    found = scalar(text)
    return f"'{found}'" if found[0] not in "'\"" and set(found) & set("[]") else found
