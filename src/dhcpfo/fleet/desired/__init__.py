"""Desired state: files that say how pairs should be, and the plans that make them so."""

from .load import Fleet, read_fleet
from .pairplan import PairPlan
from .planning import Desired, plan_pair
from .problems import FileError, Mark, Problem
from .wanted import Wanted

__all__ = ["Desired", "FileError", "Fleet", "Mark", "PairPlan", "Problem", "Wanted", "plan_pair", "read_fleet"]
