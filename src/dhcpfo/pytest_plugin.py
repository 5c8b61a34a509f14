"""The pytest fixture ``lab``: a laboratory of simulated DHCP servers for each test, installed with the package."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .simulator import Lab

__all__ = ["lab"]


@pytest.fixture
def lab() -> Iterator["Lab"]:
    """An empty lab in memory whose clock is stepped by hand; closed after the test."""
    from .simulator import Lab  # not before a test asks for it: every pytest run loads this plugin

    with Lab() as opened:
        yield opened
