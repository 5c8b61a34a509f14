"""Kill a process in an operation on a lab in a file, and look what the same operation does afterwards."""

import functools
import os
import shutil
import signal
import traceback
from pathlib import Path

from dhcpfo.simulator import Lab
from dhcpfo.simulator.store import FileStore, from_dict
from pairs import OPERATIONS, Writes, dangers, different, pair_of, picture, world_of


def die(server: str, method: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@functools.cache
def goal_of(operation: str, partner: str) -> tuple[int, tuple]:
    """Return how many writes an operation makes, and what the servers hold afterwards."""
    call = OPERATIONS[operation][1]
    lab, writes = world_of(operation, partner), Writes()
    call(pair_of(lab, writes))
    return len(writes.calls), tuple(picture(lab).items())


def template(folder: Path, operation: str, partner: str) -> Path:
    """Return a file with the lab before an operation."""
    path = folder / f"{partner}-{operation}.lab"
    if not path.exists():
        FileStore(path, from_dict(world_of(operation, partner).to_dict(secrets=True)))
    return path


def kill(folder: Path, operation: str, partner: str, at: int, *, after: bool) -> None:
    """Kill a process before or after its n-th write; run the operation again, and check that it converges."""
    path = folder / "killed.lab"
    for old in folder.glob("killed.lab*"):
        old.unlink()
    shutil.copy(template(folder, operation, partner), path)
    call = OPERATIONS[operation][1]
    before = dangers(picture(Lab.open(path)))
    child = os.fork()
    if child == 0:
        try:
            writes = Writes(at, None if after else die, die if after else None)
            call(pair_of(Lab.open(path), writes))
        except BaseException:  # noqa: BLE001  it must not get back into the tests
            traceback.print_exc()
        os._exit(3)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the process was not killed"
    assert os.WTERMSIG(status) == signal.SIGKILL
    lab = Lab.open(path)
    where = f"{operation} {partner} {at} {'after' if after else 'before'}"
    assert dangers(picture(lab)) <= before, where
    call(pair_of(lab))
    goal = dict(goal_of(operation, partner)[1])
    assert different(goal, picture(lab)) == set(), where
    writes = Writes()
    call(pair_of(lab, writes))
    assert writes.calls == [], where
    lab.close()
