"""The name and the description of a reservation, which the server keeps in the record of its client."""

import pytest
from worlds import MISSING, SCOPE, Rights, World

from dhcpfo import Server
from dhcpfo.enums import ClientType
from dhcpfo.errors import AccessDeniedError, ClientNotFoundError, DhcpError, ScopeNotFoundError

ADDRESS = SCOPE + 20
MAC = bytes.fromhex("00155d000001")


@pytest.fixture
def server(world: World) -> Server:
    return Server(world.api("dhcp1"))


def named(server: Server) -> list[tuple[str | None, str | None]]:
    return [(found.name, found.description) for found in server.reservations(SCOPE)]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({}, (None, None)),
        ({"name": "printer"}, ("printer", None)),
        ({"description": "second floor"}, (None, "second floor")),
        ({"name": "плоттер", "description": "𝄞 room", "type": ClientType.DHCP}, ("плоттер", "𝄞 room")),
    ],
)
def test_a_new_reservation_has_its_texts(server: Server, given, shown) -> None:
    server.add_reservation(SCOPE, ADDRESS, MAC, **given)
    (found,) = server.reservations(SCOPE)
    assert (found.name, found.description) == shown
    assert (found.address, found.client_id, found.type) == (ADDRESS, MAC, given.get("type", ClientType.BOTH))
    record = server.get_client(address=ADDRESS)
    assert (record.name, record.comment, record.has_lease) == (*shown, False)
    assert record.client_type is ClientType.NONE


def test_texts_change_one_by_one(server: Server) -> None:
    server.add_reservation(SCOPE, ADDRESS, MAC, name="printer", description="second floor")
    server.set_reservation(ADDRESS, name="plotter")
    assert named(server) == [("plotter", "second floor")]
    server.set_reservation(ADDRESS, description="third floor")
    assert named(server) == [("plotter", "third floor")]
    server.set_reservation(ADDRESS, name=None, description=None)
    assert [(name or None, text or None) for name, text in named(server)] == [(None, None)]


def test_the_lease_keeps_its_end(world: World, server: Server) -> None:
    world.lab.lease(SCOPE, MAC, name="host")
    before = server.clients(SCOPE)[0]
    server.set_reservation(before.address, description="a lease, too")
    assert server.get_client(address=before.address) == before.replace(comment="a lease, too")


def test_a_client_with_a_lease_of_another_address_gets_the_texts(world: World, server: Server) -> None:
    lease = world.lab.lease(SCOPE, MAC, name="host", server="dhcp1")
    assert lease is not None
    assert lease.address != ADDRESS
    server.add_reservation(SCOPE, ADDRESS, MAC, description="second floor")
    assert named(server) == [("host", "second floor")]
    record = server.get_client(address=lease.address)
    assert (record.name, record.comment, record.lease_expires) == ("host", "second floor", lease.lease_expires)
    with pytest.raises(ClientNotFoundError) as missing:
        server.set_reservation(ADDRESS, name="printer")
    assert missing.value.winerror == 20016


def test_what_is_refused(world: World, server: Server) -> None:
    with pytest.raises(ScopeNotFoundError):
        server.add_reservation(MISSING, MISSING + 1, MAC, name="printer")
    user = Server(world.api("dhcp1", rights=Rights.USER))
    with pytest.raises(AccessDeniedError):
        user.add_reservation(SCOPE, ADDRESS, MAC, name="printer")
    server.add_reservation(SCOPE, ADDRESS, MAC)
    with pytest.raises(AccessDeniedError):
        user.set_reservation(ADDRESS, name="printer")
    with pytest.raises(ClientNotFoundError):
        server.set_reservation(ADDRESS + 1, name="printer")
    assert named(server) == [(None, None)]


def test_the_reservation_stays_if_its_name_cannot_be_set(world: World, server: Server) -> None:
    world.lab.fail("dhcp1", "set_client", 20013)
    with pytest.raises(DhcpError) as refused:
        server.add_reservation(SCOPE, ADDRESS, MAC, name="printer")
    assert refused.value.winerror == 20013
    assert named(server) == [(None, None)]
    server.set_reservation(ADDRESS, name="printer")
    assert named(server) == [("printer", None)]


def test_the_texts_of_the_lab(world: World, server: Server) -> None:
    world.lab.reserve(SCOPE, ADDRESS, MAC, name="printer", description="second floor")
    assert named(server) == [("printer", "second floor")]
    lease = world.lab.lease(SCOPE, MAC)
    assert lease is not None
    assert (lease.address, lease.name, lease.comment) == (ADDRESS, "printer", "second floor")
