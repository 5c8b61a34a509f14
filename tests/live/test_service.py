"""What one server alone can show: enumeration, codes, a relationship with an unreachable partner, clock, memory."""

import ctypes
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from service import FOREIGN_SERVER, LIVE, NAME, NO_SERVER, SCOPES, THIS_SERVER

import dhcpfo
from dhcpfo.api import ManagementApi
from dhcpfo.enums import FailoverMode, FailoverState, RelationshipFlags, SearchType
from dhcpfo.errors import DhcpError
from dhcpfo.models import ClientSearch, Relationship, RelationshipValues

pytestmark = pytest.mark.abi

CALLS = 10_000
MIB = 1024 * 1024

RELATIONSHIP = Relationship(
    name=NAME,
    primary_server=THIS_SERVER,
    secondary_server=NO_SERVER,
    primary_server_name="dhcpfo-this.invalid",
    secondary_server_name="dhcpfo-none.invalid",
    scopes=SCOPES[:1],
    percentage=61,
    mclt=timedelta(minutes=20),
    state_switch_interval=timedelta(minutes=10),
)
NO_SCOPE = IPv4Address("10.78.0.0")
MCLT = RelationshipValues(mclt=timedelta(minutes=5))

Act = Callable[[ManagementApi], object]


def code_of(act: Act, api: ManagementApi) -> int:
    """Return the code of a call; 0 is success."""
    try:
        act(api)
    except DhcpError as error:
        return error.winerror or 0
    return 0


# The codes are those of the documents and the header; which of several a service gives, only a service can say.
ALONE: dict[str, tuple[str, Act]] = {
    "get an unknown relationship": ("20115", lambda api: api.get_relationship("dhcpfo-none")),
    "delete an unknown relationship": ("20115", lambda api: api.delete_relationship("dhcpfo-none")),
    "change an unknown relationship": (
        "20115",
        lambda api: api.set_relationship("dhcpfo-none", RelationshipFlags.MCLT, MCLT),
    ),
    "change nothing": ("87", lambda api: api.set_relationship("dhcpfo-none", RelationshipFlags(0), MCLT)),
    "redistribute an unknown relationship": ("20115", lambda api: api.trigger_address_allocation("dhcpfo-none")),
    "add a scope without any relationship": (
        "2",
        lambda api: api.add_failover_scopes("dhcpfo-none", SCOPES[:1]),
    ),
    "remove a scope where there is none at all": (
        "2",
        lambda api: api.remove_failover_scopes("dhcpfo-none", SCOPES[:1]),
    ),
    "the relationship of a scope without one": ("20116", lambda api: api.get_scope_relationship(SCOPES[0])),
    "the relationship of a scope that is not there": ("20116", lambda api: api.get_scope_relationship(NO_SCOPE)),
    "the statistics of a scope without failover": ("2", lambda api: api.get_scope_statistics(SCOPES[0])),
    "the status of an address of such a scope": ("20116", lambda api: api.get_address_status(SCOPES[0] + 50)),
    "the status of an address of no scope": ("87", lambda api: api.get_address_status(NO_SCOPE + 50)),
    "a client at an address without a lease": (
        "20013 or 20016",
        lambda api: api.get_failover_client(ClientSearch(type=SearchType.ADDRESS, value=SCOPES[0] + 50)),
    ),
    "a client by a name that nobody has": (
        "20013 or 20016",
        lambda api: api.get_failover_client(ClientSearch(type=SearchType.NAME, value="dhcpfo-none")),
    ),
    "create with a scope that is not there": (
        "20005",
        lambda api: api.create_relationship(replace_scopes(NO_SCOPE)),
    ),
    "create with a name of 127 characters": (
        "20125",
        lambda api: api.create_relationship(replace(RELATIONSHIP, name="n" * 127)),
    ),
    "create with a percentage of 101": (
        "87",
        lambda api: api.create_relationship(replace(RELATIONSHIP, percentage=101)),
    ),
    "create with the address 0.0.0.0": (
        "87",
        lambda api: api.create_relationship(replace(RELATIONSHIP, secondary_server=IPv4Address(0))),
    ),
    "create with two addresses that are not this server's": (
        "",
        lambda api: api.create_relationship(replace(RELATIONSHIP, primary_server=FOREIGN_SERVER)),
    ),
}

WITH_RELATIONSHIP: dict[str, tuple[str, Act]] = {
    "create again, another scope": ("20114", lambda api: api.create_relationship(replace_scopes(SCOPES[1]))),
    "create another with the same scope": (
        "20113",
        lambda api: api.create_relationship(replace(RELATIONSHIP, name=NAME + "-2")),
    ),
    "add a scope while it is not NORMAL": ("20120", lambda api: api.add_failover_scopes(NAME, SCOPES[1:2])),
    "add a scope that is not there": ("20005", lambda api: api.add_failover_scopes(NAME, [NO_SCOPE])),
    "add the scope that is in it": ("20113", lambda api: api.add_failover_scopes(NAME, SCOPES[:1])),
    "remove a scope that is not in it": ("20116", lambda api: api.remove_failover_scopes(NAME, SCOPES[1:2])),
    "change to a percentage of 101": (
        "87",
        lambda api: api.set_relationship(NAME, RelationshipFlags.PERCENTAGE, RelationshipValues(percentage=101)),
    ),
    "change to a mode of 7": (
        "87",
        lambda api: api.set_relationship(NAME, RelationshipFlags.MODE, RelationshipValues(mode=FailoverMode(7))),
    ),
    "change with an unknown flag": ("87", lambda api: api.set_relationship(NAME, RelationshipFlags(0x100), MCLT)),
    "redistribute while it is not NORMAL": ("", lambda api: api.trigger_address_allocation(NAME)),
}


def replace_scopes(*scopes: IPv4Address) -> Relationship:
    """The relationship with other scopes."""
    return replace(RELATIONSHIP, scopes=scopes)


@pytest.mark.parametrize("situation", ALONE)
def test_code_without_a_relationship(server, note, situation):
    expected, act = ALONE[situation]
    assert not note(situation, expected, code_of(act, server.api)).surprising


@pytest.mark.parametrize("situation", WITH_RELATIONSHIP)
def test_code_with_a_relationship(server, note, situation):
    expected, act = WITH_RELATIONSHIP[situation]
    server.create_relationship(RELATIONSHIP)
    assert not note(situation, expected, code_of(act, server.api)).surprising


def test_enumeration_of_nothing(server, note):
    page = server.api.enum_relationships()
    assert not note("the status of an enumeration of nothing", "259", page.status).surprising
    assert page.items == ()
    assert server.relationships() == []


def test_what_was_created_is_read_back(server, note):
    server.create_relationship(RELATIONSHIP)
    found = server.get_relationship(NAME)
    note("the state after creating, partner unreachable", "", found.state.name)
    note("the state before it", "", found.previous_state.name)
    assert found == replace(RELATIONSHIP, state=found.state, previous_state=found.previous_state)
    assert server.relationships() == [found]
    assert server.get_scope_relationship(SCOPES[0]) == found


def test_a_relationship_of_every_scope_in_hot_standby_with_a_secret(server, note):
    wanted = replace(
        RELATIONSHIP,
        mode=FailoverMode.HOT_STANDBY,
        percentage=7,
        scopes=SCOPES,
        state_switch_interval=None,
        shared_secret="dhcpfo live",
    )
    server.create_relationship(wanted)
    found = server.get_relationship(NAME)
    assert (found.mode, found.percentage, found.scopes) == (wanted.mode, wanted.percentage, wanted.scopes)
    assert not note("an interval of never comes back as", "None", found.state_switch_interval).surprising
    note("the secret is answered in clear", "", found.shared_secret == wanted.shared_secret)


def test_values_are_changed_one_at_a_time(server, note):
    server.create_relationship(RELATIONSHIP)
    changes = {
        "mclt": timedelta(minutes=45),
        "state_switch_interval": timedelta(minutes=15),
        "percentage": 33,
        "mode": FailoverMode.HOT_STANDBY,
        "shared_secret": "dhcpfo live",
    }
    for value, wanted in changes.items():
        change = {value: wanted} | ({"percentage": 5} if value == "mode" else {})
        code = code_of(lambda _, change=change: server.set_relationship(NAME, **change), server.api)
        expected = "" if value == "shared_secret" else "0"  # whether its flag is known, no document says
        assert not note(f"change {value}", expected, code).surprising
        if code == 0 and value != "shared_secret":
            assert getattr(server.get_relationship(NAME), value) == wanted


def test_partner_down(server, note):
    server.create_relationship(RELATIONSHIP)
    code = code_of(lambda _: server.set_relationship(NAME, state=FailoverState.PARTNER_DOWN), server.api)
    note("declare the partner down at once", "", code)
    note("the state after that", "", server.get_relationship(NAME).state.name)


def test_statistics_and_addresses_of_a_scope_in_failover(server, note):
    server.create_relationship(RELATIONSHIP)
    try:
        statistics = server.get_scope_statistics(SCOPES[0])
    except DhcpError as error:
        note("the statistics of a scope in failover", "", error.winerror)
    else:
        note("the statistics of a scope in failover", "", statistics.to_dict())
    try:
        note("the owner of a free address", "", server.get_address_status(SCOPES[0] + 50).name)
    except DhcpError as error:
        note("the owner of a free address", "", error.winerror)


def test_a_deleted_relationship_frees_its_scopes(server):
    server.create_relationship(RELATIONSHIP)
    server.delete_relationship(NAME)
    assert server.relationships() == []
    server.create_relationship(RELATIONSHIP)


def test_clock(server, note):
    answer = server.get_system_time()
    note("the allowed difference of the clocks", "", answer.max_allowed_difference)
    assert abs(answer.time - datetime.now(UTC)) < timedelta(seconds=5)


def test_host_that_does_not_exist(note):
    if not LIVE:
        pytest.skip("a rehearsal asks no host: DHCPFO_LIVE is not set")
    with dhcpfo.connect("dhcpfo-none.invalid") as nobody:
        code = code_of(lambda api: api.get_system_time(), nobody.api)
    assert not note("a host that does not exist", "1722 or 1753", code).surprising


@pytest.mark.parametrize(
    "call",
    [
        lambda api: api.get_relationship(NAME),
        lambda api: api.enum_relationships(),
        lambda api: api.get_scope_relationship(SCOPES[0]),
        lambda api: api.get_system_time(),
        lambda api: api.get_relationship("dhcpfo-none"),
    ],
    ids=["get", "enum", "scope", "time", "error"],
)
def test_memory_does_not_grow(server, note, request, call):
    server.create_relationship(RELATIONSHIP)
    for _ in range(CALLS // 10):
        code_of(call, server.api)
    before = used_memory()
    for _ in range(CALLS):
        code_of(call, server.api)
    growth = used_memory() - before
    note(f"{CALLS} calls ({request.node.callspec.id}) grew the process by", "", f"{growth // 1024} KiB")
    assert growth < MIB


def used_memory() -> int:
    """Bytes of memory that belong to this process alone."""
    if sys.platform != "win32":
        pages = Path("/proc/self/statm")
        if not pages.exists():
            pytest.skip(f"no measure of memory on {sys.platform}")
        return int(pages.read_text().split()[1]) * 4096
    size_t, dword = ctypes.c_size_t, ctypes.c_uint32

    class Counters(ctypes.Structure):
        _fields_ = [("cb", dword), ("faults", dword), ("sizes", size_t * 8), ("private", size_t)]

    counters = Counters(ctypes.sizeof(Counters))
    kernel = ctypes.WinDLL("kernel32")
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.K32GetProcessMemoryInfo.argtypes = [ctypes.c_void_p, ctypes.POINTER(Counters), dword]
    assert kernel.K32GetProcessMemoryInfo(kernel.GetCurrentProcess(), counters, counters.cb)
    return int(counters.private)
