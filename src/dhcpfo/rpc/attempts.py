"""Keeps a wrong password from being tried so often that the account is locked."""

from collections.abc import Callable
from time import monotonic
from typing import TypeVar

from .._wire import NoPlace, Places
from .connection import LogonError
from .sockets import forget_in_children

__all__ = ["REFUSED_BY_KERBEROS", "Attempts", "TooLate"]

MOST = 3
"""Refusals after which a password is not tried for a while. Domains lock an account after five or more."""
PAUSE = 30.0
"""How many seconds that is."""
PATIENCE = 1.0
"""How many seconds a logon waits for another one."""
REFUSED_BY_KERBEROS = ("Preauthentication failed", "Decrypt integrity check failed")
REFUSALS = ("the server refused the logon", "the server ended the logon", *REFUSED_BY_KERBEROS)
"""What errors say after a password may have been counted as a wrong one: once for a logon, which tries it once."""

T = TypeVar("T")


class TooLate(Exception):  # noqa: N818
    """Other logons with the password did not end in time."""


class Attempts:
    """The logons with one password, on all servers: one at a time until it has been accepted, and few in all.

    A logon that hangs lets others pass it by, but as many as may be refused at most.
    """

    def __init__(self) -> None:
        self._accepted = False
        self.forget()
        forget_in_children(self)

    def forget(self) -> None:
        """Begin without logons and without refusals."""
        self._first = Places(1)
        self._trying = Places(MOST)
        self._refused: list[float] = []

    def run(self, deadline: float, log_on: Callable[[], T]) -> T:
        """Return ``log_on()``.

        Args:
            deadline: Until when others are waited for, on the clock of `time.monotonic`.
            log_on: Logs on.

        Raises:
            LogonError: The password was refused too often.
            TooLate: Others did not end in time.
        """
        try:
            if not self._accepted:
                patience = min(deadline, monotonic() + PATIENCE)
                answer: T = self._first.hold(patience, self._wait, deadline, log_on)
                return answer
        except NoPlace:  # a server hangs
            pass
        return self._wait(deadline, log_on)

    def _wait(self, deadline: float, log_on: Callable[[], T]) -> T:
        if self._accepted:  # who refuses it now has another reason
            return log_on()
        try:
            answer: T = self._trying.hold(deadline, self._try, log_on)
        except NoPlace:
            raise TooLate("other logons with the same password have not ended") from None
        return answer

    def _try(self, log_on: Callable[[], T]) -> T:
        refused = len(self._refused)
        left = MOST - refused
        if left <= 0:
            left = int(monotonic() - self._refused[-1] >= PAUSE)
        if self._trying.used > left and not self._accepted:
            problem = (
                f"the password was refused {refused} times; it is not tried again for {PAUSE:g} seconds"
                if refused >= MOST
                else "the password was refused, and it is not tried again before other logons with it have ended"
            )
            raise LogonError(f"{problem}, so that the account is not locked")
        try:
            answer = log_on()
        except Exception as error:
            if any(text in str(error) for text in REFUSALS):
                self._refused.append(monotonic())
            raise
        self._accepted = True
        return answer
