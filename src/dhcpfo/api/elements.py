"""The functions of the API for elements."""

from __future__ import annotations

from typing import Protocol

__all__ = ["ElementsApi"]


class ElementsApi(Protocol):
    """The elements of scopes."""
