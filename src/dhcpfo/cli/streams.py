"""The standard streams while a command runs: closed ones, full disks, and encodings that lack letters."""

import codecs
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from . import exits

__all__ = ["LostOutput", "encodable", "guarded", "keep_on", "lost"]


class LostOutput(Exception):  # noqa: N818  not an OSError, which would be taken for that of a file or a server
    """The output cannot be written, for example because the disk is full.

    Attributes:
        code: The exit code.
    """

    def __init__(self, error: OSError) -> None:
        super().__init__(f"the output cannot be written: {error.strerror or error}")
        self.code = exits.FAILED


class Guarded:
    """A stream that tells a failure to write from other errors, or goes on without.

    Args:
        stream: The stream; None if it is closed.
        needed: Whether a failure to write raises.
    """

    def __init__(self, stream: Any, *, needed: bool) -> None:
        self._stream: Any = io.StringIO() if stream is None else stream
        self.needed = needed
        self.error: OSError | None = BrokenPipeError() if stream is None else None

    def write(self, text: str) -> int:
        """Write text."""
        if self.error is None:
            try:
                self._stream.write(text)
            except OSError as error:
                self._failed(error)
        return len(text)

    def flush(self) -> None:
        """Write what is in the buffer."""
        if self.error is None:
            try:
                self._stream.flush()
            except OSError as error:
                self._failed(error)

    def _failed(self, error: OSError) -> None:
        if not self.needed:
            self.error = error
        elif isinstance(error, BrokenPipeError):
            raise error
        else:
            raise LostOutput(error) from error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def guarded() -> Iterator[None]:
    """Guard both output streams. What cannot be written on the error output is lost without a word."""
    before = sys.stdout, sys.stderr
    soften(*before)
    sys.stdout = cast("TextIO", Guarded(sys.stdout, needed=True))
    sys.stderr = cast("TextIO", Guarded(sys.stderr, needed=False))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


MARKS = {"→": "->", "…": "...", "●": "*", "▲": "!", "✖": "x", "▶": ">", "—": "-", "·": "."}
"""Our own marks, in letters that every encoding has."""

INSTEAD = "dhcpfo-instead"
"""The name of the handler for what an encoding lacks: our marks in other letters, and ``?`` for the rest."""


def instead(error: UnicodeError) -> tuple[str, int]:
    """Return what is written in place of letters that an encoding lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(MARKS.get(letter, "?") for letter in error.object[error.start : error.end]), error.end


def encodable(text: str, encoding: str) -> str:
    """Return a text as it is shown in an encoding, with other letters for those that it lacks."""
    codecs.register_error(INSTEAD, instead)
    return text.encode(encoding, INSTEAD).decode(encoding)


def soften(*streams: object) -> None:
    """Write a replacement for what a stream's encoding lacks, instead of an error."""
    codecs.register_error(INSTEAD, instead)
    for stream in streams:
        if getattr(stream, "errors", None) in ("strict", "surrogateescape") and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=INSTEAD)


def keep_on() -> None:
    """Go on without the output if it cannot be written: a change is on its way, and must not end half-way."""
    if isinstance(sys.stdout, Guarded):
        sys.stdout.needed = False


def lost() -> str | None:
    """Return why the output is lost, behind `keep_on`; None if it is not, or if its reader had enough of it."""
    error = sys.stdout.error if isinstance(sys.stdout, Guarded) else None
    return None if error is None or isinstance(error, BrokenPipeError) else str(LostOutput(error))
