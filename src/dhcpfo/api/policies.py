"""The functions of the API for policies."""

from __future__ import annotations

from typing import Protocol

__all__ = ["PoliciesApi"]


class PoliciesApi(Protocol):
    """Policies of the server and of scopes."""
