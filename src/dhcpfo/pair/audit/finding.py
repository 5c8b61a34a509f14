"""One thing that an audit or a preflight found."""

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Address
from typing import Any

from ...columns import aligned
from ..parts import PairId, Side, data_of

__all__ = ["SEVERITIES", "Finding", "Findings"]

SEVERITIES = ("critical", "error", "unknown", "warning", "note")
"""From the worst on. ``unknown``: something could not be read, so nothing is known about it."""

SIGNS = {"critical": "!!", "error": "!", "unknown": "?", "warning": "~", "note": " "}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding. Text is made of it; nothing of it has to be taken out of text.

    Attributes:
        code: What it is, such as ``"percentage-differs"``.
        severity: One of `SEVERITIES`.
        relationship: The relationship that it is about, or None.
        scope: The scope, or None.
        element: The part of it, such as ``"option 6 dns-servers"``, or None.
        values: What each side has.
        text: What it means, in a few words.
        repair: What mends it, as a call of `FailoverPair` or in words; None if a person has to decide.
    """

    code: str
    severity: str
    relationship: str | None = None
    scope: IPv4Address | None = None
    element: str | None = None
    values: Mapping[Side, Any] = field(default_factory=dict, hash=False)
    text: str = ""
    repair: str | None = None

    @property
    def about(self) -> str:
        """What it is about, as text."""
        words = [self.relationship or "", str(self.scope) if self.scope is not None else "", self.element or ""]
        return " ".join(filter(None, words))

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "code": self.code,
            "severity": self.severity,
            "relationship": self.relationship,
            "scope": data_of(self.scope),
            "element": self.element,
            "values": {str(side): data_of(value) for side, value in self.values.items()},
            "text": self.text,
            "repair": self.repair,
        }

    def __str__(self) -> str:
        values = ", ".join(f"{side}: {shown(value)}" for side, value in self.values.items())
        parts = [f"{SIGNS.get(self.severity, '?'):>2} {self.code}", self.about, self.text, values]
        return "  ".join(filter(None, parts)) + (f"  -> {self.repair}" if self.repair else "")


def shown(value: Any) -> str:
    """Return a value of a finding for people."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


class Findings(tuple[Finding, ...]):
    """Findings, the worst first. It prints as a table, in a notebook too; empty means that all is well.

    Attributes:
        pair: The names of the two servers.
        time: When they were found, by the servers' clocks; None if neither could be read.
    """

    pair: PairId
    time: datetime | None

    def __new__(
        cls, findings: Iterable[Finding] = (), pair: PairId | None = None, time: datetime | None = None
    ) -> "Findings":
        """Sort findings by severity, relationship, scope and code."""
        ordered = sorted(findings, key=_order)
        self = super().__new__(cls, ordered)
        self.pair = pair or PairId("primary", "secondary")
        self.time = time
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Findings, (tuple(self), self.pair, self.time)

    @property
    def worst(self) -> str | None:
        """The worst severity, or None without findings."""
        return self[0].severity if self else None

    def codes(self) -> list[str]:
        """Return the codes, in the order of the findings."""
        return [finding.code for finding in self]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "format": 1,
            "pair": {"primary": self.pair.primary, "secondary": self.pair.secondary},
            "time": data_of(self.time),
            "findings": [finding.to_dict() for finding in self],
        }

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (
                SIGNS.get(finding.severity, "?"),
                finding.code,
                finding.about,
                *(shown(finding.values[side]) if side in finding.values else "" for side in Side),
                " ".join(filter(None, [finding.text, f"-> {finding.repair}" if finding.repair else ""])),
            )
            for finding in self
        ]

    def __str__(self) -> str:
        if not self:
            return f"{self.pair}: nothing found"
        head = ("", "FINDING", "ABOUT", self.pair.primary, self.pair.secondary, "")
        return "\n".join(aligned([head, *self._rows()]))

    def _repr_html_(self) -> str:
        cells = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in self._rows()
        )
        names = html.escape(self.pair.primary), html.escape(self.pair.secondary)
        head = f"<tr><th></th><th>finding</th><th>about</th><th>{names[0]}</th><th>{names[1]}</th><th></th></tr>"
        return f"<table>{head}{cells}</table>"


def _order(finding: Finding) -> tuple[Any, ...]:
    severity = SEVERITIES.index(finding.severity) if finding.severity in SEVERITIES else 0
    return severity, finding.relationship or "", int(finding.scope or 0), finding.code, finding.element or ""
