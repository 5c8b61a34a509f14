"""Desired state: files that say how pairs should be, and the plans that make them so."""

from .load import Fleet, read_fleet
from .problems import FileError, Mark, Problem
from .wanted import Wanted

__all__ = ["FileError", "Fleet", "Mark", "Problem", "Wanted", "read_fleet"]
