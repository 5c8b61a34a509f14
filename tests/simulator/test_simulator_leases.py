"""How long leases last in failover, and that no address is given to two clients."""

from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

import pytest

from dhcpfo import FailoverClient, FailoverMode, FailoverState, Server
from dhcpfo.errors import ClientNotFoundError
from dhcpfo.simulator import Lab, Switches, Timers
from dhcpfo.simulator.load_balance import bucket

NAME = "pair"
SCOPE = IPv4Address("10.0.0.0")
MCLT = timedelta(hours=1)
DAYS = timedelta(days=8)
MINUTE = timedelta(minutes=1)
EXCHANGE = Timers().exchange


def pair(lab: Lab, network: str = f"{SCOPE}/24", lease_time: timedelta = DAYS, **changes: Any) -> tuple[Server, Server]:
    for number in (1, 2):
        lab.add_server(f"dhcp{number}", f"192.0.2.{number}")
    lab.add_scope(network, lease_time=lease_time)
    return lab.add_pair(NAME, scopes=[network], mclt=changes.pop("mclt", MCLT), direct=True, **changes)


def lease(lab: Lab, client: int, server: str | None = None) -> FailoverClient:
    record = lab.lease(SCOPE, bytes([client]), server=server)
    assert record is not None
    return record


def length(lab: Lab, record: FailoverClient) -> timedelta:
    assert record.lease_expires is not None
    return record.lease_expires - lab.now


def exhaust(lab: Lab, server: str) -> set[IPv4Address]:
    """Lease new clients at a server until it has no address left."""
    given = set()
    for number in range(1000):
        record = lab.lease(SCOPE, b"new" + number.to_bytes(2), server=server)
        if record is None:
            return given
        given.add(record.address)
    raise AssertionError("a scope without end")


def interrupt(lab: Lab) -> None:
    lab.cut("dhcp1", "dhcp2")
    lab.advance(timedelta(minutes=5))


# How long a lease lasts


@pytest.mark.parametrize("mode", FailoverMode)
def test_every_renewal_in_contact_lasts_the_full_time(lab: Lab, mode: FailoverMode) -> None:
    pair(lab, mode=mode)
    lengths = []
    for _ in range(7):
        lengths.append(length(lab, lease(lab, 1)))
        lab.advance(lengths[-1] / 2)
    assert lengths == [MCLT, *[DAYS] * 6]


@pytest.mark.parametrize("mode", FailoverMode)
@pytest.mark.parametrize("partner_down", [False, True])
@pytest.mark.parametrize("mclt_only", [True, False])
def test_renewals_at_the_survivor_of_an_outage(
    lab: Lab, mode: FailoverMode, partner_down: bool, mclt_only: bool
) -> None:
    """An MCLT only by Microsoft's examples; the time that the partner knows of and an MCLT by [MS-DHCPF]."""
    _, dhcp2 = pair(lab, mode=mode)
    lab.switches = Switches(alone_leases_last_mclt=mclt_only)
    lab.advance(length(lab, lease(lab, 1)) / 2)
    full = lease(lab, 1)
    assert length(lab, full) == DAYS
    lab.power_off("dhcp1")
    lab.advance(timedelta(days=1))
    if partner_down:
        dhcp2.set_relationship(NAME, state=FailoverState.PARTNER_DOWN)
        lab.advance(2 * MCLT)
    renewed = lease(lab, 1, "dhcp2")
    assert renewed.address == full.address
    assert (length(lab, renewed) == MCLT) is mclt_only
    assert (length(lab, renewed) > timedelta(days=6)) is not mclt_only


# One address, one client


def test_a_lease_of_a_short_cut_reaches_the_partner(lab: Lab) -> None:
    """The partner learns of it when the messages go on, without contact having been lost (C1)."""
    servers = pair(lab)
    lab.cut("dhcp1", "dhcp2")
    one, other = lease(lab, 1, "dhcp2"), lease(lab, 2, "dhcp1")
    lab.advance(MINUTE / 2)
    assert lab.clients("dhcp1", SCOPE) == (other,)
    lab.mend("dhcp1", "dhcp2")
    assert [record.address for record in lab.clients("dhcp1", SCOPE)] == [other.address, one.address]
    assert [record.address for record in lab.clients("dhcp2", SCOPE)] == [other.address, one.address]
    lab.advance(timedelta(minutes=30))
    for server in servers:
        server.set_relationship(NAME, percentage=100)
    servers[0].trigger_address_allocation(NAME)
    assert one.address not in exhaust(lab, "dhcp1")


def test_a_release_in_a_short_cut_reaches_the_partner(lab: Lab) -> None:
    pair(lab)
    record = lease(lab, 1)
    lab.advance(2 * MINUTE)
    lab.cut("dhcp1", "dhcp2")
    lab.release("dhcp2", record.address)
    lab.mend("dhcp1", "dhcp2")
    states = [lab.clients(server, SCOPE)[0].lease_state for server in ("dhcp1", "dhcp2")]
    assert states[0] == states[1]
    assert states[0].name == "DOOMED"


def test_an_address_released_without_contact_is_not_given_to_another_client(lab: Lab) -> None:
    """The partner does not know of the release and would renew the lease (C2)."""
    pair(lab, percentage=0)
    record = lease(lab, 1)
    interrupt(lab)
    lab.release("dhcp2", record.address)
    assert record.address not in exhaust(lab, "dhcp2")
    assert lease(lab, 1, "dhcp1").address == record.address
    lab.advance(timedelta(days=30))
    assert record.address not in exhaust(lab, "dhcp2")
    assert lease(lab, 1, "dhcp2").address == record.address


@pytest.mark.parametrize("lease_time", [timedelta(hours=1), DAYS])
def test_an_address_expired_without_contact_is_not_given_to_another_client(lab: Lab, lease_time: timedelta) -> None:
    """The partner may renew it for its client at any time (C6)."""
    pair(lab, lease_time=lease_time)
    record = lease(lab, 1, "dhcp2")
    interrupt(lab)
    lab.advance(lease_time + MCLT / 2)
    renewed = lease(lab, 1, "dhcp1")
    assert renewed.address == record.address
    lab.advance(timedelta(minutes=45))
    assert length(lab, renewed) > timedelta(0)
    assert record.address not in exhaust(lab, "dhcp2")


def test_in_partner_down_an_address_is_free_after_an_mclt(lab: Lab) -> None:
    dhcp1, _ = pair(lab, network=f"{SCOPE}/28", lease_time=timedelta(hours=2))
    record = lease(lab, 1)
    lab.power_off("dhcp2")
    lab.advance(timedelta(days=1))
    before = exhaust(lab, "dhcp1")
    assert record.address not in before
    dhcp1.set_relationship(NAME, state=FailoverState.PARTNER_DOWN)
    lab.advance(MCLT - MINUTE)
    assert record.address not in exhaust(lab, "dhcp1")
    lab.advance(MINUTE)
    assert record.address in exhaust(lab, "dhcp1")


def test_in_partner_down_an_address_is_kept_for_an_mclt_after_the_time_that_both_know(lab: Lab) -> None:
    dhcp1, _ = pair(lab, network=f"{SCOPE}/28", lease_time=timedelta(hours=10))
    record = lease(lab, 1)
    assert record.potential_expiration_acknowledged == lab.now + timedelta(hours=10) + MCLT / 2
    lab.power_off("dhcp2")
    lab.advance(timedelta(minutes=3))
    dhcp1.set_relationship(NAME, state=FailoverState.PARTNER_DOWN)
    lab.advance(record.potential_expiration_acknowledged + MCLT - MINUTE - lab.now)
    assert record.address not in exhaust(lab, "dhcp1")
    lab.advance(MINUTE)
    assert record.address in exhaust(lab, "dhcp1")


def test_of_two_leases_in_one_second_the_longer_stays(lab: Lab) -> None:
    """A lab's clock stands still between calls (C3)."""
    pair(lab, percentage=0, mclt=timedelta(minutes=10), lease_time=MCLT)
    record = lease(lab, 1)
    lab.stop("dhcp1")
    lab.switches = Switches(alone_leases_last_mclt=False)
    renewed = lease(lab, 1, "dhcp2")
    assert length(lab, renewed) == MCLT
    lab.start("dhcp1")
    lab.settle()
    for server in ("dhcp1", "dhcp2"):
        assert lab.clients(server, SCOPE)[0].lease_expires == renewed.lease_expires
    lab.advance(timedelta(minutes=11))
    assert record.address not in exhaust(lab, "dhcp2") | exhaust(lab, "dhcp1")


def test_of_two_leases_closer_than_clocks_may_differ_the_longer_stays(lab: Lab) -> None:
    """Which of them is newer, the times of two clocks do not tell."""
    pair(lab, percentage=100, mclt=timedelta(minutes=10), lease_time=MCLT)
    lab.set_clock_offset("dhcp1", MINUTE)
    record = lease(lab, 1, "dhcp1")
    lab.stop("dhcp1")
    lab.advance(MINUTE / 2)
    lab.switches = Switches(alone_leases_last_mclt=False)
    renewed = lease(lab, 1, "dhcp2")
    lab.start("dhcp1")
    lab.settle()
    assert renewed.address == record.address
    assert lab.clients("dhcp1", SCOPE)[0].lease_expires == renewed.lease_expires


# Expired records


def test_an_expired_record_is_kept_for_hours_and_then_deleted(lab: Lab) -> None:
    """[MS-DHCPF] 3.1.4.2 has the states; the times are those of Windows."""
    servers = pair(lab)
    record = lease(lab, 1)
    lab.advance(MCLT + timedelta(hours=3))
    assert [server.get_scope_statistics(SCOPE).addresses_in_use for server in servers] == [1, 1]
    seen = []
    for _ in range(4):
        found = [[held.lease_state.name for held in lab.clients(name, SCOPE)] for name in ("dhcp1", "dhcp2")]
        assert found[0] == found[1]
        seen.append(found[0])
        lab.advance(Timers().cleanup)
    assert seen == [["ACTIVE"], ["ACTIVE"], ["DOOMED"], []]  # at full hours
    for server in servers:
        with pytest.raises(ClientNotFoundError):
            server.get_failover_client(address=record.address)
        assert server.get_scope_statistics(SCOPE).addresses_in_use == 0


def test_a_released_record_is_deleted(lab: Lab) -> None:
    pair(lab)
    record = lease(lab, 1)
    lab.release("dhcp1", record.address)
    assert [held.lease_state.name for held in lab.clients("dhcp2", SCOPE)] == ["DOOMED"]
    lab.advance(timedelta(hours=6))
    assert lab.clients("dhcp1", SCOPE) == lab.clients("dhcp2", SCOPE) == ()


def test_records_outside_failover_are_deleted_too(lab: Lab) -> None:
    lab.add_server("dhcp1", "192.0.2.1")
    lab.add_scope(f"{SCOPE}/24", lease_time=MCLT)
    lease(lab, 1)
    lab.reserve(SCOPE, SCOPE + 9, b"reserved")
    lab.advance(timedelta(hours=7))
    assert [held.address for held in lab.clients("dhcp1", SCOPE)] == [SCOPE + 9]


def test_without_contact_nothing_is_deleted(lab: Lab) -> None:
    pair(lab)
    record = lease(lab, 1)
    interrupt(lab)
    lab.advance(timedelta(days=30))
    assert [held.address for held in lab.clients("dhcp1", SCOPE)] == [record.address]
    lab.mend("dhcp1", "dhcp2")
    lab.settle()
    lab.advance(timedelta(hours=2))
    assert lab.clients("dhcp1", SCOPE) == lab.clients("dhcp2", SCOPE) == ()


def test_a_recently_expired_address_is_given_out_last(lab: Lab) -> None:
    lab.add_server("dhcp1", "192.0.2.1")
    lab.add_scope(f"{SCOPE}/29", lease_time=MCLT)
    first = [lease(lab, number).address for number in (1, 2)]
    lab.advance(2 * MCLT)
    assert [lease(lab, number).address for number in range(3, 9)] == [SCOPE + number for number in (3, 4, 5, 6, 1, 2)]
    assert first == [SCOPE + 1, SCOPE + 2]


# Who answers


@pytest.mark.parametrize(
    ("client_id", "hashed"),
    [(b"", 0), (b"\0", 175), (b"\1", 251), (b"\xff", 234), (b"\1\2", 170)],  # by hand, from the table in the RFC
)
def test_the_hash_of_rfc_3074(client_id: bytes, hashed: int) -> None:
    assert bucket(client_id) == hashed


@pytest.mark.parametrize("percentage", [0, 1, 30, 50, 99, 100])
def test_the_percentage_is_the_primarys_share_of_the_buckets(lab: Lab, percentage: int) -> None:
    pair(lab, network="10.0.0.0/20", percentage=percentage)
    for number in range(60):
        client = b"client" + bytes([number])
        record = lab.lease(SCOPE, client)
        assert record is not None
        expected = "192.0.2.1" if bucket(client) < percentage * 256 / 100 else "192.0.2.2"
        assert str(record.owner.address) == expected


def test_in_recover_done_only_leases_that_the_partner_knows_of_are_renewed(lab: Lab) -> None:
    dhcp1, _ = pair(lab, lease_time=timedelta(hours=2))
    record = lease(lab, 1)
    lab.power_off("dhcp2")
    dhcp1.set_relationship(NAME, state=FailoverState.RECOVER_DONE)
    assert lab.lease(SCOPE, b"\x02") is None
    known = record.potential_expiration_acknowledged
    assert known is not None
    last = None
    for _ in range(30):
        renewed = lab.lease(SCOPE, b"\x01")
        if renewed is None:
            break
        last = renewed.lease_expires
        lab.advance(length(lab, renewed) / 2 + MINUTE)
    assert last is not None
    assert known < last <= known + MCLT
