"""The functions of the API for clients."""

from __future__ import annotations

from typing import Protocol

__all__ = ["ClientsApi"]


class ClientsApi(Protocol):
    """The records of clients."""
