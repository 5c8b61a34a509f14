"""What the methods of all families share: the connection they use, and the loop over pages."""

from collections.abc import Callable, Iterator
from itertools import chain
from types import TracebackType
from typing import Any, Self, TypeVar

from ..api import FUNCTIONS, WHOLE, ManagementApi
from ..errors import ErrorCode, from_code
from ..models import Page
from ..models.page import MOST_PAGES, EndlessError, EndRule, follow_pages
from ..trace import Logged

__all__ = ["Connection"]

Item = TypeVar("Item")


class Connection:
    """A connection to one server. Each family of methods derives from it; `Server` combines them."""

    __slots__ = ("__weakref__", "_api", "_backend")

    def __init__(self, api: ManagementApi) -> None:
        self._backend = api
        self._api: ManagementApi = Logged(api)

    @property
    def name(self) -> str | None:
        """The server's name or address as passed when connecting; None for this machine."""
        return self._backend.server

    @property
    def api(self) -> ManagementApi:
        """The backend: one method for each function of the API, without checks."""
        return self._backend

    def close(self) -> None:
        """Close the connection. Does nothing for Dhcpsapi.dll, which keeps none open."""
        self._backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __repr__(self) -> str:
        return f"<Server {'this machine' if self.name is None else self.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        reopen = getattr(self._backend, "reopen", None)
        if reopen is None:
            raise TypeError(f"cannot pickle {self!r}: {type(self._backend).__name__} cannot be opened again")
        answer: tuple[Any, ...] = reopen()
        return answer

    def _follow(
        self,
        enumerate_: Callable[..., Page[Item]],
        rule: EndRule,
        *given: Any,
        start: Any = 0,
        maximum: int = WHOLE,
        most_pages: int = MOST_PAGES,
    ) -> Iterator[Item]:
        """Yield the items of an enumeration; arguments as those of `_pages`."""
        pages = self._pages(enumerate_, rule, *given, start=start, maximum=maximum, most_pages=most_pages)
        return chain.from_iterable(pages)

    def _pages(
        self,
        enumerate_: Callable[..., Page[Item]],
        rule: EndRule,
        *given: Any,
        start: Any = 0,
        maximum: int = WHOLE,
        most_pages: int = MOST_PAGES,
    ) -> Iterator[tuple[Item, ...]]:
        """Yield the items of each page of an enumeration.

        Args:
            enumerate_: The method of the backend.
            rule: How the function signals the end.
            given: The method's arguments before the handle.
            start: The handle of the first page.
            maximum: The preferred maximum of a page, in the function's own measure.
            most_pages: The number of pages after which the server is taken to be looping.
        """
        try:
            yield from follow_pages(
                lambda handle: enumerate_(*given, handle, maximum), rule, start, most_pages=most_pages
            )
        except EndlessError as problem:
            raise from_code(
                ErrorCode.ERROR_INVALID_DATA,
                FUNCTIONS[enumerate_.__name__].name,
                self.name,
                detail=f"the enumeration does not end: {problem}",
            ) from None
