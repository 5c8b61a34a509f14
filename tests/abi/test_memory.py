"""Ten thousand calls of each function leave no block alive, through every backend that crosses the C ABI."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

import pytest

import linked
from dhcpfo import _dhcpsapi, _loopback
from dhcpfo.enums import AddressStatus, RelationshipFlags, SearchType
from dhcpfo.errors import DhcpError, ErrorCode, from_code
from dhcpfo.models import (
    ClientSearch,
    FailoverClient,
    HostInfo,
    Page,
    Relationship,
    RelationshipValues,
    ScopeStatistics,
    SystemTime,
)
from routes import ROUTES

pytestmark = pytest.mark.abi

TIMES = 10_000

SCOPES = (IPv4Address("10.0.1.0"), IPv4Address("10.0.2.0"))
RELATIONSHIP = Relationship(
    name="a-b",
    primary_server="192.0.2.1",
    secondary_server="192.0.2.2",
    primary_server_name="dhcp1",
    secondary_server_name="dhcp2",
    scopes=SCOPES,
    shared_secret="swordfish",
)
CLIENT = FailoverClient(
    address=IPv4Address("10.0.1.7"),
    subnet_mask=IPv4Address("255.255.255.0"),
    client_id=b"\x00\x01\x00\x0a\x01abc",
    name="host",
    comment="comment",
    owner=HostInfo(address=IPv4Address("192.0.2.1"), netbios_name="DHCP1", host_name="dhcp1"),
    policy_name="policy",
)
ANSWERS = {
    "create_relationship": None,
    "set_relationship": None,
    "delete_relationship": None,
    "get_relationship": RELATIONSHIP,
    "enum_relationships": Page((RELATIONSHIP, RELATIONSHIP), 0, 0, 0),
    "add_failover_scopes": None,
    "remove_failover_scopes": None,
    "get_scope_relationship": RELATIONSHIP,
    "get_scope_statistics": ScopeStatistics(
        addresses_total=200,
        addresses_free=150,
        addresses_in_use=50,
        addresses_free_on_this_server=70,
        addresses_free_on_partner_server=80,
        addresses_in_use_on_this_server=30,
        addresses_in_use_on_partner_server=20,
    ),
    "get_failover_client": CLIENT,
    "get_system_time": SystemTime(time=datetime(2024, 5, 6, tzinfo=UTC), max_allowed_difference=timedelta(0)),
    "get_address_status": AddressStatus.SECONDARY,
    "trigger_address_allocation": None,
}
ARGUMENTS = {
    "create_relationship": (RELATIONSHIP,),
    "set_relationship": (
        "a-b",
        RelationshipFlags.MCLT | RelationshipFlags.SHARED_SECRET,
        RelationshipValues(mclt=timedelta(minutes=5), shared_secret="swordfish"),
    ),
    "delete_relationship": ("a-b",),
    "get_relationship": ("a-b",),
    "enum_relationships": (),
    "add_failover_scopes": ("a-b", SCOPES),
    "remove_failover_scopes": ("a-b", SCOPES),
    "get_scope_relationship": (SCOPES[0],),
    "get_scope_statistics": (SCOPES[0],),
    "get_failover_client": (ClientSearch(type=SearchType.NAME, value="host"),),
    "get_system_time": (),
    "get_address_status": (IPv4Address("10.0.1.7"),),
    "trigger_address_allocation": ("a-b",),
}


class Canned:
    """A `ManagementApi` that always answers the same, or always fails."""

    server = "canned"
    failing = False

    def __getattr__(self, method):
        if method not in ANSWERS:
            raise AttributeError(method)

        def call(*arguments):
            if self.failing:
                raise from_code(ErrorCode.ERROR_ACCESS_DENIED, "", self.server)
            return ANSWERS[method]

        return call


@pytest.fixture
def canned():
    return Canned()


@pytest.fixture(params=[route for route in ROUTES if route != "direct"])
def native(request, canned):
    if request.param == "linked":
        return linked.connect(canned, "canned")
    name = "canned.invalid"
    return _dhcpsapi.NativeApi(name, functions=_loopback.functions(), provider=_loopback.serve(canned, name))


@pytest.mark.parametrize("method", sorted(ANSWERS))
def test_answer_arrives_whole(native, method):
    assert getattr(native, method)(*ARGUMENTS[method]) == ANSWERS[method]


@pytest.mark.parametrize("failing", [False, True], ids=["answers", "errors"])
@pytest.mark.parametrize("method", sorted(ANSWERS))
def test_ten_thousand_calls_leave_no_block(native, canned, method, failing):
    before = _loopback.live_blocks(), _loopback.bad_frees()
    call, arguments = getattr(native, method), ARGUMENTS[method]
    canned.failing = failing
    failed = 0
    for _ in range(TIMES):
        try:
            call(*arguments)
        except DhcpError:
            failed += 1
    assert failed == (TIMES if failing else 0)
    assert (_loopback.live_blocks(), _loopback.bad_frees()) == before
