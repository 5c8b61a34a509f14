"""Why SPNEGO took NTLM and not Kerberos: pyspnego says it only in its debug log, beside tokens."""

from logging import DEBUG, INFO, NOTSET, Filter, LogRecord, getLogger
from threading import local

__all__ = ["Causes", "watch"]


class Causes(Filter):
    """Keeps the reason of this thread's last logon, and lets no debug record pass unless somebody asked for them."""

    def __init__(self) -> None:
        super().__init__()
        self._last = local()

    def filter(self, record: LogRecord) -> bool:
        """Look at a record; return whether it may pass."""
        if record.levelno > DEBUG:
            return True
        given = record.args
        if str(record.msg).startswith("Failed to create") and isinstance(given, tuple) and given[:1] == ("kerberos",):
            self._last.cause = str(given[-1])
        return getLogger("spnego").isEnabledFor(record.levelno)

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
    log = getLogger("spnego._negotiate")
    for known in log.filters:
        if isinstance(known, Causes):
            return known
    causes = Causes()
    log.addFilter(causes)
    if log.level == NOTSET:
        log.setLevel(DEBUG)
    return causes
