"""Calls that are carried out after their reply was lost, hooks before calls, and faults that only one client meets."""

import json
import pickle
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import examples
import routes
from dhcpfo import Server
from dhcpfo.api import CHANGES
from dhcpfo.errors import AccessDeniedError, OutcomeUnknownError, ServerUnavailableError
from dhcpfo.simulator import Lab, Rights
from dhcpfo.simulator.late import pack, unpack
from labs import SCOPE, SECRET, furnish, relationship


@pytest.fixture
def servers(lab: Lab) -> Lab:
    furnish(lab)
    return lab


def connect(lab: Lab, **given: Any) -> Server:
    return lab.connect("dhcp1", direct=True, **given)


def comment(server: Server) -> str | None:
    return server.get_scope(SCOPE).comment


@pytest.mark.parametrize("function", sorted(CHANGES))
def test_arguments_survive_until_the_late_call(function: str) -> None:
    arguments = examples.ARGUMENTS[function]
    restored = unpack(json.loads(json.dumps(pack(arguments))))
    assert len(restored) == len(arguments)
    for before, after in zip(arguments, restored, strict=True):
        assert after == (tuple(before) if isinstance(before, list) else before)


@pytest.mark.parametrize("route", routes.ROUTES)
@pytest.mark.parametrize("calls", [1, 3])
def test_a_call_is_carried_out_after_further_calls(servers: Lab, route: str, calls: int) -> None:
    api = routes.connect(route, servers, "dhcp1")
    servers.drop("dhcp1", "create_relationship", carried_out="later", calls=calls)
    with pytest.raises(OutcomeUnknownError) as lost:
        api.create_relationship(relationship())
    assert lost.value.winerror == 1726
    seen = [len(api.enum_relationships().items) for _ in range(calls + 1)]
    assert seen == [0] * calls + [1]
    assert api.get_relationship("Pair").shared_secret == SECRET


def test_it_is_carried_out_when_its_time_has_come(servers: Lab) -> None:
    server = connect(servers)
    servers.drop("dhcp1", "DhcpSetSubnetInfoVQ", carried_out="later", delay=timedelta(minutes=5))
    with pytest.raises(OutcomeUnknownError):
        server.set_scope(SCOPE, comment="late")
    servers.advance(timedelta(minutes=4))
    assert comment(server) is None
    servers.advance(timedelta(minutes=1))
    assert comment(server) == "late"


def test_a_late_call_undoes_what_came_in_between(servers: Lab) -> None:
    server = connect(servers)
    servers.drop("dhcp1", "set_scope", carried_out="later", calls=2)
    with pytest.raises(OutcomeUnknownError):
        server.set_scope(SCOPE, comment="first")
    server.set_scope(SCOPE, comment="second")  # reads and writes
    assert comment(server) == "first"


def test_a_late_call_that_the_server_refuses_then(servers: Lab) -> None:
    server = connect(servers)
    servers.drop("dhcp1", "create_relationship", carried_out="later")
    with pytest.raises(OutcomeUnknownError):
        server.create_relationship(relationship())
    server.create_relationship(relationship())
    assert [found.name for found in server.relationships()] == ["Pair"]


def test_a_late_call_has_the_rights_of_its_caller(servers: Lab) -> None:
    servers.drop("dhcp1", "delete_scope", carried_out="later")
    with pytest.raises(OutcomeUnknownError):
        connect(servers, rights=Rights.USER).delete_scope(SCOPE)
    server = connect(servers)
    assert SCOPE in server.scopes()
    assert SCOPE in server.scopes()


def test_a_stopped_server_forgets_late_calls(servers: Lab) -> None:
    server = connect(servers)
    servers.drop("dhcp1", "delete_scope", carried_out="later")
    with pytest.raises(OutcomeUnknownError):
        server.delete_scope(SCOPE)
    servers.start("dhcp1")
    assert [SCOPE in server.scopes() for _ in range(3)] == [True] * 3


@pytest.mark.parametrize("every", [{"every": True}, {"duration": timedelta(hours=1)}])
def test_every_call_is_late(servers: Lab, every: dict[str, Any]) -> None:
    server = connect(servers)
    servers.drop("dhcp1", "delete_scope", carried_out="later", delay=timedelta(seconds=1), **every)
    for scope in server.scopes():
        with pytest.raises(OutcomeUnknownError):
            server.delete_scope(scope)
    servers.advance(timedelta(seconds=1))
    assert list(server.scopes()) == []


def test_a_late_call_survives_in_a_file(tmp_path: Path) -> None:
    lab = Lab.open(tmp_path / "lab")
    furnish(lab)
    lab.drop("dhcp1", "create_relationship", carried_out="later", calls=2)
    with pytest.raises(OutcomeUnknownError):
        connect(lab).create_relationship(relationship())
    assert SECRET not in repr(lab.to_dict())
    other = Lab.from_dict(json.loads(json.dumps(lab.to_dict(secrets=True))))
    for one in (other, Lab.open(tmp_path / "lab")):
        server = connect(one)
        assert [len(server.relationships()) for _ in range(3)] == [0, 0, 1]


def test_a_late_call_reaches_the_partner_at_its_time(lab: Lab) -> None:
    dhcp1, dhcp2 = lab.add_pair("pair", direct=True)
    lab.drop("dhcp2", "delete_relationship", carried_out="later", delay=timedelta(minutes=10))
    with pytest.raises(OutcomeUnknownError):
        dhcp2.delete_relationship("pair")
    begin = lab.now
    lab.advance(timedelta(hours=1))
    assert dhcp2.relationships() == []
    last = lab.history("dhcp1", "pair")[-1]
    assert (last.state.name, last.time - begin) == ("COMMUNICATION_INTERRUPTED", timedelta(minutes=10))
    assert dhcp1.get_relationship("pair").state.name == "COMMUNICATION_INTERRUPTED"


# Hooks


@pytest.mark.parametrize("route", routes.ROUTES)
def test_a_foreign_change_before_a_chosen_write(servers: Lab, route: str) -> None:
    api, other = routes.connect(route, servers, "dhcp1"), connect(servers)
    servers.before("dhcp1", "set_scope_delay", lambda: other.set_scope(SCOPE, comment="foreign"), call=2)
    seen = []
    for number in (1, 2):
        seen.append(api.get_scope(SCOPE).comment)
        api.set_scope_delay(SCOPE, timedelta(milliseconds=number))
        seen.append(api.get_scope(SCOPE).comment)
    assert seen == [None, None, None, "foreign"]
    other.set_scope(SCOPE, comment="mine")
    servers.before("dhcp1", None, lambda: other.set_scope(SCOPE, comment="foreign"))
    assert api.get_scope(SCOPE).comment == "foreign"


def test_hooks_count_calls(servers: Lab) -> None:
    server, counted = connect(servers, client="mine"), []
    servers.before("192.0.2.1", "get_scope", lambda: counted.append(1), call=2, calls=2, client="mine")
    for _ in range(4):
        server.get_scope(SCOPE)
        connect(servers).get_scope(SCOPE)
        counted.append(0)
    assert counted == [0, 1, 0, 1, 0, 0]
    servers.before("dhcp1", None, lambda: counted.append(2), every=True)
    server.get_scope(SCOPE)
    server.scopes()
    servers.clear_faults("dhcp1")
    server.scopes()
    assert counted[6:] == [2, 2]


def test_hooks_follow_a_server_with_a_new_name_and_address(servers: Lab) -> None:
    counted: list[int] = []
    servers.before("dhcp1", "enum_scopes", lambda: counted.append(1), every=True)
    servers.rename_server("dhcp1", "new")
    servers.set_address("new", "192.0.2.99")
    for name in ("new", "192.0.2.99"):
        assert SCOPE in servers.connect(name, direct=True).scopes()
    assert counted == [1, 1]


def test_an_error_of_a_hook_reaches_the_caller(servers: Lab) -> None:
    def stop() -> None:
        servers.power_off("dhcp1")
        raise KeyError("why")

    servers.before("dhcp1", "delete_scope", stop)
    with pytest.raises(KeyError, match="why"):
        connect(servers).delete_scope(SCOPE)
    with pytest.raises(ServerUnavailableError):
        connect(servers).delete_scope(SCOPE)


# Clients


@pytest.mark.parametrize("direct", [True, pytest.param(False, marks=pytest.mark.abi)])
def test_a_server_that_one_client_cannot_reach(servers: Lab, direct: bool) -> None:
    mine, other = (servers.connect("dhcp1", direct=direct, client=name) for name in ("mine", "other"))
    servers.fail("dhcp1", None, 1722, every=True, client="mine")
    for _ in range(2):
        with pytest.raises(ServerUnavailableError):
            mine.scopes()
        assert SCOPE in other.scopes()
        assert SCOPE in servers.connect("192.0.2.1", direct=direct).scopes()
    servers.clear_faults("dhcp1")
    assert SCOPE in mine.scopes()


def test_the_client_of_a_connection_is_pickled(tmp_path: Path) -> None:
    with Lab.open(tmp_path / "lab") as lab:
        furnish(lab)
        lab.fail("dhcp1", None, 5, every=True, client="mine")
        with pytest.raises(AccessDeniedError):
            pickle.loads(pickle.dumps(connect(lab, client="mine"))).scopes()


@pytest.mark.parametrize(
    "act",
    [
        lambda lab: lab.drop("dhcp1", None, carried_out="never"),
        lambda lab: lab.drop("dhcp1", None, carried_out="later", calls=0),
        lambda lab: lab.drop("dhcp1", None, carried_out="later", calls=2, delay=timedelta(1)),
        lambda lab: lab.drop("dhcp1", None, carried_out="later", delay=timedelta(0)),
        lambda lab: lab.drop("dhcp1", None, carried_out=True, delay=timedelta(1)),
        lambda lab: lab.drop("dhcp1", None, carried_out="later", delay=timedelta(days=99999)),
        lambda lab: lab.before("dhcp1", None, None),
        lambda lab: lab.before("dhcp1", "no_function", print),
        lambda lab: lab.before("dhcp1", None, print, calls=2, every=True),
        lambda lab: lab.before("dhcp9", None, print),
        lambda lab: lab.fail("dhcp1", None, 5, client=7),
        lambda lab: lab.connect("dhcp1", client=""),
    ],
)
def test_what_makes_no_sense_is_refused(servers: Lab, act: Any) -> None:
    before = servers.to_dict()
    with pytest.raises((ValueError, TypeError, OverflowError)):
        act(servers)
    assert servers.to_dict() == before
    assert connect(servers).scopes()
