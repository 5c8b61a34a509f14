"""Each free address has an owner; a redistribution moves only what must move."""

from datetime import timedelta
from ipaddress import IPv4Address

from dhcpfo import AddressStatus, FailoverMode, Server
from dhcpfo.simulator import Lab

SCOPE = IPv4Address("10.0.0.0")
CLIENTS = [bytes([number]) for number in range(40)]


def owners(server: Server) -> dict[IPv4Address, AddressStatus]:
    return {SCOPE + number: server.get_address_status(SCOPE + number) for number in range(1, 255)}


def of(server: Server, status: AddressStatus) -> set[IPv4Address]:
    return {address for address, owner in owners(server).items() if owner is status}


def test_a_released_address_is_the_primarys_until_the_next_redistribution(lab: Lab) -> None:
    dhcp1, dhcp2 = lab.add_pair("pair", direct=True)
    given = [lab.lease(SCOPE, client) for client in CLIENTS]
    of_secondary = [one.address for one in given if one is not None and str(one.owner.address) == "192.0.2.2"]
    assert len(of_secondary) > 5
    assert owners(dhcp1) == owners(dhcp2)
    before = of(dhcp1, AddressStatus.PRIMARY)
    for address in of_secondary:
        lab.release("dhcp2", address)
    assert of(dhcp1, AddressStatus.PRIMARY) == before | set(of_secondary)
    assert owners(dhcp1) == owners(dhcp2)
    lab.advance(timedelta(minutes=5))
    statistics = dhcp1.get_scope_statistics(SCOPE)
    free = statistics.addresses_free_on_this_server, statistics.addresses_free_on_partner_server
    assert free[0] - free[1] in (0, 1)
    assert owners(dhcp1) == owners(dhcp2)


def test_a_redistribution_moves_as_little_as_it_can(lab: Lab) -> None:
    dhcp1, dhcp2 = lab.add_pair("pair", direct=True)
    for client in CLIENTS:
        lab.lease(SCOPE, client)
    lab.advance(timedelta(minutes=5))
    before = owners(dhcp1)
    lab.advance(timedelta(minutes=15))
    assert owners(dhcp1) == before
    for percentage, moved in ((60, 22), (50, 22)):
        for server in (dhcp1, dhcp2):
            server.set_relationship("pair", percentage=percentage)
        assert owners(dhcp1) == before
        dhcp1.trigger_address_allocation("pair")
        after = owners(dhcp1)
        assert after == owners(dhcp2)
        changed = {address for address in after if after[address] is not before[address]}
        assert len(changed) in (moved - 1, moved, moved + 1)
        assert len({after[address] for address in changed}) == 1
        before = after


def test_a_client_gets_its_address_again_from_either_server(lab: Lab) -> None:
    """In contact, no other server can give the address away at the same time."""
    lab.add_pair("pair", direct=True)
    addresses = set()
    for server in ("dhcp2", "dhcp1", "dhcp2"):
        given = lab.lease(SCOPE, CLIENTS[0], server=server)
        assert given is not None
        addresses.add(given.address)
        lab.advance(timedelta(hours=2))  # expired, and kept for a while
    assert len(addresses) == 1


def test_a_standby_owns_its_percentage(lab: Lab) -> None:
    dhcp1, _ = lab.add_pair("pair", mode=FailoverMode.HOT_STANDBY, percentage=10, direct=True)
    assert len(of(dhcp1, AddressStatus.SECONDARY)) == 25
