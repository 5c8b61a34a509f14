"""The fixture of the tests that use the loopback."""

from collections.abc import Iterator

import pytest
from rpc_network import Network


@pytest.fixture
def network() -> Iterator[Network]:
    """Makes servers and clients that end with the test."""
    network = Network()
    yield network
    network.close()
