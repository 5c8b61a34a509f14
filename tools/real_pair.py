"""Check dhcpfo on a real pair of Windows DHCP servers. Run it on Windows, with the package installed.

    python tools/real_pair.py DHCP1 DHCP2
    python tools/real_pair.py DHCP1 DHCP2 --change --addresses 192.0.2.1 192.0.2.2 --scopes 10.77.1.0 10.77.2.0
    python tools/real_pair.py DHCP1 DHCP2 --change --addresses 192.0.2.1 192.0.2.2 --spare 10.77.3.0/24 10.77.4.0/24

The first form only reads. The second also creates a relationship named dhcpfo-check, over two scopes that exist on both
servers and are in no relationship, changes it, and always deletes it again on both servers. The third asks what only a
real pair can tell: it creates such a relationship over scopes of its own, in two networks that are scopes of neither
server, and deletes all of it again. It can be given together with the second.

Each line is one question and its answer. Answers that differ from Microsoft's documents are marked with !!. Questions
that no document answers are only shown. Please report both. No shared secret is ever shown. The exit status is 1 if a
line is marked.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network

import dhcpfo
import real_pair_questions
from dhcpfo import Addresses, DhcpError, FailoverState, Relationship, Server, ServerType
from real_pair_questions import Pair

NAME = "dhcpfo-check"
PATIENCE = timedelta(minutes=10)
PAUSE = timedelta(seconds=5)
NOT_FOUND = 20115


class Report:
    """Prints questions and answers, and counts the surprises."""

    def __init__(self) -> None:
        self.surprises = 0

    def show(self, question: str, answer: object) -> None:
        """Print an answer that no document specifies."""
        print(f"   {question}: {answer}", flush=True)

    def expect(self, question: str, answer: object, *wanted: object) -> None:
        """Print an answer, and mark it if it is not one of those expected."""
        if answer in wanted:
            print(f"   {question}: {answer}", flush=True)
        else:
            self.mark(question, f"expected {' or '.join(map(str, wanted))}, got {answer}")

    def mark(self, question: str, answer: object) -> None:
        """Print an answer as a surprise."""
        self.surprises += 1
        print(f"!! {question}: {answer}", flush=True)

    @contextmanager
    def guard(self, question: str) -> Iterator[None]:
        """Mark an error and continue after the block, so that the other questions are still asked."""
        try:
            yield
        except DhcpError as error:
            self.mark(question, error)


def code(call: Callable[..., object], *arguments: object, **keywords: object) -> int:
    """Return the error code of a call; 0 is success."""
    try:
        call(*arguments, **keywords)
    except DhcpError as error:
        return error.winerror
    return 0


def outcome(call: Callable[..., object], *arguments: object) -> str:
    """Return the answer or the error of a call as text, where no document says which to expect."""
    try:
        return str(call(*arguments))
    except DhcpError as error:
        return f"error {error.winerror} ({error.code_name})"


def read(report: Report, first: Server, second: Server) -> None:
    """Ask everything that changes nothing."""
    clocks = []
    for server in (first, second):
        with report.guard(f"{server.name}: clock"):
            answer = server.get_system_time()
            clocks.append(answer.time)
            report.show(f"{server.name}: clock minus this machine's clock", answer.time - datetime.now(UTC))
            report.show(f"{server.name}: allowed clock difference", answer.max_allowed_difference)
        report.show(f"{server.name}: a zero-sized page", outcome(empty_page, server))
    if len(clocks) == 2:
        report.expect("clocks within a minute", abs(clocks[0] - clocks[1]) < timedelta(minutes=1), True)

    with report.guard("the relationships of both"):
        partner = {relationship.name: relationship for relationship in second.relationships()}
        for relationship in first.relationships():
            with report.guard(relationship.name):
                read_relationship(report, first, relationship, partner.get(relationship.name))
            for scope in relationship.scopes[:3]:
                read_scope(report, first, second, relationship, scope)
    report.expect("an unknown relationship", code(first.get_relationship, "dhcpfo-none"), NOT_FOUND)


def empty_page(server: Server) -> str:
    """Return the answer to an enumeration with a page size of 0."""
    page = server.api.enum_relationships(0, 0)
    return f"status {page.status}, {len(page.items)} items"


def read_relationship(report: Report, first: Server, relationship: Relationship, other: Relationship | None) -> None:
    """Compare a relationship from the enumeration with the one asked by name, and with the partner's copy."""
    name = relationship.name
    report.expect(f"{name}: exists on the partner", other is not None, True)
    if other is not None:
        report.expect(f"{name}: same values on both", shared(relationship) == shared(other), True)
        report.expect(f"{name}: opposite roles", {relationship.server_type, other.server_type}, set(ServerType))
    report.expect(f"{name}: enumerated and asked by name, equal", first.get_relationship(name) == relationship, True)


def shared(relationship: Relationship) -> Relationship:
    """Return the values that the two copies must have in common."""
    no_state = FailoverState.NO_STATE
    scopes = Addresses(sorted(relationship.scopes))
    return replace(relationship, server_type=ServerType.PRIMARY, state=no_state, previous_state=no_state, scopes=scopes)


def read_scope(report: Report, first: Server, second: Server, relationship: Relationship, scope: IPv4Address) -> None:
    """Compare the answers of both servers about a scope in failover."""
    with report.guard(f"{scope}: belongs to its relationship"):
        report.expect(f"{scope}: belongs to", first.get_scope_relationship(scope).name, relationship.name)
    for server in (first, second):
        with report.guard(f"{scope}: statistics from {server.name}"):
            counts = server.get_scope_statistics(scope)
            free = counts.addresses_free_on_this_server + counts.addresses_free_on_partner_server
            used = counts.addresses_in_use_on_this_server + counts.addresses_in_use_on_partner_server
            totals = (counts.addresses_free, counts.addresses_in_use, counts.addresses_total)
            report.expect(f"{scope}: counts of {server.name} add up", (free, used, free + used), totals)
    address = scope + 50
    report.expect(
        f"{address}: both name the same owner", outcome(owner, first, address), outcome(owner, second, address)
    )


def owner(server: Server, address: IPv4Address) -> str:
    """Return which server owns an address, according to this server."""
    return server.get_address_status(address).name


def is_free(report: Report, server: Server) -> bool:
    """Return whether the server has no relationship with our name. The enumeration decides, not the error code."""
    with report.guard(f"{server.name}: its relationships"):
        asked = code(server.get_relationship, NAME)
        if asked == 0 or NAME in [relationship.name for relationship in server.relationships()]:
            report.mark(f"{server.name}: {NAME}", "already exists; nothing is changed")
            return False
        report.expect(f"{server.name}: {NAME} before it exists", asked, NOT_FOUND)
        return True
    return False


@contextmanager
def created(report: Report, first: Server, second: Server, relationship: Relationship) -> Iterator[None]:
    """Create the relationship on both servers, the partner first; always delete it on both afterwards."""
    try:
        second.create_relationship(replace(relationship, server_type=ServerType.SECONDARY))
        first.create_relationship(relationship)
        yield
    finally:
        for server in (second, first):
            report.expect(f"delete on {server.name}", code(server.delete_relationship, NAME), 0, NOT_FOUND)


def change(
    report: Report, first: Server, second: Server, relationship: Relationship, pause: Callable[[timedelta], None]
) -> None:
    """Create, change and delete our relationship."""
    if not all(is_free(report, server) for server in (first, second)):
        return
    one, other = relationship.scopes
    both = (second, first)
    with report.guard("create on both"), created(report, first, second, relationship):
        for server in (first, second):
            with report.guard(f"{server.name}: states before NORMAL"):
                wait_for_normal(report, server, pause)
        report.expect("redistribute, on the primary", code(first.trigger_address_allocation, NAME), 0)
        report.expect("redistribute, on the secondary", code(second.trigger_address_allocation, NAME), 20117)
        for server in both:
            report.expect(f"{server.name}: remove a scope", code(server.remove_failover_scopes, NAME, [other]), 0)
        for server in both:
            report.expect(f"{server.name}: add it again", code(server.add_failover_scopes, NAME, [other]), 0)
        with report.guard("both scopes are in it"):
            report.expect("both scopes are in it", sorted(first.get_relationship(NAME).scopes), sorted([one, other]))
        report.expect("add a scope twice", code(first.add_failover_scopes, NAME, [one]), 20113)
        change_values(report, first, second)
    report.expect("its scopes are in no relationship again", code(first.get_scope_relationship, one), 20116)


def wait_for_normal(report: Report, server: Server, pause: Callable[[timedelta], None]) -> None:
    """Wait for NORMAL, and print the states before it."""
    waited, seen = timedelta(0), FailoverState.NO_STATE
    while waited < PATIENCE:
        state = server.get_relationship(NAME).state
        if state != seen:
            report.show(f"{server.name}: after {waited}", state.name)
            seen = state
        if state == FailoverState.NORMAL:
            return
        pause(PAUSE)
        waited += PAUSE
    report.expect(f"{server.name}: NORMAL within {PATIENCE}", seen.name, FailoverState.NORMAL.name)


def change_values(report: Report, first: Server, second: Server) -> None:
    """Change values, and print the undocumented answers."""
    for server in (second, first):
        with report.guard(f"{server.name}: change"):
            server.set_relationship(NAME, percentage=33, mclt=timedelta(minutes=45))
            now = server.get_relationship(NAME)
            report.expect(f"{server.name}: changed", (now.percentage, now.mclt), (33, timedelta(minutes=45)))
    zero = code(first.set_relationship, NAME, state_switch_interval=timedelta(0))
    report.show("an interval of 0: error code, and read back as", (zero, outcome(interval, first)))
    for server in (second, first):
        secret = code(server.set_relationship, NAME, shared_secret="dhcpfo check")
        report.show(f"{server.name}: a secret with the flag 0x40: error code", secret)
    report.show("the server returns the secret in clear text", outcome(shows_secret, first))


def interval(server: Server) -> timedelta | None:
    """Return the interval after which the server switches to PARTNER_DOWN by itself."""
    return server.get_relationship(NAME).state_switch_interval


def shows_secret(server: Server) -> bool:
    """Return whether the server returns the secret that it was given."""
    return server.get_relationship(NAME).shared_secret == "dhcpfo check"


def learn(report: Report, pair: Pair) -> None:
    """Ask what only a real pair can tell; the names are those of the simulator's switches."""
    for name, answer in real_pair_questions.learn(pair, lambda failure: report.mark("not answered", failure)):
        report.show(name, answer)
    for threads, rate in real_pair_questions.calls_per_second(pair.first):
        report.show(f"{pair.first.name}: calls per second to {threads} threads", f"{rate:.0f}")


def pause(duration: timedelta) -> None:
    """Wait."""
    time.sleep(duration.total_seconds())


def main() -> int:
    """Ask all questions; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("servers", nargs=2, metavar="SERVER", help="host name or address, the primary first")
    parser.add_argument(
        "--change", action="store_true", help="create, change and delete a relationship named dhcpfo-check"
    )
    parser.add_argument("--addresses", nargs=2, type=IPv4Address, metavar="ADDRESS", help="of the two servers")
    parser.add_argument("--scopes", nargs=2, type=IPv4Address, metavar="SCOPE", help="two scopes without failover")
    parser.add_argument("--spare", nargs=2, type=IPv4Network, metavar="NETWORK", help="two networks without a scope")
    options = parser.parse_args()
    if options.change and not (options.addresses and (options.scopes or options.spare)):
        parser.error("--change needs --addresses, and --scopes or --spare")
    report = Report()
    first, second = map(dhcpfo.connect, options.servers)
    read(report, first, second)
    if options.change:
        relationship = Relationship(
            name=NAME,
            primary_server=options.addresses[0],
            secondary_server=options.addresses[1],
            primary_server_name=options.servers[0],
            secondary_server_name=options.servers[1],
            scopes=options.scopes or (),
            state_switch_interval=timedelta(minutes=10),
        )
        if options.scopes:
            change(report, first, second, relationship, pause)
        if options.spare:
            learn(report, Pair(first, second, relationship, tuple(options.spare), pause))
    print(f"{report.surprises} surprises")
    return 1 if report.surprises else 0


if __name__ == "__main__":
    sys.exit(main())
