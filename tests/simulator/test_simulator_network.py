"""Why partners are apart, servers that change, faults that last, names, and pairs in one line."""

from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

import pytest

import dhcpfo
from dhcpfo import FailoverMode, FailoverState, Relationship, Server, ServerType
from dhcpfo.api import FUNCTIONS
from dhcpfo.errors import AlreadyExistsError, DhcpError, NotSupportedError, ScopeNotFoundError, ServerUnavailableError
from dhcpfo.simulator import Lab, Timers

SCOPE = IPv4Address("10.0.0.0")
STATE = FailoverState


def add_copies(lab: Lab, **changes: Any) -> None:
    """Put two copies into the lab; ``changes`` are those of the secondary's."""
    for number in (1, 2):
        lab.add_server(f"dhcp{number}", f"192.0.2.{number}")
    lab.add_scope(f"{SCOPE}/24")
    values: dict[str, Any] = {
        "name": "pair",
        "primary_server": "192.0.2.1",
        "secondary_server": "192.0.2.2",
        "scopes": [SCOPE],
        "shared_secret": "correct horse",
    }
    lab.connect("dhcp2", direct=True).create_relationship(
        Relationship(**values | {"server_type": ServerType.SECONDARY} | changes)
    )
    lab.connect("dhcp1", direct=True).create_relationship(Relationship(**values))


CHANGED_COPIES = {
    "role": ({"server_type": ServerType.PRIMARY}, "both copies have the role PRIMARY"),
    "name": ({"name": "other"}, "dhcp2 has no relationship 'pair'"),
    "primary": ({"primary_server": "192.0.2.9"}, "the primary server is 192.0.2.1 in the copy on dhcp1 and 192.0.2.9"),
    "secondary": ({"secondary_server": "192.0.2.9"}, "the secondary server is 192.0.2.2 in the copy on dhcp1 and"),
    "secret": ({"shared_secret": "another"}, "the shared secrets differ"),
    "no-secret": ({"shared_secret": None}, "only one of the copies has a shared secret"),
}


@pytest.mark.parametrize("kind", CHANGED_COPIES)
def test_what_differs_between_two_copies(lab: Lab, kind: str) -> None:
    changes, reason = CHANGED_COPIES[kind]
    add_copies(lab, **changes)
    assert reason in lab.explain("pair").splitlines()[0]
    with pytest.raises(TimeoutError) as late:
        lab.settle(timedelta(hours=1))
    assert f"pair on dhcp1 is COMMUNICATION_INTERRUPTED; {reason}" in str(late.value)
    assert "correct horse" not in str(late.value) + lab.explain("pair")


OBSTACLES: dict[str, tuple[Callable[[Lab], object], str]] = {
    "cut": (lambda lab: lab.cut("dhcp2", "dhcp1"), "the link between dhcp1 and dhcp2 is cut"),
    "off": (lambda lab: lab.power_off("dhcp2"), "dhcp2 is powered off"),
    "stopped": (lambda lab: lab.stop("dhcp2"), "the DHCP service on dhcp2 is stopped"),
    "clock": (lambda lab: lab.set_clock_offset("dhcp2", timedelta(seconds=-90)), "the clocks differ by 0:01:30"),
    "address": (lambda lab: lab.set_address("dhcp2", "192.0.2.7"), "no server has the partner's address 192.0.2.2"),
    "deleted": (lambda lab: delete(lab, "dhcp2"), "dhcp2 has no relationship 'pair'"),
    "secret": (lambda lab: set_secret(lab, "dhcp2"), "the shared secrets differ"),
}


def delete(lab: Lab, server: str) -> None:
    lab.connect(server, direct=True).delete_relationship("pair")


def set_secret(lab: Lab, server: str) -> None:
    lab.connect(server, direct=True).set_relationship("pair", shared_secret="another")


@pytest.mark.parametrize("kind", OBSTACLES)
def test_what_separates_a_normal_pair(lab: Lab, kind: str) -> None:
    obstruct, reason = OBSTACLES[kind]
    lab.add_pair("pair", shared_secret="correct horse", direct=True)
    assert lab.explain("pair") == (
        "dhcp1: NORMAL; in contact with dhcp2, which is NORMAL\ndhcp2: NORMAL; in contact with dhcp1, which is NORMAL"
    )
    obstruct(lab)
    lab.advance(Timers().receive)
    first = lab.explain("pair").splitlines()[0]
    assert first.startswith(f"dhcp1: COMMUNICATION_INTERRUPTED; {reason}")
    cause = lab.history("dhcp1", "pair")[-1].cause
    assert cause == "no message from the partner" if kind in ("cut", "off") else cause.startswith(reason)


def test_other_explanations(lab: Lab) -> None:
    add_copies(lab)
    assert lab.explain("PAIR").splitlines()[0].startswith("dhcp1: STARTUP; ")
    lab.settle()
    lab.cut("dhcp1", "dhcp2")
    lab.advance(Timers().receive)
    lab.advance(timedelta(seconds=1))
    lab.mend("dhcp1", "dhcp2")
    assert "it connects to dhcp2 at the next try" in lab.explain("pair")
    lab.settle()
    lab.connect("dhcp1", direct=True).set_relationship("pair", state=STATE.PAUSED)
    assert "dhcp1: PAUSED; only another set_relationship or a restart ends this state" in lab.explain("pair")
    lab.stop("dhcp2")
    assert "dhcp2: NORMAL; its DHCP service is stopped" in lab.explain("pair")
    lab.power_off("dhcp2")
    assert "it is powered off" in lab.explain("pair")
    with pytest.raises(ValueError, match="no server has a relationship 'nobody'"):
        lab.explain("nobody")


def test_a_server_with_another_name(lab: Lab, route: str) -> None:
    by_name, by_address = (lab.connect(key, direct=route == "direct") for key in pair_of(lab))
    lab.cut("dhcp1", "dhcp2")
    lab.rename_server("dhcp1", "core")
    assert lab.servers == ("core", "dhcp2")
    with pytest.raises(ServerUnavailableError) as gone:
        by_name.relationships()
    assert gone.value.winerror == 1722
    assert by_address.get_relationship("pair").state is STATE.NORMAL
    assert "the link between core and dhcp2 is cut" in lab.explain("pair")
    lab.mend("core", "dhcp2")
    lab.settle()
    with pytest.raises(ValueError, match="has a server DHCP2 already"):
        lab.rename_server("core", "DHCP2")
    lab.rename_server("core", "CORE")
    assert lab.servers == ("CORE", "dhcp2")


def pair_of(lab: Lab) -> tuple[str, str]:
    lab.add_pair("pair", direct=True)
    return "dhcp1", "192.0.2.1"


def test_a_server_with_another_address(lab: Lab, route: str) -> None:
    by_name, by_address = (lab.connect(key, direct=route == "direct") for key in pair_of(lab))
    with pytest.raises(ValueError, match=r"has a server 192\.0\.2\.2 already"):
        lab.set_address("dhcp1", "192.0.2.2")
    lab.set_address("dhcp1", "192.0.2.9")
    assert by_name.get_relationship("pair").state is STATE.COMMUNICATION_INTERRUPTED
    assert by_name.get_relationship("pair").primary_server == IPv4Address("192.0.2.1")
    with pytest.raises(ServerUnavailableError):
        by_address.relationships()
    lab.set_address("dhcp1", "192.0.2.1")
    lab.settle()


# Pairs


def test_a_pair_in_one_line(lab: Lab, route: str) -> None:
    dhcp1, dhcp2 = lab.add_pair(direct=route == "direct")
    views = [server.get_relationship("dhcp1-dhcp2") for server in (dhcp1, dhcp2)]
    assert [view.state for view in views] == [STATE.NORMAL, STATE.NORMAL]
    assert [view.server_type for view in views] == [ServerType.PRIMARY, ServerType.SECONDARY]
    assert lab.scopes("dhcp1") == lab.scopes("dhcp2") == (SCOPE,)


def test_pairs_share_servers_and_scopes_with_what_is_there(lab: Lab) -> None:
    lab.add_server("core", "192.0.2.1")
    lab.add_scope("10.1.0.0/24", first="10.1.0.9", last="10.1.0.20")
    first, _ = lab.add_pair(
        "first",
        primary="CORE",
        secondary="north",
        scopes=["10.1.0.0/24"],
        mode=FailoverMode.HOT_STANDBY,
        percentage=8,
        mclt=timedelta(minutes=30),
        state_switch_interval=timedelta(minutes=20),
        shared_secret="correct horse",
        direct=True,
    )
    lab.cut("core", "north")
    _, south = lab.add_pair("second", primary="core", secondary="south", scopes=["10.2.0.0/24"], direct=True)
    assert lab.servers == ("core", "north", "south")
    view = first.get_relationship("first")
    assert (view.primary_server_name, view.mode, view.percentage) == ("core", FailoverMode.HOT_STANDBY, 8)
    assert (view.mclt, view.state_switch_interval) == (timedelta(minutes=30), timedelta(minutes=20))
    assert view.shared_secret == "correct horse"
    assert first.get_scope_statistics("10.1.0.0").addresses_total == 12
    assert south.get_relationship("second").secondary_server == IPv4Address("192.0.2.3")
    with pytest.raises(AlreadyExistsError):
        lab.add_pair("second", primary="core", secondary="south", scopes=["10.3.0.0/24"])


@pytest.mark.parametrize("wrong", [{"scopes": "10.0.0.0/24"}, {"primary": 5}, {"scopes": [5]}])
def test_a_pair_of_wrong_types(lab: Lab, wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=r"^(scopes|primary|network)\b"):
        lab.add_pair(**wrong)
    assert lab.servers == ()


def test_a_deleted_relationship_leaves_the_same_scope_on_both_servers(lab: Lab) -> None:
    """Faults P10: what happens to whoever deletes a relationship and leaves the scopes as they are."""
    for server in lab.add_pair("pair", direct=True):
        server.delete_relationship("pair")
    given = [lab.lease(SCOPE, bytes([number]), server=f"dhcp{number}") for number in (1, 2)]
    assert given[0] is not None
    assert given[1] is not None
    assert given[0].address == given[1].address


# Faults


def codes(server: Server, count: int) -> list[int]:
    seen = []
    for _ in range(count):
        try:
            server.relationships()
            seen.append(0)
        except DhcpError as error:
            seen.append(error.winerror)
    return seen


@pytest.fixture
def server(lab: Lab) -> Server:
    lab.add_server("dhcp1", "192.0.2.1")
    return lab.connect("dhcp1", direct=True)


@pytest.mark.parametrize("name", ["relationships", "enum_relationships", "DhcpV4FailoverEnumRelationship"])
def test_a_fault_takes_every_name_of_a_function(lab: Lab, server: Server, name: str) -> None:
    lab.fail("dhcp1", name, 5)
    server.get_system_time()
    assert codes(server, 2) == [5, 0]


def test_every_method_of_server_is_a_name_for_faults(lab: Lab, server: Server) -> None:
    """Its docstring says which C function it wraps, and the fault meets the same one."""
    for name, member in vars(dhcpfo.Server).items():
        function = (getattr(member, "__doc__", None) or "").partition("Wraps ")[2].partition(" ")[0]
        if name.startswith("_") or function not in {entry.name for entry in FUNCTIONS.values()}:
            continue
        lab.clear_faults("dhcp1")
        lab.fail("dhcp1", name, 5)
        (planted,) = lab.to_dict()["hosts"]["dhcp1"]["faults"]
        assert FUNCTIONS[planted["function"]].name == function


def test_a_fault_on_several_calls(lab: Lab, server: Server) -> None:
    lab.fail("dhcp1", "relationships", 1722, call=2, calls=3)
    assert codes(server, 6) == [0, 1722, 1722, 1722, 0, 0]


def test_a_fault_on_every_call(lab: Lab, server: Server) -> None:
    lab.drop("dhcp1", None, carried_out=False, call=2, every=True)
    assert codes(server, 30) == [0] + [1726] * 29
    lab.clear_faults("dhcp1")
    assert codes(server, 2) == [0, 0]


def test_a_fault_for_five_minutes(lab: Lab, server: Server) -> None:
    lab.fail("dhcp1", "relationships", 1723, duration=timedelta(minutes=5))
    assert codes(server, 3) == [1723] * 3
    lab.advance(timedelta(minutes=5, seconds=-1))
    assert codes(server, 2) == [1723] * 2
    lab.advance(timedelta(seconds=1))
    assert codes(server, 2) == [0, 0]
    assert lab.to_dict()["hosts"]["dhcp1"]["faults"] == []


def test_every_page_is_limited(lab: Lab, server: Server) -> None:
    for number in range(4):
        scope = lab.add_scope(f"10.{number}.0.0/24")
        server.create_relationship(
            Relationship(name=f"r{number}", primary_server="192.0.2.1", secondary_server="192.0.2.2", scopes=[scope])
        )
    lab.limit_page("dhcp1", 1, every=True)
    resume, sizes = 0, []
    while resume < 4:
        page = server.api.enum_relationships(resume)
        sizes.append(len(page.items))
        resume = page.resume
    assert sizes == [1, 1, 1, 1]
    assert len(server.relationships()) == 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"calls": 0},
        {"calls": 2, "every": True},
        {"duration": timedelta(0)},
        {"duration": timedelta(days=9999999)},
        {"function": "Server.relationships"},
    ],
)
def test_faults_that_make_no_sense(lab: Lab, server: Server, wrong: dict[str, Any]) -> None:
    with pytest.raises((ValueError, OverflowError)):
        lab.fail("dhcp1", **{"function": None, "code": 5} | wrong)
    assert codes(server, 1) == [0]


# Versions


def test_an_old_server_has_no_failover(lab: Lab, server: Server) -> None:
    lab.set_version("dhcp1", 6, 1)
    with pytest.raises(NotSupportedError) as refused:
        server.relationships()
    assert refused.value.winerror == 1745
    lab.set_version("dhcp1", 6, 2)
    assert server.relationships() == []


# Names


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("straße", "STRASSE", False),
        ("straße", "STRAßE", True),
        ("ärger", "ÄRGER", True),
        ("ﬁlter", "FILTER", False),
        ("\u0131stanbul", "ISTANBUL", False),  # a dotless i
        ("σίσυφος", "ΣΊΣΥΦΟΣ", True),  # both small sigmas have the same capital
        ("i̇", "İ", False),
        ("ǆ", "Ǆ", True),
        ("ᾳ", "ᾼ", True),  # one letter, although str.upper makes two of it
        ("𐐨", "𐐀", False),  # a surrogate pair has no single upper-case unit
    ],
)
def test_names_are_compared_as_windows_does(lab: Lab, server: Server, one: str, other: str, same: bool) -> None:
    scopes = [lab.add_scope(f"10.{number}.0.0/24") for number in (1, 2)]
    codes_seen = []
    for name, scope in zip((one, other), scopes, strict=True):
        try:
            server.create_relationship(
                Relationship(name=name, primary_server="192.0.2.1", secondary_server="192.0.2.2", scopes=[scope])
            )
            codes_seen.append(0)
        except DhcpError as error:
            codes_seen.append(error.winerror)
    assert codes_seen == [0, 20114 if same else 0]
    lab.add_server(one, "192.0.2.7")
    if same:
        with pytest.raises(ValueError, match="already"):
            lab.add_server(other, "192.0.2.8")
    else:
        lab.add_server(other, "192.0.2.8")


# Scopes


def test_a_lease_in_an_unknown_scope(lab: Lab) -> None:
    lab.add_pair("pair", direct=True)
    lab.add_scope("10.1.0.0/24", servers=["dhcp2"])
    with pytest.raises(ScopeNotFoundError) as missing:
        lab.lease("10.9.0.0", b"\x01")
    assert missing.value.winerror == 20005
    with pytest.raises(ScopeNotFoundError) as missing:
        lab.lease("10.1.0.0", b"\x01", server="dhcp1")
    assert (missing.value.server, missing.value.scope) == ("dhcp1", IPv4Address("10.1.0.0"))
    lab.stop("dhcp2")
    assert lab.lease("10.1.0.0", b"\x01") is None
