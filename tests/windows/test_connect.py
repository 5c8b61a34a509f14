"""`connect` on Windows: through the import table of the extension to the provider behind the DLL."""

import pytest

import dhcpfo
from dhcpfo import _loopback
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


def test_a_server_that_nobody_serves(forwarding):
    with dhcpfo.connect("dhcpfo-none.invalid") as server, pytest.raises(ConnectionError):
        server.get_system_time()
