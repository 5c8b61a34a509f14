"""`connect` on Windows: through the import table of the extension to the provider behind the DLL."""

from ipaddress import IPv4Address

import pytest

import dhcpfo
from dhcpfo import _loopback
from dhcpfo.models import AuthorizedServer
from dhcpfo.simulator import Lab

pytestmark = pytest.mark.abi


@pytest.fixture
def simulated():
    with Lab() as lab:
        lab.add_server("dhcp1", "192.0.2.1")
        lab.add_scope("10.0.0.0/24")
        yield lab.connect("dhcp1", direct=True)


@pytest.mark.parametrize("name", [None, "dhcp1.example.com"])
def test_a_relationship_through_the_dll(forwarding, simulated, name):
    relationship = dhcpfo.Relationship(
        name="hq", primary_server="192.0.2.1", secondary_server="192.0.2.2", scopes=["10.0.0.0"]
    )
    with _loopback.serve(simulated.api, name), dhcpfo.connect(name) as server:
        server.create_relationship(relationship)
        assert server.relationships() == simulated.relationships() != []
        with pytest.raises(dhcpfo.DhcpError) as raised:
            server.create_relationship(relationship)
    assert raised.value.server == name
    assert (name or "this machine") in str(raised.value)


def test_the_directory_through_the_dll(forwarding):
    address = IPv4Address("192.0.2.7")
    _loopback.set_directory(lambda: [("dhcp7.example.com", address)])
    try:
        assert dhcpfo.authorized_servers() == [AuthorizedServer(name="dhcp7.example.com", address=address)]
    finally:
        _loopback.set_directory(None)
    with pytest.raises(dhcpfo.DhcpError) as refused:
        dhcpfo.authorized_servers()
    assert refused.value.winerror == 20070


def test_a_server_that_nobody_serves(forwarding):
    with dhcpfo.connect("dhcpfo-none.invalid") as server, pytest.raises(ConnectionError):
        server.get_system_time()
