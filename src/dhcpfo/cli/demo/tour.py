"""The demonstration as text: what it is, a pair made, a cable cut, partner down, mended, and both servers compared."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..cells import Cell, Styled
from ..labs import style
from .actions import ALLOW, block, unblock
from .look import look
from .world import SITES, World, build

if TYPE_CHECKING:
    from ...simulator import Lab

__all__ = ["BEGIN", "INTRODUCTION", "NEXT", "Step", "Table", "tour"]

INTRODUCTION = """\
Six simulated DHCP servers in three failover pairs. Nothing on this machine or its network changes.
Calls to them run the same compiled code as calls to Windows servers. Each step shows the Python
and the PowerShell that do the same. To run the Python yourself, make the lab: dhcpfo lab init my.lab"""

BEGIN = ("from datetime import timedelta", "from dhcpfo.simulator import Lab", 'lab = Lab.open("my.lab")')
"""The Python that everything else needs."""

NEXT = """\
dhcpfo lab init my.lab                       these three pairs in a file, for all commands
dhcpfo lab snapshot my.lab --pair A,B        a copy of your own servers, to rehearse on
dhcpfo --help                                all commands"""

SITE = SITES[0]
NEW, NETWORK = "hq-printers", "10.10.16.0"


@dataclass(frozen=True, slots=True)
class Table:
    """A table to print.

    Attributes:
        heads: The names of the columns.
        rows: The rows.
    """

    heads: list[str]
    rows: list[list[Cell]]

    def to_dict(self) -> list[dict[str, str]]:
        """Return each row by the names of the columns."""
        texts = [[cell.text if isinstance(cell, Styled) else cell for cell in row] for row in self.rows]
        return [dict(zip(map(str.lower, self.heads), row, strict=True)) for row in texts]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the tour, which has been done.

    Attributes:
        title: What it shows.
        python: The Python that was run.
        powershell: The PowerShell that does the same.
        shown: What came of it: text or tables.
    """

    title: str
    python: tuple[str, ...]
    powershell: tuple[str, ...]
    shown: tuple[str | Table, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        shown = [one if isinstance(one, str) else one.to_dict() for one in self.shown]
        return {"title": self.title, "python": self.python, "powershell": self.powershell, "output": shown}


def tour(lab: "Lab") -> Iterator[Step]:
    """Do the tour in an empty lab; each step is yielded when it is done."""
    build(lab)
    world = World(lab)
    steps: tuple[Callable[[World], Step], ...] = (_look, _create, _cut, _partner_down, _mend, _audit)
    for step in steps:
        yield step(world)


def _look(world: World) -> Step:
    return Step(
        "Three pairs, one in trouble",
        (
            *BEGIN,
            'pair = lab.connect_pair("hq-dhcp1", "hq-dhcp2")',
            "pair.primary.relationships()",
        ),
        ("Get-DhcpServerv4Failover -ComputerName hq-dhcp1",),
        (_table(world), world.lab.explain(SITES[2].relationship)),
    )


def _table(world: World) -> Table:
    rows: list[list[Cell]] = []
    for site in SITES:
        seen = look(world, site)
        states: list[Cell] = [Styled(f"{half.server} {half.state}", style(half.state or "")) for half in seen.halves]
        rows.append([site.relationship, seen.mode, f"{seen.used} of {seen.total}", *states])
    return Table(["RELATIONSHIP", "MODE", "IN USE", "PRIMARY", "SECONDARY"], rows)


def _create(world: World) -> Step:
    pair = world.pair(SITE)
    world.lab.add_scope(f"{NETWORK}/24", servers=[SITE.primary])
    plan = pair.plan.create(NEW, [NETWORK], percentage=60)
    result = pair.apply(plan)
    return Step(
        "Make a pair: planned first, then done on both servers",
        (
            f'lab.add_scope("{NETWORK}/24", servers=["{SITE.primary}"])',
            f'print(pair.plan.create("{NEW}", ["{NETWORK}"], percentage=60))',
            f'print(pair.create("{NEW}", ["{NETWORK}"], percentage=60))',
        ),
        (
            f"Add-DhcpServerv4Scope -ComputerName {SITE.primary} -Name Printers"
            " -StartRange 10.10.16.1 -EndRange 10.10.16.254 -SubnetMask 255.255.255.0",
            f"Add-DhcpServerv4Failover -ComputerName {SITE.primary} -PartnerServer {SITE.secondary}"
            f" -Name {NEW} -ScopeId {NETWORK} -LoadBalancePercent 60",
        ),
        (str(plan), str(result)),
    )


def _cut(world: World) -> Step:
    lab = world.lab
    lab.cut(*SITE.servers)
    lab.advance(timedelta(minutes=5))
    return Step(
        "Cut the cable between them: both go on, each with its own free addresses",
        (f'lab.cut("{SITE.primary}", "{SITE.secondary}")', "lab.advance(timedelta(minutes=5))"),
        (
            block(SITE),
            f"(Get-DhcpServerv4Failover -ComputerName {SITE.primary} -Name {SITE.relationship}).State",
        ),
        (lab.explain(SITE.relationship),),
    )


def _partner_down(world: World) -> Step:
    from ...pair import PairFailure

    lab, pair = world.lab, world.pair(SITE)
    refused = ""
    try:
        pair.declare_partner_down(SITE.relationship, survivor=SITE.primary)
    except PairFailure as error:
        refused = f"refused: {error}"
    lab.power_off(SITE.secondary)
    pair.declare_partner_down(SITE.relationship, survivor=SITE.primary, allow=ALLOW)
    state = pair.primary.get_relationship(SITE.relationship).state.name
    down = f'pair.declare_partner_down("{SITE.relationship}", survivor="{SITE.primary}"'
    return Step(
        "Declare the partner down: not while it serves",
        (f"{down})  # refused", f'lab.power_off("{SITE.secondary}")', f'{down}, allow=["{ALLOW[0]}"])'),
        (
            f"Stop-VM {SITE.secondary} -TurnOff",
            f"Set-DhcpServerv4Failover -ComputerName {SITE.primary} -Name {SITE.relationship} -PartnerDown",
        ),
        (refused, f"with {SITE.secondary} powered off: {SITE.primary} is {state}"),
    )


def _mend(world: World) -> Step:
    lab = world.lab
    begin = lab.now
    lab.start(SITE.secondary)
    lab.mend(*SITE.servers)
    lab.advance(timedelta(hours=2))
    timeline = lab.timeline(SITE.relationship)
    rows: list[list[Cell]] = []
    for moment in timeline.moments:
        if moment >= begin:
            states = [lane.state_at(moment) for lane in timeline.lanes]
            names = ["" if state is None else state.name for state in states]
            rows.append([f"{moment:%H:%M:%S}", *(Styled(name, style(name)) for name in names)])
    return Step(
        "Mend it: the server that was away waits for the MCLT, then both are NORMAL",
        (
            f'lab.start("{SITE.secondary}")',
            f'lab.mend("{SITE.primary}", "{SITE.secondary}")',
            "lab.advance(timedelta(hours=2))",
        ),
        (f"Start-VM {SITE.secondary}", unblock(SITE)),
        (Table(["TIME", *SITE.servers], rows),),
    )


def _audit(world: World) -> Step:
    pair = world.pair(SITE)
    scope = SITE.scopes[0]
    pair.primary.set_option_value(6, "10.10.0.54", scope=scope)
    found = str(pair.audit())
    result = pair.replicate(SITE.primary)
    return Step(
        "A colleague changes one server only: find it, and make both equal",
        (
            f'pair.primary.set_option_value(6, "10.10.0.54", scope="{scope}")',
            "print(pair.audit())",
            f'print(pair.replicate("{SITE.primary}"))',
            "print(pair.audit())",
        ),
        (
            f"Set-DhcpServerv4OptionValue -ComputerName {SITE.primary} -ScopeId {scope} -DnsServer 10.10.0.54",
            f"Invoke-DhcpServerv4FailoverReplication -ComputerName {SITE.primary} -Force",
        ),
        (found, str(result), str(pair.audit())),
    )
