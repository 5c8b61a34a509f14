"""The backends through which tests call a `ManagementApi`; no other file lists them."""

import importlib.util

import pytest

import linked
from dhcpfo.api import ManagementApi
from dhcpfo.simulator import Lab, Rights

ROUTES = ["direct", pytest.param("abi", marks=pytest.mark.abi)]
if linked.AVAILABLE:
    ROUTES.append(pytest.param("linked", marks=pytest.mark.abi))

EXTENSION_BUILT = importlib.util.find_spec("dhcpfo._loopback") is not None


def connect(route: str, lab: Lab, server: str, rights: Rights = Rights.ADMINISTRATOR) -> ManagementApi:
    """Return the API of a lab's server through a backend."""
    if route == "linked":
        return linked.connect(lab.connect(server, rights=rights, direct=True).api, server)
    return lab.connect(server, rights=rights, direct=route == "direct").api
