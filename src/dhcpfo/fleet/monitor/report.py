"""A fleet as one HTML page: no scripts, nothing loaded from elsewhere, every value escaped. Needs Jinja2."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from ...enums import FailoverMode, FailoverState
from ...pair.audit import Finding
from ...pair.parts import Side, shown_duration
from ..look import PairLook, ReadError, RelationshipLook
from ..states import kind_of
from .check import ACCESS_DENIED
from .report_page import PAGE

if TYPE_CHECKING:
    from ...simulator import Timeline

__all__ = ["Bar", "report"]

WORDS = {
    "missing": "copy",
    "mclt": "maximum client lead time",
    "state_switch_interval": "state switch interval",
    "authenticated": "shared secret",
    "shared_secret": "text of the shared secret",
    "scopes": "scopes that only this server has in it",
    "primary_server": "address of the primary",
    "secondary_server": "address of the secondary",
}
"""What differs, in words."""

KINDS = {"ok": ("ok", "●"), "busy": ("way", "◐"), "warning": ("care", "▲"), "critical": ("bad", "✖")}
"""Style and sign of a state, by how bad it is."""


@dataclass(frozen=True, slots=True)
class Badge:
    """A state with its sign; the kind is a class of the style sheet."""

    kind: str
    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar."""

    kind: str
    label: str
    count: int
    percent: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A stacked bar of addresses.

    Attributes:
        name: What it is about.
        total: All addresses.
        parts: The parts, from the left.
    """

    name: str
    total: int
    parts: tuple[Part, ...]

    @classmethod
    def of(cls, name: str, counts: Iterable[tuple[str, str, int]]) -> "Bar":
        """Return a bar of parts with their kind, label and count."""
        known = list(counts)
        total = sum(count for _, _, count in known)
        parts = [
            Part(kind, label, count, round(100 * count / total, 3) if total else 0) for kind, label, count in known
        ]
        return cls(name, total, tuple(part for part in parts if part.count))

    @property
    def text(self) -> str:
        """The bar in words."""
        return f"{self.total} addresses: " + ", ".join(f"{part.count} {part.label}" for part in self.parts)


@dataclass(slots=True)
class Card:
    """A pair on the page."""

    look: PairLook
    rank: int
    rows: list[dict[str, Any]] = field(default_factory=list)


def badge(state: FailoverState) -> Badge:
    """Return a state for people."""
    text = state.name.replace("_", " ").lower() if "UNKNOWN" not in state.name else state.name
    return Badge(*KINDS[kind_of(state)], text)


def badge_of(look: PairLook, one: RelationshipLook, side: Side) -> Badge:
    """Return what one server has of a relationship."""
    if side in one.copies:
        return badge(one.copies[side].state)
    if side in one.unread:
        error = look.servers[side].error
        return Badge(
            "unknown",
            "?",
            "access denied" if error is not None and error.code == ACCESS_DENIED else "could not be read",
        )
    return Badge("bad", "✖", "no copy")


def share(one: RelationshipLook) -> str:
    """Return mode and percentage in words."""
    copy = one.copy
    if copy.mode == FailoverMode.LOAD_BALANCE:
        return f"load balance {copy.percentage} / {100 - copy.percentage}"
    return f"{copy.mode.name.replace('_', ' ').lower()}, {copy.percentage} % reserved"


def shown(value: Any) -> str:
    """Return a value of a difference or a finding for people."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "—"
    if hasattr(value, "total_seconds"):
        return shown_duration(value)
    return str(value)


def bars(look: PairLook, one: RelationshipLook) -> tuple[Bar | None, list[Bar]]:
    """Return the addresses of a relationship's scopes: all together, and each scope."""
    scopes = sorted({scope for copy in one.copies.values() for scope in copy.scopes})
    found = [(scope, counts) for scope in scopes if (counts := counts_of(look, one, scope))]
    if not found:
        return None, []
    together: dict[tuple[str, str], int] = {}
    for _, counts in found:
        for kind, label, count in counts:
            together[kind, label] = together.get((kind, label), 0) + count
    whole = Bar.of(one.name, [(kind, label, count) for (kind, label), count in together.items()])
    return whole, [Bar.of(str(scope), counts) for scope, counts in found]


def counts_of(look: PairLook, one: RelationshipLook, scope: IPv4Address) -> list[tuple[str, str, int]]:
    """Return the addresses of a scope: by owner if they were read so, else as the first server that answered counts."""
    for side in Side:
        server = look.servers[side]
        if side not in one.copies:
            continue
        if (owned := server.statistics.get(scope)) is not None:
            me, partner = server.name, look.servers[side.other].name
            return [
                ("used-1", f"used by {me}", owned.addresses_in_use_on_this_server),
                ("used-2", f"used by {partner}", owned.addresses_in_use_on_partner_server),
                ("free-2", f"free on {partner}", owned.addresses_free_on_partner_server),
                ("free-1", f"free on {me}", owned.addresses_free_on_this_server),
            ]
        if (counters := (server.counters or {}).get(scope)) is not None:
            return [
                ("used-1", "used", counters.addresses_in_use),
                ("used-2", "offered", counters.pending_offers),
                ("free-1", "free", counters.addresses_free),
            ]
    return []


def row(look: PairLook, one: RelationshipLook) -> dict[str, Any]:
    """Return a relationship as the page shows it."""
    whole, each = bars(look, one)
    return {
        "name": one.name,
        "ends": [
            (
                look.servers[side].name,
                one.copies[side].role.name.lower() if side in one.copies else "",
                badge_of(look, one, side),
            )
            for side in Side
        ],
        "share": share(one),
        "mclt": shown_duration(one.copy.mclt),
        "switch": shown_duration(one.copy.state_switch_interval),
        "secret": "yes" if one.copy.authenticated else "no",
        "scopes": len(one.copy.scopes),
        "differs": len(one.differences),
        "bar": whole,
        "bars": each,
    }


def card(look: PairLook) -> Card:
    """Return a pair as the page shows it; those that need somebody have a low rank."""
    unread = any(not server.up for server in look.servers.values())
    rank = 0 if look.attention else 1 if unread else 2
    return Card(look, rank, [row(look, one) for one in look.relationships])


def rights_of(look: PairLook) -> list[str]:
    """Return what the reader may do on each server."""
    words = {True: "may change it", False: "may only read it", None: "rights unknown"}
    return [f"{server.name}: {words[server.administrator]}" for server in look.servers.values()]


def report(
    looks: Sequence[PairLook],
    *,
    time: datetime,
    reader: str,
    title: str = "DHCP failover",
    timelines: Mapping[tuple[str, str], "Timeline"] | None = None,
    version: str = "",
) -> str:
    """Return the page.

    Args:
        looks: The pairs, read with ``statistics=True``, ``rights=True`` and ``findings=True``.
        time: When they were read.
        reader: Who read them.
        title: The heading.
        timelines: The history of relationships, by the names of the pair and the relationship; only labs have one.
        version: The version of dhcpfo, for the last line.
    """
    cards = sorted((card(look) for look in looks), key=lambda one: (one.rank, one.look.name.casefold()))
    findings = [(one.look, found) for one in cards for found in findings_of(one.look) if found.severity != "unknown"]
    order = ("critical", "error", "warning", "note")
    findings.sort(key=lambda found: order.index(found[1].severity) if found[1].severity in order else 0)
    differences = [
        (one.look, relationship, WORDS.get(difference.what, difference.what), values_of(difference))
        for one in cards
        for relationship in one.look.relationships
        for difference in relationship.differences
    ]
    rights = list(dict.fromkeys(text for one in cards for text in rights_of(one.look)))
    history = timelines or {}
    drawn = [(pair, name, Markup(line.svg())) for (pair, name), line in history.items()]  # noqa: S704  it escapes
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=printable
    )
    return environment.from_string(PAGE).render(
        title=title,
        time=time,
        reader=reader,
        rights=rights,
        rights_text="; ".join(rights),
        cards=cards,
        counts=[
            sum(one.rank == 0 for one in cards),
            sum(not one.look.complete for one in cards),
            sum(one.rank == 2 for one in cards),
        ],
        findings=findings,
        differences=differences,
        timelines=drawn,
        unread=[entry for one in cards for entry in unread_of(one.look)],
        shown=shown,
        sides=list(Side),
        version=version,
    )


def findings_of(look: PairLook) -> list[Finding]:
    """Return the findings of a pair.

    An audit that cannot read one of the servers says nothing of the other, so its states are added here.
    """
    found = list(look.findings or ())
    if all(server.up for server in look.servers.values()):
        return found
    for one in look.relationships:
        if any(state != FailoverState.NORMAL for state in one.states.values()):
            code, severity = "not-normal", "error"
            found.append(Finding(code=code, severity=severity, relationship=one.name, values=one.states))
    return found


def unread_of(look: PairLook) -> list[tuple[str, str, str, str]]:
    """Return what could not be read of a pair: its name, the server, what it is, and why."""
    found = [
        (look.name, error.server, "everything" if error is server.error else _part(error), str(error))
        for server in look.servers.values()
        for error in server.causes
    ]
    for finding in look.findings or ():
        if finding.severity == "unknown" and (look.complete or finding.code not in ("unreachable", "unread")):
            found.append((look.name, "", finding.about, finding.text))
    return found


def _part(error: ReadError) -> str:
    return f"{error.part} of {error.scope}" if error.scope else error.part


def values_of(difference: Any) -> tuple[str, str]:
    """Return both values of a difference."""
    if difference.what == "shared_secret":
        return "not shown", "not shown"
    return shown(difference.primary), shown(difference.secondary)


def printable(value: Any) -> Any:
    """Return a value as a page can have it: names may hold control characters and halves of UTF-16 pairs."""
    if isinstance(value, Markup):
        return value
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in str(value))
