"""The fixture of the conformance suite."""

from functools import partial

import pytest
from worlds import World, furnish

import routes
from dhcpfo.api import ManagementApi
from dhcpfo.simulator import Lab, Rights


@pytest.fixture
def world(lab: Lab, route: str) -> World:
    """Two servers with the same scopes, reached by each route in turn."""
    furnish(lab)
    return World(lab, partial(_connect, route, lab))


def _connect(route: str, lab: Lab, server: str, rights: Rights = Rights.ADMINISTRATOR) -> ManagementApi:
    return routes.connect(route, lab, server, rights)
