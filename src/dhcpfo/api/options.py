"""The functions of the API for options."""

from __future__ import annotations

from typing import Protocol

__all__ = ["OptionsApi"]


class OptionsApi(Protocol):
    """Option definitions and values."""
