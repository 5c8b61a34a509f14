"""The log of the package: one DEBUG record for each call, one INFO record for each change."""

import logging
from collections.abc import Callable
from time import perf_counter
from typing import Any, ParamSpec, TypeVar

from .api import CHANGES, FUNCTIONS
from .errors import DhcpError
from .models import Relationship

log = logging.getLogger("dhcpfo")

Args = ParamSpec("Args")
Answer = TypeVar("Answer")


def call(method: Callable[Args, Answer], *args: Args.args, **kwargs: Args.kwargs) -> Answer:
    """Call a method of a `ManagementApi`, and log it where somebody listens.

    The records carry ``function``, ``server``, ``code`` and ``duration`` (seconds) as attributes; a DEBUG record
    shows them. Arguments other than names are not logged, so no secret can be.
    """
    if not log.isEnabledFor(logging.INFO):
        return method(*args, **kwargs)
    return _logged(method, args, kwargs)


def _logged(method: Callable[..., Answer], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Answer:
    name = method.__name__
    server = method.__self__.server or "this machine"  # type: ignore[attr-defined]  # a bound method of a route
    code, start = 0, perf_counter()
    try:
        answer = method(*args, **kwargs)
        code = getattr(answer, "status", 0)
        return answer
    except DhcpError as error:
        code = error.winerror
        raise
    except BaseException:
        code = -1
        raise
    finally:
        duration = perf_counter() - start
        about = {"function": FUNCTIONS[name], "dhcp_server": server, "code": code, "duration": duration}
        log.debug("%s on %s: code %d in %.3f ms", FUNCTIONS[name], server, code, duration * 1000, extra=about)
        if name in CHANGES and code == 0:
            log.info("%s on %s: relationship %r changed", FUNCTIONS[name], server, _subject(args[0]), extra=about)


def _subject(first: object) -> object:
    return first.name if isinstance(first, Relationship) else first
