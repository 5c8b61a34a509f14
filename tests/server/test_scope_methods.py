"""The scope and element methods of Server: arguments that are refused before a call, and what answers become."""

from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network

import pytest

from dhcpfo import Server
from dhcpfo.enums import ClientType, ElementType, ForceFlag, RangeType, ScopeState
from dhcpfo.errors import DhcpError, from_code
from dhcpfo.models import HostInfo, Page, Reservation, Scope, ScopeElement, Superscope, SuperscopeEntry
from examples_base import MAC, SCOPE
from examples_scopes import RESERVED, SCOPE_INFO
from recording import RecordingApi

WRONG = [
    (lambda server: server.create_scope("10.0.1.1/24"), ValueError, "network must be a network such as 10.0.1.0/24: "),
    (lambda server: server.create_scope("lab"), ValueError, "network must be a network such as"),
    (
        lambda server: server.create_scope(IPv4Address("10.0.1.0")),
        TypeError,
        "network must be IPv4Network or str, not ",
    ),
    (lambda server: server.create_scope("10.0.1.0/24", name=""), ValueError, "name must not be empty"),
    (lambda server: server.create_scope("10.0.1.0/24", comment="a\0b"), ValueError, "comment must not contain NUL"),
    (lambda server: server.create_scope("10.0.1.0/24", state=1), TypeError, "state must be ScopeState, not int"),
    (
        lambda server: server.set_scope(SCOPE),
        ValueError,
        "nothing to change: pass at least one of name, comment, state",
    ),
    (lambda server: server.set_scope(SCOPE, state=None), TypeError, "state must be ScopeState, not None"),
    (lambda server: server.set_scope("lab", name="a"), ValueError, "scope must be a valid IPv4 address"),
    (lambda server: server.delete_scope(SCOPE, force=True), TypeError, "force must be ForceFlag, not bool"),
    (lambda server: server.set_scope_delay(SCOPE, delay=5), TypeError, "delay must be timedelta, not int"),
    (
        lambda server: server.set_scope_delay(SCOPE, delay=timedelta(milliseconds=1001)),
        ValueError,
        "delay must be between 0 and 0:00:01, got 0:00:01.001",
    ),
    (
        lambda server: server.set_scope_delay(SCOPE, delay=timedelta(microseconds=1)),
        ValueError,
        "delay must be whole milliseconds, got ",
    ),
    (lambda server: server.set_scope_delay(SCOPE, delay=timedelta(-1)), ValueError, "delay must be between 0 and"),
    (lambda server: server.set_superscope(SCOPE, name=""), ValueError, "name must not be empty"),
    (lambda server: server.set_superscope(SCOPE, name="a", move=1), TypeError, "move must be bool, not int"),
    (lambda server: server.delete_superscope(None), TypeError, "name must be str, not None"),
    (lambda server: server.add_range(SCOPE, SCOPE + 9, SCOPE + 8), ValueError, "end must not be below start, got "),
    (lambda server: server.add_range(SCOPE, SCOPE, SCOPE, type=5), TypeError, "type must be RangeType, not int"),
    (
        lambda server: server.add_range(SCOPE, SCOPE, SCOPE, max_bootp=-1),
        ValueError,
        "max_bootp must be between 0 and ",
    ),
    (lambda server: server.remove_range(SCOPE, SCOPE, SCOPE, force=0), TypeError, "force must be ForceFlag, not int"),
    (lambda server: server.add_exclusion(SCOPE, None), TypeError, "start must be "),
    (lambda server: server.remove_exclusion(SCOPE, SCOPE, "x"), ValueError, "end must be a valid IPv4 address"),
    (lambda server: server.reservations(7.5), TypeError, "scope must be "),
    (lambda server: server.iter_reservations(7.5), TypeError, "scope must be "),
    (lambda server: server.add_reservation(SCOPE, SCOPE, "xyz"), ValueError, "client_id must be valid hexadecimal"),
    (lambda server: server.add_reservation(SCOPE, SCOPE, bytes(251)), ValueError, "client_id must have 1 to 250 bytes"),
    (lambda server: server.add_reservation(SCOPE, SCOPE, b"a", type=1), TypeError, "type must be ClientType, not int"),
    (lambda server: server.add_reservation(SCOPE, SCOPE, b"a", name=7), TypeError, "name must be str, not int"),
    (
        lambda server: server.set_reservation(SCOPE),
        ValueError,
        "nothing to change: pass at least one of name, description",
    ),
    (lambda server: server.set_reservation(SCOPE, description=b"x"), TypeError, "description must be str, not bytes"),
    (lambda server: server.free_addresses(SCOPE, count=0), ValueError, "count must be between 1 and 1024, got 0"),
    (lambda server: server.free_addresses(SCOPE, count=1025), ValueError, "count must be between 1 and 1024, got 1025"),
]


@pytest.mark.parametrize(("use", "error", "message"), WRONG, ids=[message for _, _, message in WRONG])
def test_wrong_arguments_are_refused_before_anything_is_sent(use, error, message):
    api = RecordingApi()
    with pytest.raises(error) as refused:
        use(Server(api))
    assert str(refused.value).startswith(message)
    assert api.calls == []


def test_a_network_object_will_do():
    api = RecordingApi()
    Server(api).create_scope(IPv4Network("10.0.1.0/24"))
    ((_, (scope, info)),) = api.calls
    assert (scope, info) == (SCOPE, Scope(scope_id="10.0.1.0", subnet_mask="255.255.255.0"))


def test_what_is_not_passed_to_set_scope_stays():
    api = RecordingApi()
    Server(api).set_scope(SCOPE, name=None)
    assert api.calls[-1] == ("set_scope", (SCOPE, SCOPE_INFO.replace(name=None)))


def test_superscopes_in_the_order_of_their_first_scopes():
    entries = (
        SuperscopeEntry(scope_id="10.0.1.0", number=2, name="West"),
        SuperscopeEntry(scope_id="10.0.2.0"),
        SuperscopeEntry(scope_id="10.0.3.0", number=1, name="East"),
        SuperscopeEntry(scope_id="10.0.4.0", number=2, name="West"),
        SuperscopeEntry(scope_id="10.0.5.0", number=3),
    )
    assert Server(RecordingApi(get_superscope_table=entries)).superscopes() == [
        Superscope(name="West", scopes=["10.0.1.0", "10.0.4.0"]),
        Superscope(name="East", scopes=["10.0.3.0"]),
        Superscope(name="", scopes=["10.0.5.0"]),
    ]


def test_elements_without_a_value_are_left_out():
    empty = Page((ScopeElement(type=ElementType.RANGES, value=None),), 1, 0, 0)
    assert Server(RecordingApi(enum_elements=empty)).ranges(SCOPE) == []
    hosts = Page((ScopeElement(type=ElementType.SECONDARY_HOSTS, value=HostInfo(address="192.0.2.1")),), 1, 0, 0)
    assert Server(RecordingApi(enum_elements=hosts)).exclusions(SCOPE) == []


def test_the_identifier_of_a_reservation_loses_the_prefix_of_its_scope_only():
    other = RESERVED.replace(client_id=b"\x00\x02\x00\x0a\x01" + MAC)
    bare = RESERVED.replace(client_id=MAC)
    prefix = RESERVED.replace(client_id=b"\x00\x01\x00\x0a\x01")
    page = Page((RESERVED, bare, other, prefix), 4, 0, 0)
    found = Server(RecordingApi(enum_reservations=page)).reservations(SCOPE)
    assert found == [bare, bare, other, prefix]


def test_reservations_are_read_page_by_page():
    class Pages(RecordingApi):
        def enum_reservations(self, scope, resume=0, preferred_maximum=0xFFFFFFFF):
            super().enum_reservations(scope, resume, preferred_maximum)
            return Page((RESERVED,), resume + 1, 2 - resume, 234 if resume < 2 else 0)

    api = Pages()
    found = Server(api).iter_reservations(SCOPE)
    assert api.calls == []
    assert next(found).client_id == MAC
    assert len(api.calls) == 1
    assert len(list(found)) == 2
    assert [arguments[1] for _, arguments in api.calls] == [0, 1, 2]


def test_no_free_address_at_all_is_an_empty_list():
    error = from_code(20126, "f", None)
    assert Server(RecordingApi(get_free_addresses=error)).free_addresses(SCOPE) == []
    with pytest.raises(DhcpError, match="2"):
        Server(RecordingApi(get_free_addresses=from_code(2, "f", None))).free_addresses(SCOPE)


def test_scope_properties():
    assert SCOPE_INFO.network == IPv4Network("10.0.1.0/25")
    with pytest.raises(ValueError, match="not a valid"):
        SCOPE_INFO.replace(subnet_mask="255.0.255.0").network  # noqa: B018
    assert [SCOPE_INFO.replace(state=state).enabled for state in ScopeState] == [True, False, True, False]
    assert [SCOPE_INFO.replace(quarantine=flags).nap_enabled for flags in (0, 1, 2, 3)] == [False, True, False, True]
    shown = SCOPE_INFO.to_dict(powershell=True)
    assert shown == {
        "ScopeId": "10.0.1.0",
        "SubnetMask": "255.255.255.128",
        "Name": "Branch 17",
        "State": "InActive",
        "Description": "ground floor",
        "NapEnable": False,
    }
    assert Superscope(name="East", scopes=["10.0.1.0"]).to_dict(powershell=True) == {
        "SuperscopeName": "East",
        "ScopeId": ["10.0.1.0"],
    }


def test_unknown_states_are_not_enabled():
    assert not SCOPE_INFO.replace(state=ScopeState(9)).enabled


def test_reservation_as_the_cmdlet_shows_it():
    reservation = Reservation(address="10.0.1.9", client_id=b"\x01\x02", name="pc", type=ClientType.DHCP)
    assert reservation.to_dict(powershell=True) == {
        "IPAddress": "10.0.1.9",
        "ClientId": "01-02",
        "Name": "pc",
        "Description": None,
        "Type": "Dhcp",
    }


def test_the_enumerations_of_one_number_agree():
    assert {kind.value for kind in RangeType} <= {kind.value for kind in ElementType}
    assert [flag.value for flag in ForceFlag] == [0, 1, 2]
