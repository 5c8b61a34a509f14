"""What an operation reports while it runs and at its end, and how Ctrl-C reaches it."""

import signal
import threading
from dataclasses import dataclass
from types import FrameType
from typing import Any

from .plan import Plan, Step
from .text import result_text

__all__ = ["Event", "Interrupt", "Result"]


@dataclass(frozen=True, slots=True)
class Event:
    """Progress of an operation.

    Attributes:
        what: ``"step"`` before a step, ``"done"``, ``"already"`` (was so, nothing was sent), ``"waiting"``,
            ``"uncertain"`` (the outcome of a call is unknown; the server is read), ``"undone"``, ``"left"``,
            ``"closing"`` before both servers are compared, or ``"states"`` while waiting for a state.
        number: The number of the step, from 1 on.
        total: The number of steps.
        step: The step, if there is one.
        text: More for people.
    """

    what: str
    number: int = 0
    total: int = 0
    step: Step | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What an operation did.

    Attributes:
        plan: The plan.
        done: The steps that were carried out.
        already: The steps that somebody had carried out before.
        uncertain: Steps in ``done`` of which a call was lost: the server may carry out that call once more, later.
        notes: What to know afterwards.
    """

    plan: Plan
    done: tuple[Step, ...] = ()
    already: tuple[Step, ...] = ()
    uncertain: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything was sent."""
        return bool(self.done)

    def __str__(self) -> str:
        return result_text(self)


class Interrupt:
    """Turns Ctrl-C into a flag while an operation runs. Outside the main thread it does nothing."""

    def __init__(self) -> None:
        self.count = 0
        self._before: Any = None

    def __enter__(self) -> "Interrupt":
        main = threading.current_thread() is threading.main_thread()
        if main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._before = signal.signal(signal.SIGINT, self._pressed)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _pressed(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
