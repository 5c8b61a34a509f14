"""Plan previews: what an operation would change. Nothing here applies a plan."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from ..enums import FailoverMode
from ..pair import FailoverPair, Plan

__all__ = ["OPERATIONS", "make_plan", "plan_data"]

Arguments = Mapping[str, Any]


def _scopes(given: Arguments) -> list[str]:
    return _text(given, "scopes").replace(",", " ").split()


def _text(given: Arguments, name: str) -> str:
    value = given.get(name, "")
    if not isinstance(value, str):
        raise TypeError(f"{name} must be text")
    return value.strip()


def _whole(given: Arguments, name: str) -> int:
    text = _text(given, name)
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise ValueError(f"{name} must be a whole number, got {text!r}")
    return int(text)


def _values(given: Arguments, *, creating: bool = False) -> dict[str, Any]:
    """Return the values of a relationship that the form has."""
    values: dict[str, Any] = {}
    if mode := _text(given, "mode"):
        try:
            values["mode"] = FailoverMode[mode]
        except KeyError:
            raise ValueError(f"mode must be LOAD_BALANCE or HOT_STANDBY, got {mode!r}") from None
    if _text(given, "percentage"):
        values["percentage"] = _whole(given, "percentage")
    if _text(given, "mclt"):
        values["mclt"] = timedelta(minutes=_whole(given, "mclt"))
    if switch := _text(given, "switch"):
        if switch == "never":
            values["state_switch_interval"] = None
        else:
            values["state_switch_interval"] = timedelta(minutes=_whole(given, "switch"))
    if creating and values.get("state_switch_interval", timedelta(0)) is None:
        del values["state_switch_interval"]
    return values


def _create(given: Arguments) -> tuple[list[Any], dict[str, Any]]:
    return [_text(given, "name"), _scopes(given)], _values(given, creating=True) | _existing(given)


def _add_scopes(given: Arguments) -> tuple[list[Any], dict[str, Any]]:
    return [_text(given, "name"), _scopes(given)], _existing(given)


def _existing(given: Arguments) -> dict[str, Any]:
    wanted = _text(given, "on_existing")
    return {"on_existing": wanted} if wanted not in ("", "refuse") else {}


def _update(given: Arguments) -> tuple[list[Any], dict[str, Any]]:
    return [_text(given, "name")], _values(given)


def _replicate(given: Arguments) -> tuple[list[Any], dict[str, Any]]:
    more: dict[str, Any] = {"names": [name]} if (name := _text(given, "name")) else {}
    if scopes := _scopes(given):
        more["scopes"] = scopes
    if _text(given, "delete") == "all":
        more["delete"] = "all"
    return [_text(given, "server")], more


def _adopt(given: Arguments) -> tuple[list[Any], dict[str, Any]]:
    return [_text(given, "name")], {"like": _text(given, "server")}


def _reallocate(given: Arguments) -> tuple[list[Any], dict[str, Any]]:
    return [_text(given, "name")], {}


OPERATIONS: dict[str, Callable[[Arguments], tuple[list[Any], dict[str, Any]]]] = {
    "create": _create,
    "add_scopes": _add_scopes,
    "update": _update,
    "replicate": _replicate,
    "adopt": _adopt,
    "reallocate": _reallocate,
}
"""How the arguments of each operation are made of the texts of a form."""


def make_plan(pair: FailoverPair, given: Arguments) -> dict[str, Any]:
    """Return the plan of an operation as data; `pair` is read and not changed.

    Args:
        pair: The pair.
        given: ``operation`` and the texts of the form.

    Raises:
        ValueError: A text is not valid.
        TypeError: Something is not a text.
        PairFailure: The operation is refused.
        DhcpError: A server could not be read.
    """
    operation = _text(given, "operation")
    if operation not in OPERATIONS:
        raise ValueError(f"operation must be one of {', '.join(OPERATIONS)}, got {operation!r}")
    first, more = OPERATIONS[operation](given)
    plan = getattr(pair.plan, operation)(*first, **more)
    return plan_data(plan) | {"python": f"pair.{operation}({_call(first, more, plan)})"}


def _call(first: list[Any], more: dict[str, Any], plan: Plan) -> str:
    parts = [_shown(value) for value in first] + [f"{name}={_shown(value)}" for name, value in more.items()]
    return ", ".join([*parts, *([f"allow={list(plan.guards)!r}"] if plan.guards else [])])


def _shown(value: Any) -> str:
    if isinstance(value, FailoverMode):
        return f"FailoverMode.{value.name}"
    if isinstance(value, timedelta):
        return f"timedelta(minutes={value // timedelta(minutes=1)})"
    return repr(value)


def plan_data(plan: Plan) -> dict[str, Any]:
    """Return a plan as the page shows it."""
    return {
        "operation": plan.operation,
        "relationship": plan.relationship,
        "steps": [
            {
                "server": plan.pair[step.side],
                "text": str(step),
                "guard": step.guard,
                "undo": str(step.undo.value),
                "pivot": step.pivot,
            }
            for step in plan.steps
        ],
        "notes": [{"code": note.code, "text": note.text, "guard": note.guard} for note in plan.notes],
        "guards": list(plan.guards),
        "digest": plan.digest if plan.steps else None,
    }
