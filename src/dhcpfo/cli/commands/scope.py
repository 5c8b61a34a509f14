"""``dhcpfo scope``: scopes as both servers have them."""

from collections.abc import Callable, Iterable
from functools import partial
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from ...errors import DhcpError
from ...pair import Side
from ...pair.half import same_name
from ...pair.look import Unknown, gather
from ...scope import ScopeConfig, Unread, diff, read_scope, read_scopes, read_server
from ...scope.show import yaml_lines
from .. import exits
from ..cells import Cell, Styled
from ..command import add, group
from ..fleets import each
from ..looks import look_at, members, report_errors, unknown_relationship
from ..named import some
from ..problems import Problem
from ..run import Run
from ..values import one_scope, scopes

if TYPE_CHECKING:
    from ...fleet.pair_look import PairLook
    from ...models import Scope, ScopeStatistics
    from ...server import Server
    from ..targets import Target

    Seen = dict[Side, dict[IPv4Address, Scope]]

app = group("scope", "Scopes as both servers have them: list, show, diff, stats.")

Some = Annotated[
    list[str] | None, Argument(help="Network addresses of scopes; all of failover by default.", metavar="[SCOPE...]")
]
Only = Annotated[str | None, Option("--relationship", help="Only scopes of this one.", metavar="NAME")]
AT_ONCE = 8
"""Calls to a server at the same time."""


@add(app, "list", examples=("dhcpfo scope list --pair dhcp1,dhcp2",))
def list_(run: Run) -> None:
    """List the scopes of both servers, whether they are enabled there, and the relationship that they are in."""
    targets = run.pairs()
    for target, (look, states, errors) in each(run, targets, partial(overview, run)):
        where = target.name if len(targets) > 1 else None
        if not report_errors(run, look, pair=where):
            for error in errors:
                run.problem(error, pair=where)
        held = {scope: one.name for one in look.relationships for c in one.copies.values() for scope in c.scopes}
        names = target.pair.names
        rows: list[list[Cell]] = []
        for scope in sorted({scope for side in Side for scope in states.get(side, {})}):
            copies = {side: states[side].get(scope) if side in states else None for side in Side}
            name = next((one.name for one in copies.values() if one is not None and one.name), "")
            relation = held.get(scope)
            shown = {names[side]: word(side in states, copies[side]) for side in Side}
            found = {"scope": str(scope), "name": name, "relationship": relation, "servers": shown}
            run.result({"pair": target.name, **found})
            rows.append([str(scope), name, *shown.values(), relation or "none"])
        if where is not None:
            run.say(where)
        run.table(["SCOPE", "NAME", names.primary, names.secondary, "RELATIONSHIP"], rows)


def overview(run: Run, target: "Target") -> "tuple[PairLook, Seen, list[DhcpError]]":
    """Return the relationships of a pair, the scopes of each server, and what could not be read."""
    look = look_at(run, target)
    errors: list[DhcpError] = []
    states: Seen = {}
    for side in Side:
        if look.servers[side].error is not None:
            continue
        server = target.pair.server(side)
        try:
            listed = server.scopes()
        except DhcpError as error:
            errors.append(error)
            continue
        read = gather({scope: partial(server.get_scope, scope) for scope in listed}, AT_ONCE)
        states[side] = {scope: one for scope, one in read.items() if not isinstance(one, Unknown)}
        errors += [one.error for one in read.values() if isinstance(one, Unknown)][:1]
    return look, states, errors


def word(known: bool, scope: "Scope | None") -> str:
    """Return what a server has of a scope, in a word."""
    if not known:
        return "unknown"
    if scope is None:
        return "missing"
    return "enabled" if scope.enabled else "disabled"


@add(
    app,
    "show",
    examples=("dhcpfo scope show 10.0.1.0 --pair dhcp1,dhcp2", "dhcpfo scope show 10.0.1.0 -s dhcp2 --json"),
)
def show(run: Run, scope: Annotated[str, Argument(help="The scope's network address.")]) -> None:
    """Show a scope's whole configuration on the first server: range, exclusions, reservations, options, policies.

    Of several pairs, on the first server of each that has the scope.
    """
    wanted = one_scope("SCOPE", scope)
    servers = run.targets.firsts()
    answers = list(run.ask(partial(read_scope, scope=wanted), servers))
    found = [(server, config) for server, config in answers if config is not None]
    if answers and not found:
        names = some([server.name or "this machine" for server, _ in answers])
        lacking = f"{names} {'has' if len(answers) == 1 else 'have'} no scope {wanted}"
        raise Problem(lacking, hint="dhcpfo scope list shows all")
    for server, config in found:
        note_unread(run, config)
        data = config.to_dict()
        run.result({"server": server.name, "scope": str(wanted), "config": data})
        lines = yaml_lines({key: value for key, value in data.items() if key != "format"})
        run.say("\n".join([f"# on {server.name}", *lines]))


def note_unread(run: Run, config: ScopeConfig) -> None:
    """Record the parts of a configuration that could not be read."""
    for part in config.unread:
        run.problem(part.error)
        run.warn(f"{config.scope_id}: {part.part} could not be read")


@add(
    app,
    "diff",
    examples=("dhcpfo scope diff --pair dhcp1,dhcp2", "dhcpfo scope diff 10.0.1.0 --unified --pair dhcp1,dhcp2"),
)
def diff_(
    run: Run,
    scope: Some = None,
    *,
    relationship: Only = None,
    unified: Annotated[bool, Option("--unified", help="As a unified diff of both configurations.")] = False,
) -> None:
    """Show what differs between both servers' copies of scopes: from the first server's to the second's.

    Exit code 2 if something differs. `replicate` copies from one to the other.
    """
    wanted = scopes("scope", scope) if scope else None

    def read(target: "Target") -> Any:
        chosen = wanted if wanted is not None else chosen_of(run, target, relationship)
        servers = {side: target.pair.server(side) for side in Side}
        return chosen, gather({side: partial(configs, server, chosen) for side, server in servers.items()}, 2)

    targets = run.pairs()
    equal = 0
    nowhere = dict.fromkeys(wanted or ())
    for target, (chosen, found) in each(run, targets, read):
        bad = [one.error for one in found.values() if isinstance(one, Unknown)]
        for error in bad:
            run.problem(error, pair=target.name)
        if bad:
            nowhere.clear()
            continue
        names = target.pair.names
        if not chosen:
            run.say(f"{target.name}: no failover scopes")
        for one in chosen:
            copies = [found[side][one] for side in Side]
            if copies == [None, None]:
                continue
            nowhere.pop(one, None)
            if not show_difference(run, target, one, copies, (names.primary, names.secondary), unified=unified):
                equal += 1
    for one in nowhere:
        run.problem(Problem(f"no server has a scope {one}"))
    if equal:
        run.say(f"{equal} {'scope is' if equal == 1 else 'scopes are'} equal on both servers")


def configs(server: "Server", wanted: Iterable[IPv4Address]) -> Any:
    """Return the configurations of scopes on a server."""
    return read_scopes(server, wanted, read_server(server))


def show_difference(
    run: Run, target: "Target", scope: IPv4Address, copies: list[Any], names: tuple[str, str], *, unified: bool
) -> bool:
    """Print how two copies of a scope differ; return whether they do, or may."""
    record: dict[str, Any] = {"pair": target.name, "scope": str(scope)}
    for name, copy in zip(names, copies, strict=True):
        if isinstance(copy, Unread):
            run.problem(copy.error, pair=target.name)
            return True
        if isinstance(copy, ScopeConfig) and copy.unread:
            note_unread(run, copy)
            return True
        if copy is None:
            run.say(f"{scope}: missing on {name}")
            run.result(record | {"equal": False, "missing": name, "changes": []})
            run.worst(exits.CHANGES)
            return True
    changes = diff(*copies, names=names)
    run.result(record | {"equal": not changes, "missing": None, "changes": changes.to_dict()["changes"]})
    if not changes:
        return False
    run.worst(exits.CHANGES)
    run.say(changes.unified() if unified else str(changes))
    return True


def chosen_of(run: Run, target: "Target", relationship: str | None) -> list[IPv4Address]:
    """Return the scopes of the relationships of a pair, or of one.

    Raises:
        Problem: Neither server has the relationship, or no server could be read.
    """
    look = look_at(run, target)
    if not any(server.up for server in look.servers.values()):
        raise Problem("; ".join(f"{error.server}: {error}" for error in look.errors[:2]), exits.UNKNOWN)
    if relationship is not None and not any(same_name(one.name, relationship) for one in look.relationships):
        unknown_relationship(look, relationship)
    return members(look, relationship)


@add(app, "stats", examples=("dhcpfo scope stats --pair dhcp1,dhcp2", "dhcpfo scope stats 10.0.1.0 -s dhcp1"))
def stats(run: Run, scope: Some = None, *, relationship: Only = None) -> None:
    """Show how many addresses of failover scopes are free and in use, on each of the two servers.

    The figures are those of the first server that answers; each server knows both sides.
    """
    wanted = scopes("scope", scope) if scope else None

    def read(target: "Target") -> Any:
        chosen = wanted if wanted is not None else chosen_of(run, target, relationship)
        last: Any = None
        for side in Side:
            server = target.pair.server(side)
            jobs: dict[IPv4Address, Callable[[], ScopeStatistics]] = {
                one: partial(server.get_scope_statistics, one) for one in chosen
            }
            found = gather(jobs, AT_ONCE)
            if not found or not all(isinstance(one, Unknown) for one in found.values()):
                return side, found
            last = last or (side, found)
        return last

    targets = run.pairs()
    for target, (side, found) in each(run, targets, read):
        names = target.pair.names
        rows: list[list[Cell]] = []
        for one, figures in found.items():
            if isinstance(figures, Unknown):
                run.problem(figures.error, pair=target.name)
                continue
            run.result({"pair": target.name, "scope": str(one), "server": names[side], **figures.to_dict()})
            free, used = figures.addresses_free, figures.addresses_in_use
            style = "bold red" if free * 10 < free + used else ""
            here = f"{figures.addresses_free_on_this_server} / {figures.addresses_in_use_on_this_server}"
            there = f"{figures.addresses_free_on_partner_server} / {figures.addresses_in_use_on_partner_server}"
            both = (here, there) if side is Side.PRIMARY else (there, here)
            rows.append([str(one), str(figures.addresses_total), Styled(str(free), style), str(used), *both])
        if rows:
            run.say(f"{target.name}, as {names[side]} counts")
            heads = [f"{names[one]} free / used" for one in Side]
            run.table(["SCOPE", "TOTAL", "FREE", "USED", *heads], rows)
        elif not found:
            run.say(f"{target.name}: no failover scopes")
