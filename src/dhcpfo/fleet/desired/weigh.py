"""How much of what there is a plan deletes and changes, and the limits for that."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address

from ...models.names import upper_case
from ...pair import Note, Step
from .ahead import Ahead
from .models import Limits
from .wanted import Wanted

__all__ = ["ELEMENTS", "FROM", "Measure", "guards_of", "limit_place", "limit_text", "measure", "too_much"]

DELETE, CHANGE, FROM = 10, 100, 10
"""The limits where a file has none: percent of the existing that may be deleted, or changed, from how many on."""

ELEMENTS = {"reservations": "reservation", "policies": "policy", "filters": "filter"}
"""What is counted beside scopes, and the kind of its steps."""

MOST_PLACES = 3
"""How many lines of a file are named as the cause."""


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


def guards_of(measures: tuple[Measure, ...], wanted: Wanted, steps: Iterable[Step]) -> list[Note]:
    """Return the notes for the limits of one pair that are passed, with the lines that are the cause."""
    found, every = [], list(steps)
    for one in measures:
        for guard, text in too_much(wanted.limits, [one]):
            places = _causes(wanted, every, one.what, deleted=guard == "many-deletes")
            more = f" and {len(places) - MOST_PLACES} more" if len(places) > MOST_PLACES else ""
            where = ", ".join(places[:MOST_PLACES]) + more
            found.append(Note(guard, f"{text} ({where}{limit_place(wanted, guard)})", guard))
    return found


def limit_place(wanted: Wanted, guard: str) -> str:
    """Return where a file has the limit of a guard; "" if it does not."""
    key = guard.removeprefix("many-").removesuffix("s")
    return f"; limits: {wanted.place('limits', key)}" if "limits" in wanted.tree.items else ""


def _causes(wanted: Wanted, steps: Iterable[Step], what: str, *, deleted: bool) -> list[str]:
    """Return the lines of a file that delete or change something."""
    paths: dict[tuple[object, ...], None] = {}
    for step in steps:
        about = step.about
        if what in ELEMENTS:
            if about.kind == ELEMENTS[what] and (step.after is None) is deleted and step.before is not None:
                paths[_of_element(wanted, step, what)] = None
        elif about.kind == "members" and deleted and step.before - step.after:
            paths["relationships", "list", about.name, "scopes"] = None
        elif about.kind == "relationship" and step.before is not None and (step.after is None) is deleted:
            named = {upper_case(name): name for name in wanted.relationships}
            name = named.get(upper_case(about.name))
            path = ("absent", "relationships") if wanted.absent.relationships else ("relationships",)
            paths[path if name is None else ("relationships", "list", name)] = None
        elif about.scope is not None and about.scope in wanted.scopes and not deleted:
            paths[wanted.scopes[about.scope].path] = None
    return list(dict.fromkeys(str(wanted.place(*path)) for path in paths)) or [str(wanted.mark)]


def _of_element(wanted: Wanted, step: Step, what: str) -> tuple[object, ...]:
    at: tuple[object, ...]
    scope = step.about.scope
    if scope is None:
        at, said = (), getattr(wanted.server, what, None)
    else:
        entry = wanted.scopes.get(scope)
        at, said = (entry.path, getattr(entry.contents, what)) if entry is not None else ((), None)
    return (*at, what) if said is not None else (*at, "absent", what)
