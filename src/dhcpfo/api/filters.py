"""The functions of the API for filters."""

from __future__ import annotations

from typing import Protocol

__all__ = ["FiltersApi"]


class FiltersApi(Protocol):
    """Link-layer filters."""
