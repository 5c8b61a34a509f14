"""Client records: which are refused, how they are found, and what many of them cost."""

import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from ipaddress import IPv4Address
from typing import Any

import pytest

from dhcpfo import FailoverClient, HostInfo, Server
from dhcpfo.enums import ClientType, LeaseState, QuarantineStatus
from dhcpfo.simulator import Clock, Lab
from dhcpfo.simulator.clients import LIMITS, ClientTable, Hold

SCOPE = IPv4Address("10.0.0.0")
TIMES = [entry.name for entry in fields(FailoverClient) if "datetime" in str(entry.type)]


@pytest.fixture
def client(lab: Lab) -> FailoverClient:
    lab.add_server("dhcp1", "192.0.2.1")
    lab.add_scope(f"{SCOPE}/24")
    record = lab.lease(SCOPE, "00155d010203", name="host")
    assert record is not None
    return record


WRONG_VALUES: list[tuple[str, object]] = [
    *((name, datetime(2026, 1, 1)) for name in TIMES),
    *((name, datetime(1600, 12, 31, tzinfo=UTC)) for name in TIMES),
    *((name, datetime(1969, 12, 31, tzinfo=UTC)) for name in TIMES if LIMITS[name][0].year == 1970),
    *((name, datetime(2106, 2, 8, tzinfo=UTC)) for name in TIMES if LIMITS[name][0].year == 1970),
    *((name, -1) for name in ("address_state", "binding_status", "flags")),
    *((name, 256) for name in ("address_state", "flags")),
    ("client_type", ClientType(256)),
    ("quarantine_status", QuarantineStatus(0x10000)),
    ("binding_status", 1 << 32),
    ("name", "a\0b"),
    ("comment", "a\0b"),
    ("policy_name", "\0"),
    ("owner", HostInfo(address=IPv4Address(1), netbios_name="\0")),
    ("owner", HostInfo(address=IPv4Address(1), host_name="\0")),
]


@pytest.mark.parametrize(("field", "value"), WRONG_VALUES, ids=lambda value: str(value)[:20])
def test_a_record_that_cannot_be_answered_is_refused(
    lab: Lab, client: FailoverClient, field: str, value: object
) -> None:
    """It would make every later answer with it fail (1726), and every lease in its scope."""
    before = lab.to_dict()
    with pytest.raises(ValueError, match=rf"^{field}[. ]"):
        lab.put_client("dhcp1", replace(client, **{field: value}))
    assert lab.to_dict() == before


@pytest.mark.parametrize("field", TIMES)
@pytest.mark.parametrize("edge", [0, 1])
def test_the_first_and_the_last_time_of_a_record(
    lab: Lab, client: FailoverClient, field: str, edge: int, route: str
) -> None:
    time = LIMITS[field][edge]
    if time.year > 2106:
        time = time.replace(microsecond=0)
    lab.put_client("dhcp1", replace(client, **{field: time}))
    found = lab.connect("dhcp1", direct=route == "direct").get_failover_client(address=client.address)
    assert getattr(found, field) in (time, None, datetime.max.replace(tzinfo=UTC))
    assert lab.lease(SCOPE, "00155d010204") is not None


def test_a_time_of_another_zone_is_a_time(lab: Lab, client: FailoverClient, route: str) -> None:
    time = datetime(2026, 5, 4, 3, 2, 1, tzinfo=timezone(timedelta(hours=2)))
    lab.put_client("dhcp1", replace(client, lease_expires=time))
    found = lab.connect("dhcp1", direct=route == "direct").get_failover_client(address=client.address)
    assert found.lease_expires == time


@pytest.mark.parametrize(
    "use",
    [
        lambda lab: Lab(clock=Clock(datetime(1979, 1, 1, tzinfo=UTC))),
        lambda lab: Lab(clock=Clock(datetime(2101, 1, 1, tzinfo=UTC))),
        lambda lab: Lab(clock=Clock(datetime(2026, 1, 1))),
        lambda lab: lab.set_clock_offset("dhcp1", timedelta(days=-20000)),
        lambda lab: lab.set_clock_offset("dhcp1", timedelta(days=20000)),
    ],
)
def test_clocks_that_the_api_cannot_show_are_refused(
    lab: Lab, client: FailoverClient, use: Callable[[Lab], object]
) -> None:
    with pytest.raises(ValueError, match=r"^(start|offset) must"):
        use(lab)


def test_very_long_leases(lab: Lab, client: FailoverClient, route: str) -> None:
    lab.add_pair("pair", scopes=[f"{SCOPE}/24"], mclt=timedelta(seconds=0xFFFFFFFF), direct=True)
    for number, seconds in ((1, 0xFFFFFFFE), (2, 0xFFFFFFFF)):
        scope = lab.add_scope(f"10.{number}.0.0/24", lease_time=timedelta(seconds=seconds))
        for name in ("dhcp2", "dhcp1"):
            lab.connect(name, direct=True).add_failover_scopes("pair", [scope])
        record = lab.lease(scope, b"\x01")
        assert record is not None
        found = lab.connect("dhcp1", direct=route == "direct").get_failover_client(address=record.address)
        assert found.lease_expires == record.lease_expires
        assert (record.lease_expires is None) == (number == 2)


# Long identifiers


@pytest.mark.parametrize("size", [251, 255])
def test_a_client_that_could_not_be_looked_up_is_refused(lab: Lab, client: FailoverClient, size: int) -> None:
    for use in (lab.lease, lambda scope, identifier: lab.reserve(scope, SCOPE + 9, identifier)):
        with pytest.raises(ValueError, match="250"):
            use(SCOPE, b"\xab" * size)


def test_the_longest_identifier_is_found(lab: Lab, client: FailoverClient, route: str) -> None:
    record = lab.lease(SCOPE, b"\xab" * 250)
    assert record is not None
    server = lab.connect("dhcp1", direct=route == "direct")
    assert server.get_failover_client(client_id=b"\xab" * 250, scope=SCOPE).address == record.address
    assert server.get_failover_client(client_id=record.client_id).address == record.address


# Many clients


def pair(lab: Lab) -> tuple[Server, Server]:
    return lab.add_pair("pair", scopes=["10.0.0.0/16"], direct=True)


def lines_of_a_lease(lab: Lab, identifier: bytes) -> int:
    """Count the lines that the simulator runs for a lease: unlike a time, it is the same on every machine."""
    lines = 0

    def trace(frame: Any, event: str, argument: object) -> Any:
        nonlocal lines
        lines += event == "line"
        return trace

    sys.settrace(trace)
    try:
        assert lab.lease(SCOPE, identifier) is not None
    finally:
        sys.settrace(None)
    return lines


@pytest.mark.skipif(sys.gettrace() is not None, reason="a debugger or coverage uses the trace function")
def test_a_lease_costs_the_same_with_many_clients(lab: Lab) -> None:
    pair(lab)
    lab.lease(SCOPE, b"\x01")
    few = lines_of_a_lease(lab, b"\x02")
    for number in range(2000):
        lab.lease(SCOPE, bytes([3, *number.to_bytes(2)]))
    assert lines_of_a_lease(lab, b"\x04") < few * 2
    assert lines_of_a_lease(lab, b"\x02") < few * 2


def by_search(table: ClientTable, runs: list[tuple[int, int]], now: datetime, hold: Hold) -> IPv4Address | None:
    """Look at each address."""
    for use in (hold.counts, hold.keeps):
        used = {int(address) for address, record in table.items() if use(record, now)}
        for first, last in runs:
            for number in range(first, last + 1):
                if number not in used:
                    return IPv4Address(number)
    return None


def random_steps(seed: int) -> Iterator[tuple[ClientTable, datetime, random.Random]]:
    chance = random.Random(seed)
    table, now = ClientTable(), datetime(2026, 1, 1, tzinfo=UTC)
    for _ in range(400):
        address = IPv4Address(chance.randrange(40))
        if chance.random() < 0.25 and address in table:
            del table[address]
        elif chance.random() < 0.1:
            table.forget_client(bytes([chance.randrange(12)]))
        else:
            table[address] = FailoverClient(
                address=address,
                subnet_mask=IPv4Address(0xFFFFFF00),
                client_id=bytes([chance.randrange(12)]),
                owner=HostInfo(address=IPv4Address(1)),
                lease_expires=chance.choice([None, now + timedelta(minutes=chance.randrange(-5, 30))]),
                address_state=chance.choice([LeaseState.ACTIVE, LeaseState.ACTIVE, LeaseState.DOOMED]),
            )
        now += timedelta(minutes=chance.choice([0, 0, 1, 5, -3]))
        yield table, now, chance


@pytest.mark.parametrize("seed", range(8))
def test_the_index_answers_what_a_search_answers(seed: int) -> None:
    for table, now, chance in random_steps(seed):
        edges = sorted(chance.sample(range(42), 4))
        runs = [(edges[0], edges[1]), (edges[2], edges[3])]
        for hold in (
            Hold(),
            Hold(grace=timedelta(minutes=4)),
            Hold(alone=True),
            Hold(alone=True, partner_down=now - timedelta(minutes=9), mclt=timedelta(minutes=4)),
        ):
            assert table.first_free(runs, now, hold) == by_search(table, runs, now, hold)
        for released in (False, True):
            ends = {
                record.address: record.lease_expires
                for record in table.values()
                if (record.lease_state is LeaseState.DOOMED) is released and record.lease_expires is not None
            }
            assert table.next_ends()[released] == min(ends.values(), default=None)
            ended = [record.address for record in table.ended_by(now, released=released)]
            assert ended == sorted(address for address, time in ends.items() if time <= now)
        for number in range(12):
            addresses = {record.address for record in table.of_client(bytes([number]))}
            assert addresses == {key for key, record in table.items() if record.client_id == bytes([number])}
