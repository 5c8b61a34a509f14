"""One answer of an enumeration."""

from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Page"]

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One answer of an enumeration; each function has end rules of its own, so the status is part of it.

    Attributes:
        items: What was returned.
        resume: The handle for the next call.
        remaining: How many the server says are not enumerated yet.
        status: 0, 234 (more data) or 259 (no more items).
    """

    items: tuple[Item, ...]
    resume: int
    remaining: int
    status: int
