"""Rehearsals on a copy of a real network: a pair of the copy of one server and an empty one."""

from pathlib import Path

from dhcpfo.scope import read_scope
from dhcpfo.simulator import Lab

OFFICE = Path(__file__).parent / "exports" / "office.xml"
SCOPES = ["198.51.100.0", "203.0.113.0"]


def test_a_pair_of_a_copy_and_an_empty_server(lab: Lab) -> None:
    lab.load_export(OFFICE, "dhcp1")
    lab.add_server("dhcp2", "192.0.2.2")
    before = [read_scope(lab.connect("dhcp1", direct=True), scope) for scope in SCOPES]
    pair = lab.connect_pair("dhcp1", "dhcp2", direct=True)
    assert list(pair.preflight("pair", SCOPES)) == []
    pair.create("pair", SCOPES)
    lab.settle()
    for server in (pair.primary, pair.secondary):
        assert [read_scope(server, scope) for scope in SCOPES] == before
        assert server.get_relationship("pair").state.name == "NORMAL"
        assert len(server.clients(SCOPES[0])) == 4
    client = lab.lease(SCOPES[0], "00-53-00-00-00-60")
    assert client is not None
    assert str(client.address) == "198.51.100.60"  # the address that the export names
