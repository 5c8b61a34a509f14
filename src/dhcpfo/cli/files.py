"""Writing files."""

from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike

from .problems import Problem

__all__ = ["writing"]


@contextmanager
def writing(path: str | PathLike[str]) -> Iterator[None]:
    """Name the file that was asked for in errors, rather than the one beside it that is written first.

    Raises:
        Problem: It cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise Problem(f"{path} cannot be written: {error.strerror or error}") from None
