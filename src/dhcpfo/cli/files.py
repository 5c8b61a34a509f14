"""Writing files."""

from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike

from .problems import Problem

__all__ = ["check_name", "writing"]


def check_name(option: str, path: str | None) -> None:
    """Refuse ``-``, which means the standard output to other programs.

    Raises:
        Problem: It is that.
    """
    if path == "-":
        raise Problem(f"{option} must be the name of a file, got -")


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
