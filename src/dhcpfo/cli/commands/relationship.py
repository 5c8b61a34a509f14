"""``dhcpfo relationship``: failover relationships, as both servers have them."""

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from ...enums import FailoverMode, ServerType
from ...pair import Side
from ...pair.half import same_name
from ...pair.parts import counted
from .. import exits
from ..cells import Cell, Styled
from ..changes import carry_out
from ..command import add, group
from ..fleets import each
from ..looks import attention_of, differences_of, kept, look_at, named, pair_of, report_errors, unknown_relationship
from ..named import some
from ..problems import Problem
from ..run import Run
from ..states import columns_of, is_primary, share_of, shown_state, unreachable, values_of
from ..values import EXISTING, duration, one_of, scopes, words

if TYPE_CHECKING:
    from ...fleet.pair_look import PairLook, RelationshipLook
    from ...models import Relationship

    Found = tuple[PairLook, RelationshipLook]

app = group("relationship", "Failover relationships: list, show, create, set, delete.")

MODES = {"load-balance": FailoverMode.LOAD_BALANCE, "hot-standby": FailoverMode.HOT_STANDBY}

Name = Annotated[str, Argument(help="The relationship's name.", show_default=False)]
Mode = Annotated[
    str | None,
    Option(help="load-balance or hot-standby.", show_default=False, metavar="MODE", autocompletion=words(MODES)),
]
Share = Annotated[int | None, Option(help="Load balance: the first server's percent of the clients.", metavar="N")]
Reserve = Annotated[int | None, Option(help="Hot standby: percent reserved for the standby.", metavar="N")]
Mclt = Annotated[str | None, Option(help="Maximum client lead time, such as 1h.", metavar="TIME")]
Switch = Annotated[
    str | None, Option(help="Time until a server without contact turns PARTNER_DOWN, or never.", metavar="TIME")
]


@add(app, "list", examples=("dhcpfo relationship list --pair dhcp1,dhcp2", "dhcpfo relationship list -f fleet.yaml"))
def list_(run: Run) -> None:
    """List the relationships of pairs, with the states of both servers.

    Exit code 2 if one needs attention: a state that is not NORMAL, a missing half, halves that differ. 6 if a server
    could not be read.
    """
    targets = run.pairs()
    several = len(targets) > 1
    found: list[Found] = []
    others: list[str] = []
    silent, unread = 0, len(targets)
    for target, look in each(run, targets, partial(look_at, run), partly=True):
        unread -= 1
        others += [] if look.relationships else elsewhere(look)
        found += [(look, one) for one in look.relationships]
        silent += len(report_errors(run, look, pair=target.name if several else None))
    attention = sum(1 for _, one in found if one.attention)
    for look, one in found:
        run.result(record(look, one))
    if attention:
        run.worst(exits.CHANGES)
    if found:
        primary = one_way(found)
        shown = [cells(*row, primary, several=several) for row in found]
        run.table(heads(found, primary, several=several), shown, SPARE)
    total = f"{len(found)} {'relationship' if len(found) == 1 else 'relationships'}"
    care = f", {attention} {'needs' if attention == 1 else 'need'} attention" if attention else ""
    unknown = f", {silent} {'server' if silent == 1 else 'servers'} unknown" if silent else ""
    left = f", {unread} {'pair' if unread == 1 else 'pairs'} not read" if unread else ""
    run.say(f"{total}{care}{unknown}{left}")
    for text in others:
        run.say(text)
    hard_to_find = len(found) > SCREEN and attention <= FEW
    for look, one in found:
        for text in attention_of(one, look) if run.options.verbose or hard_to_find else differences_of(one):
            run.say(f"  {look.name + ' ' if several else ''}{one.name}: {text}")


def elsewhere(look: "PairLook") -> list[str]:
    """Return which relationships the servers of a pair have with other servers."""
    return [
        f"{server.name}: {counted(len(server.others), 'relationship')} with other servers: {some(server.others)}"
        for server in look.servers.values()
        if server.others
    ]


SCREEN, FEW = 20, 10
"""Rows that are seen at a glance, and how many of more rows are named below them if they need attention."""

SPARE = ("SWITCH", "MCLT", "AUTH", "MODE", "SCOPES", "SHARE")
"""The columns of the list that a narrow terminal leaves out first."""


def record(look: "PairLook", one: "RelationshipLook") -> dict[str, Any]:
    """Return a relationship as JSON has it."""
    servers = {look.servers[side].name: values_of(one.copies[side]) if side in one.copies else None for side in Side}
    return {"pair": look.name, "relationship": one.name, "attention": attention_of(one, look), "servers": servers}


def one_way(found: "list[Found]") -> Side | None:
    """Return the side that is the primary of all relationships, or None."""
    primaries = {side if is_primary(copy) else side.other for _, one in found for side, copy in one.copies.items()}
    return primaries.pop() if len(primaries) == 1 else None


def heads(found: "list[Found]", primary: Side | None, *, several: bool) -> list[str]:
    """Return the heads of the list's columns."""
    before = ["RELATIONSHIP", "MODE", "SHARE", "MCLT", "SWITCH", "AUTH", "SCOPES"]
    if several:
        return ["PAIR", *before, "FIRST SERVER", "SECOND SERVER"]
    names = {side: found[0][0].servers[side].name for side in Side}
    if primary is None:
        return [*before, *names.values()]
    roles = {primary: "primary", primary.other: "secondary"}
    return [*before, *(f"{names[side]} ({roles[side]})" for side in Side)]


def cells(look: "PairLook", one: "RelationshipLook", primary: Side | None, *, several: bool) -> list[Cell]:
    """Return the cells of a relationship in the list."""
    mode, mclt, switch, authenticated = columns_of(one.copy)
    shown: list[Cell] = [Styled(one.name, "bold"), mode, share_of(one.copy, primary_first=primary_first(one))]
    shown += [mclt, switch, authenticated, str(len(one.copy.scopes))]
    states = [state_cell(look, one, side, mixed=several or primary is None, named=several) for side in Side]
    return [look.name, *shown, *states] if several else [*shown, *states]


def primary_first(one: "RelationshipLook") -> bool:
    """Whether the first server of the pair is the primary."""
    first = one.copies.get(Side.PRIMARY)
    return is_primary(first) if first is not None else not is_primary(one.copy)


def state_cell(look: "PairLook", one: "RelationshipLook", side: Side, *, mixed: bool, named: bool) -> Styled:
    """Return the state of one server, with its name and role where the head of the column does not have them."""
    server = look.servers[side]
    where = f"{server.name} " if named else ""
    if side not in one.copies:
        gap = Styled("✖ no half", "bold red") if server.error is None else unreachable(server.error)
        return Styled(where + gap.text, gap.style)
    copy = one.copies[side]
    shown = shown_state(copy.state)
    role = f" ({copy.role.name.lower()})" if mixed else ""
    return Styled(f"{where}{shown.text}{role}", shown.style)


@add(app, "show", examples=("dhcpfo relationship show hq-branch --pair dhcp1,dhcp2",))
def show(run: Run, name: Name) -> None:
    """Show both servers' copies of a relationship, side by side, with its scopes."""
    look = look_at(run, pair_of(run, name))
    errors = report_errors(run, look)
    names = [look.servers[side].name for side in Side]
    one = next((one for one in look.relationships if same_name(one.name, name)), None)
    if one is None:
        if errors:
            raise Problem(f"{name} is on no server that could be read", exits.UNKNOWN)
        unknown_relationship(look, name)
    run.result(record(look, one))
    if one.attention:
        run.worst(exits.CHANGES)
    table: dict[str, list[Cell]] = {}
    for side in Side:
        for label, cell in details(look, one, side).items():
            table.setdefault(label, []).append(cell)
    run.table(["", *names], [[label, *pair] for label, pair in table.items()])
    run.say()
    run.say(f"scopes: {', '.join(map(str, one.copy.scopes)) or 'none'}")
    for text in attention_of(one, look):
        run.say(f"! {text}")


def details(look: "PairLook", one: "RelationshipLook", side: Side) -> dict[str, Cell]:
    """Return one server's values, as texts."""
    labels = ("state", "role", "mode", "share", "mclt", "switch", "secret", "scopes", "partner")
    if side not in one.copies:
        gap = state_cell(look, one, side, mixed=False, named=False)
        return {label: gap if label == "state" else "" for label in labels}
    copy = one.copies[side]
    mode, mclt, switch, authenticated = columns_of(copy)
    share = share_of(copy, primary_first=primary_first(one))
    secret = "set" if authenticated == "yes" else "none"
    shown: list[Cell] = [shown_state(copy.state), copy.role.name.lower(), mode, share, mclt, switch, secret]
    shown += [str(len(copy.scopes)), copy.partner]
    return dict(zip(labels, shown, strict=True))


@add(
    app,
    "create",
    changes=True,
    also=("wait",),
    examples=(
        "dhcpfo relationship create hq-branch 10.0.1.0 10.0.2.0 --pair dhcp1,dhcp2 --share 60",
        "dhcpfo relationship create lab 10.9.0.0 --pair dhcp1,dhcp2 --mode hot-standby --reserve 5 --dry-run",
        "dhcpfo relationship create hq 10.0.1.0 --pair dhcp1,dhcp2 --secret env:HQ_SECRET",
    ),
)
def create(
    run: Run,
    name: Name,
    scope: Annotated[list[str], Argument(help="Its scopes; they must exist on the first server.", metavar="SCOPE...")],
    *,
    mode: Mode = None,
    share: Share = None,
    reserve: Reserve = None,
    mclt: Mclt = None,
    switch: Switch = None,
    secret: Annotated[
        str | None,
        Option(help="Where the secret is: prompt, env:NAME, file:PATH or keyring:SERVICE/USER.", metavar="REFERENCE"),
    ] = None,
    existing: Annotated[
        str,
        Option(
            help="Scopes that the second server has: refuse, complete or overwrite.",
            metavar="WHAT",
            autocompletion=words(EXISTING),
        ),
    ] = "refuse",
) -> None:
    """Create a relationship on both servers; the second one gets copies of the scopes.

    The first server of --pair becomes the primary. Afterwards it waits for NORMAL, for ten minutes at most.
    """
    wanted = scopes("scope", scope)
    one_of("--existing", existing, EXISTING)
    target = run.pair()
    chosen, percentage = terms(mode, share, reserve)
    values: dict[str, Any] = {} if mclt is None else {"mclt": duration("--mclt", mclt)}
    if switch is not None:
        values["state_switch_interval"] = interval(switch)
    text = None if secret is None else run.secret(secret, "shared secret")
    with named(run, target, scopes=wanted, on=Side.PRIMARY):
        plan = target.pair.plan.create(
            name,
            wanted,
            mode=chosen or FailoverMode.LOAD_BALANCE,
            percentage=percentage,
            shared_secret=text,
            on_existing=existing,  # type: ignore[arg-type]  # checked there
            **values,
        )
    carry_out(run, target, plan, wait=True)


@add(
    app,
    "set",
    changes=True,
    examples=(
        "dhcpfo relationship set hq-branch --share 50 --pair dhcp1,dhcp2",
        "dhcpfo relationship set hq-branch --mode hot-standby --reserve 5 --pair dhcp1,dhcp2",
    ),
)
def set_(
    run: Run,
    name: Name,
    *,
    mode: Mode = None,
    share: Share = None,
    reserve: Reserve = None,
    mclt: Mclt = None,
    switch: Switch = None,
) -> None:
    """Change values of a relationship on both servers; others stay as they are. `rotate-secret` changes the secret."""
    chosen, percentage = terms(mode, share, reserve)
    values: dict[str, Any] = {}
    if chosen is not None:
        values["mode"] = chosen
    if mclt is not None:
        values["mclt"] = duration("--mclt", mclt)
    if switch is not None:
        values["state_switch_interval"] = interval(switch)
    target = run.pair()
    if not values and percentage is None:
        raise Problem("nothing to change: pass --mode, --share, --reserve, --mclt or --switch")
    if chosen is not None and percentage is None:
        raise Problem(f"--mode needs {'--share' if chosen is FailoverMode.LOAD_BALANCE else '--reserve'}, too")
    with named(run, target, name):
        if percentage is not None:
            values["percentage"] = percentage
        if share is not None:
            copy = target.pair.primary.get_relationship(name)
            if chosen is None and copy.mode is FailoverMode.HOT_STANDBY:
                raise Problem(f"--share is for load balance, and {name} is hot standby: pass --reserve, or --mode, too")
            values["percentage"] = of_primary(copy, share)
        plan = target.pair.plan.update(name, **values)
    carry_out(run, target, plan)


@add(
    app,
    "delete",
    changes=True,
    also=("keep",),
    examples=(
        "dhcpfo relationship delete hq-branch --pair dhcp1,dhcp2 --dry-run",
        "dhcpfo relationship delete hq-branch --pair dhcp1,dhcp2 --keep dhcp1 --allow delete-scopes",
    ),
)
def delete(
    run: Run,
    name: Name,
    *,
    without_partner: Annotated[
        bool, Option("--without-partner", help="Do not call the other server: it is gone for good.")
    ] = False,
) -> None:
    """Delete a relationship on both servers. One server keeps the scopes; on the other they are deleted.

    The first server of --pair keeps them unless --keep says otherwise; `--keep both` leaves the copies, disabled.
    """
    target = run.pair()
    keep = kept(run, target, alone=without_partner)
    plan = target.pair.plan.delete(name, keep=keep, without_partner=without_partner)
    carry_out(run, target, plan, typed=name)


def of_primary(copy: "Relationship", share: int) -> int:
    """Return the primary's share, if the share of the first server is given and that may be the secondary."""
    return share if copy.server_type == ServerType.PRIMARY else 100 - share


def terms(mode: str | None, share: int | None, reserve: int | None) -> tuple[FailoverMode | None, int | None]:
    """Return mode and percentage.

    Raises:
        Problem: They contradict each other.
    """
    if mode is not None and mode.casefold() not in MODES:
        raise Problem(f"--mode must be load-balance or hot-standby, got {mode}")
    chosen = None if mode is None else MODES[mode.casefold()]
    if share is not None and reserve is not None:
        raise Problem("pass --share for load balance or --reserve for hot standby, not both")
    if share is not None and chosen is FailoverMode.HOT_STANDBY:
        raise Problem("--share is for load balance; hot standby has --reserve")
    if reserve is not None and chosen is FailoverMode.LOAD_BALANCE:
        raise Problem("--reserve is for hot standby; load balance has --share")
    for option, value in (("--share", share), ("--reserve", reserve)):
        if value is not None and not 0 <= value <= 100:
            raise Problem(f"{option} must be between 0 and 100, got {value}")
    if chosen is None and reserve is not None:
        chosen = FailoverMode.HOT_STANDBY
    return chosen, share if share is not None else reserve


def interval(text: str) -> Any:
    """Return a state switch interval; None is never."""
    return None if text.casefold() in ("never", "0") else duration("--switch", text)
