"""What each function answers and changes when it succeeds, on every backend; names as in test_failover_rules.py."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

import pytest
from worlds import (
    DHCP1,
    DHCP2,
    NAME,
    OTHER,
    SCOPE,
    THIRD,
    RelationshipFlags,
    Rights,
    World,
    relationship,
    replace,
)

from dhcpfo import FailoverMode, FailoverState, Relationship, ServerType
from dhcpfo.api import WHOLE
from dhcpfo.enums import AddressStatus, ClientType, QuarantineStatus, SearchType
from dhcpfo.errors import DhcpError
from dhcpfo.models import ClientSearch, FailoverClient, HostInfo, RelationshipValues, unique_client_id

SECRET = "correct horse"
MAC = bytes.fromhex("00155d010203")


def test_create_9_stores_every_field(world: World) -> None:
    wanted = relationship(
        name="Ärger \U0001f600",
        secondary_server_name=None,
        mode=FailoverMode.HOT_STANDBY,
        server_type=ServerType.SECONDARY,
        state=FailoverState.NORMAL,
        previous_state=FailoverState.PARTNER_DOWN,
        mclt=timedelta(seconds=77),
        state_switch_interval=timedelta(seconds=600),
        percentage=7,
        scopes=[OTHER, SCOPE],
        shared_secret=SECRET,
    )
    api = world.api("dhcp1")
    api.create_relationship(wanted)
    held = api.get_relationship("Ärger \U0001f600")
    assert held == replace(wanted, state=FailoverState.STARTUP, previous_state=FailoverState.INIT)
    assert held.shared_secret == SECRET
    assert api.get_scope_relationship(SCOPE) == api.get_scope_relationship(OTHER) == held


def test_create_9_takes_no_interval_as_never(world: World) -> None:
    api = world.api("dhcp1")
    api.create_relationship(relationship(state_switch_interval=timedelta(0)))
    assert api.get_relationship(NAME).state_switch_interval is None


def test_create_9_accepts_what_no_rule_names(world: World) -> None:
    api = world.api("dhcp1")
    odd = relationship(
        secondary_server=DHCP1, scopes=[SCOPE, SCOPE], mclt=timedelta(seconds=1), primary_server_name=None
    )
    api.create_relationship(odd)
    assert api.get_relationship(NAME).scopes == (SCOPE, SCOPE)


SETTINGS = {
    "mclt": (RelationshipFlags.MCLT, timedelta(seconds=99)),
    "state_switch_interval": (RelationshipFlags.STATE_SWITCH_INTERVAL, timedelta(seconds=98)),
    "percentage": (RelationshipFlags.PERCENTAGE, 97),
    "mode": (RelationshipFlags.MODE, FailoverMode.HOT_STANDBY),
    "previous_state": (RelationshipFlags.PREVIOUS_STATE, FailoverState.PAUSED),
    "shared_secret": (RelationshipFlags.SHARED_SECRET, "new"),
}


@pytest.mark.parametrize("field", SETTINGS)
def test_set_4_changes_what_the_flag_names(world: World, field: str) -> None:
    """All values are given, and only the flagged one is taken."""
    world.pair()
    api = world.api("dhcp1")
    before = api.get_relationship(NAME)
    values = RelationshipValues(**{name: value for name, (_, value) in SETTINGS.items()})
    api.set_relationship(NAME, SETTINGS[field][0], values)
    assert api.get_relationship(NAME) == replace(before, **{field: SETTINGS[field][1]})


def test_set_4_enters_a_state(world: World) -> None:
    world.pair()
    api = world.api("dhcp1")
    api.set_relationship(NAME, RelationshipFlags.STATE, RelationshipValues(state=FailoverState.PARTNER_DOWN))
    after = api.get_relationship(NAME)
    assert (after.state, after.previous_state) == (FailoverState.PARTNER_DOWN, FailoverState.STARTUP)
    both = RelationshipFlags.STATE | RelationshipFlags.PREVIOUS_STATE
    values = RelationshipValues(state=FailoverState.PAUSED, previous_state=FailoverState.SHUTDOWN)
    api.set_relationship(NAME, both, values)
    after = api.get_relationship(NAME)
    assert (after.state, after.previous_state) == (FailoverState.PAUSED, FailoverState.SHUTDOWN)


def test_set_4_turns_authentication_off_and_the_interval_to_never(world: World) -> None:
    world.pair(shared_secret=SECRET, state_switch_interval=timedelta(minutes=5))
    api = world.api("dhcp1")
    flags = RelationshipFlags.SHARED_SECRET | RelationshipFlags.STATE_SWITCH_INTERVAL
    api.set_relationship(NAME, flags, RelationshipValues())
    after = api.get_relationship(NAME)
    assert (after.shared_secret, after.state_switch_interval) == (None, None)


def test_delete_4_frees_the_scopes_and_leaves_the_partner_alone(world: World) -> None:
    world.normal()
    world.api("dhcp1").delete_relationship(NAME)
    with pytest.raises(DhcpError) as refused:
        world.api("dhcp1").get_scope_relationship(SCOPE)
    assert refused.value.winerror == 20116
    assert SCOPE in world.lab.scopes("dhcp1")
    assert world.api("dhcp2").get_relationship(NAME).scopes == (SCOPE,)
    world.api("dhcp1").create_relationship(relationship())


def test_get_4_and_scope_relationship_4_answer_a_reader(world: World) -> None:
    world.pair(shared_secret=SECRET, scopes=[SCOPE, OTHER])
    reader = world.api("dhcp2", Rights.USER)
    held = reader.get_relationship(NAME)
    assert held.shared_secret == SECRET
    assert held.server_type is ServerType.SECONDARY
    assert reader.get_scope_relationship(OTHER) == held


def entry_bytes(item: Relationship) -> int:
    texts = [item.name, item.primary_server_name, item.secondary_server_name, item.shared_secret]
    text_bytes = sum(len(text.encode("utf-16-le")) + 2 for text in texts if text is not None)
    return 80 + 16 + 4 * len(item.scopes) + text_bytes


def test_enum_3_and_6_go_on_where_the_handle_says(world: World) -> None:
    world.fill(5)
    api = world.api("dhcp1", Rights.USER)
    everything = api.enum_relationships()
    assert [item.name for item in everything.items] == [f"other-{number:02}" for number in range(5)]
    assert (everything.resume, everything.remaining, everything.status) == (5, 0, 0)
    rest = api.enum_relationships(3)
    assert (rest.items, rest.resume, rest.remaining) == (everything.items[3:], 5, 0)
    end = api.enum_relationships(5)
    assert (end.items, end.remaining, end.status) == ((), 0, 259)


def test_enum_5_fills_a_budget_of_bytes(world: World) -> None:
    world.fill(3)
    api = world.api("dhcp1")
    items = api.enum_relationships(0, WHOLE).items
    two = entry_bytes(items[0]) + entry_bytes(items[1])
    page = api.enum_relationships(0, two)
    assert (page.items, page.resume, page.remaining, page.status) == (items[:2], 2, 1, 234)
    assert len(api.enum_relationships(0, two - 1).items) == 1
    last = api.enum_relationships(2, two)
    assert (last.items, last.remaining, last.status) == (items[2:], 0, 0)


@pytest.mark.parametrize("budget", [0, 1])
def test_enum_5_answers_one_entry_however_small_the_budget(world: World, budget: int) -> None:
    world.fill(2)
    page = world.api("dhcp1").enum_relationships(0, budget)
    assert (len(page.items), page.resume, page.remaining, page.status) == (1, 1, 1, 234)
    world.lab.switches = replace(world.lab.switches, at_least_one_entry=False)
    page = world.api("dhcp1").enum_relationships(0, budget)
    assert (len(page.items), page.resume, page.remaining, page.status) == (0, 0, 2, 234)


def test_add_9_appends_and_remove_8_takes_out(world: World) -> None:
    world.normal()
    for server in ("dhcp2", "dhcp1"):
        api = world.api(server)
        api.add_failover_scopes(NAME, [THIRD, OTHER])
        assert api.get_relationship(NAME).scopes == (SCOPE, THIRD, OTHER)
        assert api.get_scope_relationship(OTHER).name == NAME
    api = world.api("dhcp1")
    api.remove_failover_scopes(NAME, [SCOPE, OTHER])
    assert api.get_relationship(NAME).scopes == (THIRD,)
    api.remove_failover_scopes(NAME, [THIRD])
    assert api.get_relationship(NAME).scopes == ()
    assert {SCOPE, OTHER, THIRD} <= set(world.lab.scopes("dhcp1"))


def test_add_9_brings_the_leases_of_both_together(world: World) -> None:
    world.lab.lease(OTHER, MAC, server="dhcp2")
    world.normal()
    for server in ("dhcp2", "dhcp1"):
        world.api(server).add_failover_scopes(NAME, [OTHER])
    search = ClientSearch(type=SearchType.CLIENT_ID, value=unique_client_id(OTHER, MAC))
    assert world.api("dhcp1").get_failover_client(search).owner.address == DHCP2


def test_statistics_4_counts_from_both_sides(world: World) -> None:
    world.lab.exclude(SCOPE, SCOPE + 201, SCOPE + 254)
    world.normal(percentage=70)
    for number in range(10):
        assert world.lab.lease(SCOPE, MAC + bytes([number])) is not None
    here, there = (world.api(server).get_scope_statistics(SCOPE) for server in ("dhcp1", "dhcp2"))
    assert (here.addresses_total, here.addresses_free, here.addresses_in_use) == (200, 190, 10)
    assert here.addresses_free_on_this_server + here.addresses_free_on_partner_server == 190
    assert here.addresses_in_use_on_this_server + here.addresses_in_use_on_partner_server == 10
    assert here.addresses_free_on_this_server == there.addresses_free_on_partner_server
    assert here.addresses_in_use_on_this_server == there.addresses_in_use_on_partner_server
    assert here.addresses_in_use_on_this_server > there.addresses_in_use_on_this_server > 0


RECORD = FailoverClient(
    address=SCOPE + 20,
    subnet_mask=IPv4Address("255.255.255.0"),
    client_id=unique_client_id(SCOPE, MAC),
    name="Gerät",
    comment="Drucker",
    lease_expires=datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC),
    owner=HostInfo(address=DHCP2, netbios_name="DHCP2"),
    client_type=ClientType.BOTH,
    address_state=0xAD,
    quarantine_status=QuarantineStatus.PROBATION,
    probation_ends=datetime(2032, 2, 3, 4, 5, 6, tzinfo=UTC),
    quarantine_capable=True,
    potential_expiration_sent=datetime(2033, 1, 1, 0, 0, 1, tzinfo=UTC),
    potential_expiration_acknowledged=datetime(2033, 1, 1, 0, 0, 2, tzinfo=UTC),
    potential_expiration_received=datetime(2033, 1, 1, 0, 0, 3, tzinfo=UTC),
    start_time=datetime(2033, 1, 1, 0, 0, 4, tzinfo=UTC),
    last_transaction=datetime(2033, 1, 1, 0, 0, 5, tzinfo=UTC),
    last_binding_update=datetime(2033, 1, 1, 0, 0, 6, tzinfo=UTC),
    binding_status=7,
    policy_name="policy",
    flags=8,
)
SEARCHES = {
    "address": ClientSearch(type=SearchType.ADDRESS, value=RECORD.address),
    "client_id": ClientSearch(type=SearchType.CLIENT_ID, value=RECORD.client_id),
    "name": ClientSearch(type=SearchType.NAME, value="Gerät"),
}


@pytest.mark.parametrize("key", SEARCHES)
def test_client_5_answers_every_field(world: World, key: str) -> None:
    world.lab.put_client("dhcp1", RECORD)
    found = world.api("dhcp1", Rights.USER).get_failover_client(SEARCHES[key])
    assert found == RECORD
    defaults = {entry.name: entry.default for entry in fields(FailoverClient)}
    assert all(getattr(found, name) != default for name, default in defaults.items())


def test_client_5_of_one_name_the_lowest_address_wins(world: World) -> None:
    for address in (OTHER + 7, SCOPE + 9, SCOPE + 8):
        world.lab.put_client("dhcp1", replace(RECORD, address=address))
    assert world.api("dhcp1").get_failover_client(SEARCHES["name"]).address == SCOPE + 8


def test_time_2_and_3_answer_anybody_the_servers_own_clock(world: World, route: str) -> None:
    world.lab.set_clock_offset("dhcp2", timedelta(seconds=30))
    answers = [world.api(server, Rights.NONE).get_system_time() for server in ("dhcp1", "dhcp2")]
    assert [answer.time - world.lab.now for answer in answers] == [timedelta(0), timedelta(seconds=30)]
    # The protocol does not carry the difference, so that of the DLL is its own.
    difference = None if route == "wire" else timedelta(minutes=1)
    assert {answer.max_allowed_difference for answer in answers} == {difference}


def test_trigger_5_shares_out_by_a_new_percentage(world: World) -> None:
    world.lab.exclude(SCOPE, SCOPE + 201, SCOPE + 254)
    world.normal()
    api = world.api("dhcp1")
    assert api.get_scope_statistics(SCOPE).addresses_free_on_this_server == 100
    api.set_relationship(NAME, RelationshipFlags.PERCENTAGE, RelationshipValues(percentage=90))
    assert api.get_scope_statistics(SCOPE).addresses_free_on_this_server == 100
    api.trigger_address_allocation(NAME)
    assert api.get_scope_statistics(SCOPE).addresses_free_on_this_server == 180
    assert world.api("dhcp2").get_scope_statistics(SCOPE).addresses_free_on_this_server == 20


def test_trigger_5_keeps_the_percentage_for_the_standby(world: World) -> None:
    world.lab.exclude(SCOPE, SCOPE + 201, SCOPE + 254)
    world.normal(mode=FailoverMode.HOT_STANDBY, percentage=5)
    assert world.api("dhcp2").get_scope_statistics(SCOPE).addresses_free_on_this_server == 10


def test_address_status_4(world: World) -> None:
    world.lab.exclude(SCOPE, SCOPE + 40)
    world.lab.reserve(SCOPE, SCOPE + 41, MAC)
    world.normal()
    for server in ("dhcp1", "dhcp2"):
        api = world.api(server, Rights.USER)
        status = {number: api.get_address_status(SCOPE + number) for number in (1, 40, 41, 254, 255)}
        assert status == {
            1: AddressStatus.PRIMARY,
            40: AddressStatus.EXCLUDED,
            41: AddressStatus.RESERVED,
            254: AddressStatus.SECONDARY,
            255: AddressStatus.EXCLUDED,
        }


def test_address_status_4_of_an_address_in_use_is_its_giver(world: World) -> None:
    world.normal()
    world.lab.put_client("dhcp1", replace(RECORD, address=SCOPE + 1, address_state=1))
    assert world.api("dhcp1").get_address_status(SCOPE + 1) is AddressStatus.SECONDARY
