"""Scopes and superscopes: each rule of [MS-DHCPM], in the order of its checks, by each route."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address

import pytest
from worlds import MISSING, OTHER, SCOPE, THIRD, Rights, World

from dhcpfo.enums import ForceFlag, ScopeState
from dhcpfo.errors import DhcpError
from dhcpfo.models import Page, Scope, SuperscopeEntry, to_address

NEW = IPv4Address("10.20.0.0")
INFO = Scope(scope_id=NEW, subnet_mask="255.255.255.0", name="Lab", comment="c1", state=ScopeState.DISABLED)
DENIED, INVALID, NULL_REFERENCE, MISSING_SCOPE = 5, 87, 1780, 20005


def code(call, *arguments):
    """The code that a call answers; 0 for success."""
    try:
        call(*arguments)
    except DhcpError as error:
        return error.winerror
    return 0


@pytest.fixture
def api(world: World):
    return world.api("dhcp1")


@pytest.fixture
def user(world: World):
    return world.api("dhcp1", Rights.USER)


@pytest.fixture
def nobody(world: World):
    return world.api("dhcp1", Rights.NONE)


class TestEnumerate:
    def test_all(self, api, user):
        ids = tuple(IPv4Address(f"10.{number}.0.0") for number in range(4))
        assert api.enum_scopes() == user.enum_scopes() == Page(ids, 4, 0, 0)

    def test_each_page_is_a_success(self, api):
        assert api.enum_scopes(0, 3) == Page((SCOPE, OTHER, THIRD), 3, 1, 0)
        assert api.enum_scopes(3, 3) == Page((IPv4Address("10.3.0.0"),), 4, 0, 0)

    def test_the_end(self, api):
        assert api.enum_scopes(4) == Page((), 4, 0, 259)
        assert api.enum_scopes(99) == Page((), 99, 0, 259)

    def test_a_maximum_of_zero(self, api):
        page = api.enum_scopes(0, 0)
        assert (page.items, page.status) == ((), 259)

    @pytest.mark.parametrize(("by_the_letter", "status"), [(False, 259), (True, 0)])
    def test_a_server_without_scopes(self, world, by_the_letter, status):
        world.lab.switches = replace(world.lab.switches, empty_lists_have_no_more_items=not by_the_letter)
        world.lab.add_server("empty", "192.0.2.9")
        assert world.api("empty").enum_scopes() == Page((), 0, 0, status)
        assert world.api("empty").enum_scopes(1) == Page((), 1, 0, 259)

    def test_rights(self, nobody):
        assert code(nobody.enum_scopes) == DENIED


class TestGet:
    def test_what_create_stored(self, api):
        api.create_scope(NEW, INFO)
        found = api.get_scope(NEW)
        assert found == replace(INFO, primary_host=found.primary_host)
        assert found.primary_host.address == IPv4Address("127.0.0.1")
        assert (found.primary_host.netbios_name, found.primary_host.host_name) == (None, None)

    def test_a_missing_one(self, user):
        assert code(user.get_scope, MISSING) == MISSING_SCOPE

    def test_rights(self, nobody):
        assert code(nobody.get_scope, MISSING) == DENIED


WRONG = {
    "address 0": (IPv4Address(0), replace(INFO, scope_id="0.0.0.0")),
    "two addresses": (SCOPE, INFO),
    "host bits": (NEW + 1, replace(INFO, scope_id=NEW + 1)),
    "a mask with gaps": (NEW, replace(INFO, subnet_mask="255.0.255.0")),
}


@pytest.mark.parametrize("method", ["create_scope", "set_scope"])
class TestWrongArguments:
    @pytest.mark.parametrize(("scope", "info"), WRONG.values(), ids=WRONG)
    def test_they_are_refused(self, api, method, scope, info):
        assert code(getattr(api, method), scope, info) == INVALID

    @pytest.mark.parametrize(("scope", "info"), WRONG.values(), ids=WRONG)
    def test_rights_come_first(self, user, method, scope, info):
        assert code(getattr(user, method), scope, info) == DENIED


class TestCreate:
    @pytest.mark.parametrize(
        ("scope", "mask"), [("10.0.0.0", "255.255.255.0"), ("10.0.0.128", "255.255.255.128"), ("10.0.0.0", "255.0.0.0")]
    )
    def test_an_overlap(self, api, scope, mask):
        info = replace(INFO, scope_id=to_address(scope), subnet_mask=to_address(mask))
        assert code(api.create_scope, info.scope_id, info) == 20052

    def test_what_a_new_scope_has(self, api):
        api.create_scope(NEW, replace(INFO, quarantine=1))
        assert api.get_scope(NEW).quarantine == 0
        assert api.get_scope_delay(NEW) == timedelta(0)
        assert SuperscopeEntry(scope_id=NEW, number=0, name=None) in api.get_superscope_table()
        assert code(api.get_scope_relationship, NEW) == 20116

    def test_only_this_server_gets_it(self, world, api):
        api.create_scope(NEW, INFO)
        assert code(world.api("dhcp2").get_scope, NEW) == MISSING_SCOPE


class TestSet:
    def test_everything_is_replaced(self, api):
        api.create_scope(NEW, INFO)
        changed = replace(INFO, name=None, comment="", state=ScopeState.ENABLED_SWITCHED, subnet_mask="255.255.0.0")
        api.set_scope(NEW, changed)
        found = api.get_scope(NEW)
        assert found == replace(changed, primary_host=found.primary_host)

    def test_delay_and_superscope_stay(self, api):
        api.set_scope_delay(SCOPE, timedelta(milliseconds=20))
        api.set_superscope(SCOPE, "East", False)
        api.set_scope(SCOPE, replace(INFO, scope_id=SCOPE))
        assert api.get_scope_delay(SCOPE) == timedelta(milliseconds=20)
        assert api.get_superscope_table()[0].name == "East"

    def test_a_missing_one(self, api):
        assert code(api.set_scope, NEW, INFO) == MISSING_SCOPE

    @pytest.mark.parametrize(("version", "expected"), [((10, 0), 20138), ((6, 3), 0)])
    def test_network_access_protection(self, world, api, version, expected):
        world.lab.set_version("dhcp1", *version)
        api.create_scope(NEW, INFO)
        assert code(api.set_scope, NEW, replace(INFO, quarantine=1)) == expected


@pytest.mark.parametrize("force", ForceFlag)
class TestDelete:
    def test_an_unused_one(self, world, api, force):
        api.delete_scope(THIRD, force)
        assert code(api.get_scope, THIRD) == MISSING_SCOPE
        assert world.api("dhcp2").get_scope(THIRD).scope_id == THIRD

    def test_one_with_leases(self, world, api, force):
        world.lab.lease(SCOPE, "00-15-5d-00-00-01", server="dhcp1")
        refused = force == ForceFlag.NO_FORCE
        assert code(api.delete_scope, SCOPE, force) == (20007 if refused else 0)
        assert code(api.get_scope, SCOPE) == (0 if refused else MISSING_SCOPE)

    def test_one_in_a_relationship(self, world, api, force):
        world.normal()
        assert code(api.delete_scope, SCOPE, force) == 20113

    def test_a_missing_one(self, api, user, force):
        assert code(api.delete_scope, MISSING, force) == MISSING_SCOPE
        assert code(user.delete_scope, MISSING, force) == DENIED


class TestState:
    @pytest.mark.parametrize("state", [ScopeState.DISABLED, ScopeState.DISABLED_SWITCHED])
    def test_a_disabled_scope_gives_out_nothing(self, world, api, state):
        client = world.lab.lease(SCOPE, "00-15-5d-00-00-01", server="dhcp1")
        assert client is not None
        info = api.get_scope(SCOPE)
        api.set_scope(SCOPE, replace(info, state=state))
        assert world.lab.lease(SCOPE, "00-15-5d-00-00-01", server="dhcp1") is None
        assert world.lab.lease(SCOPE, "00-15-5d-00-00-02", server="dhcp1") is None
        api.set_scope(SCOPE, replace(info, state=ScopeState.ENABLED_SWITCHED))
        assert world.lab.lease(SCOPE, "00-15-5d-00-00-01", server="dhcp1").address == client.address

    def test_the_other_server_goes_on(self, world, api):
        api.set_scope(SCOPE, replace(api.get_scope(SCOPE), state=ScopeState.DISABLED))
        assert world.lab.lease(SCOPE, "00-15-5d-00-00-01").owner.address == IPv4Address("192.0.2.2")


class TestDelay:
    def test_it_is_stored(self, api, user):
        assert api.get_scope_delay(SCOPE) == timedelta(0)
        api.set_scope_delay(SCOPE, timedelta(milliseconds=1000))
        assert user.get_scope_delay(SCOPE) == timedelta(seconds=1)

    def test_too_long(self, api):
        assert code(api.set_scope_delay, SCOPE, timedelta(milliseconds=1001)) == 20092

    def test_the_order_of_the_checks(self, api, user, nobody):
        assert code(user.set_scope_delay, SCOPE, timedelta(milliseconds=1001)) == DENIED
        assert code(api.set_scope_delay, MISSING, timedelta(milliseconds=1001)) == 20092
        assert code(api.set_scope_delay, MISSING, timedelta(0)) == MISSING_SCOPE
        assert code(api.get_scope_delay, MISSING) == MISSING_SCOPE
        assert code(nobody.get_scope_delay, MISSING) == DENIED

    def test_an_older_server_has_none(self, world):
        world.lab.set_version("dhcp1", 6, 0)
        assert code(world.api("dhcp1").get_scope_delay, SCOPE) == 1745
        assert code(world.api("dhcp1").set_scope_delay, SCOPE, timedelta(0)) == 1745


class TestSuperscopes:
    def names(self, api):
        return {entry.scope_id: entry.name for entry in api.get_superscope_table() if entry.number}

    def test_one_entry_for_each_scope(self, api, user):
        api.set_superscope(OTHER, "East", False)
        table = user.get_superscope_table()
        assert [entry.scope_id for entry in table] == list(api.enum_scopes().items)
        assert {entry.number: entry.name for entry in table} == {0: None, 1: "East"}

    def test_a_server_without_scopes(self, world):
        world.lab.add_server("empty", "192.0.2.9")
        assert world.api("empty").get_superscope_table() == ()

    def test_in_another_case_it_is_the_same_one(self, api):
        api.set_superscope(SCOPE, "East", False)
        api.set_superscope(OTHER, "EAST", False)
        assert self.names(api) == {SCOPE: "East", OTHER: "East"}

    def test_only_a_move_leaves_a_superscope(self, api):
        api.set_superscope(SCOPE, "East", False)
        assert code(api.set_superscope, SCOPE, "West", False) == 20004
        assert code(api.set_superscope, SCOPE, "East", False) == 20004
        api.set_superscope(SCOPE, "West", True)
        assert self.names(api) == {SCOPE: "West"}

    def test_out_of_it(self, api):
        api.set_superscope(SCOPE, "East", False)
        api.set_superscope(SCOPE, None, False)
        api.set_superscope(OTHER, None, False)
        assert self.names(api) == {}

    def test_it_outlives_its_last_scope(self, api):
        api.set_superscope(SCOPE, "East", False)
        api.set_superscope(SCOPE, None, False)
        assert code(api.delete_superscope, "east") == 0
        assert code(api.delete_superscope, "East") == MISSING_SCOPE

    def test_its_scopes_outlive_it(self, api):
        api.set_superscope(SCOPE, "East", False)
        api.set_superscope(OTHER, "East", False)
        api.set_superscope(THIRD, "West", False)
        api.delete_superscope("East")
        assert self.names(api) == {THIRD: "West"}
        assert api.get_scope(SCOPE).scope_id == SCOPE

    def test_a_deleted_scope_leaves_it(self, api):
        api.set_superscope(SCOPE, "East", False)
        api.delete_scope(SCOPE, ForceFlag.NO_FORCE)
        assert self.names(api) == {}

    def test_errors(self, api, user, nobody, route):
        assert code(api.set_superscope, MISSING, "East", False) == MISSING_SCOPE
        assert code(user.set_superscope, MISSING, "East", False) == DENIED
        assert code(nobody.get_superscope_table) == DENIED
        assert code(user.delete_superscope, "East") == DENIED
        assert code(api.delete_superscope, "East") == MISSING_SCOPE
        # The protocol has no NULL there, so that it is refused before it is sent.
        assert code(api.delete_superscope, None) == (NULL_REFERENCE if route == "wire" else INVALID)
        assert code(user.delete_superscope, None) == (NULL_REFERENCE if route == "wire" else DENIED)
