"""Reading whole scopes: the number of calls, threads, parts that cannot be read, scopes that are not there."""

import pickle
import threading
from collections import Counter
from datetime import timedelta
from ipaddress import IPv4Address

import pytest
from configurations import SCOPE, condition, lab_of

from dhcpfo import Server
from dhcpfo.api import FUNCTIONS
from dhcpfo.enums import AttributeId
from dhcpfo.errors import AccessDeniedError, DhcpError, ErrorCode, ServerUnavailableError
from dhcpfo.models import Policy, PolicyAttribute
from dhcpfo.scope import ScopeConfig, Unread, diff, read_scope, read_scopes, read_server
from dhcpfo.simulator import Rights

NETWORK = f"{SCOPE}/24"
PARTS = {
    "DhcpGetSubnetInfoVQ": "properties",
    "DhcpGetSubnetDelayOffer": "delay",
    "DhcpV4EnumSubnetReservations": "reservations",
    "DhcpGetAllOptionValues": "options",
    "DhcpV4EnumPoliciesEx": "policies",
    "DhcpV4QueryPolicyEnforcement": "enforcement",
    "DhcpV4GetAllOptionValues": "policy_options",
}


class Counting:
    """A backend that counts the calls and the threads."""

    def __init__(self, api):
        self._api = api
        self.server = api.server
        self.calls = Counter()
        self.threads = set()

    def __getattr__(self, name):
        if name not in FUNCTIONS:
            raise AttributeError(name)

        def call(*args):
            self.calls[name] += 1
            self.threads.add(threading.get_ident())
            return getattr(self._api, name)(*args)

        return call


@pytest.fixture
def lab():
    with lab_of("dhcp1") as lab:
        server = lab.connect("dhcp1", direct=True)
        server.create_scope(NETWORK, name="Branch")
        server.add_range(SCOPE, "10.0.1.1", "10.0.1.254")
        yield lab


@pytest.fixture
def server(lab):
    return lab.connect("dhcp1", direct=True)


def counting(server):
    backend = Counting(server.api)
    return Server(backend), backend


def add_policy(server):
    policy = Policy.build("Phones", condition(PolicyAttribute.VENDOR_CLASS, "cisco-phone"), scope=SCOPE)
    server.create_policy(policy)
    server.set_option_value(66, "tftp1", scope=SCOPE, policy="Phones")


def add_reservations(server, count, with_options):
    for number in range(count):
        address = f"10.0.1.{10 + number}"
        server.add_reservation(SCOPE, address, bytes([number] * 6))
        if number < with_options:
            server.set_option_value(6, "192.0.2.53", scope=SCOPE, reservation=address)


# Calls


def test_a_server_takes_seven_calls(server):
    counted, backend = counting(server)
    overview = read_server(counted)
    assert overview.unread == ()
    assert sum(backend.calls.values()) == 7
    assert set(backend.calls.values()) == {1}
    assert overview.scopes == (SCOPE,)
    assert overview.attributes[AttributeId.IS_ADMINISTRATOR]
    assert {entry.name for entry in overview.classes} >= {"Kiosk", "Cisco Phones"}


@pytest.mark.parametrize("calls_at_once", [1, 8])
@pytest.mark.parametrize(
    ("policies", "reservations", "with_options", "calls"), [(False, 0, 0, 8), (True, 0, 0, 9), (True, 30, 4, 13)]
)
def test_a_scope_takes_eight_or_nine_calls_and_one_for_each_reservation_with_options(
    server, policies, reservations, with_options, calls, calls_at_once
):
    if policies:
        add_policy(server)
    add_reservations(server, reservations, with_options)
    counted, backend = counting(server)
    overview = read_server(server)
    config = read_scope(counted, SCOPE, overview, calls_at_once=calls_at_once)
    assert sum(backend.calls.values()) == calls
    assert len(config.reservations) == reservations
    assert len(config.reservation_options) == with_options
    assert len(config.policy_options) == policies


def test_without_an_overview_the_superscopes_are_read_once(lab, server):
    server.create_scope("10.0.2.0/24")
    server.set_superscope("10.0.2.0", name="Campus")
    counted, backend = counting(server)
    found = read_scopes(counted, [SCOPE, "10.0.2.0"])
    assert backend.calls["get_superscope_table"] == 1
    assert sum(backend.calls.values()) == 17
    assert [config.superscope for config in found.values()] == [None, "Campus"]


def test_threads_share_the_work_and_one_at_once_starts_none(server):
    add_reservations(server, 20, 20)
    counted, backend = counting(server)
    alone = read_scope(counted, SCOPE, calls_at_once=1)
    assert backend.threads == {threading.get_ident()}
    counted, backend = counting(server)
    shared = read_scope(counted, SCOPE, read_server(server), calls_at_once=4)
    assert threading.get_ident() not in backend.threads
    assert len(backend.threads) <= 4
    assert shared == alone


def test_many_scopes_are_read_in_parallel(server):
    ids = [SCOPE]
    for number in range(2, 40):
        server.create_scope(f"10.0.{number}.0/24", name=f"scope {number}")
        ids.append(IPv4Address(f"10.0.{number}.0"))
    found = read_scopes(server, ids, calls_at_once=2)
    assert list(found) == ids
    assert [found[scope].name for scope in ids[1:]] == [f"scope {number}" for number in range(2, 40)]


def test_the_calls_at_once_are_checked(server):
    with pytest.raises(ValueError, match="calls_at_once"):
        read_scope(server, SCOPE, calls_at_once=0)


# What cannot be read


@pytest.mark.parametrize("function", [name for name, part in PARTS.items() if part != "properties"])
def test_a_part_that_cannot_be_read_is_kept_with_its_error(lab, server, function):
    add_policy(server)
    whole = read_scope(server, SCOPE)
    lab.fail("dhcp1", function, ErrorCode.ERROR_ACCESS_DENIED)
    config = read_scope(server, SCOPE)
    assert [entry.part for entry in config.unread] == [PARTS[function]]
    assert isinstance(config.unread[0].error, AccessDeniedError)
    assert config != whole
    assert [change.kind for change in diff(whole, config)] == ["unread"]
    assert PARTS[function].replace("_", " ") in str(diff(whole, config))


def test_a_configuration_with_an_unread_part_equals_no_other(lab, server):
    lab.fail("dhcp1", "DhcpGetSubnetDelayOffer", ErrorCode.ERROR_ACCESS_DENIED)
    config = read_scope(server, SCOPE)
    again = pickle.loads(pickle.dumps(config))
    assert again.unread == config.unread
    assert again != config
    assert diff(config, again)
    saved = ScopeConfig.from_dict(config.to_dict())
    assert saved.unread == config.unread
    with pytest.raises(ValueError, match="not known"):
        diff(config, again).apply(config)


def test_elements_and_options_of_a_reservation_can_be_unread(lab, server):
    add_reservations(server, 2, 2)
    lab.fail("dhcp1", "DhcpEnumSubnetElementsV5", ErrorCode.ERROR_ACCESS_DENIED, calls=2)
    config = read_scope(server, SCOPE, calls_at_once=1)
    assert [entry.part for entry in config.unread] == ["range", "exclusions"]
    lab.fail("dhcp1", "DhcpGetAllOptionValues", ErrorCode.ERROR_ACCESS_DENIED, calls=3)
    config = read_scope(server, SCOPE, calls_at_once=1)
    assert [entry.part for entry in config.unread] == ["options", "options of 10.0.1.10", "options of 10.0.1.11"]


def test_properties_that_cannot_be_read_are_no_missing_scope(lab, server):
    lab.fail("dhcp1", "DhcpGetSubnetInfoVQ", ErrorCode.ERROR_ACCESS_DENIED, calls=2)
    with pytest.raises(AccessDeniedError):
        read_scope(server, SCOPE)
    found = read_scopes(server, [SCOPE])[SCOPE]
    assert isinstance(found, Unread)
    assert found.part == "properties"


def test_a_missing_scope_is_none(server):
    assert read_scope(server, "10.9.0.0") is None
    assert read_scopes(server, ["10.9.0.0"]) == {IPv4Address("10.9.0.0"): None}
    assert read_scopes(server, []) == {}


def test_a_caller_without_rights_gets_errors_not_none(lab):
    nobody = lab.connect("dhcp1", rights=Rights.NONE, direct=True)
    with pytest.raises(AccessDeniedError):
        read_scope(nobody, SCOPE)
    overview = read_server(nobody)
    assert isinstance(overview.scopes, Unread)
    assert {entry.part for entry in overview.unread} >= {"scopes", "superscopes", "definitions", "classes"}


def test_a_server_that_does_not_answer_is_not_asked_for_everything(lab, server):
    lab.stop("dhcp1")
    counted, backend = counting(server)
    found = read_scopes(counted, [f"10.0.{number}.0" for number in range(50)], calls_at_once=1)
    assert sum(backend.calls.values()) == 3
    assert all(isinstance(entry, Unread) for entry in found.values())
    assert all(isinstance(entry.error, ServerUnavailableError) for entry in found.values())


def test_another_error_than_that_of_a_server_is_raised(server):
    class Broken(Counting):
        def __getattr__(self, name):
            if name == "get_scope_delay":
                raise ZeroDivisionError
            return super().__getattr__(name)

    for calls_at_once in (1, 4):
        with pytest.raises(ZeroDivisionError):
            read_scope(Server(Broken(server.api)), SCOPE, calls_at_once=calls_at_once)


def test_a_mask_that_is_not_one_is_an_unread_scope(server):
    class Odd(Counting):
        def __getattr__(self, name):
            call = super().__getattr__(name)
            if name != "get_scope":
                return call
            return lambda *args: call(*args).replace(subnet_mask="255.0.255.0")

    with pytest.raises(DhcpError, match="subnet mask") as caught:
        read_scope(Server(Odd(server.api)), SCOPE)
    assert caught.value.winerror == ErrorCode.ERROR_INVALID_DATA
    assert caught.value.scope == SCOPE


def test_everything_is_read(server):
    server.set_scope(SCOPE, comment="second floor")
    server.set_scope_delay(SCOPE, delay=timedelta(milliseconds=20))
    server.set_policy_enforcement(scope=SCOPE, enabled=False)
    server.set_superscope(SCOPE, name="Campus")
    server.add_exclusion(SCOPE, "10.0.1.1", "10.0.1.9")
    server.set_option_value(51, 3600, scope=SCOPE)
    server.set_option_value(1, "192.0.2.9", scope=SCOPE, vendor_class="Printers")
    config = read_scope(server, SCOPE)
    assert (config.name, config.comment, config.superscope) == ("Branch", "second floor", "Campus")
    assert config.offer_delay == timedelta(milliseconds=20)
    assert config.policies_enforced is False
    assert [str(span) for span in config.exclusions] == ["10.0.1.1 - 10.0.1.9"]
    assert config.lease_duration == timedelta(hours=1)
    assert [key.vendor_class for key in config.options] == ["", "Printers"]
    assert config.properties == server.get_scope(SCOPE).replace(primary_host=config.properties.primary_host)
