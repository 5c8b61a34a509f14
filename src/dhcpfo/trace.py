"""The log of the package: one DEBUG record for each call, one INFO record for each change."""

from collections.abc import Callable
from time import perf_counter
from typing import Any

from .api import CHANGES, FUNCTIONS, ManagementApi
from .errors import DhcpError
from .logs import INFO, Log
from .models import Page

__all__ = ["Logged"]

_log = Log("dhcpfo")

_KEYS = {
    "failover": "relationship",
    "scopes": "scope",
    "elements": "scope",
    "clients": "client",
    "options": "option",
    "classes": "class",
    "policies": "policy",
    "filters": "filter",
}
"""What the first argument of a family's changing functions identifies, where that is not a thing of its name."""


class _Carrier:
    """Carries the calls of a backend; `Logged` adds one method for each API function."""

    __slots__ = ("_api",)

    def __init__(self, api: ManagementApi) -> None:
        self._api = api

    @property
    def server(self) -> str | None:
        """The server as people name it; None for this machine."""
        return self._api.server

    def close(self) -> None:
        """Release the backend's connection."""
        self._api.close()


def _carry(method: str) -> Callable[..., Any]:
    """Return the method of `Logged` that calls the method of this name, with positional arguments."""
    wants = _log.wants  # looked up once: with logging off this check is nearly all that a call costs

    def carry(self: _Carrier, *args: Any) -> Any:
        if wants(INFO):
            return _logged(self._api, method, args)
        return getattr(self._api, method)(*args)

    # Most methods have few arguments; without a tuple in between they take a fifth less time.
    def carry_none(self: _Carrier) -> Any:
        return _logged(self._api, method, ()) if wants(INFO) else getattr(self._api, method)()

    def carry_one(self: _Carrier, one: Any, /) -> Any:
        return _logged(self._api, method, (one,)) if wants(INFO) else getattr(self._api, method)(one)

    def carry_two(self: _Carrier, one: Any, two: Any, /) -> Any:
        return _logged(self._api, method, (one, two)) if wants(INFO) else getattr(self._api, method)(one, two)

    by_count: dict[int, Callable[..., Any]] = {1: carry_none, 2: carry_one, 3: carry_two}
    offered = getattr(ManagementApi, method)
    made = carry if offered.__defaults__ else by_count.get(offered.__code__.co_argcount, carry)
    made.__name__ = method
    made.__qualname__ = f"Logged.{method}"
    made.__doc__ = f"{FUNCTIONS[method].name}."
    return made


Logged: Any = type("Logged", (_Carrier,), {"__slots__": (), "__module__": __name__} | {m: _carry(m) for m in FUNCTIONS})
"""A `ManagementApi` that passes each call to another one and logs it if DEBUG or INFO logging is enabled.

The records carry ``function``, ``server``, ``code`` and ``duration`` (seconds) as attributes. Only the first argument
of a change, the name of what changed, is logged, so no secret can be.
"""


def _logged(api: ManagementApi, method: str, args: tuple[Any, ...]) -> Any:
    function, server = FUNCTIONS[method], api.server or "this machine"
    code, start = 0, perf_counter()
    try:
        answer = getattr(api, method)(*args)
        code = answer.status if isinstance(answer, Page) else 0
        return answer
    except DhcpError as error:
        code = error.winerror
        raise
    except BaseException:
        code = -1
        raise
    finally:
        duration, log = perf_counter() - start, _log.logger
        about = {"function": function.name, "server": server, "code": code, "duration": duration}
        log.debug("%s on %s: code %d in %.3f ms", function.name, server, code, duration * 1000, extra=about)
        if method in CHANGES and code == 0:
            subject = _subject(args[0]) if args else None
            key = _KEYS.get(function.family, function.family)
            shown = repr(subject) if isinstance(subject, str) else str(subject)
            log.info("%s on %s: %s %s changed", function.name, server, key, shown, extra=about)


def _subject(first: Any) -> Any:
    """Return what identifies the thing that a change is about."""
    return getattr(first, "_subject", getattr(first, "name", first))
