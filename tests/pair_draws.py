"""What the state machine over a pair draws: operations, interruptions, foreign changes."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Address
from typing import Any

from hypothesis import strategies as st

from dhcpfo import FailoverMode, FailoverState, Server
from dhcpfo.enums import ScopeState
from dhcpfo.pair import FailoverPair, Plan, Refused
from dhcpfo.simulator import Lab
from pairs import NAME, Counted, LabClock, Picture, Writes, picture

State = FailoverState
HOSTS = ("dhcp1", "dhcp2")
POOL = tuple(IPv4Address(f"10.0.{number}.0") for number in (1, 2))
ADDRESSES = 6
ALLOW = ("delete-scopes", "rotate-short-interval")
"""Guards that are lifted; never those that lift the protection against two clients on one address."""

FOUND: Counter[str] = Counter()
"""What happened, for the tool that searches."""


class Killed(BaseException):
    """The process vanishes: nothing is undone."""


class Renamed:
    """A lab with the names of its servers exchanged, for a pair with the servers in the other order."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    def to_dict(self, *, secrets: bool) -> dict[str, Any]:
        hosts = self.lab.to_dict(secrets=secrets)["hosts"]
        return {"hosts": dict(zip(HOSTS, (hosts[name] for name in reversed(HOSTS)), strict=True))}


@dataclass(frozen=True)
class Operation:
    """A call of a pair: which server comes first, the method, and its arguments."""

    method: str
    arguments: dict[str, Any] = field(default_factory=dict)
    turned: bool = False
    allow: tuple[str, ...] = ALLOW

    @property
    def alone(self) -> bool:
        """Whether only one server is called."""
        return bool(self.arguments.get("without_partner"))

    def __str__(self) -> str:
        return f"{'turned ' if self.turned else ''}{self.method} {self.arguments}"

    @property
    def hosts(self) -> tuple[str, ...]:
        return HOSTS[::-1] if self.turned else HOSTS

    def pair(self, lab: Lab, writes: Writes | None = None) -> FailoverPair:
        servers = [lab.connect(name, direct=True) for name in self.hosts]
        if writes is not None:
            servers = [Server(Counted(server.api, writes)) for server in servers]  # type: ignore[arg-type]
        return FailoverPair(*servers, calls_at_once=1, clock=LabClock(lab))

    def plan(self, pair: FailoverPair) -> Plan:
        try:
            made: Plan = getattr(pair.plan, self.method)(**self.arguments)
        except Refused as error:
            if "of the plan would leave" in str(error):
                raise AssertionError(self) from error
            raise
        return made

    def seen(self, lab: Lab) -> Lab:
        """Return the lab with the pair's first server as dhcp1."""
        return Renamed(lab) if self.turned else lab  # type: ignore[return-value]

    def picture(self, lab: Lab) -> Picture:
        return picture(self.seen(lab))


scopes = st.lists(st.sampled_from(POOL), min_size=1, max_size=len(POOL), unique=True)
sides = st.sampled_from(HOSTS)
existing = st.sampled_from(["refuse", "complete", "overwrite"])
values = st.sampled_from(
    [(FailoverMode.LOAD_BALANCE, 50), (FailoverMode.LOAD_BALANCE, 20), (FailoverMode.HOT_STANDBY, 30)]
).map(lambda drawn: dict(zip(("mode", "percentage"), drawn, strict=True)))
secrets = st.sampled_from([None, "first", "second"])
intervals = st.sampled_from([None, None, timedelta(minutes=45)])

OPERATIONS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "create": st.builds(
        lambda chosen, numbers, **rest: {"name": NAME, "scopes": chosen, **numbers, **rest},
        scopes,
        values,
        shared_secret=secrets,
        on_existing=existing,
        join_disabled=st.sampled_from([False, False, True]),
        state_switch_interval=intervals,
    ),
    "add_scopes": st.fixed_dictionaries(
        {"name": st.just(NAME), "scopes": scopes, "on_existing": existing, "join_disabled": st.booleans()}
    ),
    "remove_scopes": st.fixed_dictionaries(
        {"name": st.just(NAME), "scopes": scopes, "keep": st.sampled_from([*HOSTS, "both"])}
    ),
    "delete": st.fixed_dictionaries({"name": st.just(NAME), "keep": st.sampled_from([*HOSTS, "both"])}),
    "update": st.one_of(
        values.map(lambda drawn: {"name": NAME, **drawn}),
        st.sampled_from([30, 60, 120]).map(lambda minutes: {"name": NAME, "mclt": timedelta(minutes=minutes)}),
    ),
    "rotate_secret": st.fixed_dictionaries({"name": st.just(NAME), "new": secrets}),
    "replicate": st.fixed_dictionaries({"source": sides, "delete": st.sampled_from([(), "all"])}),
    "adopt": st.fixed_dictionaries({"name": st.just(NAME), "like": sides}),
    "reallocate": st.just({"name": NAME}),
}
operations = st.sampled_from(list(OPERATIONS)).flatmap(
    lambda method: st.builds(Operation, st.just(method), OPERATIONS[method], st.sampled_from([False, False, True]))
)
INTERRUPTIONS = ("refused", "dropped", "done", "late", "killed before", "killed after", "cut", "stopped", "foreign")
numbers = st.integers(0, 40)
ready = st.sampled_from([True, True, False])
FOREIGN = ("comment", "option", "exclusion", "disable", "enable", "percentage", "secret", "member", "delete")
foreigns = st.tuples(st.sampled_from(FOREIGN), sides, st.sampled_from(POOL), st.sampled_from([1, 3, 10, 40]))
"""What, on which server, in which scope; after how many calls a late one arrives."""
durations = st.sampled_from([1, 70, 200, 400, 4000, 12000]).map(lambda seconds: timedelta(seconds=seconds))
clients = st.integers(0, 6)


def other(host: str) -> str:
    return HOSTS[1 - HOSTS.index(host)]


def enabled(found: Picture, host: str, scope: IPv4Address) -> bool:
    return found.get((host, "scope-state", str(scope))) in (ScopeState.ENABLED, ScopeState.ENABLED_SWITCHED)
