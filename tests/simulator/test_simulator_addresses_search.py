"""No address is held by two clients, whatever happens to two servers: a stateful property test.

The suite runs a small part that is the same each time. For a long search with other sequences each time, set the number
of sequences: ``DHCPFO_SEARCH=20000 python -m pytest tests/simulator/test_simulator_addresses_search.py``.
"""

import os
from datetime import datetime, timedelta
from ipaddress import IPv4Address

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from dhcpfo import FailoverMode, FailoverState
from dhcpfo.simulator import Lab, Switches

NAME = "pair"
SERVERS = ("dhcp1", "dhcp2")
SCOPE = IPv4Address("10.0.0.0")
MARGIN = timedelta(minutes=5)
"""Clocks are never further apart than this; a lease that another server sees end so much earlier is not counted."""

SEQUENCES = int(os.environ.get("DHCPFO_SEARCH", "0"))

numbers = st.sampled_from(range(2))
clients = st.integers(0, 7)
reach = st.sampled_from([None, *SERVERS])
durations = st.sampled_from([0.5, 3, 4, 20, 31, 60, 70, 190, 400, 3000]).map(lambda minutes: timedelta(minutes=minutes))


class Addresses(RuleBasedStateMachine):
    """Clients of two servers of which each may fail, restart, lose its link or its clock's time.

    PARTNER_DOWN is set only while the partner is down, and a server that was declared down finds its partner when it
    starts: otherwise the protocol itself does not keep the promise.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lab = Lab()
        self.held: dict[int, tuple[IPv4Address, datetime]] = {}  # what each client was told last, and its end
        self.declared_down = False

    def teardown(self) -> None:
        self.lab.close()

    @initialize(
        mode=st.sampled_from(FailoverMode),
        percentage=st.sampled_from([0, 50, 100]),
        lease_time=st.sampled_from([30, 180, 11520]).map(lambda minutes: timedelta(minutes=minutes)),
        mclt=st.sampled_from([10, 60]).map(lambda minutes: timedelta(minutes=minutes)),
        switches=st.builds(
            Switches,
            alone_leases_last_mclt=st.booleans(),
            unselected_server_answers=st.booleans(),
            standby_renews_in_normal=st.booleans(),
            whole_recover_wait=st.booleans(),
        ),
    )
    def begin(
        self, mode: FailoverMode, percentage: int, lease_time: timedelta, mclt: timedelta, switches: Switches
    ) -> None:
        self.lab.switches = switches
        for number, name in enumerate(SERVERS, 1):
            self.lab.add_server(name, f"192.0.2.{number}")
        self.lab.add_scope(f"{SCOPE}/29", lease_time=lease_time)
        self.servers = self.lab.add_pair(
            NAME, scopes=[f"{SCOPE}/29"], mode=mode, percentage=percentage, mclt=mclt, direct=True
        )

    @rule(delta=durations)
    def wait(self, delta: timedelta) -> None:
        self.lab.advance(delta)

    @rule()
    def cut(self) -> None:
        self.lab.cut(*SERVERS)

    @rule()
    def mend(self) -> None:
        self.lab.mend(*SERVERS)

    @rule(number=numbers, off=st.booleans())
    def stop(self, number: int, off: bool) -> None:
        (self.lab.power_off if off else self.lab.stop)(SERVERS[number])

    @rule(number=numbers)
    def start(self, number: int) -> None:
        if self.declared_down:
            self.mend_everything()
        else:
            self.lab.start(SERVERS[number])

    @rule()
    def mend_everything(self) -> None:
        self.lab.mend(*SERVERS)
        for name in SERVERS:
            self.lab.set_clock_offset(name, timedelta(0))
        running = [
            name for name in SERVERS if "it is powered off" not in self.why(name) and "stopped" not in self.why(name)
        ]
        for name in SERVERS:
            if name not in running:
                self.lab.start(name)
        self.lab.settle()
        self.declared_down = False

    def why(self, name: str) -> str:
        return next(line for line in self.lab.explain(NAME).splitlines() if line.startswith(name))

    @rule(number=numbers, seconds=st.sampled_from([0, 20, -39, 100]))
    def step_clock(self, number: int, seconds: int) -> None:
        self.lab.set_clock_offset(SERVERS[number], timedelta(seconds=seconds))

    @rule(number=numbers)
    def declare_partner_down(self, number: int) -> None:
        self.lab.power_off(SERVERS[1 - number])
        self.lab.advance(MARGIN)
        if "COMMUNICATION_INTERRUPTED; dhcp" in self.why(SERVERS[number]):
            self.servers[number].set_relationship(NAME, state=FailoverState.PARTNER_DOWN)
            self.declared_down = True

    @rule(percentage=st.sampled_from([0, 30, 100]))
    def redistribute(self, percentage: int) -> None:
        if all("; in contact" in self.why(name) for name in SERVERS):
            for server in self.servers:
                server.set_relationship(NAME, percentage=percentage)
            self.servers[0].trigger_address_allocation(NAME)

    @rule(client=clients, only=reach)
    def lease(self, client: int, only: str | None) -> None:
        given = self.lab.lease(SCOPE, bytes([client]), server=only)
        if given is not None:
            assert given.lease_expires is not None
            assert given.last_transaction is not None
            self.held[client] = given.address, self.lab.now + (given.lease_expires - given.last_transaction)

    @rule(client=clients, number=numbers)
    def release(self, client: int, number: int) -> None:
        held = self.held.get(client)
        records = self.lab.clients(SERVERS[number], SCOPE)
        if held is not None and any(
            record.address == held[0] and record.client_id.endswith(bytes([client])) for record in records
        ):
            del self.held[client]
            self.lab.release(SERVERS[number], held[0])

    @rule(only=reach, first=clients, count=clients)
    def lease_to_several(self, only: str | None, first: int, count: int) -> None:
        for number in range(count + 1):
            self.lease((first + number) % 8, only)

    @rule(delta=durations)
    def separate(self, delta: timedelta) -> None:
        self.lab.cut(*SERVERS)
        self.lab.advance(MARGIN + delta)

    @rule(client=clients, number=numbers, delta=durations)
    def change_hands(self, client: int, number: int, delta: timedelta) -> None:
        """A client releases its address at one server, others take what that one has, and the client asks the other."""
        self.lease(client, None)
        self.separate(delta)
        self.release(client, number)
        self.lease_to_several(SERVERS[number], (client + 1) % 8, 6)
        self.lease(client, SERVERS[1 - number])

    @rule(client=clients, number=numbers, delta=durations, after=durations)
    def outlast(self, client: int, number: int, delta: timedelta, after: timedelta) -> None:
        """A lease ends on both servers; the client renews at one of them, and others ask the other one."""
        self.lease(client, None)
        self.separate(delta)
        self.lease(client, SERVERS[number])
        self.lab.advance(after)
        self.lease_to_several(SERVERS[1 - number], (client + 1) % 8, 6)

    @invariant()
    def no_address_has_two_clients(self) -> None:
        current = [address for address, end in self.held.values() if end > self.lab.now + MARGIN]
        assert len(current) == len(set(current))


Addresses.TestCase.settings = settings(
    max_examples=SEQUENCES or 60, stateful_step_count=40, deadline=None, derandomize=not SEQUENCES, database=None
)
TestAddresses = Addresses.TestCase
