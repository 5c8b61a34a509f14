"""An error about one of several scopes names it, and the relationship that holds it, over a simulated server."""

import pickle
from dataclasses import replace
from ipaddress import IPv4Address

import pytest

import routes
from dhcpfo import Relationship, Server, ServerType
from dhcpfo.errors import (
    DhcpError,
    ScopeInRelationshipError,
    ScopeNotFoundError,
    ScopeNotInRelationshipError,
    from_code,
)
from dhcpfo.models import Page
from dhcpfo.simulator import Lab, Rights
from examples import RELATIONSHIP
from recording import RecordingApi

FREE, FREE_TOO, IN_OTHER, IN_THIRD, MISSING, MISSING_TOO = (IPv4Address(f"10.{n}.0.0") for n in (1, 2, 3, 4, 8, 9))


def related(name, *scopes):
    return Relationship(name=name, primary_server="192.0.2.1", secondary_server="192.0.2.2", scopes=scopes)


@pytest.fixture
def lab():
    with Lab() as lab:
        lab.add_server("dhcp1", "192.0.2.1")
        for scope in (FREE, FREE_TOO, IN_OTHER, IN_THIRD):
            lab.add_scope(f"{scope}/24")
        for number in range(20):
            lab.add_scope(f"10.100.{number}.0/24")
        yield lab


@pytest.fixture
def server(lab, route):
    server = Server(routes.connect(route, lab, "dhcp1"))
    server.create_relationship(related("other", IN_OTHER))
    server.create_relationship(related("third", IN_THIRD))
    return server


def failure(kind, act):
    with pytest.raises(kind) as caught:
        act()
    assert type(pickle.loads(pickle.dumps(caught.value))) is kind
    return caught.value


def test_scopes_that_are_taken(server):
    """Whether in this relationship, which is harmless, or in another one."""
    error = failure(
        ScopeInRelationshipError, lambda: server.create_relationship(related("new", FREE, IN_OTHER, FREE_TOO, IN_THIRD))
    )
    assert error.winerror == 20113
    assert error.scopes == (IN_OTHER, IN_THIRD)
    assert error.held_by == {IN_OTHER: "other", IN_THIRD: "third"}
    assert (error.scope, error.candidates) == (None, ())
    assert "scopes 10.3.0.0, 10.4.0.0" in str(error)
    assert "held by 'other', 'third'" in str(error)


@pytest.mark.parametrize("scopes", [[IN_OTHER], [FREE, IN_OTHER]])
def test_one_scope_that_is_taken(server, scopes):
    error = failure(ScopeInRelationshipError, lambda: server.create_relationship(related("new", *scopes)))
    assert (error.scope, error.scopes, error.held_by) == (IN_OTHER, (IN_OTHER,), {IN_OTHER: "other"})
    assert "scope 10.3.0.0" in str(error)
    assert "held by 'other'" in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert (again.scopes, again.held_by, str(again)) == (error.scopes, error.held_by, str(error))


def test_missing_scopes(server):
    error = failure(
        ScopeNotFoundError,
        lambda: server.create_relationship(related("new", FREE, MISSING, IN_OTHER, FREE_TOO, MISSING_TOO)),
    )
    assert (error.scope, error.scopes, error.held_by) == (None, (MISSING, MISSING_TOO), {})
    error = failure(ScopeNotFoundError, lambda: server.create_relationship(related("new", FREE, MISSING)))
    assert (error.scope, error.scopes) == (MISSING, (MISSING,))


def test_scopes_that_are_not_in_the_relationship(server):
    error = failure(
        ScopeNotInRelationshipError, lambda: server.remove_failover_scopes("other", [IN_OTHER, FREE, IN_THIRD])
    )
    assert error.scopes == (FREE, IN_THIRD)
    assert error.held_by == {IN_THIRD: "third"}


def test_a_message_stays_short(server):
    scopes = [IPv4Address(f"10.100.{number}.0") for number in range(20)]
    error = failure(ScopeNotInRelationshipError, lambda: server.remove_failover_scopes("other", scopes))
    assert error.scopes == tuple(scopes)
    assert "scopes 10.100.0.0, 10.100.1.0, 10.100.2.0, 10.100.3.0, 10.100.4.0 and 15 more" in str(error)


def test_scopes_to_add(lab):
    lab.add_server("dhcp2", "192.0.2.2")
    for scope in (FREE, FREE_TOO, IN_OTHER):
        lab.add_scope(f"{scope}/24", servers=["dhcp2"])
    for name, role in (("dhcp2", ServerType.SECONDARY), ("dhcp1", ServerType.PRIMARY)):
        lab.connect(name, direct=True).create_relationship(replace(related("pair", IN_OTHER), server_type=role))
    lab.settle()
    server = lab.connect("dhcp1", direct=True)
    error = failure(ScopeInRelationshipError, lambda: server.add_failover_scopes("pair", [FREE, IN_OTHER]))
    assert error.held_by == {IN_OTHER: "pair"}
    error = failure(ScopeNotFoundError, lambda: server.add_failover_scopes("pair", [FREE, MISSING]))
    assert error.scopes == (MISSING,)


class TestNothingElseFails:
    """Reading back never replaces the error, and happens after a failure only."""

    def test_success_reads_nothing(self):
        api = RecordingApi()
        Server(api).add_failover_scopes("r", [FREE, FREE_TOO])
        assert [method for method, _ in api.calls] == ["add_failover_scopes"]

    @pytest.mark.parametrize("code", [5, 87, 1722, 20120, 20130])
    def test_other_errors_read_nothing(self, code):
        error = from_code(code, "f", "dhcp1")
        api = RecordingApi(add_failover_scopes=error)
        with pytest.raises(DhcpError) as caught:
            Server(api).add_failover_scopes("r", [FREE, FREE_TOO])
        assert caught.value is error
        assert len(api.calls) == 1

    @pytest.mark.parametrize("code", [20005, 20113, 20116])
    @pytest.mark.parametrize("broken", [5, 1722, 1726])
    def test_where_reading_fails_the_message_says_one_of_many(self, code, broken):
        error = from_code(code, "f", "dhcp1", relationship="r")
        api = RecordingApi(add_failover_scopes=error, enum_relationships=from_code(broken, "f", "dhcp1"))
        scopes = [IPv4Address(0x0A000000 + 256 * number) for number in range(300)]
        with pytest.raises(DhcpError) as caught:
            Server(api).add_failover_scopes("r", scopes)
        assert caught.value is error
        assert (error.scope, error.scopes, error.candidates) == (None, (), tuple(scopes))
        assert "at least one of 300 scopes" in str(error)

    @pytest.mark.parametrize("broken", [5, 1722, 20116])
    def test_where_the_status_of_an_address_says_nothing(self, broken):
        error = from_code(20005, "f", "dhcp1")
        api = RecordingApi(remove_failover_scopes=error, get_address_status=from_code(broken, "f", "dhcp1"))
        with pytest.raises(ScopeNotFoundError) as caught:
            Server(api).remove_failover_scopes("r", [FREE, FREE_TOO])
        assert caught.value is error
        assert error.candidates == (FREE, FREE_TOO)
        assert "at least one of 2 scopes" in str(error)

    def test_a_server_that_never_ends_its_list(self):
        error = from_code(20113, "f", "dhcp1")
        api = RecordingApi(create_relationship=error, enum_relationships=Page((), 0, 9, 234))
        with pytest.raises(ScopeInRelationshipError) as caught:
            Server(api).create_relationship(RELATIONSHIP)
        assert caught.value is error
        assert error.candidates == RELATIONSHIP.scopes

    def test_who_may_not_read_still_gets_the_error(self, lab):
        lab.connect("dhcp1", direct=True).create_relationship(related("other", IN_OTHER))
        lab.fail("dhcp1", "enum_relationships", 5)
        server = lab.connect("dhcp1", direct=True, rights=Rights.ADMINISTRATOR)
        error = failure(ScopeInRelationshipError, lambda: server.create_relationship(related("new", FREE, IN_OTHER)))
        assert error.candidates == (FREE, IN_OTHER)

    def test_an_interrupt_is_not_swallowed(self):
        api = RecordingApi(add_failover_scopes=from_code(20113, "f", None), enum_relationships=KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            Server(api).add_failover_scopes("r", [FREE, FREE_TOO])
