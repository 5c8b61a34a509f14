"""Scopes, clients and addresses of the simulator, through `Lab`."""

from datetime import timedelta
from ipaddress import IPv4Address

import pytest

from dhcpfo import FailoverMode, FailoverState, Relationship, Server, ServerType
from dhcpfo.enums import ClientType, LeaseState
from dhcpfo.errors import (
    AlreadyExistsError,
    ClientNotFoundError,
    DhcpError,
    ScopeInRelationshipError,
    ScopeNotFoundError,
)
from dhcpfo.limits import FILETIME_EPOCH
from dhcpfo.simulator import Lab, RangeType, Switches, Timers

SCOPE, OTHER = IPv4Address("10.0.0.0"), IPv4Address("10.0.1.0")
DHCP1, DHCP2 = IPv4Address("192.0.2.1"), IPv4Address("192.0.2.2")
DAY = timedelta(days=1)
MCLT = timedelta(hours=1)


@pytest.fixture
def one(lab: Lab) -> Server:
    """A server with a scope of ten addresses."""
    lab.add_server("dhcp1", DHCP1)
    lab.add_scope(f"{SCOPE}/24", first=SCOPE + 1, last=SCOPE + 10, lease_time=DAY)
    return lab.connect("dhcp1", direct=True)


@pytest.fixture
def pair(lab: Lab, one: Server) -> tuple[Server, Server]:
    """Two servers that share that scope, in NORMAL."""
    lab.add_server("dhcp2", DHCP2)
    lab.add_scope(f"{SCOPE}/24", servers=["dhcp2"], first=SCOPE + 1, last=SCOPE + 10, lease_time=DAY)
    two = lab.connect("dhcp2", direct=True)
    make(lab, one, two)
    return one, two


def make(lab: Lab, one: Server, two: Server, mode: FailoverMode = FailoverMode.LOAD_BALANCE) -> None:
    for server, role in ((two, ServerType.SECONDARY), (one, ServerType.PRIMARY)):
        server.create_relationship(
            Relationship(
                name="pair",
                primary_server=DHCP1,
                secondary_server=DHCP2,
                scopes=[SCOPE],
                server_type=role,
                mode=mode,
                mclt=MCLT,
            )
        )
    lab.settle()


def lease_all(lab: Lab, server: str | None = None, first: int = 100) -> list[IPv4Address]:
    """Lease to new clients until no server answers."""
    given = []
    for number in range(first, first + 50):
        record = lab.lease(SCOPE, bytes([number]), server=server)
        if record is None:
            return given
        given.append(record.address)
    raise AssertionError("addresses without end")


def code_of(error: pytest.ExceptionInfo[DhcpError]) -> int:
    return error.value.winerror


class TestScopes:
    def test_a_scope_may_not_overlap_another(self, lab: Lab, one: Server) -> None:
        with pytest.raises(AlreadyExistsError) as refused:
            lab.add_scope("10.0.0.128/25")
        assert code_of(refused) == 20052

    def test_a_scope_is_not_made_on_one_of_two_servers(self, lab: Lab, one: Server) -> None:
        lab.add_server("dhcp0", "192.0.2.9")
        with pytest.raises(AlreadyExistsError):
            lab.add_scope("10.0.0.0/24", servers=["dhcp0", "dhcp1"])
        assert lab.scopes("dhcp0") == ()

    def test_a_scope_in_a_relationship_cannot_be_removed(self, lab: Lab, pair: tuple[Server, Server]) -> None:
        for force in (False, True):
            with pytest.raises(ScopeInRelationshipError) as refused:
                lab.remove_scope(SCOPE, servers=["dhcp1"], force=force)
            assert code_of(refused) == 20113
        pair[0].delete_relationship("pair")
        lab.remove_scope(SCOPE, servers=["dhcp1"])
        assert (lab.scopes("dhcp1"), lab.scopes("dhcp2")) == ((), (SCOPE,))

    def test_a_scope_with_leases_is_removed_by_force_only(self, lab: Lab, one: Server) -> None:
        lab.lease(SCOPE, b"\x01")
        with pytest.raises(DhcpError) as refused:
            lab.remove_scope(SCOPE)
        assert code_of(refused) == 20007
        lab.remove_scope(SCOPE, force=True)
        with pytest.raises(ScopeNotFoundError) as refused:
            lab.remove_scope(SCOPE)
        assert code_of(refused) == 20005

    @pytest.mark.parametrize("range_type", [RangeType.BOOTP, RangeType.BOTH])
    def test_a_scope_in_a_relationship_serves_no_bootp(
        self, lab: Lab, pair: tuple[Server, Server], range_type: RangeType
    ) -> None:
        with pytest.raises(DhcpError) as refused:
            lab.set_range(SCOPE, SCOPE + 1, SCOPE + 20, range_type=range_type)
        assert code_of(refused) == 20129
        lab.set_range(SCOPE, SCOPE + 1, SCOPE + 20)
        assert pair[0].get_scope_statistics(SCOPE).addresses_total == 20

    def test_a_range_that_serves_both_may_enter_failover(self, lab: Lab, pair: tuple[Server, Server]) -> None:
        lab.add_scope(f"{OTHER}/24", range_type=RangeType.BOTH)
        pair[0].add_failover_scopes("pair", [OTHER])

    def test_a_second_range_must_contain_the_first_or_lie_in_it(self, lab: Lab, one: Server) -> None:
        with pytest.raises(DhcpError) as refused:
            lab.set_range(SCOPE, SCOPE + 5, SCOPE + 15)
        assert code_of(refused) == 20023
        lab.set_range(SCOPE, SCOPE + 5, SCOPE + 6)
        assert lease_all(lab) == [SCOPE + 5, SCOPE + 6]

    def test_exclusions_and_reservations_are_not_given_to_others(self, lab: Lab, one: Server) -> None:
        lab.exclude(SCOPE, SCOPE + 2, SCOPE + 4)
        lab.exclude(SCOPE, SCOPE + 4, SCOPE + 5)
        lab.exclude(SCOPE, SCOPE + 10)
        lab.reserve(SCOPE, SCOPE + 7, "00-15-5d-01-02-03", name="printer")
        assert lease_all(lab) == [SCOPE + 1, SCOPE + 6, SCOPE + 8, SCOPE + 9]
        assert lab.lease(SCOPE, "00:15:5d:01:02:03").address == SCOPE + 7  # type: ignore[union-attr]

    def test_reservations_answer_what_a_server_would(self, lab: Lab, one: Server) -> None:
        with pytest.raises(DhcpError) as refused:
            lab.reserve(SCOPE, SCOPE + 11, b"\x01")
        assert code_of(refused) == 20018
        lab.reserve(SCOPE, SCOPE + 1, b"\x01", name="printer")
        for address, client in ((SCOPE + 1, b"\x02"), (SCOPE + 2, b"\x01")):
            with pytest.raises(DhcpError) as refused:
                lab.reserve(SCOPE, address, client)
            assert code_of(refused) == 20022
        record = one.get_failover_client(name="printer")
        assert (record.address, record.client_type) == (SCOPE + 1, ClientType.NONE)
        assert record.lease_expires == FILETIME_EPOCH  # it has no lease yet


class TestClients:
    def test_a_client_keeps_its_address(self, lab: Lab, one: Server) -> None:
        first = lab.lease(SCOPE, b"\x01", name="host")
        lab.lease(SCOPE, b"\x02")
        lab.advance(DAY / 2)
        again = lab.lease(SCOPE, b"\x01")
        assert first is not None
        assert again is not None
        assert (again.address, again.name, again.start_time) == (first.address, "host", first.start_time)
        assert again.lease_expires == lab.now + DAY
        lab.advance(DAY / 2 + timedelta(hours=1))
        lab.lease(SCOPE, b"\x03")
        assert lab.lease(SCOPE, b"\x02").address == SCOPE + 2  # type: ignore[union-attr]

    def test_an_expired_address_is_free_for_others(self, lab: Lab, one: Server) -> None:
        assert len(lease_all(lab)) == 10
        assert lab.lease(SCOPE, b"\x01") is None
        lab.advance(DAY)
        assert lab.lease(SCOPE, b"\x01") is not None

    def test_a_released_address_is_free_for_others(self, lab: Lab, pair: tuple[Server, Server]) -> None:
        record = lab.lease(SCOPE, b"\x01")
        assert record is not None
        lab.release("dhcp2", record.address)
        for name, server in zip(("dhcp1", "dhcp2"), pair, strict=True):
            assert [client.lease_state for client in lab.clients(name, SCOPE)] == [LeaseState.DOOMED]
            assert server.get_scope_statistics(SCOPE).addresses_in_use == 0
        with pytest.raises(ClientNotFoundError):
            lab.release("dhcp1", SCOPE + 9)

    def test_a_record_needs_its_scope(self, lab: Lab, pair: tuple[Server, Server]) -> None:
        record = lab.lease(SCOPE, b"\x01")
        assert record is not None
        with pytest.raises(ScopeNotFoundError):
            lab.put_client("dhcp1", type(record)(**{**fields_of(record), "address": OTHER + 1}))


def fields_of(record: object) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__slots__}  # type: ignore[attr-defined]


class TestFailover:
    def test_each_server_gives_its_own_half_in_normal(self, lab: Lab, pair: tuple[Server, Server]) -> None:
        assert lease_all(lab, "dhcp2") == [SCOPE + number for number in (6, 7, 8, 9, 10)]
        assert lease_all(lab, "dhcp1", 200) == [SCOPE + number for number in (1, 2, 3, 4, 5)]

    def test_load_balance_follows_the_percentage(self, lab: Lab, one: Server) -> None:
        lab.add_server("dhcp2", DHCP2)
        lab.add_scope("10.0.0.0/24", servers=["dhcp2"])
        lab.set_range(SCOPE, SCOPE + 1, SCOPE + 254, servers=["dhcp1"])
        two = lab.connect("dhcp2", direct=True)
        make(lab, one, two)
        one.set_relationship("pair", percentage=80)
        two.set_relationship("pair", percentage=80)
        one.trigger_address_allocation("pair")
        owners = [lab.lease(SCOPE, number.to_bytes(6)).owner.address for number in range(100)]  # type: ignore[union-attr]
        assert 70 <= owners.count(DHCP1) <= 90
        assert owners.count(DHCP1) + owners.count(DHCP2) == 100

    def test_a_client_that_waited_is_answered_by_the_other(self, lab: Lab, pair: tuple[Server, Server]) -> None:
        """One server has nothing left, and its clients still get an address until the next redistribution."""
        assert len(lease_all(lab)) == 10

    def test_the_standby_keeps_silent_in_normal(self, lab: Lab, one: Server) -> None:
        lab.add_server("dhcp2", DHCP2)
        lab.add_scope("10.0.0.0/24", servers=["dhcp2"], first=SCOPE + 1, last=SCOPE + 10)
        two = lab.connect("dhcp2", direct=True)
        make(lab, one, two, FailoverMode.HOT_STANDBY)
        two.set_relationship("pair", percentage=20)
        one.set_relationship("pair", percentage=20)
        one.trigger_address_allocation("pair")
        assert lease_all(lab, "dhcp2") == []
        lab.stop("dhcp1")
        assert lease_all(lab) == [SCOPE + 9, SCOPE + 10]

    def test_no_server_answers_before_it_knows_its_partner(self, lab: Lab, pair: tuple[Server, Server]) -> None:
        lab.power_off("dhcp2")
        lab.start("dhcp1")
        assert lab.lease(SCOPE, b"\x01") is None
        lab.advance(Timers().startup)
        assert lab.lease(SCOPE, b"\x01") is not None

    def test_the_survivor_takes_the_partners_addresses_an_mclt_after_partner_down(
        self, lab: Lab, pair: tuple[Server, Server]
    ) -> None:
        lab.power_off("dhcp2")
        lab.advance(Timers().receive)
        pair[0].set_relationship("pair", state=FailoverState.PARTNER_DOWN)
        assert len(lease_all(lab)) == 5
        lab.advance(MCLT - timedelta(seconds=1))
        assert len(lease_all(lab)) == 5
        lab.advance(timedelta(seconds=1))
        assert lease_all(lab)[5:] == [SCOPE + number for number in (6, 7, 8, 9, 10)]

    def test_the_survivor_knows_the_partners_leases(self, lab: Lab, pair: tuple[Server, Server]) -> None:
        record = lab.lease(SCOPE, b"\x01", server="dhcp2")
        assert record is not None
        lab.power_off("dhcp2")
        held = pair[0].get_failover_client(address=record.address)
        assert (held.owner.address, held.lease_expires) == (DHCP2, record.lease_expires)
        lab.advance(Timers().receive)
        again = lab.lease(SCOPE, b"\x01")
        assert again is not None
        assert (again.address, again.owner.address) == (record.address, DHCP1)

    def test_a_first_lease_lasts_an_mclt_and_the_next_its_full_time(
        self, lab: Lab, pair: tuple[Server, Server]
    ) -> None:
        first = lab.lease(SCOPE, b"\x01", server="dhcp1")
        assert first is not None
        assert first.lease_expires == lab.now + MCLT
        sent = lab.now + DAY + MCLT / 2  # so that the next renewal, half-way, can have its full time
        assert first.potential_expiration_sent == first.potential_expiration_acknowledged == sent
        assert first.potential_expiration_received is None
        held = pair[1].get_failover_client(address=first.address)
        assert (held.potential_expiration_received, held.potential_expiration_sent) == (sent, None)
        assert held.last_binding_update == lab.now
        lab.advance(MCLT / 2)
        assert lab.lease(SCOPE, b"\x01", server="dhcp1").lease_expires == lab.now + DAY  # type: ignore[union-attr]

    @pytest.mark.parametrize("mclt_only", [True, False])
    def test_without_contact_a_new_client_gets_an_mclt(
        self, lab: Lab, pair: tuple[Server, Server], mclt_only: bool
    ) -> None:
        lab.switches = Switches(alone_leases_last_mclt=mclt_only)
        lab.stop("dhcp2")
        lab.lease(SCOPE, b"\x01")
        lab.advance(MCLT / 2)
        again = lab.lease(SCOPE, b"\x01")
        assert again is not None
        assert again.lease_expires == lab.now + MCLT
        assert again.potential_expiration_acknowledged is None

    def test_what_the_partner_knows_is_remembered_over_renewals_without_it(
        self, lab: Lab, pair: tuple[Server, Server]
    ) -> None:
        """dhcp2 knows of the lease until a time, and dhcp1 may go an MCLT beyond that, and no further."""
        lab.switches = Switches(alone_leases_last_mclt=False)
        known = lab.now + DAY + MCLT / 2
        lab.lease(SCOPE, b"\x01", server="dhcp1")
        lab.stop("dhcp2")
        for _ in range(3):
            lab.advance(2 * MCLT)
            again = lab.lease(SCOPE, b"\x01", server="dhcp1")
            assert again is not None
            assert again.potential_expiration_acknowledged == known
            assert again.lease_expires == min(known + MCLT, lab.now + DAY)

    def test_without_contact_an_expired_address_is_not_reused(self, lab: Lab, pair: tuple[Server, Server]) -> None:
        assert len(lease_all(lab, "dhcp1")) == 5
        lab.cut("dhcp1", "dhcp2")
        lab.advance(30 * DAY)
        assert lab.lease(SCOPE, b"\x01", server="dhcp1") is None
        lab.mend("dhcp1", "dhcp2")
        lab.settle()
        assert lab.lease(SCOPE, b"\x01", server="dhcp1") is not None

    def test_records_meet_when_the_link_is_mended_and_the_newer_one_stays(
        self, lab: Lab, pair: tuple[Server, Server]
    ) -> None:
        lab.cut("dhcp1", "dhcp2")
        lab.advance(Timers().receive)
        lab.lease(SCOPE, b"\x01", server="dhcp1")
        lab.lease(SCOPE, b"\x02", server="dhcp2")
        lab.advance(timedelta(minutes=1))
        moved = lab.lease(SCOPE, b"\x01", server="dhcp2")
        lab.mend("dhcp1", "dhcp2")
        lab.settle()
        clients = [
            {record.client_id: record.address for record in lab.clients(name, SCOPE)} for name in ("dhcp1", "dhcp2")
        ]
        assert clients[0] == clients[1]
        assert moved is not None
        assert clients[0][moved.client_id] == moved.address
        assert len(clients[0]) == 2
