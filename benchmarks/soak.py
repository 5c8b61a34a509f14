"""A long run of every function, answered and refused, through both extensions: does memory grow?

``python benchmarks/soak.py [--calls N]`` makes a million calls unless told otherwise, spread over all functions, every
fifth of them failing. It prints by how much the process grew after a warm-up and fails if that is 1 MiB or more, if a
block is left, or if one was freed twice.
"""

import argparse
import gc
import itertools
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import Any

from dhcpfo import (
    AddressStatus,
    FailoverClient,
    HostInfo,
    Relationship,
    ScopeStatistics,
    Server,
    SystemTime,
    _loopback,
)
from dhcpfo._dhcpsapi import NativeApi
from dhcpfo.api import FUNCTIONS
from dhcpfo.errors import DhcpError, from_code
from dhcpfo.models import Page

MIB = 1 << 20
LIMIT = MIB
WARM_UP = 20_000
ROUNDS = 10
CODES = (5, 87, 1722, 20115, 20133, 4711)

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
RELATIONSHIP = Relationship(
    name="dhcp1-dhcp2",
    primary_server="192.0.2.1",
    secondary_server="192.0.2.2",
    primary_server_name="dhcp1.example.com",
    secondary_server_name="d\u20ac2" * 100,  # longer than what is kept on the stack
    scopes=[f"10.0.{number}.0" for number in range(30)],
    shared_secret="a secret of some length",
)
ANSWERS = {
    "get_relationship": RELATIONSHIP,
    "enum_relationships": Page((RELATIONSHIP,) * 3, 3, 0, 0),
    "get_scope_relationship": RELATIONSHIP,
    "get_scope_statistics": ScopeStatistics(
        addresses_total=6,
        addresses_free=3,
        addresses_in_use=3,
        addresses_free_on_this_server=2,
        addresses_free_on_partner_server=1,
        addresses_in_use_on_this_server=2,
        addresses_in_use_on_partner_server=1,
    ),
    "get_failover_client": FailoverClient(
        address=IPv4Address("10.0.1.7"),
        subnet_mask=IPv4Address("255.255.255.0"),
        client_id=bytes(11),
        name="printer",
        comment="second floor",
        lease_expires=MOMENT,
        owner=HostInfo(address=IPv4Address("192.0.2.1"), netbios_name="DHCP1", host_name="dhcp1"),
        last_transaction=MOMENT,
        policy_name="printers",
    ),
    "get_system_time": SystemTime(time=MOMENT, max_allowed_difference=timedelta(seconds=60)),
    "get_address_status": AddressStatus.SECONDARY,
}


class Canned:
    """A `ManagementApi` with one answer for each function, or an error in its place."""

    server = "soak"

    def __init__(self) -> None:
        self.code = 0

    def __getattr__(self, method: str) -> Callable[..., Any]:
        return lambda *_: self._answer(method)

    def _answer(self, method: str) -> object:
        if self.code:
            raise from_code(self.code, FUNCTIONS[method].name, self.server)
        return ANSWERS.get(method)


CALLS: tuple[Callable[[Server], object], ...] = (
    lambda server: server.create_relationship(RELATIONSHIP),
    lambda server: server.set_relationship("a-b", percentage=7, shared_secret="another secret"),
    lambda server: server.delete_relationship("a-b"),
    lambda server: list(server.get_relationship("a-b").scopes),
    lambda server: hash(tuple(server.relationships())),
    lambda server: server.add_failover_scopes("a-b", ["10.0.0.0", "10.1.0.0"]),
    lambda server: server.remove_failover_scopes("a-b", RELATIONSHIP.scopes),
    lambda server: server.get_scope_relationship("10.0.0.0"),
    lambda server: server.get_scope_statistics("10.0.0.0"),
    lambda server: server.get_failover_client(address="10.0.1.7"),
    lambda server: server.get_failover_client(client_id="00-01-02"),
    lambda server: server.get_failover_client(name="printer"),
    lambda server: server.get_system_time(),
    lambda server: server.get_address_status("10.0.1.7"),
    lambda server: server.trigger_address_allocation("a-b"),
)


def run(server: Server, canned: Canned, calls: int) -> int:
    """Make so many calls and return how many failed as they were told to."""
    failed = 0
    codes = itertools.cycle(CODES)
    for number, call in zip(range(calls), itertools.cycle(CALLS), strict=False):
        # Every fifth, moving on by one each time round, so that each function meets errors.
        canned.code = next(codes) if (number + number // len(CALLS)) % 5 == 0 else 0
        try:
            call(server)
        except DhcpError as error:
            if error.winerror != canned.code:
                raise
            failed += 1
        else:
            if canned.code:
                raise SystemExit("a call that was to fail did not")
    return failed


def resident() -> int:
    """Return the memory of this process: what is its own, without what files back."""
    if sys.platform == "win32":
        return _private_bytes()
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with open("/proc/self/smaps_rollup", encoding="ascii") as stream:  # noqa: PTH123  # leaves nothing behind
        fields = dict(line.split(":", 1) for line in stream.readlines()[1:])
    return int(fields["Private_Dirty"].split()[0]) * 1024


def _private_bytes() -> int:
    import ctypes

    class Counters(ctypes.Structure):
        _fields_ = (
            ("size", ctypes.c_uint32),
            ("page_faults", ctypes.c_uint32),
            *((name, ctypes.c_size_t) for name in ("peak", "working", "a", "b", "c", "d", "pagefile", "peak_pagefile")),
        )

    counters = Counters(size=ctypes.sizeof(Counters))
    kernel = ctypes.WinDLL("kernel32")
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    process = ctypes.c_void_p(kernel.GetCurrentProcess())
    if not kernel.K32GetProcessMemoryInfo(process, ctypes.byref(counters), counters.size):
        raise OSError("the memory of this process could not be asked for")
    return int(counters.pagefile)


def main() -> int:
    """Run, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=1_000_000, help="how many calls, %(default)s unless given")
    calls = parser.parse_args().calls
    canned = Canned()
    server = Server(NativeApi("soak", _loopback.functions(), _loopback.serve(canned, "soak")))
    run(server, canned, WARM_UP)
    gc.collect()
    before = resident()
    print(f"{WARM_UP} calls to warm up: {before / MIB:.2f} MiB")
    failed = done = 0
    for number in range(1, ROUNDS + 1):
        failed += run(server, canned, calls * number // ROUNDS - done)
        done = calls * number // ROUNDS
        gc.collect()
        print(f"{done:>9} calls, {failed} of them refused: {(resident() - before) / 1024:+.0f} KiB", flush=True)
    growth = resident() - before
    left, bad = _loopback.live_blocks(), _loopback.bad_frees()
    print(f"grown by {growth / 1024:.0f} KiB (limit {LIMIT // 1024}); {left} blocks left, {bad} bad frees")
    return int(growth >= LIMIT or left != 0 or bad != 0)


if __name__ == "__main__":
    sys.exit(main())
