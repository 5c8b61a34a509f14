"""Values as people write them on a command line."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError

from ..pair.parts import shown_duration
from .problems import Problem

__all__ = ["EXISTING", "duration", "one_of", "one_scope", "scopes", "shown_duration", "words"]

UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
EXISTING = ("refuse", "complete", "overwrite")
"""What becomes of scopes that the other server has already."""

PART = re.compile(r"(\d+)([dhms])")


def duration(option: str, text: str) -> timedelta:
    """Read a duration such as 90s, 45m, 1h30m or 2d; a number without a unit is seconds.

    Raises:
        Problem: It is none.
    """
    written = text.strip().lower()
    if written.isascii() and written.isdigit():
        written += "s"
    parts = PART.findall(written)
    if not parts or "".join(number + unit for number, unit in parts) != written:
        raise Problem(f"{option} must be a time such as 90s, 45m or 1h30m, got {text}")
    try:
        return timedelta(seconds=sum(int(number) * UNITS[unit] for number, unit in parts))
    except (OverflowError, ValueError):
        raise Problem(f"{option} is too long: {text}") from None


def one_of(option: str, text: str, choices: Sequence[str]) -> str:
    """Return a word that must be one of some.

    Raises:
        Problem: It is not.
    """
    if text not in choices:
        raise Problem(f"{option} must be one of {', '.join(choices)}, got {text}")
    return text


def words(choices: Iterable[str]) -> Callable[[str], list[str]]:
    """Return what completes one of some words in a shell."""
    known = tuple(choices)

    def completed(incomplete: str) -> list[str]:
        return [one for one in known if one.startswith(incomplete)]

    return completed


def scopes(option: str, texts: list[str] | tuple[str, ...]) -> list[IPv4Address]:
    """Read network addresses of scopes, separated by commas or blanks, with or without their mask.

    Raises:
        Problem: One is none, or nothing is given.
    """
    found = []
    for text in " ".join(texts).replace(",", " ").split():
        try:
            found.append(IPv4Network(text).network_address if "/" in text else IPv4Address(text))
        except (AddressValueError, NetmaskValueError, ValueError):
            raise Problem(f"{option} must be the network addresses of scopes, such as 10.0.1.0, got {text}") from None
    if not found:
        raise Problem(f"{option} must not be empty")
    return found


def one_scope(option: str, text: str) -> IPv4Address:
    """Read the network address of one scope.

    Raises:
        Problem: It is none, or they are several.
    """
    found = scopes(option, [text])
    if len(found) > 1:
        raise Problem(f"{option} must be one scope, got {text}")
    return found[0]
