"""The pytest fixture ``lab``: an empty network of simulated DHCP servers for each test, installed with the package."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .simulator import Lab

__all__ = ["lab"]


@pytest.fixture
def lab(request: pytest.FixtureRequest) -> Iterator["Lab | Any"]:
    """An empty lab in memory with a clock that only `advance` moves; closed after the test.

    A fixture ``lab`` of your own, in a test module, a conftest.py or a plugin, is used instead.
    """
    try:
        # Inside a fixture, its own name means the next fixture of that name: one of a plugin that was loaded earlier.
        other = request.getfixturevalue("lab")
    except pytest.FixtureLookupError:
        from .simulator import Lab  # here, because every pytest run loads this plugin

        with Lab() as opened:
            yield opened
    else:
        yield other
