"""What the live tests do where a service answers otherwise than the simulated one; always against the latter."""

import socket
from ipaddress import IPv4Address

import pytest
from service import NAME, NAMES, SCOPES, Observation, clean, own_address

from dhcpfo import Relationship
from dhcpfo.simulator import Lab

ADDRESS = "192.0.2.7"


@pytest.fixture
def lab():
    with Lab() as lab:
        lab.add_server("dhcp1", ADDRESS)
        for scope in SCOPES:
            lab.add_scope(f"{scope}/24")
        yield lab


@pytest.fixture
def simulated(lab):
    return lab.connect("dhcp1", direct=True)


@pytest.fixture
def codes():
    return []


@pytest.fixture
def note(codes):
    """A separate table, because a rehearsal says nothing about the service of this machine."""

    def note(situation, expected, observed):
        made = Observation(situation, expected, str(observed))
        codes.append((made.observed, made.surprising))
        return made

    return note


def relationship(name, scope):
    return Relationship(name=name, primary_server=ADDRESS, secondary_server="192.0.2.2", scopes=[scope])


@pytest.mark.parametrize("code", [2, 20114])
def test_an_unexpected_code_of_delete_is_noted_where_nothing_is_left(lab, simulated, note, codes, code):
    lab.fail("dhcp1", "delete_relationship", code)
    clean(simulated, note, "before")
    assert codes == [(str(code), True)]


def test_what_is_left_ends_the_test(lab, simulated, note, codes):
    simulated.create_relationship(relationship(NAME, SCOPES[0]))
    lab.fail("dhcp1", "delete_relationship", 20114)
    with pytest.raises(AssertionError, match=NAME):
        clean(simulated, note, "after")
    assert codes == [("20114", True)]


def test_every_relationship_of_the_tests_is_deleted_and_no_other(simulated, note, codes):
    for name, scope in zip((NAMES[0], NAMES[1], "other"), SCOPES, strict=True):
        simulated.create_relationship(relationship(name, scope))
    clean(simulated, note, "after")
    assert [it.name for it in simulated.relationships()] == ["other"]
    assert codes == [("0", False)] * 2


def test_the_address_of_this_server(monkeypatch):
    monkeypatch.setattr(socket, "gethostbyname", lambda _: "198.51.100.9")
    assert own_address(None) == IPv4Address("192.0.2.1")
    assert own_address(ADDRESS) == IPv4Address(ADDRESS)
    assert own_address("1") == own_address("") == IPv4Address("198.51.100.9")
