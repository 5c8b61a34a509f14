"""Keeps a wrong password from being tried so often that the account is locked."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic

from .connection import LogonError
from .sockets import forget_in_children

__all__ = ["Attempts"]

MOST = 3
"""Refusals after which a password is not tried for a while. Domains lock an account after five or more."""
PAUSE = 30.0
"""How many seconds that is."""
PATIENCE = 1.0
"""How many seconds a logon waits for another one."""
REFUSALS = ("the server refused the logon", "Preauthentication failed", "Decrypt integrity check failed")


class Attempts:
    """The logons with one password, on all servers: one at a time until it has been accepted, and few in all."""

    def __init__(self) -> None:
        self._accepted = False
        self.forget()
        forget_in_children(self)

    def forget(self) -> None:
        """Begin with a lock that nobody holds, and without refusals."""
        self._lock = Lock()
        self._refusals = 0
        self._last = 0.0

    @contextmanager
    def one(self, deadline: float) -> Iterator[None]:
        """Log on inside.

        Args:
            deadline: Until when others are waited for, on the clock of `time.monotonic`.

        Raises:
            LogonError: The password was refused too often.
        """
        if self._accepted:  # who refuses it now has another reason
            yield
            return
        alone = self._lock.acquire(timeout=max(min(PATIENCE, deadline - monotonic()), 0))  # a server may hang
        try:
            if self._refusals >= MOST and monotonic() - self._last < PAUSE:
                raise LogonError(
                    f"the password was refused {self._refusals} times; it is not tried again for {PAUSE:g} seconds, "
                    "so that the account is not locked"
                )
            try:
                yield
            except Exception as error:
                refused = sum(text in str(error) for text in REFUSALS)  # by Kerberos and by NTLM, in one logon
                if refused:
                    self._refusals += refused
                    self._last = monotonic()
                raise
            self._accepted = True
        finally:
            if alone:
                self._lock.release()
