"""The cost of a call: bare C, dhcpfo and a plain ctypes binding over the same canned C provider, in one run.

``python benchmarks/binding.py [--json FILE]``. Figures are microseconds a call, the best of several rounds in which
the three take turns; ratios are what to compare, the figures belong to the machine.
"""

import argparse
import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from peer import CtypesApi

from dhcpfo import Relationship, Server
from dhcpfo._dhcpsapi import NativeApi

HERE = Path(__file__).resolve().parent
CAPSULE_NAME = b"dhcpfo.dhcpsapi_functions"
SECONDS_A_MEASUREMENT = 0.05
ROUNDS = int(os.environ.get("DHCPFO_BENCHMARK_ROUNDS", "15"))
"""One is enough to see that everything works."""

Call = Callable[[], object]


def provider(name: str = "provider") -> ctypes.CDLL:
    """Build and load a C provider; ``DHCPFO_BENCHMARK_PROVIDER`` or the like names one that was built elsewhere."""
    built = os.environ.get(f"DHCPFO_BENCHMARK_{name.upper()}")
    if built is None:
        folder = tempfile.mkdtemp(prefix="dhcpfo-benchmark-")
        built = f"{folder}/{name}.so"
        command = [
            os.environ.get("CC", "cc"),
            "-O2",
            "-std=c11",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-shared",
            "-fPIC",
            f"-I{HERE.parent / 'include'}",
        ]
        subprocess.run([*command, str(HERE / f"{name}.c"), "-o", built], check=True)
    return ctypes.CDLL(built)


def native(library: ctypes.CDLL) -> Server:
    """Return a Server that calls the provider."""
    make = ctypes.pythonapi.PyCapsule_New
    make.restype, make.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    table = ctypes.addressof(ctypes.c_size_t.in_dll(library, "table"))
    return Server(NativeApi(None, make(table, CAPSULE_NAME, None), library))


def best(calls: dict[str, Callable[[int], None]]) -> dict[str, float]:
    """Microseconds a call for each; they take turns, so that a slow moment of the machine hits all."""
    times: dict[str, float] = {}
    counts: dict[str, int] = {}
    for name, run in calls.items():
        count = 1
        while True:
            start = time.perf_counter()
            run(count)
            if time.perf_counter() - start > SECONDS_A_MEASUREMENT:
                break
            count *= 2
        counts[name] = count
    for _ in range(ROUNDS):
        for name, run in calls.items():
            start = time.perf_counter()
            run(counts[name])
            taken = (time.perf_counter() - start) / counts[name] * 1e6
            times[name] = min(times.get(name, taken), taken)
    return times


def repeat(call: Call) -> Callable[[int], None]:
    """Call it so many times."""

    def run(times: int) -> None:
        for _ in range(times):
            call()

    return run


def look(relationship: Relationship) -> None:
    """Look at every scope."""
    for _ in relationship.scopes:
        pass


def cases(library: ctypes.CDLL, server: Server, peer: CtypesApi) -> dict[str, dict[str, float]]:
    """Measure the named cases, after showing that both bindings answer the same."""
    library.configure(31, 30, 0)
    one, many = peer.get_relationship("a-b"), peer.relationships()
    same_time = server.get_system_time() == peer.get_system_time()
    if server.get_relationship("a-b") != one or server.relationships() != many or not same_time:
        raise SystemExit("dhcpfo and ctypes do not answer the same")

    def read_all(relationships: list[Relationship]) -> None:
        for relationship in relationships:
            look(relationship)

    plan: dict[str, tuple[Callable[[int], None], Call, Call]] = {
        "get_30": (library.loop_get, lambda: server.get_relationship("a-b"), lambda: peer.get_relationship("a-b")),
        "get_30_read": (
            library.loop_get,
            lambda: look(server.get_relationship("a-b")),
            lambda: look(peer.get_relationship("a-b")),
        ),
        "enum_31x30": (library.loop_enum, server.relationships, peer.relationships),
        "enum_31x30_read": (
            library.loop_enum,
            lambda: read_all(server.relationships()),
            lambda: read_all(peer.relationships()),
        ),
        "create_30": (
            library.loop_create,
            lambda: server.create_relationship(one),
            lambda: peer.create_relationship(one),
        ),
        "delete_relationship": (
            library.loop_delete,
            lambda: server.delete_relationship("a-b"),
            lambda: peer.delete_relationship("a-b"),
        ),
        "get_system_time": (library.loop_time, server.get_system_time, peer.get_system_time),
    }
    return {
        case: best({"c_us": c, "dhcpfo_us": repeat(ours), "ctypes_us": repeat(theirs)})
        for case, (c, ours, theirs) in plan.items()
    }


def growth(library: ctypes.CDLL, server: Server, peer: CtypesApi) -> dict[str, dict[str, float]]:
    """Measure how the cost grows with the scopes of a relationship."""
    answers = {}
    for scopes in (1, 10, 100, 1000, 4000):
        library.configure(31, scopes, 0)
        answers[f"get_{scopes}"] = best(
            {
                "c_us": library.loop_get,
                "dhcpfo_us": repeat(lambda: server.get_relationship("a-b")),
                "ctypes_us": repeat(lambda: peer.get_relationship("a-b")),
            }
        )
    return answers


def throughput(library: ctypes.CDLL, server: Server, threads: int, calls: int) -> float:
    """Calls a second with 20 ms of delay in each."""
    library.configure(31, 30, 20)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda _: None, range(threads)))
        start = time.perf_counter()
        list(pool.map(lambda _: server.get_relationship("a-b"), range(calls)))
        return calls / (time.perf_counter() - start)


def import_cost() -> tuple[float, list[str]]:
    """Milliseconds that ``import dhcpfo`` takes above a bare interpreter, and the third-party modules it loads."""

    def start(code: str) -> float:
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-I", "-c", code], check=True)
        return time.perf_counter() - begin

    bare, ours = [], []
    for _ in range(15):
        bare.append(start("pass"))
        ours.append(start("import dhcpfo"))
    code = (
        "import sys; before = set(sys.modules); import dhcpfo; "
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before} "
        "- sys.stdlib_module_names - {'dhcpfo'}))"
    )
    foreign = subprocess.run([sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True).stdout
    return (min(ours) - min(bare)) * 1000, foreign.split()


def show(answers: dict[str, dict[str, float]]) -> None:
    """Print a table."""
    print(f"{'case':<18}{'C':>10}{'dhcpfo':>10}{'above C':>10}{'ctypes':>11}{'ratio':>8}")
    for case, us in answers.items():
        c, ours, theirs = us["c_us"], us["dhcpfo_us"], us["ctypes_us"]
        print(f"{case:<18}{c:>10.2f}{ours:>10.2f}{ours - c:>10.2f}{theirs:>11.2f}{theirs / ours:>7.1f}x")


def main() -> None:
    """Measure, print, and write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the cases to this file")
    arguments = parser.parse_args()
    library = provider()
    server, peer = native(library), CtypesApi(library)

    print(f"microseconds a call, Python {sys.version.split()[0]}")
    answers = cases(library, server, peer)
    answers |= growth(library, server, peer)
    show(answers)
    one, many = throughput(library, server, 1, 50), throughput(library, server, 64, 3200)
    print(f"20 ms of delay a call: {one:.0f} calls/s with 1 thread, {many:.0f} with 64: {many / one:.1f} times")
    cost, foreign = import_cost()
    print(f"import dhcpfo: {cost:.1f} ms above a bare interpreter; third-party modules: {foreign or 'none'}")
    if arguments.json:
        arguments.json.write_text(json.dumps(answers, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
