"""A `ManagementApi` that keeps what it was asked and answers what a test wants, and answers whose fields all differ."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

from dhcpfo import (
    AddressStatus,
    FailoverClient,
    FailoverMode,
    FailoverState,
    HostInfo,
    Relationship,
    ScopeStatistics,
    ServerType,
    SystemTime,
)
from dhcpfo.enums import ClientType, QuarantineStatus
from dhcpfo.models import Page, unique_client_id

RELATIONSHIP = Relationship(
    name="hq-branch",
    primary_server="192.0.2.1",
    secondary_server="192.0.2.2",
    primary_server_name="dhcp1.example.com",
    secondary_server_name="dhcp2.example.com",
    mode=FailoverMode.LOAD_BALANCE,
    server_type=ServerType.SECONDARY,
    state=FailoverState.NORMAL,
    previous_state=FailoverState.RECOVER_DONE,
    mclt=timedelta(minutes=90),
    state_switch_interval=timedelta(minutes=45),
    percentage=70,
    scopes=["10.0.1.0", "10.0.2.0", "10.0.3.0"],
    shared_secret="correct horse",
)

STATISTICS = ScopeStatistics(
    addresses_total=200,
    addresses_free=150,
    addresses_in_use=50,
    addresses_free_on_this_server=90,
    addresses_free_on_partner_server=60,
    addresses_in_use_on_this_server=30,
    addresses_in_use_on_partner_server=20,
)


def moment(minute: int) -> datetime:
    """A moment of one day, in UTC."""
    return datetime(2026, 5, 4, 12, minute, tzinfo=UTC)


CLIENT = FailoverClient(
    address=IPv4Address("10.0.1.77"),
    subnet_mask=IPv4Address("255.255.255.0"),
    client_id=unique_client_id(IPv4Address("10.0.1.0"), bytes.fromhex("0a1b2c3d4e5f")),
    name="printer",
    comment="second floor",
    lease_expires=moment(1),
    owner=HostInfo(address=IPv4Address("192.0.2.1"), netbios_name="DHCP1", host_name="dhcp1"),
    client_type=ClientType.DHCP,
    address_state=0x29,
    quarantine_status=QuarantineStatus.EXEMPT,
    probation_ends=moment(2),
    quarantine_capable=True,
    potential_expiration_sent=moment(3),
    potential_expiration_acknowledged=moment(4),
    potential_expiration_received=moment(5),
    start_time=moment(6),
    last_transaction=moment(7),
    last_binding_update=moment(8),
    binding_status=9,
    policy_name="printers",
    flags=10,
)

SYSTEM_TIME = SystemTime(time=moment(11), max_allowed_difference=timedelta(seconds=60))

ANSWERS = {
    "get_relationship": RELATIONSHIP,
    "enum_relationships": Page((RELATIONSHIP,), 1, 0, 0),
    "get_scope_relationship": RELATIONSHIP,
    "get_scope_statistics": STATISTICS,
    "get_failover_client": CLIENT,
    "get_system_time": SYSTEM_TIME,
    "get_address_status": AddressStatus.SECONDARY,
}


class RecordingApi:
    """Keeps each call in ``calls`` as (method, arguments); an answer that is an exception is raised."""

    def __init__(self, server="dhcp1", **answers):
        self.server = server
        self.calls = []
        self.closed = 0
        self._answers = ANSWERS | answers

    def _asked(self, method, *arguments):
        self.calls.append((method, arguments))
        answer = self._answers.get(method)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def create_relationship(self, relationship):
        return self._asked("create_relationship", relationship)

    def set_relationship(self, name, flags, values):
        return self._asked("set_relationship", name, flags, values)

    def delete_relationship(self, name):
        return self._asked("delete_relationship", name)

    def get_relationship(self, name):
        return self._asked("get_relationship", name)

    def enum_relationships(self, resume=0, preferred_maximum=0xFFFFFFFF):
        return self._asked("enum_relationships", resume, preferred_maximum)

    def add_failover_scopes(self, name, scopes):
        return self._asked("add_failover_scopes", name, scopes)

    def remove_failover_scopes(self, name, scopes):
        return self._asked("remove_failover_scopes", name, scopes)

    def get_scope_relationship(self, scope):
        return self._asked("get_scope_relationship", scope)

    def get_scope_statistics(self, scope):
        return self._asked("get_scope_statistics", scope)

    def get_failover_client(self, search):
        return self._asked("get_failover_client", search)

    def get_system_time(self):
        return self._asked("get_system_time")

    def get_address_status(self, address):
        return self._asked("get_address_status", address)

    def trigger_address_allocation(self, name):
        return self._asked("trigger_address_allocation", name)

    def close(self):
        self.closed += 1
