"""The functions of the API for scopes."""

from __future__ import annotations

from typing import Protocol

__all__ = ["ScopesApi"]


class ScopesApi(Protocol):
    """Scopes and superscopes."""
