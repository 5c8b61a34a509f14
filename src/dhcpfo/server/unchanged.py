"""The default of keyword arguments that leave a value as it is, where None is a value."""

import enum

__all__ = ["UNCHANGED", "Unchanged"]


class Unchanged(enum.Enum):
    """Type of `UNCHANGED`."""

    UNCHANGED = "unchanged"

    def __repr__(self) -> str:
        return self.name


UNCHANGED = Unchanged.UNCHANGED
"""Leave the value as it is."""
