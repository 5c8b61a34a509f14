"""Single keys from a terminal, which is left as it was."""

import os
import sys
import time
from collections import deque
from types import TracebackType
from typing import Any

__all__ = ["Keyboard"]

NAMES = {"\x1b[A": "up", "\x1b[B": "down", "\x1bOA": "up", "\x1bOB": "down", "\x1b": "q", "\x04": "q", "\t": "down"}
QUIT = "q"
PAUSE = 0.02
"""Seconds between two looks at the keyboard on Windows, which has nothing to wait for."""


def split(text: str) -> list[str]:
    """Return the keys in what a terminal sent; sequences that mean nothing here are left out."""
    keys = []
    while text:
        length = 3 if text[:2] in ("\x1b[", "\x1bO") else 1
        key, text = text[:length], text[length:]
        if length == 3 or key in NAMES:
            keys += [NAMES[key]] if key in NAMES else []
        elif key.isprintable():
            keys.append(key.lower())
    return keys


class Keyboard:
    r"""Reads keys one by one, without Enter and without showing them.

    Ctrl-C still interrupts. Ctrl-Z and Ctrl-\ do nothing: they would leave the terminal half-way.
    """

    def __init__(self) -> None:
        self._keys: deque[str] = deque()
        self._saved: Any = None

    def __enter__(self) -> "Keyboard":
        if sys.platform != "win32":
            import termios
            import tty

            terminal = sys.stdin.fileno()
            self._saved = termios.tcgetattr(terminal)
            tty.setcbreak(terminal)
            modes = termios.tcgetattr(terminal)
            for key in (termios.VSUSP, termios.VQUIT):
                modes[6][key] = os.fpathconf(terminal, "PC_VDISABLE").to_bytes(1)
            termios.tcsetattr(terminal, termios.TCSANOW, modes)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if sys.platform != "win32" and self._saved is not None:
            import termios

            termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, self._saved)
            self._saved = None

    def read(self, seconds: float) -> str | None:
        """Return the next key, in lower case; ``"up"`` and ``"down"`` are arrows.

        Args:
            seconds: How long to wait for one.

        Returns:
            None if none came; ``"q"`` if the terminal is gone.
        """
        if not self._keys:
            text = self._wait(seconds)
            if text is None:
                return QUIT
            self._keys.extend(split(text))
        return self._keys.popleft() if self._keys else None

    def _wait(self, seconds: float) -> str | None:
        return _wait_posix(seconds) if os.name == "posix" else _wait_windows(seconds)


def _wait_posix(seconds: float) -> str | None:
    import select

    terminal = sys.stdin.fileno()
    if not select.select([terminal], [], [], seconds)[0]:
        return ""
    try:
        found = os.read(terminal, 64)
    except OSError:
        found = b""
    return found.decode("utf-8", "replace") or None


def _wait_windows(seconds: float) -> str:
    import msvcrt

    arrows = {"H": "\x1b[A", "P": "\x1b[B"}
    console: Any = msvcrt
    end = time.monotonic() + seconds
    while not console.kbhit():
        if time.monotonic() > end:
            return ""
        time.sleep(PAUSE)
    key: str = console.getwch()
    if key in ("\x00", "\xe0"):
        return arrows.get(console.getwch(), "")
    if key == "\x03":
        raise KeyboardInterrupt
    return key
