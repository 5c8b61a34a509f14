"""The log of the package: one DEBUG record for each call, one INFO record for each change."""

from collections.abc import Callable
from logging import INFO, getLogger
from time import perf_counter
from typing import Any, TypeVar, TypeVarTuple

from .api import CHANGES, FUNCTIONS, ManagementApi
from .errors import DhcpError
from .models import Relationship

log = getLogger("dhcpfo")
listening = log.isEnabledFor

Args = TypeVarTuple("Args")
Answer = TypeVar("Answer")


def call(api: ManagementApi, method: Callable[[*Args], Answer], *args: *Args) -> Answer:
    """Call a method of ``api``, and log it where somebody listens.

    The records carry ``function``, ``server``, ``code`` and ``duration`` (seconds) as attributes; a DEBUG record
    shows them. Arguments other than names are not logged, so no secret can be.
    """
    if not listening(INFO):
        return method(*args)
    return _logged(api, method, args)


def _logged(api: ManagementApi, method: Callable[..., Answer], args: tuple[Any, ...]) -> Answer:
    name = method.__name__
    server = api.server or "this machine"
    code, start = 0, perf_counter()
    try:
        answer = method(*args)
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
        about = {"function": FUNCTIONS[name], "server": server, "code": code, "duration": duration}
        log.debug("%s on %s: code %d in %.3f ms", FUNCTIONS[name], server, code, duration * 1000, extra=about)
        if name in CHANGES and code == 0:
            log.info("%s on %s: relationship %r changed", FUNCTIONS[name], server, _subject(args[0]), extra=about)


def _subject(first: object) -> object:
    return first.name if isinstance(first, Relationship) else first
