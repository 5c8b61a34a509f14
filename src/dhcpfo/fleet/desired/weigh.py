"""How much of what there is a plan deletes and changes, and the limits for that."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address

from ...models.names import upper_case
from ...pair import Note
from .ahead import Ahead
from .models import Limits
from .wanted import Wanted

__all__ = ["ELEMENTS", "FROM", "Measure", "guards_of", "limit_text", "measure", "too_much"]

DELETE, CHANGE, FROM = 10, 100, 10
"""The limits where a file has none: percent of the existing that may be deleted, or changed, from how many on."""

ELEMENTS = {"reservations": "reservation", "policies": "policy", "filters": "filter"}
"""What is counted beside scopes, and the kind of its steps."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How much of one kind of things a plan deletes and changes.

    Attributes:
        what: ``"scopes"``, or one of `ELEMENTS`.
        existing: How many there are.
        deleted: How many go.
        changed: How many are changed otherwise.
    """

    what: str
    existing: int
    deleted: int
    changed: int


def measure(look: Ahead, before: tuple[set[str], set[IPv4Address]], removed: set[IPv4Address]) -> tuple[Measure, ...]:
    """Return the measures of the steps that are planned.

    Args:
        look: The plan.
        before: The relationships and scopes that there are.
        removed: The scopes that leave their relationship.
    """
    names, scopes = before
    changed: set[object] = set()
    for step in look.draft.steps:
        about = step.about
        if about.scope in scopes and about.scope not in removed:
            changed.add(about.scope)
        if about.kind == "relationship" and step.before is not None and step.after is not None:
            changed.add(about.name)
    return (
        Measure("scopes", len(names) + len(scopes), len(removed & scopes), len(changed)),
        *(_elements(look, what, kind) for what, kind in ELEMENTS.items()),
    )


def _elements(look: Ahead, what: str, kind: str) -> Measure:
    """Return the measure of one kind of elements; one that goes and comes again is changed."""
    gone: set[object] = set()
    touched: set[object] = set()
    again: set[object] = set()
    for step in look.draft.steps:
        if step.about.kind != kind:
            continue
        key = step.about.key.key
        place = step.about.scope, upper_case(key) if isinstance(key, str) else key
        if step.after is not None:
            again.add(place)
        if step.before is not None:
            (gone if step.after is None else touched).add(place)
    return Measure(what, look.existing_elements(what), len(gone - again), len(touched | (gone & again)))


def too_much(limits: Limits, measures: Iterable[Measure]) -> list[tuple[str, str]]:
    """Return the guards that must be lifted, each with the reason."""
    least = FROM if limits.from_ is None else limits.from_
    found = []
    for one in measures:
        if one.existing < least or not one.existing:
            continue
        for guard, count, limit, word in (
            ("many-deletes", one.deleted, DELETE if limits.delete is None else limits.delete, "deleted"),
            ("many-changes", one.changed, CHANGE if limits.change is None else limits.change, "changed"),
        ):
            if count * 100 > limit * one.existing:
                found.append((guard, limit_text(one, count, limit, word)))
    return found


def limit_text(one: Measure, count: int, limit: int, word: str) -> str:
    """Return why a limit is passed."""
    part = count * 100 // one.existing
    return f"{count} of {one.existing} {one.what} would be {word}: {part} %, and the limit is {limit} %"


def guards_of(measures: tuple[Measure, ...], wanted: Wanted) -> list[Note]:
    """Return the notes for the limits of one pair that are passed."""
    found = []
    for guard, text in too_much(wanted.limits, measures):
        key = guard.removeprefix("many-").removesuffix("s")
        place = wanted.place("limits", key) if "limits" in wanted.tree.items else wanted.mark
        found.append(Note(guard, f"{text} ({place})", guard))
    return found
