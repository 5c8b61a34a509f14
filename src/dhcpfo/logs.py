"""Loggers that cost nothing before `logging` is used: to import it takes longer than some commands of the prompt."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logging import Logger

__all__ = ["INFO", "Log"]

INFO = 20
"""`logging.INFO`."""


class Log:
    """A logger of `logging` that is not made before somebody can want its records.

    Args:
        name: Its name.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._logger: Logger | None = None

    def wants(self, level: int) -> bool:
        """Return whether records of a level are wanted; a program that has not imported `logging` wants none."""
        if self._logger is not None:
            return self._logger.isEnabledFor(level)
        return "logging" in sys.modules and self.logger.isEnabledFor(level)

    @property
    def logger(self) -> "Logger":
        """The logger."""
        if self._logger is None:
            from logging import getLogger

            self._logger = getLogger(self._name)
        return self._logger
