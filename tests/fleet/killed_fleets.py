"""Kill a process that applies a file to a fleet, run the same again, and look whether it converges."""

import os
import random
import shutil
import signal
import time
import traceback
from datetime import timedelta
from pathlib import Path

from dhcpfo import Server
from dhcpfo.api import CHANGES
from dhcpfo.enums import FilterList
from dhcpfo.fleet import ApplyJob, Audit, PairRef, PlanJob, run
from dhcpfo.fleet.desired import Desired, read_fleet
from dhcpfo.fleet.servers import lab_at
from dhcpfo.models import Filter, FilterPattern, Policy, PolicyAttribute, PolicyCondition
from dhcpfo.simulator import Lab

PAIRS = 3
"""Two of them have no relationship yet, one has one that is to change and to get another scope."""

SERVERS = """\
    classes: {Phones: {type: vendor, data: IP Phone}, Guests: {type: user, data: guests}}
    definitions: {"66 [Phones]": {name: TFTP server, type: string}}
    options: {dns-servers: [192.0.2.53, 192.0.2.54], "6 [user:Guests]": 192.0.2.55}
    policies:
      only: true
      list:
        Desks: {when: vendor-class is Phones, options: {"66 [Phones]": tftp1, routers: 192.0.2.1}}
        Others: {when: {any: [mac-address begins-with 00-15, {all: [user-class is Guests]}]}, enabled: no}
    conflict-detection: 2
    filters:
      enabled: {allow: yes, deny: no}
      allow: {only: true, list: {00-1C-25-*: Phones, 00-15-5D-01-02-03: ""}}
      deny: {AA-BB-CC-*: stolen}
    scopes:
      NETWORK:
        policies:
          only: true
          list:
            First: {when: mac-address begins-with 00-1C, ranges: [START0-START9], options: {lease-time: 3600}}
            Second: {when: fqdn ends-with x.example, dns-suffix: x.example, options: {only: true, list: {51: 60}}}
        policies-enforced: no
"""
"""What two of the pairs are to have beside their relationship; one of their servers has something else before."""


def _pair(number: int) -> str:
    relationship = f"{{r{number}: {{scopes: [10.{number}.0.0, 10.{number}.1.0]}}}}"
    text = f"  p{number}:\n    servers: [a{number}, b{number}]\n    relationships: {relationship}\n"
    more = SERVERS.replace("NETWORK", f"10.{number}.0.0/24").replace("START", f"10.{number}.0.1")
    return text + (more if number < 2 else "")


TEXT = """\
version: 1
defaults:
  relationship: {mode: load-balance, percent: 60, mclt: 2h, switch: never}
  limits: {delete: 100%}
pairs:
""" + "".join(map(_pair, range(PAIRS)))

WRITES = 120
"""The last write before which a run is killed; a whole run makes about this many."""


def something_else(server: Server, scope: str) -> None:
    """Give a server policies and filters that the file wants otherwise, or not at all."""
    condition = PolicyCondition.of(PolicyAttribute.MAC_ADDRESS, value="00-11-22-33-44-55")
    for level in (None, scope):
        for name in ("Others", "Own") if level is None else ("Second", "First", "Own"):
            server.create_policy(Policy.build(name, condition, scope=level))
            server.set_option_value(3, "192.0.2.9", scope=level, policy=name)
    for octets, which in ((b"\0\x1c\x25", FilterList.DENY), (b"\1", FilterList.ALLOW)):
        server.create_filter(Filter(pattern=FilterPattern(octets=octets, wildcard=True), filter_list=which))


def template(folder: Path) -> Path:
    """Return a file with the lab before the first run; the wanted state is beside it."""
    path = folder / "template.lab"
    if not path.exists():
        (folder / "fleet.yaml").write_text(TEXT, "utf-8")
        with Lab.open(path) as lab:
            for number in range(PAIRS):
                for ends in ("a", "b"):
                    lab.add_server(f"{ends}{number}", f"192.0.2.{number * 2 + (ends == 'b') + 1}")
                server = lab.connect(f"a{number}", direct=True)
                for third in (0, 1):
                    scope = f"10.{number}.{third}.0"
                    lab.add_scope(f"{scope}/24", servers=[f"a{number}"])
                    server.set_option_value(3, f"10.{number}.{third}.1", scope=scope)
                    server.add_reservation(scope, f"10.{number}.{third}.50", f"aabbccdd{number:02x}{third:02x}")
                if number % 2:
                    something_else(server, f"10.{number}.0.0")
                    pair = lab.connect_pair(f"a{number}", f"b{number}", direct=True)
                    pair.create(f"r{number}", [f"10.{number}.0.0"], percentage=50)
    return path


def apply(path: Path, file: Path) -> dict[str, str]:
    """Apply the file to the lab; return the outcomes by pair."""
    jobs = {wanted.name: ApplyJob(Desired(wanted)) for wanted in read_fleet(file).pairs.values()}
    return {result.pair: result.outcome for result in run(refs(path), lambda ref: jobs[ref.name])}


def refs(path: Path) -> list[PairRef]:
    """Return the pairs of the fleet."""
    return [PairRef.of(f"a{number},b{number}", f"p{number}", lab=path) for number in range(PAIRS)]


def dangers(lab: Lab) -> set[str]:
    """Return the scopes that are enabled on both servers and in failover on one."""
    hosts = lab.to_dict()["hosts"]
    found = set()
    for number in range(PAIRS):
        pair = [hosts[f"{ends}{number}"] for ends in "ab"]
        for third in (0, 1):
            scope = f"10.{number}.{third}.0"
            members = [any(scope in end["relationship"]["scopes"] for end in host["endpoints"]) for host in pair]
            kept = [host["scopes"].get(scope) for host in pair]
            states = [None if one is None else one["properties"]["state"] for one in kept]
            if states[0] == states[1] == 0 and members[0] != members[1]:
                found.add(scope)
    return found


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill(folder: Path, seed: int) -> str:
    """Kill a run at a place that the seed chooses; return whether it was killed, or was done before.

    Half of the seeds kill before a chosen write of all pairs, the others after a chosen time, in the middle of a call.
    """
    chance = random.Random(seed)
    path, file = folder / f"{seed}.lab", folder / "fleet.yaml"
    shutil.copy(template(folder), path)
    at, seconds = chance.randrange(1, WRITES), chance.uniform(0.01, 0.6)
    by_write = chance.random() < 0.5
    child = os.fork()
    if child == 0:
        try:
            if by_write:
                die_at(path, at)
            apply(path, file)
            os._exit(0)
        except BaseException:  # noqa: BLE001  it must not get back into the tests
            traceback.print_exc()
        os._exit(3)
    if not by_write:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    where = f"seed {seed}: " + (f"before write {at}" if by_write else f"after {seconds:.3f} s")
    killed = os.WIFSIGNALED(status)
    assert killed or status == 0, where
    lab = lab_at(str(path))
    assert dangers(lab) == set(), where
    outcomes = apply(path, file)
    assert set(outcomes.values()) <= {"changed", "unchanged"}, (where, outcomes)
    assert set(apply(path, file).values()) == {"unchanged"}, where
    lab.settle(timedelta(days=1))
    found = {result.pair: [str(one) for one in result.findings] for result in run(refs(path), Audit("full"))}
    assert found == {f"p{number}": [] for number in range(PAIRS)}, (where, found)
    lab.close()
    for old in folder.glob(f"{seed}.lab*"):
        old.unlink()
    return "killed" if killed else "done before"


def die_at(path: Path, at: int) -> None:
    """Let this process kill itself before its n-th write to any server of a lab."""
    lab, writes = lab_at(str(path)), [0]

    def count() -> None:
        writes[0] += 1
        if writes[0] == at:
            die()

    for server in lab.servers:
        for method in sorted(CHANGES):
            lab.before(server, method, count, every=True)


def covered(folder: Path) -> bool:
    """Return whether the template needs changes in each pair; else the kills would prove nothing."""
    path = template(folder)
    jobs = {wanted.name: PlanJob(Desired(wanted)) for wanted in read_fleet(folder / "fleet.yaml").pairs.values()}
    return {result.outcome for result in run(refs(path), lambda ref: jobs[ref.name])} == {"drift"}
