"""What can go wrong with an operation on both servers."""

from typing import TYPE_CHECKING, Any

from .text import error_text

if TYPE_CHECKING:
    from ..enums import FailoverState
    from .parts import PairId, Side
    from .plan import Step

__all__ = ["Cancelled", "Conflict", "Left", "NotReached", "PairError", "PairFailure", "Refused"]


class PairFailure(Exception):  # noqa: N818  a base
    """Base of the errors of `FailoverPair`."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(cls: type[PairFailure], args: tuple[Any, ...], attributes: dict[str, Any]) -> PairFailure:
    error = cls.__new__(cls)
    error.args = args
    error.__dict__.update(attributes)
    return error


class Refused(PairFailure):
    """The operation is not allowed as it was asked. Nothing was changed.

    Attributes:
        guards: The names of the guards that would have to be lifted with ``allow=``; empty if that does not help.
    """

    def __init__(self, text: str, guards: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.guards = guards


class Conflict(PairFailure):
    """A server shows something else than expected: somebody else changed it, or the two do not fit each other.

    Attributes:
        side: The server, if it is one of the two.
        expected: What the plan saw there, if a step met the conflict.
        found: What is there now.
    """

    def __init__(self, text: str, *, side: "Side | None" = None, expected: Any = None, found: Any = None) -> None:
        super().__init__(text)
        self.side = side
        self.expected = expected
        self.found = found


class Cancelled(PairFailure):
    """The user pressed Ctrl-C, or the deadline has passed."""


class NotReached(PairFailure, TimeoutError):  # noqa: N818
    """A relationship did not reach a state in time, or cannot reach it.

    Attributes:
        states: The state on each side; None where it could not be read.
        reason: Why waiting longer does not help, or None if only the time ran out.
    """

    def __init__(self, text: str, states: "dict[Side, FailoverState | None]", reason: str | None) -> None:
        super().__init__(text)
        self.states = states
        self.reason = reason


class Left:
    """A difference that a failed operation leaves, or may leave.

    Attributes:
        step: The step.
        why: Why it could not be undone, or what is not known.
        may_arrive: The server had to read back as before, but it may still carry out the lost call.
    """

    __slots__ = ("may_arrive", "step", "why")

    def __init__(self, step: "Step", why: str, *, may_arrive: bool = False) -> None:
        self.step = step
        self.why = why
        self.may_arrive = may_arrive

    def __repr__(self) -> str:
        return f"Left({str(self.step)!r}, {self.why!r}{', may_arrive=True' if self.may_arrive else ''})"


class PairError(PairFailure):
    """An operation failed part-way. Its text says what is undone and what is left, on which server.

    Attributes:
        operation: The name of the method.
        pair: The names of the two servers.
        failed: The step that failed; None if both servers differed at the end.
        number: The number of that step, from 1 on, and ``total`` the number of steps.
        cause: What happened.
        done: The steps that are done and stay so.
        undone: The steps that were done and are undone.
        left: What differs from before, or may, and is not in ``done``.
        remaining: The steps that were not begun.
        as_before: Whether both servers were read and are as before.
        again: What to do to go on, as text.
    """

    def __init__(
        self,
        *,
        operation: str,
        relationship: str,
        pair: "PairId",
        failed: "Step | None",
        number: int,
        total: int,
        cause: BaseException,
        done: "tuple[Step, ...]" = (),
        undone: "tuple[Step, ...]" = (),
        left: tuple[Left, ...] = (),
        remaining: "tuple[Step, ...]" = (),
        as_before: bool = False,
        again: str = "",
    ) -> None:
        self.operation = operation
        self.relationship = relationship
        self.pair = pair
        self.failed = failed
        self.number = number
        self.total = total
        self.cause = cause
        self.done = done
        self.undone = undone
        self.left = left
        self.remaining = remaining
        self.as_before = as_before
        self.again = again
        super().__init__(f"{operation} {relationship} failed")

    def __str__(self) -> str:
        return error_text(self)
