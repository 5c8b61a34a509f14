"""Ctrl-C while results are collected: noted at once, and raised where no result can be lost."""

import signal
import threading
from collections.abc import Callable
from types import FrameType

__all__ = ["Interrupts"]


class Interrupts:
    """Notes Ctrl-C while its block runs, where Python would raise `KeyboardInterrupt` at any instruction.

    A second Ctrl-C in the same block is raised at once: something in it may hang. Other handlers than Python's stay as
    they are.

    Args:
        wake: Ends a wait in the block; it must be safe in a signal handler.

    Attributes:
        noted: Whether Ctrl-C was pressed and has not been raised.
    """

    def __init__(self, wake: Callable[[], object]) -> None:
        self.noted = False
        self._wake = wake
        self._replaced = False

    def __enter__(self) -> None:
        main = threading.current_thread() is threading.main_thread()
        if main and signal.getsignal(signal.SIGINT) in (signal.default_int_handler, self._note):
            self._replaced = True
            signal.signal(signal.SIGINT, self._note)

    def __exit__(self, *_: object) -> None:
        if self._replaced:
            self._replaced = False
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.noted:
            raise KeyboardInterrupt
        self.noted = True
        self._wake()

    def raise_noted(self) -> None:
        """Raise `KeyboardInterrupt` if Ctrl-C was pressed in the block."""
        if self.noted:
            self.noted = False
            raise KeyboardInterrupt
