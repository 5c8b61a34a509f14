"""Enumerations: one page of a result, and the loop that follows the pages to the end."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, Generic, NamedTuple, TypeVar

from .base import Model, model

__all__ = [
    "NO_MORE_WITH_LAST_PAGE",
    "SUCCESS_AFTER_COUNT",
    "SUCCESS_WITH_EVERY_PAGE",
    "SUCCESS_WITH_LAST_PAGE",
    "EndRule",
    "EndlessError",
    "Page",
    "follow",
    "follow_pages",
]

SUCCESS, MORE_DATA, NO_MORE_ITEMS = 0, 234, 259

MOST_PAGES = 1_000_000
MOST_EMPTY_PAGES = 100

Item = TypeVar("Item")


@model(kw_only=False)
class Page(Model, Generic[Item]):
    """One page of an enumeration. The functions signal the end in different ways, so the status is part of it.

    Attributes:
        items: The items of this page.
        resume: The handle to pass to the next call: an index, an address or a pattern.
        remaining: How many items the server says are left; an estimate for some functions.
        status: 0, 234 (more data) or 259 (no more items).
    """

    items: tuple[Item, ...]
    resume: Any
    remaining: int
    status: int


class EndRule(NamedTuple):
    """How a function of the API signals the end of an enumeration.

    Attributes:
        more: The status of a page that others follow.
        last: The status of the last page.
        counted: Whether a last page is believed only if nothing remains. Needed where ``more`` and ``last`` are the
            same, and where documents and servers disagree about the status.
    """

    more: int
    last: int
    counted: bool


SUCCESS_WITH_LAST_PAGE = EndRule(MORE_DATA, SUCCESS, counted=False)
"""234 until the last page, which comes with 0: elements, reservations, option definitions, classes, clients."""

SUCCESS_WITH_EVERY_PAGE = EndRule(SUCCESS, SUCCESS, counted=True)
"""0 with every page: scopes. The last one is the one after which nothing remains."""

SUCCESS_AFTER_COUNT = EndRule(MORE_DATA, SUCCESS, counted=True)
"""234 until the last page, which comes with 0 when nothing remains: failover relationships."""

NO_MORE_WITH_LAST_PAGE = EndRule(MORE_DATA, NO_MORE_ITEMS, counted=True)
"""234 until the last page, which comes with 259: option values, policies, filters."""


class EndlessError(Exception):
    """The server does not end the enumeration; the text says how that shows."""


def follow(
    call: Callable[[Any], Page[Item]], rule: EndRule, start: Any = 0, *, most_pages: int = MOST_PAGES
) -> Iterator[Item]:
    """Yield the items of an enumeration, as `follow_pages` yields those of each page."""
    return chain.from_iterable(follow_pages(call, rule, start, most_pages=most_pages))


def follow_pages(
    call: Callable[[Any], Page[Item]], rule: EndRule, start: Any = 0, *, most_pages: int = MOST_PAGES
) -> Iterator[tuple[Item, ...]]:
    """Yield the items of each page of an enumeration, until the server signals the end.

    Memory holds one page at a time. Status 259 always ends an enumeration, and items that come with it count. An error
    of the server ends the iteration with that error, so a complete iteration is a complete result.

    Args:
        call: Fetches the page at a handle.
        rule: How the function signals the end.
        start: The handle of the first page.
        most_pages: The number of pages after which the server is taken to be looping.

    Raises:
        EndlessError: The server announces more without sending it, repeats a handle, sends empty pages only, or
            sends more than ``most_pages`` pages.
    """
    handle = checkpoint = start
    items = empty = 0
    for number in range(1, most_pages + 1):
        page = call(handle)
        yield page.items
        items += len(page.items)
        empty = 0 if page.items else empty + 1
        no_progress = page.resume == handle
        if _is_last(page, rule, no_progress):
            return
        if no_progress or page.resume == checkpoint:
            raise EndlessError(f"{items} items read, {page.remaining} announced, but the handle {handle!r} repeats")
        if empty > MOST_EMPTY_PAGES:
            raise EndlessError(f"{items} items read, {page.remaining} announced, then {empty} empty pages")
        handle = page.resume
        # Compared with each handle after it, a checkpoint that moves ever more rarely finds a cycle of any length.
        if number & (number - 1) == 0:
            checkpoint = handle
    raise EndlessError(f"{items} items read in {most_pages} pages")


def _is_last(page: Page[Any], rule: EndRule, no_progress: bool) -> bool:
    if page.status == NO_MORE_ITEMS:
        return True
    if page.status != SUCCESS:
        return False
    if rule.last == SUCCESS and not rule.counted:
        return True
    # Some servers count the items of the page they send as remaining.
    return page.remaining == 0 or (no_progress and page.remaining == len(page.items))
