"""The log of the package: one DEBUG record for each call, one INFO record for each change."""

from collections.abc import Callable
from logging import INFO, getLogger
from time import perf_counter
from typing import Any, TypeVar, TypeVarTuple

from .api import CHANGES, FUNCTIONS, ManagementApi
from .errors import DhcpError
from .models import Page, Relationship

log = getLogger("dhcpfo")
listening = log.isEnabledFor

Args = TypeVarTuple("Args")
Answer = TypeVar("Answer")


def call(api: ManagementApi, name: str, method: Callable[[*Args], Answer], *args: *Args) -> Answer:
    """Call the method of ``api`` that has this name, and log it where somebody listens.

    The method is given, too, for the type checker; its own ``__name__`` may be that of a wrapper.

    The records carry ``function``, ``server``, ``code`` and ``duration`` (seconds) as attributes; a DEBUG record
    shows them. Arguments other than names are not logged, so no secret can be.
    """
    if not listening(INFO):
        return method(*args)
    return _logged(api, name, method, args)


def _logged(api: ManagementApi, name: str, method: Callable[..., Answer], args: tuple[Any, ...]) -> Answer:
    server = api.server or "this machine"
    code, start = 0, perf_counter()
    try:
        answer = method(*args)
        code = answer.status if isinstance(answer, Page) else 0
        return answer
    except DhcpError as error:
        code = error.winerror
        raise
    except BaseException:
        code = -1
        raise
    finally:
        duration = perf_counter() - start
        about = {"function": FUNCTIONS[name].name, "server": server, "code": code, "duration": duration}
        log.debug("%s on %s: code %d in %.3f ms", FUNCTIONS[name].name, server, code, duration * 1000, extra=about)
        if name in CHANGES and code == 0:
            log.info("%s on %s: relationship %r changed", FUNCTIONS[name].name, server, _subject(args[0]), extra=about)


def _subject(first: object) -> object:
    return first.name if isinstance(first, Relationship) else first
