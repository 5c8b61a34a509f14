"""The backends through which tests call a `ManagementApi`; no other file lists them."""

import ctypes
import importlib.util
import sys

import pytest

import linked
from dhcpfo.api import ManagementApi
from dhcpfo.rpc import RpcApi, RpcServer
from dhcpfo.simulator import Lab, Rights

ROUTES = ["direct", pytest.param("abi", marks=pytest.mark.abi)]
if linked.AVAILABLE:
    ROUTES.append(pytest.param("linked", marks=pytest.mark.abi))

UNDER_WINE = sys.platform == "win32" and hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")
"""Whether this Windows is Wine: a process there can hang or die after many connections, so none are made."""

EXTENSION_BUILT = importlib.util.find_spec("dhcpfo._loopback") is not None
if EXTENSION_BUILT and not UNDER_WINE:
    ROUTES.append(pytest.param("wire", marks=pytest.mark.abi))

_served: dict[tuple[int, str, Rights], tuple[RpcServer, ManagementApi]] = {}
"""The servers on the network that the running test has started."""


def connect(route: str, lab: Lab, server: str, rights: Rights = Rights.ADMINISTRATOR) -> ManagementApi:
    """Return the API of a lab's server through a backend."""
    if route == "wire":
        return _over_the_network(lab, server, rights)
    if route == "linked":
        return linked.connect(lab.connect(server, rights=rights, direct=True).api, server)
    return lab.connect(server, rights=rights, direct=route == "direct").api


def _over_the_network(lab: Lab, server: str, rights: Rights) -> ManagementApi:
    key = (id(lab), server, rights)
    if key not in _served:
        listening = RpcServer(lab.connect(server, rights=rights, direct=True).api, insecure=True)
        _served[key] = listening, RpcApi(server, address="127.0.0.1", port=listening.port, insecure=True)
    return _served[key][1]


def stop_serving() -> None:
    """Stop the servers on the network, after each test."""
    while _served:
        listening, api = _served.popitem()[1]
        api.close()
        listening.close()
