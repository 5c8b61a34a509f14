"""How long it takes to list, plan and audit a fleet when each call takes 10 ms, beside one pair after the other.

A lab answers each call once; then the answers are replayed after 10 ms, as a network would. So the figures are those of
the calls, of the threads and of this package, not of the simulator.

The ideal is the least time in which the calls that were made could have been made, if Python took no time at all: all
calls are counted, and take 10 ms each, one after the other; that is divided by the calls that may be under way at the
same time. These are the pairs at once, and twice as many for a list, which asks the two servers of a pair at the same
time; a plan and an audit make one call of a pair after the other here (``per_server=1``: with many pairs under way,
that costs the fewest threads). What a sleep takes longer than 10 ms, the start of the threads, and the end of a run,
where pairs are left that cannot be shared out evenly, all count against this package. Imports do not: see
``benchmarks/startup.py``. The time is the best of five runs.

The row "threads" is what a pool of plain threads reaches that does nothing but make two such calls for each pair: on a
busy machine that is below the ideal, too.

Python is the limit of one process: the processor works as long for a pair as the last column says, and so many pairs
at once as fit into the time of their calls are worth it. Read that column on a busy machine.

For memory, many pairs are planned, and the peak of the process is shown after a tenth of them and after all: what a run
keeps is a reference for each pair, never its configuration.
"""

import argparse
import gc
import json
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

from dhcpfo import FailoverPair, Server
from dhcpfo.api import CHANGES, FUNCTIONS
from dhcpfo.fleet import Audit, Job, Look, Operation, PairRef, PlanJob, ServerRef, run
from dhcpfo.fleet.desired import Desired, read_fleet
from dhcpfo.simulator import Lab

DELAY = 0.010
LAB_PAIRS = 20
"""Pairs in a lab; a fleet uses several labs, because a lab looks at all its servers at each call."""


class Replay:
    """Carries calls to a server: reads are remembered, and each takes some time.

    Args:
        api: The server.
        delay: Seconds.
    """

    def __init__(self, api: Any, delay: float) -> None:
        self._api = api
        self._known: dict[Any, Any] = {}
        self.delay = delay
        self.calls = 0
        self.server = api.server

    def close(self) -> None:
        """Do nothing."""

    def __getattr__(self, method: str) -> Any:
        if method not in FUNCTIONS or method in CHANGES:
            return getattr(self._api, method)
        call = getattr(self._api, method)

        def carry(*args: Any) -> Any:
            self.calls += 1
            if self.delay:
                time.sleep(self.delay)
            key = (method, args)
            if key not in self._known:
                self._known[key] = call(*args)
            return self._known[key]

        setattr(self, method, carry)
        return carry


class World:
    """A fleet in labs.

    Args:
        pairs: How many.
    """

    def __init__(self, pairs: int) -> None:
        self.apis: dict[str, Replay] = {}
        self.refs: list[PairRef] = []
        self._labs: list[Lab] = []
        for number in range(pairs):
            if number % LAB_PAIRS == 0:
                self._labs.append(Lab())
            lab, ends = self._labs[-1], (f"a{number}", f"b{number}")
            scope = f"10.{number // 250}.{number % 250}.0/24"
            for server in lab.add_pair(f"r{number}", primary=ends[0], secondary=ends[1], scopes=[scope], direct=True):
                self.apis[server.name or ""] = Replay(server.api, 0.0)
            self.refs.append(PairRef.of(",".join(ends), f"p{number}", opener=self.open))

    def open(self, ref: PairRef) -> FailoverPair:
        """Open a pair."""
        return FailoverPair(*(Server(self.apis[server.name.partition(".")[0]]) for server in ref.servers))  # type: ignore[arg-type]

    def delay(self, seconds: float) -> None:
        """Let each call take so long."""
        for api in self.apis.values():
            api.delay = seconds

    @property
    def calls(self) -> int:
        """The calls so far."""
        return sum(api.calls for api in self.apis.values())


def measure(world: World, job: Callable[[PairRef], Job], at_once: int, together: int) -> dict[str, float]:
    """Return calls, seconds and the ideal for a job of which a pair makes some calls together."""
    world.delay(0.0)
    assert {result.outcome for result in run(world.refs, job)} <= {"unchanged", "drift"}  # learns the answers
    gc.collect()
    gc.freeze()  # a real program has no labs, whose objects the collector would look through again and again
    cpu = timed(world, job, at_once, time.process_time)
    world.delay(DELAY)
    before = world.calls
    seconds = timed(world, job, at_once, time.perf_counter)
    calls = world.calls - before
    for _ in range(4):
        seconds = min(seconds, timed(world, job, at_once, time.perf_counter))
    return figures_of(len(world.refs), calls, at_once * together, seconds, cpu)


def figures_of(pairs: int, calls: int, calls_at_once: int, seconds: float, cpu: float) -> dict[str, float]:
    """Return what is shown of a run."""
    in_turn = calls * DELAY
    ideal = in_turn / calls_at_once
    return {
        "calls": calls,
        "round_trips": calls / pairs,
        "seconds": seconds,
        "ideal": ideal,
        "in_turn": in_turn,
        "cpu": cpu,
        "of_ideal": ideal / seconds,
    }


def timed(world: World, job: Callable[[PairRef], Job], at_once: int, clock: Callable[[], float]) -> float:
    """Return how long a run takes."""
    begun = clock()
    count = sum(1 for _ in run(world.refs, job, pairs_at_once=at_once, per_server=1))
    assert count == len(world.refs)
    return clock() - begun


def plain(pairs: int, at_once: int) -> dict[str, float]:
    """Return the figures of threads that make two calls for each pair, and nothing else."""

    def calls(_: int) -> None:
        time.sleep(DELAY)
        time.sleep(DELAY)

    times = []
    for _ in range(5):
        begun = time.perf_counter(), time.process_time()
        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(calls, range(pairs)))
        times.append((time.perf_counter() - begun[0], time.process_time() - begun[1]))
    return figures_of(pairs, 2 * pairs, at_once, *min(times))


def memory(world: World, pairs: int, at_once: int) -> dict[str, float]:
    """Plan many pairs; return the peak of the process after a tenth of them and after all."""
    import resource  # not at the top: --help works on Windows too

    world.delay(0.0)
    found: dict[str, float] = {}
    for count in (pairs // 10, pairs):
        refs = [renamed(world.refs[number % len(world.refs)], number) for number in range(count)]
        steps = 0
        for result in run(refs, plan, pairs_at_once=at_once, per_server=1):
            assert result.plan is not None, result.error
            steps += len(result.plan["steps"])
        assert steps == 2 * count
        found[f"peak_mib_{count}"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def renamed(ref: PairRef, number: int) -> PairRef:
    """Return a pair with servers of other names, so that it does not take turns with another."""
    one, other = (ServerRef(f"{server.name}.{number}") for server in ref.servers)
    return PairRef(f"q{number}", one, other, opener=ref.opener)


def plan(ref: PairRef) -> Job:
    """Return a job that plans one change on each server of a pair."""
    return PlanJob(Operation.of("update", f"r{ref.primary.name.partition('.')[0][1:]}", percentage=40))


def file_of(world: World) -> Callable[[PairRef], Job]:
    """Return a job that plans each pair as a file has it, as ``dhcpfo plan FILE`` does: with other shares."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fleet.yaml"
        lines = [
            f"  {ref.name}: {{servers: [{ref.primary.name}, {ref.secondary.name}],"
            f" relationships: {{r{ref.name[1:]}: {{percent: 40}}}}}}"
            for ref in world.refs
        ]
        path.write_text("\n".join(["version: 1", "pairs:", *lines]), "utf-8")
        file = read_fleet(path)
    return lambda ref: PlanJob(Desired(file[ref.name]))


def main() -> None:
    """Measure, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", help="write the figures there, too")
    parser.add_argument("--pairs", type=int, default=500, help="pairs of the fleet; 500 by default")
    parser.add_argument("--planned", type=int, default=10_000, help="pairs planned for memory; 10,000 by default")
    parser.add_argument("--at-once", type=int, default=8, help="pairs at the same time; 8 by default")
    options = parser.parse_args()
    world = World(options.pairs)
    jobs: dict[str, Callable[[PairRef], Job]] = {
        "list": lambda ref: Look(wait=timedelta(seconds=45)),
        "plan": plan,
        "plan FILE": file_of(world),
        "audit": lambda ref: Audit("relationships"),
    }
    figures = {name: measure(world, job, options.at_once, 2 if name == "list" else 1) for name, job in jobs.items()}
    figures["threads"] = plain(options.pairs, options.at_once)
    for name, found in figures.items():
        print(
            f"{name:9} {found['calls']:6.0f} calls  {found['seconds']:7.2f} s   {found['of_ideal']:.2f} of the ideal "
            f"({found['ideal']:.2f} s)   {found['round_trips']:.0f} round trips a pair   "
            f"{found['in_turn'] / found['seconds']:5.1f} times faster than one after the other "
            f"({found['in_turn']:.1f} s)   {found['cpu'] / options.pairs * 1000:.2f} ms CPU a pair"
        )
    kept = memory(world, options.planned, options.at_once)
    print("memory " + "  ".join(f"{name} {value:.1f}" for name, value in kept.items()))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump({**figures, "memory": kept}, file, indent=2)


if __name__ == "__main__":
    main()
