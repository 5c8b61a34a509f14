"""Why SPNEGO took NTLM and not Kerberos: pyspnego says it only in its debug log, beside tokens."""

from logging import INFO, NOTSET, getLogger
from threading import local
from typing import Any

__all__ = ["Causes", "watch"]


class Causes:
    """Stands before a logger of pyspnego and keeps the reason of this thread's last logon, even if nobody logs."""

    def __init__(self, log: Any) -> None:
        self._log = log
        self._last = local()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def debug(self, message: object, *given: object, **options: Any) -> None:
        """Look at a message, and hand it on."""
        if str(message).startswith("Failed to create") and given[:1] == ("kerberos",):
            self._last.cause = str(given[-1])
        options["stacklevel"] = options.get("stacklevel", 1) + 1
        self._log.debug(message, *given, **options)

    def take(self) -> str:
        """Return the reason and forget it; empty if Kerberos did not fail."""
        cause: str = getattr(self._last, "cause", "")
        self._last.cause = ""
        return cause


def watch() -> Causes:
    """Return what keeps the reasons, and keep tokens, from which passwords can be guessed, out of logs."""
    tokens = getLogger("spnego")
    if tokens.level == NOTSET:
        tokens.setLevel(INFO)
    from spnego import _negotiate

    if not isinstance(_negotiate.log, Causes):
        _negotiate.log = Causes(_negotiate.log)
    causes: Causes = _negotiate.log
    return causes
