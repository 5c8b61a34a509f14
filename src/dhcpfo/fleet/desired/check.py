"""Checks a tree against the format, and words what is wrong."""

from collections.abc import Iterable
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from .models import Document, Filters, Limits, Pair, Policy, Relationship, Reservation, Scope
from .nodes import Node, path_text, place, plain
from .problems import Problem, did_you_mean

__all__ = ["check"]

Checked = TypeVar("Checked", bound=BaseModel)

TEXTS = {
    "missing": "is missing",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "dict_type": "must be a mapping",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "string_type": "must be text",
}

LATER = frozenset(
    {
        *("superscopes", "super-scope", "super-scopes"),
        *("dns", "dns-settings", "dns-credentials", "name-protection", "nap", "bootp-files"),
        *("bindings", "interfaces", "audit-log", "database", "backup"),
        *("leases", "clients", "multicast", "multicast-scopes", "ipv6", "administrators", "authorized"),
    }
)
"""Keys for what a server has, but no file manages so far."""

PLACES: tuple[tuple[type[BaseModel], str], ...] = (
    (Document, "the top of a file"),
    (Pair, "a pair"),
    (Relationship, "a relationship"),
    (Scope, "a scope"),
    (Reservation, "a reservation"),
    (Policy, "a policy"),
    (Filters, "filters"),
    (Limits, "limits"),
)
"""Where keys may be written."""


HIDDEN = ("inline", "none", "condition")
"""Fields for short forms, which are not keys."""


def check(model: type[Checked], tree: Node, at: tuple[object, ...], problems: list[Problem]) -> Checked | None:
    """Return a tree as a model; None if something is wrong, which is added to ``problems``.

    Args:
        model: The format.
        tree: What the file says.
        at: The path that leads to it.
        problems: Gets what is wrong.
    """
    try:
        return model.model_validate(plain(tree))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=True, include_input=False)
    except RecursionError:
        problems.append(Problem(tree.mark, path_text(at), "is too deep"))
        return None
    for one in found:
        where = tuple(part for part in one["loc"] if part != "[key]")
        found_at = place(tree, where)
        mark, path = found_at.key if "[key]" in one["loc"] else found_at.value, found_at.path
        text = TEXTS.get(one["type"], one["msg"])
        if one["type"] == "extra_forbidden":
            mark = found_at.key
            text = _unknown(str(where[-1]), known_keys(model, where[:-1]))
        elif one["type"] == "missing":
            path = (*path, where[-1])
        problems.append(Problem(mark, path_text((*at, *path)), text))
    return None


def _unknown(key: str, known: list[str]) -> str:
    """Return what is wrong with a key that must not be at its place."""
    elsewhere = [words for model, words in PLACES if key in known_keys(model, ())]
    if elsewhere:
        return f"unknown here; it is for {' or '.join(elsewhere)}"
    if key.lower().replace("_", "-").replace(" ", "-") in LATER:
        return "is not managed yet"
    return f"unknown{did_you_mean(key, known)}"


def known_keys(model: Any, where: Iterable[object]) -> list[str]:
    """Return the keys that may be written at a place of a model."""
    for part in where:
        model = _below(model, part)
    model = _model(model)
    if model is None:
        return []
    return [
        field.alias or name for name, field in model.model_fields.items() if name not in ("inline", "none", "condition")
    ]


def _model(kind: Any) -> type[BaseModel] | None:
    """Return the model in an annotation."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    if get_origin(kind) in (Union, UnionType, Annotated):
        return next(filter(None, map(_model, get_args(kind))), None)
    return None


def _below(kind: Any, part: object) -> Any:
    """Return the annotation of a key's value."""
    found = _model(kind)
    if found is not None:
        for name, field in found.model_fields.items():
            if part in (field.alias, name):
                return field.annotation
        return None
    if get_origin(kind) in (Union, UnionType, Annotated):
        return next((below for one in get_args(kind) if (below := _below(one, part)) is not None), None)
    if get_origin(kind) in (dict, tuple) and get_args(kind):
        return get_args(kind)[-1] if get_origin(kind) is dict else get_args(kind)[0]
    return None
