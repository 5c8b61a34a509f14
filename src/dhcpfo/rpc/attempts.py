"""Keeps a wrong password from being tried so often that the account is locked."""

from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any, TypeVar

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

FREE = object()
"""Says that nobody need wait any more."""

T = TypeVar("T")


class TooLate(Exception):  # noqa: N818
    """Other logons with the password did not end in time."""


class Attempts:
    """The times that one password is tried, on all servers: one by one until it has been accepted, and few in all.

    Whoever hangs lets others pass it by, but as many as may be refused at most.
    """

    def __init__(self) -> None:
        self._accepted = False
        self.forget()
        forget_in_children(self)

    def forget(self) -> None:
        """Begin without refusals, and without anybody at work."""
        self._first = Places(1)
        self._trying = Places(MOST)
        self._refused: list[float] = []

    def accept(self) -> None:
        """Take note that the password is right: who refuses it from now on has another reason."""
        self._accepted = True

    def run(self, deadline: float, work: Callable[[], T]) -> T:
        """Return ``work()``.

        Args:
            deadline: Until when others are waited for, on the clock of `time.monotonic`.
            work: Tries the password, once.

        Raises:
            LogonError: The password was refused too often.
            TooLate: Others did not end in time.
        """
        if not self._accepted:
            answer: Any = self._in_turn(deadline, work)
            if answer is not FREE:
                return answer  # type: ignore[no-any-return]
        return work()

    def _in_turn(self, deadline: float, work: Callable[[], Any]) -> Any:
        with suppress(NoPlace):  # somebody hangs
            return self._first.hold(min(deadline, monotonic() + PATIENCE), self._beside_few, deadline, work)
        return self._beside_few(deadline, work)

    def _beside_few(self, deadline: float, work: Callable[[], Any]) -> Any:
        try:
            return self._trying.hold(deadline, self._try, work)
        except NoPlace:
            raise TooLate("other logons with the same password have not ended") from None

    def _try(self, work: Callable[[], Any]) -> Any:
        if self._accepted:
            return FREE
        refused = len(self._refused)
        left = MOST - refused
        if left <= 0:
            left = int(monotonic() - self._refused[-1] >= PAUSE)
        if self._trying.used > left:
            problem = (
                f"the password was refused {refused} times; it is not tried again for {PAUSE:g} seconds"
                if refused >= MOST
                else "the password was refused, and it is not tried again before other logons with it have ended"
            )
            raise LogonError(f"{problem}, so that the account is not locked")
        try:
            return work()
        except Exception as error:
            if any(text in str(error) for text in REFUSALS):
                self._refused.append(monotonic())
            raise
