"""Whatever is done to a lab in a file and to one in memory: both answer alike and hold the same.

The suite runs a few sequences that are the same each time. For a long search, set the number of sequences:
``DHCPFO_SEARCH=2000 python -m pytest tests/simulator/test_simulator_stores.py``.
"""

import os
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import examples
from dhcpfo import FailoverState
from dhcpfo.errors import DhcpError
from dhcpfo.simulator import Clock, Lab, Switches
from dhcpfo.simulator.store import FileStore
from examples_base import SCOPE

NAMES = ("dhcp1", "dhcp2", "dhcp3")
SEQUENCES = int(os.environ.get("DHCPFO_SEARCH", "5"))
STEPS = 100

Step = Callable[[Lab], object]


def furnish(lab: Lab) -> None:
    lab.add_pair("hq-branch", scopes=[f"{SCOPE}/24", "10.0.2.0/24"], shared_secret="correct horse", direct=True)
    lab.add_server("dhcp3", "192.0.2.3")
    lab.add_scope("10.0.4.0/28", first="10.0.4.3")


def call(rng: random.Random) -> Step:
    """A call of the API that is right in some state of a server."""
    method = rng.choice(sorted(examples.ARGUMENTS))
    server = rng.choice(NAMES)
    return lambda lab: getattr(lab.connect(server, direct=True).api, method)(*examples.ARGUMENTS[method])


def option(rng: random.Random) -> Step:
    server, value, scope = rng.choice(NAMES), rng.randrange(3), rng.choice([None, SCOPE])

    def set_or_remove(lab: Lab) -> object:
        connection = lab.connect(server, direct=True)
        if value:
            return connection.set_option_value(15, f"lab{value}.test", scope=scope)
        return connection.delete_option_value(15, scope=scope)

    return set_or_remove


def use(rng: random.Random) -> Step:
    """A use of the lab by its own methods."""
    server, other = rng.sample(NAMES, 2)
    scope = rng.choice([SCOPE, SCOPE, "10.0.2.0", "10.0.4.0"])
    client, number = bytes([rng.randrange(6)]), rng.randrange(1, 15)
    reach = rng.choice([None, *NAMES])
    delta = timedelta(seconds=rng.choice([1, 100, 400, 4000, 40_000, 900_000]))
    name = rng.choice(["one", "two"])
    steps: list[Step] = [
        lambda lab: lab.lease(scope, client, name=name, server=reach),
        lambda lab: lab.lease(scope, client, server=reach),
        lambda lab: [lab.lease(scope, bytes([one]), server=reach) for one in range(20)],
        lambda lab: lab.release(server, lab.clients(server, scope)[0].address),
        lambda lab: lab.put_client(server, examples.CLIENT),
        lambda lab: lab.advance(delta),
        lambda lab: lab.advance(delta),
        lambda lab: lab.settle(),
        lambda lab: lab.cut("dhcp1", "dhcp2"),
        lambda lab: lab.mend("dhcp1", "dhcp2"),
        lambda lab: lab.power_off(server),
        lambda lab: lab.start(server),
        lambda lab: lab.rename_server(server, server.upper()),
        lambda lab: lab.rename_server(server, server),
        lambda lab: lab.set_address("dhcp3", f"192.0.2.{number + 2}"),
        lambda lab: lab.set_clock_offset(server, timedelta(seconds=number)),
        lambda lab: lab.fail(server, None, 5, call=number),
        lambda lab: lab.drop(server, None, carried_out=True, duration=delta),
        lambda lab: lab.drop(server, None, carried_out="later", calls=number),
        lambda lab: lab.limit_page(server, number, every=True),
        lambda lab: lab.clear_faults(server),
        lambda lab: lab.add_scope(f"10.1.{number}.0/28", servers=[server]),
        lambda lab: lab.remove_scope(f"10.1.{number}.0", servers=[server]),
        lambda lab: lab.remove_scope(SCOPE, servers=[server], force=True),
        lambda lab: lab.add_scope(f"{SCOPE}/24", servers=[server]),
        lambda lab: lab.exclude(scope, f"10.0.4.{number}", servers=[server, other]),
        lambda lab: lab.exclude(SCOPE, f"10.0.1.{number}", f"10.0.1.{number + 2}"),
        lambda lab: lab.reserve(SCOPE, f"10.0.1.{number}", client, servers=[server]),
        lambda lab: lab.add_pair("hq-branch", scopes=[f"{SCOPE}/24"], direct=True) and None,
        lambda lab: lab.connect(server, direct=True).set_relationship("hq-branch", percentage=number),
        lambda lab: lab.connect(server, direct=True).set_relationship("hq-branch", state=FailoverState.PARTNER_DOWN),
        lambda lab: setattr(lab, "switches", Switches(whole_recover_wait=bool(number % 2))),
        lambda lab: lab.snapshot(name),
        lambda lab: lab.snapshot(name),
        lambda lab: lab.restore(name),
        lambda lab: lab.delete_snapshot(name),
        lambda lab: lab.snapshots,
    ]
    return rng.choice(steps)


def outcome(step: Step, lab: Lab) -> Any:
    try:
        return step(lab)
    except (ValueError, IndexError, TimeoutError) as error:
        return type(error), str(error)
    except DhcpError as error:
        return type(error), error.winerror, str(error)


@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_a_file_and_memory_hold_the_same(seed: int, tmp_path: Path) -> None:
    """Two open labs of the file take turns, and others are opened between."""
    rng = random.Random(seed)
    path = tmp_path / "lab.sqlite"
    memory = Lab(clock=Clock(since=0.0))
    files = [Lab.open(path, clock=Clock(since=0.0)), Lab.open(path)]
    for lab in (memory, files[0]):
        furnish(lab)
    for number in range(STEPS):
        step = rng.choice([use, use, call, call, option])(rng)
        turn = rng.randrange(3)
        lab = files[turn] if turn < 2 else Lab.open(path)
        assert outcome(step, lab) == outcome(step, memory), number
        if rng.randrange(3) == 0:
            state = memory.to_dict(secrets=True)
            for one in (files[rng.randrange(2)], Lab.open(path)):
                assert one.to_dict(secrets=True) == state, number
    assert files[0].to_dict(secrets=True) == files[1].to_dict(secrets=True) == memory.to_dict(secrets=True)
    assert isinstance(files[0]._transactions.store, FileStore)
