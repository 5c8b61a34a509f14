"""Ask a pair of servers the questions that only a real pair can answer; a part of real_pair.py.

Each question is named after the switch of the simulator that has the answer, so that a lab can be set to behave as the
pair does. Everything happens in two scopes that are created for it and deleted afterwards. One question is missing:
whether a call that broke off (1726) can still be carried out later, because that takes a network that fails at the
right moment.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network

from dhcpfo import Addresses, FailoverState, Relationship, Secret, Server, ServerType
from dhcpfo.enums import ScopeState
from dhcpfo.errors import DhcpError

PAUSE = timedelta(seconds=5)
PATIENCE = timedelta(minutes=10)
AT_ONCE = timedelta(seconds=60)
"""A link that is closed at once is seen long before the silence that ends it otherwise, which takes minutes."""

SECRET = Secret("dhcpfo check")
REFUSED, ABSENT, BUSY, RANGE_STAYS = 87, 20005, 20133, 20132
CALLS = 64

Question = Callable[["Pair"], Iterator[tuple[str, bool]]]


@dataclass(frozen=True, slots=True)
class Pair:
    """Where the questions are asked.

    Attributes:
        first: The primary.
        second: The secondary.
        relationship: As the primary's copy will be; its scopes do not count.
        spare: Two networks that are scopes of neither server.
        pause: Waits, or lets a lab's clock advance.
    """

    first: Server
    second: Server
    relationship: Relationship
    spare: tuple[IPv4Network, IPv4Network]
    pause: Callable[[timedelta], None]

    @property
    def name(self) -> str:
        """The name of the relationship."""
        return self.relationship.name

    @property
    def scope(self) -> IPv4Address:
        """The scope that is in the relationship from the start."""
        return self.spare[0].network_address

    def wait(self, server: Server, *, until: FailoverState, limit: timedelta = PATIENCE) -> list[FailoverState]:
        """Return the states of a copy until a state is reached or the limit has passed, each once in a row."""
        states: list[FailoverState] = []
        for _ in range(int(limit / PAUSE)):
            state = server.get_relationship(self.name).state
            if states[-1:] != [state]:
                states.append(state)
            if state == until:
                break
            self.pause(PAUSE)
        return states

    def wait_for_normal(self) -> None:
        """Wait until both copies are NORMAL."""
        for server in (self.first, self.second):
            states = self.wait(server, until=FailoverState.NORMAL)
            if states[-1] != FailoverState.NORMAL:
                raise TimeoutError(f"{server.name} is {states[-1].name} after {PATIENCE}")

    def while_busy(self, change: Callable[..., None], scopes: list[IPv4Address]) -> timedelta:
        """Add or remove scopes, again while the answer is 20133; return for how long that was."""
        waited = timedelta(0)
        while True:
            try:
                change(self.name, scopes)
            except DhcpError as error:
                if error.winerror != BUSY or waited >= PATIENCE:
                    raise
            else:
                return waited
            self.pause(PAUSE)
            waited += PAUSE


def code(call: Callable[..., object], *arguments: object, **keywords: object) -> int:
    """Return the error code of a call; 0 is success."""
    try:
        call(*arguments, **keywords)
    except DhcpError as error:
        return error.winerror
    return 0


def bounds(network: IPv4Network) -> tuple[IPv4Address, IPv4Address]:
    """Return the range that a scope of ours gets."""
    return network.network_address + 1, network.broadcast_address - 1


def make_scope(server: Server, network: IPv4Network, state: ScopeState) -> None:
    """Create one of our scopes with its range."""
    server.create_scope(network, name="dhcpfo-check", state=state)
    server.add_range(network.network_address, *bounds(network))


@contextmanager
def cleaned_up(pair: Pair, left: Callable[[str], None]) -> Iterator[None]:
    """Delete afterwards all that the questions created; tell what could not be deleted."""
    try:
        yield
    finally:
        for server in (pair.second, pair.first):
            if (answer := code(server.delete_relationship, pair.name)) not in (0, 20115):
                left(f"relationship {pair.name} on {server.name}: error {answer}")
            for network in pair.spare:
                if (answer := code(server.delete_scope, network.network_address)) not in (0, ABSENT):
                    left(f"scope {network} on {server.name}: error {answer}")


def joining(pair: Pair) -> Iterator[tuple[str, bool]]:
    """Whether a scope that is enabled can become part of a relationship; the partner's copy is disabled."""
    make_scope(pair.second, pair.spare[0], ScopeState.DISABLED)
    make_scope(pair.first, pair.spare[0], ScopeState.ENABLED)
    mine = replace(pair.relationship, scopes=Addresses([pair.scope]))
    pair.second.create_relationship(replace(mine, server_type=ServerType.SECONDARY))
    refused = code(pair.first.create_relationship, mine)
    if refused not in (0, REFUSED):
        raise RuntimeError(f"create: error {refused}")
    yield "joining_scopes_disabled", refused == REFUSED
    if refused:
        pair.first.set_scope(pair.scope, state=ScopeState.DISABLED)
        pair.first.create_relationship(mine)
    pair.wait_for_normal()


def secrets(pair: Pair) -> Iterator[tuple[str, bool]]:
    """Whether the shared secret can be set, and read back."""
    codes = [code(server.set_relationship, pair.name, shared_secret=SECRET) for server in (pair.second, pair.first)]
    yield "secret_flag_accepted", not any(codes)
    if not any(codes):
        yield "secret_shown_to_administrators", pair.first.get_relationship(pair.name).shared_secret == SECRET
    pair.wait_for_normal()


def setting(pair: Pair) -> Iterator[tuple[str, bool]]:
    """Whether what is set on one server reaches the other."""
    before = pair.second.get_relationship(pair.name).percentage
    pair.first.set_relationship(pair.name, percentage=before - 1)
    pair.pause(PAUSE)
    yield "set_reaches_partner", pair.second.get_relationship(pair.name).percentage == before - 1
    for server in (pair.second, pair.first):
        server.set_relationship(pair.name, percentage=before)


def adding(pair: Pair) -> Iterator[tuple[str, bool]]:
    """Whether a scope can be added that the partner does not have; then it is added on both."""
    added = [pair.spare[1].network_address]
    make_scope(pair.first, pair.spare[1], ScopeState.DISABLED)
    alone = code(pair.first.add_failover_scopes, pair.name, added)
    yield "added_scopes_on_partner", alone == ABSENT
    make_scope(pair.second, pair.spare[1], ScopeState.DISABLED)
    pair.while_busy(pair.second.add_failover_scopes, added)
    if alone:
        pair.while_busy(pair.first.add_failover_scopes, added)


def integration(pair: Pair) -> timedelta:
    """Return for how long a change of the scopes is answered with 20133 after scopes were added; they are removed."""
    removed = [pair.spare[1].network_address]
    waited = pair.while_busy(pair.first.remove_failover_scopes, removed)
    pair.while_busy(pair.second.remove_failover_scopes, removed)
    return waited


def ranges(pair: Pair) -> Iterator[tuple[str, bool]]:
    """Whether the range of a scope in failover can be changed and removed."""
    start, end = bounds(pair.spare[0])
    yield "failover_range_can_change", code(pair.first.add_range, pair.scope, start, end - 10) != RANGE_STAYS
    code(pair.first.add_range, pair.scope, start, end)
    yield "failover_range_stays", code(pair.first.remove_range, pair.scope, start, end) == RANGE_STAYS
    if not pair.first.ranges(pair.scope):
        pair.first.add_range(pair.scope, start, end)


def exclusions(pair: Pair) -> Iterator[tuple[str, bool]]:
    """Whether the same exclusion is stored twice."""
    start = pair.scope + 20
    pair.first.add_exclusion(pair.scope, start, start + 5)
    code(pair.first.add_exclusion, pair.scope, start, start + 5)
    yield "exclusions_can_repeat", len(pair.first.exclusions(pair.scope)) == 2
    while pair.first.exclusions(pair.scope):
        pair.first.remove_exclusion(pair.scope, start, start + 5)


def halves(pair: Pair) -> Iterator[tuple[str, bool]]:
    """What a copy does when the other is deleted, and when it is created again."""
    mine = pair.second.get_relationship(pair.name)
    pair.second.delete_relationship(pair.name)
    states = pair.wait(pair.first, until=FailoverState.COMMUNICATION_INTERRUPTED, limit=AT_ONCE)
    yield "delete_closes_link", states[-1] == FailoverState.COMMUNICATION_INTERRUPTED
    pair.wait(pair.first, until=FailoverState.COMMUNICATION_INTERRUPTED)
    none = FailoverState.NO_STATE
    secret = SECRET if mine.shared_secret is not None else None
    pair.second.create_relationship(replace(mine, state=none, previous_state=none, shared_secret=secret))
    states = pair.wait(pair.second, until=FailoverState.NORMAL, limit=PATIENCE + pair.relationship.mclt)
    yield "recreated_half_waits", FailoverState.RECOVER_WAIT in states


QUESTIONS: tuple[Question, ...] = (joining, secrets, setting, adding, ranges, exclusions, halves)


def learn(pair: Pair, failed: Callable[[str], None]) -> Iterator[tuple[str, bool | timedelta]]:
    """Ask everything; the names are those of `dhcpfo.simulator.Switches`, and of `Timers` for ``integration``.

    Args:
        pair: Where to ask.
        failed: Is told each question that could not be answered, and what could not be cleaned up.
    """
    for server in (pair.first, pair.second):
        taken = [str(network) for network in pair.spare if network.network_address in server.scopes()]
        if taken or pair.name in [each.name for each in server.relationships()]:
            failed(f"{server.name} has {', '.join(taken) or pair.name} already; nothing is changed")
            return
    with cleaned_up(pair, failed):
        for question in QUESTIONS:
            try:
                yield from question(pair)
                if question is adding:
                    yield "integration", integration(pair)
            except (DhcpError, RuntimeError, TimeoutError) as error:
                failed(f"{question.__name__}: {error}")
                if question is joining:  # without the relationship there is nothing to ask
                    return


def calls_per_second(server: Server) -> Iterator[tuple[int, float]]:
    """Measure how many calls a second a server answers to some numbers of threads."""
    for threads in (1, 2, 4, 8, 16, 32):
        with ThreadPoolExecutor(threads) as executor:
            begin = time.perf_counter()
            list(executor.map(lambda _: server.get_system_time(), range(CALLS)))
            yield threads, CALLS / (time.perf_counter() - begin)
