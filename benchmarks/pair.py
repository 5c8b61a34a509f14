"""How long operations on a pair take when each call takes 5 ms, beside the naive order of calls.

Two simulated servers answer once; then each answer is replayed after 5 ms, as a network would. So the figures are those
of the calls, of the threads and of this package, not of the simulator. "Naive" reads each option, each reservation and
each policy with a call of its own, one server after the other; it is measured on a few scopes and multiplied. The floor
is the number of calls, divided by the calls at once on both servers together, times 5 ms.
"""

import argparse
import gc
import json
import threading
import time
from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

from dhcpfo import Server
from dhcpfo.api import CHANGES, FUNCTIONS
from dhcpfo.pair import FailoverPair
from dhcpfo.simulator import Lab

DELAY = 0.005
AT_ONCE = 8
RESERVATIONS = 50
OPTIONS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 41, 42, 44, 45, 48, 49, 65, 68, 69, 70, 71)
"""Options that take several addresses."""


class Replay:
    """Carries calls to a server: reads are remembered, and each takes some time.

    Args:
        api: The server.
        known: The answers, shared by several carriers of one server.
    """

    delay = 0.0

    def __init__(self, api: Any, known: dict[Any, Any]) -> None:
        self._api = api
        self._known = known
        self.calls = 0
        self._lock = threading.Lock()
        for method in FUNCTIONS:
            setattr(self, method, self._carry(method, getattr(api, method)))

    @property
    def server(self) -> str | None:
        """The server's name."""
        name: str | None = self._api.server
        return name

    def close(self) -> None:
        """Do nothing."""

    def _carry(self, method: str, call: Callable[..., Any]) -> Callable[..., Any]:
        changes = method in CHANGES

        def carry(*args: Any) -> Any:
            with self._lock:
                self.calls += 1
            if self.delay:
                time.sleep(self.delay)
            if changes:
                self._known.clear()
                return call(*args)
            key = (method, args)
            if key not in self._known:
                self._known[key] = call(*args)
            return self._known[key]

        return carry


def scope_id(number: int) -> IPv4Address:
    """Return the id of a scope."""
    return IPv4Address(f"10.{number // 250}.{number % 250}.0")


def build(scopes: int, relationships: int, *, copies: bool) -> Lab:
    """Return a lab with equal scopes on both servers, or on the first one only."""
    lab = Lab()
    dhcp1, _ = lab.add_pair("pair-0", scopes=["10.0.0.0/24"], direct=True)
    base = scope_id(0)
    dhcp1.set_scope(base, name="branch", comment="first floor")
    for number in OPTIONS:
        dhcp1.set_option_value(number, "192.0.2.1", "192.0.2.2", scope=base)
    for number in range(RESERVATIONS):
        dhcp1.add_reservation(base, base + 50 + number, f"aabbccdd{number:04x}")
    dhcp1.add_exclusion(base, base + 10, base + 20)
    data = lab.to_dict(secrets=True)
    template = json.dumps(data["hosts"]["dhcp1"]["scopes"][str(base)])
    ids = [scope_id(number) for number in range(scopes)]
    made = {}
    for number, scope in enumerate(ids):
        prefix = f"10.{number // 250}.{number % 250}."
        unique = f"00{number % 250:02x}{number // 250:02x}0a01"
        made[str(scope)] = json.loads(template.replace("10.0.0.", prefix).replace("0000000a01", unique))
    for name, host in data["hosts"].items():
        (end,) = host["endpoints"]
        host["scopes"] = made if copies or name == "dhcp1" else {}
        host["endpoints"] = []
        for number in range(relationships):
            one = json.loads(json.dumps(end))
            one["relationship"]["name"] = f"pair-{number}"
            one["relationship"]["scopes"] = [str(scope) for scope in ids[number::relationships]]
            host["endpoints"].append(one)
    return Lab.from_dict(data)


def replays(lab: Lab, known: dict[str, dict[Any, Any]]) -> list[Replay]:
    """Return carriers for both servers of a lab."""
    return [Replay(lab.connect(name, direct=True).api, known.setdefault(name, {})) for name in ("dhcp1", "dhcp2")]


def pair_of(carriers: list[Replay], at_once: int = AT_ONCE) -> FailoverPair:
    """Return the pair of two carriers."""
    return FailoverPair(*(Server(one) for one in carriers), calls_at_once=at_once)  # type: ignore[arg-type]


def measure(lab: Lab, act: Callable[[FailoverPair], object], rounds: int) -> dict[str, float]:
    """Return calls, seconds at 5 ms a call, the floor, and the CPU time without the delay."""
    known: dict[str, dict[Any, Any]] = {}
    act(pair_of(replays(lab, known)))  # learns the answers
    cpu = seconds = float("inf")
    for _ in range(rounds):
        gc.collect()
        begun = time.process_time()
        act(pair_of(replays(lab, known), 1))
        cpu = min(cpu, time.process_time() - begun)
    for _ in range(rounds):
        gc.collect()
        carriers = replays(lab, known)
        for one in carriers:
            one.delay = DELAY
        begun = time.perf_counter()
        act(pair_of(carriers))
        seconds = min(seconds, time.perf_counter() - begun)
    calls = sum(one.calls for one in carriers)
    return {"calls": calls, "seconds": seconds, "floor": calls / (2 * AT_ONCE) * DELAY, "cpu": cpu}


def naive_read(lab: Lab, scopes: int, measured: int) -> dict[str, float]:
    """Read each item of a few scopes with a call of its own, and multiply."""
    known: dict[str, dict[Any, Any]] = {}
    carriers = replays(lab, known)
    for one in carriers:
        one.delay = DELAY
    begun = time.perf_counter()
    for one in carriers:
        server = Server(one)  # type: ignore[arg-type]
        server.relationships()
        for scope in server.scopes()[:measured]:
            server.get_scope(scope)
            server.get_scope_delay(scope)
            server.ranges(scope)
            server.exclusions(scope)
            server.get_policy_enforcement(scope=scope)
            server.policies(scope=scope)
            for value in server.option_values(scope=scope):
                server.get_option_value(value.id, scope=scope)
            for entry in server.reservations(scope):
                server.get_client(client_id=entry.client_id, scope=scope)
                server.option_values(scope=scope, reservation=entry.address)
    seconds = time.perf_counter() - begun
    factor = scopes / measured
    return {"calls": sum(one.calls for one in carriers) * factor, "seconds": seconds * factor}


def create(scopes: int) -> dict[str, float]:
    """Create a relationship with copies of all scopes; the simulated servers carry it out."""
    lab = build(scopes, 1, copies=False)
    for name in ("dhcp2", "dhcp1"):
        lab.connect(name, direct=True).delete_relationship("pair-0")
    carriers = replays(lab, {})
    for one in carriers:
        one.delay = DELAY
    ids = [scope_id(number) for number in range(scopes)]
    begun = time.perf_counter()
    result = pair_of(carriers).create("new", ids, wait=None)
    seconds = time.perf_counter() - begun
    calls = sum(one.calls for one in carriers)
    floor = max(one.calls for one in carriers) / AT_ONCE * DELAY  # nearly all calls are the secondary's
    per_scope = 1 + 1 + len(OPTIONS) + 1 + 1 + RESERVATIONS + 1  # create, range, options, lease, exclusion, …, enable
    naive = scopes * (per_scope * 2 + 8) * DELAY  # each write, and each read back
    steps = len(result.done)
    return {"calls": calls, "seconds": seconds, "floor": floor, "steps": steps, "naive_seconds": naive}


def main() -> None:
    """Measure, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", help="write the figures there, too")
    parser.add_argument(
        "--scopes", type=int, default=1000, help="scopes of the audit; replicate and create have 0.4 of them"
    )
    parser.add_argument("--without-create", action="store_true", help="leave out the longest part")
    parser.add_argument("--quick", action="store_true", help="a twentieth of the scopes, measured once: some seconds")
    options = parser.parse_args()
    if options.quick:
        options.scopes = max(options.scopes // 20, 1)
    rounds = 1 if options.quick else 3  # of each measurement, and scopes on which the naive order is measured
    few = max(options.scopes * 2 // 5, 1)
    figures: dict[str, dict[str, float]] = {}
    lab = build(options.scopes, 31, copies=True)
    figures["audit"] = measure(lab, lambda pair: pair.audit(), rounds)
    figures["audit"]["naive_seconds"] = naive_read(lab, options.scopes, rounds)["seconds"]
    figures["audit"]["cpu_per_scope"] = figures["audit"]["cpu"] / (2 * options.scopes)
    lab = build(few, 1, copies=True)
    figures["replicate"] = measure(lab, lambda pair: pair.replicate("dhcp1"), rounds)
    figures["replicate"]["naive_seconds"] = naive_read(lab, few, rounds)["seconds"]
    figures["replicate"]["cpu_per_scope"] = figures["replicate"]["cpu"] / (2 * few)
    if not options.without_create:
        figures["create"] = create(few)
    for name, found in figures.items():
        ratio = found["naive_seconds"] / found["seconds"]
        parts = [f"{name:10} {found['calls']:8.0f} calls  {found['seconds']:8.2f} s"]
        parts.append(f"{ratio:6.1f} times faster than naive ({found['naive_seconds']:.0f} s)")
        if "floor" in found:
            parts.append(f"{found['seconds'] / found['floor']:.2f} of the floor ({found['floor']:.2f} s)")
        if "cpu_per_scope" in found:
            parts.append(f"{found['cpu_per_scope'] * 1000:.2f} ms CPU to read and compare a scope of one server")
        print("  ".join(parts))
    if resource is not None:
        print(f"at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump(figures, file, indent=2)


if __name__ == "__main__":
    main()
