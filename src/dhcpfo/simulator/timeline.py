"""The states of both servers of a relationship over time, as text and as a picture."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from ..columns import aligned
from ..enums import FailoverState
from .state import Transition

__all__ = ["Lane", "Timeline"]

# The picture, in pixels. Names of states need about 7 pixels a letter.
WIDTH, LANE, GAP, MARGIN, LETTER = 960, 34, 12, 14, 7
CHARACTERS = 40
"""As much of a server's name as has room beside its lane."""

# Colours that people with any colour vision can tell apart.
COLOURS = {
    FailoverState.NORMAL: "#009e73",
    FailoverState.COMMUNICATION_INTERRUPTED: "#e69f00",
    FailoverState.PARTNER_DOWN: "#d55e00",
    FailoverState.POTENTIAL_CONFLICT: "#cc79a7",
    FailoverState.CONFLICT_DONE: "#cc79a7",
    FailoverState.RESOLUTION_INTERRUPTED: "#cc79a7",
    FailoverState.RECOVER: "#56b4e9",
    FailoverState.RECOVER_WAIT: "#56b4e9",
    FailoverState.RECOVER_DONE: "#56b4e9",
}
OTHER = "#bbbbbb"


@dataclass(frozen=True, slots=True)
class Lane:
    """One server's copy of a relationship.

    Attributes:
        server: The name of the server.
        transitions: The last transitions of the copy, oldest first.
    """

    server: str
    transitions: tuple[Transition, ...]

    def state_at(self, time: datetime) -> FailoverState | None:
        """Return the state at a time, or None before the first transition."""
        state = None
        for transition in self.transitions:
            if transition.time > time:
                break
            state = transition.state
        return state


@dataclass(frozen=True, slots=True)
class Timeline:
    """The states of a relationship on the servers that have a copy of it.

    ``str()`` is a table with a line for each moment at which a state changed. `svg` is a picture with a lane for each
    server; Jupyter shows it by itself. Its time axis is not linear: a short interval gets more room than its share, so
    that the seconds of a handshake can be seen beside days. A stopped server keeps the state that it has stored.

    Attributes:
        relationship: The name of the relationship.
        lanes: A lane for each server that has a copy.
        end: The time on the lab's clock when the timeline was made.
    """

    relationship: str
    lanes: tuple[Lane, ...]
    end: datetime

    @property
    def moments(self) -> tuple[datetime, ...]:
        """The times at which a state changed on one of the servers, oldest first."""
        return tuple(sorted({transition.time for lane in self.lanes for transition in lane.transitions}))

    def __str__(self) -> str:
        rows = [("time", *(lane.server for lane in self.lanes), "cause")]
        for moment in self.moments:
            states = (lane.state_at(moment) for lane in self.lanes)
            causes = (each.cause for lane in self.lanes for each in lane.transitions if each.time == moment)
            names = ("-" if state is None else state.name for state in states)
            rows.append((f"{moment:%Y-%m-%d %H:%M:%S}", *names, "; ".join(dict.fromkeys(causes))))
        return "\n".join(aligned(rows))

    def _repr_svg_(self) -> str:
        return self.svg()

    def svg(self) -> str:
        """Return the picture as the text of an SVG file, which needs nothing from elsewhere and has no script.

        Pointing at a bar shows its state, its times and its cause.
        """
        moments = self.moments or (self.end,)
        stops = sorted({*moments, max(self.end, moments[-1])})
        left = MARGIN + LETTER * (2 + max((len(_short(lane.server)) for lane in self.lanes), default=0))
        places = dict(zip(stops, _places(stops, left, WIDTH - MARGIN), strict=True))
        height = MARGIN + 24 + len(self.lanes) * (LANE + GAP) + 24
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
            ' font-family="sans-serif" font-size="12" role="img">',
            f"<title>Relationship {_text(self.relationship)}</title>",
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            f'<text x="{MARGIN}" y="{MARGIN + 8}" font-weight="bold">{_text(self.relationship)}</text>',
        ]
        for number, lane in enumerate(self.lanes):
            top = MARGIN + 24 + number * (LANE + GAP)
            parts.append(f'<text x="{MARGIN}" y="{top + LANE / 2 + 4:g}">{_text(_short(lane.server))}</text>')
            parts += _bars(lane, stops[-1], places, top)
        parts += _axis(stops, places, height - 8)
        return "\n".join((*parts, "</svg>\n"))


def _bars(lane: Lane, end: datetime, places: dict[datetime, float], top: int) -> list[str]:
    ends = [*(transition.time for transition in lane.transitions[1:]), end]
    bars = []
    for transition, until in zip(lane.transitions, ends, strict=True):
        start, width = places[transition.time], places[until] - places[transition.time]
        name = transition.state.name
        about = f"{name}, {transition.time:%Y-%m-%d %H:%M:%S} to {until:%Y-%m-%d %H:%M:%S}: {transition.cause}"
        bars.append(
            f'<g><title>{_text(about)}</title><rect x="{start:.1f}" y="{top}" width="{width:.1f}" height="{LANE}"'
            f' fill="{COLOURS.get(transition.state, OTHER)}" stroke="#ffffff"/>'
        )
        shown = next((each for each in (name, _initials(name)) if len(each) * LETTER + 6 <= width), "")
        if shown:
            bars.append(
                f'<text x="{start + width / 2:.1f}" y="{top + LANE / 2 + 4:g}" text-anchor="middle">{shown}</text>'
            )
        bars.append("</g>")
    return bars


def _axis(stops: Sequence[datetime], places: dict[datetime, float], bottom: int) -> list[str]:
    """Label the moments that have room, each with its date where that is another one than before."""
    marks, free, day = [], 0.0, None
    for stop in stops:
        label = f"{stop:%H:%M:%S}" if stop.date() == day else f"{stop:%Y-%m-%d %H:%M:%S}"
        start = min(places[stop], WIDTH - MARGIN - LETTER * len(label))
        if start >= free:
            marks.append(f'<text x="{start:.1f}" y="{bottom}" fill="#555555">{label}</text>')
            free, day = start + LETTER * (len(label) + 1), stop.date()
    return marks


def _places(stops: Sequence[datetime], left: float, right: float) -> list[float]:
    """Where each moment stands: intervals grow with the logarithm of their length."""
    second = timedelta(seconds=1)
    shares = [math.log2(2 + (after - before) / second) for before, after in itertools.pairwise(stops)]
    scale = (right - left) / (sum(shares) or 1)
    places = [left]
    for share in shares:
        places.append(places[-1] + share * scale)
    return places


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split("_"))


def _short(name: str) -> str:
    return name if len(name) <= CHARACTERS else f"{name[: CHARACTERS - 1]}…"


def _text(text: str) -> str:
    """Escape a text, and replace what XML cannot hold."""
    return escape("".join(each if each.isprintable() else "�" for each in text))
