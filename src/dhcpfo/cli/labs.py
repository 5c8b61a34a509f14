"""What a lab has, as rows of tables."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .cells import Cell, Styled

if TYPE_CHECKING:
    from ..simulator import Lab

__all__ = [
    "Overview",
    "RelationshipRow",
    "ServerRow",
    "TransitionRow",
    "style",
    "transitions_since",
]

GOOD, BAD, DOWN = "green", "yellow", "bold red"


@dataclass(frozen=True, slots=True)
class ServerRow:
    """A server of a lab.

    Attributes:
        server: Its name.
        address: Its address.
        power: ``"running"``, ``"stopped"`` (the service) or ``"off"`` (the host).
        scopes: How many scopes it has.
        clients: How many records of clients it has.
    """

    server: str
    address: str
    power: str
    scopes: int
    clients: int

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)

    def cells(self) -> list[Cell]:
        """Return the cells of a row."""
        power = Styled(self.power, GOOD if self.power == "running" else DOWN)
        return [self.server, self.address, power, str(self.scopes), str(self.clients)]


@dataclass(frozen=True, slots=True)
class RelationshipRow:
    """A server's copy of a relationship.

    Attributes:
        relationship: Its name.
        server: The server.
        state: The state of the copy.
        because: Why.
    """

    relationship: str
    server: str
    state: str
    because: str

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)

    def cells(self) -> list[Cell]:
        """Return the cells of a row."""
        return [self.relationship, self.server, Styled(self.state, style(self.state)), self.because]


@dataclass(frozen=True, slots=True)
class TransitionRow:
    """A step of a server from one state to another.

    Attributes:
        time: When, on the lab's clock.
        server: The server.
        relationship: The relationship.
        state: The state that was entered.
        cause: Why.
    """

    time: datetime
    server: str
    relationship: str
    state: str
    cause: str

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self) | {"time": self.time.isoformat()}

    def cells(self) -> list[Cell]:
        """Return the cells of a row."""
        state = Styled(self.state, style(self.state))
        return [f"{self.time:%Y-%m-%d %H:%M:%S}", self.server, self.relationship, state, self.cause]


def style(state: str) -> str:
    """Return the colour of a state."""
    return {"NORMAL": GOOD, "PARTNER_DOWN": DOWN}.get(state, BAD)


class Overview:
    """What a lab has at one moment.

    Args:
        lab: The lab.
    """

    def __init__(self, lab: "Lab") -> None:
        found = lab.overview()
        self.now: str = found["now"]
        self.servers = [ServerRow(**row) for row in found["servers"]]
        self.relationships = [RelationshipRow(**row) for row in found["relationships"]]
        self.cut = [" - ".join(ends) for ends in found["cut"]]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "now": self.now,
            "servers": [row.to_dict() for row in self.servers],
            "relationships": [row.to_dict() for row in self.relationships],
            "cut": self.cut,
        }


def transitions_since(lab: "Lab", since: datetime) -> list[TransitionRow]:
    """Return what happened after a time, in order."""
    rows = [
        TransitionRow(step.time, row.server, row.relationship, step.state.name, step.cause)
        for row in Overview(lab).relationships
        for step in lab.history(row.server, row.relationship)
        if step.time > since
    ]
    return sorted(rows, key=lambda row: (row.time, row.relationship, row.server))
