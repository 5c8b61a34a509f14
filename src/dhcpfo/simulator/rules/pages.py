"""Pages of enumerations: the entries from a handle on that fit into a preferred maximum."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ...errors import ErrorCode
from ...models import Page
from ..transaction import Call

__all__ = ["page_of", "text_bytes"]

Entry = TypeVar("Entry")


def page_of(
    call: Call,
    entries: Sequence[Entry],
    resume: int,
    maximum: int,
    size: Callable[[Entry], int],
    *,
    last: ErrorCode = ErrorCode.ERROR_SUCCESS,
    more: ErrorCode = ErrorCode.ERROR_MORE_DATA,
    empty: ErrorCode = ErrorCode.ERROR_NO_MORE_ITEMS,
) -> Page[Entry]:
    """Return the page that begins at an index, which is also the handle.

    Args:
        call: The call; a fault may limit the number of entries.
        entries: All entries, in order.
        resume: The index of the first one to return.
        maximum: The preferred maximum, in the measure of ``size``.
        size: What an entry counts: bytes, or 1 where the maximum counts entries.
        last: The status of the last page.
        more: The status of a page that others follow.
        empty: The status if there is nothing at the handle.
    """
    rest: Sequence[Any] = entries[resume:]
    if not rest:
        return Page((), resume, 0, int(empty))
    count, used = 0, 0
    for entry in rest:
        used += size(entry)
        if used > maximum:
            break
        count += 1
    if count == 0 and call.lab.switches.at_least_one_entry:
        count = 1
    if call.page_items is not None:
        count = min(count, call.page_items)
    status = last if count == len(rest) else more
    return Page(tuple(rest[:count]), resume + count, len(rest) - count, int(status))


def text_bytes(text: str | None) -> int:
    """Return the bytes of a text with its end."""
    return 0 if text is None else 2 * (len(text.encode("utf-16-le", "surrogatepass")) // 2 + 1)
