"""The functions of the API for classes."""

from __future__ import annotations

from typing import Protocol

__all__ = ["ClassesApi"]


class ClassesApi(Protocol):
    """User and vendor classes."""
